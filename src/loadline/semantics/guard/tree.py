"""A SQLGlot tree in; what it reads, writes, names and calls out. Refused where any part of it is on no list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from loadline.semantics.guard import codes, nodes
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.system import SETTINGS
from loadline.values.guarded import Relation

Env = frozenset[str]
_WRITING = frozenset(
    (
        "Insert",
        "Update",
        "Delete",
        "Merge",
        "Into",
        "Create",
        "Drop",
        "Alter",
        "Comment",
        "TruncateTable",
        "EngineProperty",
        "Property",
        "AlterSet",
        "SwapTable",
        "Undrop",
    )
)
_NOTED = frozenset(
    """
Column Pseudocolumn Anonymous AnonymousAggFunc CombinedAggFunc ParameterizedAgg CombinedParameterizedAgg DataType
Insert In Update Delete Merge Into Parameter SessionParameter WithTableHint QueryOption TableAlias Window Schema
Reference Index MatchRecognize NextValueFor Opclass
""".split()
)
"""Classes that say something besides being on the list."""
_NOT_NAMED = exp.Func | exp.Dot | exp.TableFromRows | exp.Lateral | exp.Placeholder | exp.Values
"""What may stand in the place of a table's name."""
_OF_A_PATTERN = frozenset({"first", "last", "prev", "next", "final", "running"})
"""What MATCH_RECOGNIZE calls its own: which row of a match is meant."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What a tree was seen to do. `local` are names the statement itself gives (CTEs, aliases with columns, new
    tables); `called` are the functions SQLGlot has no class for."""

    reads: dict[Relation, None] = field(default_factory=dict)
    writes: dict[Relation, None] = field(default_factory=dict)
    columns: dict[str, None] = field(default_factory=dict)
    qualified: dict[tuple[str, str], None] = field(default_factory=dict)
    aliases: dict[str, Relation] = field(default_factory=dict)
    called: dict[str, None] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    types: dict[str, None] = field(default_factory=dict)
    of_pattern: frozenset[str] = frozenset()
    verbs: list[str] = field(default_factory=list)
    makes_table: bool = False
    writes_through_query: bool = False


def look(root: exp.Expr, dialect: str) -> Seen:
    """Raises Refused (GRD004, GRD008, GRD016). Without recursion: a long chain of ORs is a deep tree."""
    is_definition = isinstance(root, exp.Create | exp.Drop | exp.Alter | exp.TruncateTable | exp.Comment | exp.Undrop)
    allowed = nodes.ALLOWED_IN_DEFINITIONS if is_definition else nodes.ALLOWED
    seen = Seen()
    waiting: list[tuple[exp.Expr, Env]] = [(root, frozenset())]
    targets: set[int] = set()  # of tables, which are met after the statement that writes them
    while waiting:
        node, env = waiting.pop()
        name = type(node).__name__
        _refuse_parts(node, name, allowed)
        if "with_" in node.args:
            env = _with_names(node, env, dialect, seen, waiting)
        if name in _WRITING:
            targets.update(id(table) for table in _targets(node, dialect))
            _refuse_forms(node, dialect)
        if name == "Table" and isinstance(node, exp.Table):
            _table(node, env, dialect, seen, is_target=id(node) in targets)
        elif name in _NOTED:
            _note(node, name, dialect, seen)
        for part, value in node.args.items():
            if part == "with_" or (part == "expression" and name == "Opclass"):  # which is no table
                continue
            if isinstance(value, exp.Expr):
                waiting.append((value, env))
            elif isinstance(value, list):
                waiting.extend((child, env) for child in _children(value))
    if dialect in ("mysql", "tsql"):  # there UPDATE and DELETE may name an alias of a table that FROM names
        named = {one: seen.aliases.get(one.parts[0].lower()) for one in seen.writes if len(one.parts) == 1}
        seen.writes = {named.get(one) or one: None for one in seen.writes}
    return seen


def _children(values: list[object]) -> Iterator[exp.Expr]:
    for value in values:
        if isinstance(value, exp.Expr):
            yield value
        elif isinstance(value, list):
            yield from _children(value)


