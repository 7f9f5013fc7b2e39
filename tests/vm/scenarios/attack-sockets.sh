#!/bin/dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Programs without good manners (tests/attack) at the family's door: sockets that steal
# each other's port ids, are shared, closed and killed in the middle of everything.
#
#	target		root
#	(unnamed)	a user, in a namespace of his own: where the module is open to
#			him, and where it is not
#
# processors: 4

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh
# shellcheck source=tests/vm/guest/attack.sh
. /guest/attack.sh

namespace target
on target sh -ec "$WAY_OUT"
expect_sound target
remember_kernel

note 'root'
# shellcheck disable=SC2086 # a list of words
HOSTILE_AS=root expect_attack on target attack "$ATTACK_SEED" "$ATTACK_SECONDS" \
	$SOCKET_ATTACKERS parameter
on target ipmasqctl flush policy >/dev/null 2>&1 || :

note 'a user, to whom the module is open'
allow_user_namespaces 1
HOSTILE_AS='a user' expect_attack as_user sh -ec \
	"$WAY_OUT; exec attack $ATTACK_SEED $ATTACK_SECONDS $(echo "$SOCKET_ATTACKERS" | tr -d '\n')"

note 'a user, to whom it is closed'
allow_user_namespaces 0
HOSTILE_AS='a user, denied' expect_attack as_user sh -ec \
	"$WAY_OUT; exec attack denied $ATTACK_SEED $ATTACK_SECONDS port-thief shared-socket \
		half-dump explain expiry"

expect_sound target
expect_nothing_left
