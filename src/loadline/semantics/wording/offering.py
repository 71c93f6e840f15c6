"""A question that was not read in; texts that may have been meant in place of some of its words out."""

from __future__ import annotations

from collections.abc import Iterator

from loadline.semantics.wording.lexicon import words_of
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.stems import near_words
from loadline.semantics.wording.tokens import Kind

_SHARED = 6
"""Letters that two words begin with to be forms of one: `cancellations`, `cancelled`."""


def near_texts(sight: Sight) -> Iterator[tuple[int, int, str]]:
    """(first token, position after the last, what may have been meant), for words that nothing was made of."""
    named: set[int] = set()  # places of words that stand within a governed phrase
    for at, token in enumerate(sight.tokens):
        found = sight.found(at)
        if found is not None and at not in named:
            named |= set(range(at, found.end))
        if at in named or token.kind is not Kind.WORD or len(token.text) < 4:
            continue
        if not sight.is_known(token.text):
            for word in near_words(token.text, sight.lexicon.vocabulary):
                yield at, at + 1, word
        for value in _values_with(sight, at):
            yield at, at + 1, f'"{value}"'
        for name in _metrics_with(sight, at):
            yield at, at + 1, name.replace("_", " ")


def _values_with(sight: Sight, at: int) -> list[str]:
    """Values that one of their words names: `United` for `United Air Lines Inc.`. Not where many do."""
    word = sight.stems[at]
    found = {
        value
        for known in sight.lexicon.values.values()
        for value in known.values
        if word in words_of(value) and len(words_of(value)) > 1 and '"' not in value
    }
    return sorted(found) if len(found) <= 4 else []


def _metrics_with(sight: Sight, at: int) -> list[str]:
    word = sight.stems[at]
    if len(word) < _SHARED:
        return []
    lexicon = sight.lexicon
    return [
        name
        for name in lexicon.linked.metrics
        if (lexicon.seen is None or name in lexicon.seen)
        and any(own[:_SHARED] == word[:_SHARED] for own in words_of(name))
    ][:6]
