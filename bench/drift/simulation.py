"""Streams whose truth is known in; false alarms a year and delay of five rules out. Only the standard library.

A stream is a window a day of one column: normal or heavy-tailed (Student's t, 3 degrees of freedom), higher at weekends
by a tenth of a standard deviation, and every day moved by a wobble of 0.03 of one, independent or persistent (0.6 from
one day to the next). Its shares in 20 bins come from the distribution itself; counts are drawn from them (by normal
approximation of each conditional binomial where that has a variance above 100, else row by row). 56 days are learned
from. A change is +0.1 standard deviations.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from loadline.checks.drift import BinKind, Bins, Profile, Profiled, Rule, State, look, past_of
from loadline.checks.drift.distances import distances

BASELINE = 56
YEAR = 365
BINS = 20
NULL = 0.02
WEEKEND = 0.1
WOBBLE = 0.03
SHIFT = 0.1
COLUMNS = 30  # the Kolmogorov-Smirnov test is corrected for as many, as if the column were one of a usual table


def normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def student(x: float) -> float:
    """Student's t with 3 degrees of freedom, in units of its own standard deviation (the root of 3)."""
    return 0.5 + (x / (1 + x * x) + math.atan(x)) / math.pi


def quantile(cdf: Callable[[float], float], share: float) -> float:
    low, high = -1e4, 1e4
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if cdf(middle) < share else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    name: str
    cdf: Callable[[float], float]
    rows: int
    persistence: float


def stream(world: World, days: int, seed: int, *, shift_at: int | None = None) -> list[tuple[int, ...]]:
    """Counts of each day: 20 bins and the missing."""
    chance = random.Random(f"{world.name} {world.rows} {world.persistence} {seed}")  # noqa: S311 - no secret
    edges = [quantile(world.cdf, at / BINS) for at in range(1, BINS)]
    wobble, made = chance.gauss(0, WOBBLE), []
    for day in range(days):
        keep = world.persistence
        wobble = keep * wobble + math.sqrt(1 - keep**2) * chance.gauss(0, WOBBLE) if day else wobble
        mean = wobble + (WEEKEND if day % 7 >= 5 else 0) + (SHIFT if shift_at is not None and day >= shift_at else 0)
        below = [0.0, *(world.cdf(edge - mean) for edge in edges), 1.0]
        shares = [(b - a) * (1 - NULL) for a, b in itertools.pairwise(below)]
        made.append(drawn(chance, world.rows, [*shares, NULL]))
    return made


def drawn(chance: random.Random, rows: int, shares: Sequence[float]) -> tuple[int, ...]:
    counts, left, rest = [], rows, 1.0
    for share in shares[:-1]:
        p = min(1.0, max(0.0, share / rest)) if rest > 0 else 0.0
        counts.append(binomial(chance, left, p))
        left, rest = left - counts[-1], rest - share
    return (*counts, left)


def binomial(chance: random.Random, rows: int, p: float) -> int:
    variance = rows * p * (1 - p)
    if variance > 100:
        return min(rows, max(0, round(chance.gauss(rows * p, math.sqrt(variance)))))
    return sum(chance.random() < p for _ in range(rows))


# rules: each says of every day after the baseline whether it raises an alarm


def loadline(days: Sequence[tuple[int, ...]]) -> list[bool]:
    """The detector as it is shipped. After an alarm its evidence begins again, so that alarms can be counted."""
    rule, bins = Rule(), {"x": Bins(column="x", kind=BinKind.NUMBER, edges=tuple(float(at) for at in range(BINS - 1)))}
    windows = [
        Profiled(name=str(at), profile=Profile(counts={"": {"x": counts}}), phases=(at % 7,))
        for at, counts in enumerate(days)
    ]
    quiet, state, alarms = windows[:BASELINE], State(), []
    for window in windows[BASELINE:]:
        judged = look(past_of(quiet, rule, baseline=BASELINE), state, window, bins, rule)
        alarms.append(judged.is_alarm)
        state = State() if judged.is_alarm else judged.state
        quiet.append(window)
    return alarms


