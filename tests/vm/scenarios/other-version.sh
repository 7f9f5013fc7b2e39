#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The programs are of another version than the module, as between an upgrade of
# the packages and the reboot: they change nothing, and say what to do.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
write_config "$TWO"
spawn_daemon
expect_entries "$TWO_ENTRIES" 'the daemon of the right version has written its policy'
end_daemon TERM
reason='the kernel module speaks version 2 of the protocol and this program version 200; install both in the same version, and reboot'

note 'the tool'
expect_failure 1 "ipmasqctl: $reason" 'ipmasqctl show' on node ipmasqctl-next show
expect_failure 1 "ipmasqctl: $reason" 'ipmasqctl add' on node ipmasqctl-next add 198.51.100.0/24
expect_equal "$reason" "$(on node ipmasqctl-next show -j | jq -r .error.message)" 'the same as JSON'
expect_match "*$reason*" "$(on node ipmasqctl-next version)" 'ipmasqctl version'
expect_failure 1 "ipmasqctl: $reason; nothing was changed" 'it does not replace such a module' \
	ipmasqctl-next module upgrade /usr/lib/modules/ipmasq.ko one-way

note 'the daemon'
write_config "$ONE"
inside node ipmasqd-next --config "$CONFIG_FILE" --state-dir "$STATE" \
	--http-address "$HTTP" >>"$DAEMON_LOG" 2>&1 &
DAEMON=$!
expect_logged "$reason" 'it says so'
expect_soon 'it serves all the same' serving
expect_equal '503 Service Unavailable' "$(http_status GET /readyz)" 'and is not ready'
expect_match '*speaks another version of the protocol*' "$(http GET /readyz)" 'and says why'
expect_equal "$TWO_ENTRIES" "$(entries)" 'the policy that is in force stays'
expect_source "$POD4" pod udp "$INTERNET4"
kill -HUP "$DAEMON"
expect_logged SIGHUP 'it looks again when it is told to'
end_daemon TERM
expect_equal 1 "$(grep -c "$reason" "$DAEMON_LOG")" 'it has said so once'

spawn_daemon
expect_entries "$ONE_ENTRIES" 'the daemon of the right version goes on'
end_daemon TERM
