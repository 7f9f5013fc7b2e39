#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node whose kernel was booted without IPv6. Whatever would use IPv6 is refused with the
# reason. What merely names IPv6 addresses is not: a ConfigMap that all nodes share keeps
# IPv4 in force here. Nobody, with or without privileges, gets the kernel to look up an IPv6
# route, which it does not survive.
#
# kernel: ipv6.disable=1

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

NO_IPV6='this kernel has no IPv6'

ctl() {
	on node ipmasqctl "$@"
}

build_topology

note 'by hand'
expect_failure 1 "*$NO_IPV6*" 'explain refuses IPv6 before there is a policy' \
	ctl explain fd00::2 2001:db8::1
expect_failure 1 "*$NO_IPV6*" 'IPv6 cannot be switched on' ctl set enable-ipv6 on
expect_equal 0 "$(generation)" 'and no policy came of it'
expect_success 'IPv4 can' ctl set enabled on
expect_success 'IPv6 can be switched off' ctl set enable-ipv6 off
expect_failure 1 "*$NO_IPV6*" 'explain refuses IPv6' ctl explain fd00::2 2001:db8::1
expect_equal EAFNOSUPPORT "$(ctl -j explain fd00::2 2001:db8::1 | jq -r .error.code)" \
	'and says so in JSON'
expect_failure 1 "*$NO_IPV6*" 'with an interface too' ctl explain fd00::2 2001:db8::1 dev eth0
expect_failure 1 "*$NO_IPV6*" 'nor is there a way to ::1' ctl explain ::1 ::1
expect_verdict masquerade "$POD4" "$INTERNET4"
expect_success 'IPv6 prefixes, which decide nothing here, are taken' \
	ctl add fd00::/8 2001:db8::/32 10.0.0.0/8
expect_success 'among the sources too' ctl set source-cidrs 10.244.0.0/16,fd00:10:244::/48
expect_success 'and among the addresses of a pool' ctl set snat-addresses 192.0.2.10,2001:db8:2::10
expect_match '*2001:db8::/32*' "$(ctl list)" 'list has them'
expect_success 'connections are listed' ctl conns
expect_success 'so are ports' ctl ports
expect_success 'and the counters' ctl stats
ctl flush policy

note 'an unprivileged user in namespaces of its own'
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n sh -c '
	ipmasqctl set enabled on
	ipmasqctl explain fd00::2 2001:db8::1' || :
expect_success 'cannot bring the kernel down' true

note 'a ConfigMap that asks for IPv6'
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, "fd00::/8"]
enableIPv6: true'
expect_match '*enableIPv6 would have no effect*' \
	"$(on node ipmasqd --dry-run --config "$CONFIG_FILE" 2>&1)" 'a dry run says what is off'
start_daemon --http-address ":${HTTP##*:}"
expect_logged 'enableIPv6 has no effect' 'the daemon says what is off'
expect_equal '10.0.0.0/8 skip;169.254.0.0/16 skip;fd00::/8 skip;fe80::/10 skip;' \
	"$(ctl list plain | tr '\n' ';')" 'all of it is in force but for IPv6'
expect_equal false "$(ctl show -j | jq .enable_ipv6)" 'which is off'
expect_soon 'it serves on every address there is' serving
expect_metric 1 'ipmasq_family_unavailable{family="ipv6"}'
expect_metric 1 ipmasq_policy_in_sync
expect_decided4
ctl set random-fully off
is_put_back() {
	[ "$(ctl show -j | jq .random_fully)" = true ]
}
expect_soon 'drift is repaired as ever' is_put_back
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]
enableIPv6: true'
expect_source "$POD4" pod udp "$INTERNET4"
expect_equal 1 "$(grep -c 'enableIPv6 has no effect' "$DAEMON_LOG")" 'it says so once'
expect_equal 0 "$(grep -c 'drift: enableIPv6' "$DAEMON_LOG" || :)" 'and does not take it for drift'
bring_in 'nonMasqueradeCIDRs: [10.0.0.0/8]'
expect_metric 0 'ipmasq_family_unavailable{family="ipv6"}'
before=$(generation)
end_daemon KILL
start_daemon
expect_logged 'is in force already' 'a daemon that begins over the same file'
expect_equal "$before" "$(generation)" 'changes nothing'
