-- What Loadline keeps in a database that agents write to: the schema `loadline`, owned by a role of its own. Run as
-- `loadline_owner`. Everything in it is reached through its functions, and those are for the gate's login alone.
--
-- A *write* is one transaction of the gate. Its row is open while the transaction runs, so an open row that can be seen
-- is always one's own: that is how the triggers know a write of the gate from one that comes in by a side door. `proof`
-- is a digest of a secret that the gate drew for this one transaction: SQL that an agent smuggled in does not know it,
-- and can therefore neither finish a write nor begin another.

CREATE TABLE IF NOT EXISTS loadline.write (
  marker text PRIMARY KEY,
  xid xid8 NOT NULL,
  proof bytea NOT NULL,
  most bigint NOT NULL,
  is_open boolean NOT NULL DEFAULT true,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  effect jsonb,
  no_undo text NOT NULL DEFAULT '',
  undoes text,
  undone_by text
);
CREATE UNIQUE INDEX IF NOT EXISTS write_open ON loadline.write (xid) WHERE is_open;
CREATE INDEX IF NOT EXISTS write_at ON loadline.write (at);

-- What one statement did to one table. The rows as they were and as they became lie in the table `kept_…` that `kept`
-- names (kept.sql); or, where a table has other columns than it was set up with, here, in PostgreSQL's own text of a row,
-- exact for every type. An image over the write's `most` has no rows, only their number: such a write is not going to be
-- committed.
CREATE TABLE IF NOT EXISTS loadline.image (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  marker text NOT NULL,
  xid xid8 NOT NULL,
  relation oid NOT NULL,
  shape text NOT NULL,
  verb text NOT NULL,
  rows bigint NOT NULL,
  kept text,
  gone text[],
  came text[]
);
ALTER TABLE loadline.image ADD COLUMN IF NOT EXISTS kept text;  -- from a set-up that kept texts only
ALTER TABLE loadline.image DROP COLUMN IF EXISTS lost;
ALTER TABLE loadline.image ALTER COLUMN gone SET STORAGE EXTERNAL;
ALTER TABLE loadline.image ALTER COLUMN came SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS image_marker ON loadline.image (marker);

CREATE TABLE IF NOT EXISTS loadline.outside (
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  relation oid NOT NULL,
  verb text NOT NULL,
  rows bigint,
  login text NOT NULL,
  origin text NOT NULL
);
CREATE INDEX IF NOT EXISTS outside_at ON loadline.outside (at);

-- How many rows a table had, and which transactions that number has seen.
CREATE TABLE IF NOT EXISTS loadline.counted (
  relation oid NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen pg_snapshot NOT NULL,
  rows bigint NOT NULL
);

-- The columns of a table, as far as a row's text depends on them.
CREATE OR REPLACE FUNCTION loadline.shape(relation oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT string_agg(a.said, ',') FROM (  -- in the order of their index: no aggregate has to sort
      SELECT attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text AS said
      FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped ORDER BY attnum
    ) a
  );
END $$;

-- Is there something that tells the rows of a table apart? Asked with each write, so the usual answer is found first.
CREATE OR REPLACE FUNCTION loadline.has_key(relation oid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM pg_index WHERE indrelid = relation AND indisprimary AND indimmediate AND indisvalid)
      OR loadline.key(relation) IS NOT NULL;
END $$;

-- What tells the rows of a table apart: its primary key, else a unique index over columns that are never null.
CREATE OR REPLACE FUNCTION loadline.key(relation oid) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT array_agg(quote_ident(a.attname) ORDER BY k.place)
    FROM (
      SELECT i.* FROM pg_index i
      WHERE i.indrelid = relation AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
        AND i.indexprs IS NULL
        AND NOT EXISTS (
          SELECT 1 FROM unnest(i.indkey) WITH ORDINALITY k(attnum, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.place <= i.indnkeyatts AND NOT a.attnotnull
        )
      ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
    ) i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE k.place <= i.indnkeyatts
  );
END $$;

CREATE OR REPLACE FUNCTION loadline.said(relation oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation
  );
END $$;

-- Statement triggers of every table. They count and keep what a write of the gate changes, by whatever cascade or
-- trigger; and they note, for anyone else, who changed how many rows. A partition counts for its root. Tables have this
-- function with a part of their own in the place of `/* typed */`, which keeps rows quicker (kept.sql).
CREATE OR REPLACE FUNCTION loadline.capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "TimeZone" = 'UTC'
SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex' SET lc_monetary = 'C' AS $$
<<ours>>
DECLARE
  mine record;
  kept oid := tg_relid;
  many bigint;
  number bigint;
  gone text[];
  came text[];
