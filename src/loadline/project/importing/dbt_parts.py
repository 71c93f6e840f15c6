"""The small forms dbt writes things in (a filter as a text, a list or an object; a window as words or an object)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from loadline.project.importing.nouns import CannotCarry


def name_of(written: Mapping[str, Any]) -> str:
    """Raises CannotCarry for a definition without a name."""
    name = written.get("name")
    if not isinstance(name, str) or not name:
        raise CannotCarry("it has no name")
    return name


def text_of(written: Mapping[str, Any], key: str) -> str:
    found = written.get(key)
    return " ".join(str(found).split()) if found is not None else ""


def mapping_of(written: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = written.get(key)
    return found if isinstance(found, Mapping) else {}


def items_of(written: Mapping[str, Any], key: str) -> list[Any]:
    found = written.get(key)
    return found if isinstance(found, list) else []


def filters_of(written: Mapping[str, Any], key: str = "filter") -> tuple[str, ...]:
    """The templates of a filter, all of which hold."""
    found = written.get(key)
    match found:
        case None:
            return ()
        case str():
            return (found.strip(),)
        case list():
            return tuple(str(one).strip() for one in found)
        case Mapping():
            return tuple(
                str(one.get("where_sql_template", "")).strip()
                for one in items_of(found, "where_filters")
                if isinstance(one, Mapping)
            )
        case _:
            return (str(found),)


def window_of(found: object) -> str | None:
    """`2 months`, from the words or from `{count, granularity}`."""
    match found:
        case None:
            return None
        case Mapping():
            return _window(str(found.get("count")), str(found.get("granularity")))
        case _:
            count, _, unit = str(found).strip().partition(" ")
            return _window(count, unit)


def _window(count: str, unit: str) -> str:
    unit = unit.strip().lower()
    if not count.isdigit() or not re.fullmatch(r"[a-z_]\w*", unit):
        raise CannotCarry(f"the window `{count} {unit}` is not a number and a unit")
    single = unit.removesuffix("s") if unit.endswith("s") and not unit.endswith("ss") else unit
    return f"{count} {single}"


def number_of(found: object) -> Decimal | None:
    if found is None or isinstance(found, bool):
        return None
    try:
        return Decimal(str(found))
    except InvalidOperation:
        raise CannotCarry(f"`{found}` is not a number") from None


def word_of(written: Mapping[str, Any], key: str, otherwise: str) -> str:
    found = written.get(key)
    return str(found).lower() if found is not None else otherwise
