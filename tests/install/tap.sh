# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests here share: TAP, the version, and a folder that goes at the end.

# shellcheck disable=SC2034 # for those who source this
top=$(readlink -f "$(dirname "$0")/../..")
work=$(mktemp -d)
number=0
failures=0
trap 'end_of_test $?' EXIT
trap 'exit 1' HUP INT TERM

# The exit status is 0 only if the test came to its end and nothing failed.
end_of_test() {
	rm -rf "$work"
	[ "$1" = 0 ] || exit "$1"
	echo "1..$number"
	[ "$failures" = 0 ]
}

# package_version: that of this tree
package_version() {
	sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf"
}

# expect WANTED SEEN SENTENCE
expect() {
	number=$((number + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $number $3"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $number $3"
	echo "expected: $1" | sed 's/^/# /'
	echo "seen: $2" | sed 's/^/# /'
}
