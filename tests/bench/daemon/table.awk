# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes docs/performance/daemon.md of "NAME VALUE" lines.

{ figure[$1] = $2 }

function row(what, nft, legacy, ours, limit, met) {
	printf "| %s | %s | %s | %s | %s | %s |\n", what, nft, legacy, ours, limit,
		met ? "yes" : "**no**"
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
	    "a fifth", ours * 5 <= started("iptables-nft"))
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
	print "favour, and so are the shells that run them here. It was measured with iptables-nft,"
	print "which decides the last column; iptables-legacy stands beside it. Its PSS is from a"
	print "native kernel. All figures are in [daemon.json](daemon.json)."
	print ""
	print "| | agent, iptables-nft | agent, iptables-legacy | ipmasqd | at most | reached |"
	print "|---|---|---|---|---|---|"
	row("PSS after the first sync, 64 CIDRs", "12,142 KiB", "", figure["ipmasqd-pss-64-kib"] " KiB",
	    "3,000 KiB", figure["ipmasqd-pss-64-kib"] <= 3000)
	row("the same, as linked for the container image", "", "",
	    figure["container-pss-64-kib"] " KiB", "1,600 KiB",
	    figure["container-pss-64-kib"] <= 1600)
	start_row("start to first policy, 64 CIDRs", figure["ipmasqd-start-64-us"])
	start_row("the same, as linked for the container image", figure["container-start-64-us"])
	row("CPU of an idle resync, 1,000 CIDRs", milliseconds(idled("iptables-nft")),
	    milliseconds(idled("iptables-legacy")),
	    sprintf("%.3f ms (%.0f and %.0f times less)", idle / 1000,
		    idled("iptables-nft") / idle, idled("iptables-legacy") / idle),
	    "a hundredth", idle * 100 <= idled("iptables-nft"))
	row("rename of `..data` to policy in force, p99 of " figure["renames"], "up to 60 s",
	    "up to 60 s",
	    sprintf("%s (median %.2f, worst %.2f)", milliseconds(figure["rename-p99-us"]),
		    figure["rename-median-us"] / 1000, figure["rename-worst-us"] / 1000),
	    "10 ms", figure["rename-p99-us"] <= 10000)
	row("drift put back, worst of " figure["repairs"], "up to 60 s", "up to 60 s",
	    sprintf("%s (median %.2f)", milliseconds(figure["repair-worst-us"]),
		    figure["repair-median-us"] / 1000),
	    "10 ms", figure["repair-worst-us"] <= 10000)
	row("kernel entries touched by an idle resync", "all", "all",
	    figure["ipmasqd-idle-generations-1000"] " changes in " int(resyncs) " resyncs", "0",
	    figure["ipmasqd-idle-generations-1000"] == 0 && figure["ipmasqd-idle-events-1000"] == 0)
}
