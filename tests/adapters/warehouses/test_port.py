"""Every adapter of the Warehouse port, through the suite of the port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.warehouses.sites import DatabaseSite, FakeSite, FileSite, PostgresSite
from loadline.adapters.warehouses import codes
from loadline.errors import OutsideError
from loadline.flow.ports import Warehouse
from loadline.testing import warehouses as suite
from loadline.testing.fake_warehouse import Canned, FakeWarehouse
from loadline.testing.warehouses import CASES, Gap, Kind, Site, run_case

SITES = ("parquet", "csv", "jsonl", "database", "postgres", "fake")


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    match request.param:
        case "fake":
            return FakeSite()
        case "database":
            return DatabaseSite(tmp_path)
        case "postgres":
            return PostgresSite(request.getfixturevalue("postgres_url"))
        case ending:
            return FileSite(tmp_path, ending)


@pytest.mark.parametrize("case", CASES)
def test_the_port_suite(site: Site, case: str) -> None:
    run_case(case, site)


def test_the_suite_and_the_adapter_mean_the_same_codes() -> None:
    names = ("NO_SUCH_RELATION", "NO_SUCH_COLUMN", "TOO_SLOW", "CANCELLED", "REFUSED_BY_ENGINE", "NOT_A_READ", "CLOSED")
    assert {name: getattr(suite, name) for name in names} == {name: getattr(codes, name) for name in names}


@dataclass
class BrokenSite:
    """A warehouse that keeps only some promises: the suite must notice each broken one."""

    warehouse: Warehouse
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    slow_sql: str = "SELECT slowly"
    has_relation_versions: bool = True

    def open(self, tables: object) -> Warehouse:
        return self.warehouse

    def change(self, tables: object) -> None: ...


@pytest.mark.parametrize("case", [case for case in CASES if case != "a_closed_warehouse_says_so"])
def test_a_warehouse_that_answers_one_to_everything_fails_the_suite(case: str) -> None:
    told = FakeWarehouse(lambda _: Canned(columns=(("n", "integer"),), rows=[(1,)]))
    with pytest.raises((AssertionError, OutsideError)):
        run_case(case, BrokenSite(told))


def test_a_gap_must_raise_its_error() -> None:
    gap = Gap(kind=Kind.NOTYET, code="WAR014", why="nobody wrote it")
    name = "an_empty_result_still_has_columns"
    told = FakeWarehouse(lambda _: Canned(columns=(("id", "integer"), ("name", "string")), rows=[]))
    with pytest.raises(AssertionError, match="WAR014 was to be raised"):
        run_case(name, BrokenSite(told, gaps={name: gap}))
    with pytest.raises(AssertionError, match="WAR014 was to be raised"):
        run_case(name, BrokenSite(told, gaps={name: gap}))  # closed by now: another error than the one promised
