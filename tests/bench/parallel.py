# SPDX-License-Identifier: GPL-2.0-or-later
"""Two processors against one, and what replacing a table costs the other one."""
import data
import results
import vm

SIZE = 1000
REPLACED = (64, 10000, 100000)
ROUNDS = 7
PASSES = 12
PACKETS = 2000
ATTEMPTS = 3


def read(lines):
    """Ratios of what was measured one right after the other, None if the VM died."""
    rates = {}
    replacements = {}
    for line in lines:
        words = line.split()
        if words and words[0] == "rate":
            rates.setdefault(words[1], []).append(float(words[2]))
        elif words and words[0] == "replacements":
            replacements[words[1]] = replacements.get(words[1], 0) + int(words[2])
    if "complete" not in lines:
        return None

    def ratio(above, below):
        return results.spread([one / other for one, other in
                               zip(rates[above], rates[below])], 3)
    ratios = {name: ratio(f"{name}.2", f"{name}.1") for name in ("floor", "ipmasq")}
    for size in REPLACED:
        ratios[f"replaced.{size}"] = ratio(f"replaced.{size}", f"rest.{size}")
    return {"rates": rates, "ratios": ratios, "replacements": replacements}


def run(kernel, families):
    """{family: {"two": read()}}"""
    initramfs = vm.base(kernel)
    everything = {}
    try:
        for family in families:
            files = [data.table_file("ipmasq", family, size) for size in (SIZE,) + REPLACED]
            files += [data.packet_file("ipmasq", family, SIZE, "masqueraded", PACKETS, f"cpu{cpu}")
                      for cpu in (0, 1)]
            found = None
            for attempt in range(ATTEMPTS):
                lines = vm.boot(kernel, initramfs, files,
                                f"/bench/parallel {family} {ROUNDS} {PASSES} {PACKETS} {SIZE} "
                                f"{' '.join(map(str, REPLACED))}",
                                vm.BENCH / f"parallel.{family}.{attempt}", vm.PARALLEL, 2048)
                found = read(lines)
                if found:
                    break
            everything[str(family)] = {"two": found or {
                "problems": [f"none of {ATTEMPTS} VMs came to its end"]}}
            print(f"parallel: IPv{family}: {(found or {}).get('ratios')}", flush=True)
    finally:
        initramfs.unlink()
    return everything
