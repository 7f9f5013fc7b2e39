#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Withdrawing a policy breaks no connection: what was masqueraded goes on until it ends,
# new connections are not masqueraded, and the module stays in use meanwhile. The same
# for IPv6 alone, when it is switched off.
#
#	pod ------- node ------- fabric ---+-- internet4
#	10.244.1.2  192.0.2.10             +-- internet6

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh

WAIT_SECONDS=30
LOG=/tmp/scenario/cleanup
TRACING=/sys/kernel/tracing

draining() {
	on node ipmasqctl show -j | jq .draining
}

# udp_timeout SECONDS: of what is idle
udp_timeout() {
	on node sh -c "echo $1 | tee /proc/sys/net/netfilter/nf_conntrack_udp_timeout \
		/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream >/dev/null"
}

# conversations: one of each kind, on descriptors 4 to 6
conversations() {
	rm -f /tmp/scenario/tcp.in /tmp/scenario/udp.in /tmp/scenario/six.in
	converse tcp tcp "$INTERNET4" 1000
	exec 4>/tmp/scenario/tcp.in
	converse udp udp "$INTERNET4" 1000
	exec 5>/tmp/scenario/udp.in
	converse six tcp "$INTERNET6" 1000
	exec 6>/tmp/scenario/six.in
}

# end_conversations: and forget them, whatever their ends still send each other
end_conversations() {
	exec 4>&- 5>&- 6>&-
	on node conntrack -F >/dev/null 2>&1
}

ask_all() {
	echo "$(ask tcp 4) $(ask udp 5) $(ask six 6)"
}

expect_in_use() {
	expect_failure 1 '*temporarily unavailable*' "$1" rmmod ipmasq
}

# walks: of the connection table, since they are counted
walks() {
	awk '$1 == "walk" { print $2 }' $TRACING/kprobe_profile
}

walks_are_counted() {
	[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING || return 1
	[ -f $TRACING/kprobe_events ] || return 1
	echo 'p:walk nf_ct_iterate_cleanup_net' >$TRACING/kprobe_events || return 1
	echo 1 >$TRACING/events/kprobes/walk/enable
}

MASQUERADED="$NODE4 $NODE4 $NODE6"

build_topology
# A connection that has ended is forgotten soon, and its last segments do not begin another.
# shellcheck disable=SC2016 # for the shell in the namespace
on node sh -c 'for name in time_wait last_ack fin_wait close_wait close; do
	echo 1 >/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_$name
done
echo 0 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose'
configure '' --enable-ipv6

note 'in the middle of conversations'
udp_timeout 600
conversations
expect_equal "$MASQUERADED" "$(ask_all)" 'three conversations over TCP, UDP and IPv6'
expect_in_use 'a policy in force holds the module'
expect_success 'ipmasqd --cleanup' sh -c "inside node ipmasqd --cleanup --state-dir '' 2>$LOG"
expect_match '*3 masqueraded connections go on*' "$(cat $LOG)" 'says that they go on'
expect_equal 0 "$(generation)" 'there is no policy any more'
expect_equal "$MASQUERADED" "$(ask_all)" 'the far sides see what they saw before'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_source "$POD4" pod udp "$INTERNET4"
expect_source "$POD6" pod tcp "$INTERNET6"
expect_equal 3 "$(draining)" 'new connections are not masqueraded, nor waited for'
expect_match '*draining, 3 connections*' "$(on node ipmasqctl show)" 'show tells of it'
expect_in_use 'the module stays in use'
if walks_are_counted; then
	walks_before=$(walks)
	inside node hostile crowd show 1000
	walked=$(($(walks) - walks_before))
	expect_success "1000 queries cost $walked walks of the connection table" \
		test $walked -lt 100
	echo 0 >$TRACING/events/kprobes/walk/enable
	echo >$TRACING/kprobe_events
else
	skip 'walks of the connection table' 'this kernel has no kprobe events'
fi
expect_success 'cleaning up again changes nothing' \
	sh -c "inside node ipmasqd --cleanup --state-dir '' 2>$LOG"
expect_equal "$MASQUERADED" "$(ask_all)" 'and the conversations go on'

note 'a policy comes again meanwhile'
configure '' --enable-ipv6
expect_equal 0 "$(draining)" 'it goes on with the hooks'
expect_equal "$MASQUERADED" "$(ask_all)" 'the conversations too'
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod udp "$INTERNET6"

note 'IPv6 is switched off'
on node ipmasqctl set enable-ipv6 off
expect_equal "$MASQUERADED" "$(ask_all)" 'the conversation over IPv6 goes on too'
expect_source "$POD6" pod tcp "$INTERNET6"
expect_source "$NODE4" pod udp "$INTERNET4"
# With the datagram before.
expect_equal 2 "$(draining)" 'connections over IPv6 drain, those over IPv4 need not'
expect_match '*draining, 2 connections*' "$(on node ipmasqctl show)" 'show tells of it'
on node ipmasqctl set enable-ipv6 on
expect_equal 0 "$(draining)" 'not when it is on again'
expect_source "$NODE6" pod tcp "$INTERNET6"
on node ipmasqctl set enable-ipv6 off

note 'and all of it ends'
on node ipmasqctl flush policy
expect_equal "$MASQUERADED" "$(ask_all)" 'flush policy breaks nothing'
udp_timeout 1
expect_equal "$MASQUERADED" "$(ask_all)" 'until they end'
exec 4>&- 5>&- 6>&-
on node conntrack -D -p udp >/dev/null 2>&1
expect_soon 'then nothing holds the module' rmmod ipmasq

note 'for whoever cannot wait'
load_module
udp_timeout 600
configure '' --enable-ipv6
conversations
expect_equal "$MASQUERADED" "$(ask_all)" 'three conversations'
expect_failure 2 '*--now*' '--now goes with --cleanup only' on node ipmasqd --now
expect_success 'ipmasqd --cleanup --now' \
	sh -c "inside node ipmasqd --cleanup --now --state-dir '' 2>$LOG"
expect_equal 0 "$(draining)" 'waits for nothing'
expect_success 'and the module can be unloaded' rmmod ipmasq
expect_match "*$POD4*" "$(ask udp 5)" 'the conversations break'
end_conversations

load_module
configure '' --enable-ipv6
conversations
expect_equal "$MASQUERADED" "$(ask_all)" 'once more'
on node ipmasqctl flush policy
expect_equal 3 "$(draining)" 'connections drain'
expect_success 'flush policy now' on node ipmasqctl flush policy now
expect_equal 0 "$(draining)" 'ends that'
expect_success 'and the module can be unloaded' rmmod ipmasq
end_conversations

note 'the namespace ends while it drains'
load_module
configure '' --enable-ipv6
conversations
expect_equal "$MASQUERADED" "$(ask_all)" 'once more'
on node ipmasqctl flush policy
expect_equal 3 "$(draining)" 'connections drain'
exec 4>&- 5>&- 6>&-
ip netns del node
expect_soon 'which holds nothing' rmmod ipmasq
