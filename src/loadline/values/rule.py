"""What may be done, as written in `policies/*.yaml`: Cedar's shape (principal, action, resource), plus obligations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loadline.values.model import Text
from loadline.values.place import Place


class Effect(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An empty tuple on the `who` or `on` side means "any". Patterns may end in `*`.

    `rows` is a boolean expression over `dataset.field`: whoever is permitted by this rule sees only those rows.
    """

    name: str
    effect: Effect
    action: str  # "ask"
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # `dataset.column` patterns
    classifications: tuple[str, ...] = ()
    rows: Text | None = None
    because: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks. `audience` is whose words are spoken (sales, finance), `purpose` what the answer is for (a purpose of
    the W3C Data Privacy Vocabulary, see `values.purpose`); None when nobody said."""

    name: str
    roles: tuple[str, ...] = ()
    audience: str | None = None
    purpose: str | None = None
