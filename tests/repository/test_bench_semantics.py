"""`bench/semantics`: answers that differ are seen, and said with the exit code. How fast anything is, is not tested."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from repository.tree import ROOT

BENCH = ROOT / "bench" / "semantics"
WITH_ANOTHER_HAND = """
import runpy, sys
from dataclasses import replace
sys.path.insert(0, sys.argv[1])
import questions
first = questions.QUESTIONS[0]
questions.QUESTIONS = (replace(first, by_hand=first.by_hand.replace("sum(ss_net_paid)", sys.argv[2])),)
sys.argv[1:] = ["--quick", "--no-peers", "--json", "--cache", sys.argv[3]]
runpy.run_path(questions.__file__.replace("questions.py", "__main__.py"), run_name="__main__")
"""


@pytest.fixture(scope="module")
def measures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measures", BENCH / "measures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_rows_in_another_order_and_form_are_the_same_answer(measures: ModuleType) -> None:
    ours = [("Books", date(2024, 1, 1), Decimal("1.50"), 3), (None, date(2024, 2, 1), None, 0)]
    theirs = [(None, datetime(2024, 2, 1), None, Decimal(0)), ("Books", datetime(2024, 1, 1), 1.5, 3)]  # noqa: DTZ001

    assert measures.difference(ours, theirs, dimensions=2) is None


@pytest.mark.parametrize(
    "theirs",
    [
        [("Books", Decimal("1.51"))],
        [("Music", Decimal("1.50"))],
        [("Books", None)],
        [("Books", True)],
        [("Books", 1.5000001)],
        [("Books", "1.50")],
        [("Books",)],
        [],
        [("Books", Decimal("1.50")), ("Books", Decimal("1.50"))],
    ],
    ids=str,
)
def test_a_differing_answer_is_told(measures: ModuleType, theirs: list[tuple[object, ...]]) -> None:
    assert measures.difference([("Books", Decimal("1.50"))], theirs, dimensions=1) is not None


def test_a_number_that_is_none_differs_from_zero(measures: ModuleType) -> None:
    assert measures.difference([(0,)], [(None,)], dimensions=0) is not None
    assert measures.difference([(float("nan"),)], [(0.0,)], dimensions=0) is not None


@pytest.mark.slow
@pytest.mark.parametrize(("measured", "is_wrong"), [("sum(ss_net_paid)", False), ("sum(ss_net_paid) + 0.01", True)])
def test_a_run_with_a_wrong_answer_ends_with_1(
    measured: str, is_wrong: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache: Path = tmp_path_factory.getbasetemp() / "bench-semantics"
    words = [sys.executable, "-c", WITH_ANOTHER_HAND, str(BENCH), measured, str(cache)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    said = json.loads(done.stdout)
    assert [what.startswith("loadline, net paid by category: ") for what in said["wrong"]] == [True] * is_wrong
    missed = [line for line in said["lines"] if line["is_met"] is False]  # a slow machine is no wrong answer
    assert done.returncode == (1 if is_wrong or missed else 0)
