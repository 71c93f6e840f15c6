"""What data may be used for, as its contract says: one right at a time, and the use that somebody wants to make of it.

The codes of `Use` are the intended purposes of the Data Provenance Standards (https://docs.oasis-open.org/dps/, Data
Provenance Metadata 1.0, `PurposeCode`), and one of our own for what they have no code for: data that is put before a
model when it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from loadline.values.place import Place
from loadline.values.rule import Effect, Principal
from loadline.values.text import Text

INSIDE = "inside"
"""The provider of whatever is done without handing anything to somebody else."""


class Use(StrEnum):
    INFERENCE_CONTEXT = "inference-context"
    PRE_TRAINING = "pre-training"
    ALIGNMENT = "alignment"
    EVALUATION = "evaluation"
    SYNTHETIC_DATA_GENERATION = "synthetic-data-generation"
    RESEARCH = "research"
    QUALITY_ASSURANCE = "quality-assurance"
    STAGING_TESTING = "staging-testing"
    PRODUCTION = "production"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One entry of a contract's `aiRights`. An empty tuple means "any". `columns`, `roles`, `people` and `providers`
    may end in `*`; `until` is the last day it holds. Under `consent`, a condition over `dataset.field`, only rows for
    which it is true may be used."""

    name: str
    effect: Effect
    uses: tuple[Use, ...] = ()
    purposes: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    until: date | None = None
    consent: Text | None = None
    because: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What of one dataset is to be used, and the rights its contract gives: None when it states none. No column is
    named when only rows are counted."""

    dataset: str
    columns: tuple[str, ...]
    contract: str
    owner: str | None
    rights: tuple[Right, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUse:
    """What `principal` wants to do with data, for the purpose they said: on the day `today`, in `region` (None when
    nobody said where), with `provider`, who would be handed the data (None when nobody said who)."""

    use: Use
    principal: Principal
    today: date
    provider: str | None = INSIDE
    region: str | None = None
