"""A text in, the numbers printed in it out: value, unit, precision, hedge and bound; what only looks like one is left.

Years, dates, versions, telephone numbers, numbers of figures and list items are no claims. A comma or dot that can be
read in two ways makes a number doubtful, never silently one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from loadline.semantics.claims_number_words import word_numbers
from loadline.values.claim import Hedge, Quantity, Threshold, Unit

CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD",
    "dollars": "USD", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "sterling": "GBP", "chf": "CHF",
    "franc": "CHF", "francs": "CHF", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "sek": "SEK", "kronor": "SEK",
    "dkk": "DKK", "nok": "NOK", "pln": "PLN", "zloty": "PLN", "cad": "CAD", "aud": "AUD", "inr": "INR", "cny": "CNY",
}  # fmt: skip
SCALES = {
    "k": 3, "thousand": 3, "thousands": 3, "tsd": 3, "m": 6, "mn": 6, "mm": 6, "mio": 6, "mil": 6, "million": 6,
    "millions": 6, "b": 9, "bn": 9, "billion": 9, "billions": 9, "mrd": 9, "tn": 12, "trillion": 12,
}  # fmt: skip
MEASURES = {
    "day": "days", "days": "days", "minute": "minutes", "minutes": "minutes", "min": "minutes", "mins": "minutes",
    "hour": "hours", "hours": "hours", "hrs": "hours", "week": "weeks", "weeks": "weeks", "month": "months",
    "months": "months", "quarters": "quarters", "year": "years", "years": "years", "kg": "kg", "kilogram": "kg",
    "kilograms": "kg", "kilos": "kg", "tonnes": "tonnes", "tons": "tonnes", "km": "km",
}  # fmt: skip
_CURRENCY = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_MEASURE = "|".join(sorted((word for word in MEASURES if word.endswith("s") or len(word) == 2), key=len, reverse=True))
_DIGITS = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,]*\d)"  # 1,234.5
    r"|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"  # 1.234,56
    r"|\d{1,3}(?:\.\d{3}){2,}(?![\d,])"  # 1.234.567
    r"|\d{1,3}(?:['\u2019\u00a0\u202f\u2009 ]\d{3})+(?:[.,]\d{1,2})?(?!\d)"  # 1 234 567
    r"|\d+(?:\.\d+)?|\.\d+"
)
NUMBER = re.compile(
    rf"""
    (?<![\w.,/#-])
    (?P<sign>[+\-\u2212](?=[\d.€$£]))?
    (?: (?P<before> {_CURRENCY} ) \s? )?
    (?P<inner>[+\-\u2212])?
    (?P<digits> {_DIGITS} )
    (?P<comma> ,\d{{1,2}} (?=\s?(?:%|€|{_SCALE}|percent)(?![a-z])) )?
    (?: [\s-]?(?P<scale> {_SCALE} ) (?![\w]) (?!\s?[²³]) (?:\.(?=\s?(?:{_CURRENCY})))? )?
    (?: [\s-]? (?P<unit>
          %-?\s?(?:points?|pts?\b) | percentage[\s-]points? | percent[\s-]points? | per[\s-]cent(?:age)?[\s-]points?
        | pp[st]?\b | p\.p\. | basis[\s-]points? | bps\b | bp\b
        | % | percent\b | per\scent\b | pct\b
        | times\b | x(?![\w]) | -?fold\b
        | (?:{_CURRENCY})(?![\w]) | (?:{_MEASURE})(?![\w]) ) )?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(rf"(?<!\w)({_CURRENCY})\s?$", re.IGNORECASE)
_CURRENCY_AFTER = re.compile(rf"\s({_CURRENCY})(?!\w)", re.IGNORECASE)
_MEASURE_AFTER = re.compile(rf"[\s-]({_MEASURE})(?!\w)", re.IGNORECASE)
_SHAPES_THAT_ARE_NONE = re.compile(
    rf"""
      https?://\S+ | www\.\S+ | \S+@\S+\.\w+
    | \b\d{{4}}-\d{{2}}(?:-\d{{2}})?(?:T\S+)?\b | \b\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}\b
    | \b\d{{1,2}}:\d{{2}}(?::\d{{2}})?\b
    | (?<![\w.])\+\d{{1,3}}[\s(][\d\s()/-]{{6,}}\d | \(0\)\s?\d[\d\s-]+ | \b0\d{{2,4}}[\s/-]\d[\d\s-]{{4,}}
    | \b(?:tel|phone|fax|call|hotline)\b[.:\s]*[+\d][\d\s()/-]{{5,}}\d
    | \bv(?:er(?:sion)?)?\.?\s?\d+(?:\.\d+)* | \b(?!\d{{1,3}}(?:\.\d{{3}})+\b)\d+\.\d+\.\d+(?:\.\d+)*(?![,\d])\b(?!,)
    | \b(?:figure|fig|table|chart|section|chapter|page|slide|step|appendix|annex|note|item|no|nr|ticket|invoice|order
         |version|release|build|row|line|paragraph|exhibit|iso|room|building|unit|grade|level|phase|tier|class
         |option|part|day|week|kw|carrier|rule|policy|vat|article)\.?\s(?:number\s|no\.?\s)?\#?\d+(?:\.\d+)*\b(?![%,.]\d)(?!\s?%)
    | \b(?!(?:{_CURRENCY})\d)[A-Za-z]{{2,}}-?\d+\b(?!%) | \b\d+[A-Za-z]{{2,}}\d+\w* | \#\d+ | \b\d+(?:st|nd|rd|th)\b
    | \b(?:Q|H|FY|CY|W|KW)\s?'?\d{{1,4}}(?:\s?[/-]\s?'?\d{{2,4}})?\b | \[\d+\]
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SLIGHTLY = r"(?:well\s|slightly\s|just\s|a\slittle\s)?"
_BOUNDS: tuple[tuple[str, Threshold], ...] = (
    (r"no\s(?:less|fewer)\sthan|not\s(?:less|fewer)\sthan|at\sleast|a\sminimum\sof|minimum", Threshold.FROM),
    (r"no\smore\sthan|not\smore\sthan|at\smost|up\sto|as\s(?:much|many)\sas|a\smaximum\sof|maximum", Threshold.UP_TO),
    (
        _SLIGHTLY
        + r"(?:over|above|more\sthan|greater\sthan|larger\sthan|in\sexcess\sof|(?<!the\s)north\sof|upwards?\sof"
        r"|exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|topp(?:ed|ing)|beyond|crossed)",
        Threshold.ABOVE,
    ),
    (
        _SLIGHTLY + r"(?:under|below|less\sthan|fewer\sthan|smaller\sthan|short\sof|(?<!the\s)south\sof)",
        Threshold.BELOW,
    ),
)
_BOUND_BEFORE = tuple(
    (re.compile(rf"(?<!\w)({text})\s(?:the\s|a\stotal\sof\s|some\s)?$", re.IGNORECASE), bound)
    for text, bound in _BOUNDS
)
_ABOUT = re.compile(
    r"(?<!\w)(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|some|somewhere\snear|close\sto|in\sthe\sregion"
    r"\sof|more\sor\sless|in\sthe\sorder\sof|an?\sestimated)\s(?:the\s|a\s)?$|[~\u2248]\s?$",
    re.IGNORECASE,
)
_NEARLY = re.compile(r"(?<!\w)(?:nearly|almost|just\sshy\sof|approaching|not\squite)\s(?:the\s|a\s)?$", re.IGNORECASE)
_AFTER = (
    (re.compile(r"\s(?:or\smore|and\smore|or\sabove|and\sabove|or\shigher)\b", re.IGNORECASE), Threshold.FROM),
    (re.compile(r"\s(?:or\sless|or\sfewer|or\slower|or\sbelow)\b", re.IGNORECASE), Threshold.UP_TO),
    (re.compile(r"\+(?!\d)"), Threshold.ABOVE),
)
_SCALE_END = re.compile(r"\d\.\d+\s(?:out\sof|on\sa\sscale\sof)\s$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20|21)\d{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A number where it stands, words of doubt and bound (from `lead` to `tail`) apart. `may_be_year`: four bare digits
    that are one in another reading. `sign`: a + or - was printed before it. `bound`: the words before it that make it
    a bound (`at least`)."""

    start: int
    end: int
    lead: int = -1  # where its hedge or bound begins
    quantity: Quantity
    may_be_year: bool = False
    sign: str = ""
    is_word: bool = False
    tail: int = -1
    bound: str = ""


def numbers_in(text: str) -> tuple[Printed, ...]:
    """Every number of `text` that may be a claim, in order."""
    closed = [match.span() for match in _SHAPES_THAT_ARE_NONE.finditer(text)]
    found = [one for one in _digits(text) if not _inside(one.start, one.end, closed)]
    found = [one for one in found if not _SCALE_END.search(text[: one.start])]
    taken = closed + [(one.start, one.end) for one in found]
    for start, end, quantity in word_numbers(text):
        if not _inside(start, end, taken):
            said = Printed(start=start, end=end, quantity=quantity, is_word=True)
            found.append(_with_measure(text, _with_currency(text, said)))
    return tuple(hedged(text, one) for one in sorted(found, key=lambda one: one.start))


def _with_currency(text: str, one: Printed) -> Printed:
    """`EUR three and a half million`, `twelve thousand euros`."""
    before, after = _CURRENCY_BEFORE.search(text[: one.start]), _CURRENCY_AFTER.match(text, one.end)
    found = before or after
    if one.quantity.unit is not Unit.PLAIN or found is None:
        return one
    quantity = replace(one.quantity, unit=Unit.MONEY, of=CURRENCIES[found[1].lower()])
    return replace(
        one, quantity=quantity, start=before.start(1) if before else one.start, end=after.end() if after else one.end
    )


def _with_measure(text: str, one: Printed) -> Printed:
    """`three years` and `3 years` are the same: how long, and no number of rows."""
    found = _MEASURE_AFTER.match(text, one.end)
    if one.quantity.unit is not Unit.PLAIN or found is None:
        return one
    return replace(
        one, quantity=replace(one.quantity, unit=Unit.MEASURE, of=MEASURES[found[1].lower()]), end=found.end()
    )


def _inside(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other < end for other, other_end in spans)


def _digits(text: str) -> Iterator[Printed]:
    for match in NUMBER.finditer(text):
        digits = match["digits"] + (match["comma"] or "")
        value, places, is_doubtful = read_digits(digits)
        if match["inner"] or match["sign"] in {"-", "\u2212"}:
            value = -value
        exponent = SCALES[match["scale"].lower()] if match["scale"] else 0
        unit, of, shift = _unit(match["before"], match["unit"])
        scaled = value.scaleb(exponent + shift)
        half = Decimal(5).scaleb(exponent + shift - places - 1)
        if unit is Unit.TIMES and not places:
            half = abs(scaled) / 40  # `2x` is said of what doubled, not of everything from 1.5 to 2.5
        bare = not (match["scale"] or match["unit"] or match["before"] or match["sign"] or match["inner"])
        yield Printed(
            start=match.start(),
            end=match.end(),
            quantity=Quantity(value=scaled, half_step=half, unit=unit, of=of, is_doubtful=is_doubtful and not exponent),
            may_be_year=bare and bool(_YEAR.match(digits)),
            sign=(match["sign"] or match["inner"] or "").replace("\u2212", "-"),
        )


def read_digits(digits: str) -> tuple[Decimal, int, bool]:
    """The value, the number of places printed after the point, and whether the separators can be read otherwise."""
    plain = re.sub(r"['\u2019\u00a0\u202f\u2009 ]", "", digits)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", plain) or re.fullmatch(r"\d+,\d{1,2}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3}){2,}", plain):
        plain = plain.replace(".", "")
    else:
        plain = plain.replace(",", "")
    whole, _, fraction = plain.partition(".")
    # 1.234 is one and a bit, or, where people write dots between thousands, more than a thousand
    is_doubtful = bool(re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits))
    return Decimal(f"{whole or '0'}.{fraction or '0'}"), len(fraction), is_doubtful


