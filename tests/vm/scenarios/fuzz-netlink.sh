#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Requests made up from the YNL spec, right and wrong (tests/fuzz/netlink): after
# each 128 of them the policy can be read, the dump is in order and of as many
# entries as the policy says, as many events have come as there were changes,
# explain says what the entries say, and a connection is counted once.
#
#	target		root, with a route to everywhere
#	(unnamed)	root of a user namespace's own: nothing is carried out, until
#			the module parameter user_namespaces allows it
#	initial		a user without capabilities, and root of a user namespace
#			that does not own it: nothing is carried out
#
# FUZZ_MESSAGES and FUZZ_SEED make it longer and another one:
#
#	tests/vm/run -t 7200 SCENARIO_SECONDS=3600 FUZZ_MESSAGES=1000000 fuzz-netlink

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

MESSAGES=${FUZZ_MESSAGES:-8000}
SEED=${FUZZ_SEED:-1}

# expect_fuzzed SENTENCE COMMAND...: comes to its end, with so many messages
expect_fuzzed() {
	sentence=$1
	shift
	seen=$("$@" 2>&1) || seen="exit status $?: $seen"
	note "$seen"
	expect_match "messages $MESSAGES accepted *" "$seen" "$sentence"
}

# A limit that is met, and a table that stays quick to look at.
echo 64 >/sys/module/ipmasq/parameters/max_entries

way_out='ip link set lo up
	ip link add out type dummy
	ip addr add 10.99.0.1/16 dev out
	ip addr add 2001:db8:99::1/64 dev out nodad
	ip link set out up
	ip route add default dev out
	ip route add ::/0 dev out'

namespace target
on target sh -ec "$way_out"
expect_fuzzed 'root' on target fuzz-netlink admin "$SEED" "$MESSAGES"

MESSAGES=$((MESSAGES / 4))
expect_fuzzed 'root of a network namespace that the family is closed to' \
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n \
	fuzz-netlink denied "$((SEED + 2))" "$MESSAGES"
echo 1 >/sys/module/ipmasq/parameters/user_namespaces
expect_fuzzed 'root of a user namespace in a network namespace of its own' \
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n \
	sh -ec "$way_out; exec fuzz-netlink admin $((SEED + 1)) $MESSAGES"

ipmasqctl set enabled on
ipmasqctl add 198.51.100.0/24
before=$(ipmasqctl show -j; ipmasqctl list -j)
expect_fuzzed 'a user without capabilities' \
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all --bounding-set -all \
	fuzz-netlink denied "$SEED" "$MESSAGES"
expect_fuzzed 'root of a user namespace that does not own the network namespace' \
	unshare -U -r fuzz-netlink denied "$((SEED + 1))" "$MESSAGES"
expect_equal "$before" "$(ipmasqctl show -j; ipmasqctl list -j)" \
	'whom it is denied has changed nothing'
ipmasqctl flush policy
