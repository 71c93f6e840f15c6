"""A project in, its warehouse and ledger out, opened when first needed: what every facet of an App stands on."""

from __future__ import annotations

import difflib
import getpass
import os
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from loadline.errors import ProjectError, RequestError
from loadline.flow import codes
from loadline.flow import codes_rights as rights_codes
from loadline.project import Project
from loadline.values.contract import ContractTable
from loadline.values.diagnostic import Diagnostic
from loadline.values.purpose import PURPOSES
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.adapters.stores.sqlite import SqliteStore
    from loadline.flow.ports import Events, Forbids, Planner, Warehouse
    from loadline.flow.world import RuledProject, World
    from loadline.ledger import Entry, Signer, Verifier
    from loadline.semantics import Linked


from loadline.app.places import LOCAL, MANIFEST, PARTS, key_path, makers, origin, pointed


class Opened:
    """One project, opened. The warehouse and the ledger are opened when first needed, and closed with it."""

    def __init__(
        self, project: Project, *, now: Callable[[], datetime] | None = None, planner: Planner | None = None
    ) -> None:
        """`planner` stands in for the one that loadline.yaml names, as `CallablePlanner` of a function of yours."""
        self.project = project
        self._planner = planner
        self._now = now or (lambda: datetime.now(UTC))
        self._warehouse: Warehouse | None = None
        self._writer: SqliteStore | None = None
        self._reader: SqliteStore | None = None
        self._closing: list[Callable[[], None]] = []
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def closing(self, close: Callable[[], None]) -> None:
        """Have this done when the App is closed."""
        self._closing.append(close)

    def close(self) -> None:
        while self._closing:
            self._closing.pop()()
        for opened in (self._warehouse, self._writer, self._reader):
            if opened is not None:
                opened.close()

    def principal(
        self, name: str | None = None, *, audience: str | None = None, purpose: str | None = None
    ) -> Principal:
        """Who asks: the person named, else the one this terminal's user is in the project, else `local`.

        Raises RequestError when the name or the audience is not in the project, or the purpose is none of the W3C Data
        Privacy Vocabulary.
        """
        people, audiences = self.project.people, self.project.audiences
        if audience is not None and audience not in audiences:
            raise RequestError(unknown(codes.UNKNOWN_AUDIENCE, "audience", audience, audiences, "audiences", MANIFEST))
        if name is not None and name not in people:
            raise RequestError(unknown(codes.UNKNOWN_PERSON, "person", name, people, "people", MANIFEST))
        if purpose is not None and purpose not in PURPOSES:
            raise RequestError(unknown_purpose(purpose))
        found = people.get(name or _terminal_user()) or people.get(LOCAL)
        if found is not None:
            return found.principal(audience, purpose=purpose)
        return Principal(name=_terminal_user(), audience=audience, purpose=purpose)

    def today(self) -> date:
        """This day in the project's calendar."""
        return self._now().astimezone(ZoneInfo(self.project.model.calendar.timezone)).date()

    def _open_writer(self) -> SqliteStore:
        from loadline.adapters.signers.ed25519 import load_key
        from loadline.adapters.stores.sqlite import open_store

        with self._lock:
            if self._writer is None:
                path = self.project.store.path
                signer = load_key(key_path(self.project.root, path))
                self._writer = open_store(self.project.root / path, verifier=signer.verifier, signer=signer)
            return self._writer

    def _open_reader(self) -> SqliteStore:
        """Looking back needs the public key alone: an auditor does not hold the private one."""
        from loadline.adapters.stores.sqlite import open_store

        with self._lock:
            if self._writer is not None:
                return self._writer
            if self._reader is None:
                self._reader = open_store(self.project.root / self.project.store.path, verifier=self._verifier())
            return self._reader

    def _verifier(self) -> Verifier:
        from loadline.adapters.signers.ed25519 import load_vkey, vkey_path

        return load_vkey(vkey_path(key_path(self.project.root, self.project.store.path)))

    @cached_property
    def linked(self) -> Linked:
        from loadline import semantics

        try:
            return semantics.link(self.project.model)
        except ProjectError as error:
            raise ProjectError(*pointed(self.project.root, error.diagnostics)) from error

    @cached_property
    def version(self) -> str:
        """Of loadline, as receipts give it."""
        from importlib.metadata import version

        return version("loadline-ai")

    @cached_property
    def world(self) -> World:
        """Everything one passing of the river needs. Raises ProjectError or OutsideError."""
        from loadline.adapters.planners import open_planner
        from loadline.adapters.stores.parts import SqlitePartStates
        from loadline.flow.fetch import Fetcher
        from loadline.flow.record import record_project
        from loadline.flow.world import World

        with self._lock:
            store = self._open_writer()
            linked = self.linked
            warehouse = open_warehouse(self.project)
            self._warehouse = warehouse
            world = World(
                project=self.project,
                linked=linked,
                warehouse=warehouse,
                store=store,
                fetcher=Fetcher(warehouse, timeout_seconds=self.project.warehouse.timeout_seconds),
                clock=self._now,
                new_id=new_run,
                forbids=self.forbids,
                planner=self._planner or open_planner(self.project.planner),
                planner_seconds=self.project.planner.timeout_seconds,
                parts=SqlitePartStates((self.project.root / self.project.store.path).with_name(PARTS)),
                made_by=makers(),
                version=self.version,
            )
            record_project(world)
            return world

    def _events(self) -> list[Events]:
        """Who is told of alarms."""
        from loadline.adapters.events.file import FileEvents
        from loadline.adapters.events.webhook import WebhookEvents

        alarms = self.project.alarms
        file = [FileEvents(self.project.root / alarms.file)] if alarms.file else []
        return [*file, *([WebhookEvents(alarms.webhook)] if alarms.webhook else [])]

    @cached_property
    def forbids(self) -> Forbids | None:
        """The project's own Cedar; None where it has none. Raises ProjectError where it cannot be used: a forbid that
        is not judged would be a permit."""
        if not self.project.cedar:
            return None
        from loadline.adapters.cedar import open_cedar
        from loadline.flow.cedar import export_cedar

        return open_cedar(self.project.cedar, export_cedar(self.project, "schema")[0])

    @property
    def ruled(self) -> RuledProject:
        """For what is only judged: neither warehouse nor ledger is opened."""
        from loadline.flow.world import RuledProject

        return RuledProject(project=self.project, clock=self._now, forbids=self.forbids)

    def _signer(self) -> Signer:
        from loadline.adapters.signers.ed25519 import load_key

        return load_key(key_path(self.project.root, self.project.store.path))

    def _recorded(self, since: datetime) -> Iterator[Entry]:
        """The entries from `since` on; none where there is no ledger yet."""
        from loadline.ledger.reach import first_since

        if self._writer is None and not (self.project.root / self.project.store.path).exists():
            return
        store = self._open_reader()
        newest = store.read_checkpoint()
        yield from store.read_entries(first_since(store.read_entry, newest.size if newest else 0, since))

    @contextmanager
    def _recorded_somewhere(self) -> Iterator[None]:
        """With the project's ledger; where there is none, with one that lasts as long as this."""
        from loadline.adapters.signers.ed25519 import create_key, load_key
        from loadline.adapters.stores.sqlite import create_store

        if self._writer is not None or (self.project.root / self.project.store.path).exists():
            yield
            return
        with tempfile.TemporaryDirectory(prefix="loadline-") as folder:
            key = Path(folder) / "signing.key"
            create_key(key, name=origin(self.project.name))
            signer = load_key(key)
            self._writer = create_store(Path(folder) / "ledger.db", signer=signer, verifier=signer.verifier)
            try:
                yield
            finally:
                self._writer.close()
                self._writer = None
                self.__dict__.pop("world", None)


