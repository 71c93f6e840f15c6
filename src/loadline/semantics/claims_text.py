"""A text in (plain, Markdown, CSV or JSON), its sentences and tables out, each with its place in the text.

Offsets are kept throughout: markup is blanked out, never removed, so that a span always points into what was written.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from loadline.semantics.claims_numbers import numbers_in

MOST_CHARACTERS = 1_000_000

_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+|\s*\*\*[^*]{1,80}\*\*:?\s*$")
_ITEM = re.compile(r"\s*(?:[-*+\u2022]|\(?\d{1,2}[.)]|[a-z]\))\s+")
_ROW = re.compile(r"\s*\|.*\|\s*$|\s*[^|]+\|[^|]+(?:\|[^|]*)*$")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_MARKUP = re.compile(
    r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|[`*]|~~|\]\([^)\s]*\)|\[(?=[^\]]*\]\()|<[^>\s][^>]*>"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:approx|ca|vs|incl|excl|e\.g|i\.e|no|nr|inc|ltd|co|corp|mio|mrd|est|avg|max|min|st|mr|mrs|ms|dr|fig|p"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|resp|cf|al|dept|approx)|\b[A-Z]|\b[a-z]\.[a-z])\.$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?]+[\"'\u201d\u2019)\]]*(?=\s|$)|;(?=\s)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`text` begins at `start` of the whole text. `is_heading`: what it says holds for what follows."""

    start: int
    text: str
    is_heading: bool = False
    paragraph: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCell:
    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A grid as printed; the first row is the header."""

    header: tuple[TextCell, ...]
    rows: tuple[tuple[TextCell, ...], ...] = field(default_factory=tuple)


Block = Sentence | TextTable


def blocks_of(text: str) -> tuple[Block, ...]:
    """The text in order. It says itself what it is: JSON that parses, CSV with rows of equal length, or prose."""
    stripped = text.strip()
    if stripped[:1] in {"{", "["} and (found := _from_json(text)) is not None:
        return found
    if (table := _from_csv(text)) is not None:
        return (table,)
    return tuple(_prose(text))


# -- prose and Markdown


def _prose(text: str) -> Iterator[Block]:
    lines = list(_lines(text))
    at, paragraph, held = 0, 0, list[tuple[int, str]]()
    while at < len(lines):
        start, line = lines[at]
        if _FENCE.match(line):
            yield from _sentences(held, paragraph)
            held, at = [], _after_fence(lines, at)
            continue
        is_table = at + 1 < len(lines) and _ROW.match(line) and _RULE.match(lines[at + 1][1]) and "|" in line
        if is_table:
            yield from _sentences(held, paragraph)
            held = []
            table, at = _table(lines, at)
            yield table
            continue
        if not line.strip() or _HEADING.match(line) or _ITEM.match(line):
            yield from _sentences(held, paragraph)
            held = []
        if not line.strip():
            paragraph += 1
        elif heading := _HEADING.match(line):
            body = _masked(line)
            begin = heading.end() if heading[0].lstrip().startswith("#") else 0
            yield Sentence(start=start + begin, text=body[begin:], is_heading=True, paragraph=paragraph)
        elif item := _ITEM.match(line):
            held = [(start + item.end(), line[item.end() :])]
        else:
            held.append((start, line))
        at += 1
    yield from _sentences(held, paragraph)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line.rstrip("\r\n")
        start += len(line)


def _after_fence(lines: Sequence[tuple[int, str]], at: int) -> int:
    at += 1
    while at < len(lines) and not _FENCE.match(lines[at][1]):
        at += 1
    return at + 1


def _masked(line: str) -> str:
    return _MARKUP.sub(lambda found: " " * len(found[0]), line)


def _sentences(held: Sequence[tuple[int, str]], paragraph: int) -> Iterator[Sentence]:
    if not held:
        return
    start = held[0][0]
    body = ""
    for line_start, line in held:
        gap = line_start - start - len(body)
        body += ("\n" + " " * (gap - 1) if gap else "") + _masked(line)
    for begin, end in split_sentences(body):
        yield Sentence(start=start + begin, text=body[begin:end], paragraph=paragraph)


def split_sentences(body: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences. A dot after an abbreviation, or before a small letter, ends none."""
    begin = 0
    for stop in _STOP.finditer(body):
        rest = body[stop.end() :].lstrip()
        is_line_end = body[stop.end() : stop.end() + 1] == "\n"
        if stop[0] == "." and not is_line_end and (_ABBREVIATED.search(body[: stop.end()][-12:]) or rest[:1].islower()):
            continue
        yield begin, stop.end()
        begin = stop.end() + len(body[stop.end() :]) - len(rest)
    if body[begin:].strip():
        yield begin, len(body)


def _table(lines: Sequence[tuple[int, str]], at: int) -> tuple[TextTable, int]:
    header = _cells(*lines[at])
    rows, at = [], at + 2
    while at < len(lines) and "|" in lines[at][1] and lines[at][1].strip():
        rows.append(_cells(*lines[at]))
        at += 1
    return TextTable(header=header, rows=tuple(rows)), at


