"""Every word the question grammar knows by itself."""

from __future__ import annotations

from loadline.semantics.wording import vocabulary as v

GRAMMAR_WORDS = frozenset(
    {
        *v.SILENT, *v.FRAMES, *v.LIGHT, *v.GAPS, *v.TOTALS, *v.GRAINS, *v.GRAIN_ADJECTIVES, *v.MOST, *v.LEAST, *v.TOP,
        *v.BOTTOM, *v.SMALL_NUMBERS, *v.CURRENCIES, *v.SCALES, *v.UNSAYABLE,
        *v.GROWN, *v.STEPS, *v.SHARES, *v.FASTEST,
        *(word for phrases in (v.EACH, v.INTO, v.NOT, v.COMPARATORS) for phrase in phrases for word in phrase.split()),
        "how", "many", "number", "count", "which", "what", "who", "where", "when", "why", "sorted", "ordered", "ranked",
        "descending", "ascending", "desc", "asc", "first", "and", "or", "but", "also", "x", "quantity", "amount",
    }
)  # fmt: skip
