# SPDX-License-Identifier: Apache-2.0
"""A curve as SVG: points with straight lines between them, both axes from zero or logarithmic."""
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 300, 64, 44, 28, 24


def ticks(top):
    """Round steps, about five of them."""
    step = 10 ** math.floor(math.log10(top / 5))
    step *= next(factor for factor in (1, 2, 5, 10) if top / (step * factor) <= 6)
    return [step * number for number in range(int(top / step + 1e-9) + 1)]


def text(x, y, words, anchor="middle"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-family="sans-serif" '
            f'font-size="12" fill="#444">{words}</text>')


def curve(title, x_label, points):
    """`points`: pairs of x and y, by the name of their line."""
    every = [point for line in points.values() for point in line]
    x_top, y_top = (max(values) or 1 for values in zip(*every))

    def place(x, y):
        return (LEFT + x / x_top * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - y / y_top * (HEIGHT - BOTTOM - TOP))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             text(LEFT, 16, title, "start"), text((WIDTH + LEFT) / 2, HEIGHT - 8, x_label)]
    for value in ticks(y_top):
        y = place(0, value)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{value:,.10g}", "end"))
    for value in ticks(x_top):
        parts.append(text(place(value, 0)[0], HEIGHT - BOTTOM + 18, f"{value:,.10g}"))
    for (name, line), colour in zip(points.items(), ("#0b6bcb", "#c4520f", "#2a7d3f")):
        at = [place(x, y) for x, y in sorted(line)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in at]
        if len(points) > 1:
            parts.append(f'<text x="{at[-1][0]:.0f}" y="{at[-1][1] - 8:.0f}" text-anchor="end" '
                         f'font-family="sans-serif" font-size="12" fill="{colour}">{name}</text>')
    return "\n".join(parts) + "\n</svg>\n"