def _cells(start: int, line: str) -> tuple[TextCell, ...]:
    masked = _masked(line.replace("\\|", "  "))
    found, at = [], 0
    for part in masked.split("|"):
        begin = at + len(part) - len(part.lstrip())
        found.append(TextCell(start=start + begin, text=part.strip()))
        at += len(part) + 1
    if masked.lstrip().startswith("|"):
        found = found[1:]
    return tuple(found[:-1] if masked.rstrip().endswith("|") else found)


# -- CSV


def _from_csv(text: str) -> TextTable | None:
    """Two rows or more, equally long, of a separator that no prose would repeat so evenly."""
    lines = [(start, line) for start, line in _lines(text) if line.strip()]
    if len(lines) < 2:
        return None
    for separator in (",", ";", "\t"):
        rows = [_csv_cells(start, line, separator) for start, line in lines]
        width = len(rows[0])
        is_even = width >= 2 and all(len(row) == width for row in rows)
        if is_even and all(len(cell.text) <= 60 and not cell.text.endswith(".") for cell in rows[0]):
            return TextTable(header=rows[0], rows=tuple(rows[1:]))
    return None


def _csv_cells(start: int, line: str, separator: str) -> tuple[TextCell, ...]:
    try:
        values = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return ()
    found, at = [], 0
    for value in values:
        place = line.find(value, at) if value else at
        found.append(TextCell(start=start + place + len(value) - len(value.lstrip()), text=value.strip()))
        at = max(at, place + len(value))
    return tuple(found)


# -- JSON

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[\[\]{},:]')


def _from_json(text: str) -> tuple[Block, ...] | None:
    try:
        json.loads(text)
    except ValueError:
        return None
    tokens = iter([*_JSON_TOKEN.finditer(text)])
    value = _json_value(next(tokens), tokens)
    return tuple(_json_blocks(value))


Node = TextCell | dict[str, "Node"] | list["Node"]


def _json_value(token: re.Match[str], tokens: Iterator[re.Match[str]]) -> Node:
    """The value at a token; scalars keep their place. The text is known to be JSON."""
    if token[0] == "{":
        members: dict[str, Node] = {}
        while (key := next(tokens))[0] != "}":
            if key[0] == ",":
                continue
            next(tokens)
            members[json.loads(key[0])] = _json_value(next(tokens), tokens)
        return members
    if token[0] == "[":
        items: list[Node] = []
        while (item := next(tokens))[0] != "]":
            if item[0] != ",":
                items.append(_json_value(item, tokens))
        return items
    if token[0].startswith('"'):
        # escapes take more room than what they stand for; only a text without any keeps exact places
        return TextCell(start=token.start() + 1, text=_unescaped(token[0][1:-1]))
    return TextCell(start=token.start(), text="" if token[0] == "null" else token[0])


def _unescaped(text: str) -> str:
    """The text, equally long: an escape becomes what it stands for and blanks."""
    return re.sub(r"\\(?:u[0-9a-fA-F]{4}|.)", lambda found: json.loads(f'"{found[0]}"').ljust(len(found[0])), text)


def _json_blocks(value: Node, name: TextCell | None = None) -> Iterator[Block]:
    if isinstance(value, TextCell):
        for begin, end in split_sentences(value.text):
            yield Sentence(start=value.start + begin, text=value.text[begin:end])
        return
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        flat = rows and all(isinstance(cell, TextCell) for row in rows for cell in row.values())
        if flat and len(rows) == len(value) and any(len(row) > 1 for row in rows):
            names = list(dict.fromkeys(key for row in rows for key in row))
            cells = [tuple(row.get(key, TextCell(start=0, text="")) for key in names) for row in rows]
            yield TextTable(
                header=tuple(TextCell(start=-1, text=key) for key in names),
                rows=tuple(tuple(cell for cell in row if isinstance(cell, TextCell)) for row in cells),
            )
            return
        for item in value:
            yield from _json_blocks(item, name)
        return
    scalars = {key: cell for key, cell in value.items() if isinstance(cell, TextCell)}
    numbers = {key: cell for key, cell in scalars.items() if re.fullmatch(r"-?\d+(\.\d+)?", cell.text)}
    if numbers:
        labels = {key: cell for key, cell in scalars.items() if key not in numbers and not _is_prose(cell.text)}
        yield TextTable(
            header=tuple(TextCell(start=-1, text=key) for key in (*labels, *numbers)),
            rows=((*labels.values(), *numbers.values()),),
        )
    for key, item in value.items():
        if key not in numbers and not (numbers and key in scalars and not _is_prose(scalars[key].text)):
            yield from _json_blocks(item)


def _is_prose(text: str) -> bool:
    """`Orders placed came to 6,000 in Q3 2026` claims something; `north` and `Q3 2026` name a row."""
    claims = any(not one.may_be_year for one in numbers_in(text))
    return len(text) > 60 or (len(text.split()) >= 4 and (claims or text.rstrip().endswith((".", "!", "?"))))
