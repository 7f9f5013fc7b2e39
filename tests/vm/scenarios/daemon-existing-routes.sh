#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# applyToExisting where a mark chooses the uplink: a change that is not about a connection
# leaves it alone, though the route of a packet without the mark is another.
#
#	pod ------- node === eth0, eth1 === internet4
#	10.244.1.2  192.0.2.10, 192.0.3.10  203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh

EXISTING='applyToExisting: true'

# change TIMES TEXT: of the configuration; returns when the connections were looked at
change() {
	bring_in "$2
$EXISTING"
	expect_logged 'applyToExisting: ' "looked at $1 times" "$1"
}

build_topology
second_uplink
ip -n node route add default via 192.0.3.1 dev eth1 table 100
ip -n node rule add fwmark 0x80/0x80 pref 100 lookup 100
on node nft -f - <<-END
	table ip marks {
		chain prerouting {
			type filter hook prerouting priority mangle;
			iifname pod0 meta mark set 0x80
		}
	}
END
write_config "$ONE
$EXISTING"
start_daemon
converse marked tcp "$INTERNET4" 3000
exec 4>/tmp/scenario/marked.in
expect_equal "$SECOND4" "$(ask marked 4)" 'a connection by the second uplink'

change 1 'nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]'
expect_equal "$SECOND4" "$(ask marked 4)" 'goes on where another destination joins the list'
change 2 'nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]
outputInterfaces: [eth1]'
expect_equal "$SECOND4" "$(ask marked 4)" 'with a list that has its interface'
change 3 'nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]
outputInterfaces: [eth0, eth1]'
expect_equal "$SECOND4" "$(ask marked 4)" 'and with another'
change 4 "$TWO"
expect_logged 'applyToExisting: 1 present' 'and is dropped where the change is about it'
exec 4>&-
