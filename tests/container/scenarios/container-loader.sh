#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The loader on a node, under a real OCI runtime, as the DaemonSet asks for it: it loads
# the module that is there, builds it from the kernel's headers, or says why it can do
# neither, and replaces one that is loaded under a connection that goes on.
#
#	pod ------- node ------- fabric ---- internet4
#	10.244.1.2  192.0.2.10               203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/container/container.sh
. /guest/container.sh
# shellcheck source=tests/vm/guest/conversation.sh
. /guest/conversation.sh

build_topology
volumes
unpack ipmasq-loader
release=$(uname -r)
version=$(cat /sys/module/ipmasq/version)
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

note 'another version is loaded'
loaded() {
	cat /sys/module/ipmasq/version
}
kept() {
	on node ipmasqctl list -j | jq -c .
	on node ipmasqctl stats -j | jq -c .
}
sed "s/version=$version/version=0.0.9/" /usr/lib/modules/ipmasq.ko >/tmp/scenario/old.ko
cp /tmp/scenario/old.ko "/lib/modules/$release/updates/ipmasq.ko"
cp /usr/lib/modules/ipmasq_hold.ko "/lib/modules/$release/updates"
index
expect_match "*loaded the node's own module*" "$(loader 2>&1)" 'it is that of the node'
expect_equal 0.0.9 "$(loaded)" 'in its version'
configure ''
on node ipmasqctl add 198.51.100.0/24 skip
converse four tcp "$INTERNET4" 600000
exec 4>/tmp/scenario/four.in
expect_equal "$NODE4" "$(ask four 4)" 'a connection is established'
kept >/tmp/scenario/before
sed 's/nf_nat_ipv4_register_fn/nf_nat_ipv4_register_fm/g' /usr/lib/modules/ipmasq.ko |
	sed "s/version=$version/version=0.2.0/" >"/lib/modules/$release/updates/ipmasq.ko"
index
cp /images/module.json /tmp/scenario/module.json
jq '.process.env += ["IPMASQ_MODULE_UPGRADE=no"]' /tmp/scenario/module.json >/images/module.json
expect_match '*stays until the node boots*' "$(loader 2>&1)" 'it stays where that is wanted'
cp /tmp/scenario/module.json /images/module.json
status=0
loader >/tmp/scenario/answer 2>&1 || status=$?
expect_match '*rolled back*the loaded module, version 0.0.9, stays until the node boots*' \
	"$(cat /tmp/scenario/answer)" 'one that cannot be loaded does not replace it'
expect_equal 0 $status 'and the daemon may start'
expect_equal "0.0.9 $NODE4" "$(loaded) $(ask four 4)" 'the connection goes on'
cp /usr/lib/modules/ipmasq.ko "/lib/modules/$release/updates"
index
expect_match "*replaced ipmasq 0.0.9 by $version in 1 network namespaces*" "$(loader 2>&1)" \
	'that of the node replaces it'
expect_equal "$version" "$(loaded)" 'the new one is loaded'
expect_equal "$NODE4" "$(ask four 4)" 'the connection goes on'
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'the policy is the same, and what it counted'
expect_failure 1 '*' 'nothing is held' test -d /sys/module/ipmasq_hold
expect_success 'its file is kept as the way back' \
	cmp /usr/lib/modules/ipmasq.ko /run/ipmasq/module/ipmasq.ko
exec 4>&-
on node ipmasqctl flush policy now
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
on node ipmasqctl flush policy now

note 'another version is loaded, and only this image has the module'
rmmod ipmasq
insmod /tmp/scenario/old.ko
ipmasqctl module keep /tmp/scenario/old.ko
configure ''
rm /tmp/scenario/four.in
converse four tcp "$INTERNET4" 600000
exec 4>/tmp/scenario/four.in
expect_equal "$NODE4" "$(ask four 4)" 'a connection is established'
expect_match "*building the module*replaced ipmasq 0.0.9 by $version in 1 network namespaces*" \
	"$(loader 2>&1)" 'it is built and replaces the loaded one'
expect_equal "$version $NODE4" "$(loaded) $(ask four 4)" 'the connection goes on'
exec 4>&-
on node ipmasqctl flush policy now

note 'containers that may not load modules, of which the kernel says the same'
rmmod ipmasq
mv "/lib/modules/$release/build" /tmp/build
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
