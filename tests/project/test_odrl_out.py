"""Rights as ODRL: the words are ODRL's or in the profile, and whoever reads them decides as we do."""

from __future__ import annotations

import json
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.policy import judge_use
from loadline.project.odrl_out import export_odrl
from loadline.values.canonical import plain
from loadline.values.contract import Column, Contract, ContractTable
from loadline.values.decision import Permit
from loadline.values.place import Place
from loadline.values.purpose import purposes_around
from loadline.values.right import Held, Right, WantedUse
from policy.test_judge_use import COLUMNS, RIGHTS, USAGES, right

HERE = Place(file="contracts/customers.yaml")
KEYWORDS = {"@context", "@graph", "@type", "@id", "@value"}
TERMS = {
    "uid", "profile", "conflict", "assigner", "permission", "prohibition", "target", "action", "constraint", "source",
    "refinement", "leftOperand", "operator", "rightOperand",
}  # fmt: skip
LEFT = {"purpose", "recipient", "spatial", "dateTime"}


def contract(rights: tuple[Right, ...] | None, owner: str | None = "sales-ops") -> Contract:
    columns = {name: Column(name=name, logical_type="string", place=HERE) for name in COLUMNS}
    table = ContractTable(name="customers", columns=columns, rights=rights, place=HERE)
    return Contract(
        name="customers", id="c", version="1.0.0", status="active", owner=owner, tables={"customers": table}, place=HERE
    )


def exported(*rights: Right, owner: str | None = "sales-ops") -> dict[str, Any]:
    document, _ = export_odrl("shop", {"customers": contract(rights, owner)})
    return dict(json.loads(json.dumps(plain(document))))


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys(inner)}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


def test_every_word_is_of_odrl_or_has_a_prefix_of_the_context() -> None:
    full = right(
        "r", purposes=("Marketing",), people=("ana",), roles=("analyst",), columns=("email",), regions=("eu",),
        providers=("inside",), until=date(2027, 3, 31), because="so it is", consent="consents.granted",
    )  # fmt: skip
    document = exported(full)
    remote, prefixes = document.pop("@context")
    assert remote == "http://www.w3.org/ns/odrl.jsonld"
    assert all(key in KEYWORDS | TERMS or key.partition(":")[0] in prefixes for key in keys(document)), keys(document)
    (policy,) = document["@graph"]
    assert (policy["@type"], policy["assigner"]) == ("Offer", "urn:loadline:shop:owner:sales-ops")
    assert policy["conflict"] == "prohibit"
    (rule,) = policy["permission"]
    (target,) = rule["target"]
    assert target["source"].endswith(":column:email")
    assert target["refinement"][0]["rightOperand"] == "consents.granted"
    operands = {one["leftOperand"] for one in rule["constraint"]}
    assert {one for one in operands if not one.startswith("urn:loadline:")} == LEFT
    assert {one["operator"] for one in rule["constraint"]} == {"isAnyOf", "lteq"}


def test_a_contract_of_nobody_is_a_set_and_one_that_is_silent_is_named() -> None:
    assert exported(right(), owner=None)["@graph"][0]["@type"] == "Set"
    document, silent = export_odrl("shop", {"customers": contract(None)})
    assert (document["@graph"], silent) == ([], ("customers",))


def reads(policy: dict[str, Any], column: str, used: WantedUse) -> bool:
    """A reader of the document that knows ODRL, the profile's operands, and nothing of our nouns."""

    def speaks(rule: dict[str, Any], *, is_forbid: bool) -> bool:
        aims = [one if isinstance(one, str) else one["source"] for one in rule["target"]]
        is_aimed = any(aim.endswith((":table:customers", f":column:{column}")) for aim in aims)
        return is_aimed and all(holds(one, is_forbid=is_forbid) for one in rule.get("constraint", ()))

    def holds(one: dict[str, Any], *, is_forbid: bool) -> bool:
        left, right_side = one["leftOperand"], one["rightOperand"]
        if left == "dateTime":
            return used.today <= date.fromisoformat(right_side["@value"])
        said = [v["@id"] if isinstance(v, dict) else v for v in right_side]
        who = used.principal
        match left:
            case "purpose":
                if who.purpose is None:
                    return is_forbid
                around = {f"dpv:{name}" for name in purposes_around(who.purpose)}
                wider = {f"dpv:{who.purpose}"}
                return any(
                    name in around
                    or (is_forbid and wider & {f"dpv:{p}" for p in purposes_around(name.removeprefix("dpv:"))})
                    for name in said
                )
            case "spatial":
                return is_forbid if used.region is None else used.region in said
            case "recipient":
                return is_forbid if used.provider is None else any(fnmatchcase(used.provider, name) for name in said)
            case "urn:loadline:use":
                return f"urn:loadline:use:{used.use}" in said
            case "urn:loadline:role":
                return any(fnmatchcase(role, name) for role in who.roles for name in said)
            case "urn:loadline:person":
                return any(fnmatchcase(who.name, name) for name in said)
        raise AssertionError(left)

    return any(speaks(rule, is_forbid=False) for rule in policy.get("permission", ())) and not any(
        speaks(rule, is_forbid=True) for rule in policy.get("prohibition", ())
    )


@given(rights=RIGHTS, used=USAGES, column=st.sampled_from(COLUMNS))
@settings(max_examples=150, deadline=None)
def test_whoever_reads_the_policy_decides_as_we_do(rights: list[Right], used: WantedUse, column: str) -> None:
    held = Held(dataset="customers", columns=(column,), contract="customers", owner=None, rights=tuple(rights))
    ours = isinstance(judge_use([held], used), Permit)
    assert reads(exported(*rights)["@graph"][0], column, used) is ours
