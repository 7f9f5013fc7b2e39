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
expect_equal '' "$(on node ipmasqctl set enabled off 2>&1)" 'not for the switch'
expect_soon 'which the daemon logs' \
	grep -q 'the policy is switched off, nothing is masqueraded' "$DAEMON_LOG"
expect_match '*the policy is switched off*' "$(on node ipmasqctl migrate 2>/dev/null)" \
	'and migrate knows'
expect_equal false "$(on node ipmasqctl show -c | jq .enabled)" 'it stays off'
on node ipmasqctl set enabled on
expect_soon 'and is on again' grep -q 'the policy is switched on' "$DAEMON_LOG"
expect_equal '' "$(on node ipmasqctl add 203.0.113.0/24 2>&1)" 'not for entries of his own'
on node ipmasqctl del 203.0.113.0/24
expect_entries "$ONE_ENTRIES" 'and it does put everything back'
before=$(generation)

# Somebody without rights cannot keep it from starting, nor make it leave.
expect_failure '*' '*' 'a stranger may not ask it to leave' \
	on node setpriv --reuid 65534 --regid 65534 --clear-groups \
	sh -c 'echo leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd && false'
expect_success 'it is still there' kill -0 "$first"

# without_rights USER COMMAND...: in the node, as that user, without a capability
without_rights() {
	local user=$1
	shift
	ip netns exec node setpriv --reuid "$user" --regid "$user" --clear-groups \
		--inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@"
}
# Its own user is no proof: 65532 is that of every image that is not root.
expect_failure '*' '*' 'nor may its own user without the capability' \
	without_rights 0 sh -c 'printf leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd && false'
expect_failure '*' '*' 'nor with the flag for it' without_rights 0 \
	ipmasqd --once --takeover --config "$CONFIG_FILE" --state-dir '' --no-sandbox
expect_success 'it is still there' kill -0 "$first"

note 'silent peers'
mkfifo /tmp/scenario/silence
for _ in $(seq 20); do
	without_rights 0 socat - ABSTRACT-CONNECT:ipmasqd <>/tmp/scenario/silence >/dev/null 2>&1 &
done
write_config "$TWO"
expect_entries "$TWO_ENTRIES" '20 peers that send nothing hold up no change'
write_config "$ONE"
expect_entries "$ONE_ENTRIES" 'nor another'
before=$(generation)

spawn_daemon --takeover
status=0
wait "$first" || status=$?
expect_equal 3 "$status" 'the first one leaves when it is asked to, with a status of its own'
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

# Strangers who hold the name, of another user and of the daemon's own.
# One closes each connection at once, the other accepts none.
for user in 65534 0; do
	if [ "$user" = 0 ]; then
		without_rights $user socat ABSTRACT-LISTEN:ipmasqd \
			ABSTRACT-LISTEN:nobody-comes >/dev/null 2>&1 &
	else
		without_rights $user socat ABSTRACT-LISTEN:ipmasqd,fork - \
			</dev/null >/dev/null 2>&1 &
	fi
	wait_until on node sh -c 'grep -q @ipmasqd /proc/net/unix'
	spawn_daemon
	expect_logged "of user $user holds the name" "user $user holds the name, which is logged"
	on node ipmasqctl del 10.0.0.0/8 origin config
	expect_entries "$ONE_ENTRIES" 'and keeps nothing from working'
	# shellcheck disable=SC2046 # a list of processes
	kill $(pidof socat)
	refused() {
		on node ipmasqd --once --config "$CONFIG_FILE" --state-dir '' 2>&1 |
			grep -q "another ipmasqd is at work.*process $DAEMON (ipmasqd)"
	}
	WAIT_SECONDS=40
	expect_soon 'the daemon has the name once it is free' refused
	WAIT_SECONDS=10
	end_daemon TERM
done
