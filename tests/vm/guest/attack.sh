# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the attack-*.sh share, sourced after scenario.sh. A run of the same ATTACK_SEED has
# the same random numbers; ATTACK_SECONDS is how long each attack goes on.

# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

: "${ATTACK_SECONDS:=3}" "${ATTACK_SEED:=1}"
note "seed $ATTACK_SEED, $ATTACK_SECONDS s for each attack"
WAIT_SECONDS=60

# Attackers that need nothing but a namespace with a policy, or without.
SOCKET_ATTACKERS='port-thief shared-socket half-dump killed-writer random-request listener
	expiry explain withdrawal'

# What a namespace needs to decide about something.
WAY_OUT='ip link set lo up
	ip link add out type dummy
	ip addr add 10.99.0.1/16 dev out
	ip addr add 2001:db8:99::1/64 dev out nodad
	ip link set out up
	ip route add default dev out
	ip route add ::/0 dev out'

# as_user COMMAND...: a user without rights, root in a user and a network namespace of
# his own
as_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n "$@"
}

# expect_attack COMMAND...: run it, which ends in attack and its words, and report; the
# seed is another one each time
expect_attack() {
	ATTACK_SEED=$((ATTACK_SEED + 1))
	report_hostile "$@"
}

allow_user_namespaces() {
	echo "$1" >/sys/module/ipmasq/parameters/user_namespaces
}

# expect_sound NAMESPACE: after all that was done to it, the module does what it is for
# in that namespace, which has a way out
expect_sound() {
	on "$1" ipmasqctl set enabled on >/dev/null || :
	printf '10.0.0.0/8 skip\n203.0.113.0/24 masquerade\n' >/tmp/scenario/sound
	on "$1" ipmasqctl flush policy >/dev/null 2>&1 || :
	expect_success 'a policy can be put in force' \
		on "$1" ipmasqctl replace -f /tmp/scenario/sound
	expect_equal cidr "$(NODE=$1 verdict_in "$1" 10.244.1.2 10.1.2.3)" 'and says skip'
	expect_equal masquerade "$(verdict_in "$1" 10.244.1.2 203.0.113.7)" 'and masquerade'
	on "$1" ipmasqctl flush policy >/dev/null
}

# verdict_in NAMESPACE SOURCE DESTINATION
verdict_in() {
	on "$1" ipmasqctl explain -j "$2" "$3" | sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p'
}

# Lists of each processor and half-empty slabs are not given back at once. KASAN keeps
# up to a thirty-second of all memory from being used again; its kernel has kmemleak.
memory_is_back() {
	local margin=16384
	[ ! -e "$KMEMLEAK" ] || margin=$((margin + $(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 32))
	[ "$(kernel_memory)" -le $((MEMORY + margin)) ]
}

# expect_nothing_left: memory, namespaces and references, a while after the last attack
expect_nothing_left() {
	expect_soon 'no network namespace is left' no_namespace_left
	note "network namespaces: $NAMESPACES_BEFORE before, $(namespaces_in_use) now"
	expect_soon "the kernel's memory is back" memory_is_back
	note "memory of the kernel: $MEMORY KiB before, $(kernel_memory) now"
}

# namespaces_in_use: those without a name too. The kernel frees those of a batch when the
# next batch ends (net_complete_free() in net/core/net_namespace.c), and what a processor
# keeps of the cache counts as in use until it is given back.
namespaces_in_use() {
	unshare -n true
	echo 1 >/sys/kernel/slab/net_namespace/shrink
	awk '/^net_namespace/ { print $2 }' /proc/slabinfo
}

no_namespace_left() {
	[ "$(namespaces_in_use)" -le $((NAMESPACES_BEFORE + 1)) ]
}

remember_kernel() {
	MEMORY=$(kernel_memory)
	NAMESPACES_BEFORE=$(namespaces_in_use)
}
