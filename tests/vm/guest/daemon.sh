# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios of the daemon share, sourced after scenario.sh. Most of
# them need no traffic: a namespace with the name of the node is enough.

STATE=/tmp/scenario/state
HTTP=127.0.0.1:9600

DEFAULTS4='10.0.0.0/8 skip
169.254.0.0/16 skip
172.16.0.0/12 skip
192.168.0.0/16 skip'

ONE='nonMasqueradeCIDRs: [10.0.0.0/8]'
ONE_ENTRIES='10.0.0.0/8 skip
169.254.0.0/16 skip'
TWO='nonMasqueradeCIDRs: [10.0.0.0/8, 203.0.113.0/24]'
TWO_ENTRIES='10.0.0.0/8 skip
169.254.0.0/16 skip
203.0.113.0/24 skip'

# entries [NAMESPACE]: the config entries, "CIDR ACTION" a line
entries() {
	on "${1:-node}" ipmasqctl list origin config plain
}

# has_entries WANTED [NAMESPACE]
has_entries() {
	[ "$(entries "${2:-node}")" = "$1" ]
}

# expect_entries WANTED SENTENCE: soon
expect_entries() {
	if wait_until has_entries "$1"; then
		report ok "$2"
	else
		report 'not ok' "$2" "$1" "$(entries)"
	fi
}

# generation_is_not N [NAMESPACE]
generation_is_not() {
	[ "$(generation "${2:-node}")" != "$1" ]
}

# bring_in TEXT: change the ConfigMap under a running daemon; returns when the
# kernel has another policy, and fails if it never has
bring_in() {
	local before
	before=$(generation)
	write_config "$1"
	wait_until generation_is_not "$before"
}

# logged PATTERN [TIMES]: at least as many lines of the daemon's log match
logged() {
	[ "$(grep -c -- "$1" "$DAEMON_LOG")" -ge "${2:-1}" ]
}

# expect_logged PATTERN SENTENCE [TIMES]: soon
expect_logged() {
	if wait_until logged "$1" "${3:-1}"; then
		report ok "$2"
	else
		report 'not ok' "$2" "a line with: $1" "$(tail -n 20 "$DAEMON_LOG")"
	fi
}

# spawn_daemon [FLAG...]: start it and do not wait for anything
spawn_daemon() {
	ip netns exec node ipmasqd --config "$CONFIG_FILE" --state-dir "$STATE" "$@" \
		>>"$DAEMON_LOG" 2>&1 &
	DAEMON=$!
}

# end_daemon SIGNAL: and wait until it is gone; its exit status is in ENDED
end_daemon() {
	ENDED=0
	kill "-$1" "$DAEMON"
	wait "$DAEMON" || ENDED=$?
}

# http METHOD PATH: status and headers and body as they come
http() {
	printf '%s %s HTTP/1.0\r\n\r\n' "$1" "$2" |
		on node socat -t 5 - "TCP:$HTTP" | tr -d '\r'
}

# http_status METHOD PATH
http_status() {
	http "$1" "$2" | sed -n '1s/^[^ ]* //p'
}

# metric NAME: its value; the labels belong to the name
metric() {
	http GET /metrics | awk -v name="$1" '$1 == name { print $2 }'
}

# metric_is WANTED NAME
metric_is() {
	[ "$(metric "$2")" = "$1" ]
}

# expect_metric WANTED NAME: soon
expect_metric() {
	if wait_until metric_is "$@"; then
		report ok "$2 is $1"
	else
		report 'not ok' "$2 is $1" "$1" "$(metric "$2")"
	fi
}

# serving: the HTTP server answers
serving() {
	[ "$(http_status GET /healthz)" = '200 OK' ]
}
