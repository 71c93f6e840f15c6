"""A metric's reach in, its lineage drawn in columns out; drift history in, a picture out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from loadline.flow.change.reach import Reach
from loadline.flow.drawing import Drawn
from loadline.semantics.impact import ThingKind
from loadline.surfaces.console.charts import HEIGHT, LEFT, RIGHT, TOP, WIDTH, graph, short

MOST = 12
_AFTER = ((ThingKind.METRIC, "metrics on it"), (ThingKind.QUESTION, "questions"))


def lineage(name: str, columns: Sequence[str], reach: Reach, agents: Iterable[str]) -> Markup:
    """`columns` are what it reads, as `dataset.column`; then datasets, the metric, what rests on it, who asks."""
    datasets = list(dict.fromkeys(column.partition(".")[0] for column in columns))
    drawn: list[tuple[str, list[tuple[str, str]]]] = [
        ("columns", _named("c", columns)),
        ("datasets", _named("d", datasets)),
        ("metric", [(f"m:{name}", name)]),
    ]
    edges = [(f"c:{column}", f"d:{column.partition('.')[0]}") for column in columns]
    edges += [(f"d:{dataset}", f"m:{name}") for dataset in datasets]
    for kind, heading in _AFTER:
        found = [one for one in reach.impact.names(kind) if one != name]
        if found:
            drawn.append((heading, _named(kind.value, found)))
            edges += [(f"m:{name}", f"{kind.value}:{one}") for one in found]
    who = sorted(set(agents))
    if who:
        drawn.append(("asked by", _named("a", who)))
        edges += [(f"m:{name}", f"a:{one}") for one in who]
    return graph(drawn, edges)


def _named(kind: str, names: Sequence[str]) -> list[tuple[str, str]]:
    shown = [(f"{kind}:{name}", name) for name in names[:MOST]]
    return shown if len(names) <= MOST else [*shown, (f"{kind}:…", f"and {len(names) - MOST} more")]


def drift(drawn: Drawn) -> Markup:
    """The share of a bin over windows, its natural range behind it, windows under an alarm in red."""
    points = drawn.points
    top = max(max(p.share, p.high or 0.0) for p in points) * 1.1 or 1.0
    wide, tall, bottom = WIDTH - LEFT - RIGHT, HEIGHT - TOP - 34, HEIGHT - 34
    step = wide / max(1, len(points) - 1)

    def place(n: int, share: float) -> str:
        return f"{LEFT + n * step:.1f},{bottom - share / top * tall:.1f}"

    alarms = sum(p.is_alarm for p in points)
    said = f"{drawn.title}: {len(points)} windows, {alarms} under an alarm"
    parts = [
        Markup(
            '<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">'
            '<title>{}</title><text x="{}" y="12">{}</text>'
        ).format(WIDTH, HEIGHT, said, drawn.title, LEFT, drawn.title)
    ]
    ranged = [(n, p.low, p.high) for n, p in enumerate(points) if p.low is not None and p.high is not None]
    if len(ranged) > 1:
        there = [place(n, max(0.0, low)) for n, low, _ in ranged]
        back = [place(n, high) for n, _, high in reversed(ranged)]
        parts.append(Markup('<polygon class="band" points="{}"/>').format(" ".join([*there, *back])))
    for share in (0.0, top / 2, top):
        y = bottom - share / top * tall
        parts.append(
            Markup(
                '<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
                '<text class="soft" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4, short(share))
        )
    line = " ".join(place(n, p.share) for n, p in enumerate(points))
    parts.append(Markup('<polyline class="line" points="{}"/>').format(line))
    for n, p in enumerate(points):
        across, up = place(n, p.share).split(",")
        parts.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}: {}</title></circle>').format(
                "alarm" if p.is_alarm else "dot", across, up, 4 if p.is_alarm else 2.4, p.window, short(p.share)
            )
        )
    parts += [
        Markup('<text class="soft" x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            LEFT + n * step, HEIGHT - 10, "start" if n == 0 else "end", points[n].window[:10]
        )
        for n in {0, len(points) - 1}
    ]
    return Markup("").join([*parts, Markup("</svg>")])
