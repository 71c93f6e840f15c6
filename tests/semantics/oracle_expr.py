"""Expression text in, a small tree out.

The slow twin of the compiler's reader: its own tokenizer and its own precedence. It shares no code and no parser with
the compiler, so that a misreading shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

Value = object


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    args: tuple[Node, ...]
    is_distinct: bool = False


@dataclass(frozen=True, slots=True)
class Op:
    """An operator and its operands: `+ - * / % || = <> < <= > >= and or not neg like between in is-null`."""

    sign: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case:
    subject: Node | None
    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Cast:
    arg: Node
    type: str


Node = Literal | Name | Call | Op | Case | Cast

AGGREGATES = frozenset({"sum", "count", "avg", "min", "max", "median", "percentile"})

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign><>|!=|<=|>=|\|\||[-+*/%=<>(),.]))"
)
_WORDS = frozenset({
    "and", "or", "not", "case", "when", "then", "else", "end", "in", "between", "like", "is", "null", "true",
    "false", "cast", "as", "distinct", "date", "extract", "from",
})  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Raises ValueError where the text is not of the language."""
    reader = _Reader(list(_tokens(text)))
    node = reader.disjunction()
    if reader.peek() is not None:
        raise ValueError(f"left over at {reader.peek()!r} in {text!r}")
    return node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"no token at {text[at:]!r}")
        at = found.end()
        kind = found.lastgroup or ""
        word = found.group(kind)
        if kind == "word" and word.lower() in _WORDS:
            yield "keyword", word.lower()
        else:
            yield kind, word


class _Reader:
    """One token ahead, one method per level of precedence, loosest first."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *words: str) -> str | None:
        token = self.peek()
        if token and token[0] in ("keyword", "sign") and token[1] in words:
            self.at += 1
            return token[1]
        return None

    def need(self, word: str) -> None:
        if self.take(word) is None:
            raise ValueError(f"expected {word!r}, found {self.peek()!r}")

    def disjunction(self) -> Node:
        node = self.conjunction()
        while self.take("or"):
            node = Op("or", (node, self.conjunction()))
        return node

    def conjunction(self) -> Node:
        node = self.negation()
        while self.take("and"):
            node = Op("and", (node, self.negation()))
        return node

    def negation(self) -> Node:
        if self.take("not"):
            return Op("not", (self.negation(),))
        return self.comparison()

    def comparison(self) -> Node:
        node = self.sum()
        while True:
            if sign := self.take("=", "<>", "!=", "<", "<=", ">", ">="):
                node = Op("<>" if sign == "!=" else sign, (node, self.sum()))
            elif self.take("is"):
                is_not = bool(self.take("not"))
                self.need("null")
                node = _maybe_not(Op("is-null", (node,)), is_not=is_not)
            else:
                is_not = bool(self.take("not"))
                if self.take("in"):
                    node = _maybe_not(Op("in", (node, *self.list_of())), is_not=is_not)
                elif self.take("like"):
                    node = _maybe_not(Op("like", (node, self.sum())), is_not=is_not)
                elif self.take("between"):
                    low = self.sum()
                    self.need("and")
                    node = _maybe_not(Op("between", (node, low, self.sum())), is_not=is_not)
                else:
                    return node

    def list_of(self) -> tuple[Node, ...]:
        self.need("(")
        return self.items()

    def items(self) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.take(")"):
            items.append(self.disjunction())
            self.take(",")
        return tuple(items)

    def sum(self) -> Node:
        node = self.product()
        while sign := self.take("+", "-", "||"):
            node = Op(sign, (node, self.product()))
        return node

    def product(self) -> Node:
        node = self.factor()
        while sign := self.take("*", "/", "%"):
            node = Op(sign, (node, self.factor()))
        return node

    def factor(self) -> Node:
        if self.take("-"):
            return Op("neg", (self.factor(),))
        if self.take("("):
            node = self.disjunction()
            self.need(")")
            return node
        for word, value in (("null", None), ("true", True), ("false", False)):
            if self.take(word):
                return Literal(value)
        if self.take("case"):
            return self.case()
        if self.take("cast"):
            return self.cast()
        if self.take("extract"):
            return self.extract()
        return self.atom()

    def case(self) -> Node:
        token = self.peek()
        subject = None if token and token[1] == "when" else self.disjunction()
        whens: list[tuple[Node, Node]] = []
        while self.take("when"):
            condition = self.disjunction()
            self.need("then")
            whens.append((condition, self.disjunction()))
        otherwise = self.disjunction() if self.take("else") else Literal(None)
        self.need("end")
        return Case(subject, tuple(whens), otherwise)

    def cast(self) -> Node:
        self.need("(")
        arg = self.disjunction()
        self.need("as")
        token = self.tokens[self.at]
        self.at += 1
        self.need(")")
        return Cast(arg, token[1].lower())

    def extract(self) -> Node:
        self.need("(")
        part = self.tokens[self.at][1].lower()
        self.at += 1
        self.need("from")
        arg = self.disjunction()
        self.need(")")
        return Call("extract", (Literal(part), arg))

    def atom(self) -> Node:
        token = self.peek()
        if token is None:
            raise ValueError("the text ends too early")
        kind, word = token
        self.at += 1
        following = self.peek()
        if kind == "number":
            return Literal(Decimal(word) if "." in word else int(word))
        if kind == "string":
            return Literal(_unquoted(word))
        if kind == "keyword" and word == "date":
            if following and following[0] == "string":
                self.at += 1
                return Literal(date.fromisoformat(_unquoted(following[1])))
            kind = "word"
        if kind == "word" and following == ("sign", "("):
            self.at += 1
            is_distinct = bool(self.take("distinct"))
            return Call(word.lower(), self.items(), is_distinct)
        if kind in ("word", "quoted"):
            parts = [_plain_name(kind, word)]
            while self.take("."):
                kind, word = self.tokens[self.at]
                self.at += 1
                parts.append(_plain_name(kind, word))
            return Name(tuple(parts))
        raise ValueError(f"unexpected {word!r}")


def _maybe_not(node: Node, *, is_not: bool) -> Node:
    return Op("not", (node,)) if is_not else node


def _unquoted(word: str) -> str:
    return word[1:-1].replace("''", "'")


def _plain_name(kind: str, word: str) -> str:
    return word[1:-1].replace('""', '"') if kind == "quoted" else word


def names_in(node: Node) -> Iterator[Name]:
    match node:
        case Name():
            yield node
        case Call() | Op():
            for arg in node.args:
                yield from names_in(arg)
        case Cast():
            yield from names_in(node.arg)
        case Case():
            parts = [*(n for pair in node.whens for n in pair), node.otherwise]
            for part in parts if node.subject is None else [node.subject, *parts]:
                yield from names_in(part)
        case Literal():
            pass
