# SPDX-License-Identifier: GPL-2.0-or-later
"""Instructions for each new connection and each established packet, and what a
table takes: time to load and to change it, memory of the kernel."""
import concurrent.futures
import statistics
import time

import contenders
import data
import vm

SIZES = contenders.ALL_SIZES
FAMILIES = (4, 6)

# The first passes find caches of the kernel's allocators empty, and pay for the
# connections that were forgotten before them.
PASSES = 7
DROPPED = 3

# Virtual seconds, 10^9 instructions each, that a table may take to load before
# its contender is given up.
LOAD_LIMIT_SECONDS = 200

# What a second boot measures again.
REPEATED = ("ipmasq", (4, 64, 1000))

MEMORY_FIELDS = ("total", "percpu", "vmalloc", "slab")

# The smallest table whose memory is measured, see guest/cost.
MEMORY_LEAST = 1000


def packet_count(contender, size):
    """Fewer where each of them walks through a list of that many rules."""
    if contender.startswith("iptables") and size > 1000:
        return max(5, 400000 // size)
    return 1000


def measure(kernel, initramfs, contender, family, sizes, log="cost", passes=PASSES,
            memory=4096):
    """The lines that the guest wrote about one contender. @memory is the VM's, in
    megabytes."""
    files = data.once_files(contender, family)
    words = []
    for size in sizes:
        files.append(data.table_file(contender, family, size))
        count = packet_count(contender, size)
        for verdict in data.VERDICTS:
            files.append(data.packet_file(contender, family, size, verdict, count))
            files.append(data.packet_file(contender, family, size, verdict,
                                          min(count, data.CHECKED), "check"))
        words.append(f"{size},{count},{min(count, data.CHECKED)}")
    if sizes[0] > 64:
        raise ValueError("the first table is also the floor's, it must be a small one")
    command = f"/bench/cost {contender} {family} {passes} {LOAD_LIMIT_SECONDS} {' '.join(words)}"
    return vm.boot(kernel, initramfs, files, command, vm.BENCH / f"{log}.{contender}.{family}",
                   memory=memory)


def memory_per_entry(small, large):
    """Bytes; both are (size, what the guest counted, what the contender says or
    None), of a small table and of the one that took its place."""
    difference = large[0] - small[0]
    entry = {field: round((above - below) * 1024 / difference, 1)
             for field, above, below in zip(MEMORY_FIELDS, large[1], small[1])}
    if large[2] is not None:
        entry["says"] = round((large[2] - small[2]) / difference, 1)
    return entry


def read(lines):
    """Medians of the passes that count, times, memory, and what went wrong."""
    passes = {}
    times = {"load": {}, "add": {}, "delete": {}}
    memory = []
    problems = []
    for line in lines:
        words = line.split()
        kind = words[0] if words else "complete"
        if kind == "pass":
            passes.setdefault(words[1], []).append(int(words[4]) / int(words[3]))
        elif kind in times:
            times[kind][words[1]] = {"nanoseconds": int(words[2]),
                                     "peak_kilobytes": int(words[3])}
        elif kind == "memory":
            memory.append([int(words[1]), [int(word) for word in words[2:]], None])
        elif kind == "says":
            memory[-1][2] = int(words[2])
        elif kind != "complete":
            problems.append(line)
    if "complete" not in lines:
        problems.append("the run did not come to its end")
    costs = {}
    for label, values in passes.items():
        steady = values[1:] if label.split(".")[0] == "established" else values[DROPPED:]
        costs[label] = {"instructions": round(statistics.median(steady), 1),
                        "least": round(min(steady), 1), "most": round(max(steady), 1)}
    return {"costs": costs, "loads": times["load"], "adds": times["add"],
            "deletes": times["delete"], "problems": problems,
            "bytes_per_entry": {str(large[0]): memory_per_entry(small, large)
                                for small, large in zip(memory[::2], memory[1::2])}}


def run(kernel, chosen, families=FAMILIES, workers=2):
    """All chosen contenders; {family: {contender: read()}}. What is in
    REPEATED is measured once more in a boot of its own, as {family: {"again":
    read()}}."""
    initramfs = vm.base(kernel)
    results = {str(family): {} for family in families}
    began = time.monotonic()
    try:
        with concurrent.futures.ProcessPoolExecutor(workers) as pool:
            # Those that take longest come first, so that none is left for the end.
            jobs = {pool.submit(measure, kernel, initramfs, contender, family,
                                contenders.EVERYONE[contender].sizes):
                    (contender, family) for contender in
                    sorted(chosen, key=contenders.slowness) for family in families}
            if REPEATED[0] in chosen:
                for family in families:
                    jobs[pool.submit(measure, kernel, initramfs, REPEATED[0], family,
                                     REPEATED[1], "again")] = ("again", family)
            for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                contender, family = jobs[job]
                try:
                    lines = job.result()
                except (OSError, ValueError) as error:
                    # The others go on, and this one says so in the report.
                    lines = [f"not measured: {error}"]
                results[str(family)][contender] = read(lines)
                print(f"cost: {done} of {len(jobs)}, IPv{family}, {contender}, after "
                      f"{time.monotonic() - began:.0f} s", flush=True)
                for problem in results[str(family)][contender]["problems"]:
                    print(f"cost: IPv{family}, {contender}: {problem}", flush=True)
    finally:
        initramfs.unlink()
    return results
