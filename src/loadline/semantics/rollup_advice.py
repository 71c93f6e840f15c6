"""Questions that were asked, and how long each took, in; the rollups that would have served most of them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadline.semantics.identifiers import plain_name
from loadline.semantics.linked import Linked
from loadline.semantics.rollups import adds_up
from loadline.values.query import Grain

_DAYS = frozenset(
    grain.value for grain in Grain if grain.value not in {"microsecond", "millisecond", "second", "minute", "hour"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A rollup worth having: `questions` asked it would serve, which took `seconds` together."""

    name: str
    dataset: str
    by: tuple[str, ...]
    metrics: tuple[str, ...]
    questions: int
    seconds: float


@dataclass(slots=True)
class _Counted:
    metrics: dict[str, None] = field(default_factory=dict)
    questions: int = 0
    seconds: float = 0.0


def advise(linked: Linked, asked: Iterable[tuple[Mapping[str, Any], float]], *, most: int = 5) -> tuple[Advice, ...]:
    """`asked` are queries as receipts record them, with the seconds they took. Those that no rollup could serve, and
    those that a declared one covers, are left out. Longest together first."""
    found: dict[tuple[str, tuple[str, ...]], _Counted] = {}
    for query, seconds in asked:
        wanted = _wanted(linked, query)
        if wanted is None:
            continue
        counted = found.setdefault(wanted, _Counted())
        counted.metrics.update(dict.fromkeys(query["metrics"]))
        counted.questions += 1
        counted.seconds += seconds
    advices = [_advice(key, counted) for key, counted in found.items() if not _is_kept(linked, key, counted)]
    advices.sort(key=lambda one: (-one.seconds, -one.questions, one.name))
    return tuple(advices[:most])


def _wanted(linked: Linked, query: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """The dataset and the dimensions a rollup would need; None where none could serve."""
    names = query.get("metrics") or ()
    if query.get("conditions") or query.get("is_detail") or not names or not linked.metrics.keys() >= set(names):
        return None
    measures = [measure for name in names for measure in linked.metrics[name].measures]
    facts = {measure.fact for measure in measures}
    if len(facts) != 1 or not all(map(adds_up, measures)):
        return None
    times = {measure.time_name for measure in measures}
    has_window = query.get("during") is not None
    dimensions = list(_dimensions(query))
    if (has_window or "time" in (name for name, _ in dimensions)) and (len(times) != 1 or None in times):
        return None
    time = next(iter(times), None)
    spelled = {f"{time}:day" if name == "time" or cut in _DAYS else name for name, cut in dimensions}
    if any(cut is not None and cut not in _DAYS for _, cut in dimensions):
        return None
    if has_window:
        spelled.add(f"{time}:day")
    fact = facts.pop()
    return None if not spelled or _is_as_long(linked, fact, spelled) else (fact, tuple(sorted(spelled)))


def _is_as_long(linked: Linked, fact: str, by: set[str]) -> bool:
    """Whether there is a row of the rollup for every row of the dataset."""
    key = linked.model.datasets[fact].key
    return bool(key) and {f"{fact}.{name}" for name in key} <= by


def _dimensions(query: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for by in query.get("by", ()):
        yield by["name"], by.get("grain") or by.get("part") or by.get("own_grain")
    for wanted in query.get("where", ()):
        if wanted["name"] not in query["metrics"]:
            yield wanted["name"], None


def _advice(key: tuple[str, tuple[str, ...]], counted: _Counted) -> Advice:
    dataset, by = key
    tail = "_and_".join(plain_name(one.partition(".")[2] or one) for one in by) or "whole"
    return Advice(
        name=f"{plain_name(dataset)}_by_{tail}",
        dataset=dataset,
        by=by,
        metrics=tuple(counted.metrics),
        questions=counted.questions,
        seconds=counted.seconds,
    )


def _is_kept(linked: Linked, key: tuple[str, tuple[str, ...]], counted: _Counted) -> bool:
    dataset, by = key
    return any(
        one.rollup.dataset == dataset
        and set(by) <= {text.value for text in one.rollup.by}
        and set(counted.metrics) <= {text.value for text in one.rollup.metrics}
        for one in linked.rollups
    )
