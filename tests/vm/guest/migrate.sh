# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios of ipmasqctl migrate share, sourced after scenario.sh.

SAVED=/tmp/scenario/saved.rules

# The reference agent's rules for "nonMasqueradeCIDRs: [10.0.0.0/8]", with the
# comments that it gives them: agent_rules FLAVOUR [CHAIN]
agent_rules() {
	local chain=${2:-IP-MASQ-AGENT}
	on node "$1-restore" --noflush <<-END
		*nat
		:$chain - [0:0]
		-A POSTROUTING -m comment --comment "ip-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom $chain chain" -m addrtype ! --dst-type LOCAL -j $chain
		-A $chain -d 169.254.0.0/16 -m comment --comment "ip-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
		-A $chain -d 10.0.0.0/8 -m comment --comment "ip-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
		-A $chain -m comment --comment "ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE --random-fully
		COMMIT
	END
}

# The same for IPv6: agent_rules6 FLAVOUR
agent_rules6() {
	on node "$1-restore" --noflush <<-END
		*nat
		:IP-MASQ-AGENT - [0:0]
		-A POSTROUTING -m comment --comment "ip-masq-agent: ensure nat POSTROUTING directs all non-LOCAL destination traffic to our custom IP-MASQ-AGENT chain" -m addrtype ! --dst-type LOCAL -j IP-MASQ-AGENT
		-A IP-MASQ-AGENT -d fe80::/10 -m comment --comment "ip-masq-agent: local traffic is not subject to MASQUERADE" -j RETURN
		-A IP-MASQ-AGENT -m comment --comment "ip-masq-agent: outbound traffic is subject to MASQUERADE (must be last in chain)" -j MASQUERADE --random-fully
		COMMIT
	END
}

# migrate WORD...: with the file of this scenario
migrate() {
	on node ipmasqctl migrate save "$SAVED" "$@"
}

# nat_rules FLAVOUR: without counters
nat_rules() {
	on node "$1-save" -t nat | grep '^-A'
}
