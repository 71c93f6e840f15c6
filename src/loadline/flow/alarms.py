"""Watches after their turn in; an event for each alarm that stands and was not sent, sent and recorded, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from loadline.checks import drift
from loadline.checks.drift import Action, BinKind
from loadline.errors import OutsideError
from loadline.flow.ports import Events
from loadline.flow.signing import Signs, signed
from loadline.flow.watch import ANSWERS
from loadline.flow.watched import History, Seen, draft
from loadline.flow.world import World
from loadline.project import Watch
from loadline.values.canonical import digest
from loadline.values.diagnostic import Diagnostic
from loadline.values.finding import Finding, Gravity

_MIDNIGHT = " 00:00:00"
TYPE = "loadline.drift.alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm that stands: since which window, what is to be done, and what was found."""

    id: str
    watch: Watch
    first: Seen
    newest: Seen
    action: Action
    finding: Finding


def standing(pairs: Sequence[tuple[Watch, History]], project: str) -> tuple[Alarm, ...]:
    """The alarms that stand, each with what is to be done: quality told by a watch of answers counts for all."""
    is_worse = any(
        history.alarm is not None and drift.is_worse(history.alarm.blames, quality_of(history))
        for _, history in pairs
        if quality_of(history) is not None
    )
    have_moved = any(
        history.alarm is not None and drift.moved_inputs(history.alarm.moved, quality_of(history))
        for _, history in pairs
    )
    action = drift.action_for(inputs_moved=have_moved, quality_down=is_worse)
    found = []
    for watch, history in pairs:
        first, newest, baseline = history.episode, history.alarm, history.baseline
        if first is None or newest is None or baseline is None:
            continue
        scope = {"project": project, "watch": watch.name, "baseline": baseline.id, "window": first.window.name}
        found.append(
            Alarm(
                id=f"drift-{digest(scope).removeprefix('sha256:')[:20]}",
                watch=watch,
                first=first,
                newest=newest,
                action=action,
                finding=finding_of(watch, first, newest),
            )
        )
    return tuple(found)


def quality_of(history: History) -> str | None:
    """The column that counts good and bad, as the baseline has it."""
    bins = history.baseline.bins if history.baseline else {}
    return next((name for name, one in bins.items() if one.kind is BinKind.QUALITY), None)


def finding_of(watch: Watch, first: Seen, newest: Seen) -> Finding:
    said = "; ".join(newest.blame[:3]) or f"evidence is {newest.evidence:,.0f}"
    return Finding(
        check="distribution-drift",
        subject=watch.dataset or ANSWERS,
        gravity=Gravity.NOTABLE,
        what=f"left its natural range in the window {first.window.name.removesuffix(_MIDNIGHT)}: {said}",
        mend=f"find what changed upstream; if this is the new normal: `loadline drift accept {watch.name} --as NAME "
        f"--because TEXT`",
        count=newest.window.profile.rows,
    )


def send_alarms(
    world: World, pairs: Sequence[tuple[Watch, History]], events: Sequence[Events], signer: Signs
) -> tuple[Diagnostic, ...]:
    """Send each standing alarm once, unless its watch sent another in the windows before (its cooldown). What could
    not be sent is returned, and sent by the next run under the same id."""
    said: list[Diagnostic] = []
    histories = {watch.name: history for watch, history in pairs}
    for alarm in standing(pairs, world.project.name) if events else ():
        history = histories[alarm.watch.name]
        if alarm.id in history.sent or _is_cooling(world, history):
            continue
        event = event_of(world, alarm, signer)
        try:
            for receiver in events:
                receiver.send(event)
        except OutsideError as error:
            said += error.diagnostics
            continue
        sent = {"what": "sent", "event": alarm.id, "window": alarm.first.window.name, "action": alarm.action.value}
        world.store.append([draft(alarm.watch.name, world.new_id(), world.clock(), **sent)])
    return tuple(said)


def _is_cooling(world: World, history: History) -> bool:
    """Whether the last event of this watch is too few windows ago; an accepted baseline ends that."""
    cooldown = world.project.alarms.cooldown
    windows = [one.window.name for one in history.seen]
    last = max((window for window in history.sent.values() if window in windows), default=None)
    return last is not None and len(windows) - 1 - windows.index(last) <= cooldown


def event_of(world: World, alarm: Alarm, signer: Signs) -> dict[str, Any]:
    """A CloudEvents 1.0 event in JSON, about the window the alarm was raised on: sent late, or again, it says the same.
    The signature is over the canonical bytes of all the rest."""
    newest = alarm.first
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": alarm.id,
        "source": f"loadline/{world.project.name}",
        "type": TYPE,
        "subject": alarm.watch.name,
        "time": _end_of(world, alarm),
        "datacontenttype": "application/json",
        "data": {
            "watch": alarm.watch.name,
            "dataset": alarm.watch.dataset,
            "owner": alarm.watch.owner,
            "window": newest.window.name,
            "every": alarm.watch.every,
            "evidence": newest.evidence,
            "budget": alarm.watch.budget,
            "columns": sorted({column for _, column in newest.moved}),
            "blame": list(newest.blame),
            "action": alarm.action.value,
            "ledger_index": newest.index,
            "project_digest": world.project.digest,
        },
    }
    return signed(event, signer)


def _end_of(world: World, alarm: Alarm) -> str:
    """When the window ended: an event's time is that of what happened."""
    end: datetime = drift.add(alarm.first.start, alarm.watch.every, 1)
    return end.replace(tzinfo=ZoneInfo(world.project.model.calendar.timezone)).isoformat()
