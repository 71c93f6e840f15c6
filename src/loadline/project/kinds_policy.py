"""The shape of `policies/*.yaml`, and what each key means."""

from __future__ import annotations

from loadline.project.forms import BY, LABEL, PATTERN
from loadline.project.shapes import Either, Flag, Form, Key, ListOf, NamesTo, Number, Record, Single, Word
from loadline.project.state_shape import STATE_RULES
from loadline.values.purpose import PURPOSES
from loadline.values.rule import Deed, Effect, EffectClass, Per

FACT = Form(
    pattern=r"[a-z_]+(?:\.[a-z_][a-z0-9_]*)?",
    why="a fact is named in small letters; an argument of an action is `args.` and its name",
    mend="write it like `rows_affected` or `args.amount`",
)
MASKED = Form(
    pattern=r"nothing|constant|hash|last4|bucket [1-9][0-9]{0,11}",
    why="a mask is `nothing`, `constant`, `hash`, `last4`, or `bucket` and how wide one is",
    mend="write it like `hash` or `bucket 10`",
)
DURATION = Form(
    pattern=r"[1-9][0-9]{0,4} (?:minute|hour|day)s?",
    why="a span of time is a whole number of minutes, hours or days",
    mend="write it like `8 hours`",
)
_NAMES = Word(form=LABEL)
_PATTERNS = Word(form=PATTERN)
_DEEDS = Word(choices=tuple(Deed))


def _text(doc: str, *, is_required: bool = False, form: Form | None = None) -> Key:
    return Key(shape=Word(form=form), is_required=is_required, doc=doc)


def _list(item: Word, doc: str, *, least: int = 1) -> Key:
    return Key(shape=ListOf(item=item, least=least), doc=doc)


def _count(doc: str) -> Key:
    return Key(shape=Number(is_whole=True, least=1, most=1_000_000_000), doc=doc)


_WHO = Record(
    least=1,
    keys={
        "people": _list(_NAMES, "by name"),
        "roles": _list(_NAMES, "holding one of these roles"),
        "audiences": _list(_NAMES, "speaking for one of these audiences"),
        "agents": _list(
            _PATTERNS, "agents, on whoever's behalf; `*` is any. A permit without it lets agents only read"
        ),
        "purposes": _list(Word(choices=tuple(PURPOSES)), "asking for one of these purposes, or for a part of one"),
    },
)

_ON = Record(
    least=1,
    keys={
        "metrics": _list(_PATTERNS, "metrics, `booked_*`"),
        "columns": _list(_PATTERNS, "columns, `customers.email`"),
        "classifications": _list(_PATTERNS, "columns of a class of data"),
        "datasets": _list(_PATTERNS, "all columns of a dataset, `customers`"),
        "tables": _list(_PATTERNS, "relations that are read or written, `sales.orders`"),
        "actions": _list(_PATTERNS, "declared actions, `refund`; `sql` is a statement an agent wrote; with `act` only"),
        "effects": _list(Word(choices=tuple(EffectClass)), "actions that do this to the outside; with `act` only"),
    },
)

_APPROVAL = Record(
    keys={
        "role": _text("the role of those who may say yes", is_required=True, form=LABEL),
        "count": Key(
            shape=Number(is_whole=True, least=1, most=20), doc="how many different people must; 1 if not written"
        ),
        "expires": _text("how long they have; 24 hours if not written", form=DURATION),
        "deputy": Key(
            shape=Record(
                keys={
                    "role": _text("a role that may say yes, too", is_required=True, form=LABEL),
                    "after": _text("from when on", is_required=True, form=DURATION),
                }
            ),
            doc="who steps in when nobody answers",
        ),
    }
)

_LIMITS = Record(
    least=1,
    keys={
        "rows": _count("rows shown, or changed, at a time"),
        "per_minute": _count("times in a minute; with `act` only"),
        "per_hour": _count("times in an hour; with `act` only"),
        "per_day": _count("times in a day; with `act` only"),
        "totals": Key(
            shape=NamesTo(
                name=FACT,
                item=Record(
                    keys={
                        "most": Key(shape=Number(above=0), is_required=True, doc="the largest sum"),
                        "per": Key(
                            shape=Word(choices=tuple(Per)), doc="of a minute, an hour or a day; `day` if not written"
                        ),
                    }
                ),
            ),
            doc="the sum of a number, `amount`, over a time; with `act` only",
        ),
    },
)

