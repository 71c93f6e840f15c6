"""The name of a time zone in, whether it is one out. The zone database comes with Python, or with `tzdata`."""

from __future__ import annotations

import zoneinfo

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.tree import Scalar
from loadline.project.wording import nearest, quoted

_NOT_THE_SAME_EVERYWHERE = ("localtime", "posixrules", "Factory")


def check_zone(scalar: Scalar, faults: Faults) -> bool:
    if is_zone(scalar.raw):
        return True
    near = nearest(scalar.raw, zoneinfo.available_timezones())
    faults.add(
        codes.MALFORMED,
        scalar.place,
        f"{quoted(scalar.raw)} is not a time zone",
        why="a time zone is a name of the IANA database, which knows its summer times",
        mend=f"write {quoted(near)}" if near else "write a name like `Europe/Berlin` or `UTC`",
    )
    return False


def is_zone(name: str) -> bool:
    if name in _NOT_THE_SAME_EVERYWHERE or name.startswith(("posix/", "right/")):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
