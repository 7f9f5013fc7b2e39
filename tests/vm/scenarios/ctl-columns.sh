#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What ipmasqctl prints for people fits a terminal of 80 columns with the longest IPv4
# addresses, numbers and lists, uses all of a wide one, has a line for each record in a
# pipe, and has colours on a terminal only.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

SEEN=/tmp/scenario/seen

# ctl WORD...: prints, and remembers lines that are too long
ctl() {
	on node env COLUMNS=80 ipmasqctl "$@" >$SEEN 2>/dev/null || :
	awk -v words="$*" 'length > 80 { print words ": " $0 }' $SEEN >>/tmp/scenario/long
	cat $SEEN
}

# on_terminal TERM NO_COLOR WORD...: what a terminal gets
on_terminal() {
	kind=$1
	plain=$2
	shift 2
	on node env TERM="$kind" NO_COLOR="$plain" script -qec "ipmasqctl $*" /dev/null </dev/null
}

: >/tmp/scenario/long
build_topology
on node sh -c 'echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout
	echo 1 >/proc/sys/net/netfilter/nf_conntrack_timestamp'
ip -n node addr add 192.0.2.110/24 dev eth0
ip -n pod addr add 100.100.100.100/24 dev eth0
ip -n node route add 100.100.100.100 dev pod0
ip -n node route add 223.223.223.222 dev eth0
addresses=
sources=
ports=
interfaces=
for number in $(seq 100 140); do
	addresses=$addresses${addresses:+,}192.0.2.$number
	sources=$sources${sources:+,}100.100.$number.128/25
	ports=$ports${ports:+,}${number}00-${number}50
	interfaces=$interfaces${interfaces:+,}interface$number-
done
on node ipmasqctl set enabled on source-cidrs "100.100.100.0/24,$sources" to-ports "$ports" snat-addresses "$addresses" \
	output-interfaces "eth0,$interfaces"
on node ipmasqctl add 223.223.223.222 snat "$addresses" for 8760h
on node ipmasqctl add 223.223.223.222 snat "$addresses" for 8760h origin config
on node ipmasqctl add 223.223.223.128/25 masquerade
echo "outputInterfaces: [eth0, interface100-]
nonMasqueradeCIDRs: [223.223.223.222/32]" >/tmp/scenario/file

note 'tables'
# A year may have lost some seconds when it is listed.
expect_match '*223.223.223.222/32  snat        config            0  shadowed, 8760h0m0s left*
                    to 192.0.2.100,192.0.2.101,192.0.2.102,192.0.2.103,
                       192.0.2.104,*' "$(ctl list | sed 's/8759h59m[0-9]*s/8760h0m0s/')" \
	'pools stand below their entries'
expect_match '*source-cidrs       100.100.100.0/24,100.100.100.128/25,100.100.101.128/25,
                   100.100.102.128/25,*' "$(ctl show)" 'long lists have several lines'
expect_match '*because    the longest prefix, 223.223.223.222/32 (static), says snat
source     192.0.2.1*, of the pool of 223.223.223.222/32
ports      10000-10050,*' "$(ctl explain 100.100.100.100 223.223.223.222 sport 65535)" \
	'whose pool it is'
expect_match '*because    the source 223.223.223.222 is not on the source list (sourceCIDRs)*' \
	"$(ctl explain 223.223.223.222 100.100.100.100)" 'a source that is not on the list'
expect_match '*because    it leaves through pod0, which is not on the interface list*' \
	"$(ctl explain 100.100.100.100 100.100.100.100)" 'an interface that is not'
expect_match '*source     192.0.2.1*, of the policy'\''s pool*' \
	"$(ctl explain 100.100.100.100 223.223.223.223 dev eth0)" 'the pool of the policy'
on pod flow connect udp "$INTERNET4" from 100.100.100.100 timeout 300 >/dev/null || :
expect_match '*POD*100.100.100.100:*' "$(ctl conns)" 'connections'
expect_match '*DESTINATION*' "$(ctl ports pods)" 'ports'
expect_match '*VERDICT*' "$(ctl stats)" 'counters'
expect_match '*- set output-interfaces eth0,interface100-,interface101-,*
+ set output-interfaces eth0,interface100-
*' "$(ctl diff /tmp/scenario/file)" 'differences'
for command in version help 'help diff' 'add 223.223.223.222'; do
	# shellcheck disable=SC2086 # several words
	ctl $command >/dev/null
done
expect_equal '' "$(cat /tmp/scenario/long)" 'no line is longer than 80 characters'

note 'other widths'
pool="to $(echo "$addresses" | cut -c 1-200)"
expect_match "*$pool*" "$(on node ipmasqctl list)" 'in a pipe a pool is one line'
expect_match "*$pool*" "$(on node script -qec 'stty cols 800; ipmasqctl list' /dev/null </dev/null)" \
	'on a terminal of 800 columns too'
expect_equal 0 "$(on node script -qec 'stty cols 60; ipmasqctl list' /dev/null </dev/null |
	tr -d '\r' | awk '/^ / && length > 60' | wc -l)" 'on one of 60 none is longer'
expect_equal "$(on node ipmasqctl list | tail -n +2)" "$(on node ipmasqctl list --no-header)" \
	'--no-header leaves the first line out'

note 'colours'
for command in list show 'explain 100.100.100.100 223.223.223.222' 'diff /tmp/scenario/file'; do
	# shellcheck disable=SC2086 # several words
	expect_match "*$(printf '\033')*" "$(on_terminal xterm '' $command)" \
		"$command: on a terminal"
	# shellcheck disable=SC2086 # several words
	expect_equal '' "$({ on_terminal xterm 1 $command; on_terminal dumb '' $command
		on node ipmasqctl $command; } | grep "$(printf '\033')")" \
		"$command: not where NO_COLOR is set, TERM is dumb, or in a pipe"
done
