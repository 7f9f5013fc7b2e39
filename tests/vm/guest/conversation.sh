# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Connections of the pod's that stay open and are asked again.

# converse NAME PROTOCOL DESTINATION TIMEOUT: a flow of the pod's that reads
# questions from a pipe, which has to be opened: exec 4>/tmp/scenario/NAME.in
converse() {
	mkfifo "/tmp/scenario/$1.in"
	: >"/tmp/scenario/$1.out"
	inside pod flow converse "$2" "$3" timeout "$4" \
		<"/tmp/scenario/$1.in" >"/tmp/scenario/$1.out" 2>&1 &
}

lines_are() {
	[ "$(wc -l <"/tmp/scenario/$1.out")" -ge "$2" ]
}

# ask NAME DESCRIPTOR: ask once more; what the far side sees now
ask() {
	local answers
	answers=$(wc -l <"/tmp/scenario/$1.out")
	echo >&"$2"
	wait_until lines_are "$1" $((answers + 1))
	tail -n 1 "/tmp/scenario/$1.out" | sed 's/ [0-9]*$//'
}
