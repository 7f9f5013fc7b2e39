# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads a kernel's log with the KTAP of KUnit suites (suites=N of them), prints
# what failed, and ends with "N passed, N failed". A case with parameters counts
# as many tests as it has. What did not arrive counts as failed: a suite without
# a result, a plan that is not met. Lines that begin with "complaint " come from
# tests/kunit/run.

function fail(text) {
	failed++
	print text
}

/^complaint / {
	fail($0)
	next
}

/^    # Subtest: / {
	suite = $3
	cases = 0
	parameters = 0
	plan = -1
	details = ""
	next
}

/^    1\.\./ {
	plan = substr($1, 4) + 0
	next
}

# What a failed expectation says comes ahead of its result.
/EXPECTATION FAILED|ASSERTION FAILED/ {
	details = $0
	lines = 8
	next
}

details != "" && lines > 0 && !/^ *(not )?ok / {
	details = details "\n" $0
	lines--
}

/^        (not )?ok / {
	parameters++
	if ($1 == "ok")
		passed++
	else
		fail(suite ": " $0 "\n" details)
	details = ""
	next
}

/^    (not )?ok / {
	cases++
	if ($1 != "ok")
		fail(suite ": " $0 "\n" details)
	else if (!parameters)
		passed++
	if (/# SKIP/)
		fail(suite ": skipped: " $0)
	parameters = 0
	details = ""
	next
}

/^(not )?ok [0-9]+ (- )?ipmasq_/ {
	results++
	if (cases != plan)
		fail(suite ": " cases " cases of " plan)
	next
}

END {
	if (results != suites)
		fail("results of " results + 0 " suites, of " suites)
	printf "%d passed, %d failed\n", passed, failed
	exit failed || !passed
}