def shares_of(days: Sequence[tuple[int, ...]]) -> list[float]:
    whole = [sum(column) for column in zip(*days, strict=True)]
    return [count / sum(whole) for count in whole]


def measured(days: Sequence[tuple[int, ...]]) -> list[tuple[float, float]]:
    """Stability index and Jensen-Shannon distance of every day against the baseline as one heap of rows."""
    bins = Bins(column="x", kind=BinKind.CATEGORY, top=tuple(str(at) for at in range(BINS - 1)), knows_all=False)
    reference = shares_of(days[:BASELINE])
    found = [distances(bins, reference, counts) for counts in days]
    return [(one.psi, one.jensen_shannon) for one in found]


def stability_above(limit: float) -> Callable[[Sequence[tuple[int, ...]]], list[bool]]:
    return lambda days: [psi > limit for psi, _ in measured(days)[BASELINE:]]


def shannon_beyond_three(days: Sequence[tuple[int, ...]]) -> list[bool]:
    found = [shannon for _, shannon in measured(days)]
    limit = fmean(found[:BASELINE]) + 3 * stdev(found[:BASELINE])
    return [one > limit for one in found[BASELINE:]]


def smirnov(days: Sequence[tuple[int, ...]]) -> list[bool]:
    """Two-sample Kolmogorov-Smirnov of each day against the whole baseline at 5 % / 30 columns. The largest difference
    is taken at the 19 edges, which can only make it smaller."""
    reference = shares_of([counts[:BINS] for counts in days[:BASELINE]])
    rows = sum(sum(counts[:BINS]) for counts in days[:BASELINE])
    alarms = []
    for counts in days[BASELINE:]:
        here = sum(counts[:BINS])
        gaps = itertools.accumulate(count / here - share for count, share in zip(counts[:BINS], reference, strict=True))
        alarms.append(kolmogorov(max(map(abs, gaps)) * math.sqrt(rows * here / (rows + here))) < 0.05 / COLUMNS)
    return alarms


def kolmogorov(x: float) -> float:
    """The chance that Kolmogorov's statistic is above x."""
    if x < 0.2:
        return 1.0
    return min(1.0, max(0.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))))


RULES: dict[str, Callable[[Sequence[tuple[int, ...]]], list[bool]]] = {
    "loadline": loadline,
    "PSI > 0.1": stability_above(0.1),
    "PSI > 0.2": stability_above(0.2),
    "JS > mean + 3 sd": shannon_beyond_three,
    "KS, Bonferroni": smirnov,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`false_a_year` alarms in years without change. Of the `judged` streams with one, those not alarmed before it:
    `delay` in windows (median; None when most are never found), and the share `found` within five."""

    world: World
    rule: str
    false_a_year: float
    delay: float | None
    found: float
    judged: int


def outcomes(world: World, *, years: int, streams: int, seed: int) -> list[Outcome]:
    quiet = [stream(world, BASELINE + YEAR, seed + at) for at in range(years)]
    at = BASELINE + 21
    moved = [stream(world, at + 60, seed + 10_000 + k, shift_at=at) for k in range(streams)]
    found = []
    for name, rule in RULES.items():
        alarms = sum(sum(rule(days)) for days in quiet)
        delays = []
        for days in moved:
            said = rule(days)
            if not any(said[:21]):
                after = said[21:]
                delays.append(after.index(True) + 1 if any(after) else math.inf)
        middle = median(delays) if delays else math.inf
        found.append(
            Outcome(
                world=world,
                rule=name,
                false_a_year=alarms / years,
                delay=None if math.isinf(middle) else middle,
                found=sum(delay <= 5 for delay in delays) / max(1, len(delays)),
                judged=len(delays),
            )
        )
    return found
