"""Every broken input in, exactly the diagnostics its `expected.json` lists out; and no code without a broken input.

An asset lies over the valid project `broken/_base`. With an `ask.json` the project is sound and the request is not:
then a diagnostic has no place. A new asset is a folder `CODE-what-is-wrong` with the files that differ and what is
expected of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from loadline import checks, demo, ledger, policy, project, semantics
from loadline.adapters.identity import CODES as IDENTITY
from loadline.adapters.keys import CODES as KEYS
from loadline.adapters.stores.codes import CODES as STORES
from loadline.adapters.tools.targets.codes import CODES as TARGETS
from loadline.adapters.warehouses.codes import CODES as WAREHOUSES
from loadline.checks.drift import CODES as DRIFT
from loadline.errors import ProjectError, RequestError
from loadline.flow.acting.codes import CODES as ACTING
from loadline.flow.change.codes import CODES as CHANGE
from loadline.flow.codes import CODES as FLOW
from loadline.flow.codes_forgetting import CODES as FORGETTING
from loadline.flow.codes_rights import RIGHTS
from loadline.flow.codes_words import WORDS
from loadline.flow.draft.codes import CODES as DRAFT
from loadline.flow.vocabulary import vocabulary_of
from loadline.project import Reading
from loadline.project.importing.codes import CODES as IMPORTS
from loadline.semantics.guard.codes import CODES as GUARD
from loadline.surfaces.cli.codes import CODES as CLI
from loadline.values.diagnostic import Code, Diagnostic
from loadline.values.model import Calendar
from loadline.values.query import Filter, Op, Query, Window

TESTS = Path(__file__).parent
BROKEN = TESTS / "broken"
BASE = BROKEN / "_base"
ABOUT_THE_ASSET = frozenset({"expected.json", "ask.json"})
ASSETS = sorted(path for path in BROKEN.iterdir() if path.is_dir() and path != BASE)
TODAY = date(2025, 11, 14)

ROOMS: tuple[Mapping[str, Code], ...] = (
    project.CODES, semantics.CODES, policy.CODES, checks.CODES, FLOW, ledger.CODES, demo.CODES, STORES, WAREHOUSES, CLI,
    TARGETS, KEYS, IDENTITY, GUARD, ACTING,
)  # fmt: skip

# A file cannot express these: a disk, an engine, a key or a person is part of what is broken.
COVERED_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("PRJ001", "PRJ002", "PRJ003", "PRJ004", "PRJ032"), "project/test_folder.py"),
    "PRJ211": "flow/test_rights.py",
    **dict.fromkeys(("RGT001", "RGT002", "RGT003"), "policy/test_judge_use.py"),
    **dict.fromkeys(("RGT004", "RGT005"), "flow/test_rights.py"),
    "SEM013": "semantics/test_link.py",  # the project room refuses such a calendar first
    "SEM117": "semantics/test_link.py",
    "SEM118": "semantics/test_spell.py",
    "SEM119": "semantics/test_resolve.py",
    "SEM124": "semantics/test_shapes.py",
    "SEM126": "semantics/test_shapes.py",
    "SEM128": "semantics/test_dialects.py",
    **dict.fromkeys(("POL001", "POL003", "POL004", "POL006"), "policy/test_judge.py"),
    **dict.fromkeys(("POL002", "POL005"), "test_codes_on_the_way.py"),
    "POL014": "surfaces/test_policy.py",
    **dict.fromkeys(("POL015", "POL016"), "adapters/test_cedar.py"),
    **dict.fromkeys(("POL007", "POL008", "POL009"), "flow/test_obligations.py"),
    **dict.fromkeys(checks.CODES, "test_codes_on_the_way.py"),
    **dict.fromkeys(DRIFT, "watching/test_watch.py"),
    **dict.fromkeys(("DRF002", "DRF003", "DRF004", "DRF005"), "surfaces/test_drift.py"),
    **dict.fromkeys(("DRF001", "DRF011"), "surfaces/test_watch.py"),
    **dict.fromkeys(FLOW, "test_codes_on_the_way.py"),
    **dict.fromkeys(WORDS, "flow/test_words.py"),
    **dict.fromkeys(RIGHTS, "flow/test_rights.py"),
    **dict.fromkeys(("RGT201", "RGT202", "RGT203"), "flow/test_held_answers.py"),
    **dict.fromkeys(("WRD008", "WRD009"), "flow/test_planning.py"),
    **dict.fromkeys(("WRD011", "WRD012", "WRD013"), "surfaces/test_words_ask.py"),
    "WRD014": "surfaces/test_filter_values.py",
    **dict.fromkeys(("RPL001", "RPL002", "RPL003", "RPL004"), "surfaces/test_replay.py"),
    **dict.fromkeys(demo.CODES, "test_codes_on_the_way.py"),
    "DEM003": "demo/test_wipe.py",
    **dict.fromkeys(GUARD, "semantics/guard/test_rules.py"),
    "GRD019": "surfaces/test_guard.py",
    **dict.fromkeys(CLI, "test_codes_on_the_way.py"),
    **dict.fromkeys(("CLM001", "CLM002", "CLM003", "CLM004", "CLM005"), "surfaces/test_verify.py"),
    **dict.fromkeys(ACTING, "flow/acting/test_act_codes.py"),
    **dict.fromkeys(("ACT126", "ACT127"), "surfaces/mcp/test_guarded.py"),
    "ACT128": "surfaces/test_act.py",
    **dict.fromkeys(CHANGE, "flow/change/test_change_codes.py"),
    **{code: "project/importing/test_import_codes.py" for code in IMPORTS if not code.startswith("LIN")},
    **dict.fromkeys(("CHG003", "CHG004", "CHG006"), "adapters/test_git.py"),
    "CHG005": "surfaces/test_diff.py",
    "DIF001": "surfaces/test_data_diff.py",
    **dict.fromkeys(DRAFT, "flow/draft/test_draft_codes.py"),
    "LIN001": "surfaces/test_profile.py",
    **dict.fromkeys(("LIN002", "LIN003"), "surfaces/test_lineage.py"),
    **dict.fromkeys(STORES, "adapters/stores/test_sqlite.py"),
    **dict.fromkeys(("STO012", "STO013", "STO014"), "adapters/signers/test_ed25519.py"),
    "RUN013": "flow/test_showing.py",
    "KEY001": "adapters/test_keys.py",
    **dict.fromkeys(IDENTITY, "adapters/identity/test_codes.py"),
    "STO010": "test_codes_on_the_way.py",
    "STO016": "adapters/stores/test_export.py",
    **dict.fromkeys(WAREHOUSES, "adapters/warehouses/test_faults.py"),
    **dict.fromkeys((code for code in WAREHOUSES if code > "WAR200"), "adapters/warehouses/test_postgres_faults.py"),
    **dict.fromkeys(TARGETS, "adapters/tools/targets/test_postgres_gate.py"),
    **dict.fromkeys(("TGT001", "TGT009", "TGT010", "TGT011"), "../src/loadline/testing/target_suite.py"),
    **dict.fromkeys(("TGT013", "TGT015"), "adapters/tools/targets/test_open.py"),
    **dict.fromkeys(ledger.CODES, "adapters/stores/test_sqlite.py"),
    "LED011": "ledger/test_prove.py",
    "LED012": "adapters/stores/test_export.py",
    "LED013": "ledger/test_seal.py",
    "LED014": "ledger/test_note.py",
    "LED015": "adapters/stores/test_forgetting.py",
    **dict.fromkeys(FORGETTING, "surfaces/test_forgetting.py"),
    **dict.fromkeys(("LIN004", "LIN005"), "surfaces/test_quarantine.py"),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ABOUT_THE_ASSET
    }


def reading_of(asset: Path) -> Reading:
    return project.read(contents(BASE) | contents(asset), BASE)


def everything_said(reading: Reading) -> list[Diagnostic]:
    """What reading finds, and what linking and typing the rules find in the same go."""
    said = list(reading.diagnostics)
    if reading.model is not None:
        try:
            semantics.link(reading.model)
        except ProjectError as error:
            said += reading.shown(error.diagnostics)
    if reading.project is not None:
        said += reading.shown(policy.check_rules(reading.project.rules, vocabulary_of(reading.project)))
        said += reading.shown(policy.check_tests(reading.project.policy_tests, vocabulary_of(reading.project)))
    return said


def resolving(reading: Reading, ask: Mapping[str, Any]) -> list[Diagnostic]:
    found = reading.accept()
    linked = semantics.link(found.model)
    try:
        semantics.resolve(linked, query_of(ask["query"], found.model.calendar), audience=ask.get("audience"))
    except RequestError as error:
        return list(error.diagnostics)
    return []


def query_of(written: Mapping[str, Any], calendar: Calendar) -> Query:
    unknown = written.keys() - {"metrics", "by", "where", "conditions", "during", "order", "limit", "is_detail"}
    assert not unknown, f"no such part of a query: {unknown}"
    return Query(
        metrics=tuple(written["metrics"]),
        by=tuple(semantics.parse_by(text) for text in written.get("by", ())),
        where=tuple(filter_of(one) for one in written.get("where", ())),
        conditions=tuple(written.get("conditions", ())),
        during=window_of(written["during"], calendar) if "during" in written else None,
        order=tuple(semantics.parse_order(text) for text in written.get("order", ())),
        limit=written.get("limit"),
        is_detail=written.get("is_detail", False),
    )


def filter_of(written: str | Mapping[str, Any]) -> Filter:
    if isinstance(written, str):
        return semantics.parse_filter(written)
    value = written.get("value", ())
    return Filter(
        name=written["field"], op=Op(written["op"]), values=tuple(value) if isinstance(value, list) else (value,)
    )


def window_of(written: str | Mapping[str, str], calendar: Calendar) -> Window:
    if isinstance(written, str):
        span = semantics.read_window(written, today=TODAY, calendar=calendar)
        assert isinstance(span, semantics.Span), f"{written!r} is meant to be understood here"
        return Window(start=span.start, end=span.end, text=written)
    start, end = (date.fromisoformat(written[side]) for side in ("start", "end"))
    return Window(start=start, end=end + timedelta(days=1), text=f"{start}..{end}")


def placed(said: Diagnostic) -> dict[str, str | int | None]:
    place = said.place
    return {
        "code": said.code,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def test_the_base_is_sound_in_every_line() -> None:
    assert everything_said(reading_of(BASE)) == []


@pytest.mark.parametrize("asset", ASSETS, ids=lambda path: path.name)
def test_a_broken_input_says_exactly_what_is_wrong_and_where(asset: Path) -> None:
    reading = reading_of(asset)
    said = everything_said(reading)
    if (asset / "ask.json").exists():
        assert said == [], "the project of a broken request is sound"
        said = resolving(reading, json.loads((asset / "ask.json").read_text("utf-8")))
    expected = json.loads((asset / "expected.json").read_text("utf-8"))
    assert [placed(one) for one in said] == expected
    assert asset.name.partition("-")[0] in {one["code"] for one in expected}


@pytest.mark.parametrize("asset", ASSETS, ids=lambda path: path.name)
def test_what_is_said_can_be_read_and_acted_upon(asset: Path) -> None:
    reading = reading_of(asset)
    known = {code for room in ROOMS for code in room}
    for said in everything_said(reading):
        assert said.code in known
        assert all(text.strip() == text and text for text in (said.what, said.why, said.mend))
        assert not said.what[0].isupper() or said.what[1:2].isupper() or said.what.startswith("U+")
        assert "\n" not in said.what + said.why
        if said.place is not None and said.place.line:
            assert said.excerpt is not None
            assert said.place.column <= len(said.excerpt) + 1 or "********" in said.excerpt


def test_every_code_has_a_broken_input_or_a_test_of_its_own() -> None:
    with_asset = {asset.name.partition("-")[0] for asset in ASSETS}
    without = {code for room in ROOMS for code in room if code not in with_asset and code not in COVERED_ELSEWHERE}
    assert without == set()
    assert with_asset & COVERED_ELSEWHERE.keys() == set()


@pytest.mark.parametrize(("code", "test"), COVERED_ELSEWHERE.items())
def test_what_is_covered_elsewhere_is_covered_there(code: str, test: str) -> None:
    text = (TESTS / test).read_text("utf-8")
    constant = constants_of_codes().get(code, code)
    assert code in text or re.search(rf"\bcodes\.{constant}\b", text)


def constants_of_codes() -> dict[str, str]:
    """Each code's constant in its room's `codes.py`."""
    written = re.compile(r'^([A-Z][A-Z0-9_]*) = "([A-Z]{3}[0-9]{3})"', re.MULTILINE)
    files = (TESTS.parent / "src" / "loadline").rglob("codes.py")
    return {code: name for path in files for name, code in written.findall(path.read_text("utf-8"))}
