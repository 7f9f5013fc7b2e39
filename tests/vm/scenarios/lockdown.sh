#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that is locked down, as Secure Boot leaves it: the module, which nobody has
# signed, is not loaded, and the kernel, the daemon and the tool say so. There is no way
# back from it but a boot, so this has a VM of its own:
# processors: 1
#
#	node	no module

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

namespace node
rmmod ipmasq
if [ -d /sys/kernel/security ] && ! grep -q " /sys/kernel/security " /proc/mounts; then
	mount -t securityfs securityfs /sys/kernel/security
fi
if ! grep -q integrity /sys/kernel/security/lockdown 2>/dev/null; then
	skip 'lockdown' 'this kernel has none'
	exit
fi
grep -q '\[integrity\]' /sys/kernel/security/lockdown || echo integrity >/sys/kernel/security/lockdown
expect_match '*\[integrity\]*' "$(cat /sys/kernel/security/lockdown)" 'the kernel is locked down'

expect_failure 1 '*Operation not permitted*' 'it takes no module without a signature' \
	insmod /usr/lib/modules/ipmasq.ko
expect_failure 1 '*' 'and has none then' module_loaded
expect_match '*Lockdown: insmod: unsigned module loading is restricted*' "$(dmesg)" \
	'its log says why'
expect_failure 1 '*the kernel module ipmasq is not loaded*modprobe ipmasq*' \
	'the tool says what to do' on node ipmasqctl show

says_so() {
	grep -q 'the kernel module ipmasq is not loaded' "$DAEMON_LOG"
}
answers() {
	printf 'GET %s HTTP/1.0\r\n\r\n' "$1" | on node socat -t 5 - TCP:127.0.0.1:9600 | tr -d '\r'
}
is_waiting() {
	answers /readyz | head -n 1 | grep -q ' 503 '
}
on node ipmasqd --config /tmp/scenario/none --state-dir /tmp/scenario/state \
	--http-address 127.0.0.1:9600 >>"$DAEMON_LOG" 2>&1 &
expect_soon 'the daemon says so too' says_so
expect_soon 'and is not ready' is_waiting
expect_match '*ipmasq_module_loaded 0*' "$(answers /metrics)" 'its metrics as well'
