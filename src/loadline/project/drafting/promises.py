"""A surveyed column in; what may be promised of it, each with its evidence, out.

A promise is to hold for rows nobody has seen yet. So no range ends where the data happened to end, no list is closed
because it is short, and what nearly always holds is promised as a warning, with the rows that break it told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from loadline.project.drafting.naming import (
    is_never_negative,
    is_percentage,
    is_reference,
    is_share,
    is_written_code,
    key_score,
    known_range,
    personal_by_name,
)
from loadline.project.drafting.relations import FEW_ROWS
from loadline.project.secrets import shape_of as looks_secret
from loadline.project.yaml_writer import Value
from loadline.values.query import Scalar
from loadline.values.survey import SurveyedColumn, SurveyedTable

ENOUGH = 30
"""Values below which nothing is said of ranges and lists."""

_NEARLY_ALL = Decimal("0.99")
_MOSTLY = Decimal("0.9")
_MOST_LISTED = 30
"""Values with digits and a form of their own are numbers of something: that form is promised, not these."""
_LONGEST_SHOWN = 80


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def personal(column: SurveyedColumn, dataset: str) -> str | None:
    """Why it may be about a person, in words; None when nothing says so."""
    by_value, by_name = column.personal, personal_by_name(column.name, dataset)
    if by_value:
        return f"most values look like {_article(by_value)}"
    if by_name and column.logical_type in {"string", "integer", "date", "timestamp"}:
        return f"the name says {_article(by_name)}"
    return None


def _article(words: str) -> str:
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def may_show(text: str) -> bool:
    """Nothing that looks like a secret, or would spoil the page, is written into a project."""
    return looks_secret(text) is None and len(text) <= _LONGEST_SHOWN and text.isprintable()


def required(table: SurveyedTable, column: SurveyedColumn) -> Iterator[tuple[str, Value]]:
    if table.rows >= FEW_ROWS and column.filled == table.rows:
        yield "required", True


def options(column: SurveyedColumn, *, is_personal: bool, today: date) -> dict[str, Value]:
    """`logicalTypeOptions`, evidence in comments."""
    found: dict[str, Value] = {}
    match column.logical_type:
        case "timestamp":
            if column.is_zoned:
                found["timezone"] = True
            found |= _days(column, today)
        case "date":
            found |= _days(column, today)
        case "integer" | "number":
            found |= _numbers(column)
        case "string":
            found |= _texts(column, is_personal=is_personal)
    return found


def _days(column: SurveyedColumn, today: date) -> dict[str, Value]:
    if not isinstance(column.least, date) or not isinstance(column.greatest, date) or column.filled < ENOUGH:
        return {}
    least, greatest = column.least.year, column.greatest.year
    if not 1900 <= least <= greatest <= today.year + 100:
        return {"#": f"from {column.least} to {column.greatest}: some days are hard to believe, so none are promised"}
    low = f"{least // 10 * 10 - 10}-01-01"
    high = f"{max(greatest, today.year) // 10 * 10 + 20}-12-31"
    end = "T00:00:00" if column.logical_type == "timestamp" else ""
    zone = "+00:00" if column.is_zoned else ""
    return {
        "#": f"from {str(column.least)[:10]} to {str(column.greatest)[:10]}; wide, to catch years that cannot be",
        "minimum": f"{low}{end}{zone if end else ''}",
        "maximum": f"{high}{end}{zone if end else ''}",
    }


def _numbers(column: SurveyedColumn) -> dict[str, Value]:
    if not isinstance(column.least, Decimal | int) or not isinstance(column.greatest, Decimal | int):
        return {}
    if column.usual is None or column.filled < ENOUGH:
        return {}
    if is_reference(column.name):
        return _by_digits(column)
    least, greatest = Decimal(column.least), Decimal(column.greatest)
    seen = f"from {_plain(least)} to {_plain(greatest)} in {counted(column.filled, 'value')}"
    natural = _natural(column)
    if natural is not None:
        if natural[0] <= least and greatest <= natural[1]:
            said = f"{seen}; the ends are what `{column.name}` can be"
            return {"#": said, "minimum": natural[0], "maximum": natural[1]}
        return {}  # a rule of its own tells what lies outside
    listing = column.listing
    if listing is not None and listing.is_closed and column.logical_type == "integer" and _is_row(listing.values):
        ends = [int(str(value)) for value, _ in listing.values]
        return {"#": f"{seen}, every number between", "minimum": min(ends), "maximum": max(ends)}
    if _is_scale(column, least, greatest):
        said = f"{seen}, nearly every number between: a scale that ends there"
        return {"#": said, "minimum": int(least), "maximum": int(greatest)}
    if is_share(column.name) and least >= 0 and greatest <= 1:
        return {"#": f"{seen}; the name says a share", "minimum": 0, "maximum": 1}
    return _by_magnitude(column, least, greatest, seen)


_SCALES = frozenset({100, 1000})  # shorter ones are lists of their numbers
_FULL = Decimal("0.9")


def _is_scale(column: SurveyedColumn, least: Decimal, greatest: Decimal) -> bool:
    """Whole numbers from 0 or 1 to a round end, nearly all of them there: what is counted seldom stops just there."""
    steps = greatest - least + 1
    is_dense = column.distinct >= steps * _FULL and column.filled >= 3 * steps
    return column.logical_type == "integer" and least in {0, 1} and greatest in _SCALES and is_dense


def _natural(column: SurveyedColumn) -> tuple[int, int] | None:
    """The ends that the name says, where nearly all values keep to them: then the name means it."""
    if column.middle is None:
        return None
    low, high = column.middle
    natural = known_range(column.name)
    if natural is None and is_percentage(column.name) and low >= 0:
        natural = (0, 1 if high <= 1 else 100)
    return natural if natural is not None and natural[0] <= low and high <= natural[1] else None


def _by_digits(column: SurveyedColumn) -> dict[str, Value]:
    """A code of digits has its length."""
    shape = column.shape
    if shape is None or shape.other_count or not is_written_code(column.name):
        return {}
    digits = len(str(column.greatest))
    said = f"all {counted(shape.fitting, 'value')} have {digits} digits"
    return {"#": said, "minimum": 10 ** (digits - 1), "maximum": 10**digits - 1}


def _by_magnitude(column: SurveyedColumn, least: Decimal, greatest: Decimal, seen: str) -> dict[str, Value]:
    """Room for ten times the usual: enough for what grows, not for what is counted in another unit."""
    low, high = column.usual or (least, greatest)
    found: dict[str, Value] = {"#": f"{seen}; the bounds leave room for ten times the usual"}
    if least >= 0:
        found["minimum"] = 0
    elif not is_never_negative(column.name):
        found["minimum"] = -_rounded_up(max(-low * 10, -least * 2))
    if column.apart is None and greatest > 0:
        found["maximum"] = _rounded_up(max(high * 10, greatest * 2 if greatest > high * 10 else high * 10))
    return found if len(found) > 1 else {}


def _strays(column: SurveyedColumn) -> list[Value]:
    """Numbers that are there and can hardly be meant: outside of what the name says, below 0, far beyond all others."""
    if not isinstance(column.least, Decimal | int) or not isinstance(column.greatest, Decimal | int):
        return []
    if column.filled < ENOUGH or is_reference(column.name):
        return []
    name, natural = sql_name(column.name), _natural(column)
    least, greatest = Decimal(column.least), Decimal(column.greatest)
    if natural is not None:
        if natural[0] <= least and greatest <= natural[1]:
            return []
        condition = f"{name} < {natural[0]} OR {name} > {natural[1]}"
        said = f"values from {_plain(least)} to {_plain(greatest)}, of what goes from {natural[0]} to {natural[1]}"
        return [_sql_rule(f"{column.name} is what it can be", condition, said)]
    found: list[Value] = []
    if least < 0 and is_never_negative(column.name):
        said = f"the least value is {_plain(least)}; the name says that none is below 0"
        found.append(_sql_rule(f"{column.name} is not negative", f"{name} < 0", said))
    if column.apart is not None:
        end, beyond = column.apart
        most = _rounded_up(end * 2)
        said = f"{counted(beyond, 'value')} looked at lie far beyond all others, which end at {_plain(end)}"
        found.append(_sql_rule(f"{column.name} is of its size", f"{name} > {most}", said))
    return found


def _sql_rule(name: str, condition: str, said: str) -> dict[str, Value]:
    return {
        "name": name,
        "type": "sql",
        "query": f"SELECT COUNT(*) FROM ${{table}} WHERE {condition}",
        "mustBe": 0,
        "dimension": "conformity",
        "severity": "warning",
        "description": f"Draft: {said}.",
    }


def _rounded_up(number: Decimal) -> int:
    """To 1, 2 or 5 times a power of ten."""
    if number <= 1:
        return 1
    power = Decimal(10) ** (len(str(int(number))) - 1)
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= number))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number == number.to_integral_value() else f"{number:f}"


def _texts(column: SurveyedColumn, *, is_personal: bool) -> dict[str, Value]:
    if is_listed(column, is_personal=is_personal):
        return {}
    shape = column.shape
    if column.engine_type.upper().startswith("UUID"):
        return {}  # the type says it all
    if shape is not None and shape.other_count == 0:
        return {"#": f"so look all {counted(shape.fitting, 'value')}", "pattern": _or_blank(shape.pattern, column)}
    if shape is not None or not column.is_trimmed or column.looked < 2 * ENOUGH:
        return {}
    if column.letter_case == "lower":
        return {"#": "no capital letter, and no space around", "pattern": "^[^A-Z ]([^A-Z]*[^A-Z ])?$"}
    if column.letter_case == "upper":
        return {"#": "no small letter, and no space around", "pattern": "^[^a-z ]([^a-z]*[^a-z ])?$"}
    return {"#": "no space before or behind", "pattern": TRIMMED}


def _or_blank(pattern: str, column: SurveyedColumn) -> str:
    """The pattern, or one of the texts that stand for nothing: they have a rule of their own."""
    also = [re.escape(text) for text, _ in column.blanks if not re.search(pattern, text)]
    if not also or 2 * sum(count for _, count in column.blanks) >= column.looked:
        return pattern
    return f"^({'|'.join((pattern.removeprefix('^').removesuffix('$'), *also))})$"


def is_listed(column: SurveyedColumn, *, is_personal: bool) -> bool:
    """May its values be written down as all there are?"""
    listing = column.listing
    return (
        listing is not None
        and column.logical_type == "string"
        and listing.is_closed
        and (len(listing.values) <= _MOST_LISTED or column.shape is None or "[0-9]" not in column.shape.pattern)
        and not is_personal
        and all(may_show(str(value)) for value, _ in listing.values)
    )


def enumeration(column: SurveyedColumn, *, is_personal: bool) -> Iterator[tuple[str, Value]]:
    listing = column.listing
    if listing is None or not is_listed(column, is_personal=is_personal):
        return
    total = sum(count for _, count in listing.values)
    rarest = listing.values[-1][1]
    said = f"{counted(len(listing.values), 'value')} in {counted(total, 'row')}, the rarest {counted(rarest, 'time')}"
    slips = [f"`{rare}` (meant `{meant}`?)" for rare, meant in listing.misspelled if may_show(rare)]
    if slips:
        said += f"; left out as slips: {', '.join(slips[:5])}" + (" …" if len(slips) > 5 else "")
    yield "#enum", said
    yield "enum", [{"value": str(value)} for value, _ in listing.values]


def rules(table: SurveyedTable, column: SurveyedColumn, dataset: str, *, is_personal: bool) -> list[Value]:
    """What nearly always holds, as warnings."""
    found: list[Value] = []
    empty = table.rows - column.filled
    is_end = column.logical_type in {"date", "timestamp"}  # what is not over has no end yet
    least = _NEARLY_ALL if _gaps_are_usual(table, column) else _MOSTLY
    if table.rows >= 200 and empty > 0 and not is_end and Decimal(column.filled) >= table.rows * least:
        found.append(_rule("nullValues", "completeness", f"{counted(empty, 'row')} of {table.rows:,} have none"))
    if column.blanks and 2 * sum(count for _, count in column.blanks) < column.looked:
        shown = ", ".join(f"`{text}`" for text, _ in column.blanks[:4])
        said = f"{counted(sum(count for _, count in column.blanks), 'value')} looked at stand for nothing: {shown}"
        texts: list[Value] = [text for text, _ in column.blanks]
        found.append(_rule("missingValues", "completeness", said, {"missingValues": texts}))
    elif _is_free_text(column, is_personal=is_personal):
        stand_ins: list[Value] = [*STAND_INS]
        found.append(
            {"metric": "missingValues", "arguments": {"missingValues": stand_ins}, "mustBe": 0, "severity": "warning"}
        )
    shape = column.shape
    is_text = column.logical_type == "string"
    if shape is not None and shape.other_count and is_text and not is_listed(column, is_personal=is_personal):
        said = f"{counted(shape.other_count, 'value')} of {shape.fitting + shape.other_count:,} look otherwise"
        if not is_personal and (shown_others := [f"`{text}`" for text in shape.others if may_show(text)]):
            said += f": {', '.join(shown_others)}"
        found.append(_rule("invalidValues", "conformity", said, {"pattern": _or_blank(shape.pattern, column)}))
    found += _outliers(column) or _strays(column)
    found += _slips(column, is_personal=is_personal) + _signs(column, is_personal=is_personal)
    if _is_nearly_unique(column, dataset):
        said = f"it names the rows, and some of {table.rows:,} repeat"
        found.append(_rule("duplicateValues", "uniqueness", said))
    return found


def _gaps_are_usual(table: SurveyedTable, column: SurveyedColumn) -> bool:
    """Do other columns have gaps, too? Then one more with some is nothing out of the way."""
    others = [one for one in table.columns if one.name != column.name]
    return sum(one.filled < table.rows * 0.9 for one in others) > len(others) * 0.3


_OFTEN = 3


def _slips(column: SurveyedColumn, *, is_personal: bool) -> list[Value]:
    """Where each value comes again, one that comes once is new, or a slip."""
    if column.logical_type != "string" or column.rarest < _OFTEN or is_listed(column, is_personal=is_personal):
        return []
    if column.looked < 200 or column.looked < 8 * (column.distinct - column.slips):
        return []
    if column.shape is not None and column.shape.pattern != TRIMMED and not re.search("a-z|A-Z", column.shape.pattern):
        return []  # numbers that repeat are no names
    name = sql_name(column.name)
    said = f"each of {counted(column.distinct - column.slips, 'value')} comes {column.rarest:,} times or more"
    if column.slips:
        said += f", but for {counted(column.slips, 'value')} that come once or twice and look like another"
    return [
        {
            "name": f"each {column.name} comes again",
            "type": "sql",
            "query": f"SELECT COUNT(*) FROM (SELECT {name} FROM ${{table}} WHERE {name} IS NOT NULL GROUP BY {name} "
            "HAVING COUNT(*) = 1) AS once",
            "mustBe": 0,
            "dimension": "conformity",
            "severity": "warning",
            "description": f"Draft: {said}.",
        }
    ]


_MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())  # noqa: SIM905
_FEW = 0.15
_LEAST_LENGTH = 8


def _signs(column: SurveyedColumn, *, is_personal: bool) -> list[Value]:
    """Signs that have no business in a text: none so far, or in a few; and what a spreadsheet takes for a date."""
    found: list[Value] = []
    name = sql_name(column.name)
    if column.logical_type != "string" or column.looked < 2 * ENOUGH:
        return found
    if 0 < column.as_dates <= column.looked * OTHER_FORMS:
        ends = ", ".join(f"'-{month}'" for month in _MONTHS)
        starts = ", ".join(f"'{month}-'" for month in _MONTHS)
        condition = (
            f"LENGTH({name}) <= 6 AND (SUBSTR({name}, 1, 4) IN ({starts}) "
            f"OR SUBSTR({name}, LENGTH({name}) - 3, 4) IN ({ends}))"
        )
        said = f"{counted(column.as_dates, 'text')} looked at seem to be a date that a spreadsheet made"
        found.append(_sql_rule(f"{column.name} is no date", condition, said))
    usual = {mark for mark, count in column.marks if count > column.looked * _FEW}
    marked = sum(count for mark, count in column.marks if mark not in usual)
    is_free = column.shape is None or column.shape.pattern == TRIMMED
    if is_free and column.longest >= _LEAST_LENGTH and not is_listed(column, is_personal=is_personal):
        condition = " OR ".join(f"{name} LIKE '%{mark}%'" for mark in MARKS if mark not in usual)
        said = "no text so far has double spaces, markup or broken letters"
        if marked:
            said = f"about {counted(marked, 'text')} looked at have double spaces, markup or broken letters"
        found.append(_sql_rule(f"{column.name} is clean", condition, said))
    return found


MARKS = ("  ", "\ufffd", "&amp;", "&nbsp;", "&lt;", "&quot;", "<br", "Ã©", "Ã¡", "Ã¶", "Ã¼", "Ã³", "Ã±", "â€")
"""As the survey counts them."""

OTHER_FORMS = 0.2

STAND_INS = ("", "-", "N/A", "n/a", "NULL", "null", "None")
"""What people and programs write where they have nothing to write."""


TRIMMED = "^[^ ](.*[^ ])?$"


def _is_free_text(column: SurveyedColumn, *, is_personal: bool) -> bool:
    """Text that no list and no form speaks of, and in which nothing stood for nothing so far."""
    return (
        column.logical_type == "string"
        and column.looked >= 2 * ENOUGH
        and not column.blanks
        and (column.shape is None or column.shape.pattern == TRIMMED)
        and not is_listed(column, is_personal=is_personal)
    )


def _outliers(column: SurveyedColumn) -> list[Value]:
    """A few whole numbers far from a short row of frequent ones: `50` among 1 to 5."""
    listing = column.listing
    if listing is None or column.logical_type != "integer":
        return []
    counts = {int(str(value)): count for value, count in listing.values}
    total, row = sum(counts.values()), _widest_row(counts)
    rest = total - sum(counts[number] for number in row)
    if total < 200 or not 2 <= len(row) <= 31 or not 0 < rest <= total * 0.1:
        return []
    others = ", ".join(str(number) for number in sorted(set(counts) - set(row))[:4])
    said = f"{counted(rest, 'value')} of {total:,} are none of the others, which follow each other: {others}"
    valid: list[Value] = [*row]
    return [_rule("invalidValues", "conformity", said, {"validValues": valid})]


def _widest_row(counts: Mapping[int, int]) -> list[int]:
    """The numbers that follow each other and stand for most of the values."""
    rows: list[list[int]] = []
    for number in sorted(counts):
        if rows and number == rows[-1][-1] + 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    return max(rows, key=lambda row: sum(counts[number] for number in row))


def _is_row(values: Sequence[tuple[Scalar, int]]) -> bool:
    numbers = [int(str(value)) for value, _ in values]
    return max(numbers) - min(numbers) + 1 == len(numbers)


def _is_nearly_unique(column: SurveyedColumn, dataset: str) -> bool:
    return (
        not column.is_unique
        and key_score(column.name, dataset) == 3
        and column.looked >= 50
        and column.distinct >= column.looked * 0.98
    )


def _rule(metric: str, dimension: str, said: str, arguments: dict[str, Value] | None = None) -> dict[str, Value]:
    return {
        "metric": metric,
        **({"arguments": arguments} if arguments else {}),
        "mustBe": 0,
        "dimension": dimension,
        "severity": "warning",
        "description": f"Draft: {said}.",
    }


def sql_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
