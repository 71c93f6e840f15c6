"""Rules in, the same rules as Cedar (policies and a schema) out; and a matter as the requests to ask Cedar.

What a rule of ours says of a whole plan, Cedar is asked thing by thing. A plan is permitted when every thing that needs
a permit (`ask`, `verify`, `act`) and every thing that it touches (`ask-touches`, …) is allowed. Permits speak of the
first, forbids and holds of the second, which a policy of its own allows otherwise. A hold is a forbid unless
`is_approved`. A rule that cannot be judged forbids: each condition that needs a fact which may be unknown has a second
policy for that.

https://docs.cedarpolicy.com/policies/syntax-grammar.html, https://docs.cedarpolicy.com/schema/human-readable-schema.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, assert_never

from loadline.policy.conditions import (
    Among,
    Both,
    Compare,
    Condition,
    Contains,
    Either,
    Name,
    Not,
    Operand,
    Present,
    Truth,
    Value,
    read_condition,
)
from loadline.policy.facts import FACTS, FactType, Kind, Vocabulary, facts_of, kind_of
from loadline.policy.judge import needs_of
from loadline.policy.sorted_rules import LISTS, is_unlisted, listed, names_of
from loadline.values.matter import TAKEBACK, Fact, Matter
from loadline.values.purpose import purposes_around
from loadline.values.rule import Deed, Effect, EffectClass, Rule, any_matches

NAMESPACE = "Loadline"
_TYPES = {"metric": "Metric", "column": "Column", "dataset": "Dataset", "table": "Table", "class": "DataClass",
          "action": "Act"}  # fmt: skip
_EVERYTHING = f'{NAMESPACE}::Everything::"everything"'
_TOUCHING = '@id("what-is-touched-needs-no-permit")\npermit (principal, action in [{actions}], resource);'
_MOST_DIGITS = 4


class NotInCedar(Exception):  # becomes a diagnostic where the export is asked for
    """Cedar has no words for a rule: which one, and why."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"rule `{rule}`: {why}")
        self.rule, self.why = rule, why


def policies(rules: Iterable[Rule]) -> str:
    """All rules, sorted by name. Raises NotInCedar."""
    touching = ", ".join(_action(deed, touches=True) for deed in Deed)
    written = [_TOUCHING.format(actions=touching)]
    for rule in sorted(rules, key=lambda one: one.name):
        try:
            written += _policies_of(rule)
        except NoWords as unsaid:
            raise NotInCedar(rule.name, str(unsaid)) from None
    return "\n\n".join(written) + "\n"


def schema(vocabulary: Vocabulary) -> str:
    """What the policies speak of, for Cedar's validator."""
    deeds = {deed: _attributes(vocabulary, deed) for deed in Deed}
    touched = ", ".join((*(_TYPES[kind] for kind in LISTS), "Everything"))
    lines = [f"namespace {NAMESPACE} {{", "  entity Role;", "  entity Person in [Role];"]
    lines += [f"  entity {name} = {{ name: String }};" for name in _TYPES.values() if name != "Column"]
    lines += ["  entity Column = { name: String, dataset: String };", "  entity Everything;"]
    for deed, attributes in deeds.items():
        needed = "Table, Act" if deed is Deed.ACT else "Metric, Column"
        for name, resources in ((deed.value, needed), (f"{deed.value}-touches", touched)):
            lines.append(f'  action "{name}" appliesTo {{ principal: [Person], resource: [{resources}], context: {{')
            lines += [f"    {attribute}," for attribute in attributes]
            lines.append("  } };")
    return "\n".join([*lines, "}", ""])


def _attributes(vocabulary: Vocabulary, deed: Deed) -> list[str]:
    known = dict(vocabulary.facts(deed, ()))
    if deed is Deed.ACT:
        for arguments in vocabulary.arguments.values():
            known |= {f"args.{name}": one for name, one in arguments.items()}
    lines = [f'"{name}"{"" if _is_always(name, one) else "?"}: {_CEDAR_TYPES[one.kind]}' for name, one in known.items()]
    if deed is not Deed.ACT:
        lines.append('"effect": String')
    return [*lines, '"purposes"?: Set<String>', '"is_approved": Bool']


def _is_always(name: str, one: FactType) -> bool:
    return one.is_always and not name.startswith("args.")


