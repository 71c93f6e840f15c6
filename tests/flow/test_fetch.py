"""Needs in, evidence out: fetched once for one version of the data, and never remembered when it failed."""

from __future__ import annotations

from flow.worlds import Outside, ToldWarehouse
from loadline.flow.fetch import Fetcher
from loadline.flow.ports import Fetched
from loadline.values.finding import Missing, Row, Schema, SchemaNeed, SqlNeed

COUNT = SqlNeed(sql="SELECT count(*) AS repeated", dialect="duckdb")
COLUMNS = SchemaNeed(relation="sales.orders")


class Empty(ToldWarehouse):
    """A warehouse whose queries find nothing."""

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        return Fetched(columns=(("value", "INTEGER"),), batches=iter([]), is_truncated=lambda: False)


def fetcher(outside: Outside) -> Fetcher:
    return Fetcher(ToldWarehouse(outside), timeout_seconds=1.0)


def asked(outside: Outside) -> int:
    return sum(event == "evidence" for event, _ in outside.events)


def test_every_need_gets_its_evidence() -> None:
    found = fetcher(Outside(repeated_keys=3)).fetch([COUNT, COLUMNS], version="sha256:1")
    assert found[COUNT] == Row(values=(3, 3))
    schema = found[COLUMNS]
    assert isinstance(schema, Schema)
    assert schema.columns["region"] == "VARCHAR"


def test_one_version_of_the_data_is_looked_at_once() -> None:
    outside = Outside()
    fetch = fetcher(outside).fetch
    fetch([COUNT], version="sha256:1")
    fetch([COUNT, COUNT], version="sha256:1")
    assert asked(outside) == 1
    fetch([COUNT], version="sha256:2")
    assert asked(outside) == 2


def test_data_of_no_known_version_is_looked_at_each_time() -> None:
    outside = Outside()
    fetch = fetcher(outside).fetch
    fetch([COUNT], version="none:")
    fetch([COUNT], version="none:")
    assert asked(outside) == 2


def test_what_could_not_be_fetched_is_missing_and_is_tried_again() -> None:
    outside = Outside(fails_at_evidence=True)
    fetch = fetcher(outside).fetch
    missing = fetch([COUNT, COLUMNS], version="sha256:1")
    assert missing == {
        COUNT: Missing(why="the warehouse is down"),
        COLUMNS: Missing(why="the warehouse is down"),
    }
    outside.fails_at_evidence = False
    assert fetch([COUNT], version="sha256:1") == {COUNT: Row(values=(0, 0))}


def test_a_query_without_a_row_is_no_evidence() -> None:
    found = Fetcher(Empty(Outside()), timeout_seconds=1.0).fetch([COUNT], version="sha256:1")
    assert found == {COUNT: Missing(why="the evidence query returned no row")}
