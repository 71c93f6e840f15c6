"""A grammar as text, and tokens, in; where its terminals stand in them out, or None where they do not fit to the end.

A rule is `NAME := items | items`, tried in order. `[ ]` may be left out, `{ }` comes any number of times; a word in
lower case is itself, `a|b` one of several; a word in capitals is a rule or a terminal; a sign is itself. Only what is
written fits: there is no way to skip a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.nodes import OPCLASSES

_RESERVED = frozenset(
    """
select from where into table drop alter create insert update delete merge truncate exec execute grant revoke union
constraint primary foreign check references default not null and or on as set values call declare begin use return
""".split()
)
"""No name, unless it is quoted."""
_OPENING, _CLOSING, _ENDING = frozenset("([{"), frozenset(")]}"), frozenset(",)]}")
_OPERATOR_SIGNS = frozenset("=<>&|-~@#*^%!")
_AFTER_A_FILTER = frozenset({"with", "on", "options"})


@dataclass(frozen=True, slots=True)
class _Word:
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


@dataclass(frozen=True, slots=True)
class _Optional:
    items: tuple[_Item, ...]


@dataclass(frozen=True, slots=True)
class _Repeated:
    items: tuple[_Item, ...]


_Item = _Word | _Named | _Optional | _Repeated
Rules = Mapping[str, tuple[tuple[_Item, ...], ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """`terminal` stands from token `start` to before token `end`."""

    terminal: str
    start: int
    end: int


def rules_of(text: str) -> Rules:
    """The rules of a grammar's text: `NAME := …`, `| …` for another way, anything else goes on with the line before."""
    rules: dict[str, tuple[tuple[_Item, ...], ...]] = {}
    name = ""
    text = re.sub(r"\n +(?![ |])", " ", text)
    for line in filter(None, (one.strip() for one in text.splitlines())):
        head, _, body = line.partition(" := ")
        name, body = (head, body) if body else (name, line)
        alternatives = tuple(_items(iter(one.split())) for one in body.removeprefix("| ").split(" | "))
        rules[name] = (*rules.get(name, ()), *alternatives)
    return rules


def _items(words: object) -> tuple[_Item, ...]:
    found: list[_Item] = []
    for word in words:  # type: ignore[attr-defined]
        match word:
            case "[":
                found.append(_Optional(_items(words)))
            case "{":
                found.append(_Repeated(_items(words)))
            case "]" | "}":
                break
            case _ if word.isupper():
                found.append(_Named(word))
            case _:
                found.append(_Word(frozenset(word.split("|"))))
    return tuple(found)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One attempt. `types` are what a column may be of, `properties` what an option may be called."""

    tokens: Sequence[Token]
    rules: Rules
    types: frozenset[str]
    properties: frozenset[str]
    no_names: frozenset[str] = frozenset()
    found: list[Found] = field(default_factory=list)

    def whole(self, rule: str) -> tuple[Found, ...] | None:
        for items in self.rules[rule]:
            self.found.clear()
            if self._sequence(items, 0) == len(self.tokens):
                return tuple(self.found)
        return None

    def _sequence(self, items: tuple[_Item, ...], at: int) -> int:
        for item in items:
            at = self._item(item, at)
            if at < 0:
                return at
        return at

    def _tried(self, items: tuple[_Item, ...], at: int) -> int:
        mark = len(self.found)
        end = self._sequence(items, at)
        if end < 0:
            del self.found[mark:]
        return end

    def _item(self, item: _Item, at: int) -> int:
        match item:
            case _Word(words=words):
                token = self._at(at)
                fits = (
                    token is not None and token.cut in (Cut.WORD, Cut.SYMBOL) and (token.lower or token.text) in words
                )
                return at + 1 if fits else -1
            case _Optional(items=items):
                return max(at, self._tried(items, at))
            case _Repeated(items=items):
                while (end := self._tried(items, at)) > at:
                    at = end
                return at
            case _Named(name=name):
                return self._named(name, at)

    def _named(self, name: str, at: int) -> int:
        for items in self.rules.get(name, ()):
            end = self._tried(items, at)
            if end >= 0:
                return end
        if name in self.rules:
            return -1
        end = self._terminal(name, at)
        if end > at:
            self.found.append(Found(name, at, end))
        return end

    def _terminal(self, name: str, at: int) -> int:
        match name:
            case "NAME":
                return at + 1 if self._is_name(at) else -1
            case "TARGET" | "SOURCE" | "PATH":
                return self._path(at)
            case "CALL":
                end = self._path(at)
                return self._bracket(end) if end > 0 else -1
            case "EXPR":
                return self._expression(at, frozenset())
            case "BRACKETS":
                token = self._at(at)
                return self._balanced(at) if token is not None and token.text == "[" else -1
            case "OPERATOR":
                return self._operator(at)
            case "FILTER":
                return self._expression(at, _AFTER_A_FILTER)
            case _:
                token = self._at(at)
                return at + 1 if token is not None and self._is_a(name, token) else -1

    def _is_a(self, name: str, token: Token) -> bool:
        match name:
            case "STRING":
                return token.cut is Cut.STRING
            case "NUMBER":
                return token.cut is Cut.NUMBER
            case "PLACE":  # the name of a region, and no address
                return token.cut is Cut.STRING and token.text[1:-1].replace("-", "").isalnum()
            case "TYPENAME":
                return (token.text[1:-1].lower() if token.cut is Cut.QUOTED else token.lower) in self.types
            case "OPCLASS":
                return token.lower in OPCLASSES
            case "PROPERTY":
                return token.lower in self.properties
            case _:
                raise KeyError(name)

    def _at(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def _is_name(self, at: int) -> bool:
        token = self._at(at)
        if token is None or token.cut not in (Cut.WORD, Cut.QUOTED):
            return False
        return token.cut is Cut.QUOTED or (token.text[0] != "@" and token.lower not in _RESERVED | self.no_names)

    def _path(self, at: int) -> int:
        if not self._is_name(at):
            return -1
        at += 1
        while (dot := self._at(at)) is not None and dot.text == "." and self._is_name(at + 1):
            at += 2
        return at

    def _bracket(self, at: int) -> int:
        token = self._at(at)
        return self._balanced(at) if token is not None and token.text == "(" else -1

    def _balanced(self, at: int) -> int:
        depth = 0
        while at < len(self.tokens):
            depth += (self.tokens[at].text in _OPENING) - (self.tokens[at].text in _CLOSING)
            at += 1
            if depth == 0:
                return at
        return -1

    def _operator(self, at: int) -> int:
        end = at
        while (token := self._at(end)) is not None and token.text in _OPERATOR_SIGNS:
            end += 1
        return end if end > at else -1

    def _expression(self, at: int, ends: frozenset[str]) -> int:
        """Up to the comma, bracket or word that ends it."""
        start = at
        while (token := self._at(at)) is not None and token.text not in _ENDING and token.lower not in ends:
            at = self._balanced(at) if token.text in _OPENING else at + 1
            if at < 0:
                return -1
        return at if at > start else -1