def _unit(before: str | None, after: str | None) -> tuple[Unit, str | None, int]:
    """Unit, what it is of, and a power of ten (a basis point is a hundredth of a percentage point)."""
    word = re.sub(r"[\s-]+", " ", (after or "").lower()).strip()
    if word in {"bps", "bp"} or word.startswith("basis"):
        return Unit.POINTS, None, -2
    if "point" in word or "pts" in word or word.startswith(("pp", "p.p")) or word == "% pt":
        return Unit.POINTS, None, 0
    if word in {"%", "percent", "per cent", "pct"}:
        return Unit.PERCENT, None, 0
    if word in {"times", "x", "fold"}:
        return Unit.TIMES, None, 0
    money = CURRENCIES.get((before or "").lower()) or CURRENCIES.get(word)
    if money:
        return Unit.MONEY, money, 0
    if word in MEASURES:
        return Unit.MEASURE, MEASURES[word], 0
    return Unit.PLAIN, None, 0


def hedged(text: str, one: Printed) -> Printed:
    before, after = text[max(0, one.start - 40) : one.start], text[one.end : one.end + 14]
    bound, hedge, tail, words = one.quantity.threshold, one.quantity.hedge, one.end, ""
    for pattern, said in _BOUND_BEFORE:
        if found := pattern.search(before):
            bound, before, words = said, before[: found.start()], found[1].lower()
            break
    else:
        for pattern, said in _AFTER:
            if found := pattern.match(after):
                bound, tail = said, one.end + found.end()
                break
    for pattern, meant in ((_ABOUT, Hedge.ABOUT), (_NEARLY, Hedge.NEARLY)):
        if found := pattern.search(before):
            hedge, before = meant, before[: found.start()]
            break
    lead = max(0, one.start - 40) + len(before)
    quantity = replace(one.quantity, threshold=bound, hedge=hedge)
    return replace(one, quantity=quantity, lead=min(lead, one.start), tail=tail, bound=words)
