"""What PostgreSQL's own grammar read in; what it reads, writes and calls out, to be compared with the first reading.

The tree is libpg_query's: nested mappings in which a key in capitals is the class of the node under it. The same rule
as for SQLGlot's tree: a class, a field or an operator that is on no list denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from loadline.semantics.guard import codes
from loadline.semantics.guard.calls import Call
from loadline.semantics.guard.nodes import PROPERTIES
from loadline.semantics.guard.refusal import Refused
from loadline.values.guarded import Relation

Node = Mapping[str, Any]
Env = frozenset[str]

_NODES = frozenset(
    """
SelectStmt ResTarget ColumnRef String A_Star A_Const A_Expr A_ArrayExpr A_Indices A_Indirection FuncCall TypeCast
TypeName BoolExpr NullTest BooleanTest SubLink CaseExpr CaseWhen CoalesceExpr MinMaxExpr RowExpr RangeVar JoinExpr
RangeSubselect RangeFunction RangeTableSample Alias WithClause CommonTableExpr SortBy WindowDef GroupingSet
GroupingFunc SQLValueFunction CollateClause ParamRef List Integer Float Boolean BitString NamedArgExpr SetToDefault
MultiAssignRef XmlExpr XmlSerialize JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor
JsonFuncExpr JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr JsonFormat JsonOutput JsonReturning
JsonKeyValue JsonIsPredicate JsonParseExpr JsonScalarExpr JsonSerializeExpr JsonObjectAgg JsonArrayAgg
JsonAggConstructor JsonBehavior JsonArgument RangeTableFunc RangeTableFuncCol CTESearchClause CTECycleClause
InsertStmt UpdateStmt DeleteStmt MergeStmt MergeWhenClause MergeSupportFunc OnConflictClause InferClause IndexElem
IntoClause ReturningClause ReturningOption ReturningExpr ColumnDef
""".split()
)

_DEFINITION_NODES = _NODES | frozenset(
    """
CreateStmt ColumnDef Constraint CreateTableAsStmt ViewStmt IndexStmt CreateSchemaStmt AlterTableStmt AlterTableCmd
DropStmt RenameStmt TruncateStmt CommentStmt PartitionSpec PartitionElem PartitionBoundSpec PartitionRangeDatum
CreateSeqStmt DefElem TableLikeClause AlterSeqStmt AlterObjectSchemaStmt PartitionCmd
CreateEnumStmt AlterEnumStmt
""".split()
)

_FIELDS = frozenset(
    """
relation typeName withClause intoClause alias larg rarg over onConflictClause infer search_clause cycle_clause rel
raw_expr format output returning on_error on_empty pathspec pathspec_ common constructor agg ctequery ival fval sval
bsval boolval context_item column arg partspec partbound typename value val formatted_expr into sequence
returningClause jsformat expr view pktable join_using_alias collClause bound
""".split()
)
"""Fields whose value is a node without its class written over it."""

_RELATION_FIELDS = frozenset({"relation", "rel", "sequence", "pktable"})
_VERBS = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete", "MergeStmt": "merge"}
_TABLE_COMMANDS = frozenset(
    """
AT_AddColumn AT_ColumnDefault AT_DropNotNull AT_SetNotNull AT_DropColumn AT_AddConstraint AT_DropConstraint
AT_ValidateConstraint AT_AlterColumnType AT_AddIndex AT_SetStatistics AT_CookedColumnDefault AT_DropExpression
AT_AttachPartition AT_DetachPartition AT_DetachPartitionFinalize AT_AddIdentity AT_SetIdentity AT_DropIdentity
AT_AlterConstraint AT_SetLogged AT_SetUnLogged AT_SetStorage
""".split()
)
_OBJECTS = frozenset(
    [
        "OBJECT_TABLE",
        "OBJECT_VIEW",
        "OBJECT_MATVIEW",
        "OBJECT_INDEX",
        "OBJECT_SCHEMA",
        "OBJECT_SEQUENCE",
        "OBJECT_COLUMN",
        "OBJECT_TABCONSTRAINT",
        "OBJECT_TYPE",
    ]
)

TYPES = frozenset(
    """
bit bool box bpchar bytea char cidr circle date datemultirange daterange float4 float8 inet int2 int4 int4multirange
int4range int8 int8multirange int8range interval json jsonb jsonpath line lseg macaddr macaddr8 money name numeric
nummultirange numrange oid path pg_lsn point polygon regclass regconfig regnamespace regproc regprocedure regrole
regtype text tid time timestamp timestamptz timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector
uuid varbit varchar xid xid8 xml boolean integer bigint smallint real double decimal string serial bigserial
smallserial int float serial4 serial8 anyarray record
""".split()
)

EXTENSION_TYPES = frozenset(
    "citext hstore ltree lquery ltxtquery geometry geography box2d box3d vector halfvec sparsevec cube earth".split()
)
EXTENSION_OPERATORS = frozenset("<=> <#> <+> <% %> <<% %>> <<-> <->> <<<-> <->>>".split())
"""Of the extensions whose functions are on the list too: pgvector and pg_trgm."""
_TYPES = TYPES | EXTENSION_TYPES

OPERATORS = frozenset(
    """
