"""Past windows, evidence so far and one new window in; the evidence after it, and whether that is an alarm, out.

The natural-range detector. For each bin of each column, the deviation of its share from what is natural is turned
into an e-value for "it rose" and one for "it fell" (values whose mean is at most one while nothing changes), and
these are summed as Shiryaev and Roberts do: R ← (R + 1) · e. While nothing changes the mean of R over everything
watched grows by at most one a window, so it reaches the alarm budget about once in so many windows or rarer; after a
change it grows exponentially (Shin, Ramdas, Rinaldo 2024, *E-detectors*).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

from loadline.checks.drift.distances import distances
from loadline.checks.drift.nouns import (
    ALL_ROWS,
    Bins,
    Blame,
    Distances,
    Judgement,
    Key,
    Pair,
    Profiled,
    Rule,
    State,
)
from loadline.checks.drift.ranges import CLOCK, NaturalBin, NaturalRange, natural_range

SMALL = 0.05
_ROWS_OF_CHANCE = 2.0  # rows that come together (one customer, one batch) are never news, however rare their kind
CEILING = 10.0  # evidence of one bin is cut at so many times what alone would be an alarm, so that it can come back
_STEP = 7  # a long past is learned from a week of windows at a time


def past_of(quiet: Sequence[Profiled], rule: Rule, *, baseline: int) -> tuple[Profiled, ...]:
    """The windows to learn from, out of all `quiet` ones in order: the first `baseline`, which somebody vouches for,
    and later ones but for the newest, so that a change is not taken for nature before it could be noticed; not more
    than are remembered."""
    count = max(min(baseline, len(quiet)), len(quiet) - rule.lag)
    if count > max(baseline, 4 * _STEP):
        count -= (count - baseline) % _STEP
    return tuple(quiet[max(0, count - rule.most) : count])


def look(past: Sequence[Profiled], state: State, window: Profiled, bins: Mapping[str, Bins], rule: Rule) -> Judgement:
    """Judge one window. With fewer past windows than `rule.least` nothing is judged and the notes say so."""
    if len(past) < rule.least:
        note = f"{len(past)} past windows, {rule.least} are needed: nothing is judged yet"
        return Judgement(
            window=window.name, evidence=0.0, is_alarm=False, state=state, notes=(note,), past=len(past), is_pooled=True
        )
    season, phases, phase = _season(past, window, rule)
    evidence: dict[Key, tuple[Pair, ...]] = {}
    blames: list[Blame] = []
    notes: list[str] = []
    measured: dict[str, Distances] = {}
    watched = _watched(past, window, bins, (season, phases), rule)
    for key, (natural, counts, why) in watched.items():
        if why:
            notes.append(why)
            if key in state.evidence:
                evidence[key] = state.evidence[key]  # one empty window proves nothing either way
            continue
        pairs = state.evidence.get(key, ((0.0, 0.0),) * len(counts))
        deviations = [
            _deviation(one, c, sum(counts), natural, phase) for one, c in zip(natural.bins, counts, strict=True)
        ]
        evidence[key] = tuple(
            _grown(pair, one, deviation, rule)
            for pair, one, deviation in zip(pairs, natural.bins, deviations, strict=True)
        )
        blames += _blames(key, bins[key[1]], counts, evidence[key], (natural, deviations, phase))
        if key[0] == ALL_ROWS:
            expected = [one.expected[phase] for one in natural.bins]
            measured[key[1]] = distances(bins[key[1]], expected, counts)
    if season == 1 and window.phases:
        notes.append(f"fewer than {rule.least} past windows in each phase of the season: phases are judged together")
    return _judged(window, evidence, (blames, notes, measured), (len(past), season == 1), rule)


def _season(past: Sequence[Profiled], window: Profiled, rule: Rule) -> tuple[int, tuple[int, ...], int]:
    """How many phases to tell apart, the phase of each past window, and that of this one. The finest season of which
    every phase has been seen often enough; else one phase for all."""
    for level, own in enumerate(window.phases):
        seen = [one.phases[level] for one in past if level < len(one.phases)]
        counts = {phase: seen.count(phase) for phase in {*seen, own}}
        if len(seen) == len(past) and min(counts.values()) >= rule.least and len(counts) > 1:
            places = {phase: at for at, phase in enumerate(sorted(counts))}
            return len(places), tuple(places[phase] for phase in seen), places[own]
    return 1, (0,) * len(past), 0


_Watched = dict[Key, tuple[NaturalRange, tuple[int, ...], str]]


def _watched(
    past: Sequence[Profiled],
    window: Profiled,
    bins: Mapping[str, Bins],
    season: tuple[int, tuple[int, ...]],
    rule: Rule,
) -> _Watched:
    found: _Watched = {}
    for segment, columns in window.profile.counts.items():
        for column, counts in columns.items():
            if column not in bins:
                continue
            empty = (0,) * len(counts)
            history = tuple(w.profile.counts.get(segment, {}).get(column, empty) for w in past)
            natural = _learned(history, season[1], season[0], rule)
            found[segment, column] = (natural, counts, _unwatched(segment, column, counts, natural, rule))
    return found


@lru_cache(maxsize=4096)
def _learned(history: tuple[tuple[int, ...], ...], phases: tuple[int, ...], season: int, rule: Rule) -> NaturalRange:
    return natural_range(history, phases, season, rule)


def _unwatched(segment: str, column: str, counts: tuple[int, ...], natural: NaturalRange, rule: Rule) -> str:
    """Why this column cannot be judged in this window; empty when it can."""
    name = f"`{column}`" + (f" in `{segment}`" if segment else "")
    if sum(counts) == 0:
        return f"{name} has no rows in this window, so it is not judged"
    if sum(natural.windows) < rule.least:
        return f"{name} has rows in only {sum(natural.windows)} past windows, so it is not judged"
    if natural.clock > CLOCK:
        return f"{name} differs from window to window by its nature (a clock, a counter, a batch), so it is not judged"
    return ""


def _variance(one: NaturalBin, rows: int, natural: NaturalRange, phase: int) -> tuple[float, float, float]:
    """Expected share, sampling variance at `rows`, and whole variance of a share in a quiet window."""
    seen = natural.rows[phase]
    expected = max(one.expected[phase], 0.5 / (seen + 1))
    sampling = expected * (1 - min(expected, 1.0))
    predicted = sampling / max(seen, 1) + one.spread / max(natural.windows[phase], 1)  # the error of `expected` itself
    whole = sampling / rows + one.spread + predicted + (_ROWS_OF_CHANCE / rows) ** 2
    return expected, sampling / rows, whole


def _deviation(one: NaturalBin, count: int, rows: int, natural: NaturalRange, phase: int) -> tuple[float, float, float]:
    """How far the share is from the expected one, in standard deviations slowed by persistence; and the two numbers
    the e-value needs: expected rows, and what one row counts."""
    expected, _, whole = _variance(one, rows, natural, phase)
    scale = math.sqrt(whole) * one.slowness
    return (count / rows - expected) / scale, expected * rows, 1 / (scale * rows)


def _grown(pair: Pair, one: NaturalBin, deviation: tuple[float, float, float], rule: Rule) -> Pair:
    """Evidence after this window. The e-value is divided by the largest of three means it could have while nothing
    changes: a normal deviation's, the past windows' own, and that of a rare bin's counts (Poisson, with the natural
    variance beside it)."""
    z, mean, step = deviation
    t = rule.strength * step
    rest = (rule.strength / one.slowness) ** 2 * 0.5
    beside = rest * max(0.0, 1 - mean * step**2 * one.slowness**2)
    normal = math.exp(rule.strength**2 / 2)
    rise = math.exp(min(50.0, mean * (math.expm1(t) - t) + beside)) if t < 10 else math.exp(50)
    fall = math.exp(min(50.0, mean * (math.expm1(-t) + t) + beside))
    return (
        _summed(pair[0], rule.strength * max(-rule.clip, min(rule.clip, z)), max(normal, one.rise, rise)),
        _summed(pair[1], -rule.strength * max(-rule.clip, min(rule.clip, z)), max(normal, one.fall, fall)),
    )


def _summed(evidence: float, log_e: float, mean: float) -> float:
    grown = (evidence + 1) * math.exp(log_e) / mean
    return float(f"{grown:.4g}") if grown >= SMALL else 0.0


def natural_share(
    past: Sequence[Profiled], window: Profiled, key: Key, at: int, rule: Rule
) -> tuple[float, float, float, float] | None:
    """Of one bin in one window: its share, the expected one, and between which shares it is natural. None where there
    are no rows or too few past windows."""
    counts = window.profile.counts.get(key[0], {}).get(key[1], ())
    if len(past) < rule.least or not sum(counts):
        return None
    season, phases, phase = _season(past, window, rule)
    history = tuple(w.profile.counts.get(key[0], {}).get(key[1], (0,) * len(counts)) for w in past)
    natural = _learned(history, phases, season, rule)
    return counts[at] / sum(counts), *_natural(natural.bins[at], sum(counts), natural, phase)


def _natural(one: NaturalBin, rows: int, natural: NaturalRange, phase: int) -> tuple[float, float, float]:
    """The expected share, and three deviations below and above it."""
    expected, _, whole = _variance(one, rows, natural, phase)
    reach = 3 * math.sqrt(whole) * one.slowness
    return expected, max(0.0, expected - reach), min(1.0, expected + reach)


def _blames(
    key: Key,
    bins: Bins,
    counts: tuple[int, ...],
    evidence: tuple[Pair, ...],
    seen: tuple[NaturalRange, Sequence[tuple[float, float, float]], int],
) -> list[Blame]:
    natural, deviations, phase = seen
    rows = sum(counts)
    found = []
    for at, (rose, fell) in enumerate(evidence):
        most = max(rose, fell)
        if most < 1 or (deviations[at][0] > 0) != (rose >= fell):
            continue
        expected, low, high = _natural(natural.bins[at], rows, natural, phase)
        found.append(
            Blame(
                segment=key[0],
                column=key[1],
                bin=bins.labels[at],
                share=counts[at] / rows,
                expected=expected,
                low=low,
                high=high,
                is_rise=rose >= fell,
                evidence=most,
                kind=bins.kind,
            )
        )
    return found


def _judged(
    window: Profiled,
    evidence: dict[Key, tuple[Pair, ...]],
    said: tuple[list[Blame], list[str], dict[str, Distances]],
    seen: tuple[int, bool],
    rule: Rule,
) -> Judgement:
    blames, notes, measured = said
    count = sum(2 * len(pairs) for pairs in evidence.values())
    top = CEILING * rule.budget * max(1, count)
    cut = {key: tuple((min(a, top), min(b, top)) for a, b in pairs) for key, pairs in evidence.items()}
    by_column = {key: sum(a + b for a, b in pairs) for key, pairs in cut.items()}
    mean = sum(by_column.values()) / count if count else 0.0
    alone = [key for key, amount in by_column.items() if amount >= rule.budget * count]
    is_alarm = mean >= rule.budget
    if is_alarm and not alone:
        alone = [max(by_column, key=lambda key: by_column[key])]
    ordered = sorted(alone, key=lambda key: (-by_column[key], key))
    named = [b for b in blames if (b.segment, b.column) in set(alone)]
    return Judgement(
        window=window.name,
        evidence=float(f"{mean:.6g}"),
        is_alarm=is_alarm,
        state=State(evidence={key: pairs for key, pairs in cut.items() if any(a or b for a, b in pairs)}),
        blames=tuple(sorted(named, key=lambda b: (-b.evidence, b.column, b.bin))) if is_alarm else (),
        moved=tuple(ordered) if is_alarm else (),
        notes=tuple(notes),
        past=seen[0],
        is_pooled=seen[1],
        distances=measured,
    )
