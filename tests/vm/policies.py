#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints the policies that the family's YNL spec asks for, as "hostile policies" prints those
of the kernel: a line for each command, and one for each attribute that it takes.

usage: tests/vm/policies.py SPEC
"""

import sys

import yaml

BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}


def number_rule(attribute, definitions):
    """As ynl_gen_c.py makes it: a range for an enum, a mask for flags."""
    kind = attribute["type"]
    low, high = 0, (1 << BITS[kind]) - 1
    if "enum" in attribute:
        definition = definitions[attribute["enum"]]
        count = len(definition["entries"])
        if definition["type"] == "flags":
            return f"{kind} mask {(1 << count) - 1}"
        low = definition.get("value-start", 0)
        high = low + count - 1
    return f"{kind} min {low} max {high}"


def rule(attribute, definitions):
    kind = attribute["type"]
    checks = attribute.get("checks", {})
    if kind in BITS:
        return number_rule(attribute, definitions)
    if kind in ("binary", "string"):
        word = "nul-string" if kind == "string" else kind
        return f'{word} max-len {checks["max-len"]}'
    return kind


def print_attribute(command, path, attribute, spec):
    definitions, sets = spec
    if attribute["type"] == "pad":
        return
    print(command, path, rule(attribute, definitions))
    for number, inner in enumerate(sets.get(attribute.get("nested-attributes"), []), 1):
        print_attribute(command, f"{path}.{number}", inner, spec)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        family = yaml.safe_load(file)
    definitions = {entry["name"]: entry for entry in family["definitions"]}
    sets = {entry["name"]: entry["attributes"] for entry in family["attribute-sets"]}
    for operation in family["operations"]["list"]:
        word = "do" if "do" in operation else "dump"
        if word not in operation:
            continue
        command = operation["name"].upper().replace("-", "_")
        print(command, word)
        request = operation[word].get("request", {}).get("attributes", [])
        for number, attribute in enumerate(sets[operation["attribute-set"]], 1):
            if attribute["name"] in request:
                print_attribute(command, number, attribute, (definitions, sets))


main()
