"""Headers and cells in, the phrases a text may call them by out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from loadline.semantics.claims_lexicon import stem
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.wording.countries import COUNTRIES, DEMONYMS
from loadline.semantics.wording.tokens import fold

WORD = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*(?:[^\W\d_]+)?|[^\W\d_]+(?:['\u2019](?!s\b)[^\W\d_]+)?\d*|%")
RANKS = frozenset(words("rank ranking no position pos place round week game match year season number pick grid peak"))
_SHORT = {
    "acc": ("accuracy",), "temp": ("temperature",), "param": ("parameter",), "pop": ("population",),
    "pos": ("position",), "pt": ("point",), "pts": ("point",), "no": ("number",), "nr": ("number",),
    "avg": ("average",),
    "att": ("attendance",), "gp": ("game",), "gf": ("goals for",), "ga": ("goals against",), "w": ("win",),
    "l": ("loss",), "d": ("draw",), "perf": ("performance",), "prec": ("precision",), "rec": ("recall",),
    "yr": ("year",), "dept": ("department",), "govt": ("government",), "est": ("establish",), "min": ("minute",),
    "max": ("maximum",), "hp": ("horsepower",), "lat": ("latitude",), "lon": ("longitude",), "elev": ("elevation",),
    "win": ("won",), "loss": ("lose",), "lose": ("loss",), "drawn": ("draw",),
    "born": ("birth",), "release": ("release date",), "establish": ("found",),
    "found": ("establish",), "open": ("opening", "opening date"), "publish": ("publication",),
    "crowd": ("attendance",), "attendance": ("crowd",), "spectator": ("attendance",), "nationality": ("country",),
    "pct": ("percentage",), "%": ("percentage", "percent", "share"), "sales": ("sell", "copy", "copy sell"),
    "sale": ("sell", "copy", "copy sell"), "height": ("tall",), "price": ("cost",),
    "cost": ("price",), "weight": ("weigh",), "depth": ("deep",), "age": ("old",),
    "length": ("long",), "width": ("wide",),
    "viewer": ("viewed", "view"),
}  # fmt: skip
"""What a word of a header is short for, or is also called, where nothing else in the table is called so."""
_PAST = {
    "took": "take", "taken": "take", "held": "hold", "built": "build", "wrote": "write", "written": "write",
    "left": "leave", "drove": "drive", "ran": "run", "lost": "lose", "won": "win", "wins": "win", "losses": "loss",
    "made": "make", "played": "play", "scored": "score", "opened": "open", "released": "release",
    "attended": "attend", "directed": "direct", "nominated": "nominate", "ended": "end", "started": "start",
    "founded": "found", "published": "publish", "established": "establish", "picked": "pick", "sold": "sell",
}  # fmt: skip
"""Statements of some sets have every verb in its plain form."""
_MODIFIERS = frozenset(
    words(
        """
        net gross operating home away first second third total average mean median male female us uk
        new old own other max min maximum minimum final partial opening closing adjusted regular
        post pre non no vs cost
        """
    )
)
_HEADS = frozenset(
    words(
        """
        accuracy acc score rate total made count number value index level point f1 bleu rouge time
        medal date title name
        """
    )
)


def tokens_of(text: str) -> tuple[str, ...]:
    """The stems of a text's words and numbers, in order."""
    return tuple(token for _, _, token in spans_of(text))


def spans_of(text: str) -> Iterator[tuple[int, int, str]]:
    for match in WORD.finditer(text):
        word = match[0]
        if word == "s" and match.start() and text[match.start() - 1] in "'\u2019":
            continue
        if re.fullmatch(r"(?:[^\W\d_]\.){2,}", word):
            word = word.replace(".", "")
        low = _PAST.get(word.lower(), word)
        yield match.start(), match.end(), stem(fold(low)) if not word[0].isdigit() else word.lower().replace(",", "")


def plain(text: str) -> str:
    """A cell or a stretch of text as it is compared: folded, one kind of dash, single spaces."""
    return re.sub(r"\s*-\s*", "-", " ".join(fold(re.sub("[\u2010-\u2015\u2212]", "-", text)).split()))


def header_phrases(name: str) -> Iterator[tuple[str, ...]]:
    """The header with and without its brackets, its short words written out."""
    for said in dict.fromkeys((re.sub(r"[(\[].*?[)\]]", " ", name), name)):
        words = tokens_of(said)
        if words:
            yield words
            bare = tuple(word for word in words if word != "%")
            yield bare or words
        if 0 < len(words) <= 4:
            for chosen in product(*([(word,), *((each,) for each in _SHORT.get(word, ()))] for word in words)):
                yield tuple(part for (each,) in chosen for part in each.split())
        if len(words) >= 2 and re.fullmatch(r"(?:19|20)\d{2}", words[-1]):
            yield (*words[:-1], "in", words[-1])
            yield (words[-1], *words[:-1])
        if len(words) == 2 and (words[1].endswith("ed") or words[1] in {"win", "lose", "make", "play", "sell"}):
            yield from ((words[0], verb, words[1]) for verb in ("were", "was", "be", "are", "is"))
        if len(words) == 2 and words[0] in {"year", "number", "percentage", "share"}:
            yield (words[0], "of", words[1])


def part_phrases(name: str) -> Iterator[tuple[str, ...]]:
    """What a header may be called for short: without a first word that does not turn it into something else, or
    without a last one that any number has."""
    words = tuple(word for word in tokens_of(re.sub(r"[(\[].*?[)\]]", " ", name)) if word != "%")
    if len(words) >= 2 and not set(words[:-1]) & _MODIFIERS and not any(word[0].isdigit() for word in words):
        yield words[-1:]
        for long in _SHORT.get(words[-1], ()):
            yield tuple(long.split())
        if words[-1] in _HEADS:
            yield words[:-1]


def value_forms(cell: str) -> Iterator[str]:
    """A cell, and what it is without a footnote, brackets, or the `at` before an opponent."""
    yield cell
    short = re.sub(r"\s*(?:\[[^\]]*\]|\([^)]*\)|[*†‡]+)\s*$", "", cell)
    short = re.sub(r"^(?:at|@|vs\.?|v\.?)\s+", "", short, flags=re.IGNORECASE)
    short = re.sub(r"^the\s+", "", short, flags=re.IGNORECASE)
    if short and short != cell:
        yield short
    code = COUNTRIES.get(short.lower())
    yield from (word.capitalize() for word, own in DEMONYMS.items() if code is not None and own == code)
