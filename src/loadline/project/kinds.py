"""The six kinds of file a project has: their shapes, and what each key means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from loadline.project.contract_shape import CONTRACT
from loadline.project.forms import (
    ADDRESS,
    ARROW,
    BY,
    COLUMN,
    END,
    FIELD_TYPES,
    IDENTIFIER,
    LABEL,
    MONTH_DAY,
    REFERENCE,
    RELATION,
    SPINE_GRAINS,
    WATCH_UNITS,
    WEBHOOK,
    WEEKDAYS,
)
from loadline.project.json_schema import DIALECT, as_json_schema
from loadline.project.kinds_actions import ACTIONS, CANARIES, TARGETS
from loadline.project.kinds_doors import DOORS
from loadline.project.kinds_policy import POLICY
from loadline.project.question_shape import QUESTIONS
from loadline.project.shapes import (
    Either,
    Flag,
    Form,
    Key,
    ListOf,
    NamesTo,
    Number,
    Record,
    Shape,
    Word,
)
from loadline.values.model import Status
from loadline.values.query import Grain


def _text(doc: str, *, is_required: bool = False, form: Form | None = None) -> Key:
    return Key(shape=Word(form=form), is_required=is_required, doc=doc)


def _list(item: Word, doc: str, *, least: int = 0) -> Key:
    return Key(shape=ListOf(item=item, least=least), doc=doc)


def _days(doc: str) -> Key:
    return Key(shape=Number(is_whole=True, least=1, most=36_500), doc=f"how many days: {doc}")


def _record(doc: str, /, **keys: Key) -> Key:
    return Key(shape=Record(keys=keys), doc=doc)


_DESCRIPTION = Key(shape=Word(may_be_empty=True), doc="what it is, in a sentence people can read")
_SYNONYMS = _list(Word(), "other words people use for it")
_ONE_OR_MORE_COLUMNS = Either(scalar=Word(form=COLUMN), items=ListOf(item=Word(form=COLUMN), least=1))
_ENDS = Either(scalar=Word(form=END), items=ListOf(item=Word(form=END), least=1))

_COLUMNS = ListOf(item=Word(form=COLUMN), least=1)
_WATCH_KEYS = {
    "every": Key(shape=Word(choices=WATCH_UNITS), doc="the length of a window; `day` if not written"),
    "columns": Key(shape=_COLUMNS, doc="what is watched; every column of the contract but keys, if not written"),
    "without": Key(shape=_COLUMNS, doc="columns that are not watched"),
    "segment": _text("a column each of whose values is watched apart", form=COLUMN),
    "quality": _text("a true/false column that says whether a row went well", form=COLUMN),
    "baseline": Key(
        shape=Number(is_whole=True, least=8, most=366), doc="how many windows are learned from before judging begins"
    ),
    "budget": Key(shape=Number(above=1, most=1_000_000), doc="the alarm budget in windows; 1,000 if not written"),
    "settle_hours": Key(
        shape=Number(least=0, most=8_784), doc="how long after its end a window is complete; 0 if not written"
    ),
    "owner": _text("who answers for it: one of `owners`"),
}
CONTRACT_WATCH = Record(keys=_WATCH_KEYS)
"""The value of a contract's custom property `watch` of vendor `loadline`."""

