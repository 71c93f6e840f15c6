"""A watch and the world in; every window that is due profiled, judged and recorded once, out.

Order, so that a process may die anywhere: windows are looked at, then recorded with their judgement in one append, then
alarms are sent under an id that depends on nothing but the alarm, then that is recorded. What was not recorded is
looked at again; what was not recorded as sent is sent again under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loadline.checks import drift
from loadline.checks.drift import BinKind, Bins, Cut, Profile, Profiled, Rule, codes
from loadline.errors import OutsideError
from loadline.flow.watched import Baseline, Failure, History, Seen, draft, drafts_of, read_history, seen_of
from loadline.flow.world import World
from loadline.ledger import Kind
from loadline.project import Watch
from loadline.values.canonical import digest
from loadline.values.diagnostic import Diagnostic
from loadline.values.finding import Missing, RowsNeed, Schema, SchemaNeed, Table
from loadline.values.model import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Who takes the data as it is now for normal, and why."""

    by: str
    because: str


BASELINES: Mapping[str, int] = {"hour": 168, "day": 56, "week": 26, "month": 24, "quarter": 12, "year": 8}
LEAST_RETRY_SECONDS = 60
MOST_RETRY_SECONDS = 3_600
MOST_SEGMENTS = 12
ANSWERS = "answers"
_TEXT_FILES = (".csv", ".tsv", ".gz", ".jsonl", ".ndjson")
_OPEN_CLASSES = frozenset({"public", "internal", "open", "unclassified"})


class Came(StrEnum):
    """What came of one turn of a watch."""

    LOOKED = "looked"
    WAITING = "waiting"  # too few windows so far
    BACKING_OFF = "backing off"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One watch, after its turn: what came of it, the windows looked at in it, and all that is known now."""

    watch: Watch
    came: Came
    windows: int = 0
    why: str = ""
    history: History


def take_turn(world: World, watch: Watch, *, is_forced: bool = False) -> Turn:
    """Look at what is due. A warehouse that fails is recorded and left alone for a while, longer each time; `is_forced`
    asks it all the same."""
    history = read_history(world.store, watch.name)
    now = world.clock()
    if history.failure and now < history.failure.retry_at and not is_forced:
        why = f"{history.failure.why}; tried again from {history.failure.retry_at:%Y-%m-%d %H:%M:%S} on"
        return Turn(watch=watch, came=Came.BACKING_OFF, why=why, history=history)
    try:
        baseline, seen = _look(world, watch, history)
    except CannotLookError as error:
        return _failed(world, watch, history, str(error))
    if baseline is None:
        why = f"{len(seen)} windows so far, {Rule().least} are needed"
        return Turn(watch=watch, came=Came.WAITING, why=why, history=history)
    if seen or history.failure:
        drafts = drafts_of(baseline, seen, world.new_id(), now, is_new=history.baseline is None)
        if not seen:
            drafts = [draft(watch.name, world.new_id(), now, what="looked")]
        world.store.append(drafts)
        history = read_history(world.store, watch.name)
    return Turn(watch=watch, came=Came.LOOKED, windows=len(seen), history=history)


class CannotLookError(Exception):
    """The windows could not be counted; the message says why."""


def _failed(world: World, watch: Watch, history: History, why: str) -> Turn:
    count = history.failure.count + 1 if history.failure else 1
    wait = min(MOST_RETRY_SECONDS, LEAST_RETRY_SECONDS * 2 ** min(count - 1, 10))
    failure = Failure(count=count, why=why, retry_at=world.clock() + timedelta(seconds=wait))
    said = {"what": "failure", "count": count, "why": why, "retry_at": failure.retry_at.isoformat()}
    world.store.append([draft(watch.name, world.new_id(), world.clock(), **said)])
    return Turn(watch=watch, came=Came.FAILED, why=why, history=replace(history, failure=failure))


def _look(world: World, watch: Watch, history: History) -> tuple[Baseline | None, tuple[Seen, ...]]:
    """The baseline to judge by (a new one, when there is none) and the windows due, judged."""
    until = drift.floor(local_now(world) - timedelta(hours=watch.settle_hours), watch.every)
    baseline = history.baseline
    start = drift.add(history.seen[-1].start, watch.every, 1) if history.seen else None
    if baseline is not None and start is None:
        start = datetime.fromisoformat(baseline.start)
    if watch.dataset is None:
        return _look_at_answers(world, watch, history, start, until)
    cut = cut_of(world, watch, start=start, end=until)
    if start is not None and start >= until:
        return baseline, ()
    names = window_names(world, cut)
    if baseline is None:
        names = names[-Rule().most :]
        if len(names) < Rule().least:
            return None, tuple(Seen(window=Profiled(name=n, profile=Profile(counts={})), role="learned") for n in names)
        learn = min(watch.baseline or BASELINES[watch.every], len(names))
        end = drift.add(datetime.fromisoformat(names[learn - 1]), watch.every, 1)
        baseline = take_baseline(world, watch, names[0], end, learn=learn)
        cut = replace(cut, start=datetime.fromisoformat(names[0]))
    return baseline, judge_windows(history, baseline, profiles_of(world, watch, baseline, cut), rule_of(watch))


def judge_windows(history: History, baseline: Baseline, due: Sequence[Profiled], rule: Rule) -> tuple[Seen, ...]:
    """Judge `due` after what `history` holds of the same baseline: learned from first, then judged one by one."""
    quiet, state = list(history.quiet), history.state
    learn = max(baseline.learn, rule.least)
    judged: list[Seen] = []
    for window in due:
        if len(quiet) < learn:
            quiet.append(window)
            judged.append(seen_of(window, None))
            continue
        judgement = drift.look(drift.past_of(quiet, rule, baseline=learn), state, window, baseline.bins, rule)
        state = judgement.state
        judged.append(seen_of(window, judgement))
        if not judgement.is_alarm:
            quiet.append(window)
    return tuple(judged)


def local_now(world: World) -> datetime:
    """Now, on the project's clock."""
    return local(world, world.clock())


