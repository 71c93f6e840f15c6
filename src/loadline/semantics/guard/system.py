"""A relation a statement names in; out, whether it is one of the system's own, and if so whether it may be read.

Every engine's catalog is an allow-list here: relations that describe tables, columns, keys and indexes. What is left
out holds password hashes, connection strings, other sessions' statements, samples of columns, or can be written.
"""

from __future__ import annotations

from collections.abc import Mapping

from loadline.semantics.guard import codes
from loadline.semantics.guard.refusal import Refused
from loadline.values.guarded import Relation

_STANDARD = frozenset(
    """
tables columns views schemata key_column_usage table_constraints referential_constraints constraint_column_usage
constraint_table_usage check_constraints sequences domains element_types collations character_sets view_table_usage
view_column_usage information_schema_catalog_name partitions statistics keywords st_geometry_columns databases
columns_extensions tables_extensions table_options column_field_paths routines parameters triggers
triggered_update_columns sql_features sql_sizing sql_implementation_info
collation_character_set_applicability attributes domain_constraints column_domain_usage user_defined_types
materialized_views search_indexes search_index_columns vector_indexes vector_index_columns table_snapshots
schemata_options table_storage table_storage_metrics indexes index_columns hybrid_tables functions procedures engines
view_routine_usage st_spatial_reference_systems
""".split()
)

_POSTGRES = frozenset(
    """
pg_class pg_namespace pg_attribute pg_type pg_index pg_constraint pg_tables pg_views pg_indexes pg_matviews
pg_description pg_enum pg_database pg_attrdef pg_inherits pg_sequence pg_sequences pg_depend pg_collation
pg_operator pg_am pg_opclass pg_opfamily pg_cast pg_aggregate pg_range pg_partitioned_table pg_extension
pg_available_extensions pg_language pg_tablespace pg_timezone_names pg_timezone_abbrevs pg_ts_config pg_ts_dict
pg_trigger pg_rewrite pg_rules pg_stat_user_tables pg_stat_all_tables pg_stat_user_indexes pg_stat_all_indexes
pg_statio_user_tables pg_statio_user_indexes
""".split()
)

_SQLITE = frozenset(
    ["sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema", "sqlite_sequence", "sqlite_stat1"]
)

_TSQL = frozenset(
    """
tables columns views schemas objects all_objects all_columns all_views indexes index_columns key_constraints
foreign_keys foreign_key_columns check_constraints default_constraints types partitions computed_columns
identity_columns sequences extended_properties synonyms stats stats_columns systypes sysobjects syscolumns
sysindexes databases allocation_units periods partition_schemes partition_functions partition_range_values
dm_db_partition_stats procedures parameters
triggers trigger_events table_types xml_indexes spatial_indexes fulltext_indexes fulltext_index_columns
""".split()
)

_MYSQL_SCHEMAS = frozenset({"mysql", "sys", "performance_schema", "ndbinfo"})
TSQL_DATABASES = frozenset({"master", "msdb", "model", "tempdb", "resource", "distribution"})
_FILE_SIGNS = ("/", "\\", ":", "*", "?", "[", "~")
_FILE_ENDINGS = (
    ".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".gz", ".zst", ".xlsx", ".xls", ".db", ".duckdb",
    ".arrow", ".arrows", ".feather", ".avro", ".geojson", ".shp", ".sqlite", ".bz2", ".zip", ".vortex",
    ".lance", ".ddb",
)  # fmt: skip


def refuse_system_relation(relation: Relation, dialect: str, *, is_written: bool) -> None:
    """Raises Refused (GRD006, GRD007)."""
    parts = tuple(part.lower() for part in relation.parts)
    if dialect == "bigquery":  # `a.b.c` in one pair of backticks is three names
        parts = tuple(piece for part in parts for piece in part.split("."))
    is_system, may_be_read = _CHECKS[dialect](parts)
    if is_system and (is_written or not may_be_read):
        raise Refused(
            codes.SYSTEM_RELATION,
            f"`{relation.name}` belongs to the system" + ("" if is_written else " and is not on the list"),
            "read the company's own tables; what tables there are is in information_schema (or the dialect's own list)",
        )
    if dialect == "duckdb" and not is_system:
        _refuse_file(relation)
    if dialect == "tsql" and len(parts) > 3:
        raise Refused(codes.OUTSIDE, f"`{relation.name}` is on a linked server", "read a table of this server")


def refuse_system_schema(relation: Relation) -> None:
    """Raises Refused (GRD006) where a definition of a schema names one of the system's own."""
    if any(part.lower() in _SYSTEM_SCHEMAS or part.lower().startswith("pg_") for part in relation.parts):
        raise Refused(codes.SYSTEM_RELATION, f"`{relation.name}` belongs to the system", "name a schema of the company")


_SYSTEM_SCHEMAS = frozenset(
    {"information_schema", "sys", "snowflake", "account_usage", "performance_schema", "mysql", "system", "guest"}
)


def _refuse_file(relation: Relation) -> None:
    """DuckDB reads a file where a name is a path; `data.csv` unquoted is one too."""
    name = relation.name.lower()
    if name.endswith(_FILE_ENDINGS) or any(sign in name for sign in _FILE_SIGNS):
        raise Refused(codes.OUTSIDE, f"`{relation.name}` is read as a file", "read a table of the database")


