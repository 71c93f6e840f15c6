"""Verified questions and regression cases in; each asked again, what changed, why, and whether that may be, out.

A case fails when its words mean something else now, when it has another value over the same data, or when a difference
has no cause that is known. Other data is no failure: then what changed is said, and that it was the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from loadline.errors import OutsideError, RequestError
from loadline.flow import codes_words
from loadline.flow.replay.kept import as_recorded, meant_by, rows_told, sql_digest
from loadline.flow.run import run
from loadline.flow.understand import as_query
from loadline.flow.views.verified import alike, same_days
from loadline.flow.world import World
from loadline.ledger.views.asked import Wording
from loadline.ledger.views.difference import Aspect, Caused, explain, is_known
from loadline.values.canonical import plain
from loadline.values.question import RegressionCase, VerifiedQuestion
from loadline.values.receipt import Answer
from loadline.values.request import Ask, Words
from loadline.values.rule import Principal

Recorded = Mapping[str, Any]
NOBODY = "regression"
"""Who asks a case that names no person: rules about roles and audiences see those of the case."""


class Verdict(StrEnum):
    SAME = "same"
    CHANGED = "changed"  # and why is known, and it is no fault
    FIRST = "answered"  # nothing to compare with
    FAILS = "fails"
    CANDIDATE = "candidate"  # nobody has put it right yet
    NOT_ASKED = "not asked"  # something outside failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One question asked again. `before` and `after` are receipts, `rows_*` the first rows. `because` says what is
    wrong where it fails, or why it was not asked. `is_same_data`: None where nothing could be compared."""

    id: str
    kind: str  # `case` or `question`
    question: str
    verdict: Verdict
    because: str = ""
    causes: tuple[Caused, ...] = ()
    differs: tuple[Aspect, ...] = ()
    before: str | None = None
    after: str | None = None
    rows_before: tuple[str, ...] = ()
    rows_after: tuple[str, ...] = ()
    is_same_data: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    replayed: tuple[Replayed, ...]

    def of(self, verdict: Verdict) -> tuple[Replayed, ...]:
        return tuple(one for one in self.replayed if one.verdict is verdict)


def replay(
    world: World,
    principal: Principal,
    today: date,
    *,
    before: Mapping[str, Recorded],
    names: frozenset[str] | None = None,
) -> Replay:
    """Ask every verified question as `principal`, and every case as its own asker; only those of `names` where given.
    `before` are the newest answers to verified questions, by id. No planner is asked: what one makes of
    words is no promise. `world` gives runs that are no traffic."""
    world = replace(world, planner=None)
    found = [
        _question(world, question, principal, today, before)
        for question in world.project.questions
        if not question.is_draft and (names is None or question.id in names)
    ]
    found += [_case(world, case) for case in world.project.cases if names is None or case.id in names]
    return Replay(replayed=tuple(found))


def _case(world: World, case: RegressionCase) -> Replayed:
    said = Replayed(id=case.id, kind="case", question=_named(case), verdict=Verdict.SAME)
    try:
        answer = ask_case(world, case)
    except OutsideError as error:
        return _not_asked(said, error)
    except RequestError as error:
        return replace(said, verdict=Verdict.FAILS, because="; ".join(one.what for one in error.diagnostics))
    judged = _judged(world, case, replace(said, after=answer.receipt.id, rows_after=rows_told(answer)), answer)
    if case.is_draft:
        moved = "is answered otherwise now" if judged.differs else "is answered as it was"
        told = f"somebody said {case.said} of its answer, and it {moved}" if case.said else f"it {moved}"
        return replace(judged, verdict=Verdict.CANDIDATE, because=told)
    return judged


def _named(case: RegressionCase) -> str:
    return case.text or (", ".join(case.query.metrics) if case.query else case.id)


def ask_case(world: World, case: RegressionCase) -> Answer:
    """Raises RequestError where the case's own query cannot be put together, OutsideError as asking does."""
    principal = asker_of(case)
    if case.text is not None:
        return run(world, Ask(principal=principal, asked=Words(text=case.text), today=case.today))
    query = as_query(world.project, _written(case), case.today)
    return run(world, Ask(principal=principal, asked=query, today=case.today))


def asker_of(case: RegressionCase) -> Principal:
    return Principal(name=case.person or NOBODY, roles=case.roles, audience=case.audience, purpose=case.purpose)


def _written(case: RegressionCase) -> VerifiedQuestion:
    if case.query is None:  # the file's shape asks for words or a query
        raise AssertionError("a case has words or a query")
    return case.query


def _judged(world: World, case: RegressionCase, said: Replayed, answer: Answer) -> Replayed:
    meant = meant_by(world, case)
    new = _comparable(answer)
    because = _misread(case, meant, new)
    if case.expected is None:
        return replace(said, verdict=Verdict.FAILS if because else Verdict.SAME, because=because)
    old = as_recorded(case, case.expected, meant)
    said = replace(said, before=case.expected.receipt, rows_before=case.expected.rows)
    return _compared(said, old, new, because)


