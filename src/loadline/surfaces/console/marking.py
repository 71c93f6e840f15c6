"""A text and the verdicts on its claims in; the text as markup out, each claim marked, its tables as tables.

The text itself is never taken as markup: all of it is escaped, and only marks and cells of tables are put around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from loadline.surfaces.render.claims import near_words, shown
from loadline.values.claim import Contradicted, Supported, Unverified, Verification

Claim = Mapping[str, Any]
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")


def told_claims(found: Verification, claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """The claims as programs read them, and with the governed value, and what the number is of, as people do."""
    told = []
    for judged, one in zip(found.judged, claims, strict=True):
        match judged.verdict:
            case Supported(reading=reading, value=value):
                more = {"shown": shown(value, judged.claim, reading), "really": []}
            case Contradicted(reading=reading, value=value, nearest=nearest):
                really = [f"{near_words(near)}: {shown(near.value, judged.claim, near.reading)}" for near in nearest]
                more = {"shown": shown(value, judged.claim, reading), "really": really}
            case Unverified():
                more = {"shown": "", "really": []}
        told.append({**one, **more})
    return told


def marked(text: str, claims: Sequence[Claim]) -> Markup:
    """What a contradicted claim should say stands beside it."""
    marks = _Marks(text, claims)
    lines = list(_lines(text))
    parts: list[Markup] = []
    at, done = 0, 0
    while at < len(lines):
        rows = _table(text, lines, at)
        if not rows:
            at += 1
            continue
        parts += [marks.between(done, lines[at][0]), _drawn(marks, text, rows)]
        at += len(rows)
        done = lines[at][0] if at < len(lines) else len(text)
    return Markup("").join([*parts, marks.between(done, len(text))])


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends, its line break left out."""
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _table(text: str, lines: Sequence[tuple[int, int]], at: int) -> list[tuple[int, int]]:
    """The lines of a Markdown table that begins here: a header, a rule and rows, each with bars."""
    said = [text[start:end] for start, end in lines[at : at + 2]]
    if len(said) < 2 or not all("|" in one for one in said) or not _RULE.match(said[1]) or _RULE.match(said[0]):
        return []
    stop = at + 2
    while stop < len(lines) and "|" in text[slice(*lines[stop])]:
        stop += 1
    return list(lines[at:stop])


def _drawn(marks: _Marks, text: str, rows: Sequence[tuple[int, int]]) -> Markup:
    head, _, *body = rows
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(marks.between(*cell)) for cell in _cells(text, *head)
    )
    lines = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(marks.between(*cell)) for cell in _cells(text, *row))
        )
        for row in body
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(heads, lines)


def _cells(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each cell of a row stands, the spaces around what it says left out."""
    bars = [match.start() for match in re.finditer(r"(?<!\\)\|", text[start:end])]
    edges = [-1, *bars, end - start]
    for number, (left, right) in enumerate(pairwise(edges)):
        cell = text[start + left + 1 : start + right]
        is_outside = not cell.strip() and number in {0, len(edges) - 2}
        if not is_outside:
            lead = len(cell) - len(cell.lstrip())
            yield start + left + 1 + lead, start + left + 1 + len(cell.rstrip())


class _Marks:
    """A text with its claims in order; two on one span are marked once."""

    def __init__(self, text: str, claims: Sequence[Claim]) -> None:
        self._text = text
        self._claims: list[Claim] = []
        for one in sorted(claims, key=lambda claim: int(claim["start"])):
            if not self._claims or one["start"] >= self._claims[-1]["end"]:
                self._claims.append(one)

    def between(self, start: int, end: int) -> Markup:
        parts: list[Markup] = []
        at = start
        for one in self._claims:
            if start <= one["start"] and one["end"] <= end:
                parts += [escape(self._text[at : one["start"]]), self._mark(one)]
                at = one["end"]
        return Markup("").join([*parts, escape(self._text[at:end])])

    def _mark(self, one: Claim) -> Markup:
        return Markup('<mark class="v-{}" title="{}">{}<span class="verdict"> {}</span></mark>').format(
            one["verdict"], _tip(one), self._text[one["start"] : one["end"]], _right(one)
        )


def _tip(claim: Claim) -> str:
    if claim["verdict"] == "unverified":
        return f"unverified: {claim.get('because', '')}"
    return f"{claim['verdict']}: {claim['means']['said']}"


def _right(claim: Claim) -> str:
    match claim["verdict"]:
        case "supported":
            return "✓"
        case "contradicted":
            return f"✗ it is {claim['shown']}"
        case _:
            return "?"
