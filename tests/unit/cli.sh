#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ipmasqctl without the module: command lines, exit codes, errors as text and
# as JSON. IPMASQCTL names the program, build/ipmasqctl where it is not set.
# Prints TAP.

set -eu

program=${IPMASQCTL:-$(dirname "$0")/../../build/ipmasqctl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
number=0
failures=0

report() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $number $2"
	sed 's/^/# /' "$work/output" "$work/errors"
}

# run WORD...: the program, its exit status in $status
run() {
	status=0
	"$program" "$@" >"$work/output" 2>"$work/errors" </dev/null || status=$?
}

# refused STATUS TEXT WORD...: as text one line on standard error with TEXT in
# it, as JSON one object on standard output with the same, wherever -j stands.
refused() {
	wanted=$1
	text=$2
	shift 2
	run "$@"
	good=0
	[ "$status" = "$wanted" ] || good=1
	[ ! -s "$work/output" ] || good=1
	[ "$(wc -l <"$work/errors")" = 1 ] || good=1
	grep -qF -- "$text" "$work/errors" || good=1
	report $good "exit status $wanted and one line: ipmasqctl $*"

	run -j "$@"
	good=0
	[ "$status" = "$wanted" ] || good=1
	[ ! -s "$work/errors" ] || good=1
	jq -e --arg text "$text" '(.error.message | contains($text)) and (.error.code | length > 0)
		and (keys == ["error"])' "$work/output" >/dev/null || good=1
	before=$(cat "$work/output")
	run "$@" --json
	[ "$before" = "$(cat "$work/output")" ] || good=1
	report $good "the same as JSON: ipmasqctl $*"
}

# prints TEXT WORD...: success, with TEXT in the output, and valid JSON with -j
prints() {
	text=$1
	shift
	run "$@"
	good=0
	[ "$status" = 0 ] || good=1
	grep -qF -- "$text" "$work/output" || good=1
	run "$@" -j
	[ "$status" = 0 ] || good=1
	jq -e . "$work/output" >/dev/null || good=1
	report $good "ipmasqctl $*"
}

prints 'usage:' help
prints 'usage:' --help
prints 'usage:' -h
prints 'ipmasqctl ' version
prints 'ipmasqctl ' -V
prints 'ipmasqctl ' --version
run help -j
for command in $(jq -r '.commands[].name' "$work/output"); do
	prints "usage: ipmasqctl $command" help "$command"
	prints "usage: ipmasqctl $command" "$command" --help
done

run help
long=$(awk 'length > 80' "$work/output")
for command in add apply conns del diff explain flush list monitor ports replace restore save \
	set show stats trace version; do
	run help "$command"
	long=$long$(awk 'length > 80' "$work/output")
done
[ -z "$long" ] && good=0 || good=1
report $good 'help fits a terminal of 80 columns'

# on_terminal TERM NO_COLOR WORD...: what a terminal gets
on_terminal() {
	kind=$1
	plain=$2
	shift 2
	TERM=$kind NO_COLOR=$plain script -qec "$program $*" /dev/null </dev/null
}

# coloured WANTED SENTENCE: whether there are escape sequences in the output
coloured() {
	seen=no
	! grep -q "$(printf '\033')" "$work/output" || seen=yes
	grep -q trace "$work/output" || seen='not printed'
	: >"$work/errors"
	[ "$seen" = "$1" ] && good=0 || good=1
	report $good "$2"
}

on_terminal xterm '' help >"$work/output"
coloured yes 'colours on a terminal'
on_terminal xterm 1 help >"$work/output"
coloured no 'none where NO_COLOR is set'
on_terminal dumb '' help >"$work/output"
coloured no 'none where TERM is dumb'
on_terminal '' '' help >"$work/output"
coloured no 'none where TERM is empty'
on_terminal xterm '' -j help >"$work/output"
coloured no 'none in JSON'
TERM=xterm "$program" help >"$work/output"
coloured no 'none in a pipe'