def _postgres(parts: tuple[str, ...]) -> tuple[bool, bool]:
    schema, name = (parts[-2] if len(parts) > 1 else ""), parts[-1]
    if schema == "information_schema":
        return True, name in _STANDARD
    return schema.startswith("pg_") or name.startswith("pg_"), name in _POSTGRES and schema in ("", "pg_catalog")


def _duckdb(parts: tuple[str, ...]) -> tuple[bool, bool]:
    schemas, name = parts[:-1], parts[-1]
    if "information_schema" in schemas:
        return True, name in _STANDARD
    if name in ("sqlite_master", "sqlite_schema", "duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_schemas",
                "duckdb_constraints", "duckdb_indexes", "duckdb_types"):  # fmt: skip
        return True, True
    is_system = bool({"pg_catalog", "system"} & set(schemas)) or name.startswith(
        ("pg_", "duckdb_", "sqlite_", "pragma_")
    )
    return is_system or schemas[:1] == ("temp",), name in _POSTGRES or schemas[:1] == ("temp",)


def _sqlite(parts: tuple[str, ...]) -> tuple[bool, bool]:
    name = parts[-1]
    return name.startswith(("sqlite_", "pragma_")) or name in ("dbstat", "bytecode", "tables_used"), name in _SQLITE


def _mysql(parts: tuple[str, ...]) -> tuple[bool, bool]:
    schema = parts[-2] if len(parts) > 1 else ""
    return schema in _MYSQL_SCHEMAS or schema == "information_schema", (
        schema == "information_schema" and parts[-1] in _STANDARD
    )


def _snowflake(parts: tuple[str, ...]) -> tuple[bool, bool]:
    if len(parts) > 2 and parts[0] == "snowflake":
        return True, False
    if len(parts) > 1 and parts[-2] in (
        "account_usage",
        "organization_usage",
        "reader_account_usage",
        "data_sharing_usage",
    ):
        return True, False
    return "information_schema" in parts[:-1], parts[-1] in _STANDARD


def _bigquery(parts: tuple[str, ...]) -> tuple[bool, bool]:
    return "information_schema" in parts or parts[-1].startswith("__"), parts[-1] in _STANDARD | {"__tables__"}


def _tsql(parts: tuple[str, ...]) -> tuple[bool, bool]:
    schema, name = (parts[-2] if len(parts) > 1 else ""), parts[-1]
    if len(parts) > 2 and parts[-3] in TSQL_DATABASES and not (parts[-3] == "tempdb" and name.startswith("#")):
        return True, False
    if schema == "information_schema":
        return True, name in _STANDARD
    if schema == "sys":
        return True, name in _TSQL
    is_system = name.startswith(("sys", "dm_", "fn_", "xp_", "sp_", "spt_")) and (
        name in _OLD_TSQL or name.startswith(("dm_", "fn_", "xp_", "sp_", "spt_"))
    )
    return is_system, name in _TSQL


_OLD_TSQL = frozenset(
    """
syslogins sysxlogins sysusers sysprocesses sysdatabases sysservers sysremotelogins sysoledbusers syscomments
sysobjects syscolumns sysindexes systypes sysmembers syspermissions sysprotects syslockinfo sysaltfiles sysfiles
sysconfigures syscurconfigs sysdevices syslanguages syscharsets sysmessages sysperfinfo sysopentapes sysdepends
sysforeignkeys sysfulltextcatalogs sysindexkeys sysreferences syscacheobjects
""".split()
)

_CHECKS = {
    "postgres": _postgres, "duckdb": _duckdb, "sqlite": _sqlite, "mysql": _mysql, "snowflake": _snowflake,
    "bigquery": _bigquery, "tsql": _tsql,
}  # fmt: skip

SETTINGS: Mapping[str, frozenset[str]] = {
    "postgres": frozenset("""
timezone datestyle intervalstyle search_path server_version server_version_num server_encoding client_encoding
lc_collate lc_ctype lc_monetary lc_numeric lc_time integer_datetimes standard_conforming_strings
transaction_isolation transaction_read_only default_transaction_isolation default_transaction_read_only
statement_timeout lock_timeout work_mem max_connections bytea_output extra_float_digits is_superuser
session_authorization role application_name block_size default_text_search_config in_hot_standby
idle_in_transaction_session_timeout row_security xmlbinary xmloption
""".split()) | {"time zone", "transaction isolation level"},
    "duckdb": frozenset("timezone calendar search_path threads memory_limit worker_threads max_memory".split()),
    "mysql": frozenset("""
version version_comment sql_mode time_zone system_time_zone character_set_client character_set_connection
character_set_results character_set_server collation_connection collation_server collation_database autocommit
tx_isolation transaction_isolation max_allowed_packet lower_case_table_names group_concat_max_len read_only
innodb_version protocol_version identity error_count warning_count auto_increment_increment auto_increment_offset
interactive_timeout wait_timeout net_write_timeout net_read_timeout license query_cache_size query_cache_type
performance_schema innodb_lock_wait_timeout foreign_key_checks unique_checks sql_safe_updates default_storage_engine
explicit_defaults_for_timestamp lc_time_names max_execution_time sql_select_limit character_set_database
div_precision_increment default_week_format cte_max_recursion_depth sql_auto_is_null sql_mode tx_read_only
transaction_read_only lower_case_file_system
""".split()),
    "tsql": frozenset("""
version servername servicename rowcount trancount error identity spid language langid datefirst dateformat
max_connections max_precision lock_timeout nestlevel options textsize microsoftversion dbts fetch_status
""".split()),
}  # fmt: skip
"""Settings that may be read: they say how values are written and read, and hold no path, address or secret."""
