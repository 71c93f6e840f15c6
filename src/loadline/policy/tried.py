"""Policy tests and what rules may speak of in; out, everything in a test that is never known of what it tries.

A test with a misspelled fact tries something else than it says, and holds for the wrong reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from loadline.policy import codes
from loadline.policy.facts import FactType, Kind, Vocabulary, kind_of
from loadline.values.diagnostic import Diagnostic
from loadline.values.matter import FREE_SQL, TAKEBACK, Fact
from loadline.values.policy_test import PolicyTest, TriedAct

_SAID = {Kind.TEXT: "a text", Kind.NUMBER: "a number", Kind.TRUTH: "true or false", Kind.DATE: "a date",
         Kind.TIME: "a time of day", Kind.LIST: "a list"}  # fmt: skip


def check_tests(tests: Iterable[PolicyTest], vocabulary: Vocabulary) -> tuple[Diagnostic, ...]:
    """Each at the place of its test."""
    return tuple(found for test in tests for found in _faults(test, vocabulary))


def unknown_action(name: str, vocabulary: Vocabulary) -> str | None:
    """How to mend the name of an action that there is not; None where there is one, or none is declared at all."""
    known = {*vocabulary.arguments, FREE_SQL, TAKEBACK}
    if not vocabulary.arguments or name in known:
        return None
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"write `{near[0]}`" if near else f"write one of {', '.join(f'`{one}`' for one in sorted(known)[:8])}"


def _faults(test: PolicyTest, vocabulary: Vocabulary) -> Iterator[Diagnostic]:
    action = test.what.action if isinstance(test.what, TriedAct) else ""
    if action and (mend := unknown_action(action, vocabulary)) is not None:
        yield _wrong(codes.IMPOSSIBLE, test, f"tries the action `{action}`, which there is not", mend)
        return
    facts = vocabulary.facts(test.deed, (action,) if action else ())
    for name, value in test.facts.items():
        if name not in facts:
            near = difflib.get_close_matches(name, facts, n=1, cutoff=0.6)
            mend = f"write `{near[0]}`" if near else "leave it out, or see the facts in the reference"
            what = f"says the fact `{name}`, which is never known of what it tries"
            yield _wrong(codes.UNKNOWN_FACT, test, what, mend)
            continue
        yield from _ill_typed(test, name, value, facts[name])


def _ill_typed(test: PolicyTest, name: str, value: Fact, known: FactType) -> Iterator[Diagnostic]:
    if kind_of(value) is not known.kind:
        what = f"says that `{name}` is `{value}`, and it is {_SAID[known.kind]}"
        yield _wrong(codes.MISTYPED, test, what, f"give it as {_SAID[known.kind]}")
    elif isinstance(value, str) and known.choices is not None and value not in known.choices:
        listed = ", ".join(f"`{one}`" for one in sorted(known.choices)[:8]) or "nothing in this project"
        yield _wrong(codes.IMPOSSIBLE, test, f"says that `{name}` is `{value}`, which it never is", f"write {listed}")


def _wrong(code: str, test: PolicyTest, what: str, mend: str) -> Diagnostic:
    said = f"policy test `{test.name}` {what}"
    return Diagnostic(code=code, what=said, why=codes.CODES[code].why, mend=mend, place=test.place)
