"""Fitted questions in, verified questions out. Whether their fields can be asked is for the semantics to say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import assert_never

from loadline.project import codes
from loadline.project.access import (
    ASKED,
    AUDIENCE,
    VERIFIER,
    node_of,
    nodes_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import listed, nearest, quoted
from loadline.values.place import Place
from loadline.values.query import By, Filter, Grain, Op, Order, Part
from loadline.values.question import VerifiedQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Askable:
    """What questions may name. None where it could not be read: then nothing is said about it."""

    metrics: frozenset[str] | None  # and terms
    audiences: frozenset[str] | None
    verifiers: frozenset[str] | None  # owners and people
    people: frozenset[str] | None
    own_grains: frozenset[str]  # the calendar's


def build_questions(documents: list[Entries], askable: Askable, faults: Faults) -> tuple[VerifiedQuestion, ...]:
    """In the order of writing: they are shown to people."""
    questions: dict[str, VerifiedQuestion] = {}
    wordings: dict[tuple[str, str | None], Place] = {}
    for document in documents:
        for written in records_of(document, "questions"):
            question = _question(written, askable, faults)
            if question is None:
                continue
            if question.id in questions:
                first = questions[question.id].place
                said_twice("question", question.id, question.place, first, faults)
                continue
            questions[question.id] = question
            _check_wording(written, question, wordings, faults)
    return tuple(questions.values())


def _question(written: Entries, askable: Askable, faults: Faults) -> VerifiedQuestion | None:
    audience, verifier = scalar_of(written, "audience"), scalar_of(written, "verified_by")
    if audience:
        refer(audience, askable.audiences, AUDIENCE, faults)
    if verifier:
        refer(verifier, askable.verifiers, VERIFIER, faults)
    name, text = scalar_of(written, "id"), text_of(written, "ask")
    query = queried(written, askable, faults)
    if name is None or text is None or query is None:
        return None
    status = scalar_of(written, "status")
    return replace(
        query,
        id=name.raw,
        text=text.strip(),
        audience=audience.raw if audience else None,
        verified_by=verifier.raw if verifier else None,
        is_draft=status is not None and status.raw == "draft",
        place=name.place,
    )


def queried(written: Entries, askable: Askable, faults: Faults) -> VerifiedQuestion | None:
    """What stands under `query`, not yet with a name and words; None where nothing does."""
    query = node_of(written, "query")
    if not isinstance(query, Entries):
        return None
    metrics = scalars_of(query, "metrics")
    for metric in metrics:
        refer(_named(metric), askable.metrics, ASKED, faults)
    by = tuple(_by(scalar, askable.own_grains, faults) for scalar in scalars_of(query, "by"))
    where = tuple(made for record in records_of(query, "where") if (made := _filter(record, faults)) is not None)
    limit = scalar_of(query, "limit")
    return VerifiedQuestion(
        id="",
        text="",
        metrics=tuple(metric.raw for metric in metrics),
        by=by,
        where=where,
        conditions=texts_of(query, "conditions"),
        during=text_of(query, "during"),
        order=tuple(_order(scalar.raw) for scalar in scalars_of(query, "order")),
        limit=limit.value if limit and isinstance(limit.value, int) else None,
        place=query.place,
    )


def _named(metric: Scalar) -> Scalar:
    """The name of a metric that may be shifted in time: of `revenue[1 year ago]`, `revenue`."""
    name = metric.raw.partition("[")[0]
    return metric._replace(raw=name, length=len(name)) if name != metric.raw else metric


def _by(scalar: Scalar, own_grains: frozenset[str], faults: Faults) -> By:
    name, colon, grain = scalar.raw.partition(":")
    if not colon:
        return By(name=name)
    if grain in own_grains:
        return By(name=name, own_grain=grain)
    if grain in set(Part):
        return By(name=name, part=Part(grain))
    if grain not in set(Grain):
        near = nearest(grain, (*Grain, *Part, *own_grains))
        faults.add(
            codes.NOT_A_CHOICE,
            scalar.place.within(len(name) + 1, len(grain)),
            f"{quoted(grain)} is not a grain of time",
            why=f"a grain is {listed(Grain)}",
            mend=f"write {quoted(f'{name}:{near}')}" if near else f"write {listed(Grain)} behind the colon",
        )
        return By(name=name)
    return By(name=name, grain=Grain(grain))


def _order(text: str) -> Order:
    return Order(name=text.removeprefix("-"), is_descending=text.startswith("-"))


def _filter(written: Entries, faults: Faults) -> Filter | None:
    field, op = scalar_of(written, "field"), scalar_of(written, "op")
    if field is None or op is None:
        return None
    how = Op(op.raw)
    values = tuple(node.value for node in nodes_of(written, "value") if isinstance(node, Scalar))
    wanted = _wrong_count(how, len(values), has_value="value" in written.entries)
    if wanted is not None:
        faults.add(
            codes.MALFORMED,
            op.place,
            f"the filter on {quoted(field.raw)} compares by {quoted(how.value)} with {_values(len(values))}",
            why=f"{quoted(how.value)} takes {wanted}",
            mend=f"write {wanted} under `value`" if values or wanted != "no value" else "delete `value`",
        )
        return None
    return Filter(name=field.raw, op=how, values=values)


def _wrong_count(op: Op, count: int, *, has_value: bool) -> str | None:
    """What the comparison takes, when that is not what it got."""
    match op:
        case Op.IS_NULL | Op.IS_NOT_NULL:
            return "no value" if has_value else None
        case Op.BETWEEN:
            return None if count == 2 else "two values, the first and the last"
        case Op.IN | Op.NOT_IN:
            return None if count else "one value or more"
        case Op.EQ | Op.NE | Op.LT | Op.LE | Op.GT | Op.GE | Op.CONTAINS | Op.STARTS_WITH:
            return None if count == 1 else "one value"
        case _:
            assert_never(op)


def _values(count: int) -> str:
    return {0: "no value", 1: "one value"}.get(count, f"{count} values")


def _check_wording(
    written: Entries, question: VerifiedQuestion, wordings: dict[tuple[str, str | None], Place], faults: Faults
) -> None:
    ask = scalar_of(written, "ask")
    if ask is None:
        return
    wording = (_wording(question.text), question.audience)
    first = wordings.get(wording)
    if first is None:
        wordings[wording] = ask.place
    else:
        faults.add(
            codes.SAME_WORDING,
            ask.place,
            f"the wording {quoted(question.text)} is verified twice, first at {first}",
            why="a question is answered by its exact wording, which stands once for each audience",
            mend=f"delete one of the two, or give each its `audience` (the first is at {first})",
        )


def _wording(text: str) -> str:
    """What counts of a wording: not case, spacing or closing punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return re.sub(r"\s+", " ", folded).strip().rstrip("?.! ")
