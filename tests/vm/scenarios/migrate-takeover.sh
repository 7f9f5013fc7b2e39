#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From ip-masq-agent to ipmasq and back, while a pod makes one connection after
# the other by TCP and UDP, IPv4 and IPv6, whose rules go in another transaction:
# none of them leaves with the pod's address.
#
#	pod ------- node (the agent's rules) ------- fabric ---+-- peer
#	                                                       +-- internet4
#	                                                       +-- internet6

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

FLOWS="tcp-$INTERNET4 udp-$INTERNET4 tcp-$INTERNET6 udp-$INTERNET6"

# came FAR N: more connections than N reached it
came() {
	[ "$(wc -l <"/tmp/scenario/$1.log")" -gt "$2" ]
}

# traffic: the flows, until expect_traffic. Without a pause they would leave little of the
# processor to the takeover, which takes twice as long then.
traffic() {
	local before4 before6 flow
	before4=$(wc -l </tmp/scenario/internet4.log)
	before6=$(wc -l </tmp/scenario/internet6.log)
	rm -f /tmp/scenario/enough
	TRAFFIC=
	for flow in $FLOWS; do
		on pod flow connect "${flow%%-*}" "${flow#*-}" until /tmp/scenario/enough \
			source-port 20000 successive pause 5000 timeout $((5000 * WAIT_FACTOR)) \
			>"/tmp/scenario/sources-$flow" &
		TRAFFIC="$TRAFFIC $!"
	done
	wait_until came internet4 $((before4 + 10))
	wait_until came internet6 $((before6 + 10))
}

# expect_traffic SENTENCE: every source that the far sides saw was the node's
expect_traffic() {
	local before4 before6 flow node
	before4=$(wc -l </tmp/scenario/internet4.log)
	before6=$(wc -l </tmp/scenario/internet6.log)
	wait_until came internet4 $((before4 + 10))
	wait_until came internet6 $((before6 + 10))
	touch /tmp/scenario/enough
	# shellcheck disable=SC2086 # a list of processes
	wait $TRAFFIC || :
	for flow in $FLOWS; do
		node=$NODE4
		[ "${flow#*-}" = "$INTERNET4" ] || node=$NODE6
		expect_equal "$node" "$(cut -d ' ' -f 1 "/tmp/scenario/sources-$flow" | sort -u)" \
			"$1 ($flow)"
		note "$flow: $(paste -sd , "/tmp/scenario/sources-$flow")"
	done
}

# counted N4 N6: ipmasq has decided something since
counted() {
	[ "$(counter masquerade)" -gt "$1" ] && [ "$(counter masquerade ipv6)" -gt "$2" ]
}

build_topology

if ! masquerades_with iptables-nft; then
	skip 'the agent' 'no MASQUERADE for iptables-nft in this kernel'
	exit
fi
note 'what is in the way'
agent_rules iptables-nft
before=$(nat_rules iptables-nft)
expect_failure 1 '*no policy is in force*' 'nothing is removed before there is a policy' \
	migrate takeover anyway
expect_match '*no policy in force*start ipmasqd*' "$(migrate)" 'and it says what to do first'

configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
seen=$(migrate)
expect_match '*iptables-nft: chain IP-MASQ-AGENT, 3 rules, rule 1 of POSTROUTING*' "$seen" \
	'it finds the chain'
expect_match '*next         ipmasqctl migrate takeover' "$seen" 'and that nothing is in the way'
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_counter masquerade 0

cp /usr/bin/dash /tmp/scenario/ip-masq-agent
mkfifo /tmp/scenario/stop
/tmp/scenario/ip-masq-agent -c 'read stop </tmp/scenario/stop' &
agent=$!
wait_until grep -qx ip-masq-agent "/proc/$agent/comm"
expect_failure 1 "*ip-masq-agent runs (process $agent)*" 'an agent that runs is in the way' \
	migrate takeover
echo >/tmp/scenario/stop
wait $agent

configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]'
expect_failure 1 '*198.51.100.0 is masqueraded by the agent* left alone by ipmasq*' \
	'so is another verdict' migrate takeover
expect_equal "$before" "$(nat_rules iptables-nft)" 'nothing was changed'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'

# rules: of both flavours and families
rules() {
	for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do
		nat_rules $program || :
	done
}

for flavour in nft legacy; do
	note "$flavour"
	if ! masquerades_with iptables-$flavour; then
		skip "the agent with $flavour" "no MASQUERADE for iptables-$flavour in this kernel"
		continue
	fi
	# The second time there are the rules of both.
	[ $flavour = nft ] || agent_rules iptables-$flavour
	agent_rules6 ip6tables-$flavour
	configure 'nonMasqueradeCIDRs: [10.0.0.0/8]' --enable-ipv6
	before=$(rules)

	traffic
	decided="$(counter masquerade) $(counter masquerade ipv6)"
	migrate takeover >/tmp/scenario/answer 2>&1 || :
	expect_match "*iptables-$flavour: chain IP-MASQ-AGENT is removed*" \
		"$(cat /tmp/scenario/answer)" 'ipmasq takes over'
	expect_match "*ip6tables-$flavour: chain IP-MASQ-AGENT is removed*" \
		"$(cat /tmp/scenario/answer)" 'for IPv6 too'
	# shellcheck disable=SC2086 # two numbers
	expect_soon 'ipmasq decides' counted $decided
	expect_equal '' "$(rules)" 'no rule is left'
	expect_success 'back to the agent' migrate back
	expect_equal "$before" "$(rules)" 'its rules are as they were'
	expect_equal gone "$([ -e "$SAVED" ] || echo gone)" 'the saved rules are used up'
	expect_traffic 'no connection left with the address of the pod'
done

note 'where only IPv4 is masqueraded by ipmasq'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
before=$(rules)
expect_failure 1 '*IPv6*' 'the rules for IPv6 are in the way' migrate takeover
expect_equal "$before" "$(rules)" 'and nothing was changed, of IPv4 neither'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]' --enable-ipv6

note 'for good'
expect_success 'ipmasq takes over' migrate takeover
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$NODE6" pod tcp "$INTERNET6"
expect_failure 1 '*there is no chain IP-MASQ-AGENT*' 'a second takeover has nothing to do' \
	migrate takeover

note 'an agent that was forgotten'
agent_rules iptables-nft
before=$(nat_rules iptables-nft)
expect_failure 1 '*earlier takeover*' 'rules that were saved are not overwritten' migrate takeover
expect_match '*iptables-nft: the chain IP-MASQ-AGENT is there already and stays*' \
	"$(migrate back 2>&1)" 'a chain that is there is not doubled'
expect_equal "$before" "$(nat_rules iptables-nft)" 'and stays as it is'

note 'an agent with a chain of another name (--masq-chain)'
on node iptables-nft -t nat -F
on node iptables-nft -t nat -X
rm -f "$SAVED"
agent_rules iptables-nft MY-CHAIN
before=$(nat_rules iptables-nft)
expect_match '*MY-CHAIN*' "$(migrate)" 'is among those who translate'
traffic
expect_match '*iptables-nft: chain MY-CHAIN is removed*' "$(migrate takeover chain MY-CHAIN)" \
	'ipmasq takes over'
expect_equal '' "$(nat_rules iptables-nft)" 'no rule is left'
expect_success 'and back' migrate back chain MY-CHAIN
expect_equal "$before" "$(nat_rules iptables-nft)" 'its rules are as they were'
expect_traffic 'no connection left with the address of the pod'