LOADLINE = Record(
    keys={
        "name": _text("the project's name", is_required=True, form=LABEL),
        "description": _DESCRIPTION,
        "region": _text("where questions are answered, as contracts' rights call it", form=LABEL),
        "warehouse": Key(
            is_required=True,
            doc="where the data is",
            shape=Record(
                keys={
                    "kind": Key(
                        shape=Word(choices=("duckdb", "postgres")),
                        is_required=True,
                        doc="the engine: `duckdb` or `postgres`",
                    ),
                    "database": _text("a DuckDB file, relative to the project"),
                    "url": _text("where PostgreSQL is: `env:NAME`, or an address without a password", form=ADDRESS),
                    "versions": Key(
                        shape=Word(choices=("none", "snapshot")),
                        doc="whether PostgreSQL's data stands still between loads, so that its snapshot is a version; "
                        "`none` if not written",
                    ),
                    "statistics": Key(
                        shape=Word(choices=("trusted", "ignored")),
                        doc="whether what Parquet files say of their rows (counts, least, greatest) is believed; "
                        "`trusted` if not written",
                    ),
                    "files": Key(
                        shape=NamesTo(name=RELATION, item=Word()),
                        doc="relation → Parquet, CSV or Excel file, or a pattern of files, relative to the project",
                    ),
                    "timeout_seconds": Key(
                        shape=Number(above=0, most=86_400),
                        doc="how long a query may take; 60 if not written",
                    ),
                    "max_rows": Key(
                        shape=Number(is_whole=True, least=1, most=1_000_000_000),
                        doc="how many rows an answer may have; 1,000,000 if not written",
                    ),
                }
            ),
        ),
        "store": _record(
            "where the ledger is kept",
            path=_text("the ledger's file, relative to the project; `.loadline/ledger.db` if not written"),
        ),
        "planner": _record(
            "who may put together a question in words that the grammar cannot read; nobody if not written",
            kind=Key(
                shape=Word(choices=("none", "openai", "anthropic")),
                is_required=True,
                doc="the wire format: `openai` (any server that speaks its chat completions), `anthropic`, or `none`",
            ),
            url=_text("the server: an address, or `env:NAME`; the service's own if not written", form=WEBHOOK),
            model=_text("the model, as the server calls it"),
            key=_text("the key: `env:NAME`, never the key itself", form=REFERENCE),
            timeout_seconds=Key(shape=Number(above=0, most=600), doc="how long it may take; 20 if not written"),
            provider=_text("who runs it, as contracts' rights call them; its `kind` if not written", form=LABEL),
            region=_text("where it runs, as contracts' rights call it", form=LABEL),
        ),
        "watch": Key(
            doc="what is watched for drift, by a name of its own",
            shape=NamesTo(
                name=LABEL,
                item=Record(
                    keys={
                        "dataset": _text("the dataset it watches; its own name if not written", form=IDENTIFIER),
                        "of": Key(
                            shape=Word(choices=("answers",)),
                            doc="`answers`: watch not a dataset but how many answers are verified",
                        ),
                        **_WATCH_KEYS,
                    }
                ),
            ),
        ),
        "alarms": _record(
            "where alarms are sent, as CloudEvents",
            file=_text("a file that gets one event a line, relative to the project"),
            webhook=_text("a receiver: `env:NAME`, or its address", form=WEBHOOK),
            cooldown=Key(
                shape=Number(is_whole=True, least=0, most=366),
                doc="windows after an alarm in which the same watch sends no other; 7 if not written",
            ),
        ),
        "notices": _record(
            "where approvers are told of what waits for them, as CloudEvents",
            file=_text("a file that gets one event a line, relative to the project"),
            webhook=_text("a receiver: `env:NAME`, or its address", form=WEBHOOK),
            command=_list(Word(), "a program and its arguments; it gets one event on its standard input", least=1),
        ),
        "ledger": _record(
            "who may do what with the ledger itself",
            readers=_list(
                Word(form=LABEL),
                "the roles whose holders read everybody's entries; `admin`, `auditor` and `steward` if not written",
            ),
            stewards=_list(
                Word(form=LABEL),
                "the roles whose holders may have somebody forgotten; `admin` and `steward` if not written",
            ),
        ),
        "retention": _record(
            "for how long the ledger keeps what entries say; for ever where nothing is written",
            questions_days=_days("questions, answers and what a planner made of them"),
            actions_days=_days("actions and approvals"),
            feedback_days=_days("what people said of answers"),
        ),
        "doors": Key(doc="who is let in at `loadline serve` and `loadline mcp serve`, and how often", shape=DOORS),
        "targets": Key(doc="databases that agents may write to, through actions", shape=TARGETS),
        "canaries": Key(
            doc="acts that must be denied, tried on a schedule: silence of the gate is an alarm", shape=CANARIES
        ),
        "owners": Key(
            doc="the teams that answer for definitions and data",
            shape=NamesTo(
                name=LABEL,
                item=Record(
                    keys={"title": _text("its name for people"), "contact": _text("an address people can write to")}
                ),
            ),
        ),
        "audiences": Key(
            doc="those for whom words have a meaning of their own, each in a sentence",
            shape=NamesTo(name=LABEL, item=Word(may_be_empty=True)),
        ),
        "agents": Key(
            doc="programs that ask or act on behalf of people, each in a sentence; rules may name them",
            shape=NamesTo(
                name=LABEL,
                item=Either(
                    scalar=Word(may_be_empty=True),
                    entries=Record(
                        keys={
                            "description": _DESCRIPTION,
                            "provider": _text("who runs its model, as contracts' rights call them", form=LABEL),
                            "region": _text("where that runs, as contracts' rights call it", form=LABEL),
                        }
                    ),
                ),
            ),
        ),
        "people": Key(
            doc="who may ask; `local` is whoever sits at this terminal",
            shape=NamesTo(
                name=LABEL,
                item=Record(
                    keys={
                        "roles": _list(Word(form=LABEL), "the roles they hold, which rules speak of"),
                        "audience": _text("whose words they speak", form=LABEL),
                        "purpose": _text("what they ask for, unless they say otherwise: a purpose of DPV", form=LABEL),
                    }
                ),
            ),
        ),
    }
)

