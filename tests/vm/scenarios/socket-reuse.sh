#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A transaction belongs to its socket and not to that socket's port id, which others
# bind while it closes: no socket has another one's transaction, none loses its own.
#
#	target		root, and a policy
#	(unnamed)	a user's, who is root in a new user namespace

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/hostile.sh
. /guest/hostile.sh

: "${REUSE_MILLISECONDS:=4000}"

namespace target
on target ipmasqctl set enabled on

note 'root'
HOSTILE_AS=root
report_hostile on target hostile reuse "$REUSE_MILLISECONDS"

note 'any user'
HOSTILE_AS=nobody
parameter=/sys/module/ipmasq/parameters/user_namespaces
[ ! -e $parameter ] || echo 1 >$parameter
report_hostile setpriv --reuid 65534 --regid 65534 --clear-groups \
	unshare -Urn hostile reuse "$REUSE_MILLISECONDS"

expect_success 'the module still answers' on target ipmasqctl show
