# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/performance/: the plots and the tables; and the table of the README, in both languages.

Everything is made from results.json, so that it can be made again and compared.
"""
import re

import contenders
import cost
import plot
import reach
import results
import rules
import vm
from form import cell, label, number, seconds, table

FOLDER = vm.TOP / "docs/performance"
README = FOLDER / "README.md"

# docs/performance/README.md is written by hand up to this line, and by us from
# there on; in the README of the repository and in table.md we write between two.
MARK = "<!-- tests/bench/report.py writes what follows -->"
FRONT = vm.TOP / "README.md"
CHINESE_FRONT = vm.TOP / "README.zh-CN.md"
CHOICE = FOLDER / "table.md"
MARKS = ("<!-- make bench writes from here -->", "<!-- to here -->")

CHANGED = 100000


def of_machine(machine):
    """Where it was measured, as far as that is known."""
    tools = ", ".join(f"{name} {version}" for name, version in machine["tools"].items()
                      if version)
    return (f"{machine['processors']} × {machine['processor']}" +
            (f", {machine['memory'] / 1024:.0f} GiB" if "memory" in machine else "") +
            (f", Linux {machine['kernel']}" if "kernel" in machine else "") + f", {tools}")


def named(commit):
    """A commit as a page names it."""
    if commit.endswith("-dirty"):
        return f"{commit.removesuffix('-dirty')} with uncommitted changes"
    return commit


def origin_line(part, whole):
    """Where a part was measured; less where all were measured in one run."""
    origin = part["origin"]
    load = f"load average {origin['load_average']:.1f} in the end"
    kernel = f", kernel {origin['kernel']}" if origin["kernel"] else ""
    if whole:
        return f"*{origin['seconds'] / 60:.1f} minutes, {load}{kernel}.*\n"
    text = (f"*{origin['date']}, commit {named(origin['run']['commit'])}, {load}{kernel}; "
            f"{of_machine(origin['machine'])}.*\n")
    for (begun, commit), names in results.strangers(part).items():
        text += (f"\n**Not of that run** but of one of {begun}, commit {named(commit)}: "
                 + ", ".join(f"IPv{family} {label(name)}" for family, name in names) + ".\n")
    return text


def write_origin(everything):
    origin = everything["cost"]["origin"]
    minutes = sum(part["origin"]["seconds"] for part in everything.values()) / 60
    rows = [["begun", f"{origin['run']['begun']}, {minutes:.0f} minutes"],
            ["commit", named(origin["run"]["commit"])],
            ["processor", f"{origin['machine']['processors']} × {origin['machine']['processor']}"],
            ["memory", f"{origin['machine']['memory'] / 1024:.0f} GiB"],
            ["the host's kernel", origin["machine"]["kernel"]],
            ["the guest's kernel", origin["kernel"]],
            ["User-Mode Linux", everything["uml"]["origin"]["kernel"]]]
    rows += sorted(origin["machine"]["tools"].items())
    return ["All of it is of one run of `make bench`:\n", table(["", ""], rows)]


def describe(problem):
    """What the guest said, in words."""
    words = problem.split()
    if problem.startswith("too slow:") and len(words) == 8:
        return (f"{number(int(words[2]))} entries were not tried: {number(int(words[4]))} "
                f"took {seconds(int(words[6]) / 1000)}, and the limit is "
                f"{cost.LOAD_LIMIT_SECONDS} virtual seconds")
    return problem


def missing(one, size):
    """Why there is no figure for a size: the contender got no further."""
    for problem in one["problems"]:
        found = re.match(r"(too slow|not loaded): (\d+) entries", problem)
        if found and size >= int(found[2]):
            return "too slow to load" if found[1] == "too slow" else "does not load"
    return ""


def above_cells(found, family, name, kind, verdict):
    one = found[str(family)][name]
    return [cell(value, "{:+,.0f}") if (value := reach.above(
        found, family, name, kind, verdict, size)) is not None else missing(one, size)
            for size in cost.SIZES]


def size_heads(sizes):
    return [number(size) for size in sizes]


def decision_rows(found, family, verdict):
    return [[label(name), cell(reach.floor(found, family, name, "new", verdict))] +
            above_cells(found, family, name, "new", verdict)
            for name in reach.named(found, family)]


def feature_rows(found, family, names):
    """One row for each contender and verdict."""
    rows = []
    for name in names:
        for verdict in reach.VERDICTS:
            values = [reach.above(found, family, name, "new", verdict, size)
                      for size in contenders.FEATURE_SIZES]
            if any(value is not None for value in values):
                rows.append([f"{label(name)}, {verdict}"] +
                            [cell(value, "{:+,.0f}") for value in values])
    return rows


VARIANTS = (
    ("What a feature costs that is in use",
     ("ipmasq",) + contenders.FEATURES,
     "A policy that does not use one of them pays a comparison and a branch for the two lists "
     "together and the same for pools, as in the row of ipmasq itself. The source list here has "
     "the pods' network of each family, the interface list the name of the way out, the pool "
     "four addresses of each family. Translating to an address of a pool is cheaper than the "
     "floor, which asks the interface for its own each time."),
    ("Nested prefixes, some to be masqueraded",
     contenders.NESTED,
     "Two prefixes of five lie in others and say the opposite of what is around them, of the "
     "rest every other one is to be masqueraded. An nft interval set does not take prefixes "
     "that overlap, and the agent's chain asks the first rule, not the longest prefix."),
)


def write_variants(found):
    text = []
    for title, names, words in VARIANTS:
        rows = {family: feature_rows(found, family, names) for family in cost.FAMILIES}
        if not any(name in found.get(family, {}) for family in found for name in names[1:]):
            continue
        text.append(f"### {title}\n\n{words}\n")
        for family in cost.FAMILIES:
            if rows[family]:
                text.append(table([f"IPv{family}"] + size_heads(contenders.FEATURE_SIZES),
                                  rows[family]))
    return text


def write_cost(part, whole, files):
    found = part["found"]
    text = ["## Instructions above the floor\n", origin_line(part, whole),
            "A new UDP connection from a pod's veth through the node's forwarding to a dummy "
            "device, on the stock kernel; virtual time counts instructions. The number is what "
            "the contender costs beyond a hook that decides nothing, measured in the same "
            "boot.\n"]
    for family in cost.FAMILIES:
        names = reach.named(found, family)
        if not names:
            continue
        for verdict in reach.VERDICTS:
            series = [(label(name), [(size, value) for size in cost.SIZES if (
                value := reach.above(found, family, name, "new", verdict, size)) is not None])
                      for name in names]
            file = f"cost-ipv{family}-{verdict}.svg"
            limit = reach.LIMIT[family]
            files[FOLDER / file] = plot.chart(
                f"IPv{family}, {verdict} destinations: the price of deciding",
                "CIDRs in the table", "instructions above the floor", series,
                (f"at most {limit} were wanted", limit))
            text.append(f"### IPv{family}, {verdict}\n\n![{verdict}]({file})\n")
            text.append(table(["", "floor"] + size_heads(cost.SIZES),
                              decision_rows(found, family, verdict)))
        text.append(f"### IPv{family}, a packet of an established connection\n")
        text.append(table([""] + size_heads(cost.SIZES), [
            [f"{label(name)}, {verdict}"] +
            above_cells(found, family, name, "established", verdict)
            for name in names for verdict in reach.VERDICTS]))
    text += write_variants(found)
    problems = [f"- IPv{family}, {label(name)}: {describe(problem)}." for family in found
                for name in found[family] for problem in found[family][name]["problems"]]
    if problems:
        text.append("What could not be measured:\n")
        text.append("\n".join(problems) + "\n")
    return text


def write_repeated(part):
    found = part["found"]
    rows = [[f"IPv{family}, {verdict}", number(size), f"{one:,.1f}", f"{other:,.1f}",
             f"{other / one - 1:+.2%}"]
            for family, verdict, size, one, other in reach.repeated(found)]
    floors = []
    for family in cost.FAMILIES:
        for verdict in reach.VERDICTS:
            values = [value for name in list(reach.named(found, family)) + ["again"]
                      if (value := reach.floor(found, family, name, "new", verdict))]
            if len(values) > 1:
                floors.append([f"IPv{family}, {verdict}", len(values), f"{min(values):,.1f}",
                               f"{max(values):,.1f}", f"{max(values) / min(values) - 1:.2%}"])
    if not rows:
        return []
    return ["## How well that repeats\n",
            "Instructions per new connection with ipmasq, the floor included, in two boots:\n",
            table(["", "entries", "first boot", "second boot", "difference"], rows),
            "The floor in every boot there was:\n",
            table(["", "boots", "least", "most", "difference"], floors)]


def write_loads(part, files):
    found = part["found"]
    text = ["## Replacing and changing the table, counted in instructions\n",
            "From the same runs: the contender's own program from its start to its end, with a "
            f"table of {cost.SIZES[0]} in force before, kernel and user space together. A virtual second is 10⁹ "
            "instructions. To compare with are `iptables-restore`, `ipset restore` and `nft "
            "-f`, which people use for this. The BPF contender's program was written for this "
            "benchmark: it fills a map that nobody looks into yet, 65,536 entries with a system "
            "call, keeps no counters, origins or order, and does not look whether an entry makes "
            "sense; it is here to show what the kernel's own trie takes. The last two columns "
            f"are one entry more and one entry less, in a table of {number(CHANGED)}.\n"]
    for family in cost.FAMILIES:
        names = reach.named(found, family)
        if not names:
            continue
        series = [(label(name), [(size, value * 1000) for size in cost.SIZES if (
            value := reach.took(found, family, "loads", name, size))]) for name in names]
        file = f"replace-ipv{family}.svg"
        files[FOLDER / file] = plot.chart(
            f"IPv{family}: replacing the table", "CIDRs in the table",
            "million instructions", series)
        text.append(f"### IPv{family}\n\n![replacing]({file})\n")
        text.append(table([""] + size_heads(cost.SIZES) + ["add one", "delete one"], [
            [label(name)] + [
                seconds(reach.took(found, family, "loads", name, size)) or
                missing(found[str(family)][name], size) for size in cost.SIZES] +
            [seconds(reach.took(found, family, kind, name, CHANGED))
             for kind in ("adds", "deletes")] for name in names]))
    return text


def write_memory(part, files):
    found = part["found"]
    sizes = [size for size in cost.SIZES if size >= cost.MEMORY_LEAST]
    text = ["## Memory\n",
            "From the same runs, whose kernel has counters for two processors: bytes of kernel "
            "memory for each entry, as how much less is free, by /proc/meminfo, with the table "
            f"than with the one of {cost.SIZES[0]} entries before it. Up to 64 KiB of it come and go by "
            "themselves, which is ± 64 bytes an entry for 1,000 entries, ± 7 for 10,000; below "
            "that there is nothing to see. The chains have a counter for each rule and "
            "processor, ipmasq one for each entry and processor, the sets and the BPF trie "
            "none. The last column is the most memory that the program which loads "
            f"{number(CHANGED)} entries has itself.\n"]
    for family in cost.FAMILIES:
        names = reach.named(found, family)
        series = []
        rows = []
        for name in names:
            one = found[str(family)][name]
            entries = one.get("bytes_per_entry", {})
            series.append((label(name), [(size, entries[str(size)]["total"]) for size in sizes
                                         if size >= 10000 and str(size) in entries]))
            peak = one["loads"].get(f"{name}.{CHANGED}")
            rows.append([label(name)] + [
                cell(entries[str(size)]["total"], "{:.1f}") if str(size) in entries
                else missing(one, size) for size in sizes] +
                [f"{peak['peak_kilobytes'] / 1024:,.1f} MiB" if peak else ""])
            if any("says" in figures for figures in entries.values()):
                rows.append([f"{label(name)}, as it says itself"] + [
                    cell(entries.get(str(size), {}).get("says"), "{:.1f}")
                    for size in sizes] + [""])
        if any(points for _, points in series):
            file = f"memory-ipv{family}.svg"
            files[FOLDER / file] = plot.chart(
                f"IPv{family}: kernel memory of an entry", "CIDRs in the table",
                "bytes per entry", series,
                ("64 bytes were wanted", 64) if family == 4 else None)
            text.append(f"### IPv{family}\n\n![memory]({file})\n")
            text.append(table([""] + size_heads(sizes) + ["program"], rows))
    return text


def percent(ratio):
    return (f"{ratio['median']:.0%} ({ratio['low']:.0%} to {ratio['high']:.0%})"
            if ratio["median"] >= 0.1 else f"{ratio['median']:.1%}")


def write_uml(part, whole, files):
    text = ["## At native speed\n", origin_line(part, whole),
            "The same source as a User-Mode Linux kernel, whose code runs at native speed on one "
            "processor. New connections per second as a share of the floor's, which has a node "
            "of its own in the same kernel: short passes of the two alternate, the share is the "
            "median of the pairs, with the quartiles in brackets. Whatever else the host does "
            "falls on both. All contenders of a family are measured in the same boot. BPF is "
            "left out, since User-Mode Linux has no compiler for it; chains of more than 10,000 "
            "rules, the ipset of 1,000,000, which takes most of a minute to load, and the nft "
            "set of 1,000,000 are left out too.\n"]
    for family in sorted(part["found"]):
        found = part["found"][family]
        names = [name for name in contenders.CONTENDERS if found.get(name, {}).get("rates")]
        if not names:
            continue
        rates = {label: rate for name in names for label, rate in found[name]["rates"].items()}
        sizes = sorted({int(name.split(".")[1]) for name in rates})
        file = f"rate-ipv{family}.svg"
        files[FOLDER / file] = plot.chart(
            f"IPv{family}: new connections per second, User-Mode Linux", "CIDRs in the table",
            "% of the floor's rate",
            [(label(name), [(size, rates[f"{name}.{size}"]["of_floor"]["median"] * 100)
                            for size in sizes if f"{name}.{size}" in rates])
             for name in names], ("floor", 100))
        floors = [rate["floor_per_second"] for rate in rates.values()]
        text.append(f"### IPv{family}\n\n![rate]({file})\n\nThe floor: {min(floors):,} to "
                    f"{max(floors):,} a second.\n")
        text.append(table([""] + size_heads(sizes), [
            [label(name)] + [percent(rates[f"{name}.{size}"]["of_floor"])
                             if f"{name}.{size}" in rates else "" for size in sizes]
            for name in names]))
        text.append("Replacing the table, and one entry more and one less of "
                    f"{number(CHANGED)}; the best of three where it took less than five seconds. "
                    "System calls are slow in User-Mode Linux, "
                    "which makes every program's own time longer:\n")

        def least(kind, name, size, found=found):
            one = found[name][kind].get(f"{name}.{size}")
            return seconds(one["least"]) if one else ""
        text.append(table([""] + size_heads(sizes) + ["add one", "delete one"], [
            [label(name)] + [least("load_seconds", name, size) for size in sizes] +
            [least("add_seconds", name, CHANGED), least("delete_seconds", name, CHANGED)]
            for name in names]))
        problems = [f"- {label(name)}: {problem}" for name, one in found.items()
                    for problem in one["problems"]]
        if problems:
            text.append("\n".join(problems) + "\n")
    return text


PARALLEL = {
    "floor": "the floor, two processors against one",
    "ipmasq": "ipmasq, two processors against one",
}


def write_parallel(part, whole):
    text = ["## Two processors\n", origin_line(part, whole),
            "A VM with two processors on two of the host's (`thread=multi`), by the clock. Each "
            "ratio is of two measurements one right after the other; the rounds alternate, and "
            "the median of them counts.\n"]
    rows = []
    for family in sorted(part["found"]):
        found = part["found"][family]["two"]
        if "ratios" not in found:
            text.append(f"IPv{family}: {'; '.join(found['problems'])}\n")
            continue
        for what, ratio in found["ratios"].items():
            if what in PARALLEL:
                sentence = PARALLEL[what]
            else:
                size = what.split(".")[1]
                sentence = (f"ipmasq, a processor's rate while the other one replaced "
                            f"{number(int(size))} entries {found['replacements'][size]} times "
                            "without pause, against the rate at rest")
            rows.append([f"IPv{family}", sentence, ratio["median"],
                         f"{ratio['low']} to {ratio['high']}"])
    text.append(table(["", "", "ratio", "quartiles"], rows))
    return text


def write_lookup(part, whole, files):
    text = ["## The lookup alone\n", origin_line(part, whole),
            "kmod/cidr_table.c in user space, one address at a time as packets come; up to 64 "
            "prefixes like a ConfigMap, more like a routing table, of whose prefixes 40 % lie in "
            "others. Half of the addresses are from everywhere, half inside prefixes. "
            "*Independent* lookups overlap in the processor, *chained* ones wait for the one "
            "before. *Beside it*: bytes of each prefix that no lookup reads but whoever lists or "
            "changes the table: ipmasq's entries, the routes of rte_fib, the rules of rte_lpm.\n"]
    for family in sorted(part["found"]):
        found = part["found"][family]
        sizes = sorted(found, key=int)
        names = sorted(found[sizes[0]], key=lambda name: name != "ipmasq")
        for field, what in (("nanoseconds", "independent"), ("nanoseconds_chained", "chained")):
            file = f"lookup-ipv{family}-{what}.svg"
            files[FOLDER / file] = plot.chart(
                f"IPv{family}: the lookup alone, {what}", "prefixes", "nanoseconds",
                [(name, [(int(size), found[size][name][field]) for size in sizes
                         if field in found[size].get(name, {})]) for name in names])
            text.append(f"![{what}]({file})\n")
        rows = []
        for size in sizes:
            for name, figures in found[size].items():
                if "reason" in figures:
                    rows.append([number(int(size)), name, figures["reason"]] + [""] * 5)
                    continue
                rows.append([number(int(size)), name, cell(figures["nanoseconds"], "{:.1f}"),
                             cell(figures["nanoseconds_chained"], "{:.1f}"),
                             cell(figures["bytes"] / 1e6, "{:,.2f}"),
                             cell(figures["bytes_per_prefix"], "{:,.1f}"),
                             cell(figures.get("bytes_beside", 0) / int(size), "{:,.0f}"),
                             seconds(figures["build_seconds"])])
        text.append(f"### IPv{family}\n")
        text.append(table(["prefixes", "", "ns", "ns chained", "MB", "bytes a prefix", "beside it",
                           "building"],
                          rows))
    return text


VERDICT = {True: "yes", False: "**no**", None: "to compare"}


def write_reach(everything):
    return ["## What was to be reached\n", table(["", "at most / at least", "measured", ""], [
        [what, wanted, measured, VERDICT[reached]]
        for what, wanted, measured, reached in reach.rows(everything)])]


def front_text(everything):
    """What the README of the repository says."""
    found = everything.get("cost", {}).get("found", {})
    asked = [row for row in reach.rows(everything) if row[3] is not None]
    failed = [row for row in asked if not row[3]]
    text = table(["", "floor"] + size_heads(cost.SIZES), decision_rows(found, 4, "masqueraded"))
    text += f"\nOf {len(asked)} limits that were set, {len(asked) - len(failed)} are kept."
    if failed:
        text += " These are not:\n\n" + "\n".join(
            f"- {what}: {measured} instead of {wanted}" for what, wanted, measured, _ in failed)
    return text + "\n"


# What the same is called in the README in Chinese; names of programs and of what was
# measured stay as they are.
CHINESE = ((r"\|  \| floor \|", "|  | 基线 |"), ("the reference agent, ", "参考代理，"),
           ("too slow to load", "加载过慢"), ("does not load", "无法加载"),
           (r"Of (\S+) limits that were set, (\S+) are kept\.",
            r"设定的 \1 项指标中有 \2 项达标。"),
           (" These are not:", "未达标的是："), (r"(\S+ \S+) instead of (.*)", r"\1，要求 \2"))


def chinese_front_text(everything):
    text = front_text(everything)
    for pattern, replacement in CHINESE:
        text = re.sub(pattern, replacement, text)
    return text


CHOICE_SIZES = ("64", "10000", "100000", "1000000")


def choice_text(everything):
    """What table.md decides by."""
    part = everything.get("lookup")
    if not part:
        return ""
    text = origin_line(part, False) + "\n"
    for family in sorted(part["found"]):
        found = part["found"][family]
        rows = []
        for name in sorted(found[CHOICE_SIZES[0]], key=lambda name: name != "ipmasq"):
            row = [name]
            for size in CHOICE_SIZES:
                figures = found[size][name]
                row.append("" if "reason" in figures else
                           f"{figures['nanoseconds']:.0f} / {figures['nanoseconds_chained']:.0f}")
            largest = next(found[size][name] for size in reversed(CHOICE_SIZES)
                           if "reason" not in found[size][name])
            least = found[CHOICE_SIZES[0]][name]
            rows.append(row + [f"{least['bytes'] / 1e6:,.3f}", f"{largest['bytes'] / 1e6:,.1f}",
                               seconds(least["build_seconds"]),
                               seconds(largest["build_seconds"])])
        text += f"IPv{family}:\n\n" + table(
            [""] + [f"{number(int(size))}, ns" for size in CHOICE_SIZES] +
            ["MB, 64", "MB, largest", "building, 64", "building, largest"], rows) + "\n"
    return text


def between(file, text):
    """The file's content with the text between its marks; None without marks."""
    content = file.read_text() if file.exists() else ""
    begin, end = MARKS
    if begin not in content or end not in content:
        return None
    before, rest = content.split(begin, 1)
    return before + begin + "\n" + text + end + rest.split(end, 1)[1]


