"""What an agent says it did in; how each of it compares with what the ledger says happened, out.

The ledger is written by the gate and not by the agent, so what an agent says is only ever compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loadline.flow.acting.record import Story, actor_key, story
from loadline.flow.acting.undone import undone_by
from loadline.flow.ports import Store
from loadline.ledger import Kind
from loadline.values.acting import ActStatus

MOST_LOOKED_AT = 10_000
_CHANGED_SOMETHING = frozenset({ActStatus.DONE, ActStatus.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """`run` as it was said (empty when none was), and each way in which it did not happen so, as a lowercase clause;
    none where it did. `is_unsaid`: it happened, and nobody said so."""

    run: str
    differs: tuple[str, ...] = ()
    is_unsaid: bool = False


def compare(store: Store, said: Iterable[Mapping[str, object]]) -> tuple[Compared, ...]:
    """Each of `said` has `run`, and what it says of it: `status`, `action`, `rows`, `undone`. After them come the acts
    of the same agents, from the first one named on, that changed something and were not named."""
    found: list[Compared] = []
    stories: list[Story] = []
    for one in said:
        run = str(one.get("run") or "")
        told = story(store, run)
        if told is None:
            found.append(Compared(run=run, differs=("the ledger knows no such run",)))
            continue
        stories.append(told)
        found.append(Compared(run=run, differs=tuple(_differences(store, told, one))))
    return (*found, *_unsaid(store, stories))


def _differences(store: Store, told: Story, said: Mapping[str, object]) -> Iterable[str]:
    receipt = told.receipt
    if "status" in said and said["status"] != told.status.value:
        yield f"said to be `{said['status']}`, and it is `{told.status}`"
    if "action" in said and said["action"] != receipt.action:
        yield f"said to be `{said['action']}`, and it was `{receipt.action}`"
    rows = receipt.effect.rows if receipt.effect is not None and told.status is ActStatus.DONE else 0
    if "rows" in said and said["rows"] != rows:
        yield f"said to have changed {said['rows']} rows, and it changed {rows:,}"
    if "undone" in said and bool(said["undone"]) != (undone := undone_by(store, told.run) is not None):
        yield f"said to be {'undone' if said['undone'] else 'not undone'}, and it is {'' if undone else 'not '}undone"
    if "can_be_undone" in said:
        can = told.status is ActStatus.DONE and not receipt.no_undo
        if bool(said["can_be_undone"]) != can:
            yield f"said that it {_can(bool(said['can_be_undone']))} be undone, and it {_can(can)}"


def _can(it: bool) -> str:
    return "can" if it else "cannot"


def _unsaid(store: Store, named: list[Story]) -> Iterable[Compared]:
    runs = {one.run for one in named}
    since = min((one.intent.ledger_index or 0 for one in named), default=0)
    agents = {one.intent.agent or one.intent.person: actor_key(one.intent) for one in named}
    for agent, key in sorted(agents.items()):
        for entry in reversed(store.find_entries(key, limit=MOST_LOOKED_AT)):
            if entry.index < since or entry.run in runs or entry.kind is not Kind.OUTCOME:
                continue
            if not entry.is_readable:
                continue
            if entry.payload["act_status"] in _CHANGED_SOMETHING:
                what = f"`{agent}` did `{entry.payload['act']['action']}`, and did not say so"
                yield Compared(run=entry.run, differs=(what,), is_unsaid=True)