_CEDAR_TYPES = {
    Kind.TEXT: "String", Kind.NUMBER: "decimal", Kind.TRUTH: "Bool", Kind.DATE: "datetime", Kind.TIME: "duration",
    Kind.LIST: "Set<String>",
}  # fmt: skip


# -- policies


class NoWords(Exception):  # becomes NotInCedar, or a Forbid where it is met while judging
    """What Cedar has no words for."""


def _policies_of(rule: Rule) -> list[str]:
    is_permit = rule.effect is Effect.PERMIT
    deeds = [Deed.ASK, Deed.VERIFY] if rule.action == Deed.ASK else [Deed(rule.action)]
    actions = ", ".join(_action(deed, touches=not is_permit) for deed in deeds)
    scope = f"(principal, action in [{actions}], resource)"
    about = [*_about(rule), _covered(rule) if is_permit else _touched(rule)]
    condition = read_condition(rule.when.value) if rule.when is not None else None
    conditions = [*about, *([_text(condition)] if condition is not None else [])]
    unless = '\nunless {\n  context["is_approved"]\n}' if rule.effect is Effect.HOLD else ""
    word = "permit" if is_permit else "forbid"
    head = f"@id({_quoted(rule.name)})\n@effect({_quoted(rule.effect.value)})\n"
    head += f"@because({_quoted(rule.because)})\n" if rule.because else ""
    written = [f"{head}{word} {scope}{_when(conditions)}{unless};"]
    known = _known(condition) if condition is not None else _TRUE
    if known != _TRUE:
        head = f'@id({_quoted(rule.name + ": cannot be judged")})\n@effect("forbid")\n'
        written.append(f"{head}forbid {scope}{_when([*about, f'!({known})'])};")
    return written


_TRUE = "true"


def _when(conditions: Sequence[str]) -> str:
    said = [one for one in conditions if one != _TRUE]
    return "\nwhen {\n  " + " &&\n  ".join(said) + "\n}" if said else ""


def _action(deed: Deed, *, touches: bool) -> str:
    return f'{NAMESPACE}::Action::"{deed.value}{"-touches" if touches else ""}"'


def _about(rule: Rule) -> list[str]:
    parts = []
    if rule.people:
        parts.append(_any(f"principal == {NAMESPACE}::Person::{_quoted(name)}" for name in rule.people))
    if rule.roles:
        parts.append(_any(f"principal in {NAMESPACE}::Role::{_quoted(name)}" for name in rule.roles))
    if rule.audiences:
        parts.append(f'(context has "audience" && {_set(rule.audiences)}.contains(context["audience"]))')
    if rule.agents:
        named = _any(_like(_attribute("agent"), one) for one in rule.agents)
        parts.append(f'(context has "agent" && {named})')
    elif rule.effect is Effect.PERMIT:
        parts.append(f'(!(context has "agent") || context["effect"] == "{EffectClass.READ.value}")')
    if rule.purposes:
        parts.append(f'(context has "purposes" && context["purposes"].containsAny({_set(rule.purposes)}))')
    if rule.effects:
        parts.append(f'{_set(one.value for one in rule.effects)}.contains(context["effect"])')
    if rule.actions:
        called = [_like(_attribute("action"), one) for one in rule.actions]
        called += [_attribute("is_undo")] if any_matches(TAKEBACK, rule.actions) else []
        parts.append(f'(context has "action" && {_any(called)})')
    return parts


def _attribute(name: str) -> str:
    return f"context[{_quoted(name)}]"


def _covered(rule: Rule) -> str:
    """What of the things that need a permit a permit covers."""
    if is_unlisted(rule):
        return _TRUE
    parts = [_resource("metric", rule.metrics), _resource("column", rule.columns), _resource("table", rule.tables)]
    if rule.datasets:
        found = _any(_like("resource.dataset", one) for one in rule.datasets)
        parts.append(f"(resource is {NAMESPACE}::Column && {found})")
    return _any(part for part in parts if part) or "false"


def _touched(rule: Rule) -> str:
    if is_unlisted(rule):
        return f"resource == {_EVERYTHING}"
    return _any(part for kind in LISTS if (part := _resource(kind, listed(rule, kind))))


