#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The last good policy outlives the node's memory of it.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node

# As after a reboot: no daemon, no policy.
reboot() {
	end_daemon KILL
	on node ipmasqctl flush policy
}

write_config "$TWO"
start_daemon
expect_soon 'the policy is saved' test -s "$STATE/policy"

reboot
write_config 'nonMasqueradeCIDRs: [10.0.0.0/99]'
start_daemon --http-address "$HTTP"
expect_entries "$TWO_ENTRIES" 'a node that comes up with a bad file has the last good policy'
expect_logged 'the last good policy is used' 'and says so'
wait_until serving
expect_metric 0 ipmasq_config_last_reload_successful
expect_metric 1 'ipmasq_config_source{source="saved"}'
expect_equal '200 OK' "$(http_status GET /readyz)" 'it is ready'
write_config "$ONE"
expect_entries "$ONE_ENTRIES" 'a mended file is taken at once'
expect_metric 1 ipmasq_config_last_reload_successful
expect_soon 'and saved' sh -c "! grep -q 203.0.113 $STATE/policy"

# The volume is not mounted yet: what was saved, until it is.
reboot
mv "$CONFIG_VOLUME" /tmp/scenario/unmounted
spawn_daemon
expect_entries "$ONE_ENTRIES" 'before its volume is there a node has the last good policy'
expect_logged 'the directory of the configuration is not there yet' 'and says so'
kubelet /tmp/scenario/unmounted ip-masq-agent - >/dev/null
mv /tmp/scenario/unmounted "$CONFIG_VOLUME"
expect_entries "$DEFAULTS4" 'a volume without the file means the defaults'

# A damaged file of state is told and not taken.
reboot
write_config 'nonMasqueradeCIDRs: ['
wait_until test -s "$STATE/policy"
sed -i 's/^10/11/' "$STATE/policy"
spawn_daemon --http-address "$HTTP"
expect_logged 'is ignored: it is damaged' 'a damaged saved policy is told'
wait_until serving
expect_equal '503 Service Unavailable' "$(http_status GET /readyz)" \
	'without any policy it is not ready'
expect_equal 0 "$(generation)" 'and nothing is in force'
write_config "$ONE"
expect_entries "$ONE_ENTRIES" 'a mended file is taken at once'
expect_equal '200 OK' "$(http_status GET /readyz)" 'and it is ready'
end_daemon TERM

# A file that parses and that the kernel refuses is not good.
unload_module
load_module max_entries=4
write_config "$TWO"
spawn_daemon
expect_entries "$TWO_ENTRIES" 'a module with room for four entries'
expect_soon 'the policy is saved' grep -q 203.0.113 "$STATE/policy"
write_config 'nonMasqueradeCIDRs: [10.0.0.0/8, 192.0.2.0/26, 192.0.2.64/26, 192.0.2.128/26]'
expect_logged ': 5 prefixes' 'a file with more is read'
expect_logged 'max_entries' 'and refused by the kernel'
end_daemon TERM
expect_success 'the saved policy is the one that was in force' \
	grep -q 203.0.113 "$STATE/policy"
expect_failure 1 '' 'and not the other' grep -q 192.0.2.64 "$STATE/policy"
unload_module
load_module

# A full disk.
mkdir /tmp/scenario/full
mount -t tmpfs -o size=4k tmpfs /tmp/scenario/full
head -c 4096 /dev/zero >/tmp/scenario/full/rest
on node ipmasqctl flush policy
start_daemon --state-dir /tmp/scenario/full
expect_logged 'is not saved in /tmp/scenario/full: No space left on device' 'a full disk is told'
write_config "$TWO"
expect_entries "$TWO_ENTRIES" 'and keeps nothing from working'
rm /tmp/scenario/full/rest
write_config "$ONE"
expect_logged 'is saved again' 'room on the disk is told too'
end_daemon TERM
umount /tmp/scenario/full
