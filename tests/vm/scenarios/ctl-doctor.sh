#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipmasqctl doctor: each check finds what is wrong with a node, and nothing where all is
# well, and changes nothing.
#
#	pod ------- node ------- fabric ---- internet4
#	            dummy pods1, the pods of another node behind a tunnel

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

doctor() {
	on node ipmasqctl doctor "$@"
}

# verdicts CHECK [ARGUMENT...]: what a check says, a word for each finding
verdicts() {
	check=$1
	shift
	doctor -c "$@" | jq -r ".findings[] | select(.check == \"$check\").verdict" | paste -s -d ' '
}

# reasons CHECK [ARGUMENT...]
reasons() {
	check=$1
	shift
	doctor -c "$@" | jq -r ".findings[] | select(.check == \"$check\") | .reason, .mend"
}

# expect_finding VERDICTS CHECK PATTERN SENTENCE: the reasons, and how to mend it
expect_finding() {
	expect_equal "$1" "$(verdicts "$2")" "$4"
	expect_match "*$3*" "$(reasons "$2")" "$4: the reason, and what mends it"
}

build_topology
on node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
CONFIG='nonMasqueradeCIDRs: [10.0.0.0/8, 100.64.0.0/10, 169.254.0.0/16, 192.0.2.0/24]'

note 'a node without anything'
expect_finding fault policy '*apply FILE*' 'no policy'
expect_finding warning daemon '*systemctl start ipmasqd*' 'no daemon'
expect_equal '' "$(verdicts file)" 'what needs a policy is not looked at'
expect_equal 1 "$(doctor >/dev/null && echo 0 || echo $?)" 'the exit status says so'

note 'a node that is well'
start_daemon
write_config "$CONFIG"
has_entries() {
	[ "$(on node ipmasqctl show -c | jq .entries.config)" = "$1" ]
}
wait_until has_entries 4
before=$(on node ipmasqctl -c save)
expect_equal 'ok' "$(doctor -c "$CONFIG_FILE" | jq -r '.findings[].verdict' | sort -u |
	paste -s -d ' ')" 'every check says ok'
expect_equal '0 0' "$(doctor -c "$CONFIG_FILE" | jq -r '"\(.faults) \(.warnings)"')" 'and counts none'
expect_success 'with an exit status of 0' doctor "$CONFIG_FILE"
expect_equal module,policy,daemon,file,networks,addresses,interfaces,ports,conntrack,ipv6,forwarding,others \
	"$(doctor -c "$CONFIG_FILE" | jq -r '[.findings[].check] | join(",")')" 'in their order'
expect_equal "$before" "$(on node ipmasqctl -c save)" 'and nothing was changed'

note 'the policy and its file'
echo 'nonMasqueradeCIDRs: [10.0.0.0/8]' >/tmp/scenario/other
expect_equal warning "$(verdicts file /tmp/scenario/other)" 'another file'
expect_match '*2 entries differ*ipmasqctl diff /tmp/scenario/other*' \
	"$(reasons file /tmp/scenario/other)" 'how many entries differ, and what shows them'
expect_equal warning "$(verdicts file "$CONFIG_FILE" --random-fully=false)" 'other flags'
echo 'nonMasqueradeCIDRs: 7' >/tmp/scenario/other
expect_equal fault "$(verdicts file /tmp/scenario/other)" 'a file that is refused'
expect_equal fault "$(verdicts file /tmp/scenario/none)" 'one that was named and is not there'
expect_equal unknown "$(verdicts file)" 'where none was named that is no fault'
on node ipmasqctl set enabled off >/dev/null 2>&1
expect_finding warning policy 'switched off*set enabled on' 'a policy that is switched off'
on node ipmasqctl set enabled on >/dev/null 2>&1

note 'networks'
on node ip link add pods1 type dummy
on node ip link set pods1 up
on node ip route add 198.51.100.0/25 dev pods1
expect_finding warning networks \
	'198.51.100.0/25 has a route through pods1 and is masqueraded*nonMasqueradeCIDRs' \
	'pods behind a tunnel'
for number in $(seq 128 134); do
	on node ip route add "198.51.100.$number" dev pods1
done
expect_finding 'warning warning warning warning warning warning' networks 'so are 3 more' \
	'of many, some are named'
on node ip link del pods1
expect_equal ok "$(verdicts networks)" 'without them all is well'

note 'addresses and interfaces'
write_config "$CONFIG
snatAddresses: [192.0.2.10, 192.0.2.77]
outputInterfaces: [eth0, 'bond*']"
has_two_addresses() {
	[ "$(on node ipmasqctl show -c | jq '.snat_addresses | length')" = 2 ]
}
wait_until has_two_addresses
expect_finding warning addresses 'no interface has the address 192.0.2.77' \
	'an address of a pool that nobody has'
expect_finding warning interfaces 'no interface is named bond\*' 'a pattern that nobody has'
on node ip addr add 192.0.2.77/24 dev eth0
on node ip link add bond7 type dummy
expect_equal 'ok ok' "$(verdicts addresses) $(verdicts interfaces)" 'both are there now'
on node ip link del bond7

note 'ports and connections'
write_config "$CONFIG
toPorts: 2000-2003"
has_ports() {
	[ "$(on node ipmasqctl show -c | jq '.to_ports | length')" = 1 ]
}
wait_until has_ports
on pod flow connect udp "$INTERNET4" count 3 >/dev/null
expect_finding ok ports 'holds 3 ports of 4' 'three of four ports'
on pod flow connect udp "$INTERNET4" >/dev/null
expect_finding fault ports 'udp to 203.0.113.7:7000 holds 4 ports of 4*ipmasqctl ports pods' \
	'all of them'
MOST=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
echo 4 >/proc/sys/net/netfilter/nf_conntrack_max
expect_finding fault conntrack 'connections of 4*nf_conntrack_max' 'a table that is full'
echo "$MOST" >/proc/sys/net/netfilter/nf_conntrack_max

note 'what the node has to do'
on node sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
expect_finding warning forwarding 'does not forward IPv4*net.ipv4.ip_forward=1' 'no forwarding'
on node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
write_config "$CONFIG
enableIPv6: true"
has_ipv6_policy() {
	on node ipmasqctl show -c | jq -e .enable_ipv6 >/dev/null
}
wait_until has_ipv6_policy
expect_equal ok "$(verdicts ipv6)" 'IPv6 where the node has it'
on node sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
expect_finding warning ipv6 'switched off here*disable_ipv6=0' 'IPv6 where it is off'
on node sh -c 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6'

note 'others'
agent_rules iptables-nft
expect_finding warning others 'of ip-masq-agent: *migrate takeover' 'the reference agent'
on node iptables-nft -t nat -F
on node iptables-nft -t nat -A POSTROUTING -s 10.244.0.0/16 ! -o flannel1 \
	-m comment --comment 'flanneld masq' -j MASQUERADE
expect_finding warning others 'of flannel: *without --ip-masq' 'flannel'
on node iptables-nft -t nat -F
on node iptables-nft -t nat -N KUBE-POSTROUTING
on node iptables-nft -t nat -A KUBE-POSTROUTING -j MASQUERADE
on node iptables-nft -t nat -A POSTROUTING -j KUBE-POSTROUTING
expect_equal ok "$(verdicts others)" 'kube-proxy is welcome'

note 'without the module'
kill "$DAEMON"
wait "$DAEMON" || :
unload_module
expect_finding fault module 'not loaded*modprobe ipmasq' 'it is not loaded'
load_module
