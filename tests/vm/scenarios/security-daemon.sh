#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the daemon could do if somebody took it over, as /proc tells, and what it
# gives to whoever asks, beyond what daemon-http.sh and daemon-presence.sh show.
#
#	pod ------- node
#	10.244.1.2  192.0.2.10, the daemon, port 9600

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

build_topology
write_config "$ONE"
# Without the descriptor that expectations go to.
start_daemon --http-address 0.0.0.0:9600 3>&-

note 'capabilities and system calls'
status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$DAEMON/status"
}
filtered() {
	[ "$(status Seccomp)" = 2 ]
}
expect_soon 'system calls are filtered' filtered
expect_equal 0000000000001000 "$(status CapEff)" 'CAP_NET_ADMIN is in force'
expect_equal 0000000000001000 "$(status CapPrm)" 'and nothing else can be'
for set in Inh Bnd Amb; do
	expect_equal 0000000000000000 "$(status Cap$set)" "Cap$set is empty"
done
expect_equal 1 "$(status NoNewPrivs)" 'no program gives anything back'
expect_equal 1 "$(status Threads)" 'there is one thread'
expect_equal '' "$(find "/proc/$DAEMON/task" -mindepth 3 -name children -exec cat {} + 2>/dev/null)" \
	'and no child'
expect_equal 0 "$(awk '$2 ~ /w/ && $2 ~ /x/' "/proc/$DAEMON/maps" | wc -l)" \
	'no memory can be written and executed'
# shellcheck disable=SC2012 # there is nothing strange in these names
opened=$(ls -l "/proc/$DAEMON/fd" | sed -n 's/.* -> //p')
expect_match '*socket:*' "$opened" 'it has sockets'
expect_equal '' "$(echo "$opened" | grep -vE '^(socket|pipe|anon_inode):|^/dev/null$' |
	grep -vxF "$DAEMON_LOG" || :)" 'and no file is open but its log'

note 'what it leaves on the disk'
wait_until test -f "$STATE/policy"
expect_equal '0 700' "$(stat -c '%u %a' "$STATE")" "nobody else may look into its folder"
expect_equal '0 600' "$(stat -c '%u %a' "$STATE/policy")" \
	"nor read the policy, which the kernel does not show without CAP_NET_ADMIN either"

note 'HTTP'
# One address that takes all connections it gets, 24 at a time of 32. Idle ones are
# closed after 10 s, so it must not take that long.
for _ in $(seq 40); do
	on pod socat -u "TCP:$NODE4:9600" /dev/null 2>/dev/null &
done
WAIT_SECONDS=5
expect_soon 'connections from one address keep out no other' serving
WAIT_SECONDS=10
note "$(on pod ss -Htn state established dport = :9600 | wc -l) connections were open"
expect_success 'the daemon is there' kill -0 "$DAEMON"
expect_match '[0-9]*' "$(metric ipmasq_policy_generation)" 'and answers'
for method in POST PUT DELETE PATCH OPTIONS; do
	expect_match '405*' "$(http_status $method /config)" "$method changes nothing"
done

note 'the name of the daemon'
# The capability is what counts, and the kernel vouches for it. The policy stays in force.
before=$(generation)
on node setpriv --reuid 65534 --regid 65534 --clear-groups \
	sh -c 'echo -n leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd' >/dev/null 2>&1 || :
expect_success 'a user who asks it to leave is not heard' kill -0 "$DAEMON"
# As user 0, but of a user namespace of his own.
on node setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r \
	sh -c 'echo -n leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd' >/dev/null 2>&1 || :
expect_success 'nor is root of a user namespace' kill -0 "$DAEMON"
on pod sh -c 'echo -n leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd' >/dev/null 2>&1 || :
expect_success 'nor is root of another network namespace' kill -0 "$DAEMON"
on node setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all \
	sh -c 'echo -n leave | socat -t 1 - ABSTRACT-CONNECT:ipmasqd' >/dev/null 2>&1 || :
on node setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all \
	ipmasqd --cleanup --takeover --state-dir '' >/dev/null 2>&1 || :
expect_success "nor is root of the node without the capability" kill -0 "$DAEMON"
on node ipmasqd --once --takeover --config "$CONFIG_FILE" --state-dir '' >/dev/null 2>&1 &
status=0
wait "$DAEMON" || status=$?
expect_equal 3 "$status" 'a process with the capability is obeyed, and who supervises the daemon restarts it'
expect_equal "$before" "$(generation)" 'and its policy stays in force'
expect_source "$NODE4" pod tcp "$INTERNET4"
