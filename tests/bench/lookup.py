# SPDX-License-Identifier: GPL-2.0-or-later
"""The lookup alone, in user space: kmod/cidr_table.c beside DPDK's tables."""
import json
import random
import subprocess

import data
import tables
import vm

SIZES = (4, 64, 1000, 10000, 100000, 1000000)
ADDRESSES = 1 << 20
ROUNDS = 25


def routes(family, size):
    """Like the Internet's routing table: many prefixes are parts of others."""
    source = random.Random(f"{tables.SEED} routes {family} {size}")
    lengths = list(tables.LENGTHS[family])
    weights = list(tables.LENGTHS[family].values())
    chosen = {tables.parse(one) for one in tables.DEFAULTS[family]}
    parents = list(chosen)
    while len(chosen) < size:
        length = source.choices(lengths, weights)[0]
        address = tables.random_address(family, source)
        if source.random() < tables.NESTED:
            parent = source.choice(parents)
            if parent[1] < length:
                host = (1 << (tables.BITS[family] - parent[1])) - 1
                address = parent[0] | address & host
        drop = tables.BITS[family] - length
        prefix = (address >> drop << drop, length)
        if prefix in chosen:
            continue
        chosen.add(prefix)
        if length < (24 if family == 4 else 48):
            parents.append(prefix)
    return source.sample(sorted(chosen), size)


def configmap(family, size):
    """As people write them: whole blocks, private ones first, then peers."""
    source = random.Random(f"{tables.SEED} configmap {family} {size}")
    chosen = [tables.parse(one) for one in tables.DEFAULTS[family]]
    lengths = (16, 19, 20, 22, 24, 27, 32) if family == 4 else (32, 44, 48, 56, 64, 108, 128)
    while len(chosen) < size:
        drop = tables.BITS[family] - source.choice(lengths)
        prefix = (tables.random_address(family, source) >> drop << drop,
                  tables.BITS[family] - drop)
        if prefix not in chosen:
            chosen.append(prefix)
    return chosen


def addresses(family, prefixes, out):
    """Half from everywhere, half inside prefixes."""
    source = random.Random(f"{tables.SEED} addresses {family} {len(prefixes)}")
    bits = tables.BITS[family]
    for _ in range(ADDRESSES):
        if source.getrandbits(1):
            address = tables.random_address(family, source)
        else:
            prefix = source.choice(prefixes)
            address = prefix[0] | source.getrandbits(bits) & ((1 << (bits - prefix[1])) - 1)
        out.write(address.to_bytes(bits // 8, "big"))


def files(family, size):
    """Up to 64 prefixes are a ConfigMap, more a routing table."""
    kind = configmap if size <= 64 else routes
    table = data.FOLDER / f"lookup.{kind.__name__}.{family}.{size}"
    asked = data.FOLDER / f"lookup.addresses.{family}.{size}"
    if not table.exists() or not asked.exists():
        made = kind(family, size)
        data.write(table, lambda out: out.writelines(
            tables.text(family, prefix) + "\n" for prefix in made))
        data.write(asked, lambda out: addresses(family, made, out), "wb")
    return table, asked


def run(_, families, sizes=SIZES):
    """Needs no kernel; {family: {size: {contender: figures}}}"""
    results = {}
    for family in families:
        results[str(family)] = {}
        for size in sizes:
            table, asked = files(family, size)
            output = subprocess.run([vm.BENCH / "lookup", str(family), table, asked,
                                     str(ROUNDS)], check=True, text=True,
                                    stdout=subprocess.PIPE).stdout
            results[str(family)][str(size)] = json.loads(output)
            print(f"lookup: IPv{family}, {size} prefixes: done", flush=True)
    return results
