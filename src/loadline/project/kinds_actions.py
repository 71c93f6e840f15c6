"""The shapes of `actions/*.yaml`, and of `targets` in loadline.yaml, and what each key means."""

from __future__ import annotations

from loadline.project.forms import ADDRESS, CALLABLE, DIGEST, ENVIRONMENT_URL, IDENTIFIER, LABEL
from loadline.project.shapes import (
    Anything,
    Either,
    Flag,
    Form,
    Key,
    ListOf,
    NamesTo,
    Number,
    Record,
    Shape,
    Single,
    Word,
)
from loadline.values.action import ArgumentType, Stake


def _text(doc: str, *, is_required: bool = False, form: Form | None = None) -> Key:
    return Key(shape=Word(form=form), is_required=is_required, doc=doc)


def _count(doc: str, *, least: int = 0, most: int | None = None) -> Key:
    return Key(shape=Number(is_whole=True, least=least, most=most), doc=doc)


def _seconds(doc: str, most: int) -> Key:
    return Key(shape=Number(above=0, most=most), doc=doc)


_TEXTS: Shape = NamesTo(name=LABEL, item=Word(may_be_empty=True))

_ARGUMENT = Either(
    scalar=Word(choices=tuple(ArgumentType)),
    entries=Record(
        keys={
            "type": Key(shape=Word(choices=tuple(ArgumentType)), is_required=True, doc="its type"),
            "optional": Key(shape=Flag(), doc="whether it may be left out; it is null then"),
            "allowed": Key(shape=ListOf(item=Single(), least=1), doc="the only values it may have"),
            "minimum": Key(shape=Number(), doc="the smallest number it may be"),
            "maximum": Key(shape=Number(), doc="the largest number it may be"),
            "most_letters": _count("how long a text, or JSON, may be; 1,000 if not written", least=1, most=1_000_000),
            "as": _text("with `mcp`: what the tool calls it, where that is no name here, as `ticketId` is"),
            "pattern": _text("a regular expression that all of a text matches"),
            "description": Key(shape=Word(may_be_empty=True), doc="what it is, in a sentence an agent can read"),
            "subject": Key(shape=Flag(), doc="whether its value names a person, who can be forgotten"),
        }
    ),
)

_HTTP = Record(
    keys={
        "method": Key(
            shape=Word(choices=("GET", "POST", "PUT", "PATCH", "DELETE")), is_required=True, doc="the HTTP method"
        ),
        "url": _text(
            "the address, or `env:NAME` and a path; `{argument}` may stand in its path",
            is_required=True,
            form=ENVIRONMENT_URL,
        ),
        "headers": Key(shape=_TEXTS, doc="headers; a value may be `env:NAME`, never an argument"),
        "query": Key(shape=_TEXTS, doc="what stands behind the `?`; values may hold `{argument}`"),
        "body": Key(shape=Anything(), doc='the JSON body; a value `"{argument}"` becomes the argument itself'),
    }
)

