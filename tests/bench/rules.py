# SPDX-License-Identifier: GPL-2.0-or-later
"""What each contender is made of, for people to read: taken from the files that are
run, so that it cannot be anything else."""
import re
import textwrap

import contenders
import vm

FLOOR = vm.HERE / "floor/floor.c"
BPF = vm.HERE / "lpm.c"
GUEST = vm.HERE / "guest/contenders.sh"


def cut(file, begin, end):
    """The file's text from one word up to another."""
    text = file.read_text()
    start = text.index(begin)
    return text[start:text.index(end, start)]


def block(text, kind=""):
    return f"```{kind}\n{text.rstrip()}\n```\n"


def commands(name):
    """How it is prepared and how it takes a table, as the guest does it."""
    script = GUEST.read_text()
    return "\n\n".join(re.search(rf"^{verb}_{name}\(\) \{{\n.*?^\}}$", script, re.M | re.S)[0]
                       for verb in ("prepare", "load"))


def variants():
    """What `prepare` does for those with a dash in their names."""
    return cut(GUEST, "POOL=", "LOAD_SECONDS=") + \
        textwrap.dedent(cut(GUEST, "\tcase $1 in\n\t*-source)", "}\n\n# change_one"))


def write():
    text = ["## The rules of each contender\n",
            "The files have two prefixes here; those of the benchmark have as many lines as the "
            "table has prefixes.\n",
            "### The floor\n",
            "A module (`tests/bench/floor/floor.c`), loaded with `accept=0` beside masqueraded "
            "connections and with `accept=1` beside skipped ones, when `accept_hook` stands in "
            "the place of both others:\n",
            block(cut(FLOOR, "static unsigned int accept_hook", "static int __init"), "c")]
    for name, one in contenders.CONTENDERS.items():
        text.append(f"### {one.label}\n\n" +
                    block(commands(name), "sh"))
        if name == "bpf":
            text.append("The program, of `tests/bench/lpm.c`; `size` is 4 or 16, `destination` "
                        "where the address is in the packet, 16 or 24:\n")
            text.append(block(textwrap.dedent(
                cut(BPF, "\t\t/* r6 keeps", "\t};\n\tstatic char log")), "c"))
        for family in (4, 6):
            text.append(f"IPv{family}:\n\n" + block(contenders.example(name, family)))
    text.append("### Variants\n\nThe same, and before the first table:\n\n" +
                block(variants(), "sh"))
    text.append("In the tables of `-nested` a prefix that is to be masqueraded has the word "
                "`masquerade` behind it for ipmasq and for the BPF contender, whose map says so, "
                "and `nomatch` for ipset.\n")
    return text
