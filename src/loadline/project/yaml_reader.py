"""The text of one YAML file in, a tree with places out; what breaks YAML's rules goes to the faults.

PyYAML's C parser gives the events; the rest is our own, because a governed definition needs what a general reader does
not give: the place of every key, YAML 1.2's scalars (`no` is text, and so is `02-01`), no key twice, no tags, and
bounds on nesting and on what aliases may multiply. Events are read one by one, without recursion: a file of brackets
would otherwise take the interpreter down with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from yaml._yaml import CParser

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Entry, Items, Node, Scalar, ScalarValue
from loadline.project.wording import quoted
from loadline.project.yaml_errors import syntax_fault, unprintable
from loadline.values.place import Place

DEEPEST = 40
MOST_NODES = 200_000

_Event = Any  # the published stubs let every mark be None; libyaml sets them all
_Mark = Any

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,59})|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?")
_CONSTANTS: dict[str, ScalarValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)+")
_LONGEST_NUMBER = 60
_BLOCKS = frozenset({"|", ">"})


def scalar_value(text: str) -> ScalarValue:
    """A plain scalar by YAML 1.2's core schema, with two exceptions on the safe side: a number with leading zeros is
    text (it is a code), and so are infinities and numbers of more than 60 characters."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) <= _LONGEST_NUMBER and text[0] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
    return text


def read_yaml(file: str, text: str, faults: Faults) -> Node | None:
    """Read one document. None when the file is empty or its syntax is broken."""
    faults.excerpts.keep(file, text)
    forbidden = unprintable(file, text)
    if forbidden is not None:
        faults.add(codes.NOT_YAML, forbidden.place, forbidden.what, why=forbidden.why, mend=forbidden.mend)
        return None
    grower = _Grower(file=file, faults=faults)
    try:
        return grower.grow(CParser(text))
    except yaml.MarkedYAMLError as error:
        if error.problem is not None and "nesting depth" in error.problem:  # newer libyaml scans no deeper than 1,000
            grower.refuse_depth(error.problem_mark)
            return None
        fault = syntax_fault(file, faults.excerpts.lines(file), error)
        faults.add(codes.NOT_YAML, fault.place, fault.what, why=fault.why, mend=fault.mend)
        return None


