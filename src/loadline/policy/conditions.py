"""The text of a rule's `when` in, a condition out: read, typed against the facts there are, and judged.

Total and finite: comparisons of facts and values, joined by `and`, `or`, `not`; no functions, no arithmetic, no loops.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, NoReturn, assert_never

from loadline.policy.facts import Kind, kind_of
from loadline.values.matter import Fact


class Fault(Exception):
    """Something wrong in a condition: where it begins, how long it is, what, and what to do."""

    def __init__(self, at: int, length: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.at, self.length, self.what, self.mend = at, max(1, length), what, mend


class NotKnown(Exception):
    """A fact that a rule needs is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    value: Fact
    at: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    name: str
    at: int
    length: int


Operand = Value | Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`op` is one of `= <> < <= > >=`."""

    left: Operand
    op: str
    right: Operand


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    left: Operand
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains:
    """A list has one of the values in it."""

    left: Operand
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    part: Condition


Condition = Compare | Among | Contains | Present | Truth | Both | Either | Not

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<date>\d{4}-\d{2}-\d{2}\b)|(?P<time>\d{1,2}:\d{2}(?::\d{2})?\b)|(?P<number>-?\d[\d_]*(?:\.\d+)?\b)"
    r"""|(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<op><>|!=|<=|>=|=|<|>)|(?P<mark>[(),])"
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "present", "absent", "contains", "between", "true", "false", "any"})
_DEEPEST = 40
ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIME})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "name" and self.text.lower() in _WORDS else ""


