"""The guard's own corpus: a dialect in, its cases out. A line is `VERDICT[:CODE] SQL`, with `\\r` and `\\uXXXX`.

`corpus/` was written beside the guard, and names tables that the tests have, so it is executed too; `corpus/fresh/` and
`corpus/later/` were written by people who had not read the guard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from loadline.app.guarding import guard_sql
from loadline.values.guarded import Guarded, GuardVerdict

CORPUS = Path(__file__).parent / "corpus"
DIALECTS = tuple(sorted(path.stem for path in CORPUS.glob("*.txt")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`code` None: which rule denies is not said."""

    dialect: str
    line: int
    folder: str = ""
    verdict: GuardVerdict
    code: str | None
    sql: str

    def __str__(self) -> str:
        return f"{self.folder}{self.dialect}:{self.line}"


@cache
def cases(dialect: str, folder: str = "") -> tuple[Case, ...]:
    found = []
    for number, line in enumerate((CORPUS / folder / f"{dialect}.txt").read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("# "):
            continue
        said, _, sql = line.partition(" ")
        verdict, _, code = said.partition(":")
        found.append(
            Case(
                dialect=dialect,
                line=number,
                folder=folder,
                verdict=GuardVerdict(verdict),
                code=code or None,
                sql=_unescaped(sql),
            )
        )
    return tuple(found)


def fresh(dialect: str) -> tuple[Case, ...]:
    return (*cases(dialect, "fresh/"), *cases(dialect, "later/"))


def of(dialect: str, *verdicts: str) -> list[Case]:
    return [case for case in cases(dialect) if case.verdict.value in verdicts]


def judged(sql: str, dialect: str) -> Guarded:
    return guard_sql(sql, dialect)


def _unescaped(sql: str) -> str:
    sql = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), sql)
    return re.sub(r"\\n(?=GO)", "\n", re.sub(r"\\r(?=[A-Z])", "\r", sql))
