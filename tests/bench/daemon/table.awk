# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes docs/performance/daemon.md of "NAME VALUE" lines.

{ figure[$1] = $2 }

function row(what, nft, legacy, ours, limit, met) {
	printf "| %s | %s | %s | %s | %s | %s |\n", what, nft, legacy, ours, limit, met
}

# What the agent executes at its start: a shell was begun for it, and one for each
# of two commands, the second replaced by exec.
function started(program) {
	return figure[program "-start-64-us"] - 3 * figure["shell-wall-us"]
}

# At an idle sync: two shells, one of them replaced by exec.
function idled(program) {
	return figure[program "-idle-cpu-1000-us"] - 2 * figure["shell-cpu-us"]
}

function milliseconds(value) {
	return sprintf("%.2f ms", value / 1000)
}

# A row of a start: OURS against both.
function start_row(what, ours) {
	row(what, milliseconds(started("iptables-nft")), milliseconds(started("iptables-legacy")),
	    sprintf("%s (%.1f and %.1f times quicker)", milliseconds(ours),
		    started("iptables-nft") / ours, started("iptables-legacy") / ours),
	    "a fifth", both(ours * 5 <= started("iptables-nft"),
			    ours * 5 <= started("iptables-legacy")))
}

# What is reached beside each of them.
function both(nft, legacy) {
	if (nft == legacy)
		return nft ? "yes" : "**no**"
	return nft ? "beside nft; **not** beside legacy" : "**not** beside nft; beside legacy"
}

function reached(met) {
	return met ? "yes" : "**no**"
}

# Rows of the memory of DAEMON: at rest with HTTP, which decides, without it, and at work.
function memory_rows(what, daemon, limit,   rest) {
	rest = figure[daemon "-http-pss-64-kib"]
	if (figure[daemon "-scrape-rest-pss-64-kib"] > rest)
		rest = figure[daemon "-scrape-rest-pss-64-kib"]
	if (figure[daemon "-reload-rest-pss-64-kib"] > rest)
		rest = figure[daemon "-reload-rest-pss-64-kib"]
	row("PSS, 64 CIDRs, " what ", with `--http-address`: most at rest after the first sync, a scrape, a reload",
	    "12,142 KiB", "", rest " KiB", sprintf("%d KiB", limit), reached(rest <= limit))
	row("without `--http-address`", "", "", figure[daemon "-pss-64-kib"] " KiB",
	    sprintf("%d KiB", limit), reached(figure[daemon "-pss-64-kib"] <= limit))
	row("in the second after a scrape; after a reload and a scrape", "", "",
	    figure[daemon "-scrape-pss-64-kib"] " KiB; " figure[daemon "-reload-pss-64-kib"] " KiB",
	    "", "")
}

# A row of bad input: how long until it was answered, and the most memory so far.
function bad_row(what, name) {
	# The clock has steps of 10 ms.
	row("bad input: " what, "", "",
	    sprintf("%s ms, at most %d KiB",
		    figure[name "-ms"] < 10 ? "below 10" : figure[name "-ms"],
		    figure[name "-peak-kib"]),
	    "1 s, 64 MiB, policy kept",
	    reached(figure[name "-ms"] <= 1000 && figure[name "-peak-kib"] <= 65536 &&
		    figure[name "-kept"] == 1))
}

END {
	resyncs = figure["ipmasqd-seconds-1000"]
	idle = figure["ipmasqd-busy-1000-us"] / resyncs

	print "# What the daemon costs"
	print ""
	print "Made by `make bench-daemon`: ipmasqd " version " and the programs that ip-masq-agent"
	print "executes for the same work, in one VM in one run: stock Linux " release " under"
	print "`qemu -icount shift=0`, where each instruction takes a nanosecond, so that the times"
	print "repeat and another machine's load does not matter; the CPU is slower than a real one."
	print "The reference agent's own process comes on top of its programs and is left out, in its"
	print "favour, and so are the shells that run them here. Nodes have iptables-nft or"
	print "iptables-legacy: the last column judges both. Its PSS is from a native kernel, ours of"
	print "a daemon in a root with libraries of its own, as in a container: no page is shared."
	print "After a second without work the daemon returns the pages of code that it does not"
	print "wait in; that second is told too. All figures are in [daemon.json](daemon.json)."
	print ""
	print "| | agent, iptables-nft | agent, iptables-legacy | ipmasqd | at most | reached |"
	print "|---|---|---|---|---|---|"
	memory_rows("as Debian links it", "normal", 3000)
	memory_rows("as linked for the container image", "container", 1600)
	start_row("start to first policy, 64 CIDRs", figure["ipmasqd-start-64-us"])
	start_row("the same, as linked for the container image", figure["container-start-64-us"])
	row("CPU of an idle resync, 1,000 CIDRs", milliseconds(idled("iptables-nft")),
	    milliseconds(idled("iptables-legacy")),
	    sprintf("%.3f ms (%.0f and %.0f times less)", idle / 1000,
		    idled("iptables-nft") / idle, idled("iptables-legacy") / idle),
	    "a hundredth", both(idle * 100 <= idled("iptables-nft"),
				idle * 100 <= idled("iptables-legacy")))
	row("rename of `..data` to policy in force, p99 of " figure["renames"], "up to 60 s",
	    "up to 60 s",
	    sprintf("%s (median %.2f, worst %.2f)", milliseconds(figure["rename-p99-us"]),
		    figure["rename-median-us"] / 1000, figure["rename-worst-us"] / 1000),
	    "10 ms", reached(figure["rename-p99-us"] <= 10000))
	row("the same after a rest, worst of 20", "up to 60 s", "up to 60 s",
	    sprintf("%s (median %.2f)", milliseconds(figure["rename-rested-worst-us"]),
		    figure["rename-rested-median-us"] / 1000),
	    "10 ms", reached(figure["rename-rested-worst-us"] <= 10000))
	row("drift put back, worst of " figure["repairs"], "up to 60 s", "up to 60 s",
	    sprintf("%s (median %.2f)", milliseconds(figure["repair-worst-us"]),
		    figure["repair-median-us"] / 1000),
	    "10 ms", reached(figure["repair-worst-us"] <= 10000))
	row("kernel entries touched by an idle resync", "all", "all",
	    figure["ipmasqd-idle-generations-1000"] " changes in " int(resyncs) " resyncs", "0",
	    reached(figure["ipmasqd-idle-generations-1000"] == 0 &&
		    figure["ipmasqd-idle-events-1000"] == 0))
	bad_row("a megabyte of text", "bad-megabyte")
	bad_row("an alias bomb", "bad-aliases")
	bad_row(sprintf("500,000 brackets (`ipmasqctl check` of it outside of the VM: %d ms)",
			figure["native-nesting-ms"]), "bad-nesting")
	bad_row("a megabyte of zero bytes", "bad-zeros")
	bad_row("a FIFO", "bad-fifo")
	bad_row("a directory", "bad-directory")
	bad_row("no permission to read", "bad-permission")
	bad_row("a full disk below `--state-dir`", "bad-disk")
}
