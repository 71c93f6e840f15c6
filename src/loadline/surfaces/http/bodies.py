"""What programs send, and what they get: the shapes of the door. Converted to values at once."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from loadline.surfaces.told import MOST_ROWS, PAGE
from loadline.values.feedback import Opinion

MOST_TEXT = 200_000
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[list[Name], Field(max_length=20)]
METRICS = (
    "Metric names or terms, each with a shift, a change or a share behind it if meant: `booked[1 year ago]`, "
    "`booked[% change from 1 year ago]`, `booked[change from 1 month ago]`, `booked[share across customers.region]`, "
    "`platform[share of booked]`."
)
Clause = Annotated[str, Field(min_length=1, max_length=2_000)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AskBody(Body):
    """A question: by its parts, or in words as `question` (then with `choice`, where it was asked back)."""

    question: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    choice: Annotated[int, Field(ge=1, le=1_000)] | None = None
    metrics: Annotated[Names, Field(description=METRICS)] = []
    by: Names = []
    where: Annotated[list[Clause], Field(max_length=20)] = []
    conditions: Annotated[list[Clause], Field(max_length=20)] = []
    during: Annotated[str, Field(max_length=200)] | None = None
    order: Names = []
    limit: Annotated[int, Field(ge=1, le=10**9)] | None = None
    audience: Name | None = None
    purpose: Name | None = None
    today: date | None = None
    start: Annotated[int, Field(ge=0, le=10**9, description="The first row told, from 0.")] = 0
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows told at a time.")] = PAGE


class VerifyBody(Body):
    text: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    audience: Name | None = None
    today: date | None = None
    name: Name = "text"


class FeedbackBody(Body):
    receipt: Name
    opinion: Opinion
    note: Annotated[str, Field(max_length=2_000)] = ""


class ActBody(Body):
    """A declared action with its arguments, or one SQL statement for a target. Several sendings with one `key` are one
    request to act."""

    action: Name | None = None
    arguments: Annotated[dict[Name, str | int | float | bool | None], Field(max_length=50)] = {}
    target: Name | None = None
    sql: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    key: Name | None = None
    dry_run: bool = False


class UndoBody(Body):
    dry_run: bool = False


class VoteBody(Body):
    """`digest` is what was shown (its first 12 characters or more): a yes holds for exactly that."""

    decision: Literal["approve", "reject"]
    digest: Annotated[str, Field(min_length=12, max_length=100)] | None = None
    because: Annotated[str, Field(max_length=2_000)] = ""


class ActTold(BaseModel):
    """`status`: would (a dry run), waiting, approved, performing, done, forbidden, refused, rejected, expired,
    exceeded, stopped, failed or unknown. `effect` is by table, in rows; `digest` what an approval is bound to."""

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


class RowTold(BaseModel):
    """A row that is `gone`, `changed` or `came`: values by column, as texts. `changed` names the columns that differ,
    those among them whose values are kept out."""

    change: Literal["gone", "changed", "came"]
    before: dict[str, str | None] | None
    after: dict[str, str | None] | None
    changed: list[str]


class RowsTold(BaseModel):
    """Of one table, how many rows go, change and come, and the first of each by key. Columns that contracts protect, or
    that no rule lets the caller ask for, are `withheld`; `why` says so where all rows are."""

    table: str
    columns: list[str]
    key: list[str]
    gone: int
    changed: int
    came: int
    withheld: list[str]
    why: str
    rows: list[RowTold]


class HeldTold(ActTold):
    """What waits, with some of the rows that it would change, as they stood when it was held."""

    rows: list[RowsTold]


class ActionTold(BaseModel):
    name: str
    description: str
    effect: str
    stake: str
    arguments: list[dict[str, Any]]


class ActionsTold(BaseModel):
    actions: list[ActionTold]
    total: int
    next: int | None


class Held(BaseModel):
    """What waits for a yes, is approved, or is being performed; newest first."""

    runs: list[ActTold]
    total: int
    next: int | None


class Diagnosed(BaseModel):
    code: str
    what: str
    why: str
    mend: str
    where: str | None = None


class Problem(BaseModel):
    """RFC 9457, with what is wrong and how to mend it, one by one."""

    type: str
    title: str
    status: int
    detail: str
    diagnostics: list[Diagnosed] = []
    options: list[str] = []


class MetricAsked(BaseModel):
    name: str
    definition: str
    version: str
    owner: str | None
    status: str
    unit: str | None
    date_field: str | None


class Dates(BaseModel):
    """The days really asked for, both included; null is open."""

    text: str
    first: date | None
    last: date | None
    date_fields: list[str]


class ReasonTold(BaseModel):
    code: str
    what: str
    why: str
    mend: str


class AnswerTold(BaseModel):
    """`rows` are in the order of `columns`; exact numbers are text. `next` is the `start` of the following page.
    `approval` is the run that a held answer waits for, or that released it."""

    status: Literal["verified", "unverified", "refused", "clarify"]
    question: str
    receipt: str
    columns: list[dict[str, Any]] | None = None
    rows: list[list[Any]] | None = None
    row_count: int | None = None
    truncated: bool = False
    next: int | None = None
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
    reasons: list[ReasonTold]
    options: list[str]
    approval: str | None = None
    ledger_index: int | None


class VerificationTold(BaseModel):
    is_clean: bool
    counts: dict[str, int]
    claims: list[dict[str, Any]]
    cohorts: list[dict[str, Any]]
    numbers: int
    bound: int
    receipt: str | None


class MetricTold(BaseModel):
    name: str
    description: str
    unit: str | None
    format: str | None
    owner: str | None
    status: str
    synonyms: list[str]
    terms: list[str]


class MetricPage(BaseModel):
    metrics: list[MetricTold]
    total: int
    next: int | None


class DimensionTold(BaseModel):
    name: str
    type: str
    description: str
    grains: list[str]


class MetricWhole(MetricTold):
    definition: str
    attributes: dict[str, str]
    version: str
    date_field: str | None
    made_of: list[str]
    sources: list[str]
    contracts: list[str]
    dimensions: list[DimensionTold]


class DataTold(BaseModel):
    tables: list[dict[str, Any]]
    not_looked_at: list[str]


class CheckpointTold(BaseModel):
    """The newest signed checkpoint, a C2SP signed note."""

    note: str


class ProofTold(BaseModel):
    """That an entry is in the ledger as signed: its leaf hash, the hashes on the way to the root (RFC 6962), and the
    checkpoint they lead to."""

    index: int
    leaf: str
    hashes: list[str]
    size: int
    checkpoint: str


class FeedbackTold(BaseModel):
    receipt: str
    opinion: Opinion
    by: str
    ledger_index: int


class Whoami(BaseModel):
    person: str
    agent: str | None
    door: str
    roles: list[str]
    audience: str | None
