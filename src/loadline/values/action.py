"""What an agent may do to the world, as declared in `actions/*.yaml`: arguments, means, effect, stake, undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from loadline.values.model import Text
from loadline.values.place import Place
from loadline.values.rule import EffectClass

ArgumentValue = str | int | Decimal | bool | None
"""An argument as it is bound: dates and times stay text in ISO 8601, checked for being that."""


class Stake(StrEnum):
    """What is lost when it goes wrong, in the words of whoever declares the action; rules speak of it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ArgumentType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    JSON = "json"  # a list or an object, for a tool of an MCP server; bound as its canonical text


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """`allowed` are the only values it may have; `minimum` and `maximum` are both in; `pattern` matches all of it.
    `called` is what a tool of an MCP server calls it, where that is another name.
    `is_subject`: its value names a person, who can be forgotten as `name=value`."""

    name: str
    type: ArgumentType
    is_optional: bool = False
    allowed: tuple[ArgumentValue, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    most_letters: int = 1_000
    pattern: str | None = None
    description: str = ""
    called: str | None = None
    is_subject: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlMeans:
    """One statement on a target; `:name` stands for the argument's value, which is bound and never pasted."""

    target: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMeans:
    """One HTTP request. `url` may hold `{argument}` in its path, percent-encoded when filled in; values of `query` and
    `body` too. A value of `headers` may be `env:NAME`: the credential is the gate's, and no argument reaches it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonMeans:
    """A function of the user's own, `module:function`, called with the arguments by name."""

    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class McpMeans:
    """A tool of an MCP server that is started with `command` and spoken to over its standard input and output.
    `definition` is the digest of what the server said of it when a person accepted it; another one is not called."""

    command: tuple[str, ...]
    tool: str
    definition: str | None = None


Means = SqlMeans | HttpMeans | PythonMeans | McpMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Another declared action that takes this one back. `arguments` are filled from those of the first, and from what
    it returned (`{result.id}`)."""

    action: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """After a failure that may pass, `most` further tries; the wait doubles from `backoff_seconds`."""

    most: int = 0
    backoff_seconds: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """After `failures` tries that failed in a row, further tries of one call among them, nothing is sent for
    `open_seconds`; then one try decides."""

    failures: int = 5
    open_seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredAction:
    """`key` is a template over the arguments: two requests with the same one are one. `is_idempotent`: the far side
    does it once however often it is told so under one key. `most_rows` bounds a statement's rows, all tables together.
    """

    name: str
    means: Means
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    effect: EffectClass
    stake: Stake = Stake.MEDIUM
    key: str | None = None
    is_idempotent: bool = False
    most_rows: int | None = None
    undo: Undo | None = None
    timeout_seconds: float = 30.0
    retries: Retries = Retries()
    breaker: Breaker = Breaker()
    workflow: str | None = None
    owner: str | None = None
    description: str = ""
    place: Place
