"""A surveyed column in; what may be promised of it, each with its evidence, out.

A promise is to hold for rows nobody has seen yet. So no range ends where the data happened to end, no list is closed
because it is short, and what nearly always holds is promised as a warning, with the rows that break it told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from loadline.project.drafting.naming import (
    is_reference,
    is_share,
    key_score,
    known_range,
    personal_by_name,
)
from loadline.project.drafting.relations import FEW_ROWS
from loadline.project.secrets import shape_of as looks_secret
from loadline.project.yaml_writer import Value
from loadline.values.survey import Dependency, SurveyedColumn, SurveyedTable

ENOUGH = 30
"""Values below which nothing is said of ranges and lists."""

_NEARLY_ALL = Decimal("0.995")
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
    if column.usual is None or column.filled < ENOUGH or is_reference(column.name):
        return {}
    least, greatest = Decimal(column.least), Decimal(column.greatest)
    seen = f"from {_plain(least)} to {_plain(greatest)} in {counted(column.filled, 'value')}"
    natural = known_range(column.name)
    if natural is not None and natural[0] <= least and greatest <= natural[1]:
        return {"#": f"{seen}; the ends are what `{column.name}` can be", "minimum": natural[0], "maximum": natural[1]}
    if natural is not None:
        low, high = (Decimal(end) for end in column.usual)
        if natural[0] <= low and high <= natural[1]:
            return {
                "#": f"{seen}; nearly all are what `{column.name}` can be, the others will be found",
                "minimum": natural[0],
                "maximum": natural[1],
            }
    listing = column.listing
    if listing is not None and listing.is_closed and column.logical_type == "integer":
        ends = [int(str(value)) for value, _ in listing.values]
        if max(ends) - min(ends) + 1 == len(ends):
            return {"#": f"{seen}, every number between", "minimum": min(ends), "maximum": max(ends)}
    if is_share(column.name) and least >= 0 and greatest <= 100:
        most = 1 if greatest <= 1 else 100
        return {"#": f"{seen}; the name says a share", "minimum": 0, "maximum": most}
    return _by_magnitude(column, least, greatest, seen)


def _by_magnitude(column: SurveyedColumn, least: Decimal, greatest: Decimal, seen: str) -> dict[str, Value]:
    """Room for ten times the usual: enough for what grows, not for what is counted in another unit."""
    low, high = column.usual or (least, greatest)
    found: dict[str, Value] = {"#": f"{seen}; the bounds leave room for ten times the usual"}
    if least >= 0:
        found["minimum"] = 0
    elif low >= 0 and column.filled >= 1000:
        found["#"] = f"{seen}; nearly none is below 0, and those that are will be found"
        found["minimum"] = 0
    else:
        found["minimum"] = -_rounded_up(max(-low * 10, -least * 2))
    if greatest > 0:
        found["maximum"] = _rounded_up(max(high * 10, greatest * 2 if greatest > high * 10 else high * 10))
    return found


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
    if shape is not None and shape.other_count == 0:
        return {"#": f"so look all {counted(shape.fitting, 'value')}", "pattern": shape.pattern}
    if shape is not None or not column.is_trimmed or column.looked < 2 * ENOUGH:
        return {}
    if column.letter_case == "lower":
        return {"#": "no capital letter, and no space around", "pattern": "^[^A-Z ]([^A-Z]*[^A-Z ])?$"}
    if column.letter_case == "upper":
        return {"#": "no small letter, and no space around", "pattern": "^[^a-z ]([^a-z]*[^a-z ])?$"}
    return {"#": "no space before or behind", "pattern": "^[^ ](.*[^ ])?$"}


def is_listed(column: SurveyedColumn, *, is_personal: bool) -> bool:
    """May its values be written down as all there are?"""
    listing = column.listing
    return (
        listing is not None
        and column.logical_type == "string"
        and listing.is_closed
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
    if table.rows >= 200 and empty > 0 and Decimal(column.filled) >= table.rows * _NEARLY_ALL:
        found.append(_rule("nullValues", "completeness", f"{counted(empty, 'row')} of {table.rows:,} have none"))
    if column.blanks and 2 * sum(count for _, count in column.blanks) < column.looked:
        shown = ", ".join(f"`{text}`" for text, _ in column.blanks[:4])
        said = f"{counted(sum(count for _, count in column.blanks), 'value')} looked at stand for nothing: {shown}"
        texts: list[Value] = [text for text, _ in column.blanks]
        found.append(_rule("missingValues", "completeness", said, {"missingValues": texts}))
    shape = column.shape
    if shape is not None and shape.other_count and not is_listed(column, is_personal=is_personal):
        said = f"{counted(shape.other_count, 'value')} of {shape.fitting + shape.other_count:,} look otherwise"
        if not is_personal and (shown_others := [f"`{text}`" for text in shape.others if may_show(text)]):
            said += f": {', '.join(shown_others)}"
        found.append(_rule("invalidValues", "conformity", said, {"pattern": shape.pattern}))
    if _is_nearly_unique(column, dataset):
        said = f"it names the rows, and some of {table.rows:,} repeat"
        found.append(_rule("duplicateValues", "uniqueness", said))
    return found


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


def dependency_rules(table: SurveyedTable) -> list[Value]:
    """For each column that another decides, the one that does so best, as a warning."""
    keyed = {name for key in table.keys for name in key if len(key) == 1}
    best: dict[str, Dependency] = {}
    for one in table.dependencies:
        if one.column in keyed or one.on in keyed:
            continue
        known = best.get(one.column)
        if known is None or (one.exceptions, table.column(one.on).distinct) < (
            known.exceptions,
            table.column(known.on).distinct,
        ):
            best[one.column] = one
    return [_dependency_rule(one) for one in best.values()]


def _dependency_rule(one: Dependency) -> dict[str, Value]:
    on, column = (_sql_name(name) for name in (one.on, one.column))
    but = f", but for {counted(one.exceptions, 'row')}" if one.exceptions else ""
    return {
        "name": f"one {one.column} for each {one.on}",
        "type": "sql",
        "query": f"SELECT COUNT(*) FROM (SELECT {on} FROM ${{table}} WHERE {column} IS NOT NULL AND {on} IS NOT NULL "
        f"GROUP BY {on} HAVING COUNT(DISTINCT {column}) > 1) AS several",
        "mustBe": 0,
        "dimension": "consistency",
        "severity": "warning",
        "description": f"Draft: in {counted(one.rows, 'row')} {one.on} decides {one.column}{but}.",
    }


def _sql_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
