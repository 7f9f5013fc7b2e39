#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel checks requests as the YNL spec says: what CTRL_CMD_GETPOLICY shows, against
# a table made from the spec (tests/vm/policies.py).

# shellcheck source=tests/vm/guest/scenario.sh
. /guest/scenario.sh

spec=/usr/bin/policies.expected

# differences A B: lines of A that B does not have
differences() {
	awk 'FILENAME == ARGV[1] { known[$0] = 1; next } !($0 in known)' "$2" "$1"
}

# outermost FILE: without what is nested
outermost() {
	awk '$2 !~ /[.]/' "$1"
}

expect_success 'the kernel shows its policies' hostile policies
hostile policies >/tmp/scenario/kernel
# Two empty tables would be the same.
expect_success 'it shows attributes' grep -qx 'POLICY_SET 3 u32 mask 7' /tmp/scenario/kernel
expect_success 'and so does the spec' grep -qx 'POLICY_SET 3 u32 mask 7' $spec
outermost $spec >/tmp/scenario/spec-outermost
outermost /tmp/scenario/kernel >/tmp/scenario/kernel-outermost
expect_equal '' "$(differences /tmp/scenario/spec-outermost /tmp/scenario/kernel-outermost)" \
	'the kernel takes all commands and attributes of the spec, with its types and ranges'
expect_equal '' "$(differences /tmp/scenario/kernel $spec)" \
	'and nothing that the spec does not have, in nests too'

# A nest may take less in a request than the spec's set has for replies:
# CIDR { ORIGIN, SHADOWED }, and SOURCE_CIDR { all but ADDRESS, PREFIX_LEN }.
cut -d ' ' -f 2 $spec >/tmp/scenario/spec-paths
cut -d ' ' -f 2 /tmp/scenario/kernel >/tmp/scenario/kernel-paths
expect_equal '8.5 8.7 26.4 26.5 26.6 26.7 26.8 26.9 26.9.1' \
	"$(differences /tmp/scenario/spec-paths /tmp/scenario/kernel-paths | sort -u -V | paste -s -d ' ' -)" \
	'only these nested attributes are for replies alone'
