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
#	(unnamed)	that user namespace's own		its root

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

contents() {
	inside "$1" ipmasqctl list -j
}

namespace target
namespace empty
note 'the family'
expect_equal 'version 1
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
expect_equal "$before" "$(contents target)" 'list -j says the same as before'
report_hostile on target hostile values values
report_hostile on target hostile values lists
expect_equal "$(echo "$before" | jq -c .entries)" "$(contents target | jq -c .entries)" \
	'the table is the same again'

note 'a limit'
echo 3 >/sys/module/ipmasq/parameters/max_entries
report_hostile on target hostile values limit
echo 1048576 >/sys/module/ipmasq/parameters/max_entries

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

note 'and in one of its own'
expect_equal '1 172.16.0.0/12' "$(setpriv --reuid 65534 --regid 65534 --clear-groups \
	unshare -U -r -n sh -c 'ipmasqctl set enabled on >&2
	ipmasqctl add 172.16.0.0/12 >&2
	ipmasqctl list -j' | jq -r '"\(.entries | length) \(.entries[0].cidr)"')" \
	'it may, there it has a policy of its own'
expect_equal "$before" "$(ipmasqctl show -j; ipmasqctl list -j)" \
	"of all this the VM's own namespace has nothing"
ipmasqctl flush policy
