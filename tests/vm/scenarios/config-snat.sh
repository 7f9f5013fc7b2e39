#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# snatAddresses: source addresses from a pool instead of the interface's own, for all
# destinations and for those of a prefix. A pod has the same one as long as it is in the
# pool, and the pods share them.
#
#	pod                 node eth0                     fabric ---+-- internet4, internet6
#	10.244.1.2 to .31   192.0.2.10, .101 to .105                +-- other  198.51.100.7
#	                    2001:db8:2::10, ::101 to ::103          +-- peer   10.0.0.20

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

LAST_POD=31
OTHER4=198.51.100.7

build_topology
far_side other $OTHER4
for number in 101 102 103 104 105; do
	echo "addr add 192.0.2.$number/24 dev eth0"
done | ip -n node -batch -
# Deprecated, so that nobody chooses them who is not told to.
for number in 101 102 103; do
	echo "addr add 2001:db8:2::$number/64 dev eth0 nodad preferred_lft 0"
done | ip -n node -batch -
# More pods, as addresses of the one.
for number in $(seq 3 $LAST_POD); do
	echo "addr add 10.244.1.$number/24 dev eth0"
done | ip -n pod -batch -

# explained SOURCE DESTINATION: verdict and source address, as explain has it
explained() {
	on node ipmasqctl explain -j "$1" "$2" | tr -d ' \n' |
		sed -n 's/.*"verdict":"\([a-z]*\)".*"source_address":"\([^"]*\)".*/\1 \2/p'
}

# translated PATTERN PROTOCOL DESTINATION: the source of a connection of the pod's, left
# in SEEN, which explain must know
translated() {
	local pod=$POD4
	case $3 in
	*:*) pod=$POD6 ;;
	esac
	SEEN=$(source_seen pod "$2" "$3")
	expect_match "$1" "$SEEN" "$2 from the pod to $3 arrives from $1"
	expect_equal "snat $SEEN" "$(explained "$pod" "$3")" "and explain says the same"
}

# pods FILE: the source that each of the pods has, "POD SOURCE" a line
pods() {
	local number
	for number in $(seq 2 $LAST_POD); do
		echo "10.244.1.$number $(source_seen pod udp "$INTERNET4" from "10.244.1.$number")"
	done >"/tmp/scenario/$1"
}

# sources FILE: those that pods have
sources() {
	cut -d ' ' -f 2 "/tmp/scenario/$1" | sort -u | paste -s -d ' ' -
}

# moved FILE FILE: "BEFORE NOW", of all pods whose source is another
moved() {
	awk 'NR == FNR { before[$1] = $2; next }
		before[$1] != $2 { print before[$1], $2 }' \
		"/tmp/scenario/$1" "/tmp/scenario/$2" | sort -u
}

note 'a pool for all destinations'
write_config 'enableIPv6: true
nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]
snatAddresses:
- 192.0.2.101-192.0.2.103
- 2001:db8:2::101-2001:db8:2::102'
start_daemon
for protocol in tcp udp icmp sctp; do
	translated '192.0.2.10[123]' $protocol "$INTERNET4"
	translated '2001:db8:2::10[12]' $protocol "$INTERNET6"
done
expect_counter snat 4
expect_counter snat 4 ipv6
expect_source "$POD4" pod tcp "$PEER4"
expect_verdict cidr "$POD4" "$PEER4"
expect_source "$POD6" pod tcp "$PEER6"
expect_counter cidr 1
expect_counter cidr 1 ipv6
expect_counter masquerade 0
expect_counter masquerade 0 ipv6

note 'the same pod, many connections'
translated '192.0.2.10[123]' tcp $OTHER4
first=$SEEN
expect_match "$first 2000 *" "$(on pod flow connect tcp "$INTERNET4" source-port 10000 \
		count 2000 successive)" \
	'2000 connections have one source'
expect_counter snat 2005
expect_match "$first 500 *" "$(on pod flow connect udp $OTHER4 count 500 parallel 4)" \
	'and so have 500 to another destination'

note 'many pods'
pods three
expect_equal '192.0.2.101 192.0.2.102 192.0.2.103' "$(sources three)" \
	'they share the addresses of the pool'
pods again
expect_equal '' "$(moved three again)" 'and keep them'
while read -r pod source; do
	[ "$(explained "$pod" "$INTERNET4")" = "snat $source" ] || echo "$pod $source"
done </tmp/scenario/three >/tmp/scenario/unexplained
expect_equal '' "$(cat /tmp/scenario/unexplained)" 'explain says the same of each'

note 'an address goes'
mkfifo /tmp/scenario/questions
inside pod flow converse udp "$INTERNET4" </tmp/scenario/questions \
	>/tmp/scenario/answers 2>&1 &
