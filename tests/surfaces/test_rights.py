"""The gate and the rights at the terminal: exit codes, what is printed where, and that nothing refused is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flow.rights_shop import OPEN, open_shop
from loadline.surfaces.cli import run

GATED = (
    "[{name: here, permit: [inference-context, evaluation], providers: inside}, "
    "{name: there, permit: inference-context, columns: [customer_id, region], region: eu}, "
    "{name: agreed, permit: pre-training, columns: [region], consent: consents.granted}]"
)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    open_shop(tmp_path, customers=GATED, orders=None, tickets=OPEN).close()
    return str(tmp_path)


def rights(shop: str, *words: str) -> int:
    return run(["data", "rights", "-C", shop, "--as", "ana", *words])


def test_a_use_that_is_permitted_says_by_which_right_and_over_which_rows(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rights(shop, "customers", "--use", "pre-training", "--column", "region") == 0
    out = capsys.readouterr().out
    assert out.startswith("permitted  customers as pre-training\n")
    assert "agreed" in out
    assert "consents.granted" in out


def test_a_use_that_is_refused_exits_with_one_and_says_whom_to_ask(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("customers", "--use", "inference-context", "--provider", "openai", "--region", "eu", "--column", "email")
    assert rights(shop, *words) == 1
    out = capsys.readouterr().out
    assert "RGT001" in out
    assert "sales-ops" in out
    assert rights(shop, *words, "--format", "json") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["is_permitted"], said["reasons"][0]["code"]) == (False, "RGT001")


def test_a_contract_that_says_nothing_lets_nothing_through(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rights(shop, "orders", "--use", "evaluation") == 1
    assert "RGT005" in capsys.readouterr().out


def test_what_does_not_exist_is_a_mistake_and_no_refusal(shop: str) -> None:
    assert rights(shop, "customer", "--use", "evaluation") == 2
    assert rights(shop, "customers", "--use", "evaluation", "--column", "emial") == 2
    assert rights(shop, "customers", "--use", "evaluating") == 2
    assert rights(shop, "customers", "--use", "evaluation", "--purpose", "marketting") == 2


def test_odrl_is_one_document_and_names_the_contracts_that_are_silent(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "odrl", "-C", shop]) == 0
    printed = capsys.readouterr()
    policies = json.loads(printed.out)["@graph"]
    assert [one["uid"] for one in policies] == [
        f"urn:loadline:shop:contract:{name}" for name in ("consents", "customers", "tickets")
    ]
    assert "not stated  orders" in printed.err


def test_croissant_leaves_out_what_may_not_be_used_so(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "customers.json"
    words = ["--use", "inference-context", "--provider", "openai", "--region", "eu", "--output", str(file)]
    assert run(["export", "croissant", "customers", "-C", shop, "--as", "ana", *words]) == 0
    assert "left out  email, age" in capsys.readouterr().err
    text = file.read_text("utf-8")
    assert "email" not in text
    assert "@x.example" not in text
    assert [field["name"] for field in json.loads(text)["recordSet"][0]["field"]] == ["customer_id", "region"]
    assert run(["export", "croissant", "customers", "-C", shop]) == 0
    assert "email" in capsys.readouterr().out  # nobody said for what: all of it is described, and its rights say


def test_a_description_for_a_use_that_is_not_permitted_is_not_written(
    shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "customers.json"
    words = ["--use", "alignment", "--output", str(file)]
    assert run(["export", "croissant", "customers", "-C", shop, "--as", "ana", *words]) == 1
    assert not file.exists()
    assert "RGT001" in capsys.readouterr().err
