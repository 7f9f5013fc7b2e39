# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the kernel has kmemleak. It believes in a leak only at the second look,
# and when the memory is five seconds old.

KMEMLEAK=/sys/kernel/debug/kmemleak

# look_for_leaks: a look takes ten seconds on an emulated processor, so a scenario
# has one at its end, and what it finds may be of the one before
look_for_leaks() {
	[ -e $KMEMLEAK ] || return 0
	echo scan >$KMEMLEAK
	tell_leaks
}

# look_for_last_leaks: for the last of them
look_for_last_leaks() {
	[ -e $KMEMLEAK ] || return 0
	sleep 6
	echo scan >$KMEMLEAK
	echo scan >$KMEMLEAK
	tell_leaks
}

# tell_leaks: to the kernel's log, a line at a time and no more than once
tell_leaks() {
	local line
	head -n 200 $KMEMLEAK | while IFS= read -r line; do
		echo "kmemleak: $line" >/dev/kmsg
	done
	echo clear >$KMEMLEAK
}
