#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A counter, a trace line or an event stands for a decision that had an effect. A connection
# that conntrack knew before there was NAT keeps its addresses for ever; as long as it has no
# answer, the NAT core shows each of its packets to the hook, which leaves them alone. The
# address 0.0.0.0 is not translated, so it is not counted as if it were.
#
#	pod ------- node ------- fabric ---+-- peer, internet4, internet6
#	            conntrack              |   drop port 9, refuse port 10
#	                                   fresh, without any address

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

TRACING=/sys/kernel/tracing

# datagrams COUNT DESTINATION PORT [NAMESPACE]: from one source port
datagrams() {
	local count=$1 destination=$2
	case $2 in
	*:*) destination="[$2]" ;;
	esac
	while [ "$count" -gt 0 ]; do
		# Those to port 10 are refused, which socat says.
		echo hello | on "${4:-pod}" socat -u - \
			"UDP:$destination:$3,sourceport=5000" 2>/dev/null || :
		count=$((count - 1))
	done
}

# seen_as DESTINATION PORT: to whom answers of that connection would go
seen_as() {
	local family=ipv4
	case $1 in
	*:*) family=ipv6 ;;
	esac
	on node conntrack -L -f $family -p udp -d "$1" --dport "$2" 2>/dev/null |
		sed -n 's/.*dst=\([^ ]*\) .*/\1/p'
}

# counted: all verdicts of both families
counted() {
	on node ipmasqctl stats -j | jq -c '[.connections[][]] | add'
}

traced() {
	grep -c ipmasq_verdict $TRACING/trace || :
}

build_topology
for far in peer internet4 internet6; do
	on $far nft -f - <<-END
		table inet silent {
			chain input {
				type filter hook input priority 0;
				udp dport 9 drop
			}
		}
	END
done
# Something on the node wants conntrack, and nothing wants NAT.
on node nft -f - <<-END
	table inet tracked {
		chain forward {
			type filter hook forward priority 0;
			ct state new counter
		}
	}
END

note 'connections from before the policy'
for destination in "$PEER4" "$INTERNET4" "$PEER6" "$INTERNET6"; do
	datagrams 1 "$destination" 9
	datagrams 1 "$destination" 10
done
expect_equal "$POD4" "$(seen_as "$INTERNET4" 9)" 'conntrack knows them'
[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING
echo 1 >$TRACING/events/ipmasq/ipmasq_verdict/enable
# By the tool: the daemon makes conntrack forget what nobody answered before its first policy.
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]'
on node ipmasqctl apply "$CONFIG_FILE" --enable-ipv6 >/dev/null
on node ipmasqctl monitor -j >/tmp/scenario/events &
for destination in "$PEER4" "$INTERNET4" "$PEER6" "$INTERNET6"; do
	datagrams 5 "$destination" 9
	datagrams 3 "$destination" 10
done
expect_equal "$POD4 $POD6" "$(seen_as "$INTERNET4" 9) $(seen_as "$INTERNET6" 9)" \
	'they stay as they are'
expect_equal 0 "$(counted)" 'no packet of theirs is counted'
expect_equal 0 "$(traced)" 'nor traced'
expect_equal '0 0' "$(on node ipmasqctl list -j | jq -r '[.entries[].connections] | unique | "\(length - 1) \(.[0])"')" \
	'nor does an entry count it'
expect_equal 0 "$(on node ipmasqctl ports -j | jq '.destinations | length')" \
	'and no source port is held'
expect_equal 0 "$(grep -c exhausted /tmp/scenario/events || :)" 'nor said to be missing'

note 'the same ports once conntrack has forgotten them'
on node conntrack -F >/dev/null 2>&1
for destination in "$PEER4" "$INTERNET4" "$PEER6" "$INTERNET6"; do
	datagrams 5 "$destination" 9
done
expect_equal "$NODE4 $NODE6" "$(seen_as "$INTERNET4" 9) $(seen_as "$INTERNET6" 9)" \
	'they are translated'
for family in ipv4 ipv6; do
	expect_counter cidr 1 $family
	expect_counter masquerade 1 $family
done
expect_equal 4 "$(traced)" 'each is traced once'

note 'untracked packets'
on node nft -f - <<-END
	table inet untracked {
		chain prerouting {
			type filter hook prerouting priority raw;
			udp sport 5000 notrack
		}
	}
END
datagrams 3 "$INTERNET4" 11
expect_equal 4 "$(counted)" 'are not counted'
on node nft delete table inet untracked

note 'switched off'
on node conntrack -F >/dev/null 2>&1
on node ipmasqctl set enabled off
datagrams 3 "$INTERNET4" 9
expect_counter disabled 1
on node ipmasqctl set enabled on
datagrams 3 "$INTERNET4" 9
expect_equal "$POD4" "$(seen_as "$INTERNET4" 9)" 'what was decided then stays'
expect_counter disabled 1
expect_counter masquerade 1

note 'an interface without an address'
plug fresh
ip -n fresh link set eth0 up
# There would be no route.
ip -n fresh route add 255.255.255.255 dev eth0
on fresh ipmasqctl set enabled on
on fresh nft -f - <<-END
	table ip watch {
		chain postrouting {
			type filter hook postrouting priority 300;
			ip saddr 0.0.0.0 udp dport 67 counter
		}
	}
END
for number in 1 2 3; do
	echo discover | on fresh socat -u - \
		"UDP4-DATAGRAM:255.255.255.255:67,broadcast,bind=:68,so-bindtodevice=eth0"
done
expect_match '*counter packets [1-9]*' "$(on fresh nft list table ip watch)" \
	'0.0.0.0 stays what it is'
expect_counter masquerade 0 ipv4 fresh
expect_counter source 1 ipv4 fresh
echo 0 >$TRACING/events/ipmasq/ipmasq_verdict/enable
umount $TRACING 2>/dev/null || :
