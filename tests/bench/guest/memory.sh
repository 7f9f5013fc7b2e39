# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's memory, as the kernel itself counts it.

# Everything that is not free and belongs to no process and no file, then the
# parts of it that have a name, all in kilobytes.
used_by_kernel() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '{ kb[$1] = $2 } END {
		print kb["MemTotal:"] - kb["MemFree:"] - kb["Cached:"] - kb["Buffers:"] -
			kb["AnonPages:"] - kb["PageTables:"], kb["Percpu:"],
			kb["VmallocUsed:"], kb["Slab:"]
	}' /proc/meminfo
}

# settled_memory: the same when it stands still, since what was replaced is freed
# a grace period later
settled_memory() {
	local before now same=0 cache
	forget_connections
	# Pages that a processor or a slab cache keeps at hand are free too, but do
	# not count as such.
	echo 1000000 >/proc/sys/vm/percpu_pagelist_high_fraction
	for cache in /sys/kernel/slab/*/shrink; do
		[ ! -e "$cache" ] || echo 1 >"$cache"
	done
	before=$(used_by_kernel)
	while [ $same -lt 5 ]; do
		sleep 0.2
		now=$(used_by_kernel)
		if [ "$((${now%% *} - ${before%% *}))" -lt 64 ] &&
			[ "$((${before%% *} - ${now%% *}))" -lt 64 ]; then
			same=$((same + 1))
		else
			same=0
		fi
		before=$now
	done
	echo 0 >/proc/sys/vm/percpu_pagelist_high_fraction
	echo "$now"
}
