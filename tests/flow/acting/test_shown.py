"""Rows beside what is held: what of them is kept, and who sees what of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flow.acting.gates import Gate, held_by, read_project
from loadline.flow.acting import shown
from loadline.flow.acting.record import SHOWN, story_of
from loadline.flow.reading import Door, Reader, told_to
from loadline.testing.acting import FakeTarget
from loadline.values.acting import ActStatus
from loadline.values.effect import ShownRow, ShownTable
from loadline.values.place import Place
from loadline.values.rule import Deed, Effect, Mask, MaskKind, Principal, Rule
from loadline.values.text import Text

HERE = Place(file="policies/rules.yaml")
CARL = Principal(name="carl", roles=("lead",))
ORDERS = ShownTable(
    table="main.orders",
    columns=("order_id", "status", "note"),
    key=("order_id",),
    changed=2,
    rows=(
        ShownRow(before=("5", "open", "a"), after=("5", "closed", None), changed=("status", "note")),
        ShownRow(before=("6", "open", None), after=("6", "closed", None), changed=("status",)),
    ),
)


def see(*columns: str, **more: Any) -> Rule:
    return Rule(name="leads-see", effect=Effect.PERMIT, action=Deed.ASK, place=HERE, columns=columns, **more)


def held_gate(*rules: Rule) -> tuple[Gate, str]:
    gate = Gate(rules=(*held_by(), *rules), target=FakeTarget(shown=(ORDERS,)))
    held = gate.act("close_order", order_id=5)
    assert held.status is ActStatus.WAITING
    return gate, held.run


def seen(gate: Gate, run: str, who: Principal = CARL) -> ShownTable:
    (found,) = shown.as_seen_by(gate.world, who, story_of(gate.store, run).shown)
    return found


def test_what_is_held_keeps_the_rows_it_would_change() -> None:
    gate, run = held_gate()
    assert story_of(gate.store, run).shown == (ORDERS,)


def test_what_is_not_held_brings_no_rows_along() -> None:
    gate = Gate(target=FakeTarget(shown=(ORDERS,)))
    done = gate.act("close_order", order_id=5)
    assert done.status is ActStatus.DONE
    assert all(SHOWN not in entry.payload for entry in gate.store.read_entries())
    assert shown.rows_wanted(gate.world.project) == 0
    assert shown.rows_wanted(replace(gate.project, rules=held_by())) == shown.MOST_SHOWN


def test_values_are_shown_to_whom_a_rule_lets_ask_for_them_and_to_nobody_else() -> None:
    gate, run = held_gate(see("orders.order_id", "orders.status", roles=("lead",)))
    carls = seen(gate, run)
    assert (carls.columns, carls.withheld) == (("order_id", "status"), ("note",))
    assert carls.rows[0] == ShownRow(before=("5", "open"), after=("5", "closed"), changed=("status", "note"))
    nobody = seen(gate, run, Principal(name="emil", roles=("board",)))
    assert (nobody.columns, nobody.withheld) == ((), ("order_id", "status", "note"))
    assert [row.changed for row in nobody.rows] == [("status", "note"), ("status",)]
    assert {value for row in nobody.rows for value in (*(row.before or ()), *(row.after or ()))} == set()


def test_a_masked_column_is_kept_out_and_a_filter_on_rows_keeps_all_of_them() -> None:
    mask = Mask(pattern="orders.status", kind=MaskKind.LAST4)
    gate, run = held_gate(see("orders.*", masks=(mask,)))
    assert seen(gate, run).withheld == ("status",)
    gate, run = held_gate(see("orders.*", rows=Text(value="orders.note = 'a'", place=HERE)))
    told = seen(gate, run)
    assert (told.rows, told.changed) == ((), 2)
    assert "only some rows" in told.why


CONTRACT = b"""
apiVersion: v3.1.0
kind: DataContract
id: orders
name: orders
version: 1.0.0
status: active
schema:
  - name: orders
    physicalName: shop.orders
    properties:
      - {name: order_id, logicalType: integer}
      - {name: status, logicalType: string}
      - {name: note, logicalType: string, classification: personal}
"""


def test_what_a_contract_protects_never_gets_into_the_ledger() -> None:
    gate = Gate(rules=(*held_by(), see("orders.*")), target=FakeTarget(shown=(ORDERS,)))
    gate.project = read_project(contract=CONTRACT)
    run = gate.act("close_order", order_id=5).run
    (told,) = story_of(gate.store, run).shown
    assert (told.columns, told.withheld) == (("order_id", "status"), ("note",))
    assert told.rows[0].changed == ("status", "note")
    assert seen(gate, run) == told


def test_more_characters_than_may_be_kept_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST_CHARACTERS", 40)
    gate, run = held_gate()
    (told,) = story_of(gate.store, run).shown
    assert (len(told.rows), told.changed) == (1, 2)


def test_whoever_asked_reads_their_entry_without_the_rows() -> None:
    gate, run = held_gate()
    entry = gate.store.read_entry(story_of(gate.store, run).intent.ledger_index or 0)
    ana = Reader.of(Door(principal=Principal(name="ana", roles=("clerk",))), ["auditor"])
    auditor = Reader.of(Door(principal=Principal(name="ida", roles=("auditor",))), ["auditor"])
    assert SHOWN not in told_to(ana, entry.payload)
    assert SHOWN in told_to(auditor, entry.payload)
    assert SHOWN in told_to(None, entry.payload)


def test_rows_are_no_part_of_what_an_approval_is_bound_to() -> None:
    first, run = held_gate()
    other = Gate(rules=first.rules, target=FakeTarget())
    assert other.act("close_order", order_id=5).digest == story_of(first.store, run).receipt.digest
