"""The project's watches in; each given its turn, standing alarms sent, and what came of it all, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loadline.checks import data, drift
from loadline.checks.drift import codes
from loadline.errors import RequestError
from loadline.flow.acting.canaries import CanaryTried
from loadline.flow.alarms import Alarm, send_alarms, standing
from loadline.flow.inspect import inspect, newest_look_at
from loadline.flow.ports import Events, Store
from loadline.flow.signing import Signs
from loadline.flow.watch import Accepted, Came, Turn, accept, local, local_now, take_turn
from loadline.flow.watched import History, read_history
from loadline.flow.world import World
from loadline.project import Project, Watch
from loadline.values.diagnostic import Diagnostic, Severity
from loadline.values.promise import Broken, TableLook, Unseen

LONGEST_NAP_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRun:
    """One round: a turn of each watch, the alarms that stand after it, what could not be sent, and what was seen of the
    contracts whose check was due; and each canary that was tried."""

    turns: tuple[Turn, ...]
    alarms: tuple[Alarm, ...]
    unsent: tuple[Diagnostic, ...]
    looks: tuple[TableLook, ...] = ()
    canaries: tuple[CanaryTried, ...] = ()

    @property
    def has_broken(self) -> bool:
        return any(isinstance(run, Broken) for look in self.looks for run in look.runs)

    @property
    def has_found(self) -> bool:
        is_asleep = any(not one.is_denied for one in self.canaries)
        return bool(self.alarms) or is_asleep or self.has_broken

    @property
    def has_failed(self) -> bool:
        unseen = [run for look in self.looks for run in look.runs if isinstance(run, Unseen)]
        is_blind = any(run.promise.severity is Severity.ERROR for run in unseen)
        return bool(self.unsent) or is_blind or any(turn.came is Came.FAILED for turn in self.turns)


def run_watches(
    world: World,
    watches: Sequence[Watch],
    events: Sequence[Events],
    signer: Signs,
    *,
    is_forced: bool = False,
    is_whole: bool = True,
) -> WatchRun:
    """One round; with the contracts that are due by their own schedule where it `is_whole`. Raises OutsideError only
    when the ledger fails: a warehouse that does is one watch's failed turn."""
    turns = tuple(take_turn(world, watch, is_forced=is_forced) for watch in watches)
    turned = {turn.watch.name: turn.history for turn in turns}
    pairs = [
        (watch, turned[watch.name] if watch.name in turned else read_history(world.store, watch.name))
        for watch in world.project.watches.values()
    ]
    unsent = send_alarms(world, pairs, events, signer)
    schedules = scheduled(world.project) if is_whole else {}
    looks = check_contracts(world, [turn.watch for turn in turns if turn.came is Came.LOOKED], schedules)
    return WatchRun(turns=turns, alarms=standing(pairs, world.project.name), unsent=unsent, looks=looks)


def check_contracts(
    world: World, watches: Sequence[Watch], schedules: Mapping[str, frozenset[str]]
) -> tuple[TableLook, ...]:
    """The contracts of watched datasets are checked once for each window that ends; those of the tables of `schedules`,
    once for each time that one of these ran."""
    now = local_now(world)
    due = []
    for watch in watches:
        newest = newest_look_at(world, watch.dataset) if watch.dataset else None
        ended = drift.floor(now, watch.every)
        if watch.dataset and (newest is None or local(world, newest) < ended):
            due.append(watch.dataset)
    for table, written in schedules.items():
        newest = newest_look_at(world, table)
        runs = [at for at in (data.last_run(schedule, now) for schedule in written) if at is not None]
        if newest is None or any(local(world, newest) < at for at in runs):
            due.append(table)
    return inspect(world, tuple(dict.fromkeys(due))) if due else ()


def scheduled(project: Project) -> dict[str, frozenset[str]]:
    """Tables whose contracts say when they are to be checked, and when."""
    every = data.subjects_of(project.model, project.contracts)
    found = {subject.name: data.schedules_of(subject, every) for subject in every}
    return {name: schedules for name, schedules in found.items() if schedules}


