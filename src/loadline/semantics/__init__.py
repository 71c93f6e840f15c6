"""What it means: a model in, a linked model out; then a query in, a plan out; then a plan in, SQL out."""

from loadline.semantics.codes import CODES
from loadline.semantics.link import check_filter, link
from loadline.semantics.linked import Linked
from loadline.semantics.requests import field_behind
from loadline.semantics.resolve import resolve
from loadline.semantics.spell import parse_by, parse_filter, parse_order
from loadline.semantics.sql import compile_sql, rollup_query, rollups_for
from loadline.semantics.time import NotUnderstood, Span, read_window
from loadline.semantics.words import Known, Several, Unknown, find_question, phrase

__all__ = [
    "CODES",
    "Known",
    "Linked",
    "NotUnderstood",
    "Several",
    "Span",
    "Unknown",
    "check_filter",
    "compile_sql",
    "field_behind",
    "find_question",
    "link",
    "parse_by",
    "parse_filter",
    "parse_order",
    "phrase",
    "read_window",
    "resolve",
    "rollup_query",
    "rollups_for",
]
