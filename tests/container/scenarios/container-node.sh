#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The images on a node, under a real OCI runtime, with the user, capabilities and
# mounts of the DaemonSet, and pods made by CNI's bridge and host-local plugins.
#
#	pod-a 10.88.0.2 ---+
#	                   cni0 (node, 10.88.0.1) --- eth0 192.0.2.10 --- fabric ---+-- peer
#	pod-b 10.88.0.3 ---+                                                        +-- internet4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

WAIT_SECONDS=60
IMAGES=/tmp/images

# unpack NAME: the root file system of an image, file capabilities included
unpack() {
	mkdir -p "$IMAGES/$1/rootfs"
	tar --xattrs --xattrs-include=security.capability -xzpf "/images/$1.tar.gz" \
		-C "$IMAGES/$1/rootfs"
}

# pod NAME COMMAND: what the kubelet has a CNI plugin do, ADD or DEL
pod() {
	on node env CNI_COMMAND="$2" CNI_CONTAINERID="$1" CNI_NETNS="/run/netns/$1" \
		CNI_IFNAME=eth0 CNI_PATH=/usr/lib/cni /usr/lib/cni/bridge <<-END
		{"cniVersion": "0.4.0", "name": "pods", "type": "bridge", "bridge": "cni0",
		 "isGateway": true, "ipMasq": ${IP_MASQ:-false},
		 "ipam": {"type": "host-local", "subnet": "10.88.0.0/16",
			"routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/tmp/scenario/cni"}}
	END
}

# bundle IMAGE USER CAPABILITY ROOT-MOUNTS WORD...: a container as the kubelet asks
# for it, in the node's network namespace
bundle() {
	local image=$1 user=$2 capability=$3 mounts=$4 words='' word
	shift 4
	for word in "$@"; do
		words="$words${words:+, }\"$word\""
	done
	cat >"$IMAGES/$image/config.json" <<-END
		{"ociVersion": "1.0.2",
		 "root": {"path": "rootfs", "readonly": true},
		 "process": {
			"user": {"uid": $user, "gid": $user}, "cwd": "/",
			"env": ["PATH=/usr/sbin:/usr/bin"], "args": [$words],
			"noNewPrivileges": ${NO_NEW_PRIVILEGES:-false},
			"capabilities": {
				"bounding": [$capability], "permitted": [$capability],
				"effective": [$capability]}},
		 "mounts": [
			{"destination": "/proc", "type": "proc", "source": "proc"},
			{"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
			 "options": ["nosuid", "mode=755", "size=64k"]},
			{"destination": "/sys", "type": "none", "source": "/sys",
			 "options": ["rbind", "ro"]}$mounts],
		 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"},
			{"type": "uts"}]}}
	END
}

bind() {
	printf ', {"destination": "%s", "type": "none", "source": "%s", "options": ["bind", "%s"]}' \
		"$2" "$1" "$3"
}

# "ip netns exec" would give it a /sys of its own, without control groups.
runtime() {
	nsenter --net=/run/netns/node crun --root /tmp/scenario/crun --cgroup-manager=disabled "$@"
}

answers() {
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" | on node socat -t 5 - TCP:192.0.2.10:9600 |
		tr -d '\r'
}

is_ready() {
	answers /readyz | head -n 1 | grep -q ' 200 '
}

build_topology
for far in peer internet4; do
	ip -n $far route add 10.88.0.0/16 via "$NODE4" dev eth0 onlink
done
mount -t cgroup2 cgroup2 /sys/fs/cgroup
unpack ipmasq
unpack loader

