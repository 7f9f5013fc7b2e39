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
    """What was measured. That its results change docs/performance is no change."""
    name = output("git", "describe", "--always")
    changed = output("git", "status", "--porcelain", "--untracked-files=no", "--",
                     ":/", ":!/docs/performance")
    return name + ("-dirty" if changed else "")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


# One run of tests/bench/run, whatever parts it has.
STARTED = now()


def origin(kernel, seconds):
    """Where and when, so that a figure can be judged later. @seconds is what the
    part took."""
    qemu = output("qemu-system-x86_64", "--version")
    return {
        "run": STARTED,
        "date": now(),
        "seconds": round(seconds),
        "commit": commit(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "kernel": (kernel / "version").read_text().strip() + " " +
                  (kernel / "release").read_text().strip() if kernel else None,
        "qemu": re.sub(r"^QEMU emulator version (\S+).*", r"\1", qemu, flags=re.S),
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
    """Group by group: what was not measured again stays."""
    groups = dict(old)
    for group, found in new.items():
        groups[group] = {**groups.get(group, {}), **found}
    return groups


def forget():
    """A run of everything begins with nothing."""
    FILE.unlink(missing_ok=True)


def merge(part, kernel, seconds, found):
    """Puts what a part found in the place of what it found before."""
    everything = load()
    old = everything.get(part, {}).get("found", {})
    everything[part] = {"origin": origin(kernel, seconds), "found": combine(old, found)}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(everything, indent=1, sort_keys=True) + "\n")
