"""Data or another tool's definitions in, a project of files out; and a project in, another tool's file out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loadline import project as project_room
from loadline.errors import OutsideError, RequestError
from loadline.flow import codes
from loadline.flow.draft import codes as draft_codes
from loadline.project import Project, WarehouseSettings
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place

if TYPE_CHECKING:
    from loadline.flow.importing import Arrival
    from loadline.project.drafting import Draft
    from loadline.project.importing.nouns import Remark
    from loadline.project.yaml_writer import Value


from loadline.app.opened import open_warehouse
from loadline.app.places import MANIFEST, cannot_write, find_root, key_path, origin, read_project


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
        project = read_project(target)
        key, ledger = key_path(target, project.store.path), target / project.store.path
        if not key.exists():
            create_key(key, name=origin(project.name))
            written += (key,)
        if not ledger.exists():
            signer = load_key(key)
            create_store(ledger, signer=signer, verifier=signer.verifier).close()
            written += (ledger,)
    except OSError as error:
        raise cannot_write(error, target) from error
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A draft, and the project's folder it was written into; `is_here` when that is the current one."""

    root: Path
    draft: Draft
    is_here: bool = False
    outside: tuple[str, ...] = ()  # files that lie elsewhere, and are named in full


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
        return _draft_additions(read_project(find_root(folder)), today, progress)
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
    outside = tuple(name for name in (*files.values(), database or "") if Path(name).is_absolute())
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
            of=DraftedFrom(project=name_of(root), warehouse=written, today=today, outside=outside),
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
    return Imported(root=root, draft=made, is_here=root.resolve() == Path.cwd(), outside=outside)


def _draft_additions(project: Project, today: date, progress: Callable[[str], None]) -> Imported:
    from loadline.adapters import drafts
    from loadline.flow.draft.make import draft, read_back, taken_by, uncovered
    from loadline.project.drafting import DraftedFrom

    root = project.root
    there = project_room.read_files(root)
    warehouse = open_warehouse(project)
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
        raise cannot_write(error, root) from error


def _not_imported(code: str, what: str, mend: str) -> RequestError:
    return RequestError(Diagnostic(code=code, what=what, why=draft_codes.CODES[code].why, mend=mend))


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
        raise cannot_write(error, target) from error
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
    return as_ossie(read_project(root), project_room.read_files(root))


def _not_empty(target: Path) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NOT_EMPTY,
            what=f"`{target}` holds other files and no {MANIFEST}",
            why="a new project is written into an empty folder, so that nothing of yours is mixed up or overwritten",
            mend=f"`loadline init {target / 'loadline'}`, or name another folder",
        )
    )
