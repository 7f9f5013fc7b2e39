#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The defaults on a node whose kernel has no IPv6: IPv4 is as ever.
#
# kernel: ipv6.disable=1

# shellcheck source=tests/vm/scenarios/defaults.sh
. /scenarios/defaults.sh
