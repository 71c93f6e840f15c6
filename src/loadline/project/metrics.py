"""Fitted metrics, terms and calendar in, linked ones out. What expressions name is for the semantics to say."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from loadline.project import codes
from loadline.project.access import (
    DATASET,
    METRIC,
    OWNER,
    entries_of,
    expression,
    expression_of,
    gather,
    is_set,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.forms import ASK_BACK, WEEKDAYS
from loadline.project.tree import Entries, Entry, Scalar
from loadline.project.wording import instead, listed, quoted
from loadline.project.zones import check_zone
from loadline.values.model import Calendar, Conversion, Metric, Rollup, Spine, Status, Term, Text

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
        expr = expression_of(entry.value, "is") or expression_of(entry.value, "convert")
        _check_together(name, entry.value, faults)
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
            over=expression_of(entry.value, "over"),
            take=expression_of(entry.value, "take"),
            take_per=_expressions(entry.value, "per") if "take" in entry.value.entries else (),
            conversion=_conversion(entry.value),
            fill=Decimal(fill) if (fill := text_of(entry.value, "fill")) is not None and fill != "none" else None,
            is_null_if_absent=fill == "none",
            is_every_period=is_set(entry.value, "every_period"),
            unit=text_of(entry.value, "unit"),
            format=text_of(entry.value, "format"),
            owner=owner.raw if owner else None,
            status=Status(text_of(entry.value, "status") or Status.DRAFT),
            description=sentence_of(entry.value, "description"),
            synonyms=texts_of(entry.value, "synonyms"),
            place=entry.key.place,
        )
    return metrics, written


_BESIDE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("to", "within", "constant", "as"), ("convert",)),
    "per": ("convert", "take"),
    "convert": ("to", "per"),
}
"""Keys of a metric that only mean something beside others: for `convert` both, else one of them."""


def _check_together(name: str, written: Entries, faults: Faults) -> None:
    has_both = "is" in written.entries and "convert" in written.entries
    if has_both:
        faults.add(
            codes.CONVERSION_ALONE,
            written.entries["convert"].key.place,
            f"the metric {quoted(name)} has `convert` beside `is`",
            why="a conversion is what the metric is; there is nothing else for it to be",
            mend="delete `is`, or make the conversion a metric of its own",
        )
    for key, others in _BESIDE.items():
        if key not in written.entries:
            continue
        there = [other for other in others if other in written.entries]
        missing = [other for other in others if other not in there] if key == "convert" else () if there else others
        if missing:
            faults.add(
                codes.CONVERSION_ALONE,
                written.entries[key].key.place,
                f"the metric {quoted(name)} has {quoted(key)} without {listed(missing)}",
                why="a conversion says `convert`, `to` and `per`; `take` may say `per`",
                mend=f"add `{missing[0]}: …`, or delete {quoted(key)}",
            )


def _conversion(written: Entries) -> Conversion | None:
    to, per = expression_of(written, "to"), _expressions(written, "per")
    if "convert" not in written.entries or to is None or not per:
        return None
    pairs = [(expression_of(pair, "from"), expression_of(pair, "to")) for pair in records_of(written, "constant")]
    return Conversion(
        to=to,
        within=expression_of(written, "within"),
        per=per,
        constant=tuple((here, there) for here, there in pairs if here is not None and there is not None),
        is_count=text_of(written, "as") == "count",
    )


def _expressions(written: Entries, key: str) -> tuple[Text, ...]:
    return tuple(expression(scalar) for scalar in scalars_of(written, key))


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


def build_rollups(documents: list[Entries], datasets: frozenset[str] | None, faults: Faults) -> dict[str, Rollup]:
    """By name. What a rollup keeps is for the semantics to say."""
    rollups = {}
    for name, entry in gather(documents, "rollups", "rollup", faults).items():
        if not isinstance(entry.value, Entries):
            continue
        dataset, source = scalar_of(entry.value, "of"), text_of(entry.value, "source")
        if dataset is None or source is None or not refer(dataset, datasets, DATASET, faults):
            continue
        rollups[name] = Rollup(
            name=name,
            dataset=dataset.raw,
            source=source,
            by=_expressions(entry.value, "by"),
            metrics=_expressions(entry.value, "metrics"),
            description=sentence_of(entry.value, "description"),
            place=entry.key.place,
        )
    return rollups


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
        spines=tuple(_spine(spine) for spine in records_of(written, "spines")),
    )


def _spine(written: Entries) -> Spine:
    grains = {
        name: str(entry.value.value)
        for name, entry in entries_of(written, "grains").items()
        if isinstance(entry.value, Scalar)
    }
    return Spine(
        source=text_of(written, "source") or "",
        column=text_of(written, "column") or "",
        grain=text_of(written, "grain") or "day",
        grains=grains,
        place=written.place,
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
