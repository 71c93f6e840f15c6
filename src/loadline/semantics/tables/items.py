"""A statement and what a table is called in: everything the statement mentions out, in its order, nothing left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from loadline.semantics.claims_number_words import word_numbers
from loadline.semantics.claims_numbers import SCALES, Printed, hedged, numbers_in
from loadline.semantics.claims_words import NUMBERED, ORDINALS, TIMES
from loadline.semantics.tables.days import Day, days_in
from loadline.semantics.tables.forms import header_phrases, part_phrases, plain, spans_of, tokens_of, value_forms
from loadline.semantics.tables.grid import Grid
from loadline.semantics.tables.vocabulary import NOUNS, SAID_PHRASES, SAYS, STILL, Say, is_fill
from loadline.values.claim import Quantity, Unit

_T = TypeVar("_T")
_TIMES = re.compile(rf"\b(?:{'|'.join(TIMES)})\b", re.IGNORECASE)
SCORE = re.compile(r"\d{1,3}(?:\s?[-\u2013]\s?\d{1,3})+(?![\w.]|-)")
_LITTLE = frozenset(["us", "it", "no", "he", "she", "the", "a", "as", "at", "in", "on", "or", "l", "w"])


class Kind(Enum):
    COLUMN = "column"
    VALUE = "value"
    DAY = "day"
    NUMBER = "number"
    ORDINAL = "ordinal"
    SCORE = "score"
    SAY = "say"
    NOUN = "noun"
    UNIT = "unit"
    FILL = "fill"
    SIGN = "sign"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The cells of a column that a phrase is: those it is exactly, and those that hold more besides."""

    column: str
    exact: tuple[str, ...]
    wider: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A stretch of the statement and what it is. A word can be a header, a cell and a noun for rows at once: `columns`,
    `texts` and `is_noun` say so, and `kind` is the first of them."""

    kind: Kind
    start: int
    end: int
    text: str
    columns: tuple[str, ...] = ()
    texts: tuple[Texts, ...] = ()
    is_noun: bool = False
    say: Say | None = None
    number: Quantity | None = None
    scale: int = 0  # the power of ten printed with the number
    day: Day | None = None
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a table's headers and cells are called: by the first token, and there by all of them."""

    columns: dict[str, dict[tuple[str, ...], tuple[str, ...]]]
    values: dict[str, dict[tuple[str, ...], tuple[Texts, ...]]]
    units: frozenset[str]
    nouns: frozenset[str]
    held: frozenset[str]  # the words of cells: no filler, even where they are no whole cell
    spelled: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)


# -- what things are called


def names_of(grid: Grid) -> Names:
    columns: dict[tuple[str, ...], dict[str, None]] = {}
    for one in grid.columns:
        for phrase in header_phrases(one.name):
            columns.setdefault(phrase, {})[one.name] = None
    parts: dict[tuple[str, ...], dict[str, None]] = {}
    for one in grid.columns:
        for phrase in part_phrases(one.name):
            parts.setdefault(phrase, {})[one.name] = None
    words = [set(tokens_of(one.name)) for one in grid.columns]
    for phrase, found in parts.items():
        if len(found) == 1 and phrase not in columns and sum(set(phrase) <= each for each in words) <= 1:
            columns[phrase] = found
    values, spelled = _values(grid)
    return Names(
        columns=_by_first({phrase: tuple(found) for phrase, found in columns.items()}),
        values=_by_first(values),
        units=frozenset(word for one in grid.columns for word in one.measured.words),
        nouns=_nouns(grid),
        held=frozenset(
            word for one in grid.columns if not one.numbers for text in one.texts for word in tokens_of(text)
        )
        - STILL,
        spelled=spelled,
    )


def _by_first(phrases: dict[tuple[str, ...], _T]) -> dict[str, dict[tuple[str, ...], _T]]:
    found: dict[str, dict[tuple[str, ...], _T]] = {}
    for phrase, one in phrases.items():
        found.setdefault(phrase[0], {})[phrase] = one
    return found


def _values(grid: Grid) -> tuple[dict[tuple[str, ...], tuple[Texts, ...]], dict[tuple[str, ...], frozenset[str]]]:
    """Cells of text by their words; a cell of nothing but a number is named by its header, never by itself."""
    found: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    spelled: dict[tuple[str, ...], set[str]] = {}
    tokens: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for column in grid.columns:
        if column.numbers and not column.days:
            continue
        for cell in dict.fromkeys(column.texts):
            tokens.setdefault(column.name, []).append((cell, tokens_of(cell)))
            for form in value_forms(cell):
                phrase = tokens_of(form)
                if not phrase or (len(phrase) == 1 and phrase[0].replace(".", "").isdigit()):
                    continue
                found.setdefault(phrase, {}).setdefault(column.name, {})[cell] = None
                if any(word[0].isdigit() for word in phrase):
                    spelled.setdefault(phrase, set()).add(plain(form))
    texts = {
        phrase: tuple(
            Texts(column=name, exact=tuple(cells), wider=_wider(phrase, cells, tokens[name]))
            for name, cells in each.items()
        )
        for phrase, each in found.items()
    }
    return texts, {phrase: frozenset(forms) for phrase, forms in spelled.items()}


