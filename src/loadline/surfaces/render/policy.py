"""Decisions, tests of rules and replayed decisions in; words for people, JSON for programs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadline.flow.policing import Tested, in_a_sentence
from loadline.flow.policy_replay import Replayed
from loadline.policy import effect_of
from loadline.policy.telling import rule_in_words
from loadline.surfaces.render.style import Palette
from loadline.values.canonical import plain
from loadline.values.decision import Decision
from loadline.values.rule import Effect, Principal, Rule

LINES = 20


def tests_as_text(found: Sequence[Tested], palette: Palette) -> str:
    if not found:
        return "no tests: write some under `tests:` in a file of policies/"
    lines = []
    for one in found:
        mark = palette.red("differs") if one.why else palette.green("holds  ")
        lines.append(f"{mark}  {one.test.name}")
        if one.why:
            lines.append(f"         {one.why}")
            lines.append(palette.dim(f"         {one.test.place}"))
    failed = sum(bool(one.why) for one in found)
    return "\n".join([*lines, f"{len(found) - failed} of {len(found)} hold"])


def tests_as_json(found: Sequence[Tested]) -> dict[str, Any]:
    return {
        "tests": [
            {
                "name": one.test.name,
                "holds": not one.why,
                "why": one.why,
                "expected": one.test.expect.value,
                **decision_as_json(one.decision),
                "place": str(one.test.place),
            }
            for one in found
        ],
        "failed": sum(bool(one.why) for one in found),
    }


def rules_as_text(rules: Sequence[Rule]) -> str:
    return "\n".join(f"{rule.name}: {rule_in_words(rule)}." for rule in rules) or "no rules: nothing is permitted"


def rules_as_json(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    return [{"name": rule.name, "says": rule_in_words(rule), "place": str(rule.place)} for rule in rules]


def decision_as_text(decision: Decision, palette: Palette) -> str:
    return f"{_painted(effect_of(decision), palette)}  {in_a_sentence(decision)}"


def decision_as_json(decision: Decision) -> dict[str, Any]:
    return {"effect": effect_of(decision).value, "says": in_a_sentence(decision), **plain(decision)}


def exit_code(decision: Decision) -> int:
    return {Effect.PERMIT: 0, Effect.FORBID: 1, Effect.HOLD: 4}[effect_of(decision)]


def _painted(effect: Effect, palette: Palette) -> str:
    paint = {Effect.PERMIT: palette.green, Effect.HOLD: palette.yellow, Effect.FORBID: palette.red}[effect]
    return paint(effect.value.ljust(6))


def _named(principal: Principal) -> str:
    return f"{principal.agent} for {principal.name}" if principal.agent else principal.name


def who_as_text(found: Sequence[tuple[Principal, Decision]], palette: Palette) -> str:
    width = max((len(_named(principal)) for principal, _ in found), default=0)
    return "\n".join(
        f"{_painted(effect_of(decision), palette)}  {_named(principal).ljust(width)}  {in_a_sentence(decision)}"
        for principal, decision in found
    )


def who_as_json(found: Sequence[tuple[Principal, Decision]]) -> list[dict[str, Any]]:
    return [{"who": plain(principal), **decision_as_json(decision)} for principal, decision in found]


def replay_as_text(found: Replayed, palette: Palette) -> str:
    lines = [f"{found.decided:,} past decisions, {found.changes:,} would be decided otherwise"]
    for one in found.changed[:LINES]:
        by = ", ".join(one.rules_after) or "no rule"
        lines.append(
            f"  {palette.bold(f'{one.count:,}')}  {one.before} by {', '.join(one.rules_before) or 'no rule'}, "
            f"now {_painted(one.after, palette).strip()} by {by}" + (f": {one.because}" if one.because else "")
        )
        lines.append(palette.dim(f"      such as {one.run}, asked by {one.who}"))
    if len(found.changed) > LINES:
        lines.append(palette.dim(f"  … {len(found.changed) - LINES:,} more kinds; `--format json` lists all"))
    if found.same_otherwise:
        lines.append(f"  {found.same_otherwise:,} more are decided the same by other rules")
    if found.unread:
        lines.append(f"  {found.unread:,} were recorded by a version that did not keep what the rules were asked")
    return "\n".join(lines)


def replay_as_json(found: Replayed) -> dict[str, Any]:
    return {**plain(found), "changes": found.changes}
