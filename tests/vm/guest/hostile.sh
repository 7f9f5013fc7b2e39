# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Results of the program "hostile", sourced after scenario.sh.

# report_hostile COMMAND...: run it, which ends in hostile and its words, and report
# what the program found. It must come to its end: the last line says how many results
# there are, and the exit status is 1 where one of them is wrong, else 0.
report_hostile() {
	local status=0 seen=0 wrong=0 end='no last line'
	"$@" >/tmp/scenario/hostile 2>&1 || status=$?
	while IFS='|' read -r outcome sentence expected found; do
		case $outcome in
		ok | 'not ok')
			seen=$((seen + 1))
			[ "$outcome" = ok ] || wrong=1
			report "$outcome" "${HOSTILE_AS:+$HOSTILE_AS: }$sentence" "$expected" "$found"
			;;
		end) end=$sentence ;;
		*) report 'not ok' 'hostile prints results and nothing else' 'results' "$outcome" ;;
		esac
	done </tmp/scenario/hostile
	expect_equal "status $wrong, $seen results" "status $status, $end results" \
		"${HOSTILE_AS:+$HOSTILE_AS: }$* comes to its end"
}
