"""A recorded answer in, the regression case it becomes out: asked as it was asked, with what came of it.

Words are kept where they still mean what they meant; where they do not (somebody chose between readings, a planner put
them together, they were asked as of another day) the query itself is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from loadline.errors import RequestError
from loadline.flow import codes_replay as codes
from loadline.flow.replay.again import ask_case, asker_of
from loadline.flow.replay.kept import expected_of, rows_told
from loadline.flow.understand import understand
from loadline.flow.views.verified import alike, same_days
from loadline.flow.world import World
from loadline.semantics import resolve
from loadline.values.canonical import digest, plain
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place
from loadline.values.query import By, Filter, Grain, Op, Order, Part, Query, Scalar, Window
from loadline.values.question import RegressionCase, VerifiedQuestion
from loadline.values.request import Ask, Words

Recorded = Mapping[str, Any]
_HERE = Place(file="questions/regression.yaml")


def promoted(world: World, recorded: Recorded, *, said: str | None, zone: tzinfo) -> RegressionCase:
    """The case of a receipt as the ledger holds it; a draft where somebody `said` that its answer was wrong.

    Raises RequestError where it cannot be asked again as it was, OutsideError as asking does.
    """
    world = replace(world, planner=None)
    day = datetime.fromisoformat(str(recorded["as_of"])).astimezone(zone).date()
    person = str(recorded["asked_by"])
    case = RegressionCase(
        id=_name(recorded),
        today=day,
        person=person if person in world.project.people else None,
        roles=tuple(recorded.get("roles", ())),
        audience=recorded.get("audience"),
        purpose=recorded.get("purpose"),
        is_draft=said is not None,
        said=said,
        expected=expected_of(recorded, ()),
        place=_HERE,
    )
    case = _asked(world, recorded, case)
    answer = ask_case(world, case)
    is_as_it_was = answer.receipt.rows_digest == recorded.get("rows_digest")
    return replace(case, expected=expected_of(recorded, rows_told(answer) if is_as_it_was else ()))


def _name(recorded: Recorded) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", str(recorded["question"]).casefold()).strip("-")[:40].strip("-") or "case"
    scope = [recorded["question"], recorded.get("audience"), sorted(recorded.get("roles", ())), recorded.get("query")]
    return f"{slug}-{digest(scope).removeprefix('sha256:')[:6]}"


def _asked(world: World, recorded: Recorded, case: RegressionCase) -> RegressionCase:
    """With the words, or the query, that it is asked by."""
    query = recorded.get("query")
    if query is None and not recorded.get("reasons"):
        raise _cannot("it is the receipt of a text that was checked, and not of a question")
    question = str(recorded["question"])
    principal = asker_of(case)
    try:
        understood = understand(world, Ask(principal=principal, asked=Words(text=question), today=case.today))
        meant = resolve(world.linked, understood.query, audience=case.audience).query
    except RequestError as error:
        was_refused_so = {d.code for d in error.diagnostics} == {one["code"] for one in recorded.get("reasons", ())}
        if query is None and was_refused_so:
            return replace(case, text=question)
        if query is None:
            raise _cannot("it was refused, and asking its words again is not refused for the same reason") from error
        return replace(case, query=_query_of(world, query, case))
    if query is not None and _is_same(meant, query):
        return replace(case, text=question, query=_kept(meant))
    if query is None:
        raise _cannot("its words were not understood then, and now they are")
    return replace(case, query=_query_of(world, query, case))


def _query_of(world: World, recorded: Recorded, case: RegressionCase) -> VerifiedQuestion:
    """The recorded query, if it still can be asked and means itself."""
    if recorded.get("is_detail"):
        raise _cannot("it lists rows, and a case holds values")
    for query in _readings(recorded):
        try:
            meant = resolve(world.linked, query, audience=case.audience).query
        except RequestError:
            continue
        if _is_same(meant, recorded):
            return _kept(meant)
    raise _cannot("its query can no longer be asked as it was recorded")


def _is_same(meant: Query, recorded: Recorded) -> bool:
    said = plain(meant)
    return alike(said, recorded) and same_days(said, recorded)


def _readings(recorded: Recorded) -> Iterator[Query]:
    """JSON has no decimals: a text of digits may have been one."""
    for as_numbers in (False, True):
        yield Query(
            metrics=tuple(recorded["metrics"]),
            by=tuple(_by(one) for one in recorded.get("by", ())),
            where=tuple(_filter(one, as_numbers=as_numbers) for one in recorded.get("where", ())),
            conditions=tuple(recorded.get("conditions", ())),
            during=_window(recorded.get("during")),
            order=tuple(
                Order(name=one["name"], is_descending=one["is_descending"]) for one in recorded.get("order", ())
            ),
            limit=recorded.get("limit"),
        )


def _by(said: Recorded) -> By:
    grain, part = said.get("grain"), said.get("part")
    return By(
        name=said["name"],
        grain=Grain(grain) if grain else None,
        part=Part(part) if part else None,
        own_grain=said.get("own_grain"),
    )


def _filter(said: Recorded, *, as_numbers: bool) -> Filter:
    values = (_number(one) if as_numbers else one for one in said.get("values", ()))
    return Filter(name=said["name"], op=Op(said["op"]), values=tuple(values))


def _number(value: Scalar) -> Scalar:
    return Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value, re.ASCII) else value


def _window(said: Recorded | None) -> Window | None:
    if not said:
        return None
    try:
        start, end = (date.fromisoformat(said[name]) if said[name] else None for name in ("start", "end"))
    except ValueError as error:
        raise _cannot("its window of time is not one of whole days") from error
    return Window(start=start, end=end, text=_days(start, end))


def _days(start: date | None, end: date | None) -> str:
    """A window as text that means these days on any day."""
    last = end - timedelta(days=1) if end else None
    match start, last:
        case date(), date():
            return f"{start}" if start == last else f"{start}..{last}"
        case None, date():
            return f"until {last}"
        case _:
            raise _cannot("its window of time has no end")


def _kept(query: Query) -> VerifiedQuestion:
    window = query.during
    if query.is_detail:
        raise _cannot("it lists rows, and a case holds values")
    if window is not None and any(isinstance(one, datetime) for one in (window.start, window.end)):
        raise _cannot("its window of time is not one of whole days")
    return VerifiedQuestion(
        id="",
        text="",
        metrics=query.metrics,
        by=query.by,
        where=query.where,
        conditions=query.conditions,
        during=_days(window.start, window.end) if window and (window.start or window.end) else None,
        order=query.order,
        limit=query.limit,
        place=_HERE,
    )


def _cannot(what: str) -> RequestError:
    return RequestError(
        Diagnostic(
            code=codes.CANNOT_PROMOTE,
            what=f"this answer cannot be made a regression case: {what}",
            why=codes.REPLAY[codes.CANNOT_PROMOTE].why,
            mend="promote another receipt of the cell, or write the case by hand under `regression` in questions/",
        )
    )
