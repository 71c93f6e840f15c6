"""MetricFlow's published query cases: manifests, tables and cases in, a verdict on each case out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loadline.errors import LoadlineError, RequestError
from loadline.project.importing.dbt import from_manifest, names_of
from loadline.project.importing.dbt_items import Item, read_item
from loadline.project.importing.dbt_metrics import Metrics
from loadline.project.importing.dbt_questions import Question, Questions
from loadline.project.importing.dbt_reader import read_manifest
from loadline.project.importing.nouns import CannotCarry
from loadline.semantics import parse_by
from loadline.testing.conformance.projects import write_project
from loadline.testing.conformance.templates import as_filter
from loadline.testing.conformance.verdicts import Asking, Open, Verdict, compared, plain
from loadline.values.query import Order, Query, Window

SCHEMA = "main"


def run(cases: Path, tables: Path, manifests: Path, open_project: Open) -> list[Verdict]:
    """Every case in the order of the file; each manifest is imported once."""
    written: list[dict[str, Any]] = json.loads(cases.read_text("utf-8"))
    verdicts: dict[int, Verdict] = {}
    for model in dict.fromkeys(str(case["model"]) for case in written):
        with _opened(manifests / model, tables, open_project) as (questions, asking):
            for index, case in enumerate(written):
                if case["model"] == model:
                    verdicts[index] = _verdict(case, questions, asking)
    return [verdicts[index] for index in range(len(written))]


@contextmanager
def _opened(folder: Path, tables: Path, open_project: Open) -> Iterator[tuple[Questions, Asking]]:
    texts = {str(file.relative_to(folder)): file.read_text("utf-8") for file in sorted(folder.rglob("*.yaml"))}
    manifest, remarks = read_manifest(texts, values={"source_schema": SCHEMA})
    names = names_of(manifest)
    relations = {f"{SCHEMA}.{table.stem}": table.resolve() for table in sorted(tables.glob("*.parquet"))}
    with TemporaryDirectory() as temporary:
        write_project(Path(temporary), from_manifest(manifest, remarks), relations)
        asking = open_project(Path(temporary))
        try:
            yield Questions(names, Metrics(manifest, names)), asking
        finally:
            asking.close()


def _verdict(case: Mapping[str, Any], questions: Questions, asking: Asking) -> Verdict:
    name = str(case["id"])
    try:
        differs = _answered(case, questions, asking)
    except CannotCarry as why:
        return Verdict(id=name, result="refused", detail=str(why))
    except RequestError as error:
        return Verdict(id=name, result="refused", detail=_said(error))
    except LoadlineError as error:
        return Verdict(id=name, result="failed", detail=_said(error))
    except Exception as error:  # noqa: BLE001 - one case that breaks us is a verdict, and the others still run
        return Verdict(id=name, result="failed", detail=f"{type(error).__name__}: {error}")
    return Verdict(id=name, result="failed" if differs else "passed", detail=differs or "")


def _answered(case: Mapping[str, Any], questions: Questions, asking: Asking) -> str | None:
    """What differs from what is expected, or None."""
    items = _items(case)
    where = _templates(case)
    metrics = [str(name) for name in case.get("metrics") or ()]
    _check_shifts(case, items, questions)
    parts = [
        questions.question(metrics, some, templates) for some, templates in questions.parted(metrics, items, where)
    ]
    if case.get("time_constraint") and not metrics and not any(part.is_periods for part in parts):
        raise CannotCarry("a window says nothing where neither a metric nor a period is asked for")
    if not metrics and len(parts) == 1 and not parts[0].is_periods and not where:
        _check_listed(items, questions, asking)
    answered = [_asked(case, part, questions, asking) for part in parts]
    labels, rows = answered[0]
    for more, others in answered[1:]:  # MetricFlow crosses periods with values where no metric is asked
        labels = {**labels, **{name: len(labels) + position for name, position in more.items()}}
        rows = [[*row, *other] for row in rows for other in others]
    return _differs(case, labels, rows)


def _said(error: LoadlineError) -> str:
    return "; ".join(f"{one.code}: {one.what}" for one in error.diagnostics)


# -- what is asked


def _items(case: Mapping[str, Any]) -> list[Item]:
    items = [Item(kind="Dimension", name=str(name)) for name in case.get("group_bys") or ()]
    for given in case.get("group_by_objs") or ():
        grain, part = given.get("grain"), given.get("date_part")
        items.append(
            Item(
                kind="Dimension",
                name=str(given["name"]),
                grain=str(grain).lower() if grain else None,
                part=str(part).lower() if part else None,
            )
        )
    return items


def _templates(case: Mapping[str, Any]) -> list[str]:
    where = case.get("where_rendered") or (as_filter(case["where_filter"]) if case.get("where_filter") else None)
    return [str(one) for one in (where if isinstance(where, list) else [where]) if one]


def _asked(
    case: Mapping[str, Any], question: Question, questions: Questions, asking: Asking
) -> tuple[dict[str, int], list[list[Any]]]:
    """Where each column is, as MetricFlow calls it, and the rows."""
    query = _query(case, question, questions)
    by = list(dict.fromkeys(column.by for column in question.columns))
    labels = {column.label: by.index(column.by) for column in question.columns}
    labels |= {name: len(by) + index for index, name in enumerate(query.metrics)}
    rows = [list(row) for row in asking.ask(query)]
    width = list(labels.values())
    return {name: at for at, name in enumerate(labels)}, [[row[position] for position in width] for row in rows]


def _check_listed(items: Sequence[Item], questions: Questions, asking: Asking) -> None:
    """Across a join MetricFlow lists values that no row leads to, too. Raises CannotCarry where there are such."""
    for here, there in questions.keys_met(items):
        led, every = ({row[0] for row in asking.ask(Query(metrics=(), by=(parse_by(name),)))} for name in (here, there))
        if every - led:
            raise CannotCarry(
                f"`{there}` has values that `{here}` leads to from no row, and MetricFlow lists them as well"
            )


_DAYS = frozenset({"day", "hour", "minute", "second", "millisecond", "microsecond"})


def _check_shifts(case: Mapping[str, Any], items: Sequence[Item], questions: Questions) -> None:
    """Questions of shapes in time that MetricFlow answers in a way we do not. Raises CannotCarry."""
    metrics = [str(name) for name in case.get("metrics") or ()]
    is_filtered = any("metric_time" in template for template in _templates(case))
    grains = [grain for item in items if (grain := questions.own_time_grain(item, metrics)) is not None]
    for name in metrics:
        if case.get("time_constraint") and questions.has_shifted_total(name):
            raise CannotCarry(
                f"`{name}` shifts a cumulative metric in time: within a window MetricFlow cuts first and shifts then, "
                "so periods at its start would be missing"
            )
        if case.get("time_constraint") or is_filtered:
            _check_cut(name, grains, questions)
        if len(grains) > 1 and questions.is_semi_additive(name):
            raise CannotCarry(f"`{name}` is of one time in each period, and two kinds of period are asked for")
        if len(grains) > 1 and questions.is_in_every_period(name):
            raise CannotCarry(f"`{name}` is there in every period, and MetricFlow joins two kinds of them by one alone")
        for grain in grains:
            if questions.has_mixed_conversion(name) and grain in {*_DAYS, "week", "part"}:
                raise CannotCarry(
                    f"`{name}` compares days with months: here both are months, and no days are left to ask by"
                )
            if grain not in _DAYS:
                _check_longer(name, grain, questions)
                if is_filtered and questions.has_shift_of_derived(name):
                    raise CannotCarry(
                        f"`{name}` shifts what is made of other metrics: MetricFlow filters it by days twice"
                    )


def _check_cut(name: str, grains: Sequence[str], questions: Questions) -> None:
    """What differs where a window or a filter cuts a metric's own time. Raises CannotCarry."""
    if questions.has_mixed_conversion(name):
        raise CannotCarry(f"`{name}` compares days with months: here both are months, and no days are left to cut by")
    if not grains and questions.is_running(name):
        raise CannotCarry(f"`{name}` runs up to a time, and is cut to a window without being asked by time")
    if questions.has_uncut_periods(name):
        raise CannotCarry(f"`{name}` fills a conversion for every period, which MetricFlow does not cut to a window")


