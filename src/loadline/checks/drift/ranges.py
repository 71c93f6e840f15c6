"""The past windows of one column in; what is natural for each bin out: expected share, variance, persistence.

Laney's p-prime chart (Laney 2002, *Improved control charts for attributes*) adds to the sampling variance of a share
the variance that quiet windows have between them. Here that is done per bin, by phase of the season, and with three
cautions for few windows: the between-window variance of a bin borrows from the other bins of its column, is taken at
its upper confidence bound, and the error of the expected share itself is part of the variance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from loadline.checks.drift.nouns import Rule

CLOCK = 0.5  # from here on, the window decides the value rather than the other way round
MOST_PERSISTENT = 0.9
_UPPER = -0.5244  # the 30 % point of the normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class NaturalBin:
    """`expected` by phase; `spread` is the natural variance, `slowness` what persistence divides a deviation by;
    `rise` and `fall` are the means of exp(strength · deviation) over the past windows."""

    expected: tuple[float, ...]
    spread: float
    slowness: float
    rise: float
    fall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NaturalRange:
    """What is natural for one column. `windows` by phase says how many the expected shares rest on, `rows` how many
    rows these had. `clock` is the part of the variance of a row's bin that its window explains."""

    bins: tuple[NaturalBin, ...]
    windows: tuple[int, ...]
    rows: tuple[int, ...]
    clock: float


def natural_range(counts: Sequence[tuple[int, ...]], phases: Sequence[int], season: int, rule: Rule) -> NaturalRange:
    """What is natural, from the `counts` of past windows (one tuple each, one count per bin) in `season` phases."""
    sizes = [sum(one) for one in counts]
    kept = [(one, size, phase) for one, size, phase in zip(counts, sizes, phases, strict=True) if size > 0]
    windows, rows = [0] * season, [0] * season
    for _, size, phase in kept:
        windows[phase] += 1
        rows[phase] += size
    width = len(counts[0]) if counts else 0
    free = max(1, len(kept) - sum(1 for w in windows if w))
    total = sum(rows)
    per_row = sum(1 / size for _, size, _ in kept) / max(1, len(kept))
    shares, expected, sampling, between = [], [], [], []
    for b in range(width):
        column = [one[b] / size for one, size, _ in kept]
        means = _means(column, [phase for _, _, phase in kept], windows)
        share = max(sum(column) / max(1, len(column)), 0.5 / (total + 1))
        squares = sum((s - means[phase]) ** 2 for s, (_, _, phase) in zip(column, kept, strict=True))
        shares.append(column)
        expected.append(means)
        sampling.append(share * (1 - share))
        between.append(squares / free)
    spreads, clock = _spreads(between, [v * per_row for v in sampling], free, rule)
    clock = clock / max(sum(sampling), 1e-12)
    built = [
        _bin(
            [(s - expected[b][phase], sampling[b] / size) for s, (_, size, phase) in zip(shares[b], kept, strict=True)],
            tuple(expected[b]),
            spreads[b],
            free / max(1, len(kept)),
            rule,
        )
        for b in range(width)
    ]
    return NaturalRange(bins=tuple(built), windows=tuple(windows), rows=tuple(rows), clock=clock)


def _means(shares: list[float], phases: list[int], windows: list[int]) -> list[float]:
    sums = [0.0] * len(windows)
    for share, phase in zip(shares, phases, strict=True):
        sums[phase] += share
    return [s / w if w else 0.0 for s, w in zip(sums, windows, strict=True)]


def _spreads(between: list[float], sampling: list[float], free: int, rule: Rule) -> tuple[list[float], float]:
    """The natural variance of each bin, and their plain sum before any caution is added."""
    plain = [max(0.0, b - s) for b, s in zip(between, sampling, strict=True)]
    ratios = [b / s for b, s in zip(between, sampling, strict=True) if s > 0]
    typical = max(0.0, median(ratios) - 1) if ratios else 0.0
    caution = free / _chi_square(free)
    spreads = [
        caution * (free * p + rule.shrink * typical * s) / (free + rule.shrink)
        for p, s in zip(plain, sampling, strict=True)
    ]
    return spreads, sum(plain)


def _chi_square(free: int) -> float:
    """The 30 % point of the chi-square distribution (Wilson and Hilferty 1931)."""
    ninth = 2 / (9 * free)
    return free * max(0.05, 1 - ninth + _UPPER * math.sqrt(ninth)) ** 3


def _bin(
    residuals: list[tuple[float, float]], expected: tuple[float, ...], spread: float, freedom: float, rule: Rule
) -> NaturalBin:
    if not residuals:
        return NaturalBin(expected=expected, spread=spread, slowness=1.0, rise=0.0, fall=0.0)
    loosen = 1 / math.sqrt(freedom)  # residuals from a mean of their own are a little too small
    past = [loosen * r / math.sqrt(v + spread) if v + spread > 0 else 0.0 for r, v in residuals]
    whole = sum(z * z for z in past)
    carried = sum(a * b for a, b in itertools.pairwise(past)) / whole if whole > 0 else 0.0
    carried += (1 + 3 * max(0.0, carried)) / len(past) if carried > 0 else 0.0
    carried = min(MOST_PERSISTENT, max(0.0, carried))
    slowness = math.sqrt((1 + carried) / (1 - carried))
    clipped = [max(-rule.clip, min(rule.clip, z / slowness)) for z in past]
    return NaturalBin(
        expected=expected,
        spread=spread,
        slowness=slowness,
        rise=sum(math.exp(rule.strength * z) for z in clipped) / len(clipped),
        fall=sum(math.exp(-rule.strength * z) for z in clipped) / len(clipped),
    )
