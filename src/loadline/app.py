"""The composition root: a project's folder in, an App whose methods every surface calls out.

Only here are adapters chosen. A surface parses, calls one method, renders.
"""

from __future__ import annotations

import difflib
import getpass
import os
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from loadline import project as project_room
from loadline.errors import OutsideError, ProjectError, RequestError
from loadline.flow import codes
from loadline.flow.draft import codes as draft_codes
from loadline.project import Project, WarehouseSettings
from loadline.values.canonical import plain
from loadline.values.contract import ContractTable
from loadline.values.diagnostic import Code, Diagnostic, Severity
from loadline.values.place import Place
from loadline.values.receipt import Answer
from loadline.values.request import Written
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.adapters.stores.sqlite import SqliteStore
    from loadline.flow.alarms import Alarm
    from loadline.flow.change.diff import Difference
    from loadline.flow.change.reach import Reach
    from loadline.flow.drawing import Drawn
    from loadline.flow.importing import Arrival
    from loadline.flow.ports import Events, Planner, Warehouse
    from loadline.flow.streams import Stream, StreamRequest
    from loadline.flow.views.debt import Debt
    from loadline.flow.watch_run import WatchRun
    from loadline.flow.watched import History
    from loadline.flow.world import World
    from loadline.ledger import Entry, Proven, ProvenEntry, Signer, Verifier
    from loadline.ledger.views.cells import TrafficCells
    from loadline.ledger.views.consistency import Consistency
    from loadline.ledger.views.difference import ReceiptDifference
    from loadline.project import Watch
    from loadline.project.drafting import Draft
    from loadline.project.importing.nouns import Remark
    from loadline.project.yaml_writer import Value
    from loadline.semantics import Linked
    from loadline.semantics.rollup_advice import Advice
    from loadline.values.claim import Verification
    from loadline.values.feedback import Feedback, Opinion
    from loadline.values.model import Rollup
    from loadline.values.query import Query

LOCAL = "local"
MANIFEST = "loadline.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `check` saw: every diagnostic, and what the project holds in a few words."""

    diagnostics: tuple[Diagnostic, ...]
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Where a chosen meaning was kept, and who is to approve it."""

    id: str
    path: str
    owner: str


def find_root(folder: Path | None) -> Path:
    """The project's folder: the one given, else the nearest from here upwards that holds `loadline.yaml`."""
    if folder is not None:
        return folder
    here = Path.cwd()
    return next((place for place in (here, *here.parents) if (place / MANIFEST).is_file()), here)


def check_project(folder: Path | None = None) -> Checked:
    """Read and link everything, and keep every diagnostic; nothing outside the folder is touched."""
    from loadline import semantics

    root = find_root(folder)
    reading = project_room.read_folder(root)
    found = list(reading.diagnostics)
    project = reading.project
    if project is None:
        return Checked(diagnostics=tuple(found), summary="not read to its end")
    try:
        linked = semantics.link(project.model)
    except ProjectError as error:
        found.extend(error.diagnostics)
    else:
        for rule in project.rules:
            if rule.rows is not None:
                found.extend(semantics.check_filter(linked, rule.rows))
        found.extend(_unanswerable(project, linked))
    model = project.model
    summary = (
        f"{_count(len(model.metrics), 'metric')}, {_count(len(model.datasets), 'dataset')}, "
        f"{_count(len(project.contracts), 'contract')}, {_count(len(project.rules), 'rule')}, "
        f"{_count(len(project.questions), 'verified question')}; the data itself is looked at when somebody asks"
    )
    return Checked(diagnostics=_pointed(root, dict.fromkeys(found)), summary=summary)