def _refuse_parts(node: exp.Expr, name: str, allowed: Mapping[str, frozenset[str]]) -> None:
    refused = allowed.get(name)
    if refused is None:
        _refuse_by_name(node)
        raise Refused(codes.NO_SUCH_FORM, f"`{_words(node, name)}` is on no list", "leave that part out")
    for part in refused:
        if node.args.get(part):
            raise Refused(
                codes.NO_SUCH_FORM, f"`{part.strip('_').upper()}` of {_words(node, name)} is on no list", "leave it out"
            )


def _refuse_by_name(node: exp.Expr) -> None:
    """The same denial with its own reason, where the class says what it is."""
    if isinstance(node, exp.Lock):
        raise Refused(codes.LOCK, "it locks the rows it reads", "leave FOR UPDATE or FOR SHARE out")
    if isinstance(node, exp.ReadCSV | exp.ReadParquet):
        raise Refused(codes.OUTSIDE, "it reads a file", "read a table of the database")
    if isinstance(node, exp.Command):
        raise Refused(codes.UNREAD, "it cannot be parsed to its end", "write a plain statement")


def _words(node: exp.Expr, name: str) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else name.upper()


def _with_names(node: exp.Expr, env: Env, dialect: str, seen: Seen, waiting: list[tuple[exp.Expr, Env]]) -> Env:
    """The CTE names that can be read below `node`; each CTE's own body waits with those it can read."""
    clause = node.args.get("with_")
    if not isinstance(clause, exp.With):
        return env
    _refuse_parts(clause, "With", nodes.ALLOWED)
    if clause.args.get("search") is not None:
        waiting.append((clause.args["search"], env))
    names = [cte.alias.lower() for cte in clause.expressions]
    seen.local.update(names)
    is_recursive = bool(clause.args.get("recursive")) or dialect == "tsql"
    earlier = env
    for name, cte in zip(names, clause.expressions, strict=True):
        visible = env | set(names) if is_recursive else earlier
        waiting.append((cte, visible))
        earlier = earlier | {name}
    return env | set(names)


def _targets(node: exp.Expr, dialect: str) -> Iterator[exp.Table]:
    """The tables that this INSERT, UPDATE, DELETE, MERGE or definition writes."""
    match node:
        case exp.Delete():
            several = node.args.get("tables") or ()
            for one in several or (node.this,):
                yield from _named(one)
        case exp.TruncateTable():
            for one in node.expressions:
                yield from _named(one)
        case exp.Into() if dialect not in ("postgres", "tsql"):
            pass
        case _:
            yield from _named(node.this)
            if isinstance(node, exp.Drop):
                for one in node.args.get("tables") or ():
                    yield from _named(one)
                if isinstance(node.args.get("cluster"), exp.OnProperty):  # DROP INDEX i ON t
                    yield from _named(node.args["cluster"].this)


def _named(node: object) -> Iterator[exp.Table]:
    while isinstance(node, exp.Schema | exp.Index):
        node = node.args.get("table") if isinstance(node, exp.Index) else node.this
    if isinstance(node, exp.Table):
        yield node


def relation_of(table: exp.Table, dialect: str) -> Relation | None:
    """None for a function in the place of a table, and for one without a name."""
    names = [part for part in table.parts if isinstance(part, exp.Identifier)]
    if not names or len(names) != len(table.parts):
        return None
    return Relation(parts=tuple(folded(part, dialect) for part in names))


def folded(name: exp.Identifier, dialect: str) -> str:
    text = str(name.this)
    if name.args.get("quoted"):
        return text
    if dialect == "postgres":
        return text.lower()
    return text.upper() if dialect == "snowflake" else text


