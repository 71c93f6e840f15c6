"""How a metric was written, revision by revision, and the answers that rested on it, in; its versions out.

A version is a digest over a metric's words and all it is made of, so one may begin where the metric itself was not
touched. A revision tells who began it and what changed; the ledger knows of versions that no revision has (a folder
that was never committed), by the answers that rest on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loadline.flow.change.diff import definitions, in_words
from loadline.ledger import Entry
from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.telling import definition
from loadline.semantics.versions import version_of

MOST_RECEIPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit: who made it when, and the first line of what they said of it."""

    id: str
    at: datetime
    by: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectThen:
    """The project as a revision has it; `revision` is None for the folder as it is now."""

    revision: Revision | None
    project: Project
    linked: Linked


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricVersion:
    """`revision` is where it began, `since` when (by the ledger: when an answer first rested on it), `changes` what is
    different from the version before, in words. `answers` rested on it, the newest of them `receipts`, as far as their
    reader may open them."""

    version: str
    definition: str
    since: datetime | None = None
    revision: Revision | None = None
    changes: tuple[str, ...] = ()
    answers: int = 0
    last_used: datetime | None = None
    receipts: tuple[str, ...] = ()
    is_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An answer that rested on a version; `receipt` is empty where its reader may not open it."""

    version: str
    definition: str
    at: datetime
    receipt: str


def versions(name: str, written: Sequence[ProjectThen], uses: Iterable[Use]) -> tuple[MetricVersion, ...]:
    """`written` and `uses` oldest first; the last of `written` is the folder as it is now."""
    found = _with_uses(list(_written(name, written)), list(uses))
    begun = sorted(range(len(found)), key=lambda place: (found[place].is_current, _when(found[place]), place))
    return tuple(found[place] for place in reversed(begun))


def _when(one: MetricVersion) -> float:
    return one.since.timestamp() if one.since is not None else 0.0


def _written(name: str, written: Sequence[ProjectThen]) -> Iterator[MetricVersion]:
    """Each run of equal versions once, from where it began."""
    current: MetricVersion | None = None
    before: ProjectThen | None = None
    for then in written:
        version = version_of(then.linked, name) if name in then.linked.metrics else None
        if version is None:
            if current is not None:
                yield current
            current, before = None, then
            continue
        if current is None or version != current.version:
            if current is not None:
                yield current
            current = MetricVersion(
                version=version,
                definition=definition(then.linked.metrics[name].metric),
                since=then.revision.at if then.revision else None,
                revision=then.revision,
                changes=_changes(name, before, then) if before is not None else (),
            )
        before = then
    if current is not None:
        yield replace(current, is_current=True)


def _changes(name: str, before: ProjectThen, after: ProjectThen) -> tuple[str, ...]:
    for one in definitions(before.project, after.project, before.linked, after.linked):
        if (one.change.kind, one.change.name) == ("metric", name):
            through = (f"by what it is made of: {', '.join(one.through)}",) if one.through else ()
            return (*(in_words(part) for part in one.change.parts), *through) or (str(one.change.how),)
    return ()


def _with_uses(found: list[MetricVersion], uses: Sequence[Use]) -> list[MetricVersion]:
    by_version: dict[str, list[Use]] = {}
    for use in uses:
        by_version.setdefault(use.version, []).append(use)
    told = [_used(one, by_version.get(one.version, [])) for one in found]
    known = {one.version for one in found}
    for version, of_it in by_version.items():
        if version not in known:
            only_used = MetricVersion(version=version, definition=of_it[0].definition, since=of_it[0].at)
            told.append(_used(only_used, of_it))
    return told


def _used(one: MetricVersion, uses: Sequence[Use]) -> MetricVersion:
    if not uses:
        return one
    receipts = dict.fromkeys(use.receipt for use in reversed(uses) if use.receipt)
    return replace(
        one,
        since=one.since or uses[0].at,
        answers=len(uses),
        last_used=uses[-1].at,
        receipts=tuple(receipts)[:MOST_RECEIPTS],
    )


def uses_in(entry: Entry, name: str, *, may_open: bool) -> Iterator[Use]:
    """The metric as an answer was made with it; of a metric shifted in time, under its own name."""
    said: Mapping[str, Any] = entry.payload
    for metric in said.get("metrics", ()):
        if metric["name"] == name:
            receipt = str(said["id"]) if may_open else ""
            yield Use(version=metric["version"], definition=metric["definition"], at=entry.at, receipt=receipt)