def _pointed(root: Path, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same, each with the line it points into: rooms that read no files know the place alone."""
    lines: dict[str, list[str]] = {}
    pointed = []
    for said in diagnostics:
        place = said.place
        if place is not None and said.excerpt is None:
            if place.file not in lines:
                try:
                    lines[place.file] = (root / place.file).read_text("utf-8-sig").splitlines()
                except (OSError, UnicodeDecodeError):
                    lines[place.file] = []
            if place.line <= len(lines[place.file]):
                said = replace(said, excerpt=lines[place.file][place.line - 1])  # noqa: PLW2901
        pointed.append(said)
    return tuple(pointed)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _unanswerable(project: Project, linked: Linked) -> list[Diagnostic]:
    """Verified questions that the model cannot answer, said where they are written."""
    from loadline import semantics
    from loadline.flow.understand import as_query

    found: list[Diagnostic] = []
    for question in project.questions:
        try:
            query = as_query(project, question, today=date(2000, 1, 1))
            semantics.resolve(linked, query, audience=question.audience)
        except RequestError as error:
            found.extend(replace(d, place=d.place or question.place) for d in error.diagnostics if not error.options)
    return found


def read_times(
    texts: Iterable[str], *, today: date | None, fiscal_year_starts: tuple[int, int], week_starts: int
) -> Iterator[dict[str, Any]]:
    """What each text means as a time, outside any project: `{text, start, end, grain}`, the end not in it (None is
    open), or `{text, refused}`. `week_starts` is 1 (Monday) to 7."""
    from loadline.semantics.time import NotUnderstood, read_window
    from loadline.values.model import Calendar

    day = today or datetime.now().astimezone().date()
    calendar = Calendar(week_starts=week_starts, fiscal_year_starts=fiscal_year_starts)
    for text in texts:
        match read_window(text, today=day, calendar=calendar):
            case NotUnderstood(reason=reason):
                yield {"text": text, "refused": reason}
            case span:
                yield {"text": text, "start": span.start, "end": span.end, "grain": span.grain}


def verify_table(text: str, table: str) -> Verification | None:
    """Check the claims of a text against a table that governs itself; no project is needed and nothing is recorded.
    None when `table` is no table."""
    from loadline.flow.verify_table import verify_table
    from loadline.semantics.claims_grid import read_grid

    grid = read_grid(table)
    return None if grid is None else verify_table(_unicode(text), grid)


def explain(code: str | None, *, also: Mapping[str, Code]) -> tuple[Code, ...]:
    """The code asked for (or every code), from all rooms and `also`. Raises RequestError for an unknown one."""
    known = {**_every_code(), **also}
    if code is None:
        return tuple(known[name] for name in sorted(known))
    wanted = code.strip().upper()
    if wanted in known:
        return (known[wanted],)
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    raise RequestError(
        Diagnostic(
            code=codes.UNKNOWN_CODE,
            what=f"there is no code `{code}`",
            why="codes are three letters and three digits, as printed in an error",
            mend=f"`loadline explain {near[0]}`" if near else "`loadline explain` lists every code",
        )
    )


def _every_code() -> dict[str, Code]:
    from loadline import checks, demo, ledger, policy, semantics
    from loadline.adapters import stores, warehouses
    from loadline.flow.change import codes as change_codes
    from loadline.project.importing import codes as import_codes

    rooms = (
        project_room,
        semantics,
        policy,
        checks,
        ledger,
        codes,
        change_codes,
        draft_codes,
        import_codes,
        stores,
        warehouses,
        demo,
    )
    return {name: code for room in rooms for name, code in room.CODES.items()}


def judge_stream(path: Path, request: StreamRequest) -> Stream:
    """Judge the windows of a plain file for drift; no project is needed. Raises RequestError and OutsideError."""
    from loadline.adapters.warehouses.duckdb import open_duckdb
    from loadline.flow.streams import judge_stream as judge
    from loadline.project import WarehouseSettings
    from loadline.values.place import Place

    files = {request.relation: str(path.absolute())}
    settings = WarehouseSettings(kind="duckdb", files=files, place=Place(file=str(path)))
    warehouse = open_duckdb(settings, path.absolute().parent)
    try:
        return judge(warehouse, replace(request, is_kept=path.suffix != ".parquet"))
    finally:
        warehouse.close()


def schema_kinds() -> tuple[str, ...]:
    return project_room.KINDS


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file kind. Raises RequestError for an unknown kind."""
    if kind not in project_room.KINDS:
        raise RequestError(
            Diagnostic(
                code=codes.UNKNOWN_KIND,
                what=f"there is no file kind `{kind}`",
                why="every file of a project is of one of a few kinds",
                mend=f"write one of {', '.join(project_room.KINDS)}",
            )
        )
    return project_room.schema(kind)


def init_project(target: Path, *, is_demo: bool = False) -> tuple[Path, ...]:
    """Write a starter project (or the demo company) and its signing key; in a folder that already holds a project,
    only the key. Returns what was written. Raises OutsideError when the folder cannot be written."""
    from loadline.adapters.signers.ed25519 import create_key, load_key
    from loadline.adapters.starter import write_starter
    from loadline.adapters.stores.sqlite import create_store

    try:
        written: tuple[Path, ...] = ()
        if not (target / MANIFEST).exists():
            if target.exists() and any(target.iterdir()):
                raise _not_empty(target)
            if is_demo:
                from loadline.demo import write_company

                written = tuple(sorted(p for p in write_company(target).root.rglob("*") if p.is_file()))
            else:
                written = write_starter(target)
        project = _read(target)
        key, ledger = _key_path(target, project.store.path), target / project.store.path
        if not key.exists():
            create_key(key, name=_origin(project.name))
            written += (key,)
        if not ledger.exists():
            signer = load_key(key)
            create_store(ledger, signer=signer, verifier=signer.verifier).close()
            written += (ledger,)
    except OSError as error:
        raise _cannot_write(error, target) from error
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A draft, and the project's folder it was written into; `is_here` when that is the current one."""

    root: Path
    draft: Draft
    is_here: bool = False


def import_warehouse(
    paths: Sequence[Path],
    *,
    into: Path | None = None,
    folder: Path | None = None,
    now: Callable[[], datetime] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Draft a project from data: a new one `into` a folder from `paths`, else what is missing in the project here.

    Nothing is overwritten, and nothing is written unless all of it reads back without errors. Raises RequestError when
    there is nothing to import, ProjectError when the project here has errors, OutsideError when reading or writing
    fails.
    """
    today = (now or (lambda: datetime.now(UTC)))().date()
    if not paths and into is None:
        return _draft_additions(_read(find_root(folder)), today, progress)
    imported = _draft_new(paths, into if into is not None else folder, today, progress)
    init_project(imported.root)
    return imported


def _draft_new(paths: Sequence[Path], root: Path | None, today: date, progress: Callable[[str], None]) -> Imported:
    from loadline.adapters import drafts
    from loadline.adapters.starter import name_of
    from loadline.adapters.warehouses.duckdb import open_duckdb
    from loadline.flow.draft.make import draft, read_back
    from loadline.project.drafting import DraftedFrom, Taken, dataset_names

    if root is None:
        raise _not_imported(draft_codes.NO_TARGET, "no folder is named for the project", "add `--into FOLDER`")
    if (root / MANIFEST).exists():
        mend = f"add the files under `warehouse.files` in its {MANIFEST}, then `loadline import warehouse -C {root}`"
        raise _not_imported(draft_codes.ALREADY_THERE, f"`{root}` is a project already", mend)
    found = drafts.find_data(paths)
    if found.others or not (found.files or found.databases) or len(found.databases) > 1:
        what = (
            f"`{found.others[0]}` is of no kind that can be read"
            if found.others
            else "a project has one DuckDB file, and several are named"
            if found.databases
            else "none of what is named holds data"
        )
        mend = "name Parquet, CSV, JSON lines or Excel files, or one DuckDB file"
        raise _not_imported(draft_codes.NOTHING_TO_IMPORT, what, mend)
    stems = dataset_names([f"{n}.{drafts.stem_of(path)}" for n, path in enumerate(found.files)], Taken())
    files = {name: drafts.seen_from(root, path) for name, path in zip(stems.values(), found.files, strict=True)}
    database = drafts.seen_from(root, found.databases[0]) if found.databases else None
    settings = WarehouseSettings(kind="duckdb", database=database, files=files, place=Place(file=MANIFEST))
    written: dict[str, Value] = {
        "kind": "duckdb",
        **({"database": database} if database else {}),
        **({"files": files} if files else {}),
    }
    root.mkdir(parents=True, exist_ok=True)
    warehouse = open_duckdb(settings, root)
    try:
        made = draft(
            warehouse,
            sorted(warehouse.read_relations()),
            taken=Taken(),
            of=DraftedFrom(project=name_of(root), warehouse=written, today=today),
            untyped=frozenset(name for name, file in files.items() if file.lower().endswith(drafts.TEXT_ENDINGS)),
            progress=progress,
        )
    finally:
        warehouse.close()
    if there := drafts.existing_files(root, made.files):
        mend = "name a folder that is empty, or holds nothing but data"
        raise _not_imported(draft_codes.ALREADY_THERE, f"`{root / there[0]}` is there already", mend)
    read_back({name: text.encode() for name, text in made.files.items()}, root)
    _write_draft(root, made)
    return Imported(root=root, draft=made, is_here=root.resolve() == Path.cwd())


def _draft_additions(project: Project, today: date, progress: Callable[[str], None]) -> Imported:
    from loadline.adapters import drafts
    from loadline.flow.draft.make import draft, read_back, taken_by, uncovered
    from loadline.project.drafting import DraftedFrom

    root = project.root
    there = project_room.read_files(root)
    warehouse = _open_warehouse(project)
    try:
        made = draft(
            warehouse,
            sorted(uncovered(warehouse.read_relations(), project)),
            taken=taken_by(project, tuple(there)),
            of=DraftedFrom(project=project.name, warehouse={}, today=today),
            untyped=frozenset(
                name for name, file in project.warehouse.files.items() if file.lower().endswith(drafts.TEXT_ENDINGS)
            ),
            progress=progress,
        )
    finally:
        warehouse.close()
    if made.datasets:
        read_back({**there, **{name: text.encode() for name, text in made.files.items()}}, root)
        _write_draft(root, made)
    return Imported(root=root, draft=made, is_here=root.resolve() == Path.cwd())


def _write_draft(root: Path, made: Draft) -> None:
    from loadline.adapters.drafts import write_files

    try:
        write_files(root, made.files)
    except OSError as error:
        raise _cannot_write(error, root) from error


def _not_imported(code: str, what: str, mend: str) -> RequestError:
    return RequestError(Diagnostic(code=code, what=what, why=draft_codes.CODES[code].why, mend=mend))


def _cannot_write(error: OSError, target: Path) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.CANNOT_WRITE,
            what=f"`{error.filename or target}` could not be written: {error.strerror or error}",
            why="a project is a folder of files",
            mend="choose a folder you may write to, with room on its disk",
        )
    )


def import_definitions(
    form: str, source: Path, target: Path, *, database: str, values: Mapping[str, str] | None = None
) -> Arrival:
    """Read definitions of another tool (`form` is dbt or ossie) and write them into the project in `target`, which is
    started over the DuckDB file `database` where there is none. What is not carried is in the Arrival, by name.

    Raises RequestError when nothing can be read or a file is in the way, OutsideError when the disk is, ProjectError
    when the project in `target` does not hold together.
    """
    from loadline.adapters.imports import read_texts, write_files
    from loadline.adapters.starter import name_of
    from loadline.flow.importing import Arrival, arriving, fitted, new_frame

    carried = arriving(form, read_texts(source), values or {})
    is_new = not (target / MANIFEST).exists()
    if is_new:
        frame = {} if MANIFEST in carried.files else new_frame(name_of(target), _found_from(target, database))
    else:
        frame = {name: data.decode("utf-8", "replace") for name, data in project_room.read_files(target).items()}
    kept = fitted(carried, frame)
    try:
        written = write_files(target, {**(frame if is_new else {}), **kept.texts()})
    except OSError as error:
        raise _cannot_write(error, target) from error
    return Arrival(carried=kept, written=(*written, *(init_project(target) if is_new else ())))


def _found_from(target: Path, database: str) -> str:
    """How a project in `target` names a file that is written as seen from there, or else from here."""
    from loadline.adapters.drafts import seen_from

    here = next((path for path in (target / database, Path(database)) if path.is_file()), None)
    return database if here is None else seen_from(target, here)


def export_ossie(folder: Path | None = None) -> tuple[str, tuple[Remark, ...]]:
    """The project as one Ossie document, and what other tools will not see of it, by name. Raises ProjectError when
    the project has errors, RequestError when it has no dataset."""
    from loadline.flow.exporting import as_ossie

    root = find_root(folder)
    return as_ossie(_read(root), project_room.read_files(root))


def _not_empty(target: Path) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NOT_EMPTY,
            what=f"`{target}` holds other files and no {MANIFEST}",
            why="a new project is written into an empty folder, so that nothing of yours is mixed up or overwritten",
            mend=f"`loadline init {target / 'loadline'}`, or name another folder",
        )
    )


def _read(root: Path) -> Project:
    reading = project_room.read_folder(root)
    if reading.project is None:
        raise ProjectError(*(d for d in reading.diagnostics if d.severity is Severity.ERROR))
    return reading.project


def _key_path(root: Path, store: str) -> Path:
    return (root / store).parent / "signing.key"


def _origin(project_name: str) -> str:
    """What checkpoints are signed as: the project, not the machine."""
    return f"loadline/{project_name}"


def open_app(folder: Path | None = None, *, planner: Planner | None = None) -> App:
    """Read the project in `folder`. Raises ProjectError with every error in it."""
    root = find_root(folder)
    return App(_read(root), planner=planner)


class App:
    """One project, opened. The warehouse and the ledger are opened when first needed, and closed with the App."""

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
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for opened in (self._warehouse, self._writer, self._reader):
            if opened is not None:
                opened.close()

    # asking

    def principal(self, name: str | None = None, *, audience: str | None = None) -> Principal:
        """Who asks: the person named, else the one this terminal's user is in the project, else `local`.

        Raises RequestError when the name or the audience is not in the project.
        """
        people, audiences = self.project.people, self.project.audiences
        if audience is not None and audience not in audiences:
            raise RequestError(_unknown(codes.UNKNOWN_AUDIENCE, "audience", audience, audiences, "audiences", MANIFEST))
        if name is not None and name not in people:
            raise RequestError(_unknown(codes.UNKNOWN_PERSON, "person", name, people, "people", MANIFEST))
        found = people.get(name or _terminal_user()) or people.get(LOCAL)
        return found.principal(audience) if found else Principal(name=_terminal_user(), audience=audience)

    def today(self) -> date:
        """This day in the project's calendar."""
        return self._now().astimezone(ZoneInfo(self.project.model.calendar.timezone)).date()

    def ask(self, words: str, *, principal: Principal, today: date | None = None, choice: int | None = None) -> Answer:
        """Ask in words; `choice` is the number of the reading to take, where there are several.

        Raises OutsideError when the warehouse or the ledger fails.
        """
        from loadline.flow.run import run
        from loadline.values.request import Ask, Words

        asked = Words(text=_unicode(words), choice=choice)
        return run(self.world, Ask(principal=principal, asked=asked, today=today or self.today()))

    def remember(self, words: str, answer: Answer, *, audience: str | None) -> Remembered:
        """Keep what a question was chosen to mean as a draft verified question, for the metric's owner to approve.

        Raises RequestError when the wording has a meaning already, OutsideError when the file cannot be written.
        """
        from loadline.adapters.remembered import REMEMBERED, write_remembered
        from loadline.flow import codes_words
        from loadline.semantics.words import Known, find_question

        query = answer.receipt.query
        known = find_question(words, _read(self.project.root).questions, audience)
        if query is None or isinstance(known, Known):
            raise RequestError(
                Diagnostic(
                    code=codes_words.CANNOT_REMEMBER,
                    what=f"`{words}` has a meaning already" if query else f"`{words}` was not given a meaning",
                    why=codes.CODES[codes_words.CANNOT_REMEMBER].why,
                    mend="change it in its file of questions/" if query else "choose one of its options",
                )
            )
        owner = next((m.owner for m in answer.receipt.metrics if m.is_asked and m.owner), None)
        try:
            name = write_remembered(self.project.root, _unicode(words), query, audience=audience, owner=owner)
        except OSError as error:
            raise OutsideError(
                Diagnostic(
                    code=codes.CANNOT_WRITE,
                    what=f"`{error.filename or REMEMBERED}` could not be written: {error.strerror or error}",
                    why="a project is a folder of files",
                    mend="make questions/ writable, or write the question by hand",
                )
            ) from error
        return Remembered(id=name, path=REMEMBERED.as_posix(), owner=owner or "somebody who answers for it")

    def ask_query(self, query: Query, *, principal: Principal, today: date | None = None) -> Answer:
        """Ask a finite query. Raises OutsideError when the warehouse or the ledger fails."""
        from loadline.flow.run import run
        from loadline.values.request import Ask

        return run(self.world, Ask(principal=principal, asked=query, today=today or self.today()))

    def ask_written(self, written: Written, *, principal: Principal, today: date | None = None) -> Answer:
        """Ask with the parts of a query as somebody wrote them; a part that cannot be read is a refusal with a receipt.

        Raises OutsideError when the warehouse or the ledger fails.
        """
        from loadline.flow.run import run
        from loadline.values.request import Ask

        # every text field, whichever there are: a part forgotten here would be a question answered without it
        asked = replace(written, **{of.name: _unicode_in(getattr(written, of.name)) for of in fields(written)})
        return run(self.world, Ask(principal=principal, asked=asked, today=today or self.today()))

    def verify(self, text: str, *, principal: Principal, today: date | None = None, name: str = "text") -> Verification:
        """Check the claims of any text against governed numbers. Raises OutsideError when the outside fails."""
        from loadline.flow.verify import verify
        from loadline.values.request import Verify

        return verify(
            self.world,
            Verify(principal=principal, text=_unicode(text), today=today or self.today(), name=_unicode(name)),
        )

    # looking at the data

    def check_data(self, names: Sequence[str] = ()) -> tuple[dict[str, Any], ...]:
        """Look at every promise of these datasets' contracts (of all, when none is named) on live data, and record
        what came of it. One mapping for each table, as `loadline data check --format json` prints it.

        Raises RequestError for an unknown name, OutsideError when the ledger fails.
        """
        from loadline.checks.data import told
        from loadline.flow.inspect import inspect

        return tuple(told(look, with_samples=True) for look in inspect(self.world, names))

    def data_status(self, names: Sequence[str] = ()) -> tuple[dict[str, Any] | str, ...]:
        """The newest recorded look at each table, or the name of a table nobody has looked at. Queries nothing."""
        from loadline.flow.inspect import newest_looks

        return newest_looks(self.world, names)

    # watching

    def watch(self, names: Sequence[str] = (), *, is_forced: bool = False) -> WatchRun:
        """One round of the watches named, or all: profile what is due, judge it, record it, send alarms.

        Raises RequestError for an unknown name, OutsideError when another process watches or the ledger fails.
        """
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import chosen, run_watches

        watches = chosen(self.project, names)
        with hold_watch(self._watch_lock()):
            return run_watches(self.world, watches, self._events(), self._signer(), is_forced=is_forced)

    def keep_watching(self, stop: threading.Event) -> Iterator[WatchRun]:
        """Round after round until `stop` is set; naps until something is due. Holds the lock throughout."""
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import chosen, nap_seconds, rounds, run_watches

        watches = chosen(self.project, ())
        with hold_watch(self._watch_lock()):
            events, signer = self._events(), self._signer()
            yield from rounds(
                lambda: run_watches(self.world, watches, events, signer),
                lambda run: stop.wait(nap_seconds(self.world, run)),
            )

    def drift_status(self, names: Sequence[str] = ()) -> tuple[list[tuple[Watch, History]], list[Alarm]]:
        """What the ledger says of the watches named, or all. Raises RequestError for an unknown name."""
        from loadline.flow.watch_run import chosen, status_of

        chosen(self.project, names)
        return status_of(self.project, self._open_reader(), names)

    def drift_history(self, column: str, *, wanted: str | None = None, segment: str = "") -> Drawn:
        """The share of one bin of `watch.column` over the windows, for a picture. Raises RequestError."""
        from loadline.flow.drawing import draw

        return draw(self.project, self._open_reader(), column, wanted=wanted, segment=segment)

    def accept_drift(
        self, watch: str, *, principal: Principal, because: str, since: datetime | None = None
    ) -> Mapping[str, object]:
        """Take a new baseline, in the name of `principal`. Raises RequestError and OutsideError."""
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import accept_baseline, chosen

        chosen(self.project, (watch,))
        with hold_watch(self._watch_lock()):
            _, said = accept_baseline(self.world, watch, by=principal.name, because=because, since=since)
        return said

    def _watch_lock(self) -> Path:
        return (self.project.root / self.project.store.path).parent / "watch.lock"

    def _signer(self) -> Signer:
        from loadline.adapters.signers.ed25519 import load_key

        return load_key(_key_path(self.project.root, self.project.store.path))

    def _events(self) -> list[Events]:
        from loadline.adapters.events.file import FileEvents
        from loadline.adapters.events.webhook import WebhookEvents

        alarms = self.project.alarms
        file = [FileEvents(self.project.root / alarms.file)] if alarms.file else []
        return [*file, *([WebhookEvents(alarms.webhook)] if alarms.webhook else [])]

    # looking back

    def receipt(self, wanted: str) -> dict[str, Any]:
        """The recorded receipt whose id (or run) begins like this; the newest, when the same question was asked again.

        Raises RequestError when there is none, or when several differ.
        """
        entries = [e for e in self._open_reader().find_entries(wanted) if "checks_not_run" in e.payload]
        ids = {str(entry.payload["id"]) for entry in entries}
        if not entries:
            raise RequestError(
                Diagnostic(
                    code=codes.NO_SUCH_RECEIPT,
                    what=f"the ledger holds no receipt `{wanted}`",
                    why=codes.CODES[codes.NO_SUCH_RECEIPT].why,
                    mend="copy the id printed under an answer; its first 11 characters (`rcpt-` and 6 more) suffice",
                )
            )
        if len(ids) > 1:
            raise RequestError(
                Diagnostic(
                    code=codes.SEVERAL_RECEIPTS,
                    what=f"{len(ids)} receipts begin with `{wanted}`",
                    why=codes.CODES[codes.SEVERAL_RECEIPTS].why,
                    mend="write one of " + ", ".join(f"`{name}`" for name in sorted(ids)),
                )
            )
        return {**plain(entries[0].payload), "ledger_index": entries[0].index}

    def prove_entry(self, index: int) -> ProvenEntry:
        """Prove that the newest signed checkpoint contains an entry. Raises TamperError when it does not."""
        from loadline import ledger

        store = self._open_reader()
        return ledger.prove_entry(store.read_entry(index), store.read_checkpoint(), store.read_node, self._verifier())

    def prove(self, *, held: Sequence[str] = ()) -> Proven:
        """Recompute the whole ledger against its checkpoints, and against those `held` elsewhere.

        Raises TamperError that names the first entry or checkpoint that breaks.
        """
        from loadline import ledger

        store = self._open_reader()
        return ledger.prove(
            store.read_entries(),
            store.read_checkpoints(),
            self._verifier(),
            held=held,
            read_node=store.read_node,
        )

    def export_ledger(self, target: Path) -> int:
        """Write the whole ledger into one file that proves without loadline; return the number of entries.

        Raises OutsideError when the file cannot be written.
        """
        from loadline.adapters.stores.export import write_export

        return write_export(self._open_reader(), self._verifier(), target)

    def impact(self, name: str, *, days: int = 28) -> Reach:
        """Everything `name` reaches, and the share of the last `days` of recorded questions that rests on it.

        Raises RequestError when it names nothing, or several things.
        """
        from loadline.flow.change.reach import reach_of, with_traffic
        from loadline.ledger.reach import first_since

        reach = reach_of(self.project, self.linked, name)
        if not (self.project.root / self.project.store.path).exists():
            return reach
        store, until = self._open_reader(), self._now()
        since = until - timedelta(days=days)
        newest = store.read_checkpoint()
        start = first_since(store.read_entry, newest.size if newest else 0, since)
        return with_traffic(reach, self.linked, store.read_entries(start), since=since, until=until)

    def debt(self, *, days: int = 28) -> Debt:
        """What is unclear, unowned, unpromised or unused in the project, and the share of the last `days` of recorded
        questions that rests on each."""
        from loadline.flow.views.debt import debt_of
        from loadline.ledger.views.asked import usage
        from loadline.semantics.words import normal

        until = self._now()
        since = until - timedelta(days=days)
        counted = usage(self._recorded(since), normal, since=since, until=until)
        return debt_of(self.project, self.linked, counted, self._metrics_at(since))

    def consistency(self, *, days: int = 28) -> Consistency:
        """How alike the answers to the same question were, in the last `days`, and why some were not."""
        from loadline.flow.views.verified import judge_of
        from loadline.ledger.views.consistency import consistency
        from loadline.semantics.words import normal

        until = self._now()
        since = until - timedelta(days=days)
        is_right = judge_of(self.project, self.linked, ZoneInfo(self.project.model.calendar.timezone))
        return consistency(self._recorded(since), normal, is_right, since=since, until=until)

    def compare_receipts(self, old: str, new: str) -> ReceiptDifference:
        """What differs between two receipts, and by what cause. Raises RequestError as `receipt` does."""
        from loadline.ledger.views.difference import explain

        return explain(self.receipt(old), self.receipt(new))

    def feedback(self, receipt: str, opinion: Opinion, *, principal: Principal, note: str = "") -> tuple[Feedback, int]:
        """Record what `principal` says of the answer with this receipt; return it and the number of its ledger entry.

        Raises RequestError as `receipt` does, OutsideError when the ledger cannot be written.
        """
        from loadline.flow.record import record_feedback
        from loadline.values.feedback import Feedback

        found = self.receipt(receipt)
        said = Feedback(
            receipt=found["id"], question=found["question"], opinion=opinion, by=principal.name, note=note.strip()
        )
        return said, record_feedback(self._open_writer(), said, run=_new_run(), at=self._now())

    def traffic(self, *, days: int = 28) -> TrafficCells:
        """What kinds of questions were asked in the last `days`, and how much of that a verified question tests."""
        from loadline.flow.views.tested import tested_signatures
        from loadline.ledger.views.cells import cells

        until = self._now()
        since = until - timedelta(days=days)
        tested = tested_signatures(self.project, self.linked, self.today())
        return cells(self._recorded(since), tested, since=since, until=until)

    def _recorded(self, since: datetime) -> Iterator[Entry]:
        """The entries from `since` on; none where there is no ledger yet."""
        from loadline.ledger.reach import first_since

        if self._writer is None and not (self.project.root / self.project.store.path).exists():
            return
        store = self._open_reader()
        newest = store.read_checkpoint()
        yield from store.read_entries(first_since(store.read_entry, newest.size if newest else 0, since))

    def _metrics_at(self, moment: datetime) -> frozenset[str] | None:
        """The metrics the project had then, as the ledger noted; None where it does not reach back as far."""
        if self._writer is None and not (self.project.root / self.project.store.path).exists():
            return None
        noted = self._open_reader().find_entries("project", limit=10_000)
        then = next((entry for entry in noted if entry.at <= moment), None)
        return None if then is None else frozenset(then.payload["metrics"])

    def rollups(self) -> list[tuple[Rollup, bool]]:
        """The declared rollups, and whether each counts as many rows as its dataset has. Raises OutsideError."""
        from loadline.flow.rollups import current_rollups

        current = current_rollups(self.world)
        return [(one.rollup, one.rollup.name in current) for one in self.linked.rollups]

    def rollup_sql(self, name: str) -> str:
        """The SELECT whose rows a rollup holds, in the warehouse's dialect. Raises RequestError for an unknown one."""
        from loadline.semantics import rollup_query

        return rollup_query(self.linked, name, self.world.warehouse.dialect)

    def advise_rollups(self, *, days: int = 28) -> tuple[Advice, ...]:
        """Rollups that would have served the recorded questions of the last `days`, those that took longest first."""
        from loadline.flow.rollups import asked_since
        from loadline.semantics.rollup_advice import advise

        if not (self.project.root / self.project.store.path).exists():
            return ()
        return advise(self.linked, asked_since(self._open_reader(), self._now() - timedelta(days=days)))

    def diff(
        self, revision: str, *, has_values: bool = True, person: str | None = None, today: date | None = None
    ) -> Difference:
        """What this project changes against a folder, or a revision of git: definitions, and with `has_values` the
        answers to verified questions, asked of both over the data as it is now.

        What is asked for it is recorded in the ledger, as runs that traffic does not count; where there is no ledger
        (a fresh checkout), in one that is thrown away. Raises RequestError for an unknown revision or one whose project
        cannot be read, OutsideError when git, the warehouse or the ledger fails.
        """
        from loadline.flow.change import diff

        old = self._project_before(revision)
        old_linked = _link(old)
        altered = diff.definitions(old, self.project, old_linked, self.linked)
        if not has_values:
            return diff.Difference(altered=altered)
        principal = self.principal(person)
        with self._recorded_somewhere():
            after = replace(self.world, new_id=_new_comparison)
            before = replace(after, project=replace(old, warehouse=self.project.warehouse), linked=old_linked)
            compared = diff.questions(before, after, principal, today or self.today())
        return diff.Difference(altered=altered, questions=compared)

    def _project_before(self, revision: str) -> Project:
        from loadline.adapters.git import read_revision
        from loadline.flow.change import codes as change_codes

        root = self.project.root
        folder = Path(revision)
        is_folder = (folder / MANIFEST).is_file()
        files = project_room.read_files(folder) if is_folder else read_revision(root, revision)
        reading = project_room.read(files, root)
        if reading.project is not None:
            return reading.project
        errors = [said for said in reading.diagnostics if said.severity is Severity.ERROR]
        raise RequestError(
            Diagnostic(
                code=change_codes.OLD_PROJECT,
                what=f"the project of `{revision}` has {_count(len(errors), 'error')}, the first: {errors[0].what}",
                why=change_codes.CODES[change_codes.OLD_PROJECT].why,
                mend="compare with a revision or folder that passes `loadline check`",
            )
        )

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
            create_key(key, name=_origin(self.project.name))
            signer = load_key(key)
            self._writer = create_store(Path(folder) / "ledger.db", signer=signer, verifier=signer.verifier)
            try:
                yield
            finally:
                self._writer.close()
                self._writer = None
                self.__dict__.pop("world", None)

    def checkpoint(self) -> str:
        """The newest signed checkpoint, as a C2SP signed note."""
        newest = self._open_reader().read_checkpoint()
        return newest.note if newest else ""

    # the outside, opened when needed

    def _open_writer(self) -> SqliteStore:
        from loadline.adapters.signers.ed25519 import load_key
        from loadline.adapters.stores.sqlite import open_store

        with self._lock:
            if self._writer is None:
                path = self.project.store.path
                signer = load_key(_key_path(self.project.root, path))
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

        return load_vkey(vkey_path(_key_path(self.project.root, self.project.store.path)))

    @cached_property
    def linked(self) -> Linked:
        from loadline import semantics

        try:
            return semantics.link(self.project.model)
        except ProjectError as error:
            raise ProjectError(*_pointed(self.project.root, error.diagnostics)) from error

    @cached_property
    def world(self) -> World:
        """Everything one passing of the river needs. Raises ProjectError or OutsideError."""
        from loadline.adapters.planners import open_planner
        from loadline.flow.fetch import Fetcher
        from loadline.flow.record import record_project
        from loadline.flow.world import World

        with self._lock:
            store = self._open_writer()
            linked = self.linked
            warehouse = _open_warehouse(self.project)
            self._warehouse = warehouse
            world = World(
                project=self.project,
                linked=linked,
                warehouse=warehouse,
                store=store,
                fetcher=Fetcher(warehouse, timeout_seconds=self.project.warehouse.timeout_seconds),
                clock=self._now,
                new_id=_new_run,
                planner=self._planner or open_planner(self.project.planner),
                planner_seconds=self.project.planner.timeout_seconds,
            )
            record_project(world)
            return world


def _open_warehouse(project: Project) -> Warehouse:
    """The adapter of the kind the project names. Raises OutsideError."""
    if project.warehouse.kind == "postgres":
        from loadline.adapters.warehouses.postgres import open_postgres

        return open_postgres(project.warehouse, os.environ)
    from loadline.adapters.warehouses.duckdb import open_duckdb

    return open_duckdb(project.warehouse, project.root, contracts=_promised(project))


def _link(project: Project) -> Linked:
    from loadline import semantics

    return semantics.link(project.model)


def _new_run() -> str:
    return f"run-{uuid.uuid4().hex[:20]}"


def _new_comparison() -> str:
    """A run that nobody asked for to know its answer: traffic does not count it."""
    from loadline.ledger.reach import COMPARISON

    return f"{COMPARISON}{uuid.uuid4().hex[:20]}"


def _unicode(text: str) -> str:
    """Bytes that are no text (a shell can pass them) made visible, so that the question can be recorded as asked."""
    return text.encode("utf-8", "backslashreplace").decode()


def _unicode_in(part: Any) -> Any:
    match part:
        case str():
            return _unicode(part)
        case tuple():
            return tuple(map(_unicode, part))
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


def _unknown(code: str, what: str, name: str, known: Iterable[str], key: str, file: str) -> Diagnostic:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return Diagnostic(
        code=code,
        what=f"there is no {what} `{name}`",
        why=codes.CODES[code].why,
        mend=f"write `{near[0]}`" if near else f"`{key}` in {file} has {', '.join(names) or 'nobody yet'}",
    )
