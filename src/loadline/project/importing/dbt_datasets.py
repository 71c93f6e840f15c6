"""A manifest in; datasets, relationships and time spines as a context file says them out."""

from __future__ import annotations

import re

from loadline.project.importing.dbt_joins import Join
from loadline.project.importing.dbt_names import Names
from loadline.project.importing.dbt_nouns import Manifest, SemanticModel, TimeSpine
from loadline.project.importing.nouns import Loss, Remark
from loadline.project.importing.sql_text import is_constant, names_in, quoted, with_names
from loadline.project.yaml_writer import Value

FINEST = frozenset({"nanosecond"})


def field_names(manifest: Manifest) -> dict[tuple[str, str], str]:
    """(model, element) to the name its field gets, for those that cannot keep their own.

    dbt's expressions speak of columns. Here a name in an expression means the field that is called so, where there is
    one; a field that another one's expression would catch by mistake is called `…_field`.
    """
    renamed: dict[tuple[str, str], str] = {}
    for model in manifest.models.values():
        written = expressions(model)
        for name, expr in written.items():
            if _is_itself(name, expr):
                continue
            if any(other != name and name in names_in(inner) for other, inner in written.items()):
                renamed[model.name, name] = f"{name}_field"
    return renamed


def expressions(model: SemanticModel) -> dict[str, str]:
    """Every element of a model that is a field here, with its expression. A measure of a constant counts rows."""
    return {
        **{one.name: one.expr for one in model.entities.values()},
        **{one.name: one.expr for one in model.dimensions.values()},
        **{one.name: one.expr for one in model.measures.values() if not is_constant(one.expr)},
    }


def _is_itself(name: str, expr: str) -> bool:
    return expr.strip().strip('"`') == name


def datasets_of(manifest: Manifest, names: Names) -> dict[str, Value]:
    models: dict[str, Value] = {model.name: _dataset(model, names) for model in manifest.models.values()}
    spines: dict[str, Value] = {
        spine_dataset(spine, manifest): {
            "source": spine.relation,
            "key": spine.column,
            "time": spine.column,
            "description": f"Every {spine.grain}.",
            "fields": {spine.column: spine.column, **{name: quoted(column) for name, column in spine.grains.items()}},
        }
        for spine in manifest.spines
        if spine.grain not in FINEST
    }
    return {**models, **spines}


def spine_dataset(spine: TimeSpine, manifest: Manifest) -> str:
    """The dataset in which the periods of a spine can be listed."""
    name = re.sub(r"\W", "_", spine.relation.rpartition(".")[2].lower())
    return f"{name}_periods" if name in manifest.models else name


def _dataset(model: SemanticModel, names: Names) -> dict[str, Value]:
    written: dict[str, Value] = {"source": model.relation}
    keys = [one.name for one in model.entities.values() if one.kind == "primary"]
    if keys:
        written["key"] = key_column(model, keys[0], names)
    if model.time and model.time in model.dimensions:
        written["time"] = names.field(model.name, model.time)
    if model.description:
        written["description"] = model.description
    said = {one.name: one.description for one in model.entities.values()}
    said |= {one.name: one.description for one in model.dimensions.values()}
    joined = {key_column(model, name, names) for name in _joined_by(model, names)}
    written["fields"] = {
        **{column: column for column in sorted(joined) if column not in _field_names(model, names)},
        **{
            names.field(model.name, name): _field(name, expr, said.get(name, ""), model)
            for name, expr in expressions(model).items()
        },
    }
    return written


def _joined_by(model: SemanticModel, names: Names) -> set[str]:
    """The elements that relationships name."""
    found = {one.name for one in model.entities.values() if one.kind == "primary"}
    for join in names.joins.every:
        if model.name in {join.source, join.target}:
            found |= {*join.key, *((join.valid or ()) if join.target == model.name else ())}
    return found


def _field_names(model: SemanticModel, names: Names) -> set[str]:
    return {names.field(model.name, name) for name in expressions(model)}


def key_column(model: SemanticModel, element: str, names: Names) -> str:
    """What a relationship names: the column itself, which checks can look at, else the field that computes it."""
    column = expressions(model)[element].strip().strip('"`')
    own = expressions(model).get(column, column)
    is_column = re.fullmatch(r"[A-Za-z_]\w*", column) is not None and _is_itself(column, own)
    return column if is_column else names.field(model.name, element)


def _field(name: str, expr: str, description: str, model: SemanticModel) -> Value:
    prefix = f"{model.relation.rpartition('.')[2]}."
    text = expr if is_constant(expr) else with_names(expr, lambda word: _column(word, prefix))
    is_plain = not description or description == name
    return text if is_plain else {"expr": text, "description": description}


def _column(word: str, prefix: str) -> str:
    bare = word.removeprefix(prefix)
    return bare if "." in bare else quoted(bare)


def relationships_of(names: Names) -> list[Value]:
    return [_relationship(join, names) for join in names.joins.every]


def _relationship(join: Join, names: Names) -> Value:
    def ends(model: str) -> Value:
        fields = [f"{model}.{key_column(names.manifest.models[model], name, names)}" for name in join.key]
        return fields[0] if len(fields) == 1 else fields

    if not join.partitions and not join.role and not join.valid:
        return f"{ends(join.source)} -> {ends(join.target)}"
    written: dict[str, Value] = {"from": ends(join.source), "to": ends(join.target)}
    if join.role:
        written["as"] = join.role
    if join.valid:
        written["valid"] = [key_column(names.manifest.models[join.target], name, names) for name in join.valid]
    return written


def spines_of(manifest: Manifest) -> tuple[list[Value], list[Remark]]:
    spines: list[Value] = []
    remarks: list[Remark] = []
    for spine in manifest.spines:
        if spine.grain in FINEST:
            remarks.append(
                Remark(kind="time spine", name=spine.relation, why="microseconds are the finest periods there are here")
            )
            continue
        written: dict[str, Value] = {"source": spine.relation, "column": spine.column, "grain": spine.grain}
        if spine.grains:
            written["grains"] = dict(spine.grains)
        spines.append(written)
    return spines, remarks


def remarks_of(manifest: Manifest, names: Names) -> list[Remark]:
    """Elements that are carried under another name, and joins that are not."""
    found = [
        Remark(
            kind="element",
            name=f"{model}.{element}",
            why=f"it is called `{names.field(model, element)}`: another expression names the column `{element}`",
            loss=Loss.CHANGED,
        )
        for model, element in field_names(manifest)
    ]
    found += [
        Remark(kind="entity", name=f"{model.name}.{entity.name}", why=f"its type `{entity.kind}` is unknown")
        for model in manifest.models.values()
        for entity in model.entities.values()
        if entity.kind not in {"primary", "unique", "foreign", "natural"}
    ]
    return found
