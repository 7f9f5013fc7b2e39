#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module is replaced UPGRADES times under traffic: established connections go on, new
# ones are made all the time, and no packet reaches the far side with a pod's address.
#
#	pod ------- node ------- fabric ---+-- internet4   records the source of
#	10.244.1.2  192.0.2.10             +-- internet6   each packet that arrives
#
# The time for which new connections wait must not depend on the load of this machine:
# possible: 1

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/soak.sh
. /guest/soak.sh

: "${UPGRADES:=3}"
NEW=/usr/lib/modules/ipmasq.ko
STATE=/run/ipmasq

# record NAMESPACE: what arrives there from now on, before anything else sees it
record() {
	on "$1" nft -f - <<-END
		table inet record {
			set sources4 { type ipv4_addr; flags dynamic; size 1024; }
			set sources6 { type ipv6_addr; flags dynamic; size 1024; }
			chain arriving {
				type filter hook prerouting priority -400;
				iifname lo accept
				meta nfproto ipv4 add @sources4 { ip saddr }
				meta l4proto ipv6-icmp accept
				meta nfproto ipv6 add @sources6 { ip6 saddr }
			}
		}
	END
}

# recorded NAMESPACE 4|6: the sources
recorded() {
	on "$1" nft -j list set inet record "sources$2" |
		jq -r '.nftables[].set.elem[]?' | sort | tr '\n' ' '
}

# conversation NAME PROTOCOL DESTINATION: a connection of the pod's that goes on when ask
# is called, and tells the source that the far side saw
conversation() {
	mkfifo "/tmp/scenario/$1.questions"
	on pod flow converse "$2" "$3" timeout 20000 <"/tmp/scenario/$1.questions" \
		>"/tmp/scenario/$1.answers" &
	CONVERSATIONS="${CONVERSATIONS:-} $1"
}

answered() {
	[ "$(wc -l <"/tmp/scenario/$1.answers")" -ge "$2" ]
}

# ask N: the N-th question of each conversation
ask() {
	for name in $CONVERSATIONS; do
		case $name in
		tcp4) echo >&4 ;;
		udp4) echo >&5 ;;
		tcp6) echo >&6 ;;
		esac
	done
	for name in $CONVERSATIONS; do
		wait_until answered "$name" "$1" || return 1
	done
}

# what an upgrade must not change, but for the time that entries have left
kept() {
	on node ipmasqctl list -j | jq -c 'del(.entries[].timeout_milliseconds)'
	on node ipmasqctl stats -j | jq -c .
	on node ipmasqctl show -j | jq -c 'del(.memory)'
}

gap() {
	jq -r '.gap_milliseconds' /tmp/scenario/upgrade
}

build_topology
start_daemon --enable-ipv6
on node ipmasqctl add 198.51.100.0/24 skip
on node ipmasqctl add 192.0.2.128/25 masquerade for 1h
on node ipmasqctl add 2001:db8:ffff::/48 skip
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE6" pod udp "$INTERNET6"
record internet4
record internet6

conversation tcp4 tcp "$INTERNET4"
conversation udp4 udp "$INTERNET4"
conversation tcp6 tcp "$INTERNET6"
exec 4>/tmp/scenario/tcp4.questions 5>/tmp/scenario/udp4.questions 6>/tmp/scenario/tcp6.questions
expect_success 'connections are established' ask 1
traffic tcp pod tcp "$INTERNET4" 16000 timeout 20000
traffic udp pod udp "$INTERNET4" 32000 timeout 1000
traffic tcp6 pod tcp "$INTERNET6" 16000 timeout 20000
on pod flow transfer "$INTERNET4" megabytes "$((UPGRADES * 2))" >/tmp/scenario/transfer &
TRANSFER=$!

ipmasqctl module keep $NEW
longest=0
count=0
while [ $count -lt "$UPGRADES" ]; do
	ipmasqctl module upgrade -j $NEW >/tmp/scenario/upgrade || break
	count=$((count + 1))
	longest=$(echo "$longest $(gap)" | awk '{ print ($1 > $2 ? $1 : $2) }')
	ask $((count + 1)) || break
done
[ $count = "$UPGRADES" ] || cat /tmp/scenario/upgrade
expect_equal "$UPGRADES" $count "the module is replaced $UPGRADES times, and conversations go on"
note "$UPGRADES upgrades, new connections waited for $longest ms at most"
expect_success 'each time less than 200 ms' [ "${longest%.*}" -lt 200 ]
wait $TRANSFER || :
expect_match 'intact *' "$(cat /tmp/scenario/transfer)" 'a transfer arrives intact'
end_traffic
for kind in tcp udp tcp6; do
	note "$(connections $kind) connections, $kind"
done
expect_success 'connections were made all the time' [ "$(connections tcp)" -gt "$UPGRADES" ]
expect_equal "$NODE4 " "$(sources tcp)" 'each of them came from the node'
expect_equal "$NODE4 " "$(recorded internet4 4)" 'no packet arrived from the pod'
expect_equal "$NODE6 " "$(recorded internet6 6)" 'nor over IPv6'
for name in tcp4 udp4; do
	expect_equal 1 "$(sort -u /tmp/scenario/$name.answers | wc -l)" \
		"$name: each answer was to the same address and port"
done

note 'what was there before'
kept >/tmp/scenario/before
expect_success 'the module is replaced once more' ipmasqctl module upgrade $NEW
kept >/tmp/scenario/after
expect_equal "$(cat /tmp/scenario/before)" "$(cat /tmp/scenario/after)" \
	'policy, entries, counters and generation are the same'
left=$(on node ipmasqctl list -j | jq '.entries[] | select(.timeout_milliseconds) | .timeout_milliseconds')
expect_success "the temporary entry goes on from the time it had, $left ms" \
	[ "${left:-0}" -lt 3600000 ]
expect_equal '' "$(grep -iE 'drift|error|unloaded' "$DAEMON_LOG" || :)" 'the daemon saw no drift'
expect_success 'it is still there' kill -0 "$DAEMON"
expect_failure 1 '*' 'nothing is held any more' test -d /sys/module/ipmasq_hold
expect_failure 1 '*' 'and nothing is left to complete' test -d $STATE/upgrade
