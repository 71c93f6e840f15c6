"""The committed description against the server, with requests that a program made up from it: nothing breaks, and what
comes back is what was described. Some requests are good, some are wrong on purpose; acts and approvals are among them.

`LOADLINE_EXAMPLES=60` looks harder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from loadline.app import open_app
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from surfaces.clerks import make_clerks

OPENAPI = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
EXAMPLES = int(os.environ.get("LOADLINE_EXAMPLES", "10"))
CONFORMS = (
    CHECKS.get_one("not_a_server_error"),
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
DEEDS = (
    {"action": "delete_customer", "arguments": {"customer_id": 1}},
    {"action": "close_order", "arguments": {"order_id": 7}},
    {"target": "crm", "sql": "DELETE FROM orders"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`ids`: by the name of a path's parameter, what it may name."""

    client: asgi.ASGIClient
    secrets: Sequence[str]
    ids: Mapping[str, Sequence[str]]
    digest: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server over clerks and their agent, with runs of every kind; the ids that requests may name."""
    with open_app(make_clerks(tmp_path_factory.mktemp("schema") / "clerks")) as app:
        api = make_api(app, calls_per_minute=1_000_000)
        secrets = [
            app.create_key("ana", role=DoorRole.ADMIN, agent="bot")[1],
            app.create_key("carl", role=DoorRole.ADMIN)[1],
            app.create_key("local", role=DoorRole.VIEWER)[1],
        ]
        runs = [app.act(str(one["action"]), one["arguments"], principal=app.principal("ana")) for one in DEEDS[:2]]  # type: ignore[arg-type]
        answer = app.ask("how many orders", principal=app.principal("local"))
        ids = {"run": [one.run for one in runs], "receipt": [answer.receipt.id], "name": ["orders", "booked_revenue"]}
        with asgi.get_client(cast("asgi.ASGIApp", api)) as client:
            yield World(client=client, secrets=secrets, ids=ids, digest=runs[0].digest or "")


described = schemathesis.openapi.from_dict(json.loads(OPENAPI.read_text("utf-8")))
OPERATIONS: list[Any] = [cast("Any", found).ok() for found in described.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # what is small is small enough: shrinking takes longer than all of it
    suppress_health_check=[*HealthCheck],
)
@given(given=st.data())
def test_no_request_breaks_it_and_replies_are_as_described(operation: Any, given: Any, world: World) -> None:
    mode = given.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = given.draw(operation.as_strategy(generation_mode=mode))
    for name, known in world.ids.items():  # mostly of something that is there
        if case.path_parameters and name in case.path_parameters and given.draw(st.integers(0, 3)):
            case.path_parameters[name] = given.draw(st.sampled_from(known))
    if operation.path in {"/v1/act", "/v1/decide"} and given.draw(st.booleans()):
        case.body = given.draw(st.sampled_from(DEEDS))
    if operation.path == "/v1/approvals/{run}" and given.draw(st.booleans()):
        case.body = {"decision": given.draw(st.sampled_from(["approve", "reject"])), "digest": world.digest}
    mine = {"Authorization": f"Bearer {given.draw(st.sampled_from(world.secrets))}"}
    response = case.call(headers=mine, session=world.client)
    case.validate_response(response, checks=CONFORMS)
