"""How sure past answers were and which were good in; how good new, unlabelled ones are likely to be out.

Binned isotonic regression: within bins of confidence, the share of good answers, made to rise with confidence by
pooling neighbours that do not (pool adjacent violators; Ayer and others 1955). What it estimates is right only while
the same confidence means the same: a change of what is right for the same inputs (concept drift) cannot be seen.
"""

from __future__ import annotations

from collections.abc import Sequence


def calibrate(good: Sequence[int], bad: Sequence[int]) -> tuple[float | None, ...]:
    """The share of good answers in each bin of confidence, from the lowest bin up, never falling. The last bin (no
    confidence given) is calibrated for itself; None for it when it was never seen."""
    pools: list[list[int]] = []  # good, all, bins
    for g, b in zip(good[:-1], bad[:-1], strict=True):
        pools.append([g, g + b, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + c for a, c in zip(pools[-1], last, strict=True)]
    whole = sum(good) / max(1, sum(good) + sum(bad))
    rising: list[float | None] = []
    for g, n, bins in pools:
        rising += [g / n if n else whole] * int(bins)
    missing = good[-1] + bad[-1]
    return (*rising, good[-1] / missing if missing else None)


def estimate(calibrated: Sequence[float | None], counts: Sequence[int]) -> float | None:
    """The share of good answers to expect of a window with these counts of confidence; None when it has rows of which
    nothing was learned, or none at all."""
    if not sum(counts) or any(count and share is None for share, count in zip(calibrated, counts, strict=True)):
        return None
    return sum((share or 0.0) * count for share, count in zip(calibrated, counts, strict=True)) / sum(counts)
