"""A gate to act through, with everything outside of it faked: the project, its rules, a target, a tool, a clock."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loadline import project as project_room
from loadline.flow.acting.run import act
from loadline.flow.acting.world import ActWorld
from loadline.ledger import Entry
from loadline.testing.acting import FakeTarget, FakeTool
from loadline.testing.stores import MemoryStore
from loadline.values.acting import Act, ActReceipt, Call, FreeSql, Takeback
from loadline.values.guarded import Guarded, GuardVerdict, Relation
from loadline.values.place import Place
from loadline.values.rule import Approval, Deed, Effect, Limit, Principal, Rule

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
HERE = Place(file="policies/rules.yaml")

MANIFEST = b"""
name: shop
warehouse: {kind: duckdb, files: {sales.orders: data/orders.csv}}
targets:
  shop: {kind: sqlite, database: data/shop.db, environment: production, most_rows: 50}
owners: {ops: {}}
people: {ana: {roles: [clerk]}, carl: {roles: [lead]}, dora: {roles: [lead]}, emil: {roles: [board]}}
"""
ACTIONS = b"""
actions:
  close_order:
    sql: "UPDATE orders SET status = 'closed' WHERE order_id = :order_id"
    target: shop
    arguments: {order_id: integer}
    effect: write
    stake: low
    workflow: returns
  refund:
    http: {method: POST, url: "http://127.0.0.1:9/refunds", body: {order: "{order_id}", amount: "{amount}"}}
    arguments:
      order_id: integer
      amount: {type: number, minimum: 0, maximum: 500}
    effect: call
    stake: high
    key: "{order_id}"
    idempotent: true
    retries: {most: 2, backoff_seconds: 0.5}
    breaker: {failures: 3, open_seconds: 60}
    undo: {action: unrefund, arguments: {refund: "{result.id}"}}
  unrefund:
    http: {method: DELETE, url: "http://127.0.0.1:9/refunds/{refund}"}
    arguments: {refund: integer}
    effect: call
  mail:
    python: shop.mail:send
    arguments: {to: text}
    effect: call
"""


def rule(name: str, effect: Effect = Effect.PERMIT, **more: object) -> Rule:
    return Rule(name=name, effect=effect, action=Deed.ACT, place=HERE, **more)  # type: ignore[arg-type]


BOT = Principal(name="ana", roles=("clerk",), agent="bot")
ANYTHING = rule("bots-act", agents=("*",), actions=("*",))


def held_by(*approvals: Approval, **more: object) -> tuple[Rule, ...]:
    wanted = approvals or (Approval(role="lead", rule="leads-look"),)
    return ANYTHING, rule("leads-look", Effect.HOLD, approvals=wanted, **more)


def limited(*limits: Limit) -> tuple[Rule, ...]:
    return (replace(ANYTHING, limits=limits),)


def guard(text: str, target: object) -> Guarded:
    """What the guard would say, of the statements these tests use."""
    if text.upper().startswith(("UPDATE", "DELETE", "INSERT")):
        orders = (Relation(parts=("orders",)),)
        return Guarded(verdict=GuardVerdict.WRITE, dialect="sqlite", why="writes", writes=orders, columns=("status",))
    if text.upper().startswith("SELECT"):
        return Guarded(verdict=GuardVerdict.READ, dialect="sqlite", why="reads")
    return Guarded(verdict=GuardVerdict.DENY, dialect="sqlite", why="it is on no list", code="GRD001")


def read_project(actions: bytes = ACTIONS, contract: bytes | None = None) -> project_room.Project:
    files = {"loadline.yaml": MANIFEST, "actions/shop.yaml": actions}
    if contract is not None:
        files["contracts/orders.yaml"] = contract
    return project_room.read(files, Path("/nowhere")).accept()


@dataclass(slots=True, kw_only=True)
class Gate:
    """`now` moves only when a test moves it, or something sleeps."""

    rules: tuple[Rule, ...] = (ANYTHING,)
    project: project_room.Project = field(default_factory=read_project)
    store: MemoryStore = field(default_factory=MemoryStore)
    target: FakeTarget = field(default_factory=FakeTarget)
    tool: FakeTool = field(default_factory=FakeTool)
    now: datetime = START
    slept: list[float] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    worker: str = "worker-1"
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def world(self) -> ActWorld:
        return ActWorld(
            project=replace(self.project, rules=self.rules),
            store=self.store,
            clock=lambda: self.now,
            new_id=lambda: f"act-{next(self.numbers):04}",
            target=lambda _: self.target,
            tool=lambda _: self.tool,
            guard=guard,
            worker=self.worker,
            is_gone=lambda worker: worker in self.gone,
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def act(
        self,
        name: str,
        /,
        *,
        by: Principal = BOT,
        key: str | None = None,
        is_dry_run: bool = False,
        **arguments: Any,
    ) -> ActReceipt:
        return act(
            self.world, Act(principal=by, wanted=Call(action=name, arguments=arguments), key=key, is_dry_run=is_dry_run)
        )

    def sql(self, text: str, *, by: Principal = BOT, target: str = "shop") -> ActReceipt:
        return act(self.world, Act(principal=by, wanted=FreeSql(target=target, text=text)))

    def undo(self, run: str, *, by: Principal = BOT) -> ActReceipt:
        return act(self.world, Act(principal=by, wanted=Takeback(run=run)))

    def entries(self, run: str) -> list[Entry]:
        return [entry for entry in self.store.read_entries() if entry.run == run]

    def kinds(self, run: str) -> list[str]:
        return [entry.kind.value for entry in self.entries(run)]
