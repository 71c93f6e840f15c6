"""A fitted mapping and a key in; the value that stands there out, or nothing.

The tree has been fitted to its shape before, so what is there is of the right type, and what was not is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Entry, Items, Node, Scalar
from loadline.project.wording import instead, quoted
from loadline.values.model import Text
from loadline.values.place import Place


def node_of(entries: Entries, key: str) -> Node | None:
    entry = entries.entries.get(key)
    return entry.value if entry else None


def scalar_of(entries: Entries, key: str) -> Scalar | None:
    node = node_of(entries, key)
    return node if isinstance(node, Scalar) else None


def text_of(entries: Entries, key: str) -> str | None:
    scalar = scalar_of(entries, key)
    return str(scalar.value) if scalar else None


def sentence_of(entries: Entries, key: str) -> str:
    """Text for people: line breaks at its ends do not count."""
    return (text_of(entries, key) or "").strip()


def is_set(entries: Entries, key: str) -> bool:
    scalar = scalar_of(entries, key)
    return scalar is not None and scalar.value is True


def entries_of(entries: Entries, key: str) -> Mapping[str, Entry]:
    node = node_of(entries, key)
    return node.entries if isinstance(node, Entries) else {}


def records_of(entries: Entries, key: str) -> Iterator[Entries]:
    """The mappings of a list."""
    for node in nodes_of(entries, key):
        if isinstance(node, Entries):
            yield node


def nodes_of(entries: Entries, key: str) -> tuple[Node, ...]:
    """The items of a list; a value that stands alone is a list of one."""
    node = node_of(entries, key)
    match node:
        case None:
            return ()
        case Items(items=items):
            return items
        case _:
            return (node,)


def scalars_of(entries: Entries, key: str) -> tuple[Scalar, ...]:
    return tuple(node for node in nodes_of(entries, key) if isinstance(node, Scalar))


def texts_of(entries: Entries, key: str) -> tuple[str, ...]:
    return tuple(str(scalar.value) for scalar in scalars_of(entries, key))


def expression_of(entries: Entries, key: str) -> Text | None:
    scalar = scalar_of(entries, key)
    return expression(scalar) if scalar else None


def expression(scalar: Scalar) -> Text:
    """The expression without space around it, and the place of its first character."""
    text = scalar.raw.strip()
    shift = len(scalar.raw) - len(scalar.raw.lstrip(" "))
    place = Place(file=scalar.file, line=scalar.line, column=scalar.column + shift, length=max(1, len(text)))
    return Text(value=text, place=place)


def gather(documents: list[Entries], section: str, kind: str, faults: Faults) -> dict[str, Entry]:
    """What all files have written under `section`, by name; a name written again goes to the faults."""
    found: dict[str, Entry] = {}
    for document in documents:
        for name, entry in entries_of(document, section).items():
            first = found.setdefault(name, entry)
            if first is not entry:
                said_twice(kind, name, entry.key.place, first.key.place, faults)
    return found


def said_twice(kind: str, name: str, again: Place, first: Place, faults: Faults) -> None:
    faults.add(
        codes.NAME_TWICE,
        again,
        f"the {kind} {quoted(name)} is written twice, first at {first}",
        why="a name means one thing in the whole project, whatever file it stands in",
        mend=f"rename one of the two, or delete it (the first is at {first})",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A kind of name that is written in one place and meant in another."""

    code: str
    kind: str
    why: str


OWNER = Reference(code=codes.UNKNOWN_OWNER, kind="owner", why="an owner is one of `owners` in loadline.yaml")
VERIFIER = Reference(
    code=codes.UNKNOWN_OWNER,
    kind="owner or person",
    why="who verified it is one of `owners` or `people` in loadline.yaml",
)
AUDIENCE = Reference(
    code=codes.UNKNOWN_AUDIENCE, kind="audience", why="an audience is one of `audiences` in loadline.yaml"
)
PERSON = Reference(code=codes.UNKNOWN_PERSON, kind="person", why="a person is one of `people` in loadline.yaml")
DATASET = Reference(
    code=codes.UNKNOWN_DATASET, kind="dataset", why="a rollup stands for a dataset of this project, under `datasets`"
)
METRIC = Reference(code=codes.UNKNOWN_METRIC, kind="metric", why="a term stands for metrics of this project")
ASKED = Reference(
    code=codes.UNKNOWN_METRIC, kind="metric or term", why="a question asks for metrics or terms of this project"
)
PURPOSE = Reference(
    code=codes.UNKNOWN_PURPOSE,
    kind="purpose",
    why="a purpose is one of the W3C Data Privacy Vocabulary, so that it means the same to everybody",
)
CONTRACT = Reference(
    code=codes.UNKNOWN_CONTRACT,
    kind="contract",
    why="`contract` is the name of a file in contracts/, without its ending",
)


def refer(scalar: Scalar, known: frozenset[str] | None, to: Reference, faults: Faults) -> bool:
    """Whether `scalar` names something known. Where `known` is None nobody can tell, and nothing is said."""
    if known is None or scalar.raw in known:
        return True
    faults.add(
        to.code,
        scalar.place,
        f"there is no {to.kind} {quoted(scalar.raw)}",
        why=to.why,
        mend=instead(scalar.raw, known, otherwise=f"delete it, or add the {to.kind} first"),
    )
    return False
