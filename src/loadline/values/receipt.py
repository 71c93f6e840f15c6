"""What everyone gets: how an answer came about, or why there is none; enough to compute it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loadline.values.finding import Finding
from loadline.values.outcome import Rows
from loadline.values.plan import Dates, Meaning, MetricUse, ResultColumn, SourceUse
from loadline.values.promise import DataState
from loadline.values.query import Query


class AnswerStatus(StrEnum):
    VERIFIED = "verified"  # approved definitions, every check looked and holds
    UNVERIFIED = "unverified"  # delivered, and `reasons` says what keeps it from being verified
    REFUSED = "refused"
    CLARIFY = "clarify"  # several governed readings: `options` says which


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an answer is not verified, in a diagnostic's words."""

    code: str
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSaid:
    """One check in a receipt: `verdict` is `holds`, `found` or `could not look`; `why` says more where needed."""

    check: str
    subject: str
    verdict: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How the data of one dataset stood, by the promises about what was read of it: how many were kept, which were
    broken, which are broken only on days that were not asked for, how many nobody could or can look at."""

    dataset: str
    contract: str
    state: DataState
    kept: int
    broken: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    is_fresh_checked: bool = False  # whether a promise about its age or cadence was looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`id` is deterministic over (definitions, query, audience, policy scope, data version), so equal questions
    over equal data give equal receipts; `run` is one passing of the river. `purpose` is what its asker said the
    answer is for, `agent` the program that asked on their behalf. `loadline` is the version that answered: no part
    of the id, and named as a cause where two receipts differ. `approval` is the run it waits for, or that released it.
    `ledger_index` is known once recorded."""

    id: str
    run: str
    status: AnswerStatus
    question: str
    query: Query | None
    asked_by: str
    roles: tuple[str, ...]
    audience: str | None
    as_of: datetime
    project: str
    project_digest: str
    meanings: tuple[Meaning, ...] = ()
    assumptions: tuple[str, ...] = ()
    dates: Dates | None = None
    metrics: tuple[MetricUse, ...] = ()
    filters: tuple[str, ...] = ()
    row_filters: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sources: tuple[SourceUse, ...] = ()
    sql: str | None = None
    dialect: str | None = None
    columns: tuple[ResultColumn, ...] = ()
    data_version: str | None = None
    row_count: int | None = None
    is_truncated: bool = False
    rows_digest: str | None = None
    seconds: float | None = None
    checks: tuple[CheckSaid, ...] = ()
    checks_not_run: tuple[str, ...] = ()
    states: tuple[SourceState, ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    options: tuple[str, ...] = ()
    loadline: str | None = None
    purpose: str | None = None
    agent: str | None = None
    approval: str | None = None
    ledger_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A receipt and, when there are numbers to deliver, the rows it stands for (columns as in the receipt)."""

    receipt: Receipt
    rows: Rows | None = None
