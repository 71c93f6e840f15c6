"""The fake warehouse remembers every call and fails on demand. That it keeps the port is shown by the port's suite."""

from __future__ import annotations

import pytest

from loadline.errors import OutsideError
from loadline.testing.fake_warehouse import Call, Canned, FakeWarehouse
from loadline.testing.warehouses import CLOSED, NO_SUCH_RELATION, fetch
from loadline.values.diagnostic import Diagnostic

ONE = Canned(columns=(("n", "integer"),), rows=[(1,), (2,), (3,)])
FULL = OutsideError(Diagnostic(code="WAR011", what="the disk is full", why="it is small", mend="free some"))


def test_it_remembers_what_it_was_asked() -> None:
    warehouse = FakeWarehouse(lambda _: ONE, schemas={"t": {"n": "integer"}})
    assert fetch(warehouse, "SELECT n") == [(1,), (2,), (3,)]
    assert warehouse.read_version(["t"]) == "stat:t=0"
    assert warehouse.read_schema("t") == {"n": "integer"}
    assert warehouse.calls == [
        Call(verb="read_rows", subject="SELECT n"),
        Call(verb="read_version", subject="t"),
        Call(verb="read_schema", subject="t"),
    ]


@pytest.mark.parametrize("verb", ["read_rows", "read_version", "read_schema", "read_relations"])
def test_any_verb_can_be_made_to_fail(verb: str) -> None:
    warehouse = FakeWarehouse(lambda _: ONE, schemas={"t": {}}, failures={verb: FULL})
    reads = {
        "read_rows": lambda: fetch(warehouse, "SELECT n"),
        "read_version": lambda: warehouse.read_version(["t"]),
        "read_schema": lambda: warehouse.read_schema("t"),
        "read_relations": warehouse.read_relations,
    }
    with pytest.raises(OutsideError, match="WAR011"):
        reads.pop(verb)()
    assert [read() is not None for read in reads.values()] == [True] * 3


def test_a_result_can_break_off_in_the_middle() -> None:
    broken = Canned(columns=ONE.columns, rows=ONE.rows, breaks_after=2, failure=FULL)
    fetched = FakeWarehouse(lambda _: broken, batch_rows=2).read_rows("SELECT n", timeout_seconds=1, max_rows=9)
    assert next(fetched.batches) == [(1,), (2,)]
    with pytest.raises(OutsideError, match="WAR011"):
        next(fetched.batches)


def test_it_knows_only_the_relations_it_was_given() -> None:
    warehouse = FakeWarehouse(lambda _: ONE)
    with pytest.raises(OutsideError, match=NO_SUCH_RELATION):
        warehouse.read_schema("t")
    warehouse.close()
    with pytest.raises(OutsideError, match=CLOSED):
        warehouse.read_relations()
