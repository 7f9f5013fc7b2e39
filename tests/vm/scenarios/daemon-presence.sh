#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One daemon in a network namespace, and what is left when it goes.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
namespace other
write_config "$ONE"
start_daemon
first=$DAEMON
before=$(generation)

expect_failure 1 "*another ipmasqd is at work*process $first (ipmasqd)*--takeover*" \
	'a second daemon says who is there and refuses' \
	on node ipmasqd --config "$CONFIG_FILE" --state-dir ''
expect_failure 1 '*another ipmasqd is at work*' 'so does --once' \
	on node ipmasqd --once --config "$CONFIG_FILE" --state-dir ''
expect_failure 1 '*another ipmasqd is at work*' 'and --cleanup' \
	on node ipmasqd --cleanup --state-dir ''
expect_equal "$before" "$(generation)" 'none of them changed anything'
expect_success 'another namespace is another matter' \
	on other ipmasqd --once --config "$CONFIG_FILE" --state-dir ''
expect_equal "$ONE_ENTRIES" "$(entries other)" 'and has a policy of its own'

note 'who changes what the daemon keeps is told so'
warning="*ipmasqd is at work here, process $first (ipmasqd), and puts back*"
expect_match "$warning" "$(on node ipmasqctl set random-fully off 2>&1)" 'for settings'
expect_match "$warning" "$(on node ipmasqctl del 10.0.0.0/8 origin config 2>&1)" 'for its entries'
printf 'nonMasqueradeCIDRs: [100.64.0.0/10]\n' >/tmp/scenario/applied
expect_match "$warning*+ 100.64.0.0/10 skip*" \
	"$(on node ipmasqctl apply /tmp/scenario/applied 2>&1)" 'for a file'
expect_equal '' "$(on node ipmasqctl add 203.0.113.0/24 2>&1)" 'not for entries of his own'
on node ipmasqctl del 203.0.113.0/24
expect_entries "$ONE_ENTRIES" 'and it does put everything back'
before=$(generation)

# Somebody without rights cannot keep it from starting, nor make it leave.
expect_failure '*' '*' 'a stranger may not ask it to leave' \
	on node setpriv --reuid 65534 --regid 65534 --clear-groups \
	sh -c 'echo leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd && false'
expect_success 'it is still there' kill -0 "$first"

spawn_daemon --takeover
status=0
wait "$first" || status=$?
expect_equal 0 "$status" 'the first one leaves when it is asked to'
expect_logged 'takes over: leaving, the policy stays in force' 'and says so'
expect_success 'the second one is there' kill -0 "$DAEMON"
expect_equal "$before" "$(generation)" 'the policy is what it was'
on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$ONE_ENTRIES" 'and is looked after'

before=$(generation)
end_daemon KILL
expect_equal "$before" "$(generation)" 'a killed daemon leaves the policy in force'
on node ipmasqctl add 203.0.113.0/24
before=$(generation)
spawn_daemon
expect_logged 'prefixes' 'a daemon starts again' 3
on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$ONE_ENTRIES" 'and works'
expect_equal $((before + 2)) "$(generation)" 'without a change of its own at the start'

end_daemon INT
expect_equal 0 "$ENDED" 'SIGINT ends it with success'
expect_equal $((before + 2)) "$(generation)" 'and leaves the policy in force'

# A stranger who holds the name.
on node setpriv --reuid 65534 --regid 65534 --clear-groups \
	socat ABSTRACT-LISTEN:ipmasqd,fork - </dev/null >/dev/null 2>&1 &
wait_until on node sh -c 'grep -q @ipmasqd /proc/net/unix'
spawn_daemon
expect_logged 'of user 65534 holds the name' 'a stranger who holds the name is told'
on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$ONE_ENTRIES" 'and keeps nothing from working'
end_daemon TERM
