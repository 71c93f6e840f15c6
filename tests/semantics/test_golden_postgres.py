"""The golden questions on PostgreSQL: the same rows as DuckDB gives, from SQL that is kept beside (`postgres.yaml`).

After a change that is meant, `python tests/semantics/test_golden_postgres.py` writes `postgres.yaml` anew; read its
diff.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.warehouse import PostgresWarehouse
from loadline.errors import RequestError
from loadline.testing.warehouses import fetch
from semantics.shop import TABLES
from semantics.test_golden import FOLDER, QUESTIONS, compiled


@pytest.fixture(scope="module")
def warehouse(postgres_url: str) -> Iterator[PostgresWarehouse]:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(TABLES)
    found = open_postgres(postgres_settings(), {"DATABASE_URL": postgres_url})
    yield found
    found.close()


def sql_of(question: dict[str, Any]) -> str | None:
    try:
        return compiled(question, "postgres") + "\n"
    except RequestError:
        return None


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["name"])
def test_a_question_gives_the_same_rows_on_both(question: dict[str, Any], warehouse: PostgresWarehouse) -> None:
    kept = yaml.safe_load((FOLDER / "postgres.yaml").read_text("utf-8"))
    golden = yaml.safe_load((FOLDER / "golden.yaml").read_text("utf-8"))[question["name"]]
    sql = sql_of(question)
    assert sql == kept.get(question["name"])
    if sql is None:
        assert "refused" in golden
        return
    rows = fetch(warehouse, sql)
    assert [[_plain(value) for value in row] for row in rows] == [[_plain(v) for v in row] for row in golden["rows"]]


def test_every_kept_answer_has_its_question() -> None:
    kept = yaml.safe_load((FOLDER / "postgres.yaml").read_text("utf-8"))
    assert list(kept) == [question["name"] for question in QUESTIONS if sql_of(question)]


def _plain(value: object) -> object:
    """Numbers by value: a whole number may be a decimal on the one and an integer on the other."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float | Decimal):
        return round(Decimal(str(value)), 9)
    if isinstance(value, date | datetime):
        return str(value)
    try:
        return round(Decimal(str(value)), 9)
    except ArithmeticError:
        return value


def _write() -> None:
    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    found = {question["name"]: sql for question in QUESTIONS if (sql := sql_of(question))}
    written = yaml.dump(found, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)
    (FOLDER / "postgres.yaml").write_text(written, "utf-8")


if __name__ == "__main__":
    _write()
