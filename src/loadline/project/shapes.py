"""The forms a file can have, as data: from one declaration come the checking of a tree and the JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from loadline.project import codes
from loadline.project.wording import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What text has to look like. `pattern` has no anchors and means the same to Python and to ECMA-262."""

    pattern: str
    why: str
    mend: str
    code: str = codes.MALFORMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Text. `choices` are all it can be, where there are few; `code` is what is said of any other."""

    form: Form | None = None
    choices: tuple[str, ...] = ()
    code: str = codes.NOT_A_CHOICE
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """`words` are texts that may stand instead."""

    words: tuple[str, ...] = ()
    is_whole: bool = False
    above: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """true or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """One value to compare with: text, a number, true or false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Not ours to judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    item: Shape
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesTo:
    """A mapping whose keys are names the user gives."""

    name: Form
    item: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    shape: Shape
    is_required: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A mapping with known keys. `rest` is the shape of what stands under names the user gives beside them; an open
    record lets unknown keys pass unread. Of `one_of` exactly one key is written, of `some_of` at least one, and a key
    of `needs` only beside the key it needs."""

    keys: Mapping[str, Key]
    rest: NamesTo | None = None
    is_open: bool = False
    one_of: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    some_of: tuple[str, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """One of several forms, told apart by whether a single value, a list or a mapping is written."""

    scalar: Shape | None = None
    items: ListOf | None = None
    entries: Record | None = None


Shape = Word | Number | Flag | Single | Anything | ListOf | NamesTo | Record | Either


def kind_of(shape: Shape) -> str:
    match shape:
        case Word():
            return listed(shape.choices) if shape.choices else "text"
        case Number():
            return " or ".join(("a whole number" if shape.is_whole else "a number", *(f"`{w}`" for w in shape.words)))
        case Flag():
            return "`true` or `false`"
        case Single():
            return "text, a number, `true` or `false`"
        case Anything():
            return "anything"
        case ListOf():
            return "a list"
        case NamesTo():
            return "a mapping of names"
        case Record():
            return f"a mapping with {listed(shape.keys)}" if shape.keys else "a mapping"
        case Either():
            return " or ".join(kind_of(form) for form in (shape.scalar, shape.items, shape.entries) if form is not None)
        case _:
            assert_never(shape)


def bounds_of(shape: Number) -> str:
    low = f"above {shape.above}" if shape.above is not None else "" if shape.least is None else f"from {shape.least}"
    return " ".join(part for part in (low, "" if shape.most is None else f"up to {shape.most:,}") if part)
