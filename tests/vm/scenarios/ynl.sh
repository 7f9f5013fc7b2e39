#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
# program: ynl
#
# The YNL client of the kernel's tree (tools/net/ynl) at the module, with the spec of this
# repository: policies, a transaction, its event, a dump, a question, refusals.

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

if [ ! -x /usr/bin/ynl-client ]; then
	skip "the kernel tree's YNL client" 'it is not on the machine that made this VM'
	exit 0
fi

# Python looks for its modules in /usr, and for none of a site's.
ynl() {
	PYTHONHOME=/usr on target python3 -S /usr/bin/ynl-client /usr/lib/ipmasq.yaml
}

namespace target
report_hostile ynl
