# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The contenders: what each needs once (prepare_NAME FAMILY), how it brings a
# table in force in the place of the one before (load_NAME FAMILY SIZE, which
# answers as stopwatch does), how it adds one entry and deletes it again
# (add_NAME and delete_NAME FAMILY PREFIX, the same), and how it goes
# (remove_NAME FAMILY). The files are written by tests/bench/contenders.py. A variant
# has a dash and a word behind the name, see prepare.

DATA=$BENCH/data
POOL=192.0.2.8,192.0.2.9,192.0.2.10,192.0.2.11
POOL=$POOL,2001:db8:2::8,2001:db8:2::9,2001:db8:2::a,2001:db8:2::b
LOAD_SECONDS=${LOAD_SECONDS:-600}

# timed COMMAND...: on the node
timed() {
	on_node stopwatch "$LOAD_SECONDS" "$@"
}

load_floor() {
	remove_floor
	inside "${FLOOR_NODE:-node}" insmod "$BENCH/floor.ko" "$@"
}

remove_floor() {
	[ ! -d /sys/module/floor ] || rmmod floor
}

# iptables 4|6: the prefix of the programs' names
iptables() {
	[ "$1" = 4 ] && echo iptables || echo ip6tables
}

nft_family() {
	[ "$1" = 4 ] && echo ip || echo ip6
}

xtables_modules() {
	modprobe -a ip_tables ip6_tables iptable_nat ip6table_nat xt_addrtype xt_comment \
		xt_MASQUERADE xt_set xt_bpf nf_tables nft_compat nft_chain_nat nft_fib_inet \
		nft_masq ip_set_hash_net 2>/dev/null || :
}

prepare_ipmasq() {
	insmod "$MODULE"
	on_node ipmasqctl set enable-ipv6 on
}

load_ipmasq() {
	timed ipmasqctl replace -f "$DATA/ipmasq.$1.$2"
}

add_ipmasq() {
	timed ipmasqctl add "$2"
}

delete_ipmasq() {
	timed ipmasqctl del "$2"
}

remove_ipmasq() {
	on_node ipmasqctl flush policy now
	rmmod ipmasq
}

prepare_iptables_legacy() {
	xtables_modules
}

load_iptables_legacy() {
	timed "$(iptables "$1")-legacy-restore" "$DATA/iptables_legacy.$1.$2"
}

add_iptables_legacy() {
	timed "$(iptables "$1")-legacy" -t nat -I IP-MASQ-AGENT \
		-m comment --comment 'one more' -d "$2" -j RETURN
}

delete_iptables_legacy() {
	timed "$(iptables "$1")-legacy" -t nat -D IP-MASQ-AGENT \
		-m comment --comment 'one more' -d "$2" -j RETURN
}

# An empty table of iptables still costs: it goes with its module.
remove_iptables_legacy() {
	printf '*nat\nCOMMIT\n' | on_node "$(iptables "$1")-legacy-restore"
	rmmod iptable_nat ip6table_nat
}

prepare_iptables_nft() {
	xtables_modules
}

load_iptables_nft() {
	timed "$(iptables "$1")-nft-restore" "$DATA/iptables_nft.$1.$2"
}

add_iptables_nft() {
	timed "$(iptables "$1")-nft" -t nat -I IP-MASQ-AGENT \
		-m comment --comment 'one more' -d "$2" -j RETURN
}

delete_iptables_nft() {
	timed "$(iptables "$1")-nft" -t nat -D IP-MASQ-AGENT \
		-m comment --comment 'one more' -d "$2" -j RETURN
}

remove_iptables_nft() {
	on_node nft flush ruleset
}

prepare_ipset() {
	xtables_modules
}

load_ipset() {
	timed ipset -file "$DATA/ipset.$1.$2" restore
	# The first time: rules that name a set need it to be there.
	if ! on_node "$(iptables "$1")-legacy-save" -t nat | grep -q match-set; then
		on_node "$(iptables "$1")-legacy-restore" "$DATA/ipset.$1.once"
	fi
}

add_ipset() {
	timed ipset add skip "$2"
}

delete_ipset() {
	timed ipset del skip "$2"
}

remove_ipset() {
	remove_iptables_legacy "$1"
	on_node ipset destroy
}

prepare_nft() {
	xtables_modules
	on_node nft -f "$DATA/nft.$1.once"
}

load_nft() {
	timed nft -f "$DATA/nft.$1.$2"
}

add_nft() {
	timed nft add element "$(nft_family "$1")" nat skip "{ $2 }"
}

delete_nft() {
	timed nft delete element "$(nft_family "$1")" nat skip "{ $2 }"
}

remove_nft() {
	on_node nft flush ruleset
}

prepare_bpf() {
	xtables_modules
	mkdir -p /run/bpf
	mount -t bpf bpf /run/bpf
}

# The rules hold the program that they were made with.
load_bpf() {
	timed sh -c "rm -f /run/bpf/skip /run/bpf/table &&
		lpm load $1 $DATA/bpf.$1.$2 &&
		$(iptables "$1")-legacy-restore $DATA/bpf.$1.once"
}

add_bpf() {
	timed lpm add "$1" "$2"
}

delete_bpf() {
	timed lpm delete "$1" "$2"
}

remove_bpf() {
	remove_iptables_legacy "$1"
	rm -f /run/bpf/skip /run/bpf/table
	umount /run/bpf
}

# prepare NAME FAMILY: and what the variant is about. The pod is what the source list
# has, the way out what the interface list has; the pool is of addresses that no
# interface has, as those of a router in front of the node.
prepare() {
	"prepare_${1%%-*}" "$2"
	case $1 in
	*-source) on_node ipmasqctl set source-cidrs 10.244.0.0/16,fd00:10:244::/48 ;;
	*-interface) on_node ipmasqctl set output-interfaces dummy0 ;;
	*-snat)
		on_node ipmasqctl set snat-addresses "$POOL" 2>/dev/null
		;;
	esac
}

# change_one NAME FAMILY SIZE: one more entry and one less, timed, in a table of SIZE
change_one() {
	local prefix=100.64.7.0/24 change changed
	[ "$2" = 4 ] || prefix=2001:db8:7::/48
	for change in add delete; do
		if changed=$("${change}_${1%%-*}" "$2" "$prefix" 2>/tmp/load-errors); then
			echo "$change $1.$3 $changed"
		else
			echo "no $change: $1, $3 entries, $changed," \
				"$(tail -n 1 /tmp/load-errors)"
		fi
	done
}
