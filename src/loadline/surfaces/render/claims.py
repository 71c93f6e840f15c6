"""What became of the claims of a text in; the text marked, the story of each claim, or JSON out."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, assert_never

from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.claim import (
    Amount,
    Claim,
    Contradicted,
    Direction,
    Formula,
    Judged,
    Nearest,
    Sense,
    Standing,
    Supported,
    Unit,
    Unverified,
    Verdict,
    Verification,
)

_WIDTH = 100
_INDENT = 6


def verdict_word(judged: Judged) -> str:
    match judged.verdict:
        case Supported():
            return "supported"
        case Contradicted():
            return "contradicted"
        case Unverified():
            return "unverified"
        case _:
            assert_never(judged.verdict)


def counts(verification: Verification) -> dict[str, int]:
    """How many claims of each verdict; `numbers` printed, and how many of them were `bound` to a governed value."""
    words = Counter(map(verdict_word, verification.judged))
    bound = sum(_prints(one.claim) and bool(one.claim.readings) for one in verification.judged)
    return {
        "claims": len(verification.judged),
        "supported": words["supported"],
        "contradicted": words["contradicted"],
        "unverified": words["unverified"],
        "numbers": verification.numbers,
        "bound": bound,
    }


def _prints(claim: Claim) -> bool:
    """`doubled` claims an amount and prints none."""
    expects = claim.expects
    return isinstance(expects, Amount) and not (expects.quantity.unit is Unit.TIMES and claim.text.isalpha())


# -- for people


def as_text(text: str, verification: Verification, palette: Palette) -> str:
    """The text with every claim marked, then what is wrong and what could not be judged, then the totals."""
    notes: list[str] = []
    lines = [_marked(text, verification, palette, notes).strip("\n"), ""]
    lines += notes
    if verification.cohorts:
        marks = marks_of(verification)
        lines += [line for one in verification.cohorts for line in _cohort(one.claims, one.said, marks, palette)]
    if notes or verification.cohorts:
        lines.append("")
    return "\n".join([*lines, *_totals(verification, palette)])


def _is_right(verdict: Verdict) -> bool:
    match verdict:
        case Supported():
            return True
        case Contradicted() | Unverified():
            return False
        case _:
            assert_never(verdict)


def marks_of(verification: Verification) -> dict[int, int]:
    """The number that each claim is marked with which is not right, from 1, by its place among all."""
    wrong = [at for at, one in enumerate(verification.judged) if not _is_right(one.verdict)]
    return {at: number for number, at in enumerate(wrong, 1)}


def _marked(text: str, verification: Verification, palette: Palette, notes: list[str]) -> str:
    parts, at = [], 0
    marks = marks_of(verification)
    for place, one in enumerate(verification.judged):
        claim, number = one.claim, marks.get(place, 0)
        if claim.start < at:  # two claims on one span: the second is told below, and marked once
            notes += _note(number, one, palette)
            continue
        parts.append(clean(text[at : claim.start]))
        said = clean(text[claim.start : claim.end])
        match one.verdict:
            case Supported():
                parts.append(palette.green(f"{said} ✓"))
            case Contradicted():
                parts.append(palette.red(f"{said} ✗{number}"))
            case Unverified():
                parts.append(palette.yellow(f"{said} ?{number}"))
            case _:
                assert_never(one.verdict)
        notes += _note(number, one, palette)
        at = claim.end
    return "".join([*parts, clean(text[at:])])


def _note(number: int, judged: Judged, palette: Palette) -> list[str]:
    claim = judged.claim
    said = clean(claim.text)
    match judged.verdict:
        case Supported():
            return []
        case Contradicted(reading=reading, value=value, nearest=nearest):
            head = f"{palette.red(f'✗{number}')}  {palette.bold(said)} is contradicted: "
            body = f"{reading.said} is {shown(value, claim, reading)}"
            lines = _wrapped(head, body)
            for near in nearest:
                lines += _wrapped(" " * 4, f"{said} is {near_words(near)}: {shown(near.value, claim, near.reading)}")
            return lines
        case Unverified(doubt=doubt, because=because):
            head = f"{palette.yellow(f'?{number}')}  {palette.bold(said)} is unverified ({doubt.value}): "
            return _wrapped(head, because)
        case _:
            assert_never(judged.verdict)


def near_words(near: Nearest) -> str:
    return {
        "slice": f"right of another slice ({near.said})",
        "period": f"right of another period ({near.said})",
        "definition": f"right of another metric ({near.said})",
        "measure": f"right {near.said}",
    }[near.kind]


def _cohort(claims: tuple[int, ...], said: str, marks: Mapping[int, int], palette: Palette) -> list[str]:
    named = ", ".join(f"✗{marks[place]}" for place in claims)
    return _wrapped(
        f"{palette.red('wrong cohort')}  ",
        f"{len(claims)} wrong numbers ({named}) are all right of {said}: one mistake, not {len(claims)}",
    )


def _wrapped(head: str, body: str) -> list[str]:
    text = textwrap.wrap(clean(body), _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False) or [""]
    return [head + text[0], *(" " * _INDENT + line for line in text[1:])]


def _totals(verification: Verification, palette: Palette) -> list[str]:
    found = counts(verification)
    said = [
        palette.green(f"{found['supported']} supported"),
        palette.red(f"{found['contradicted']} contradicted") if found["contradicted"] else "0 contradicted",
        palette.yellow(f"{found['unverified']} unverified") if found["unverified"] else "0 unverified",
        f"{found['bound']} of {found['numbers']} numbers bound",
    ]
    lines = ["  ".join(said)]
    if verification.receipt is not None:
        index = verification.receipt.ledger_index
        queries = verification.queries
        lines.append(
            f"receipt {verification.receipt.id}"
            + (f"  ·  ledger entry {index}" if index is not None else "")
            + f"  ·  {queries} {'query' if queries == 1 else 'queries'}"
        )
    return lines


def shown(value: Decimal, claim: Claim, reading: Sense) -> str:
    """The governed number in the unit the text used, with a digit more than it printed."""
    match claim.expects:
        case Standing(is_from_bottom=is_from_bottom):
            above, count = int(value), int((value % 1).scaleb(6))
            at = count - above + 1 if is_from_bottom else above
            return f"place {at} of {count}" + (" from below" if is_from_bottom else "")
        case Direction() if reading.formula in {Formula.LEAST_STEP, Formula.MOST_STEP}:
            return _number(value)
        case Direction():
            return f"{'more' if value > 0 else 'less' if value < 0 else 'equal'}, by {_number(abs(value))}"
        case Amount(quantity=quantity):
            if reading.formula in {Formula.GROWTH, Formula.SHARE} or quantity.unit is Unit.PERCENT:
                return f"{_number(value)} %"
            unit = {Unit.POINTS: "percentage points", Unit.TIMES: "times"}.get(quantity.unit, quantity.of or "")
            return f"{_number(value)} {unit}".rstrip()
        case _:
            assert_never(claim.expects)


def _number(value: Decimal) -> str:
    if value == value.to_integral_value():
        return f"{int(value):,}"
    places = Decimal("0.01") if abs(value) >= Decimal("0.1") else Decimal("0.0001")
    return f"{value.quantize(places, rounding=ROUND_HALF_EVEN):,}"


# -- for programs


def as_json(verification: Verification) -> dict[str, Any]:
    """Spans are characters of the text, `start` in and `end` out."""
    return {
        "counts": counts(verification),
        "claims": [_claim_json(one) for one in verification.judged],
        "wrong_cohorts": [plain(one) for one in verification.cohorts],
        "receipt": plain(verification.receipt) if verification.receipt else None,
    }


def _claim_json(judged: Judged) -> dict[str, Any]:
    claim, verdict = judged.claim, judged.verdict
    told: dict[str, Any] = {
        "start": claim.start,
        "end": claim.end,
        "text": claim.text,
        "verdict": verdict_word(judged),
        "kind": claim.readings[0].formula.value if claim.readings else None,
        "claimed": plain(claim.expects),
    }
    match verdict:
        case Supported(reading=reading, value=value):
            told |= {"value": plain(value), "means": _reading_json(reading)}
        case Contradicted(reading=reading, value=value, nearest=nearest):
            told |= {"value": plain(value), "means": _reading_json(reading)}
            told["nearest"] = [
                {"kind": one.kind, "what": one.said, "value": plain(one.value), "means": _reading_json(one.reading)}
                for one in nearest
            ]
        case Unverified(doubt=doubt, because=because):
            told |= {"reason": doubt.value, "because": because}
            told["may_mean"] = [_reading_json(one) for one in claim.readings]
        case _:
            assert_never(verdict)
    return told


def _reading_json(reading: Sense) -> dict[str, Any]:
    head = reading.cells[0] if reading.cells else reading.members
    assert head is not None  # noqa: S101 - a reading has cells or members
    base = reading.cells[1] if len(reading.cells) > 1 else None
    return {
        "formula": reading.formula.value,
        "said": reading.said,
        "metric": head.metric,
        "where": plain(head.where),
        "during": plain(head.during),
        "against": plain(base),
        "member": reading.member,
        "by": reading.members.by if reading.members else None,
    }
