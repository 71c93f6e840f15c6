"""Fitted policy tests in, linked ones out; a fact of the wrong type, and a name that does not exist, is said to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from loadline.project import codes
from loadline.project.access import (
    AUDIENCE,
    PERSON,
    entries_of,
    is_set,
    node_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.nouns import Person
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import quoted
from loadline.values.matter import Fact
from loadline.values.place import Place
from loadline.values.policy_test import PolicyTest, TriedAct
from loadline.values.request import Written
from loadline.values.rule import Deed, Effect, EffectClass, Principal


def build_policy_tests(
    documents: list[Entries], people: Mapping[str, Person] | None, audiences: frozenset[str] | None, faults: Faults
) -> tuple[PolicyTest, ...]:
    """In the order of their names."""
    tests: dict[str, PolicyTest] = {}
    for document in documents:
        for written in records_of(document, "tests"):
            name = scalar_of(written, "name")
            if name is None:
                continue
            if name.raw in tests:
                said_twice("policy test", name.raw, name.place, tests[name.raw].place, faults)
                continue
            found = _test(written, name, people, audiences, faults)
            if found is not None:
                tests[name.raw] = found
    return tuple(tests[name] for name in sorted(tests))


def _test(
    written: Entries,
    name: Scalar,
    people: Mapping[str, Person] | None,
    audiences: frozenset[str] | None,
    faults: Faults,
) -> PolicyTest | None:
    principal = _principal(written, people, audiences, faults)
    expect = text_of(written, "expect")
    deed = next((one for one in Deed if one.value in written.entries), None)
    what = node_of(written, deed.value) if deed is not None else None
    if principal is None or expect is None or deed is None or not isinstance(what, Entries):
        return None
    return PolicyTest(
        name=name.raw,
        principal=principal,
        deed=deed,
        what=_act(what) if deed is Deed.ACT else _question(what),
        facts=_facts(written, faults),
        expect=Effect(expect),
        rules=frozenset(texts_of(written, "rules")) if "rules" in written.entries else None,
        place=name.place,
    )


def _principal(
    written: Entries, people: Mapping[str, Person] | None, audiences: frozenset[str] | None, faults: Faults
) -> Principal | None:
    who = node_of(written, "who")
    person = who if isinstance(who, Scalar) else scalar_of(who, "person") if isinstance(who, Entries) else None
    if person is None or not refer(person, frozenset(people) if people is not None else None, PERSON, faults):
        return None
    known = (people or {}).get(person.raw)
    if not isinstance(who, Entries):
        return known.principal() if known is not None else Principal(name=person.raw)
    audience = scalar_of(who, "audience")
    if audience is not None:
        refer(audience, audiences, AUDIENCE, faults)
    roles = texts_of(who, "roles") if "roles" in who.entries else known.roles if known is not None else ()
    return Principal(
        name=person.raw,
        roles=roles,
        audience=audience.raw if audience is not None else known.audience if known is not None else None,
        purpose=text_of(who, "purpose"),
        agent=text_of(who, "agent"),
    )


def _question(what: Entries) -> Written:
    return Written(
        metrics=texts_of(what, "metrics"),
        by=texts_of(what, "by"),
        where=texts_of(what, "where"),
        conditions=texts_of(what, "conditions"),
        is_detail=is_set(what, "rows"),
    )


def _act(what: Entries) -> TriedAct:
    effect = text_of(what, "effect")
    return TriedAct(
        action=text_of(what, "action") or "",
        effect=EffectClass(effect) if effect else None,
        tables=texts_of(what, "tables"),
        writes=texts_of(what, "writes"),
        columns=texts_of(what, "columns"),
        classifications=texts_of(what, "classifications"),
    )


def _facts(written: Entries, faults: Faults) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, entry in entries_of(written, "facts").items():
        if isinstance(entry.value, Scalar) and (value := _fact(name, entry.value, faults)) is not None:
            facts[name] = value
    return facts


def _fact(name: str, scalar: Scalar, faults: Faults) -> Fact | None:
    """A date and a time of day are written as text, as YAML has none."""
    if name in {"date", "time"}:
        try:
            return date.fromisoformat(scalar.raw) if name == "date" else time.fromisoformat(scalar.raw)
        except ValueError:
            _malformed(name, scalar.place, scalar.raw, faults)
            return None
    value = scalar.value
    if value is None or isinstance(value, float):
        return None
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _malformed(name: str, place: Place, text: str, faults: Faults) -> None:
    faults.add(
        codes.MALFORMED,
        place,
        f"the fact {quoted(name)} is {quoted(text)}",
        why=f"{quoted(name)} is a {'day' if name == 'date' else 'time of day'}",
        mend="write it like `2026-12-31`" if name == "date" else 'write it like `"09:00"`',
    )
