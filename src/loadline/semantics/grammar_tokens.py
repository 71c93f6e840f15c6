"""The text of an expression in, its tokens out; or `Unread`, which says where reading stopped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


class Unread(Exception):  # becomes a diagnostic, never shown as an error
    """Reading stopped at `at`: `what` is a clause, `mend` an imperative."""

    def __init__(self, what: str, mend: str, *, at: int, length: int = 1) -> None:
        super().__init__(what)
        self.what, self.mend, self.at, self.length = what, mend, at, length


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    kind: str  # word, quoted, text, number, sign, end
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<comment>--|/\*)
    | (?P<sign><>|!=|<=|>=|\|\||[-+*/%<>=(),.\[\]])
    )""",
    re.VERBOSE,
)


def tokens_of(text: str) -> list[Token]:
    tokens: list[Token] = []
    at, stop = 0, len(text.rstrip())
    while at < stop:
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            if text[at] in "'\"":
                raise Unread(f"the quote {text[at]} is never closed", f"add the closing {text[at]}", at=at)
            raise Unread(f"`{text[at]}` has no meaning in an expression", f"remove `{text[at]}`", at=at)
        kind = str(found.lastgroup)
        if kind == "comment":
            raise Unread(
                "a comment stands in the expression", "move the comment into `description`", at=found.start(kind)
            )
        tokens.append(Token(kind=kind, text=found[kind], at=found.start(kind)))
        at = found.end()
    tokens.append(Token(kind="end", text="", at=stop))
    return tokens


def number_of(text: str) -> int | Decimal:
    return int(text) if text.isdigit() else Decimal(text)


def moment_of(word: str, token: Token) -> date | datetime:
    written = token.text[1:-1]
    try:
        return date.fromisoformat(written) if word == "date" else datetime.fromisoformat(written)
    except ValueError:
        form = "2025-01-31" if word == "date" else "2025-01-31 12:00:00"
        raise Unread(
            f"`{written}` is not a {word}", f"write it as `{word} '{form}'`", at=token.at, length=len(token.text)
        ) from None
