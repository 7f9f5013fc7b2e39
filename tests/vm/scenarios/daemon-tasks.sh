#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --once, --dry-run and --cleanup, and what is wrong with a command line.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
write_config "$ONE"

daemon() {
	on node ipmasqd --config "$CONFIG_FILE" --state-dir "$STATE" "$@"
}

expect_equal '+ set enable-ipv6 off
+ set random-fully on
+ set to-ports any
+ set source-cidrs any
+ set output-interfaces any
+ set snat-addresses none
+ 10.0.0.0/8 skip
+ 169.254.0.0/16 skip' "$(daemon --dry-run)" '--dry-run prints everything where there is nothing'
expect_equal 0 "$(generation)" 'and changes nothing'
expect_failure 1 '*' 'nor saves anything' test -e "$STATE"

expect_success '--once brings the policy in' daemon --once
expect_equal "$ONE_ENTRIES" "$(entries)" 'with the entries of the file'
before=$(generation)
expect_success '--once again' daemon --once
expect_equal "$before" "$(generation)" 'changes nothing'
expect_equal 'nothing would change' "$(daemon --dry-run)" '--dry-run has nothing to say'

write_config "$TWO"
expect_equal '- set enable-ipv6 off
+ set enable-ipv6 on
+ 203.0.113.0/24 skip
+ fe80::/10 skip' "$(daemon --dry-run --enable-ipv6)" '--dry-run prints the differences'
expect_equal "$before" "$(generation)" 'and changes nothing'

printf 'cidrLimit: many\n' >/tmp/scenario/bad
expect_failure 1 '*/tmp/scenario/bad:1:*' '--once refuses a bad file' \
	on node ipmasqd --once --config /tmp/scenario/bad --state-dir ''
expect_failure 1 '*/tmp/scenario/bad:1:*' 'so does --dry-run' \
	on node ipmasqd --dry-run --config /tmp/scenario/bad
expect_equal "$before" "$(generation)" 'and nothing changes'

on node ipmasqctl add 198.51.100.0/24
expect_success '--cleanup with a static entry' daemon --cleanup
expect_equal '' "$(entries)" 'takes out the config entries'
expect_equal '198.51.100.0/24 skip' "$(on node ipmasqctl list plain)" 'and leaves the static one'
expect_failure 1 '*' 'the saved policy is gone' test -e "$STATE/policy"
on node ipmasqctl del 198.51.100.0/24

# Lists of sources, interfaces and addresses.
LISTS='sourceCIDRs: [10.244.0.0/16]
outputInterfaces: [eth0, "wan*"]
snatAddresses: [192.0.2.1-192.0.2.2, 203.0.113.0/24: 192.0.2.3]
nonMasqueradeCIDRs: [10.0.0.0/8]'
NEW='+ set source-cidrs 10.244.0.0/16
+ set output-interfaces eth0,wan*
+ set snat-addresses 192.0.2.1,192.0.2.2'
daemon --cleanup
write_config "$LISTS"
expect_equal "+ set enable-ipv6 off
+ set random-fully on
+ set to-ports any
$NEW
+ 10.0.0.0/8 skip
+ 169.254.0.0/16 skip
+ 203.0.113.0/24 snat 192.0.2.3" "$(daemon --dry-run)" '--dry-run prints lists'
expect_success '--once brings them in' daemon --once
expect_equal 'nothing would change' "$(daemon --dry-run)" 'as they are'
write_config "$(echo "$LISTS" | sed 's/wan/lan/; s/2\.2,/2.9,/; s/2\.3/2.4/')"
expect_equal '- set output-interfaces eth0,wan*
+ set output-interfaces eth0,lan*
- set snat-addresses 192.0.2.1,192.0.2.2
+ set snat-addresses 192.0.2.1,192.0.2.2,192.0.2.3,192.0.2.4,192.0.2.5,192.0.2.6,192.0.2.7,192.0.2.8,192.0.2.9
- 203.0.113.0/24 snat 192.0.2.3
+ 203.0.113.0/24 snat 192.0.2.4' "$(daemon --dry-run)" 'and what is another'
write_config "$LISTS"
on node ipmasqctl add 198.51.100.0/24
expect_success '--cleanup' daemon --cleanup
expect_equal '- set source-cidrs any
- set output-interfaces any
- set snat-addresses none' "$(daemon --dry-run | grep '^-')" \
	'takes the lists out too where static entries stay'
on node ipmasqctl del 198.51.100.0/24
write_config "$TWO"
daemon --once
expect_success '--cleanup without one' daemon --cleanup
expect_equal 0 "$(generation)" 'takes out the policy'
expect_success '--cleanup of nothing is no error' daemon --cleanup

# Without a word of the reference agent's being lost.
expect_success 'the reference agent'\''s flags are taken' daemon --once \
	--masq-chain IP-MASQ-AGENT --enable-ipv6=false --nomasq-all-reserved-ranges=true \
	--random-fully --to-ports 1024-2047 --v=2 -logtostderr -vmodule=a=1
expect_equal 1024-2047 "$(on node ipmasqctl show -j | jq -r '
	[.. | objects | select(has("first")) | "\(.first)-\(.last)"] | first')" \
	'and have their effect'
expect_failure 2 '*--nope*' 'an unknown flag is told' daemon --nope
expect_failure 2 '*exclude each other*' 'two tasks are one too many' daemon --once --cleanup
expect_failure 2 '*--log-format*' 'so is another log format' daemon --log-format xml
expect_failure 1 '*--http-address*expected*' 'and an address without a port' \
	daemon --http-address localhost
expect_failure 2 '*"false" is no flag*' 'a word that is no flag is told too' \
	daemon --random-fully false --enable-ipv6
expect_failure 2 '*"word" is no flag*' 'before a flag, even one that only prints' \
	ipmasqd word --version
expect_match 'ipmasqd *' "$(ipmasqd --version)" 'it knows its version'
expect_match '*--takeover*' "$(ipmasqd --help)" 'and its flags'

# A command line that the reference agent takes: it ignores a word and what follows.
inside node ipmasqd --random-fully false --to-ports 1-2 >"$DAEMON_LOG" 2>&1 &
DAEMON=$!
expect_logged 'warning "false" and what follows is ignored' 'a word is ignored where the agent ignores it,'
expect_soon 'with what follows' sh -c "inside node ipmasqctl show | grep -q 'to-ports *any'"
end_daemon TERM

# Without rights.
expect_failure 1 '*CAP_NET_ADMIN*' 'without CAP_NET_ADMIN it says what it lacks' \
	on node setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
	ipmasqd --once --config "$CONFIG_FILE" --state-dir ''
