"""Arguments as they are bound in, as they are sent to a tool out; and back from what the tool calls them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from loadline.values.action import Argument, ArgumentType
from loadline.values.canonical import plain

MOST_KEPT = 200_000
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|DSN|DATABASE_URL", re.IGNORECASE)
HIDDEN = "[secret]"
"""What stands where a secret stood."""
_SHORTEST_SECRET = 8


def sent_arguments(arguments: Mapping[str, object], declared: Mapping[str, Argument]) -> dict[str, Any]:
    """As JSON, under the tool's own names, without those that were not given. A decimal is a JSON number where a double
    holds exactly it; any other is its digits as text, because a number that was rounded is not the one that was judged.
    """
    return {
        _called(name, declared): _sent(value, declared.get(name))
        for name, value in arguments.items()
        if value is not None
    }


def asked_arguments(given: Mapping[str, object], declared: Mapping[str, Argument]) -> dict[str, object]:
    """What was given under the tool's own names, under those of the declaration. A name that is none stays, so that it
    is refused."""
    ours = {_called(name, declared): name for name in declared}
    return {ours.get(name, name): value for name, value in given.items()}


def secrets_of(environment: Mapping[str, str]) -> frozenset[str]:
    """Values of variables whose name says that they are secrets: `CRM_KEY`, `GITHUB_TOKEN`. Short ones are words."""
    return frozenset(
        value for name, value in environment.items() if len(value) >= _SHORTEST_SECRET and _SECRET.search(name)
    )


def without_secrets(answer: Any, secrets: Collection[str]) -> Any:
    """What a server answered, without what it was given to sign in with: it is neither recorded nor told."""
    match answer:
        case str():
            for one in sorted(secrets, key=len, reverse=True):
                answer = answer.replace(one, HIDDEN)
            return answer
        case Mapping():
            return {without_secrets(name, secrets): without_secrets(value, secrets) for name, value in answer.items()}
        case list():
            return [without_secrets(value, secrets) for value in answer]
        case _:
            return answer


def kept(result: object) -> object:
    """What of a result is recorded: all of it, up to `MOST_KEPT` bytes of JSON; of a longer one its digest."""
    told = json.dumps(result, ensure_ascii=True).encode()
    if len(told) <= MOST_KEPT:
        return result
    whole = f"sha256:{hashlib.sha256(told).hexdigest()}"
    return {"note": f"the result has {len(told):,} bytes, and only its digest was kept", "digest": whole}


def _called(name: str, declared: Mapping[str, Argument]) -> str:
    argument = declared.get(name)
    return argument.called if argument is not None and argument.called is not None else name


def _sent(value: object, argument: Argument | None) -> Any:
    if argument is not None and argument.type is ArgumentType.JSON and isinstance(value, str):
        return json.loads(value)
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    return plain(value)
