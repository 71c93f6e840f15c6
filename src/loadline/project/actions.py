"""Fitted `actions/*.yaml` and `targets` in; declared actions and targets out, and what is wrong with them said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from loadline.project import codes
from loadline.project.access import (
    OWNER,
    Reference,
    entries_of,
    expression,
    gather,
    is_set,
    node_of,
    refer,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.binding import bound_names, filled_names, is_of_type
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Items, Node, Scalar, to_plain
from loadline.project.wording import instead, listed, quoted
from loadline.values.action import (
    Argument,
    ArgumentType,
    Breaker,
    DeclaredAction,
    HttpMeans,
    McpMeans,
    Means,
    PythonMeans,
    Retries,
    SqlMeans,
    Stake,
    Undo,
)
from loadline.values.effect import TargetSettings
from loadline.values.place import Place
from loadline.values.rule import EffectClass

TARGET = Reference(
    code=codes.UNKNOWN_TARGET, kind="target", why="a statement runs on one of `targets` in loadline.yaml"
)
_RESULT = "result."
RESERVED = ("sql", "undo", "status", "list", "resume", "compare", "canaries", "answer")
"""Words of `loadline act`, and what a held answer is called: no action can be called by them."""


def build_targets(manifest: Entries | None, faults: Faults) -> dict[str, TargetSettings] | None:
    """By name; None when loadline.yaml could not be read."""
    if manifest is None:
        return None
    targets = {}
    for name, entry in entries_of(manifest, "targets").items():
        if isinstance(entry.value, Entries):
            targets[name] = _target(name, entry.value, entry.key.place, faults)
    return targets


def _target(name: str, written: Entries, place: Place, faults: Faults) -> TargetSettings:
    kind = text_of(written, "kind") or ""
    own, other = ("url", "database") if kind == "postgres" else ("database", "url")
    if kind and own not in written.entries:
        faults.add(
            codes.TARGET_INCOMPLETE,
            place,
            f"the target {quoted(name)} has no {quoted(own)}",
            why="an SQLite or DuckDB target is a `database` file, a PostgreSQL target is at a `url`",
            mend=f"add {'`url: env:SHOP_URL`' if own == 'url' else '`database: data/shop.db`'}, with your own",
        )
    if kind and other in written.entries:
        faults.add(
            codes.TARGET_INCOMPLETE,
            written.entries[other].key.place,
            f"{quoted(other)} says nothing to a target of kind {quoted(kind)}",
            why="a key that its kind does not have would be passed over in silence",
            mend=f"delete {quoted(other)}",
        )
    usual = TargetSettings(name=name, kind=kind, place=place)
    return TargetSettings(
        name=name,
        kind=kind,
        path=text_of(written, "database"),
        url=text_of(written, "url"),
        environment=text_of(written, "environment"),
        statement_seconds=_number(written, "timeout_seconds", usual.statement_seconds),
        lock_seconds=_number(written, "lock_seconds", usual.lock_seconds),
        most_rows=int(_number(written, "most_rows", usual.most_rows)),
        place=place,
    )


def build_actions(
    documents: list[Entries],
    targets: Mapping[str, TargetSettings] | None,
    owners: frozenset[str] | None,
    faults: Faults,
) -> dict[str, DeclaredAction]:
    """By name. What an undo names is looked up once all are read."""
    written = {
        name: entry
        for name, entry in gather(documents, "actions", "action", faults).items()
        if isinstance(entry.value, Entries)
    }
    actions = {}
    for name, entry in written.items():
        assert isinstance(entry.value, Entries)  # noqa: S101 - kept above
        if name in RESERVED:
            faults.add(
                codes.BAD_NAME,
                entry.key.place,
                f"an action is called {quoted(name)}",
                why=f"{listed(RESERVED, joint='and')} mean something of their own to `loadline act`",
                mend=f"write {quoted(f'{name}_it')}",
            )
        owner = scalar_of(entry.value, "owner")
        if owner:
            refer(owner, owners, OWNER, faults)
        target = scalar_of(entry.value, "target")
        if target:
            refer(target, frozenset(targets) if targets is not None else None, TARGET, faults)
        action = _action(name, entry.value, entry.key.place, faults)
        if action is not None:
            _check_names(action, entry.value, faults)
            actions[name] = action
    for name, action in actions.items():
        node = written[name].value
        assert isinstance(node, Entries)  # noqa: S101 - kept above
        _check_undo(action, node, actions, frozenset(written), faults)
    return actions


def _action(name: str, written: Entries, place: Place, faults: Faults) -> DeclaredAction | None:
    means = _means(written)
    effect = text_of(written, "effect")
    _check_together(name, written, means, effect, faults)
    if means is None or effect is None:
        return None
    retries, breaker = node_of(written, "retries"), node_of(written, "breaker")
    return DeclaredAction(
        name=name,
        means=means,
        arguments={
            key: argument
            for key, entry in entries_of(written, "arguments").items()
            if (argument := _argument(key, entry.value, entry.key.place, faults)) is not None
        },
        effect=EffectClass(effect),
        stake=Stake(text_of(written, "stake") or Stake.MEDIUM),
        key=text_of(written, "key"),
        is_idempotent=is_set(written, "idempotent"),
        most_rows=_whole(written, "most_rows"),
        undo=_undo(node_of(written, "undo")),
        timeout_seconds=_number(written, "timeout_seconds", 30.0),
        retries=Retries(most=_whole(retries, "most") or 0, backoff_seconds=_number(retries, "backoff_seconds", 0.5))
        if isinstance(retries, Entries)
        else Retries(),
        breaker=Breaker(
            failures=_whole(breaker, "failures") or Breaker().failures,
            open_seconds=_number(breaker, "open_seconds", Breaker().open_seconds),
        )
        if isinstance(breaker, Entries)
        else Breaker(),
        workflow=text_of(written, "workflow"),
        owner=text_of(written, "owner"),
        description=sentence_of(written, "description"),
        place=place,
    )


def _means(written: Entries) -> Means | None:
    sql, http, mcp = scalar_of(written, "sql"), node_of(written, "http"), node_of(written, "mcp")
    if sql is not None:
        return SqlMeans(target=text_of(written, "target") or "", text=expression(sql))
    if isinstance(http, Entries):
        body = node_of(http, "body")
        return HttpMeans(
            method=text_of(http, "method") or "",
            url=text_of(http, "url") or "",
            headers=_texts(http, "headers"),
            query=_texts(http, "query"),
            body=to_plain(body) if body is not None else None,
        )
    if isinstance(mcp, Entries):
        return McpMeans(
            command=texts_of(mcp, "command"), tool=text_of(mcp, "tool") or "", definition=text_of(mcp, "definition")
        )
    function = text_of(written, "python")
    return PythonMeans(function=function) if function else None


def _texts(written: Entries, key: str) -> dict[str, str]:
    return {
        name: entry.value.raw for name, entry in entries_of(written, key).items() if isinstance(entry.value, Scalar)
    }


def _undo(node: Node | None) -> Undo | None:
    match node:
        case Scalar(raw=name):
            return Undo(action=name)
        case Entries():
            return Undo(action=text_of(node, "action") or "", arguments=_texts(node, "arguments"))
        case _:
            return None


def _check_together(name: str, written: Entries, means: Means | None, effect: str | None, faults: Faults) -> None:
    is_sql = isinstance(means, SqlMeans)
    if means is None:
        return
    for key in ("target", "most_rows"):
        if not is_sql and key in written.entries:
            _wrong_means(
                f"{quoted(name)} has {quoted(key)}, and no `sql`", written, key, f"delete {quoted(key)}", faults
            )
    if is_sql and "target" not in written.entries:
        _wrong_means(f"{quoted(name)} has `sql`, and no `target`", written, "sql", "add `target:`", faults)
    if is_sql and effect in {EffectClass.CALL, EffectClass.READ}:
        what = f"{quoted(name)} is a statement, and its effect a `{effect}`"
        mend = "write `effect: write`; what only reads is asked with `loadline ask`"
        _wrong_means(what, written, "effect", mend, faults)
    if not is_sql and effect == EffectClass.WRITE:
        what = f"the effect of {quoted(name)} is `write`, and it is no statement"
        _wrong_means(what, written, "effect", "write `effect: call`", faults)
    if "retries" in written.entries and not is_set(written, "idempotent"):
        faults.add(
            codes.RETRIES_NOT_IDEMPOTENT,
            written.entries["retries"].key.place,
            f"{quoted(name)} is to be tried again, and is not `idempotent`",
            why="a try that seems to have failed may have been carried out; trying again would do it twice",
            mend="add `idempotent: true` if the far side does it once however often it is told, else delete `retries`",
        )


def _wrong_means(what: str, written: Entries, key: str, mend: str, faults: Faults) -> None:
    faults.add(
        codes.KEY_OF_OTHER_MEANS,
        written.entries[key].key.place,
        what,
        why="`target` and `most_rows` are of a statement, which names its target; only a database measures a `write`",
        mend=mend,
    )


def _argument(name: str, node: Node, place: Place, faults: Faults) -> Argument | None:
    match node:
        case Scalar(raw=kind):
            return Argument(name=name, type=ArgumentType(kind), place=place)
        case Entries():
            pass
        case Items():
            return None
    written = text_of(node, "type")
    if written is None:
        return None
    kind = ArgumentType(written)
    allowed = scalars_of(node, "allowed")
    for scalar in allowed:
        if not is_of_type(scalar.value, kind):
            _unfitting(f"{quoted(scalar.raw)} is no {kind}, which {quoted(name)} is", scalar.place, faults)
    is_number = kind in {ArgumentType.INTEGER, ArgumentType.NUMBER}
    for key, fits in (
        ("minimum", is_number),
        ("maximum", is_number),
        ("pattern", kind is ArgumentType.TEXT),
        ("most_letters", kind in {ArgumentType.TEXT, ArgumentType.JSON}),
    ):
        if key in node.entries and not fits:
            _unfitting(
                f"{quoted(name)} is a {kind}, and {quoted(key)} says nothing to it", node.entries[key].key.place, faults
            )
    pattern = scalar_of(node, "pattern")
    if pattern is not None:
        try:
            re.compile(pattern.raw)
        except re.error as error:
            _unfitting(f"the pattern of {quoted(name)} cannot be read: {error.msg}", pattern.place, faults)
            return None
    return Argument(
        name=name,
        type=kind,
        is_optional=is_set(node, "optional"),
        allowed=tuple(scalar.value for scalar in allowed),
        minimum=_decimal(node, "minimum"),
        maximum=_decimal(node, "maximum"),
        most_letters=_whole(node, "most_letters") or 1_000,
        pattern=pattern.raw if pattern else None,
        description=sentence_of(node, "description"),
        called=text_of(node, "as"),
        is_subject=is_set(node, "subject"),
        place=place,
    )


def _unfitting(what: str, place: Place, faults: Faults) -> None:
    faults.add(
        codes.BAD_ARGUMENT,
        place,
        what,
        why="`minimum` and `maximum` bound numbers, `pattern` and `most_letters` texts; allowed values are of its type",
        mend="correct it, or write the `type` that is meant",
    )


def _check_names(action: DeclaredAction, written: Entries, faults: Faults) -> None:
    """Every name used is declared, and every declared one is used. A function and a tool get all of them."""
    used: set[str] = set()
    declared = entries_of(written, "arguments")  # those that are not sound themselves are said already
    for name, place in _used(action, written):
        used.add(name)
        if name not in declared:
            faults.add(
                codes.UNKNOWN_ARGUMENT,
                place,
                f"{quoted(action.name)} uses {quoted(name)}, which is none of its arguments",
                why="what is not declared has no type, and nobody would check it",
                mend=instead(name, declared, otherwise=f"add `arguments: {{{name}: text}}`"),
            )
    if not isinstance(action.means, McpMeans):
        _check_only_mcp(action, faults)
    if isinstance(action.means, SqlMeans | HttpMeans):
        for name, argument in action.arguments.items():
            if name not in used:
                faults.warn(
                    codes.UNUSED_ARGUMENT,
                    argument.place,
                    f"the argument {quoted(name)} of {quoted(action.name)} is used nowhere",
                    why="whoever calls the action would give it and believe that it counts",
                    mend="use it, or delete it",
                )


def _check_only_mcp(action: DeclaredAction, faults: Faults) -> None:
    for name, argument in action.arguments.items():
        what = "has `as`" if argument.called is not None else "is `json`" if argument.type is ArgumentType.JSON else ""
        if what:
            faults.add(
                codes.KEY_OF_OTHER_MEANS,
                argument.place,
                f"the argument {quoted(name)} of {quoted(action.name)} {what}, and the action has no `mcp`",
                why="only a tool of an MCP server takes lists and objects, under names of its own",
                mend="write a `type` that this action takes, and no `as`",
            )


def _used(action: DeclaredAction, written: Entries) -> Iterator[tuple[str, Place]]:
    match action.means:
        case SqlMeans(text=text):
            for name in bound_names(text.value):
                yield name, text.place
        case HttpMeans(url=url, query=query, body=body):
            place = written.entries["http"].key.place
            for part in (url, *query.values(), *_strings(body)):
                for name in filled_names(part):
                    yield name, place
        case PythonMeans() | McpMeans():
            pass
    if action.key is not None:
        for name in filled_names(action.key):
            yield name, written.entries["key"].value.place


def _strings(body: object) -> Iterator[str]:
    match body:
        case str():
            yield body
        case dict():
            for value in body.values():
                yield from _strings(value)
        case list():
            for value in body:
                yield from _strings(value)


def _check_undo(
    action: DeclaredAction,
    written: Entries,
    actions: Mapping[str, DeclaredAction],
    known: Iterable[str],
    faults: Faults,
) -> None:
    undo = action.undo
    if undo is None:
        return
    place = written.entries["undo"].value.place
    if undo.action not in known or undo.action == action.name:
        mend = instead(undo.action, set(known) - {action.name}, otherwise="declare that action, or delete `undo`")
        what = f"{quoted(action.name)} is to be undone by {quoted(undo.action)}, which is no other action"
        _bad_undo(what, place, mend, faults)
        return
    other = actions.get(undo.action)
    if other is None:
        return
    given = undo.arguments or {name: f"{{{name}}}" for name in other.arguments if name in action.arguments}
    missing = [name for name, one in other.arguments.items() if not one.is_optional and name not in given]
    unknown = [name for name in given if name not in other.arguments]
    loose = [n for text in given.values() for n in filled_names(text) if not _is_given(n, action)]
    if missing or unknown or loose:
        what = (
            f"the undo of {quoted(action.name)} gives no {listed(missing)}"
            if missing
            else f"the undo of {quoted(action.name)} names {listed(unknown or loose)}, which is no argument"
        )
        _bad_undo(what, place, "write `undo: {action: …, arguments: {…}}` with all that it needs", faults)


def _is_given(name: str, action: DeclaredAction) -> bool:
    return name in action.arguments or name.startswith(_RESULT)


def _bad_undo(what: str, place: Place, mend: str, faults: Faults) -> None:
    faults.add(codes.BAD_UNDO, place, what, why="an undo is another declared action, with all its arguments", mend=mend)


def _whole(written: Entries, key: str) -> int | None:
    scalar = scalar_of(written, key)
    return scalar.value if scalar and isinstance(scalar.value, int) else None


def _decimal(written: Entries, key: str) -> Decimal | None:
    scalar = scalar_of(written, key)
    return Decimal(scalar.value) if scalar and isinstance(scalar.value, int | Decimal) else None


def _number(written: Entries, key: str, otherwise: float) -> float:
    scalar = scalar_of(written, key)
    return float(scalar.value) if scalar and isinstance(scalar.value, int | Decimal) else otherwise
