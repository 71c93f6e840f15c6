-- length counts characters
SELECT CHAR_LENGTH(`s`) FROM `t` WHERE `id` = 2

-- a number as text
SELECT CAST(`id` AS STRING) FROM `t` WHERE `id` = 1

-- seconds between
SELECT UNIX_TIMESTAMP(`later`) - UNIX_TIMESTAMP(`at`) FROM `t` WHERE `id` = 1

-- the day of a clock time
SELECT CAST(`at` AS DATE) FROM `t` WHERE `id` = 1

-- the day of a day
SELECT CAST(`d` AS DATE) FROM `t` WHERE `id` = 1

-- the day of an instant
SELECT CAST(FROM_UTC_TIMESTAMP(TO_UTC_TIMESTAMP(`seen`, CURRENT_TIMEZONE()), 'Europe/Berlin') AS DATE) FROM `t` WHERE `id` = 1

-- the hour of a clock time
SELECT CAST(CONCAT(SUBSTRING(CAST(`at` AS STRING), 1, 13), ':00:00') AS TIMESTAMP_NTZ) FROM `t` WHERE `id` = 1

-- the hour of an instant
SELECT CAST(CONCAT(SUBSTRING(CAST(FROM_UTC_TIMESTAMP(TO_UTC_TIMESTAMP(`seen`, CURRENT_TIMEZONE()), 'Europe/Berlin') AS STRING), 1, 13), ':00:00') AS TIMESTAMP_NTZ) FROM `t` WHERE `id` = 1

-- no value
SELECT COUNT_IF(`s` IS NULL) FROM `t`

-- a value that stands for none
SELECT COUNT_IF(`s` IS NULL OR `s` IN ('B12')) FROM `t`

-- a number that stands for none
SELECT COUNT_IF(CAST(`id` AS STRING) IN ('1')) FROM `t`

-- a number out of range
SELECT COUNT_IF(`n` < -1.5 OR `n` > 7) FROM `t`

-- a day out of range
SELECT COUNT_IF(`d` < CAST('2026-02-01' AS DATE)) FROM `t`

-- a clock time out of range
SELECT COUNT_IF(`at` > CAST('2026-02-01 00:00:00' AS TIMESTAMP)) FROM `t`

-- an instant out of range
SELECT COUNT_IF(`seen` < CAST('2026-01-31 23:00:00+00:00' AS TIMESTAMP)) FROM `t`

-- text of a list
SELECT COUNT_IF(NOT `s` IN ('ß\'x', 'B12')) FROM `t`

-- a truth value of a list
SELECT COUNT_IF(NOT `b` IN (TRUE)) FROM `t`

-- a pattern found anywhere
SELECT COUNT_IF(NOT (REGEXP_LIKE(`s`, '[0-9]'))) FROM `t`

-- a pattern between its ends
SELECT COUNT_IF(NOT (REGEXP_LIKE(`s`, '^B[0-9]+$'))) FROM `t`

-- a dot is no line break
SELECT COUNT_IF(NOT (REGEXP_LIKE(`s`, '^B[^\n\r]+2$'))) FROM `t`

-- a length
SELECT COUNT_IF(CHAR_LENGTH(`s`) < 4 OR CHAR_LENGTH(`s`) > 9) FROM `t`

-- a multiple of a whole number
SELECT COUNT_IF(`id` % 2 <> 0) FROM `t`

-- a multiple of a fraction
SELECT COUNT_IF(ABS(`n` * 1.0 / 0.75 - ROUND(`n` * 1.0 / 0.75)) > 0.000000001) FROM `t`

-- an arrival
SELECT COUNT_IF(UNIX_TIMESTAMP(`later`) - UNIX_TIMESTAMP(`at`) > 86400) FROM `t`

-- keys
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), COUNT_IF(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM `t` WHERE NOT `id` IS NULL GROUP BY `id`) AS k

-- keys of two columns
SELECT COALESCE(SUM(loadline_n), 0), COUNT(*), COUNT_IF(loadline_n > 1) FROM (SELECT COUNT(*) AS loadline_n FROM `t` WHERE NOT `id` IS NULL AND NOT `s` IS NULL AND (n > 0) GROUP BY `id`, `s`) AS k

-- references
SELECT COUNT_IF(NOT `s` IS NULL), COUNT_IF(NOT `s` IS NULL AND COALESCE(loadline_to.loadline_there, 0) = 0) FROM `t` LEFT JOIN (SELECT DISTINCT `code` AS loadline_to_0, 1 AS loadline_there FROM `o` WHERE NOT `code` IS NULL) AS loadline_to ON `s` = loadline_to.loadline_to_0

-- rows of a day
SELECT CAST(`at` AS DATE) AS loadline_period, COUNT(*) AS loadline_n FROM `t` WHERE NOT `at` IS NULL AND (n > -10) GROUP BY CAST(`at` AS DATE) ORDER BY loadline_period

