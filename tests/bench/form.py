# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures and tables as people read them."""
import contenders


def number(value):
    """1000000 -> 1,000,000; 0.01 -> 0.01"""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def seconds(value):
    if value is None:
        return ""
    if value < 1e-3:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1e3:,.1f} ms" if value < 1 else f"{value:,.2f} s"


def cell(value, form="{:,.0f}"):
    return "" if value is None else form.format(value)


def label(name):
    return contenders.EVERYONE[name].label if name in contenders.EVERYONE else name


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(one) for one in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
