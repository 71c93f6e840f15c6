"""A subject and the setting in; step by step what must be fetched out, and at the end what came of every promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from loadline.checks.data.asking import of_time_and_asked
from loadline.checks.data.causing import causes
from loadline.checks.data.counting import pass_over
from loadline.checks.data.keys import keys_and_references
from loadline.checks.data.known import Known, Setting, Steps
from loadline.checks.data.nouns import IsThere, NoTest, Promised
from loadline.checks.data.primitives import dialect_of
from loadline.checks.data.promises import promises_of
from loadline.checks.data.proofs import asked_of_files
from loadline.checks.data.subjects import Subject
from loadline.checks.data.there import to_run
from loadline.values.canonical import digest
from loadline.values.diagnostic import Severity
from loadline.values.finding import Files, FilesNeed, Missing, Schema, SchemaNeed
from loadline.values.promise import Broken, DataState, NotRun, Promise, PromiseRun, TableLook, Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look, and what the parts of its table said, by what they were asked: worth keeping for the next. A key that
    begins, up to its colon, with none of `current` is of a part, a contract or a program that is no more."""

    look: TableLook
    kept: Mapping[str, tuple[object, ...]]
    current: frozenset[str]


def rules_digest(subject: Subject, every: Iterable[Subject]) -> str:
    """Equal as long as the promises are."""
    return digest(list(promises_of(subject, tuple(every))))


def concerns(promise: Promise, columns: frozenset[str] | None, relations: frozenset[str] = frozenset()) -> bool:
    """Whether who reads these columns, and these relations beside them, relies on the promise."""
    if columns is None or promise.is_of_rows:
        return True
    if promise.leads_to is not None and promise.leads_to not in relations:
        return False  # nobody follows the reference
    return not columns.isdisjoint(promise.columns)


def look(subject: Subject, every: Sequence[Subject], setting: Setting) -> Steps[Looked]:
    """Look at one table. Every promise that concerns the setting's columns comes back in one of the four ways."""
    promised = [
        one
        for one in promises_of(subject, every)
        if concerns(one.promise, setting.columns, setting.relations)
        and not (setting.columns is not None and isinstance(one.test, IsThere))  # an answer's own check looks at those
    ]
    rules = rules_digest(subject, every)
    made_by = f"{setting.made_by} {rules}" if setting.made_by is not None else None
    known = Known(subject=subject, setting=setting, made_by=made_by)
    yield from _all_of(known, promised)
    runs = tuple(known.runs[one.promise.id] for one in promised)
    look = TableLook(
        table=subject.name,
        relation=subject.relation,
        contract=subject.contract,
        contract_version=subject.table.version,
        version=setting.version,
        rules=rules,
        at=setting.now,
        rows=known.rows,
        state=state_of(runs),
        runs=runs,
        parts=len(known.files.parts) if known.files is not None else None,
        unchanged=len(known.files.parts) - len(known.read) if known.files is not None and known.kept else None,
    )
    return Looked(look=look, kept=known.kept, current=known.current)


def _all_of(known: Known, promised: Sequence[Promised]) -> Steps[None]:
    for one in promised:
        if isinstance(one.test, NoTest):
            known.runs[one.promise.id] = NotRun(promise=one.promise, why=one.test.why)
    dialect = dialect_of(known.setting.dialect)
    if dialect is None:
        known.unseen(promised, f"checks do not speak the SQL of `{known.setting.dialect}`")
        return
    need = SchemaNeed(relation=known.relation)
    schema = (yield (need,)).get(need)
    if not isinstance(schema, Schema):
        known.unseen(promised, schema.why if isinstance(schema, Missing) else "its columns were not fetched")
        return
    known.live = schema.columns
    waiting = [one for one in to_run(known, promised, dialect) if one.promise.id not in known.runs]
    known.files = yield from _files(known, waiting)
    yield from pass_over(known, waiting, dialect)
    yield from keys_and_references(known, waiting, dialect)
    yield from of_time_and_asked(known, waiting, dialect)
    yield from causes(known, promised, dialect)
    for name, run in known.runs.items():
        since = known.setting.earlier.since.get(name)
        if isinstance(run, Broken):
            known.runs[name] = replace(run, first_seen=since or known.setting.now)


def _files(known: Known, waiting: Sequence[Promised]) -> Steps[Files | None]:
    """The files the rows lie in, and what they say of the columns that it may decide."""
    columns = dict.fromkeys(c.in_warehouse for one in waiting if (c := asked_of_files(one)) is not None)
    need = FilesNeed(relation=known.relation, columns=tuple(columns))
    found = (yield (need,)).get(need) if waiting else None
    return found if isinstance(found, Files) else None


def state_of(runs: Iterable[PromiseRun]) -> DataState:
    worst = DataState.UNPROMISED
    for run in runs:
        if worst is DataState.UNPROMISED and not isinstance(run, NotRun):
            worst = DataState.GREEN
        if isinstance(run, Broken | Unseen):
            if run.promise.severity is Severity.ERROR:
                return DataState.RED
            if run.promise.severity is Severity.WARNING:
                worst = DataState.AMBER
    return worst
