# SPDX-License-Identifier: GPL-2.0-or-later
"""Who takes part in the benchmarks, and the files that bring a table to each.

The prefixes are all to be skipped. How a file is loaded is in
guest/contenders.sh.
"""
import io

import tables

FAMILY = {4: "inet", 6: "inet6"}
NFT_FAMILY = {4: "ip", 6: "ip6"}
CHAIN = "IP-MASQ-AGENT"

# The reference agent gives each of its rules a comment, which is a match of its
# own for the kernel; its length is of no account.
JUMP_COMMENT = '-m comment --comment "what does not go to this node is looked at in a chain"'
SKIP_COMMENT = '-m comment --comment "this destination is reached with the source as it is"'
LAST_COMMENT = '-m comment --comment "everything else is masqueraded, so this has to be last"'


def write_ipmasq(family, prefixes, out):
    out.writelines(tables.text(family, prefix) + "\n" for prefix in prefixes)


def write_agent(family, prefixes, out):
    """As kubernetes-sigs/ip-masq-agent hands it to iptables-restore."""
    out.write(f"*nat\n:POSTROUTING ACCEPT [0:0]\n:{CHAIN} - [0:0]\n"
              f"-A POSTROUTING {JUMP_COMMENT} -m addrtype ! --dst-type LOCAL -j {CHAIN}\n")
    out.writelines(f"-A {CHAIN} {SKIP_COMMENT} -d {tables.text(family, prefix)} -j RETURN\n"
                   for prefix in prefixes)
    out.write(f"-A {CHAIN} {LAST_COMMENT} -j MASQUERADE --random-fully\nCOMMIT\n")


def write_ipset(family, prefixes, out):
    """A new set that takes the old one's place; the rules are RULES_IPSET."""
    options = f"hash:net family {FAMILY[family]} hashsize 1024 maxelem 1048576"
    out.write(f"create skip {options} -exist\ncreate next {options}\n")
    out.writelines(f"add next {tables.text(family, prefix)}\n" for prefix in prefixes)
    out.write("swap next skip\ndestroy next\n")


RULES_IPSET = """*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -m set --match-set skip dst -j RETURN
-A POSTROUTING -m addrtype --dst-type LOCAL -j RETURN
-A POSTROUTING -j MASQUERADE --random-fully
COMMIT
"""


def write_nft(family, prefixes, out):
    """One transaction; the chain is RULES_NFT."""
    out.write(f"flush set {NFT_FAMILY[family]} nat skip\n"
              f"add element {NFT_FAMILY[family]} nat skip {{\n")
    out.write(",\n".join(tables.text(family, prefix) for prefix in prefixes))
    out.write("\n}\n")


RULES_NFT = """table FAMILY nat {
	set skip {
		type ADDRESS
		flags interval
	}
	chain postrouting {
		type nat hook postrouting priority srcnat + 1
		FAMILY daddr @skip return
		fib daddr type local return
		masquerade fully-random
	}
}
"""

RULES_BPF = """*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -m bpf --object-pinned /run/bpf/skip -j RETURN
-A POSTROUTING -m addrtype --dst-type LOCAL -j RETURN
-A POSTROUTING -j MASQUERADE --random-fully
COMMIT
"""

# name -> (what people call it, who writes the table's file, a file for once)
CONTENDERS = {
    "ipmasq": ("ipmasq", write_ipmasq, None),
    "iptables_legacy": ("the reference agent, iptables-legacy", write_agent, None),
    "iptables_nft": ("the reference agent, iptables-nft", write_agent, None),
    "ipset": ("iptables-legacy + ipset hash:net", write_ipset, RULES_IPSET),
    "nft": ("nft interval set", write_nft, RULES_NFT),
    "bpf": ("iptables-legacy + BPF LPM trie", write_ipmasq, RULES_BPF),
}

SLOWEST_FIRST = ("iptables_legacy", "ipset", "iptables_nft", "nft", "ipmasq", "bpf")


def once(name, family):
    """The content of the file that is loaded once, None where there is none."""
    content = CONTENDERS[name][2]
    if content:
        content = content.replace("FAMILY", NFT_FAMILY[family])
        content = content.replace("ADDRESS", "ipv4_addr" if family == 4 else "ipv6_addr")
    return content


def example(name):
    """What is loaded for two prefixes of IPv4, for people to read."""
    out = io.StringIO()
    prefixes = [tables.parse(one) for one in ("10.0.0.0/8", "192.168.0.0/16")]
    CONTENDERS[name][1](4, prefixes, out)
    return (once(name, 4) or "") + out.getvalue()
