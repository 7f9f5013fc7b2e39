#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A file is read when whoever writes it is through. "kubectl get configmap ... >FILE"
# empties it at once, and its text comes in pieces, seconds later.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
mkdir -p "$CONFIG_VOLUME"
echo "$TWO" >"$CONFIG_FILE"

# resyncs N: so many resync intervals of a second have passed, in which nothing is read
# that should not be
resyncs() {
	sleep "$1"
}

# slow_writer: the file is empty, then half of it is there, then all
slow_writer() {
	before=$(generation)
	{
		resyncs 3
		expect_equal "$before" "$(generation)" 'empty and not closed: nothing changes'
		printf 'nonMasqueradeCIDRs:\n- 10.0.0.0/8\n'
		resyncs 3
		expect_equal "$before" "$(generation)" 'half of it and not closed: nothing changes'
		printf -- '- 192.0.2.0/24\n'
	} >"$CONFIG_FILE"
	expect_entries '10.0.0.0/8 skip
169.254.0.0/16 skip
192.0.2.0/24 skip' 'closed: all of it is in force'
	expect_equal $((before + 1)) "$(generation)" 'in one change'
	echo "$TWO" >"$CONFIG_FILE"
	expect_entries "$TWO_ENTRIES" 'a quick writer afterwards'
}

note 'a file of root'
spawn_daemon
expect_entries "$TWO_ENTRIES" 'a plain file'
slow_writer
expect_equal 0 "$(grep -c 'is not there' "$DAEMON_LOG")" 'the defaults were never wanted'
end_daemon TERM

note 'a file of another user, of which only inotify tells'
chown 1000 "$CONFIG_FILE"
spawn_daemon
wait_until logged 'in force already'
slow_writer
end_daemon TERM
chown 0 "$CONFIG_FILE"

note 'a daemon that starts meanwhile'
on node ipmasqctl flush policy
exec 8>"$CONFIG_FILE"
printf 'nonMasqueradeCIDRs:\n- 10.0.0.0/8\n' >&8
spawn_daemon 8>&-
expect_logged 'the configuration is being written, the last good policy is used' \
	'the saved policy is used'
expect_entries "$TWO_ENTRIES" 'and is in force'
printf -- '- 198.51.100.0/24\n' >&8
exec 8>&-
expect_entries '10.0.0.0/8 skip
169.254.0.0/16 skip
198.51.100.0/24 skip' 'once it is closed all of it is in force'

note 'a writer that never closes'
exec 8>"$CONFIG_FILE"
echo "$ONE" >&8
WAIT_SECONDS=75
expect_entries "$ONE_ENTRIES" 'after a minute the file is read as it is'
expect_logged 'is open for writing for a minute' 'which is logged'
exec 8>&-
end_daemon TERM
