"""A line of a batch in (words, or a JSON object), what its question came to as plain JSON out."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from loadline.app import App
from loadline.errors import RequestError
from loadline.flow import codes_words
from loadline.semantics.words import phrase
from loadline.values.canonical import plain
from loadline.values.diagnostic import Diagnostic
from loadline.values.receipt import Answer

MOST_ROWS = 10_000
"""Rows of one answer that are printed; `row_count` says how many there are."""

_KEYS = frozenset({"question", "audience", "today", "as", "id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    question: str
    audience: str | None
    today: date | None
    person: str | None
    id: object = None


def answer_line(
    app: App, text: str, number: int, person: str | None, audience: str | None, today: date | None
) -> dict[str, Any]:
    """Raises OutsideError when the warehouse or the ledger fails; whatever else is wrong with a line is said in it."""
    try:
        line = read_line(text, number, Line(question="", audience=audience, today=today, person=person))
        principal = app.principal(line.person, audience=line.audience)
    except RequestError as error:
        return {**_empty(text), "status": "error", "reasons": _reasons(error)}
    answer = app.ask(line.question, principal=principal, today=line.today)
    return {**_empty(line.question), **({"id": line.id} if line.id is not None else {}), **_said(answer)}


def read_line(text: str, number: int, otherwise: Line) -> Line:
    if not text.lstrip().startswith("{"):
        return Line(question=text.strip(), audience=otherwise.audience, today=otherwise.today, person=otherwise.person)
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _wrong(number, f"it is no JSON: {error}") from None
    strange = [key for key in found if key not in _KEYS]
    if strange:
        raise _wrong(number, f"`{strange[0]}` is not a key of a question")
    texts = {key: found.get(key) for key in ("question", "audience", "today", "as")}
    wrong = next((key for key, value in texts.items() if not isinstance(value, str | None)), None)
    if wrong is not None or not texts["question"]:
        raise _wrong(number, f"`{wrong or 'question'}` must be a text")
    try:
        day = date.fromisoformat(texts["today"]) if texts["today"] else otherwise.today
    except ValueError:
        raise _wrong(number, f"`{texts['today']}` is not a day such as 2026-11-02") from None
    return Line(
        question=texts["question"],
        audience=texts["audience"] or otherwise.audience,
        today=day,
        person=texts["as"] or otherwise.person,
        id=found.get("id"),
    )


def _wrong(number: int, what: str) -> RequestError:
    return RequestError(
        Diagnostic(
            code=codes_words.WRONG_LINE,
            what=f"line {number}: {what}",
            why=codes_words.WORDS[codes_words.WRONG_LINE].why,
            mend='write words, or `{"question": "...", "audience": "...", "today": "2026-11-02"}`',
        )
    )


def _empty(question: str) -> dict[str, Any]:
    return {
        "question": question, "status": "", "means": None, "query": None, "receipt": None, "audience": None,
        "columns": [], "values": [], "row_count": None, "dates": None, "filters": [], "meanings": [],
        "assumptions": [], "reasons": [], "options": [],
    }  # fmt: skip


def _said(answer: Answer) -> dict[str, Any]:
    receipt = answer.receipt
    rows = [] if answer.rows is None else list(itertools.islice(answer.rows, MOST_ROWS))
    return {
        "status": receipt.status.value,
        "means": phrase(receipt.query) if receipt.query is not None else None,
        "query": plain(receipt.query),
        "receipt": receipt.id,
        "audience": receipt.audience,
        "columns": [column.name for column in receipt.columns],
        "values": plain(rows),
        "row_count": receipt.row_count,
        "dates": plain(receipt.dates),
        "filters": list(receipt.filters),
        "meanings": plain(receipt.meanings),
        "assumptions": list(receipt.assumptions),
        "reasons": [{"code": one.code, "what": one.what, "mend": one.mend} for one in receipt.reasons],
        "options": list(receipt.options),
    }


def _reasons(error: RequestError) -> list[dict[str, str]]:
    return [{"code": one.code, "what": one.what, "mend": one.mend} for one in error.diagnostics]
