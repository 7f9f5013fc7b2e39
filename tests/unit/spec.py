#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that the YNL spec and the uapi header say the same.

The spec's names become C names by the rules of the kernel's ynl-gen-c. A
compiler says what their values are, the header's manual which attributes every
command takes and gives, and the comments of its enums their types. Prints TAP.
"""

import os
import re
import subprocess
import sys
import tempfile

import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SPEC = os.path.join(TOP, "Documentation/netlink/specs/ipmasq.yaml")
HEADER = os.path.join(TOP, "include/uapi/linux/ipmasq.h")

# Of the header's own and of no use to a client that has the spec.
HEADER_ONLY = re.compile(r"_UNSPEC$|_MAX$|^IPMASQ_FLAGS_ALL$|^_UAPI_")

# How the header's comments write the types.
TYPES = {
    "u8": "u8", "u16": "u16", "u32": "u32", "u64": "u64", "s32": "s32",
    "string": "string", "flag": "flag",
    "4 or 16 bytes": "binary", "as SOURCE": "binary", "nested": "nest",
}


def c_name(*parts):
    return "".join(parts).upper().replace("-", "_")


def spec_values(spec):
    """Every number of the spec by the C name that stands for it."""
    values = {}
    for definition in spec["definitions"]:
        prefix = c_name(spec["name"], "-", definition["name"])
        if definition["type"] == "const":
            values[prefix] = definition["value"]
            continue
        number = definition.get("value-start", 0)
        for entry in definition["entries"]:
            number = entry.get("value", number)
            values[c_name(prefix, "-", entry["name"])] = (
                1 << number if definition["type"] == "flags" else number)
            number += 1
    for attribute_set in spec["attribute-sets"]:
        number = 1
        for attribute in attribute_set["attributes"]:
            number = attribute.get("value", number)
            values[c_name(attribute_set["name-prefix"], attribute["name"])] = number
            number += 1
    operations = spec["operations"]
    number = 1
    for operation in operations["list"]:
        number = operation.get("value", number)
        values[c_name(operations["name-prefix"], operation["name"])] = number
        number += 1
    return values


def header_values(names):
    """What the compiler makes of the names; None for one that it does not know."""
    values = {}
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "values.c")
        program = os.path.join(folder, "values")
        known = set(header_names())
        with open(source, "w", encoding="ascii") as file:
            file.write("#include <stdio.h>\n#include <linux/ipmasq.h>\nint main(void)\n{\n")
            for name in names:
                if name in known:
                    file.write(f'\tprintf("%s %lld\\n", "{name}", (long long){name});\n')
            file.write("\treturn 0;\n}\n")
        subprocess.run([os.environ.get("CC", "cc"), "-I", os.path.join(TOP, "include/uapi"),
                        "-o", program, source], check=True)
        output = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        name, value = line.split()
        values[name] = int(value)
    return {name: values.get(name) for name in names}


def header_text():
    with open(HEADER, encoding="ascii") as file:
        return file.read()


def header_names():
    code = re.sub(r"/\*.*?\*/", "", header_text(), flags=re.DOTALL)
    return re.findall(r"\b_*[A-Z]*IPMASQ_\w+", code)


def header_types():
    """The type that the comment behind each attribute names."""
    types = {}
    for name, comment in re.findall(r"^\t(IPMASQ_A_\w+),\s*/\* (.*) \*/$", header_text(),
                                    flags=re.MULTILINE):
        for text, kind in TYPES.items():
            if re.match(rf"{text}\b", comment):
                types[name] = kind
                if kind == "nest":
                    types[name] += " " + comment.split()[1].rstrip(",")
    return types


def spec_types(spec):
    types = {}
    for attribute_set in spec["attribute-sets"]:
        for attribute in attribute_set["attributes"]:
            kind = attribute["type"]
            if kind == "pad":
                continue
            if kind == "nest":
                inner = attribute["nested-attributes"].replace("-", "_")
                kind += f" ipmasq_{inner}_attr"
            types[c_name(attribute_set["name-prefix"], attribute["name"])] = kind
    return types


def names_in(text):
    """Attribute names of a line of the manual, without those of its nests."""
    return sorted(re.findall(r"[A-Z][A-Z0-9_]+", re.sub(r"\{[^}]*\}", "", text)))


def header_operations():
    """The attributes by command and direction, from the header's manual."""
    manual = re.search(r"/\*\n \* The generic-netlink family.*?\*/", header_text(), re.DOTALL)
    operations = {}
    command = direction = None
    for line in manual.group(0).splitlines():
        heading = re.match(r" \* IPMASQ_CMD_(\w+)( \(|$)", line)
        start = re.match(r" \*\t(->|<-) (.*)", line)
        more = re.match(r" \*\t   (.*)", line)
        if heading:
            command, direction = heading.group(1), None
            operations[command] = {"->": "", "<-": ""}
        elif start and command:
            direction = start.group(1)
            operations[command][direction] = start.group(2)
        elif more and direction:
            operations[command][direction] += " " + more.group(1)
        else:
            direction = None
    return {command: {way: names_in(text) for way, text in ways.items()}
            for command, ways in operations.items()}


def spec_operations(spec):
    operations = {}
    for operation in spec["operations"]["list"]:
        exchange = operation.get("do") or operation.get("dump") or {}
        request = exchange.get("request", {}).get("attributes", [])
        reply = exchange.get("reply", operation.get("event", {})).get("attributes", [])
        operations[c_name(operation["name"])] = {
            "->": sorted(c_name(name) for name in request),
            "<-": sorted(c_name(name) for name in reply)}
    return operations


def compare(wanted, found):
    """One (name, ok, explanation) for each key of either."""
    for name in sorted(set(wanted) | set(found)):
        yield (name, name in wanted and name in found and wanted[name] == found[name],
               f"spec: {wanted.get(name)}, header: {found.get(name)}")


def main():
    with open(SPEC, encoding="ascii") as file:
        spec = yaml.safe_load(file)
    values = spec_values(spec)
    results = [(f"value of {name}", ok, why)
               for name, ok, why in compare(values, header_values(values))]
    results += [(f"{name} is in the spec", name in values, "only in the header")
                for name in sorted(set(header_names()))
                if re.match(r"IPMASQ_(CMD|A|ORIGIN|ACTION|VERDICT|FLAG)", name)
                and not HEADER_ONLY.search(name)]
    results += [(f"type of {name}", ok, why)
                for name, ok, why in compare(spec_types(spec), header_types())]
    results += [(f"attributes of {name}", ok, why)
                for name, ok, why in compare(spec_operations(spec), header_operations())]
    groups = [group["name"] for group in spec["mcast-groups"]["list"]]
    results.append(("name of the family",
                    f'#define IPMASQ_FAMILY_NAME "{spec["name"]}"' in header_text(), ""))
    results.append(("multicast group",
                    groups == re.findall(r'#define IPMASQ_MCGRP_\w+ "(.*)"', header_text()),
                    str(groups)))

    print("TAP version 13")
    print(f"1..{len(results)}")
    for number, (name, ok, why) in enumerate(results, 1):
        print(f"{'ok' if ok else 'not ok'} {number} {name}")
        if not ok:
            print(f"# {why}")
    return 0 if all(ok for _, ok, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
