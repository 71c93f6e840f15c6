"""A word in; the form that counts of it out, and which known word it is a slip of, if of one alone."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

_IRREGULAR = {
    "people": "person", "men": "man", "women": "woman", "children": "child", "series": "series", "species": "species",
    "analyses": "analysis", "bases": "basis", "indices": "index", "data": "data", "status": "status", "news": "news",
    "business": "business", "bus": "bus", "gas": "gas", "focus": "focus", "bonus": "bonus",
    "canceled": "cancelled",
    "canceling": "cancelling", "labeled": "labelled", "cancelation": "cancellation", "recognised": "recognized",
    "organisation": "organization", "utilisation": "utilization", "programme": "program",
    "centre": "center",
    "on-time": "on time", "movies": "movie", "cookies": "cookie", "lies": "lie", "pies": "pie", "ties": "tie",
    "axes": "axis", "lens": "lens", "less": "less", "plus": "plus", "versus": "versus", "across": "across",
}  # fmt: skip
_REAL_WORDS = """
    accept account accounts active activity advice advise affect airline airlines airplane airport airports
    amount amounts angel angle augment avenue avenues average averages baking barrier barriers beverage boarder
    booking bookings border borders burn burned career careers carer carport carrier cast casts categories
    category celery chanel change changes channel channels charge churn churned cites cities client clients
    coast companies companion company cost costs costume costumer costumes counties countries country county
    courier couriers crate crates cricket custom customer customers customs damage damaged damages date dates
    day days decay delay delayed delays depress desert dessert diner dinner discontent discount discounts
    display economic economics economy effect eight elder employee employees employer employers employment
    entries entry equipment except express expresses fate fight fights flannel flight flights folder form
    freight fright from gate gates gentry hairline height heights holder holders hop hops host hosts image
    images impress inactive invoice invoiced invoices knit late later latter legion legions lesson leverage
    light lights looking loose lose majority manage managed manages margin marginal margins marking media medial
    median medium minority mission missions month motive mount mouth mouths native older order orders palace
    palaces panel panels part parties parts party passion person plains plan plane planes planet planets plans
    plant plants port ports post posts price prices priority prison prize prizes process produce produced
    product products profit profits progress project projects prophet quiet quite rate rated rates reason
    reasons refund refunded refunds region relay relays religion religions return returned returns revenge
    revenue right rites salaries salary sales scales season seasons sediment segment segments servant service
    services session sessions ship shipment shipments ships shock shop shops sites slight sport sports stack
    standard standards state states statue status statute stock stocks stores stories story surface surfaces
    tales thicket ticker tickers ticket tickets toast token tokens topic topics trail trial tropic tropics turn
    turns unit unite united units untied urn user users uses venue venues virgin visit visitor visitors visits
    voice voices weak weather week weeks weight weights whether whip year years
"""
_REAL = frozenset(_REAL_WORDS.split())
"""Words that are somebody's real words: never taken for a slip of another."""


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The singular of a folded word, spelled one way. `cities` is `city`, `addresses` is `address`."""
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


def slip_of(word: str, known: Collection[str]) -> str | None:
    """The one known word that `word` is surely a slip of: two letters swapped, one doubled or missing, one too many.
    None when another known word is as near, when the word is short, or when it is a real word itself."""
    if len(word) < 6 or word in _REAL or not word.isascii() or not word.isalpha():
        return None
    near = [name for name in known if name[0] == word[0] and not _is_inflected(word, name) and _is_slip(word, name)]
    if len(near) != 1:
        return None
    others = [name for name in known if name != near[0] and abs(len(name) - len(word)) <= 2 and far(word, name) <= 2]
    return near[0] if all(stem(name) == stem(near[0]) for name in others) else None


def near_words(word: str, known: Collection[str], most: int = 3) -> tuple[str, ...]:
    """Known words that may have been meant: to be offered, never taken."""
    reach = 1 if len(word) < 8 else 2
    alike = [name for name in known if len(name) > 3 and name[0] == word[0] and abs(len(name) - len(word)) <= reach]
    found = sorted((far(word, name), name) for name in alike)
    return tuple(name for distance, name in found if distance <= reach)[:most]


def _is_inflected(word: str, name: str) -> bool:
    """`recognize` and `recognized`, `return` and `returns`: another form of a word, and no slip of it."""
    long, short = (word, name) if len(word) > len(name) else (name, word)
    return len(long) - len(short) == 1 and long.startswith(short) and long[-1] in "dsrny"


def _is_slip(word: str, name: str) -> bool:
    if len(word) == len(name):
        return _is_swap(word, name)
    if abs(len(word) - len(name)) != 1 or min(len(word), len(name)) < 5:
        return False
    long, short = (word, name) if len(word) > len(name) else (name, word)
    at = next((n for n, c in enumerate(short) if long[n] != c), len(short))
    if long[at + 1 :] != short[at:]:
        return False
    is_doubled = at > 0 and long[at] == long[at - 1]
    return is_doubled or min(len(word), len(name)) >= 6


def _is_swap(word: str, name: str) -> bool:
    differ = [n for n, c in enumerate(word) if name[n] != c]
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and word[differ[0]] == name[differ[1]]
        and word[differ[1]] == name[differ[0]]
    )


def far(one: str, other: str) -> int:
    """Optimal string alignment distance: inserted, missing, changed letters, and neighbours swapped (Boytsov 2011)."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
