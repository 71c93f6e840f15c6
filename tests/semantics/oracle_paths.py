"""A fact and the words of a path in, the many-to-one joins they mean out; a row and a path in, the row at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from loadline.values.model import Model, Relationship

Path = tuple[Relationship, ...]


class Refused(Exception):  # a refusal is an answer here, not an error
    """There is no one right answer to this question."""


def paths_meant(model: Model, fact: str, steps: tuple[str, ...]) -> list[Path]:
    """The paths from `fact` that `steps` can mean. A path spelled out from the fact is itself and nothing else;
    so is the role of a step that starts there. Otherwise the steps are the end of some path that visits no dataset
    twice and goes no long way round by one and the same key."""
    if steps == (fact,):
        return [()]
    spelled = list(_spelled(model, fact, steps[1:] if steps[0] == fact else steps))
    ending = [path for path in simple_paths(model, fact) if _ends(path, steps)]
    if len(steps) == 1:
        own_role = [path for path in spelled if path[0].role == steps[0]]
        return own_role or ending or spelled
    return spelled or ending


def _spelled(model: Model, at: str, steps: tuple[str, ...]) -> Iterator[Path]:
    if not steps:
        yield ()
        return
    for relationship in model.relationships:
        if relationship.source == at and relationship.name == steps[0]:
            for rest in _spelled(model, relationship.target, steps[1:]):
                yield (relationship, *rest)


def simple_paths(model: Model, fact: str) -> list[Path]:
    """Every path from a fact that visits no dataset twice, nor goes on by a key that leads there directly."""
    return [
        path
        for path in _simple_paths(model, fact, (fact,))
        if not any(_is_detour(model, first, then) for first, then in pairwise(path))
    ]


def _is_detour(model: Model, first: Relationship, then: Relationship) -> bool:
    if first.valid is not None or first.target_columns != then.source_columns:
        return False
    return any(
        other.source == first.source
        and other.source_columns == first.source_columns
        and other.target == then.target
        and other.target_columns == then.target_columns
        and other.valid == then.valid
        for other in model.relationships
    )


def _simple_paths(model: Model, at: str, seen: tuple[str, ...]) -> Iterator[Path]:
    for relationship in model.relationships:
        if relationship.source == at and relationship.target not in seen:
            yield (relationship,)
            for rest in _simple_paths(model, relationship.target, (*seen, relationship.target)):
                yield (relationship, *rest)


def _ends(path: Path, steps: tuple[str, ...]) -> bool:
    """The last words of a path are the steps. A step is called by its role, or by the dataset it leads to."""
    if len(path) < len(steps):
        return False
    tail = path[len(path) - len(steps) :]
    return all(step in (joined.role, joined.target) for step, joined in zip(steps, tail, strict=True))


def walk(tables: Mapping[str, Sequence[Mapping[str, object]]], row: Mapping[str, object], path: Path) -> (
    Mapping[str, object] | None
):  # fmt: skip
    """Where the row leads; None where a key is NULL or matches nothing."""
    here: Mapping[str, object] | None = row
    for joined in path:
        key = [here[column] for column in joined.source_columns] if here is not None else [None]
        here = None
        if None not in key:
            for candidate in tables[joined.target]:
                if [candidate[column] for column in joined.target_columns] == key:
                    here = candidate
                    break
    return here
