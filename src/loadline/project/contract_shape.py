"""The shape of a contract: what is read of the Open Data Contract Standard, and what each key means."""

from __future__ import annotations

from loadline.project import codes
from loadline.project.forms import CONTRACT_VERSIONS, LOGICAL_TYPES
from loadline.project.shapes import Anything, Either, Flag, Form, Key, ListOf, Number, Record, Single, Word
from loadline.values.contract import Must, RuleKind


def _text(doc: str, *, is_required: bool = False, form: Form | None = None) -> Key:
    return Key(shape=Word(form=form), is_required=is_required, doc=doc)


def _extensions(doc: str) -> Key:
    return Key(
        doc=doc,
        shape=ListOf(
            item=Record(
                is_open=True,
                keys={
                    "property": _text("the extension's name", is_required=True),
                    "value": Key(shape=Anything(), is_required=True, doc="what it says"),
                    "vendor": _text("whose extension it is"),
                },
            )
        ),
    )


_DESCRIPTION = Key(shape=Word(may_be_empty=True), doc="what it is, in a sentence people can read")
_PAIR = ListOf(item=Number(), least=2)
_ONE_OR_MORE = Either(scalar=Word(), items=ListOf(item=Word(), least=1))

_RULE = Record(
    is_open=True,
    keys={
        "id": _text("what tells this rule from others"),
        "name": _text("the rule's name"),
        "description": Key(shape=Word(may_be_empty=True), doc="what the rule is about; told with what it finds"),
        "type": Key(shape=Word(choices=tuple(RuleKind)), doc="`library` (if not written), `sql`, `text` or `custom`"),
        "metric": _text("`nullValues`, `missingValues`, `invalidValues`, `duplicateValues` or `rowCount`"),
        "rule": _text("the same, in contracts before v3.1.0"),
        "arguments": Key(
            doc="more about the metric",
            shape=Record(
                is_open=True,
                keys={
                    "missingValues": Key(shape=Anything(), doc="the values that stand for none; `null` is one"),
                    "validValues": Key(shape=Anything(), doc="the only valid values"),
                    "pattern": _text("what valid text looks like"),
                    "properties": Key(shape=_ONE_OR_MORE, doc="the columns that are unique together"),
                },
            ),
        ),
        **{
            str(must): Key(shape=Anything(), doc="what the number must be")
            if must in (Must.BE, Must.NOT_BE)
            else Key(shape=_PAIR, doc="two numbers, the smaller first, both included")
            if must in (Must.BE_BETWEEN, Must.NOT_BE_BETWEEN)
            else Key(shape=Number(), doc="what the number must be")
            for must in Must
        },
        "unit": _text("`rows` (if not written) or `percent`"),
        "severity": _text("`error` (if not written), `warning` or `info`"),
        "dimension": _text("`completeness`, `uniqueness`, `timeliness` …"),
        "schedule": _text("when to look: five fields of cron"),
        "query": _text("of a `sql` rule: one SELECT of one value; `${table}` and `${column}` stand for their names"),
        "engine": _text("of a `custom` rule: whose it is; it is listed, and not run"),
        "customProperties": _extensions("extensions of vendor `loadline`: `where`, `tolerance`, `cause`"),
    },
)
_RULES = ListOf(item=_RULE)

