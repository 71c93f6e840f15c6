"""Expected shares and counts over the same bins in; the three distances people know out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from loadline.checks.drift.nouns import BinKind, Bins, Distances

_LEAST = 1e-4  # a share below one in ten thousand counts as that, as is usual for a stability index


def distances(bins: Bins, expected: Sequence[float], counts: Sequence[int]) -> Distances:
    """Population stability index `sum((q-p)·ln(q/p))`; Jensen-Shannon distance, the square root of the divergence in
    bits; first Wasserstein distance between the edges, each bin spread evenly, divided by the span of the edges."""
    rows, whole = sum(counts), sum(expected) or 1.0
    p = [share / whole for share in expected]
    q = [count / rows if rows else 0.0 for count in counts]
    stable = sum(
        (max(b, _LEAST) - max(a, _LEAST)) * math.log(max(b, _LEAST) / max(a, _LEAST)) for a, b in zip(p, q, strict=True)
    )
    middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    shannon = (_divergence(p, middle) + _divergence(q, middle)) / 2
    return Distances(
        psi=round(stable, 6),
        jensen_shannon=round(math.sqrt(max(0.0, shannon)), 6),
        wasserstein=_wasserstein(bins, p, q) if bins.kind is BinKind.NUMBER else None,
    )


def _divergence(p: Sequence[float], q: Sequence[float]) -> float:
    return sum(a * math.log2(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def _wasserstein(bins: Bins, p: Sequence[float], q: Sequence[float]) -> float | None:
    """Area between the two distribution functions over the inner edges; missing values are left out."""
    some_p, some_q, edges = sum(p[:-1]), sum(q[:-1]), bins.edges
    if len(edges) < 2 or not some_p or not some_q:
        return None
    gaps, at = [], 0.0
    for a, b in zip(p[:-1], q[:-1], strict=True):
        at += b / some_q - a / some_p
        gaps.append(at)
    area = sum(
        (abs(left) + abs(right)) / 2 * (high - low)
        for left, right, low, high in zip(gaps, gaps[1:], edges, edges[1:], strict=False)
    )
    return round(area / (edges[-1] - edges[0]), 6)