def _table(node: exp.Table, env: Env, dialect: str, seen: Seen, *, is_target: bool) -> None:
    relation = relation_of(node, dialect)
    if relation is None:
        if node.args.get("rows_from"):
            return
        if dialect == "tsql" and isinstance(node.this, exp.Anonymous):
            _searched(node.this, seen)
        if not isinstance(node.this, _NOT_NAMED):
            raise Refused(codes.NO_SUCH_FORM, "it reads from something that is no table", "name a table")
        if isinstance(node.this, exp.Placeholder):
            raise Refused(codes.DYNAMIC, "the table is a parameter", "name the table")
        return
    alias = node.alias.lower() or relation.parts[-1].lower()
    may_be_query = not is_target or dialect == "tsql"  # which alone writes by way of a CTE
    if may_be_query and len(relation.parts) == 1 and relation.parts[0].lower() in env:
        seen.writes_through_query |= is_target
        return
    if not is_target or node.alias:
        seen.aliases.setdefault(alias, relation)
    (seen.writes if is_target else seen.reads).setdefault(relation)
    if node.args.get("alias") is not None and node.args["alias"].args.get("columns"):
        seen.local.add(alias)


def _searched(call: exp.Anonymous, seen: Seen) -> None:
    """CONTAINSTABLE(t, …) reads the table `t`."""
    if call.name.lower() not in ("containstable", "freetexttable"):
        return
    table = call.expressions[0] if call.expressions else None
    if not isinstance(table, exp.Column):
        raise Refused(codes.NO_SUCH_FORM, "it searches something that is no table", "name a table")
    seen.reads.setdefault(Relation(parts=tuple(part.name for part in table.parts)))


def _note(node: exp.Expr, name: str, dialect: str, seen: Seen) -> None:
    match node:
        case exp.Column():
            _column(node, dialect, seen)
        case exp.NextValueFor():
            seen.called.setdefault("nextval")
        case exp.Anonymous() | exp.AnonymousAggFunc() | exp.CombinedAggFunc() | exp.ParameterizedAgg():
            if not isinstance(node.parent, exp.WithTableHint):  # INDEX (i)
                seen.called.setdefault(str(node.this.name if isinstance(node.this, exp.Expr) else node.this).lower())
        case exp.DataType():
            if node.this == exp.DType.USERDEFINED:
                seen.types.setdefault(str(node.args.get("kind") or "").lower())
        case exp.Insert() | exp.Update() | exp.Delete() | exp.Merge():
            if not isinstance(node.parent, exp.When):
                seen.verbs.append(name.lower())
        case exp.Into() | exp.Parameter() | exp.SessionParameter() | exp.WithTableHint() | exp.QueryOption():
            _note_form(node, dialect, seen)
        case _:
            _note_names(node, dialect, seen)


def _note_form(node: exp.Expr, dialect: str, seen: Seen) -> None:
    match node:
        case exp.Into():
            if dialect not in ("postgres", "tsql") or node.args.get("expressions"):
                raise Refused(codes.SESSION, "INTO fills variables or a file", "leave INTO out")
            seen.makes_table = True
        case exp.Parameter() | exp.SessionParameter():
            _parameter(node, dialect)
        case exp.WithTableHint():
            is_read = isinstance(node.root(), exp.Query)
            _allow(node.expressions, nodes.TABLE_HINTS | (frozenset() if is_read else nodes.WRITE_HINTS), "table hint")
        case exp.QueryOption() if not isinstance(node.parent, exp.ForClause):
            _allow([node.this], nodes.QUERY_OPTIONS, "query option")
        case _:
            pass


def _note_names(node: exp.Expr, dialect: str, seen: Seen) -> None:
    """Names that the statement itself gives, and that may stand before a bracket."""
    match node:
        case exp.Opclass():
            _opclass(node, dialect)
        case exp.MatchRecognize():
            seen.local.update(_OF_A_PATTERN)
            seen.of_pattern |= _OF_A_PATTERN
        case exp.In():
            _table_of_in(node, dialect, seen)
        case exp.TableAlias():
            if node.args.get("columns") and node.name:
                seen.local.add(node.name.lower())
        case exp.Window():
            if node.args.get("alias") is None and isinstance(node.this, exp.Identifier):
                seen.local.add(node.name.lower())
        case exp.Schema() | exp.Reference() | exp.Index():
            for table in node.find_all(exp.Table):
                whole = ".".join(part.name for part in table.parts)
                seen.local.update((table.name.lower(), whole.lower(), table.alias.lower()))
            if isinstance(node, exp.Index) and node.name:
                seen.local.add(node.name.lower())
        case _:
            pass


