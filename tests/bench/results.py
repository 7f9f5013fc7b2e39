# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/performance/results.json: what every part found, when and where."""
import datetime
import json
import os
import platform
import re
import statistics
import subprocess

import vm

FILE = vm.TOP / "docs/performance/results.json"


def processor():
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def output(*command):
    return subprocess.run(command, check=False, text=True, cwd=vm.TOP,
                          stdout=subprocess.PIPE).stdout.strip()


def commit():
    """What was measured. That its results change docs/performance and the READMEs' tables
    is no change."""
    name = output("git", "describe", "--always")
    changed = output("git", "status", "--porcelain", "--untracked-files=no", "--",
                     ":/", ":!/docs/performance", ":!/README*.md")
    return name + ("-dirty" if changed else "")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


# One run of tests/bench/run, whatever parts it has.
STARTED = now()
COMMIT = commit()


def memory():
    """Of the machine, in MiB."""
    with open("/proc/meminfo") as lines:
        return int(next(lines).split()[1]) // 1024


def version(*command):
    """The first word of what a program says that looks like a version."""
    found = re.search(r"\bv?(\d+(\.\d+)+\S*)", output(*command))
    return found[1].rstrip(",)") if found else ""


# What the contenders are made of.
TOOLS = {
    "QEMU": ("qemu-system-x86_64", "--version"),
    "iptables": ("iptables-legacy", "--version"),
    "nft": ("nft", "--version"),
    "ipset": ("ipset", "--version"),
    "DPDK": ("pkg-config", "--modversion", "libdpdk"),
    "gcc": ("gcc", "-dumpfullversion"),
}


def machine():
    """Where it was measured."""
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "memory": memory(),
        "kernel": platform.release(),
        "tools": {name: version(*command) for name, command in TOOLS.items()},
    }


def this_run():
    """When, and of what; two commits if the tree went on meanwhile."""
    present = commit()
    return {"begun": STARTED,
            "commit": COMMIT if present == COMMIT else f"{COMMIT} to {present}"}


def origin(kernel, seconds):
    """Where and when, so that a figure can be judged later. @seconds is what the
    part took."""
    return {
        "run": this_run(),
        "date": now(),
        "seconds": round(seconds),
        "machine": machine(),
        "kernel": (kernel / "version").read_text().strip() + ", " +
                  (kernel / "release").read_text().strip() if kernel else None,
        "load_average": os.getloadavg()[0],
    }


def spread(values, digits):
    """Median and quartiles, and the least."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") \
        if len(values) > 1 else values * 3
    return {"median": round(middle, digits), "low": round(low, digits),
            "high": round(high, digits), "least": round(min(values), digits)}


def load():
    if not FILE.exists():
        return {}
    return json.loads(FILE.read_text())


def combine(old, new):
    """Contender by contender: what was not measured again stays."""
    families = dict(old)
    for family, found in new.items():
        families[family] = {**families.get(family, {}), **found}
    return families


def forget():
    """A run of everything begins with nothing."""
    FILE.unlink(missing_ok=True)


def strangers(part):
    """What is in a part but was measured in another run: {run: [(family, name)]}, the
    run as (begun, commit)."""
    found = {}
    present = part["origin"]["run"]
    for family, names in sorted(part["runs"].items()):
        for name, run in names.items():
            if run != present:
                found.setdefault((run["begun"], run["commit"]), []).append((family, name))
    return found


def is_one_run(everything, parts):
    """Were all parts measured in one run of one commit?"""
    runs = {(part["origin"]["run"]["begun"], part["origin"]["run"]["commit"])
            for part in everything.values()}
    return set(everything) == set(parts) and len(runs) == 1 and \
        not any(strangers(part) for part in everything.values())


def merge(part, kernel, seconds, found):
    """Puts what a part found in the place of what it found before."""
    everything = load()
    old = everything.get(part, {})
    run = this_run()
    everything[part] = {
        "origin": origin(kernel, seconds),
        "found": combine(old.get("found", {}), found),
        # Each contender's own, since not all of them need be of this one.
        "runs": combine(old.get("runs", {}), {
            family: {name: run for name in names} for family, names in found.items()}),
    }
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")
