#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every command of ipmasqctl against the module: what it prints, what it
# changes, what is refused and how that is said. One namespace, no traffic.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

ctl() {
	on one ipmasqctl "$@"
}

# field FILTER COMMAND...: of the command's JSON
field() {
	filter=$1
	shift
	ctl -j "$@" | jq -rc "$filter"
}

entries() {
	ctl list "$@" plain | tr '\n' ';'
}

namespace one
ip -n one link add eth0 type dummy
ip -n one addr add 192.0.2.1/24 dev eth0
ip -n one addr add 2001:db8::1/64 dev eth0 nodad
ip -n one link set eth0 up
ip -n one route add default dev eth0
ip -n one -6 route add default dev eth0

note 'without a policy'
expect_match 'no policy in this network namespace*' "$(ctl show)" 'show says so'
expect_equal 'false 0' "$(field '"\(.policy) \(.generation)"' show)" 'and as JSON'
expect_equal '' "$(entries)" 'list plain prints nothing'
expect_success 'flush has nothing to do' ctl flush
expect_success 'nor has flush policy' ctl flush policy
expect_equal 0 "$(field .generation show)" 'and neither makes a policy'
expect_failure 1 '*no policy*set enabled on*' 'add says what makes one' ctl add 10.0.0.0/8
expect_failure 1 '*no policy*' 'there is nothing to explain' ctl explain 10.1.1.1 8.8.8.8

note 'settings'
expect_success 'set makes a policy' ctl set enabled on
expect_equal '{"enable_ipv6":false,"enabled":true,"random_fully":true,"to_ports":[]}' \
	"$(field '{enable_ipv6,enabled,random_fully,to_ports}' show)" 'with the defaults'
expect_success 'several at once' ctl set enable-ipv6 on random-fully off to-ports 1024-2000,3000
expect_equal '{"enable_ipv6":true,"generation":2,"random_fully":false,"to_ports":[{"first":1024,"last":2000},{"first":3000,"last":3000}]}' \
	"$(field '{enable_ipv6,generation,random_fully,to_ports}' show)" 'are one change'
expect_success 'to-ports any' ctl set to-ports any
expect_equal '[]' "$(field .to_ports show)" 'takes the ranges away'
expect_failure 1 '*generation 3 is in force*' 'a change based on an old policy is refused' \
	ctl set enabled off generation 2
expect_success 'one based on the policy in force is not' ctl set enabled on generation 3

note 'entries'
expect_success 'add takes several' ctl add 10.0.0.0/8 192.168.1.1 fd00::/8
expect_equal '10.0.0.0/8 skip;192.168.1.1/32 skip;fd00::/8 skip;' "$(entries)" 'and list has them'
expect_failure 1 '*10.0.0.0/8 is there already*' 'one that is there refuses all' \
	ctl add 11.0.0.0/8 10.0.0.0/8
expect_equal EEXIST "$(ctl -j add 10.0.0.0/8 | jq -r .error.code)" 'and says so in JSON'
expect_equal '10.0.0.0/8 skip;192.168.1.1/32 skip;fd00::/8 skip;' "$(entries)" 'nothing changed'
expect_success 'replace changes the action' ctl add 10.0.0.0/8 masquerade replace
expect_success 'the other origin may hold the same prefix' \
	ctl add 10.0.0.0/8 10.9.0.0/16 origin config
expect_equal '["skip","config",true]' \
	"$(field '.entries[0] | [.action, .origin, .shadowed]' list 10.0.0.0/8)" \
	'the static entry shadows it'
expect_equal '10.9.0.0/16 skip;' "$(entries 10.9.0.0/16)" 'list can be narrowed'
expect_equal '10.0.0.0/8 skip;10.9.0.0/16 skip;' "$(entries origin config)" 'also to an origin'
expect_failure 1 '*no entry within 12.0.0.0/8*' 'nothing there is an exit status' \
	ctl list 12.0.0.0/8
