"""Engines in, the SQL guard's lists of harmless function names out: `python tools/guard_names.py ENGINE [URL]`.

Prints the module `src/loadline/semantics/guard/names/ENGINE.py` for `postgres` (with a URL to a fresh server), `duckdb`
or `sqlite`. On a list is a name of which every overload computes and does nothing else, as the engine itself declares
it (PostgreSQL: immutable or stable, DuckDB: not volatile), less what a person struck from it here, plus what a person
knows to be harmless. A newer engine is compared by running this again and reading the difference.
"""

from __future__ import annotations

import re
import sqlite3
import sys
import textwrap

# PostgreSQL declares these stable: they read tables, rights, settings or other people's sessions by name, or they are
# the inner works of operators and types, which nobody calls.
POSTGRES_STRUCK = re.compile(
    r"pg_.*|.*_to_xml.*|txid_.*|inet_(client|server)_.*|current_setting|has_.*_privilege|acl.*|makeaclitem|row_security_active"
    r"|.*_(send|cmp|eq|ne|lt|le|gt|ge|hash|hash_extended|larger|smaller|transfn|statefunc|support|subdiff|opr)|.*send|.*typmodin"
    r"|(bt|bool|bit|bpchar|bytea|cash|char|cid|float\d+|int\d+|name|oid|text|tid|varbit|xid8?)(eq|ne|lt|le|gt|ge|cmp|pl|mi)"
    r"|bt.*cmp|bt.*image|.*(ic)?regex(eq|ne)|(bpchar|name|text|bytea)(ic)?n?like|postgresql_fdw_validator|satisfies_hash_partition"
    r"|fmgr_.*|xmlvalidate|spg_.*|broadcast|.*_pattern_.*|shobj_description"
)
POSTGRES_KNOWN = """
random clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 any_value array_sample array_shuffle array_sort
array_reverse date_add date_subtract erf erfc gamma lgamma random_normal to_bin to_oct casefold crc32 crc32c
uuid_extract_timestamp uuid_extract_version json_scalar json_serialize json_value json_query json_exists json_table
json_array json_object json_arrayagg json_objectagg merge_action xmlelement xmlforest xmlconcat xmlpi xmlroot
xmlserialize xmlparse xmltable pg_backend_pid pg_typeof pg_column_size pg_size_pretty pg_size_bytes pg_relation_size
pg_table_size pg_indexes_size pg_total_relation_size pg_database_size pg_get_expr pg_get_constraintdef
pg_get_indexdef pg_get_viewdef pg_get_serial_sequence pg_get_userbyid pg_table_is_visible pg_type_is_visible
pg_function_is_visible pg_client_encoding pg_timezone_names pg_timezone_abbrevs pg_postmaster_start_time
pg_is_in_recovery pg_collation_for pg_input_is_valid pg_basetype pg_get_partkeydef pg_partition_root
has_table_privilege has_column_privilege has_schema_privilege has_any_column_privilege unicode_assigned
json_agg_strict jsonb_agg_strict json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict
jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict xmltext system_user
pg_get_function_arguments pg_get_function_identity_arguments pg_get_function_result pg_get_triggerdef pg_get_ruledef
pg_encoding_to_char pg_get_partition_constraintdef pg_get_statisticsobjdef
pg_input_error_info pg_index_column_has_property pg_opclass_is_visible pg_describe_object pg_get_keywords
has_sequence_privilege has_database_privilege
"""

