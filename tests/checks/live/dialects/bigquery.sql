-- length counts characters
SELECT CHAR_LENGTH(`s`) FROM `t` WHERE `id` = 2

-- a number as text
SELECT CAST(`id` AS STRING) FROM `t` WHERE `id` = 1

-- seconds between
SELECT TIMESTAMP_DIFF(CAST(`later` AS TIMESTAMP), CAST(`at` AS TIMESTAMP), SECOND) FROM `t` WHERE `id` = 1

-- the day of a clock time
SELECT CAST(`at` AS DATE) FROM `t` WHERE `id` = 1

-- the day of a day
SELECT CAST(`d` AS DATE) FROM `t` WHERE `id` = 1

-- the day of an instant
SELECT DATE(`seen`, 'Europe/Berlin') FROM `t` WHERE `id` = 1

-- the hour of a clock time
SELECT DATETIME_TRUNC(`at`, HOUR) FROM `t` WHERE `id` = 1

-- the hour of an instant
SELECT DATETIME_TRUNC(DATETIME(`seen`, 'Europe/Berlin'), HOUR) FROM `t` WHERE `id` = 1

-- no value
SELECT COUNTIF(`s` IS NULL) FROM `t`

-- a value that stands for none
SELECT COUNTIF(`s` IS NULL OR `s` IN ('B12')) FROM `t`

-- a number that stands for none
SELECT COUNTIF(CAST(`id` AS STRING) IN ('1')) FROM `t`

-- a number out of range
SELECT COUNTIF(`n` < -1.5 OR `n` > 7) FROM `t`

-- a day out of range
SELECT COUNTIF(`d` < CAST('2026-02-01' AS DATE)) FROM `t`

-- a clock time out of range
SELECT COUNTIF(`at` > CAST('2026-02-01 00:00:00' AS DATETIME)) FROM `t`

-- an instant out of range
SELECT COUNTIF(`seen` < CAST('2026-01-31 23:00:00+00:00' AS TIMESTAMP)) FROM `t`

-- text of a list
SELECT COUNTIF(NOT `s` IN ('ß\'x', 'B12')) FROM `t`

-- a truth value of a list
SELECT COUNTIF(NOT `b` IN (TRUE)) FROM `t`

-- a pattern found anywhere
SELECT COUNTIF(NOT (REGEXP_CONTAINS(`s`, '[0-9]'))) FROM `t`

-- a pattern between its ends
SELECT COUNTIF(NOT (REGEXP_CONTAINS(`s`, '^B[0-9]+$'))) FROM `t`

-- a dot is no line break
SELECT COUNTIF(NOT (REGEXP_CONTAINS(`s`, '^B[^\n\r]+2$'))) FROM `t`

-- a length
SELECT COUNTIF(CHAR_LENGTH(`s`) < 4 OR CHAR_LENGTH(`s`) > 9) FROM `t`

-- a multiple of a whole number
SELECT COUNTIF(MOD(`id`, 2) <> 0) FROM `t`

-- a multiple of a fraction
SELECT COUNTIF(ABS(`n` * 1.0 / 0.75 - ROUND(`n` * 1.0 / 0.75)) > 0.000000001) FROM `t`

-- an arrival
SELECT COUNTIF(TIMESTAMP_DIFF(CAST(`later` AS TIMESTAMP), CAST(`at` AS TIMESTAMP), SECOND) > 86400) FROM `t`

-- keys
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), COUNTIF(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM `t` WHERE NOT `id` IS NULL GROUP BY `id`) AS k

-- keys of two columns
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), COUNTIF(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM `t` WHERE NOT `id` IS NULL AND NOT `s` IS NULL AND (n > 0) GROUP BY `id`, `s`) AS k

-- references
SELECT COUNTIF(NOT `s` IS NULL), COUNTIF(NOT `s` IS NULL AND COALESCE(loadline_to.loadline_there, 0) = 0) FROM `t` LEFT JOIN (SELECT DISTINCT `code` AS loadline_to_0, 1 AS loadline_there FROM `o` WHERE NOT `code` IS NULL) AS loadline_to ON `s` = loadline_to.loadline_to_0

-- rows of a day
SELECT CAST(`at` AS DATE) AS loadline_period, COUNT(*) AS loadline_n FROM `t` WHERE NOT `at` IS NULL AND (n > -10) GROUP BY loadline_period ORDER BY loadline_period