def _opclass(node: exp.Opclass, dialect: str) -> None:
    opclass = node.args["expression"]
    if dialect != "postgres" or not isinstance(opclass, exp.Table) or opclass.sql() not in nodes.OPCLASSES:
        raise Refused(codes.FUNCTION, "the operator class of an index is on no list", "leave it out")


def _refuse_forms(node: exp.Expr, dialect: str) -> None:
    """What a class that is on the list may not be: another storage engine, a word taken for a table."""
    if isinstance(node, exp.Property) and type(node) is exp.Property:
        name = node.name.lower()
        if name not in nodes.PROPERTIES.get(dialect, frozenset()):
            raise Refused(codes.NO_SUCH_FORM, f"the option `{name}` is on no list", "leave it out")
    if isinstance(node, exp.Insert) and node.args.get("overwrite") and dialect != "snowflake":
        raise Refused(codes.NO_SUCH_FORM, "OVERWRITE is on no list", "delete and insert")
    if isinstance(node, exp.AlterSet) and (
        dialect != "bigquery" or any(value for part, value in node.args.items() if part != "expressions")
    ):
        raise Refused(codes.NO_SUCH_FORM, "ALTER … SET of this kind is on no list", "leave it out")
    if isinstance(node, exp.EngineProperty) and node.name.lower() not in nodes.STORAGE_ENGINES:
        raise Refused(codes.OUTSIDE, f"the storage engine `{node.name}` may keep rows elsewhere", "leave it out")
    if isinstance(node, exp.Delete) and any(_is_no_name(one) for one in node.args.get("tables") or ()):
        raise Refused(codes.NO_SUCH_FORM, "DELETE TOP is on no list", "leave TOP out")


def _is_no_name(table: object) -> bool:
    """`TOP (5)` looks like a table with an alias of columns."""
    alias = table.args.get("alias") if isinstance(table, exp.Table) else None
    return alias is not None and bool(alias.args.get("columns"))


def _table_of_in(node: exp.In, dialect: str, seen: Seen) -> None:
    """SQLite's `x IN t` reads the table `t`."""
    field_read = node.args.get("field")
    if dialect == "sqlite" and isinstance(field_read, exp.Column):
        seen.reads.setdefault(Relation(parts=tuple(part.name for part in field_read.parts)))


def _parameter(node: exp.Parameter | exp.SessionParameter, dialect: str) -> None:
    """`$1` and `@name` are values given with the statement; `@@name` is a setting of the server."""
    if isinstance(node, exp.SessionParameter):
        _setting(node.name, dialect)
    elif isinstance(node.this, exp.Parameter):
        _setting(node.this.name, dialect)
    elif not isinstance(node.this, exp.Literal | exp.Var | exp.Identifier):
        raise Refused(codes.NO_SUCH_FORM, "a parameter is no plain name", "write the value itself")


def _setting(name: str, dialect: str) -> None:
    if name.lower() not in SETTINGS.get(dialect, frozenset()):
        raise Refused(codes.SYSTEM_RELATION, f"the setting `{name}` is not on the list", "write the value itself")


def _column(node: exp.Column, dialect: str, seen: Seen) -> None:
    if isinstance(node.this, exp.Star):
        return
    parts = [folded(part, dialect) for part in node.parts if isinstance(part, exp.Identifier)]
    seen.columns.setdefault(".".join(parts[-2:]))
    if len(parts) > 1:
        seen.qualified.setdefault((parts[-2], parts[-1]))
        if dialect == "snowflake" and parts[-1].upper() == "NEXTVAL":
            seen.called.setdefault("nextval")


def _allow(found: Sequence[exp.Expr | str], known: frozenset[str], what: str) -> None:
    for one in found:
        words = (one if isinstance(one, str) else one.name).upper()
        if words not in known:
            raise Refused(codes.LOCK, f"the {what} `{words}` is on no list", "leave the hint out")
