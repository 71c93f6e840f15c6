"""Cedar policies of a project's own in (`policies/*.cedar`, forbids only); what they forbid out. Needs `[cedar]`.

They speak of what `loadline export cedar --part schema` describes. A file that permits anything, has a template, cannot
be read or speaks of what that schema does not know is refused as a whole; an error while judging forbids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loadline.errors import ProjectError
from loadline.flow.ports import Forbids
from loadline.policy import cedar, codes
from loadline.values.decision import Forbid
from loadline.values.diagnostic import Diagnostic
from loadline.values.matter import Matter
from loadline.values.place import Place

_ALLOW = "permit (principal, action, resource);\n"


def open_cedar(files: Mapping[str, str], schema: str | None = None) -> Forbids:
    """`schema` is that of the project; None leaves it to each judging whether what a policy speaks of is there.

    Raises ProjectError with everything that is wrong with the files, or where cedarpy is not installed."""
    try:
        import cedarpy  # noqa: PLC0415 - an extra, and only of those who wrote such files
    except ImportError:
        first = next(iter(files))
        raise ProjectError(
            _wrong(first, "Cedar is not installed", "install it: `pip install 'loadline-ai[cedar]'`")
        ) from None
    names: list[str] = []
    wrong: list[Diagnostic] = []
    for file, text in sorted(files.items()):
        try:
            read = json.loads(cedarpy.policies_to_json_str(text))
        except ValueError as error:
            wrong.append(_wrong(file, f"it cannot be read: {error}", "correct it"))
            continue
        if schema is not None:
            wrong += _invalid(file, cedarpy.validate_policies(text, schema).errors)
        found: dict[str, Any] = read["staticPolicies"]
        if read["templates"]:
            wrong.append(_wrong(file, "it has a template, and nothing fills it", "write the policy out"))
        wrong += [
            _wrong(
                file, f"its policy {number} permits", "write a `permit` in policies/*.yaml, where its limits are kept"
            )
            for number, one in enumerate(_in_order(found), 1)
            if one["effect"] != "forbid"
        ]
        names += [
            str((one.get("annotations") or {}).get("id") or f"{file}:{number}")
            for number, one in enumerate(_in_order(found), 1)
        ]
    if wrong:
        raise ProjectError(*wrong)
    # The permit is the last, so that the policies before it keep the numbers Cedar gives them.
    policies = cedarpy.PolicySet.from_str("\n".join(text for _, text in sorted(files.items())) + "\n" + _ALLOW)
    numbers = {f"policy{at}": name for at, name in enumerate(names)}

    def forbids(matter: Matter) -> Forbid | None:
        try:
            asked = cedar.requests_of(matter)
            results = cedarpy.is_authorized_batch(list(asked.requests), policies, list(asked.entities))
            denying = {
                numbers.get(reason, reason) for one in results if not one.allowed for reason in one.diagnostics.reasons
            }
            errors = [str(error) for one in results for error in one.diagnostics.errors]
            is_denied = not all(one.allowed for one in results)
        except cedar.NoWords as fault:
            return _forbid((), f"the project's Cedar could not be judged: {fault}")
        except Exception as fault:  # noqa: BLE001 - whatever it is, nobody knows whether it would have forbidden
            return _forbid((), f"the project's Cedar could not be judged ({type(fault).__name__})")
        if errors:
            return _forbid(tuple(sorted(denying)), f"the project's Cedar could not be judged: {errors[0]}")
        if is_denied:
            rules = tuple(sorted(denying))
            return _forbid(rules, f"Cedar forbids it by {', '.join(f'`{one}`' for one in rules)}")
        return None

    return forbids


def _invalid(file: str, errors: Iterable[Any]) -> Iterator[Diagnostic]:
    """What Cedar's own validator says, once for each policy: one about a type or an attribute that is not there would
    never forbid."""
    said: dict[int, list[str]] = {}
    for one in errors:
        number = int(str(one.policy_id).removeprefix("policy")) + 1
        text = " ".join(str(one.error).split()).removeprefix(f"for policy `{one.policy_id}`, ")
        said.setdefault(number, []).append(text)
    for number, texts in sorted(said.items()):
        first = min(texts, key=lambda text: (not text.startswith("unrecognized"), text))
        what = f"its policy {number} does not fit the project: {first}"
        yield _wrong(file, what, "write only of what `loadline export cedar --part schema` has")


def _in_order(policies: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [policies[name] for name in sorted(policies, key=lambda name: int(name.removeprefix("policy")))]


def _forbid(rules: tuple[str, ...], because: str) -> Forbid:
    mend = "leave out what it forbids, or ask whoever owns policies/*.cedar to narrow it"
    return Forbid(code=codes.CEDAR_FORBIDS, rules=rules, because=because, mend=mend)


def _wrong(file: str, what: str, mend: str) -> Diagnostic:
    return Diagnostic(
        code=codes.CEDAR_NOT_READ,
        what=what[:1].lower() + what[1:] if not what.startswith("Cedar") else what,
        why=codes.CODES[codes.CEDAR_NOT_READ].why,
        mend=mend,
        place=Place(file=file),
    )
