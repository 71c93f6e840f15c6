"""A plan that is carried out in; whether the columns it reads still look as they did, by the newest recorded windows of
their watches, out. Nothing is profiled here: watching goes at its own pace, and an answer is told how it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadline.flow.watched import key_of
from loadline.flow.world import World
from loadline.ledger import Entry
from loadline.project import Watch
from loadline.values.finding import CheckRun, Finding, Gravity, Looked
from loadline.values.plan import Plan, Statement

DRIFT = "distribution-drift"
NOT_LOOKED = "distribution drift"
_MIDNIGHT = " 00:00:00"
_NEWEST = (20, 1_000)
"""Entries that are looked through for the newest window: a few first, for it is nearly always among them."""


def look_at_drift(world: World, plan: Plan, statement: Statement) -> tuple[tuple[CheckRun, ...], tuple[str, ...]]:
    """One check for each watch of what is read, and what nobody watches. An alarm on a column that is read marks the
    answer: the number is right, and may not mean what it used to."""
    read: dict[str, set[str]] = {}
    for source in (*plan.sources, *statement.sources):
        read.setdefault(source.dataset, set()).update(source.columns)
    checks: list[CheckRun] = []
    bare: list[str] = []
    for dataset, columns in read.items():
        watching = [one for one in world.project.watches.values() if one.dataset == dataset]
        looked = [found for one in watching if (found := _look(world, one, columns)) is not None]
        checks += [one for one in looked if not isinstance(one, _Unlooked)]
        bare += [one.why for one in looked if isinstance(one, _Unlooked)]
        if not looked:
            bare.append(f"`{dataset}`, which nobody watches")
    if not checks and all(said.endswith("which nobody watches") for said in bare):
        return (), (NOT_LOOKED,)
    return tuple(checks), tuple(f"{NOT_LOOKED} of {said}" for said in bare)


@dataclass(frozen=True, slots=True)
class _Unlooked:
    """A watch that has nothing to say yet."""

    why: str


def _look(world: World, watch: Watch, columns: set[str]) -> CheckRun | _Unlooked | None:
    """None when the watch is about none of these columns."""
    watched = sorted(columns & set(watch.columns))
    if not watched:
        return None
    newest = _newest(world, watch)
    if newest is None or newest.payload["what"] == "baseline" or newest.payload["role"] != "judged":
        return _Unlooked(f"`{watch.dataset}`, whose watch `{watch.name}` is still learning what is natural")
    window = str(newest.payload["window"]).removesuffix(_MIDNIGHT)
    subject = f"{watch.dataset} ({', '.join(watched)}), up to the window {window}"
    return Looked(check=DRIFT, subject=subject, findings=tuple(_found(watch, newest, watched, window)))


def _newest(world: World, watch: Watch) -> Entry | None:
    """The newest window that was looked at, or the baseline taken after it."""
    for limit in _NEWEST:
        entries = world.store.find_entries(key_of(watch.name), limit=limit)
        own = (one for one in entries if one.payload.get("watch") == watch.name)
        found = next((one for one in own if one.payload.get("what") in {"window", "baseline"}), None)
        if found is not None or len(entries) < limit:
            return found
    return None


def _found(watch: Watch, newest: Entry, watched: list[str], window: str) -> Iterator[Finding]:
    said = newest.payload
    if not said["is_alarm"]:
        return
    moved = {column for _, column in said["moved"]}
    # Where no column alone has moved enough, the alarm is about all of them together.
    mine = [column for column in watched if column in moved or not moved]
    if not mine:
        return
    blame = [line for line in said["blame"] if any(line.startswith(f"`{column}`") for column in mine)]
    names = ", ".join(f"`{watch.dataset}.{column}`" for column in mine)
    yield Finding(
        check=DRIFT,
        subject=f"{watch.dataset} ({', '.join(mine)})",
        gravity=Gravity.DOUBTFUL,
        what=f"{names} left the natural range, newest in the window {window}: "
        + ("; ".join(blame[:3]) or f"evidence is {said['evidence']:,.0f}"),
        mend=f"find what changed upstream; if this is the new normal: `loadline drift accept {watch.name} --as NAME "
        f"--because TEXT`",
    )
