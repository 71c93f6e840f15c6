"""A table in (CSV in any of its kinds), rows and typed columns out; then cells asked of it in, their values out.

Here the table itself is what governs: number columns are metrics, text columns say what a row is about.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from loadline.semantics.claims_lexicon import stem
from loadline.semantics.claims_numbers import read_digits
from loadline.values.claim import Absent, Cell, Doubt, Members
from loadline.values.query import Filter, Op

ROWS = "rows"
TOTAL, AVERAGE, HIGHEST, LOWEST = "total ", "average ", "highest ", "lowest "
_SEPARATORS = ("\t", "#", "|", ";", ",")
_NUMBER = re.compile(
    r"^\s*[(\[]?\s*(?P<sign>[+\-\u2212])?\s*(?:[€$£¥]|[A-Z]{3}\s)?\s*(?P<digits>\d[\d,.'\u00a0 ]*)\s*"
    r"(?:%|[a-zA-Z°\u00b2\u00b3/.]{1,12})?\s*[)\]]?\s*(?:\([^)]*\)|\[[^\]]*\]|\*|\u2020)*\s*$"
)
_PERIOD = re.compile(r"(?:fy\s?)?'?(?:19|20)\d{2}[ae]?\Z|q[1-4][\s/-]?(?:19|20)?\d{2}\Z", re.IGNORECASE)
_NOTHING = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null", "tba", "tbd", "?", "nil"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """`numbers` has one value a row, None where there is none; empty when the column is no number column."""

    name: str
    texts: tuple[str, ...]
    numbers: tuple[Decimal | None, ...] = ()
    is_label: bool = False  # its numbers name the row (a year, a rank), as well as measure it


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    columns: tuple[GridColumn, ...]
    count: int

    def column(self, name: str) -> GridColumn:
        return next(one for one in self.columns if one.name == name)


def read_grid(text: str) -> Grid | None:
    """The table, or None for a text that is none: fewer than two columns or no row."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines:
        return None
    separator = max(_SEPARATORS, key=lambda mark: (_width(lines, mark), -_SEPARATORS.index(mark)))
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    header, *body = rows
    if len(header) < 2 or not body:
        return None
    body = [(row + [""] * len(header))[: len(header)] for row in body]
    if all(_PERIOD.match(name) for name in header[1:]) and len({row[0] for row in body}) == len(body):
        header, body = _turned(header, body)
    names = _distinct(header)
    columns = tuple(_column(name, tuple(row[at] for row in body)) for at, name in enumerate(names))
    return Grid(columns=columns, count=len(body))


