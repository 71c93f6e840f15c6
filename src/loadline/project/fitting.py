"""A tree and its shape in; the parts that fit out, and all that does not to the faults.

Whoever builds nouns from what is left can trust the type of every value that is still there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import assert_never

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.shapes import (
    Anything,
    Either,
    Flag,
    Form,
    ListOf,
    NamesTo,
    Number,
    Record,
    Shape,
    Single,
    Word,
    bounds_of,
    kind_of,
)
from loadline.project.tree import Entries, Entry, Items, Node, Scalar, is_empty
from loadline.project.wording import instead, listed, nearest, quoted
from loadline.values.place import Place

_SINGULAR = {
    "people": "a person", "files": "a relation", "properties": "a column", "schema": "a table", "by": "a dimension",
    "where": "a filter", "value": "a value", "order": "an order", "team": "a member",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """What is being looked at: the words for it, and where to point when there is nothing to point at."""

    name: str
    place: Place

    def item(self, node: Node) -> _At:
        """One of a list, by its own name where it has one."""
        if isinstance(node, Entries):
            for key in ("name", "id"):
                named = node.entries[key].value if key in node.entries else None
                if isinstance(named, Scalar) and named.raw:
                    return _At(name=quoted(named.raw), place=node.place)
        return _At(name=_one_of(self.name), place=node.place)


def unfit(node: Node) -> Items:
    """What stands in the tree for a value that did not fit: an empty list, which no reader takes for anything. So it
    is still known that something was written there, and nobody else complains that it is missing."""
    return Items(file=node.file, line=node.line, column=node.column, items=())


def fit(shape: Shape, node: Node, name: str, faults: Faults) -> Node | None:
    """The parts of `node` that have the shape; None when nothing is left. What does not fit goes to the faults."""
    return _Fitting(faults=faults).fit(shape, node, _At(name=name, place=node.place))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitting:
    faults: Faults
    _patterns: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def fit(self, shape: Shape, node: Node, at: _At) -> Node | None:
        match shape:
            case Anything():
                return node
            case Word():
                return self._word(shape, node, at)
            case Number():
                return self._number(shape, node, at)
            case Flag():
                if isinstance(node, Scalar) and isinstance(node.value, bool):
                    return node
            case Single():
                if isinstance(node, Scalar) and node.value is not None:
                    return node
            case ListOf():
                return self._list(shape, node, at)
            case NamesTo():
                return self._names(shape, node, at)
            case Record():
                return self._record(shape, node, at)
            case Either():
                return self._either(shape, node, at)
            case _:
                assert_never(shape)
        self._wrong(shape, node, at)
        return None

    def _word(self, shape: Word, node: Node, at: _At) -> Node | None:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self._wrong(shape, node, at)
            return None
        text = node.value
        if shape.choices and text not in shape.choices:
            near = nearest(text, shape.choices)
            self.faults.add(
                shape.code,
                node.place,
                f"{at.name} is {quoted(text)}, which is none of the possible values",
                why=f"{at.name} is {listed(shape.choices)}",
                mend=f"write {quoted(near)}" if near else f"write {listed(shape.choices)}",
            )
            return None
        if shape.form is not None:
            return node if self._has_form(shape.form, text, node.place, at.name) else None
        if not text.strip() and not shape.may_be_empty:
            self.faults.add(
                codes.MALFORMED,
                node.place,
                f"{at.name} is empty text",
                why="an empty text says nothing",
                mend="write the text between the quotes, or delete the key",
            )
            return None
        return node

    def _has_form(self, form: Form, text: str, place: Place, name: str) -> bool:
        pattern = self._patterns.get(form.pattern) or self._patterns.setdefault(form.pattern, re.compile(form.pattern))
        if pattern.fullmatch(text):
            return True
        mend = form.mend.replace("{suggestion}", _as_identifier(text))
        what = f"{quoted(text)} cannot be {name}" if form.code == codes.BAD_NAME else f"{name} is {quoted(text)}"
        self.faults.add(form.code, place, what, why=form.why, mend=mend)
        return False

    def _number(self, shape: Number, node: Node, at: _At) -> Node | None:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, Decimal) and value == value.to_integral_value() and shape.is_whole:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int if shape.is_whole else int | Decimal):
            self._wrong(shape, node, at)
            return None
        bounds = bounds_of(shape)
        if (
            (shape.above is not None and value <= shape.above)
            or (shape.least is not None and value < shape.least)
            or (shape.most is not None and value > shape.most)
        ):
            self.faults.add(
                codes.MALFORMED,
                node.place,
                f"{at.name} is {quoted(value)}",
                why=f"{at.name} is {kind_of(shape)} {bounds}",
                mend=f"write {kind_of(shape)} {bounds}",
            )
            return None
        return node._replace(value=value) if isinstance(node, Scalar) else None

    def _list(self, shape: ListOf, node: Node, at: _At) -> Node | None:
        if is_empty(node) and not shape.least:
            return None
        if not isinstance(node, Items):
            self._wrong(shape, node, at)
            return None
        if len(node.items) < shape.least:
            self.faults.add(
                codes.MALFORMED,
                node.place,
                f"{at.name} is an empty list",
                why="an empty list could be read as none or as any, so it is not allowed here",
                mend="name at least one, or delete the key",
            )
            return None
        fitting = [self.fit(shape.item, item, at.item(item)) or unfit(item) for item in node.items]
        return Items(file=node.file, line=node.line, column=node.column, items=tuple(fitting))

    def _names(self, shape: NamesTo, node: Node, at: _At) -> Node | None:
        if is_empty(node):
            return None
        if not isinstance(node, Entries):
            self._wrong(shape, node, at)
            return None
        kept: dict[str, Entry] = {}
        for name, entry in node.entries.items():
            self._has_form(shape.name, name, entry.key.place, f"the name of {_one_of(at.name)}")
            value = self.fit(shape.item, entry.value, _At(name=quoted(name), place=entry.key.place))
            kept[name] = Entry(entry.key, value or unfit(entry.value))
        return Entries(file=node.file, line=node.line, column=node.column, entries=kept)

    def _record(self, shape: Record, node: Node, at: _At) -> Node | None:
        if not isinstance(node, Entries):
            self._wrong(shape, node, at)
            return None
        kept: dict[str, Entry] = {}
        for name, entry in node.entries.items():
            key = shape.keys.get(name)
            if key is not None:
                inner = _At(name=f"{quoted(name)} of {at.name}" if at.name else quoted(name), place=entry.key.place)
                value = self.fit(key.shape, entry.value, inner)
            elif shape.rest is not None:
                value = self._under_own_name(shape.rest, entry, at)
            elif shape.is_open:
                value = entry.value
            else:
                self._unknown(shape, entry.key, at)
                continue
            kept[name] = Entry(entry.key, value or unfit(entry.value))
        self._complete(shape, node, at)
        return Entries(file=node.file, line=node.line, column=node.column, entries=kept)

    def _under_own_name(self, rest: NamesTo, entry: Entry, at: _At) -> Node | None:
        self._has_form(rest.name, entry.key.raw, entry.key.place, f"a name in {at.name}")
        inner = _At(name=f"{quoted(entry.key.raw)} of {at.name}", place=entry.key.place)
        return self.fit(rest.item, entry.value, inner)

    def _complete(self, shape: Record, node: Entries, at: _At) -> None:
        what = at.name or "the file"
        for name, key in shape.keys.items():
            if key.is_required and name not in node.entries:
                self.faults.add(
                    codes.MISSING_KEY,
                    at.place,
                    f"{what} has no {quoted(name)}",
                    why=key.doc or f"{quoted(name)} is always written",
                    mend=f"add `{name}: …`",
                )
        if len(node.entries) < shape.least:
            self.faults.add(
                codes.MALFORMED,
                node.place,
                f"{what} is empty",
                why="an empty mapping could be read as none or as any, so it is not allowed here",
                mend=f"write {listed(shape.keys)}, or delete the key",
            )
        if shape.some_of and not any(name in node.entries for name in shape.some_of):
            self.faults.add(
                codes.MISSING_KEY,
                at.place,
                f"{what} has neither {listed(shape.some_of, joint='nor')}",
                why=f"{listed(shape.some_of)} is written",
                mend=f"add `{shape.some_of[0]}: …`",
            )
        for name, needed in shape.needs.items():
            if name in node.entries and needed not in node.entries:
                self.faults.add(
                    codes.ROWS_ON_FORBID,
                    node.entries[name].key.place,
                    f"{what} has {quoted(name)} without {quoted(needed)}",
                    why=f"{quoted(name)} narrows what a {quoted(needed)} opens; a forbid refuses the whole question",
                    mend=f"delete {quoted(name)}, or write a {quoted(needed)} for the rows that may be seen",
                )
        if shape.one_of and (count := sum(name in node.entries for name in shape.one_of)) != 1:
            said = (
                f"says {listed(shape.one_of, joint='and')} at once"
                if count
                else f"says neither {listed(shape.one_of, joint='nor')}"
            )
            self.faults.add(
                codes.ONE_EFFECT,
                at.place,
                f"{what} {said}",
                why=f"exactly one of {listed(shape.one_of, joint='and')} is written",
                mend=f"write {listed(shape.one_of)}; where both are meant, write two rules",
            )

    def _unknown(self, shape: Record, key: Scalar, at: _At) -> None:
        self.faults.add(
            codes.UNKNOWN_KEY,
            key.place,
            f"{at.name or 'the file'} has the key {quoted(key.raw)}, which is not known here",
            why="a key that is not understood is never skipped: what it was meant to say would be lost",
            mend=instead(key.raw, shape.keys, otherwise="delete the key"),
        )

    def _either(self, shape: Either, node: Node, at: _At) -> Node | None:
        match node:
            case Scalar():
                inner: Shape | None = shape.scalar
            case Items():
                inner = shape.items
            case Entries():
                inner = shape.entries
        if inner is not None:
            return self.fit(inner, node, at)
        self._wrong(shape, node, at)
        return None

    def _wrong(self, shape: Shape, node: Node, at: _At) -> None:
        if is_empty(node):
            what = f"{at.name or 'the file'} is left empty"
            mend = "write it, or delete the key"
        else:
            what = f"{at.name or 'the file'} is {_written(node)}"
            mend = f"write {kind_of(shape)}"
        if isinstance(shape, Word | Either) and isinstance(node, Scalar) and node.value is not None:
            mend = f'put it in quotes: `"{node.raw}"`' if len(node.raw) < 40 else "put it in quotes"
        why = f"it is {kind_of(shape)}"
        self.faults.add(codes.WRONG_TYPE, at.place if is_empty(node) else node.place, what, why=why, mend=mend)


def _written(node: Node) -> str:
    match node:
        case Items():
            return "a list"
        case Entries():
            return "a mapping"
        case Scalar(value=bool()):
            return f"{quoted(node.raw)}, a truth value"
        case Scalar(value=int() | Decimal()):
            return f"{quoted(node.raw)}, a number"
        case Scalar(value=None):
            return "empty"
        case Scalar():
            return "text"


def _one_of(names: str) -> str:
    """`datasets` → a dataset: what one name in this mapping is."""
    word = names.split(" ", maxsplit=1)[0].strip("`")
    return {"people": "a person", "files": "a relation"}.get(
        word, f"{'an' if word[:1] in 'aeiou' else 'a'} {word.removesuffix('s')}"
    )


def _as_identifier(text: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return words if words[:1].isalpha() else f"n_{words}" if words else "a_name"
