"""The Project: everything a company wrote, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from loadline.values.access import DoorSettings
from loadline.values.action import DeclaredAction
from loadline.values.contract import Contract
from loadline.values.effect import TargetSettings
from loadline.values.model import Model
from loadline.values.place import Place
from loadline.values.policy_test import PolicyTest
from loadline.values.question import RegressionCase, VerifiedQuestion
from loadline.values.rule import Principal, Rule
from loadline.values.ruling import StateRule


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseSettings:
    """`kind: duckdb`. `database` is a DuckDB file, `files` maps a relation (`sales.orders`) to a Parquet, CSV or Excel
    file or glob; paths are relative to the project. At least one of the two is set. `statistics` is `trusted` or
    `ignored`: whether what Parquet files say of their own rows is believed.

    `kind: postgres`. `url` is `env:NAME`, or an address without a password; `versions` is `none` or `snapshot`."""

    kind: str
    database: str | None = None
    files: Mapping[str, str]
    url: str | None = None
    versions: str = "none"
    statistics: str = "trusted"
    timeout_seconds: float = 60.0
    max_rows: int = 1_000_000
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerSettings:
    """Who may put together a question in words that the grammar cannot read: `none`, `openai` (any server that speaks
    its chat completions) or `anthropic`. `url` is an address or `env:NAME`, `key` always `env:NAME`. `provider` is
    who runs it, as the rights of contracts call them (else its kind), `region` where."""

    kind: str = "none"
    url: str | None = None
    model: str = ""
    key: str | None = None
    timeout_seconds: float = 20.0
    provider: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """`path` is relative to the project; the signing key lies beside it."""

    path: str = ".loadline/ledger.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched for drift: a dataset, or (`dataset` is None) the answers in the ledger. `columns` is complete:
    what was written, or every column of the contract but keys. `baseline` None leaves it to the length of a window."""

    name: str
    dataset: str | None
    every: str = "day"
    columns: tuple[str, ...] = ()
    segment: str | None = None
    quality: str | None = None
    baseline: int | None = None
    budget: float = 1000.0
    settle_hours: float = 0.0
    owner: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSettings:
    """Where alarms are sent: `file` relative to the project, `webhook` an address or `env:NAME`."""

    file: str | None = None
    webhook: str | None = None
    cooldown: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """Where approvers are told of what waits: `file` relative to the project, `webhook` an address or `env:NAME`,
    `command` a program that gets each notice on its standard input."""

    file: str | None = None
    webhook: str | None = None
    command: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        return bool(self.file or self.webhook or self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRoles:
    """Whose holders read what the ledger says of everybody, and whose may have somebody forgotten."""

    readers: tuple[str, ...] = ("admin", "auditor", "steward")
    stewards: tuple[str, ...] = ("admin", "steward")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many days the ledger keeps what entries of a class say; None keeps it for ever."""

    questions_days: int | None = None
    actions_days: int | None = None
    feedback_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """An act that must be denied, tried as a dry run every `every_minutes`: either `action` with `arguments`, or `sql`
    on `target`, by `agent` for `person`."""

    name: str
    agent: str | None = None
    person: str
    action: str | None = None
    arguments: Mapping[str, str | int | Decimal | bool | None] = field(default_factory=dict)
    sql: str | None = None
    target: str | None = None
    every_minutes: int = 60
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A team that answers for definitions and data."""

    name: str
    title: str = ""
    contact: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A program that asks or acts on behalf of people. What it is answered goes to `provider`, who runs its model, in
    `region`, as the rights of contracts call them; None when nobody said who or where."""

    name: str
    description: str = ""
    provider: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person (or `local`: whoever sits at this terminal) and the roles they hold; `purpose` is what their questions
    are for, unless they say otherwise."""

    name: str
    roles: tuple[str, ...] = ()
    audience: str | None = None
    purpose: str | None = None
    place: Place

    def principal(self, audience: str | None = None, *, purpose: str | None = None) -> Principal:
        return Principal(
            name=self.name, roles=self.roles, audience=audience or self.audience, purpose=purpose or self.purpose
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """`digest` is over all meaning (not over places or `root`): the same words give the same digest anywhere. `region`
    is where questions are answered, as the rights of contracts call it."""

    name: str
    root: Path = field(metadata={"digest": False})
    description: str = ""
    warehouse: WarehouseSettings
    store: StoreSettings
    planner: PlannerSettings = field(default_factory=PlannerSettings)
    owners: Mapping[str, Owner]
    people: Mapping[str, Person]
    audiences: Mapping[str, str]  # name -> what it is, in words
    model: Model
    contracts: Mapping[str, Contract]
    rules: tuple[Rule, ...]
    cedar: Mapping[str, str] = field(default_factory=dict)  # file -> its text: forbids that Cedar judges
    policy_tests: tuple[PolicyTest, ...] = field(default=(), metadata={"digest": False})
    agents: Mapping[str, Agent] = field(default_factory=dict)
    questions: tuple[VerifiedQuestion, ...]
    # What answers were is no part of what the words mean: a case promoted makes no other project.
    cases: tuple[RegressionCase, ...] = field(default=(), metadata={"digest": False})
    watches: Mapping[str, Watch] = field(default_factory=dict)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    targets: Mapping[str, TargetSettings] = field(default_factory=dict)
    actions: Mapping[str, DeclaredAction] = field(default_factory=dict)
    canaries: Mapping[str, Canary] = field(default_factory=dict)
    notices: NoticeSettings = field(default_factory=NoticeSettings, metadata={"digest": False})
    # How long a record is kept changes nothing that it is a record of.
    retention: Retention = field(default_factory=Retention, metadata={"digest": False})
    # Who is let in changes nothing that an answer means.
    doors: DoorSettings = field(default_factory=DoorSettings, metadata={"digest": False})
    ledger_roles: LedgerRoles = field(default_factory=LedgerRoles, metadata={"digest": False})
    region: str | None = None
    state_rules: tuple[StateRule, ...] = ()
    digest: str = field(metadata={"digest": False})