expect_failure 1 '*12.0.0.0/8 is not there*' 'del refuses all' ctl del 10.0.0.0/8 12.0.0.0/8
expect_success 'del deletes static entries' ctl del 10.0.0.0/8
expect_equal '10.0.0.0/8 skip;10.9.0.0/16 skip;' "$(entries 10.0.0.0/8)" \
	'the config entries are still there'

note 'which entry holds an address'
expect_success 'entries about it' ctl add 10.9.0.0/16 masquerade
expect_success 'and inside it' ctl add 10.9.8.7
expect_success 'of both families' ctl add fd00:9::/32 masquerade
expect_equal '10.0.0.0/8 skip;10.9.0.0/16 skip;10.9.0.0/16 masquerade;' "$(entries 10.9.1.1)" \
	'those that hold it, the deciding one last'
expect_equal '10.9.0.0/16 masquerade;' "$(entries 10.9.1.1 masquerade)" 'of one action'
expect_equal '10.9.0.0/16 masquerade;fd00:9::/32 masquerade;' "$(entries masquerade)" \
	'the action alone'
expect_equal 'fd00::/8 skip;fd00:9::/32 masquerade;' "$(entries -6)" 'one family'
expect_equal '10.0.0.0/8 skip;10.9.0.0/16 skip;' "$(entries -4 origin config)" 'and one origin'
expect_failure 1 '*no skip entry that holds 12.0.0.1*' 'none is an exit status' \
	ctl list 12.0.0.1 skip
expect_failure 2 '*one action*' 'two actions are one too many' ctl list skip snat
expect_failure 2 '*"entries" is not understood here*' 'there is one way to sort' \
	ctl list sort entries
expect_success 'del' ctl del 10.9.0.0/16 10.9.8.7 fd00:9::/32

note 'another network namespace, and short words'
expect_equal "$(ctl -j show | jq .generation)" "$(ipmasqctl -n one -c show | jq .generation)" \
	'-n takes a name'
expect_equal "$(ctl list)" "$(ipmasqctl --netns /run/netns/one li)" \
	'or a file, and li is list'
expect_failure 1 '*cannot enter the network namespace "nobody": No such file*' \
	'one that is not there' ipmasqctl -n nobody show
expect_failure 2 '*"s" may be show, stats, set, save*' 'a word that may be several' ctl s
expect_equal 1 "$(ctl -c list | wc -l)" 'compact JSON is one line'
expect_equal "$(ctl -j list | jq -c .)" "$(ctl -c list | jq -c .)" 'and says the same'

note 'explain'
expect_equal '["masquerade",true,"192.0.2.1","eth0",null]' "$(field \
	'[.verdict, .translated, .source_address, .interface, .entry]' \
	explain 10.1.1.1 8.8.8.8)" 'masquerade'
expect_equal '["cidr",false,"10.9.0.0/16","config"]' "$(field \
	'[.verdict, .translated, .entry.cidr, .entry.origin]' \
	explain 10.1.1.1 10.9.1.1 dev eth0 proto udp sport 53)" 'cidr, by the longest prefix'
expect_equal '["local",false]' "$(field '[.verdict, .translated]' \
	explain 10.1.1.1 192.0.2.1)" 'local'
expect_equal '["masquerade","2001:db8::1"]' "$(field '[.verdict, .source_address]' \
	explain 2001:db8:f::1 2001:db8:e::1)" 'IPv6'
expect_match '*the longest prefix*10.9.0.0/16 (config), says skip*' \
	"$(ctl explain 10.1.1.1 10.9.1.1)" 'in words'
expect_success 'enabled off' ctl set enabled off
expect_equal disabled "$(field .verdict explain 10.1.1.1 8.8.8.8)" 'disabled'
expect_success 'enabled on' ctl set enabled on
expect_equal 0 "$(field '[.connections[][]] | add' stats)" 'explaining counts nothing'

