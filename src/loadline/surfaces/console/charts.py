"""Rows of an answer in, a picture in SVG out, when their shape is one that a picture shows better than a table.

Colours and fonts are classes of the page's own style sheet: a strict policy lets no style stand in the picture itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 70, 18, 16, 34
MOST_BARS = 24
MOST_POINTS = 2_000
_BAR, _LABELS = 24, 190
_TICKS = 4


def chart(columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[Any]]) -> Markup | None:
    """A line over time, or bars over names; None where neither fits. Values are as JSON tells them."""
    dimensions = [n for n, column in enumerate(columns) if column["kind"] == "dimension"]
    metrics = [n for n, column in enumerate(columns) if column["kind"] == "metric"]
    if len(dimensions) != 1 or not metrics or len(rows) < 2:
        return None
    by, what = dimensions[0], metrics[0]
    values = [
        (str(row[by]), value) for row in rows if row[by] is not None and (value := _number(row[what])) is not None
    ]
    if len(values) < 2:
        return None
    title = f"{columns[what]['name']} by {columns[by]['name']}"
    unit = str(columns[what].get("unit") or "")
    if columns[by]["type"] in {"date", "timestamp"} and len(values) <= MOST_POINTS:
        return _line(title, unit, values)
    if columns[by]["type"] == "string" and len(values) <= MOST_BARS:
        return _bars(title, unit, values)
    return None


def _number(value: object) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return float(found) if found.is_finite() else None


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def at(self, value: float, length: float) -> float:
        return (value - self.low) / (self.high - self.low) * length


def _scale(values: Sequence[float]) -> tuple[_Scale, list[float]]:
    """From 0, or from below it, to a round number, and the round numbers on the way."""
    low, high = min(0.0, *values), max(0.0, *values)
    step = _round_step((high - low) / _TICKS or 1.0)
    ticks = [step * n for n in range(int(low // step), int(-(-high // step)) + 1)]
    return _Scale(ticks[0], ticks[-1] if ticks[-1] > ticks[0] else ticks[0] + step), ticks


def _round_step(step: float) -> float:
    power = 10.0 ** (len(f"{int(step)}") - 1) if step >= 1 else 10.0 ** -(len(f"{1 / step:.0f}"))
    return next(power * n for n in (1, 2, 2.5, 5, 10, 20) if power * n >= step)


def short(value: float) -> str:
    """`1.2M`, `340k`, `0.05`."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"


def _head(title: str, said: str, height: int, width: int = WIDTH) -> Markup:
    return Markup(
        '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" aria-label="{said}">'
        "<title>{title}</title>"
    ).format(w=width, h=height, said=said, title=title)


