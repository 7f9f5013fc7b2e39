#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/json.md has exactly the members that the commands print, with their types:
# each command is called in so many ways that every member is printed at least once.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/migrate.sh
. /guest/migrate.sh

PRINTED=/tmp/scenario/printed
FILE=/tmp/scenario/file
TRACING=/sys/kernel/tracing

# json COMMAND WORD...: what it prints is looked at in the end
json() {
	on node ipmasqctl -j "$@" >>"$PRINTED/$1" 2>>/tmp/scenario/warnings || :
}

# error COMMAND WORD...: one that is refused
error() {
	on node ipmasqctl -j "$@" >>"$PRINTED/errors" || :
}

# members COMMAND: "MEMBER TYPE" a line, of all that it printed. Of a prefix that is
# a key, the page says CIDR.
members() {
	jq -r '. as $all | paths | select(.[-1] | type == "string") as $path |
		($path | reduce .[] as $key (""; . + if ($key | type) == "number" then "[]"
			elif . == "" then $key else "." + $key end)
			| sub("[.][0-9a-f.:]+/[0-9]+$"; ".CIDR")) + " " +
		($all | getpath($path) | type)' "$PRINTED/$1" | sort -u
}

# expect_members COMMAND: printed are those of the page, of the types there
expect_members() {
	sed -n "s/^$1 //p" /usr/bin/json.members | sort >/tmp/scenario/wanted
	members "$1" >/tmp/scenario/seen
	# That an error may be printed instead is said for all commands in one place.
	[ "$1" = errors ] || sed -i '/^error\( \|[.]message \|[.]code \)/d' /tmp/scenario/seen
	expect_equal "$(cut -d ' ' -f 1 /tmp/scenario/wanted)" \
		"$(cut -d ' ' -f 1 /tmp/scenario/seen | uniq)" "$1 prints what docs/json.md has"
	expect_equal '' "$(awk 'NR == FNR { types[$1] = "," $2 ","; next }
		!index(types[$1], "," $2 ",") { print $1, $2 }' \
		/tmp/scenario/wanted /tmp/scenario/seen)" 'of the types that it has'
}

mkdir $PRINTED
build_topology
on node sh -c 'echo 1 >/proc/sys/net/netfilter/nf_conntrack_timestamp
	echo 600 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout'
[ -d $TRACING/events ] || mount -t tracefs tracefs $TRACING

json module keep /usr/lib/modules/ipmasq.ko
json module
json module upgrade /usr/lib/modules/ipmasq.ko
expect_members module
json help
json help add
json show
json list
json save
error show now
error add 10.0.0.0/8
echo "snatAddresses: [192.0.2.10, {203.0.113.0/24: [192.0.2.10]}]
sourceCIDRs: [10.244.0.0/16]
toPorts: '40000'
outputInterfaces: [eth*]" >$FILE
json diff $FILE

on node ipmasqctl monitor -j >$PRINTED/monitor &
MONITOR=$!
wait_until test -s $PRINTED/monitor
json set enabled on
json set to-ports 40000 source-cidrs 10.0.0.0/8 snat-addresses 192.0.2.10 output-interfaces 'eth*'
json add 203.0.113.0/24 snat 192.0.2.10 for 1h
json add 203.0.113.0/24 origin config
json add 198.51.100.0/24 snat 192.0.2.10 for 1h origin config
json show
json list
json save
json version
json explain "$POD4" "$INTERNET4"
json explain "$POD4" 9.9.9.9 dev eth0
json explain 11.0.0.1 9.9.9.9

inside node ipmasqctl trace -j >$PRINTED/trace &
TRACE=$!
wait_until grep -q start $PRINTED/trace
expect_source "$NODE4" pod udp "$INTERNET4"
expect_source "$NODE4" pod udp "$METADATA4"
on pod flow connect udp "$INTERNET4" timeout 300 || :
expect_soon 'an exhausted port is told' grep -q ports-exhausted $PRINTED/monitor
kill -STOP $TRACE
on node ipmasqctl set to-ports any
on pod flow connect udp "$METADATA4" count 2000 >/dev/null
kill -CONT $TRACE
expect_soon 'lost decisions are told' sh -c "inside pod flow connect udp $METADATA4
	grep -q lost $PRINTED/trace"

# Their tables are long, and one connection tells all.
on node conntrack -D -d "$METADATA4" >/dev/null 2>&1 || :
json ports
json conns
on node ipmasqctl set snat-addresses none
on node ipmasqctl add "$INTERNET4" skip
on node ipmasqctl add 203.0.113.0/24 masquerade replace
json conns --stale
on node ipmasqctl del "$INTERNET4"
on node ipmasqctl set snat-addresses 192.0.2.99 to-ports 1024-2000
json conns --stale --drop
json diff $FILE
json apply $FILE
on node ipmasqctl add 198.51.100.0/24 snat 192.0.2.10 for 1h origin config
echo 'nonMasqueradeCIDRs: []
snatAddresses: [{203.0.113.0/24: [192.0.2.10]}]' >$FILE
json apply $FILE
on node ipmasqctl save >/tmp/scenario/saved
json restore -f /tmp/scenario/saved
echo 10.0.0.0/8 >/tmp/scenario/entries
json replace -f /tmp/scenario/entries
json del 10.0.0.0/8
json flush --dry-run
json flush policy --dry-run
json flush
json stats
json flush policy
kill $TRACE $MONITOR
wait

cat >$FILE <<-END
	nonMasqueradeCIDRs: [10.0.0.0/8]
	masqueradeCIDRs: [10.9.0.0/16]
	enableIPv6: true
	randomFully: false
	toPorts: 1024-2000
	sourceCIDRs: [10.244.0.0/16]
	outputInterfaces: [eth0]
	snatAddresses: [192.0.2.10, {203.0.113.0/24: [192.0.2.11]}]
	applyToExisting: true
END
json check $FILE
printf 'nonMasqueradeCIDRs: [10.0.0.1/8]\nmasqLocal: true\n' >$FILE
json check $FILE

json doctor
unload_module
json version
load_module

# So do a hundred decisions.
awk '!/"event": *"verdict"/ || ++decisions <= 100' $PRINTED/trace >/tmp/scenario/trace
mv /tmp/scenario/trace $PRINTED/trace
for command in errors show list stats monitor trace explain conns ports add del flush replace \
	set save restore check diff apply doctor version help; do
	expect_members $command
done

if masquerades_with iptables-nft; then
	configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
	agent_rules iptables-nft
	on node iptables-nft -t nat -A POSTROUTING -s 10.99.0.0/16 -j MASQUERADE
	on node nft -f - <<-END
		table ip late {
			chain nat {
				type nat hook postrouting priority 300; policy accept;
			}
		}
	END
	json migrate save $SAVED
	json migrate save $SAVED takeover
	json migrate save $SAVED back
	expect_members migrate
else
	touch $PRINTED/migrate
	skip 'migrate prints what docs/json.md has' 'no MASQUERADE for iptables-nft in this kernel'
fi
expect_equal '' "$(cut -d ' ' -f 1 /usr/bin/json.members | sort -u |
	while read -r command; do [ -e "$PRINTED/$command" ] || echo "$command"; done)" \
	'the page has no command that was not tried'
expect_equal '' "$(jq -r '.commands[]?.name' $PRINTED/help | sort |
	while read -r command; do grep -q "^$command " /usr/bin/json.members || echo "$command"; done)" \
	'nor lacks one'
umount $TRACING