def _wider(
    phrase: tuple[str, ...], exact: dict[str, None], cells: list[tuple[str, tuple[str, ...]]]
) -> tuple[str, ...]:
    size = len(phrase)
    return tuple(
        cell
        for cell, words in cells
        if cell not in exact and any(words[at : at + size] == phrase for at in range(len(words) - size + 1))
    )


def _nouns(grid: Grid) -> frozenset[str]:
    """The nouns that are fit for the table's rows."""
    headers = {" ".join(tokens_of(one.name)) for one in grid.columns}
    heads = headers | {word for header in headers for word in header.split()}
    return frozenset(noun for noun, wanted in NOUNS.items() if not wanted or wanted & heads)


# -- what a statement mentions


def items_of(text: str, names: Names, grid: Grid) -> list[Item]:
    spans = list(spans_of(text))
    has_days = any(one.days or one.is_years for one in grid.columns)
    days = {one.start: one for one in days_in(text)} if has_days else {}
    printed = list(_numbers(text))
    numbers = {next((at for at, _, _ in spans if at >= one.start), -1): one for one in printed}  # `$` is no word
    hedges = {at for one in printed for at in range(one.lead if one.lead >= 0 else one.start, one.start)}
    tails = {at for one in printed for at in range(one.end, one.tail)}
    phrases = _phrases(text)
    found: list[Item] = []
    at = 0
    while at < len(spans):
        start = spans[at][0]
        item = _named(text, spans, at, names) or _dated(text, start, days) or _scored(text, start)
        if item is None and start not in hedges | tails and start in numbers:
            item = _number(text, numbers[start])
        if item is None and start in hedges | tails:
            at += 1
            continue
        item = item or phrases.get(start) or _word(text, spans[at], names)
        found.append(item)
        while at < len(spans) and spans[at][0] < item.end:
            at += 1
    return _with_signs(text, found)


def _numbers(text: str) -> Iterator[Printed]:
    """Those of a prose text, without a unit that may be a header's word; and bare digits after a word, which prose
    counts out as the number of a figure."""
    seen: list[tuple[int, int]] = []
    for printed in numbers_in(text):
        one = printed
        if one.quantity.unit is Unit.MEASURE:
            digits = re.match(r"[-+\u2212]?[\d.,'\u00a0]*\d|[^\W\d_]+(?:-[^\W\d_]+)*", text[one.start :])
            end = one.start + digits.end() if digits else one.end
            words = [each for each in word_numbers(text[one.start : one.end]) if each[0] == 0]
            end = one.start + words[0][1] if words else end
            one = replace(one, end=end, tail=end, quantity=replace(one.quantity, unit=Unit.PLAIN, of=None))
        if one.quantity.unit is Unit.TIMES and not re.search(r"\bth[ae][nt]\b|\bas\b|^\s+the\b", text[one.end :]):
            one = replace(one, quantity=replace(one.quantity, unit=Unit.PLAIN, half_step=Decimal("0.5")))
        seen.append((one.start, one.end))
        yield one
    for match in _TIMES.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in seen):
            seen.append(match.span())
            factor = TIMES[match[0].lower()]
            value = Decimal(factor) if factor > 0 else Decimal("0.5")
            quantity = Quantity(value=value, half_step=value / 40, unit=Unit.TIMES)
            yield hedged(text, Printed(start=match.start(), end=match.end(), quantity=quantity, is_word=True))
    for match in re.finditer(r"(?<![\w.,/-])\d+(?![\w]|[.,/-]\d)", text):
        if not any(start < match.end() and match.start() < end for start, end in seen):
            seen.append(match.span())
            quantity = Quantity(value=Decimal(match[0]), half_step=Decimal("0.5"))
            yield Printed(start=match.start(), end=match.end(), quantity=quantity, lead=match.start(), tail=match.end())
    for match in re.finditer(r"\bone\b(?=\s(?!of|by))", text, re.IGNORECASE):
        if not any(start < match.end() and match.start() < end for start, end in seen):
            quantity = Quantity(value=Decimal(1), half_step=Decimal("0.5"))
            yield Printed(start=match.start(), end=match.end(), quantity=quantity, lead=match.start(), tail=match.end())


