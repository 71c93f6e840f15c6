"""Questions, the SQL they become and the rows it gives: pairs in plain files (`golden/`).

After a change that is meant, `python tests/semantics/test_golden.py` writes `golden.yaml` anew; read its diff.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from loadline.errors import RequestError
from loadline.semantics import compile_sql, resolve
from loadline.values.query import Window
from semantics.shop import linked, opened, query, row_filter

FOLDER = Path(__file__).parent / "golden"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "questions.yaml").read_text())


def compiled(question: dict[str, Any], dialect: str = "duckdb") -> str:
    """Raises RequestError."""
    window = question.get("during")
    wanted = query(
        *question.get("metrics", ()),
        by=tuple(question.get("by", ())),
        where=tuple(question.get("where", ())),
        during=Window(start=window[0], end=window[1], text=f"{window[0]}..{window[1]}") if window else None,
        order=tuple(question.get("order", ())),
        limit=question.get("limit"),
    )
    filters = tuple(tuple(map(row_filter, group)) for group in question.get("row_filters", ()))
    model = linked()
    plan = resolve(model, wanted, audience=question.get("audience"))
    return compile_sql(model, plan, row_filters=filters, dialect=dialect).sql


def asked(question: dict[str, Any], connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    try:
        sql = compiled(question)
    except RequestError as error:
        return {"refused": error.diagnostics[0].code}
    rows = connection.execute(sql).fetchall()
    return {"sql": sql + "\n", "rows": [[_plain(value) for value in row] for row in rows]}


def _plain(value: object) -> object:
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    return round(value, 9) if isinstance(value, float) else value


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return opened()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question["name"])
def test_a_question_becomes_this_sql_and_these_rows(
    question: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> None:
    golden = yaml.safe_load((FOLDER / "golden.yaml").read_text())
    assert asked(question, connection) == golden[question["name"]]


def test_every_golden_answer_has_its_question() -> None:
    golden = yaml.safe_load((FOLDER / "golden.yaml").read_text())
    assert list(golden) == [question["name"] for question in QUESTIONS]


def _write() -> None:
    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    opened_once = opened()
    found = {question["name"]: asked(question, opened_once) for question in QUESTIONS}
    for answer in found.values():
        for row in answer.get("rows", ()):
            row[:] = list(row)
    text_of = yaml.dump(found, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000, default_flow_style=None)
    (FOLDER / "golden.yaml").write_text(text_of)


if __name__ == "__main__":
    _write()
