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

-- Rows as they were and as they became, in PostgreSQL's own text of a row: exact for every type. An image over the
-- write's `most` has no rows, only their number: such a write is not going to be committed.
CREATE TABLE IF NOT EXISTS loadline.image (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  marker text NOT NULL,
  xid xid8 NOT NULL,
  relation oid NOT NULL,
  shape text NOT NULL,
  verb text NOT NULL,
  rows bigint NOT NULL,
  gone text[],
  came text[],
  lost text  -- a digest of what a DELETE took
);
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
    SELECT string_agg(attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text, ',' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
  );
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
-- trigger; and they note, for anyone else, who changed how many rows. A partition counts for its root.
CREATE OR REPLACE FUNCTION loadline.capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "TimeZone" = 'UTC'
SET "IntervalStyle" = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex' SET lc_monetary = 'C' AS $$
DECLARE
  mine record;
  kept oid := tg_relid;
  many bigint;
  gone text[];
  came text[];
BEGIN
  SELECT w.marker, w.most INTO mine FROM loadline.write w WHERE w.is_open AND w.xid = pg_current_xact_id();
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
  INSERT INTO loadline.image (marker, xid, relation, shape, verb, rows, gone, came, lost)
  VALUES (mine.marker, pg_current_xact_id(), kept, loadline.shape(kept), lower(tg_op), many, gone, came,
          CASE WHEN tg_op = 'DELETE' THEN loadline.digest(gone) END);
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

-- What the server itself counted in this transaction: tables without triggers too, and what any change of form, right or
-- code of the database goes through.
CREATE OR REPLACE FUNCTION loadline.counts() RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (
    SELECT coalesce(jsonb_object_agg(s.oid::text, jsonb_build_array(s.i, s.u, s.d)), '{}')
    FROM (
      SELECT c.oid, pg_stat_get_xact_tuples_inserted(c.oid) AS i, pg_stat_get_xact_tuples_updated(c.oid) AS u,
             pg_stat_get_xact_tuples_deleted(c.oid) AS d
      FROM pg_class c
      WHERE c.relkind IN ('r', 'm') AND c.relnamespace <> 'loadline'::regnamespace AND (
        c.oid >= 16384 OR c.oid IN (
          'pg_class'::regclass, 'pg_attribute'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass,
          'pg_authid'::regclass, 'pg_auth_members'::regclass, 'pg_namespace'::regclass, 'pg_type'::regclass,
          'pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_largeobject'::regclass, 'pg_db_role_setting'::regclass
        )
      )
      OFFSET 0
    ) s
    WHERE s.i + s.u + s.d > 0
  );
END $$;

CREATE OR REPLACE FUNCTION loadline.begin_write(new_marker text, secret text, new_most bigint) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO loadline.write (marker, xid, proof, most)
  VALUES (new_marker, pg_current_xact_id(), sha256(convert_to(secret, 'UTF8')), new_most)
  ON CONFLICT (marker) DO NOTHING;
  IF NOT found THEN
    RETURN loadline.recorded(new_marker);
  END IF;
  RETURN jsonb_build_object('counts', loadline.counts());
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
  WITH gone_rows AS (
    SELECT g.row FROM loadline.image i CROSS JOIN LATERAL unnest(i.gone) g(row)
    WHERE i.marker = wanted AND i.relation = of_relation
  ), came_rows AS (
    SELECT c.row FROM loadline.image i CROSS JOIN LATERAL unnest(i.came) c(row)
    WHERE i.marker = wanted AND i.relation = of_relation
  )
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