refused 2 'a command is missing'
refused 2 'did you mean "show"?' shwo
refused 2 'there is no command "xyzzy"' xyzzy
refused 2 'there is no option "-x"' -x
refused 2 'did you mean "list"?' help lsit
refused 2 '"now" is not understood' show now
refused 2 '"now" is not understood' stats now
refused 2 '"now" is not understood' monitor now
refused 2 '"now" is not understood' version now
refused 2 'a CIDR is missing' add
refused 2 'a CIDR is missing' del
refused 2 'a CIDR is missing' add skip origin static
refused 2 'did you mean "skip"?' add 10.0.0.0/8 skpi
refused 2 'not skip and masquerade' add 10.0.0.0/8 skip masquerade
refused 2 'not snat and skip' add 10.0.0.0/8 snat 192.0.2.1 skip
refused 2 'missing after "snat"' add 10.0.0.0/8 snat
refused 2 '"skip" is no address' add 10.0.0.0/8 snat skip
refused 2 '"192.0.2.0/24" is no address' add 10.0.0.0/8 snat 192.0.2.0/24
refused 2 '"snat" is there twice' add 10.0.0.0/8 snat 192.0.2.1 snat 192.0.2.2
refused 2 'an IPv4 connection to 10.0.0.0/8 cannot get the IPv6 address 2001:db8::1' \
	add fd00::/8 10.0.0.0/8 snat 2001:db8::1
