"""The short forms people type (`destination.city:month`, `customers.region in north, south`, `-booked_revenue`) in,
dimensions, filters and orders out; or a RequestError. `words` has the way back."""

from __future__ import annotations

import re

from loadline.errors import RequestError
from loadline.semantics import codes
from loadline.semantics.near import nearest
from loadline.values.diagnostic import Diagnostic
from loadline.values.query import By, Filter, Grain, Op, Order, Part, Scalar

_GRAINS = tuple(grain.value for grain in Grain)
_PARTS = tuple(part.value for part in Part)
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*\Z")
_SHIFTS = re.compile(r"(?:\[[^\[\]]*\])+\Z")
_FILTER = re.compile(
    r"\s*(?P<name>[\w.]+(?:\[[^\[\]]*\])*)\s*"
    r"(?P<op>!=|<>|<=|>=|=|<|>|(?<=\s)(?:not[-\s]in|in|between|contains|starts-with|is-not-null|is-null)(?=\s|\Z))"
    r"(?P<rest>.*)\Z",
    re.DOTALL | re.IGNORECASE,
)
_VALUE = re.compile(
    r"""\s*(?:'(?P<single>(?:[^']|'')*)'|"(?P<double>(?:[^"]|"")*)"|(?P<bare>[^'",\s][^,]*?))\s*(?:,|\Z)"""
)


def parse_by(text: str) -> By:
    name, colon, grain = text.strip().partition(":")
    if not _NAME.match(name) or (colon and not grain):
        raise _unread(f"`{text}` is not a dimension", "write `dataset.field`, `dataset.field:month` or `time:month`")
    if not colon:
        return By(name=name)
    word = grain.strip().lower().replace("-", "_")
    if word in _PARTS:
        return By(name=name, part=Part(word))
    if word in _GRAINS:
        return By(name=name, grain=Grain(word))
    close = nearest(word, (*_GRAINS, *_PARTS))
    if close is not None or not word.isidentifier():
        mend = f"write `{name}:{close}`" if close else f"use one of {', '.join((*_GRAINS, *_PARTS))}"
        raise _unread(f"`{grain}` is not a grain", mend)
    return By(name=name, own_grain=word)  # which the calendar declares, or resolving says that it does not


def parse_order(text: str) -> Order:
    wanted = text.strip()
    name = wanted.removeprefix("-").strip()
    if not _NAME.match(_SHIFTS.sub("", name).partition(":")[0]):
        raise _unread(f"`{text}` is not an order", "write a metric or dimension, with `-` in front for descending")
    return Order(name=name, is_descending=wanted.startswith("-"))


def parse_filter(text: str) -> Filter:
    """Values stay text here; resolving types them by the field they are compared with."""
    found = _FILTER.match(text)
    if found is None or not _NAME.match(_SHIFTS.sub("", found["name"])):
        operators = ", ".join(op.value for op in Op)
        raise _unread(f"`{text}` is not a filter", f"write `field op value`, where op is one of {operators}")
    op = Op({"<>": "!=", "not in": "not-in"}.get(" ".join(found["op"].lower().split()), found["op"].lower()))
    values = _values(op, found["rest"], text)
    return Filter(name=found["name"], op=op, values=values)


def _values(op: Op, rest: str, text: str) -> tuple[Scalar, ...]:
    if op in {Op.IS_NULL, Op.IS_NOT_NULL}:
        if rest.strip():
            raise _unread(f"`{op}` takes no value and gets `{rest.strip()}`", f"end the filter after `{op}`")
        return ()
    if op is Op.BETWEEN:
        rest = re.sub(r"\s+and\s+", ",", rest, count=1, flags=re.IGNORECASE)
    if op in {Op.IN, Op.NOT_IN}:
        rest = re.sub(r"\A\s*\((.*)\)\s*\Z", r"\1", rest, flags=re.DOTALL)
    if op not in {Op.IN, Op.NOT_IN, Op.BETWEEN}:
        return (_single(rest, text),)
    return _several(rest, text)


def _single(rest: str, text: str) -> str:
    """One value: quoted, or everything that follows."""
    found = _VALUE.fullmatch(rest)
    if found is not None and found["bare"] is None:
        return _plain(found)
    bare = rest.strip()
    if rest[:1] in {"=", "<", ">", "!", "~"}:
        raise _unread(
            f"`{text}` has no operator that is known: `{rest[0]}` follows it at once",
            f"write one of {', '.join(op.value for op in Op)}, and a value that begins with `{rest[0]}` in quotes",
        )
    if not bare or bare[0] in "'\"":
        raise _unread(
            f"`{text}` has no value to compare with", "write a value after the operator, in quotes if need be"
        )
    return bare


def _several(rest: str, text: str) -> tuple[str, ...]:
    values: list[str] = []
    at = 0
    while at < len(rest):
        found = _VALUE.match(rest, at)
        if found is None:
            raise _unread(f"the values of `{text}` cannot be read", "separate them by commas, in quotes if need be")
        values.append(_plain(found))
        at = found.end()
    if not values or rest.rstrip().endswith(","):
        raise _unread(f"`{text}` lacks a value", "write the values after the operator, separated by commas")
    return tuple(values)


def _plain(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return found["single"].replace("''", "'")
    if found["double"] is not None:
        return found["double"].replace('""', '"')
    return found["bare"].strip()


def _unread(what: str, mend: str) -> RequestError:
    code = codes.UNREAD_SHORTHAND
    return RequestError(Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend))
