# SPDX-License-Identifier: GPL-2.0-or-later
"""What was to be reached, and whether it was: rows for the report.

A row is (what, the limit, what was measured, whether that is enough); the last
is None where nothing was asked for.
"""
import itertools

import contenders
import cost
from form import label, number, seconds

LIMIT = {4: 250, 6: 400}
VERDICTS = ("masqueraded", "skipped")

# The least of the passes of one boot differ by this many instructions.
ESTABLISHED_NOISE = 5

# Which of its passes says what a packet costs. What is behind a hook's back in an
# established connection's, conntrack's collector, only adds, now to one of eight
# passes and now to five.
STATISTIC = {"new": "instructions", "established": "least"}

# By the clock of a machine that does other things too.
CLOCK_NOISE = 0.05

# Those that replacing is to be compared with: iptables-restore with either back
# end, ipset restore, nft -f.
REPLACERS = ("iptables_legacy", "iptables_nft", "ipset", "nft")


def instructions(found, family, contender, kind, verdict, size):
    """As measured; None where there is nothing."""
    one = found.get(str(family), {}).get(contender, {})
    name = contender if contender != "again" else cost.REPEATED[0]
    figure = one.get("costs", {}).get(f"{kind}.{name}.{verdict}.{size}")
    return figure[STATISTIC[kind]] if figure else None


def floor(found, family, contender, kind, verdict):
    """Of the same boot as the contender's figures."""
    costs = found.get(str(family), {}).get(contender, {}).get("costs", {})
    for name, figure in costs.items():
        if name.startswith(f"{kind}.floor-before.{verdict}."):
            return figure[STATISTIC[kind]]
    return None


def above(found, family, contender, kind, verdict, size):
    measured = instructions(found, family, contender, kind, verdict, size)
    base = floor(found, family, contender, kind, verdict)
    return None if measured is None or base is None else measured - base


def named(found, family):
    return [name for name in contenders.CONTENDERS if name in found.get(str(family), {})]


def took(found, family, kind, name, size):
    """Virtual seconds; kind is loads, adds or deletes."""
    one = found.get(str(family), {}).get(name, {}).get(kind, {}).get(f"{name}.{size}")
    return one["nanoseconds"] / 1e9 if one else None


def worst_above(found, family, verdict, kind="new"):
    values = [value for size in cost.SIZES if (value := above(
        found, family, "ipmasq", kind, verdict, size)) is not None]
    return max(values, default=None)


# Who is compared with whom: those that got the same tables, ours first.
COMPARED = ((tuple(contenders.CONTENDERS), cost.SIZES),
            (contenders.NESTED, contenders.FEATURE_SIZES))


def cheapest_everywhere(found):
    """(cells won, cells compared): fewer instructions than every other contender."""
    won = compared = 0
    for names, sizes in COMPARED:
        for family, verdict, size in itertools.product(cost.FAMILIES, VERDICTS, sizes):
            ours, *others = (above(found, family, name, "new", verdict, size)
                             for name in names)
            others = [value for value in others if value is not None]
            if ours is not None and others:
                compared += 1
                won += ours < min(others)
    return won, compared


def repeated(found):
    """What was measured in two boots: (family, verdict, size, first, second)."""
    rows = []
    for family in cost.FAMILIES:
        for verdict in VERDICTS:
            for size in cost.REPEATED[1]:
                one, other = (instructions(found, family, boot, "new", verdict, size)
                              for boot in (cost.REPEATED[0], "again"))
                if one and other:
                    rows.append((family, verdict, size, one, other))
    return rows


def rows_of_decision(found):
    rows = []
    for family in cost.FAMILIES:
        for verdict in VERDICTS:
            worst = worst_above(found, family, verdict)
            if worst is not None:
                rows.append((f"instructions above the floor, IPv{family}, {verdict}, worst size",
                             LIMIT[family], f"{worst:,.0f}", worst <= LIMIT[family]))
            nested = [value for size in contenders.FEATURE_SIZES if (value := above(
                found, family, "ipmasq-nested", "new", verdict, size)) is not None]
            if nested:
                rows.append((f"the same, IPv{family}, {verdict}, nested prefixes, mixed actions",
                             LIMIT[family], f"{max(nested):,.0f}", max(nested) <= LIMIT[family]))
    won, compared = cheapest_everywhere(found)
    if compared:
        rows.append(("fewer instructions than every other contender", "everywhere",
                     f"{won} of {compared}", won == compared))
    established = [value for family in cost.FAMILIES for verdict in VERDICTS
                   if (value := worst_above(found, family, verdict, "established")) is not None]
    if established:
        rows.append(("established packet, instructions above the floor",
                     f"0 (± {ESTABLISHED_NOISE})", f"{max(established):+,.0f}",
                     max(established) <= ESTABLISHED_NOISE))
    differences = [abs(one - other) / one for _, _, _, one, other in repeated(found)]
    if differences:
        rows.append(("instructions per new connection, two boots differ by", "1 %",
                     f"{max(differences):.2%}", max(differences) <= 0.01))
    return rows


