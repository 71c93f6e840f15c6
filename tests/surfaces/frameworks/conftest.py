"""The desk of each test, and none of the one before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from surfaces.frameworks.desk import Desk, make_desk


@pytest.fixture
def desk(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    yield make_desk(shop, monkeypatch)
    sys.modules.pop("refund_desk", None)
