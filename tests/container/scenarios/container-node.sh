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
# shellcheck source=tests/container/container.sh
. /guest/container.sh

WAIT_SECONDS=60
PLUGINS=/usr/lib/cni
BACKEND=

# pod NAME COMMAND: what the kubelet has a CNI plugin do, ADD or DEL
pod() {
	on node env CNI_COMMAND="$2" CNI_CONTAINERID="$1" CNI_NETNS="/run/netns/$1" \
		CNI_IFNAME=eth0 CNI_PATH=$PLUGINS $PLUGINS/bridge <<-END
		{"cniVersion": "0.4.0", "name": "pods", "type": "bridge", "bridge": "cni0",
		 "isGateway": true, $BACKEND "ipMasq": ${IP_MASQ:-false},
		 "ipam": {"type": "host-local", "subnet": "10.88.0.0/16",
			"routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/tmp/scenario/cni"}}
	END
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
volumes
unpack ipmasq

note 'the directory of the state'
expect_equal '0 0' "$(stat -c '%u %g' /var/lib/ipmasq)" "it is root's"
expect_success 'the init container runs' container state ipmasq
expect_equal '65532 65532' "$(stat -c '%u %g' /var/lib/ipmasq)" "it is the daemon's"

note 'the daemon'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8]'
container ipmasqd ipmasq >"$DAEMON_LOG" 2>&1 &
if ! wait_until is_ready; then
	cat "$DAEMON_LOG" >&2
fi
expect_success 'it is ready' is_ready
pid=$(runtime state ipmasqd | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"
}
expect_equal '65532 65532 65532 65532' "$(status Uid | tr -s '\t' ' ')" 'it is not root'
expect_equal 0000000000001000 "$(status CapEff)" 'it has CAP_NET_ADMIN and nothing else'
expect_equal '1 2' "$(status NoNewPrivs) $(status Seccomp)" 'and can get nothing else'
# The profile of the runtime and the one of its own.
expect_equal 2 "$(status Seccomp_filters)" 'under two filters of system calls'
expect_match '*ro*' "$(awk '$5 == "/" { print $6 }' "/proc/$pid/mountinfo" | cut -d , -f 1)" \
	'its root is read-only'
expect_match '*ipmasq_module_loaded 1*' "$(answers /metrics)" 'it serves metrics'

note "the tool out of the daemon's container, as docs/migration.md has it"
cat >/tmp/scenario/tool <<'END'
root=/proc/$(pidof ipmasqd)/root library=usr/lib/$(uname -m)-linux-gnu
$root/$library/ld-linux-*.so.* --library-path $root/$library $root/usr/bin/ipmasqctl migrate
END
on node iptables-nft -t nat -N IP-MASQ-AGENT
on node iptables-nft -t nat -A POSTROUTING -j IP-MASQ-AGENT
expect_match '*iptables-nft: chain IP-MASQ-AGENT*policy in force*' \
	"$(on node sh /tmp/scenario/tool 2>&1)" "it runs the node's own iptables-save"
on node iptables-nft -t nat -F
on node iptables-nft -t nat -X

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
	runtime exec ipmasqd /usr/bin/ipmasqctl list | grep -q '^203.0.113.0/24' &&
		! on node ipmasqctl list | grep -q '^100.0.0.0/24'
}
expect_soon 'ipmasqctl in the container lists it' listed
expect_source 10.88.0.2 pod-a tcp "$INTERNET4"

note 'as many prefixes as nobody has'
write_config "cidrLimit: 20000
nonMasqueradeCIDRs:
$(seq 0 9999 | awk '{ printf "- 100.%d.%d.0/24\n", $1 / 256, $1 % 256 }')"
listed_many() {
	[ "$(on node ipmasqctl list plain | wc -l)" -ge 10000 ]
}
expect_soon '10,000 prefixes are in force' listed_many
expect_success 'within the memory that the container may have' \
	test "$(most ipmasqd)" -lt $(($(cat /images/ipmasqd.limit) / 1024))
note "$(most ipmasqd) KiB at most"
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
expect_soon 'the former are in force again' listed

note 'the pod of the daemon ends'
before=$(generation)
runtime kill ipmasqd TERM
wait_until sh -c "! test -d /proc/$pid"
expect_source 10.88.0.2 pod-a tcp "$INTERNET4"
expect_equal "$before" "$(generation)" 'the policy stays'
expect_success 'the last good policy is saved' test -s "$(find /var/lib/ipmasq -type f | head -n 1)"
runtime delete -f ipmasqd 2>/dev/null || :

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

note 'the same by nftables, as newer plugins can'
if [ ! -x /usr/lib/cni-nft/bridge ]; then
	skip 'ipMasqBackend nftables' 'the suite of the plugin could not be reached'
	exit
fi
IP_MASQ=false
pod pod-b DEL
IP_MASQ=true
PLUGINS=/usr/lib/cni-nft
BACKEND='"ipMasqBackend": "nftables",'
pod pod-b ADD >/tmp/scenario/pod-b.json
expect_match '*chain masq_checks*ip saddr 10.88.0.*masquerade*' \
	"$(on node nft list table inet cni_plugins_masquerade)" 'the plugin wrote its table'
masqueraded=$(counter masquerade)
expect_source "$NODE4" pod-b tcp "$PEER4"
expect_source "$NODE4" pod-b tcp "$INTERNET4"
expect_equal "$masqueraded" "$(counter masquerade)" 'ipmasq is not asked about that pod'
expect_match '*cni_plugins_masquerade*a CNI plugin with ipMasq; decides before ipmasq*' \
	"$(on node ipmasqctl migrate)" 'ipmasqctl migrate names it'
