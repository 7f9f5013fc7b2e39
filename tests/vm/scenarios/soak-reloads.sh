#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module is unloaded and loaded under traffic, RELOADS times.
#
#	pod ------- node ------- fabric ---+-- internet4	masqueraded or not
#	  udp, tcp  no module,             +-- peer		10.0.0.0/8, left alone
#	            module, ...

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

: "${RELOADS:=6}"

# The policy in force has decided a connection.
masquerades() {
	[ "$(counter masquerade)" -gt 0 ]
}

reload() {
	echo '10.0.0.0/8 skip' | on node ipmasqctl replace -f -
	wait_until masquerades
	unload_module
	load_module
}

# reloads N: under traffic. A connection that is under way when the module goes loses
# its translation, and with it the answer.
reloads() {
	traffic udp-internet4 pod udp "$INTERNET4" 1024 timeout 500
	traffic udp-peer pod udp "$PEER4" 20000 timeout 500
	traffic tcp-internet4 pod tcp "$INTERNET4" 40000 timeout 500
	reloads=0
	while [ $reloads -lt "$1" ]; do
		reload
		reloads=$((reloads + 1))
	done
	end_traffic
}

build_topology
reloads 1
remember_memory
reloads "$RELOADS"
for name in udp-internet4 tcp-internet4; do
	note "$name: $(tr '\n' ';' <"/tmp/scenario/$name.traffic")"
	expect_equal "$POD4 $NODE4 " "$(addresses $name)" "$name: masqueraded or not, nothing else"
done
expect_equal "$POD4 " "$(addresses udp-peer)" 'udp-peer: never masqueraded'
expect_equal 0 "$(generation)" 'a module that was loaded again knows nothing'
expect_memory_back "$RELOADS"