@dataclass(slots=True, kw_only=True)
class _Open:
    """A list or mapping whose end has not been read yet; a mapping's keys and values alternate in `nodes`."""

    event: _Event
    is_mapping: bool
    nodes_before: int
    depth: int = 1  # how many levels it holds, itself included
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Grower:
    file: str
    faults: Faults
    node_count: int = 0
    open: list[_Open] = field(default_factory=list)
    root: Node | None = None
    anchors: dict[str, tuple[Node, int, int]] = field(default_factory=dict)  # node, how many nodes, how many levels
    growing: set[str] = field(default_factory=set)

    def grow(self, parser: CParser) -> Node | None:
        has_document = False
        while True:
            event: _Event = parser.get_event()
            kind = type(event)  # compared by identity, most frequent first: this loop is what reading a project costs
            if kind is yaml.ScalarEvent:
                self._place_scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if not self._begin(event, is_mapping=kind is yaml.MappingStartEvent):
                    return None
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._end()
            elif kind is yaml.AliasEvent:
                if not self._place_alias(event):
                    return None
            elif kind is yaml.DocumentStartEvent:
                if has_document:
                    self._second_document(event.start_mark)
                    return None
                has_document = True
            elif kind is yaml.StreamEndEvent:
                return self.root
            if self.node_count > MOST_NODES:
                what = f"this file has more than {MOST_NODES:,} values, counting what aliases repeat"
                self._bound(event.start_mark, what)
                return None

    def _begin(self, event: _Event, *, is_mapping: bool) -> bool:
        if event.tag:
            self._refuse_tag(event)
        if len(self.open) >= DEEPEST:
            self.refuse_depth(event.start_mark)
            return False
        if event.anchor:
            self.growing.add(event.anchor)
        self.open.append(_Open(event=event, is_mapping=is_mapping, nodes_before=self.node_count))
        self.node_count += 1
        return True

    def _end(self) -> None:
        ended = self.open.pop()
        mark = ended.event.start_mark
        line, column = mark.line + 1, mark.column + 1
        node: Node
        if ended.is_mapping:
            node = Entries(file=self.file, line=line, column=column, entries=self._entries(ended.nodes))
        else:
            node = Items(file=self.file, line=line, column=column, items=tuple(ended.nodes))
        if ended.event.anchor:
            self.growing.discard(ended.event.anchor)
            self.anchors[ended.event.anchor] = (node, self.node_count - ended.nodes_before, ended.depth)
        self._put(node, ended.depth)

    def _place_scalar(self, event: _Event) -> None:
        if event.tag:
            self._refuse_tag(event)
        self.node_count += 1
        raw, start, end, style = event.value, event.start_mark, event.end_mark, event.style
        line, column, last = start.line, start.column, end.line
        if event.anchor or event.tag:
            column = self._behind_properties(line, column)
        if event.implicit[0]:
            value = scalar_value(raw)
            length = end.column - column if last == line else len(raw)
        elif style in _BLOCKS:
            value, length = raw, len(raw)
            line, column = self._first_line(line + 1)
            last = last if end.column else max(line, last - 1)
        else:
            value = raw
            column += 1
            length = end.column - 1 - column if last == line else len(raw)
        node = Scalar(self.file, line + 1, column + 1, length, last + 1, raw, value)
        if event.anchor:
            self.anchors[event.anchor] = (node, 1, 0)
        if self.open:
            self.open[-1].nodes.append(node)
        else:
            self.root = node

    def _place_alias(self, event: _Event) -> bool:
        name = event.anchor
        place = self._place(event.start_mark, len(name) + 1)
        if name in self.growing or name not in self.anchors:
            what = (
                "repeats the value it stands in"
                if name in self.growing
                else "repeats nothing: it was not marked before"
            )
            self.faults.add(
                codes.ALIAS,
                place,
                f"the alias here {what}",
                why="`*name` repeats what `&name` marked, complete, earlier in the same file; a value that begins "
                "with `*` needs quotes",
                mend="write the value itself, or put the text in quotes",
            )
            self.node_count += 1
            raw = "*" + name
            self._put(Scalar(self.file, place.line, place.column, len(raw), place.line, raw, raw), 0)
            return True
        node, size, depth = self.anchors[name]
        if len(self.open) + depth > DEEPEST:
            self.refuse_depth(event.start_mark)
            return False
        self.node_count += size
        self._put(node, depth)
        return True

    def _put(self, node: Node, depth: int) -> None:
        if self.open:
            around = self.open[-1]
            around.nodes.append(node)
            around.depth = max(around.depth, depth + 1)  # a scalar adds no level
        else:
            self.root = node

    def _entries(self, nodes: list[Node]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.faults.add(
                    codes.NOT_YAML,
                    key.place,
                    "a list or mapping is used as a key",
                    why="a key is a word",
                    mend="write `key: value`; if the text begins with `{` or `[`, put it in quotes",
                )
            elif key.raw == "<<" and key.length == 2:
                self.faults.add(
                    codes.ALIAS,
                    key.place,
                    "a merge key `<<` is used",
                    why="merge keys are not part of YAML 1.2: what is merged would be invisible here",
                    mend="write the keys out",
                )
            elif key.raw in entries:
                first = entries[key.raw].key.place
                self.faults.add(
                    codes.KEY_TWICE,
                    key.place,
                    f"the key {quoted(key.raw)} is written twice, first at {first}",
                    why="a key stands once in a mapping: otherwise one of the two would silently win",
                    mend=f"delete one of the two, or rename it (the first is at {first})",
                )
            else:
                entries[key.raw] = Entry(key, _standing_somewhere(key, value))
        return entries

    def _first_line(self, line: int) -> tuple[int, int]:
        """Where the content of a block scalar begins: its first line that is not blank."""
        lines = self.faults.excerpts.lines(self.file)
        for number in range(line, len(lines)):
            text = lines[number]
            if text.strip():
                return number, len(text) - len(text.lstrip(" "))
        return line - 1, 0

    def _behind_properties(self, line: int, column: int) -> int:
        """Where a scalar begins, when `&name` or `!tag` stands before it in its line."""
        text = self.faults.excerpts.lines(self.file)[line]
        found = _PROPERTIES.match(text, column)
        return found.end() if found and found.end() < len(text) else column

    def _refuse_tag(self, event: _Event) -> None:
        tag = event.tag
        shown = "!!" + tag.removeprefix("tag:yaml.org,2002:") if tag.startswith("tag:yaml.org,2002:") else tag
        self.faults.add(
            codes.TAG,
            self._place(event.start_mark, 1),
            f"the tag {quoted(shown)} is used",
            why="a project is plain data; a tag asks the reader to make something else of it",
            mend="delete the tag; text that looks like a number goes in quotes",
        )

    def _second_document(self, mark: _Mark) -> None:
        self.faults.add(
            codes.SEVERAL_DOCUMENTS,
            self._place(mark, 3),
            "a second document begins here",
            why="one file is one document",
            mend="delete the `---` here, or move what follows into a file of its own",
        )

    def refuse_depth(self, mark: _Mark) -> None:
        self._bound(mark, f"lists and mappings are nested more than {DEEPEST} levels deep")

    def _bound(self, mark: _Mark, what: str) -> None:
        self.faults.add(
            codes.TOO_DEEP,
            self._place(mark, 1),
            what,
            why=f"at most {DEEPEST} levels and {MOST_NODES:,} values are read of one file",
            mend="write it flatter, or split the file",
        )

    def _place(self, mark: _Mark, length: int) -> Place:
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1, length=length)


def _standing_somewhere(key: Scalar, value: Node) -> Node:
    """An empty value has no place of its own worth pointing at: it is pointed at by its key."""
    if isinstance(value, Scalar) and not value.raw and value.value is None:
        return key._replace(raw="", value=None)
    return value
