"""A contract's `aiRights` in, rights out: what its data may be used for, and what in them names nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain

from loadline.project import codes
from loadline.project.access import (
    PERSON,
    PURPOSE,
    expression_of,
    node_of,
    nodes_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.forms import DAY, LABEL, PATTERN
from loadline.project.promises import VENDOR
from loadline.project.shapes import Either, Key, ListOf, Record, Word
from loadline.project.tree import Entries, Items, Scalar, is_empty
from loadline.project.wording import listed, nearest, quoted
from loadline.values.contract import Contract
from loadline.values.diagnostic import Diagnostic, Severity
from loadline.values.purpose import PURPOSES
from loadline.values.right import Right, Use
from loadline.values.rule import Effect

AI_RIGHTS = "aiRights"
ANY_USE = "*"


def _some(item: Word, doc: str) -> Key:
    return Key(shape=Either(scalar=item, items=ListOf(item=item, least=1)), doc=doc)


_USES = Word(choices=(*Use, ANY_USE))
_SHAPE = ListOf(
    item=Record(
        keys={
            "name": Key(shape=Word(form=LABEL), doc="what refusals and receipts call it"),
            "permit": _some(_USES, "the uses it allows, `*` for all"),
            "forbid": _some(_USES, "the uses it forbids, whatever else allows them"),
            "purpose": _some(Word(form=LABEL), "purposes of the W3C Data Privacy Vocabulary; any, if not written"),
            "actors": Key(
                doc="who; anybody, if not written",
                shape=Record(
                    least=1,
                    keys={
                        "roles": _some(Word(form=PATTERN), "roles of loadline.yaml"),
                        "people": _some(Word(form=PATTERN), "people of loadline.yaml"),
                    },
                ),
            ),
            "columns": _some(Word(form=PATTERN), "columns of the table, or `table.column`; all, if not written"),
            "region": _some(Word(form=LABEL), "where; anywhere, if not written"),
            "providers": _some(Word(form=PATTERN), "who is handed the data: `inside`, or a provider's name"),
            "until": Key(shape=Word(form=DAY), doc="the last day it holds"),
            "consent": Key(shape=Word(), doc="a condition: only rows for which it is true may be used"),
            "because": Key(shape=Word(may_be_empty=True), doc="why, told with every refusal"),
        },
        one_of=("permit", "forbid"),
        needs={"consent": "permit"},
    )
)


def rights_of(
    name: str, document: Entries, table: Entries, table_name: str, faults: Faults
) -> tuple[Right, ...] | None:
    """What a contract says of one of its tables, for all of them and for this one; None when it says nothing."""
    whole, own = _fitted(document, faults), _fitted(table, faults)
    if whole is None and own is None:
        return None
    found: dict[str, Right] = {}
    for number, written in enumerate(chain(whole or (), own or ()), 1):
        right = _right(written, f"{name}-{number}", table_name, faults)
        if right is None:
            continue
        if right.name in found:
            said_twice("right", right.name, right.place, found[right.name].place, faults)
            continue
        found[right.name] = right
    return tuple(found.values())


def _fitted(written: Entries, faults: Faults) -> tuple[Entries, ...] | None:
    """Every entry of every list; None when there is no list. One with nothing in it states that nothing is allowed."""
    found: list[Entries] | None = None
    for custom in records_of(written, "customProperties"):
        if text_of(custom, "property") == AI_RIGHTS and text_of(custom, "vendor") == VENDOR:
            found = found or []
            value = node_of(custom, "value")
            fitted = fit(_SHAPE, value, AI_RIGHTS, faults) if value is not None and not is_empty(value) else None
            found += [one for one in fitted.items if isinstance(one, Entries)] if isinstance(fitted, Items) else []
    return tuple(found) if found is not None else None


def _right(written: Entries, otherwise: str, table: str, faults: Faults) -> Right | None:
    """None for one of other tables alone: its columns all name another table."""
    effect = Effect.FORBID if "forbid" in written.entries else Effect.PERMIT
    uses = texts_of(written, effect.value)
    columns = texts_of(written, "columns")
    own = tuple(name for column in columns if (name := _of_table(column, table)) is not None)
    if columns and not own:
        return None
    named = scalar_of(written, "name")
    actors = node_of(written, "actors")
    who = actors if isinstance(actors, Entries) else None
    return Right(
        name=named.raw if named else otherwise,
        effect=effect,
        uses=() if ANY_USE in uses else tuple(map(Use, uses)),
        purposes=tuple(texts_of(written, "purpose")),
        people=texts_of(who, "people") if who else (),
        roles=texts_of(who, "roles") if who else (),
        columns=own,
        regions=texts_of(written, "region"),
        providers=texts_of(written, "providers"),
        until=_day(written, faults),
        consent=expression_of(written, "consent"),
        because=sentence_of(written, "because"),
        place=named.place if named else written.place,
    )


def _of_table(column: str, table: str) -> str | None:
    """The column's own name; None when it is another table's."""
    head, dot, name = column.rpartition(".")
    return column if not dot else name if fnmatchcase(table, head) else None


def _day(written: Entries, faults: Faults) -> date | None:
    until = scalar_of(written, "until")
    if until is None:
        return None
    try:
        return date.fromisoformat(until.raw)
    except ValueError:
        faults.add(
            codes.BAD_RIGHT,
            until.place,
            f"`until` is {quoted(until.raw)}, which is no day",
            why="a right holds up to and including a day of the calendar",
            mend="write a day that there is, like `2027-03-31`",
        )
        return None


# what rights name


def check_rights(
    documents: Mapping[str, Entries | None],
    *,
    people: frozenset[str] | None,
    roles: frozenset[str] | None,
    faults: Faults,
) -> None:
    """Say what in the rights names no purpose, no person, no role and no column."""
    for document in documents.values():
        if document is None:
            continue
        _misplaced(document, faults)
        tables = {t.raw: set(_names(s)) for s in records_of(document, "schema") if (t := scalar_of(s, "name"))}
        for written in _fitted(document, Faults()) or ():
            _check(written, tables, people, roles, faults)
        for schema in records_of(document, "schema"):
            name = text_of(schema, "name") or ""
            for written in _fitted(schema, Faults()) or ():
                _check(written, {name: tables.get(name, set())}, people, roles, faults)


def _misplaced(document: Entries, faults: Faults) -> None:
    """What is meant as rights and would be passed over: under a name or vendor of its own, or at a single column."""
    tables = tuple(records_of(document, "schema"))
    for custom in chain.from_iterable(records_of(one, "customProperties") for one in (document, *tables)):
        named, vendor = scalar_of(custom, "property"), text_of(custom, "vendor")
        if named is None or vendor not in {None, VENDOR}:
            continue
        if _bare(named.raw) == _bare(AI_RIGHTS) and (vendor is None or named.raw != AI_RIGHTS):
            _not_read(named, f"`property: {AI_RIGHTS}, vendor: {VENDOR}`", faults)
    for column in chain.from_iterable(records_of(table, "properties") for table in tables):
        for custom in records_of(column, "customProperties"):
            named = scalar_of(custom, "property")
            if named is not None and named.raw == AI_RIGHTS:
                _not_read(named, f"`columns: [{text_of(column, 'name')}]` in a right of its table", faults)


def _bare(name: str) -> str:
    return re.sub("[^a-z]", "", name.lower()).removesuffix("s")


def _not_read(named: Scalar, instead_of_it: str, faults: Faults) -> None:
    faults.add(
        codes.BAD_RIGHT,
        named.place,
        f"{quoted(named.raw)} here would be passed over",
        why=f"rights are the custom property `{AI_RIGHTS}` of vendor `{VENDOR}`, of a contract or one of its tables",
        mend=f"write {instead_of_it}",
    )


def _names(schema: Entries) -> Iterator[str]:
    for column in nodes_of(schema, "properties"):
        if isinstance(column, Entries) and (name := text_of(column, "name")) is not None:
            yield name


def _check(
    written: Entries,
    tables: Mapping[str, set[str]],
    people: frozenset[str] | None,
    roles: frozenset[str] | None,
    faults: Faults,
) -> None:
    for purpose in scalars_of(written, "purpose"):
        refer(purpose, frozenset(PURPOSES), PURPOSE, faults)
    actors = node_of(written, "actors")
    if isinstance(actors, Entries):
        for person in scalars_of(actors, "people"):
            if "*" not in person.raw:
                refer(person, people, PERSON, faults)
        for role in scalars_of(actors, "roles"):
            if roles is not None and not any(fnmatchcase(known, role.raw) for known in roles):
                _matches_nothing(role, "role of this project", roles, faults)
    known = {*chain.from_iterable(tables.values()), *(f"{t}.{c}" for t, names in tables.items() for c in names)}
    for column in scalars_of(written, "columns"):
        if not any(fnmatchcase(name, column.raw) for name in known):
            _matches_nothing(column, "column of this contract", known, faults)


def _matches_nothing(pattern: Scalar, kind: str, known: frozenset[str] | set[str], faults: Faults) -> None:
    near = nearest(pattern.raw, known)
    faults.warn(
        codes.MATCHES_NOTHING,
        pattern.place,
        f"{quoted(pattern.raw)} matches no {kind}",
        why="a right has no effect on what does not exist; most often such a name is misspelled",
        mend=f"write {quoted(near)}" if near else "correct it, or delete it",
    )


def unstated(contracts: Mapping[str, Contract]) -> tuple[Diagnostic, ...]:
    """One warning, at the first contract that leaves the rights of a table unsaid, naming all that do."""
    silent = [one for _, one in sorted(contracts.items()) if any(t.rights is None for t in one.tables.values())]
    if not silent:
        return ()
    return (
        Diagnostic(
            code=codes.RIGHTS_UNSTATED,
            what=f"it is not said what the data of {listed((one.name for one in silent), joint='and')} may be used for",
            why="without `aiRights` answers are given, and every receipt says that nobody stated whether they may be",
            mend="add to each contract's `customProperties`: "
            f"`{{property: {AI_RIGHTS}, vendor: {VENDOR}, value: [{{permit: {Use.INFERENCE_CONTEXT}}}]}}`",
            severity=Severity.WARNING,
            place=silent[0].place,
        ),
    )