def local(world: World, moment: datetime) -> datetime:
    """A moment on the project's clock, which data without a zone is written by."""
    return moment.astimezone(ZoneInfo(world.project.model.calendar.timezone)).replace(tzinfo=None)


def rule_of(watch: Watch) -> Rule:
    return Rule(budget=watch.budget)


# datasets


def cut_of(world: World, watch: Watch, *, start: datetime | None, end: datetime | None) -> Cut:
    dataset = dataset_of(world, watch)
    column = dataset.table.columns[dataset.time] if dataset.table and dataset.time else None
    file = world.project.warehouse.files.get(dataset.source, "").partition("#")[0]
    return Cut(
        relation=dataset.source,
        dialect=world.warehouse.dialect,
        time=_in_warehouse(dataset, dataset.time) if dataset.time else None,
        start=start,
        end=end,
        unit=watch.every,
        segment=_in_warehouse(dataset, watch.segment) if watch.segment else None,
        zone=world.project.model.calendar.timezone if column and column.is_zoned else None,
        is_kept=file.endswith(_TEXT_FILES) or world.warehouse.dialect != "duckdb",
    )


def dataset_of(world: World, watch: Watch) -> Dataset:
    return world.project.model.datasets[watch.dataset or ""]


def _in_warehouse(dataset: Dataset, name: str) -> str:
    """What the warehouse calls a column of the contract."""
    column = dataset.table.columns.get(name) if dataset.table else None
    return column.in_warehouse if column else name


def window_names(world: World, cut: Cut) -> list[str]:
    return [str(row[0]) for row in _rows(world, drift.windows_need(cut))]


def take_baseline(
    world: World, watch: Watch, start: str, end: datetime, *, learn: int, accepted: Accepted | None = None
) -> Baseline:
    """Bins from the rows between `start` and `end`."""
    by, because = (accepted.by, accepted.because) if accepted else (None, "")
    types = _types(world, watch)
    cut = replace(cut_of(world, watch, start=datetime.fromisoformat(start), end=end), segment=None)
    rows = [row for need in drift.reference_needs(cut, types) for row in _rows(world, need)]
    found = drift.read_reference(rows, types)
    bins = {one.column: _as_watched(one, world, watch) for one in found}
    segment = cut_of(world, watch, start=None, end=None).segment
    segments = bins[segment].top[:MOST_SEGMENTS] if segment in bins else ()
    scope = {"watch": watch.name, "start": start, "end": end, "bins": list(bins.values()), "by": by, "because": because}
    return Baseline(
        id=digest(scope).removeprefix("sha256:")[:20],
        watch=watch.name,
        every=watch.every,
        start=start,
        learn=learn,
        bins=bins,
        segments=segments,
        by=by,
        because=because,
    )


def _as_watched(bins: Bins, world: World, watch: Watch) -> Bins:
    """Quality is good or bad. Values of a protected class stay out of the ledger: only missing ones are watched."""
    dataset = dataset_of(world, watch)
    if watch.quality and bins.column == _in_warehouse(dataset, watch.quality):
        return Bins(column=bins.column, kind=BinKind.QUALITY)
    promised = dataset.table.columns.values() if dataset.table else ()
    column = next((one for one in promised if one.in_warehouse == bins.column), None)
    if column and column.classification and column.classification.lower() not in _OPEN_CLASSES:
        why = f"its values are {column.classification}, so only missing ones are watched"
        return Bins(column=bins.column, kind=BinKind.NULLS, why=why)
    return bins


def profiles_of(world: World, watch: Watch, baseline: Baseline, cut: Cut) -> list[Profiled]:
    types = _types(world, watch)
    bins = [one for one in baseline.bins.values() if one.column in types]
    found = drift.read_profiles(_rows(world, drift.profile_need(cut, bins, types)), bins, baseline.segments)
    return [
        Profiled(
            name=name,
            profile=Profile(counts=counts),
            phases=drift.phases_of(datetime.fromisoformat(name), watch.every),
        )
        for name, counts in sorted(found.items())
        if name
    ]


