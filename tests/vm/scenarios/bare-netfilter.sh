#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The defaults on a node that has of netfilter only what the module needs: no iptables, no
# nftables, no bridge netfilter, and no way to read or delete connections. The policy is kept;
# what needs one of these fails with the reason.
#
# kernel: module_blacklist=nf_conntrack_netlink,br_netfilter,x_tables,ip_tables,ip6_tables,iptable_nat,ip6table_nat,nf_tables,nft_compat,ip_set

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

ctl() {
	on node ipmasqctl "$@"
}

absent() {
	for module in nf_conntrack_netlink br_netfilter x_tables nf_tables ip_set; do
		modprobe "$module" 2>/dev/null || :
		[ ! -e "/sys/module/$module" ] || { echo "$module is there"; return 1; }
	done
}
expect_success 'neither iptables nor nftables, br_netfilter and conntrack over netlink' absent

build_topology
write_config 'applyToExisting: true'
start_daemon --http-address "$HTTP"
expect_entries "$DEFAULTS4" 'the defaults are in force'
expect_decided4
expect_counter failed 0
expect_verdict masquerade "$POD4" "$INTERNET4"

note 'what needs connections'
MISSING='*nf_conntrack_netlink*'
expect_failure 1 "$MISSING" 'conns says what is missing' ctl conns
expect_failure 1 "$MISSING" 'so does ports' ctl ports
expect_failure 1 "$MISSING" 'and conns --drop' ctl conns --stale --drop
bring_in "$TWO
applyToExisting: true"
expect_entries "$TWO_ENTRIES" 'a change is applied'
expect_logged 'the change does not hold for all present connections: .*nf_conntrack_netlink' \
	'applyToExisting says what is missing'
ctl set random-fully off
is_put_back() {
	[ "$(ctl show -j | jq .random_fully)" = true ]
}
expect_soon 'drift is repaired' is_put_back
expect_success 'the daemon is there' kill -0 "$DAEMON"
expect_soon 'metrics are served' serving
