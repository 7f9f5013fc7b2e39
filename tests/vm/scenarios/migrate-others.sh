#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node on which everybody masquerades: ipmasqctl migrate names each of them, who
# decides before ipmasq, and what to do; looking makes no table of iptables.
#
#	node	the agent, kube-proxy, a CNI plugin, flannel, an nftables table

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

build_topology
if ! masquerades_with iptables-nft; then
	skip 'the agent' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
if ! masquerades_with iptables-legacy; then
	skip 'kube-proxy' 'no MASQUERADE for iptables-legacy in this kernel'
	exit
fi
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'

expect_match '*no chain of ip-masq-agent*nothing to take over*' "$(migrate)" 'an empty node'
expect_equal '' "$(on node cat /proc/net/ip_tables_names 2>/dev/null)" \
	'looking made no legacy table'
expect_equal '' "$(on node nft list ruleset)" 'nor one of nftables'

on node iptables-legacy-restore --noflush <<-END
	*nat
	:KUBE-POSTROUTING - [0:0]
	-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MASQUERADE --random-fully
	COMMIT
END
on node iptables-nft-restore --noflush <<-END
	*nat
	:CNI-1 - [0:0]
	-A POSTROUTING -s 10.88.0.2/32 -m comment --comment "name: \"net\" id: \"a\"" -j CNI-1
	-A CNI-1 -d 10.88.0.0/16 -j ACCEPT
	-A CNI-1 ! -d 224.0.0.0/4 -j MASQUERADE
	COMMIT
END
agent_rules iptables-nft
on node iptables-nft -t nat -A POSTROUTING -s 10.99.0.0/16 -m comment --comment 'flanneld masq' \
	-j MASQUERADE
on node nft -f - <<-END
	table inet early {
		chain nat {
			type nat hook postrouting priority srcnat; policy accept;
			ip saddr 10.77.0.0/16 masquerade
		}
	}
	table ip late {
		chain nat {
			type nat hook postrouting priority 300; policy accept;
		}
	}
END

migrate -j >/tmp/scenario/answer
found() {
	jq -r "$1" /tmp/scenario/answer
}
expect_equal 'iptables-nft 2 3' "$(found '.agent[] | "\(.program) \(.position) \(.rules)"')" \
	"the agent's chain, which comes second"
expect_equal 'iptables-legacy kube-proxy or the kubelet true
iptables-nft a CNI plugin with ipMasq false
iptables-nft flannel false' "$(found '.rules[] | "\(.program) \(.owner) \(.stays)"')" \
	'the rules of others, and which may stay'
expect_equal 'early 100
late 300' "$(found '.nft_chains[] | "\(.table) \(.priority)"')" 'chains of nftables'
expect_equal '0 101' "$(found '"\(.differences) \(.ipmasq.priority)"')" 'and ipmasq'

expect_success 'it takes over' migrate takeover
expect_equal 2 "$(nat_rules iptables-nft | grep -c '^-A POSTROUTING')" "the others' rules stay"
expect_equal 1 "$(nat_rules iptables-legacy | grep -c '^-A POSTROUTING')" 'of both flavours'
migrate >/tmp/scenario/answer
expect_match '*a CNI plugin with ipMasq; decides before ipmasq: set "ipMasq": false*' \
	"$(cat /tmp/scenario/answer)" 'what is left to do is said'
expect_match '*late*priority 300*comes after ipmasq*' "$(cat /tmp/scenario/answer)" \
	'and what comes later'

note 'a program that fails has not found that there is nobody'
mkdir /tmp/scenario/bin
for answer in 'echo "netlink: Error: cache initialization failed" >&2; exit 1' 'exit 1' 'echo nonsense' \
	'echo "{}"' 'exit 127'; do
	printf '#!/bin/sh\n%s\n' "$answer" >/tmp/scenario/bin/nft
	chmod +x /tmp/scenario/bin/nft
	expect_match '*nft failed, its chains were not looked at: *unknown *' \
		"$(on node env PATH="/tmp/scenario/bin:$PATH" ipmasqctl migrate 2>&1)" "nft: $answer"
	expect_equal true "$(on node env PATH="/tmp/scenario/bin:$PATH" ipmasqctl migrate -j 2>/dev/null |
		jq .incomplete)" 'in JSON too'
done
expect_equal false "$(on node ipmasqctl migrate -j | jq .incomplete)" 'and where none fails, not'
