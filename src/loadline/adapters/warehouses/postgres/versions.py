"""Relations in; SQL that names the version of their rows, and that version, out.

PostgreSQL keeps no mark of when a table last changed. What it does have is the *snapshot*: which transactions count as
done. Equal snapshots of one running server show equal rows, in every table that keeps to transactions. So a version is
`stat:` over the snapshot, which any write in any database of the server changes; and it is `none:` where rows can
change without a transaction: foreign tables, unlogged ones (a crash empties them), row security, views that look at
the clock or call functions of unknown habits, and a replica that is replaying (there a snapshot's text leaves out the
transactions that were running on the primary). Nothing that was measured by statistics is used: they come late.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

# Words of a view's definition that make its rows depend on more than rows. Too many is safe: `none:` claims nothing.
_RESTLESS = (
    r"\m(now|transaction_timestamp|statement_timestamp|clock_timestamp|timeofday|age|random|random_normal|"
    r"gen_random_uuid|uuidv4|uuidv7|nextval|currval|lastval|current_setting|txid_\w+|pg_\w+|inet_\w+|dblink\w*|"
    r"xpath_table|query_to_\w+|table_to_\w+|cursor_to_\w+|schema_to_\w+|database_to_\w+|lo_\w+|loread)\M\s*\(|"
    r"\m(current_date|current_time|current_timestamp|current_user|current_role|current_catalog|current_schema|"
    r"session_user|localtime|localtimestamp|tablesample|limit|fetch)\M|"
    r"''(now|today|tomorrow|yesterday)\M"
)


def version_sql(oids: Sequence[int]) -> str:
    """One row: the server's clock, whether it replays, where a paused replay stands, when the server started, the
    database, the snapshot, and how many of the relations (and what their views and partitions read) are restless."""
    roots = ", ".join(str(oid) for oid in oids) or "NULL"
    return f"""
WITH RECURSIVE reach(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid IN ({roots})
  UNION
  SELECT n.oid FROM reach JOIN pg_catalog.pg_class c ON c.oid = reach.oid, LATERAL (
    SELECT d.refobjid AS oid FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d ON d.objid = w.oid
    WHERE w.ev_class = reach.oid AND c.relkind = 'v' AND d.classid = 'pg_catalog.pg_rewrite'::regclass
      AND d.refclassid = 'pg_catalog.pg_class'::regclass
    UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = reach.oid
  ) AS n
)
SELECT
  pg_catalog.clock_timestamp()::text,
  pg_catalog.pg_is_in_recovery(),
  CASE WHEN pg_catalog.pg_is_in_recovery() AND pg_catalog.pg_get_wal_replay_pause_state() = 'paused'
    THEN pg_catalog.pg_last_wal_replay_lsn()::text END,
  pg_catalog.pg_postmaster_start_time()::text,
  (SELECT d.oid::bigint FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()),
  pg_catalog.pg_current_snapshot()::text,
  (SELECT count(*) FROM reach JOIN pg_catalog.pg_class c ON c.oid = reach.oid
   WHERE c.relkind = 'f' OR c.relpersistence <> 'p' OR pg_catalog.row_security_active(c.oid)
     OR (c.relkind = 'v' AND pg_catalog.pg_get_viewdef(c.oid) ~* '{_RESTLESS}')
     OR EXISTS (
       SELECT FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d ON d.objid = w.oid
       JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid
       WHERE w.ev_class = c.oid AND c.relkind = 'v' AND d.classid = 'pg_catalog.pg_rewrite'::regclass
         AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND p.provolatile <> 'i'))
"""


def version_of(row: Sequence[object], relations: Sequence[str]) -> str:
    """The version a row of `version_sql` gives; of several relations, in any order, one."""
    clock, is_replaying, paused_at, started, database, snapshot, restless = row
    if restless or (is_replaying and paused_at is None):
        return unversioned(str(clock))
    known = [str(started), str(database), str(paused_at if is_replaying else snapshot), sorted(relations)]
    return "stat:" + hashlib.sha256(json.dumps(known, separators=(",", ":")).encode()).hexdigest()


def unversioned(clock: str) -> str:
    """`none:` and the server's time, so that no two are equal."""
    return f"none:{clock}"