def _types(world: World, watch: Watch) -> dict[str, str]:
    """The watched columns that are there, with their live types."""
    need = SchemaNeed(relation=dataset_of(world, watch).source)
    match world.fetcher.fetch((need,), version="none:")[need]:
        case Schema(columns=live):
            also = tuple(name for name in (watch.segment, watch.quality) if name)
            names = [_in_warehouse(dataset_of(world, watch), name) for name in (*watch.columns, *also)]
            return {name: live[name] for name in dict.fromkeys(names) if name in live}
        case Missing(why=why):
            raise CannotLookError(why)
        case _:
            raise CannotLookError("no schema was fetched")


def _rows(world: World, need: RowsNeed) -> Sequence[Sequence[object]]:
    match world.fetcher.fetch((need,), version="none:")[need]:
        case Table(rows=rows):
            return rows
        case Missing(why=why):
            raise CannotLookError(why)
        case _:
            raise CannotLookError("no rows were fetched")


# answers


def _look_at_answers(
    world: World, watch: Watch, history: History, start: datetime | None, until: datetime
) -> tuple[Baseline | None, tuple[Seen, ...]]:
    """Good are the answers delivered as verified; bad those withheld, failed or unverified. Questions back and refusals
    by policy say nothing about quality."""
    first = history.seen[-1].through if history.seen else 0
    counted, through = _count_answers(world, watch, first, until)
    due = [name for name in sorted(counted) if start is None or datetime.fromisoformat(name) >= start]
    bins = {ANSWERS: Bins(column=ANSWERS, kind=BinKind.QUALITY)}
    windows = [
        Profiled(
            name=name,
            profile=Profile(counts={drift.ALL_ROWS: {ANSWERS: counted[name]}}),
            phases=drift.phases_of(datetime.fromisoformat(name), watch.every),
        )
        for name in due
    ]
    baseline = history.baseline
    if baseline is None:
        if len(windows) < Rule().least:
            return None, tuple(seen_of(window, None) for window in windows)
        learn = min(watch.baseline or BASELINES[watch.every], len(windows))
        scope = {"watch": watch.name, "start": windows[0].name}
        baseline = Baseline(
            id=digest(scope).removeprefix("sha256:")[:20],
            watch=watch.name,
            every=watch.every,
            start=windows[0].name,
            learn=learn,
            bins=bins,
        )
    judged = judge_windows(history, baseline, windows, rule_of(watch))
    return baseline, tuple(replace(one, through=through) for one in judged)


def _count_answers(world: World, watch: Watch, first: int, until: datetime) -> tuple[dict[str, tuple[int, ...]], int]:
    zone = ZoneInfo(world.project.model.calendar.timezone)
    counted: dict[str, list[int]] = {}
    through = first
    for entry in world.store.read_entries(first):
        at = entry.at.astimezone(zone).replace(tzinfo=None)
        if at >= until:
            break
        through = entry.index + 1
        if entry.kind is not Kind.OUTCOME:
            continue
        status = entry.payload.get("status")
        name = drift.floor(at, watch.every).isoformat(sep=" ")
        counted.setdefault(name, [0, 0, 0])[0 if status == "verified" else 1] += 1
    return {name: tuple(counts) for name, counts in counted.items()}, through


def accept(world: World, watch: Watch, accepted: Accepted, since: datetime | None) -> History:
    """Take a new baseline, by a named person: what the data does since the change began (or since the window given) is
    natural from now on. Raises OutsideError when the warehouse cannot be read."""
    history = read_history(world.store, watch.name)
    assert history.seen  # noqa: S101 - whoever calls has looked
    start = since or begun(history)
    end = drift.add(history.seen[-1].start, watch.every, 1)
    kept = [one for one in history.seen if one.start >= start]
    try:
        if watch.dataset is None:
            old = history.baseline
            assert old is not None  # noqa: S101 - there are windows under it
            by, because = accepted.by, accepted.because
            scope = {"old": old.id, "start": start, "by": by, "because": because}
            name = digest(scope).removeprefix("sha256:")[:20]
            baseline = replace(old, id=name, start=str(start), learn=len(kept), by=by, because=because)
            due = [one.window for one in kept]
        else:
            baseline = take_baseline(world, watch, str(start), end, learn=len(kept), accepted=accepted)
            due = profiles_of(world, watch, baseline, cut_of(world, watch, start=start, end=end))
    except CannotLookError as error:
        raise cannot_look(watch.name, str(error)) from error
    seen = tuple(replace(seen_of(window, None), through=history.seen[-1].through) for window in due)
    drafts = drafts_of(baseline, seen, world.new_id(), world.clock(), is_new=True)
    world.store.append(drafts)
    return read_history(world.store, watch.name)


def cannot_look(watch: str, why: str) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.CANNOT_LOOK,
            what=f"`{watch}` could not be looked at: {why}",
            why=codes.CODES[codes.CANNOT_LOOK].why,
            mend="mend what the reason names, and run it again",
        ),
        retryable=True,
    )


def begun(history: History) -> datetime:
    """The window in which the alarm that stands began, by the evidence."""
    episode = history.episode
    if episode is None:
        return history.seen[-1].start
    upto = [one for one in history.seen if one.start <= episode.start]
    return upto[drift.onset([one.state for one in upto], episode.moved[0])].start
