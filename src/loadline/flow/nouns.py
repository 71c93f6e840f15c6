"""What the river carries between its halves."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.values.decision import Permit
from loadline.values.plan import Plan, Statement
from loadline.values.receipt import Reason
from loadline.values.request import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request with its place in the ledger's story: `run` names this passing of the river."""

    run: str
    request: Ask
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Judged, permitted, and its intent in the ledger; not yet performed. `doubts` keep its answer from being verified,
    whatever the checks find."""

    asked: Asked
    plan: Plan
    decision: Permit
    statement: Statement
    data_version: str
    doubts: tuple[Reason, ...] = ()
