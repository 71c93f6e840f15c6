"""Rules and the facts there are in; everything in their conditions that is unknown, ill-typed or impossible out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from loadline.policy import codes
from loadline.policy.conditions import (
    ORDERED,
    Among,
    Both,
    Compare,
    Condition,
    Contains,
    Either,
    Fault,
    Name,
    Not,
    Operand,
    Present,
    Truth,
    Value,
    read_condition,
)
from loadline.policy.facts import FACTS, FactType, Kind, Vocabulary, kind_of
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Deed, Rate, RowBound, Rule, Total
from loadline.values.text import Text

_ARTICLE = {Kind.TEXT: "a text", Kind.NUMBER: "a number", Kind.TRUTH: "true or false", Kind.DATE: "a date",
            Kind.TIME: "a time of day", Kind.LIST: "a list"}  # fmt: skip
_EXAMPLE = {Kind.TEXT: "'north'", Kind.NUMBER: "100", Kind.TRUTH: "true", Kind.DATE: "2026-12-31", Kind.TIME: "09:00"}


def check_rules(rules: Iterable[Rule], vocabulary: Vocabulary) -> tuple[Diagnostic, ...]:
    """What is wrong with conditions and totals, each at its place in the user's file."""
    found: list[Diagnostic] = []
    for rule in rules:
        facts = vocabulary.facts(Deed(rule.action), rule.actions)
        if rule.when is not None:
            found += [_diagnostic(rule.when, fault) for fault in _faults(rule, rule.when, facts)]
        found += _totals(rule, facts)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Said:
    code: str
    fault: Fault


def _diagnostic(text: Text, said: _Said) -> Diagnostic:
    fault = said.fault
    is_one_line = "\n" not in text.value[: fault.at]
    return Diagnostic(
        code=said.code,
        what=fault.what,
        why=codes.CODES[said.code].why,
        mend=fault.mend,
        place=text.place.within(fault.at, fault.length) if is_one_line else text.place,
    )


def _faults(rule: Rule, text: Text, facts: Mapping[str, FactType]) -> Iterator[_Said]:
    try:
        condition = read_condition(text.value)
    except Fault as fault:
        yield _Said(codes.UNREADABLE, fault)
        return
    yield from _Typing(rule, facts).faults(condition)


