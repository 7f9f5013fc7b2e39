# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios of the images share, sourced after scenario.sh: the DaemonSet's
# containers (tests/container/bundle) under crun, as containerd or CRI-O would start them.

IMAGES=/tmp/images

# unpack NAME: the root file system of an image, file capabilities included
unpack() {
	mkdir -p "$IMAGES/$1/rootfs"
	tar --xattrs --xattrs-include=security.capability -xzpf "/images/$1.tar.gz" \
		-C "$IMAGES/$1/rootfs"
}

# What the kubelet makes on a node for the pod's volumes.
volumes() {
	mkdir -p /var/lib/ipmasq /run/ipmasq /tmp/scenario/build "$CONFIG_VOLUME"
	chmod 1777 /tmp/scenario/build
	grep -q " /sys/fs/cgroup " /proc/mounts || mount -t cgroup2 cgroup2 /sys/fs/cgroup
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
}

# runtime WORD...: crun in the node's network namespace. "ip netns exec" would give it
# a /sys of its own, without control groups.
runtime() {
	nsenter --net=/run/netns/node crun --root /tmp/scenario/crun --cgroup-manager=disabled "$@"
}

# container CONTAINER IMAGE: runs it until it ends, within the memory that it may have.
# The kernel boots from a file system that nobody can pivot away from.
container() {
	local group=/sys/fs/cgroup/$1
	mkdir -p "$group"
	cat "/images/$1.limit" >"$group/memory.max"
	mkdir -p "$IMAGES/$1"
	[ -e "$IMAGES/$1/rootfs" ] || ln -s "../$2/rootfs" "$IMAGES/$1/rootfs"
	cp "/images/$1.json" "$IMAGES/$1/config.json"
	sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
		nsenter --net=/run/netns/node crun --root /tmp/scenario/crun \
		--cgroup-manager=disabled run --no-pivot -b "$IMAGES/$1" "$1"
}

# most CONTAINER: the most memory that it had, in KiB, where the kernel tells
most() {
	echo $(($(cat "/sys/fs/cgroup/$1/memory.peak" 2>/dev/null || echo 0) / 1024))
}
