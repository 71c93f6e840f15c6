"""Names as a warehouse has them in; what they say out: an identifier, a unit, a key, a person. All of it a guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_TRANSLITERATED = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "œ": "oe"})


def words_of(name: str) -> tuple[str, ...]:
    """`ShipToPlaceID` and `ship-to place id` as ship, to, place, id."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    folded = unicodedata.normalize("NFKD", split.lower().translate(_TRANSLITERATED)).encode("ascii", "ignore").decode()
    return (
        tuple(re.findall(r"[a-z]+|[0-9]+", folded))
        if re.search(r"[A-Z]{2}", name)
        else tuple(re.findall(r"[a-z]+[0-9]*|[0-9]+", folded))
    )


def identifier(name: str, *, otherwise: str = "column") -> str:
    """A name that can stand in an expression: lower-case letters, digits and `_`, beginning with a letter."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    folded = unicodedata.normalize("NFKD", split.lower().translate(_TRANSLITERATED)).encode("ascii", "ignore").decode()
    plain = re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", folded)).strip("_")
    if not plain:
        return otherwise
    return plain if plain[0].isalpha() else f"n_{plain}"


def free(name: str, taken: Container[str]) -> str:
    """The name, or the first `name_2`, `name_3` … that is free."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


_WORDS_OF_EXPRESSIONS = frozenset(
    """
    and or not in between like is null case when then else end true false distinct as select from where date
    timestamp
    """.split()  # noqa: SIM905  # a list of words reads better as text
)


def is_plain(column: str) -> bool:
    """Can it be written in an expression behind its dataset as it is?"""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) is not None


def in_expression(column: str) -> str:
    """A column or dataset as an expression names it."""
    return (
        column
        if is_plain(column) and column.lower() not in _WORDS_OF_EXPRESSIONS
        else '"' + column.replace('"', '""') + '"'
    )


def singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


# -- keys

_KEY_WORDS = frozenset({"id", "key", "uuid", "guid", "pk", "sk"})
_CODE_WORDS = frozenset(
    {"code", "number", "no", "nr", "num", "sku", "isbn", "issn", "iata", "icao", "faa", "ean", "vin"}
)


def key_score(column: str, dataset: str) -> int:
    """3 for the dataset's own id, 2 for some id, 1 for a code or number, 0 for anything else."""
    words = words_of(column)
    if not words:
        return 0
    own = singular(dataset.rpartition("_")[2])
    if words[-1] in _KEY_WORDS:
        return 3 if words[:-1] in {(), (own,), tuple(singular(word) for word in dataset.split("_"))} else 2
    joined = "".join(words)
    if joined.endswith("id") and joined[:-2] in {own, dataset.replace("_", "")}:
        return 3
    return 1 if words[-1] in _CODE_WORDS else 0


def is_reference(column: str) -> bool:
    """Does the name say that the value stands for something else, so that adding or ranging it means nothing?"""
    words = words_of(column)
    return bool(words) and (
        words[-1] in _KEY_WORDS | _CODE_WORDS
        or words[0] == "id"
        or bool(
            {"zip", "zipcode", "postcode", "postal", "phone", "fax", "mobile", "ssn", "iban", "version"} & set(words)
        )
    )


_WRITTEN_CODES = frozenset(
    """
    zip zipcode postcode postal plz phone telephone tel fax mobile cell ssn ean gtin isbn issn upc vat bic duns npi
    """.split()  # noqa: SIM905
)


def is_written_code(column: str) -> bool:
    """A code of digits that nobody counts with: it may begin with 0, and has its length."""
    return bool(_WRITTEN_CODES & set(words_of(column)))


# -- people

_PERSONAL = (
    ("e-mail address", re.compile(r"e ?mail|mail address")),
    ("phone number", re.compile(r"\b(?:phone|telephone|tel|mobile|cell|fax|whatsapp)\b")),
    ("bank account", re.compile(r"\b(?:iban|bank account|account holder|card number|credit card|pan)\b")),
    ("official number", re.compile(r"\b(?:ssn|social security|tax id|passport|national id|driver licen[cs]e|mrn)\b")),
    (
        "name of a person",
        re.compile(
            r"\b(?:first|last|middle|given|family|full|maiden|nick|contact|person|patient|employee) ?name\b"
            r"|\b(?:surname|fname|lname)\b"
        ),
    ),
    ("date of birth", re.compile(r"\b(?:birth|birthday|birthdate|dob|born)\b")),
    ("postal address", re.compile(r"\b(?:street|address|addr)\b(?!.*\b(?:ip|mac|url|web)\b)")),
    ("IP address", re.compile(r"\bip(?: address| addr)?\b")),
    ("user name", re.compile(r"\b(?:user ?name|login)\b")),
    ("trait of a person", re.compile(r"\b(?:gender|sex|ethnicity|religion|nationality|marital status)\b")),
)  # fmt: skip
_PEOPLE = frozenset(
    """
    customer client user employee person people contact executive patient member student staff driver teacher
    applicant candidate subscriber author player passenger guest voter donor
    """.split()  # noqa: SIM905  # a list of words reads better as text
)


