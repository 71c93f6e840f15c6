"""A shape in, its JSON Schema (2020-12) out: for editors, and for whoever checks a project without us."""

from __future__ import annotations

from typing import Any, assert_never

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

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def as_json_schema(shape: Shape) -> Schema:
    match shape:
        case Anything():
            return {}
        case Word():
            return _word(shape)
        case Number():
            return _number(shape)
        case Flag():
            return {"type": "boolean"}
        case Single():
            return {"type": ["string", "number", "boolean"]}
        case ListOf(item=item, least=0):
            return {"type": ["array", "null"], "items": as_json_schema(item)}
        case ListOf(item=item, least=least):
            return {"type": "array", "items": as_json_schema(item), "minItems": least}
        case NamesTo(name=name, item=item):
            return {
                "type": ["object", "null"],
                "propertyNames": {"pattern": _anchored(name)},
                "additionalProperties": as_json_schema(item),
            }
        case Record():
            return _record(shape)
        case Either():
            forms = [form for form in (shape.scalar, shape.items, shape.entries) if form is not None]
            return {"anyOf": [as_json_schema(form) for form in forms]}
        case _:
            assert_never(shape)


def _word(shape: Word) -> Schema:
    if shape.choices:
        return {"enum": list(shape.choices)}
    if shape.form is not None:
        return {"type": "string", "pattern": _anchored(shape.form)}
    return {"type": "string"} if shape.may_be_empty else {"type": "string", "pattern": r"\S"}


def _number(shape: Number) -> Schema:
    schema: Schema = {"type": "integer" if shape.is_whole else "number"}
    bounds = {"exclusiveMinimum": shape.above, "minimum": shape.least, "maximum": shape.most}
    number = schema | {name: bound for name, bound in bounds.items() if bound is not None}
    return {"anyOf": [number, {"enum": list(shape.words)}]} if shape.words else number


def _record(shape: Record) -> Schema:
    schema: Schema = {"type": "object", "properties": {name: _key(key) for name, key in shape.keys.items()}}
    if required := [name for name, key in shape.keys.items() if key.is_required]:
        schema["required"] = required
    if shape.rest is not None:
        schema["propertyNames"] = {"pattern": _anchored(shape.rest.name)}
        schema["additionalProperties"] = as_json_schema(shape.rest.item)
    elif not shape.is_open:
        schema["additionalProperties"] = False
    if shape.least:
        schema["minProperties"] = shape.least
    if shape.one_of:
        schema["oneOf"] = [{"required": [name]} for name in shape.one_of]
    if shape.needs:
        schema["dependentRequired"] = {name: [needed] for name, needed in shape.needs.items()}
    if shape.some_of:
        schema["anyOf"] = [{"required": [name]} for name in shape.some_of]
    return schema


def _key(key: Key) -> Schema:
    schema = as_json_schema(key.shape)
    return schema | {"description": key.doc} if key.doc else schema


def _anchored(form: Form) -> str:
    # `$` alone would let a line break pass at the end in some engines.
    return rf"^(?:{form.pattern})$(?!\n)"
