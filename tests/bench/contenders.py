# SPDX-License-Identifier: GPL-2.0-or-later
"""Who takes part in the benchmarks, and the files that bring a table to each.

How a file is loaded is in guest/contenders.sh.
"""
import io
import typing

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
    """Also for the BPF contender: what is to be skipped needs no word."""
    out.writelines(tables.text(family, prefix) +
                   ("\n" if tables.skips(prefix) else " masquerade\n") for prefix in prefixes)


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
    out.writelines(f"add next {tables.text(family, prefix)}" +
                   ("\n" if tables.skips(prefix) else " nomatch\n") for prefix in prefixes)
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

ALL_SIZES = (4, 64, 1000, 10000, 100000, 1000000)


class Contender(typing.NamedTuple):
    """What people call it, who writes its table's file, a file that is loaded once, the
    tables it gets, and those of them that User-Mode Linux can load in a time that a
    person waits."""
    label: str
    write: typing.Callable
    once: str = None
    sizes: tuple = ALL_SIZES
    native: tuple = ()
    table: str = "disjoint"


# User-Mode Linux has no compiler for BPF, which would interpret every program: that
# one would be wronged.
CONTENDERS = {
    "ipmasq": Contender("ipmasq", write_ipmasq, native=(64, 1000, 10000, 100000, 1000000)),
    "iptables_legacy": Contender("the reference agent, iptables-legacy", write_agent,
                                 native=(64, 1000, 10000)),
    "iptables_nft": Contender("the reference agent, iptables-nft", write_agent,
                              native=(64, 1000, 10000)),
    "ipset": Contender("iptables-legacy + ipset hash:net", write_ipset, RULES_IPSET,
                       native=(64, 1000, 10000, 100000)),
    "nft": Contender("nft interval set", write_nft, RULES_NFT, native=(64, 1000, 10000, 100000)),
    "bpf": Contender("iptables-legacy + BPF LPM trie", write_ipmasq, RULES_BPF),
}

# A contender again, under conditions of its own; the word before the dash is whose it is.
FEATURES = ("ipmasq-source", "ipmasq-interface", "ipmasq-snat")
NESTED = ("ipmasq-nested", "ipset-nested", "bpf-nested")
FEATURE_SIZES = (4, 1000, 100000)
VARIANTS = {
    "ipmasq-source": CONTENDERS["ipmasq"]._replace(
        label="ipmasq with a source list", sizes=FEATURE_SIZES),
    "ipmasq-interface": CONTENDERS["ipmasq"]._replace(
        label="ipmasq with an interface list", sizes=FEATURE_SIZES),
    "ipmasq-snat": CONTENDERS["ipmasq"]._replace(
        label="ipmasq with source addresses", sizes=FEATURE_SIZES),
} | {name: CONTENDERS[name.split("-")[0]]._replace(sizes=FEATURE_SIZES, table="nested")
     for name in NESTED}

EVERYONE = CONTENDERS | VARIANTS

SLOWEST_FIRST = ("iptables_nft", "iptables_legacy", "ipset", "nft", "ipmasq", "bpf")


def base(name):
    """Whose files and commands a variant uses."""
    return name.split("-")[0]


def slowness(name):
    return SLOWEST_FIRST.index(base(name)), name


def once(name, family):
    """The content of the file that is loaded once, None where there is none."""
    content = EVERYONE[name].once
    if content:
        content = content.replace("FAMILY", NFT_FAMILY[family])
        content = content.replace("ADDRESS", "ipv4_addr" if family == 4 else "ipv6_addr")
    return content


EXAMPLE = {4: ("10.0.0.0/8", "192.168.0.0/16"), 6: ("fd00::/8", "2001:db8:100::/48")}


def example(name, family):
    """What is loaded for two prefixes, for people to read."""
    out = io.StringIO()
    EVERYONE[name].write(family, [tables.parse(one) for one in EXAMPLE[family]], out)
    return (once(name, family) or "") + out.getvalue()
