"""The committed questions and the demo company in, what came of each out: answered, asked back, missed or wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from loadline.app import App
from loadline.errors import RequestError
from loadline.flow.speaking import with_values
from loadline.flow.understand import read_words
from loadline.semantics import resolve
from loadline.semantics.time import Span, read_window
from loadline.semantics.wording import Clarify, Read
from loadline.semantics.words import phrase
from loadline.values.query import Query
from loadline.values.request import Ask, Words

TODAY = date(2026, 11, 2)
QUESTIONS = Path(__file__).parent / "questions.yaml"
_DURING = re.compile(r" during (.+?)(?= where | order | limit |\Z)")


@dataclass(frozen=True, slots=True)
class Judged:
    """`verdict`: answered, clarified, missed, wrong; of what must not be answered: refused, clarified, wrong."""

    half: str
    question: str
    verdict: str
    came_to: str
    expected: str
    seconds: float


def cases() -> Iterator[tuple[str, list[str]]]:
    committed: dict[str, list[list[str]]] = yaml.safe_load(QUESTIONS.read_text("utf-8"))
    for half, lines in committed.items():
        for line in lines:
            yield half, line


def judged(app: App) -> Iterator[Judged]:
    for half, (question, expected, *audience) in cases():
        asker = app.principal("local", audience=audience[0] if audience else None)
        with_values(app.world, asker)  # looked at once for each asker; the time is that of reading
        request = Ask(principal=asker, asked=Words(text=question), today=TODAY)
        began = time.process_time()
        try:
            reading: Any = read_words(app.world, request, question)
        except RequestError as error:
            reading = error
        seconds = time.process_time() - began
        verdict, came_to = _verdict(app, request, reading, expected)
        yield Judged(half, question, verdict, came_to, expected, seconds)


def _verdict(app: App, request: Ask, reading: Any, expected: str) -> tuple[str, str]:
    is_answerable = expected != "no"
    try:
        if isinstance(reading, RequestError):
            raise reading
        if isinstance(reading, Read):
            said = _said(app, reading.query, request)
            return ("answered" if is_answerable and said in _wanted(app, expected) else "wrong"), said
    except RequestError as error:
        told = f"{error.diagnostics[0].code} {error.diagnostics[0].what} {error.options}"
        if is_answerable:
            return "missed", told
        return ("clarified" if error.options else "refused"), told
    if isinstance(reading, Clarify):
        options = [_said(app, option.query, request) for option in reading.options]
        if is_answerable:
            return ("clarified" if _wanted(app, expected) & set(options) else "missed"), f"{reading.what} {options}"
        return "clarified", reading.what
    return ("missed" if is_answerable else "refused"), f"[{reading.kind}] {reading.what}"


_SHORT = re.compile(r"\b(grown|rate|moved|share)\((\w+), ([^)]+)\)")


def _wanted(app: App, expected: str) -> set[str]:
    """Two definitions may be one number: either will do."""
    return {_dated(app, _SHORT.sub(_written_out, one)) for one in expected.split(" || ")}


def _written_out(found: re.Match[str]) -> str:
    kind, name, of = found.groups()
    if kind == "share":
        return f"{name}, {name}[share across {of}]"
    ways = {"grown": ("change", "% change"), "rate": ("% change",), "moved": ("change",)}[kind]
    return ", ".join((name, f"{name}[{of}]", *(f"{name}[{way} from {of}]" for way in ways)))


def _said(app: App, query: Query, request: Ask) -> str:
    """The governed names, and the days instead of the words for them."""
    try:
        meant = resolve(app.linked, query, audience=request.principal.audience).query
    except RequestError:
        return phrase(query)
    return _dated(app, phrase(meant))


def _dated(app: App, said: str) -> str:
    found = _DURING.search(said)
    if found is None:
        return said
    span = read_window(found[1], today=TODAY, calendar=app.project.model.calendar)
    assert isinstance(span, Span), found[1]
    return said.replace(found[0], f" during {span.start}..{span.end}")
