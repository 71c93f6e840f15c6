"""What is counted and what comes of it: bins, profiles, windows, rules, states, judgements. No behaviour beyond adding.

A profile holds counts and nothing else, so two profiles over the same bins add up to the profile of both row sets.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NULL = "no value"
OTHER = "other known values"
NEW = "values never seen before"
REST = "all other values"
ALL_ROWS = ""  # the segment that is no segment


class BinKind(StrEnum):
    NUMBER = "number"  # quantile bins of the reference
    CATEGORY = "category"  # the most frequent values, the other known ones, new ones
    NULLS = "nulls"  # only whether there is a value: times, and texts that name one row each
    QUALITY = "quality"  # good or bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """How one column's rows are counted, fixed when a reference was taken.

    `edges` (numbers) are ascending and upper-inclusive: the first bin ends at `edges[0]`, the last begins behind
    `edges[-1]`. `top` are the most frequent values as text, `rest` the other known ones; when a column has too many
    values to list, `knows_all` is False and whatever is not in `top` is one bin. `why` says what keeps a column from
    being watched by its values.
    """

    column: str
    kind: BinKind
    edges: tuple[float, ...] = ()
    top: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    knows_all: bool = True
    why: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """One per bin, in the order of the counts; the bin of missing values is always the last."""
        match self.kind:
            case BinKind.NUMBER:
                return (*_spans(self.edges), NULL)
            case BinKind.CATEGORY:
                tail = (OTHER, NEW, NULL) if self.knows_all else (REST, NULL)
                return (*(f"`{value}`" for value in self.top), *tail)
            case BinKind.NULLS:
                return ("has a value", NULL)
            case BinKind.QUALITY:
                return ("good", "bad", NULL)


def _spans(edges: tuple[float, ...]) -> tuple[str, ...]:
    if not edges:
        return ("any value",)
    shown = [f"{edge:.6g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(shown)]
    return (f"up to {shown[0]}", *between, f"above {shown[-1]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Counts by segment, column and bin. The segment `ALL_ROWS` holds every row."""

    counts: Mapping[str, Mapping[str, tuple[int, ...]]]

    def __add__(self, other: Profile) -> Profile:
        """The profile of both row sets; both are over the same bins."""
        summed: dict[str, dict[str, tuple[int, ...]]] = {}
        for segment in dict.fromkeys((*self.counts, *other.counts)):
            mine, theirs = self.counts.get(segment, {}), other.counts.get(segment, {})
            summed[segment] = {
                column: _added(mine.get(column, ()), theirs.get(column, ()))
                for column in dict.fromkeys((*mine, *theirs))
            }
        return Profile(counts=summed)

    @property
    def rows(self) -> int:
        return max((sum(counts) for counts in self.counts.get(ALL_ROWS, {}).values()), default=0)


def _added(mine: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, ...]:
    if not mine or not theirs:
        return mine or theirs
    return tuple(a + b for a, b in zip(mine, theirs, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """One span of rows. `phases` says where in each season it lies, finest season first: an hour has its hour of the
    week and its hour of the day, a day its weekday; windows of so many rows have none."""

    name: str
    profile: Profile
    phases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The constants of the detector; docs/decisions/0017-natural-range-detector.md says why these.

    `budget` is the alarm budget in windows: a stream that never changes alarms about once in so many windows or
    rarer. `strength` is the size of change, in standard deviations, the detector is tuned to (twice it, in nats, is
    what one deviation counts), `clip` the most deviations one window may count, `least` the past windows needed (in
    each phase, to judge by phase), `most` the past windows remembered, `lag` how many of the newest are not yet
    learned from, `shrink` how many windows' worth of belief a bin takes from the other bins of its column.
    """

    budget: float = 1000.0
    strength: float = 2.0
    clip: float = 4.0
    least: int = 8
    most: int = 182
    lag: int = 7
    shrink: float = 10.0


Key = tuple[str, str]  # segment, column
Pair = tuple[float, float]  # evidence that the share rose, that it fell


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Evidence per segment, column and bin, for a rise and for a fall. Evidence below `SMALL` is nothing."""

    evidence: Mapping[Key, tuple[Pair, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """One bin that moved. Shares are parts of one; `low` and `high` bound what is natural for this window."""

    segment: str
    column: str
    bin: str
    share: float
    expected: float
    low: float
    high: float
    is_rise: bool
    evidence: float
    kind: BinKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """For people who know them: population stability index, Jensen-Shannon distance (base 2), and for numbers the
    first Wasserstein distance in units of the reference's inner range; against the mean of the past windows."""

    psi: float
    jensen_shannon: float
    wasserstein: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one window showed. `evidence` is the mean over everything watched, and an alarm when it reaches `budget`.
    `moved` are the columns whose own evidence alone would be an alarm. `notes` say what was not judged, and why."""

    window: str
    evidence: float
    is_alarm: bool
    state: State
    blames: tuple[Blame, ...] = ()
    moved: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    past: int = 0
    is_pooled: bool = False
    distances: Mapping[str, Distances] = field(default_factory=dict)
