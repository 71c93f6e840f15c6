"""What needs no project: times in words, a table that governs itself, a stream, a code, a schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadline import project as project_room
from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.draft import codes as draft_codes
from loadline.values.diagnostic import Code, Diagnostic

if TYPE_CHECKING:
    from loadline.flow.streams import Stream, StreamRequest
    from loadline.values.claim import Verification


from loadline.app.opened import as_unicode


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
    from loadline.semantics.tables import read_grid

    grid = read_grid(table)
    return None if grid is None else verify_table(as_unicode(text), grid)


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
    from loadline.adapters import identity, keys, stores, warehouses
    from loadline.adapters.tools import targets
    from loadline.flow.acting import codes as act_codes
    from loadline.flow.change import codes as change_codes
    from loadline.project.importing import codes as import_codes
    from loadline.semantics.guard import codes as guard_codes

    rooms = (
        project_room,
        semantics,
        guard_codes,
        policy,
        checks,
        ledger,
        codes,
        act_codes,
        change_codes,
        draft_codes,
        import_codes,
        identity,
        keys,
        stores,
        targets,
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
