from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from loadline.app import App, init_project, open_app

EXAMPLE = Path(__file__).parents[2] / "examples" / "flights"


@pytest.fixture(scope="session")
def get_data() -> ModuleType:
    spec = importlib.util.spec_from_file_location("flights_get_data", EXAMPLE / "get_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def flights(get_data: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its data beside it, and a ledger of its own."""
    source = get_data.find_tables()
    if source is None:
        pytest.skip(get_data.MISSING)
    root = tmp_path_factory.mktemp("examples") / "flights"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("data", ".loadline", "__pycache__"))
    get_data.write_tables(source, root / "data")
    init_project(root)
    return root


@pytest.fixture(scope="session")
def app(flights: Path) -> Iterator[App]:
    with open_app(flights) as opened:
        yield opened


@pytest.fixture(scope="session")
def tables(flights: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same files under their bare names, read plainly, with a New York clock."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        for file in sorted((flights / "data").glob("*.parquet")):
            connection.execute(f"CREATE VIEW {file.stem} AS FROM read_parquet('{file}')")
        yield connection
