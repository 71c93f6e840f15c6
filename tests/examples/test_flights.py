"""The flights project in, answers out: each equal to what plain SQL over the same tables says."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from examples.flights_answers import ANSWERS
from loadline.app import App, check_project
from loadline.project import Project
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written

TODAY = date(2014, 1, 15)
TYPES = {
    "string": {"VARCHAR"},
    "integer": {"BIGINT", "INTEGER"},
    "number": {"DOUBLE"},
    "timestamp": {"TIMESTAMP WITH TIME ZONE"},
}


def ask(app: App, written: Written, *, person: str = "ana") -> Answer:
    return app.ask_written(written, principal=app.principal(person), today=TODAY)


def rows_of(answer: Answer) -> list[tuple[object, ...]]:
    assert answer.rows is not None, answer.receipt.reasons
    return list(answer.rows)


def ordered(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted((tuple(plain(value) for value in row) for row in rows), key=repr)


def plain(value: object) -> object:
    match value:
        case Decimal() | float():
            return float(f"{value:.9g}")
        case bool() | None:
            return value
        case int():
            return float(value)
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


@pytest.mark.parametrize("asked", ANSWERS)
def test_an_answer_equals_plain_sql(asked: str, app: App, tables: duckdb.DuckDBPyConnection) -> None:
    written, sql = ANSWERS[asked]
    got, expected = rows_of(ask(app, written)), tables.execute(sql).fetchall()
    assert expected, "a comparison with nothing proves nothing"
    assert ordered(got) == ordered(expected)


def test_the_project_is_without_fault(flights: Path) -> None:
    assert check_project(flights).diagnostics == ()


def test_the_project_is_as_large_as_the_readme_says(app: App) -> None:
    project = app.project
    assert len(project.model.metrics) >= 12
    assert len(project.questions) >= 10
    assert {r.name for r in project.model.relationships if r.target == "airports"} == {"origin", "destination"}


@pytest.mark.parametrize("table", ["flights", "weather", "airlines", "airports", "planes"])
def test_a_contract_tells_the_truth_about_its_table(table: str, app: App, tables: duckdb.DuckDBPyConnection) -> None:
    promised = app.project.contracts[table].tables[table]
    found = {name: kind for name, kind, *_ in tables.execute(f"describe {table}").fetchall()}
    assert set(promised.columns) == set(found)
    for column in promised.columns.values():
        assert found[column.name] in TYPES[column.logical_type]
        if column.is_required:
            assert one(tables, f'select count(*) - count("{column.name}") from {table}') == 0, column.name
    key = ", ".join(promised.key)
    assert promised.key
    assert one(tables, f"select count(*) - count(distinct ({key})) from {table}") == 0


def test_a_column_that_has_gaps_is_not_promised_to_have_none(app: App, tables: duckdb.DuckDBPyConnection) -> None:
    """The other half of the truth: what the contract leaves open really is open, so required is worth something."""
    for table, contract in app.project.contracts.items():
        for column in contract.tables[table].columns.values():
            if not column.is_required:
                assert one(tables, f'select count(*) - count("{column.name}") from {table}') > 0, (table, column.name)


def one(tables: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((value,),) = tables.execute(sql).fetchall()
    assert isinstance(value, int)
    return value


def questions(project: Project) -> list[tuple[str, str | None]]:
    return [(question.text, question.audience) for question in project.questions]


# What is really wrong with these tables, and the verified questions whose answers rest on it: they are marked.
MARKED = {
    "Which airlines flew large aircraft in 2013?": "`carrier` = MQ or AA",  # tail numbers that no registry has
    "What was the strongest gust at each airport in 2013?": "2013-12-31",  # a day without weather
}


def test_every_verified_question_is_answered_and_marked_where_the_data_breaks_a_promise(app: App) -> None:
    for text, audience in questions(app.project):
        answer = app.ask(text, principal=app.principal("local", audience=audience), today=TODAY)
        wanted = AnswerStatus.UNVERIFIED if text in MARKED else AnswerStatus.VERIFIED
        assert answer.receipt.status is wanted, (text, answer.receipt.reasons)
        assert all(MARKED[text] in reason.what for reason in answer.receipt.reasons)
        assert rows_of(answer)


def test_what_is_wrong_with_the_tables_is_found_with_its_cause_and_nothing_else(app: App) -> None:
    broken = {
        said["id"]: f"{said['what']}; {said['cause']}"
        for look in app.check_data()
        for said in look["promises"]
        if said["verdict"] == "broken"
    }
    assert broken.keys() == {"flights.tailnum: reference", "flights.dest: reference", "weather.time_hour: frequency"}
    assert "50,094 of 334,264 rows" in broken["flights.tailnum: reference"]
    assert "`carrier` = MQ or AA" in broken["flights.tailnum: reference"]
    assert all(f"`{code}`" in broken["flights.dest: reference"] for code in ("SJU", "BQN", "STT", "PSE"))
    assert "2013-12-31" in broken["weather.time_hour: frequency"]


def test_an_answer_over_a_broken_reference_is_marked_only_when_it_is_followed(app: App) -> None:
    followed = ask(app, Written(metrics=("flights_flown",), by=("destination.name",), during="2013-Q3"))
    bare = ask(app, Written(metrics=("flights_flown",), by=("flights.dest",), during="2013-Q3"))
    assert followed.receipt.status is AnswerStatus.UNVERIFIED
    assert any("SJU" in reason.what for reason in followed.receipt.reasons)
    assert bare.receipt.status is AnswerStatus.VERIFIED


def test_the_worst_month_was_february(app: App) -> None:
    answer = app.ask(
        "Which month of 2013 had the highest cancellation rate?", principal=app.principal("ana"), today=TODAY
    )
    ((month, rate),) = rows_of(answer)
    assert plain(month) == "2013-02-01"
    assert isinstance(rate, float | Decimal)
    assert math.isclose(rate, 1261 / 24951, rel_tol=1e-9)


def test_delay_means_departure_to_the_airports_and_arrival_to_travellers(app: App) -> None:
    (left,) = rows_of(ask(app, Written(metrics=("delay",)), person="ana"))
    (arrived,) = rows_of(ask(app, Written(metrics=("delay",)), person="pete"))
    assert [round(float(str(value)), 2) for (value,) in (left, arrived)] == [12.64, 6.9]


def test_delay_without_an_audience_asks_back(app: App) -> None:
    receipt = ask(app, Written(metrics=("delay",)), person="local").receipt
    assert receipt.status is AnswerStatus.CLARIFY
    assert receipt.options


@pytest.mark.parametrize("metric", ["average_seats", "registered_aircraft"])
def test_the_registry_cannot_be_broken_down_by_flight(metric: str, app: App) -> None:
    """Each aircraft flew many times: its seats would be counted once per flight."""
    answer = ask(app, Written(metrics=(metric,), by=("flights.origin",)))
    assert answer.receipt.status is AnswerStatus.REFUSED
    assert answer.rows is None


def test_rain_cannot_be_broken_down_by_airline(app: App) -> None:
    assert ask(app, Written(metrics=("rainfall",), by=("airlines.airline",))).receipt.status is AnswerStatus.REFUSED


def test_the_desk_at_newark_sees_newark_in_both_facts(app: App, tables: duckdb.DuckDBPyConnection) -> None:
    got = rows_of(ask(app, Written(metrics=("flights_scheduled", "rainfall")), person="nell"))
    sql = """select (select count(*) from flights where origin = 'EWR'),
                    (select sum(precip) from weather where origin = 'EWR')"""
    assert ordered(got) == ordered(tables.execute(sql).fetchall())


def test_a_guest_does_not_see_tail_numbers(app: App) -> None:
    asked = Written(metrics=("flights_scheduled",), by=("flights.tailnum",))
    assert ask(app, asked, person="guest").receipt.rules == ("tail-numbers-stay-in",)
    assert ask(app, asked, person="ana").rows is not None


def test_a_guest_sees_the_headlines_and_nothing_else(app: App) -> None:
    assert ask(app, Written(metrics=("on_time_rate",)), person="guest").rows is not None
    assert ask(app, Written(metrics=("strongest_gust",)), person="guest").rows is None


def test_the_parts_of_a_sum_make_the_whole(app: App) -> None:
    ((whole,),) = rows_of(ask(app, Written(metrics=("miles_flown",))))
    for name in ("destination.tzone", "planes.manufacturer", "flights.delay_band", "time:week"):
        parts = rows_of(ask(app, Written(metrics=("miles_flown",), by=(name,))))
        assert sum(float(str(part)) for _, part in parts if part is not None) == float(str(whole)), name


def test_the_tables_are_found_without_importing_the_package(get_data: ModuleType, tmp_path: Path) -> None:
    source = get_data.find_tables()
    if source is None:
        pytest.skip(get_data.MISSING)
    (tmp_path / "airlines.csv").write_text("carrier,name\nXX,Nobody\n", encoding="utf-8")
    (tmp_path / "flights.csv.zip").write_bytes((source / "flights.csv.zip").read_bytes())
    with pytest.raises(ValueError, match="airlines has"):
        get_data.write_tables(tmp_path, tmp_path / "out")
