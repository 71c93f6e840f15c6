"""What may be done, as written in `policies/*.yaml`: Cedar's shape (principal, action, resource), plus obligations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loadline.values.place import Place
from loadline.values.text import Text


def matches(name: str, pattern: str) -> bool:
    """Whether `name` is what the pattern says; `*` stands for any letters, and nothing else is special."""
    if "*" not in pattern:
        return name == pattern
    first, *middle, last = pattern.split("*")
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def any_matches(name: str, patterns: Iterable[str]) -> bool:
    return any(pattern == name or ("*" in pattern and matches(name, pattern)) for pattern in patterns)


class Effect(StrEnum):
    """A permit opens; a forbid and a hold only close, a hold until somebody approves."""

    PERMIT = "permit"
    HOLD = "hold"
    FORBID = "forbid"


class Deed(StrEnum):
    """What a rule is about. A text is verified with answers: what is said of `ask` holds for `verify`, too."""

    ASK = "ask"
    VERIFY = "verify"
    ACT = "act"


class EffectClass(StrEnum):
    """What an action does to the outside: reads it, changes rows, changes tables, or calls another system."""

    READ = "read"
    WRITE = "write"
    DDL = "ddl"
    CALL = "call"


class MaskKind(StrEnum):
    """What is shown in place of a value; from the strictest to the mildest."""

    NOTHING = "nothing"
    CONSTANT = "constant"
    HASH = "hash"
    BUCKET = "bucket"
    LAST4 = "last4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """The columns and fields that match `pattern` are shown as `kind`. `size` is how wide a bucket is."""

    pattern: str
    kind: MaskKind
    size: int | None = None


class Per(StrEnum):
    """A day is one in the project's calendar; a minute and an hour begin with the clock's."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBound:
    """At most `most` rows are shown, or written, at a time."""

    most: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `most` times in a `per`, counted for each principal under this rule."""

    most: int
    per: Per
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sum of the number `fact` over a `per` is at most `most`, counted for each principal under this rule."""

    fact: str
    most: Decimal
    per: Per
    rule: str


Limit = RowBound | Rate | Total


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """`count` different people holding `role` say yes within `expires_seconds`. From `deputy_after_seconds` on, those
    holding `deputy` may, too. Where it is for one `person`, only they may. Who asked is never one of them."""

    role: str
    count: int = 1
    expires_seconds: int = 86_400
    deputy: str | None = None
    deputy_after_seconds: int | None = None
    person: str | None = None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An empty tuple on the `who` or `on` side means "any". Patterns may end in `*`.

    `rows` is a boolean expression over `dataset.field`: whoever is permitted by this rule sees only those rows.
    `when` is a condition over facts. `masks` and `limits` come with a permit, `approvals` with a hold.
    """

    name: str
    effect: Effect
    action: str  # one of Deed
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()  # patterns; `*` is any agent
    purposes: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # `dataset.column` patterns
    classifications: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()  # relations of the warehouse or of a target: `sales.orders`
    actions: tuple[str, ...] = ()  # declared actions by name
    effects: tuple[EffectClass, ...] = ()
    when: Text | None = None
    rows: Text | None = None
    masks: tuple[Mask, ...] = ()
    limits: tuple[Limit, ...] = ()
    approvals: tuple[Approval, ...] = ()
    because: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. `audience` is whose words are spoken (sales, finance), `purpose` what the answer is for (a purpose of
    the W3C Data Privacy Vocabulary, see `values.purpose`); None when nobody said. `agent` is the program that asks on
    behalf of the person `name`; None when the person does."""

    name: str
    roles: tuple[str, ...] = ()
    audience: str | None = None
    purpose: str | None = None
    agent: str | None = None
