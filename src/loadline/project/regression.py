"""Fitted regression cases in, the cases out. Whether their answers are what they were is for a replay to say."""

from __future__ import annotations

from datetime import date

from loadline.project import codes
from loadline.project.access import (
    AUDIENCE,
    PERSON,
    entries_of,
    node_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.questions import Askable, queried
from loadline.project.tree import Entries
from loadline.project.wording import quoted
from loadline.values.question import Expected, ExpectedMetric, RegressionCase


def build_cases(documents: list[Entries], askable: Askable, faults: Faults) -> tuple[RegressionCase, ...]:
    """In the order of writing."""
    cases: dict[str, RegressionCase] = {}
    for document in documents:
        for written in records_of(document, "regression"):
            case = _case(written, askable, faults)
            if case is None:
                continue
            if case.id in cases:
                said_twice("regression case", case.id, case.place, cases[case.id].place, faults)
                continue
            cases[case.id] = case
    return tuple(cases.values())


def _case(written: Entries, askable: Askable, faults: Faults) -> RegressionCase | None:
    audience, person = scalar_of(written, "audience"), scalar_of(written, "person")
    if audience:
        refer(audience, askable.audiences, AUDIENCE, faults)
    if person:
        refer(person, askable.people, PERSON, faults)
    name, status, said = scalar_of(written, "id"), scalar_of(written, "status"), scalar_of(written, "said")
    day = _day(written, faults)
    query = queried(written, askable, faults)
    if name is None or day is None:
        return None
    text = text_of(written, "ask")
    return RegressionCase(
        id=name.raw,
        text=text.strip() if text else None,
        query=query,
        today=day,
        person=person.raw if person else None,
        roles=texts_of(written, "roles"),
        audience=audience.raw if audience else None,
        purpose=text_of(written, "purpose"),
        is_draft=status is not None and status.raw == "draft",
        said=said.raw if said else None,
        expected=_expected(written),
        place=name.place,
    )


def _day(written: Entries, faults: Faults) -> date | None:
    day = scalar_of(written, "today")
    if day is None:
        return None
    try:
        return date.fromisoformat(day.raw)
    except ValueError:
        faults.add(
            codes.MALFORMED,
            day.place,
            f"{quoted(day.raw)} is not a day",
            why="a day is one that the calendar has",
            mend="write it like `2026-11-25`",
        )
        return None


def _expected(written: Entries) -> Expected | None:
    expect = node_of(written, "expect")
    if not isinstance(expect, Entries):
        return None
    return Expected(
        receipt=text_of(expect, "receipt") or "",
        status=text_of(expect, "status") or "",
        codes=texts_of(expect, "codes"),
        data=text_of(expect, "data"),
        value=text_of(expect, "value"),
        rows=texts_of(expect, "rows"),
        metrics={
            name: ExpectedMetric(
                version=text_of(entry.value, "version") or "",
                definition=text_of(entry.value, "is") or "",
                status=text_of(entry.value, "status") or "",
                owner=text_of(entry.value, "owner"),
                description=text_of(entry.value, "description") or "",
            )
            for name, entry in entries_of(expect, "metrics").items()
            if isinstance(entry.value, Entries)
        },
        row_filters=texts_of(expect, "only_rows"),
        rules=texts_of(expect, "rules"),
        sql=text_of(expect, "sql"),
        dialect=text_of(expect, "dialect"),
        project=text_of(expect, "project"),
        version=text_of(expect, "loadline"),
    )