note 'replace and flush'
cat >/tmp/scenario/entries <<-END
	# in any order, with repetitions
	172.16.0.0/12
	10.0.0.0/8 masquerade	# the same as in config
	172.16.0.0/12 skip
END
expect_success 'replace -f' ctl replace -f /tmp/scenario/entries
expect_equal '10.0.0.0/8 masquerade;172.16.0.0/12 skip;' "$(entries origin static)" \
	'replaces the static entries'
expect_equal '10.0.0.0/8 skip;10.9.0.0/16 skip;' "$(entries origin config)" 'and no others'
ctl list origin static plain >/tmp/scenario/saved
expect_success 'what list plain prints can be read back' ctl replace -f /tmp/scenario/saved
expect_equal '10.0.0.0/8 masquerade;172.16.0.0/12 skip;' "$(entries origin static)" \
	'with the same result'
before=$(field .generation show)
echo '10.0.0.1/8' >/tmp/scenario/bad
expect_failure 1 '*/tmp/scenario/bad:1:*10.0.0.0/8*' 'a bad line is named' \
	ctl replace -f /tmp/scenario/bad
printf '10.0.0.0/8\n10.0.0.0/8 masquerade\n' >/tmp/scenario/bad
expect_failure 1 '*10.0.0.0/8 is given both*' 'so is a contradiction' \
	ctl replace -f /tmp/scenario/bad
expect_failure 1 "*generation $before is in force*" 'and an old generation' \
	ctl replace -f /tmp/scenario/saved generation 1
expect_equal "$before" "$(field .generation show)" 'and nothing changed'
printf 'nonMasqueradeCIDRs:\n- 100.64.0.0/10\nenableIPv6: false\n' >/tmp/scenario/config
expect_success 'replace --config' ctl replace --config /tmp/scenario/config
expect_equal '100.64.0.0/10 skip;169.254.0.0/16 skip;' "$(entries origin config)" \
	'replaces the config entries'
expect_equal false "$(field .enable_ipv6 show)" 'and the settings'
before=$(field .generation show)
expect_match 'would delete 2 entries' "$(ctl flush --dry-run)" 'flush --dry-run counts'
expect_equal 4 "$(field .would_delete flush all --dry-run)" 'in JSON too'
expect_match 'would remove the policy with its 4 entries' "$(ctl flush policy --dry-run)" \
	'and of the policy'
expect_equal "$before" "$(field .generation show)" 'and changes nothing'
expect_success 'flush' ctl flush
expect_equal '100.64.0.0/10 skip;169.254.0.0/16 skip;' "$(entries)" 'deletes the static entries'
before=$(field .generation show)
expect_success 'flush again' ctl flush
expect_equal "$before" "$(field .generation show)" 'changes nothing'
expect_equal 2 "$(field .deleted flush all)" 'flush all deletes the rest'
expect_equal '["true","0"]' "$(field '[(.policy | tostring), (.entries.config | tostring)]' show)" \
	'and leaves the policy'
expect_success 'flush policy' ctl flush policy
expect_equal false "$(field .policy show)" 'removes that too'

note 'who may'
expect_failure 1 '*CAP_NET_ADMIN is needed*' 'an ordinary user may not even look' \
	on one setpriv --reuid 1000 --clear-groups ipmasqctl show
expect_failure 1 '*CAP_NET_ADMIN is needed*' 'nor root of another user namespace' \
	on one unshare -Ur ipmasqctl set enabled on
expect_failure 1 '*module parameter user_namespaces*' 'nor in a network namespace of its own' \
	unshare -Urn ipmasqctl set enabled on
echo 1 >/sys/module/ipmasq/parameters/user_namespaces
expect_success 'unless the module parameter allows it' unshare -Urn ipmasqctl set enabled on
expect_equal false "$(field .policy show)" 'changes nobody else'\''s'
