# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stages. The node is the machine itself, with a pod behind it and far sides
# on a bridge, in namespaces; they are drawn in tests/vm/guest/topology.sh.

DEFAULTS='10.0.0.0/8 skip
169.254.0.0/16 skip
172.16.0.0/12 skip
192.168.0.0/16 skip'
CHANGED='10.0.0.0/8 skip
198.51.100.0/24 skip'
BY_HAND=192.88.99.0/24
CHANGED_AND_BY_HAND="10.0.0.0/8 skip
$BY_HAND skip
198.51.100.0/24 skip"

state() {
	systemctl show -P "$1" ipmasqd.service
}

is_active() {
	[ "$(systemctl is-active ipmasqd.service)" = active ]
}

settled() {
	[ "$(systemctl list-jobs --no-legend | grep -cv node-test)" = 0 ]
}

entries() {
	ipmasqctl list origin config plain
}

has_entries() {
	[ "$(entries)" = "$1" ]
}

# The node of the picture is this machine: its own namespace gets the name.
build_node() {
	ip netns attach node $$
	# For far_side.
	# shellcheck disable=SC2034
	FAR_SIDES=
	# shellcheck disable=SC2034
	WAYS_BACK="route add 10.244.1.0/24 via $NODE4 dev eth0 onlink
		route add fd00:10:244:1::/64 via $NODE6 dev eth0 onlink"
	ip netns add fabric
	ip -n fabric link add bridge up type bridge mcast_snooping 0
	ip link add eth0 type veth peer name node netns fabric
	ip -n fabric link set node master bridge up
	namespace pod
	wire node pod0 pod eth0
	ip -batch - <<-END
		link set eth0 up
		addr add $NODE4/24 dev eth0
		addr add $NODE6/64 dev eth0 nodad
		route add default dev eth0
		route add ::/0 dev eth0
		addr add 10.244.1.1/24 dev pod0
		addr add fd00:10:244:1::1/64 dev pod0 nodad
	END
	ip -n pod -batch - <<-END
		addr add $POD4/24 dev eth0
		addr add $POD6/64 dev eth0 nodad
		route add default via 10.244.1.1
		route add ::/0 via fd00:10:244:1::1
	END
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	far_side peer "$PEER4" "$PEER6"
	far_side metadata "$METADATA4"
	far_side internet4 "$INTERNET4"
	far_side internet6 "$INTERNET6"
}

# traffic METADATA_SOURCE: the core of it, by the policy of the service
traffic() {
	for protocol in tcp udp icmp; do
		expect_source "$NODE4" pod "$protocol" "$INTERNET4"
		expect_source "$POD4" pod "$protocol" "$PEER4"
		expect_source "$1" pod "$protocol" "$METADATA4"
		expect_source "$POD6" pod "$protocol" "$INTERNET6"
	done
	expect_source "$NODE4" node tcp "$INTERNET4"
}

# The sources that a far side saw, of lines "ADDRESS PORTS"; failures too.
sources() {
	awk '{ print $1 == "failed" ? $0 : $1 }' "$1" | sort -u | tr '\n' ' '
}

converses() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

