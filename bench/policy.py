"""How long a decision takes, and a million past ones again: `python bench/policy.py [--json]`.

100 rules (permits, holds, forbids; patterns, conditions) and 20,000 questions and acts of 50 people and agents. Each
decision is timed alone. Beside it Cedar's own judge decides what the same rules export to: a question is several
requests to Cedar, so it is shown by decision and by request. Then a million recorded decisions are read from JSON lines
and decided by rules of which ten have changed: reading, rebuilding and deciding, in one process. `yardstick` is
`json.loads` of one such line, which takes 3 to 5 microseconds on a quiet machine: where it takes ten times as long, so
does everything.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import Any

import cedarpy

from loadline.flow.policy_replay import replay_policy
from loadline.policy import as_recorded, cedar, decide, effect_of
from loadline.values.matter import Matter
from loadline.values.place import Place
from loadline.values.rule import Approval, Deed, Effect, EffectClass, Principal, Rule
from loadline.values.text import Text

RULES, MATTERS, CEDAR, PAST, CHANGED = 100, 20_000, 400, 1_000_000, 10
TARGET_US, TARGET_SECONDS = 10.0, 30.0
HERE = Place(file="policies/bench.yaml")
CONDITIONS = ("hour >= 8 and hour < 18", "weekday <> 'sunday'", "amount is present and amount > 1000", None, None)


def rules_of(rng: random.Random) -> tuple[Rule, ...]:
    return tuple(_rule(f"rule-{number}", number, rng) for number in range(RULES))


def _rule(name: str, number: int, rng: random.Random) -> Rule:
    effect = (Effect.PERMIT, Effect.PERMIT, Effect.PERMIT, Effect.FORBID, Effect.HOLD)[number % 5]
    is_act = number % 4 == 3
    when = rng.choice(CONDITIONS)
    metrics = (f"metric_{number % 10}*",) if effect is Effect.PERMIT else (f"metric_{number}",)
    return Rule(
        name=name,
        effect=effect,
        action=Deed.ACT if is_act else Deed.ASK,
        roles=(f"role-{number % 6}", f"role-{number % 7}"),
        agents=("bot-*",) if is_act else (),
        metrics=() if is_act else metrics,
        tables=(f"sales.t{number % 9}*",) if is_act else (),
        classifications=("personal",) if effect is Effect.FORBID and not is_act else (),
        when=Text(value=when, place=HERE) if when else None,
        approvals=(Approval(role="lead", rule=name),) if effect is Effect.HOLD else (),
        place=HERE,
    )


def matter_of(rng: random.Random) -> Matter:
    is_act = rng.random() < 0.25
    person = rng.randrange(50)
    metric = f"metric_{rng.randrange(100)}"
    tables = frozenset({f"sales.t{rng.randrange(9)}"})
    return Matter(
        principal=Principal(
            name=f"person-{person}",
            roles=(f"role-{person % 6}", f"role-{person % 7}"),
            agent=f"bot-{person % 3}" if is_act else None,
        ),
        deed=Deed.ACT if is_act else Deed.ASK,
        name="refund" if is_act else "",
        effect=EffectClass.WRITE if is_act else EffectClass.READ,
        asked=() if is_act else (metric,),
        metrics=() if is_act else (metric, f"metric_{rng.randrange(100)}"),
        columns=frozenset(f"orders.c{rng.randrange(40)}" for _ in range(5)),
        classifications=frozenset({"personal"}) if rng.random() < 0.05 else frozenset(),
        datasets=frozenset() if is_act else frozenset({"orders", "customers"}),
        tables=tables,
        writes=tables if is_act else frozenset(),
        facts={"hour": rng.randrange(24), "weekday": rng.choice(["monday", "sunday"]), "amount": rng.randrange(3000)},
    )


def timed(rules: tuple[Rule, ...], matters: list[Matter]) -> tuple[float, float, dict[str, int]]:
    """Median and 99th percentile in microseconds, and what was decided."""
    for matter in matters:  # once before: the second time nothing is new
        decide(rules, matter)
    taken, said = [], dict.fromkeys(("permit", "hold", "forbid"), 0)
    for matter in matters:
        began = time.perf_counter_ns()
        decision = decide(rules, matter)
        taken.append((time.perf_counter_ns() - began) / 1000)
        said[effect_of(decision).value] += 1
    return median(taken), sorted(taken)[len(taken) * 99 // 100], said


def timed_in_cedar(rules: tuple[Rule, ...], matters: list[Matter]) -> tuple[float, float]:
    """Medians in microseconds for a decision (its requests in one call) and for one request."""
    policies = cedarpy.PolicySet.from_str(cedar.policies(rules))
    decisions, requests = [], []
    for matter in matters:
        asked = cedar.requests_of(matter)
        entities = cedarpy.Entities.from_json_str(json.dumps(list(asked.entities)))
        began = time.perf_counter_ns()
        cedarpy.is_authorized_batch(list(asked.requests), policies, entities)
        taken = (time.perf_counter_ns() - began) / 1000
        decisions.append(taken)
        requests.append(taken / len(asked.requests))
    return median(decisions), median(requests)


def past(rules: tuple[Rule, ...], matters: list[Matter]) -> Iterator[tuple[str, Any]]:
    lines = []
    for matter in matters:
        decision = decide(rules, matter)
        told = {"matter": as_recorded(matter), "effect": effect_of(decision).value, "rules": list(decision.rules)}
        lines.append(json.dumps(told))
    for number in range(PAST):
        yield f"run-{number}", json.loads(lines[number % len(lines)])


def yardstick(matters: list[Matter]) -> float:
    taken = []
    for matter in matters:
        line = json.dumps(as_recorded(matter))
        began = time.perf_counter_ns()
        json.loads(line)
        taken.append((time.perf_counter_ns() - began) / 1000)
    return median(taken)


def measure() -> dict[str, Any]:
    rng = random.Random(7)  # noqa: S311 - cases, no secrets
    rules = rules_of(rng)
    matters = [matter_of(rng) for _ in range(MATTERS)]
    p50, p99, said = timed(rules, matters)
    in_cedar, a_request = timed_in_cedar(rules, matters[:CEDAR])
    changed = tuple(replace(rule, effect=Effect.FORBID) if at < CHANGED else rule for at, rule in enumerate(rules))
    began, used = time.perf_counter(), time.process_time()
    replayed = replay_policy(changed, past(rules, matters))
    return {
        "rules": RULES,
        "decided": said,
        "decision_p50_us": round(p50, 1),
        "decision_p99_us": round(p99, 1),
        "cedar_decision_p50_us": round(in_cedar, 1),
        "cedar_request_p50_us": round(a_request, 1),
        "replayed": replayed.decided,
        "otherwise": replayed.changes,
        "replay_seconds": round(time.perf_counter() - began, 1),
        "replay_cpu_seconds": round(time.process_time() - used, 1),
        "yardstick_p50_us": round(yardstick(matters), 1),
    }


def main() -> int:
    found = measure()
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name.ljust(24)}{value}")
    missed = found["decision_p50_us"] > TARGET_US or found["replay_seconds"] > TARGET_SECONDS
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
