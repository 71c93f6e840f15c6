"""Questions whose query a person has verified, and regression cases, as written in `questions/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from loadline.values.place import Place
from loadline.values.query import By, Filter, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedQuestion:
    """`metrics` may name terms: the asker's audience decides. `during` is kept as text, resolved when asked."""

    id: str
    text: str
    metrics: tuple[str, ...]
    by: tuple[By, ...] = ()
    where: tuple[Filter, ...] = ()
    conditions: tuple[str, ...] = ()
    during: str | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    audience: str | None = None
    verified_by: str | None = None
    is_draft: bool = False  # somebody chose this meaning, and nobody who answers for it has approved it
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedMetric:
    """A metric as it was when a case was promoted: the digest of all that it is made of, and what is told of it."""

    version: str
    definition: str
    status: str
    owner: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an answer was when its case was promoted. `value` is the digest of all its rows, `rows` the first of them
    as people read them, `sql` the digest of the statement, `codes` why it was not verified. `data` is the version of
    the data, `project` the project's digest, `version` that of loadline."""

    receipt: str
    status: str
    codes: tuple[str, ...] = ()
    data: str | None = None
    value: str | None = None
    rows: tuple[str, ...] = ()
    metrics: Mapping[str, ExpectedMetric] = field(default_factory=dict)
    row_filters: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sql: str | None = None
    dialect: str | None = None
    project: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionCase:
    """A question that really was asked, in these `roles`, and what came of it. `text` are its words, read anew each
    time as on `today`, or None where only `query` is asked; `query` is what it means, None where it is to be refused.
    A draft is a candidate: somebody said of its answer that it is wrong (`said`), and nobody has put it right yet."""

    id: str
    text: str | None = None
    query: VerifiedQuestion | None = None
    today: date
    person: str | None = None
    roles: tuple[str, ...] = ()
    audience: str | None = None
    purpose: str | None = None
    is_draft: bool = False
    said: str | None = None
    expected: Expected | None = None
    place: Place
