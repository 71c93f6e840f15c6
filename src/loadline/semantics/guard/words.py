"""In: nothing. Out: words that open a statement and why it is denied; words before a bracket that call nothing."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.semantics.guard import codes

QUERY_STARTS = frozenset({"select", "with", "values", "table", "from", "(", "pivot", "unpivot"})
WRITE_STARTS = frozenset({"insert", "update", "delete", "merge", "replace"})
DEFINITION_STARTS = frozenset({"create", "alter", "drop", "truncate", "comment", "undrop"})


_STARTS: Mapping[tuple[str, str], str] = {
    (codes.SESSION, "steers the transaction"): "begin start commit rollback end abort savepoint release xa",
    (codes.SESSION, "changes the session or the server"): """
set reset discard use unset setuser revert kill shutdown reconfigure flush purge change stop listen notify unlisten
declare fetch move close open lock unlock system checkpoint waitfor cancel handler
""",
    (codes.DYNAMIC, "runs what is only known at run time"): """
execute exec prepare deallocate do call if while for loop repeat case return print raise raiserror throw goto signal
resignal get leave iterate let async await
""",
    (codes.OUTSIDE, "reaches files, the network or other programs"): """
copy load unload export import install attach detach backup restore dump bulk put list ls remove rm readtext
writetext updatetext source delimiter
""",
    (codes.RIGHTS, "changes rights or their keepers"): "grant revoke deny reassign security rename assert",
    (codes.MAINTENANCE, "is maintenance"): """
vacuum analyze analyse reindex cluster refresh optimize repair check checksum dbcc force cache uncache
""",
}

DENIED_STARTS: Mapping[str, tuple[str, str]] = {
    word: (code, f"`{word.upper()}` {why}") for (code, why), found in _STARTS.items() for word in found.split()
}

NOT_CALLS = frozenset(
    """
in values value and or not as over from select where on using having when then else case by join any all some with
union except intersect minus limit offset distinct filter group sets cube rollup lateral set returning is like ilike
rlike similar to between row table only top apply pivot unpivot for window partition matched materialized explain
default key unique check references fetch next cross inner outer full natural end escape conflict exclude rename
qualify ordinality struct array interval within at before recursive return nothing into update output ignore force
index keys include tablesample sample bernoulli reservoir passing preceding following range rows groups
match_condition option option primary foreign constraint identity add column cluster storing asc desc div mod xor
regexp binary collate percent repeatable duplicate delete ties changes system against match_recognize pattern define
measures view pragma describe show summarize execute language verbose analyze format operator seed path root of null
block name
""".split()
)
"""Words of the grammar. One that is also a function's name (`replace`, `left`, `if`) is not here."""

TYPES = frozenset(
    """
char character varchar nvarchar nchar varchar2 text tinytext mediumtext longtext string bpchar clob blob bytes
binary varbinary bytea bit varbit varying decimal dec numeric number bignumeric bigdecimal float float4 float8
double precision real int integer tinyint smallint mediumint bigint int2 int4 int8 int64 int128 hugeint uhugeint
ubigint uinteger usmallint utinyint byteint money smallmoney date time timetz timestamp timestamptz timestampntz
timestampltz timestamp_ntz timestamp_ltz timestamp_tz datetime datetime2 datetimeoffset smalldatetime year boolean
bool json jsonb variant object map geometry geography vector enum nested fixed raw uuid interval sql_variant xml
zone halfvec
""".split()
)

STACKED_TSQL = frozenset(
    """
alter backup begin break bulk checkpoint close commit continue create dbcc deallocate declare delete deny disk drop
dump exec execute exit goto grant insert kill lineno load open print proc procedure raiserror readtext reconfigure
restore return revert revoke rollback save set setuser shutdown truncate update updatetext use waitfor while
writetext merge throw if
""".split()
)
"""Words that begin another statement in T-SQL, which needs no semicolon. All but THROW are reserved there."""

QUERIES_OF_POSTGRES = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
WITHOUT_CALL = frozenset(
    """
current_timestamp current_time localtime localtimestamp current_date merge_action normalize treat json_table
xmltable
""".split()
)
"""Of PostgreSQL: written with a bracket, and no call in its own tree."""
