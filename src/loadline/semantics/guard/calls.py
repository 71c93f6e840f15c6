"""Tokens in, the names that are called out, as written; Refused where one is not known to be harmless.

By the text and not by the tree: SQLGlot gives one class to a built-in of one engine and to what would be a function of
the user's own in another, and does not keep the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from loadline.semantics.guard import codes, words
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.names import bigquery, duckdb, extensions, mysql, postgres, snowflake, sqlite, tsql
from loadline.semantics.guard.nodes import TABLE_HINTS
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.system import SETTINGS

FUNCTIONS: Mapping[str, frozenset[str]] = {
    "postgres": postgres.NAMES | extensions.POSTGRES,
    "duckdb": duckdb.NAMES | extensions.DUCKDB,
    "sqlite": sqlite.NAMES | extensions.SQLITE,
    "mysql": mysql.NAMES,
    "snowflake": snowflake.NAMES,
    "bigquery": bigquery.NAMES,
    "tsql": tsql.NAMES | tsql.METHODS,
}
GRAMMAR = frozenset(
    """
cast try_cast convert try_convert extract trim substring position overlay coalesce nullif greatest least exists
count grouping if ifnull iif left right replace insert columns row
""".split()
)
"""What the grammar itself knows as a function in more than one dialect."""

HARMLESS: Mapping[str, frozenset[str]] = {dialect: names | GRAMMAR for dialect, names in FUNCTIONS.items()}

LAST_NAMES: Mapping[str, frozenset[str]] = {
    dialect: frozenset(name.rpartition(".")[2] for name in names) | GRAMMAR | {"nextval", "setval"}
    for dialect, names in FUNCTIONS.items()
}
"""What SQLGlot keeps of a name."""

_OF_A_NAME = frozenset({"pragma_table_info", "pragma_show"})

COUNTERS = frozenset({"nextval", "setval"})
"""They change a sequence: not rows, but not nothing."""

_REASONS: Mapping[tuple[str, str], str] = {
    (codes.OUTSIDE, "reaches files, the network or other servers"): """
read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_ndjson read_ndjson_auto read_text
read_blob glob sniff_csv parquet_metadata parquet_schema parquet_kv_metadata read_duckdb read_xlsx st_read
sqlite_scan postgres_scan mysql_scan pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file pg_ls_logdir
pg_ls_waldir lo_import lo_export lo_get lo_put dblink dblink_exec dblink_connect http_get http_post load_file
openrowset openquery opendatasource external_query readfile writefile load_extension edit getenv infer_schema
""",
    (codes.SESSION, "changes or holds up the session or the server"): """
set_config pg_sleep pg_sleep_for pg_sleep_until sleep sleep_ms benchmark get_lock release_lock release_all_locks
pg_advisory_lock pg_advisory_xact_lock pg_try_advisory_lock pg_try_advisory_xact_lock pg_advisory_unlock
pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_switch_wal pg_notify setseed checkpoint
force_checkpoint last_insert_id master_pos_wait source_pos_wait
""",
    (codes.DYNAMIC, "runs SQL that is inside a value"): """
query query_table query_to_xml query_to_xmlschema table_to_xml schema_to_xml database_to_xml cursor_to_xml
xpath_table crosstab ts_stat ts_rewrite json_execute_serialized_sql identifier sp_executesql connectby
""",
}
_BECAUSE: Mapping[str, tuple[str, str]] = {
    name: (code, why) for (code, why), names in _REASONS.items() for name in names.split()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`name` in lower case, with its qualifier if one is written; `argument` is the first one where it is a literal."""

    name: str
    argument: str | None
    is_method: bool = False
    is_empty: bool = False

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


def calls(tokens: Sequence[Token], dialect: str) -> list[Call]:
    """Every name that stands before an opening bracket and is no word of the grammar, in the order written."""
    found = []
    for at in range(1, len(tokens)):
        before = tokens[at - 1]
        if tokens[at].text != "(" or before.cut not in (Cut.WORD, Cut.QUOTED):
            continue
        if _is_no_call(tokens, at, dialect):
            continue
        is_qualified = at > 1 and tokens[at - 2].text == "."
        if before.lower in words.NOT_CALLS and not is_qualified:
            continue
        found.append(_call(tokens, at, dialect, is_qualified=is_qualified))
    return found


