"""An App and who asks in, the tools that an agent of any framework is offered out: questions, and declared actions.

What a tool answers is JSON that a model can read and mend by; a "no" is an answer. The agent's words are data: whatever
it gives is read by a schema, resolved, judged and recorded like anybody's request.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loadline.app import App, open_app
from loadline.errors import LoadlineError, RequestError
from loadline.flow.acting import codes
from loadline.flow.acting.record import unknown
from loadline.flow.reading import Door
from loadline.surfaces import told
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.action import Argument, ArgumentType, DeclaredAction
from loadline.values.canonical import plain
from loadline.values.request import Written
from loadline.values.rule import Principal

Said = dict[str, Any]
_HOW_IT_STANDS = {
    ActStatus.WAITING: "It was not done yet: it waits for a person. Do not call this again; look with `get_action`.",
    ActStatus.UNKNOWN: "Nobody knows whether it was done. Do not call this again; tell a person.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTool:
    """`schema` is the JSON Schema of what `call` takes; `call` never raises for what a model gave it."""

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], Said]
    is_read: bool

    def answer(self, given: Mapping[str, Any]) -> str:
        """What the model reads."""
        return json.dumps(self.call(given), ensure_ascii=False)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Search(_Asked):
    text: str = Field(default="", max_length=500, description="Words, or nothing for all metrics.")


class _Describe(_Asked):
    name: str = Field(max_length=200, description="A metric, as search_metrics lists it.")


class _Query(_Asked):
    metrics: list[str] = Field(default_factory=list, max_length=50, description="Names from search_metrics.")
    by: list[str] = Field(
        default_factory=list, max_length=20, description="Dimensions; a date with its grain: `d:month`."
    )
    where: list[str] = Field(default_factory=list, max_length=20, description="Filters: `customers.region = north`.")
    during: str | None = Field(default=None, max_length=200, description="`last month`, `2025-Q3`, `2025-01..2025-03`.")
    order: list[str] = Field(default_factory=list, max_length=10, description="Names; `-name` for descending.")
    limit: int | None = Field(default=None, ge=1, description="At most so many groups.")
    question: str | None = Field(default=None, max_length=2_000, description="Instead of the parts: in words.")


class _Verify(_Asked):
    text: str = Field(max_length=100_000, description="What you are about to say, with its numbers.")


class _Look(_Asked):
    run: str = Field(max_length=100, description="The `run` that an action gave.")


Body = TypeVar("Body", bound=_Asked)


@contextmanager
def opened_tools(
    folder: Path | str | None, *, agent: str, person: str | None, audience: str | None, actions: Collection[str] | None
) -> Iterator[tuple[OfferedTool, ...]]:
    """The tools of the project in `folder`, for an agent that works for a person; the project is closed after them.
    `actions`: those of the declared ones that are offered, if not all. Raises ProjectError with every error in it,
    RequestError for an agent, a person or an action that is not in it."""
    with open_app(Path(folder) if folder is not None else None) as app:
        yield offered(app, app.on_behalf(person, agent=agent, audience=audience), actions=actions)


def offered(app: App, principal: Principal, *, actions: Collection[str] | None = None) -> tuple[OfferedTool, ...]:
    asking = _asking(app, principal)
    taken = {one.name for one in asking}
    acting = []
    for name in app.project.actions if actions is None else actions:
        declared = app.project.actions.get(name)
        if declared is None:
            raise RequestError(unknown(codes.NO_ACTION, "action", name, app.project.actions))
        acting.append(_action(app, principal, declared, f"act_{name}" if name in taken else name))
    return (*asking, *acting)


def _asking(app: App, principal: Principal) -> tuple[OfferedTool, ...]:
    def search(body: _Search) -> Said:
        return {"metrics": [told.metric(card) for card in app.search_metrics(body.text, principal=principal)[:20]]}

    def describe(body: _Describe) -> Said:
        return told.metric_whole(app.describe_metric(body.name, principal=principal))

    def query(body: _Query) -> Said:
        written = Written(
            metrics=tuple(body.metrics),
            by=tuple(body.by),
            where=tuple(body.where),
            during=body.during,
            order=tuple(body.order),
            limit=body.limit,
        )
        if (body.question is None) == (written == Written()):
            return _refused("ask by parts or in words, and not both", "give `metrics`, or `question`")
        if body.question is not None:
            return told.answer(app.ask(body.question, principal=principal))
        return told.answer(app.ask_written(written, principal=principal))

    def verify(body: _Verify) -> Said:
        return told.verification(app.verify(body.text, principal=principal))

    def look(body: _Look) -> Said:
        return _acted(app.act_status_for(body.run, door=Door(principal=principal, decides=False)))

    return (
        _tool("search_metrics", "Find governed metrics by name, synonym, term or description.", _Search, search),
        _tool("describe_metric", "A metric's full definition, and the dimensions it is asked by.", _Describe, describe),
        _tool(
            "query_metrics",
            "Governed numbers, by parts (preferred) or in words, with meaning, dates and a receipt id to cite. Never "
            "compute a number that a metric could give.",
            _Query,
            query,
        ),
        _tool(
            "verify_answer",
            "Check every number of a text before you send it; the right value comes back.",
            _Verify,
            verify,
        ),
        _tool("get_action", "What became of an action you asked for, by its `run`.", _Look, look),
    )


def _tool(name: str, description: str, body: type[Body], do: Callable[[Body], Said]) -> OfferedTool:
    def call(given: Mapping[str, Any]) -> Said:
        try:
            asked = body.model_validate(dict(given))
        except ValidationError as error:
            said = "; ".join(f"`{'.'.join(map(str, one['loc']))}`: {one['msg']}" for one in error.errors())
            return _refused(f"what was given does not fit: {said}", "give what the tool's schema says")
        return _answered(lambda: do(asked))

    return OfferedTool(name=name, description=description, schema=body.model_json_schema(), call=call, is_read=True)


def _action(app: App, principal: Principal, declared: DeclaredAction, name: str) -> OfferedTool:
    def do(given: Mapping[str, Any]) -> Said:
        earlier = app.act_already_asked(declared.name, given, principal=principal)
        return _acted(earlier or app.act(declared.name, given, principal=principal))

    about = declared.description or f"The action `{declared.name}`."
    return OfferedTool(
        name=name,
        description=f"{about} It is judged and recorded first: it may be done, held for a person, or forbidden.",
        schema=_schema(declared),
        call=lambda given: _answered(lambda: do(given)),
        is_read=False,
    )


def _answered(do: Callable[[], Said]) -> Said:
    try:
        return do()
    except RequestError as error:
        return {"status": "refused", "reasons": told.error(error), "options": list(error.options)}
    except LoadlineError as error:
        return {"status": "failed", "reasons": told.error(error)}


def _acted(receipt: ActReceipt) -> Said:
    said = told.act(receipt)
    note = _HOW_IT_STANDS.get(receipt.status)
    return {**said, "note": note} if note else said


def _refused(what: str, mend: str) -> Said:
    return {"status": "refused", "reasons": [{"what": what, "mend": mend}]}


def _schema(declared: DeclaredAction) -> dict[str, Any]:
    """Whether a value fits is judged when it is asked for, by the declaration itself."""
    return {
        "type": "object",
        "properties": {name: _property(argument) for name, argument in declared.arguments.items()},
        "required": [name for name, argument in declared.arguments.items() if not argument.is_optional],
        "additionalProperties": False,
    }


def _property(argument: Argument) -> dict[str, Any]:
    found = _of_type(argument.type)
    if argument.description:
        found["description"] = argument.description
    if argument.allowed:
        found["enum"] = [plain(one) for one in argument.allowed]
    for key, bound in (("minimum", argument.minimum), ("maximum", argument.maximum)):
        if bound is not None:
            found[key] = int(bound) if bound == bound.to_integral_value() else float(bound)
    return found


def _of_type(kind: ArgumentType) -> dict[str, Any]:
    match kind:
        case ArgumentType.TEXT:
            return {"type": "string"}
        case ArgumentType.INTEGER:
            return {"type": "integer"}
        case ArgumentType.NUMBER:
            return {"type": "number"}
        case ArgumentType.BOOLEAN:
            return {"type": "boolean"}
        case ArgumentType.DATE:
            return {"type": "string", "format": "date"}
        case ArgumentType.TIMESTAMP:
            return {"type": "string", "format": "date-time"}
        case ArgumentType.JSON:
            return {"type": ["object", "array"]}
        case unreachable:
            assert_never(unreachable)
