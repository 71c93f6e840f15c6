"""A question the grammar could not read in; the query a planner makes of it, when every word is accounted for, out.

A planner only ever puts together what the question says: governed names the asker may see, values, one period. What it
returns is checked like anything a stranger wrote, and kept: the same question keeps its query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from loadline.errors import OutsideError, RequestError
from loadline.flow import codes_words as codes
from loadline.flow.offering import offer_of
from loadline.flow.ports import Planner
from loadline.flow.speaking import with_values
from loadline.flow.world import World
from loadline.ledger import Draft, Kind
from loadline.semantics import resolve
from loadline.semantics.wording import Lexicon, account
from loadline.semantics.words import normal
from loadline.values.canonical import digest
from loadline.values.diagnostic import Diagnostic
from loadline.values.query import Query
from loadline.values.request import Ask, Written

AsQuery = Callable[[Written], Query]

MOST_TEXT = 200
MOST_PARTS = 12
_LISTS = ("metrics", "by", "where", "order")
_KEYS = frozenset({*_LISTS, "during", "limit"})


def plan_words(world: World, request: Ask, text: str, planner: Planner, as_query: AsQuery) -> Query:
    """The query for these words, in which each of them is. Only one that passes is kept: a bad reply is no reason to
    refuse the same words for ever. Raises RequestError when there is none, or it leaves a word out."""
    lexicon = with_values(world, request.principal)
    key = pin_key(world, request, text, planner)
    pinned = next(iter(world.store.find_entries(key, limit=1)), None)
    if pinned is not None and not pinned.is_readable:
        pinned = None  # who asked first was forgotten, and what they asked with them
    found = pinned.payload["written"] if pinned is not None else _drafted(world, request, text, lexicon, planner)
    written = read_plan(found)
    query = as_query(written)
    _check_plan(world, request, text, query, lexicon)
    if pinned is None:
        _pin(world, request, text, planner, key, written)
    return query


def _check_plan(world: World, request: Ask, text: str, query: Query, lexicon: Lexicon) -> None:
    """Every word must be in the query, and nothing else. Raises RequestError."""
    meant = resolve(world.linked, query, audience=request.principal.audience).query
    calendar, audience = world.project.model.calendar, request.principal.audience
    said = account(text, meant, lexicon, today=request.today, calendar=calendar, audience=audience)
    if said.unaccounted or said.unsaid:
        left = ", ".join(f"`{word}`" for word in said.unaccounted)
        more = ", ".join(f"`{part}`" for part in said.unsaid)
        what = "; ".join(
            part for part in (f"its query leaves out {left}" if left else "", f"it adds {more}" if more else "") if part
        )
        raise _refusal(codes.NOT_ACCOUNTED, f"`{text}` is not answered with the planner's query: {what}")


def pin_key(world: World, request: Ask, text: str, planner: Planner) -> str:
    """The same question, audience and definitions, put to the same planner."""
    asker = request.principal
    scope = [normal(text), asker.audience, asker.roles, asker.purpose, world.project.digest, planner.name]
    return "plan-" + digest(scope).removeprefix("sha256:")[:24]


def _drafted(world: World, request: Ask, text: str, lexicon: Lexicon, planner: Planner) -> object:
    try:
        offer = offer_of(world, request, text, lexicon, planner)
        return planner.draft_query(offer, timeout_seconds=world.planner_seconds)
    except OutsideError as error:
        said = "; ".join(one.what for one in error.diagnostics)
        raise _refusal(codes.PLANNER_FAILED, f"`{text}` is not read, and the planner gave no query: {said}") from error


def read_plan(found: object) -> Written:
    """The door: a mapping of short texts with known keys, or nothing. Raises RequestError."""
    if not isinstance(found, dict) or set(found) - _KEYS or not found.get("metrics"):
        raise _refusal(codes.PLANNER_FAILED, "the planner's reply is no query: an object with `metrics` was expected")
    parts: dict[str, Any] = {}
    for key in _LISTS:
        texts = found.get(key) or []
        if not isinstance(texts, list) or len(texts) > MOST_PARTS or not all(map(_is_short, texts)):
            raise _refusal(codes.PLANNER_FAILED, f"the planner's `{key}` is no list of short texts")
        parts[key] = tuple(texts)
    during, limit = found.get("during"), found.get("limit")
    if during is not None and not _is_short(during):
        raise _refusal(codes.PLANNER_FAILED, "the planner's `during` is no short text")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= 10_000):
        raise _refusal(codes.PLANNER_FAILED, "the planner's `limit` is no small whole number")
    return Written(during=during, limit=limit, **parts)


def _is_short(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= MOST_TEXT and text.isprintable()


def _pin(world: World, request: Ask, text: str, planner: Planner, key: str, written: Written) -> None:
    payload = {
        "question": text,
        "audience": request.principal.audience,
        "project_digest": world.project.digest,
        "planner": planner.name,
        "written": {
            **{name: list(getattr(written, name)) for name in _LISTS},
            "during": written.during,
            "limit": written.limit,
        },
    }
    draft = Draft(kind=Kind.PLAN, run=world.new_id(), at=world.clock(), payload=payload, keys=(key,))
    draft = replace(draft, subjects=(request.principal.name,))
    world.store.append([draft])


def _refusal(code: str, what: str) -> RequestError:
    return RequestError(
        Diagnostic(
            code=code,
            what=what,
            why=codes.WORDS[code].why,
            mend="ask with the project's own words, or with `--metric` and its companions",
        )
    )
