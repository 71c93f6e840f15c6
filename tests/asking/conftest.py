from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loadline.app import App, init_project, open_app


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "quaywind"
    init_project(folder, is_demo=True)
    return folder


@pytest.fixture(scope="session")
def app(company: Path) -> Iterator[App]:
    with open_app(company) as opened:
        yield opened
