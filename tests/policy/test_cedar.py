"""Our decisions against Cedar's own, over generated rules and matters: the export means what we mean."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.policy import cedar, decide, effect_of
from loadline.policy.facts import FactType, Kind, Vocabulary
from loadline.values.matter import Matter
from loadline.values.rule import Approval, Deed, Effect, Principal, Rule
from loadline.values.text import Text

from .test_brute_force import HERE, random_matter, rules

EXAMPLES, MATTERS = 50, 40  # 2,000 matters, each of them several requests


def cedars(policies: cedarpy.PolicySet, some: Sequence[Matter]) -> list[Effect]:
    """What Cedar decides of each: at once, else once it is approved."""
    permitted = allowed(policies, some, is_approved=False)
    others = [at for at, is_permitted in enumerate(permitted) if not is_permitted]
    held = dict(zip(others, allowed(policies, [some[at] for at in others], is_approved=True), strict=True))
    return [
        Effect.PERMIT if is_permitted else Effect.HOLD if held[at] else Effect.FORBID
        for at, is_permitted in enumerate(permitted)
    ]


def allowed(policies: cedarpy.PolicySet, some: Sequence[Matter], *, is_approved: bool) -> list[bool]:
    """Those of one person with the same roles are asked together."""
    found = [False] * len(some)
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for at, matter in enumerate(some):
        groups.setdefault((matter.principal.name, matter.principal.roles), []).append(at)
    for members in groups.values():
        asked = [(at, cedar.requests_of(some[at], is_approved=is_approved)) for at in members]
        entities = {str(entity["uid"]): entity for _, one in asked for entity in one.entities}
        requests = [request for _, one in asked for request in one.requests]
        results = iter(cedarpy.is_authorized_batch(requests, policies, list(entities.values())))
        for at, one in asked:
            answers = list(itertools.islice(results, len(one.requests)))
            assert not any(answer.diagnostics.errors for answer in answers), "Cedar stumbles over nothing"
            found[at] = all(answer.allowed for answer in answers)
    return found


@settings(max_examples=EXAMPLES)
@given(st.lists(rules(), min_size=1, max_size=9, unique_by=lambda rule: rule.name), st.integers())
def test_cedar_decides_the_same(written: list[Rule], seed: int) -> None:
    policies = cedarpy.PolicySet.from_str(cedar.policies(written))
    rng = random.Random(seed)  # noqa: S311 - cases, no secrets
    some = [random_matter(rng) for _ in range(MATTERS)]
    assert cedars(policies, some) == [effect_of(decide(written, matter)) for matter in some]


ARGUMENTS = {
    "refund": {
        "region": FactType(kind=Kind.TEXT, means="where", is_always=False),
        "units": FactType(kind=Kind.NUMBER, means="how many"),
    }
}


def rule(name: str, effect: Effect, deed: Deed, when: str | None = None, **more: object) -> Rule:
    made = Rule(name=name, effect=effect, action=deed, when=Text(value=when, place=HERE) if when else None, place=HERE)
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_export_passes_cedars_own_validator() -> None:
    written = (
        rule("analysts", Effect.PERMIT, Deed.ASK, "weekday <> 'sunday' and not is_detail", roles=("analyst",)),
        rule("north", Effect.PERMIT, Deed.ASK, metrics=("booked_*",), columns=("orders.*",), datasets=("orders",)),
        rule("no-mail", Effect.FORBID, Deed.ASK, classifications=("personal",), because='says "no"'),
        rule("late", Effect.FORBID, Deed.VERIFY, "time > 18:00 or date >= 2027-01-01 or hour < 8", tables=("s.*",)),
        rule(
            "large",
            Effect.HOLD,
            Deed.ACT,
            "amount > 1000.5 and args.region is present and args.region in ('eu', 'us') or rows_affected > 100",
            agents=("*",),
            actions=("refund",),
            approvals=(Approval(role="lead", rule="large"),),
        ),
        rule("bots", Effect.PERMIT, Deed.ACT, "stake <> 'critical' and is_undoable and not is_undo", agents=("bot",)),
        rule("take-back", Effect.PERMIT, Deed.ACT, roles=("lead",), actions=("undo",)),
        rule("ads", Effect.FORBID, Deed.ASK, "purpose = 'Marketing'", purposes=("Marketing",), audiences=("sales",)),
    )
    schema = cedar.schema(Vocabulary(arguments=ARGUMENTS))
    found = cedarpy.validate_policies(cedar.policies(written), schema)
    assert found.validation_passed, [str(one) for one in found.errors]


def test_a_name_that_is_special_to_cedar_is_only_a_name() -> None:
    odd = 'a"b\\c.*'
    written = (rule("o", Effect.PERMIT, Deed.ASK, columns=(odd,)),)
    policies = cedarpy.PolicySet.from_str(cedar.policies(written))
    base = Matter(principal=Principal(name="ana"), deed=Deed.ASK, shown=('a"b\\c.x',))
    other = replace(base, shown=('a"bc.x',))
    assert cedars(policies, (base, other)) == [Effect.PERMIT, Effect.FORBID]
    assert [effect_of(decide(written, one)) for one in (base, other)] == [Effect.PERMIT, Effect.FORBID]


def test_a_number_that_cedar_cannot_hold_is_refused_with_the_rule() -> None:
    with pytest.raises(cedar.NotInCedar, match="rule `tiny`"):
        cedar.policies((rule("tiny", Effect.FORBID, Deed.ACT, "amount > 0.00001"),))
    assert cedar.policies((rule("small", Effect.FORBID, Deed.ACT, "amount > 0.0001"),))
