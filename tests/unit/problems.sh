#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is wrong with a file is told in the same words by ipmasqctl check, by its JSON,
# by the daemon's log and by the log's JSON lines. Prints TAP.

set -eu

build=$(readlink -f "$(dirname "$0")/../../build")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
number=0
failures=0

# same WANTED SEEN SENTENCE: two files
same() {
	number=$((number + 1))
	if cmp -s "$1" "$2" && [ -s "$1" ]; then
		echo "ok $number $3"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $number $3"
	diff "$1" "$2" | head -n 20 | sed 's/^/# /'
}

daemon() {
	"$build/ipmasqd" --dry-run --config "$work/file" --state-dir '' "$@" >/dev/null 2>"$work/log" || :
}

# compare NAME: all that is said of $work/file
compare() {
	"$build/ipmasqctl" check "$work/file" 2>&1 >/dev/null |
		grep -v '^ipmasqctl: ' >"$work/check" || :
	grep -E '^[^ ]+:[0-9]+:[0-9]+: ' "$work/check" |
		sed -E 's/^[^ ]*:([0-9]+:[0-9]+: )(error|warning): /\1/' >"$work/check-places"
	# Of a file that is taken the JSON is what it means; warnings are text beside it.
	if ! "$build/ipmasqctl" check -j "$work/file" >"$work/json" 2>/dev/null; then
		jq -r '[.error | .errors[], .warnings[]] | sort_by(.line, .column)[] |
			"\(.line):\(.column): \(.message)"' "$work/json" >"$work/json-places"
		same "$work/check-places" "$work/json-places" "$1: check says it in JSON too"
	fi

	daemon
	sed -nE 's/^[^ ]+ (error|warning) //p' "$work/log" |
		grep -vE ' is refused|kernel module|^ipmasqd ' >"$work/log-text" || :
	same "$work/check" "$work/log-text" "$1: the log says what check says"

	daemon --log-format json
	jq -r 'select(.line) | "\(.line):\(.column): \(.message)"' "$work/log" >"$work/log-places"
	same "$work/check-places" "$work/log-places" "$1: and its JSON lines"
}

printf 'nonMasqueradeCIDRs: [10.0.0.0/33, a]\ncidrLimit: x\n' >"$work/file"
compare 'three errors'
printf 'resyncInterval: 10ms\nnonMasqueradeCIDR: []\n' >"$work/file"
compare 'two warnings'
printf 'nonMasqueradeCIDRs: [10.0.0.0/8,\nresyncInterval: 60s\n' >"$work/file"
compare 'a bracket that is not closed'
{
	echo 'cidrLimit: 3000'
	echo 'nonMasqueradeCIDRs:'
	seq 200 | sed 's|.*|- 10.0.0.&/33|'
} >"$work/file"
compare 'two hundred errors'

cat >"$work/file" <<'END'
nonMasqueradeCIDR: []
nonMasqueradeCIDRs:
- 10.0.0.0/33
- 10.0.0.0
- 300.0.0.0/8
- a.b.c.d/8
- 10.0.0.1/8
- 10.0.0.0/-1
- 10.0.0.0/08
- fd00::/129
- fd00::1/64
- ::ffff:1.2.3.4/100
- 10.0.0.0/8/8
- ""
- null
- 7
- [10.0.0.0/8]
- {a: b}
- true
- 1.5
- " 10.0.0.0/8"
- 10.0.0.0/ 8
- 2001:db8::/32
masqueradeCIDRs:
- 10.0.0.0/40
- x
- {8.8.8.0/24: 1}
sourceCIDRs: 10.244.0.0/16
outputInterfaces:
- eth0
- averylonginterfacename
- ""
- eth/0
- 5
snatAddresses:
- 203.0.113.999
- 9.9.9.0/24: 192.0.2.300
- 9.9.9.0/24: 192.0.2.9-192.0.2.1
- 9.9.9.0/24: fd00::1
cidrLimit: many
resyncInterval: 60
masqLinkLocal: maybe
masqLinkLocalIPv6: 3
randomFully: [true]
enableIPv6: {}
toPorts: 70000-80000
applyToExisting: perhaps
nomasqAllReservedRanges: no way
noMasqAllReservedRanges: no way
MasqueradeCidrs: []
"tab	key": 1
END
compare 'one problem of each kind'

# A name with a newline in it makes no line of its own.
odd="$work/a
b"
printf 'cidrLimit: x\n' >"$odd"
"$build/ipmasqd" --dry-run --config "$odd" --state-dir '' >/dev/null 2>"$work/log" || :
grep -E 'Z (error|warning|notice|info) b' "$work/log" >"$work/split" || :
echo "$(wc -l <"$work/log") lines, $(wc -l <"$work/split") of them split" >"$work/seen"
echo "$(grep -c '' "$work/log") lines, 0 of them split" >"$work/wanted"
same "$work/wanted" "$work/seen" 'a newline in the name of a file splits no line of the log'
echo 'cidrLimit: 5' >"$odd"
"$build/ipmasqctl" check "$odd" | grep -c '^b' >"$work/seen" || :
echo 0 >"$work/wanted"
same "$work/wanted" "$work/seen" 'nor one of check'

echo "1..$number"
[ "$failures" = 0 ]
