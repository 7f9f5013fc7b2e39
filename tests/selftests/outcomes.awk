# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compares what tests said in the three modes of guest/run. The mode "without"
# is the measure: a test that fails or skips there must do so in the others too. Those
# of required must pass there, or nothing would be compared. Prints a line for each test and mode, and "N passed, N failed".

function bad(text) {
	print "not ok - " text
	failed++
}

# Lines that say what came out; the names of namespaces are random, and times and how
# many connections a flood made are what they are.
/^[|] / && /(PASS|FAIL|ERROR|SKIP):? / {
	mode = $2
	test = $3
	sub(/^[|] [^ ]+ [^ ]+ /, "")
	gsub(/(ns[a-z0-9]*|router|client|server)-[A-Za-z0-9]+(-[A-Za-z0-9]+)?/, "NS")
	gsub(/after [0-9]+ seconds/, "after N seconds")
	gsub(/\(-C [0-9]+, -L [0-9]+, -p [0-9]+, \/proc [0-9]+\)/, "(N)")
	said[mode, test] = said[mode, test] $0 "\n"
	next
}

$1 == "result" {
	status[$2, $3] = $4
	masqueraded[$2, $3] = $5
}

$1 == "unloaded" {
	unloaded = 1
}

END {
	count = split(tests, names, " ")
	split("without loaded instead", modes, " ")
	for (i = 1; i <= count; i++) {
		test = names[i]
		first = status["without", test]
		for (m = 1; m <= 3; m++) {
			mode = modes[m]
			if (!((mode, test) in status)) {
				bad(sprintf("%-30s %-8s has no result", test, mode))
				continue
			}
			what = sprintf("%-30s %-8s status %s", test, mode, status[mode, test])
			if (status[mode, test] != first)
				bad(what ", without ipmasq " first "\n" said[mode, test])
			else if (said[mode, test] != said["without", test])
				bad(what ", but says\n" said[mode, test] "instead of\n" \
					said["without", test])
			else if (mode != "instead" && masqueraded[mode, test] != 0)
				bad(what ": ipmasq masqueraded without being asked")
			else {
				passed++
				print "ok - " what (first == 4 ? ", skipped" : \
					first == 2 ? ", expected to fail" : \
					first ? ", it fails without ipmasq too" : "") \
					(mode == "instead" ? ", " masqueraded[mode, test] \
					 " masqueraded by ipmasq" : "")
				if (first && mode == "without")
					printf "%s", said[mode, test]
			}
			if (mode == "instead")
				replaced += masqueraded[mode, test]
		}
	}
	count = split(required, names, " ")
	for (i = 1; i <= count; i++) {
		if (index(" " tests " ", " " names[i] " ") == 0)
			bad(names[i] " is not among the kernel's tests")
		else if (status["without", names[i]] != "0")
			bad(names[i] " must pass without ipmasq")
	}
	if (!passed)
		bad("no test came to its end")
	if (tests ~ /nft_nat|conntrack_vrf|conntrack_icmp/ && !replaced)
		bad("ipmasq masqueraded nothing in any test")
	if (!unloaded)
		bad("the module could not be unloaded at the end")
	if (complaints)
		bad("the kernel complained " complaints " times, see complaints")
	printf "%d passed, %d failed\n", passed, failed
}