_FIELD = Either(
    scalar=Word(),
    entries=Record(
        keys={
            "expr": _text("an expression over the columns and fields of this dataset", is_required=True),
            "type": Key(shape=Word(choices=FIELD_TYPES), doc="its type, where the expression does not tell"),
            "description": _DESCRIPTION,
            "synonyms": _SYNONYMS,
        }
    ),
)

_DATASET = Record(
    keys={
        "source": _text("the relation in the warehouse", is_required=True, form=RELATION),
        "contract": _text("the file in contracts/ that promises its columns, without its ending"),
        "key": Key(
            shape=_ONE_OR_MORE_COLUMNS,
            doc="the column or columns that tell rows apart; the contract's primary key if not written",
        ),
        "time": _text("the default time field", form=COLUMN),
        "description": _DESCRIPTION,
        "synonyms": _SYNONYMS,
        "fields": Key(
            shape=NamesTo(name=IDENTIFIER, item=_FIELD), doc="expressions with a name; `name: expression` for short"
        ),
        "bridge": Key(
            shape=Flag(), doc="whether its rows only say which rows of two other datasets belong together, many to many"
        ),
    }
)

_RELATIONSHIP = Either(
    scalar=Word(form=ARROW),
    entries=Record(
        keys={
            "from": Key(shape=_ENDS, is_required=True, doc="the side with many rows: `dataset.column`, or a list"),
            "to": Key(shape=_ENDS, is_required=True, doc="the side with one row: `dataset.column`, or a list"),
            "as": _text("the role the target plays: `destination`", form=IDENTIFIER),
            "valid": Key(
                shape=ListOf(item=Word(form=COLUMN), least=2),
                doc="two columns of the target, from when (in) and until when (out; empty: still) a row of it holds",
            ),
        }
    ),
)

_METRIC = Record(
    some_of=("is", "convert"),
    keys={
        "is": _text("the number: arithmetic over aggregates and other metrics"),
        "where": _text("only rows for which this is true"),
        "time": _text("its time field, `dataset.field`; the default one of its dataset if not written"),
        "over": _text("makes it cumulative: `28 days`, `month to date`, `all`"),
        "take": _text("what stands for a longer period: `last of period` (or first, max, min, average)"),
        "per": Key(
            shape=Either(scalar=Word(form=END), items=ListOf(item=Word(form=END), least=1)),
            doc="with `take`, whose last; with `convert`, the field that tells subjects apart (or one of each metric)",
        ),
        "convert": _text("the metric whose events may be followed by others", form=IDENTIFIER),
        "to": _text("with `convert`: the metric of the events that follow", form=IDENTIFIER),
        "within": _text("with `convert`: how much later at most: `14 days`; any time if not written"),
        "constant": Key(
            shape=ListOf(
                item=Record(
                    keys={
                        "from": _text("a field of the first event", is_required=True, form=END),
                        "to": _text("the field of the second that must be equal", is_required=True, form=END),
                    }
                )
            ),
            doc="with `convert`: further fields that must be equal",
        ),
        "as": Key(
            shape=Word(choices=("rate", "count")),
            doc="with `convert`: how many followed for each first event (if not written), or how many followed",
        ),
        "fill": Key(
            shape=Number(words=("none",)),
            doc="what a group without a value gets: a number, or `none` for nothing at all, even of a count",
        ),
        "every_period": Key(shape=Flag(), doc="whether periods in which nothing happened appear, too"),
        "unit": _text("what it is counted in: `EUR`"),
        "format": Key(shape=Word(choices=("number", "percent")), doc="how it is printed: `number` or `percent`"),
        "owner": _text("who answers for it: one of `owners` in loadline.yaml"),
        "status": Key(
            shape=Word(choices=tuple(Status)),
            doc="`draft` (if not written), `approved` or `deprecated`; only what is approved can be verified",
        ),
        "description": _DESCRIPTION,
        "synonyms": _SYNONYMS,
    },
)

