# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ways to bring a policy into the node, and to look at it.

CONFIG_VOLUME=/tmp/scenario/config
CONFIG_FILE=$CONFIG_VOLUME/ip-masq-agent
DAEMON_LOG=/tmp/scenario/ipmasqd.log

# write_config TEXT: change the ConfigMap as the kubelet does; no TEXT removes
# the key
write_config() {
	if [ -n "$1" ]; then
		printf '%s\n' "$1" >/tmp/scenario/config-text
		kubelet "$CONFIG_VOLUME" ip-masq-agent /tmp/scenario/config-text
	else
		kubelet "$CONFIG_VOLUME" ip-masq-agent -
	fi
}

# configure TEXT [FLAG...]: bring the node's policy up to date with a
# configuration, once; no TEXT stands for no file
configure() {
	write_config "$1"
	shift
	on "${NODE:-node}" ipmasqd --once --config "$CONFIG_FILE" --state-dir '' "$@" \
		>>"$DAEMON_LOG" 2>&1 || { cat "$DAEMON_LOG" >&2; return 1; }
}

# start_daemon [FLAG...]: ipmasqd in the node, watching CONFIG_FILE; returns when
# it has put a policy in force
start_daemon() {
	mkdir -p "$CONFIG_VOLUME"
	local before
	before=$(generation)
	ip netns exec node ipmasqd --config "$CONFIG_FILE" --state-dir /tmp/scenario/state "$@" \
		>>"$DAEMON_LOG" 2>&1 &
	DAEMON=$!
	# Restarting over an unchanged file changes nothing.
	if [ "$before" = 0 ] && ! wait_until has_policy; then
		cat "$DAEMON_LOG" >&2
		return 1
	fi
}

# generation [NAMESPACE]: of the policy in force, 0 for none
generation() {
	on "${1:-node}" ipmasqctl show -j | sed -n 's/.*"generation": *\([0-9]*\).*/\1/p'
}

# has_policy [NAMESPACE]
has_policy() {
	[ "$(generation "${1:-node}")" != 0 ]
}

# verdict SOURCE DESTINATION [WORD...]: what ipmasqctl explain says, one word
verdict() {
	on node ipmasqctl explain -j "$@" | sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p'
}

# expect_verdict WANTED SOURCE DESTINATION [WORD...]
expect_verdict() {
	local wanted=$1
	shift
	expect_equal "$wanted" "$(verdict "$@")" "explain $* says $wanted"
}
