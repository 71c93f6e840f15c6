"""What was asked in, a finite query out; or a RequestError that says which words were not understood."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.world import World
from loadline.project import Project
from loadline.semantics import parse_by, parse_filter, parse_order
from loadline.semantics.time import NotUnderstood, read_window
from loadline.semantics.words import Known, Several, Unknown, find_question
from loadline.values.diagnostic import Diagnostic
from loadline.values.query import Query, Window
from loadline.values.question import VerifiedQuestion
from loadline.values.request import Ask, Words, Written


def understand(world: World, request: Ask) -> Query:
    """Raises RequestError; with `options` when several governed readings exist."""
    match request.asked:
        case Query() as query:
            return query
        case Words(text=text):
            return _from_words(world, request, text)
        case Written() as written:
            return _from_parts(world.project, written, request.today)
        case _:
            assert_never(request.asked)


def _from_parts(project: Project, written: Written, today: date) -> Query:
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


def _from_words(world: World, request: Ask, text: str) -> Query:
    match find_question(text, world.project.questions, request.principal.audience):
        case Known(question=question):
            return as_query(world.project, question, request.today)
        case Several(audiences=audiences):
            raise RequestError(
                Diagnostic(
                    code=codes.WHOSE_WORDS,
                    what=f"`{text}` is verified for {len(audiences)} audiences, and nobody said which one asks",
                    why=codes.CODES[codes.WHOSE_WORDS].why,
                    mend=" or ".join(f"add `--audience {name}`" for name in audiences),
                ),
                options=tuple(f"audience {name}" for name in audiences),
            )
        case Unknown(nearest=nearest):
            raise RequestError(
                Diagnostic(
                    code=codes.UNKNOWN_WORDING,
                    what=f"no verified question is worded `{text}`",
                    why=codes.CODES[codes.UNKNOWN_WORDING].why,
                    mend=f"ask `{nearest[0]}`, or name a metric: `loadline ask --metric NAME`"
                    if nearest
                    else "name a metric: `loadline ask --metric NAME`",
                ),
            )
        case unreachable:
            assert_never(unreachable)


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
