"""The shape of a file of questions: verified questions, and regression cases, and what each key means."""

from __future__ import annotations

from loadline.project.forms import ASKED_METRIC, BY, DAY, FILTERED, IDENTIFIER, LABEL, ORDER
from loadline.project.shapes import Either, Form, Key, ListOf, NamesTo, Number, Record, Single, Word
from loadline.values.feedback import Opinion
from loadline.values.query import Op


def _text(doc: str, *, is_required: bool = False, form: Form | None = None) -> Key:
    return Key(shape=Word(form=form), is_required=is_required, doc=doc)


def _list(item: Word, doc: str, *, least: int = 0) -> Key:
    return Key(shape=ListOf(item=item, least=least), doc=doc)


_FILTER = Record(
    keys={
        "field": _text("a dimension, or a metric of the query", is_required=True, form=FILTERED),
        "op": Key(shape=Word(choices=tuple(Op)), is_required=True, doc="how to compare"),
        "value": Key(
            shape=Either(scalar=Single(), items=ListOf(item=Single(), least=1)),
            doc="what to compare with: one value, two for `between`, a list for `in`, none for `is-null`",
        ),
    }
)

_QUERY = Record(
    some_of=("metrics", "by"),
    keys={
        "metrics": _list(
            Word(form=ASKED_METRIC),
            "metrics or terms, `revenue[1 year ago]` and `revenue[% change from 1 year ago]` too",
            least=1,
        ),
        "by": _list(Word(form=BY), "dimensions, `customers.region` or `time:month`"),
        "where": Key(shape=ListOf(item=_FILTER), doc="filters, all of which hold"),
        "conditions": _list(Word(), "expressions that are true of every row"),
        "during": _text("a window of time: `2025-Q3`"),
        "order": _list(Word(form=ORDER), "metrics or dimensions; `-name` is descending"),
        "limit": Key(shape=Number(is_whole=True, least=1), doc="at most so many groups"),
    },
)

_QUESTION = Record(
    keys={
        "id": _text("its name", is_required=True, form=LABEL),
        "ask": _text("the exact wording", is_required=True),
        "query": Key(is_required=True, doc="what it means", shape=_QUERY),
        "audience": _text("for whom it means this; for everyone if not written", form=LABEL),
        "verified_by": _text("the owner or person who verified it, or is to", form=LABEL),
        "status": Key(
            shape=Word(choices=("approved", "draft")),
            doc="`draft` until whoever answers for it has verified it; `approved` if not written",
        ),
    }
)

_EXPECTED_METRIC = Record(
    keys={
        "version": _text("the digest of all it is made of", is_required=True),
        "is": _text("its definition, for people"),
        "status": _text("its status"),
        "owner": _text("who answered for it"),
        "description": Key(shape=Word(may_be_empty=True), doc="what was said of it"),
    }
)

_EXPECTED = Record(
    keys={
        "receipt": _text("the receipt's id", is_required=True, form=LABEL),
        "status": Key(
            shape=Word(choices=("verified", "unverified", "refused", "clarify")),
            is_required=True,
            doc="the answer's status",
        ),
        "codes": _list(Word(), "the codes that say why it was not verified"),
        "data": _text("the version of the data it was computed on"),
        "value": _text("the digest of all its rows"),
        "rows": _list(Word(), "its first rows, for people: `value` decides"),
        "metrics": Key(
            shape=NamesTo(name=IDENTIFIER, item=_EXPECTED_METRIC), doc="the metrics it rests on, as they were"
        ),
        "only_rows": _list(Word(), "what the policy left of the rows"),
        "rules": _list(Word(), "the rules that permitted it"),
        "sql": _text("the digest of the statement"),
        "dialect": _text("the engine's dialect"),
        "project": _text("the digest of the project"),
        "loadline": _text("the version of loadline that answered"),
    }
)

_CASE = Record(
    some_of=("ask", "query"),
    keys={
        "id": _text("its name", is_required=True, form=LABEL),
        "ask": _text("the words, which are read anew; if not written, `query` itself is asked"),
        "query": Key(shape=_QUERY, doc="what it is to mean; if not written, it is to be refused"),
        "today": _text("the day it is asked on: `last month` is counted from it", is_required=True, form=DAY),
        "person": _text("who asks, where a rule names them: one of `people` in loadline.yaml", form=LABEL),
        "roles": _list(Word(form=LABEL), "in which roles it is asked"),
        "audience": _text("for whom it is asked", form=LABEL),
        "purpose": _text("what its answer is for: a purpose of the W3C Data Privacy Vocabulary", form=LABEL),
        "status": Key(
            shape=Word(choices=("approved", "draft")),
            doc="a `draft` is a candidate that nobody has put right yet, and fails nothing; `approved` if not written",
        ),
        "said": Key(shape=Word(choices=tuple(Opinion)), doc="what a person said of the answer"),
        "expect": Key(
            shape=_EXPECTED, doc="the answer it had; if not written, only the meaning of the words is tested"
        ),
    },
)

QUESTIONS = Record(
    some_of=("questions", "regression"),
    keys={
        "questions": Key(doc="questions whose query a person has verified", shape=ListOf(item=_QUESTION)),
        "regression": Key(
            doc="questions that really were asked, each with the answer it is to have; `loadline traffic promote` "
            "writes them, `loadline replay` asks them",
            shape=ListOf(item=_CASE),
        ),
    },
)
"""The value of a file in `questions/`."""