def _is_no_call(tokens: Sequence[Token], bracket: int, dialect: str) -> bool:
    """`a (+)` is an outer join of Snowflake, `t (NOLOCK)` a table hint of SQL Server."""
    before = tokens[bracket - 1]
    behind = tokens[bracket - 2].lower if bracket > 1 else ""
    if before.lower == "nulls" and behind in ("include", "exclude"):  # UNPIVOT INCLUDE NULLS (
        return True
    if tokens[0].lower in ("create", "alter"):
        if dialect == "duckdb" and behind == "using" and before.lower in ("art", "hnsw", "rtree"):
            return True
        if dialect == "bigquery" and before.lower == "options":
            return True
        if dialect == "mysql" and _is_prefix_of_key(tokens, bracket):
            return True
        is_index = behind in ("index", "key") and dialect in ("mysql", "tsql")
        if is_index or (dialect == "tsql" and before.lower in ("clustered", "nonclustered")):
            return True
    if dialect == "tsql" and before.lower == "hint" and behind == "use":
        return True
    if dialect == "tsql" and _is_of_tsql(tokens, bracket):
        return True
    inside = [one.text.upper() for one in tokens[bracket + 1 : bracket + 3]]
    if dialect == "snowflake":
        return inside == ["+", ")"]
    if dialect == "bigquery" and before.lower == "options" and behind in PRIVATE:
        return True
    return dialect == "tsql" and len(inside) == 2 and inside[0] in TABLE_HINTS and inside[1] == ")"


PRIVATE = frozenset({"differential_privacy", "aggregation_threshold"})
"""`SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS (…)`: how much is told of one row."""


def _is_of_tsql(tokens: Sequence[Token], bracket: int) -> bool:
    """A table of the session; `OUTPUT … INTO t (a)`; `UPDATE t SET a.WRITE(…)`, which changes a part of the column."""
    at = bracket - 1
    if tokens[at].text[0] == "#":
        return True
    if (
        changes_column(tokens, bracket)
        or is_of_graph(tokens, bracket)
        or (bracket == 2 and tokens[1].lower == "xmlnamespaces")
    ):
        return True
    while at > 1 and tokens[at - 1].text == ".":
        at -= 2
    if tokens[at - 1].lower != "into" or not any(one.lower == "output" for one in tokens[:at]):
        return False
    end = next((place for place in range(bracket, len(tokens)) if tokens[place].text == ")"), bracket)
    return all(one.cut in (Cut.WORD, Cut.QUOTED) or one.text == "," for one in tokens[bracket + 1 : end])


def is_of_graph(tokens: Sequence[Token], bracket: int) -> bool:
    """WHERE MATCH(a-(knows)->b AND …): names of tables that FROM has, and arrows."""
    if tokens[bracket - 1].lower != "match" or bracket < 2 or tokens[bracket].text != "(":
        return False
    depth = 0
    for at in range(bracket, len(tokens)):
        one = tokens[at]
        depth += (one.text == "(") - (one.text == ")")
        if depth == 0:
            return tokens[bracket - 2].lower in ("where", "and") and at > bracket + 1
        is_arrow = one.text in ("-", "<", ">") or (one.text == "(" and tokens[at - 1].text in ("-", "match", "MATCH"))
        if not (is_arrow or one.text == ")" or one.cut in (Cut.WORD, Cut.QUOTED) or at == bracket):
            return False
    return False


def changes_column(tokens: Sequence[Token], bracket: int) -> bool:
    is_method = tokens[bracket - 1].lower in ("write", "modify") and bracket > 4 and tokens[bracket - 2].text == "."
    return (
        is_method
        and tokens[0].lower == "update"
        and (tokens[bracket - 4].lower or tokens[bracket - 4].text)
        in (
            "set",
            ",",
        )
    )


def _is_prefix_of_key(tokens: Sequence[Token], bracket: int) -> bool:
    """KEY (name(10)): so many characters of a column. A definition that has a query may call functions."""
    inside = tokens[bracket + 1 : bracket + 3]
    return (
        len(inside) == 2
        and inside[0].cut is Cut.NUMBER
        and inside[1].text == ")"
        and not any(one.lower in ("select", "table", "values", "with") for one in tokens[2:])
    )


