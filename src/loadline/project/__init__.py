"""What was written: files in, one linked, digested Project out."""

from loadline.project.codes import CODES
from loadline.project.folder import read_files, read_folder
from loadline.project.kinds import KINDS, schema
from loadline.project.nouns import (
    AlarmSettings,
    Canary,
    LedgerRoles,
    NoticeSettings,
    Owner,
    Person,
    PlannerSettings,
    Project,
    Retention,
    StoreSettings,
    WarehouseSettings,
    Watch,
)
from loadline.project.reading import Reading, kind_of_file, read

__all__ = [
    "CODES",
    "KINDS",
    "AlarmSettings",
    "Canary",
    "LedgerRoles",
    "NoticeSettings",
    "Owner",
    "Person",
    "PlannerSettings",
    "Project",
    "Reading",
    "Retention",
    "StoreSettings",
    "WarehouseSettings",
    "Watch",
    "kind_of_file",
    "read",
    "read_files",
    "read_folder",
    "schema",
]