def _resource(kind: str, patterns: Sequence[str]) -> str:
    if not patterns:
        return ""
    return f"(resource is {NAMESPACE}::{_TYPES[kind]} && {_any(_like('resource.name', one) for one in patterns)})"


def _any(parts: Iterable[str]) -> str:
    found = list(parts)
    return found[0] if len(found) == 1 else f"({' || '.join(found)})" if found else ""


def _like(text: str, pattern: str) -> str:
    return f"{text} like {_quoted(pattern)}" if "*" in pattern else f"{text} == {_quoted(pattern)}"


def _set(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, names))}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


# -- conditions


def _text(condition: Condition) -> str:
    match condition:
        case Both(parts=parts):
            return f"({' && '.join(map(_text, parts))})"
        case Either(parts=parts):
            return f"({' || '.join(map(_text, parts))})"
        case Not(part=part):
            return f"!({_text(part)})"
        case Present(name=name):
            return _has(name)
        case Truth(name=name):
            return _guarded((name,), _operand(name))
        case Compare(left=left, op=op, right=right):
            return _guarded((left, right), _compared(left, op, right))
        case Among(left=left, values=values):
            return _guarded((left,), f"[{', '.join(map(_operand, values))}].contains({_operand(left)})")
        case Contains(left=left, values=values):
            return _guarded((left,), f"{_operand(left)}.containsAny([{', '.join(map(_operand, values))}])")
        case _:
            assert_never(condition)


def _known(condition: Condition) -> str:
    """Whether every fact that judging looks at is there: `and` and `or` stop at the first that decides."""
    match condition:
        case Both(parts=parts) | Either(parts=parts):
            stops = "!" if isinstance(condition, Both) else ""
            *before, last = parts
            known = _known(last)
            for part in reversed(before):
                rest = _TRUE if known == _TRUE else f"({stops}({_text(part)}) || {known})"
                known = _and(_known(part), rest)
            return known
        case Not(part=part):
            return _known(part)
        case Present():
            return _TRUE
        case Truth(name=name):
            return _all_there((name,))
        case Compare(left=left, right=right):
            return _all_there((left, right))
        case Among(left=left) | Contains(left=left):
            return _all_there((left,))
        case _:
            assert_never(condition)


def _and(first: str, second: str) -> str:
    return second if first == _TRUE else first if second == _TRUE else f"({first} && {second})"


def _has(name: Name) -> str:
    return f"context has {_quoted(name.name)}"


def _may_be_unknown(operand: Operand) -> bool:
    return isinstance(operand, Name) and not (operand.name in FACTS and FACTS[operand.name].is_always)


def _all_there(operands: Sequence[Operand]) -> str:
    return " && ".join(_has(one) for one in operands if isinstance(one, Name) and _may_be_unknown(one)) or _TRUE


def _guarded(operands: Sequence[Operand], text: str) -> str:
    there = _all_there(operands)
    return text if there == _TRUE else f"({there} && {text})"


_METHODS = {"<": "lessThan", "<=": "lessThanOrEqual", ">": "greaterThan", ">=": "greaterThanOrEqual"}


def _compared(left: Operand, op: str, right: Operand) -> str:
    first, second = _operand(left), _operand(right)
    if op in {"=", "<>"}:
        return f"{first} {'==' if op == '=' else '!='} {second}"
    if _is_number(left) or _is_number(right):
        return f"{first}.{_METHODS[op]}({second})"
    return f"{first} {op} {second}"


def _is_number(operand: Operand) -> bool:
    match operand:
        case Value(value=value):
            return kind_of(value) is Kind.NUMBER
        case Name(name=name):
            return name in FACTS and FACTS[name].kind is Kind.NUMBER
        case _:
            assert_never(operand)


def _operand(operand: Operand) -> str:
    match operand:
        case Name(name=name):
            return _attribute(name)
        case Value(value=value):
            return _literal(value)
        case _:
            assert_never(operand)


def _literal(value: Fact) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case int() | Decimal():
            return f'decimal("{_decimal(value)}")'
        case date():
            return f'datetime("{value.isoformat()}")'
        case time():
            return f'duration("{_milliseconds(value)}ms")'
        case frozenset():
            return _set(sorted(value))


