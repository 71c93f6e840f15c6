"""`data:` of a policy file in, rules about the state of data out."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from loadline.project import codes
from loadline.project.access import (
    AUDIENCE,
    PERSON,
    VERIFIER,
    node_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.rules import Nameable
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import nearest, quoted
from loadline.values.place import Place
from loadline.values.promise import DataState
from loadline.values.ruling import Fate, StateRule


def build_state_rules(
    documents: Sequence[Entries], nameable: Nameable, answerable: frozenset[str] | None, faults: Faults
) -> tuple[StateRule, ...]:
    """Sorted by name: their order means nothing. `answerable` are the owners and people a held answer may wait for."""
    rules: list[StateRule] = []
    first: dict[str, Place] = {}
    for document in documents:
        for written in records_of(document, "data"):
            _check(written, nameable, answerable, faults)
            name, state, fate = (scalar_of(written, key) for key in ("name", "state", "then"))
            if name is None or state is None or fate is None:
                continue
            if name.raw in first:
                said_twice("rule", name.raw, name.place, first[name.raw], faults)
                continue
            first[name.raw] = name.place
            rules.append(_rule(written, name, DataState(state.raw), Fate(fate.raw)))
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _rule(written: Entries, name: Scalar, state: DataState, fate: Fate) -> StateRule:
    node = node_of(written, "who")
    who = node if isinstance(node, Entries) else None
    return StateRule(
        name=name.raw,
        state=state,
        fate=fate,
        ask=text_of(written, "ask"),
        people=texts_of(who, "people") if who else (),
        roles=texts_of(who, "roles") if who else (),
        audiences=texts_of(who, "audiences") if who else (),
        metrics=texts_of(written, "metrics"),
        because=sentence_of(written, "because"),
        place=name.place,
    )


def _check(written: Entries, nameable: Nameable, answerable: frozenset[str] | None, faults: Faults) -> None:
    ask, fate = scalar_of(written, "ask"), scalar_of(written, "then")
    is_held = fate is not None and fate.raw == Fate.HOLD
    if ask is not None:
        refer(ask, answerable, VERIFIER, faults)
    if fate is not None and is_held is not (ask is not None):
        what = "an answer is held, and nobody is named who may release it" if is_held else "`ask` stands without a hold"
        faults.add(
            codes.HOLD_AND_ASK,
            fate.place if is_held else ask.place if ask is not None else written.place,
            what,
            why="what is held waits for somebody: `then: hold` and `ask` are written together or not at all",
            mend="add `ask: NAME`, an owner or person of loadline.yaml" if is_held else "delete `ask`",
        )
    who = node_of(written, "who")
    if isinstance(who, Entries):
        for person in scalars_of(who, "people"):
            refer(person, nameable.people, PERSON, faults)
        for audience in scalars_of(who, "audiences"):
            refer(audience, nameable.audiences, AUDIENCE, faults)
        for role in scalars_of(who, "roles"):
            _must_match(role, "role", nameable.roles, faults)
    for metric in scalars_of(written, "metrics"):
        _must_match(metric, "metric", nameable.metrics, faults)


def _must_match(pattern: Scalar, kind: str, known: frozenset[str] | None, faults: Faults) -> None:
    if known is None or any(fnmatchcase(name, pattern.raw) for name in known):
        return
    near = nearest(pattern.raw, known)
    faults.warn(
        codes.MATCHES_NOTHING,
        pattern.place,
        f"{quoted(pattern.raw)} matches no {kind} of this project",
        why="a rule has no effect on what does not exist; most often such a name is misspelled",
        mend=f"write {quoted(near)}" if near else "correct it, or delete it",
    )