BEGIN
  SELECT w.marker, w.most, (  -- as `shape` says it, in the same query
    SELECT string_agg(a.said, ',') FROM (
      SELECT attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text AS said
      FROM pg_attribute WHERE attrelid = tg_relid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
    ) a
  ) AS shape INTO mine FROM loadline.write w WHERE w.is_open AND w.xid = pg_current_xact_id();
  /* typed */
  IF mine.marker IS NOT NULL THEN  -- one row more than may be says enough: then only their number is kept
    IF tg_op <> 'INSERT' THEN
      SELECT array_agg((loadline_row.*)::text) INTO gone
      FROM (SELECT * FROM loadline_gone LIMIT mine.most + 1) loadline_row;
    END IF;
    IF tg_op <> 'DELETE' THEN
      SELECT array_agg((loadline_row.*)::text) INTO came
      FROM (SELECT * FROM loadline_came LIMIT mine.most + 1) loadline_row;
    END IF;
    many := cardinality(coalesce(gone, came));
  END IF;
  IF mine.marker IS NULL OR many > mine.most THEN
    gone := NULL;
    came := NULL;
    IF tg_op = 'INSERT' THEN
      SELECT count(*) INTO many FROM loadline_came;
    ELSE
      SELECT count(*) INTO many FROM loadline_gone;
    END IF;
  END IF;
  IF coalesce(many, 0) = 0 THEN
    RETURN NULL;
  END IF;
  IF pg_partition_root(tg_relid) IS NOT NULL AND loadline.shape(pg_partition_root(tg_relid)) = loadline.shape(tg_relid)
  THEN
    kept := pg_partition_root(tg_relid);
  END IF;
  IF mine.marker IS NULL THEN
    INSERT INTO loadline.outside (relation, verb, rows, login, origin)
    VALUES (kept, lower(tg_op), many, session_user, loadline.origin());
    RETURN NULL;
  END IF;
  INSERT INTO loadline.image (marker, xid, relation, shape, verb, rows, gone, came)
  VALUES (mine.marker, pg_current_xact_id(), kept, loadline.shape(kept), lower(tg_op), many, gone, came);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION loadline.capture_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM loadline.write w WHERE w.is_open AND w.xid = pg_current_xact_id()) THEN
    RAISE EXCEPTION USING ERRCODE = 'LL004', MESSAGE = 'a write of the gate may not truncate a table';
  END IF;
  INSERT INTO loadline.outside (relation, verb, rows, login, origin)
  VALUES (coalesce(pg_partition_root(tg_relid), tg_relid), 'truncate', NULL, session_user, loadline.origin());
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION loadline.origin() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT trim(coalesce(current_setting('application_name', true), '') || ' ' || coalesce(host(inet_client_addr()), 'local'))
  );
END $$;

-- Where any change of form, right or code of the database goes through.
CREATE OR REPLACE FUNCTION loadline.catalogues() RETURNS oid[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[
    'pg_class'::regclass, 'pg_attribute'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_authid'::regclass,
    'pg_auth_members'::regclass, 'pg_namespace'::regclass, 'pg_type'::regclass, 'pg_rewrite'::regclass,
    'pg_policy'::regclass, 'pg_largeobject'::regclass, 'pg_db_role_setting'::regclass]::oid[]
$$;

-- How many rows of a table this transaction has written, by the server's own count.
CREATE OR REPLACE FUNCTION loadline.written(relation oid) RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT pg_stat_get_xact_tuples_inserted(relation) + pg_stat_get_xact_tuples_updated(relation)
         + pg_stat_get_xact_tuples_deleted(relation)
$$;

-- What the server itself counted in this transaction: tables without triggers too, and the catalogues. A table that was
-- written to is locked until the end, so the locks name them all. The counters start from nothing: `open_write` has the
-- session report them whenever it comes to rest.
CREATE OR REPLACE FUNCTION loadline.touched(OUT relation oid, OUT i bigint, OUT u bigint, OUT d bigint)
RETURNS SETOF record LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
  SELECT c.oid, pg_stat_get_xact_tuples_inserted(c.oid), pg_stat_get_xact_tuples_updated(c.oid),
         pg_stat_get_xact_tuples_deleted(c.oid)
  FROM (
    SELECT DISTINCT l.relation AS oid FROM pg_locks l
    WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    UNION ALL SELECT unnest(loadline.catalogues())
  ) l JOIN pg_class c ON c.oid = l.oid
  WHERE c.relkind IN ('r', 'm') AND c.relnamespace <> 'loadline'::regnamespace AND loadline.written(c.oid) > 0;
END $$;

-- Whether there can be a table that was written to and no trigger of ours saw it: asked with each write, so it looks no
-- further than it must. Triggers see no more rows than the server counts, so equal sums are equal counts.
CREATE OR REPLACE FUNCTION loadline.may_be_uncaptured(wanted text) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM unnest(loadline.catalogues()) c WHERE loadline.written(c) > 0) OR EXISTS (
    SELECT 1 FROM pg_locks l
    WHERE l.pid = pg_backend_pid() AND l.relation >= 16384 AND l.locktype = 'relation'
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND CASE WHEN loadline.written(l.relation) > 0 THEN
          EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = l.relation AND c.relkind IN ('r', 'm')
                  AND c.relnamespace <> 'loadline'::regnamespace)
          AND loadline.written(l.relation) IS DISTINCT FROM (
            SELECT sum(i.rows) FROM loadline.image i WHERE i.marker = wanted AND i.relation = l.relation)
        END);
END $$;