def rows_of_loading(found):
    rows = []
    for family in cost.FAMILIES:
        for size in (64, 10000, 1000000):
            ours = took(found, family, "loads", "ipmasq", size)
            others = {name: value for name in REPLACERS
                      if (value := took(found, family, "loads", name, size))}
            if ours is None or not others:
                continue
            best = min(others, key=others.get)
            what = f"replace {number(size)} entries, IPv{family} (virtual time)"
            rows.append((what, f"{seconds(others[best])}, {label(best)}", seconds(ours),
                         ours < others[best]))
            lpm = took(found, family, "loads", "bpf", size)
            if lpm:
                rows.append((f"{what}, beside a BPF LPM trie", seconds(lpm),
                             seconds(ours), None))
    for kind, what in (("adds", "add one entry to 100,000"),
                       ("deletes", "delete one entry of 100,000")):
        for family in cost.FAMILIES:
            ours = took(found, family, kind, "ipmasq", 100000)
            if ours is None:
                continue
            rows.append((f"{what}, IPv{family} (virtual time)",
                         "5 ms" if kind == "adds" else "", seconds(ours),
                         ours <= 0.005 if kind == "adds" else None))
            others = {name: value for name in named(found, family) if name != "ipmasq" and
                      (value := took(found, family, kind, name, 100000))}
            if others:
                best = min(others, key=others.get)
                rows.append((f"{what}, IPv{family}, beside the quickest other",
                             f"{seconds(others[best])}, {label(best)}", seconds(ours), None))
    return rows


def rows_of_memory(found):
    rows = []
    entries = found.get("4", {}).get("ipmasq", {}).get("bytes_per_entry", {})
    for size in ("10000", "100000", "1000000"):
        if size in entries:
            rows.append((f"kernel memory per IPv4 entry, {number(int(size))} entries, bytes", 64,
                         entries[size]["total"], entries[size]["total"] <= 64))
    return rows


def rows_of_lookup(lookups):
    rows = []
    for size in ("4", "64"):
        if size in lookups:
            ours, other = (lookups[size][name]["nanoseconds"] for name in ("ipmasq", "rte_fib"))
            rows.append((f"lookup, {size} prefixes, ns", f"{other:.1f}, rte_fib", f"{ours:.1f}",
                         ours < other))
    if "nanoseconds" in lookups.get("1000000", {}).get("rte_fib", {}):
        ours, other = (lookups["1000000"][name] for name in ("ipmasq", "rte_fib"))
        ratio = ours["nanoseconds"] / other["nanoseconds"]
        share = ours["bytes"] / other["bytes"]
        rows.append(("lookup, 1,000,000 prefixes, against rte_fib", "3 × its time, ¼ its memory",
                     f"{ratio:.1f} ×, {share:.2f}", ratio <= 3 and share <= 0.25))
        beside = [one["bytes"] + one["bytes_beside"] for one in (ours, other)
                  if "bytes_beside" in one]
        if len(beside) == 2:
            rows.append(("the same memory, with what lies beside for changes, of both", "",
                         f"{beside[0] / beside[1]:.2f}", None))
    return rows


def rows_of_uml(found):
    """A program has to start and to read its file, which is most of the time in
    User-Mode Linux; the limit is about netlink."""
    rows = []
    for family in sorted(found):
        native = found[family].get("ipmasq", {})
        for what, key, name, limit in (
                ("replace 1,000,000 entries over netlink in UML", "netlink_seconds",
                 "ipmasq.1000000", 1.5),
                ("replace 1,000,000 entries in UML, from the start of ipmasqctl on",
                 "load_seconds", "ipmasq.1000000", None),
                ("add one entry to 100,000 in UML, from the start of ipmasqctl on",
                 "add_seconds", "ipmasq.100000", None)):
            if name not in native.get(key, {}):
                continue
            least = native[key][name]["least"]
            rows.append((f"{what}, IPv{family}", seconds(limit) if limit else "", seconds(least),
                         least <= limit if limit else None))
    return rows


def rows_of_parallel(everything):
    rows = []
    for family, found in sorted(everything.items()):
        ratios = found["two"].get("ratios")
        if not ratios:
            continue
        for what, ratio in ratios.items():
            if what.startswith("replaced"):
                rows.append((f"IPv{family}, rate while {number(int(what[9:]))} entries are "
                             "replaced without pause", "0.9 of the rate at rest",
                             ratio["median"], ratio["median"] >= 0.9))
        ours, floors = ratios["ipmasq"]["median"], ratios["floor"]["median"]
        rows.append((f"IPv{family}, two processors against one",
                     f"{floors} (± {CLOCK_NOISE:.0%}), the floor", ours,
                     ours >= (1 - CLOCK_NOISE) * floors))
    return rows


def rows(everything):
    def found(part):
        return everything.get(part, {}).get("found", {})
    return (rows_of_decision(found("cost")) + rows_of_loading(found("cost")) +
            rows_of_memory(found("cost")) + rows_of_lookup(found("lookup").get("4", {})) +
            rows_of_uml(found("uml")) + rows_of_parallel(found("parallel")))