def read_condition(text: str) -> Condition:
    """Raises Fault where it is none."""
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Condition:
        found = self._either()
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            raise Fault(
                token.at, len(token.text), f"`{token.text}` is not expected here", "join conditions by `and` or `or`"
            )
        return found

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _word(self, *words: str) -> bool:
        token = self._peek()
        if token is None or token.word not in words:
            return False
        self._next += 1
        return True

    def _mark(self, mark: str) -> bool:
        token = self._peek()
        if token is None or token.kind != "mark" or token.text != mark:
            return False
        self._next += 1
        return True

    def _missing(self, what: str) -> NoReturn:
        token = self._peek()
        if token is None:
            raise Fault(len(self._text.rstrip()), 1, f"the condition ends where {what} is expected", f"write {what}")
        raise Fault(token.at, len(token.text), f"`{token.text}` stands where {what} is expected", f"write {what}")

    def _either(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Fault(0, len(self._text), "the condition is nested too deeply", "write several rules")
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        self._depth -= 1
        return Either(parts=tuple(parts)) if len(parts) > 1 else parts[0]

    def _both(self) -> Condition:
        parts = [self._not()]
        while self._word("and"):
            parts.append(self._not())
        return Both(parts=tuple(parts)) if len(parts) > 1 else parts[0]

    def _not(self) -> Condition:
        nots = 0
        while self._word("not"):
            nots += 1
        found = self._one()
        return Not(part=found) if nots % 2 else found

    def _one(self) -> Condition:
        if self._mark("("):
            inner = self._either()
            if not self._mark(")"):
                self._missing("`)`")
            return inner
        left = self._operand()
        if self._word("is"):
            return self._presence(left)
        is_not = self._word("not")
        found = self._compared(left)
        if is_not and not isinstance(found, Among | Both):
            raise Fault(
                _at(left),
                1,
                "`not` stands before `in` or `between`, or before a whole condition",
                "write `not` in front",
            )
        return Not(part=found) if is_not else found

    def _presence(self, left: Operand) -> Condition:
        is_not = self._word("not")
        is_absent = self._word("absent")
        if not is_absent and not self._word("present"):
            self._missing("`present` or `absent`")
        if not isinstance(left, Name):
            raise Fault(left.at, left.length, "only a fact can be present or absent", "write the name of a fact")
        return Not(part=Present(name=left)) if is_absent is not is_not else Present(name=left)

    def _compared(self, left: Operand) -> Condition:
        token = self._peek()
        if token is not None and token.kind == "op":
            self._next += 1
            op = "<>" if token.text == "!=" else token.text
            return Compare(left=left, op=op, right=self._operand())
        if self._word("in"):
            return Among(left=left, values=self._values())
        if self._word("between"):
            low = self._operand()
            if not self._word("and"):
                self._missing("`and`")
            high = self._operand()
            return Both(parts=(Compare(left=left, op=">=", right=low), Compare(left=left, op="<=", right=high)))
        if self._word("contains"):
            values = self._values() if self._word("any") else (self._value(),)
            return Contains(left=left, values=values)
        if not isinstance(left, Name):
            self._missing("a comparison, such as `=`")
        return Truth(name=left)

    def _values(self) -> tuple[Value, ...]:
        if not self._mark("("):
            self._missing("`(`")
        values = [self._value()]
        while self._mark(","):
            values.append(self._value())
        if not self._mark(")"):
            self._missing("`)`")
        return tuple(values)

    def _value(self) -> Value:
        found = self._operand()
        if isinstance(found, Name):
            raise Fault(
                found.at, found.length, f"`{found.name}` is no value", f"write a text in quotes: `'{found.name}'`"
            )
        return found

    def _operand(self) -> Operand:
        token = self._peek()
        if token is None or token.kind in {"mark", "op"} or token.word not in {"", "true", "false"}:
            self._missing("the name of a fact, or a value")
        self._next += 1
        if token.kind == "name" and not token.word:
            return Name(name=token.text, at=token.at, length=len(token.text))
        return Value(value=_read_value(token), at=token.at, length=len(token.text))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Fault(at, 1, f"`{text[at]}` cannot be read here", "put texts in quotes: `'north'`")
        if found.lastgroup != "space":
            yield _Token(kind=str(found.lastgroup), text=found.group(), at=at)
        at = found.end()


def _read_value(token: _Token) -> Fact:
    text = token.text
    try:
        match token.kind:
            case "date":
                return date.fromisoformat(text)
            case "time":
                return time.fromisoformat(text.zfill(5) if text.count(":") == 1 else text.zfill(8))
            case "number":
                return Decimal(text.replace("_", ""))
            case "text":
                return text[1:-1].replace(text[0] * 2, text[0])
    except ValueError as error:
        raise Fault(token.at, len(text), f"there is no {token.kind} `{text}`", "correct it") from error
    return token.word == "true"


def _at(operand: Operand) -> int:
    return operand.at


# -- judged

Judge = Callable[[Mapping[str, Fact]], bool]
_Get = Callable[[Mapping[str, Fact]], Fact]


def judge_of(condition: Condition) -> Judge:
    """The condition as a function of facts. It raises NotKnown where a fact it needs is not there, and TypeError where
    one is of another type than what it is compared with."""
    match condition:
        case Both(parts=(left, right)):  # said again, because nearly every condition is of two parts
            one, other = judge_of(left), judge_of(right)
            return lambda facts: one(facts) and other(facts)
        case Both(parts=parts):
            every = tuple(map(judge_of, parts))
            return lambda facts: all(part(facts) for part in every)
        case Either(parts=parts):
            some = tuple(map(judge_of, parts))
            return lambda facts: any(part(facts) for part in some)
        case Not(part=part):
            negated = judge_of(part)
            return lambda facts: not negated(facts)
        case Present(name=Name(name=name)):
            return lambda facts: name in facts
        case Truth(name=name):
            truth = _getter(name, Kind.TRUTH)
            return lambda facts: truth(facts) is True
        case Compare(left=left, op=op, right=right):
            return _comparison(left, op, right)
        case Among(left=left, values=values):
            known = frozenset(value.value for value in values)
            of = _getter(left, _one_kind(values))
            return lambda facts: of(facts) in known
        case Contains(left=left, values=values):
            wanted = frozenset(value.value for value in values)
            held = _getter(left, Kind.LIST)
            return lambda facts: not wanted.isdisjoint(held(facts))  # type: ignore[arg-type]
        case _:
            assert_never(condition)


def _one_kind(values: tuple[Value, ...]) -> Kind:
    kinds = {kind_of(value.value) for value in values}
    if len(kinds) != 1:
        raise Fault(values[0].at, 1, "the values are of several types", "write values of one type")
    return kinds.pop()


def _getter(operand: Operand, kind: Kind | None = None) -> _Get:
    match operand:
        case Value(value=value):
            return lambda _: value
        case Name(name=name):
            usual = _USUAL.get(kind) if kind is not None else None

            def get(facts: Mapping[str, Fact]) -> Fact:
                found = facts.get(name)
                if found is None:
                    raise NotKnown(f"`{name}` is not known")
                if type(found) is not usual and kind is not None and kind_of(found) is not kind:
                    raise TypeError(f"`{name}` is not {kind}")
                return found

            return get
        case _:
            assert_never(operand)


_USUAL: Mapping[Kind, type] = {
    Kind.TEXT: str, Kind.TRUTH: bool, Kind.NUMBER: int, Kind.DATE: date, Kind.TIME: time, Kind.LIST: frozenset,
}  # fmt: skip
_OPERATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _comparison(left: Operand, op: str, right: Operand) -> Judge:
    operation = _OPERATIONS[op]
    match left, right:
        case Name(), Value(value=value):  # by far the most common, and the kind of one side is known beforehand
            kind = kind_of(value)
            _refuse_order(op, kind)
            get = _getter(left, kind)
            return lambda facts: operation(get(facts), value)
    first, second = _getter(left), _getter(right)

    def compared(facts: Mapping[str, Fact]) -> bool:
        a, b = first(facts), second(facts)
        kind = kind_of(a)
        if kind is not kind_of(b):
            raise TypeError(f"`{op}` compares values of one type")
        _refuse_order(op, kind)
        return operation(a, b)

    return compared


def _refuse_order(op: str, kind: Kind) -> None:
    if kind is Kind.LIST or (op not in {"=", "<>"} and kind not in ORDERED):
        raise TypeError(f"`{op}` does not compare values of type {kind}")