def open_warehouse(project: Project) -> Warehouse:
    """The adapter of the kind the project names. Raises OutsideError."""
    if project.warehouse.kind == "postgres":
        from loadline.adapters.warehouses.postgres import open_postgres

        return open_postgres(project.warehouse, os.environ)
    from loadline.adapters.warehouses.duckdb import open_duckdb

    return open_duckdb(project.warehouse, project.root, contracts=_promised(project))


def link(project: Project) -> Linked:
    from loadline import semantics

    return semantics.link(project.model)


def new_run() -> str:
    return f"run-{uuid.uuid4().hex[:20]}"


def new_comparison() -> str:
    """A run that nobody asked for to know its answer: traffic does not count it."""
    from loadline.ledger.reach import COMPARISON

    return f"{COMPARISON}{uuid.uuid4().hex[:20]}"


def as_unicode(text: str) -> str:
    """Bytes that are no text (a shell can pass them) made visible, so that the question can be recorded as asked."""
    return text.encode("utf-8", "backslashreplace").decode()


def unicode_in(part: Any) -> Any:
    match part:
        case str():
            return as_unicode(part)
        case tuple():
            return tuple(map(as_unicode, part))
        case _:
            return part


def _terminal_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _promised(project: Project) -> dict[str, ContractTable]:
    """Relation to what is promised of it, for files that carry no types of their own."""
    return {d.source: _as_stored(d.table) for d in project.model.datasets.values() if d.table is not None}


def _as_stored(table: ContractTable) -> ContractTable:
    """Columns by what the warehouse calls them."""
    columns = {c.in_warehouse: replace(c, name=c.in_warehouse) for c in table.columns.values()}
    return replace(table, columns=columns)


def unknown_purpose(purpose: str) -> Diagnostic:
    near = difflib.get_close_matches(purpose, PURPOSES, n=1, cutoff=0.6)
    return Diagnostic(
        code=rights_codes.UNKNOWN_PURPOSE,
        what=f"there is no purpose `{purpose}`",
        why=codes.CODES[rights_codes.UNKNOWN_PURPOSE].why,
        mend=f"write `{near[0]}`" if near else "write one such as `ServiceProvision` or `Marketing`",
    )


def unknown(code: str, what: str, name: str, known: Iterable[str], key: str, file: str) -> Diagnostic:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return Diagnostic(
        code=code,
        what=f"there is no {what} `{name}`",
        why=codes.CODES[code].why,
        mend=f"write `{near[0]}`" if near else f"`{key}` in {file} has {', '.join(names) or 'nobody yet'}",
    )
