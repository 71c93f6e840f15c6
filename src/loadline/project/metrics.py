"""Fitted metrics, terms and calendar in, linked ones out. What expressions name is for the semantics to say."""

from __future__ import annotations

from loadline.project import codes
from loadline.project.access import (
    METRIC,
    OWNER,
    expression_of,
    gather,
    refer,
    said_twice,
    scalar_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.forms import ASK_BACK, WEEKDAYS
from loadline.project.tree import Entries, Entry, Scalar
from loadline.project.wording import instead, quoted
from loadline.project.zones import check_zone
from loadline.values.model import Calendar, Metric, Status, Term

_NOT_AN_AUDIENCE = frozenset({"otherwise", "synonyms"})


def build_metrics(
    documents: list[Entries], owners: frozenset[str] | None, faults: Faults
) -> tuple[dict[str, Metric], dict[str, Entry]]:
    """The metrics that could be read, and everything that is written under a metric's name."""
    written = gather(documents, "metrics", "metric", faults)
    metrics = {}
    for name, entry in written.items():
        if not isinstance(entry.value, Entries):
            continue
        expr = expression_of(entry.value, "is")
        owner = scalar_of(entry.value, "owner")
        if owner:
            refer(owner, owners, OWNER, faults)
        if expr is None:
            continue
        metrics[name] = Metric(
            name=name,
            expr=expr,
            where=expression_of(entry.value, "where"),
            time=expression_of(entry.value, "time"),
            unit=text_of(entry.value, "unit"),
            format=text_of(entry.value, "format"),
            owner=owner.raw if owner else None,
            status=Status(text_of(entry.value, "status") or Status.DRAFT),
            description=sentence_of(entry.value, "description"),
            synonyms=texts_of(entry.value, "synonyms"),
            place=entry.key.place,
        )
    return metrics, written


def build_terms(
    documents: list[Entries],
    metrics: dict[str, Entry],
    known: frozenset[str] | None,
    audiences: frozenset[str] | None,
    faults: Faults,
) -> tuple[dict[str, Term], frozenset[str]]:
    """The terms, and every name written as one. `known` are the metrics, None when one may not have been read."""
    written = gather(documents, "terms", "term", faults)
    terms = {}
    for name, entry in written.items():
        if name in metrics:
            said_twice("name", name, entry.key.place, metrics[name].key.place, faults)
        if isinstance(entry.value, Entries):
            terms[name] = _term(name, entry, entry.value, known, audiences, faults)
    return terms, frozenset(written)


def _term(
    name: str,
    entry: Entry,
    written: Entries,
    metrics: frozenset[str] | None,
    audiences: frozenset[str] | None,
    faults: Faults,
) -> Term:
    meanings = {}
    for audience, meaning in written.entries.items():
        if audience in _NOT_AN_AUDIENCE or not isinstance(meaning.value, Scalar):
            continue
        _check_audience(audience, meaning.key, audiences, faults)
        _check_meaning(meaning.value, metrics, faults)
        meanings[audience] = meaning.value.raw
    otherwise = scalar_of(written, "otherwise")
    if otherwise is not None and otherwise.raw != ASK_BACK:
        _check_meaning(otherwise, metrics, faults)
    has_meaning = any(audience not in _NOT_AN_AUDIENCE for audience in written.entries)
    if not has_meaning and (otherwise is None or otherwise.raw == ASK_BACK):
        faults.add(
            codes.MISSING_KEY,
            entry.key.place,
            f"the term {quoted(name)} has no meaning",
            why="a term says which metric an audience means by it",
            mend="add an audience and its metric, like `finance: recognized_revenue`",
        )
    return Term(
        name=name,
        meanings=meanings,
        otherwise=otherwise.raw if otherwise and otherwise.raw != ASK_BACK else None,
        synonyms=texts_of(written, "synonyms"),
        place=entry.key.place,
    )


def _check_audience(name: str, key: Scalar, audiences: frozenset[str] | None, faults: Faults) -> None:
    if audiences is None or name in audiences:
        return
    known = [*sorted(audiences), *sorted(_NOT_AN_AUDIENCE)]
    faults.add(
        codes.UNKNOWN_AUDIENCE,
        key.place,
        f"there is no audience {quoted(name)}",
        why="a term maps an audience, one of `audiences` in loadline.yaml, to a metric",
        mend=instead(name, known, otherwise="add it to `audiences` in loadline.yaml"),
    )


def _check_meaning(scalar: Scalar, metrics: frozenset[str] | None, faults: Faults) -> None:
    refer(scalar, metrics, METRIC, faults)


def build_calendar(documents: list[Entries], faults: Faults) -> Calendar:
    first: Entry | None = None
    for document in documents:
        entry = document.entries.get("calendar")
        if entry is None:
            continue
        if first is not None:
            faults.add(
                codes.CALENDAR_TWICE,
                entry.key.place,
                f"a second calendar is written, the first at {first.key.place}",
                why="a company counts time in one way",
                mend=f"keep one of the two (the first is at {first.key.place})",
            )
            continue
        first = entry
    if first is None or not isinstance(first.value, Entries):
        return Calendar()
    return _calendar(first.value, faults)


def _calendar(written: Entries, faults: Faults) -> Calendar:
    usual = Calendar()
    zone = scalar_of(written, "timezone")
    starts = scalar_of(written, "fiscal_year_starts")
    week = text_of(written, "week_starts")
    return Calendar(
        timezone=zone.raw if zone and check_zone(zone, faults) else usual.timezone,
        week_starts=WEEKDAYS.index(week) + 1 if week else usual.week_starts,
        fiscal_year_starts=_month_day(starts, faults) if starts else usual.fiscal_year_starts,
    )


def _month_day(scalar: Scalar, faults: Faults) -> tuple[int, int]:
    month, day = (int(part) for part in scalar.raw.split("-"))
    longest = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    if day > longest:
        faults.add(
            codes.MALFORMED,
            scalar.place,
            f"`fiscal_year_starts` is {quoted(scalar.raw)}, a day that not every year has",
            why="the fiscal year begins on the same day every year",
            mend=f"write `{month:02}-{longest:02}`, or the first day of the month after",
        )
    return month, day
