"""What every test runs under: hypothesis without deadlines, because no test of ours may depend on a machine's speed;
and a PostgreSQL for those that ask for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from postgres_server import Server

settings.register_profile(
    "loadline",
    deadline=None,
    derandomize=True,  # CI and a developer see the same examples; `--hypothesis-seed=random` looks further
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("loadline")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The PostgreSQL of this test process, started when the first test asks for it."""
    from postgres_server import shared_server

    server = shared_server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """A fresh, empty database for each test module, as its superuser."""
    name = postgres_server.new_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)
