-- The rows that writes changed, as values of their own types: one array a statement and side. That is several times
-- quicker than a text of each row, and than a row of our own for each of theirs. Run before gate.sql, as `loadline_owner`.
--
-- Tables of the same columns share a row type `row_…`, a table `kept_…` and a trigger function `capture_…`, called after
-- a digest of those columns. Only types of PostgreSQL itself are used in them; a value of any other type (an enum, a domain, an
-- extension's) is kept as its text, so that nothing of ours stands in the way of whoever alters or drops a type.

-- Rows of one statement to one table, as PostgreSQL's own texts of them, however they are kept.
CREATE OR REPLACE FUNCTION loadline.image_texts(number bigint, kept text, INOUT gone text[], INOUT came text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
  there bigint;
BEGIN
  IF kept IS NOT NULL THEN
    EXECUTE format(
      'SELECT k.number, (SELECT array_agg(r::text) FROM (SELECT unnest(k.gone) AS r) g), '
      '(SELECT array_agg(r::text) FROM (SELECT unnest(k.came) AS r) c) FROM loadline.%I k WHERE k.number = $1',
      'kept_' || kept
    ) INTO there, gone, came USING number;
    IF there IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'LL003', MESSAGE = 'somebody took the rows away that were kept of it';
    END IF;
  END IF;
END $$;

-- What a write did to one table, or to every table, statement by statement.
CREATE OR REPLACE FUNCTION loadline.images(
  wanted text, of_relation oid, OUT relation oid, OUT shape text, OUT verb text, OUT gone text[], OUT came text[]
) RETURNS SETOF record LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT i.relation, i.shape, i.verb, t.gone, t.came
  FROM loadline.image i CROSS JOIN LATERAL loadline.image_texts(i.seq, i.kept, i.gone, i.came) t
  WHERE i.marker = wanted AND (of_relation IS NULL OR i.relation = of_relation);
END $$;

-- The digest of the rows that the one statement of a write to a table took away, as `digest` makes it of their texts,
-- without an array of them in between.
CREATE OR REPLACE FUNCTION loadline.lost_digest(wanted text, of_relation oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  image record;
  lost text;
BEGIN
  SELECT * INTO image FROM loadline.image i WHERE i.marker = wanted AND i.relation = of_relation;
  IF image.kept IS NULL THEN
    RETURN loadline.digest(image.gone);
  END IF;
  EXECUTE format(
    'SELECT encode(sha256(convert_to(string_agg(t, E''\n'' ORDER BY hashtextextended(t, 0)), ''UTF8'')), ''hex'') '
    'FROM (SELECT r::text AS t FROM (SELECT unnest(k.gone) AS r FROM loadline.%I k WHERE k.number = $1) g) x',
    'kept_' || image.kept) INTO lost USING image.seq;
  RETURN coalesce(lost, '');
END $$;

-- For the owner of the schema: the rows that writes before a moment changed go, their counts stay. Such a write cannot be
-- undone any more, and says so. Returns how many writes that were.
CREATE OR REPLACE FUNCTION loadline.forget_images(before timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  markers text[];
  name text;
BEGIN
  WITH forgotten AS (
    UPDATE loadline.write w SET no_undo = 'the rows that it changed are no longer kept'
    WHERE w.at < before AND NOT w.is_open AND w.no_undo = '' RETURNING w.marker
  ) SELECT coalesce(array_agg(marker), '{}') INTO markers FROM forgotten;
  FOR name IN SELECT DISTINCT i.kept FROM loadline.image i WHERE i.marker = ANY (markers) AND i.kept IS NOT NULL LOOP
    EXECUTE format('DELETE FROM loadline.%I k USING loadline.image i WHERE i.seq = k.number AND i.marker = ANY ($1)',
                   'kept_' || name) USING markers;
  END LOOP;
  UPDATE loadline.image i SET kept = NULL, gone = NULL, came = NULL WHERE i.marker = ANY (markers);
  RETURN cardinality(markers);
END $$;

-- The type under which a value is kept: its own, where that is PostgreSQL's; else text.
CREATE OR REPLACE FUNCTION loadline.kept_type(wanted oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN t.oid < 16384 AND t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
                 AND coalesce(e.typtype, 'b') IN ('b', 'r', 'm')
           THEN format_type(t.oid, -1) ELSE 'text' END
    FROM pg_type t LEFT JOIN pg_type e ON e.oid = t.typelem WHERE t.oid = wanted
  );
END $$;

-- The digest that what keeps the rows of a table goes by. NULL for a table without columns, and for one that computes some
-- when they are read: rows of those are kept as texts.
CREATE OR REPLACE FUNCTION loadline.kept_name(of_relation oid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT left(md5(loadline.shape(of_relation)), 16)
    WHERE NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = of_relation AND attnum > 0 AND attgenerated = 'v')
  );
END $$;

-- The row type and the table for the rows of a table, and of all that have its columns; made once.
CREATE OR REPLACE FUNCTION loadline.make_kept(of_relation oid, name text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF name IS DISTINCT FROM loadline.kept_name(of_relation) THEN
    RAISE EXCEPTION '% has been altered since this was written down: plan the set-up again', loadline.said(of_relation);
  END IF;
  IF to_regclass('loadline.kept_' || name) IS NULL THEN
    EXECUTE format('CREATE TYPE loadline.row_%s AS (%s)', name, (
      SELECT string_agg(format('c%s %s', attnum, loadline.kept_type(atttypid)), ', ' ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = of_relation AND attnum > 0 AND NOT attisdropped));
    EXECUTE format('CREATE TABLE loadline.kept_%1$s (number bigint PRIMARY KEY, rows bigint NOT NULL, '
                   'gone loadline.row_%1$s[], came loadline.row_%1$s[])', name);
    BEGIN
      EXECUTE format('ALTER TABLE loadline.kept_%s ALTER gone SET COMPRESSION lz4, ALTER came SET COMPRESSION lz4', name);
    EXCEPTION WHEN feature_not_supported THEN  -- of a server that was built without it: then not at all, pglz is slow
      EXECUTE format('ALTER TABLE loadline.kept_%s ALTER gone SET STORAGE EXTERNAL, ALTER came SET STORAGE EXTERNAL', name);
    END;
    EXECUTE format('REVOKE ALL ON TYPE loadline.row_%s FROM PUBLIC', name);
  END IF;
  EXECUTE format(
    $made$CREATE OR REPLACE FUNCTION loadline.capture_%s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "TimeZone" = 'UTC' SET "IntervalStyle" = 'postgres'
    SET extra_float_digits = 3 SET bytea_output = 'hex' SET lc_monetary = 'C' SET plan_cache_mode = force_generic_plan AS %L$made$, name,
    replace((SELECT prosrc FROM pg_proc WHERE oid = 'loadline.capture()'::regprocedure), '/* typed */',
            loadline.typed_capture(of_relation, name)));
  EXECUTE format('REVOKE ALL ON FUNCTION loadline.capture_%s() FROM PUBLIC', name);
END $$;

-- A part of a trigger function: keep rows by their types, while their table has the columns it was set up with.
CREATE OR REPLACE FUNCTION loadline.typed_capture(of_relation oid, name text) RETURNS text
LANGUAGE plpgsql STABLE AS $make$
DECLARE
  -- Where a value is kept as its text, that is what its type writes: a cast may have been made to say something else.
  fields text := (
    SELECT string_agg(format(
      CASE WHEN loadline.kept_type(atttypid) = 'text' AND atttypid <> 'text'::regtype
      THEN 'CASE WHEN num_nulls(o.%1$I) = 0 THEN concat(o.%1$I) END' ELSE 'o.%1$I' END, attname), ', ' ORDER BY attnum)
    FROM pg_attribute WHERE attrelid = of_relation AND attnum > 0 AND NOT attisdropped);
BEGIN
  RETURN format($typed$
  IF mine.shape = %3$L THEN
    number := nextval('loadline.image_seq_seq');
    IF tg_op = 'DELETE' THEN
      INSERT INTO loadline.kept_%1$s (number, rows, gone)
      SELECT ours.number, count(*), array_agg(ROW(%2$s)::loadline.row_%1$s)
      FROM (SELECT * FROM loadline_gone LIMIT mine.most + 1) o HAVING count(*) > 0 RETURNING rows INTO many;
    ELSIF tg_op = 'INSERT' THEN
      INSERT INTO loadline.kept_%1$s (number, rows, came)
      SELECT ours.number, count(*), array_agg(ROW(%2$s)::loadline.row_%1$s)
      FROM (SELECT * FROM loadline_came LIMIT mine.most + 1) o HAVING count(*) > 0 RETURNING rows INTO many;
    ELSE
      INSERT INTO loadline.kept_%1$s (number, rows, gone, came)
      SELECT ours.number, g.rows, g.gone, c.came
      FROM (SELECT count(*) AS rows, array_agg(ROW(%2$s)::loadline.row_%1$s) AS gone
            FROM (SELECT * FROM loadline_gone LIMIT mine.most + 1) o HAVING count(*) > 0) g
      CROSS JOIN (SELECT array_agg(ROW(%2$s)::loadline.row_%1$s) AS came
                  FROM (SELECT * FROM loadline_came LIMIT mine.most + 1) o) c
      RETURNING rows INTO many;
    END IF;
    IF many IS NULL THEN
      RETURN NULL;
    ELSIF many <= mine.most THEN
      IF pg_partition_root(tg_relid) IS NOT NULL AND loadline.shape(pg_partition_root(tg_relid)) = %3$L THEN
        kept := pg_partition_root(tg_relid);
      END IF;
      INSERT INTO loadline.image (seq, marker, xid, relation, shape, verb, rows, kept) OVERRIDING SYSTEM VALUE
      VALUES (number, mine.marker, pg_current_xact_id(), kept, %3$L, lower(tg_op), many, %1$L);
      RETURN NULL;
    END IF;
    DELETE FROM loadline.kept_%1$s k WHERE k.number = ours.number;
  END IF;$typed$, name, fields, loadline.shape(of_relation));
END $make$;
