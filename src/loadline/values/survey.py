"""What a look at data showed: facts about relations and their columns, for a person, or a draft, to conclude from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loadline.values.query import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the texts of a column look like. `pattern` is a regular expression that `fitting` of the texts looked at
    keep; `others` are a few that do not, of `other_count`."""

    pattern: str
    fitting: int
    other_count: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The few values a column has, with how often, most frequent first. `is_closed` when so many rows had only these
    that another is not to be expected; `misspelled` pairs a rare value with the frequent one it looks like."""

    values: tuple[tuple[Scalar, int], ...]
    is_closed: bool
    misspelled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedColumn:
    """`filled`, `least`, `greatest` and `is_unique` are over all rows; the rest over the `looked` values of a sample.

    `usual` are the quantiles at 0.1 % and 99.9 %, `middle` those at 5 % and 95 %; `apart` is the number at which nearly
    all end, and how many lie beyond a wide gap behind it. `blanks` are texts that stand for nothing (`N/A`), with how
    often. `personal` says what kind of personal data most values look like. `rarest` is how often the rarest value
    comes, slips of the hand left out; `slips` how many come once or twice and look like a frequent one. `marks` are
    signs that have no business in a text (a double space, `&amp;`, a letter broken by an encoding), with how many texts
    have them.
    """

    name: str
    engine_type: str
    logical_type: str
    is_zoned: bool = False
    filled: int = 0
    looked: int = 0
    distinct: int = 0
    is_unique: bool = False
    least: Scalar = None
    greatest: Scalar = None
    usual: tuple[Decimal, Decimal] | None = None
    middle: tuple[Decimal, Decimal] | None = None
    apart: tuple[Decimal, int] | None = None
    listing: Listing | None = None
    shape: Shape | None = None
    is_trimmed: bool = False
    letter_case: str | None = None  # `lower` or `upper` where no text has letters of the other
    blanks: tuple[tuple[str, int], ...] = ()
    personal: str | None = None
    longest: int = 0
    rarest: int = 0
    slips: int = 0
    marks: tuple[tuple[str, int], ...] = ()
    as_dates: int = 0  # texts such as `22-Dec`: what a spreadsheet makes of a range


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Rows of `column` come `every` day, working day, week or month: `kept` of `periods`, the `newest` then."""

    column: str
    every: str
    kept: int
    periods: int
    newest: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One value of `column` goes with one of `on`, but for `exceptions` of `rows`; `gaps` rows more have none, where
    others with the same of `on` have one."""

    column: str
    on: str
    rows: int
    exceptions: int
    gaps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """At most one row for each day (or other instant) of `time` and each `entity` (one column or two), and the same
    entities again and again: `periods` of `time`, `entities` in all, `present` of them in the average period.

    `persistence` maps a number's column to von Neumann's ratio within the entities, the sum of squared steps from one
    period to the next over that of squared distances from the entity's mean (Annals of Mathematical Statistics 12,
    1941): about 2 where each period starts anew, near 0 for a level that is carried on."""

    time: str
    entity: tuple[str, ...]
    periods: int
    entities: int
    present: float
    persistence: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Rows of one `entity` hold one after the other, from `start` (in) to `end` (out; empty: still): `rows` of
    `entities`, `overlapping` of which begin before the one before ends. `inclusive` of the `following` begin one day
    after the one before ends: its last day is in."""

    entity: str
    start: str
    end: str
    rows: int
    entities: int
    following: int = 0
    overlapping: int = 0
    inclusive: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedTable:
    """`looked` of the `rows` were looked at one by one. Each of `keys` is proven over all rows: every row has it, and
    no two the same. `is_typed` is False for text files, whose types are guessed from their texts."""

    relation: str
    rows: int
    looked: int
    columns: tuple[SurveyedColumn, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    cadences: tuple[Cadence, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    panel: Panel | None = None
    validity: Validity | None = None
    is_typed: bool = True

    def column(self, name: str) -> SurveyedColumn:
        return next(one for one in self.columns if one.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Of the `filled` rows with a value in `source.column`, all but `missing` find it in the key of `target`."""

    source: str
    column: str
    target: str
    key: str
    filled: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`left_out` pairs a relation with why nothing could be seen of it."""

    tables: tuple[SurveyedTable, ...]
    inclusions: tuple[Inclusion, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
