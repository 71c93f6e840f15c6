"""The shapes of file kinds in, the tables of `docs/reference/project-files.md` out: what is told is what is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from loadline.project.kinds import KINDS, SHAPES
from loadline.project.shapes import Anything, Either, Flag, Key, ListOf, NamesTo, Number, Record, Shape, Single, Word

HEAD = "| key | value | meaning |\n|---|---|---|\n"


def tables() -> dict[str, str]:
    """One table for each kind of file; a key within a key is written `outer.inner`, `*` is a name of the user's."""
    return {kind: HEAD + "".join(rows_of(SHAPES[kind], "")) for kind in KINDS}


def rows_of(shape: Shape, path: str) -> Iterator[str]:
    match shape:
        case Record(keys=keys):
            for name, key in keys.items():
                yield row(f"{path}{name}", key)
                yield from rows_of(key.shape, f"{path}{name}.")
        case NamesTo(item=item):
            yield from rows_of(item, f"{path}*.")
        case ListOf(item=item):
            yield from rows_of(item, f"{path.removesuffix('.')}[].")
        case Either(items=items, entries=entries):
            for form in (items, entries):
                if form is not None:
                    yield from rows_of(form, path)
        case Word() | Number() | Flag() | Single() | Anything():
            pass
        case _:
            assert_never(shape)


def row(name: str, key: Key) -> str:
    shown = f"**`{name}`**" if key.is_required else f"`{name}`"
    return f"| {shown} | {kind_of_value(key.shape)} | {key.doc} |\n"


def kind_of_value(shape: Shape) -> str:
    match shape:
        case Word(choices=choices):
            return " ".join(f"`{choice}`" for choice in choices) if choices else "text"
        case Number(is_whole=is_whole):
            return "whole number" if is_whole else "number"
        case Flag():
            return "`true` `false`"
        case Single():
            return "one value"
        case Anything():
            return "anything"
        case ListOf():
            return "list"
        case NamesTo():
            return "names"
        case Record():
            return "mapping"
        case Either(scalar=scalar, items=items, entries=entries):
            return " or ".join(kind_of_value(form) for form in (scalar, items, entries) if form is not None)
        case _:
            assert_never(shape)