def _line(title: str, unit: str, values: Sequence[tuple[str, float]]) -> Markup:
    scale, ticks = _scale([value for _, value in values])
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = wide / (len(values) - 1)
    points = [(LEFT + n * step, TOP + tall - scale.at(value, tall)) for n, (_, value) in enumerate(values)]
    first, last = values[0], values[-1]
    said = f"{title}: {len(values)} points, {first[0]} {short(first[1])} to {last[0]} {short(last[1])} {unit}"
    parts = [_head(title, said, HEIGHT)]
    for tick in ticks:
        y = TOP + tall - scale.at(tick, tall)
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH - RIGHT, y, y)
        )
        parts.append(
            Markup('<text class="soft" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
                LEFT - 8, y + 4, short(tick)
            )
        )
    every = max(1, len(values) // 6)
    parts += [
        Markup('<text class="soft" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            points[n][0], HEIGHT - 10, values[n][0][:10]
        )
        for n in range(0, len(values), every)
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(Markup('<polyline class="line" points="{}"/>').format(path))
    if len(values) <= 60:
        parts += [
            Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="2.6"><title>{}: {} {}</title></circle>').format(
                x, y, name, short(value), unit
            )
            for (x, y), (name, value) in zip(points, values, strict=True)
        ]
    return Markup("").join([*parts, Markup("</svg>")])


def _bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> Markup:
    scale, _ = _scale([value for _, value in values])
    wide = WIDTH - _LABELS - 90
    height = len(values) * _BAR + 12
    zero = _LABELS + scale.at(0.0, wide)
    said = f"{title}: " + ", ".join(f"{name} {short(value)}" for name, value in values[:8]) + f" {unit}"
    parts = [_head(title, said, height)]
    for n, (name, value) in enumerate(values):
        end = _LABELS + scale.at(value, wide)
        y = 6 + n * _BAR
        label = name if len(name) <= 26 else f"{name[:25]}…"
        parts.append(
            Markup(
                '<text x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect class="bar" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="2"><title>{}: {} {}</title></rect>'
                '<text class="soft" x="{:.1f}" y="{}">{}</text>'
            ).format(
                _LABELS - 10, y + 15, label, min(zero, end), y + 3, abs(end - zero), _BAR - 8, name, short(value), unit,
                max(zero, end) + 6, y + 15, short(value),
            )
        )  # fmt: skip
    return Markup("").join([*parts, Markup("</svg>")])


def columns_over_days(days: Sequence[tuple[str, Mapping[str, int]]], order: Sequence[str]) -> Markup | None:
    """Answers a day, one column each, stacked by status in `order`."""
    if not days:
        return None
    most = max(sum(counts.values()) for _, counts in days) or 1
    tall, height, width = 90, 118, WIDTH
    step = (width - 20) / max(len(days), 14)
    total = sum(sum(counts.values()) for _, counts in days)
    parts = [_head("answers by day", f"{total} answers on {len(days)} days, at most {most} a day", height)]
    for n, (day, counts) in enumerate(days):
        y = float(tall + 4)
        x = 10 + n * step
        for status in order:
            size = counts.get(status, 0) / most * tall
            if size:
                y -= size
                parts.append(
                    Markup(
                        '<rect class="s-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                        "<title>{}: {} {}</title></rect>"
                    ).format(status, x, y, max(2.0, step - 3), size, day, counts[status], status)
                )
    parts += [
        Markup('<text class="soft" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            10 + n * step, height - 4, "start" if n == 0 else "middle", days[n][0]
        )
        for n in {0, len(days) - 1}
    ]
    return Markup("").join([*parts, Markup("</svg>")])


def graph(columns: Sequence[tuple[str, Sequence[tuple[str, str]]]], edges: Sequence[tuple[str, str]]) -> Markup:
    """Things in columns, from where data comes from to who uses it, with a line for each step between.

    `columns`: a heading, and (id, label) of each thing; `edges` join ids of neighbouring columns.
    """
    box, gap = 26, 8
    across = max(WIDTH, 172 * len(columns))
    wide = min(150.0, across / max(1, len(columns)) - 22)
    letters = int((wide - 16) / 7.3)
    most = max((len(things) for _, things in columns), default=1)
    height = most * (box + gap) + 40
    step = (across - wide) / max(1, len(columns) - 1)
    places: dict[str, tuple[float, float]] = {}
    boxes: list[Markup] = []
    for n, (heading, things) in enumerate(columns):
        x = n * step
        boxes.append(Markup('<text class="soft" x="{:.1f}" y="14">{}</text>').format(x, heading))
        for m, (name, label) in enumerate(things):
            y = 26 + m * (box + gap)
            places[name] = (x, y + box / 2)
            shown = label if len(label) <= letters else f"{label[: letters - 1]}…"
            boxes.append(
                Markup(
                    '<g><title>{}</title><rect class="node" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="4"/>'
                    '<text x="{:.1f}" y="{}">{}</text></g>'
                ).format(label, x, y, wide, box, x + 8, y + 17, shown)
            )
    lines = []
    for start, end in edges:
        if start in places and end in places:
            (x1, y1), (x2, y2) = places[start], places[end]
            middle = (x1 + wide + x2) / 2
            lines.append(
                Markup('<path class="edge" d="M{:.1f},{:.1f} C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}"/>').format(
                    x1 + wide, y1, middle, y1, middle, y2, x2, y2
                )
            )
    said = "; ".join(f"{heading}: {', '.join(label for _, label in things)}" for heading, things in columns if things)
    return Markup("").join([_head("lineage", said, height, across), *lines, *boxes, Markup("</svg>")])


def pretty(value: object) -> str:
    """A number with its thousands apart; anything else as it is."""
    found = _number(value)
    if found is None or not isinstance(value, str | int | float):
        return "" if value is None else str(value)
    try:
        return f"{Decimal(str(value)):,}"
    except InvalidOperation:
        return str(value)


def coded(text: object) -> Markup:
    """A text in which names stand in backticks; the names in the page's own type. Nothing of it is taken as markup."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it was escaped
