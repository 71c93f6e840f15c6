"""What was asked in, a finite query out; or a RequestError that says which words were not understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never

from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow import codes_words as words_codes
from loadline.flow.planning import plan_words
from loadline.flow.ports import Planner
from loadline.flow.speaking import with_values
from loadline.flow.world import World
from loadline.project import Project
from loadline.semantics import codes as semantics_codes
from loadline.semantics import parse_by, parse_filter, parse_order, resolve
from loadline.semantics.time import NotUnderstood, read_window
from loadline.semantics.wording import Clarify, NotRead, Option, Read, Reading, read_question
from loadline.semantics.words import Known, Several, Unknown, find_question, phrase
from loadline.values.diagnostic import Diagnostic
from loadline.values.plan import Meaning
from loadline.values.query import By, Query, Window
from loadline.values.question import VerifiedQuestion
from loadline.values.request import Ask, Words, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A finite query, and what the words were taken for. `draft_of` is the remembered question that nobody has approved
    yet; `planner` the one that put the query together."""

    query: Query
    meanings: tuple[Meaning, ...] = ()
    assumptions: tuple[str, ...] = ()
    draft_of: VerifiedQuestion | None = None
    planner: str | None = None


def understand(world: World, request: Ask) -> Understood:
    """Raises RequestError; with `options` when several governed readings exist."""
    understood = _understood(world, request)
    unfinished = tuple(_unfinished(understood.query, request.today))
    return replace(understood, assumptions=(*understood.assumptions, *unfinished)) if unfinished else understood


def _unfinished(query: Query, today: date) -> Iterator[str]:
    """A change from a whole period to one that is not over says little, and its receipt says so."""
    during = query.during
    is_begun = during is None or during.start is None or during.start <= today
    is_over = during is not None and during.end is not None and during.end <= today + timedelta(days=1)
    if is_begun and not is_over and any("change from" in name for name in query.metrics):
        yield f"the period that holds {today} is not over, and what is still to come in it counts for nothing"


def _understood(world: World, request: Ask) -> Understood:
    match request.asked:
        case Query() as query:
            return Understood(query=query)
        case Words() as words:
            return _from_words(world, request, words)
        case Written() as written:
            return Understood(query=from_parts(world.project, written, request.today))
        case _:
            assert_never(request.asked)


def from_parts(project: Project, written: Written, today: date) -> Query:
    return Query(
        metrics=written.metrics,
        by=tuple(parse_by(text) for text in written.by),
        where=tuple(parse_filter(text) for text in written.where),
        conditions=written.conditions,
        during=window(project, written.during, today) if written.during is not None else None,
        order=tuple(parse_order(text) for text in written.order),
        limit=written.limit,
        is_detail=written.is_detail,
    )


def _from_words(world: World, request: Ask, words: Words) -> Understood:
    """The exact verified question first, then the grammar, then a planner where the project has one."""
    match find_question(words.text, world.project.questions, request.principal.audience):
        case Known(question=question):
            query = as_query(world.project, question, request.today)
            return Understood(query=query, draft_of=question if question.is_draft else None)
        case Several(audiences=audiences):
            raise RequestError(
                Diagnostic(
                    code=codes.WHOSE_WORDS,
                    what=f"`{words.text}` is verified for {len(audiences)} audiences, and nobody said which one asks",
                    why=codes.CODES[codes.WHOSE_WORDS].why,
                    mend=" or ".join(f"add `--audience {name}`" for name in audiences),
                ),
                options=tuple(f"audience {name}" for name in audiences),
            )
        case Unknown(nearest=nearest):
            return _by_grammar(world, request, words, nearest)
        case unreachable:
            assert_never(unreachable)


def _by_grammar(world: World, request: Ask, words: Words, nearest: tuple[str, ...]) -> Understood:
    match read_words(world, request, words.text):
        case Read(query=query, meanings=meanings, assumptions=assumptions):
            if words.choice is not None:
                raise _no_option(words, ())
            return Understood(query=query, meanings=meanings, assumptions=assumptions)
        case Clarify(options=options) as clarify:
            if words.choice is not None:
                return _chosen(words, options)
            mend = f"{clarify.mend}: add `--choose N`"
            if len(options) == 1:
                mend = f"if `{phrase(options[0].query)}` is meant, add `--choose 1`; or say it another way"
            raise RequestError(
                _said(words_codes.SEVERAL_READINGS, f"`{words.text}`: {clarify.what}", mend),
                options=tuple(f"{number}. {option.label}" for number, option in enumerate(options, 1)),
            )
        case NotRead(kind=kind) if kind in _PLANNABLE and world.planner is not None and words.choice is None:
            return _planned(world, request, words.text, world.planner)
        case NotRead() as not_read:
            raise RequestError(_diagnostic(words.text, not_read, nearest))
        case unreachable:
            assert_never(unreachable)


_PLANNABLE = frozenset({"residue", "unfit", "nothing"})
"""Kinds of NotRead where the words may be put together another way; a cause or an order reaches no planner."""