def made():
    """{file: content} of all that is made from results.json."""
    everything = results.load()
    files = {}
    head = README.read_text().split(MARK)[0] if README.exists() else "# Performance\n\n"
    whole = results.is_one_run(everything, ("cost", "parallel", "lookup", "uml"))
    text = write_origin(everything) if whole else []
    text += write_reach(everything)
    if "cost" in everything:
        part = everything["cost"]
        text += write_cost(part, whole, files) + write_repeated(part) + \
            write_loads(part, files) + write_memory(part, files)
    if "uml" in everything:
        text += write_uml(everything["uml"], whole, files)
    if "parallel" in everything:
        text += write_parallel(everything["parallel"], whole)
    if "lookup" in everything:
        text += write_lookup(everything["lookup"], whole, files)
    text += rules.write()
    files[README] = head + MARK + "\n\n" + "\n".join(text)
    for file, content in ((FRONT, between(FRONT, front_text(everything))),
                          (CHINESE_FRONT, between(CHINESE_FRONT, chinese_front_text(everything))),
                          (CHOICE, between(CHOICE, choice_text(everything)))):
        if content is not None:
            files[file] = content
    return files


def write():
    """All files, and away with plots that are no longer made."""
    files = made()
    for old in FOLDER.glob("*.svg"):
        if old not in files:
            old.unlink()
    for file, content in files.items():
        file.write_text(content)


def differing():
    """Those files that are not what results.json makes them."""
    return [file for file, content in made().items()
            if not file.exists() or file.read_text() != content]