@dataclass(frozen=True, slots=True)
class _Typing:
    rule: Rule
    facts: Mapping[str, FactType]

    def faults(self, condition: Condition) -> Iterator[_Said]:
        match condition:
            case Both(parts=parts) | Either(parts=parts):
                for part in parts:
                    yield from self.faults(part)
            case Not(part=part):
                yield from self.faults(part)
            case Present(name=name):
                yield from self._unknown(name)
            case Truth(name=name):
                yield from self._of_kind(name, Kind.TRUTH)
            case Compare(left=left, op=op, right=right):
                yield from self._compare(left, op, right)
            case Among(left=left, values=values):
                for value in values:
                    yield from self._compare(left, "=", value)
            case Contains(left=left, values=values):
                yield from self._contains(left, values)
            case _:
                assert_never(condition)

    def _unknown(self, operand: Operand) -> Iterator[_Said]:
        if not isinstance(operand, Name) or operand.name in self.facts:
            return
        name, deed = operand.name, self.rule.action
        if name in FACTS:
            deeds = " or ".join(f"`{one}`" for one in sorted(FACTS[name].deeds))
            what = f"`{name}` is not known of what a rule about `{deed}` judges"
            yield _Said(codes.UNKNOWN_FACT, _fault(operand, what, f"write a rule about {deeds}, or leave it out"))
            return
        if name.startswith("args."):
            what = f"not every action this rule is about has an argument `{name.removeprefix('args.')}` of one type"
            known = sorted(one for one in self.facts if one.startswith("args."))
            mend = _instead(name, known) or "name the actions that have it: `on: {actions: [refund]}`"
            yield _Said(codes.UNKNOWN_FACT, _fault(operand, what, mend))
            return
        what = f"there is no fact `{name}`"
        mend = (
            _instead(name, self.facts) or f"write a text in quotes (`'{name}'`), or one of the facts in the reference"
        )
        yield _Said(codes.UNKNOWN_FACT, _fault(operand, what, mend))

    def _kind(self, operand: Operand) -> Kind | None:
        match operand:
            case Value(value=value):
                return kind_of(value)
            case Name(name=name):
                return self.facts[name].kind if name in self.facts else None
            case _:
                assert_never(operand)

    def _of_kind(self, operand: Operand, kind: Kind) -> Iterator[_Said]:
        yield from self._unknown(operand)
        found = self._kind(operand)
        if found is not None and found is not kind:
            mend = f"compare it: `{_text_of(operand)} = {_EXAMPLE.get(found, '…')}`"
            if found is Kind.LIST:
                mend = f"write `{_text_of(operand)} contains 'name'`"
            what = f"`{_text_of(operand)}` is {_ARTICLE[found]}, and no condition by itself"
            yield _Said(codes.MISTYPED, _fault(operand, what, mend))

    def _compare(self, left: Operand, op: str, right: Operand) -> Iterator[_Said]:
        yield from self._unknown(left)
        yield from self._unknown(right)
        first, second = self._kind(left), self._kind(right)
        if first is None or second is None:
            return
        if Kind.LIST in {first, second}:
            what = f"`{_text_of(left if first is Kind.LIST else right)}` is a list, which nothing is compared with"
            yield _Said(codes.MISTYPED, _fault(left, what, f"write `{_text_of(left)} contains …`"))
        elif first is not second:
            what = f"`{_text_of(left)}` is {_ARTICLE[first]}, and `{_text_of(right)}` {_ARTICLE[second]}"
            yield _Said(codes.MISTYPED, _fault(right, what, f"compare it with {_ARTICLE[first]}: `{_EXAMPLE[first]}`"))
        elif op not in {"=", "<>"} and first not in ORDERED:
            what = f"`{op}` compares numbers, dates and times, and `{_text_of(left)}` is {_ARTICLE[first]}"
            yield _Said(codes.MISTYPED, _fault(left, what, "write `=`, `<>` or `in (…)`"))
        else:
            yield from self._possible(left, right)
            yield from self._possible(right, left)

    def _possible(self, fact: Operand, value: Operand) -> Iterator[_Said]:
        """A text that the fact can never be: most often it is misspelled."""
        match fact, value:
            case Name(name=name), Value(value=str() as text):
                choices = self.facts[name].choices
                if choices is not None and text not in choices:
                    near = _instead(text, choices, quote="'")
                    listed = ", ".join(f"`{one}`" for one in sorted(choices)[:8]) or "nothing in this project"
                    what = f"`{name}` is never `{text}`"
                    yield _Said(codes.IMPOSSIBLE, _fault(value, what, near or f"write one of {listed}"))

    def _contains(self, left: Operand, values: tuple[Value, ...]) -> Iterator[_Said]:
        yield from self._unknown(left)
        kind = self._kind(left)
        if kind is not None and kind is not Kind.LIST:
            what = f"`{_text_of(left)}` is {_ARTICLE[kind]}, and no list"
            yield _Said(codes.MISTYPED, _fault(left, what, "write `=` or `in (…)`"))
            return
        for value in values:
            if kind_of(value.value) is not Kind.TEXT:
                what = f"a list holds texts, and `{_text_of(value)}` is {_ARTICLE[kind_of(value.value)]}"
                yield _Said(codes.MISTYPED, _fault(value, what, "put it in quotes"))
            elif kind is not None:
                yield from self._possible(left, value)


def _totals(rule: Rule, facts: Mapping[str, FactType]) -> Iterator[Diagnostic]:
    for limit in rule.limits:
        match limit:
            case Total(fact=fact) if fact not in facts or facts[fact].kind is not Kind.NUMBER:
                numbers = [name for name, one in facts.items() if one.kind is Kind.NUMBER and name != "hour"]
                yield Diagnostic(
                    code=codes.UNKNOWN_FACT,
                    what=f"rule `{rule.name}` adds up `{fact}`, which is no number that is known of what it judges",
                    why=codes.CODES[codes.UNKNOWN_FACT].why,
                    mend=_instead(fact, numbers)
                    or f"add up one of {', '.join(f'`{one}`' for one in numbers) or 'an act'}",
                    place=rule.place,
                )
            case Rate() | RowBound() | Total():
                continue
            case _:
                assert_never(limit)


def _text_of(operand: Operand) -> str:
    match operand:
        case Name(name=name):
            return name
        case Value(value=value):
            return str(value).lower() if isinstance(value, bool) else str(value)
        case _:
            assert_never(operand)


def _fault(operand: Operand, what: str, mend: str) -> Fault:
    return Fault(operand.at, operand.length, what, mend)


def _instead(name: str, known: Iterable[str], quote: str = "") -> str | None:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"write `{quote}{near[0]}{quote}`" if near else None