def _phrases(text: str) -> dict[int, Item]:
    found: dict[int, Item] = {}
    for phrase in SAID_PHRASES:
        for match in re.finditer(rf"\b{phrase}\b", text, re.IGNORECASE):
            item = Item(kind=Kind.SAY, start=match.start(), end=match.end(), text=match[0], say=SAYS[phrase])
            found.setdefault(match.start(), item)
    return found


def _named(text: str, spans: list[tuple[int, int, str]], at: int, names: Names) -> Item | None:
    """The longest header or cell that begins here. A phrase with digits is a cell only as it is printed."""
    first = spans[at][2]
    best = 0
    columns: tuple[str, ...] = ()
    texts: tuple[Texts, ...] = ()
    for phrase, refs in names.columns.get(first, {}).items():
        size = len(phrase)
        if size > best and tuple(word for _, _, word in spans[at : at + size]) == phrase:
            best, columns = size, refs
    for words, cells in names.values.get(first, {}).items():
        size = len(words)
        if size < best or tuple(word for _, _, word in spans[at : at + size]) != words:
            continue
        said = text[spans[at][0] : spans[at + size - 1][1]]
        if words in names.spelled and not _is_spelled(said, text[spans[at + size - 1][1] :], names.spelled[words]):
            continue
        if len(words) == 1 and _is_everyday(said, cells):
            continue
        best, columns, texts = size, columns if size == best else (), cells
    if not best:
        return None
    start, end = spans[at][0], spans[at + best - 1][1]
    is_noun = best == 1 and spans[at][2] in names.nouns
    kind = Kind.COLUMN if columns else Kind.VALUE
    return Item(kind=kind, start=start, end=end, text=text[start:end], columns=columns, texts=texts, is_noun=is_noun)


def _is_spelled(said: str, after: str, forms: frozenset[str]) -> bool:
    close = re.match(r"\s*\)", after)
    return plain(said) in forms or bool(close and plain(said + after[: close.end()]) in forms)


def _is_everyday(said: str, cells: tuple[Texts, ...]) -> bool:
    """`us`, `it`, `no` or `l` of a text are no codes of a table, unless written as one."""
    low = said.lower()
    is_common = (low in SAYS and SAYS[low] is not Say.WIN) or low in _LITTLE
    is_printed = any(said == cell for one in cells for cell in one.exact)
    return (is_common and not is_printed) or low in {"a", "the", "and"}


def _dated(text: str, start: int, days: dict[int, Day]) -> Item | None:
    day = days.get(start)
    return None if day is None else Item(kind=Kind.DAY, start=start, end=day.end, text=text[start : day.end], day=day)


def _scored(text: str, start: int) -> Item | None:
    """`3-1`, which is in no cell as it stands."""
    found = SCORE.match(text, start)
    return found and Item(kind=Kind.SCORE, start=start, end=found.end(), text=found[0])


def _number(text: str, one: Printed) -> Item:
    said = text[one.start : one.end]
    scale = re.search(r"\d[\s-]?([a-z]+)", said, re.IGNORECASE)
    power = SCALES.get(scale[1].lower(), 0) if scale else 0
    return Item(kind=Kind.NUMBER, start=one.start, end=one.end, text=said, number=one.quantity, scale=power)


def _word(text: str, span: tuple[int, int, str], names: Names) -> Item:
    start, end, token = span
    said = text[start:end]
    word = said.lower()
    item = Item(kind=Kind.UNKNOWN, start=start, end=end, text=said)
    if numbered := NUMBERED.fullmatch(said):
        return replace(item, kind=Kind.ORDINAL, place=int(numbered[1]))
    if word in SAYS:
        return replace(item, kind=Kind.SAY, say=SAYS[word], place=1 if word == "first" else 0)
    if word in ORDINALS:
        return replace(item, kind=Kind.ORDINAL, place=ORDINALS[word])
    if token in names.nouns:
        return replace(item, kind=Kind.NOUN, is_noun=True)
    if token in names.units or word in names.units:
        return replace(item, kind=Kind.UNIT)
    is_filler = (is_fill(word, token) and token not in names.held) or word == "%"
    return replace(item, kind=Kind.FILL) if is_filler else item


def _with_signs(text: str, items: list[Item]) -> list[Item]:
    """Signs between the items too: what they separate is not one phrase."""
    found: list[Item] = []
    last = 0
    for item in items:
        found += [
            Item(kind=Kind.SIGN, start=last + match.start(), end=last + match.end(), text=match[0])
            for match in re.finditer(r"[,;:()]", text[last : item.start])
        ]
        found.append(item)
        last = item.end
    return found