_ACTION = Record(
    one_of=("sql", "http", "python", "mcp"),
    keys={
        "description": Key(shape=Word(may_be_empty=True), doc="what it does, in a sentence an agent can read"),
        "arguments": Key(shape=NamesTo(name=IDENTIFIER, item=_ARGUMENT), doc="its arguments; `name: type` for short"),
        "sql": _text("one statement; `:argument` stands for the argument's value"),
        "target": _text("with `sql`: one of `targets` in loadline.yaml", form=LABEL),
        "http": Key(shape=_HTTP, doc="one HTTP request"),
        "python": _text("a function of your own: `module:function`", form=CALLABLE),
        "mcp": Key(
            doc="a tool of an MCP server",
            shape=Record(
                keys={
                    "command": Key(
                        shape=ListOf(item=Word(), least=1), is_required=True, doc="the command that starts the server"
                    ),
                    "tool": _text("the tool's name", is_required=True),
                    "definition": _text(
                        "the digest of what the server says of it, as `loadline mcp tools` prints it; "
                        "a tool of which it says something else is not called",
                        form=DIGEST,
                    ),
                }
            ),
        ),
        "effect": Key(
            shape=Word(choices=("read", "write", "call")),
            is_required=True,
            doc="`read`, `write` (measured in a database), or `call` (a system whose inside nobody can measure)",
        ),
        "stake": Key(shape=Word(choices=tuple(Stake)), doc="what is lost when it goes wrong; `medium` if not written"),
        "key": _text("tells requests apart: `{order_id}`; two with the same are one, and are done once"),
        "idempotent": Key(
            shape=Flag(), doc="whether the far side does it once, however often it is told so under one key"
        ),
        "most_rows": _count("how many rows the statement may change, in all tables together", least=0),
        "undo": Key(
            doc="the action that takes this one back",
            shape=Either(
                scalar=Word(form=IDENTIFIER),
                entries=Record(
                    keys={
                        "action": _text("a declared action", is_required=True, form=IDENTIFIER),
                        "arguments": Key(
                            shape=NamesTo(name=IDENTIFIER, item=Word(may_be_empty=True)),
                            doc="its arguments, from those of this one: `{order_id}`, `{result.id}`",
                        ),
                    }
                ),
            ),
        ),
        "timeout_seconds": _seconds("how long it may take; 30 if not written", 3_600),
        "retries": Key(
            doc="further tries after a failure that may pass; for an `idempotent` action only",
            shape=Record(
                keys={
                    "most": Key(shape=Number(is_whole=True, least=1, most=20), is_required=True, doc="how many"),
                    "backoff_seconds": _seconds("the first wait, which doubles; 0.5 if not written", 600),
                }
            ),
        ),
        "breaker": Key(
            doc="when nothing more is sent to a far side that keeps failing",
            shape=Record(
                keys={
                    "failures": _count("after so many in a row; 5 if not written", least=1, most=1_000),
                    "open_seconds": _seconds("for how long; 60 if not written", 86_400),
                }
            ),
        ),
        "workflow": _text("the workflow it belongs to, which can be frozen as a whole", form=LABEL),
        "owner": _text("who answers for it: one of `owners` in loadline.yaml"),
    },
)

ACTIONS = Record(
    keys={"actions": Key(shape=NamesTo(name=IDENTIFIER, item=_ACTION), is_required=True, doc="what agents may do")}
)

TARGETS = NamesTo(
    name=LABEL,
    item=Record(
        keys={
            "kind": Key(
                shape=Word(choices=("sqlite", "duckdb", "postgres")),
                is_required=True,
                doc="the engine: `sqlite`, `duckdb` or `postgres`",
            ),
            "database": _text("the file of an SQLite or DuckDB database, relative to the project"),
            "url": _text("where PostgreSQL is: `env:NAME`, or an address without a password", form=ADDRESS),
            "environment": _text("what it is: `production`, `staging`; rules and approvals speak of it", form=LABEL),
            "timeout_seconds": _seconds("how long a statement may take; 30 if not written", 3_600),
            "lock_seconds": _seconds("how long it may wait for a lock; 5 if not written", 600),
            "most_rows": _count("how many rows a statement may change; 1,000 if not written", least=1),
        }
    ),
)

CANARIES = NamesTo(
    name=LABEL,
    item=Record(
        one_of=("action", "sql"),
        keys={
            "as": _text("the agent that asks", form=LABEL),
            "for": _text("the person it asks for: one of `people`", is_required=True, form=LABEL),
            "action": _text("a declared action that must be denied", form=IDENTIFIER),
            "arguments": Key(shape=NamesTo(name=IDENTIFIER, item=Single()), doc="with `action`: its arguments"),
            "sql": _text("a statement that must be denied"),
            "target": _text("with `sql`: one of `targets`", form=LABEL),
            "every_minutes": _count("how often it is tried; 60 if not written", least=1, most=10_080),
        },
    ),
)