-- What happened to the rows of one table: how many, and a digest of those that were changed or are gone.
CREATE OR REPLACE FUNCTION loadline.table_effect(wanted text, of_relation oid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  raw record;
  net record;
  n_updated bigint := 0;
BEGIN
  SELECT coalesce(sum(rows) FILTER (WHERE verb = 'insert'), 0) AS n_inserted,
         coalesce(sum(rows) FILTER (WHERE verb = 'update'), 0) AS n_updated,
         coalesce(sum(rows) FILTER (WHERE verb = 'delete'), 0) AS n_deleted, count(*) AS n_images,
         bool_and(gone IS NOT NULL OR came IS NOT NULL) AS is_kept
  INTO raw FROM loadline.image i WHERE i.marker = wanted AND i.relation = of_relation;
  IF NOT raw.is_kept THEN
    RETURN loadline.told(of_relation, raw.n_inserted, raw.n_updated, raw.n_deleted,
                         raw.n_inserted + raw.n_updated + raw.n_deleted, '') || '{"is_kept": false}';
  END IF;
  IF raw.n_images = 1 AND raw.n_updated = 0 THEN
    RETURN loadline.told(
      of_relation, raw.n_inserted, 0, raw.n_deleted, raw.n_inserted + raw.n_deleted,
      (SELECT coalesce(i.lost, '') FROM loadline.image i WHERE i.marker = wanted AND i.relation = of_relation));
  END IF;
  SELECT * INTO net FROM loadline.net(wanted, of_relation);
  IF cardinality(net.gone) > 0 AND cardinality(net.came) > 0 THEN
    IF loadline.key(of_relation) IS NULL THEN
      n_updated := least(raw.n_updated, cardinality(net.gone), cardinality(net.came));
    ELSE
      n_updated := loadline.updated(of_relation, net.gone, net.came);
    END IF;
  END IF;
  RETURN loadline.told(
    of_relation, cardinality(net.came) - n_updated, n_updated, cardinality(net.gone) - n_updated,
    raw.n_inserted + raw.n_updated + raw.n_deleted, loadline.digest(net.gone));
END $$;

CREATE OR REPLACE FUNCTION loadline.told(
  relation oid, n_inserted numeric, n_updated numeric, n_deleted numeric, n_writes numeric, lost text
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN jsonb_build_object('table', loadline.said(relation), 'inserted', n_inserted, 'updated', n_updated,
                            'deleted', n_deleted, 'writes', n_writes, 'is_kept', true, 'lost', lost);
END $$;

CREATE OR REPLACE FUNCTION loadline.is_watched(relation oid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT count(*) = 3 FROM pg_trigger
    WHERE tgrelid = relation AND tgfoid = 'loadline.capture'::regproc AND tgenabled = 'A'
  );
END $$;

-- Tables that the server saw written to and no trigger of ours did.
CREATE OR REPLACE FUNCTION loadline.uncaptured(wanted text, before jsonb) RETURNS SETOF jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
  WITH counted AS (
    SELECT coalesce(pg_partition_root(a.key::oid), a.key::oid) AS root,
           sum((a.value->>0)::bigint - coalesce((before->a.key->>0)::bigint, 0)) AS i,
           sum((a.value->>1)::bigint - coalesce((before->a.key->>1)::bigint, 0)) AS u,
           sum((a.value->>2)::bigint - coalesce((before->a.key->>2)::bigint, 0)) AS d,
           bool_and(loadline.is_watched(a.key::oid) OR a.value IS NOT DISTINCT FROM before->a.key) AS is_watched
    FROM jsonb_each(loadline.counts()) a GROUP BY 1
  ), seen AS (
    SELECT relation, coalesce(sum(rows) FILTER (WHERE verb = 'insert'), 0) AS i,
           coalesce(sum(rows) FILTER (WHERE verb = 'update'), 0) AS u,
           coalesce(sum(rows) FILTER (WHERE verb = 'delete'), 0) AS d
    FROM loadline.image WHERE marker = wanted GROUP BY relation
  ), missed AS (
    SELECT c.root, greatest(c.i - coalesce(s.i, 0), 0) AS i, greatest(c.u - coalesce(s.u, 0), 0) AS u,
           greatest(c.d - coalesce(s.d, 0), 0) AS d
    FROM counted c LEFT JOIN seen s ON s.relation = c.root WHERE NOT c.is_watched
  )
  SELECT jsonb_build_object('table', loadline.said(root), 'inserted', i, 'updated', u, 'deleted', d,
                            'writes', i + u + d, 'is_kept', false, 'is_captured', false, 'lost', '')
  FROM missed WHERE i + u + d > 0;
END $$;

CREATE OR REPLACE FUNCTION loadline.why_no_undo(wanted text, tables jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN (
    SELECT coalesce(string_agg(why, '; '), '') FROM (
      SELECT 'nobody kept the rows of `' || (t->>'table') || '`' FROM jsonb_array_elements(tables) t
      WHERE NOT (t->>'is_kept')::boolean
      UNION ALL
      SELECT DISTINCT '`' || loadline.said(i.relation) || '` has no key that tells its rows apart'
      FROM loadline.image i WHERE i.marker = wanted AND loadline.key(i.relation) IS NULL
      UNION ALL
      SELECT 'the owner of the schema `loadline` may not set session_replication_role'
      WHERE NOT has_parameter_privilege('session_replication_role', 'SET')
    ) said(why)
  );
END $$;

-- The effect of the open write, which this closes. Deferred constraints and triggers have been made to act before.
CREATE OR REPLACE FUNCTION loadline.finish_write(secret text, before jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD'
SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres' AS $$
DECLARE
  mine loadline.write := loadline.mine(secret);
  tables jsonb;
BEGIN
  SELECT coalesce(jsonb_agg(said ORDER BY said->>'table'), '[]') INTO tables FROM (
    SELECT loadline.table_effect(mine.marker, r.relation)
    FROM (SELECT DISTINCT relation FROM loadline.image i WHERE i.marker = mine.marker) r
    UNION ALL
    SELECT * FROM loadline.uncaptured(mine.marker, before)
  ) t(said);
  UPDATE loadline.write w
  SET is_open = false, effect = tables, no_undo = loadline.why_no_undo(mine.marker, tables)
  WHERE w.marker = mine.marker;
  RETURN loadline.recorded(mine.marker) || '{"is_repeat": false}';
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
    FROM loadline.image i CROSS JOIN LATERAL unnest(i.came) c(row)
    JOIN loadline.write w ON w.marker = i.marker AND NOT w.is_open
    WHERE i.marker = wanted AND i.shape = loadline.shape(i.relation)
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
          WHERE i.marker = wanted AND (i.gone IS NOT NULL OR i.came IS NOT NULL)) r
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
  SELECT DISTINCT coalesce(pg_partition_root(tgrelid), tgrelid)::oid FROM pg_trigger WHERE tgfoid = 'loadline.capture'::regproc
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

REVOKE ALL ON ALL TABLES IN SCHEMA loadline FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA loadline FROM PUBLIC;
GRANT USAGE ON SCHEMA loadline TO loadline_gate;
GRANT EXECUTE ON FUNCTION loadline.begin_write(text, text, bigint), loadline.find_write(text),
  loadline.finish_write(text, jsonb), loadline.undo_write(text, text), loadline.inserted(text, integer), loadline.shown(text, integer),
  loadline.reconcile(timestamptz) TO loadline_gate;
