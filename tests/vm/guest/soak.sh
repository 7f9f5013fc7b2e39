# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scenarios share that do one thing very often under traffic, sourced
# after scenario.sh. How often is in the environment: make soak has large numbers.

# The traffic goes on until this file exists.
END=/tmp/scenario/end
WAIT_SECONDS=60

# traffic NAME NAMESPACE PROTOCOL DESTINATION SOURCE_PORT [WORD...]: connections
# without pause, but what is done very often comes first; each has a port of its own,
# because two sockets on one port could take each other's answers
traffic() {
	local name=$1 namespace=$2 protocol=$3 destination=$4 port=$5
	shift 5
	# shellcheck disable=SC2016 # for the other shell
	on "$namespace" sh -c 'renice -n 10 -p $$ && exec "$@" >/tmp/scenario/'"$name.traffic" \
		traffic flow connect "$protocol" "$destination" until $END successive \
		source-port "$port" "$@" &
	TRAFFIC="${TRAFFIC:-} $!"
}

# end_traffic: and wait for its summaries; there may be more afterwards
end_traffic() {
	touch $END
	# shellcheck disable=SC2086 # a list of processes
	wait $TRAFFIC || :
	TRAFFIC=
	rm -f $END
}

# sources NAME: the addresses that were seen, and why there was none
sources() {
	awk '{ print $1 == "failed" ? $0 : $1 }' "/tmp/scenario/$1.traffic" | sort | tr '\n' ' '
}

# addresses NAME: only the addresses
addresses() {
	awk '$1 != "failed" { print $1 }' "/tmp/scenario/$1.traffic" | sort | tr '\n' ' '
}

# connections NAME: how many
connections() {
	awk '$1 != "failed" { sum += $2 } END { print sum + 0 }' "/tmp/scenario/$1.traffic"
}

# settled_memory: the kernel's, without what it keeps of connections that were.
# Not under traffic: a connection that is forgotten while its answer is on the way
# gets none.
settled_memory() {
	on node conntrack -F >/dev/null 2>&1 || :
	kernel_memory
}

# remember_memory: call it after a first time of everything, traffic included, of
# which the kernel's allocators keep something for the next
remember_memory() {
	MEMORY=$(settled_memory)
}

memory_is_back() {
	[ "$(settled_memory)" -le $((MEMORY + 4096)) ]
}

# expect_memory_back TIMES: per-CPU lists and half-empty slabs are not given back
# at once, so there is a margin; it does not grow with TIMES
expect_memory_back() {
	expect_soon "the kernel's memory is back after $1 times" memory_is_back
	note "memory of the kernel: $MEMORY KiB before, $(settled_memory) now"
}
