#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Flows from before the first policy, as a pod has them that was quicker than the daemon at
# boot. Nobody answers one that has to be masqueraded, and it goes on for ever: the first
# policy decides it. One that is answered needs applyToExisting, or conns --stale --drop.
#
#	pod ------- node ------- fabric ---- internet4, peer
#	10.244.1.2  192.0.2.10               203.0.113.7, 10.0.0.20

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

# ask PORT [DESTINATION]: the source that the far side sees for this source port
ask() {
	source_seen pod udp "${2:-$INTERNET4}" source-port "$1"
}

# send PORT [DESTINATION]: to a port at which nobody answers, or says that nobody does
send() {
	echo hello | on pod socat -u - "UDP4-SENDTO:${2:-$INTERNET4}:9,sourceport=$1"
}

# tracked PORT: what the far side sees as the source
tracked() {
	on node conntrack -L -p udp --orig-port-src "$1" 2>/dev/null |
		sed -n 's/.* src=.* src=[0-9.]* dst=\([0-9.]*\) .*/\1/p'
}

is_stopped() {
	[ "$(generation)" = 0 ]
}

# withdraw: the policy and the connections
withdraw() {
	end_daemon TERM
	on node ipmasqd --cleanup --now --state-dir "$STATE" >/dev/null 2>&1
	expect_soon 'there is no policy' is_stopped
	on node conntrack -F >/dev/null 2>&1
	: >"$DAEMON_LOG"
}

# begin_flows: one of each kind
begin_flows() {
	expect_equal "$POD4" "$(ask 5000)" 'before there is a policy the pod is seen'
	ask 5001 "$PEER4" >/dev/null
	send 5002
	send 5003 "$PEER4"
	expect_equal "$POD4 $POD4" "$(tracked 5002) $(tracked 5003)" 'also where nobody answers'
}

build_topology
on node sh -c 'echo 600 | tee /proc/sys/net/netfilter/nf_conntrack_udp_timeout \
	/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream >/dev/null'
on internet4 nft -f - <<-END
	table ip silent { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
END
on peer nft -f - <<-END
	table ip silent { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
END

for nat in yes no; do
	if [ $nat = yes ]; then
		note 'others had NAT rules already, as kube-proxy has'
		add_services "$PEER4"
	else
		note 'connections were followed, and there was no NAT'
		on node nft -f - <<-END
			table ip services { chain forward {
				type filter hook forward priority 0; ct state established accept; }; }
		END
	fi

	begin_flows
	write_config "$ONE"
	start_daemon --http-address "$HTTP"
	expect_logged 'first policy: 1 unanswered' 'one was dropped, which is said'
	expect_soon 'it serves' serving
	send 5002
	expect_equal "$NODE4" "$(tracked 5002)" 'it is masqueraded from then on'
	expect_equal "$POD4" "$(tracked 5003)" 'not one that the policy leaves alone'
	expect_equal "$POD4" "$(ask 5000)" 'one that was answered goes on'
	expect_match '*5000*' "$(on node ipmasqctl conns --stale)" 'and is named as stale'
	expect_equal 1 "$(on node ipmasqctl conns --stale --drop -j | jq .dropped)" 'it alone'
	expect_equal "$NODE4" "$(ask 5000)" 'after it was dropped it is masqueraded'
	withdraw

	begin_flows
	write_config "$ONE
applyToExisting: true"
	start_daemon --http-address "$HTTP"
	expect_logged 'applyToExisting: 2 present' 'with applyToExisting answered ones too'
	expect_equal "$NODE4" "$(ask 5000)" 'are masqueraded'
	expect_equal "$POD4" "$(tracked 5001)" 'and others go on'
	expect_equal '[]' "$(on node ipmasqctl conns --stale -j | jq -c .connections)" 'nothing is stale'
	withdraw

	begin_flows
	configure "$ONE"
	send 5002
	expect_equal "$NODE4 $POD4" "$(tracked 5002) $(tracked 5001)" 'ipmasqd --once does the same'
	on node ipmasqctl flush policy
	on node nft delete table ip services
	on node conntrack -F >/dev/null 2>&1
	: >"$DAEMON_LOG"
done

note 'the module comes later than the daemon, which has its sandbox by then'
unload_module
on node nft -f - <<-END
	table ip services { chain forward {
		type filter hook forward priority 0; ct state established accept; }; }
END
send 5002
spawn_daemon
expect_logged 'not loaded' 'the daemon waits'
expect_soon 'system calls are filtered' grep -q 'Seccomp:.2' "/proc/$DAEMON/status"
load_module
expect_logged 'first policy: 1 unanswered' 'and decides what was there'
end_daemon TERM