def _check_longer(name: str, grain: str, questions: Questions) -> None:
    """What differs where a metric's time is asked by more than a day. Raises CannotCarry."""
    if questions.has_uneven_shift(name, grain):
        raise CannotCarry(
            f"`{name}` is shifted by months and asked by {grain}: MetricFlow shifts days, of which shorter months lack "
            "some, or weeks, which no month begins with"
        )
    if grain != "week" and questions.has_shift_to_start(name):
        raise CannotCarry(
            f"`{name}` looks at the start of a period: by {grain} MetricFlow takes the whole {grain} for it"
        )
    if questions.has_shift_of_shifted(name):
        raise CannotCarry(f"`{name}` is shifted twice: by {grain} MetricFlow shifts periods, and finds none by days")
    if questions.has_filled_total(name):
        raise CannotCarry(f"`{name}` fills a running total: by {grain} MetricFlow takes the first day, filled or not")


def _query(case: Mapping[str, Any], question: Question, questions: Questions) -> Query:
    by = dict.fromkeys(column.by for column in question.columns)
    constraint = case.get("time_constraint") if question.metrics or question.is_periods else None
    orders = [_order(str(text), question, questions) for text in case.get("order_bys") or ()]
    limit = case.get("limit")
    return Query(
        metrics=question.metrics,
        by=tuple(parse_by(text) for text in by),
        conditions=(*question.conditions, *_between(constraint, question)),
        during=_window(constraint, question.grain) if constraint and question.metrics else None,
        order=tuple(orders),
        limit=int(limit) if limit is not None else None,
    )


