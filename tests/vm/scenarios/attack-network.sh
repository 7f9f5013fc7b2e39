#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Policies that are switched over, withdrawn and expire under connections, while
# interfaces, addresses and IPv6 come and go, and connections are forgotten (tests/attack).
#
#	pod ------- node ------- fabric ---- internet4, internet6, peer
#	  traffic   all others
#
# ATTACK_INTERFACES is how many the node gets.
#
# processors: 4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/attack.sh
. /guest/attack.sh

build_topology
expect_sound node
remember_kernel
HOSTILE_AS=root expect_attack attack "$ATTACK_SEED" "$ATTACK_SECONDS" traffic@pod traffic@node \
	link-change@node conntrack-flush@node withdrawal@node expiry@node explain@node \
	killed-writer@node many-interfaces@node parameter

note 'and afterwards all is well'
ip -n node -batch - <<-END
	link set eth0 up
	addr replace $NODE6/64 dev eth0
	route replace default dev eth0
	route replace ::/0 dev eth0
END
on node conntrack -F >/dev/null 2>&1 || :
expect_sound node
on node ipmasqctl replace -f /tmp/scenario/sound
expect_source "$NODE4" pod tcp "$INTERNET4"
expect_source "$POD4" pod tcp "$PEER4"
