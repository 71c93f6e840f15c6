"""PostgreSQL keeps every promise of a target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.testing.target_suite import TargetSuite

if TYPE_CHECKING:
    from postgres_server import Server


@pytest.fixture
def site(postgres_server: Server) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server)
    yield site
    site.close()


class TestPostgresTarget(TargetSuite):
    pass