def _turned(header: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """A table whose columns are periods and whose rows are figures, as accounts print it, the other way round."""
    turned = [[name, *(row[at] for row in body)] for at, name in enumerate(header) if at]
    return ["year", *(row[0] for row in body)], turned


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


def _column(name: str, texts: tuple[str, ...]) -> GridColumn:
    numbers = tuple(number_of(text) for text in texts)
    filled = [text for text in texts if text.strip().lower() not in _NOTHING]
    known = [one for one in numbers if one is not None]
    if not known or len(known) * 10 < len(filled) * 8:
        return GridColumn(name=name, texts=texts)
    is_years = all(one == one.to_integral_value() and 1000 <= one <= 2200 for one in known)
    is_rank = stem(name.split(maxsplit=1)[0]) in {
        "rank",
        "no",
        "position",
        "pos",
        "place",
        "round",
        "week",
        "game",
        "year",
        "season",
        "#",
    }
    return GridColumn(name=name, texts=texts, numbers=numbers, is_label=is_years or is_rank)


def number_of(text: str) -> Decimal | None:
    """The number a cell prints; its unit, its footnote and the brackets around it apart."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    digits = found["digits"].strip().rstrip(".,")
    if re.search(r"\d[ ]\d(?!\d\d(?:\D|$))", digits) or digits.count(".") > 1:
        return None
    value, _, _ = read_digits(digits)
    is_loss = bool(re.fullmatch(r"\s*\([^()]*\d\s*\)\s*", text))  # accounts print losses in brackets
    return -value if found["sign"] in {"-", "\u2212"} or is_loss else value


# -- what it holds


def grid_values(
    grid: Grid, wanted: Iterable[Cell | Members]
) -> tuple[dict[Cell, Decimal | Absent], dict[Members, Mapping[str, Decimal] | Absent]]:
    """The value of each cell and the members of each dimension, as the table has them."""
    cells: dict[Cell, Decimal | Absent] = {}
    places: dict[Members, Mapping[str, Decimal] | Absent] = {}
    for one in wanted:
        match one:
            case Cell():
                cells[one] = _cell(grid, one)
            case Members():
                places[one] = _members(grid, one)
            case _:
                assert_never(one)
    return cells, places


def _cell(grid: Grid, cell: Cell) -> Decimal | Absent:
    rows = [at for at in range(grid.count) if all(_keeps(grid, at, one) for one in cell.where)]
    if cell.metric == ROWS:
        return Decimal(len(rows))
    how = next((each for each in (TOTAL, AVERAGE, HIGHEST, LOWEST) if cell.metric.startswith(each)), "")
    names = {column.name for column in grid.columns}
    name = cell.metric if cell.metric in names else cell.metric.removeprefix(how)
    how = "" if cell.metric in names else how
    numbers = grid.column(name).numbers
    known = [numbers[at] for at in rows]
    values = [one for one in known if one is not None]
    if not values:
        return Absent(doubt=Doubt.NO_DATA, because="no row of the table fits")
    match how:
        case "total ":
            return sum(values, Decimal(0))
        case "average ":
            return sum(values, Decimal(0)) / len(values)
        case "highest ":
            return max(values)
        case "lowest ":
            return min(values)
    if len(set(values)) == 1 and len(known) == len(values):
        return values[0]
    return Absent(
        doubt=Doubt.AMBIGUOUS, because=f"{len(values)} rows fit, and the text does not say which or how to add them"
    )


def _members(grid: Grid, members: Members) -> Mapping[str, Decimal] | Absent:
    """A member on several rows takes no place: nobody said how to add them up."""
    rows = [at for at in range(grid.count) if all(_keeps(grid, at, one) for one in members.where)]
    labels, numbers = grid.column(members.by).texts, grid.column(members.metric).numbers
    found: dict[str, Decimal] = {}
    for at in rows:
        value = numbers[at]
        if not labels[at] or value is None:
            continue
        if labels[at] in found:
            return Absent(doubt=Doubt.AMBIGUOUS, because=f"`{labels[at]}` stands in several rows")
        found[labels[at]] = value
    return found or Absent(doubt=Doubt.NO_DATA, because="no row of the table fits")


def _keeps(grid: Grid, at: int, one: Filter) -> bool:
    column = grid.column(one.name)
    match one.op:
        case Op.EQ:
            return (
                column.texts[at] == one.values[0]
                if isinstance(one.values[0], str)
                else _number(column, at) == one.values[0]
            )
        case Op.IN:
            return column.texts[at] in one.values
        case Op.NE:
            return column.texts[at] != one.values[0]
        case Op.NOT_IN:
            return column.texts[at] not in one.values
        case Op.GT | Op.GE | Op.LT | Op.LE:
            return _compares(_number(column, at), one)
        case _:
            return False


def _number(column: GridColumn, at: int) -> Decimal | None:
    return column.numbers[at] if column.numbers else None


def _compares(value: Decimal | None, one: Filter) -> bool:
    bound = one.values[0]
    if value is None or not isinstance(bound, Decimal):
        return False
    return {Op.GT: value > bound, Op.GE: value >= bound, Op.LT: value < bound, Op.LE: value <= bound}[one.op]
