"""A tree and its shape in; the parts that fit out, and all that does not to the faults.

Whoever builds nouns from what is left can trust the type of every value that is still there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, assert_never

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


class _At(NamedTuple):
    """What is being looked at: where to point when there is nothing to point at, and whence its name comes. The name
    is put together only when there is something to say: most values are as they should be."""

    node: Node
    word: str | None = None  # the key it stands under; None for the file, or for an item of a list
    of: _At | None = None

    @property
    def place(self) -> Place:
        return self.node.place

    @property
    def what(self) -> str:
        return self.name or "the file"

    @property
    def name(self) -> str:
        if self.word is not None:
            around = self.of.name if self.of else ""
            return f"{quoted(self.word)} of {around}" if around else quoted(self.word)
        if self.of is None:
            return ""
        return _own_name(self.node) or _one_of(self.of.name)


def _own_name(node: Node) -> str | None:
    """One of a list, by the name or id it gives itself."""
    if isinstance(node, Entries):
        for key in ("name", "id"):
            named = node.entries[key].value if key in node.entries else None
            if isinstance(named, Scalar) and named.raw:
                return quoted(named.raw)
    return None


def unfit(node: Node) -> Items:
    """What stands in the tree for a value that did not fit: an empty list, which no reader takes for anything. So it
    is still known that something was written there, and nobody else complains that it is missing."""
    return Items(file=node.file, line=node.line, column=node.column, items=())


def fit(shape: Shape, node: Node, name: str, faults: Faults) -> Node | None:
    """The parts of `node` that have the shape; None when nothing is left. What does not fit goes to the faults."""
    return _Fitting(faults=faults).fit(shape, node, _At(node, name or None))


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
        if shape.form is not None and not self._matches(shape.form, text):
            self._has_not(shape.form, node, at.name)
            return None
        if shape.form is not None:
            return node
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

    def _matches(self, form: Form, text: str) -> bool:
        pattern = self._patterns.get(form.pattern)
        if pattern is None:
            pattern = self._patterns[form.pattern] = re.compile(form.pattern)
        return pattern.fullmatch(text) is not None

    def _has_not(self, form: Form, written: Scalar, name: str) -> None:
        text = quoted(written.raw)
        what = f"{text} cannot be {name}" if form.code == codes.BAD_NAME else f"{name} is {text}"
        mend = form.mend.replace("{suggestion}", _as_identifier(written.raw))
        self.faults.add(form.code, written.place, what, why=form.why, mend=mend)

    def _number(self, shape: Number, node: Node, at: _At) -> Node | None:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, str) and value in shape.words:
            return node
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
        fitting = [self.fit(shape.item, item, _At(item, None, at)) or unfit(item) for item in node.items]
        return Items(file=node.file, line=node.line, column=node.column, items=tuple(fitting))

    def _names(self, shape: NamesTo, node: Node, at: _At) -> Node | None:
        if is_empty(node):
            return None
        if not isinstance(node, Entries):
            self._wrong(shape, node, at)
            return None
        kept: dict[str, Entry] = {}
        for name, entry in node.entries.items():
            if not self._matches(shape.name, name):
                self._has_not(shape.name, entry.key, f"the name of {_one_of(at.name)}")
            value = self.fit(shape.item, entry.value, _At(entry.key, name))
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
                value = self.fit(key.shape, entry.value, _At(entry.key, name, at))
            elif shape.rest is not None:
                if not self._matches(shape.rest.name, name):
                    self._has_not(shape.rest.name, entry.key, f"a name in {at.name}")
                value = self.fit(shape.rest.item, entry.value, _At(entry.key, name, at))
            elif shape.is_open:
                value = entry.value
            else:
                self._unknown(shape, entry.key, at)
                continue
            kept[name] = Entry(entry.key, value or unfit(entry.value))
        self._complete(shape, node, at)
        self._fit_together(shape, node, at)
        return Entries(file=node.file, line=node.line, column=node.column, entries=kept)

    def _complete(self, shape: Record, node: Entries, at: _At) -> None:
        for name, key in shape.keys.items():
            if key.is_required and name not in node.entries:
                self.faults.add(
                    codes.MISSING_KEY,
                    at.place,
                    f"{at.what} has no {quoted(name)}",
                    why=key.doc or f"{quoted(name)} is always written",
                    mend=f"add `{name}: …`",
                )
        if len(node.entries) < shape.least:
            self.faults.add(
                codes.MALFORMED,
                node.place,
                f"{at.what} is empty",
                why="an empty mapping could be read as none or as any, so it is not allowed here",
                mend=f"write {listed(shape.keys)}, or delete the key",
            )
        if shape.some_of and not any(name in node.entries for name in shape.some_of):
            self.faults.add(
                codes.MISSING_KEY,
                at.place,
                f"{at.what} has neither {listed(shape.some_of, joint='nor')}",
                why=f"{listed(shape.some_of)} is written",
                mend=f"add `{shape.some_of[0]}: …`",
            )

    def _fit_together(self, shape: Record, node: Entries, at: _At) -> None:
        for name, needed in shape.needs.items():
            if name in node.entries and needed not in node.entries:
                self.faults.add(
                    codes.ROWS_ON_FORBID,
                    node.entries[name].key.place,
                    f"{at.what} has {quoted(name)} without {quoted(needed)}",
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
                f"{at.what} {said}",
                why=f"exactly one of {listed(shape.one_of, joint='and')} is written",
                mend=f"write {listed(shape.one_of)}; where both are meant, write two",
            )

    def _unknown(self, shape: Record, key: Scalar, at: _At) -> None:
        self.faults.add(
            codes.UNKNOWN_KEY,
            key.place,
            f"{at.what} has the key {quoted(key.raw)}, which is not known here",
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
            what = f"{at.what} is left empty"
            mend = "write it, or delete the key"
        else:
            what = f"{at.what} is {_written(node)}"
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
