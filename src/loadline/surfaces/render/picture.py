"""The share of a bin over windows in; a picture in SVG, or in text, out. Plain Python; light and dark by the viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from loadline.flow.drawing import Drawn, Point
from loadline.surfaces.render.style import Palette, clean

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 40
_TICKS = 4
_TEXT_WIDTH = 50

_LIGHT = {
    "paper": "#ffffff", "ink": "#1b2733", "soft": "#5b6b7a", "grid": "#e3e8ed", "range": "#cfe3f5", "line": "#1f6fb2",
    "alarm": "#c62828",
}  # fmt: skip
_DARK = {
    "paper": "#12181f", "ink": "#e6edf3", "soft": "#9fb0c0", "grid": "#2a3540", "range": "#1d3b57", "line": "#6db3f2",
    "alarm": "#ff7b72",
}  # fmt: skip


def _colours(of: Mapping[str, str]) -> str:
    """Spelled out for each class: viewers that know no variables draw it all the same."""
    return (
        f".paper {{ fill: {of['paper']} }} text {{ fill: {of['ink']} }} .soft {{ fill: {of['soft']} }} "
        f".grid {{ stroke: {of['grid']} }} .range {{ fill: {of['range']} }} .line {{ stroke: {of['line']} }} "
        f".expected {{ stroke: {of['soft']} }} .dot {{ fill: {of['line']} }} .alarm {{ fill: {of['alarm']} }}"
    )


_STYLE = (
    "svg { font: 12px system-ui, sans-serif } .line, .expected { fill: none } .line { stroke-width: 1.6 } "
    f".expected {{ stroke-dasharray: 3 3 }} {_colours(_LIGHT)} "
    f"@media (prefers-color-scheme: dark) {{ {_colours(_DARK)} }}"
)


def as_svg(drawn: Drawn) -> str:
    """A picture that stands alone: no script, no font, no address but the SVG namespace."""
    points = drawn.points
    top = _round_up(max(max(p.share, p.high or 0.0) for p in points))
    said = f"{drawn.title}: {len(points)} windows, {sum(p.is_alarm for p in points)} under an alarm"
    box, size = f"0 0 {WIDTH} {HEIGHT}", f'width="{WIDTH}" height="{HEIGHT}"'
    legend = "share of rows; band: natural range; red: alarm"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {size} role="img" aria-label="{_text(said)}">',
        f"<title>{_text(said)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="{LEFT}" y="22" font-weight="600">{_text(drawn.title)}</text>',
        f'<text class="soft" x="{WIDTH - RIGHT}" y="22" text-anchor="end">{legend}</text>',
        *_axes(points, top),
        *_bands(points, top),
        f'<polyline class="line" points="{_path([(i, p.share) for i, p in enumerate(points)], len(points), top)}"/>',
        *_dots(points, top),
        "</svg>",
    ]
    return "\n".join(parts)


def _axes(points: Sequence[Point], top: float) -> list[str]:
    parts = []
    for tick in range(_TICKS + 1):
        share = top * tick / _TICKS
        y = _y(share, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.3g} %</text>')
    for at, anchor in _labelled(len(points)):
        x = _x(at, len(points))
        name = _text(points[at].window)
        parts.append(f'<text class="soft" x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="{anchor}">{name}</text>')
    return parts


def _labelled(count: int) -> list[tuple[int, str]]:
    if count == 1:
        return [(0, "start")]
    if count < 5:
        return [(0, "start"), (count - 1, "end")]
    return [(0, "start"), ((count - 1) // 2, "middle"), (count - 1, "end")]


def _bands(points: Sequence[Point], top: float) -> list[str]:
    """The natural range and the expected share, wherever they are known, each unbroken stretch for itself."""
    parts = []
    for stretch in _stretches(points):
        above = [(at, points[at].high or 0.0) for at in stretch]
        below = [(at, points[at].low or 0.0) for at in reversed(stretch)]
        middle = [(at, points[at].expected or 0.0) for at in stretch]
        parts.append(f'<polygon class="range" points="{_path(above + below, len(points), top)}"/>')
        parts.append(f'<polyline class="expected" points="{_path(middle, len(points), top)}"/>')
    return parts


def _stretches(points: Sequence[Point]) -> list[list[int]]:
    found: list[list[int]] = []
    for at, point in enumerate(points):
        if point.expected is None:
            continue
        if found and found[-1][-1] == at - 1:
            found[-1].append(at)
        else:
            found.append([at])
    return found


def _dots(points: Sequence[Point], top: float) -> list[str]:
    return [
        f'<circle class="{"alarm" if p.is_alarm else "dot"}" cx="{_x(at, len(points)):.1f}" '
        f'cy="{_y(p.share, top):.1f}" r="{4 if p.is_alarm else 2}"><title>{_text(_said(p))}</title></circle>'
        for at, p in enumerate(points)
    ]


def _said(point: Point) -> str:
    natural = (
        "" if point.low is None or point.high is None else f"; natural {_percent(point.low)} to {_percent(point.high)}"
    )
    return f"{point.window}: {_percent(point.share)}{natural}{'; alarm' if point.is_alarm else ''}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _path(pairs: Sequence[tuple[int, float]], count: int, top: float) -> str:
    return " ".join(f"{_x(at, count):.1f},{_y(share, top):.1f}" for at, share in pairs)


def _x(at: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at / (count - 1) if count > 1 else 0.5)


def _y(share: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(share, top) / top


def _round_up(share: float) -> float:
    """The next share that looks well at the top of an axis."""
    for step in (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.2, 0.4, 0.6, 0.8):
        if share <= step:
            return step
    return 1.0


def _text(words: str) -> str:
    return escape(clean(words))


def as_text(drawn: Drawn) -> list[str]:
    """One line a window: the natural range as a band of dots, the share as a star (an exclamation mark in an alarm)."""
    palette = Palette.of()
    top = _round_up(max(max(p.share, p.high or 0.0) for p in drawn.points))
    wide = max(len(p.window) for p in drawn.points)
    head = f"{'':{wide}}  0 %{_percent(top):>{_TEXT_WIDTH - 2}}"
    return [palette.bold(clean(drawn.title)), palette.dim(head), *(_line(p, top, wide, palette) for p in drawn.points)]


def _line(point: Point, top: float, wide: int, palette: Palette) -> str:
    cells = [" "] * (_TEXT_WIDTH + 1)
    if point.low is not None and point.high is not None:
        for at in range(_cell(point.low, top), _cell(point.high, top) + 1):
            cells[at] = "·"
    cells[_cell(point.share, top)] = "!" if point.is_alarm else "*"
    drawn = "".join(cells).rstrip()
    line = f"{clean(point.window):{wide}}  {drawn:{_TEXT_WIDTH + 1}} {_percent(point.share):>8}"
    return palette.red(line) if point.is_alarm else line


def _cell(share: float, top: float) -> int:
    return round(_TEXT_WIDTH * min(share, top) / top)
