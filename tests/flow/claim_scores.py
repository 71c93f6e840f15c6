"""A committed set of sentences in, how well their claims are judged out.

Each line of a set is a sentence with the spans that matter and what is true of them: `supported`, `contradicted`,
`unverified`, or `open` (true, but told in words a project need not know: anything but contradicted is right).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from loadline.app import App
from loadline.checks.claims import judge_claim
from loadline.flow.verify_cells import Asker, Facts, compute
from loadline.flow.verify_values import read_members
from loadline.semantics.claims import find_claims
from loadline.semantics.claims_lexicon import build_lexicon
from loadline.semantics.claims_times import Clock
from loadline.values.claim import Claim, Contradicted, Supported, Unverified, Verdict

SETS = Path(__file__).parents[1] / "semantics" / "claims"
TODAY = date(2026, 11, 2)


@dataclass(slots=True)
class Score:
    """`misses` tells each claim that was judged otherwise than it is."""

    right: int = 0
    claims: int = 0
    decided: int = 0
    decidable: int = 0
    false_supported: int = 0
    false_contradicted: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        return self.right / self.claims

    @property
    def coverage(self) -> float:
        """Of the claims that are true or false by governed numbers, those that were judged."""
        return self.decided / self.decidable


def read_set(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def score(app: App, rows: Sequence[dict[str, Any]]) -> Score:
    """Each sentence stands alone; what they all need is computed together."""
    result = Score()
    for row, verdicts in zip(rows, _verdicts(app, rows), strict=True):
        _count(row, verdicts, result)
    return result


def _verdicts(app: App, rows: Sequence[dict[str, Any]]) -> Iterator[list[tuple[Claim, Verdict]]]:
    world = app.world
    clock = Clock(today=TODAY, calendar=app.project.model.calendar)
    principals = {who: app.principal("ana", audience=who) for who in {row["audience"] for row in rows}}
    principals = {who: one if who else type(one)(name=one.name, roles=one.roles) for who, one in principals.items()}
    lexicons = {
        who: build_lexicon(world.linked, audience=one.audience, members=read_members(world, one))
        for who, one in principals.items()
    }
    found = [find_claims(row["text"], lexicons[row["audience"]], clock).claims for row in rows]
    readings = [reading for claims in found for claim in claims for reading in (*claim.readings, *claim.also)]
    facts = Facts()
    wants = [cell for one in readings for cell in one.cells] + [one.members for one in readings if one.members]
    asker = Asker(world=world, principal=next(iter(principals.values())), today=TODAY)
    compute(asker, wants, facts)
    percents = frozenset(name for name, one in world.linked.metrics.items() if one.metric.format == "percent")
    for claims in found:
        yield [(claim, judge_claim(claim, facts.cells, facts.places, percents)) for claim in claims]


def _count(row: dict[str, Any], verdicts: Sequence[tuple[Claim, Verdict]], result: Score) -> None:
    seen: Counter[int] = Counter()
    for wanted in row["expect"]:
        result.claims += 1
        truth = wanted["verdict"]
        result.decidable += truth in {"supported", "contradicted"}
        match = next(((c, v) for c, v in verdicts if c.start < wanted["end"] and wanted["start"] < c.end), None)
        said = "missed" if match is None else _word(match[1])
        seen[wanted["start"]] += 1
        result.decided += truth in {"supported", "contradicted"} and said == truth
        is_right = (
            said == truth
            or (truth == "open" and said != "contradicted")
            or (truth == "unverified" and said == "missed")
        )
        result.right += is_right
        result.false_supported += said == "supported" and truth in {"contradicted", "unverified"}
        result.false_contradicted += said == "contradicted" and truth != "contradicted"
        if not is_right:
            why = match[1].because if match and isinstance(match[1], Unverified) else ""
            meant = match[1].reading.said if match and isinstance(match[1], Supported | Contradicted) else ""
            result.misses.append(
                f"{truth} but {said}: {row['text']} [{row['text'][wanted['start'] : wanted['end']]}] {why}{meant}"
            )
    for claim, verdict in verdicts:
        known = any(claim.start < w["end"] and w["start"] < claim.end for w in row["expect"])
        if not known and isinstance(verdict, Contradicted):
            result.false_contradicted += 1
            result.misses.append(f"not expected but contradicted: {row['text']} [{claim.text}] {verdict.reading.said}")


def _word(verdict: Verdict) -> str:
    match verdict:
        case Supported():
            return "supported"
        case Contradicted():
            return "contradicted"
        case Unverified():
            return "unverified"
