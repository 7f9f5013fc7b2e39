# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every scenario begins with: ". /guest/scenario.sh". It brings the
# topology (topology.sh), policies (policy.sh) and expectations (expect.sh), and
# sees to the end: whatever happens, namespaces are removed, the kernel's log is looked at and
# the plan is printed.

set -eu

# shellcheck source=tests/vm/guest/expect.sh
. /guest/expect.sh
# shellcheck source=tests/vm/guest/topology.sh
. /guest/topology.sh
# shellcheck source=tests/vm/guest/policy.sh
. /guest/policy.sh
# shellcheck source=tests/vm/guest/leaks.sh
. /guest/leaks.sh

dmesg >/tmp/scenario/dmesg-before
load_module

end_of_scenario() {
	status=$?
	trap - EXIT
	set +e
	if [ "$status" != 0 ]; then
		echo "exit status $status" >&2
		report 'not ok' 'runs to its end' 'exit status 0' "exit status $status"
	fi
	tear_down >&2
	if module_loaded; then
		# The namespaces, which hold it, end a moment after they were deleted.
		expect_soon 'the module can be unloaded' rmmod ipmasq
	fi
	look_for_leaks
	dmesg >/tmp/scenario/dmesg-after
	complaints=$(new_kernel_messages | grep -E -f /guest/kernel-complaints)
	expect_equal '' "$complaints" 'the kernel log has no complaint'
	plan
	[ "$EXPECTATIONS_FAILED" = 0 ]
	exit
}
trap end_of_scenario EXIT

# Lines that the kernel wrote since the scenario began.
new_kernel_messages() {
	awk 'NR == FNR { seen[$0]; next } !($0 in seen)' \
		/tmp/scenario/dmesg-before /tmp/scenario/dmesg-after
}
