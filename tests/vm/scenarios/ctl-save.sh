#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A policy is saved, lost in every way there is, and put back as it was: the
# verdicts of real connections are the same again.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

saved() {
	# Restoring is a change like any other, so the generation is a new one.
	on "${1:-node}" ipmasqctl save | grep -v '^# generation'
}

restore() {
	on node ipmasqctl restore -f /tmp/scenario/saved "$@"
}

expect_verdicts() {
	expect_source "$NODE4" pod tcp "$INTERNET4"
	expect_source "$POD4" pod tcp "$PEER4"
	expect_source "$NODE4" pod udp "$METADATA4"
}

build_topology

note 'no policy is a state like any other'
expect_equal 'no policy' "$(saved)" 'save says so'
on node ipmasqctl save >/tmp/scenario/saved
expect_success 'restoring it where there is none' restore
expect_equal 0 "$(generation)" 'makes none'

note 'config and static entries, the same prefix in both, settings'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8, 169.254.0.0/16]'
on node ipmasqctl add 10.0.0.0/8 169.254.169.254 masquerade
on node ipmasqctl add 10.0.0.20 fd00::/8 skip
on node ipmasqctl add 198.51.100.0/24 snat 192.0.2.10
on node ipmasqctl add 198.51.100.0/24 snat 192.0.2.10,192.0.2.77 origin config
on node ipmasqctl set source-cidrs 10.244.0.0/16,fd00:10:244::/48 output-interfaces 'eth*,a\x2cb' snat-addresses 192.0.2.10
on node ipmasqctl set enable-ipv6 on random-fully off to-ports 32768-60999
expect_verdicts
on node ipmasqctl save >/tmp/scenario/saved
wanted=$(saved)
expect_match "*set enabled on
set enable-ipv6 on
set random-fully off
set to-ports 32768-60999*" "$wanted" \
	'the settings are a line'
expect_match '*10.0.0.0/8 skip config*10.0.0.0/8 masquerade static*' "$wanted" \
	'both origins are there'
expect_match '*set source-cidrs 10.244.0.0/16,fd00:10:244::/48*set output-interfaces eth\*,a\\x2cb*set snat-addresses 192.0.2.10*' \
	"$wanted" 'so are the lists'
expect_match '*198.51.100.0/24 snat 192.0.2.10,192.0.2.77 config*198.51.100.0/24 snat 192.0.2.10 static*' \
	"$wanted" 'entries have their addresses'
expect_equal "$(on node ipmasqctl list -j | jq -c '[.entries[] | .cidr + .action + .origin]')" \
	"$(on node ipmasqctl save -j | jq -c '[.entries[] | .cidr + .action + .origin]')" \
	'as JSON the same'

note 'put back'
expect_success 'over the same policy' restore
expect_equal "$wanted" "$(saved)" 'nothing has changed'
on node ipmasqctl flush all
on node ipmasqctl set enable-ipv6 off random-fully on to-ports any source-cidrs any output-interfaces any snat-addresses none
expect_source "$NODE4" pod tcp "$PEER4"
expect_success 'over an empty table' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts
on node ipmasqctl flush policy
expect_source "$POD4" pod tcp "$INTERNET4"
expect_success 'where there is no policy any more' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts
unload_module
load_module
expect_success 'after the module was loaded anew' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts

note 'entries for a time'
on node ipmasqctl add 203.0.113.0/24 skip for 1h
on node ipmasqctl save >/tmp/scenario/saved
expect_match '*203.0.113.0/24 skip for 59m5[0-9]*s static*' "$(saved)" 'have what is left'
on node ipmasqctl flush policy
expect_success 'putting it back' restore
left=$(on node ipmasqctl list 203.0.113.0/24 -j | jq '.entries[0].timeout_milliseconds')
then=$(sed -n 's/^203.* for 59m\([0-9]*\).*/\1/p' /tmp/scenario/saved)
expect_success 'goes on with that' [ "$left" -gt $(((59 * 60 + then - 20) * 1000)) -a \
	"$left" -le $(((59 * 60 + then + 1) * 1000)) ]
expect_source "$POD4" pod tcp "$INTERNET4"
on node ipmasqctl del 203.0.113.0/24
on node ipmasqctl save >/tmp/scenario/saved
expect_equal "$wanted" "$(saved)" 'the rest is as it was'

note 'a part of it'
on node ipmasqctl flush all
expect_success 'only the static entries' restore origin static
expect_equal "$(echo "$wanted" | grep -v ' config$')" "$(saved)" 'are back'

note 'all or nothing'
before=$(on node ipmasqctl save)
echo '10.0.0.0/8 skip nobody' >>/tmp/scenario/saved
expect_failure 1 '*saved:*"nobody" is no origin*' 'a wrong line' restore
expect_equal "$before" "$(on node ipmasqctl save)" 'changes nothing'
sed -i '$d' /tmp/scenario/saved
expect_failure 1 '*generation*' 'a policy that somebody else changed' restore generation 1
expect_equal "$before" "$(on node ipmasqctl save)" 'is left alone'

note 'the second of two steps is refused'
before=$(saved)
most=$(cat /sys/module/ipmasq/parameters/max_entries)
on node ipmasqctl set snat-addresses none
on node ipmasqctl flush
before=$(saved)
# The config entries fit, and the static ones do not fit besides.
echo 5 >/sys/module/ipmasq/parameters/max_entries
expect_failure 1 '*more than 5 entries*' 'too many entries' restore
expect_equal "$before" "$(saved)" 'the first step is taken back'
on node ipmasqctl flush policy
expect_failure 1 '*more than 5 entries*' 'where there was no policy' restore
expect_equal 'no policy' "$(saved)" 'there is none then'
echo "$most" >/sys/module/ipmasq/parameters/max_entries

note 'to another namespace'
restore
namespace other
expect_success 'by a pipe' sh -c \
	'inside node ipmasqctl save | inside other ipmasqctl restore -f -'
expect_equal "$(saved)" "$(saved other)" 'it has the same policy'
echo 'no policy' >/tmp/scenario/saved
expect_success 'no policy takes one away' restore
expect_equal 'no policy' "$(saved)" 'and there is none'
