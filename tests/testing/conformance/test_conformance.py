"""The published cases of MetricFlow and Ossie: none is answered wrongly, and nearly all are answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadline.testing.conformance.__main__ import main
from loadline.testing.conformance.verdicts import compared

CASES = Path(__file__).parents[4] / "shared" / "conformance"
METRICFLOW, OSSIE = CASES / "metricflow", CASES / "ossie"


@pytest.mark.skipif(not METRICFLOW.exists(), reason="MetricFlow's cases are not beside this checkout")
def test_metricflow_is_answered_and_never_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(
        [
            *("metricflow", "--cases", str(METRICFLOW / "cases.json"), "--tables", str(METRICFLOW / "tables")),
            *("--manifests", str(METRICFLOW / "manifests"), "--format", "json"),
        ]
    )
    said = json.loads(capsys.readouterr().out)
    wrong = [(case["id"], case["detail"]) for case in said["cases"] if case["result"] == "failed"]
    assert wrong == []
    assert said["passed"] >= 136
    assert all(case["detail"] for case in said["cases"] if case["result"] == "refused")
    assert code == 0


@pytest.mark.skipif(not OSSIE.exists(), reason="Ossie's cases are not beside this checkout")
def test_ossie_is_answered_and_never_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["ossie", "--dir", str(OSSIE), "--format", "json"])
    said = json.loads(capsys.readouterr().out)
    wrong = [(case["id"], case["detail"]) for case in said["cases"] if case["result"] == "failed"]
    assert wrong == []
    assert said["passed"] >= 57
    assert code == 0


def test_a_different_number_is_never_taken_for_the_same() -> None:
    assert compared([[1.0, "a"]], [[1.0 + 1e-12, "a"]]) is None
    assert compared([[1.0]], [[1.000001]]) is not None
    assert compared([[None]], [[0]]) is not None
    assert compared([["1"]], [[1]]) is not None
    assert compared([[True]], [[1]]) is not None
    assert compared([[1], [2]], [[2], [1]]) is None
    assert compared([[1], [2]], [[2], [1]], is_ordered=True) is not None
    assert compared([[1]], [[1], [1]]) is not None
    assert compared([["2020-01-01 00:00:00"]], [["2020-01-01"]]) is not None