_TERM = Record(
    keys={
        "otherwise": Key(
            shape=Word(), doc="a metric for every other audience, or `ask` (if not written): nobody guesses"
        ),
        "synonyms": _SYNONYMS,
    },
    rest=NamesTo(name=LABEL, item=Word()),
)

CONTEXT = Record(
    keys={
        "datasets": Key(shape=NamesTo(name=IDENTIFIER, item=_DATASET), doc="relations with a meaning"),
        "relationships": Key(shape=ListOf(item=_RELATIONSHIP), doc="which rows belong together, many to one"),
        "metrics": Key(shape=NamesTo(name=IDENTIFIER, item=_METRIC), doc="governed numbers"),
        "terms": Key(shape=NamesTo(name=IDENTIFIER, item=_TERM), doc="words that are not one thing: audience → metric"),
        "rollups": Key(
            doc="tables of the warehouse that keep metrics added up, to be read in place of a large dataset",
            shape=NamesTo(
                name=IDENTIFIER,
                item=Record(
                    keys={
                        "of": _text("the dataset it stands for", is_required=True, form=IDENTIFIER),
                        "source": _text("the relation in the warehouse", is_required=True, form=RELATION),
                        "by": Key(
                            shape=ListOf(item=Word(form=BY), least=1),
                            is_required=True,
                            doc="its dimensions: `customers.region`, `orders.ordered_at:day`",
                        ),
                        "metrics": Key(
                            shape=ListOf(item=Word(form=IDENTIFIER), least=1),
                            is_required=True,
                            doc="the metrics it keeps, of which parts add up",
                        ),
                        "description": _DESCRIPTION,
                    }
                ),
            ),
        ),
        "calendar": _record(
            "how this company counts time; once in a project",
            spines=Key(
                shape=ListOf(
                    item=Record(
                        keys={
                            "source": _text("the relation in the warehouse", is_required=True, form=RELATION),
                            "column": _text("its column with the start of each period", is_required=True, form=COLUMN),
                            "grain": Key(
                                shape=Word(choices=tuple(grain for grain in Grain if grain in SPINE_GRAINS)),
                                doc="how long each period is; `day` if not written",
                            ),
                            "grains": Key(
                                shape=NamesTo(name=IDENTIFIER, item=Word(form=COLUMN)),
                                doc="periods of your own: name → column with the first day of each",
                            ),
                        }
                    )
                ),
                doc="tables of all periods, for periods of your own and for those in which nothing happened",
            ),
            fiscal_year_starts=_text("the first day of the fiscal year, month-day: `02-01`", form=MONTH_DAY),
            week_starts=Key(shape=Word(choices=WEEKDAYS), doc="the first day of the week; `monday` if not written"),
            timezone=_text("an IANA time zone: `Europe/Berlin`; `UTC` if not written"),
        ),
    }
)

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "loadline": LOADLINE,
        "context": CONTEXT,
        "contract": CONTRACT,
        "policy": POLICY,
        "questions": QUESTIONS,
        "actions": ACTIONS,
    }
)
KINDS = tuple(SHAPES)
MAY_BE_EMPTY = frozenset({"context"})

_TITLES = {
    "loadline": "loadline.yaml: the project, its warehouse, owners, audiences and people",
    "context": "context/*.yaml: what the data means",
    "contract": "contracts/*.yaml: what the data promises (what is read of the Open Data Contract Standard)",
    "policy": "policies/*.yaml: what is allowed",
    "questions": "questions/*.yaml: questions whose query a person has verified, and regression cases",
    "actions": "actions/*.yaml: what agents may do to the world",
}


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file kind. Raises KeyError for a kind that is none of KINDS."""
    written = as_json_schema(SHAPES[kind])
    if kind in MAY_BE_EMPTY:
        written["type"] = [written["type"], "null"]
    return {"$schema": DIALECT, "title": _TITLES[kind], **written}
