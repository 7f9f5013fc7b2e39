#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every way in which a ConfigMap or a file changes ends in the kernel, and
# nothing happens when nothing changed.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node

# The directory is not there, the file not either: the defaults.
spawn_daemon
expect_entries "$DEFAULTS4" 'without a file the defaults are in force'

# The volume appears with its directory.
write_config "$ONE"
expect_entries "$ONE_ENTRIES" 'a volume that appears late is seen'

# The kubelet's way, timed from the rename to the event of the change.
for number in $(seq 1 20); do
	if [ $((number % 2)) = 1 ]; then echo "$TWO"; else echo "$ONE"; fi \
		>/tmp/scenario/config-text
	on node kubelet "$CONFIG_VOLUME" ip-masq-agent /tmp/scenario/config-text wait 5000
done >/tmp/scenario/latencies
expect_equal 20 "$(wc -l </tmp/scenario/latencies)" 'each of 20 renames of ..data is an event'
note "microseconds from rename to event: $(sort -n /tmp/scenario/latencies |
	awk '{ print $1 }' | sed -n '1p;10p;20p' | tr '\n' ' ')(fastest, median, slowest)"
# What it must reach is measured by make bench-daemon; this is far from any wait for
# a timer, and half of them may meet a machine that has other work.
expect_success 'half of them take no half second' \
	[ "$(sort -n /tmp/scenario/latencies | awk 'NR == 10 { print $1 }')" -lt 500000 ]
expect_entries "$ONE_ENTRIES" 'the last of them is in force'

# The same content in a new folder is no change.
before=$(generation)
logged_before=$(grep -c "$CONFIG_FILE" "$DAEMON_LOG")
write_config "$ONE"
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'a change after a rename without one'
expect_equal $((before + 1)) "$(generation)" 'only the change counted'
note "lines about the file: $((($(grep -c "$CONFIG_FILE" "$DAEMON_LOG")) - logged_before))"

# Another text with the same meaning is read and changes nothing.
before=$(generation)
write_config "$TWO # and a comment"
expect_logged 'the policy is the same' 'a comment is read'
expect_equal "$before" "$(generation)" 'and changes nothing'

# The key goes, the volume stays.
write_config ''
expect_entries "$DEFAULTS4" 'a key that is gone means the defaults'

# A plain file from here on.
end_daemon TERM
rm -rf "$CONFIG_VOLUME"
mkdir "$CONFIG_VOLUME"
spawn_daemon
expect_logged 'is not there, the defaults are used' 'started without a file' 3
echo "$ONE" >"$CONFIG_FILE"
expect_entries "$ONE_ENTRIES" 'a file that appears'
echo "$TWO" >"$CONFIG_FILE"
expect_entries "$TWO_ENTRIES" 'a file written in place'
echo "$ONE" >"$CONFIG_VOLUME/.swap"
mv "$CONFIG_VOLUME/.swap" "$CONFIG_FILE"
expect_entries "$ONE_ENTRIES" 'an editor that renames the new file over the old'

# hundredths: of a second since the VM was booted
hundredths() {
	local seconds
	read -r seconds _ </proc/uptime
	echo "${seconds%.*}${seconds#*.}"
}

# save_with_backup TEXT: how editors do it that keep a backup, fast enough for the
# daemon to tell it from a file that was removed. A busy machine can stop an editor
# for any time between the two steps; then the story begins anew.
save_with_backup() {
	local attempt began
	for attempt in $(seq 1 20); do
		echo "$ONE" >"$CONFIG_FILE"
		wait_until has_entries "$ONE_ENTRIES"
		BEFORE=$(generation)
		began=$(hundredths)
		mv "$CONFIG_FILE" "$CONFIG_FILE~"
		echo "$1" >"$CONFIG_FILE"
		if [ $(($(hundredths) - began)) -lt 20 ]; then
			return
		fi
	done
	note "never within 200 ms in $attempt attempts"
}
save_with_backup "$TWO"
expect_entries "$TWO_ENTRIES" 'an editor that renames the old file away first'
expect_equal $((BEFORE + 1)) "$(generation)" 'without the defaults in between'

rm "$CONFIG_FILE"
expect_entries "$DEFAULTS4" 'a file that is removed means the defaults'
rm -r "$CONFIG_VOLUME"
mkdir "$CONFIG_VOLUME"
echo "$ONE" >"$CONFIG_FILE"
expect_entries "$ONE_ENTRIES" 'a directory that is removed and made again'

# A bad file changes nothing, and drift is put right all the same.
before=$(generation)
printf 'nonMasqueradeCIDRs:\n  - 10.0.0.0/33\n' >"$CONFIG_FILE"
expect_logged "$CONFIG_FILE:2:" 'a bad file is told with its line'
expect_equal "$before" "$(generation)" 'a bad file changes nothing'
on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$ONE_ENTRIES" 'drift is put right while the file is bad'
echo "$TWO" >"$CONFIG_FILE"
expect_entries "$TWO_ENTRIES" 'a mended file is taken at once'

# SIGHUP reads again and changes nothing.
before=$(generation)
kill -HUP "$DAEMON"
expect_logged SIGHUP 'SIGHUP is told'
expect_logged 'the policy is the same' 'and the file is read' 2
expect_equal "$before" "$(generation)" 'without a change'

# A file system that was mounted over the directory is no event of inotify:
# the resync finds it.
end_daemon TERM
echo "resyncInterval: 1s" >"$CONFIG_FILE"
spawn_daemon
expect_entries "$DEFAULTS4" 'with a resync interval of a second'
# ip netns exec gave the daemon mounts of its own.
nsenter -t "$DAEMON" -m mount -t tmpfs tmpfs "$CONFIG_VOLUME"
echo "$ONE" | nsenter -t "$DAEMON" -m tee "$CONFIG_FILE"
expect_entries "$ONE_ENTRIES" 'what inotify does not tell the resync finds'
end_daemon TERM

# Several files.
mkdir /tmp/scenario/several
echo "$ONE" >/tmp/scenario/several/ip-masq-agent
spawn_daemon --config-dir /tmp/scenario/several
expect_entries "$ONE_ENTRIES" 'a directory with one file'
echo 'nonMasqueradeCIDRs: [203.0.113.0/24]' >/tmp/scenario/several/ip-masq-more
expect_entries "$TWO_ENTRIES" 'a second file is merged'
rm /tmp/scenario/several/ip-masq-more
expect_entries "$ONE_ENTRIES" 'and taken out again'
end_daemon TERM
expect_equal 0 "$ENDED" 'SIGTERM ends it with success'
expect_entries "$ONE_ENTRIES" 'and leaves the policy in force'
