"""What an import makes: definitions, and by name everything that is not, or not quite, among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadline.project.yaml_writer import Plain, write_yaml


class Loss(StrEnum):
    LEFT = "left"  # it is not in the project
    CHANGED = "changed"  # it is there, and means or is called something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing of the source that is not carried as it is: `kind` and `name` as the source calls it, and why."""

    kind: str
    name: str
    why: str
    loss: Loss = Loss.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`files` maps a path within the project to what the file says, section by section; `header` stands above each."""

    files: Mapping[str, Mapping[str, Plain]]
    remarks: tuple[Remark, ...] = ()
    header: str = ""

    def texts(self) -> dict[str, str]:
        return {path: write_yaml(said, header=self.header) for path, said in self.files.items() if any(said.values())}

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


def spot_of(file: str, text: str, line: int) -> Spot:
    """The spot of a line, counted from 1, in a text that `write_yaml` wrote."""
    stack: list[tuple[int, str | int]] = []
    for written in text.splitlines()[:line]:
        body = written.lstrip(" ")
        if not body or body.startswith("#"):
            continue
        depth = len(written) - len(body)
        before = next((step for at, step in stack if at == depth and isinstance(step, int)), -1)
        stack = [(at, step) for at, step in stack if at < depth]
        while body.startswith("- "):
            stack.append((depth, before + 1))
            body, depth, before = body[2:], depth + 2, -1
        key = _key(body)
        if key is not None:
            stack.append((depth, key))
    return Spot(file=file, steps=tuple(step for _, step in stack))


def _key(body: str) -> str | None:
    if body.startswith('"'):
        return None  # a quoted text, never the key of a definition
    word, colon, rest = body.partition(":")
    return word if colon and (not rest or rest.startswith(" ")) else None


def without(imported: Imported, spot: Spot, remark: Remark) -> Imported:
    """The same without the definition at a spot, which the remark names."""
    said = imported.files[spot.file]
    files = {**imported.files, spot.file: _dropped(said, spot.definition)}
    return replace(imported, files=files, remarks=(*imported.remarks, remark))


def _dropped(said: Plain, steps: Sequence[str | int]) -> dict[str, Plain]:
    if not isinstance(said, Mapping):
        raise TypeError("a definition lies in a mapping")
    first, *rest = steps
    inner = said[str(first)]
    if not rest:
        return {key: value for key, value in said.items() if key != first}
    if isinstance(rest[0], int) and isinstance(inner, (list, tuple)):
        kept: Plain = [one for at, one in enumerate(inner) if at != rest[0]]
    else:
        kept = _dropped(inner, rest)
    return {**said, str(first): kept}


class CannotCarry(Exception):  # becomes a remark, never shown as an error
    """One definition has no form here; the text says why."""
