"""What a text says about numbers: claims, what they were taken to mean, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loadline.values.query import Filter, Window
from loadline.values.receipt import Receipt


class Unit(StrEnum):
    """What a printed number counts in. Percent and percentage points are two things and never meet."""

    PLAIN = "plain"
    MONEY = "money"
    PERCENT = "percent"
    POINTS = "percentage points"
    TIMES = "times"
    MEASURE = "measure"


class Threshold(StrEnum):
    EXACT = "="
    ABOVE = ">"
    FROM = ">="
    BELOW = "<"
    UP_TO = "<="


class Hedge(StrEnum):
    """`about` widens to both sides; `nearly` to the side below."""

    NONE = "none"
    ABOUT = "about"
    NEARLY = "nearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A printed number. `value` is scaled (4.5m is 4,500,000; 12 % is 12), `half_step` half a unit of its last printed
    digit, `of` a currency code or a unit word. `is_doubtful`: its separators can be read in two ways."""

    value: Decimal
    half_step: Decimal
    unit: Unit = Unit.PLAIN
    of: str | None = None
    threshold: Threshold = Threshold.EXACT
    hedge: Hedge = Hedge.NONE
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One governed number: a metric on a slice in a period."""

    metric: str
    where: tuple[Filter, ...] = ()
    during: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The same metric for every member of the dimension `by`."""

    metric: str
    by: str
    where: tuple[Filter, ...] = ()
    during: Window | None = None


class Formula(StrEnum):
    """What is computed of the cells of a reading, in their order."""

    LEVEL = "level"  # a
    SUM = "sum"  # a + b + …
    DIFFERENCE = "difference"  # a - b
    GROWTH = "growth"  # (a - b) / b
    SHARE = "share"  # a / b, as a part of a whole
    RATIO = "ratio"  # a / b, as a multiple
    RANK = "rank"  # the place of `member` among `members`
    COUNT = "count"  # how many members there are
    LEAST_STEP = "least step"  # the smallest of b - a, c - b, …
    MOST_STEP = "greatest step"  # the largest of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One thing a claim may mean, finite enough to compute. `said` tells it in words."""

    formula: Formula
    cells: tuple[Cell, ...] = ()
    members: Members | None = None
    member: str | None = None
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """The text prints a number. `is_signless`: it says by how much, not in which direction. `is_up`: where it says
    whereto, which a bound alone does not hold (`fell by less than 10 %` is not right of a rise)."""

    quantity: Quantity
    is_signless: bool = False
    is_up: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """The text says which of two is larger, or where something went, without a number."""

    is_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The text says which place a member takes: 1 is the largest, or the smallest when `is_from_bottom`."""

    place: int
    is_from_bottom: bool = False


Expectation = Amount | Direction | Standing


class Doubt(StrEnum):
    """Why a claim is neither supported nor contradicted."""

    INVENTED = "invented field"
    COHORT = "unknown cohort"
    FORECAST = "forecast"
    UNIT = "unit mismatch"
    AMBIGUOUS = "ambiguous"
    NOT_UNDERSTOOD = "not understood"
    NOT_PERMITTED = "not permitted"
    NOT_APPROVED = "not approved"
    NO_DATA = "no data"
    TOO_VAGUE = "too vague"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A span of the text (`start` in, `end` out, in characters) that can be true or false. `readings` are what it
    means; with several it is ambiguous. `also` are readings nobody would take first: they keep it from being
    contradicted. A claim that was not understood has a `doubt` and no reading."""

    start: int
    end: int
    text: str
    expects: Expectation
    readings: tuple[Sense, ...] = ()
    also: tuple[Sense, ...] = ()
    is_timeless: bool = False  # no period is named: right over all time, or not to be judged
    is_any: bool = False  # no base of the comparison is named: right against any of the usual ones
    doubt: Doubt | None = None
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """There is no governed value, and why."""

    doubt: Doubt
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """A governed number that does equal the claimed one. `kind`: slice, period, definition or measure."""

    kind: str
    said: str
    value: Decimal
    reading: Sense


@dataclass(frozen=True, slots=True, kw_only=True)
class Supported:
    reading: Sense
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradicted:
    """`value` is the governed one, in the unit of the claim; `nearest` what the claimed number really is."""

    reading: Sense
    value: Decimal
    nearest: tuple[Nearest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    doubt: Doubt
    because: str


Verdict = Supported | Contradicted | Unverified


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    claim: Claim
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCohort:
    """Several wrong numbers that are all right of one other slice or period. `claims` are their places in the list."""

    claims: tuple[int, ...]
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that was said about a text, in its order. `numbers` counts the printed numbers that are claims."""

    judged: tuple[Judged, ...]
    cohorts: tuple[WrongCohort, ...]
    numbers: int
    receipt: Receipt | None = None
    queries: int = 0
