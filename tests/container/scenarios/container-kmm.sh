#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module that the Kernel Module Management operator has built, loaded and unloaded as
# the operator's worker does it: modprobe over what was copied out of the image, with the
# node's own modules in /host/lib/modules.
#
#	node	neither ipmasq nor what it needs is loaded

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

release=$(uname -r)
opt=/tmp/opt
cp -R /tmp-opt "$opt"
ln -s "/host/lib/modules/$release" "$opt/lib/modules/$release/host"

needed=$(sed -n 's/^ipmasq\.ko: *//p' "$opt/lib/modules/$release/modules.dep" | tr ' ' '\n' |
	sed 's|.*/||; s/\.ko.*//' | tr - _)
loaded() {
	for module in "$@"; do
		[ ! -d "/sys/module/$module/holders" ] || echo "$module"
	done
}
# shellcheck disable=SC2086 # a list of names
expect_equal '' "$(loaded $needed ipmasq)" 'nothing of it is loaded'

expect_success 'the worker loads it' /worker/modprobe -vd "$opt" ipmasq
expect_success 'the module is there' module_loaded
# shellcheck disable=SC2086
expect_equal "$needed" "$(loaded $needed)" "with the node's modules that it needs"
namespace node
on node ipmasqctl set enabled on
on node ipmasqctl add 10.0.0.0/8
expect_match '10.0.0.0/8*skip*' "$(on node ipmasqctl list plain)" 'and works'
on node ipmasqctl flush policy
expect_success 'the worker unloads it' /worker/modprobe -rvd "$opt" ipmasq
expect_failure 1 '*' 'and it is gone' module_loaded
