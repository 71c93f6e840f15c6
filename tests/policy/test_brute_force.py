"""Decisions against a slow, obvious evaluator that shares no code with the real one, over generated rules."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.policy import codes, decide
from loadline.values.decision import Decision, Forbid, Hold, Permit
from loadline.values.matter import Fact, Matter
from loadline.values.place import Place
from loadline.values.rule import Approval, Deed, Effect, EffectClass, Principal, Rule
from loadline.values.text import Text

HERE = Place(file="policies/rules.yaml")

# text → what it is, said again in Python; KeyError where a fact is missing
CONDITIONS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "amount > 100": lambda f: f["amount"] > 100,
    "amount is present and amount > 100": lambda f: "amount" in f and f["amount"] > 100,
    "amount is absent or amount <= 1000": lambda f: "amount" not in f or f["amount"] <= 1000,
    "weekday in ('saturday', 'sunday')": lambda f: f["weekday"] in {"saturday", "sunday"},
    "not weekday = 'monday'": lambda f: f["weekday"] != "monday",
    "time between 08:00 and 18:00": lambda f: time(8) <= f["time"] <= time(18),
    "date >= 2026-06-01 and date < 2027-01-01": lambda f: date(2026, 6, 1) <= f["date"] < date(2027, 1, 1),
    "is_agent": lambda f: f["is_agent"],
    "not (is_agent or hour < 9)": lambda f: not (f["is_agent"] or f["hour"] < 9),
    "classifications contains 'personal'": lambda f: "personal" in f["classifications"],
    "roles contains any ('admin', 'lead') and audience is present": lambda f: (
        bool({"admin", "lead"} & f["roles"]) and "audience" in f
    ),
    "audience = 'sales'": lambda f: f["audience"] == "sales",
}

some = {
    "metrics": st.lists(st.sampled_from(["revenue", "margin", "t*", "*n*", "*"]), max_size=2).map(tuple),
    "columns": st.lists(st.sampled_from(["a.x", "a.*", "b.z", "*.y"]), max_size=2).map(tuple),
    "classifications": st.sampled_from([(), (), ("personal",), ("p*",)]),
    "datasets": st.sampled_from([(), (), ("a",), ("b", "c")]),
    "tables": st.sampled_from([(), (), ("s.a",), ("s.*",)]),
}


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    effect = draw(st.sampled_from(Effect))
    name = draw(st.sampled_from([f"r{n}" for n in range(9)]))
    when = draw(st.none() | st.sampled_from(sorted(CONDITIONS)))
    lists = {key: draw(value) for key, value in some.items()} if draw(st.booleans()) else {}
    rule = Rule(
        name=name,
        effect=effect,
        action=draw(st.sampled_from(Deed)),
        people=draw(st.sampled_from([(), (), ("ana",), ("felix",)])),
        roles=draw(st.sampled_from([(), (), ("analyst",), ("admin", "lead")])),
        audiences=draw(st.sampled_from([(), (), (), ("sales",)])),
        agents=draw(st.sampled_from([(), (), ("bot",), ("b*",)])),
        purposes=draw(st.sampled_from([(), (), (), ("Marketing",), ("ServiceProvision",)])),
        actions=draw(st.sampled_from([(), (), ("refund",), ("re*",), ("undo",), ("sql", "un*")])),
        effects=draw(st.sampled_from([(), (), (EffectClass.WRITE,), (EffectClass.READ, EffectClass.CALL)])),
        when=Text(value=when, place=HERE) if when else None,
        approvals=(Approval(role="lead", rule=name),) if effect is Effect.HOLD else (),
        place=HERE,
    )
    return replace(rule, **lists)  # type: ignore[arg-type]


def random_matter(rng: random.Random) -> Matter:
    """Drawn plainly, because there are thousands."""
    deed = rng.choice(list(Deed))
    facts: dict[str, Fact] = {
        "weekday": rng.choice(["monday", "sunday"]),
        "hour": rng.choice([8, 9]),
        "time": rng.choice([time(7, 59), time(8), time(18), time(18, 0, 1)]),
        "date": rng.choice([date(2026, 5, 31), date(2026, 6, 1), date(2027, 1, 1)]),
    }
    if rng.random() < 0.5:
        facts["amount"] = rng.choice([Decimal(100), Decimal(101), Decimal("1000.01")])
    is_question = deed is not Deed.ACT
    metrics = ["revenue", "margin", "tickets"]
    return Matter(
        principal=Principal(
            name=rng.choice(["ana", "felix"]),
            roles=rng.choice([(), ("analyst",), ("analyst", "admin")]),
            audience=rng.choice([None, "sales", "finance"]),
            purpose=rng.choice([None, "Marketing", "DirectMarketing"]),
            agent=rng.choice([None, None, "bot", "other"]),
        ),
        deed=deed,
        name="" if is_question else rng.choice(["refund", "sql"]),
        is_undo=not is_question and rng.random() < 0.3,
        effect=EffectClass.READ if is_question else rng.choice(list(EffectClass)),
        asked=(rng.choice(metrics),) if is_question else (),
        shown=rng.choice([(), (), ("a.x", "b.z")]) if is_question else (),
        metrics=tuple(rng.sample(metrics, rng.randrange(3))) if is_question else (),
        columns=frozenset(rng.sample(["a.x", "a.y", "b.z", "c.q"], rng.randrange(3))),
        classifications=frozenset(rng.choice([(), ("personal",), ("public",)])),
        datasets=frozenset(rng.choice([(), ("a",), ("c",)])) if is_question else frozenset(),
        tables=frozenset(rng.sample(["s.a", "s.b", "u.c"], rng.randrange(3))),
        writes=frozenset(rng.choice([(), ("s.a",)])) if not is_question else frozenset(),
        facts=facts,
    )


matters = st.integers(min_value=0).map(lambda seed: random_matter(random.Random(seed)))  # noqa: S311 - cases, no secrets


@dataclass(frozen=True)
class Said:
    effect: Effect
    rules: frozenset[str] | None = None  # None: not said


def like(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


PARTS = {"DirectMarketing": {"DirectMarketing", "Marketing"}, "Marketing": {"Marketing"}}


def is_about(r: Rule, m: Matter) -> bool:
    who = m.principal
    return all(
        (
            r.action == m.deed or (m.deed == "verify" and r.action == "ask"),
            not r.people or who.name in r.people,
            not r.roles or bool(set(r.roles) & set(who.roles)),
            not r.audiences or who.audience in r.audiences,
            not r.agents or (who.agent is not None and like(who.agent, r.agents)),
            bool(r.agents) or r.effect != "permit" or who.agent is None or m.effect == "read",
            not r.purposes or bool(PARTS.get(who.purpose or "", set()) & set(r.purposes)),
            not r.effects or m.effect in r.effects,
            not r.actions or like(m.name, r.actions) or (m.is_undo and like("undo", r.actions)),
        )
    )


def lists_nothing(r: Rule) -> bool:
    return not any((r.metrics, r.columns, r.classifications, r.datasets, r.tables))


def touches(r: Rule, m: Matter) -> bool:
    return (
        lists_nothing(r)
        or any(like(x, r.metrics) for x in m.metrics)
        or any(like(x, r.columns) for x in m.columns)
        or any(like(x, r.classifications) for x in m.classifications)
        or any(like(x, r.datasets) for x in m.datasets)
        or any(like(x, r.tables) for x in m.tables | m.writes)
    )


def covers(r: Rule, kind: str, name: str) -> bool:
    if lists_nothing(r):
        return True
    if kind == "metric":
        return like(name, r.metrics)
    if kind == "column":
        return like(name, r.columns) or like(name.split(".", maxsplit=1)[0], r.datasets)
    return kind == "table" and like(name, r.tables)


def needs(m: Matter) -> list[tuple[str, str]]:
    if m.deed == "act":
        return [("table", x) for x in m.tables | m.writes] or [("action", m.name)]
    return [("metric", x) for x in m.asked] + [("column", x) for x in m.shown]


def facts_of(m: Matter) -> dict[str, Any]:
    facts: dict[str, Any] = {
        **m.facts,
        "is_agent": m.principal.agent is not None,
        "classifications": m.classifications,
        "roles": set(m.principal.roles),
    }
    return facts | ({"audience": m.principal.audience} if m.principal.audience else {})


def obvious(written: list[Rule], m: Matter) -> Said:
    facts, broken = facts_of(m), []

    def is_true(r: Rule) -> bool:
        try:
            return r.when is None or bool(CONDITIONS[r.when.value](facts))
        except KeyError:
            broken.append(r.name)
            return False

    mine = [r for r in written if is_about(r, m)]
    closing = [r for r in mine if r.effect != "permit" and touches(r, m) and is_true(r)]
    forbids = [r.name for r in closing if r.effect == "forbid"]
    if forbids:
        return Said(Effect.FORBID, frozenset({min(forbids)}))
    permits = [r for r in mine if r.effect == "permit"]
    over = [{r.name for r in permits if covers(r, kind, name) and is_true(r)} for kind, name in needs(m)]
    if broken or not all(over):
        return Said(Effect.FORBID)
    holds = frozenset(r.name for r in closing)
    return Said(Effect.HOLD, holds) if holds else Said(Effect.PERMIT, frozenset(set().union(*over)))


def said(decision: Decision) -> Said:
    match decision:
        case Permit(rules=rules):
            return Said(Effect.PERMIT, frozenset(rules))
        case Hold(rules=rules):
            return Said(Effect.HOLD, frozenset(rules))
        case Forbid(code=codes.FORBIDDEN, rules=rules):
            return Said(Effect.FORBID, frozenset(rules))
        case Forbid():
            return Said(Effect.FORBID)


@settings(max_examples=200)
@given(st.lists(rules(), max_size=7, unique_by=lambda rule: rule.name), matters)
def test_a_decision_is_the_obvious_one_in_any_order(written: list[Rule], matter: Matter) -> None:
    expected = obvious(written, matter)
    assert said(decide(written, matter)) == expected
    assert said(decide(tuple(reversed(written)), matter)) == expected


@given(st.lists(rules(), max_size=6, unique_by=lambda rule: rule.name), rules(), matters)
def test_more_closing_rules_never_open_and_more_permits_never_close(
    written: list[Rule], extra: Rule, matter: Matter
) -> None:
    rank = [Effect.FORBID, Effect.HOLD, Effect.PERMIT]
    extra = replace(extra, name="extra", when=None)
    before = rank.index(said(decide(written, matter)).effect)
    after = rank.index(said(decide([*written, extra], matter)).effect)
    assert after >= before if extra.effect is Effect.PERMIT else after <= before