refused 2 'an IPv6 connection to fd00::/8' add 10.0.0.0/8 fd00::/8 snat 192.0.2.1
refused 2 'missing after "for"' add 10.0.0.0/8 for
refused 2 'from 1ms to a year' add 10.0.0.0/8 for 0s
refused 2 'from 1ms to a year' add 10.0.0.0/8 for -5m
refused 2 'from 1ms to a year' add 10.0.0.0/8 for 8760h1s
refused 2 'the unit is missing' add 10.0.0.0/8 for 10
refused 2 'a number is expected' add 10.0.0.0/8 for ever
refused 2 'longer than 292 years' add 10.0.0.0/8 for 9999999h
refused 2 '"for" is there twice' add 10.0.0.0/8 for 5m for 6m
refused 2 'did you mean "masquerade"?' add 10.0.0.0/8 masqerade for 5m
refused 2 'the prefix is 10.0.0.0/8' add 10.1.2.3/8
refused 2 'the prefix is fe80::/10' del fe80::1/10
refused 2 'above 32' add 10.0.0.0/33
refused 2 'above 128' add ::/129
refused 2 '"10.0.0/8" is no CIDR' add 10.0.0/8
refused 2 '"" is not understood' add ''
refused 2 '\x1b' add "$(printf '10.0.0.0/8\033[31m')"
refused 2 'expected config or static' add 10.0.0.0/8 origin me
refused 2 'missing after "origin"' add 10.0.0.0/8 origin
refused 2 'no generation' add 10.0.0.0/8 generation -1
refused 2 'no generation' del 10.0.0.0/8 generation 99999999999999999999
refused 2 'one CIDR is expected' list 10.0.0.0/8 11.0.0.0/8
refused 2 'did you mean "plain"?' list plian
refused 2 'are expected' explain
refused 2 'are expected' explain 10.0.0.1
refused 2 'both be IPv4' explain 10.0.0.1 ::1
refused 2 'not a prefix' explain 10.0.0.0/8 8.8.8.8
refused 2 '"8.8.8" is no address' explain 10.0.0.1 8.8.8
refused 2 'from 1 to 255' explain 10.0.0.1 8.8.8.8 proto 256
refused 2 'from 1 to 65535' explain 10.0.0.1 8.8.8.8 sport 0
refused 2 'missing after "dev"' explain 10.0.0.1 8.8.8.8 dev
refused 1 'there is no interface' explain 10.0.0.1 8.8.8.8 dev nothing0
refused 2 'a setting is missing' set
refused 2 'on or off' set enable-ipv6 maybe
refused 2 'there twice' set enable-ipv6 on enable-ipv6 off
refused 2 'did you mean "enabled"?' set enable on
refused 2 'to-ports' set to-ports 70000
refused 2 'to-ports' set to-ports 5-2
refused 2 'source-cidrs: "10.0.0.1/8" is no CIDR' set source-cidrs 10.0.0.1/8
refused 2 'source-cidrs: "any" is no CIDR' set source-cidrs any 10.0.0.0/8
refused 2 'a list of source CIDRs or any is missing' set source-cidrs
refused 2 '"source-cidrs" is there twice' set source-cidrs any source-cidrs any
refused 2 'output-interfaces: "" is no interface' set output-interfaces eth0,,eth1
refused 2 'its name has 15 bytes at most' set output-interfaces interface-too-long
refused 2 '"eth1" is not understood here' set output-interfaces eth0 eth1
refused 2 'a list of source addresses or none is missing' set snat-addresses
refused 2 'snat-addresses: "any" is no address' set snat-addresses any
refused 2 'snat-addresses: "192.0.2.0/24" is no address' set snat-addresses 192.0.2.20 192.0.2.0/24
refused 2 'did you mean "source-cidrs"?' set source-cidr 10.0.0.0/8
refused 2 'did you mean "policy"?' flush polici
refused 2 '"x" is not understood' flush all x
refused 2 'either -f FILE or --config FILE' replace
refused 2 'either -f FILE or --config FILE' replace -f x --config y
refused 2 'missing after "-f"' replace -f
refused 1 'No such file' replace -f "$work/nothing"
refused 1 'No such file' replace --config "$work/nothing"
refused 1 'Is a directory' replace -f /
refused 2 'the file is missing' diff
refused 2 'the file is missing' apply --enable-ipv6
refused 2 'unknown flag --speed' diff "$work/entries" --speed
refused 2 'not --config-dir' diff "$work/entries" --config-dir /tmp
refused 2 '"word" is not a flag' check "$work/entries" word --strict
printf 'masqLinkLocal: true\n' >"$work/one"
refused 2 'check takes one file at a time' check "$work/one" "$work/one"
refused 2 'check takes one file at a time' check "$work/one" nothing.yaml
refused 2 'check takes one file at a time' check "$work/one" --enable-ipv6 "$work/one"
refused 1 'No such file' check "$work/nothing"
refused 1 'No such file' check --config-dir "$work/nothing"
mkdir "$work/empty"
refused 1 'no file whose name begins with "ip-masq"' check --config-dir "$work/empty"
mkdir "$work/several"
printf 'nonMasqueradeCIDRs:\n- 198.51.100.0/24\n' >"$work/several/ip-masq.yaml"
prints '198.51.100.0/24' check --config-dir "$work/several"
refused 2 '"word" is no flag' diff "$work/entries" word
refused 1 'No such file' diff "$work/nothing"
refused 2 'to say which connections' conns --drop
refused 2 'did you mean "masquerade"?' trace verdict masqerade
refused 2 'no count' trace count 0
refused 2 'the prefix is 10.0.0.0/8' trace to 10.1.2.3/8
refused 2 'did you mean "verdict"?' trace verdct cidr
refused 2 'did you mean "--stale"?' conns --stal
refused 2 'missing after "from"' conns from
refused 2 '"to" is there twice' conns to ::1 to ::2
refused 2 'the prefix is 10.0.0.0/8' ports 10.1.2.3/8
refused 2 'did you mean "pods"?' ports pod
refused 2 'missing after "above"' ports above
refused 2 'expected 0 to 100' ports above 101%
refused 2 'expected 0 to 100' ports above -1
refused 2 'expected 0 to 100' ports above 80x
refused 2 '"now" is not understood' save now
refused 2 '-f FILE is expected' restore
refused 2 'did you mean "takeover"?' migrate takeovr
refused 2 'takeover and back exclude each other' migrate takeover back
refused 2 'no name of a chain' migrate chain 'A B'
refused 1 'No such file or directory' migrate back save /nonexistent/rules
refused 2 'did you mean "origin"?' restore -f x orgin static
refused 1 'No such file' restore -f "$work/nothing"
refused 1 'standard input: settings are missing' restore -f -
printf '10.0.0.0/8\n# x\n10.0.0.0/8 drop\n' >"$work/entries"
refused 1 "$work/entries:3: \"drop\" is no action" replace -f "$work/entries"
printf 'nonMasqueradeCIDRs:\n- 10.0.0.0/99\n' >"$work/config"
refused 1 "$work/config:2:" replace --config "$work/config"

# Standard input, as what was read from a cluster comes by a pipe.
# piped STATUS TEXT COMMAND: an entry that is good, or one that is not
piped() {
	printf 'nonMasqueradeCIDRs:\n- 10.9.0.0/%s\n' "$([ "$1" = 0 ] && echo 16 || echo 99)" |
		"$program" "$3" - >"$work/output" 2>"$work/errors" && status=0 || status=$?
	[ "$status" = "$1" ] && cat "$work/output" "$work/errors" | grep -qF -- "$2" && good=0 || good=1
	report $good "$3 with standard input, exit status $1"
}
piped 0 '- "10.9.0.0/16"' check
piped 1 'standard input:2:3: ' check
piped 1 'standard input:2:3: ' diff
piped 1 'standard input:2:3: ' apply
run check -
[ "$status" = 0 ] && grep -qF '10.0.0.0/8' "$work/output" && good=0 || good=1
report $good 'nothing on it means the defaults, as an empty file does'

