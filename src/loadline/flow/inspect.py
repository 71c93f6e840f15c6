"""Tables by name in; every promise of their contracts looked at on live data, and recorded, out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loadline.checks import data
from loadline.errors import OutsideError, RequestError
from loadline.flow import codes, record
from loadline.flow.ports import Store
from loadline.flow.world import World
from loadline.ledger.views.findings import TableHistory, table_history
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic
from loadline.values.promise import TableLook

REMEMBERED = 20
"""Earlier looks that a table's row count is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Which columns of a table are read, and which relations with it."""

    columns: frozenset[str]
    relations: frozenset[str]


def inspect(world: World, names: Sequence[str] = (), *, is_anew: bool = False) -> tuple[TableLook, ...]:
    """Look at every promise of these datasets and tables, of all when none is named, and record what came of it. With
    `is_anew` every part is read, whether it has changed or not.

    Raises RequestError for a name no contract speaks of.
    """
    every = data.subjects_of(world.project.model, world.project.contracts)
    looks = tuple(look_at(world, subject, every, is_anew=is_anew) for subject in _named(every, names))
    record.record_looks(world, looks)
    return looks


def look_at(
    world: World,
    subject: data.Subject,
    every: Sequence[data.Subject],
    read: Read | None = None,
    *,
    version: str | None = None,
    is_anew: bool = False,
) -> TableLook:
    """Only the promises that who reads so much of it relies on; all when None. Numbers of parts that have not changed
    are those of an earlier look, unless `is_anew`."""
    version = version or version_of(world, subject.relation)
    kept = world.parts.read_states(subject.name) if world.parts is not None else {}
    setting = data.Setting(
        dialect=world.warehouse.dialect,
        now=world.clock(),
        zone=world.project.model.calendar.timezone,
        version=version,
        columns=read.columns if read is not None else None,
        relations=read.relations if read is not None else frozenset(),
        earlier=earlier(world, subject.name, version),
        kept={} if is_anew else kept,
        made_by=world.made_by if world.parts is not None else None,
    )
    looked = drive(world, data.look(subject, every, setting), version)
    if world.parts is not None and looked.kept and version_of(world, subject.relation) == version:
        new = {key: values for key, values in looked.kept.items() if key not in kept or kept[key] != values}
        gone = [key for key in kept if key.partition(":")[0] not in looked.current]
        if new or gone:
            world.parts.write_states(subject.name, new, gone)
    return looked.look


def drive(world: World, steps: data.Steps[data.Looked], version: str) -> data.Looked:
    """Fetch what a look needs, step by step, until it returns."""
    try:
        needs = next(steps)
        while True:
            needs = steps.send(world.fetcher.fetch(needs, version=version))
    except StopIteration as done:
        found: data.Looked = done.value
        return found


def version_of(world: World, relation: str) -> str:
    """The data's version; where it cannot be told, the look says what stood in the way."""
    try:
        return world.warehouse.read_version([relation])
    except OutsideError:
        return "none:"


def earlier(world: World, table: str, version: str) -> data.Earlier:
    """Row counts of earlier versions, and since when what is broken is broken without a look in between that held."""
    rows: dict[str, int] = {version: -1}
    since: dict[str, datetime] = {}
    held: set[str] = set()
    for entry in world.store.find_entries(record.looked_at_key(table), limit=REMEMBERED):
        look = entry.payload
        if look.get("rows") is not None:
            rows.setdefault(str(look["version"]), int(look["rows"]))
        for promise in look.get("promises", ()):
            name = str(promise["id"])
            if promise["verdict"] == "kept":
                held.add(name)
            elif promise["verdict"] == "broken" and name not in held and promise.get("first_seen"):
                since[name] = datetime.fromisoformat(promise["first_seen"])
    return data.Earlier(rows=tuple(n for n in rows.values() if n >= 0), since=since)


def newest_looks(world: World, names: Sequence[str] = ()) -> tuple[dict[str, Any] | str, ...]:
    """The newest recorded look at each table, or the name of one nobody has looked at; nothing is queried."""
    every = data.subjects_of(world.project.model, world.project.contracts)
    found: list[dict[str, Any] | str] = []
    for subject in _named(every, names):
        entry = next(iter(world.store.find_entries(record.looked_at_key(subject.name), limit=1)), None)
        found.append(dict(entry.payload) if entry is not None else subject.name)
    return tuple(found)


MOST_LOOKS = 10_000


def histories(project: Project, store: Store | None, names: Sequence[str] = ()) -> tuple[TableHistory, ...]:
    """Every recorded look at each table, folded; nothing is queried. Raises RequestError for an unknown name."""
    found = []
    for subject in _named(data.subjects_of(project.model, project.contracts), names):
        key = record.looked_at_key(subject.name)
        entries = store.find_entries(key, limit=MOST_LOOKS) if store is not None else ()
        found.append(table_history(subject.name, reversed(entries)))
    return tuple(found)


def newest_look_at(world: World, table: str) -> datetime | None:
    """When the table's contract was last checked."""
    entry = next(iter(world.store.find_entries(record.looked_at_key(table), limit=1)), None)
    return entry.at if entry is not None else None


def _named(every: Sequence[data.Subject], names: Sequence[str]) -> tuple[data.Subject, ...]:
    known = {subject.name for subject in every}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RequestError(*(no_such_table(name, sorted(known)) for name in unknown))
    return tuple(subject for subject in every if not names or subject.name in names)


def no_such_table(name: str, known: Sequence[str]) -> Diagnostic:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return Diagnostic(
        code=codes.NO_SUCH_TABLE,
        what=f"no contract speaks of a dataset `{name}`",
        why=codes.CODES[codes.NO_SUCH_TABLE].why,
        mend=f"write `{near[0]}`" if near else f"write one of {', '.join(known) or 'none: write a contract first'}",
    )
