"""Streams of counts for tests: shares that stay, wobble or move, made by a small generator of our own."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence

from loadline.checks.drift import BinKind, Bins, Profile, Profiled

EDGES = tuple(-1.645 + 3.29 * i / 18 for i in range(19))
AMOUNT = Bins(column="amount", kind=BinKind.NUMBER, edges=EDGES)
REGION = Bins(column="region", kind=BinKind.CATEGORY, top=("north", "south"), rest=("east",))
BINS = {"amount": AMOUNT, "region": REGION}


def phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def shares_at(mean: float) -> list[float]:
    below = [0.0, *(phi(edge - mean) for edge in EDGES), 1.0]
    return [high - low for low, high in itertools.pairwise(below)]


def drawn(chance: random.Random, rows: int, shares: Sequence[float]) -> tuple[int, ...]:
    """Counts of `rows` rows, by drawing each."""
    counts = [0] * len(shares)
    for at in chance.choices(range(len(shares)), weights=shares, k=rows):
        counts[at] += 1
    return tuple(counts)


def windows(
    count: int,
    *,
    seed: int = 1,
    rows: int = 2000,
    mean: Callable[[int], float] = lambda _: 0.0,
    regions: Callable[[int], Sequence[float]] = lambda _: (0.6, 0.3, 0.1, 0.0, 0.0),
    wobble: float = 0.02,
    is_daily: bool = True,
) -> list[Profiled]:
    chance = random.Random(seed)  # noqa: S311 - data, not a secret
    made = []
    for at in range(count):
        amounts = [*shares_at(mean(at) + chance.gauss(0, wobble)), 0.01]
        counts = {"amount": drawn(chance, rows, amounts), "region": drawn(chance, rows, regions(at))}
        phases = (at % 7,) if is_daily else ()
        made.append(Profiled(name=str(at), profile=Profile(counts={"": counts}), phases=phases))
    return made
