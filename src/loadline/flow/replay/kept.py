"""An answer's receipt in, what a regression case keeps of it out; and a case in, the receipt it stands for out.

A case is compared where no ledger is (a fresh checkout), so it keeps whatever can tell why an answer changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from loadline.checks import codes as check_codes
from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.understand import as_query
from loadline.flow.world import World
from loadline.policy import codes as policy_codes
from loadline.semantics import codes as semantics_codes
from loadline.semantics import resolve
from loadline.values.canonical import digest, plain
from loadline.values.question import Expected, ExpectedMetric, RegressionCase
from loadline.values.receipt import Answer

SHOWN_ROWS = 10
_TITLES = (codes.CODES, semantics_codes.CODES, policy_codes.CODES, check_codes.CODES)


def expected_of(recorded: Mapping[str, Any], rows: tuple[str, ...]) -> Expected:
    """`recorded` is a receipt as the ledger holds it."""
    return Expected(
        receipt=str(recorded["id"]),
        status=str(recorded["status"]),
        codes=tuple(dict.fromkeys(str(one["code"]) for one in recorded.get("reasons", ()))),
        data=recorded.get("data_version"),
        value=recorded.get("rows_digest"),
        rows=rows,
        metrics={
            one["name"]: ExpectedMetric(
                version=one["version"],
                definition=one["definition"],
                status=one["status"],
                owner=one.get("owner"),
                description=one.get("description", ""),
            )
            for one in recorded.get("metrics", ())
        },
        row_filters=tuple(recorded.get("row_filters", ())),
        rules=tuple(recorded.get("rules", ())),
        sql=sql_digest(recorded),
        dialect=recorded.get("dialect"),
        project=recorded.get("project_digest"),
        version=recorded.get("loadline"),
    )


def sql_digest(recorded: Mapping[str, Any]) -> str | None:
    return digest(recorded["sql"]) if recorded.get("sql") else None


def rows_told(answer: Answer) -> tuple[str, ...]:
    """The first rows as people read them; none where nothing was delivered."""
    if answer.rows is None:
        return ()
    told = []
    for row in answer.rows:
        told.append(", ".join("nothing" if value is None else str(value) for value in row))
        if len(told) == SHOWN_ROWS:
            break
    return tuple(told)


def meant_by(world: World, case: RegressionCase) -> Mapping[str, Any] | None:
    """The query a case is to mean, in the form receipts have; None where it is to be refused, or means nothing now."""
    if case.query is None:
        return None
    try:
        query = as_query(world.project, case.query, case.today)
    except RequestError:
        return None
    with suppress(RequestError):  # it can no longer be asked; what it was to mean is still what is written
        query = resolve(world.linked, query, audience=case.audience).query
    found: Mapping[str, Any] = plain(query)
    return found


def as_recorded(case: RegressionCase, expected: Expected, query: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The receipt that a case stands for, as far as it was kept."""
    return {
        "id": expected.receipt,
        "status": expected.status,
        "question": case.text,
        "query": query,
        "metrics": [{"name": name, **plain(metric)} for name, metric in expected.metrics.items()],
        "row_filters": list(expected.row_filters),
        "rules": list(expected.rules),
        "roles": list(case.roles),
        "audience": case.audience,
        "purpose": case.purpose,
        "data_version": expected.data,
        "rows_digest": expected.value,
        "sql": expected.sql,
        "dialect": expected.dialect,
        "project_digest": expected.project,
        "loadline": expected.version,
        "reasons": [{"code": code, "what": _title(code)} for code in expected.codes],
    }


def _title(code: str) -> str:
    """What a code is about: a case keeps no more of why it was answered so."""
    return next((one[code].title for one in _TITLES if code in one), "")
