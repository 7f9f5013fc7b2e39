#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From ip-masq-agent to ipmasq and back, while a pod makes one connection after
# the other: none of them leaves with the pod's address.
#
#	pod ------- node (the agent's rules) ------- fabric ---+-- peer
#	                                                       +-- internet4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

# came N: more connections than N reached internet4
came() {
	[ "$(wc -l </tmp/scenario/internet4.log)" -gt "$1" ]
}

traffic() {
	local before
	before=$(wc -l </tmp/scenario/internet4.log)
	rm -f /tmp/scenario/enough
	on pod flow connect tcp "$INTERNET4" until /tmp/scenario/enough >/tmp/scenario/sources &
	TRAFFIC=$!
	wait_until came "$before"
}

# expect_traffic SENTENCE: every source that the far side saw was the node's
expect_traffic() {
	touch /tmp/scenario/enough
	wait "$TRAFFIC" || :
	expect_equal "$NODE4" "$(cut -d ' ' -f 1 /tmp/scenario/sources | sort -u)" "$1"
	note "$(cat /tmp/scenario/sources)"
}

# counted: ipmasq has decided something since
counted() {
	[ "$(counter masquerade)" -gt "$1" ]
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

# rules: of both flavours
rules() {
	nat_rules iptables-nft || :
	nat_rules iptables-legacy || :
}

for flavour in iptables-nft iptables-legacy; do
	note "$flavour"
	if ! masquerades_with $flavour; then
		skip "the agent with $flavour" "no MASQUERADE for $flavour in this kernel"
		continue
	fi
	# The second time there are the rules of both.
	[ $flavour = iptables-nft ] || agent_rules $flavour
	before=$(rules)

	traffic
	decided=$(counter masquerade)
	expect_match "*$flavour: chain IP-MASQ-AGENT is removed*" "$(migrate takeover)" \
		'ipmasq takes over'
	expect_soon 'ipmasq decides' counted "$decided"
	expect_equal '' "$(rules)" 'no rule is left'
	expect_success 'back to the agent' migrate back
	expect_equal "$before" "$(rules)" 'its rules are as they were'
	expect_equal gone "$([ -e "$SAVED" ] || echo gone)" 'the saved rules are used up'
	expect_traffic 'no connection left with the address of the pod'
done

note 'for good'
expect_success 'ipmasq takes over' migrate takeover
expect_source "$POD4" pod tcp "$PEER4"
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_failure 1 '*there is no chain IP-MASQ-AGENT*' 'a second takeover has nothing to do' \
	migrate takeover

note 'an agent that was forgotten'
agent_rules iptables-nft
before=$(nat_rules iptables-nft)
expect_failure 1 '*earlier takeover*' 'rules that were saved are not overwritten' migrate takeover
expect_match '*iptables-nft: the chain IP-MASQ-AGENT is there already and stays*' \
	"$(migrate back 2>&1)" 'a chain that is there is not doubled'
expect_equal "$before" "$(nat_rules iptables-nft)" 'and stays as it is'
