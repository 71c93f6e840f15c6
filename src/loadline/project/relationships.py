"""Fitted relationships in, many-to-one steps out: both ends exist, and every step has a name of its own."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.project import codes
from loadline.project.access import node_of, nodes_of, scalars_of, text_of
from loadline.project.datasets import Columns, check_column
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Node, Scalar
from loadline.project.wording import instead, listed, quoted
from loadline.values.model import Relationship
from loadline.values.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """One side of a relationship, one column: `dataset.column`, and where each of the two words stands."""

    dataset: str
    column: str
    place: Place

    @property
    def column_place(self) -> Place:
        return self.place.within(len(self.dataset) + 1, len(self.column))


def build_relationships(
    documents: list[Entries], columns: Columns, *, is_whole: bool, faults: Faults
) -> tuple[Relationship, ...]:
    """Sorted: the order of writing means nothing. `is_whole` is False when a file could not be read, which may hold the
    dataset that is named."""
    relationships = []
    steps: dict[tuple[str, str], Place] = {}
    for document in documents:
        for node in nodes_of(document, "relationships"):
            built = _relationship(node, columns, is_whole, faults)
            if built is not None and _check_step(built, steps, faults):
                relationships.append(built)
    return tuple(sorted(relationships, key=lambda r: (r.source, r.name, r.source_columns)))


def _relationship(node: Node, columns: Columns, is_whole: bool, faults: Faults) -> Relationship | None:
    if isinstance(node, Scalar):
        left, right = node.raw.split("->")
        source: list[_End] = [_end(left, node.place, 0)]
        target: list[_End] = [_end(right, node.place, len(left) + 2)]
        role = None
        edges: tuple[Scalar, ...] = ()
    elif isinstance(node, Entries) and node_of(node, "from") and node_of(node, "to"):
        source = [_end(end.raw, end.place, 0) for end in scalars_of(node, "from")]
        target = [_end(end.raw, end.place, 0) for end in scalars_of(node, "to")]
        role = text_of(node, "as")
        edges = scalars_of(node, "valid")
    else:
        return None
    if not source or not target:
        return None
    is_sound = _pairs_up(source, target, node.place, faults)
    for end in (*source, *target):
        is_sound = _exists(end, columns, is_whole, faults) and is_sound
    if not is_sound or not _has_two_edges(edges, faults):
        return None
    for edge in edges:
        check_column(edge.raw, edge.place, target[0].dataset, columns[target[0].dataset], faults)
    return Relationship(
        source=source[0].dataset,
        source_columns=tuple(end.column for end in source),
        target=target[0].dataset,
        target_columns=tuple(end.column for end in target),
        role=role,
        valid=(edges[0].raw, edges[1].raw) if edges else None,
        place=node.place,
    )


def _has_two_edges(edges: tuple[Scalar, ...], faults: Faults) -> bool:
    if len(edges) <= 2:
        return True
    faults.add(
        codes.UNEVEN_COLUMNS,
        edges[2].place,
        f"`valid` names {len(edges)} columns",
        why="a row holds from the first of two columns until the second",
        mend="write two columns: `valid: [valid_from, valid_to]`",
    )
    return False


def _end(text: str, place: Place, offset: int) -> _End:
    word = text.strip()
    dataset, column = word.split(".")
    inside = place.within(offset + len(text) - len(text.lstrip()), len(word))
    return _End(dataset=dataset, column=column, place=inside)


def _pairs_up(source: list[_End], target: list[_End], place: Place, faults: Faults) -> bool:
    sides = {end.dataset for end in source}, {end.dataset for end in target}
    if len(source) == len(target) and all(len(side) == 1 for side in sides):
        return True
    if len(source) != len(target):
        what = f"the relationship pairs {len(source)} columns with {len(target)}"
    else:
        mixed = next(side for side in sides if len(side) > 1)
        what = f"one side of the relationship mixes columns of {listed(sorted(mixed), joint='and')}"
    faults.add(
        codes.UNEVEN_COLUMNS,
        place,
        what,
        why="each side names columns of one dataset, as many as the other side: the first pairs with the first",
        mend="write as many columns under `from` as under `to`, in the same order",
    )
    return False


def _exists(end: _End, columns: Columns, is_whole: bool, faults: Faults) -> bool:
    if end.dataset not in columns:
        if not is_whole:
            return False
        faults.add(
            codes.UNKNOWN_DATASET,
            end.place.within(0, len(end.dataset)),
            f"there is no dataset {quoted(end.dataset)}",
            why="a relationship joins two datasets of this project",
            mend=instead(end.dataset, columns, otherwise="define the dataset under `datasets`"),
        )
        return False
    known = columns[end.dataset]
    check_column(end.column, end.column_place, end.dataset, known, faults)
    return known is None or end.column in known


def _check_step(built: Relationship, steps: dict[tuple[str, str], Place], faults: Faults) -> bool:
    first = steps.get((built.source, built.name))
    if first is not None:
        faults.add(
            codes.UNCLEAR_STEP,
            built.place,
            f"a second step from {quoted(built.source)} has the name {quoted(built.name)}, the first is at {first}",
            why="a step is named by its role, or else by the dataset it leads to: each needs a name of its own",
            mend="give one of them a role of its own: `as: …`",
        )
        return False
    steps[built.source, built.name] = built.place
    if built.source == built.target and built.role is None:
        faults.add(
            codes.UNCLEAR_STEP,
            built.place,
            f"a step leads from {quoted(built.source)} to itself without a role",
            why=f"without a role, `{built.source}.…` could mean either end",
            mend=f"write `{{from: {built.source}.{built.source_columns[0]}, to: "
            f"{built.target}.{built.target_columns[0]}, as: …}}`, with a role for the target",
        )
        return False
    return True