_RULE = Record(
    one_of=("permit", "hold", "forbid"),
    needs={"rows": "permit"},
    keys={
        "name": _text("the rule's name, which decisions give", is_required=True, form=LABEL),
        "permit": Key(shape=_DEEDS, doc="what may be done: `ask`, `verify` or `act`"),
        "hold": Key(shape=_DEEDS, doc="what may be done only once it is approved"),
        "forbid": Key(shape=_DEEDS, doc="what may not be done"),
        "who": Key(doc="whom the rule is about; anyone if not written", shape=_WHO),
        "on": Key(doc="what the rule is about; anything if not written", shape=_ON),
        "when": _text("a condition over facts: the rule is about that only where it is true"),
        "rows": _text("a condition: only rows for which it is true may be seen; with `permit` only"),
        "masks": Key(
            shape=NamesTo(name=PATTERN, item=Word(form=MASKED)),
            doc="columns shown only as `nothing`, `constant`, `hash`, `last4` or `bucket 10`; with `permit` only",
        ),
        "limits": Key(shape=_LIMITS, doc="how much at a time or in a while; with `permit` only"),
        "approval": Key(
            shape=Either(entries=_APPROVAL, items=ListOf(item=_APPROVAL, least=1)),
            doc="whose yes lifts a hold; of a list, all of them; with `hold` only",
        ),
        "because": _text("why the rule is there, which decisions give"),
    },
)

_QUESTION = Record(
    some_of=("metrics", "by"),
    keys={
        "metrics": _list(Word(), "metrics or terms"),
        "by": _list(Word(form=BY), "dimensions"),
        "where": _list(Word(), "filters, `customers.region = north`"),
        "conditions": _list(Word(), "expressions that are true of every row"),
        "rows": Key(shape=Flag(), doc="whether rows are shown as they are"),
    },
)

_TESTED_ACT = Record(
    keys={
        "action": _text("a declared action, or `sql`", is_required=True, form=LABEL),
        "effect": Key(
            shape=Word(choices=tuple(EffectClass)), doc="what it does to the outside; `write` if not written"
        ),
        "tables": _list(Word(), "relations it reads or writes"),
        "writes": _list(Word(), "relations it changes"),
        "columns": _list(Word(), "columns of them"),
        "classifications": _list(Word(), "classes of data in them"),
    }
)

_TEST = Record(
    one_of=("ask", "verify", "act"),
    keys={
        "name": _text("what is tested, in a sentence", is_required=True),
        "who": Key(
            is_required=True,
            doc="who asks: a person's name, or more about them",
            shape=Either(
                scalar=_NAMES,
                entries=Record(
                    keys={
                        "person": _text("a person of loadline.yaml", is_required=True, form=LABEL),
                        "roles": _list(_NAMES, "other roles than theirs", least=0),
                        "audience": _text("for whom", form=LABEL),
                        "agent": _text("the agent that asks on their behalf", form=LABEL),
                        "purpose": Key(shape=Word(choices=tuple(PURPOSES)), doc="what for"),
                    }
                ),
            ),
        ),
        "ask": Key(shape=_QUESTION, doc="a question"),
        "verify": Key(shape=_QUESTION, doc="a question a text is verified with"),
        "act": Key(shape=_TESTED_ACT, doc="an action"),
        "facts": Key(shape=NamesTo(name=FACT, item=Single()), doc="what conditions speak of: `amount: 2000`"),
        "expect": Key(shape=Word(choices=tuple(Effect)), is_required=True, doc="what is to be decided"),
        "rules": _list(_NAMES, "exactly the rules that decide it; not looked at if not written", least=0),
    },
)

POLICY = Record(
    some_of=("rules", "tests", "data"),
    keys={
        "rules": Key(
            doc="what is permitted, held and forbidden; what no rule permits is forbidden, a forbid beats everything",
            shape=ListOf(item=_RULE),
        ),
        "data": STATE_RULES,
        "tests": Key(doc="what must be decided, as `loadline policy test` tries", shape=ListOf(item=_TEST)),
    },
)
