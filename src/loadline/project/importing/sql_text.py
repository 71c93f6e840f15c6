"""The text of a SQL expression in; its pieces, and the same text with names exchanged and types renamed, out.

No parser: what the pieces mean is for the semantics room, which reads the result and refuses what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_PIECE = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*"|`[^`]*`)|(?P<number>\d[\w.]*)
      |(?P<word>[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)|(?P<rest>\s+|.)""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANT = re.compile(r"""\s*(?:[-+]?\d+(?:\.\d+)?|'(?:[^']|'')*'|true|false)\s*\Z""", re.IGNORECASE)
_TYPES = {
    "varchar": "string", "text": "string", "char": "string", "string": "string",
    "int": "integer", "integer": "integer", "bigint": "integer", "smallint": "integer", "int64": "integer",
    "double": "number", "float": "number", "float64": "number", "real": "number", "decimal": "number",
    "numeric": "number", "number": "number", "boolean": "boolean", "bool": "boolean", "date": "date",
    "timestamp": "timestamp", "datetime": "timestamp",
}  # fmt: skip
WORDS = frozenset({
    "and", "or", "not", "in", "between", "like", "is", "null", "case", "when", "then", "else", "end", "true", "false",
    "distinct", "as", "select", "from", "where", "date", "timestamp", "cast", "extract", "over", "filter",
})  # fmt: skip


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """(kind, piece): the kinds are text, quoted, number, word and rest; joined, they are the text again."""
    for found in _PIECE.finditer(text):
        yield str(found.lastgroup), found[0]


def is_constant(text: str) -> bool:
    return _CONSTANT.match(text) is not None


def names_in(text: str) -> set[str]:
    """Every dotted or bare word that is not called like a function and is no word of the language."""
    found: set[str] = set()
    every = list(pieces(text))
    for index, (kind, piece) in enumerate(every):
        if kind == "word" and not _is_called(every, index) and piece.lower() not in WORDS:
            found.add(piece)
        elif kind == "quoted":
            found.add(piece[1:-1])
    return found


def with_names(text: str, name: Callable[[str], str | None]) -> str:
    """The same text, each name exchanged for what `name` gives (None keeps it), types called as the language does."""
    every = list(pieces(text))
    out = []
    for index, (kind, piece) in enumerate(every):
        if kind == "quoted":
            out.append(name(piece[1:-1]) or quoted(piece[1:-1]))
        elif kind == "word" and not _is_called(every, index) and piece.lower() not in WORDS:
            out.append(_typed(every, index) or name(piece) or piece)
        else:
            out.append(piece)
    return "".join(out)


def _typed(every: list[tuple[str, str]], index: int) -> str | None:
    """The type in `cast(x as type)`."""
    before = [piece for kind, piece in every[:index] if piece.strip()]
    return _TYPES.get(every[index][1].lower()) if before and before[-1].lower() == "as" else None


def _is_called(every: list[tuple[str, str]], index: int) -> bool:
    after = next((piece for _, piece in every[index + 1 :] if piece.strip()), "")
    return after == "("


def quoted(word: str) -> str:
    """A name as an expression writes it: in double quotes where it is a word of the language, or no plain word."""
    is_plain = re.fullmatch(r"[^\W\d]\w*", word) is not None and word.lower() not in WORDS
    return word if is_plain else '"' + word.replace('"', '""') + '"'


def joined(conditions: tuple[str, ...]) -> str:
    """Conditions that all hold."""
    if len(conditions) == 1:
        return conditions[0]
    return " and ".join(one if _is_single(one) else f"({one})" for one in conditions)


def _is_single(text: str) -> bool:
    return not any(kind == "word" and piece.lower() in {"or", "and", "not"} for kind, piece in pieces(text))
