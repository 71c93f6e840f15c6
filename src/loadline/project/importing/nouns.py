"""What an import makes: definitions, and by name everything that is not, or not quite, among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadline.project.faults import Faults
from loadline.project.tree import Entries, Items, Node
from loadline.project.yaml_reader import read_yaml
from loadline.project.yaml_writer import Value, write_yaml
from loadline.values.place import Place


class Loss(StrEnum):
    LEFT = "left"  # it is not in the project
    CHANGED = "changed"  # it is there, and means or is called something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing of the source that is not carried as it is: `kind` and `name` as the source calls it, and why. `code`
    is that of the diagnostic where it fell to one."""

    kind: str
    name: str
    why: str
    loss: Loss = Loss.LEFT
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """`files` maps a path within the project to what the file says, section by section; `header` stands above each."""

    files: Mapping[str, Mapping[str, Value]]
    remarks: tuple[Remark, ...] = ()
    header: str = ""

    def texts(self) -> dict[str, str]:
        head = (self.header,) if self.header else ()
        sections = {path: {name: inner for name, inner in said.items() if inner} for path, said in self.files.items()}
        return {path: write_yaml(said, head=head) for path, said in sections.items() if said}

    def counts(self) -> dict[str, int]:
        """How many definitions of each section there are."""
        found: dict[str, int] = {}
        for said in self.files.values():
            for section, inner in said.items():
                if section != "calendar" and isinstance(inner, (Mapping, list, tuple)) and inner:
                    found[section] = found.get(section, 0) + len(inner)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a line of a written file lies: `("metrics", "revenue", "is")`. Items of a list are counted from 0."""

    file: str
    steps: tuple[str | int, ...] = field(default=())

    @property
    def definition(self) -> tuple[str | int, ...]:
        """The smallest definition around it that can be left out."""
        match self.steps:
            case ("datasets", _, "fields", _, *_):
                return self.steps[:4]
            case ("calendar", "spines", int(), *_):
                return self.steps[:3]
            case _:
                return self.steps[:2]

    def __str__(self) -> str:
        return ".".join(str(step) for step in self.definition)


def spot_of(file: str, text: str, place: Place) -> Spot:
    """What a place in a file lies in: the last key or item that begins before it."""
    found: tuple[str | int, ...] = ()
    at = (0, 0)
    waiting: list[tuple[Node, tuple[str | int, ...]]] = []
    tree = read_yaml(file, text, Faults())
    if tree is not None:
        waiting.append((tree, ()))
    for node, steps in waiting:  # grows while it is read
        if isinstance(node, Entries):
            inner = [(entry.key.place, entry.value, (*steps, name)) for name, entry in node.entries.items()]
        elif isinstance(node, Items):
            inner = [(item.place, item, (*steps, index)) for index, item in enumerate(node.items)]
        else:
            continue
        for begins, value, path in inner:
            here = (begins.line, begins.column)
            if at <= here <= (place.line, place.column):
                found, at = path, here
            waiting.append((value, path))
    return Spot(file=file, steps=found)


def without(imported: Carried, spot: Spot, remark: Remark) -> Carried:
    """The same without the definition at a spot, which the remark names."""
    said = imported.files[spot.file]
    files = {**imported.files, spot.file: _dropped(said, spot.definition)}
    return replace(imported, files=files, remarks=(*imported.remarks, remark))


def _dropped(said: Value, steps: Sequence[str | int]) -> dict[str, Value]:
    if not isinstance(said, Mapping):
        raise TypeError("a definition lies in a mapping")
    first, *rest = steps
    inner = said[str(first)]
    if not rest:
        return {key: value for key, value in said.items() if key != first}
    if isinstance(rest[0], int) and isinstance(inner, (list, tuple)):
        kept: Value = [one for at, one in enumerate(inner) if at != rest[0]]
    else:
        kept = _dropped(inner, rest)
    return {**said, str(first): kept}


class CannotCarry(Exception):  # becomes a remark, never shown as an error
    """One definition has no form here; the text says why."""

    def __init__(self, why: str, code: str = "") -> None:
        super().__init__(why)
        self.code = code
