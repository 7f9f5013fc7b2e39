#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon's /metrics as promtool reads it, which is in Debian's package prometheus:
# 96 MB, so that it is used where it is and not installed. In a network namespace of
# its own, root in which anybody may be. Prints TAP.

set -eu

build=$(readlink -f "$(dirname "$0")/../../build")
echo 1..1
if ! command -v promtool >/dev/null; then
	echo 'ok 1 promtool takes the metrics # SKIP promtool is not installed'
	exit
fi
if ! unshare -r -n true 2>/dev/null; then
	echo 'ok 1 promtool takes the metrics # SKIP no user namespaces here'
	exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2016 # for the other shell
if unshare -r -n sh -euc 'ip link set lo up
	"$1" --config /nonexistent --state-dir "" --http-address 127.0.0.1:9600 2>"$2/log" &
	daemon=$!
	for _ in $(seq 50); do
		printf "GET /metrics HTTP/1.0\r\n\r\n" | socat -t 5 - TCP:127.0.0.1:9600 2>/dev/null |
			tr -d "\r" | sed "1,/^\$/d" >"$2/page"
		[ ! -s "$2/page" ] || break
		sleep 0.1
	done
	kill $daemon
	promtool check metrics <"$2/page"' sh "$build/ipmasqd" "$work" >"$work/said" 2>&1; then
	echo 'ok 1 promtool takes the metrics'
else
	echo 'not ok 1 promtool takes the metrics'
	sed 's/^/# /' "$work/said" "$work/log"
	exit 1
fi