def nap_seconds(world: World, run: WatchRun) -> float:
    """How long until something is due: a window that ends, a failed watch that may be tried again, a contract."""
    moments = [
        drift.add(drift.floor(local_now(world), turn.watch.every), turn.watch.every, 1)
        + timedelta(hours=turn.watch.settle_hours)
        for turn in run.turns
    ]
    schedules = frozenset[str]().union(*scheduled(world.project).values())
    moments += [at for one in schedules if (at := data.next_run(one, local_now(world))) is not None]
    now = world.clock()
    waits = [(moment - local_now(world)).total_seconds() for moment in moments]
    waits += [(t.history.failure.retry_at - now).total_seconds() for t in run.turns if t.history.failure]
    return max(1.0, min([LONGEST_NAP_SECONDS, *waits]))


def rounds(turn: Callable[[], WatchRun], nap: Callable[[WatchRun], bool]) -> Iterator[WatchRun]:
    """Round after round, until `nap` says that it is enough."""
    while True:
        run = turn()
        yield run
        if nap(run):
            return


def chosen(project: Project, names: Sequence[str]) -> tuple[Watch, ...]:
    """The watches named, or all. Raises RequestError for a name that is none."""
    if not project.watches:
        mend = "add `watch:` to loadline.yaml, or a `schedule` to a quality rule or service level of a contract"
        raise _said(codes.NOTHING_WATCHED, "this project watches nothing", mend)
    for name in names:
        if name not in project.watches:
            known = ", ".join(f"`{one}`" for one in project.watches)
            raise _said(codes.NO_SUCH_WATCH, f"nothing watched is named `{name}`", f"write one of {known}")
    return tuple(project.watches[name] for name in names or project.watches)


def in_a_round(project: Project, names: Sequence[str]) -> tuple[Watch, ...]:
    """As `chosen`; none, where nothing is watched for drift and something else is due now and then."""
    has_more = not names and (project.canaries or project.notices.is_any or scheduled(project))
    return () if has_more and not project.watches else chosen(project, names)


def status_of(project: Project, store: Store, names: Sequence[str]) -> tuple[list[tuple[Watch, History]], list[Alarm]]:
    """What the ledger says of the watches named, or all, and their standing alarms."""
    wanted = {watch.name for watch in chosen(project, names)}
    pairs = [(watch, read_history(store, watch.name)) for watch in project.watches.values()]
    alarms = standing(pairs, project.name)
    return [p for p in pairs if p[0].name in wanted], [a for a in alarms if a.watch.name in wanted]


def accept_baseline(
    world: World, name: str, *, by: str, because: str, since: datetime | None = None
) -> tuple[History, Mapping[str, object]]:
    """Take what the data does now for normal. Raises RequestError when nobody is named or nothing stands."""
    (watch,) = chosen(world.project, (name,))
    if by not in world.project.people or by == "local":
        people = ", ".join(f"`{one}`" for one in world.project.people if one != "local") or "add one first"
        raise _said(
            codes.UNNAMED_PERSON, f"`{by}` is nobody in particular", f"add `--as` with one of `people`: {people}"
        )
    history = read_history(world.store, name)
    if not history.seen or (history.alarm is None and since is None):
        what = "no alarm stands" if history.seen else "nothing has been looked at yet"
        mend = "name the first window that is normal: `--since 2026-01-31`" if history.seen else "loadline watch --once"
        raise _said(codes.NOTHING_TO_ACCEPT, f"`{name}`: {what}", mend)
    if since is not None and not any(one.start >= since for one in history.seen):
        what = f"`{name}` has no window since {since:%Y-%m-%d %H:%M}"
        raise _said(codes.NOTHING_TO_ACCEPT, what, f"the newest is {history.seen[-1].window.name}")
    after = accept(world, watch, Accepted(by=by, because=because), since)
    baseline = after.baseline
    said = {"watch": name, "since": baseline.start if baseline else "", "by": by, "because": because}
    return after, {**said, "ledger_index": baseline.index if baseline else None}


def _said(code: str, what: str, mend: str) -> RequestError:
    return RequestError(Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend))
