"""The trees of `relationships` in, many-to-one steps out; both ends looked up, every step with a name of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.linking import Links
from loadline.project.names import scalar, scalars
from loadline.project.tree import Node, Scalar
from loadline.project.wording import quoted
from loadline.values.model import Dataset, Relationship
from loadline.values.place import Place

_End = tuple[str, Place]


def build_relationships(
    nodes: Sequence[Node], datasets: Mapping[str, Dataset], links: Links, faults: Faults
) -> tuple[Relationship, ...]:
    found: list[Relationship] = []
    steps: dict[tuple[str, str], Relationship] = {}
    for node in nodes:
        step = _relationship(node, datasets, links, faults)
        if step is None:
            continue
        before = steps.get((step.source, step.name))
        if before is not None or step.source == step.name:
            why = f"{before.place} leads there already" if before else "a dataset that leads to itself needs a role"
            faults.add(
                codes.UNCLEAR_STEP,
                step.place,
                f"two ways lead from {quoted(step.source)} to {quoted(step.name)}"
                if before
                else f"the step from {quoted(step.source)} to itself has no name",
                why=f"{why}, and every step from a dataset needs a name of its own",
                mend=f"write `{{from: {_ends(step.source, step.source_columns)}, "
                f"to: {_ends(step.target, step.target_columns)}, as: ROLE}}`",
            )
        steps.setdefault((step.source, step.name), step)
        found.append(step)
    return tuple(found)


def _relationship(node: Node, datasets: Mapping[str, Dataset], links: Links, faults: Faults) -> Relationship | None:
    role = scalar(node, "as")
    match node:
        case Scalar():
            left, _, right = node.raw.partition("->")
            shift = len(left) + 2 + len(right) - len(right.lstrip())
            sources = [(left.strip(), node.place)]
            targets = [(right.strip(), node.place.within(shift, len(right.strip())))]
        case _:
            sources = [(end.raw.strip(), end.place) for end in scalars(node, "from")]
            targets = [(end.raw.strip(), end.place) for end in scalars(node, "to")]
    if not sources or not targets:
        return None
    source, source_columns = _side(sources, datasets, links)
    target, target_columns = _side(targets, datasets, links)
    if len(sources) != len(targets) or source is None or target is None:
        faults.add(
            codes.UNEVEN_COLUMNS,
            node.place,
            f"`from` names {len(sources)} columns and `to` {len(targets)}"
            if len(sources) != len(targets)
            else "one side names columns of several datasets",
            why=codes.CODES[codes.UNEVEN_COLUMNS].why,
            mend="write the same number of columns on both sides, each side of one dataset",
        )
        return None
    return Relationship(
        source=source,
        source_columns=source_columns,
        target=target,
        target_columns=target_columns,
        role=role.raw if role else None,
        place=node.place,
    )


def _side(ends: Sequence[_End], datasets: Mapping[str, Dataset], links: Links) -> tuple[str | None, tuple[str, ...]]:
    """The dataset of one side (None when there are several) and its columns."""
    named = [(text.partition(".")[0], text.partition(".")[2], place) for text, place in ends]
    for name, column, place in named:
        if links.dataset(name, place.within(0, len(name))):
            dataset = datasets[name]
            columns = {**(dataset.table.columns if dataset.table else {}), **dataset.fields}
            links.column(name, column, place.within(len(name) + 1, len(column)), columns)
    names = {name for name, _, _ in named}
    return (named[0][0] if len(names) == 1 else None), tuple(column for _, column, _ in named)


def _ends(dataset: str, columns: tuple[str, ...]) -> str:
    named = [f"{dataset}.{column}" for column in columns]
    return named[0] if len(named) == 1 else f"[{', '.join(named)}]"
