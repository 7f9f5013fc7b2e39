#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The loader on a node, under a real OCI runtime, as the DaemonSet asks for it: it loads
# the module that is there, builds it from the kernel's headers, or says why it can do
# neither.
#
#	node	nothing but the kernel, its modules and its headers

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/container/container.sh
. /guest/container.sh

namespace node
volumes
unpack ipmasq-loader
release=$(uname -r)
rmmod ipmasq

# index: busybox' depmod writes no index that the image's modprobe reads
index() {
	mount -o bind /lib/modules "$IMAGES/ipmasq-loader/rootfs/host/lib/modules"
	chroot "$IMAGES/ipmasq-loader/rootfs" depmod "$release"
	umount "$IMAGES/ipmasq-loader/rootfs/host/lib/modules"
}

loader() {
	container module ipmasq-loader
}

note 'the module is on the node'
mkdir -p "/lib/modules/$release/updates"
cp /usr/lib/modules/ipmasq.ko "/lib/modules/$release/updates"
index
expect_match "*loaded the node's own module*" "$(loader 2>&1)" 'it loads what is on the node'
expect_success 'the module is there' module_loaded
expect_match '*the module is loaded, version*' "$(loader 2>&1)" 'and does nothing the next time'
rmmod ipmasq

note 'neither the module nor headers'
rm "/lib/modules/$release/updates/ipmasq.ko"
index
expect_failure 1 "*headers of kernel $release are not on the node*linux-headers-$release*" \
	'where there is neither module nor headers it says so' loader
expect_failure 1 '*' 'and nothing is loaded' module_loaded

note 'headers'
tar -xzf /images/headers.tar.gz -C /
ln -s "/usr/src/linux-headers-$release" "/lib/modules/$release/build"
began=$(date +%s)
loader >/tmp/scenario/answer 2>&1 || :
expect_match "*building the module for kernel $release*built and loaded the module*" \
	"$(cat /tmp/scenario/answer)" 'it builds the module and loads it'
note "in $(($(date +%s) - began)) s of an emulated processor, with $(most module) KiB at most"
expect_success 'the module is there' module_loaded
expect_equal "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' \
	"$IMAGES"/ipmasq-loader/rootfs/usr/share/ipmasq/ipmasq-*/dkms.conf)" \
	"$(cat /sys/module/ipmasq/version)" 'in the version of the image'
on node ipmasqctl set enabled on
on node ipmasqctl add 10.0.0.0/8
expect_match '10.0.0.0/8*skip*' "$(on node ipmasqctl list plain)" 'and works'
on node ipmasqctl flush policy

note 'containers that may not load modules, of which the kernel says the same'
rmmod ipmasq
mv "/lib/modules/$release/build" /tmp/build
cp /images/module.json /tmp/scenario/module.json
# without FILTER: the container as jq makes it
without() {
	jq "$1" /tmp/scenario/module.json >/images/module.json
}
without '.process.capabilities[] = []'
expect_failure 1 '*this container has no CAP_SYS_MODULE*' 'without the capability it says so' loader
without '(.linux.seccomp.syscalls[] | select(.names | index("finit_module"))) |=
	(.action = "SCMP_ACT_ERRNO" | .errnoRet = 1)'
expect_failure 1 '*the kernel is not asked*seccomp*' 'under a profile of system calls too' loader
cp /tmp/scenario/module.json /images/module.json
root=$IMAGES/ipmasq-loader/rootfs
mount -o bind /tmp/scenario/build "$root/build"
# shellcheck disable=SC2016 # expanded in there
expect_failure 1 '*in a user namespace of its own*' 'in a user namespace too' \
	unshare --user --map-root-user --mount sh -c 'mount --rbind /proc "$1/proc" &&
		exec chroot "$1" /usr/bin/load-module' sh "$root"
umount "$root/build"

note 'a kernel that is locked down, as Secure Boot leaves it; from here on there is no way back'
cp /usr/lib/modules/ipmasq.ko "/lib/modules/$release/updates"
index
mkdir -p /sys/kernel/security
mount -t securityfs securityfs /sys/kernel/security
echo integrity >/sys/kernel/security/lockdown
expect_failure 1 '*Operation not permitted*the kernel takes signed modules only*' \
	'it says what the kernel has against the module' loader
expect_failure 1 '*' 'and nothing is loaded' module_loaded

note 'signatures are enforced'
echo Y >/sys/module/module/parameters/sig_enforce
expect_failure 1 '*Key was rejected by service*the kernel takes signed modules only*' \
	'it says the same' loader

note 'no more modules'
echo 1 >/proc/sys/kernel/modules_disabled
expect_failure 1 '*kernel.modules_disabled is 1*' 'it says so' loader
expect_failure 1 '*' 'and nothing is loaded' module_loaded
