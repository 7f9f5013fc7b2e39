#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module is not there, comes, goes and comes again under the daemon.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/daemon.sh
. /guest/daemon.sh

namespace node
unload_module
write_config "$ONE"
spawn_daemon --http-address "$HTTP"
expect_logged 'the kernel module ipmasq is not loaded' 'it says that the module is not loaded'
expect_soon 'it serves all the same' serving
expect_equal '503 Service Unavailable' "$(http_status GET /readyz)" 'and is not ready'
expect_metric 0 ipmasq_module_loaded

load_module
expect_entries "$ONE_ENTRIES" 'a module that is loaded gets the policy'
expect_equal '200 OK' "$(http_status GET /readyz)" 'and the daemon is ready'
expect_metric 1 ipmasq_module_loaded

unload_module
expect_logged 'the kernel module ipmasq was unloaded' 'it sees the module go'
expect_equal '503 Service Unavailable' "$(http_status GET /readyz)" 'and is not ready'
write_config "$TWO"
expect_logged '3 prefixes' 'a change is read without a module'

load_module
expect_entries "$TWO_ENTRIES" 'the module comes again and gets the policy of now'
expect_metric 1 ipmasq_policy_in_sync
on node ipmasqctl del 10.0.0.0/8 origin config
expect_entries "$TWO_ENTRIES" 'whose events are heard again'
expect_metric 1 ipmasq_drift_repairs_total

# Many times, and at once.
for number in 1 2 3 4 5; do
	unload_module
	load_module
	expect_entries "$TWO_ENTRIES" "loaded anew, $number"
done
expect_equal '200 OK' "$(http_status GET /readyz)" 'the daemon is ready'
expect_success 'the same daemon all the time' kill -0 "$DAEMON"
end_daemon TERM
