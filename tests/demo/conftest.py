from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from loadline.demo import Written, write_company
from loadline.demo.tables import FILES


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return write_company(tmp_path_factory.mktemp("demo") / "quaywind")


@pytest.fixture(scope="session")
def tables(company: Written) -> Iterator[duckdb.DuckDBPyConnection]:
    """The written files behind their relation names, read plainly; the clock of the session is UTC."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for file in FILES:
            _load(connection, file.relation, company.root / file.path)
        yield connection


def _load(connection: duckdb.DuckDBPyConnection, relation: str, path: Path) -> None:
    schema = relation.split(".", maxsplit=1)[0]
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    match path.suffix:
        case ".xlsx":
            _, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
            connection.execute(
                f"CREATE TABLE {relation} (carrier_id BIGINT, name VARCHAR, mode VARCHAR, joined_on DATE)"
            )
            for row in rows:
                connection.execute(f"INSERT INTO {relation} VALUES (?, ?, ?, ?)", row)
        case ".csv":
            types = "{'rate_on': 'DATE', 'currency': 'VARCHAR', 'eur_per_unit': 'DECIMAL(12,6)', 'origin': 'VARCHAR'}"
            connection.execute(f"CREATE TABLE {relation} AS FROM read_csv('{path}', header = true, columns = {types})")
        case _:
            connection.execute(f"CREATE VIEW {relation} AS FROM read_parquet('{path}')")
