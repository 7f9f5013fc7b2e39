#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A pattern of outputInterfaces that matches no interface is a warning in the daemon's log,
# which names the interface where the pattern is one of its alternative names.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
ip -n node link property add dev eth0 altname enp0s3
write_config 'outputInterfaces: [enp0s3, wan7, "e*0"]'
start_daemon
expect_soon 'system calls are filtered' grep -q 'Seccomp:.2' "/proc/$DAEMON/status"
expect_logged '"enp0s3".*alternative name of eth0.*use eth0' 'an alternative name'
expect_logged '"wan7", which no interface' 'a name that none has'
expect_equal '' "$(grep 'e\*0' "$DAEMON_LOG")" 'not one that matches'
bring_in 'outputInterfaces: [eth0]'
expect_source "$NODE4" pod tcp "$INTERNET4"
bring_in 'outputInterfaces: [wan8]'
expect_logged '"wan8", which no interface' 'after a change, within the sandbox'
expect_source "$POD4" pod tcp "$INTERNET4"
end_daemon TERM
