# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads the KTAP of VMs, prints what failed or was skipped (with verbose=1 all), and
# ends with "N passed, N failed". With unsteady=FILE it writes there which scenarios failed,
# if nothing else did. What did not arrive counts as failed: a
# scenario without a result, a plan that is not met, a VM that went silent.
#
# Three kinds of lines come from tests/vm/run: "boot NAME SCENARIOS" ahead of a
# VM's output, "complaint TEXT" for what its kernel log should not hold, and
# "left SCENARIO" for one that no VM took.

function fail(text) {
	failed++
	print "not ok - " text
}

# Of a scenario that did not bring down more than itself.
function fail_scenario(text) {
	fail(scenario ": " text)
	if (!again[scenario]++)
		names = names scenario "\n"
	alone++
}

# At the end of a VM: did it do all it was given?
function close_boot() {
	if (boot != "" && (results < wanted || !ended))
		fail("the VM stopped after " results " of " wanted " scenarios, in \"" \
			scenario "\": see " boot ".console")
}

$1 == "boot" {
	close_boot()
	boot = $2
	wanted = $3
	results = 0
	ended = 0
	scenario = "boot"
	next
}

# The outer plan is a VM's last line.
/^1\.\./ {
	ended = 1
	next
}

$1 == "left" {
	close_boot()
	boot = ""
	fail($2 ": no VM was there to run it")
	next
}

$1 == "complaint" {
	sub(/^complaint /, "")
	fail("the kernel complained (" boot ".console): " $0)
	next
}

/^    # Subtest: / {
	scenario = $3
	points = 0
	plan = -1
	if (verbose)
		print scenario
	next
}

/^    1\.\./ {
	plan = substr($1, 4) + 0
	next
}

/^    ok / {
	points++
	details = 0
	if (/ # SKIP /) {
		sub(/^ *ok [0-9]* - /, "")
		print "skipped: " scenario ": " $0
		next
	}
	passed++
	if (verbose)
		print
	next
}

/^    not ok / {
	points++
	details = 1
	sub(/^ *not ok [0-9]* - /, "")
	fail_scenario($0)
	next
}

# What belongs to a failure.
/^    #   / {
	if (details || verbose)
		print
	next
}

/^    # / {
	if (verbose || / [|] /)
		print
	next
}

/^(not )?ok / {
	results++
	details = 0
	if (plan != points)
		fail_scenario("ended after " points " expectations, before its plan")
	else if (plan == 0)
		fail_scenario("expected nothing")
	next
}

END {
	close_boot()
	if (unsteady && failed == alone)
		printf "%s", names >unsteady
	printf "%d passed, %d failed\n", passed, failed
	exit failed || !passed
}
