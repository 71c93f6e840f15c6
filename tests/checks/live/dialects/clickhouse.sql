-- length counts characters
SELECT lengthUTF8("s") FROM "t" WHERE "id" = 2

-- a number as text
SELECT CAST("id" AS Nullable(String)) FROM "t" WHERE "id" = 1

-- seconds between
SELECT dateDiff('second', "at", "later") FROM "t" WHERE "id" = 1

-- the day of a clock time
SELECT toDate32("at") FROM "t" WHERE "id" = 1

-- the day of a day
SELECT toDate32("d") FROM "t" WHERE "id" = 1

-- the day of an instant
SELECT toDate32("seen", 'Europe/Berlin') FROM "t" WHERE "id" = 1

-- the hour of a clock time
SELECT toStartOfHour("at") FROM "t" WHERE "id" = 1

-- the hour of an instant
SELECT toStartOfHour("seen", 'Europe/Berlin') FROM "t" WHERE "id" = 1

-- no value
SELECT countIf("s" IS NULL) FROM "t"

-- a value that stands for none
SELECT countIf("s" IS NULL OR "s" IN ('B12')) FROM "t"

-- a number that stands for none
SELECT countIf(CAST("id" AS Nullable(String)) IN ('1')) FROM "t"

-- a number out of range
SELECT countIf("n" < -1.5 OR "n" > 7) FROM "t"

-- a day out of range
SELECT countIf("d" < toDate32('2026-02-01')) FROM "t"

-- a clock time out of range
SELECT countIf("at" > parseDateTime64BestEffort('2026-02-01 00:00:00')) FROM "t"

-- an instant out of range
SELECT countIf("seen" < parseDateTime64BestEffort('2026-01-31 23:00:00+00:00')) FROM "t"

-- text of a list
SELECT countIf(NOT ("s" IN ('ß''x', 'B12'))) FROM "t"

-- a truth value of a list
SELECT countIf(NOT ("b" IN (TRUE))) FROM "t"

-- a pattern found anywhere
SELECT countIf(NOT (match("s", '[0-9]'))) FROM "t"

-- a pattern between its ends
SELECT countIf(NOT (match("s", '^B[0-9]+$'))) FROM "t"

-- a dot is no line break
SELECT countIf(NOT (match("s", '^B[^\n\r]+2$'))) FROM "t"

-- a length
SELECT countIf(lengthUTF8("s") < 4 OR lengthUTF8("s") > 9) FROM "t"

-- a multiple of a whole number
SELECT countIf("id" % 2 <> 0) FROM "t"

-- a multiple of a fraction
SELECT countIf(ABS("n" * 1.0 / 0.75 - ROUND("n" * 1.0 / 0.75)) > 0.000000001) FROM "t"

-- an arrival
SELECT countIf(dateDiff('second', "at", "later") > 86400) FROM "t"

-- keys
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), countIf(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM "t" WHERE NOT ("id" IS NULL) GROUP BY "id") AS k

-- keys of two columns
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), countIf(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM "t" WHERE NOT ("id" IS NULL) AND NOT ("s" IS NULL) AND (n > 0) GROUP BY "id", "s") AS k

-- references
SELECT countIf(NOT ("s" IS NULL)), countIf(NOT ("s" IS NULL) AND COALESCE(loadline_to.loadline_there, 0) = 0) FROM "t" LEFT JOIN (SELECT DISTINCT "code" AS loadline_to_0, 1 AS loadline_there FROM "o" WHERE NOT ("code" IS NULL)) AS loadline_to ON "s" = loadline_to.loadline_to_0

-- rows of a day
SELECT toDate32("at") AS loadline_period, COUNT(*) AS loadline_n FROM "t" WHERE NOT ("at" IS NULL) AND (n > -10) GROUP BY toDate32("at") ORDER BY loadline_period

