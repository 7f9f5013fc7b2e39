#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns the family's YNL spec into the tables of tests/fuzz/netlink/spec.h.

usage: tests/fuzz/netlink/table.py SPEC >TABLE.C
"""

import sys

import yaml

WIDTHS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "s32": 4}


def c_name(name):
    return name.replace("-", "_")


def highest(definition):
    """The highest value of an enum, the mask of flags."""
    count = len(definition["entries"])
    if definition["type"] == "flags":
        return (1 << count) - 1
    return definition.get("value-start", 0) + count - 1


def attribute_row(number, attribute, definitions):
    kind = attribute["type"]
    width = WIDTHS.get(kind, 0)
    limit = 0
    if "enum" in attribute:
        limit = highest(definitions[attribute["enum"]])
    elif kind == "binary":
        limit = attribute["checks"]["max-len"]
    nested = "NULL"
    if kind == "nest":
        nested = f'&set_{c_name(attribute["nested-attributes"])}'
    word = "NUMBER" if width else kind.upper()
    if "enum" in attribute and definitions[attribute["enum"]]["type"] == "flags":
        word = "MASK"
    return (f'\t{{ "{attribute["name"]}", {number}, SPEC_{word}, {width}, {limit}, '
            f'{"true" if attribute.get("multi-attr") else "false"}, {nested} }},')


def print_set(attribute_set, definitions):
    name = c_name(attribute_set["name"])
    print(f"static const struct spec_attribute attributes_{name}[] = {{")
    for number, attribute in enumerate(attribute_set["attributes"], 1):
        print(attribute_row(number, attribute, definitions))
    print("};\n")
    print(f"static const struct spec_set set_{name} = {{")
    print(f"\tattributes_{name}, {len(attribute_set['attributes'])},")
    print("};\n")


def print_list(name, words, numbers):
    # C has no empty lists.
    values = [str(numbers[word]) for word in words] or ["0"]
    print(f"static const unsigned char {name}[] = {{ {', '.join(values)} }};")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    definitions = {entry["name"]: entry for entry in spec["definitions"]}
    # REUSE-IgnoreStart
    print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
    # REUSE-IgnoreEnd
    print('#include <stddef.h>\n\n#include "spec.h"\n')
    # What is nested has to be known before.
    for attribute_set in reversed(spec["attribute-sets"]):
        print_set(attribute_set, definitions)

    main_set = spec["attribute-sets"][0]
    numbers = {attribute["name"]: number
               for number, attribute in enumerate(main_set["attributes"], 1)}
    rows = []
    for command, operation in enumerate(spec["operations"]["list"], 1):
        # "do: {}" is a command whose request and reply have no attributes.
        action = operation.get("do", operation.get("dump"))
        if action is None:
            continue
        name = c_name(operation["name"])
        request = action.get("request", {}).get("attributes", [])
        reply = action.get("reply", {}).get("attributes", [])
        print_list(f"request_{name}", request, numbers)
        print_list(f"reply_{name}", reply, numbers)
        rows.append(f'\t{{ "{operation["name"]}", {command}, '
                    f'{"true" if "dump" in operation else "false"}, '
                    f"request_{name}, {len(request)}, reply_{name}, {len(reply)} }},")
    print("\nconst struct spec_operation spec_operations[] = {")
    print("\n".join(rows))
    print("};\n")
    print(f"const size_t spec_operation_count = {len(rows)};")
    print(f"const struct spec_set *const spec_attributes = &set_{c_name(main_set['name'])};")


main()
