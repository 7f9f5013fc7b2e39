#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may look at policies and change them, beyond what hostile.sh shows of users
# and user namespaces: containers, sockets that change hands, and the other ways
# into the module.
#
#	node		a policy; a container in the host's network is in here
#	container	a network namespace of its own, as a pod's

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

MODULE=/usr/lib/modules/ipmasq.ko
PARAMETERS=/sys/module/ipmasq/parameters

as_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

contents() {
	on node ipmasqctl show -j
	on node ipmasqctl list -j
}

namespace node
namespace container
on node ipmasqctl set enabled on
on node ipmasqctl add 10.0.0.0/8
before=$(contents)

note "root of a container in the host's network, without CAP_NET_ADMIN"
HOSTILE_AS='root without the capability' report_hostile on node capsh --drop=cap_net_admin \
	--shell=/usr/bin/dash -- -c 'hostile denied'

note 'sockets that change hands'
HOSTILE_AS='a socket that root left to a user' report_hostile on node hostile denied opened
HOSTILE_AS="a user's socket in root's hands" report_hostile on node hostile denied used

note "root of a container of its own network, with CAP_NET_ADMIN"
on container ipmasqctl set enabled on enable-ipv6 on
on container ipmasqctl add 192.0.2.0/24 masquerade
expect_equal 192.0.2.0/24 "$(on container ipmasqctl list -j | jq -r '.entries[].cidr')" \
	'it has a policy there'
expect_equal "$before" "$(contents)" "and the node's is as it was"
expect_match '*container*' "$(ipmasqctl module)" 'ipmasqctl module says where it is'
expect_success "the node's root withdraws it" on container ipmasqctl flush policy now
expect_equal 0 "$(ipmasqctl module | grep -c container)" 'and it holds nothing any more'

note "the module's parameters"
expect_equal '0 644
0 444
0 644' "$(stat -c '%u %a' $PARAMETERS/max_entries $PARAMETERS/priority \
	$PARAMETERS/user_namespaces)" 'root alone may write two of them, nobody the priority'
expect_failure '*' '*ermission denied*' 'a user may not raise the limit' \
	as_user sh -c "echo 2 >$PARAMETERS/max_entries"
expect_failure '*' '*ermission denied*' 'nor may root of a new user namespace' \
	as_user unshare -U -r -n sh -c "echo 2 >$PARAMETERS/max_entries"
expect_equal 1048576 "$(cat $PARAMETERS/max_entries)" 'the limit is what it was'
expect_failure '*' '*ermission denied*' 'a user may not open the family' \
	as_user sh -c "echo 1 >$PARAMETERS/user_namespaces"
expect_failure '*' '*ermission denied*' 'nor may root of a new user namespace' \
	as_user unshare -U -r -n sh -c "echo 1 >$PARAMETERS/user_namespaces"
expect_equal N "$(cat $PARAMETERS/user_namespaces)" 'it is closed'

largest=67108864
expect_success 'root may raise it to the largest table that can be allocated' \
	sh -c "echo $largest >$PARAMETERS/max_entries"
for refused in $((largest + 1)) 134217728 4294967295; do
	expect_failure '*' '*rror*' "and not to $refused" \
		sh -c "echo $refused >$PARAMETERS/max_entries"
done
expect_equal $largest "$(cat $PARAMETERS/max_entries)" 'a refused value changes nothing'

note 'the tracepoint, which has addresses of all namespaces'
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
expect_failure '*' '*ermission denied*' 'a user may not switch it on' \
	as_user sh -c 'echo 1 >/sys/kernel/tracing/events/ipmasq/enable'
expect_failure '*' '*ermission denied*' 'nor read what was traced' \
	as_user cat /sys/kernel/tracing/trace
expect_failure '*' '*ermission denied*' 'nor may root of a new user namespace' \
	as_user unshare -U -r -m sh -c 'cat /sys/kernel/tracing/trace'

note 'the module itself'
expect_failure '*' '*ot permitted*' 'a user may not unload it' as_user rmmod ipmasq
expect_failure '*' '*ot permitted*' 'nor may root of a new user namespace' \
	as_user unshare -U -r -n rmmod ipmasq
expect_success 'it is there' module_loaded
expect_equal 0 "$(grep -a -c 'alias=' $MODULE)" \
	'it has no alias: nobody who asks for a family makes the kernel load it'
unload_module
expect_failure '*' '*ot permitted*' 'a user may not load it' as_user insmod $MODULE
expect_failure '*' '*ot permitted*' 'nor may root of a new user namespace' \
	as_user unshare -U -r -n insmod $MODULE
expect_failure '*' '*ot permitted*' 'nor may root without CAP_SYS_MODULE' \
	capsh --drop=cap_sys_module --shell=/usr/bin/dash -- -c "insmod $MODULE"
expect_failure 1 '*' 'without it there is nothing' on node ipmasqctl show
expect_equal no "$(module_loaded && echo yes || echo no)" 'and asking has not loaded it'

note 'parameters when it is loaded'
for parameter in max_entries=67108865 priority=-200 priority=none; do
	expect_failure '*' '*nvalid*' "$parameter is refused" load_module $parameter
done
load_module priority=-199
expect_equal -199 "$(on node ipmasqctl show -j | jq .hook_priority)" 'priority=-199 is taken'
