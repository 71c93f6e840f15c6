"""The composition root: a project's folder in, an App whose methods every surface calls out.

Only here are adapters chosen. A surface parses, calls one method, renders. An App is made of facets, a file each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from loadline.app.acting import Stop
from loadline.app.asking import Asking, Remembered
from loadline.app.changing import Changing
from loadline.app.checking import Checked, check_project
from loadline.app.drafting import Imported, export_ossie, import_definitions, import_warehouse, init_project
from loadline.app.forgetting import Forgetting
from loadline.app.fronting import Fronting
from loadline.app.keys import Keys
from loadline.app.overviewing import Overviewing
from loadline.app.places import MANIFEST, find_root, read_project
from loadline.app.policing import Policing
from loadline.app.replaying import Promoted, Replaying
from loadline.app.showing import Showing
from loadline.app.standalone import explain, judge_stream, read_times, schema, schema_kinds, verify_table
from loadline.app.tracing import Tracing
from loadline.app.using import Using
from loadline.app.versioning import Versioning
from loadline.app.watching import Watching

if TYPE_CHECKING:
    from loadline.flow.ports import Planner

__all__ = [
    "MANIFEST",
    "App",
    "Checked",
    "Imported",
    "Promoted",
    "Remembered",
    "Stop",
    "check_project",
    "explain",
    "export_ossie",
    "find_root",
    "import_definitions",
    "import_warehouse",
    "init_project",
    "judge_stream",
    "open_app",
    "read_times",
    "schema",
    "schema_kinds",
    "verify_table",
]


class App(
    Asking,
    Showing,
    Keys,
    Overviewing,
    Watching,
    Replaying,
    Tracing,
    Policing,
    Changing,
    Using,
    Fronting,
    Forgetting,
    Versioning,
):
    """One project, opened. The warehouse and the ledger are opened when first needed, and closed with the App."""


def open_app(folder: Path | None = None, *, planner: Planner | None = None) -> App:
    """Read the project in `folder`. Raises ProjectError with every error in it."""
    return App(read_project(find_root(folder)), planner=planner)
