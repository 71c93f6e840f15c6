"""Questions asked of the rows and of a rollup that stands for them in, how many times as fast it answers out."""

from __future__ import annotations

from statistics import median

import duckdb
from lines import Line
from measures import difference, in_turn, ratio

from loadline.semantics import Linked, compile_sql, resolve, rollup_query
from loadline.values.query import By, Grain, Query

ROLLUP = "sales_daily"
TIMES = 20
MONTH, QUARTER = By(name="time", grain=Grain.MONTH), By(name="time", grain=Grain.QUARTER)
QUESTIONS = {
    "net paid by category": Query(metrics=("net_paid",), by=(By(name="items.i_category"),)),
    "net paid by month": Query(metrics=("net_paid",), by=(MONTH,)),
    "net paid by category and quarter": Query(metrics=("net_paid",), by=(By(name="items.i_category"), QUARTER)),
}


def rolled_lines(
    connection: duckdb.DuckDBPyConnection, linked: Linked, wrong: list[str], *, turns: int, is_full: bool
) -> list[Line]:
    """The rollup is filled as its project says, beside the data; both answers are compared."""
    connection.execute("ATTACH ':memory:' AS rolled (READ_WRITE)")
    connection.execute(f"CREATE TABLE rolled.main.{ROLLUP} AS {rollup_query(linked, ROLLUP, 'duckdb')}")
    found = []
    for title, query in QUESTIONS.items():
        plan = resolve(linked, query)
        rows_sql = compile_sql(linked, plan).sql
        served = compile_sql(linked, plan, rollups=frozenset({ROLLUP}))
        if not served.rollups:
            wrong.append(f"loadline, {title}: the rollup does not serve it")
            continue
        rows = connection.execute(rows_sql).fetchall()
        what = difference(rows, connection.execute(served.sql).fetchall(), dimensions=len(query.by))
        if what is not None:
            wrong.append(f"loadline, {title}, from the rollup: {what}")
        works = {
            "rows": lambda sql=rows_sql: connection.execute(sql).fetchall(),
            "rollup": lambda sql=served.sql: connection.execute(sql).fetchall(),
        }
        taken = in_turn(works, turns=turns, most_seconds=20)
        faster = ratio(taken["rows"], taken["rollup"])
        found.append(
            Line(
                table="served from a rollup, CPU ms",
                name=title,
                cells={name: median(each) for name, each in taken.items()} | {"times as fast": faster},
                value=faster,
                at_least=TIMES if is_full else None,
            )
        )
    return found