note 'the loader'
release=$(uname -r)
rmmod ipmasq
mkdir -p /tmp/scenario/state /tmp/scenario/build /tmp/scenario/usr
chmod 1777 /tmp/scenario/build
# index: busybox' depmod writes no index that the image's modprobe reads
index() {
	mount -o bind /lib/modules "$IMAGES/loader/rootfs/host/lib/modules"
	chroot "$IMAGES/loader/rootfs" depmod "$release"
	umount "$IMAGES/loader/rootfs/host/lib/modules"
}
mkdir -p "/lib/modules/$release/updates"
cp /usr/lib/modules/ipmasq.ko "/lib/modules/$release/updates"
index
mounts="$(bind /lib/modules /host/lib/modules ro)$(bind /tmp/scenario/usr /host/usr ro)"
mounts="$mounts$(bind /tmp/scenario/state /var/lib/ipmasq rw)$(bind /tmp/scenario/build /build rw)"
bundle loader 0 '"CAP_SYS_MODULE", "CAP_CHOWN"' "$mounts" load-module
NO_NEW_PRIVILEGES=true
# The kernel boots from a file system that nobody can pivot away from.
loader() {
	runtime run --no-pivot -b "$IMAGES/loader" loader
}
expect_match "*loaded the node's own module*" "$(loader 2>&1)" 'it loads what is on the node'
expect_success 'the module is there' module_loaded
expect_match '*the module is loaded, version*' "$(loader 2>&1)" 'and does nothing the next time'
expect_equal '65532 65532' "$(stat -c '%u %g' /tmp/scenario/state)" 'the state is the daemon'\''s'
rmmod ipmasq
rm "/lib/modules/$release/updates/ipmasq.ko"
index
expect_failure 1 "*headers of kernel $release are not on the node*linux-headers-$release*" \
	'where there is neither module nor headers it says so' loader
# shellcheck disable=SC2119 # without parameters
load_module

note 'the daemon'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8]'
mounts="$(bind "$CONFIG_VOLUME" /etc/config ro)$(bind /tmp/scenario/state /var/lib/ipmasq rw)"
NO_NEW_PRIVILEGES=false
bundle ipmasq 65532 '"CAP_NET_ADMIN"' "$mounts" /usr/bin/ipmasqd \
	--config=/etc/config/ip-masq-agent --state-dir=/var/lib/ipmasq --http-address=192.0.2.10:9600
runtime run --no-pivot -b "$IMAGES/ipmasq" ipmasq >"$DAEMON_LOG" 2>&1 &
if ! wait_until is_ready; then
	cat "$DAEMON_LOG" >&2
fi
expect_success 'it is ready' is_ready
pid=$(runtime state ipmasq | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"
}
expect_equal '65532 65532 65532 65532' "$(status Uid | tr -s '\t' ' ')" 'it is not root'
expect_equal 0000000000001000 "$(status CapEff)" 'it has CAP_NET_ADMIN and nothing else'
expect_equal 1 "$(status NoNewPrivs)" 'and can get nothing else'
expect_match '*ro*' "$(awk '$5 == "/" { print $6 }' "/proc/$pid/mountinfo" | cut -d , -f 1)" \
	'its root is read-only'
expect_match '*ipmasq_module_loaded 1*' "$(answers /metrics)" 'it serves metrics'

note 'pods of the CNI plugins'
# The plugin takes the bridge that is there; with snooping it would report its
# groups now and then, which would be counted too.
ip -n node link add cni0 type bridge mcast_snooping 0
for name in pod-a pod-b; do
	namespace $name
	pod $name ADD >/tmp/scenario/$name.json
done
expect_source 10.88.0.2 pod-a tcp "$PEER4"
expect_source "$NODE4" pod-a tcp "$INTERNET4"
expect_source "$NODE4" pod-b udp "$INTERNET4"
expect_counter masquerade 2
expect_counter cidr 1

note 'the ConfigMap changes'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
listed() {
	runtime exec ipmasq /usr/bin/ipmasqctl list | grep -q '^203.0.113.0/24'
}
expect_soon 'ipmasqctl in the container lists it' listed
expect_source 10.88.0.2 pod-a tcp "$INTERNET4"

note 'the pod of the daemon ends'
before=$(generation)
runtime kill ipmasq TERM
wait_until sh -c "! test -d /proc/$pid"
expect_source 10.88.0.2 pod-a tcp "$INTERNET4"
expect_equal "$before" "$(generation)" 'the policy stays'
expect_success 'the last good policy is saved' test -s "$(find /tmp/scenario/state -type f | head -n 1)"
runtime delete -f ipmasq 2>/dev/null || :

note 'ipMasq of the bridge plugin decides before'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8]'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
pod pod-b DEL
IP_MASQ=true
pod pod-b ADD >/tmp/scenario/pod-b.json
masqueraded=$(counter masquerade)
expect_source "$NODE4" pod-b tcp "$PEER4"
expect_source "$NODE4" pod-b tcp "$INTERNET4"
expect_equal "$masqueraded" "$(counter masquerade)" 'ipmasq is not asked about that pod'
expect_match '*a CNI plugin with ipMasq; decides before ipmasq*' "$(on node ipmasqctl migrate)" \
	'ipmasqctl migrate names it'