!! !~ !~* !~~ !~~* # ## #- #> #>> % & && &< &<| &> * *< *<= *<> *= *> *>= + - -> ->> -|- / < <-> << <<= <<| <= <> <@
<^ = > >= >> >>= >^ ? ?# ?& ?- ?-| ?| ?|| @ @-@ @> @? @@ @@@ ^ ^@ | |&> |/ |>> || ||/ ~ ~* ~<=~ ~<~ ~= ~>=~ ~>~ ~~
~~* !=
""".split()
)
"""PostgreSQL's own operators: any other is a function somebody wrote."""
_OPERATORS = OPERATORS | EXTENSION_OPERATORS


@dataclass(slots=True, kw_only=True)
class SecondSeen:
    """`kind` is the class of the outermost statement; `spelled` are calls that are written as `name(…)`, `of_rows` the
    names of types that only say which table's row is made."""

    kind: str
    reads: dict[Relation, None] = field(default_factory=dict)
    writes: dict[Relation, None] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    spelled: set[str] = field(default_factory=set)
    types: dict[str, None] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)
    makes_table: bool = False
    has_constructors: bool = False
    of_rows: set[int] = field(default_factory=set)


def statement_of(tree: Node) -> tuple[str, Node]:
    """The class of a statement, and the statement."""
    ((kind, body),) = tree.items()
    return kind, body


def look_again(kind: str, body: Node) -> SecondSeen:
    """Raises Refused (GRD004, GRD010, GRD016)."""
    is_definition = kind in _DEFINITION_NODES and kind not in _NODES
    seen = SecondSeen(kind=kind)
    allowed = _DEFINITION_NODES if is_definition else _NODES
    waiting: list[tuple[str, Node, Env]] = [(kind, body, frozenset())]
    while waiting:
        name, node, env = waiting.pop()
        if name not in allowed:
            raise _refusal(name)
        env = _with_names(node, env, waiting)
        _note(name, node, env, seen)
        for part, value in node.items():
            if part in ("withClause", "funcname", "name", "names", "view") or (part == "relation" and name in _VERBS):
                continue
            _wait(part, value, env, waiting)
    return seen


def _wait(part: str, value: object, env: Env, waiting: list[tuple[str, Node, Env]]) -> None:
    if isinstance(value, list):
        for one in value:
            _wait(part, one, env, waiting)
    elif isinstance(value, dict):
        if len(value) == 1 and next(iter(value))[:1].isupper():
            ((name, node),) = value.items()
            if isinstance(node, dict):
                waiting.append((name, node, env))
        elif part in _FIELDS:
            waiting.append((_class_of(part), value, env))
        elif value:
            raise Refused(codes.NO_SUCH_FORM, f"`{part}` of PostgreSQL's own tree is on no list", "leave that part out")


def _class_of(part: str) -> str:
    """A class that is on the list, for a field whose node says none; what matters of it is looked at by field."""
    match part:
        case "relation" | "rel" | "sequence" | "view" | "pktable":
            return "RangeVar"
        case "typeName" | "typename":
            return "TypeName"
        case "larg" | "rarg":
            return "SelectStmt"
        case "intoClause" | "into":
            return "IntoClause"
        case "onConflictClause":
            return "OnConflictClause"
        case "over":
            return "WindowDef"
        case "bound":
            return "PartitionBoundSpec"
        case "collClause":
            return "CollateClause"
        case _:
            return "List"


def _with_names(node: Node, env: Env, waiting: list[tuple[str, Node, Env]]) -> Env:
    clause = node.get("withClause")
    if not clause:
        return env
    clause = clause.get("WithClause", clause)
    ctes = [one["CommonTableExpr"] for one in clause.get("ctes", ())]
    names = [str(cte["ctename"]).lower() for cte in ctes]
    earlier = env
    for name, cte in zip(names, ctes, strict=True):
        waiting.append(("CommonTableExpr", cte, env | set(names) if clause.get("recursive") else earlier))
        earlier = earlier | {name}
    return env | set(names)


def _note(name: str, node: Node, env: Env, seen: SecondSeen) -> None:
    match name:
        case "RangeVar":
            _relation(node, env, seen.reads)
        case "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "MergeStmt":
            seen.verbs.append(_VERBS[name])
            _relation(node["relation"], frozenset(), seen.writes)
        case "ViewStmt":
            _relation(node["view"], frozenset(), seen.writes)
        case "FuncCall":
            _call(node, seen)
        case "A_Expr":
            _operator(node.get("name", ()))
        case "SubLink":
            _operator(node.get("operName", ()))
        case "SortBy":
            _operator(node.get("useOp", ()))
        case "TypeName" if seen.kind != "DropStmt":
            _type(node, seen)
        case _ if name.startswith(("Xml", "Json")):
            seen.has_constructors = True
        case _:
            _note_form(name, node, seen)