_COLUMN = Record(
    is_open=True,
    some_of=("logicalType", "physicalType"),
    keys={
        "name": _text("the column's name", is_required=True),
        "physicalName": _text("its name in the warehouse, where that is another"),
        "logicalType": Key(shape=Word(choices=LOGICAL_TYPES), doc="its type, in the standard's words"),
        "physicalType": _text("its type, in the engine's words"),
        "required": Key(shape=Flag(), doc="whether every row has a value"),
        "unique": Key(shape=Flag(), doc="whether no two rows have the same value"),
        "primaryKey": Key(shape=Flag(), doc="whether it is part of the primary key"),
        "primaryKeyPosition": Key(shape=Number(is_whole=True, least=-1), doc="its place in the primary key, from 1"),
        "classification": _text("its class of data, which rules speak of: `personal`"),
        "description": _DESCRIPTION,
        "logicalTypeOptions": Key(
            doc="more about its type",
            shape=Record(
                is_open=True,
                keys={
                    "timezone": Key(shape=Flag(), doc="whether a timestamp names an instant"),
                    "defaultTimezone": _text("the clock a timestamp without a zone shows: an IANA time zone"),
                    "pattern": _text("what the text looks like: a regular expression, found anywhere in it"),
                    "minLength": Key(shape=Number(is_whole=True, least=0), doc="characters the text has at least"),
                    "maxLength": Key(shape=Number(is_whole=True, least=0), doc="characters the text has at most"),
                    "minimum": Key(shape=Single(), doc="the least value"),
                    "maximum": Key(shape=Single(), doc="the greatest value"),
                    "exclusiveMinimum": Key(shape=Single(), doc="every value is above this one"),
                    "exclusiveMaximum": Key(shape=Single(), doc="every value is below this one"),
                    "multipleOf": Key(shape=Number(above=0), doc="every value is a multiple of this number"),
                    "format": _text("`email`, `uuid`, `uri`, `hostname`, `ipv4` or `ipv6`; others are not looked at"),
                },
            ),
        ),
        "enum": Key(
            doc="the only values it has",
            shape=ListOf(
                item=Record(
                    is_open=True,
                    keys={"value": Key(shape=Anything(), is_required=True, doc="one value")},
                )
            ),
        ),
        "relationships": Key(
            doc="whose values are its values",
            shape=ListOf(
                item=Record(
                    is_open=True,
                    keys={
                        "to": Key(
                            shape=_ONE_OR_MORE, is_required=True, doc="`table.column` where every value is found"
                        ),
                        "customProperties": _extensions("extensions of vendor `loadline`"),
                    },
                )
            ),
        ),
        "quality": Key(shape=_RULES, doc="rules about it"),
        "customProperties": _extensions("extensions of vendor `loadline`: `where`, `tolerance`, `severity`, `cause`"),
    },
)

_TEAM = Either(
    items=ListOf(
        item=Record(
            is_open=True,
            keys={"username": _text("who it is"), "name": _text("their name"), "role": _text("`owner` owns the data")},
        )
    ),
    entries=Record(is_open=True, keys={"name": _text("the team's name: it owns the data")}),
)

CONTRACT = Record(
    is_open=True,
    keys={
        "apiVersion": Key(
            shape=Word(choices=CONTRACT_VERSIONS, code=codes.CONTRACT_VERSION),
            is_required=True,
            doc="the version of the standard: `v3.2.0`",
        ),
        "kind": Key(shape=Word(choices=("DataContract",)), is_required=True, doc="`DataContract`"),
        "id": _text("what tells this contract from every other", is_required=True),
        "version": _text("the version of this contract", is_required=True),
        "status": _text("`draft` (if not written), `active`, `deprecated` …"),
        "team": Key(shape=_TEAM, doc="who owns the data: a team with a name, or its members with their roles"),
        "customProperties": _extensions(
            "extensions of vendor `loadline`: `owner` names the owner, `takenAt` the instant a copy was taken, "
            "`watch` what is watched for drift"
        ),
        "slaProperties": Key(
            doc="how fresh and how regular the data is",
            shape=ListOf(
                item=Record(
                    is_open=True,
                    keys={
                        "property": _text("`latency`, `freshness`, `frequency`, `retention` …", is_required=True),
                        "value": Key(shape=Anything(), is_required=True, doc="how much of it"),
                        "unit": _text("of time: `m`, `h`, `d`, `w`, `mo`, `y`"),
                        "element": _text("the column it is measured on: `table.column`; several with commas"),
                        "schedule": _text("when it is due: five fields of cron"),
                        "customProperties": _extensions("extensions of vendor `loadline`: `arrival`, `partial` …"),
                    },
                )
            ),
        ),
        "schema": Key(
            doc="the tables it makes promises about",
            shape=ListOf(
                item=Record(
                    is_open=True,
                    keys={
                        "name": _text("the table's name", is_required=True),
                        "physicalName": _text("its name in the warehouse"),
                        "description": _DESCRIPTION,
                        "properties": Key(shape=ListOf(item=_COLUMN), doc="its columns"),
                        "relationships": Key(
                            doc="whose values are the values of several of its columns together",
                            shape=ListOf(
                                item=Record(
                                    is_open=True,
                                    keys={
                                        "from": Key(shape=_ONE_OR_MORE, is_required=True, doc="`table.column` here"),
                                        "to": Key(shape=_ONE_OR_MORE, is_required=True, doc="`table.column` there"),
                                    },
                                )
                            ),
                        ),
                        "quality": Key(shape=_RULES, doc="rules about the table"),
                        "customProperties": _extensions(
                            "extensions of vendor `loadline`: `volumeChange`, and those of a column"
                        ),
                    },
                )
            ),
        ),
    },
)
