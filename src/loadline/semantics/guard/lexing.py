"""Text and dialect in, tokens as that engine's own scanner would cut them out; comments are not among them.

A guard that reads a comment where the engine reads a statement is no guard. So comments and quotes are found here, by
each engine's rules, and what another parser is given later has its comments blanked out; `agree` then asks that it
cuts every quoted text at the same place. What is read differently under settings of a server is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from loadline.semantics.guard import codes
from loadline.semantics.guard.refusal import Refused

LONGEST = 100_000
"""Characters of one statement that are read at all."""
MOST = 20_000
"""Words and signs of one statement that are read at all."""
DEEPEST = 120
"""Brackets within brackets that are read at all: what reads them later does so by recursion."""


class Cut(StrEnum):
    WORD = "word"
    QUOTED = "quoted identifier"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


class Token(NamedTuple):  # made for every word of every statement: a tuple is made in a third of the time
    """`text` is what was written, with its quotes; `lower` is a word in lower case, empty for anything else."""

    cut: Cut
    text: str
    start: int
    end: int
    lower: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """How an engine cuts text: what starts a comment line, what quotes a string, what an identifier."""

    lines: str
    strings: str
    quoted: str
    nests_comments: bool
    has_dollar_quotes: bool = False
    has_executable_comments: bool = False
    word: str = r"[^\W\d][\w$]*"
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        parts = [
            r"(?P<space>[ \t\n\f]+|\r\n)",
            rf"(?P<line>(?:{self.lines})[^\n]*)",
            r"(?P<block>/\*)",
            *([r"(?P<dollar>\$(?:[^\W\d]\w*)?\$)"] if self.has_dollar_quotes else []),
            rf"(?P<string>{self.strings})",
            rf"(?P<quoted>{self.quoted})",
            rf"(?P<word>{self.word})",
            r"(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)",
            r"(?P<symbol>.)",
        ]
        object.__setattr__(self, "pattern", re.compile("|".join(parts), re.DOTALL))


_PLAIN = r"'(?:[^']|'')*'"
_DOUBLE = r'"(?:[^"]|"")*"'
_DOUBLE_ESCAPED = r'"(?:[^"\\]|\\.|"")*"'
_BACKTICKED = r"`(?:[^`]|``)*`"
_BRACKETED = r"\[(?:[^\]]|\]\])*\]"
_POSTGRES = rf"[eE]'(?:[^'\\]|\\.|'')*'|[bBxXnN]?{_PLAIN}"

LEXICONS: Mapping[str, Lexicon] = {
    "postgres": Lexicon(lines="--", strings=_POSTGRES, quoted=_DOUBLE, nests_comments=True, has_dollar_quotes=True),
    "duckdb": Lexicon(lines="--", strings=_POSTGRES, quoted=_DOUBLE, nests_comments=True, has_dollar_quotes=True),
    "sqlite": Lexicon(
        lines="--", strings=rf"[xX]?{_PLAIN}", quoted=rf"{_DOUBLE}|{_BACKTICKED}|\[[^\]]*\]", nests_comments=False
    ),
    "mysql": Lexicon(
        lines=r"--(?=[\s\x00-\x1f]|\Z)|\#",
        strings=rf"[xXbBnN]?'(?:[^'\\]|\\.|'')*'|{_DOUBLE_ESCAPED}",
        quoted=_BACKTICKED,
        nests_comments=False,
        has_executable_comments=True,
    ),
    "snowflake": Lexicon(
        lines=r"--|//",
        strings=r"[xX]?'(?:[^'\\]|\\.|'')*'|\$\$.*?\$\$",
        quoted=_DOUBLE,
        nests_comments=False,
    ),
    "bigquery": Lexicon(
        lines=r"--|\#",
        strings=(
            r"(?:[rR][bB]?|[bB][rR]?)?(?:'{3}(?:[^\\]|\\.)*?'{3}|"
            r'"{3}(?:[^\\]|\\.)*?"{3}|'
            r"'(?!'')(?:[^'\\\n]|\\.)*'|"
            r'"(?!"")(?:[^"\\\n]|\\.)*")'
        ),
        quoted=r"`(?:[^`\\\n]|\\.)*`",
        nests_comments=False,
    ),
    "tsql": Lexicon(
        lines="--",
        strings=rf"[nN]?{_PLAIN}",
        quoted=rf"{_DOUBLE}|{_BRACKETED}",
        nests_comments=True,
        word=r"[^\W\d][\w$@#]*|@@?[\w$@#]+|\#\#?[\w$@#]+",
    ),
}


_WITHOUT_ESCAPES = Lexicon(
    lines=LEXICONS["mysql"].lines,
    strings=rf"[xXbBnN]?{_PLAIN}|{_DOUBLE}",
    quoted=_BACKTICKED,
    nests_comments=False,
    has_executable_comments=True,
)
"""MySQL in the mode NO_BACKSLASH_ESCAPES."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """The tokens of a text, and the text with its comments blanked out (every token at its old place)."""

    tokens: tuple[Token, ...]
    text: str


def cut(text: str, dialect: str) -> Cuts:
    """Raises Refused (GRD001) for text that no two programs need to read alike."""
    _refuse_strange(text)
    cuts = _cut(text, LEXICONS[dialect])
    _refuse_escapes(cuts.tokens, dialect)
    if dialect == "mysql" and "\\" in text:
        _refuse_mode(text, cuts)
    return cuts


def _cut(text: str, lexicon: Lexicon) -> Cuts:
    tokens: list[Token] = []
    blanked: list[str] = []
    at, depth = 0, 0
    while at < len(text):
        found = lexicon.pattern.match(text, at)
        if found is None:  # DOTALL and a last alternative of any character: only the end has none
            break
        kind, end = str(found.lastgroup), found.end()
        if kind == "block":
            end = _comment_end(text, at, lexicon)
        elif kind == "dollar":
            end = _dollar_end(text, at, found.group())
        if kind in ("space", "line", "block"):
            blanked.append("".join("\n" if one == "\n" else " " for one in text[at:end]))
        else:
            token = _token(kind, text[at:end], at, end)
            depth = _deeper(token, depth)
            tokens.append(token)
            if len(tokens) > MOST:
                raise _unread(f"it has more than {MOST:,} words and signs")
            blanked.append(token.text)
        at = end
    return Cuts(tokens=tuple(tokens), text="".join(blanked))


def _refuse_mode(text: str, cuts: Cuts) -> None:
    """A server in the mode NO_BACKSLASH_ESCAPES ends `'a\\'` at the second quote. Where that gives another statement
    that can be read, nobody knows which one is run."""
    try:
        other = _cut(text, _WITHOUT_ESCAPES)
    except Refused:
        return
    has_stray = any(one.text == "\\" for one in other.tokens)
    if not has_stray and not agree(other, [one.end for one in cuts.tokens if one.cut in (Cut.STRING, Cut.QUOTED)]):
        raise _unread("where a text ends depends on the server's mode (a backslash before a quote)")


def agree(cuts: Cuts, ends: Sequence[int]) -> bool:
    """Whether another tokenizer ends its quoted texts where this one does. `ends` are exclusive."""
    return [one.end for one in cuts.tokens if one.cut in (Cut.STRING, Cut.QUOTED)] == list(ends)


def _token(kind: str, text: str, start: int, end: int) -> Token:
    match kind:
        case "string" | "dollar":
            return Token(Cut.STRING, text, start, end)
        case "quoted":
            if any(unicodedata.category(one) in ("Cc", "Cf") for one in text):
                raise _unread("an invisible character stands inside a quoted name")
            if len(text) == 2:
                raise _unread("a quoted name is empty")
            return Token(Cut.QUOTED, text, start, end)
        case "word":
            _refuse_lookalikes(text)
            return Token(Cut.WORD, text, start, end, text.lower())
        case "number":
            return Token(Cut.NUMBER, text, start, end)
        case _:
            if text in "'\"`":
                raise _unread(f"a quote ({text}) is opened and never closed")
            if not " " < text < "\x7f":
                raise _unread(f"U+{ord(text):04X} stands where no such character has a meaning")
            return Token(Cut.SYMBOL, text, start, end)


def _refuse_strange(text: str) -> None:
    if len(text) > LONGEST:
        raise Refused(codes.UNREAD, f"the text is longer than {LONGEST:,} characters", "send a shorter statement")
    if "\x00" in text:
        raise _unread("it holds a NUL, where some programs stop reading and others go on")
    if re.search(r"\r(?!\n)", text):
        raise _unread("a carriage return stands alone: it ends a comment for some engines and not for others")
    if not text.isascii() and any(0xD800 <= ord(one) <= 0xDFFF for one in text):
        raise _unread("it holds half of a character (a lone surrogate)")


def _refuse_lookalikes(word: str) -> None:
    """`\u017felect` in upper case is `SELECT`, `\uff53elect` normalizes to `select`: not every program folds them."""
    if word.isascii():
        return
    for one in word:
        folded = unicodedata.normalize("NFKC", one)
        if not one.isascii() and (folded != one or (one.lower() + one.upper() + one.casefold()).isascii()):
            raise _unread(f"`{word}` holds U+{ord(one):04X}, which some programs take for another letter")
        if not one.isascii() and any(part.isascii() for part in one.upper() + one.lower()):
            raise _unread(f"`{word}` holds U+{ord(one):04X}, which some programs take for another letter")


def _refuse_escapes(tokens: Sequence[Token], dialect: str) -> None:
    """U&'…' and U&"…" spell characters by number, so that no name says what it is."""
    if dialect not in ("postgres", "duckdb"):
        return
    for one, sign, quoted in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (
            one.lower == "u"
            and sign.text == "&"
            and quoted.cut in (Cut.STRING, Cut.QUOTED)
            and one.end == sign.start
            and sign.end == quoted.start
        ):
            raise _unread("U& spells characters by their number, which hides names")


_COMMENT_SIGN = re.compile(r"/\*|\*/")


def _comment_end(text: str, start: int, lexicon: Lexicon) -> int:
    if lexicon.has_executable_comments and text[start + 2 : start + 3] in ("!", "M", "m", "+"):
        if text[start + 2] == "+":
            _refuse_hints(text[start : text.find("*/", start)])
        elif text[start + 2] == "!" or text[start + 3 : start + 4] == "!":
            raise _unread("a comment of the form /*! … */ is run by some servers and skipped by others")
    depth, at = 0, start
    for found in _COMMENT_SIGN.finditer(text, start):
        if found.start() < at:  # the star of `/*/` is not the start of the closing sign
            continue
        at = found.end()
        if found.group() == "*/":
            depth -= 1
        elif lexicon.nests_comments or depth == 0:
            depth += 1
        if depth == 0:
            return at
    raise _unread("a comment is opened and never closed")


def _refuse_hints(comment: str) -> None:
    if re.search(r"set_var|resource_group", comment.partition("*/")[0], re.IGNORECASE):
        raise Refused(codes.SESSION, "a hint sets a variable or a resource group of the session", "leave the hint out")


def _dollar_end(text: str, start: int, mark: str) -> int:
    end = text.find(mark, start + len(mark))
    if end < 0:
        raise _unread(f"a text that {mark} opens is never closed")
    return end + len(mark)


def _deeper(token: Token, depth: int) -> int:
    if token.cut is not Cut.SYMBOL:
        return depth
    if token.text in "([{":
        depth += 1
    elif token.text in ")]}":
        depth -= 1
    if depth > DEEPEST:
        raise _unread(f"brackets are nested deeper than {DEEPEST}")
    return depth


def _unread(why: str) -> Refused:
    return Refused(codes.UNREAD, why, "write the statement in plain characters, without what is named here")
