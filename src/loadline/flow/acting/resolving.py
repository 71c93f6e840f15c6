"""A request to act in; its plan out: the exact statement or call, with every name looked up and every value bound."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from loadline.errors import RequestError
from loadline.flow.acting import codes
from loadline.flow.acting.nouns import ActPlan, Denied
from loadline.flow.acting.record import once_key, story_of, unknown
from loadline.flow.acting.shown import rows_wanted
from loadline.flow.acting.undone import undo_key, undos_of
from loadline.flow.acting.world import ActWorld
from loadline.project.binding import fill, positional, read_argument
from loadline.values.acting import Act, ActReceipt, ActStatus, Call, FreeSql, Takeback
from loadline.values.action import ArgumentValue, DeclaredAction, HttpMeans, McpMeans, PythonMeans, SqlMeans
from loadline.values.canonical import canonical
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import ChangedSince, Preview, TargetSettings, Write, WriteEffect
from loadline.values.guarded import EffectShape, Guarded, GuardVerdict, Relation
from loadline.values.matter import FREE_SQL
from loadline.values.receipt import Reason
from loadline.values.rule import EffectClass

_SCHEMA = {"postgres": "public", "sqlite": "main", "duckdb": "main"}
_RESULT = "result."


def resolve(world: ActWorld, act: Act, run: str) -> ActPlan | Denied:
    """Raises RequestError for what names nothing known, or gives no value that fits."""
    match act.wanted:
        case Call(action=name, arguments=given):
            return _call(world, act, run, name, given)
        case FreeSql(target=target, text=text):
            plan = ActPlan(run=run, act=act, name=FREE_SQL, effect_class=EffectClass.WRITE, says=text.strip())
            plan = replace(plan, once=once_key(FREE_SQL, act.key) if act.key else None)
            return _statement(world, plan, known_target(world, target), text.strip(), ())
        case Takeback(run=undone):
            return _takeback(world, act, run, undone)
        case unreachable:
            assert_never(unreachable)


def _call(world: ActWorld, act: Act, run: str, name: str, given: Mapping[str, object]) -> ActPlan | Denied:
    action = world.project.actions.get(name)
    if action is None:
        raise RequestError(unknown(codes.NO_ACTION, "action", name, world.project.actions))
    arguments = read_arguments(action, given)
    key = fill(action.key, arguments) if action.key is not None else act.key
    plan = ActPlan(
        run=run,
        act=act,
        name=name,
        effect_class=action.effect,
        action=action,
        arguments=arguments,
        says=says(action),
        once=once_key(name, key) if key is not None else None,
    )
    match action.means:
        case SqlMeans(target=target, text=text):
            sql, order = positional(text.value)
            values = tuple(arguments.get(one) for one in order)
            return _statement(world, plan, known_target(world, target), sql, values)
        case HttpMeans() | PythonMeans() | McpMeans():
            return plan
        case unreachable:
            assert_never(unreachable)


def says(action: DeclaredAction) -> str:
    """What is run or called, in one line, as it is declared."""
    match action.means:
        case SqlMeans(text=text):
            return text.value
        case HttpMeans(method=method, url=url):
            return f"{method} {url}"
        case PythonMeans(function=function):
            return f"python {function}"
        case McpMeans(command=command, tool=tool):
            return f"mcp {command[0]} {tool}"
        case unreachable:
            assert_never(unreachable)


def read_arguments(action: DeclaredAction, given: Mapping[str, object]) -> dict[str, ArgumentValue]:
    """Each argument as its type; one that is optional and not given is null. Raises RequestError with all that is
    wrong."""
    wrong: list[Diagnostic] = []
    found: dict[str, ArgumentValue] = {}
    for name in given:
        if name not in action.arguments:
            near = difflib.get_close_matches(name, action.arguments, n=1, cutoff=0.5)
            mend = f"write `{near[0]}`" if near else f"it takes {', '.join(action.arguments) or 'no arguments'}"
            wrong.append(_bad_value(f"`{action.name}` has no argument `{name}`", mend))
    for name, argument in action.arguments.items():
        if given.get(name) is None:
            found[name] = None
            if not argument.is_optional:
                wrong.append(_bad_value(f"`{action.name}` needs `{name}`", f"add `--arg {name}={argument.type}`"))
            continue
        try:
            found[name] = read_argument(argument, given[name])
        except ValueError as error:
            shown = str(given[name])[:60].replace("`", "'")
            wrong.append(_bad_value(f"`{shown}` cannot be `{name}` of `{action.name}`: {error}", "correct it"))
    if wrong:
        raise RequestError(*wrong)
    return found


def known_target(world: ActWorld, name: str) -> TargetSettings:
    """Raises RequestError when the project names no such target."""
    found = world.project.targets.get(name)
    if found is None:
        raise RequestError(unknown(codes.NO_TARGET, "target", name, world.project.targets))
    return found


def _statement(
    world: ActWorld, plan: ActPlan, settings: TargetSettings, sql: str, values: tuple[ArgumentValue, ...]
) -> ActPlan | Denied:
    """What the guard sees in it; only a write that it lets pass is ever run."""
    target = world.target(settings.name)
    guarded = world.guard(sql, target)
    plan = replace(
        plan,
        target=settings,
        reads=_names(guarded.reads, target.dialect),
        writes=_names(guarded.writes, target.dialect),
        columns=_columns(guarded, target.dialect),
    )
    if guarded.verdict is not GuardVerdict.WRITE:
        return Denied(plan=plan, reason=_denial(guarded))
    counting = _counting(guarded.shape)
    return replace(plan, write=Write(target=settings.name, sql=sql, parameters=values, counting=counting))


def tables_named(
    text: str, settings: TargetSettings, guard: Callable[[str, str], Guarded]
) -> tuple[frozenset[str], frozenset[str]]:
    """What a declared statement itself reads and changes, as its target names it."""
    sql, _ = positional(text)
    seen = guard(sql, settings.kind)
    return _names(seen.reads, settings.kind), _names(seen.writes, settings.kind)


def _denial(guarded: Guarded) -> Reason:
    why = codes.CODES[codes.DENIED].why
    match guarded.verdict:
        case GuardVerdict.READ:
            what, mend = "the statement changes nothing", "ask with `loadline ask`: what is read is governed there"
        case GuardVerdict.DDL:
            what, mend = (
                f"the statement changes what tables are, not what is in them: {guarded.why}",
                "leave it to people",
            )
        case GuardVerdict.DENY | GuardVerdict.WRITE:
            what, mend = guarded.why, guarded.mend or "write one plain INSERT, UPDATE, DELETE or MERGE"
    return Reason(code=codes.DENIED, what=f"{what} ({guarded.code})" if guarded.code else what, why=why, mend=mend)


def _counting(shape: EffectShape | None) -> str | None:
    """How many rows it will touch by itself, where its predicate tells."""
    if shape is None or not shape.is_bounded_by_predicate or shape.source_text is not None:
        return None
    where = f" WHERE {shape.predicate_text}" if shape.predicate_text else ""
    return f"SELECT count(*) FROM {shape.target_text}{where}"


def _names(relations: Iterable[Relation], dialect: str) -> frozenset[str]:
    return frozenset(_name(one, dialect) for one in relations)


def _name(relation: Relation, dialect: str) -> str:
    """With its schema, as a target writes it."""
    schema = _SCHEMA.get(dialect)
    return f"{schema}.{relation.name}" if schema and len(relation.parts) == 1 else relation.name


def _columns(guarded: Guarded, dialect: str) -> frozenset[str]:
    """As `table.column` where one table is meant, else as written."""
    relations = {*guarded.reads, *guarded.writes}
    if len(relations) != 1:
        return frozenset(guarded.columns)
    (relation,) = relations
    return frozenset(f"{_name(relation, dialect)}.{column.rpartition('.')[2]}" for column in guarded.columns)


def _takeback(world: ActWorld, act: Act, run: str, undone: str) -> ActPlan | Denied:
    first = story_of(world.store, undone).receipt
    if first.status is not ActStatus.DONE:
        raise RequestError(_cannot_undo(f"`{undone}` is {first.status}, and only what was done is undone"))
    if first.no_undo:
        raise RequestError(_cannot_undo(f"`{undone}` cannot be undone: {first.no_undo}"))
    chain = undos_of(world.store, undone)
    if chain and len(chain) % 2 == 0:  # the same request again would be told that it is undone, and it is not
        what = f"`{undone}` was undone by `{chain[0]}`, and that was undone, too: what it did stands again"
        raise RequestError(_cannot_undo(what, f"undo the last of them: `loadline act undo {chain[-1]}`"))
    if first.target is not None:
        target = known_target(world, first.target)
        return ActPlan(
            run=run,
            act=act,
            name=first.action,
            effect_class=EffectClass.WRITE,
            action=world.project.actions.get(first.action),
            arguments=first.arguments,
            says=f"undo {undone}",
            target=target,
            takes_back=first,
            undoes=undone,
            once=undo_key(undone),
            writes=frozenset(first.tables),
        )
    declared = world.project.actions.get(first.action)
    undo = declared.undo if declared else None
    if undo is None:
        raise RequestError(_cannot_undo(f"`{first.action}` declares no `undo`"))
    other = world.project.actions[undo.action]
    given = undo.arguments or {name: f"{{{name}}}" for name in other.arguments if name in first.arguments}
    values = {**first.arguments, **_results(first)}
    try:
        arguments = {name: fill(text, values) for name, text in given.items()}
    except KeyError as error:
        raise RequestError(_cannot_undo(f"`{undone}` returned no `{error.args[0]}`")) from error
    plan = _call(world, act, run, undo.action, arguments)
    return replace(plan, undoes=undone, once=undo_key(undone)) if isinstance(plan, ActPlan) else plan


def _results(first: ActReceipt) -> dict[str, object]:
    result = first.result
    return {f"{_RESULT}{name}": value for name, value in result.items()} if isinstance(result, Mapping) else {}


def measure(world: ActWorld, plan: ActPlan) -> ActPlan:
    """With its exact effect, found by a dry run that leaves nothing behind; cascades and triggers are in it.

    Raises OutsideError when the target does not do its part, RequestError for what can never be done as asked."""
    if plan.target is None:
        return plan
    target, most = world.target(plan.target.name), rows_wanted(world.project)
    if plan.takes_back is not None:
        found = target.preview_undo(plan.takes_back.run, most=most)
    else:
        assert plan.write is not None  # noqa: S101 - a statement that was not denied has one
        found = target.preview(plan.write, most=most)
    match found:
        case Preview(effect=effect, tables=tables):
            return replace(with_effect(plan, effect), shown=tables)
        case ChangedSince(why=why):
            raise RequestError(_cannot_undo("; ".join(why)))
        case unreachable:
            assert_never(unreachable)


def with_effect(plan: ActPlan, effect: WriteEffect) -> ActPlan:
    """The tables of an effect are the engine's own names: those the statement names without a schema are among them."""
    changed = frozenset(one.table for one in effect.tables)
    return replace(plan, effect=effect, writes=plan.writes | changed)


def request_digest(plan: ActPlan) -> str:
    """What a key stands for: the same key with something else in it is a mistake."""
    return canonical(
        {"name": plan.name, "arguments": plan.arguments, "says": plan.says, "undoes": plan.undoes}
    ).decode()


def _bad_value(what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=codes.BAD_VALUE, what=what, why=codes.CODES[codes.BAD_VALUE].why, mend=mend)


def _cannot_undo(what: str, mend: str = "look with `loadline act status RUN` what it did") -> Diagnostic:
    return Diagnostic(code=codes.CANNOT_UNDO, what=what, why=codes.CODES[codes.CANNOT_UNDO].why, mend=mend)
