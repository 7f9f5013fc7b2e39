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
on node ipmasqctl set ipv6 on random-fully off to-ports 32768-60999
expect_verdicts
on node ipmasqctl save >/tmp/scenario/saved
wanted=$(saved)
expect_match '*set enabled on ipv6 on random-fully off to-ports 32768-60999*' "$wanted" \
	'the settings are a line'
expect_match '*10.0.0.0/8 skip config*10.0.0.0/8 masquerade static*' "$wanted" \
	'both origins are there'
expect_equal "$(on node ipmasqctl list -j | jq -c '[.entries[] | .cidr + .action + .origin]')" \
	"$(on node ipmasqctl save -j | jq -c '[.entries[] | .cidr + .action + .origin]')" \
	'as JSON the same'

note 'put back'
expect_success 'over the same policy' restore
expect_equal "$wanted" "$(saved)" 'nothing has changed'
on node ipmasqctl flush all
on node ipmasqctl set ipv6 off random-fully on to-ports any
expect_source "$NODE4" pod tcp "$PEER4"
expect_success 'over an empty table' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts
on node ipmasqctl flush policy
expect_source "$POD4" pod tcp "$INTERNET4"
expect_success 'where there is no policy any more' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts
on node ipmasqctl flush policy
rmmod ipmasq
load_module
expect_success 'after the module was loaded anew' restore
expect_equal "$wanted" "$(saved)" 'everything is back'
expect_verdicts

note 'a part of it'
on node ipmasqctl flush all
expect_success 'only the static entries' restore origin static
expect_equal "$(echo "$wanted" | grep -v config)" "$(saved)" 'are back'

note 'all or nothing'
before=$(on node ipmasqctl save)
echo '10.0.0.0/8 skip nobody' >>/tmp/scenario/saved
expect_failure 1 '*saved:*"nobody" is no origin*' 'a wrong line' restore
expect_equal "$before" "$(on node ipmasqctl save)" 'changes nothing'
sed -i '$d' /tmp/scenario/saved
expect_failure 1 '*generation*' 'a policy that somebody else changed' restore generation 1
expect_equal "$before" "$(on node ipmasqctl save)" 'is left alone'

note 'to another namespace'
restore
namespace other
expect_success 'by a pipe' sh -c \
	'ip netns exec node ipmasqctl save | ip netns exec other ipmasqctl restore -f -'
expect_equal "$(saved)" "$(saved other)" 'it has the same policy'
echo 'no policy' >/tmp/scenario/saved
expect_success 'no policy takes one away' restore
expect_equal 'no policy' "$(saved)" 'and there is none'
