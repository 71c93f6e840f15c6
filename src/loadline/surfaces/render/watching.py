"""Rounds of watches and their histories in; lines to read, annotations, or JSON, out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadline.checks.data import told
from loadline.checks.drift import codes
from loadline.flow.acting.codes import CANARY
from loadline.flow.alarms import Alarm
from loadline.flow.watch import Came, Turn
from loadline.flow.watch_run import WatchRun
from loadline.flow.watched import History
from loadline.project import Watch
from loadline.surfaces.render.acting import canary_as_text
from loadline.surfaces.render.diagnostics import annotation
from loadline.surfaces.render.diagnostics import as_json as diagnostics_as_json
from loadline.surfaces.render.looks import unpromised_words
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.promise import Broken, DataState, Kept, TableLook, Unseen

_DO = {
    "record": "the inputs moved and quality is steady: recorded",
    "retrain": "the inputs moved and quality is down: retrain",
    "investigate": "quality is down over inputs that look as they did: investigate",
}


def run_as_text(run: WatchRun) -> list[str]:
    palette = Palette.of()
    lines = [f"{_painted(turn, palette)}  {clean(turn.watch.name)}: {clean(_told(turn))}" for turn in run.turns]
    canaries = [canary_as_text(one, palette) for one in run.canaries]
    looks = [_look_as_text(look, palette) for look in run.looks]
    said = [*lines, *canaries, *looks, *_alarms_as_text(run.alarms, palette)]
    return said or ["nothing is due"]


def _look_as_text(look: TableLook, palette: Palette) -> str:
    broken = [one for one in look.runs if isinstance(one, Broken)]
    kept = sum(isinstance(one, Kept) for one in look.runs)
    if look.state is DataState.UNPROMISED:
        return f"{palette.dim('nothing')}  {clean(look.table)}: {unpromised_words(len(look.runs))}"
    unseen = sum(isinstance(one, Unseen) for one in look.runs)
    said = f"{clean(look.table)}: {kept} promises kept, {len(broken)} broken of {len(look.runs)}"
    if unseen:
        return f"{palette.red('failed ')}  {said}, {unseen} could not be looked at; see `loadline data status`"
    return (
        f"{palette.red('broken ')}  {said}; see `loadline data status`"
        if broken
        else f"{palette.green('kept   ')}  {said}"
    )


def _painted(turn: Turn, palette: Palette) -> str:
    match turn.came:
        case Came.LOOKED:
            return palette.red("alarm  ") if turn.history.alarm else palette.green("looked ")
        case Came.WAITING:
            return palette.yellow("waiting")
        case Came.BACKING_OFF | Came.FAILED:
            return palette.red("failed ")


def _told(turn: Turn) -> str:
    if turn.came is not Came.LOOKED:
        return turn.why
    windows = f"{turn.windows} new window{'' if turn.windows == 1 else 's'}"
    return f"{windows}, {_standing(turn.watch, turn.history)}"


def _standing(watch: Watch, history: History) -> str:
    if not history.seen:
        return "nothing looked at yet"
    newest = history.seen[-1]
    name = newest.window.name.removesuffix(" 00:00:00")
    if newest.role == "learned":
        learn = history.baseline.learn if history.baseline else 0
        return f"learning: {len(history.seen)} of {max(learn, 8)} windows, the newest {name}"
    return f"the newest {name}, evidence {newest.evidence:,.2f} of {watch.budget:,.0f}"


def _alarms_as_text(alarms: Sequence[Alarm], palette: Palette) -> list[str]:
    lines = []
    for alarm in alarms:
        what = f"{palette.bold(clean(alarm.watch.name))} {clean(alarm.finding.what.partition(': ')[0])}"
        lines += ["", f"{palette.red(f'alarm[{codes.ALARM}]')}: {what}"]
        lines += [f"  {clean(line)}" for line in alarm.newest.blame]
        lines.append(f"  {_DO[alarm.action.value]}; event {alarm.id}")
        lines.append(palette.dim(f"  mend: {clean(alarm.finding.mend)}"))
    return lines


def status_as_text(pairs: Sequence[tuple[Watch, History]], alarms: Sequence[Alarm]) -> list[str]:
    palette = Palette.of()
    lines = []
    for watch, history in pairs:
        word = palette.red("alarm  ") if history.alarm else palette.green("natural") if history.seen else "unseen "
        lines.append(f"{word}  {clean(watch.name)}: {_standing(watch, history)}")
        if history.baseline is not None and history.baseline.by:
            said = f"baseline since {history.baseline.start}, by {history.baseline.by}: {history.baseline.because}"
            lines.append(palette.dim(f"         {clean(said)}"))
        if history.failure is not None:
            lines.append(palette.yellow(f"         could not look: {clean(history.failure.why)}"))
        lines += [palette.dim(f"         {clean(note)}") for note in (history.seen[-1].notes if history.seen else ())]
    if not pairs:
        lines.append("nothing is watched for drift: add `watch` to loadline.yaml")
    return [*lines, *_alarms_as_text(alarms, palette)]


def run_as_github(run: WatchRun) -> list[str]:
    alarms = [annotation("warning", f"{a.watch.name} {a.finding.what}", title=codes.ALARM) for a in run.alarms]
    failed = [
        annotation("error", f"{turn.watch.name}: {turn.why}", title=codes.CANNOT_LOOK)
        for turn in run.turns
        if turn.came is Came.FAILED
    ]
    asleep = [annotation("error", f"canary {c.name} {c.what}", title=CANARY) for c in run.canaries if not c.is_denied]
    return [*alarms, *failed, *asleep]


def run_as_json(run: WatchRun) -> dict[str, Any]:
    return {
        "watches": [
            {
                **_watch_as_json(turn.watch, turn.history),
                "came": turn.came.value,
                "windows_looked_at": turn.windows,
                "why": turn.why,
            }
            for turn in run.turns
        ],
        "alarms": [_alarm_as_json(alarm) for alarm in run.alarms],
        "contracts": [told(look, with_samples=False) for look in run.looks],
        "canaries": [plain(one) for one in run.canaries],
        "unsent": diagnostics_as_json(run.unsent),
    }


def status_as_json(pairs: Sequence[tuple[Watch, History]], alarms: Sequence[Alarm]) -> dict[str, Any]:
    return {
        "watches": [_watch_as_json(watch, history) for watch, history in pairs],
        "alarms": [_alarm_as_json(alarm) for alarm in alarms],
    }


def _watch_as_json(watch: Watch, history: History) -> dict[str, Any]:
    newest, baseline = (history.seen[-1] if history.seen else None), history.baseline
    return {
        "watch": watch.name,
        "dataset": watch.dataset,
        "every": watch.every,
        "budget": watch.budget,
        "baseline": {"since": baseline.start, "windows": baseline.learn, "by": baseline.by, "because": baseline.because}
        if baseline
        else None,
        "windows": len(history.seen),
        "newest": newest.window.name if newest else None,
        "evidence": newest.evidence if newest else None,
        "is_alarm": history.alarm is not None,
        "notes": list(newest.notes) if newest else [],
        "failure": history.failure.why if history.failure else None,
    }


def _alarm_as_json(alarm: Alarm) -> dict[str, Any]:
    return {
        "code": codes.ALARM,
        "id": alarm.id,
        "watch": alarm.watch.name,
        "since": alarm.first.window.name,
        "evidence": alarm.newest.evidence,
        "columns": sorted({column for _, column in alarm.newest.moved}),
        "blame": list(alarm.newest.blame),
        "action": alarm.action.value,
        "mend": alarm.finding.mend,
        "ledger_index": alarm.newest.index,
    }
