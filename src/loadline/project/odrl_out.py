"""The rights that contracts state in; the same as ODRL policies (JSON-LD) out, and which contracts state none.

ODRL Information Model 2.2, https://www.w3.org/TR/odrl-model/: each contract is an Offer of its owner (a Set, where it
has none) whose prohibitions win over its permissions. What ODRL has no word for (as what data is used, which rows) is
in a profile of ours, so that a program that does not know it stops instead of reading less than is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase

from loadline.project.yaml_writer import Value
from loadline.values.contract import Contract, ContractTable
from loadline.values.purpose import NAMESPACE
from loadline.values.right import Right
from loadline.values.rule import Effect

ODRL_CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
PROFILE = "urn:loadline:odrl-profile:ai-rights:1"
USE = "urn:loadline:use"
ROLE = "urn:loadline:role"
PERSON = "urn:loadline:person"
ROWS = "urn:loadline:rows"
PREFIXES: Mapping[str, str] = {
    "dpv": NAMESPACE,
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Said = dict[str, Value]


def export_odrl(project: str, contracts: Mapping[str, Contract]) -> tuple[Said, tuple[str, ...]]:
    """One document over all contracts that state rights; the names of the others."""
    stating = {name: one for name, one in sorted(contracts.items()) if _is_stating(one)}
    graph: list[Value] = [policy_of(project, one) for one in stating.values()]
    document: Said = {"@context": [ODRL_CONTEXT, dict(PREFIXES)], "@graph": graph}
    return document, tuple(sorted(set(contracts) - set(stating)))


def _is_stating(contract: Contract) -> bool:
    return any(table.rights is not None for table in contract.tables.values())


def policy_of(project: str, contract: Contract, columns: Mapping[str, Collection[str]] | None = None) -> Said:
    """`columns` are those of each table that may be named; all, when it is not given."""
    rules: dict[Effect, list[Value]] = {Effect.PERMIT: [], Effect.FORBID: []}
    for name, table in contract.tables.items():
        shown = tuple(table.columns) if columns is None else tuple(columns.get(name, ()))
        for right in table.rights or ():
            if (rule := _rule(project, contract, table, right, shown)) is not None:
                rules[right.effect].append(rule)
    policy: Said = {
        "@type": "Offer" if contract.owner else "Set",
        "uid": asset(project, contract.name),
        "profile": PROFILE,
        "conflict": "prohibit",
        "dct:hasVersion": contract.version,
    }
    if contract.owner:
        policy["assigner"] = f"urn:loadline:{project}:owner:{contract.owner}"
    for key, effect in (("permission", Effect.PERMIT), ("prohibition", Effect.FORBID)):
        if rules[effect]:
            policy[key] = rules[effect]
    return policy


def asset(project: str, contract: str, *parts: str) -> str:
    """The IRI of a contract, of a table of it, of a column of that."""
    return ":".join(("urn:loadline", project, "contract", contract, *parts))


def _rule(project: str, contract: Contract, table: ContractTable, right: Right, shown: tuple[str, ...]) -> Said | None:
    """None for a right about columns none of which may be named."""
    whole = asset(project, contract.name, "table", table.name)
    names = [name for name in shown if any(fnmatchcase(name, pattern) for pattern in right.columns)]
    if right.columns and not names:
        return None
    targets = [f"{whole}:column:{name}" for name in names] or [whole]
    constraints = list(_constraints(right))
    rule: Said = {
        "uid": f"{whole}:right:{right.name}",
        "target": [_target(target, right) for target in targets],
        "action": "use",
    }
    if constraints:
        rule["constraint"] = constraints
    if right.because:
        rule["dct:description"] = right.because
    return rule


def _target(target: str, right: Right) -> Value:
    """All of it; or the collection of its rows for which the consent is true."""
    if right.consent is None:
        return target
    rows: Said = {"leftOperand": ROWS, "operator": "eq", "rightOperand": right.consent.value}
    return {"@type": "AssetCollection", "source": target, "refinement": [rows]}


def _constraints(right: Right) -> Iterator[Value]:
    lists: tuple[tuple[str, list[Value]], ...] = (
        (USE, [{"@id": f"{USE}:{use}"} for use in right.uses]),
        ("purpose", [{"@id": f"dpv:{purpose}"} for purpose in right.purposes]),
        ("recipient", list(right.providers)),
        ("spatial", list(right.regions)),
        (ROLE, list(right.roles)),
        (PERSON, list(right.people)),
    )
    for left, operands in lists:
        if operands:
            yield {"leftOperand": left, "operator": "isAnyOf", "rightOperand": operands}
    if right.until is not None:
        day: Said = {"@value": right.until.isoformat(), "@type": "xsd:date"}
        yield {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": day}
