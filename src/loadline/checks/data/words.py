"""Numbers, values and limits in; the words people read out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from loadline.values.contract import Bound, Limit, Must, Written

_MUST = {
    Must.BE: "must be {0}",
    Must.NOT_BE: "must not be {0}",
    Must.BE_ABOVE: "must be above {0}",
    Must.BE_AT_LEAST: "must be at least {0}",
    Must.BE_BELOW: "must be below {0}",
    Must.BE_AT_MOST: "must be at most {0}",
    Must.BE_BETWEEN: "must be from {0} to {1}, both included",
    Must.NOT_BE_BETWEEN: "must not be from {0} to {1}",
}
_MOST_LISTED = 8


def shown(value: object) -> str:
    """A value as people write it, without trailing zeros."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:,}"
        case Decimal():
            text = f"{value:,f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case float():
            return f"{value:,.6g}"
        case _:
            return str(value)


def percent(share: float) -> str:
    """`18.5 %`; never 0 % of something nor 100 % of not all."""
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    if 0.9999 < share < 1:
        return "more than 99.99 %"
    text = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text} %"


def rows_words(count: int, total: int | None) -> str:
    """`482 of 2,600 rows (18.5 %)`."""
    if not total:
        return f"{count:,} row{'' if count == 1 else 's'}"
    return f"{count:,} of {total:,} row{'' if total == 1 else 's'} ({percent(count / total)})"


def limit_words(limit: Limit, unit: str) -> str:
    words = _MUST[limit.must].format(*map(shown, limit.values))
    return f"{words} {unit}" if unit in {"percent", "rows"} else words


def bounds_words(minimum: Bound | None, maximum: Bound | None) -> str:
    low = high = ""
    if minimum is not None:
        low = f"{'above' if minimum.is_exclusive else 'at least'} {shown(minimum.value)}"
    if maximum is not None:
        high = f"{'below' if maximum.is_exclusive else 'at most'} {shown(maximum.value)}"
    return " and ".join(filter(None, (low, high)))


def listed_values(values: Sequence[Written]) -> str:
    texts = [f"`{shown(value)}`" for value in values[:_MOST_LISTED]]
    if len(values) > _MOST_LISTED:
        return f"one of {', '.join(texts)} … ({len(values) - _MOST_LISTED} more)"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