stage_first() {
	expect_soon 'the service becomes active' is_active
	expect_equal notify "$(state Type)" 'it tells when it is ready'
	expect_match 'Generation 1 with * prefixes *' "$(state StatusText)" 'it says what is in force'
	expect_equal "$DEFAULTS" "$(entries)" 'the policy is that of the file'
	wait_until test -s /run/first-pod
	expect_equal "$DEFAULTS" "$(cat /run/first-pod)" 'it was there before the first pod could be'
	module=$(modinfo -F filename ipmasq)
	expect_match '*/updates/dkms/ipmasq.ko*' "$module" 'the module is that of DKMS'
	expect_equal "$(cat /sys/module/ipmasq/version)" "$(modinfo -F version ipmasq)" 'and is loaded'
	expect_match '*DKMS*' "$(modinfo -F signer ipmasq)" "it is signed with DKMS's key"
	expect_equal '' "$(systemctl list-units --failed --no-legend --plain | cut -d ' ' -f 1)" \
		'no unit has failed'
	daemon=$(state MainPID)
	expect_match '*CapEff:	0000000000001000*' "$(grep Cap "/proc/$daemon/status")" \
		'the daemon has CAP_NET_ADMIN and nothing else'
	expect_equal '2 1' "$(sed -n 's/^\(Seccomp\|NoNewPrivs\):\t//p' "/proc/$daemon/status" |
		sort -r | xargs)" 'and a filter of system calls'

	build_node
	traffic "$POD4"

	note 'a change of the file'
	echo 'nonMasqueradeCIDRs: [10.0.0.0/8, 198.51.100.0/24]' >/run/ipmasq.conf
	echo 'masqLinkLocal: true' >>/run/ipmasq.conf
	cp /run/ipmasq.conf /etc/ipmasq/ipmasq.conf
	expect_soon 'is in force' has_entries "$CHANGED"
	traffic "$NODE4"

	note 'an entry by hand that is to outlive the machine'
	expect_success 'the unit is enabled' systemctl enable --now ipmasq-restore.service
	expect_equal "$CHANGED" "$(ipmasqctl list plain)" 'that changes nothing'
	expect_success 'an entry is added' ipmasqctl add "$BY_HAND"

	note 'the packages are upgraded under traffic'
	upgrade=$(echo /guest/ipmasq_*.deb | sed 's/.*ipmasq_\(.*\)_.*/\1/')
	mkfifo /run/questions
	on pod flow converse tcp "$INTERNET4" </run/questions >/run/answers &
	exec 4>/run/questions
	echo >&4
	wait_until converses /run/answers 1
	# The upgrade is to get most of the processor.
	for far in "$INTERNET4" "$PEER4"; do
		on pod nice -n 19 flow connect tcp "$far" until /run/upgraded successive >"/run/new-$far" &
	done
	# Nothing is asked, as with unattended-upgrades.
	expect_success "upgrade to $upgrade" env DEBIAN_FRONTEND=noninteractive dpkg --force-confold \
		-i /guest/ipmasq_*.deb /guest/ipmasq-dkms_*.deb
	expect_soon 'the service is active' is_active
	expect_match "*$upgrade*" "$(journalctl -u ipmasqd -o cat --no-pager | grep '^ipmasqd [0-9]' |
		tail -n 1)" 'it is the new daemon'
	expect_equal "$upgrade" "$(modinfo -F version ipmasq)" 'the next boot has the new module'
	expect_equal "$upgrade" "$(cat /sys/module/ipmasq/version)" 'and it is in use already'
	expect_equal "$CHANGED" "$(entries)" 'the policy is in force'
	expect_equal "$(cat /run/ipmasq.conf)" "$(cat /etc/ipmasq/ipmasq.conf)" 'the file is kept'
	echo >&4
	wait_until converses /run/answers 2
	exec 4>&-
	touch /run/upgraded
	wait
	expect_equal 1 "$(sort -u /run/answers | wc -l)" 'a connection from before has kept its translation'
	expect_match "$NODE4 *" "$(cat /run/answers)" 'which is to the address of the node'
	expect_equal "$NODE4 " "$(sources "/run/new-$INTERNET4")" 'every new one was masqueraded'
	expect_equal "$POD4 " "$(sources "/run/new-$PEER4")" 'and none that was to be left alone'
	note "$(cat "/run/new-$INTERNET4")"

	echo 'nonMasqueradeCIDRs: [10.0.0.0/33]' >/etc/ipmasq/ipmasq.conf
	expect_soon 'a bad file is refused' sh -c 'journalctl -u ipmasqd | grep -q ipmasq.conf:1:'
	echo "$upgrade" >/guest/version
}

stage_second() {
	expect_soon 'the service becomes active, although its file is bad' is_active
	expect_equal "$CHANGED" "$(entries)" 'with the last good policy'
	wait_until test -s /run/first-pod
	expect_equal "$BY_HAND skip" "$(ipmasqctl list origin static plain)" \
		'and with the entry that was added by hand'
	expect_equal "$CHANGED_AND_BY_HAND" "$(cat /run/first-pod)" \
		'which were there before the first pod could be'
	expect_equal "$(cat /guest/version)" "$(cat /sys/module/ipmasq/version)" \
		'the module in use is that of the upgrade'
	build_node
	traffic "$NODE4"
	rm /etc/ipmasq/ipmasq.conf
}

stage_third() {
	expect_soon 'the daemon says what is missing' sh -c \
		'journalctl -u ipmasqd | grep -q "module ipmasq is not loaded"'
	expect_equal activating "$(systemctl is-active ipmasqd.service)" 'it is not ready'
	expect_match 'Not ready: *not loaded*' "$(state StatusText)" 'and says why'
	expect_failure 1 '*Key was rejected by service*' 'modprobe says why' modprobe ipmasq
	expect_failure 1 '*the kernel module ipmasq is not loaded*modprobe ipmasq*' \
		'the tool says what to do' ipmasqctl show
	expect_equal '' "$(cat /run/first-pod 2>/dev/null)" 'no pod could be started'
	expect_equal failed "$(systemctl is-active ipmasq-restore.service)" \
		'what was saved could not come back'
	expect_match "*$BY_HAND skip static*" "$(cat /var/lib/ipmasq-restore/policy)" \
		'and is kept for a better day'
}
