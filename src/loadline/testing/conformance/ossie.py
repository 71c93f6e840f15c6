"""Ossie's foundation cases: models, tables and queries in, a verdict on each case out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loadline.errors import LoadlineError, ProjectError, RequestError
from loadline.project.importing.nouns import Carried, Remark
from loadline.project.importing.ossie_in import import_models
from loadline.testing.conformance.ossie_codes import code_of, code_of_remark, is_alike
from loadline.testing.conformance.ossie_query import Asked, Refused, as_query
from loadline.testing.conformance.projects import write_project
from loadline.testing.conformance.verdicts import Asking, Open, Verdict, compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was answered: rows in the order of `columns`, or a refusal as Ossie calls it, and in our words."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    code: str | None = None
    why: str = ""
    notes: tuple[str, ...] = field(default=())


def run(folder: Path, open_project: Open) -> list[Verdict]:
    """Every case in the order of the file; each has a project of its own."""
    cases: list[dict[str, Any]] = json.loads((folder / "cases.json").read_text("utf-8"))
    return [_verdict(case, folder / "tables" / str(case["dataset"]), open_project) for case in cases]


def _verdict(case: Mapping[str, Any], tables: Path, open_project: Open) -> Verdict:
    name = f"{case['id']} {case.get('name', '')}".strip()
    try:
        said = _said(case, tables, open_project)
    except LoadlineError as error:
        return Verdict(id=name, result="failed", detail="; ".join(f"{d.code}: {d.what}" for d in error.diagnostics))
    except Exception as error:  # noqa: BLE001 - one case that breaks us is a verdict, and the others still run
        return Verdict(id=name, result="failed", detail=f"{type(error).__name__}: {error}")
    wanted = case.get("expected_error")
    if wanted is not None:
        if said.code is None and not said.why:
            return Verdict(id=name, result="failed", detail=f"{wanted} is expected, rows are delivered")
        is_right = said.code is not None and is_alike(said.code, str(wanted))
        detail = "" if is_right else f"{wanted} is expected, refused as {said.code}: {said.why}"
        return Verdict(id=name, result="passed" if is_right else "refused", detail=detail)
    if said.why:
        return Verdict(id=name, result="refused", detail=f"{said.code}: {said.why}")
    if list(said.columns) != list(case["expected_columns"]):
        return Verdict(id=name, result="failed", detail=f"the columns are {list(said.columns)}")
    is_ordered = bool(case["query"].get("order_by"))
    differs = compared(case["expected_rows"], said.rows, is_ordered=is_ordered)
    return Verdict(id=name, result="failed" if differs else "passed", detail=differs or "")


def _said(case: Mapping[str, Any], tables: Path, open_project: Open) -> Said:
    model: Mapping[str, Any] = case["model"]
    extra = ({"name": name, "expression": text} for name, text in _expressions(case["query"]))
    carried = import_models([{**model, "metrics": [*(model.get("metrics") or ()), *extra]}])
    relations = {table.stem: table.resolve() for table in sorted(tables.glob("*.parquet"))}
    with TemporaryDirectory() as temporary:
        try:
            kept = write_project(Path(temporary), carried, relations)
        except ProjectError as error:
            return _refused(error, (), case)
        broken = _broken(kept)
        if broken is not None:
            return Said(code=code_of_remark(broken), why=broken.why)
        asking = open_project(Path(temporary))
        try:
            return _asked(case, kept, asking)
        except Refused as refused:
            return Said(code=refused.code, why=str(refused))
        except RequestError as error:
            return _refused(error, kept.remarks, case)
        finally:
            asking.close()


def _broken(kept: Carried) -> Remark | None:
    """A definition that Ossie holds against the whole model, whoever asks for what."""
    return next((one for one in kept.remarks if code_of_remark(one) in _WHOLE_MODEL), None)


_WHOLE_MODEL = frozenset({"E_RESERVED_NAME", "E_FIELD_DEPENDENCY_CYCLE", "E_AGGREGATE_IN_FIELD"})


def _expressions(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Measures that a query defines by itself."""
    return [
        (str(one["name"]), str(one["expression"]))
        for one in query.get("measures") or ()
        if not one.get("metric") and one.get("expression")
    ]


def _asked(case: Mapping[str, Any], kept: Carried, asking: Asking) -> Said:
    asked = as_query(case["query"], case["model"], kept)
    rows = asking.ask(asked.query)
    _check_nulls(asked, rows, asking)
    picked = tuple(tuple(row[position] for position in asked.positions) for row in rows)
    return Said(columns=asked.names, rows=picked)


def _check_nulls(asked: Asked, rows: Sequence[Sequence[object]], asking: Asking) -> None:
    """Ossie puts missing values first when it counts down; here they come last, either way. Raises Refused."""
    if not asked.descending:
        return
    every: Sequence[Sequence[object]] = rows
    if asked.query.limit is not None:
        every = asking.ask(asked.unlimited())
    if any(row[position] is None for row in every for position in asked.descending):
        raise Refused("missing values come last here in either direction, and first in Ossie when it counts down", None)


def _refused(error: LoadlineError, remarks: Sequence[Remark], case: Mapping[str, Any]) -> Said:
    first = error.diagnostics[0]
    code = code_of(first.code, first.what, case, Carried(files={}, remarks=tuple(remarks)))
    return Said(code=code, why=f"{first.code}: {first.what}")
