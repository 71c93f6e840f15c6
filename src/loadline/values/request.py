"""What somebody wants: to ask, or to have a text verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loadline.values.query import Query
from loadline.values.rule import Deed, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A question in words. `choice` is the number, from 1, of the reading chosen where there are several."""

    text: str
    choice: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A structured question as somebody wrote it: each part is still text."""

    metrics: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    during: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    is_detail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """`today` is the asker's day in the project's calendar: "last quarter" is counted from it. `deed` is VERIFY where
    a text is checked with the answer."""

    principal: Principal
    asked: Words | Written | Query
    today: date
    deed: Deed = Deed.ASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Check the claims of `text` against governed numbers. `name` is what to call it: a file's name."""

    principal: Principal
    text: str
    today: date
    name: str = "text"


Request = Ask