-- LL005: this marker was performed before; the detail says what it came to.
CREATE OR REPLACE FUNCTION loadline.enter_write(new_marker text, secret text, new_most bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF current_setting('track_counts') <> 'on' THEN
    RAISE EXCEPTION USING ERRCODE = 'LL006', MESSAGE = 'track_counts is off, so nobody sees writes to tables without triggers';
  END IF;
  INSERT INTO loadline.write (marker, xid, proof, most)
  VALUES (new_marker, pg_current_xact_id(), sha256(convert_to(secret, 'UTF8')), new_most)
  ON CONFLICT (marker) DO NOTHING;
  IF NOT found THEN
    RAISE EXCEPTION USING ERRCODE = 'LL005', MESSAGE = 'this marker is here already',
      DETAIL = loadline.recorded(new_marker)::text;
  END IF;
  RETURN true;
END $$;

-- A write begins: under settings that neither a login nor an earlier statement had a say in. It changes them for whoever
-- calls it, so it belongs to nobody else and looks nothing up by a path.
CREATE OR REPLACE FUNCTION loadline.open_write(
  new_marker text, secret text, new_most bigint, statement_time text, lock_time text, idle_time text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  settled text := pg_catalog.concat(  -- one expression: a query would take longer than all of them
    pg_catalog.pg_stat_force_next_flush(),
    pg_catalog.set_config('statement_timeout', statement_time, true),
    pg_catalog.set_config('lock_timeout', lock_time, true),
    pg_catalog.set_config('idle_in_transaction_session_timeout', idle_time, true),
    pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
    pg_catalog.set_config('IntervalStyle', 'postgres', true), pg_catalog.set_config('search_path', 'public', true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true),
    pg_catalog.set_config('backslash_quote', 'off', true), pg_catalog.set_config('transform_null_equals', 'off', true));
BEGIN
  RETURN loadline.enter_write(new_marker, secret, new_most);
END $$;

-- Whether a marker is here for good. A transaction that is just committing it is waited for; the caller rolls back.
CREATE OR REPLACE FUNCTION loadline.find_write(wanted text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO loadline.write (marker, xid, proof, most, is_open)
  VALUES (wanted, pg_current_xact_id(), '', 0, false) ON CONFLICT (marker) DO NOTHING;
  IF found THEN
    DELETE FROM loadline.write w WHERE w.marker = wanted;
    RETURN NULL;
  END IF;
  RETURN loadline.recorded(wanted);
END $$;

CREATE OR REPLACE FUNCTION loadline.recorded(wanted text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (
    SELECT jsonb_build_object('tables', w.effect, 'no_undo', w.no_undo, 'at', w.at, 'is_repeat', true)
    FROM loadline.write w WHERE w.marker = wanted AND NOT w.is_open
  );
END $$;

-- The rows of one table that a write took away, and those it left in their place: what was written and written over
-- within the write falls out.
CREATE OR REPLACE FUNCTION loadline.net(wanted text, of_relation oid, OUT gone text[], OUT came text[])
LANGUAGE sql VOLATILE AS $$
  WITH images AS MATERIALIZED (SELECT * FROM loadline.images(wanted, of_relation)),
  gone_rows AS (SELECT g.row FROM images i CROSS JOIN LATERAL unnest(i.gone) g(row)),
  came_rows AS (SELECT c.row FROM images i CROSS JOIN LATERAL unnest(i.came) c(row))
  SELECT coalesce((SELECT array_agg(row) FROM (SELECT row FROM gone_rows EXCEPT ALL SELECT row FROM came_rows) a), '{}'),
         coalesce((SELECT array_agg(row) FROM (SELECT row FROM came_rows EXCEPT ALL SELECT row FROM gone_rows) b), '{}')
$$;

CREATE OR REPLACE FUNCTION loadline.listed(names text[], pattern text, joint text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(replace(pattern, '?', n.name), joint ORDER BY n.place) FROM unnest(names) WITH ORDINALITY n(name, place)
$$;

-- How many rows are there before and after, with other values.
CREATE OR REPLACE FUNCTION loadline.updated(relation oid, gone text[], came text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  key text[] := loadline.key(relation);
  keys text := loadline.listed(key, '(x.r).?', ', ');
  many bigint;
BEGIN
  EXECUTE format(
    'SELECT count(*) FROM (SELECT %1$s FROM (SELECT t::%2$s AS r FROM unnest($1) t OFFSET 0) x) a (%3$s) '
    'JOIN (SELECT %1$s FROM (SELECT t::%2$s AS r FROM unnest($2) t OFFSET 0) x) b (%3$s) USING (%3$s)',
    keys, loadline.said(relation), loadline.listed(key, '?', ', ')
  ) INTO many USING gone, came;
  RETURN many;
END $$;

-- A digest of rows in any order: they are sorted by a quick hash first. Two rows of one hash could come in either order and
-- make the same rows look like others: then a write is refused, never let through.
CREATE OR REPLACE FUNCTION loadline.digest(of_rows text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF coalesce(cardinality(of_rows), 0) = 0 THEN
    RETURN '';
  END IF;
  RETURN (SELECT encode(sha256(convert_to(string_agg(t, E'\n' ORDER BY hashtextextended(t, 0)), 'UTF8')),
                        'hex') FROM unnest(of_rows) t);
END $$;

-- What happened to the rows of one table that several statements wrote to, or an UPDATE: what fell out is not counted.
CREATE OR REPLACE FUNCTION loadline.net_effect(
  wanted text, of_relation oid, most_updated bigint, is_lost_told boolean,
  OUT inserted bigint, OUT updated bigint, OUT deleted bigint, OUT lost text
) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  net record;
BEGIN
  SELECT * INTO net FROM loadline.net(wanted, of_relation);
  updated := 0;
  IF cardinality(net.gone) > 0 AND cardinality(net.came) > 0 THEN
    IF loadline.key(of_relation) IS NULL THEN
      updated := least(most_updated, cardinality(net.gone), cardinality(net.came));
    ELSE
      updated := loadline.updated(of_relation, net.gone, net.came);
    END IF;
  END IF;
  inserted := cardinality(net.came) - updated;
  deleted := cardinality(net.gone) - updated;
  lost := CASE WHEN is_lost_told THEN loadline.digest(net.gone) ELSE '' END;
END $$;

CREATE OR REPLACE FUNCTION loadline.is_watched(relation oid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT count(*) = 3 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = relation AND t.tgenabled = 'A' AND p.pronamespace = 'loadline'::regnamespace
    AND p.proname ~ '^capture(_[0-9a-f]+)?$'
  );
END $$;

-- Tables that the server saw written to and no trigger of ours did.
CREATE OR REPLACE FUNCTION loadline.uncaptured(wanted text) RETURNS SETOF jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
  WITH touched AS MATERIALIZED (
    SELECT coalesce(pg_partition_root(t.relation), t.relation) AS root, t.* FROM loadline.touched() t
  ), counted AS (
    SELECT t.root, sum(t.i) AS i, sum(t.u) AS u, sum(t.d) AS d FROM touched t GROUP BY t.root
  ), seen AS (
    SELECT relation, coalesce(sum(rows) FILTER (WHERE verb = 'insert'), 0) AS i,
           coalesce(sum(rows) FILTER (WHERE verb = 'update'), 0) AS u,
           coalesce(sum(rows) FILTER (WHERE verb = 'delete'), 0) AS d
    FROM loadline.image WHERE marker = wanted GROUP BY relation
  ), missed AS (
    SELECT c.root, greatest(c.i - coalesce(s.i, 0), 0) AS i, greatest(c.u - coalesce(s.u, 0), 0) AS u,
           greatest(c.d - coalesce(s.d, 0), 0) AS d
    FROM counted c LEFT JOIN seen s ON s.relation = c.root
  )
  SELECT jsonb_build_object('table', loadline.said(m.root), 'inserted', m.i, 'updated', m.u, 'deleted', m.d,
                            'writes', m.i + m.u + m.d, 'is_kept', false, 'has_key', true, 'is_captured', false, 'lost', '')
  FROM missed m WHERE m.i + m.u + m.d > 0
  AND EXISTS (SELECT 1 FROM touched t WHERE t.root = m.root AND NOT loadline.is_watched(t.relation));
END $$;

CREATE OR REPLACE FUNCTION loadline.why_no_undo(tables jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (
    SELECT coalesce(string_agg(why, '; '), '') FROM (
      SELECT 'nobody kept the rows of `' || (t->>'table') || '`' FROM jsonb_array_elements(tables) t
      WHERE NOT (t->>'is_kept')::boolean
      UNION ALL
      SELECT '`' || (t->>'table') || '` has no key that tells its rows apart' FROM jsonb_array_elements(tables) t
      WHERE NOT (t->>'has_key')::boolean
      UNION ALL
      SELECT 'the owner of the schema `loadline` may not set session_replication_role'
      WHERE NOT has_parameter_privilege('session_replication_role', 'SET')
    ) said(why)
  );
END $$;

-- What happened to the rows of each table: how many, and, where it is asked for, a digest of those that were changed or are
-- gone. One INSERT or DELETE is what it counted, and so is an effect whose rows nobody kept.
CREATE OR REPLACE FUNCTION loadline.effects(wanted text, is_lost_told boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SET "DateStyle" = 'ISO, YMD' SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3
SET bytea_output = 'hex' SET lc_monetary = 'C' AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'table', loadline.said(t.relation), 'inserted', coalesce(net.inserted, t.inserted),
      'updated', coalesce(net.updated, t.updated), 'deleted', coalesce(net.deleted, t.deleted),
      'writes', t.inserted + t.updated + t.deleted, 'is_kept', t.is_kept, 'has_key', loadline.has_key(t.relation),
      'lost', CASE WHEN NOT t.is_kept OR NOT is_lost_told THEN ''
              WHEN net.inserted IS NULL THEN loadline.lost_digest(wanted, t.relation)
              ELSE net.lost END)), '[]')
    FROM (
      SELECT relation, coalesce(sum(rows) FILTER (WHERE verb = 'insert'), 0)::bigint AS inserted,
             coalesce(sum(rows) FILTER (WHERE verb = 'update'), 0)::bigint AS updated,
             coalesce(sum(rows) FILTER (WHERE verb = 'delete'), 0)::bigint AS deleted, count(*) AS images,
             bool_and(kept IS NOT NULL OR gone IS NOT NULL OR came IS NOT NULL) AS is_kept
      FROM loadline.image WHERE marker = wanted GROUP BY relation
    ) t
    LEFT JOIN LATERAL (  -- the OFFSET keeps it from being looked at for the others
      SELECT * FROM loadline.net_effect(wanted, t.relation, t.updated, is_lost_told)
      WHERE t.is_kept AND (t.images > 1 OR t.updated > 0) OFFSET 0
    ) net ON true);
END $$;

-- The effect of the open write, which this closes. Deferred constraints and triggers have been made to act before. Most often
-- every table was written to by one INSERT or DELETE, and has a primary key: then it is what was counted.
CREATE OR REPLACE FUNCTION loadline.close_write(secret text, is_lost_told boolean, role text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
<<ours>>
DECLARE
  marker text;
  at timestamptz;
  no_undo text := '';
  part record;
  seen oid[] := '{}';
  tables jsonb := '[]';
  is_plain boolean := NOT is_lost_told;
BEGIN
  FOR part IN
    SELECT w.marker, w.at, i.relation, i.verb, i.rows,
           i.verb <> 'update' AND (i.kept IS NOT NULL OR i.gone IS NOT NULL OR i.came IS NOT NULL)
           AND EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = i.relation AND x.indisprimary AND x.indimmediate
                       AND x.indisvalid) AS is_plain
    FROM loadline.write w LEFT JOIN loadline.image i ON i.marker = w.marker
    WHERE w.is_open AND w.xid = pg_current_xact_id() AND w.proof = sha256(convert_to(secret, 'UTF8'))
  LOOP
    marker := part.marker;
    at := part.at;
    EXIT WHEN part.relation IS NULL;
    is_plain := is_plain AND part.is_plain AND part.relation <> ALL (seen);
    EXIT WHEN NOT is_plain;
    seen := seen || part.relation;
    tables := tables || jsonb_build_object(
      'table', part.relation::regclass::text,  -- with its schema, for the path has none of theirs
      'inserted', CASE part.verb WHEN 'insert' THEN part.rows ELSE 0 END, 'updated', 0,
      'deleted', CASE part.verb WHEN 'delete' THEN part.rows ELSE 0 END, 'writes', part.rows, 'is_kept', true,
      'has_key', true, 'lost', '');
  END LOOP;
  IF ours.marker IS NULL THEN
    PERFORM loadline.mine(secret);  -- which says that there is none
  END IF;
  IF NOT is_plain OR loadline.may_be_uncaptured(ours.marker)
     OR NOT has_parameter_privilege('session_replication_role', 'SET') THEN
    SELECT coalesce(jsonb_agg(t.said), '[]') INTO tables FROM (
      SELECT jsonb_array_elements(loadline.effects(ours.marker, is_lost_told))
      UNION ALL SELECT * FROM loadline.uncaptured(ours.marker)
    ) t(said);
    no_undo := loadline.why_no_undo(tables);
  END IF;
  UPDATE loadline.write w SET is_open = false, effect = tables, no_undo = ours.no_undo WHERE w.marker = ours.marker;
  RETURN jsonb_build_object('tables', tables, 'no_undo', no_undo, 'at', at, 'role', role);
END $$;

-- The end of a statement of an agent, whose role its caller still has, or should have: what was deferred acts now, as that
-- role. Then the caller is itself again, and stays so when this is committed, whatever the statement said its role was to be
-- from now on. The effect tells the role, too. As with `open_write`, nothing is looked up by a path.
CREATE OR REPLACE FUNCTION loadline.end_write(secret text, is_lost_told boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  role text;
  is_reset text;
BEGIN
  SET CONSTRAINTS ALL IMMEDIATE;
  role := pg_catalog.current_setting('role');
  is_reset := pg_catalog.set_config('role', 'none', false);
  RETURN loadline.close_write(secret, is_lost_told, role);
END $$;

CREATE OR REPLACE FUNCTION loadline.mine(secret text) RETURNS loadline.write
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  mine loadline.write;
BEGIN
  SELECT * INTO mine FROM loadline.write w
  WHERE w.is_open AND w.xid = pg_current_xact_id() AND w.proof = sha256(convert_to(secret, 'UTF8'));
  IF mine.marker IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'LL001', MESSAGE = 'this transaction has no open write of that secret';
  END IF;
  RETURN mine;
END $$;

-- Undo: the rows that came go, the rows that went come back, without triggers and cascades, which have no say in what
-- was. Then every foreign key that could be broken by it is looked at. LL002: somebody changed something since.
CREATE OR REPLACE FUNCTION loadline.undo_write(secret text, wanted text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex'
SET lc_monetary = 'C' AS $$
DECLARE
  mine loadline.write := loadline.mine(secret);
  old loadline.write;
  part record;
BEGIN
  SELECT * INTO old FROM loadline.write w WHERE w.marker = wanted AND NOT w.is_open FOR UPDATE;
  IF old.marker IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = 'it was never performed here';
  ELSIF old.undone_by IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = format('it was undone by `%s` already', old.undone_by);
  ELSIF old.no_undo <> '' THEN
    RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = old.no_undo;
  END IF;
  IF (SELECT coalesce(sum((t->>'writes')::numeric), 0) FROM jsonb_array_elements(old.effect) t) <>
     (SELECT coalesce(sum(i.rows), 0) FROM loadline.image i
      WHERE i.marker = wanted AND (i.kept IS NOT NULL OR i.gone IS NOT NULL OR i.came IS NOT NULL)) THEN
    RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = 'somebody took the rows away that were kept of it';
  END IF;
  FOR part IN SELECT relation, bool_and(shape = loadline.shape(relation)) AS is_same FROM loadline.image i
              WHERE i.marker = wanted GROUP BY relation LOOP
    IF part.is_same IS NOT TRUE THEN
      RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = format(
        'the columns of `%s` have been altered since', coalesce(loadline.said(part.relation), 'a table that is gone'));
    END IF;
  END LOOP;
  -- Not a SET clause of this function: a role that has not been granted the right could not even make it then.
  PERFORM set_config('session_replication_role', 'replica', true);
  FOR part IN SELECT r.relation, n.gone, n.came
              FROM (SELECT DISTINCT relation FROM loadline.image i WHERE i.marker = wanted ORDER BY 1) r
              CROSS JOIN LATERAL loadline.net(wanted, r.relation) n LOOP
    PERFORM loadline.take_away(part.relation, part.came);
  END LOOP;
  FOR part IN SELECT r.relation, n.gone, n.came
              FROM (SELECT DISTINCT relation FROM loadline.image i WHERE i.marker = wanted ORDER BY 1) r
              CROSS JOIN LATERAL loadline.net(wanted, r.relation) n LOOP
    PERFORM loadline.put_back(part.relation, part.gone);
  END LOOP;
  PERFORM set_config('session_replication_role', 'origin', true);
  FOR part IN SELECT r.relation, n.gone, n.came
              FROM (SELECT DISTINCT relation FROM loadline.image i WHERE i.marker = wanted ORDER BY 1) r
              CROSS JOIN LATERAL loadline.net(wanted, r.relation) n LOOP
    PERFORM loadline.look_at_keys(part.relation, part.gone, part.came);
  END LOOP;
  UPDATE loadline.write w SET undone_by = mine.marker WHERE w.marker = wanted;
  UPDATE loadline.write w SET undoes = wanted WHERE w.marker = mine.marker;
END $$;

CREATE OR REPLACE FUNCTION loadline.changed_since(relation oid, what text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'LL002', MESSAGE = what, DETAIL = loadline.said(relation);
END $$;

-- How many of these rows are in the table just as they are here.
CREATE OR REPLACE FUNCTION loadline.present(relation oid, wanted text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  many bigint;
BEGIN
  EXECUTE format(
    'SELECT count(*) FROM (SELECT t, t::%1$s AS r FROM unnest($1) t OFFSET 0) x '
    'JOIN %1$s loadline_row ON %2$s AND (loadline_row.*)::text = x.t',
    loadline.said(relation), loadline.listed(loadline.key(relation), 'loadline_row.? = (x.r).?', ' AND ')
  ) INTO many USING wanted;
  RETURN many;
END $$;

CREATE OR REPLACE FUNCTION loadline.take_away(relation oid, came text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  same text := loadline.listed(loadline.key(relation), 'loadline_row.? = (x.r).?', ' AND ');
  source text := format('(SELECT t::%s AS r FROM unnest($1) t OFFSET 0) x', loadline.said(relation));
  many bigint;
BEGIN
  IF cardinality(came) = 0 THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT 1 FROM %s loadline_row JOIN %s ON %s FOR UPDATE OF loadline_row',
                 loadline.said(relation), source, same) USING came;
  many := loadline.present(relation, came);
  IF many < cardinality(came) THEN
    PERFORM loadline.changed_since(relation, format(
      '%s of the %s rows of `%s` are not as the write left them', cardinality(came) - many, cardinality(came),
      loadline.said(relation)));
  END IF;
  EXECUTE format('DELETE FROM %s loadline_row USING %s WHERE %s', loadline.said(relation), source, same) USING came;
END $$;

CREATE OR REPLACE FUNCTION loadline.put_back(relation oid, gone text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  columns text[] := (
    SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
  );
BEGIN
  IF cardinality(gone) = 0 THEN
    RETURN;
  END IF;
  EXECUTE format(
    'INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM (SELECT t::%1$s AS r FROM unnest($1) t OFFSET 0) x',
    loadline.said(relation), loadline.listed(columns, '?', ', '), loadline.listed(columns, '(x.r).?', ', ')
  ) USING gone;
  IF loadline.present(relation, gone) <> cardinality(gone) THEN
    PERFORM loadline.changed_since(relation, format(
      'rows of `%s` cannot be put back exactly as they were', loadline.said(relation)));
  END IF;
EXCEPTION WHEN unique_violation OR exclusion_violation OR check_violation OR not_null_violation THEN
  PERFORM loadline.changed_since(relation, format(
    'rows of `%s` cannot be put back beside what is there now: %s', loadline.said(relation), sqlerrm));
END $$;

-- Foreign keys that were not watched while rows were put back. Rows referred to are locked, as the server would.
CREATE OR REPLACE FUNCTION loadline.look_at_keys(relation oid, gone text[], came text[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  source text := format('(SELECT t::%s AS r FROM unnest($1) t OFFSET 0) x', loadline.said(relation));
  link record;
  is_broken boolean;
BEGIN
  FOR link IN
    SELECT c.conrelid, c.confrelid,
           (SELECT array_agg(quote_ident(a.attname) ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k(n, place)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n) AS own,
           (SELECT array_agg(quote_ident(a.attname) ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY k(n, place)
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n) AS theirs
    FROM pg_constraint c
    WHERE c.contype = 'f' AND c.conparentid = 0 AND (c.conrelid = relation OR c.confrelid = relation)
  LOOP
    IF link.conrelid = relation AND cardinality(gone) > 0 THEN
      EXECUTE format('SELECT 1 FROM %s loadline_row JOIN %s ON %s FOR KEY SHARE OF loadline_row',
                     loadline.said(link.confrelid), source, loadline.pairs(link.theirs, 'loadline_row.', link.own, '(x.r).'))
      USING gone;
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE %s AND NOT EXISTS (SELECT 1 FROM %s loadline_row WHERE %s))',
                     source, loadline.listed(link.own, '(x.r).? IS NOT NULL', ' AND '), loadline.said(link.confrelid),
                     loadline.pairs(link.theirs, 'loadline_row.', link.own, '(x.r).')) INTO is_broken USING gone;
      IF is_broken THEN
        PERFORM loadline.changed_since(link.confrelid, format(
          'a row of `%s` that was there refers to a row of `%s` that is gone by now', loadline.said(relation),
          loadline.said(link.confrelid)));
      END IF;
    END IF;
    IF link.confrelid = relation AND cardinality(came) > 0 THEN
      EXECUTE format('SELECT EXISTS (SELECT 1 FROM %1$s WHERE NOT EXISTS (SELECT 1 FROM %2$s loadline_row WHERE %3$s) '
                     'AND EXISTS (SELECT 1 FROM %4$s loadline_row WHERE %5$s))',
                     source, loadline.said(relation), loadline.pairs(link.theirs, 'loadline_row.', link.theirs, '(x.r).'),
                     loadline.said(link.conrelid), loadline.pairs(link.own, 'loadline_row.', link.theirs, '(x.r).'))
      INTO is_broken USING came;
      IF is_broken THEN
        PERFORM loadline.changed_since(link.conrelid, format(
          'a row of `%s` refers by now to a row of `%s` that would go', loadline.said(link.conrelid),
          loadline.said(relation)));
      END IF;
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION loadline.pairs(one text[], before_one text, other text[], before_other text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(before_one || a.name || ' = ' || before_other || b.name, ' AND ')
  FROM unnest(one) WITH ORDINALITY a(name, place) JOIN unnest(other) WITH ORDINALITY b(name, place) USING (place)
$$;

-- Rows that a write added, and the newest ones beside them.
CREATE OR REPLACE FUNCTION loadline.inserted(wanted text, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD'
SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex'
SET lc_monetary = 'C' AS $$
DECLARE
  part record;
  columns text[];
  new_rows jsonb;
  old_rows jsonb;
  found_all jsonb := '[]';
BEGIN
  FOR part IN
    SELECT i.relation, array_agg(c.row) FILTER (WHERE i.verb = 'insert') AS added, array_agg(c.row) AS came
    FROM loadline.write w CROSS JOIN LATERAL loadline.images(w.marker, NULL) i CROSS JOIN LATERAL unnest(i.came) c(row)
    WHERE w.marker = wanted AND NOT w.is_open AND i.shape = loadline.shape(i.relation)
    GROUP BY i.relation HAVING bool_or(i.verb = 'insert')
  LOOP
    SELECT array_agg(attname ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = part.relation AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('SELECT jsonb_agg(to_jsonb(t::%s)) FROM (SELECT t FROM unnest($1) t LIMIT $2) x',
                   loadline.said(part.relation)) INTO new_rows USING part.added, most;
    EXECUTE format('SELECT jsonb_agg(r) FROM (SELECT to_jsonb(loadline_row.*) r FROM %s loadline_row '
                   'WHERE (loadline_row.*)::text NOT IN (SELECT unnest($1)) %s LIMIT $2) x', loadline.said(part.relation),
                   coalesce('ORDER BY ' || loadline.listed(loadline.key(part.relation), '? DESC', ', '), ''))
    INTO old_rows USING part.came, most;
    found_all := found_all || jsonb_build_object(
      'table', loadline.said(part.relation), 'columns', to_jsonb(columns),
      'count', (SELECT sum(rows) FROM loadline.image i
                WHERE i.marker = wanted AND i.verb = 'insert' AND i.relation = part.relation),
      'new', coalesce(new_rows, '[]'), 'old', coalesce(old_rows, '[]'));
  END LOOP;
  RETURN found_all;
END $$;

-- The values of a row as text, in the order of its columns; a long one is cut, and two that differ still do.
CREATE OR REPLACE FUNCTION loadline.texts(of_row jsonb, columns text[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_agg(CASE WHEN length(v.value) > 200 THEN
                     format('%s… (%s characters, md5 %s)', left(v.value, 120), length(v.value), left(md5(v.value), 8))
                   ELSE v.value END ORDER BY v.place)
  FROM (SELECT of_row->>n.name AS value, n.place FROM unnest(columns) WITH ORDINALITY n(name, place)) v
  WHERE of_row IS NOT NULL
$$;

-- Some of the rows that a dry run found to change, for a person to look at: of those that go, that change and that come,
-- at most so many of each in each table, by key where there is one.
CREATE OR REPLACE FUNCTION loadline.shown(wanted text, most integer) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD'
SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex'
SET lc_monetary = 'C' AS $$
DECLARE
  part record;
  columns text[];
  one jsonb;
  found_all jsonb := '[]';
BEGIN
  FOR part IN
    SELECT r.relation, n.gone, n.came, loadline.key(r.relation) AS key
    FROM (SELECT DISTINCT relation FROM loadline.image i
          WHERE i.marker = wanted AND (i.kept IS NOT NULL OR i.gone IS NOT NULL OR i.came IS NOT NULL)) r
    CROSS JOIN LATERAL loadline.net(wanted, r.relation) n
  LOOP
    SELECT array_agg(attname ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = part.relation AND attnum > 0 AND NOT attisdropped;
    EXECUTE format($sql$
      WITH gone AS (SELECT t::%1$s AS r FROM unnest($1) t OFFSET 0),
      came AS (SELECT t::%1$s AS r FROM unnest($2) t OFFSET 0),
      pairs AS (
        SELECT 1 AS kind, to_jsonb(g.r) AS before, NULL::jsonb AS after, row_number() OVER (ORDER BY %3$s) AS place
        FROM gone g WHERE NOT EXISTS (SELECT 1 FROM came c WHERE %2$s)
        UNION ALL
        SELECT 2, to_jsonb(g.r), to_jsonb(c.r), row_number() OVER (ORDER BY %3$s) FROM gone g JOIN came c ON %2$s
        UNION ALL
        SELECT 3, NULL, to_jsonb(c.r), row_number() OVER (ORDER BY %4$s)
        FROM came c WHERE NOT EXISTS (SELECT 1 FROM gone g WHERE %2$s)
      )
      SELECT jsonb_build_object(
        'gone', count(*) FILTER (WHERE kind = 1), 'changed', count(*) FILTER (WHERE kind = 2),
        'came', count(*) FILTER (WHERE kind = 3),
        'rows', coalesce(jsonb_agg(jsonb_build_array(loadline.texts(before, $3), loadline.texts(after, $3))
                                   ORDER BY kind, place) FILTER (WHERE place <= $4), '[]'))
      FROM pairs
      $sql$,
      loadline.said(part.relation), coalesce(loadline.listed(part.key, '(g.r).? = (c.r).?', ' AND '), 'false'),
      coalesce(loadline.listed(part.key, '(g.r).?', ', '), '(g.r)::text'),
      coalesce(loadline.listed(part.key, '(c.r).?', ', '), '(c.r)::text')
    ) INTO one USING part.gone, part.came, columns, most;
    found_all := found_all || (one || jsonb_build_object(
      'table', loadline.said(part.relation), 'columns', to_jsonb(columns),
      'key', (SELECT coalesce(jsonb_agg(c.name ORDER BY k.place), '[]')
              FROM unnest(part.key) WITH ORDINALITY k(name, place)
              JOIN unnest(columns) c(name) ON quote_ident(c.name) = k.name)));
  END LOOP;
  RETURN found_all;
END $$;

-- Count the rows of a table, so that a later count can be held against what was recorded since.
CREATE OR REPLACE FUNCTION loadline.count_rows(relation oid) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  many bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s', loadline.said(relation)) INTO many;
  RETURN many;
END $$;

CREATE OR REPLACE FUNCTION loadline.watched() RETURNS SETOF oid
LANGUAGE sql STABLE AS $$
  SELECT DISTINCT coalesce(pg_partition_root(t.tgrelid), t.tgrelid)::oid
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE p.pronamespace = 'loadline'::regnamespace AND p.proname ~ '^capture(_[0-9a-f]+)?$'
  UNION SELECT relation FROM loadline.counted WHERE loadline.said(relation) IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION loadline.take_count() RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO loadline.counted (relation, seen, rows)
  SELECT w, pg_current_snapshot(), loadline.count_rows(w) FROM loadline.watched() w
$$;

-- Tables whose number of rows does not follow from the last count and what was recorded since. One snapshot sees all:
-- the caller's transaction is REPEATABLE READ.
CREATE OR REPLACE FUNCTION loadline.unaccounted(since timestamptz) RETURNS SETOF jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  of_relation oid;
  base loadline.counted;
  moved bigint;
  found_rows bigint;
BEGIN
  FOR of_relation IN SELECT w FROM loadline.watched() w LOOP
    IF NOT loadline.is_watched(of_relation) THEN
      RETURN NEXT jsonb_build_object('table', loadline.said(of_relation),
        'what', 'its triggers were switched off or taken away, so nobody sees who writes to it');
    END IF;
    SELECT * INTO base FROM loadline.counted c WHERE c.relation = of_relation
    ORDER BY (c.at <= since) DESC, CASE WHEN c.at <= since THEN c.at END DESC, c.at LIMIT 1;
    CONTINUE WHEN base.relation IS NULL OR EXISTS (
      SELECT 1 FROM loadline.outside o WHERE o.relation = of_relation AND o.verb = 'truncate'
      AND NOT pg_visible_in_snapshot(o.xid, base.seen));
    SELECT coalesce(sum(CASE verb WHEN 'insert' THEN rows WHEN 'delete' THEN -rows END), 0) INTO moved FROM (
      SELECT verb, rows FROM loadline.image i
      WHERE i.relation = of_relation AND NOT pg_visible_in_snapshot(i.xid, base.seen)
      UNION ALL
      SELECT verb, rows FROM loadline.outside o
      WHERE o.relation = of_relation AND NOT pg_visible_in_snapshot(o.xid, base.seen)
    ) m;
    found_rows := loadline.count_rows(of_relation);
    IF found_rows <> base.rows + moved THEN
      RETURN NEXT jsonb_build_object('table', loadline.said(of_relation), 'what', format(
        'it has %s rows, and by what was recorded it should have %s', found_rows, base.rows + moved));
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION loadline.reconcile(since timestamptz) RETURNS jsonb
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'until', statement_timestamp(),
    'markers', (SELECT coalesce(jsonb_agg(w.marker ORDER BY w.at, w.marker), '[]') FROM loadline.write w
                WHERE w.at >= since AND NOT w.is_open),
    'outside', (
      SELECT coalesce(jsonb_agg(o ORDER BY o.first_at, o.table, o.verb), '[]') FROM (
        SELECT coalesce(loadline.said(relation), 'a table that is gone') AS "table", verb, sum(rows) AS rows, login,
               origin, min(at) AS first_at, max(at) AS last_at
        FROM loadline.outside WHERE at >= since GROUP BY relation, verb, login, origin
      ) o),
    'unaccounted', (SELECT coalesce(jsonb_agg(u), '[]') FROM loadline.unaccounted(since) u)
  )
$$;

-- Of a set-up that came before. Who still calls these is told to set up, and to be, the same version.
DROP FUNCTION IF EXISTS loadline.begin_write(text, text, bigint), loadline.finish_write(text, jsonb), loadline.counts(),
  loadline.table_effect(text, oid), loadline.told(oid, numeric, numeric, numeric, numeric, text),
  loadline.uncaptured(text, jsonb), loadline.why_no_undo(text, jsonb);

REVOKE ALL ON ALL TABLES IN SCHEMA loadline FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA loadline FROM PUBLIC;
GRANT USAGE ON SCHEMA loadline TO loadline_gate, loadline_writer;
GRANT EXECUTE ON FUNCTION loadline.end_write(text, boolean) TO loadline_gate, loadline_writer;
GRANT EXECUTE ON FUNCTION loadline.open_write(text, text, bigint, text, text, text),
  loadline.enter_write(text, text, bigint), loadline.close_write(text, boolean, text), loadline.find_write(text),
  loadline.undo_write(text, text), loadline.inserted(text, integer), loadline.shown(text, integer),
  loadline.reconcile(timestamptz) TO loadline_gate;