DUCKDB_STRUCK = re.compile(
    r"current_setting|getvariable|getenv|setseed|sleep_ms|write_log|stats|current_query.*|current_(connection|transaction)_id"
    r"|txid_current|pg_sleep|.*serialize.*|json_copy_.*|parse_duckdb_log_message|index_key|which_secret|icu_collate_.*|collate_.*"
    r"|create_sort_key|.*internal.*|duckdb_.*|inet_(client|server)_.*|invoke|has_.*_privilege|pg_has_role|get_block_size"
    r"|constant_or_null|combine|finalize|to_aggregate_state|currval|nextval|setval|[^a-z_].*|__.*|.*__.*|make_type|replace_type"
    r"|pg_.*|in_search_path|shobj_description|is .*"
)
DUCKDB_KNOWN = """
random uuid gen_random_uuid uuidv4 uuidv7 error unnest range generate_series repeat json_each json_tree pg_typeof
pg_size_pretty row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
fill columns percentile_cont percentile_disc coalesce ifnull nullif grouping grouping_id extract trim substring
position overlay cast try_cast list_comprehension duckdb_tables duckdb_columns duckdb_views duckdb_schemas
duckdb_constraints duckdb_indexes duckdb_types duckdb_functions duckdb_keywords duckdb_sequences pragma_table_info
pragma_version pragma_collations pragma_show pg_timezone_names pg_get_viewdef pg_get_constraintdef
pg_get_expr pg_table_is_visible collate histogram_exact approx_top_k try ceil current_date current_time
current_timestamp localtime localtimestamp isnull notnull regexp_split_to_table
"""

SQLITE_STRUCK = {
    "load_extension", "fts3_tokenizer", "sqlite_log", "optimize", "rtreecheck", "rtreenode", "rtreedepth", "fts5",
    "sqlite_compileoption_get", "sqlite_compileoption_used", "match", "subtype", "changes", "total_changes",
    "->", "->>", "fts5_source_id",
}  # fmt: skip
SQLITE_KNOWN = """
concat concat_ws string_agg octet_length unhex timediff total_changes changes json_each json_tree jsonb jsonb_array
jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace
jsonb_set json_pretty json_error_position generate_series if iif median percentile percentile_cont percentile_disc
unistr unistr_quote cast raise pragma_table_info pragma_table_xinfo pragma_table_list pragma_index_list
pragma_index_info pragma_index_xinfo pragma_foreign_key_list
"""
SQLITE_NEVER = {"raise", "total_changes"}  # RAISE() is for triggers; a counter of the connection says what others did


def main(words: list[str]) -> int:
    makers = {"postgres": postgres, "duckdb": duckdb, "sqlite": sqlite}
    if not words or words[0] not in makers:
        print(f"say which engine: {', '.join(makers)}", file=sys.stderr)
        return 2
    names, source = makers[words[0]](*words[1:])
    print(f'"""Harmless functions of {source}; made by `tools/guard_names.py {words[0]}`, which says how."""\n')
    print('NAMES = frozenset("""')
    print(textwrap.fill(" ".join(sorted(names)), 118))
    print('""".split())')
    return 0


def postgres(url: str) -> tuple[set[str], str]:
    import psycopg  # noqa: PLC0415 - one engine needs not the other's client

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'a', 'w')"
            " GROUP BY 1 HAVING bool_and(provolatile IN ('i', 's')) AND NOT bool_or("
            "   prorettype IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype, 'cstring'::regtype)"
            "   OR 'internal'::regtype = ANY (proargtypes) OR 'cstring'::regtype = ANY (proargtypes))"
        ).fetchall()
        version = connection.info.server_version // 10000
    names = {str(name) for (name,) in found}
    return {name for name in names if not POSTGRES_STRUCK.fullmatch(name)} | set(POSTGRES_KNOWN.split()), (
        f"PostgreSQL {version}"
    )


def duckdb() -> tuple[set[str], str]:
    import duckdb as engine  # noqa: PLC0415

    found = engine.sql(
        "SELECT function_name FROM duckdb_functions() WHERE internal AND function_type IN"
        " ('scalar', 'aggregate', 'window', 'macro') GROUP BY 1 HAVING bool_and(stability IS DISTINCT FROM 'VOLATILE')"
    ).fetchall()
    names = {str(name).lower() for (name,) in found}
    return {name for name in names if not DUCKDB_STRUCK.fullmatch(name)} | set(DUCKDB_KNOWN.split()), (
        f"DuckDB {engine.__version__}"
    )


def sqlite() -> tuple[set[str], str]:
    found = sqlite3.connect(":memory:").execute("SELECT name FROM pragma_function_list").fetchall()
    names = {str(name) for (name,) in found}
    return (names - SQLITE_STRUCK) | (set(SQLITE_KNOWN.split()) - SQLITE_NEVER), f"SQLite {sqlite3.sqlite_version}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
