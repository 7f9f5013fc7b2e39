# SPDX-License-Identifier: GPL-2.0-or-later
"""Line charts with logarithmic axes as SVG."""
import html
import math

from form import number

WIDTH, HEIGHT = 960, 500
LEFT, RIGHT, TOP, BOTTOM = 116, 284, 56, 58

# Okabe and Ito's colours, which most people can tell apart; black is ours.
COLOURS = ("#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 2", "1 2", "10 4")


def steps(low, high):
    """1, 2, ... 9, 10, 20, ... from the last round number up to low to the first
    from high on, where 1, 2 and 5 times a power of ten are round."""
    def multiples(power, factors):
        return [factor * 10.0 ** power for factor in factors]
    powers = range(math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9) + 1)
    rounds = [value for power in powers for value in multiples(power, (1, 2, 5))]
    first = max(value for value in rounds if value <= low * (1 + 1e-9))
    last = min(value for value in rounds if value >= high * (1 - 1e-9) and value > first)
    return [value for power in powers for value in multiples(power, range(1, 10))
            if first <= value <= last]


def has_number(ticks, value):
    """Powers of ten, and more where there are few."""
    digit = round(value / 10 ** math.floor(math.log10(value) + 1e-9))
    return digit == 1 or (ticks[-1] / ticks[0] <= 1000 and digit in (2, 5))


def spread(places, least):
    """Moves labels apart so that none covers another."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in zip(order, order[1:]):
        moved[after] = max(moved[after], moved[before] + least)
    over = max(moved, default=0) - (HEIGHT - BOTTOM)
    if over > 0:
        moved = [place - over for place in moved]
        for after, before in zip(order[::-1], order[::-1][1:]):
            moved[before] = min(moved[before], moved[after] - least)
    return moved


def chart(title, x_title, y_title, series, limit=None):
    """series is a list of (name, [(x, y), ...]); limit a level to draw, as
    (name, y). Points that are not above zero have no place on the axis."""
    series = [(name, [point for point in points if point[1] > 0]) for name, points in series]
    series = [(name, points) for name, points in series if points]
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points] + ([limit[1]] if limit else [])
    x_ticks = sorted(set(xs))
    y_ticks = steps(min(ys), max(ys))
    x_low, x_high = math.log10(min(xs)), math.log10(max(xs))
    y_low, y_high = math.log10(y_ticks[0]), math.log10(y_ticks[-1])

    def place(x, y):
        across = (math.log10(x) - x_low) / ((x_high - x_low) or 1)
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return (LEFT + across * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM))

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="13">',
           '<rect width="100%" height="100%" fill="#ffffff"/>',
           f'<text x="{LEFT}" y="28" font-size="17">{html.escape(title)}</text>']
    right = WIDTH - RIGHT
    for y in y_ticks:
        _, at = place(min(xs), y)
        strong = has_number(y_ticks, y)
        out.append(f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" '
                   f'stroke="{"#bbbbbb" if strong else "#eeeeee"}"/>')
        if strong:
            out.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">'
                       f'{number(y)}</text>')
    for x in x_ticks:
        at, _ = place(x, y_ticks[0])
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
                   'stroke="#eeeeee"/>')
        out.append(f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">'
                   f'{number(x)}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 14}" text-anchor="middle">'
               f'{html.escape(x_title)}</text>')
    out.append(f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
               f'text-anchor="middle">{html.escape(y_title)}</text>')
    ends = [place(*points[-1])[1] for _, points in series]
    if limit:
        _, at = place(min(xs), limit[1])
        out.append(f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" '
                   'stroke="#777777" stroke-dasharray="3 3"/>')
        ends.append(at)
    labels = spread(ends, 17)
    if limit:
        out.append(f'<path d="M{right} {ends[-1]:.1f}L{right + 10} {labels[-1]:.1f}" '
                   'stroke="#777777" stroke-width="0.7"/>')
        out.append(f'<text x="{right + 14}" y="{labels[-1] + 4:.1f}" fill="#666666">'
                   f'{html.escape(limit[0])}</text>')
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        places = [place(*point) for point in points]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2.2" '
                   f'stroke-dasharray="{DASHES[i % len(DASHES)]}" points="'
                   + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>')
        for (x, y), (_, value) in zip(places, points):
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{colour}">'
                       f'<title>{html.escape(name)}: {value:,.4g}</title></circle>')
        out.append(f'<path d="M{places[-1][0] + 5:.1f} {places[-1][1]:.1f}L{right + 10} '
                   f'{labels[i]:.1f}" stroke="{colour}" stroke-width="0.7" opacity="0.6"/>')
        out.append(f'<text x="{right + 14}" y="{labels[i] + 4:.1f}" fill="{colour}">'
                   f'{html.escape(name)}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"