def _planned(world: World, request: Ask, text: str, planner: Planner) -> Understood:
    query = plan_words(world, request, text, planner, lambda parts: from_parts(world.project, parts, request.today))
    return Understood(
        query=query,
        assumptions=(f"the words were put together by {planner.name}, and every one of them is in the query",),
        planner=planner.name,
    )


def read_words(world: World, request: Ask, text: str) -> Reading:
    """Read with all that this asker's words may mean. Raises RequestError where a value could not be looked at that may
    decide it, OutsideError where nothing could."""
    lexicon = with_values(world, request.principal)
    calendar, audience = world.project.model.calendar, request.principal.audience
    reading = read_question(text, lexicon, today=request.today, calendar=calendar, audience=audience)
    unseen = _may_decide(world, reading, lexicon.unseen, audience)
    if unseen:
        names = ", ".join(f"`{name}`" for name in unseen[:3])
        raise RequestError(
            _said(
                words_codes.NOT_UNDERSTOOD,
                f"`{text}` is not answered: the values of {names} cannot be looked at, and a word may be one of them",
                "mend what kept them from being read, or ask with `--metric` and `--where`",
            )
        )
    return reading


_NOWHERE_NEAR = frozenset({semantics_codes.FAN_OUT, semantics_codes.NO_SHARED_DATASET})


def _may_decide(world: World, reading: Reading, unseen: tuple[str, ...], audience: str | None) -> list[str]:
    """Fields nobody could look at whose values a filter of the question may be: not those by which what is asked for
    cannot be filtered at all."""
    if not isinstance(reading, Read) or not reading.query.where:
        return []
    metrics = tuple(dict.fromkeys(name.partition("[")[0] for name in reading.query.metrics))
    return [name for name in unseen if not _is_nowhere_near(world, metrics, name, audience)]


def _is_nowhere_near(world: World, metrics: tuple[str, ...], field: str, audience: str | None) -> bool:
    try:
        resolve(world.linked, Query(metrics=metrics, by=(By(name=field),)), audience=audience)
    except RequestError as error:
        return bool(metrics) and error.diagnostics[0].code in _NOWHERE_NEAR
    return False


def _chosen(words: Words, options: tuple[Option, ...]) -> Understood:
    choice = words.choice or 0
    if not 1 <= choice <= len(options):
        raise _no_option(words, options)
    option = options[choice - 1]
    return Understood(
        query=option.query, assumptions=(f"of {len(options)} readings, the asker chose `{option.label}`",)
    )


def _no_option(words: Words, options: tuple[Option, ...]) -> RequestError:
    there = f"there are {len(options)}" if options else "there is nothing to choose: it means one thing"
    return RequestError(
        _said(
            words_codes.NO_SUCH_OPTION,
            f"option {words.choice} of `{words.text}` is chosen, and {there}",
            f"choose 1 to {len(options)}" if options else "leave `--choose` out",
        )
    )


def _said(code: str, what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend)


MOST_SHOWN = 200
"""Letters of a question that a refusal repeats."""
_CODES = {
    "order": words_codes.AN_ORDER,
    "write": words_codes.AN_ORDER,
    "about": words_codes.NO_NUMBER,
    "why": words_codes.NO_NUMBER,
    "forecast": words_codes.NO_NUMBER,
    "opinion": words_codes.NO_NUMBER,
    "context": words_codes.NO_NUMBER,
    "own definition": words_codes.OWN_DEFINITION,
    "unsayable": words_codes.CANNOT_SAY,
    "time": words_codes.WHICH_TIME,
}


def _diagnostic(text: str, not_read: NotRead, nearest: tuple[str, ...]) -> Diagnostic:
    code = _CODES.get(not_read.kind, words_codes.NOT_UNDERSTOOD)
    mend = not_read.mend
    if code == words_codes.NOT_UNDERSTOOD and nearest:
        mend = f"ask `{nearest[0]}`, or {mend}"
    elif not_read.owners and not any(owner in mend for owner in not_read.owners):
        mend = f"{mend}; {' or '.join(not_read.owners)} can say what there is"
    shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
    return _said(code, f"`{shown}` is not answered: {not_read.what}", mend)


def as_query(project: Project, question: VerifiedQuestion, today: date) -> Query:
    """A verified question as the finite query it stands for. Raises RequestError for a time that cannot be read."""
    return Query(
        metrics=question.metrics,
        by=question.by,
        where=question.where,
        conditions=question.conditions,
        during=window(project, question.during, today) if question.during else None,
        order=question.order,
        limit=question.limit,
    )


def window(project: Project, text: str, today: date) -> Window:
    """A time expression in, the days it means out. Raises RequestError when any of its words is not understood."""
    match read_window(text, today=today, calendar=project.model.calendar):
        case NotUnderstood(reason=reason):
            raise RequestError(
                Diagnostic(
                    code=codes.UNREAD_TIME,
                    what=f"`{text}` is not a time expression: {reason}",
                    why=codes.CODES[codes.UNREAD_TIME].why,
                    mend="write days, months or quarters such as `2025-Q3`, `last month` or `2025-01-01..2025-03-31`",
                ),
            )
        case span:
            return span.window()
