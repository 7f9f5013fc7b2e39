#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Requests that no good program makes, and good ones from whom they are not
# accepted: the right errno, a text that names the value, nothing changed.
#
#	target		a policy of three entries		root
#	empty		no policy				root
#	initial		the VM's own namespace			root; a user without
#			a policy of one entry			capabilities; root of a
#								new user namespace
#	own		that user namespace's			its root

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

contents() {
	inside "$1" ipmasqctl list -j
}

has_its_own_namespace() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

namespace target
namespace empty
note 'the family'
expect_equal 'version 2
POLICY_GET do policy namespace-admin
POLICY_SET do policy namespace-admin
POLICY_DEL do policy namespace-admin
CIDR_GET dump policy namespace-admin
CIDR_ADD do policy namespace-admin
CIDR_DEL do policy namespace-admin
TRANSACTION_BEGIN do policy namespace-admin
TRANSACTION_ADD do policy namespace-admin
TRANSACTION_COMMIT do policy namespace-admin
TRANSACTION_ABORT do policy namespace-admin
EXPLAIN do policy namespace-admin
STATS_GET do policy namespace-admin
CARRY_OVER do policy namespace-admin
group events' "$(on target hostile family)" 'the family has these commands and asks for the capability'

note 'where there is no policy'
report_hostile on empty hostile values no-policy
expect_equal 0 "$(generation empty)" 'there is none afterwards'

note 'where there is one'
echo '10.0.0.0/8 skip' | on target ipmasqctl replace -f - origin config
on target ipmasqctl add 192.0.2.0/24 masquerade
on target ipmasqctl add 2001:db8::/32
before=$(contents target)
report_hostile on target hostile structure
report_hostile on target hostile headers
report_hostile on target hostile missing
expect_equal "$before" "$(contents target)" 'list -j says the same as before'
report_hostile on target hostile values values
report_hostile on target hostile values lists
expect_equal "$(echo "$before" | jq -c .entries)" "$(contents target | jq -c .entries)" \
	'the table is the same again'

note 'a limit'
echo 3 >/sys/module/ipmasq/parameters/max_entries
report_hostile on target hostile values limit
echo 1048576 >/sys/module/ipmasq/parameters/max_entries
report_hostile on target hostile transactions

note 'several messages in one datagram'
report_hostile on target hostile datagram

note 'random messages'
for seed in 1 20260101 4000000000; do
	report_hostile on target hostile garbage $seed 1500
done
on target ipmasqctl show >/dev/null

note 'a user without capabilities'
ipmasqctl add 198.51.100.0/24 2>/dev/null || ipmasqctl set enabled on
before=$(ipmasqctl show -j; ipmasqctl list -j)
report_hostile setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all \
	--bounding-set -all hostile denied

note 'root of a new user namespace, in the network namespace that it does not own'
report_hostile unshare -U -r hostile denied
expect_failure 1 '*CAP_NET_ADMIN is needed*' 'ipmasqctl says what is missing' \
	unshare -U -r ipmasqctl add 10.0.0.0/8

as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

note 'and in one of its own'
HOSTILE_AS='root of a network namespace of its own' \
	report_hostile as_nobody unshare -U -r -n hostile denied closed
expect_failure 1 '*module parameter user_namespaces*' 'ipmasqctl names the parameter' \
	as_nobody unshare -U -r -n ipmasqctl show
expect_failure 1 '*module parameter user_namespaces*' 'a dump names it too' \
	as_nobody unshare -U -r -n ipmasqctl list
expect_equal "$before" "$(ipmasqctl show -j; ipmasqctl list -j)" \
	"of all this the VM's own namespace has nothing"

note 'and where the module parameter allows it'
echo 1 >/sys/module/ipmasq/parameters/user_namespaces
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n sleep 100000 &
owner=$!
wait_until has_its_own_namespace $owner
ip netns attach own $owner
on own ipmasqctl set enabled on
on own ipmasqctl add 172.16.0.0/12
expect_equal '1 172.16.0.0/12' "$(contents own | jq -r '"\(.entries | length) \(.entries[0].cidr)"')" \
	'it may, there it has a policy of its own'
expect_equal "$before" "$(ipmasqctl show -j; ipmasqctl list -j)" \
	"of all this the VM's own namespace has nothing"

note 'and no more'
echo 0 >/sys/module/ipmasq/parameters/user_namespaces
expect_equal 172.16.0.0/12 "$(contents own | jq -r '.entries[].cidr')" \
	'the policy stays, and may be read'
expect_success 'with its counters' on own ipmasqctl stats
expect_failure 1 '*module parameter user_namespaces*' 'but not changed' \
	on own ipmasqctl add 10.0.0.0/8
expect_failure 1 '*module parameter user_namespaces*' 'nor used to explain' \
	on own ipmasqctl explain 10.0.0.1 10.0.0.2
expect_success 'and it may be withdrawn' on own ipmasqctl flush policy
expect_failure 1 '*module parameter user_namespaces*' 'which closes the namespace' \
	on own ipmasqctl show
ipmasqctl flush policy
