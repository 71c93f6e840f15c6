"""Entries in, what kinds of questions were really asked out, and how much of that anything tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from loadline.ledger.nouns import Entry, Kind
from loadline.ledger.views.asked import receipts
from loadline.values.canonical import digest
from loadline.values.feedback import Opinion

Atoms = tuple[str, ...]
"""What a question is made of, sorted: `metric booked`, `by orders.region month`, `where orders.status =`, `dates`."""

CaseShape = tuple[Atoms, str, str | None]
"""The shape of a regression case, the roles and the audience it is asked for: it tests no other."""

NOT_UNDERSTOOD: Atoms = ("not understood",)
UNKNOWN_STATE = "unknown"
_WORST_FIRST = ("red", "amber", "unpromised", "green")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficCell:
    """Questions of one shape, asked in the same roles, over data in the same state. `count` of them, `doubted` of which
    were not answered as verified. `complaints` are people who said that an answer was wrong, each once for a receipt.
    `receipt` is the last of them, `question` its words."""

    id: str
    signature: Atoms
    roles: str
    state: str
    count: int
    doubted: int
    complaints: int
    is_tested: bool
    question: str
    receipt: str

    @property
    def risk(self) -> float:
        """Between 1 and 3: 1, the share that was not verified, and complaints per question, at most 1."""
        return 1 + self.doubted / self.count + min(1.0, self.complaints / self.count)

    @property
    def rank(self) -> float:
        """Traffic times risk: what to test first."""
        return self.count * self.risk


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of the `seen` combinations of `ways` traits that real questions had together, `tested` occur in a tested cell."""

    ways: int
    seen: int
    tested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficCells:
    """`cells`, highest rank first; `coverage` of pairs and of triples."""

    asked: int
    cells: tuple[TrafficCell, ...]
    coverage: tuple[Coverage, ...]

    @property
    def tested_share(self) -> float | None:
        """Of what was asked, the share in tested cells; None when nothing was."""
        return sum(cell.count for cell in self.cells if cell.is_tested) / self.asked if self.asked else None

    @property
    def unseen_mass(self) -> float | None:
        """How likely the next question is of a cell that was never seen: the share of questions that are the only one
        of their cell. The estimate of I. J. Good (1953), Biometrika 40:237, after A. Turing."""
        return sum(cell.count == 1 for cell in self.cells) / self.asked if self.asked else None

    @property
    def untested(self) -> tuple[TrafficCell, ...]:
        return tuple(cell for cell in self.cells if not cell.is_tested)


def signature(query: Mapping[str, Any] | None) -> Atoms:
    """The shape of a query: what it asks for, without the values it filters by, its dates and its limit."""
    if not query:
        return NOT_UNDERSTOOD
    atoms = {f"metric {name}" for name in query.get("metrics", ())}
    for by in query.get("by", ()):
        cut = by.get("grain") or by.get("part") or by.get("own_grain")
        atoms.add(f"by {by['name']}" + (f" {cut}" if cut else ""))
    atoms |= {f"where {one['name']} {one['op']}" for one in query.get("where", ())}
    atoms |= {f"condition {one}" for one in query.get("conditions", ())}
    for name, is_there in (
        ("dates", query.get("during")), ("order", query.get("order")), ("limit", query.get("limit") is not None),
        ("rows", query.get("is_detail")),
    ):  # fmt: skip
        if is_there:
            atoms.add(name)
    return tuple(sorted(atoms))


def roles_of(roles: Iterable[str]) -> str:
    """As a cell names them."""
    return " ".join(sorted(roles)) or "no role"


def cells(
    entries: Iterable[Entry],
    tested: Mapping[str | None, frozenset[Atoms]],
    cases: frozenset[CaseShape] = frozenset(),
    *,
    since: datetime,
    until: datetime,
) -> TrafficCells:
    """`tested` are the signatures of verified questions by the audience they are verified for (None: everyone), `cases`
    those of regression cases. A text that was checked is no question and does not count. Feedback counts where its
    receipt was given in the window."""
    grouped: dict[tuple[Atoms, str, str], list[Mapping[str, Any]]] = {}
    covered: set[tuple[Atoms, str, str]] = set()
    opinions: dict[tuple[str, str], str] = {}
    for entry in receipts(_noting(entries, opinions), since=since, until=until):
        said = entry.payload
        if said.get("query") is None and not said.get("reasons"):
            continue
        shape = signature(said.get("query"))
        key = (shape, roles_of(said.get("roles", ())), _state(said))
        grouped.setdefault(key, []).append(said)
        audience = said.get("audience")
        is_verified = shape in tested.get(None, ()) or shape in tested.get(audience, ())
        if is_verified or (shape, key[1], audience) in cases:
            covered.add(key)
    complaints = Counter(receipt for (receipt, _), opinion in opinions.items() if opinion != Opinion.HELPFUL)
    found = [_cell(key, group, complaints, is_tested=key in covered) for key, group in grouped.items()]
    found.sort(key=lambda cell: (-cell.rank, cell.id))
    return TrafficCells(
        asked=sum(cell.count for cell in found),
        cells=tuple(found),
        coverage=tuple(_coverage(found, ways) for ways in (2, 3)),
    )


def _state(receipt: Mapping[str, Any]) -> str:
    """The worst state of what it read."""
    states = {str(one["state"]) for one in receipt.get("states", ())}
    return next((state for state in _WORST_FIRST if state in states), UNKNOWN_STATE)


def _noting(entries: Iterable[Entry], opinions: dict[tuple[str, str], str]) -> Iterator[Entry]:
    """The entries as they are; what people say of receipts is noted on the way, the last words of each."""
    for entry in entries:
        if entry.kind is Kind.FEEDBACK and entry.is_readable:
            said = entry.payload
            opinions[str(said["receipt"]), str(said["by"])] = str(said["opinion"])
        yield entry


def _cell(
    key: tuple[Atoms, str, str], group: list[Mapping[str, Any]], complaints: Mapping[str, int], *, is_tested: bool
) -> TrafficCell:
    shape, roles, state = key
    counted = Counter(str(one["status"]) for one in group)
    return TrafficCell(
        id="cell-" + digest(key).removeprefix("sha256:")[:10],
        signature=shape,
        roles=roles,
        state=state,
        count=len(group),
        doubted=len(group) - counted["verified"],
        complaints=sum(complaints.get(name, 0) for name in {str(one["id"]) for one in group}),
        is_tested=is_tested,
        question=str(group[-1]["question"]),
        receipt=str(group[-1]["id"]),
    )


def _coverage(found: Iterable[TrafficCell], ways: int) -> Coverage:
    seen: set[Atoms] = set()
    tested: set[Atoms] = set()
    for cell in found:
        traits = sorted((*cell.signature, f"role {cell.roles}", f"data {cell.state}"))
        together = set(combinations(traits, ways))
        seen |= together
        if cell.is_tested:
            tested |= together
    return Coverage(ways=ways, seen=len(seen), tested=len(seen & tested))
