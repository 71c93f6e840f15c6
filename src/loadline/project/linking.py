"""References in, faults for those that lead nowhere out: one function for each kind of name a project may use."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.names import Names
from loadline.project.tree import Scalar
from loadline.project.wording import instead, quoted
from loadline.values.place import Place


class Links:
    """Looks names up, and tells the faults which lead nowhere."""

    __slots__ = ("_faults", "_names")

    def __init__(self, names: Names, faults: Faults) -> None:
        self._names = names
        self._faults = faults

    def owner(self, found: Scalar | None) -> str | None:
        if found is not None and found.raw not in self._names.owners:
            self._lost(codes.UNKNOWN_OWNER, found, "owner", self._names.owners, "add it to `owners` in loadline.yaml")
        return found.raw if found else None

    def verifier(self, found: Scalar | None) -> str | None:
        """An owner or a person."""
        known = {**self._names.owners, **self._names.people}
        if found is not None and found.raw not in known:
            self._lost(codes.UNKNOWN_OWNER, found, "owner or person", known, "add it to `owners` in loadline.yaml")
        return found.raw if found else None

    def audience(self, found: Scalar | None) -> str | None:
        known = self._names.audiences
        if found is not None and found.raw not in known:
            self._lost(codes.UNKNOWN_AUDIENCE, found, "audience", known, "add it to `audiences` in loadline.yaml")
        return found.raw if found else None

    def person(self, found: Scalar) -> str:
        if found.raw not in self._names.people:
            self._lost(
                codes.UNKNOWN_PERSON, found, "person", self._names.people, "add them to `people` in loadline.yaml"
            )
        return found.raw

    def metric(self, found: Scalar) -> str:
        if found.raw not in self._names.metrics:
            self._lost(codes.UNKNOWN_METRIC, found, "metric", self._names.metrics, "define it under `metrics`")
        return found.raw

    def metric_or_term(self, found: Scalar) -> str:
        known = {**self._names.metrics, **self._names.terms}
        if found.raw not in known:
            self._lost(codes.UNKNOWN_METRIC, found, "metric or term", known, "define it under `metrics`")
        return found.raw

    def relation(self, found: Scalar) -> str:
        known = self._names.relations
        if known is not None and found.raw not in known:
            self._lost(codes.UNKNOWN_SOURCE, found, "relation", known, "add it to `warehouse.files` in loadline.yaml")
        return found.raw

    def dataset(self, name: str, place: Place) -> bool:
        known = self._names.datasets
        if name in known:
            return True
        self._faults.add(
            codes.UNKNOWN_DATASET,
            place,
            f"there is no dataset {quoted(name)}",
            why="a relationship joins two datasets of this project",
            mend=instead(name, known, otherwise="define it under `datasets`"),
        )
        return False

    def column(self, dataset: str, name: str, place: Place, known: Iterable[str]) -> None:
        known = tuple(known)
        if name in known:
            return
        self._faults.add(
            codes.UNKNOWN_COLUMN,
            place,
            f"dataset {quoted(dataset)} has no column {quoted(name)}",
            why="a dataset has the columns of its contract and the fields it declares",
            mend=instead(name, known, otherwise=f"declare {quoted(name)} under `fields`, or give it a contract"),
        )

    def pattern(self, found: Scalar, kind: str, known: Iterable[str]) -> str:
        """A pattern may match nothing yet; it is said, because most often it is a misspelling."""
        known = tuple(known)
        if not any(fnmatchcase(name, found.raw) for name in known):
            self._faults.warn(
                codes.MATCHES_NOTHING,
                found.place,
                f"no {kind} matches {quoted(found.raw)}",
                why="a rule about something that does not exist has no effect",
                mend=instead(found.raw, known, otherwise="delete it"),
            )
        return found.raw

    def _lost(self, code: str, found: Scalar, kind: str, known: Iterable[str], otherwise: str) -> None:
        self._faults.add(
            code,
            found.place,
            f"there is no {kind} {quoted(found.raw)}",
            why=codes.CODES[code].why,
            mend=instead(found.raw, known, otherwise=otherwise),
        )
