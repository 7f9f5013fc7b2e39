# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of prefixes, and packets whose verdict in them is known.

Everything is drawn from a seed, so that every contender and every run gets the
same tables and the same packets. The prefixes of a table are disjoint, for an nft
interval set takes no others; or they are nested, and what they say is mixed. A prefix
is (address as a number, length), and one that says to masquerade has a third word.
"""
import bisect
import ipaddress
import random
import struct

SEED = 4
SOURCE = {4: ipaddress.ip_address("10.244.1.2"), 6: ipaddress.ip_address("fd00:10:244:1::2")}
BITS = {4: 32, 6: 128}

# What the reference agent leaves alone without a file, link-local included.
DEFAULTS = {
    4: ["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
    6: ["fe80::/10", "fd00::/8", "2001:db8:100::/48", "2001:db8:200::/48"],
}

# Prefix lengths, after the routing tables of the Internet; the long ones are
# hosts and service ranges of a cluster.
LENGTHS = {
    4: {24: 750, 23: 100, 22: 70, 21: 30, 20: 20, 19: 10, 18: 5, 16: 3, 28: 6, 32: 6},
    6: {48: 450, 32: 120, 36: 40, 40: 70, 44: 100, 29: 20, 56: 50, 64: 100,
        108: 10, 112: 20, 120: 10, 128: 10},
}

# Where the registries give addresses from.
BLOCKS6 = [0x200, 0x240, 0x260, 0x280, 0x2a0, 0x2c0]


def parse(text):
    network = ipaddress.ip_network(text)
    return int(network.network_address), network.prefixlen


def text(family, prefix):
    address = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
    return f"{address(prefix[0])}/{prefix[1]}"


def last(family, prefix):
    return prefix[0] | ((1 << (BITS[family] - prefix[1])) - 1)


def random_address(family, source):
    if family == 4:
        return source.randrange(1 << 24, 224 << 24)
    return source.choice(BLOCKS6) << 116 | source.getrandbits(116)


def disjoint(family, prefixes):
    """Sorted, without those that overlap one before."""
    kept = []
    reached = -1
    for prefix in sorted(prefixes):
        if prefix[0] > reached:
            kept.append(prefix)
            reached = last(family, prefix)
    return kept


def skips(prefix):
    return len(prefix) == 2


def reserved(family):
    """The node itself, the entry that is added and deleted, what is never forwarded."""
    return [parse(one) for one in (
        ("192.0.2.0/24", "127.0.0.0/8", "100.64.0.0/10") if family == 4 else
        ("2001:db8:2::/48", "2001:db8:7::/48", "ff00::/8"))]


def overlap(family, prefix, others):
    return any(prefix[0] <= last(family, one) and last(family, prefix) >= one[0]
               for one in others)


def table(family, size):
    """Disjoint ones. The defaults first, as the reference agent writes them; then the
    others in no order."""
    defaults = [parse(one) for one in DEFAULTS[family]]
    source = random.Random(f"{SEED} table {family} {size}")
    fixed = defaults + reserved(family)
    lengths = list(LENGTHS[family])
    weights = list(LENGTHS[family].values())
    others = []
    wanted = size - len(defaults)
    surplus = 1.1
    while len(others) < wanted:
        drawn = set()
        for length in source.choices(lengths, weights, k=int(wanted * surplus) + 8):
            drop = BITS[family] - length
            drawn.add((random_address(family, source) >> drop << drop, length))
        others = [prefix for prefix in disjoint(family, drawn)
                  if not overlap(family, prefix, fixed)]
        surplus *= 1.3
    return defaults + source.sample(others, wanted)


# How often a prefix of a routing table lies inside another one.
NESTED = 0.4


def nested(family, size):
    """Of the prefixes, many are parts of others and say the opposite of what is around
    them; of the rest, half are to be masqueraded."""
    source = random.Random(f"{SEED} nested {family} {size}")
    lengths = list(LENGTHS[family])
    weights = list(LENGTHS[family].values())
    chosen = {parse(one): True for one in DEFAULTS[family]}
    parents = list(chosen)
    fixed = reserved(family)
    while len(chosen) < size:
        length = source.choices(lengths, weights)[0]
        address = random_address(family, source)
        skip = bool(source.getrandbits(1))
        if source.random() < NESTED:
            parent = source.choice(parents)
            if parent[1] < length:
                host = (1 << (BITS[family] - parent[1])) - 1
                address = parent[0] | address & host
                skip = not chosen[parent]
        drop = BITS[family] - length
        prefix = (address >> drop << drop, length)
        if prefix in chosen or overlap(family, prefix, fixed):
            continue
        chosen[prefix] = skip
        if length < max(lengths) - 4:
            parents.append(prefix)
    return [prefix if skip else (*prefix, "masquerade")
            for prefix, skip in source.sample(sorted(chosen.items()), size)]


MAKERS = {"disjoint": table, "nested": nested}


class Oracle:
    """Says whether a table skips an address: what the longest prefix says around it."""

    def __init__(self, family, prefixes):
        """Walks along the addresses with a stack of the prefixes that are open."""
        self.starts = [-1]
        self.skip = [False]
        inside = []
        for prefix in sorted(prefixes):
            self.close(inside, prefix[0])
            inside.append((last(family, prefix), skips(prefix)))
            self.note(prefix[0], skips(prefix))
        self.close(inside, 1 << BITS[family])

    def note(self, start, skip):
        self.starts.append(start)
        self.skip.append(skip)

    def close(self, inside, address):
        while inside and inside[-1][0] < address:
            end, _ = inside.pop()
            self.note(end + 1, inside[-1][1] if inside else False)

    def skips(self, address):
        return self.skip[bisect.bisect_right(self.starts, address) - 1]


def random_inside(family, prefix, source):
    return prefix[0] | source.getrandbits(BITS[family]) & (last(family, prefix) ^ prefix[0])


def skipped_addresses(family, prefixes, source):
    oracle = Oracle(family, prefixes)
    # The kernel does not forward to link-local addresses of IPv6.
    local = [parse("fe80::/10")] if family == 6 else []
    usable = [prefix for prefix in prefixes
              if skips(prefix) and not overlap(family, prefix, local)]
    pods = parse("10.244.0.0/16" if family == 4 else "fd00:10:244::/48")
    while True:
        address = random_inside(family, source.choice(usable), source)
        if oracle.skips(address) and not pods[0] <= address <= last(family, pods):
            yield address


def masqueraded_addresses(family, prefixes, source):
    """Half from everywhere, half from right beside a prefix, or from inside one that
    says so."""
    oracle = Oracle(family, prefixes)
    node = parse("192.0.2.0/24" if family == 4 else "2001:db8:2::/48")
    while True:
        if source.getrandbits(1):
            address = random_address(family, source)
        else:
            prefix = source.choice(prefixes)
            if skips(prefix):
                prefix = prefix[0] ^ 1 << (BITS[family] - prefix[1]), prefix[1]
            address = random_inside(family, prefix, source)
        if family == 4 and not (1 << 24 <= address < 224 << 24 and address >> 24 != 127):
            continue
        if family == 6 and address >> 125 != 1:
            continue
        if not oracle.skips(address) and not node[0] <= address <= last(family, node):
            yield address


def packet4(destination, source_port, destination_port):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64, 17, 0,
                         SOURCE[4].packed, destination.to_bytes(4, "big"))
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    header = header[:10] + struct.pack("!H", total ^ 0xffff) + header[12:]
    return header + struct.pack("!4H", source_port, destination_port, 26, 0) + bytes(18)


def packet6(destination, source_port, destination_port):
    return struct.pack("!IHBB16s16s", 6 << 28, 26, 17, 64, SOURCE[6].packed,
                       destination.to_bytes(16, "big")) + \
        struct.pack("!4H", source_port, destination_port, 26, 0) + bytes(18)


def packets(family, prefixes, verdict, count, label=""):
    """UDP packets, each of a connection of its own. Without checksum, as pktgen
    sends them."""
    source = random.Random(f"{SEED} packets {family} {len(prefixes)} {verdict} {label}")
    draw = masqueraded_addresses if verdict == "masqueraded" else skipped_addresses
    make = packet4 if family == 4 else packet6
    seen = set()
    result = []
    for address in draw(family, prefixes, source):
        flow = (address, source.randrange(1024, 65536), source.randrange(1, 1024))
        if flow in seen:
            continue
        seen.add(flow)
        result.append(make(*flow))
        if len(result) == count:
            return b"".join(result)