def personal_by_name(column: str, dataset: str) -> str | None:
    text = " ".join(words_of(column))
    for kind, pattern in _PERSONAL:
        if pattern.search(text):
            return kind
    if text == "name" and singular(dataset.rpartition("_")[2]) in _PEOPLE:
        return "name of a person"
    return None


# -- numbers

_ADDITIVE = frozenset(
    """
    amount amt total subtotal revenue sales turnover cost costs fee fees discount tax vat profit margin spend
    expense expenses payment paid refund refunded qty quantity units count volume bytes weight duration minutes
    hours seconds distance clicks impressions views sessions visits passengers freight balance premium budget
    income salary deaths cases births
    """.split()  # noqa: SIM905  # a list of words reads better as text
)
_NOT_ADDITIVE = frozenset(
    """
    rate ratio pct percent percentage share avg average mean median price rating score grade rank level index
    age year month day week quarter hour minute second lat latitude lon lng longitude temp temperature humidity
    pressure speed altitude elevation per min max std dev version code number no nr position order sequence seq
    priority limit threshold fx exchange
    """.split()  # noqa: SIM905  # a list of words reads better as text
)
_AVERAGED = frozenset(
    """
    price rating score rate ratio pct percent percentage share temp temperature humidity pressure speed age
    delay duration distance weight grade
    """.split()  # noqa: SIM905  # a list of words reads better as text
)
_UNITS = {
    **dict.fromkeys(("eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("usd", "dollar", "dollars"), "USD"),
    **{word: word.upper() for word in ("gbp", "chf", "jpy", "cny", "sek", "nok", "dkk", "pln", "czk", "aud", "cad")},
    **dict.fromkeys(("kg", "kilograms"), "kg"),
    "km": "km", "miles": "miles", "cm": "cm", "mm": "mm", "kwh": "kWh", "mwh": "MWh", "bytes": "bytes", "gb": "GB",
    "mb": "MB", "minutes": "minutes", "mins": "minutes", "hours": "hours", "hrs": "hours", "seconds": "seconds",
    "secs": "seconds", "ms": "ms", "days": "days", "liters": "l", "litres": "l", "tons": "t", "tonnes": "t",
}  # fmt: skip


def is_additive(column: str) -> bool:
    words = set(words_of(column))
    return bool(words & _ADDITIVE) and not words & _NOT_ADDITIVE and not is_reference(column)


def is_averaged(column: str) -> bool:
    return bool(set(words_of(column)) & _AVERAGED) and not is_reference(column)


def unit_of(column: str) -> str | None:
    """Only what the name says outright."""
    return next((_UNITS[word] for word in reversed(words_of(column)) if word in _UNITS), None)


def known_range(column: str) -> tuple[int, int] | None:
    """The ends that what the name says has by nature."""
    words = words_of(column)
    last = words[-1] if words else ""
    if last in {"lat", "latitude"}:
        return (-90, 90)
    if last in {"lon", "lng", "long", "longitude"}:
        return (-180, 180)
    natural = {
        "month": (1, 12),
        "hour": (0, 24),
        "minute": (0, 59),
        "weekday": (0, 7),
        "quarter": (1, 4),
        "week": (0, 53),
    }
    if last in natural:
        return natural[last]
    if last == "day":
        return (1, 366)
    if last == "year":
        return (1800, 2100)
    if last == "age":
        return (0, 130)
    return None


_NEVER_NEGATIVE = frozenset(
    """
    price quantity qty weight age distance duration rating seats length width height size population visits clicks
    views bytes minutes hours seconds years
    """.split()  # noqa: SIM905
)


def is_never_negative(column: str) -> bool:
    return bool(_NEVER_NEGATIVE & set(words_of(column))) and "change" not in words_of(column)


def is_percentage(column: str) -> bool:
    return bool({"pct", "percent", "percentage"} & set(words_of(column)))


def is_share(column: str) -> bool:
    return bool({"pct", "percent", "percentage", "share", "ratio", "rate", "humidity"} & set(words_of(column)))


# -- times

_EVENT = re.compile(
    r"\b(?:order|ordered|placed|create|created|event|occur|occurred|happened|joined|signed|hired|appointed|transaction|booked|booking|invoice|invoiced|issued|"
    r"sold|sale|sales|shipped|paid|posted|visit|start|started|opened|signup|registered|measured|observed|recorded|trip|"
    r"pickup|departure|published)\b"
)
_NOT_EVENT = re.compile(
    r"\b(?:update|updated|modify|modified|load|loaded|ingest|ingested|birth|birthday|dob|valid|end|ended|expire|expires|"
    r"expiry|due|deleted|cancelled|until|to|sync|synced|snapshot|etl|promised|planned|scheduled|estimated)\b"
)


def time_score(column: str) -> int:
    """How likely it is when something happened, rather than was changed or is due."""
    text = " ".join(words_of(column))
    if _NOT_EVENT.search(text):
        return 0
    if _EVENT.search(text):
        return 3
    return 2 if set(text.split()) & {"date", "time", "timestamp", "at", "ts", "datetime", "day"} else 1
