# SPDX-License-Identifier: GPL-2.0-or-later
"""Files for the guest, made when they are first wanted and kept in build/."""
import hashlib
import os
import pathlib

import contenders
import tables
import vm

VERDICTS = ("masqueraded", "skipped")
CHECKED = 200

# A change of what makes the files makes them again.
VERSION = hashlib.sha256(b"".join(
    pathlib.Path(module.__file__).read_bytes() for module in (tables, contenders))).hexdigest()[:12]
FOLDER = vm.BENCH / f"data-{VERSION}"

_kept = {}


def folder(contender):
    """Tables of one kind, and the packets for them."""
    return FOLDER / contenders.EVERYONE[contender].table


def prefixes(kind, family, size):
    """The table, from its file if there is one. The last one is kept in memory."""
    if (kind, family, size) in _kept:
        return _kept[kind, family, size]
    file = FOLDER / kind / f"table.{family}.{size}"
    if file.exists():
        lines = [line.split() for line in file.read_text().splitlines()]
        made = [tables.parse(words[0]) + tuple(words[1:]) for words in lines]
    else:
        made = tables.MAKERS[kind](family, size)
        write(file, lambda out: contenders.write_ipmasq(family, made, out))
    _kept.clear()
    _kept[kind, family, size] = made
    return made


def write(file, writer, mode="w"):
    """A file gets its name when it is whole; several may be making it."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.draft{os.getpid()}")
    with open(draft, mode) as out:
        writer(out)
    draft.rename(file)


def table_file(contender, family, size):
    file = folder(contender) / f"{contenders.base(contender)}.{family}.{size}"
    if not file.exists():
        one = contenders.EVERYONE[contender]
        made = prefixes(one.table, family, size)
        write(file, lambda out: one.write(family, made, out))
    return file


def once_files(contender, family):
    content = contenders.once(contender, family)
    if content is None:
        return []
    file = folder(contender) / f"{contenders.base(contender)}.{family}.once"
    write(file, lambda out: out.write(content))
    return [file]


def packet_file(contender, family, size, verdict, count, label="packets"):
    """For a table of that size, of the kind that the contender gets."""
    file = folder(contender) / f"{label}.{family}.{verdict}.{size}.{count}"
    if not file.exists():
        made = prefixes(contenders.EVERYONE[contender].table, family, size)
        write(file, lambda out: out.write(
            tables.packets(family, made, verdict, count, label)), "wb")
    return file
