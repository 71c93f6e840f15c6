"""A table by name in; the SQL of its failing and of its clean rows, over the columns there are, out."""

from __future__ import annotations

from datetime import datetime

from loadline.checks import data
from loadline.checks.data.primitives import dialect_of
from loadline.checks.data.quarantine import Quarantine, quarantine
from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.inspect import no_such_table
from loadline.flow.ports import Warehouse
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic


def quarantine_of(
    project: Project, warehouse: Warehouse, name: str, *, now: datetime, has_warnings: bool
) -> Quarantine:
    """Raises RequestError for a name no contract speaks of, and for a warehouse whose SQL checks do not speak;
    OutsideError when its columns cannot be read."""
    every = data.subjects_of(project.model, project.contracts)
    subject = next((one for one in every if one.name == name), None)
    if subject is None:
        raise RequestError(no_such_table(name, sorted(one.name for one in every)))
    dialect = dialect_of(warehouse.dialect)
    if dialect is None:
        raise RequestError(
            Diagnostic(
                code=codes.NO_SUCH_TABLE,
                what=f"checks do not speak the SQL of `{warehouse.dialect}`",
                why="rows are put aside by the conditions that checks count by",
                mend="keep the rows in a warehouse that checks can look at",
            )
        )
    setting = data.Setting(dialect=warehouse.dialect, now=now, zone=project.model.calendar.timezone, version="none:")
    live = warehouse.read_schema(subject.relation)
    return quarantine(subject, every, dialect, live, setting, has_warnings=has_warnings)