for words in "$work/nothing" "--config-dir $work/empty" "--config-dir $work/nothing"; do
	# shellcheck disable=SC2086 # several words
	run check --missing-ok $words
	[ "$status" = 0 ] && grep -qF 'cidrLimit: 64' "$work/output" && good=0 || good=1
	report $good "check --missing-ok $words: the defaults"
done

# A whole ConfigMap object, with the places of the file that holds it.
# wrong TEXT FILE: check refuses it, and says so
wrong() {
	run check "$2"
	[ "$status" = 1 ] && grep -qF "$1" "$work/errors" && good=0 || good=1
	report $good "check: $1"
}
cat >"$work/object" <<END
apiVersion: v1
data:
  config: |

    cidrLimit: 5
    nonMasqueradeCIDRs:
    - 10.9.0.0/16
kind: ConfigMap
END
run check "$work/object"
[ "$status" = 0 ] && grep -qF '10.9.0.0/16' "$work/output" && [ ! -s "$work/errors" ] &&
	good=0 || good=1
report $good 'check reads what an object holds'
sed 's|/16|/99|' "$work/object" >"$work/wrong"
wrong "$work/wrong:7:7: error" "$work/wrong"
cp "$work/object" "$work/ip-masq-agent"
run check "$work/ip-masq-agent"
[ "$status" = 0 ] && grep -qF 'cidrLimit: 64' "$work/output" && grep -qF ConfigMap "$work/errors" &&
	good=0 || good=1
report $good 'an object in place of the file has no effect, and check shows that'
printf '%s' '{"kind": "ConfigMap", "data": {"config": "cidrLimit: 5\nmasqLinkLocal: 1\n"}}' \
	>"$work/object"
wrong "$work/object:1:42: error" "$work/object"
printf 'kind: ConfigMap\ndata:\n  ip-masq-%s: |\n    resyncInterval: %ss\n' a 5 >"$work/object"
printf '  ip-masq-b: |\n    resyncInterval: 6s\n' >>"$work/object"
wrong "$work/object:6:21: error" "$work/object"
printf 'kind: ConfigMap\ndata:\n  config:\n    cidrLimit: 5\n' >"$work/object"
wrong "$work/object:4:5: error" "$work/object"
printf 'kind: ConfigMap\ndata:\n  conf: ""\n' >"$work/object"
wrong 'has neither a key' "$work/object"

# What needs the module says how to get it.
if [ ! -d /sys/module/ipmasq ]; then
	for words in show list stats monitor 'add 10.0.0.0/8' 'del 10.0.0.0/8' flush \
		'flush policy' 'set enabled on' 'explain 10.0.0.1 8.8.8.8' 'replace -f -' save; do
		# shellcheck disable=SC2086 # several words
		refused 1 'modprobe ipmasq' $words
	done
fi

# Ends with whoever reads it.
report "$([ "$("$program" -w 1 -c version | head -n 2 | jq -r .tool_version | uniq | wc -l)" = 1 ]
	echo $?)" '--watch prints again'
refused 2 'is no number of seconds' -w soon version
refused 2 'a number of seconds is missing' --watch
refused 2 'there is no command' -w 1 verse
refused 2 'for commands that look' -w 1 flush
refused 2 'namespace is empty' -n '' show
refused 2 'namespace is too long' -n "$(printf '%600s' x)" show
run check "$(printf 'a\033[31m\nb')"
[ "$(wc -l <"$work/errors")" = 1 ] && grep -qF 'a\x1b[31m\x0ab: No such' "$work/errors" &&
	good=0 || good=1
report $good 'a name of a file cannot write to the terminal'
for words in '-j list' '-c explain a b'; do
	# shellcheck disable=SC2086 # several words
	"$program" $words >/dev/full 2>"$work/errors" || :
	grep -q 'No space left' "$work/errors" && good=0 || good=1
	report $good "an error that is lost is an error: $words"
done

"$program" help >/dev/full 2>"$work/errors" && status=0 || status=$?
[ "$status" = 1 ] && grep -q 'No space left' "$work/errors" && good=0 || good=1
report $good 'output that is lost is an error'

echo "1..$number"
[ "$failures" = 0 ]