def _decimal(value: int | Decimal) -> str:
    text = format(Decimal(value).normalize(), "f")
    whole, _, digits = text.partition(".")
    if len(digits) > _MOST_DIGITS or len(whole.lstrip("-")) > 14:
        raise NoWords(
            f"a decimal of Cedar has {_MOST_DIGITS} digits behind the point and 14 before it, and {text} more"
        )
    return f"{whole}.{digits or '0'}"


def _milliseconds(value: time) -> int:
    if value.microsecond % 1000:
        raise NoWords("a duration of Cedar is in milliseconds")
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000


# -- requests


@dataclass(frozen=True, slots=True, kw_only=True)
class CedarRequests:
    """What to ask Cedar of a matter: it is permitted when all are allowed; held, when all are with `is_approved`."""

    requests: tuple[dict[str, Any], ...]
    entities: tuple[dict[str, Any], ...] = field(default=())


def requests_of(matter: Matter, *, is_approved: bool = False) -> CedarRequests:
    """Raises NoWords for a fact that Cedar has no words for."""
    context = _context(matter) | {"is_approved": is_approved}
    things = [(matter.deed.value, kind, name) for name, kind in needs_of(matter)]
    things += [(f"{matter.deed.value}-touches", kind, name) for kind in LISTS for name in names_of(matter, kind)]
    person = f"{NAMESPACE}::Person::{_quoted(matter.principal.name)}"
    asked = [(action, f"{NAMESPACE}::{_TYPES[kind]}::{_quoted(name)}") for action, kind, name in things]
    asked.append((f"{matter.deed.value}-touches", _EVERYTHING))
    requests = tuple(
        {
            "principal": person,
            "action": f"{NAMESPACE}::Action::{_quoted(action)}",
            "resource": resource,
            "context": context,
        }
        for action, resource in dict.fromkeys(asked)
    )
    named = dict.fromkeys((kind, name) for _, kind, name in things)
    return CedarRequests(requests=requests, entities=(*_person(matter), *(_entity(kind, name) for kind, name in named)))


def _person(matter: Matter) -> Iterable[dict[str, Any]]:
    roles = [{"type": f"{NAMESPACE}::Role", "id": role} for role in matter.principal.roles]
    yield from ({"uid": role, "attrs": {}, "parents": []} for role in roles)
    yield {"uid": {"type": f"{NAMESPACE}::Person", "id": matter.principal.name}, "attrs": {}, "parents": roles}


def _entity(kind: str, name: str) -> dict[str, Any]:
    attributes = {"name": name} | ({"dataset": name.partition(".")[0]} if kind == "column" else {})
    return {"uid": {"type": f"{NAMESPACE}::{_TYPES[kind]}", "id": name}, "attrs": attributes, "parents": []}


def _context(matter: Matter) -> dict[str, Any]:
    context: dict[str, Any] = {name: _value(value) for name, value in facts_of(matter).items()}
    context["effect"] = matter.effect.value
    if matter.principal.purpose is not None:
        context["purposes"] = sorted(purposes_around(matter.principal.purpose))
    if matter.deed is Deed.ACT:
        context["action"] = matter.name
    return context


def _value(value: Fact) -> Any:
    match value:
        case bool() | str():
            return value
        case int() | Decimal():
            return {"__extn": {"fn": "decimal", "arg": _decimal(value)}}
        case date():
            return {"__extn": {"fn": "datetime", "arg": value.isoformat()}}
        case time():
            return {"__extn": {"fn": "duration", "arg": f"{_milliseconds(value)}ms"}}
        case frozenset():
            return sorted(value)


def entities(people: Mapping[str, Sequence[str]], things: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """The people of a project with their roles, and its metrics, columns and so on by kind."""
    roles = sorted({role for held in people.values() for role in held})
    found: list[dict[str, Any]] = [
        {"uid": {"type": f"{NAMESPACE}::Role", "id": role}, "attrs": {}, "parents": []} for role in roles
    ]
    for name, held in people.items():
        parents = [{"type": f"{NAMESPACE}::Role", "id": role} for role in held]
        found.append({"uid": {"type": f"{NAMESPACE}::Person", "id": name}, "attrs": {}, "parents": parents})
    return found + [_entity(kind, name) for kind, names in things.items() for name in sorted(names)]
