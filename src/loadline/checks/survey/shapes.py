"""Texts with how often they occur in; what they look like out: a pattern, or a habit of writing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import groupby

from loadline.values.survey import Shape

FEWEST = 30
"""Texts that must have been seen before their look is more than chance."""

MOST_EXCEPTIONS = 0.04
"""The share of texts that may look otherwise, and be called exceptions rather than another look."""

OTHER_FORMS = 0.2
"""The same, where the others are the same thing written otherwise: `2024/01/31` among `2024-01-31`."""

NEARLY_ALL = 0.95

TRIMMED = "^[^ ](.*[^ ])?$"

_MOST_SHAPES = 4
_MOST_RUNS = 12

BLANKS = frozenset(
    {
        "",
        "-",
        "--",
        "?",
        "n/a",
        "na",
        "n.a.",
        "#n/a",
        "null",
        "none",
        "nil",
        "nan",
        "(null)",
        "(none)",
        "missing",
        "tbd",
    }
)
"""Texts that stand for nothing, in lower case."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBER_PATTERN = r"^-?[0-9]+(\.[0-9]+)?$"
_WHOLE_PATTERN = r"^-?[0-9]+$"
_WITH_UNIT = re.compile(r"(-?[0-9][0-9.,]*)([^0-9]*)")
_KNOWN = (
    ("^[^@ ]+@[^@ ]+[.][^@ ]+$", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("^https?://[^ ]+$", re.compile(r"https?://\S+")),
    (
        "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ),
)

Run = tuple[str, int]  # a class of characters, and how many


def is_blank(text: str) -> bool:
    return text.strip().lower() in BLANKS


def shape_of(texts: Mapping[str, int]) -> Shape | None:
    """The most telling pattern that nearly all texts keep; None when they have no common look."""
    total = sum(texts.values())
    if total < FEWEST:
        return None
    for pattern, known in _KNOWN:
        fitting = sum(count for text, count in texts.items() if known.fullmatch(text))
        if fitting >= total * (1 - MOST_EXCEPTIONS):
            return shape_by(pattern, texts)
    found = _common(texts, total, _runs)
    if found is not None:
        return found
    numbers = sum(count for text, count in texts.items() if _NUMBER.fullmatch(text))
    if numbers >= total * (1 - MOST_EXCEPTIONS):
        is_whole = not any("." in text for text in texts if _NUMBER.fullmatch(text))
        return shape_by(_WHOLE_PATTERN if is_whole else _NUMBER_PATTERN, texts)
    return _common(texts, total, _any_lengths)


_MOST_SPELLINGS = 12


def units_of(texts: Mapping[str, int]) -> Shape | None:
    """Numbers with a unit that is spelled in several ways (`12 oz`, `12 oz.`, `12 OZ`), or written behind some of them
    only: the most frequent form, which the others break. None where that is one form, or several units."""
    total = sum(texts.values())
    if total < FEWEST:
        return None
    spelled: dict[str, Counter[str]] = {}
    for text, count in texts.items():
        if (found := _WITH_UNIT.fullmatch(text)) is not None:
            spelled.setdefault(found[2], Counter())[found[1]] += count
    forms = Counter({unit: sum(numbers.values()) for unit, numbers in spelled.items()})
    if not 2 <= len(forms) <= _MOST_SPELLINGS or sum(forms.values()) < total * NEARLY_ALL:
        return None
    (first, fitting), (second, others) = forms.most_common(2)
    numbers = spelled[first].keys() & spelled[second].keys()
    is_one_unit = bare(first) == bare(second) or not bare(first) or not bare(second)
    if not is_one_unit or others < max(3, total * MOST_EXCEPTIONS):
        return None
    if sum(spelled[second][number] for number in numbers) < others / 2:
        return None  # `1 day` and `5 days`: the number says which
    pattern = rf"^-?[0-9][0-9.,]*{_as_pattern(first)}$"
    return replace(shape_by(pattern, texts), fitting=fitting, other_count=total - fitting)


def _as_pattern(text: str) -> str:
    return "".join("\\" + sign if sign in r"\.^$*+?()[]{}|" else sign for sign in text)


def shape_by(pattern: str, texts: Mapping[str, int]) -> Shape:
    """How many texts keep a pattern, and a few that do not."""
    kept = re.compile(pattern)
    others = {text: count for text, count in texts.items() if not kept.search(text)}
    missed = sum(others.values())
    shown = tuple(text for text, _ in sorted(others.items(), key=lambda one: (-one[1], one[0]))[:3])
    return Shape(pattern=pattern, fitting=sum(texts.values()) - missed, other_count=missed, others=shown)


def _runs(text: str) -> tuple[Run, ...]:
    return tuple((kind, len(list(run))) for kind, run in groupby(text, _kind))


def _kind(character: str) -> str:
    if "0" <= character <= "9":
        return "9"
    if "A" <= character <= "Z":
        return "A"
    if "a" <= character <= "z":
        return "a"
    return "L" if character.isalnum() or not character.isprintable() else character


def _any_lengths(text: str) -> tuple[Run, ...]:
    """Numbers and words of any length, signs exactly as they are."""
    return tuple((kind, 0 if kind in "9Aa" else length) for kind, length in _runs(text))


def _common(texts: Mapping[str, int], total: int, level: Callable[[str], tuple[Run, ...]]) -> Shape | None:
    seen: Counter[tuple[Run, ...]] = Counter()
    for text, count in texts.items():
        seen[level(text)] += count
    main = [(runs, count) for runs, count in seen.most_common() if count >= max(3, total * 0.01)]
    main = _without_other_forms(main, total)
    if level is _runs:
        main = _without_lost_signs(main, total)
    is_slipped = bool(main) and _are_slips(main[0][0], main[0][1], texts, level)
    if is_slipped:
        main = main[:1]
    covered = sum(count for _, count in main)
    if level is _runs and _are_of_many_lengths([runs for runs, _ in main]):
        return None
    most = (
        OTHER_FORMS
        if is_slipped or (len(main) == 1 < len(seen) and _is_other_form_of_one(main[0][0], seen, total))
        else MOST_EXCEPTIONS
    )
    if not main or len(main) > _MOST_SHAPES or covered < total * (1 - most):
        return None
    shapes = [runs for runs, _ in main]
    if any(len(runs) > _MOST_RUNS or any(kind == "L" for kind, _ in runs) for runs in shapes):
        return None
    if not all(_is_telling(runs) for runs in shapes):
        return None
    if covered < total and len(main) > 2:  # exceptions to many looks are one look more
        return None
    alternatives = [_written(_with_lengths(runs, texts, level)) for runs in sorted(shapes)]
    whole = alternatives[0] if len(alternatives) == 1 else "(" + "|".join(alternatives) + ")"
    return shape_by(f"^{whole}$", texts)


def _without_other_forms(main: list[tuple[tuple[Run, ...], int]], total: int) -> list[tuple[tuple[Run, ...], int]]:
    """The shapes without those that are the first one written otherwise, and far rarer."""
    if not main or main[0][1] < total * (1 - OTHER_FORMS):
        return main
    first = main[0][0]
    return [(runs, count) for runs, count in main if runs == first or not _is_other_form(runs, first)]


_LONG_NUMBER = 8


def _without_lost_signs(main: list[tuple[tuple[Run, ...], int]], total: int) -> list[tuple[tuple[Run, ...], int]]:
    """The shapes without those that are the first one with a letter or digit lost, where nearly all are the first.
    Numbers that are counted up are never so alike: a tenth of 1 to 1000 has two digits or one."""
    if not main or main[0][1] < total * NEARLY_ALL:
        return main
    first = main[0][0]
    if len(first) < 3 and sum(length for _, length in first) < _LONG_NUMBER:
        return main
    return [(runs, count) for runs, count in main if runs == first or not _are_of_many_lengths([first, runs])]


_SLIPPED = 0.85
_SHORTEST_SLIPPED = 5
_MOST_LOOKED_INTO = 2_000


def _are_slips(
    first: tuple[Run, ...], count: int, texts: Mapping[str, int], level: Callable[[str], tuple[Run, ...]]
) -> bool:
    """Are nearly all others the first shape with one character replaced, here and there? Another shape of its own
    would be the same each time; slips of the hand scatter."""
    total = sum(texts.values())
    if not total * _SLIPPED <= count < total * (1 - MOST_EXCEPTIONS / 4) or not any(kind == "9" for kind, _ in first):
        return False
    others = {text: times for text, times in texts.items() if level(text) != first}
    if len(others) > _MOST_LOOKED_INTO:
        return False
    slipped: Counter[tuple[Run, ...]] = Counter()
    for text, times in others.items():
        if len(text) >= _SHORTEST_SLIPPED and _is_one_sign_off(text, first, level):
            slipped[_runs(text)] += times
    of = sum(others.values())
    return len(slipped) >= 3 and sum(slipped.values()) >= 0.9 * of and max(slipped.values()) <= 0.6 * of


def _is_one_sign_off(text: str, first: tuple[Run, ...], level: Callable[[str], tuple[Run, ...]]) -> bool:
    stand_ins = {"9": "0", "A": "A", "a": "a"}
    signs = {stand_ins.get(kind, kind) for kind, _ in first if kind != "L"}
    return any(level(text[:at] + sign + text[at + 1 :]) == first for at in range(len(text)) for sign in signs)


def _is_other_form_of_one(first: tuple[Run, ...], seen: Mapping[tuple[Run, ...], int], total: int) -> bool:
    """Is all but what may be an exception the first shape, or that written otherwise?"""
    strange = sum(count for runs, count in seen.items() if runs != first and not _is_other_form(runs, first))
    return strange <= total * MOST_EXCEPTIONS


def _is_other_form(other: tuple[Run, ...], first: tuple[Run, ...]) -> bool:
    """The same letters and digits with other signs between, or the same with something before or behind."""
    if not any(kind == "9" for kind, _ in first):
        return False
    if _letters_and_digits(other) == _letters_and_digits(first):
        return True
    size = len(first)
    return len(other) > size and (other[:size] == first or other[-size:] == first)


def _letters_and_digits(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    kept = [(kind, length) for kind, length in runs if kind in _WRITTEN]
    return tuple((kind, sum(length for _, length in run)) for kind, run in groupby(kept, lambda one: one[0]))


def _are_of_many_lengths(shapes: list[tuple[Run, ...]]) -> bool:
    """Do two shapes differ only in lengths that follow each other, so that a third length is to be expected?"""
    return any(
        one != other
        and [kind for kind, _ in one] == [kind for kind, _ in other]
        and all(abs(here - there) <= 1 for (_, here), (_, there) in zip(one, other, strict=True))
        for one in shapes
        for other in shapes
    )


def _with_lengths(
    shape: tuple[Run, ...], texts: Mapping[str, int], level: Callable[[str], tuple[Run, ...]]
) -> tuple[Run, ...]:
    """The shape, its runs of any length given the one length that they have in all texts, where they have one."""
    exact = [_runs(text) for text in texts if level(text) == shape]
    if sum(texts[text] for text in texts if level(text) == shape) < FEWEST:
        return shape
    lengths = [{runs[n][1] for runs in exact} for n in range(len(shape))]
    return tuple(
        (kind, next(iter(seen)) if len(seen) == 1 else length)
        for (kind, length), seen in zip(shape, lengths, strict=True)
    )


def _is_telling(runs: tuple[Run, ...]) -> bool:
    """Does the shape say more than "words"? A code has digits or signs, or capitals of one length."""
    kinds = {kind for kind, _ in runs}
    if not kinds - {"A", "a", " ", "'", ".", ","}:
        return len(runs) == 1 and runs[0][0] in {"A", "a"} and 0 < runs[0][1] <= 5
    return "9" in kinds or len(runs) > 2


_WRITTEN = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}


def _written(runs: tuple[Run, ...]) -> str:
    parts = []
    for kind, length in runs:
        if kind in _WRITTEN:
            parts.append(_WRITTEN[kind] + ("+" if length == 0 else "" if length == 1 else f"{{{length}}}"))
        else:
            sign = "\\" + kind if kind in r"\.^$*+?()[]{}|" else kind
            parts.append(sign + ("" if length == 1 else f"{{{length}}}"))
    return "".join(parts)


def bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


# -- habits


def nearly_trimmed(texts: Mapping[str, int]) -> Shape | None:
    """The habit of no space around, where few texts break it."""
    total = sum(texts.values())
    if total < FEWEST or any("\n" in text for text in texts):
        return None
    found = shape_by(TRIMMED, texts)
    return found if 0 < found.other_count <= total * OTHER_FORMS else None


def is_trimmed(texts: Mapping[str, int]) -> bool:
    """No text begins or ends with a space, and none has a line of its own, in enough texts to call it a habit."""
    total = sum(texts.values())
    return total >= FEWEST and all(text and text == text.strip() and "\n" not in text for text in texts)


def letter_case(texts: Mapping[str, int]) -> str | None:
    """`lower` or `upper` when nearly all texts have letters, and none a letter of the other case."""
    total = sum(texts.values())
    with_letters = sum(count for text, count in texts.items() if re.search("[A-Za-z]", text))
    if total < 2 * FEWEST or with_letters < total * 0.9 or len(texts) < 5:
        return None
    if not any(re.search("[A-Z]", text) for text in texts):
        return "lower"
    if not any(re.search("[a-z]", text) for text in texts):
        return "upper"
    return None
