#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets of every kind through the hook (tests/fuzz/packets), and the same ones
# through the reference agent's rules: what comes out must be the same but for
# ports, there and back, and nothing new leaves with a pod's address where the
# policy masquerades.
#
#	poda ------- nodea ------- outa		ipmasq
#	podb ------- nodeb ------- outb		iptables
#	    eth0  pod0    eth0  eth0
#
# Both sides have the same addresses. In pods and outside nobody has one: the
# program speaks for them.
#
# FUZZ_PACKETS and FUZZ_SEED make it longer and another one:
#
#	tests/vm/run -t 7200 SCENARIO_SECONDS=3600 FUZZ_PACKETS=1000000 fuzz-packets

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

PACKETS=${FUZZ_PACKETS:-6400}
SEED=${FUZZ_SEED:-1}
NODE_MAC=02:00:00:00:00:01

add_side() {
	for place in pod node out; do
		namespace "$place$1"
	done
	on "pod$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	on "out$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	# shellcheck disable=SC2016 # for the inner shell
	on "node$1" sh -ec '
		cd /proc/sys/net
		echo 1 >ipv4/ip_forward
		echo 1 >ipv6/conf/all/forwarding
		echo 0 >ipv4/icmp_ratelimit
		echo 0 >ipv6/icmp/ratelimit
		echo 0 >ipv6/auto_flowlabels
		for whose in all default; do
			echo 0 >ipv4/conf/$whose/rp_filter
			echo 0 >ipv4/conf/$whose/accept_redirects
			echo 1 >ipv4/conf/$whose/accept_source_route
			echo 0 >ipv6/conf/$whose/accept_redirects
			echo 1 >ipv6/conf/$whose/addr_gen_mode
		done'
	wire "pod$1" eth0 "node$1" pod0
	wire "node$1" eth0 "out$1" eth0
	# Nobody is asked where he is: that he does not answer would be told later.
	ip -n "node$1" -batch - <<-END
		link set eth0 address $NODE_MAC arp off
		link set pod0 address $NODE_MAC arp off
		addr add 192.0.2.10/24 dev eth0
		addr add 2001:db8:2::10/64 dev eth0 nodad
		addr add fe80::10/64 dev eth0 nodad
		addr add 10.244.1.1/24 dev pod0
		addr add fe80::10/64 dev pod0 nodad
		addr add fd00:10:244:1::1/64 dev pod0 nodad
		route add default via 192.0.2.1
		route add ::/0 via 2001:db8:2::1
	END
	on "node$1" nft -f - <<-END
		table inet classes {
			chain prerouting {
				type filter hook prerouting priority raw; policy accept;
				iifname pod0 udp dport 9 notrack
			}
			chain postrouting {
				type filter hook postrouting priority mangle; policy accept;
				oifname != eth0 accept
				ct state { invalid, untracked } ip dscp set cs7 accept
				ct state { invalid, untracked } ip6 dscp set cs7 accept
				ct state related ip dscp set cs6 accept
				ct state related ip6 dscp set cs6 accept
				ct direction reply ip dscp set cs6 accept
				ct direction reply ip6 dscp set cs6 accept
			}
		}
	END
}

# What takes a while must be the same on both sides, however long it takes.
stop_clocks() {
	# shellcheck disable=SC2016 # for the inner shell
	on "$1" sh -c '
		for timeout in /proc/sys/net/netfilter/nf_conntrack_*timeout* \
			/proc/sys/net/ipv4/ipfrag_time /proc/sys/net/ipv6/ip6frag_time \
			/proc/sys/net/netfilter/nf_conntrack_frag6_timeout; do
			echo 86400 >$timeout
		done'
}

# reference_rules FAMILY PREFIX...: as the reference agent has them, or the same for nft
# where a kernel has no MASQUERADE for iptables
reference_rules() {
	local family=$1 program=iptables-nft
	[ "$family" = ip ] || program=ip6tables-nft
	shift
	if masquerades_with $program; then
		{
			echo '*nat'
			echo ':IP-MASQ-AGENT - [0:0]'
			echo '-A POSTROUTING -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT'
			printf -- '-A IP-MASQ-AGENT -d %s -j RETURN\n' "$@"
			echo '-A IP-MASQ-AGENT -j MASQUERADE --random-fully'
			echo COMMIT
		} | on nodeb $program-restore
	else
		note "$family: the reference is nft's masquerade"
		{
			echo "table $family agent {"
			echo 'chain postrouting {'
			echo 'type nat hook postrouting priority srcnat;'
			echo 'fib daddr type local accept'
			printf "$family daddr %s accept\n" "$@"
			echo 'masquerade fully-random'
			echo '}'
			echo '}'
		} | on nodeb nft -f -
	fi
}

add_side a
add_side b
NODE=nodea configure 'nonMasqueradeCIDRs:
- 10.0.0.0/8
- 172.16.0.0/12
- 192.168.0.0/16
- 2001:db8:5::/48
enableIPv6: true'
reference_rules ip 169.254.0.0/16 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16
reference_rules ip6 fe80::/10 2001:db8:5::/48
stop_clocks nodea
stop_clocks nodeb

seen=$(fuzz-packets "$SEED" "$PACKETS" 2>&1) || seen="exit status $?: $seen"
note "$(echo "$seen" | head -n 1)"
expect_match "packets $PACKETS translated [1-9]*[0-9][0-9] left-alone [1-9]*[0-9][0-9] untracked [1-9]*[0-9][0-9] related [1-9]* answered [1-9]* came-back [1-9]*" \
	"$seen" 'the same packets come out of both nodes'
