# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Expectations. Each one is a test of its own with a sentence that says what
# must be true; when it is not, what was expected and what was seen is printed
# and the scenario goes on.

EXPECTATIONS=0
EXPECTATIONS_FAILED=0
WAIT_SECONDS=10
# A kernel that checks itself is slower.
: "${WAIT_FACTOR:=1}"

# report "ok"|"not ok" SENTENCE [EXPECTED SEEN]
report() {
	EXPECTATIONS=$((EXPECTATIONS + 1))
	echo "    $1 $EXPECTATIONS - $2" >&3
	[ "$1" = ok ] && return
	EXPECTATIONS_FAILED=$((EXPECTATIONS_FAILED + 1))
	printf '%s\n' "$3" | sed 's/^/    #   expected: /' >&3
	printf '%s\n' "$4" | sed 's/^/    #   seen:     /' >&3
}

plan() {
	echo "    1..$EXPECTATIONS" >&3
}

# note TEXT...: a line for whoever reads the results
note() {
	echo "    # $*" >&3
}

# skip SENTENCE REASON: what cannot be tried on this kernel, and why
skip() {
	report ok "$1 # SKIP $2"
}

# expect_equal WANTED SEEN SENTENCE
expect_equal() {
	if [ "$1" = "$2" ]; then
		report ok "$3"
	else
		report 'not ok' "$3" "$1" "$2"
	fi
}

# expect_match PATTERN SEEN SENTENCE: PATTERN is one of the shell's
expect_match() {
	# shellcheck disable=SC2254 # it is meant as a pattern
	case $2 in
	$1) report ok "$3" ;;
	*) report 'not ok' "$3" "$1" "$2" ;;
	esac
}

# expect_success SENTENCE COMMAND...
expect_success() {
	local sentence=$1 status=0 output
	shift
	output=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then
		report ok "$sentence"
	else
		report 'not ok' "$sentence" "success of: $*" "exit status $status: $output"
	fi
}

# expect_failure STATUS PATTERN SENTENCE COMMAND...: the command must end with
# STATUS, and what it prints must match PATTERN
expect_failure() {
	local wanted=$1 pattern=$2 sentence=$3 status=0 output
	shift 3
	output=$("$@" 2>&1) || status=$?
	expect_match "$wanted: $pattern" "$status: $output" "$sentence"
}

# Whatever the kernel holds for itself, in KiB; for what must come back.
kernel_memory() {
	awk '/^(Slab|VmallocUsed|Percpu):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# wait_until COMMAND...: true as soon as COMMAND is, false after WAIT_SECONDS. It looks
# less often with time: other VMs have use for the processor.
wait_until() {
	local now rest deadline pause
	read -r now rest </proc/uptime
	deadline=$((${now%.*} + WAIT_SECONDS * WAIT_FACTOR))
	pause=10000
	until "$@" >/dev/null 2>&1; do
		read -r now rest </proc/uptime
		if [ "${now%.*}" -ge "$deadline" ]; then
			echo "waited $WAIT_SECONDS s in vain for: $*" >&2
			return 1
		fi
		usleep $pause
		[ $pause -ge 160000 ] || pause=$((pause * 2))
	done
}

# expect_soon SENTENCE COMMAND...
expect_soon() {
	local sentence=$1
	shift
	if wait_until "$@"; then
		report ok "$sentence"
	else
		report 'not ok' "$sentence" "within $WAIT_SECONDS s: $*" \
			"$("$@" 2>&1 || echo "exit status $?")"
	fi
}

# source_seen NAMESPACE PROTOCOL DESTINATION [WORD...]: the source address that
# the far side of a new connection sees; the words are those of flow connect
source_seen() {
	local namespace=$1 seen
	shift
	# The port, where there is one, is cut off.
	seen=$(on "$namespace" flow connect "$@" || :)
	echo "${seen% [0-9]*}"
}

# expect_source WANTED NAMESPACE PROTOCOL DESTINATION [WORD...]
expect_source() {
	local wanted=$1
	shift
	expect_equal "$wanted" "$(source_seen "$@")" "$2 from $1 to $3 arrives from $wanted"
}

# counter VERDICT [ipv4|ipv6] [NAMESPACE]: connections that the module counted.
# (jq would take twice as long.)
counter() {
	on "${3:-node}" ipmasqctl stats -j | tr -d ' \n' |
		sed -n "s/.*\"${2:-ipv4}\":{[^}]*\"$1\":\([0-9]*\).*/\1/p"
}

# expect_counter VERDICT N [ipv4|ipv6] [NAMESPACE]
expect_counter() {
	expect_equal "$2" "$(counter "$1" "${3:-ipv4}" "${4:-node}")" \
		"$2 connections counted as $1${3:+ ($3)}${4:+ in $4}"
}

# expect_decided4: under a policy that skips PEER4 and has decided nothing yet, the pod's
# first connections over IPv4 are masqueraded or left alone, and counted
expect_decided4() {
	local protocol
	for protocol in tcp udp icmp sctp; do
		expect_source "$NODE4" pod "$protocol" "$INTERNET4"
		expect_source "$POD4" pod "$protocol" "$PEER4"
	done
	expect_counter masquerade 4
	expect_counter cidr 4
}
