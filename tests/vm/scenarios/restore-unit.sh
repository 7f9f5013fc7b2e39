#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipmasq-restore.service, its commands run as systemd would: what was in force when
# the machine went down is in force again, and nothing that is there is taken back.
# tests/node boots a machine with the unit itself.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

UNIT=/usr/lib/ipmasq-restore.service
STATE=/tmp/scenario/state

# unit Exec...: in the directory that the unit has, with systemd's $$ and quotes
unit() {
	command=$(sed -n "s/^$1=//p" "$UNIT" | sed 's/\$\$/$/g; s|@SBINDIR@|/usr/bin|g')
	on node sh -c "cd $STATE && $command"
}

# What is left of an entry's time goes on.
without_time() {
	sed -e '/^# generation/d' -e 's/ for [^ ]*//'
}

saved() {
	on node ipmasqctl save | without_time
}

reboot() {
	unload_module
	load_module
}

build_topology
mkdir "$STATE"

note 'a machine where nothing was saved'
expect_success 'it starts' unit ExecStart
expect_equal 'no policy' "$(saved)" 'and does nothing'

note 'entries of a file and entries by hand, over a reboot'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
on node ipmasqctl add 203.0.113.0/24 skip
on node ipmasqctl add 10.0.0.20 masquerade
on node ipmasqctl add 198.51.100.0/24 masquerade for 10m
on node ipmasqctl add 192.88.99.0/24 snat "$NODE4"
on node ipmasqctl set to-ports 32768-60999 source-cidrs 10.244.0.0/16 output-interfaces 'eth*'
wanted=$(saved)
expect_success 'it stops' unit ExecStop
expect_equal "$wanted" "$(without_time <"$STATE/policy")" 'the policy is saved'
reboot
expect_source "$POD4" pod tcp "$INTERNET4"
expect_equal 'no policy' "$(saved)" 'after the reboot there is none'
expect_success 'it starts' unit ExecStart
expect_equal "$wanted" "$(saved)" 'the policy is the same again'
expect_match '198.51.100.0/24 masquerade for *m*s static' \
	"$(on node ipmasqctl save | grep ' for ')" 'with what is left of the time of an entry'
expect_source "$POD4" pod tcp "$INTERNET4"
expect_source "$NODE4" pod tcp "$PEER4"
expect_source "$POD4" pod tcp "$METADATA4"

note 'the daemon comes after it'
before=$(generation)
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_match '*203.0.113.0/24 skip static*' "$(saved)" 'what was added by hand stays'
configure 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_match '*10.0.0.20/32 masquerade static*' "$(saved)" 'and stays'
expect_equal yes "$([ "$(generation)" -ge "$before" ] && echo yes)" 'the generation goes up'

note 'by hand, while a policy is in force'
on node ipmasqctl add 192.0.2.128/25 masquerade
wanted=$(saved)
before=$(generation)
expect_success 'it starts' unit ExecStart
expect_equal "$wanted" "$(saved)" 'nothing is taken back'
expect_equal "$before" "$(generation)" 'or changed'
expect_success 'it saves on demand' unit ExecReload
reboot
expect_success 'it starts' unit ExecStart
expect_equal "$wanted" "$(saved)" 'what was saved on demand comes back'

note 'no policy is what was in force'
on node ipmasqctl flush policy
expect_success 'it stops' unit ExecStop
expect_success 'it starts' unit ExecStart
expect_equal 'no policy' "$(saved)" 'none comes back'

note 'a machine whose module does not load'
echo "$wanted" >"$STATE/policy"
unload_module
expect_failure 1 '*the kernel module ipmasq is not loaded*' 'it fails, and so does not stop' \
	unit ExecStart
expect_failure 1 '*the kernel module ipmasq is not loaded*' 'saving fails' unit ExecReload
expect_equal "$wanted" "$(cat "$STATE/policy")" 'what was saved stays'
load_module
expect_success 'the next time it starts' unit ExecStart
expect_equal "$wanted" "$(saved)" 'all is there'

note 'a file that somebody broke'
on node ipmasqctl flush policy
echo '10.0.0.0/8 skip nobody' >>"$STATE/policy"
expect_failure 1 '*policy:*no origin*' 'it fails, with the line' unit ExecStart
expect_equal 'no policy' "$(saved)" 'and restores no half of it'
