"""What the tools return, as JSON schemas that a client can rely on."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class Metric(TypedDict):
    """A metric in a list. `terms` are words that mean it to an audience."""

    name: str
    description: str
    unit: str | None
    format: str | None
    owner: str | None
    status: str
    synonyms: list[str]
    terms: list[str]


class MetricsFound(TypedDict):
    """The best first. `next` is the `start` of the following page; null at the end."""

    metrics: list[Metric]
    total: int
    truncated: bool
    next: int | None


class Dimension(TypedDict):
    """Something a metric may be broken down or filtered by. A date or timestamp takes a grain: `name:month`."""

    name: str
    type: str
    description: str
    grains: list[str]


class MetricWhole(TypedDict):
    """A metric's full definition. `date_field` is what a period applies to; `version` changes when its meaning does."""

    name: str
    description: str
    definition: str
    attributes: dict[str, str]
    unit: str | None
    format: str | None
    owner: str | None
    status: str
    version: str
    date_field: str | None
    synonyms: list[str]
    terms: list[str]
    made_of: list[str]
    sources: list[str]
    contracts: list[str]
    dimensions: list[Dimension]


class MetricAsked(TypedDict):
    name: str
    definition: str
    version: str
    owner: str | None
    status: str
    unit: str | None
    date_field: str | None


class Dates(TypedDict):
    """The days really asked for, both included; null is open."""

    text: str
    first: str | None
    last: str | None
    date_fields: list[str]


class Reason(TypedDict):
    """Why an answer is refused or not verified; `mend` says what to do about it."""

    code: str
    what: str
    why: str
    mend: str


class Answer(TypedDict, total=False):
    """`status`: verified, unverified (see `reasons`), clarify (choose one of `options`), refused (see `reasons`).

    `rows` are in the order of `columns`; exact numbers are text. `next` is the `start` of the following page.
    `approval` is the run that a held answer waits for (`get_action` tells how it stands; once it is approved, ask the
    same again), or that released it.
    """

    status: str
    question: str
    receipt: str
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    row_count: int
    truncated: bool
    next: int | None
    metrics: list[MetricAsked]
    dates: Dates | None
    filters: list[str]
    row_filters: list[str]
    understood: list[dict[str, str]]
    assumptions: list[str]
    as_of: str
    data: list[dict[str, Any]]
    checks_held: int
    checks_not_run: list[str]
    reasons: list[Reason]
    options: list[str]
    approval: str | None
    ledger_index: int | None


class Verified(TypedDict):
    """Every claim found in a text, with its verdict: supported, contradicted (with the governed `value`, and what the
    claimed number really is), or unverified (with why). `is_clean` where nothing is contradicted."""

    is_clean: bool
    counts: dict[str, int]
    claims: list[dict[str, Any]]
    cohorts: list[dict[str, Any]]
    numbers: int
    bound: int
    receipt: str | None


class Acted(TypedDict):
    """What became of a request to act. `status`: done, waiting (a person has to approve: do not ask again, look with
    get_action), forbidden, refused, rejected, expired, exceeded, stopped, failed, unknown; would, of a dry run.
    `effect` is by table, in rows. Report exactly this, and cite `run`."""

    run: str
    status: str
    action: str
    arguments: dict[str, Any]
    says: str
    target: str | None
    environment: str | None
    stake: str
    person: str
    agent: str | None
    at: str
    effect: list[dict[str, Any]]
    digest: str
    waits_for: list[dict[str, Any]]
    votes: list[dict[str, Any]]
    expires_at: str | None
    rules: list[str]
    result: Any
    no_undo: str
    undoes: str | None
    undone_by: str | None
    repeats: str | None
    findings: list[str]
    reasons: list[dict[str, Any]]
    ledger_index: int | None


class Receipt(TypedDict):
    """A recorded receipt: how an answer came about, or why there is none."""

    receipt: dict[str, Any]


class DataStatus(TypedDict):
    """The newest look at each table: its state, and which promises are broken. Nothing is queried for it."""

    tables: list[dict[str, Any]]
    not_looked_at: list[str]
