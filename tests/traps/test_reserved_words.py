"""Reserved words: a table called `order` with a column `select` is a table like any other."""

import pytest

from semantics.oracle_world import Measure, Table, World, ask, only_rows
from traps.trap import answers

WORLD = World(
    Table("order", {"group": "integer", "select": "string", "desc": "integer", "end": "boolean", "Desc Er": "string"},
          rows=[(1, "from", 1, True, "x"), (1, "where", 2, False, "y"), (2, "from", 4, None, None)],
          source="select.order"),
    Table("group", {"primary": "integer", "user": "string", "offset": "string"},
          rows=[(1, "all", "a"), (2, "any", "b")], key=("primary",), source="select.group"),
    joins=["order.group -> group.primary"],
    metrics={
        "sum": 'sum("order"."desc")',
        "count": 'count("order")',
        "limit": Measure('sum("order"."desc")', where="\"order\".\"select\" = 'from'"),
        "union": '"sum" / "count"',
    },
)  # fmt: skip


def test_unquoted_the_engine_does_not_even_read_it() -> None:
    import duckdb

    with pytest.raises(duckdb.ParserException):
        WORLD.plain_sql("SELECT sum(desc) FROM select.order GROUP BY group.user")


def test_reserved_words_are_names() -> None:
    query = ask("sum", "count", "limit", "union", by=["group.user"], order=["-sum"])
    answers(WORLD, query, [("any", 4, 1, 4, 4), ("all", 3, 2, 1, 1.5)])


def test_they_are_names_in_filters_too() -> None:
    answers(WORLD, ask("sum", where=[("order.select", "=", "from"), ("group.offset", "!=", "b")]), [(1,)])
    answers(WORLD, ask("sum", by=["order.end"], where=[("sum", ">", 1)]), [(False, 2), (None, 4)])
    answers(WORLD, ask("sum"), [(4,)], only_rows(['"group"."user" = \'any\'']))


def test_a_column_with_a_space_is_a_column() -> None:
    answers(WORLD, ask("sum", by=["order.Desc Er"]), [("x", 1), ("y", 2), (None, 4)])
