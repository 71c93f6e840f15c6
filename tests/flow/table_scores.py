"""A committed set of tables with statements in, how well the statements are judged against their tables out.

Each file is a table as CSV, a line `---`, then a statement a line: `+` is true by the table, `-` false, `?` cannot be
told from it. A statement is contradicted when one of its claims is; supported when it has claims and all of them are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadline.flow.verify_table import verify_table
from loadline.semantics.tables import read_grid
from loadline.values.claim import Contradicted, Judged, Supported, Unverified

SETS = Path(__file__).parents[1] / "semantics" / "table_claims"
_TRUTHS = {"+": "supported", "-": "contradicted", "?": "unverified"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    name: str
    table: str
    text: str
    truth: str


@dataclass(slots=True)
class TableScore:
    """`loosely_supported`: a claim of a statement that is not true is supported, and none is contradicted."""

    statements: int = 0
    right: int = 0
    decided: int = 0
    decidable: int = 0
    false_supported: int = 0
    loosely_supported: int = 0
    false_contradicted: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        return self.right / self.statements

    @property
    def coverage(self) -> float:
        """Of the statements that are true or false by their tables, those that were judged, and rightly."""
        return self.decided / self.decidable


def read_statements(half: str) -> Iterator[Statement]:
    for path in sorted((SETS / half).glob("*.txt")):
        table, _, lines = path.read_text("utf-8").partition("---\n")
        for line in lines.splitlines():
            yield Statement(name=path.stem, table=table, text=line[2:], truth=_TRUTHS[line[0]])


def score_tables(statements: Sequence[Statement]) -> TableScore:
    score = TableScore()
    for one in statements:
        grid = read_grid(one.table)
        assert grid is not None, one.name
        judged = verify_table(one.text, grid).judged
        said = verdict_of(judged)
        score.statements += 1
        score.decidable += one.truth != "unverified"
        score.right += said == one.truth
        score.decided += said == one.truth != "unverified"
        score.false_supported += said == "supported" != one.truth
        score.false_contradicted += said == "contradicted" != one.truth
        is_loose = one.truth != "supported" and said == "unverified"
        score.loosely_supported += is_loose and any(isinstance(each.verdict, Supported) for each in judged)
        if said != one.truth:
            score.misses.append(f"{one.name}: {one.truth} but {said}: {one.text}\n{_told(judged)}")
    return score


def verdict_of(judged: Sequence[Judged]) -> str:
    if any(isinstance(one.verdict, Contradicted) for one in judged):
        return "contradicted"
    return "supported" if judged and all(isinstance(one.verdict, Supported) for one in judged) else "unverified"


def _told(judged: Sequence[Judged]) -> str:
    lines = []
    for one in judged:
        match one.verdict:
            case Unverified(doubt=doubt, because=because):
                lines.append(f"      [{one.claim.text}] {doubt.value}: {because}")
            case Supported(reading=reading, value=value) | Contradicted(reading=reading, value=value):
                lines.append(f"      [{one.claim.text}] {reading.said} = {value}")
    return "\n".join(lines)
