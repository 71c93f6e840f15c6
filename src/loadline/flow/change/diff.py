"""A project before and after in; what changed, what each change reaches, and what becomes of verified answers, out.

Both projects are asked through the one river, over the same warehouse: rules are judged, checks look, and each answer
has its receipt. A question that rests on nothing that changed is not asked twice: equal plans have equal answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from loadline.errors import OutsideError, RequestError
from loadline.flow.run import run
from loadline.flow.understand import as_query
from loadline.flow.world import World
from loadline.project import Project
from loadline.project.difference import Change, How, PartChange, difference
from loadline.semantics import Linked, resolve
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import Impact, LineageGraph, Thing, ThingKind, impact
from loadline.semantics.versions import version_of
from loadline.values.question import VerifiedQuestion
from loadline.values.receipt import Answer
from loadline.values.request import Ask, Words
from loadline.values.rule import Principal

_WITHOUT_EFFECT = frozenset({"description", "synonyms", "owner", "status", "verified by", "because"})
"""Parts whose change alters no number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A change and everything it reaches. `before` and `after` are the metric's versions; `through` names what it is
    made of, where that changed and not its own words. `may_alter` is False for a change that alters no number."""

    change: Change
    reach: Impact | None
    before: str | None = None
    after: str | None = None
    through: tuple[str, ...] = ()
    may_alter: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One number that differs: of which group and column, and by what share of the old one (None from or to nothing,
    or from zero)."""

    group: tuple[object, ...]
    column: str
    before: object
    after: object
    relative: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChange:
    """What became of a verified question. `before` and `after` are the receipts, None where it does not exist (or was
    not asked, for equal plans). `cannot` says why it is not answered now (or was not before)."""

    question: VerifiedQuestion
    verdict: str  # same, differs, no longer answered, newly answered, unanswered, added, removed
    before: str | None = None
    after: str | None = None
    rows_before: int | None = None
    rows_after: int | None = None
    cells: tuple[CellChange, ...] = ()
    cell_count: int = 0
    cannot: str = ""
    is_same_data: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`questions` is None where values were not compared."""

    altered: tuple[Altered, ...]
    questions: tuple[QuestionChange, ...] | None = None

    @property
    def alters_answers(self) -> bool:
        asked = any(one.verdict in {"differs", "no longer answered", "newly answered"} for one in self.questions or ())
        return asked or any(one.may_alter for one in self.altered)


SHOWN_CELLS = 20


def definitions(before: Project, after: Project, old: Linked, new: Linked) -> tuple[Altered, ...]:
    """Every definition that changed, and metrics whose number changed because what they are made of did."""
    changes = difference(before, after)
    graphs = (
        lineage_graph(old, questions=before.questions, rules=before.rules),
        lineage_graph(new, questions=after.questions, rules=after.rules),
    )
    found = [_altered(change, graphs, old, new) for change in changes]
    return (*found, *_beneath(changes, graphs, old, new))


def _altered(change: Change, graphs: tuple[LineageGraph, LineageGraph], old: Linked, new: Linked) -> Altered:
    graph = graphs[0] if change.how is How.REMOVED else graphs[1]
    before = version_of(old, change.name) if change.kind == "metric" and change.name in old.metrics else None
    after = version_of(new, change.name) if change.kind == "metric" and change.name in new.metrics else None
    is_silent = all(part.part in _WITHOUT_EFFECT for part in change.parts)
    match change.how:
        case How.CHANGED:
            may_alter = before != after if change.kind == "metric" else not is_silent
        case How.ADDED:  # a rule may forbid what was permitted, a relationship make a path ambiguous
            may_alter = change.kind in {"rule", "relationship", "calendar"}
        case How.REMOVED:
            may_alter = change.kind not in {"owner", "question", "contract", "contract table"}
    if change.kind in {"owner", "audience", "contract", "contract table", "question"} and change.how is How.CHANGED:
        may_alter = False
    return Altered(change=change, reach=_reach(change, graph), before=before, after=after, may_alter=may_alter)


def _reach(change: Change, graph: LineageGraph) -> Impact | None:
    if change.kind not in {kind.value for kind in ThingKind}:
        return None
    thing = Thing(kind=ThingKind(change.kind), name=change.name)
    if thing.kind in {ThingKind.QUESTION, ThingKind.RULE, ThingKind.CONTRACT} or graph.position(thing) is None:
        return None
    return impact(graph, thing)


def _beneath(
    changes: Iterable[Change], graphs: tuple[LineageGraph, LineageGraph], old: Linked, new: Linked
) -> Iterator[Altered]:
    """Metrics whose words are as they were, and whose version is another."""
    said = {change.name for change in changes if change.kind == "metric"}
    reaching: dict[str, list[str]] = {}
    for change in changes:
        for graph in graphs:
            reach = _reach(change, graph)
            for name in reach.names(ThingKind.METRIC) if reach else ():
                reaching.setdefault(name, []).append(f"{change.kind} {change.name}")
    for name in new.metrics:
        if name in said or name not in old.metrics:
            continue
        before, after = version_of(old, name), version_of(new, name)
        if before == after:
            continue
        through = tuple(dict.fromkeys(reaching.get(name, ())))
        place = new.metrics[name].metric.place
        change = Change(kind="metric", name=name, how=How.CHANGED, place=place)
        reach = impact(graphs[1], Thing(kind=ThingKind.METRIC, name=name))
        yield Altered(change=change, reach=reach, before=before, after=after, through=through)


# -- values


def questions(before: World, after: World, principal: Principal, today: date) -> tuple[QuestionChange, ...]:
    """Every verified question of both, asked of each. Raises OutsideError where a question fails outside for both."""
    old = {question.id: question for question in before.project.questions}
    new = {question.id: question for question in after.project.questions}
    found = []
    for name in dict.fromkeys((*old, *new)):
        left, right = old.get(name), new.get(name)
        if left is None and right is not None:
            found.append(QuestionChange(question=right, verdict="added"))
        elif right is None and left is not None:
            found.append(QuestionChange(question=left, verdict="removed"))
        elif left is not None and right is not None:
            found.append(_compared(before, after, (left, right), principal, today))
    return tuple(found)


def _compared(
    before: World, after: World, asked: tuple[VerifiedQuestion, VerifiedQuestion], principal: Principal, today: date
) -> QuestionChange:
    left, right = asked
    if before.project.rules == after.project.rules and _same_plan(before, after, asked, today):
        return QuestionChange(question=right, verdict="same")
    one, why_before, failed_before = _asked(before, left, principal, today)
    other, why_after, failed_after = _asked(after, right, principal, today)
    if failed_before is not None and failed_after is not None:  # neither the change nor what was before it is at fault
        raise failed_after
    found = QuestionChange(
        question=right,
        verdict="same",
        before=one.receipt.id if one else None,
        after=other.receipt.id if other else None,
        cannot=why_after or why_before,
    )
    if one is None or one.rows is None:
        return replace(found, verdict="unanswered" if other is None or other.rows is None else "newly answered")
    if other is None or other.rows is None:
        return replace(found, verdict="no longer answered")
    cells = list(_cells(one, other))
    return replace(
        found,
        verdict="differs" if cells else "same",
        rows_before=len(one.rows),
        rows_after=len(other.rows),
        cells=tuple(cells[:SHOWN_CELLS]),
        cell_count=len(cells),
        is_same_data=one.receipt.data_version == other.receipt.data_version,
    )


def _same_plan(before: World, after: World, asked: tuple[VerifiedQuestion, VerifiedQuestion], today: date) -> bool:
    """Does it mean the same, read from the same contracts? Then its answer is the same, and need not be computed."""
    plans = []
    for world, question in zip((before, after), asked, strict=True):
        try:
            plan = resolve(world.linked, as_query(world.project, question, today), audience=question.audience)
        except RequestError:
            return False
        tables = {s.dataset: world.project.model.datasets[s.dataset].table for s in plan.sources}
        types = {(n, c, t.columns[c].logical_type) for n, t in tables.items() if t for c in t.columns}
        plans.append((plan.digest, plan.classifications, plan.touches, types))
    return plans[0] == plans[1]


def _asked(
    world: World, question: VerifiedQuestion, principal: Principal, today: date
) -> tuple[Answer | None, str, OutsideError | None]:
    """The answer, or why there is none; and what failed outside, if that is why."""
    who = replace(principal, audience=question.audience or principal.audience)
    try:
        answer = run(world, Ask(principal=who, asked=Words(text=question.text), today=today))
    except OutsideError as error:
        return None, "; ".join(said.what for said in error.diagnostics), error
    if answer.rows is None:
        return answer, "; ".join(reason.what for reason in answer.receipt.reasons), None
    return answer, "", None


def _cells(one: Answer, other: Answer) -> Iterator[CellChange]:
    """Numbers that differ, group by group, those that changed most (or came, or went) first."""
    left, right = _by_group(one), _by_group(other)
    found = [
        CellChange(group=group, column=column, before=before, after=after, relative=_relative(before, after))
        for group, column in dict.fromkeys((*left, *right))
        if (before := left.get((group, column))) != (after := right.get((group, column)))
    ]
    yield from sorted(
        found, key=lambda cell: -abs(cell.relative) if cell.relative is not None else Decimal("-Infinity")
    )


def _by_group(answer: Answer) -> Mapping[tuple[tuple[object, ...], str], object]:
    columns = answer.receipt.columns
    keys = [n for n, column in enumerate(columns) if column.kind == "dimension"]
    found: dict[tuple[tuple[object, ...], str], object] = {}
    for row in answer.rows or ():
        group = tuple(row[n] for n in keys)
        for n, column in enumerate(columns):
            if n not in keys:
                found[group, column.name] = row[n]
        if len(keys) == len(columns):
            found[group, ""] = True
    return found


def _relative(before: object, after: object) -> Decimal | None:
    old, new = _number(before), _number(after)
    if old is None or new is None or old == 0:
        return None
    return (new - old) / abs(old)


def _number(value: object) -> Decimal | None:
    match value:
        case bool():
            return None
        case int() | Decimal():
            return Decimal(value)
        case float():
            number = Decimal(repr(value))
            return number if number.is_finite() else None
        case _:
            return None


def in_words(part: PartChange) -> str:
    """`formula: sum(a) → sum(b)`."""
    named = {"expr": "formula", "where": "condition", "conversion": "conversion"}.get(part.part, part.part)
    return f"{named}: {part.before or 'nothing'} → {part.after or 'nothing'}"