def _misread(case: RegressionCase, meant: Recorded | None, new: Recorded) -> str:
    """What is wrong with how the words were taken; "" where nothing is."""
    if case.text is None:
        return ""
    asked = new.get("query")
    if case.query is None:
        return "" if asked is None else "it was not to be understood, and now it is"
    if asked is None:
        return f"its words are no longer understood: {_reasons(new)}"
    return (
        ""
        if meant is not None and alike(meant, asked) and same_days(meant, asked)
        else "its words mean something else now"
    )


def _reasons(receipt: Recorded) -> str:
    return "; ".join(f"{one['code']} {one['what']}" for one in receipt.get("reasons", ())) or "no reason is given"


def _comparable(answer: Answer) -> Recorded:
    """The receipt without what a case does not keep: its days are in the query, of the SQL it has the digest."""
    receipt: dict[str, Any] = plain(answer.receipt)
    return {**receipt, "dates": None, "sql": sql_digest(receipt)}


def _compared(said: Replayed, old: Recorded, new: Recorded, because: str) -> Replayed:
    difference = explain(old, new)
    unexplained = difference.unexplained
    is_same = _is_same_data(old, new)
    if not because and is_same and _other_value(old, new):
        because = "the same data has another value"
        if new.get("rows_digest") is None:
            because = f"it is no longer answered: {_reasons(new)}"
        elif old.get("rows_digest") is None:
            because = "it was not to be answered, and now it is"
    if not because and unexplained:
        because = f"no cause that is known accounts for another {', '.join(unexplained)}"
    if not because and difference.differs and (note := _nothing_moved(old, new, difference.differs)):
        return replace(said, because=note, is_same_data=is_same)
    verdict = Verdict.FAILS if because else Verdict.CHANGED if difference.differs else Verdict.SAME
    return replace(
        said,
        verdict=verdict,
        because=because,
        causes=difference.causes,
        differs=difference.differs,
        is_same_data=is_same,
    )


def _nothing_moved(old: Recorded, new: Recorded, differs: tuple[Aspect, ...]) -> str:
    """Why an answer with another status or receipt says the same to its asker; "" where it does not."""
    if Aspect.VALUES in differs or _other_value(old, new):
        return ""
    codes_before, codes_after = _codes(old), _codes(new)
    is_refused = old.get("rows_digest") is None and old["status"] == new["status"]
    if is_refused and codes_before and codes_before == codes_after:
        return "it is not answered, for the same reasons"
    asked, meant = old.get("query"), new.get("query")
    is_reading = asked is not None and meant is not None and alike(asked, meant) and same_days(asked, meant)
    if is_reading and Aspect.RECEIPT not in differs and codes_before - codes_after == {codes_words.NOT_APPROVED}:
        return "it has the same reading, which somebody has approved in between" if codes_after < codes_before else ""
    return ""


def _codes(receipt: Recorded) -> set[str]:
    return {str(one["code"]) for one in receipt.get("reasons", ())}


def _other_value(old: Recorded, new: Recorded) -> bool:
    return bool(old.get("rows_digest") != new.get("rows_digest"))


def _is_same_data(old: Recorded, new: Recorded) -> bool:
    """Where nothing was read, before or now, no data can have changed anything."""
    before, after = old.get("data_version"), new.get("data_version")
    return before is None or after is None or (before == after and is_known(before))


def _not_asked(said: Replayed, error: OutsideError) -> Replayed:
    return replace(said, verdict=Verdict.NOT_ASKED, because="; ".join(one.what for one in error.diagnostics))


# -- verified questions


def _question(
    world: World,
    question: VerifiedQuestion,
    principal: Principal,
    today: date,
    before: Mapping[str, Recorded],
) -> Replayed:
    said = Replayed(id=question.id, kind="question", question=question.text, verdict=Verdict.FIRST)
    who = replace(principal, audience=question.audience or principal.audience)
    try:
        answer = run(world, Ask(principal=who, asked=Words(text=question.text), today=today))
    except OutsideError as error:
        return _not_asked(said, error)
    new: Recorded = plain(answer.receipt)
    said = replace(said, after=answer.receipt.id, rows_after=rows_told(answer))
    old = before.get(question.id)
    if old is not None and _is_comparable(old, new):
        return _compared(replace(said, before=str(old["id"])), old, new, "")
    if answer.rows is None:
        return replace(said, verdict=Verdict.FAILS, because=f"it is not answered: {_reasons(new)}")
    return said


def _is_comparable(old: Recorded, new: Recorded) -> bool:
    """`last quarter` is about other days in another quarter; and who may see other rows has other answers."""
    queries = [one.get("query") or {"during": None} for one in (old, new)]
    return same_days(queries[0], queries[1]) and sorted(old.get("roles", ())) == sorted(new.get("roles", ()))


def newest_answers(
    receipts: Iterable[Recorded], questions: Iterable[VerifiedQuestion], wording: Wording, audience: str | None
) -> Mapping[str, Recorded]:
    """Of `receipts` in the order they were given, the last that was delivered to each question (by its id), to its
    audience, or to `audience` where it is for everyone."""
    by_words: dict[tuple[str, str | None], Recorded] = {}
    for receipt in receipts:
        if receipt.get("rows_digest") is not None:
            by_words[wording(str(receipt["question"])), receipt.get("audience")] = receipt
    found: dict[str, Recorded] = {}
    for question in questions:
        newest = by_words.get((wording(question.text), question.audience or audience))
        if newest is not None:
            found[question.id] = newest
    return found
