"""Every code the ledger, its stores and its keys can carry is explained, and is raised by some test."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadline.adapters.stores import codes as store_codes
from loadline.ledger import codes as ledger_codes
from loadline.testing import store_suite

TESTS = Path(__file__).parents[1]
FOLDERS = ("ledger", "adapters/stores", "adapters/signers", "tools")


@pytest.mark.parametrize("codes", [ledger_codes, store_codes], ids=["ledger", "stores"])
def test_every_constant_is_explained(codes: object) -> None:
    constants = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, str)}
    explained = ledger_codes.CODES if codes is ledger_codes else store_codes.CODES
    assert constants == set(explained)
    assert all(code.code == name for name, code in explained.items())
    assert all(code.title and code.why and code.wrong and code.right for code in explained.values())


def test_every_code_is_raised_by_a_test() -> None:
    files = [f for folder in FOLDERS for f in (TESTS / folder).glob("test_*.py")]
    text = "".join(f.read_text("utf-8") for f in (*files, Path(store_suite.__file__)))
    assert [code for code in (*ledger_codes.CODES, *store_codes.CODES) if f'"{code}"' not in text] == []