def _note_form(name: str, node: Node, seen: SecondSeen) -> None:
    match name:
        case "SelectStmt" if node.get("lockingClause"):
            raise Refused(codes.LOCK, "it locks the rows it reads", "leave FOR UPDATE or FOR SHARE out")
        case "IntoClause":
            seen.makes_table = True
            _relation(node["rel"], frozenset(), seen.writes)
            if node.get("options") or node.get("tableSpaceName") or node.get("accessMethod"):
                raise Refused(codes.NO_SUCH_FORM, "the new table has storage options", "leave them out")
        case "DefElem" if seen.kind not in _SEQUENCES and not _is_known_option(node):
            raise Refused(codes.NO_SUCH_FORM, "an option of storage is on no list", "leave it out")
        case "AlterTableCmd" if node.get("subtype") not in _TABLE_COMMANDS:
            raise Refused(
                codes.RIGHTS, f"ALTER TABLE with {node.get('subtype')} is on no list", "ask the table's owner"
            )
        case "IndexStmt" if node.get("accessMethod") not in _INDEX_METHODS or node.get("tableSpace"):
            raise Refused(codes.NO_SUCH_FORM, "the index is of a kind or in a place that is on no list", "leave it out")
        case "DropStmt" | "RenameStmt" | "CommentStmt" | "AlterObjectSchemaStmt":
            part, what = _OF_WHAT[name]
            if node.get(part) not in _OBJECTS:
                raise Refused(codes.RIGHTS, f"{what} {node.get(part)} is on no list", "ask the database's owner")
        case "Constraint":
            for one in node.get("exclusions", ()):
                _operator(one["List"]["items"][1]["List"]["items"])
        case "PartitionCmd":
            _relation(node["name"], frozenset(), seen.reads)
        case _:
            pass


_OF_WHAT = {
    "DropStmt": ("removeType", "DROP of"),
    "RenameStmt": ("renameType", "RENAME of"),
    "CommentStmt": ("objtype", "COMMENT on"),
    "AlterObjectSchemaStmt": ("objectType", "SET SCHEMA of"),
}
_INDEX_METHODS = frozenset({"btree", "hash", "gin", "gist", "spgist", "brin", "hnsw", "ivfflat"})
_SEQUENCES = frozenset({"CreateSeqStmt", "AlterSeqStmt"})
_OPTIONS = PROPERTIES["postgres"] | frozenset(
    """
start increment minvalue maxvalue cache cycle restart as security_barrier security_invoker check_option
""".split()
)


def _is_known_option(node: Node) -> bool:
    return str(node.get("defname", "")).lower() in _OPTIONS and not node.get("defnamespace")


def _relation(node: Node, env: Env, into: dict[Relation, None]) -> None:
    parts = tuple(str(node[part]) for part in ("catalogname", "schemaname", "relname") if node.get(part))
    if len(parts) == 1 and parts[0].lower() in env:
        return
    into.setdefault(Relation(parts=parts))


def _call(node: Node, seen: SecondSeen) -> None:
    names = [str(one["String"].get("sval", "")) for one in node["funcname"]]
    argument = None
    match node.get("args"):
        case [{"A_Const": {"sval": {"sval": str(text)}}}, *_]:
            argument = f"'{text}'"
        case _:
            pass
    match node.get("args"):
        case [{"TypeCast": {"arg": {"A_Const": {"isnull": True}}, "typeName": row}}, *_] if names[-1] in _MAKES_ROWS:
            seen.of_rows.add(id(row))
        case _:
            pass
    if len(names) == 1:  # EXTRACT, LIKE … ESCAPE and the like become calls with their schema
        seen.spelled.add(names[-1].lower())
    seen.calls.append(Call(name=".".join(names), argument=argument))


_MAKES_ROWS = frozenset(
    {"json_populate_record", "json_populate_recordset", "jsonb_populate_record", "jsonb_populate_recordset"}
)


def _operator(names: object) -> None:
    parts = [str(one["String"].get("sval", "")) for one in names] if isinstance(names, list) else []
    if len(parts) > 1 and parts[0] != "pg_catalog":
        raise Refused(
            codes.FUNCTION, f"the operator `{'.'.join(parts)}` is not PostgreSQL's own", "write it as it is built in"
        )
    if parts and parts[-1] not in _OPERATORS and not parts[-1].replace(" ", "").isalpha():
        raise Refused(
            codes.FUNCTION, f"the operator `{parts[-1]}` is not PostgreSQL's own", "write it as it is built in"
        )


def _type(node: Node, seen: SecondSeen) -> None:
    names = [str(one["String"].get("sval", "")) for one in node.get("names", ())]
    if names[:1] == ["pg_catalog"] and len(names) == 2:
        names = names[1:]
    is_row = id(node) in seen.of_rows and not node.get("typmods")
    if (len(names) != 1 or names[0].lower() not in _TYPES) and not is_row:
        seen.types.setdefault(".".join(names).lower())


def _refusal(name: str) -> Refused:
    plain = name.removesuffix("Stmt")
    return Refused(
        codes.NO_SUCH_FORM, f"`{plain}`, as PostgreSQL itself reads it, is on no list", "leave that part out"
    )
