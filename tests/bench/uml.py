# SPDX-License-Identifier: GPL-2.0-or-later
"""New connections per second in a User-Mode Linux kernel, where kernel code runs
at native speed, and the time that tables take there."""
import os
import pathlib
import statistics
import subprocess
import tempfile

import contenders
import cost
import data
import results
import vm

# Short passes, many of which nothing disturbs. An odd number would favour one order.
PAIRS = 80
PACKETS = 500
LOADS = 3

LOAD_LIMIT_SECONDS = 120


def kernel():
    """The folder of the kernel, see tests/uml/kernel; built when it is not there."""
    return pathlib.Path(subprocess.run([vm.TOP / "tests/uml/kernel"], check=True,
                                       text=True, stdout=subprocess.PIPE).stdout.strip())


def modules(folder):
    """Builds the modules for it; the folder they are in."""
    release = (folder / "release").read_text().strip()
    build = vm.BUILD / release
    environment = {**os.environ, "ARCH": "um"}
    subprocess.run([vm.HERE / "modules", folder, "ARCH=um"], check=True, env=environment)
    link = os.readlink(vm.BUILD / "ipmasq.ko")
    try:
        subprocess.run([vm.TOP / "scripts/module", "-k", folder, "ARCH=um"], check=True,
                       env=environment, stdout=subprocess.DEVNULL)
    finally:
        # build/ipmasq.ko stays that of the stock kernel.
        (vm.BUILD / "ipmasq.ko").unlink()
        (vm.BUILD / "ipmasq.ko").symlink_to(link)
    return build


def boot(folder, build, command, log, memory="3G", seconds=3600):
    """Runs a script of guest/; the lines that it wrote."""
    with tempfile.TemporaryDirectory() as scratch, open(log, "wb") as out:
        subprocess.run(
            ["timeout", "--foreground", "-k", "5", str(seconds), folder / "linux",
             f"mem={memory}", f"uml_dir={scratch}", "quiet", "root=/dev/root",
             "rootfstype=hostfs", "rootflags=/", "ro", "con=null", "con0=fd:0,fd:1",
             f"init={vm.HERE / 'uml/init'}", f"BENCH_TOP={vm.TOP}", f"BENCH_BUILD={build.relative_to(vm.TOP)}",
             f"BENCH_DATA={data.folder('ipmasq').relative_to(vm.TOP)}", f"BENCH_MODULES={folder / 'modules'}",
             "BENCH_COMMAND=" + "+".join(map(str, command))],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False,
            env={**os.environ, "TMPDIR": scratch})
    with open(log, errors="replace") as lines:
        return [line.rstrip("\r\n") for line in lines]


def sections(lines):
    """What was said about each contender, in order; None for what came before."""
    found = {None: []}
    name = None
    for line in lines:
        if line.startswith("contender "):
            name = line.split()[1]
            found[name] = []
        else:
            found[name].append(line)
    return found


def read(lines):
    """Of one contender."""
    pairs = {}
    times = {"load": {}, "netlink": {}, "add": {}, "delete": {}}
    problems = []
    for line in lines:
        words = line.split()
        if len(words) == 4 and words[0] == "pair":
            pairs.setdefault(words[1], []).append((float(words[2]), float(words[3])))
        elif len(words) > 2 and words[0] in times:
            times[words[0]].setdefault(words[1], []).append(int(words[2]) / 1e9)
        elif words and words[0] in ("not", "no", "lost", "wrong"):
            problems.append(line)
    rates = {}
    for name, values in pairs.items():
        rates[name] = {
            "per_second": round(1e9 / statistics.median(its for its, _ in values)),
            "floor_per_second": round(1e9 / statistics.median(floors for _, floors in values)),
            "of_floor": results.spread([floors / its for its, floors in values], 4)}
    return {"rates": rates, "problems": problems,
            **{f"{kind}_seconds": {name: results.spread(values, 6) for name, values in found.items()}
               for kind, found in times.items()}}


def read_all(lines, chosen):
    """{contender: read()}; the last one says it if the kernel came to no end, and those
    behind it that it never came to them."""
    found = sections(lines)
    everything = {name: read(found.get(name, ["not reached"])) for name in chosen}
    if "complete" not in lines:
        last = [name for name in chosen if name in found][-1:] or chosen[:1]
        everything[last[0]]["problems"].append(
            "the run did not come to its end: " + " / ".join(lines[-3:]))
    return everything


def run(folder, chosen, families):
    """All in one kernel; {family: {contender: read()}}"""
    build = modules(folder)
    chosen = [name for name in chosen if contenders.EVERYONE[name].native and
              name in contenders.CONTENDERS]
    everything = {}
    for family in families:
        words = []
        for contender in chosen:
            data.once_files(contender, family)
            tables = []
            for size in contenders.CONTENDERS[contender].native:
                count = min(PACKETS, cost.packet_count(contender, size))
                data.table_file(contender, family, size)
                data.packet_file(contender, family, size, "masqueraded", count)
                data.packet_file(contender, family, size, "masqueraded", data.CHECKED, "check")
                tables.append(f"{size},{count}")
            words.append(":".join([contender] + tables))
        print(f"uml: IPv{family}", flush=True)
        lines = boot(folder, build, ["rate", family, PAIRS, LOADS, LOAD_LIMIT_SECONDS] + words,
                     vm.BENCH / f"uml.{family}.log")
        everything[str(family)] = read_all(lines, chosen)
        for found in everything[str(family)].values():
            for name, rate in found["rates"].items():
                print(f"uml: IPv{family}, {name}: {rate['of_floor']['median']:.3f} of the "
                      "floor's rate", flush=True)
            for problem in found["problems"]:
                print(f"uml: IPv{family}: {problem}", flush=True)
    return everything