exec 4>/tmp/scenario/questions
answers_are() {
	[ "$(wc -l </tmp/scenario/answers)" -ge "$1" ]
}
echo >&4
wait_until answers_are 1
gone=${first##*.}
bring_in "nonMasqueradeCIDRs: [10.0.0.0/8]
snatAddresses: [$(seq 101 103 | grep -v "$gone" | sed 's/^/192.0.2./' | paste -s -d , -)]"
echo >&4
wait_until answers_are 2
exec 4>&-
expect_equal 1 "$(sort -u /tmp/scenario/answers | wc -l)" \
	'a conversation that began with it goes on'
pods two
expect_equal "$first" "$(moved three two | cut -d ' ' -f 1 | sort -u)" \
	'its pods get others, and no other pod does'
expect_equal 2 "$(sources two | wc -w)" 'of those that are left'

note 'an address comes'
bring_in "nonMasqueradeCIDRs: [10.0.0.0/8]
snatAddresses: [192.0.2.104, $(seq 101 103 | grep -v "$gone" | sed 's/^/192.0.2./' |
	paste -s -d , -)]"
pods other
expect_equal 192.0.2.104 "$(moved two other | cut -d ' ' -f 2 | sort -u)" \
	'some pods go over to it, and none elsewhere'

note 'pools for prefixes'
before=$(counter snat)
before6=$(counter snat ipv6)
bring_in 'enableIPv6: true
nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]
snatAddresses:
- 203.0.113.0/24: 192.0.2.105
  10.0.0.20/32: [192.0.2.101-192.0.2.102]
- 2001:db8:7::/48: 2001:db8:2::103'
translated 192.0.2.105 tcp "$INTERNET4"
translated 2001:db8:2::103 udp "$INTERNET6"
# A longer prefix than that of nonMasqueradeCIDRs.
translated '192.0.2.10[12]' icmp "$PEER4"
expect_counter snat $((before + 2))
expect_counter snat $((before6 + 1)) ipv6
# There is none for all others.
expect_source "$POD6" pod tcp "$PEER6"
expect_source "$NODE4" pod tcp $OTHER4
expect_verdict masquerade "$POD4" $OTHER4
expect_counter masquerade 1

note 'both: the pool of the prefix, and for all others the one for all'
bring_in 'enableIPv6: true
snatAddresses: [192.0.2.104, 203.0.113.0/24: 192.0.2.105]'
translated 192.0.2.105 tcp "$INTERNET4"
translated 192.0.2.104 tcp $OTHER4
# It has none of the family: the interface's own.
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_verdict masquerade "$POD6" "$INTERNET6"

note 'what somebody else does to them is put back'
on node ipmasqctl add 203.0.113.0/24 masquerade replace origin config
expect_logged 'drift: 203.0.113.0/24 was changed from snat to masquerade' 'it is named'
is_back() {
	[ "$(explained "$POD4" "$INTERNET4")" = 'snat 192.0.2.105' ]
}
expect_soon 'and comes back with its pool' is_back
translated 192.0.2.105 tcp "$INTERNET4"

note 'they outlive the daemon, and the node'
before=$(generation)
expect_soon 'they are saved' grep -q '^set snat-addresses 192.0.2.104$' "$STATE/policy"
expect_soon 'with those of prefixes' grep -q '^203.0.113.0/24 snat 192.0.2.105 config$' "$STATE/policy"
end_daemon KILL
start_daemon
expect_logged 'is in force already' 'a daemon that begins over the same file'
expect_equal "$before" "$(generation)" 'changes nothing'
end_daemon KILL
on node ipmasqctl flush policy
write_config 'snatAddresses: [192.0.2.104, 203.0.113.0/24: 2001:db8:2::103, 192.0.2.0/30]'
start_daemon
expect_logged 'invalid source address "192.0.2.0/30": .*; did you mean 192.0.2.0-192.0.2.3?' \
	'a list that is wrong is refused'
expect_logged '2001:db8:2::103' 'with all that is wrong in it'
translated 192.0.2.105 tcp "$INTERNET4"
translated 192.0.2.104 tcp $OTHER4

note 'an address that the node does not have'
MISSING='which no interface of this node has'
expect_equal 0 "$(grep -c "$MISSING" "$DAEMON_LOG")" 'so far it has had all of them'
bring_in 'resyncInterval: 1s
snatAddresses: [192.0.2.104, 192.0.2.99, 203.0.113.0/24: 198.18.0.1]'
expect_logged "192.0.2.99, $MISSING" 'is a warning'
expect_logged "198.18.0.1, $MISSING" 'in the pool of a prefix too'
expect_equal 2 "$(grep -c "$MISSING" "$DAEMON_LOG")" 'one for each'
ip -n node addr add 192.0.2.99/24 dev eth0
expect_logged '192.0.2.99 of snatAddresses is on this node now' 'when it comes that is seen'
ip -n node addr del 192.0.2.99/24 dev eth0
expect_logged "192.0.2.99, $MISSING" 'when it goes again the warning comes again' 2
expect_equal 1 "$(grep -c "198.18.0.1, $MISSING" "$DAEMON_LOG")" \
	'and for another that stays away there is still one'
