#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An upgrade that fails or is killed changes nothing: the kernel refuses a file before
# anything is touched, or the old module is loaded again, or what was begun is completed.
#
#	pod ------- node ------- fabric ---- internet4   records the source of each packet
#	10.244.1.2  192.0.2.10               203.0.113.7

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

NEW=/usr/lib/modules/ipmasq.ko
BAD=/tmp/scenario/new/ipmasq.ko
HOLD=/sys/module/ipmasq_hold/parameters/hold

kept() {
	on node ipmasqctl list -j | jq -c .
	on node ipmasqctl stats -j | jq -c .
}

is_held() {
	[ -d /sys/module/ipmasq_hold ]
}

# passes: a new connection of the pod's is answered
passes() {
	on pod flow connect udp "$INTERNET4" timeout 300 >/dev/null
}

# dropped: none is
dropped() {
	! passes
}

build_topology
configure ''
on node ipmasqctl add 198.51.100.0/24 skip
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$POD4" pod udp "$PEER4"
on internet4 nft -f - <<-END
	table inet record {
		chain arriving {
			type filter hook prerouting priority -400;
			ip saddr 10.244.0.0/16 counter
		}
	}
END
# converse: a connection of the pod's that goes on when ask is called
converse() {
	rm -f /tmp/scenario/questions
	mkfifo /tmp/scenario/questions
	: >/tmp/scenario/answers
	on pod flow converse tcp "$INTERNET4" timeout 20000 </tmp/scenario/questions \
		>/tmp/scenario/answers &
	exec 4>/tmp/scenario/questions
}
converse
goes_on() {
	[ "$(wc -l </tmp/scenario/answers)" -gt "$1" ]
}
# ask: the conversation goes on
ask() {
	local answers
	answers=$(wc -l </tmp/scenario/answers)
	echo >&4
	wait_until goes_on "$answers"
}
ask
kept >/tmp/scenario/before

note 'a file that the kernel refuses before anything is touched'
mkdir /tmp/scenario/new
cp /usr/lib/modules/ipmasq_hold.ko /tmp/scenario/new
# The version itself counts for nothing where symbols have versions of their own.
sed 's/ mod_unload / mod_unlaod /' $NEW >$BAD
expect_failure 1 '*not a module for the running kernel; nothing was changed' \
	'another kernel'"'"'s is refused' ipmasqctl module upgrade $BAD one-way
echo 'no module' >$BAD
expect_failure 1 '*' 'so is a file that is no module' ipmasqctl module upgrade $BAD one-way
cp $NEW /tmp/scenario/loaded.ko
expect_failure 1 '*/no/such: No such file or directory' 'so is one that is not there' ipmasqctl module upgrade /no/such
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'nothing has changed'

note 'two at the same time, and parameters that were changed'
expect_success 'a copy of the loaded one is kept' ipmasqctl module keep $NEW
echo 5000 >/sys/module/ipmasq/parameters/max_entries
ipmasqctl module upgrade $NEW >/tmp/scenario/one 2>&1 &
one=$!
expect_success 'one replaces it' ipmasqctl module upgrade $NEW
status=0
wait $one || status=$?
expect_equal 0 $status 'so does the other'
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'the policy is the same, and what it counted'
expect_equal 5000 "$(cat /sys/module/ipmasq/parameters/max_entries)" 'the parameter is as it was'
expect_success 'a connection goes on' ask
# The other one has no such parameter; names are of one length.
sed 's/user_namespaces/user_namesqaces/g' $NEW >$BAD
expect_success 'one that lacks a parameter takes its place' ipmasqctl module upgrade $BAD
expect_equal 5000 "$(cat /sys/module/ipmasq/parameters/max_entries)" 'with those that it has'
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'the policy is the same'
expect_success 'and back again' ipmasqctl module upgrade $NEW
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'the policy is the same'

note 'a module that cannot be loaded once the old one is gone'
sed 's/nf_nat_ipv4_register_fn/nf_nat_ipv4_register_fm/g' $NEW >$BAD
expect_failure 1 '*symbol*; rolled back to the module that was loaded, version *' \
	'it leads back to the old one' ipmasqctl module upgrade $BAD
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'the policy is the same, and what it counted'
expect_success 'a connection goes on' ask
expect_source "$NODE4" pod udp "$INTERNET4"
expect_failure 1 '*' 'nothing is held' is_held

note 'killed in the middle'
for pause in 0 1 2 4; do
	kept >/tmp/scenario/before
	ipmasqctl module upgrade $NEW >/dev/null 2>&1 &
	upgrade=$!
	wait_until is_held
	# So far into it that it is another step each time.
	usleep $((pause * 15000))
	kill -KILL $upgrade 2>/dev/null || :
	wait $upgrade || :
	ipmasqctl module recover
	kept >/tmp/scenario/after
	expect_equal "$(cat /tmp/scenario/before)" "$(cat /tmp/scenario/after)" \
		"after $((pause * 15)) ms: what was begun is completed"
	expect_success 'a connection goes on' ask
	expect_source "$NODE4" pod udp "$INTERNET4"
	expect_failure 1 '*' 'nothing is held' is_held
done
expect_match '*packets 0 bytes*' "$(on internet4 nft list chain inet record arriving)" \
	'no packet arrived from the pod'

note 'killed between two steps'
STATE=/run/ipmasq/upgrade
# recovered: a plan that was written, whatever has been done of it
recovered() {
	cp -a /tmp/scenario/state $STATE
	ipmasqctl module recover && [ "$(kept)" = "$(cat /tmp/scenario/before)" ]
}
kept >/tmp/scenario/before
ipmasqctl module upgrade $NEW >/dev/null 2>&1 &
upgrade=$!
wait_until test -e $STATE/plan
kill -STOP $upgrade
cp -a $STATE /tmp/scenario/state
kill -KILL $upgrade
wait $upgrade || :
ipmasqctl module recover
expect_equal "$(cat /tmp/scenario/before)" "$(kept)" 'with a plan'
on node ipmasqctl flush policy now
expect_success 'withdrawn, with the old module in place' recovered
expect_success 'with nothing left to do' recovered
on node ipmasqctl flush policy now
rmmod ipmasq
load_module
configure ''
on node ipmasqctl add 198.51.100.0/24 skip
expect_success 'restored, without what was counted' recovered

note 'whoever holds and goes away'
converse
for parameter in seconds=0 seconds=11 seconds=4294967295 priority=-200 priority=none; do
	expect_failure '*' '*nvalid*' "$parameter is refused" \
		insmod /usr/lib/modules/ipmasq_hold.ko $parameter
	rmmod ipmasq_hold 2>/dev/null || :
done
insmod /usr/lib/modules/ipmasq_hold.ko seconds=1
expect_equal '444 444' "$(cd ${HOLD%/*} && echo "$(stat -c %a seconds) $(stat -c %a priority)")" \
	'nobody writes them later'
expect_failure 1 '*' 'a word that is not known is refused' on node sh -c "echo ipv5 >$HOLD"
on node sh -c "echo ipv4 >$HOLD"
expect_success 'a new connection is dropped' dropped
expect_success 'an established one goes on' ask
expect_soon 'new ones pass again by themselves' passes
namespace other
on other sh -c "echo ipv4 >$HOLD"
ip netns delete other
expect_success 'the module can be unloaded all the same' rmmod ipmasq_hold
expect_source "$NODE4" pod udp "$INTERNET4"
