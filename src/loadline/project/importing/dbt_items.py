"""`{{ Dimension('listing__is_lux').grain('week') }}` and the like in, what is named out."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from loadline.project.importing.nouns import CannotCarry

KINDS = ("Dimension", "TimeDimension", "Entity", "Metric")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something a filter, a group-by or an order names: `kind` is one of KINDS."""

    kind: str
    name: str
    grain: str | None = None
    part: str | None = None
    group_by: tuple[str, ...] = ()
    is_descending: bool = False


def read_item(text: str) -> Item:
    """Raises CannotCarry."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise CannotCarry(f"`{text.strip()}` is not a call of {', '.join(KINDS)}") from None
    return _item(tree, text)


def _item(tree: ast.expr, text: str) -> Item:
    if not isinstance(tree, ast.Call):
        raise CannotCarry(f"`{text.strip()}` is not a call of {', '.join(KINDS)}")
    if isinstance(tree.func, ast.Attribute):
        return _refined(_item(tree.func.value, text), tree.func.attr, tree, text)
    if not isinstance(tree.func, ast.Name) or tree.func.id not in KINDS:
        raise CannotCarry(f"`{text.strip()}` is not a call of {', '.join(KINDS)}")
    given = [_value(arg, text) for arg in tree.args]
    named = {word.arg: _value(word.value, text) for word in tree.keywords}
    name = given[0] if given else named.get("name") or named.get(f"{tree.func.id.lower()}_name")
    path = named.get("entity_path") or (given[2:3] or [None])[0] or ()
    if not isinstance(name, str) or not isinstance(path, (tuple, str)):
        raise CannotCarry(f"`{text.strip()}` names nothing")
    links = (path,) if isinstance(path, str) else path
    item = Item(kind=tree.func.id, name="__".join((*links, name)), is_descending=bool(named.get("descending")))
    second = given[1] if len(given) > 1 else None
    if item.kind == "Metric":
        by = second or named.get("group_by") or ()
        return replace(item, group_by=tuple(by) if isinstance(by, tuple) else (str(by),))
    grain = second if item.kind == "TimeDimension" else None
    grain = grain or named.get("time_granularity_name") or named.get("time_granularity") or named.get("grain")
    part = named.get("date_part_name") or named.get("date_part")
    return replace(item, grain=_word(grain), part=_word(part))


def _refined(item: Item, word: str, call: ast.Call, text: str) -> Item:
    given = _value(call.args[0], text) if call.args else True
    match word:
        case "grain":
            return replace(item, grain=_word(given))
        case "date_part":
            return replace(item, part=_word(given))
        case "descending":
            return replace(item, is_descending=bool(given))
        case _:
            raise CannotCarry(f"`.{word}(…)` in `{text.strip()}` is not known")


def _word(given: object) -> str | None:
    return str(given).lower() if given else None


def _value(tree: ast.expr, text: str) -> object:
    try:
        found = ast.literal_eval(tree)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise CannotCarry(f"`{text.strip()}` is given something that is not a constant") from None
    return tuple(found) if isinstance(found, list) else found