def _order(text: str, question: Question, questions: Questions) -> Order:
    name = text.removeprefix("-")
    item = read_item(name) if "(" in name else Item(kind="Dimension", name=name)
    is_descending = text.startswith("-") or item.is_descending
    return Order(name=questions.column(item, question), is_descending=is_descending)


def _window(constraint: Sequence[str], grain: str) -> Window:
    """Both ends are inclusive, and widened to the whole periods of the grain."""
    first, last = (datetime.fromisoformat(str(text)) for text in constraint)
    start, end = period_of(first, grain), after(period_of(last, grain), grain)
    text = " to ".join(map(str, constraint))
    if start.time() == end.time() == time():
        return Window(start=start.date(), end=end.date(), text=text)
    return Window(start=start, end=end, text=text)


def _between(constraint: Sequence[str] | None, question: Question) -> tuple[str, ...]:
    """The window on a list of periods, which has no metric's time."""
    if not constraint or question.metrics:
        return ()
    window = _window(constraint, question.grain)
    name = question.columns[0].by.partition(":")[0]
    return (f"{name} >= timestamp '{window.start}'", f"{name} < timestamp '{window.end}'")


_UNITS = ("microsecond", "millisecond", "second", "minute", "hour")


def period_of(moment: datetime, grain: str) -> datetime:
    """The start of the period a moment lies in."""
    match grain:
        case "nanosecond" | "microsecond":
            return moment
        case "millisecond":
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def after(start: datetime, grain: str) -> datetime:
    """The start of the next period."""
    match grain:
        case "month" | "quarter" | "year":
            months = {"month": 1, "quarter": 3, "year": 12}[grain]
            count = start.year * 12 + start.month - 1 + months
            return start.replace(year=count // 12, month=count % 12 + 1)
        case "week":
            return start + timedelta(weeks=1)
        case "nanosecond":
            return start + timedelta(microseconds=1)
        case _ if grain in _UNITS:
            return start + timedelta(**{f"{grain}s": 1})
        case _:
            return start + timedelta(days=1)


# -- what came back


def _differs(case: Mapping[str, Any], labels: dict[str, int], rows: list[list[Any]]) -> str | None:
    wanted = [str(name) for name in case["expected_columns"]]
    if case.get("min_max_only"):
        labels, rows = _ends(labels, rows)
    unknown = [name for name in wanted if name not in labels]
    if unknown or len(wanted) != len(labels):
        return f"the columns {wanted} are expected, {list(labels)} delivered"
    picked = [[row[labels[name]] for name in wanted] for row in rows]
    return compared(case["expected_rows"], picked, is_ordered=bool(case.get("check_order")))


def _ends(labels: Mapping[str, int], rows: Sequence[Sequence[Any]]) -> tuple[dict[str, int], list[list[Any]]]:
    """The least and the greatest value of each column."""
    found: dict[str, int] = {}
    ends: list[Any] = []
    for label, position in labels.items():
        values = sorted(
            (row[position] for row in rows if row[position] is not None), key=lambda value: str(plain(value))
        )
        for name, value in (("min", values[0] if values else None), ("max", values[-1] if values else None)):
            found[f"{label}__{name}"] = len(ends)
            ends.append(value)
    return found, [ends]
