"""The ledger's windows of one watch in; the share of one bin over them, with what was natural each time, out."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.checks import drift
from loadline.checks.drift import Bins, Profiled, codes
from loadline.errors import RequestError
from loadline.flow.ports import Store
from loadline.flow.watch import rule_of
from loadline.flow.watch_run import chosen
from loadline.flow.watched import History, read_history
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One window: the share, what was expected, and between what it would be natural. `is_alarm`: the watch was under
    an alarm, whatever column moved."""

    window: str
    share: float
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    is_alarm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    title: str
    points: tuple[Point, ...]


def draw(project: Project, store: Store, column: str, *, wanted: str | None, segment: str) -> Drawn:
    """`column` is written `watch.column`. Without `wanted`, the bin that is furthest from what is expected of it in the
    newest window. Raises RequestError for what is not there."""
    name, _, field = column.partition(".")
    (watch,) = chosen(project, (name,))
    history = read_history(store, name)
    bins = history.baseline.bins if history.baseline else {}
    field = field or (next(iter(bins), "") if len(bins) == 1 else "")
    if not history.seen or field not in bins:
        known = ", ".join(f"`{name}.{one}`" for one in bins) or "run `loadline watch --once` first"
        raise _nothing(f"`{column}` has not been looked at", f"write one of {known}" if bins else known)
    labels = bins[field].labels
    at = _bin(history, bins[field], segment, wanted, rule_of(watch))
    points = []
    quiet: list[Profiled] = []
    learn = max(history.baseline.learn if history.baseline else 0, rule_of(watch).least)
    for seen in history.seen:
        counts = seen.window.profile.counts.get(segment, {}).get(field, ())
        if sum(counts):
            past = drift.past_of(quiet, rule_of(watch), baseline=learn) if len(quiet) >= learn else ()
            natural = drift.natural_share(past, seen.window, (segment, field), at, rule_of(watch))
            share, expected, low, high = natural or (counts[at] / sum(counts), None, None, None)
            points.append(
                Point(
                    window=seen.window.name.removesuffix(" 00:00:00"),
                    share=share,
                    expected=expected,
                    low=low,
                    high=high,
                    is_alarm=seen.is_alarm,
                )
            )
        if not seen.is_alarm:
            quiet.append(seen.window)
    if not points:
        raise _nothing(f"`{column}` has no rows in `{segment}`", "leave `--segment` out")
    where = f" in {segment}" if segment else ""
    return Drawn(title=f"{name}.{field}{where}: {labels[at].strip('`')}", points=tuple(points))


def _bin(history: History, bins: Bins, segment: str, wanted: str | None, rule: drift.Rule) -> int:
    labels = [label.strip("`") for label in bins.labels]
    if wanted is not None:
        if wanted not in labels:
            raise _nothing(
                f"`{bins.column}` has no bin `{wanted}`", "write one of " + ", ".join(f"`{x}`" for x in labels)
            )
        return labels.index(wanted)
    newest, quiet = history.seen[-1].window, history.quiet
    past = tuple(one for one in quiet if one.name != newest.name)
    distances = []
    for at in range(len(labels)):
        natural = drift.natural_share(past, newest, (segment, bins.column), at, rule)
        distances.append(abs(natural[0] - natural[1]) / max(natural[3] - natural[2], 1e-9) if natural else 0.0)
    return distances.index(max(distances))


def _nothing(what: str, mend: str) -> RequestError:
    code = codes.NOTHING_TO_DRAW
    return RequestError(Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend))
