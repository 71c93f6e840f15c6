"""A table in (CSV in any of its kinds, or Markdown), rows and typed columns out.

Here the table itself is what governs. Rows that sum up the others are no rows: what they say is kept beside.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from loadline.semantics.claims_numbers import CURRENCIES, read_digits
from loadline.semantics.tables.days import Day, day_of
from loadline.semantics.tables.forms import RANKS, tokens_of

_SEPARATORS = ("\t", "#", "|", ";", ",")
_NUMBER = re.compile(
    r"^\s*[(\[]?\s*(?P<sign>[+\-\u2212\u2013](?=\s?[\d.€$£]))?\s*(?P<currency>us\$|[€$£¥]|[A-Z]{3}\s)?\s*"
    r"(?P<digits>\.?\d[\d,.'\u00a0 ]*)\s*"
    r"(?P<unit>%|[a-zA-Z°\u00b2\u00b3/.]{1,12})?\s*[)\]]?\s*(?P<spread>(?:±|\+/-)\s*[\d.]+)?"
    r"\s*(?:\([^)]*\)|\[[^\]]*\]|\*+|\u2020|\u2021)*\s*$"
)
_BEHINDS = re.compile(r"\s*\d+\.\d+ \(\d+\)\s*\Z")
"""Goals and behinds, and what they come to: no decimal number."""
_PERIOD = re.compile(r"(?:fy\s?)?'?(?:19|20)\d{2}[ae]?\Z|q[1-4][\s/-]?(?:19|20)?\d{2}\Z", re.IGNORECASE)
_NOTHING = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null", "tba", "tbd", "?", "nil", "dnf"})
_TOTALS = re.compile(
    r"(?:grand\s|sub-?)?totals?:?\Z|sum:?\Z|(?:overall|all)(?:\stotals?)?\Z|averages?\Z|mean\Z", re.IGNORECASE
)
_SCALES = {"k": 3, "thousand": 3, "thousands": 3, "000s": 3, "million": 6, "millions": 6, "m": 6, "mn": 6,
           "mio": 6, "billion": 9, "billions": 9, "bn": 9}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a column is told in: a power of ten, a currency, percent; and the words its unit is written with."""

    scale: int = 0
    currency: str | None = None
    is_percent: bool = False
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """`numbers` has one value a row, None where there is none; empty when the column is no number column. `days` are
    the dates of a column of dates, and its numbers then the days they are apart."""

    name: str
    texts: tuple[str, ...]
    numbers: tuple[Decimal | None, ...] = ()
    days: tuple[Day | None, ...] = ()
    is_label: bool = False  # its numbers name the row (a year, a rank), as well as measure it
    is_years: bool = False
    is_rank: bool = False
    measured: Measured = Measured()

    @property
    def is_measure(self) -> bool:
        """Its numbers say how much."""
        return bool(self.numbers) and not self.is_label and not self.days

    @property
    def is_distinct(self) -> bool:
        return len(set(self.texts)) == len(self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """`totals` is what a row of totals prints, by column."""

    columns: tuple[GridColumn, ...]
    count: int
    totals: dict[str, Decimal] = field(default_factory=dict)
    corner: str = ""  # what the figures of a table that was turned round are called: `Region`
    by_name: dict[str, GridColumn] = field(default_factory=dict)

    def column(self, name: str) -> GridColumn:
        return self.by_name[name]


def read_grid(text: str) -> Grid | None:
    """The table, or None for a text that is none: fewer than two columns or no row."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines:
        return None
    separator = max(_SEPARATORS, key=lambda mark: (_width(lines, mark), -_SEPARATORS.index(mark)))
    if separator == "|":
        bare = [line for line in lines if not re.fullmatch(r"[\s|:-]+", line)]
        lines = [line.strip().removeprefix("|").removesuffix("|") for line in bare]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    header, *body = rows
    if len(header) < 2 or not body:
        return None
    body = [(row + [""] * len(header))[: len(header)] for row in body]
    whole = ""
    if all(_PERIOD.match(name) for name in header[1:]) and len({row[0] for row in body}) == len(body):
        whole = header[0]
        header, body = _turned(header, body)
    names = _distinct(header)
    body, last = _summed(body)
    if not body:
        return None
    told = "" if _is_name(whole) else whole
    columns = tuple(_column(name, tuple(row[at] for row in body), told) for at, name in enumerate(names))
    totals = {one.name: value for at, one in enumerate(columns) if last and (value := number_of(last[at])) is not None}
    corner = whole if _is_name(whole) else ""
    return Grid(
        columns=columns, count=len(body), totals=totals, corner=corner, by_name={one.name: one for one in columns}
    )


def _is_name(whole: str) -> bool:
    """A corner that calls the figures something (`Region`), and not what they are told in (`$ in millions`)."""
    found = re.findall(r"us\$|[€$£¥%]|[^\W_]+", whole.lower())
    return bool(found) and not any(one in _SCALES or one in CURRENCIES or one == "%" for one in found)


def _turned(header: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """A table whose columns are periods and whose rows are figures, as accounts print it, the other way round."""
    turned = [[name, *(row[at] for row in body)] for at, name in enumerate(header) if at]
    return ["year", *(row[0] for row in body)], turned


def _summed(body: list[list[str]]) -> tuple[list[list[str]], list[str] | None]:
    """The rows without those of totals, and the last of these."""
    is_total = [any(_TOTALS.match(cell) for cell in row[:2]) for row in body]
    kept = [row for row, total in zip(body, is_total, strict=True) if not total]
    last = next((row for row, total in zip(body[::-1], is_total[::-1], strict=True) if total), None)
    return kept, last if last is not None and any(cell.lower().startswith(("total", "sum")) for cell in last) else None


def _width(lines: Sequence[str], mark: str) -> int:
    """How many columns the separator gives, when it gives every line of the first few as many."""
    widths = {len(next(csv.reader([line], delimiter=mark), [])) for line in lines[:20]}
    return widths.pop() if len(widths) == 1 else 1 if mark != "," else 2


def _distinct(header: Sequence[str]) -> list[str]:
    found: list[str] = []
    for at, name in enumerate(header):
        plain = " ".join(name.split()) or f"column {at + 1}"
        found.append(plain if plain not in found else f"{plain} ({at + 1})")
    return found


def _column(name: str, texts: tuple[str, ...], whole: str) -> GridColumn:
    filled = [text for text in texts if text.strip().lower() not in _NOTHING]
    days = tuple(day_of(text) for text in texts)
    if filled and sum(one is not None for one in days) * 10 >= len(filled) * 8:
        numbers = tuple(one.ordinal() if one else None for one in days)
        return GridColumn(name=name, texts=texts, days=days, numbers=numbers, is_label=True)
    units = {unit for text in filled if (unit := _unit_of(text)) is not None}
    is_mixed = len(units) > 1 and (bool(units & set(_SCALES)) or len(units - {""}) > 1)
    numbers = tuple(None if is_mixed else number_of(text) for text in texts)
    known = [one for one in numbers if one is not None]
    if not known or len(known) * 10 < len(filled) * 8:
        return GridColumn(name=name, texts=texts)
    words = tokens_of(name)
    is_years = all(one == one.to_integral_value() and 1000 <= one <= 2200 for one in known) and all(
        "," not in text for text in texts
    )
    is_many = re.search(
        r"(?:games|matches|seasons|weeks|rounds|picks|years|numbers|positions)\s*$", name, re.IGNORECASE
    )
    is_rank = is_many is None and ((0 < len(words) <= 2 and bool({words[0], words[-1]} & RANKS)) or name.strip() == "#")
    is_label = is_years or is_rank
    shares = [text for text in filled if "%" in text]
    measured = _measured(name, whole, is_percent=len(shares) * 2 > len(filled))
    unit = next(iter(units), "")
    if len(units) == 1 and unit:
        measured = replace(measured, scale=_SCALES.get(unit, measured.scale), words=measured.words | {unit})
    return GridColumn(
        name=name,
        texts=texts,
        numbers=numbers,
        is_label=is_label,
        is_years=is_years,
        is_rank=is_rank,
        measured=measured,
    )


def _unit_of(text: str) -> str | None:
    """What a number's cell is told in, currency and unit as they are written; None for a cell that is no number."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    unit = (found["unit"] or "").lower().strip(".")
    return (found["currency"] or "").strip().lower() + ("" if unit in {"st", "nd", "rd", "th", "%"} else unit)


def _measured(name: str, whole: str, *, is_percent: bool) -> Measured:
    """What stands in the header's brackets, or, of accounts, in the corner."""
    inside = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]", name)) or ("" if name.lower().startswith("year") else whole)
    found = re.findall(r"us\$|[€$£¥%]|[^\W_]+", inside.lower())
    scale = next((_SCALES[one] for one in found if one in _SCALES), 0)
    currency = next((CURRENCIES[one] for one in found if one in CURRENCIES), None)
    return Measured(
        scale=scale,
        currency=currency,
        is_percent=is_percent or "%" in name or "percent" in name.lower(),
        words=frozenset(one for one in found if one not in CURRENCIES),
    )


def number_of(text: str) -> Decimal | None:
    """The number a cell prints; its unit, its spread, its footnote and the brackets around it apart."""
    found = _NUMBER.match(text)
    if found is None or _BEHINDS.match(text):
        return None
    digits = found["digits"].strip().rstrip(".,")
    if "'" in digits and not re.fullmatch(r"\d{1,3}(?:'\d{3})+(?:\.\d+)?", digits):
        return None  # feet and inches
    if re.search(r"\d[ ]\d(?!\d\d(?:\D|$))", digits) or digits.count(".") > 1:
        return None
    value, _, _ = read_digits(digits)
    is_loss = bool(re.fullmatch(r"\s*\([^()]*\d\s*%?\s*\)\s*", text))  # accounts print losses in brackets
    return -value if found["sign"] in {"-", "\u2212", "\u2013"} or is_loss else value