def _call(tokens: Sequence[Token], bracket: int, dialect: str, *, is_qualified: bool) -> Call:
    names = [_plain(tokens[bracket - 1], dialect)]
    at = bracket - 2
    is_method = False
    while is_qualified and at > 0 and tokens[at].text == ".":
        if tokens[at - 1].cut in (Cut.WORD, Cut.QUOTED):
            names.insert(0, _plain(tokens[at - 1], dialect))
        else:
            is_method = True
            break
        at -= 2
    following = tokens[bracket + 1 : bracket + 3]
    literal = (
        following[0].text
        if len(following) == 2 and following[0].cut is Cut.STRING and following[1].text in (",", ")")
        else None
    )
    return Call(
        name=".".join(names),
        argument=literal,
        is_method=is_method,
        is_empty=any(one.text == ")" for one in following[:1]),
    )


def _plain(token: Token, dialect: str) -> str:
    """A quoted name that Snowflake does not fold is another function than the built-in one."""
    if dialect == "snowflake" and token.cut is Cut.QUOTED and token.text != token.text.upper():
        return token.text
    return token.lower or token.text[1:-1].lower()


def refuse_unknown_calls(
    found: Sequence[Call], dialect: str, *, local: AbstractSet[str], declared: AbstractSet[str]
) -> None:
    """Raises Refused (GRD005, or the code that says more)."""
    known = HARMLESS[dialect]
    for call in found:
        if call.name.lower() in declared or is_harmless(call, dialect, known):
            continue
        is_given = call.name.replace('"', "").lower() in local or call.name in words.TYPES
        if is_given and call.last not in _BECAUSE:  # an alias may be called as it likes, but not that
            continue
        raise refusal_of(call.name)


def is_harmless(call: Call, dialect: str, known: AbstractSet[str]) -> bool:
    if call.last == "current_setting" and dialect in ("postgres", "duckdb"):
        return call.argument is not None and call.argument.strip("'").lower() in SETTINGS[dialect]
    if call.last in _OF_A_NAME and dialect == "duckdb":  # which may be the name of a file
        return call.argument is not None and call.argument.strip("'").replace("_", "").isalnum()
    if call.name in known or call.name in COUNTERS:
        return True
    if call.name == "last_insert_id" and dialect == "mysql":  # with an argument it sets it
        return call.is_empty
    qualifier = call.name.rpartition(".")[0]
    match dialect:
        case "postgres":
            return qualifier == "pg_catalog" and (call.last in known or call.last in COUNTERS)
        case "duckdb":
            is_own = call.is_method or qualifier in ("main", "system", "pg_catalog") or _is_chained(call)
            return is_own and call.last in known
        case "bigquery":
            return qualifier == "safe" and call.last in known
        case "tsql":
            return call.last in tsql.METHODS and bool(qualifier) and qualifier.partition(".")[0] != "dbo"
        case _:
            return False


def _is_chained(call: Call) -> bool:
    """DuckDB's `column.upper()`: what has no argument but the one before the dot is called on it, and of no schema."""
    qualifier = call.name.rpartition(".")[0]
    return (
        call.is_empty and 0 < len(qualifier.split(".")) < 3 and bool(qualifier) and call.last not in _WITHOUT_ARGUMENTS
    )


_WITHOUT_ARGUMENTS = frozenset(
    """
now random uuid gen_random_uuid uuidv4 uuidv7 today version pi user count current_database current_schema current_user
current_role current_catalog current_date current_time current_timestamp session_user get_current_time
get_current_timestamp transaction_timestamp row_number rank dense_rank rank_dense percent_rank cume_dist count_star
localtime localtimestamp current_localtime current_localtimestamp current_schemas pragma_version pragma_collations
""".split()
)


def refusal_of(name: str) -> Refused:
    code, why = _BECAUSE.get(name.rpartition(".")[2], (codes.FUNCTION, ""))
    if code == codes.FUNCTION:
        why = "is not known to be harmless"
        mend = f"leave it out; or declare it, once its owner says what it does: `--function {name}`"
    else:
        mend = "leave it out; what is asked for has to be in a table"
    return Refused(code, f"`{name}()` {why}", mend)
