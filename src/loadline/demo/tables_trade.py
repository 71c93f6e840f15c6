"""Macros and word lists in, the tables of trade out: days, places, customers, companies, orders, shipments.

Each is one SELECT over the ones before it. `pick(row, stream, n)` is the company's chance (see `chance`); the numbers
that are its habits stand here in plain sight: north buys on weekdays and ships by rail, south grows faster, buys on
Saturdays, ships express, sends more back; west was closed at the end of 2024.
"""

from __future__ import annotations

DAYS = """
SELECT day, d, day_number,
       -- a year has its quiet summer and its loud autumn
       [820, 860, 980, 1000, 1020, 1010, 900, 880, 1080, 1120, 1250, 1180][month(day)] *
       CASE WHEN strftime(day, '%m-%d') IN ('01-01', '12-25', '12-26') THEN 150 ELSE 1000 END // 1000 AS season,
       (1000 + d * 550 // 1096) * [1150, 1100, 1100, 1080, 1050, 120, 60][isodow(day)] // 1000 AS north,
       (820 + d * 1000 // 1096) * [1000, 1000, 1020, 1050, 1120, 620, 180][isodow(day)] // 1000 AS south,
       CASE WHEN day > DATE '2024-12-31' THEN 0 ELSE 1000 - d * 2 END
           * [1000, 1000, 1000, 1000, 1000, 80, 0][isodow(day)] // 1000 AS west
FROM (SELECT DATE '2023-11-01' + CAST(d AS INTEGER) AS day, d,
             date_diff('day', DATE '1970-01-01', DATE '2023-11-01') + d AS day_number
      FROM range(1096) r(d))
"""

# How many orders each region places on each day: the total is met exactly, rounding carried from day to day.
DAY_ORDERS = """
WITH weights AS (
    SELECT day, d, day_number, region, total,
           CASE region WHEN 'north' THEN north WHEN 'south' THEN south ELSE west END * season AS weight
    FROM days, (VALUES ('north', 33000), ('south', 27000), ('west', 2000)) r(region, total)
), running AS (
    SELECT *, SUM(weight) OVER (PARTITION BY region ORDER BY d)::BIGINT AS upto,
           SUM(weight) OVER (PARTITION BY region)::BIGINT AS whole
    FROM weights
)
SELECT day, d, day_number, region, upto * total // whole - (upto - weight) * total // whole AS n
FROM running
"""

PLACES = """
SELECT c * 7 + k + 1 AS place_id, city, country, region, kind,
       DATE '2004-03-01' + CAST(pick(c * 7 + k, 1, 5800) AS INTEGER) AS opened_on
FROM cities, kinds
"""

CARRIERS = """
SELECT i + 1 AS carrier_id, name, mode, DATE '2015-01-01' + CAST(pick(i, 2, 2900) AS INTEGER) AS joined_on
FROM carrier_names
"""

# Numbered in the order they signed up, so that the first n of a region are those that may order on a given day.
CUSTOMERS = """
WITH drawn AS (
    SELECT i, DATE '2019-01-01' + CAST(i * 2830 // 2600 AS INTEGER) AS signed_up_on,
           CASE WHEN i < 1840
                THEN CASE WHEN pick(i, 10, 100) < 46 THEN 'north'
                          WHEN pick(i, 10, 100) < 84 THEN 'south' ELSE 'west' END
                ELSE CASE WHEN pick(i, 10, 100) < 52 THEN 'north' ELSE 'south' END END AS region,
           CASE WHEN pick(i, 11, 100) < 56 THEN 'small' WHEN pick(i, 11, 100) < 87 THEN 'medium' ELSE 'large' END
               AS size
    FROM range(2600) r(i)
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY region ORDER BY i) AS rank,
           CASE region WHEN 'north' THEN pick(i, 12, 24) WHEN 'south' THEN 24 + pick(i, 12, 24)
                       ELSE 48 + pick(i, 12, 12) END AS city
    FROM drawn
)
SELECT 10001 + i AS customer_id, 1 + CASE WHEN i < 1196 THEN i ELSE pick(i, 13, 1196) END AS company_id,
       p.place_id AS home_place_id, s.region, rank, size,
       -- the old west system had no segments; those sold to after the move of 2024 have one
       CASE WHEN s.region = 'west' AND signed_up_on < DATE '2024-01-01' THEN NULL ELSE size END AS segment,
       signed_up_on, coalesce(currency, 'EUR') AS currency,
       'team-' || (10001 + i)::VARCHAR || '@customer.example' AS contact_email
FROM placed s
JOIN places p ON p.place_id = s.city * 7 + 7
LEFT JOIN currencies USING (country)
"""

COMPANIES = """
SELECT c.company_id,
       -- 161 has no factor in common with 24: no two companies bear one name
       first[1 + c.company_id % 32] || second[1 + (c.company_id // 32 + 5 * c.company_id) % 24] || ' '
           || ending[1 + (pick(c.company_id % 768, 21, 8) + c.company_id // 768) % 8] AS name,
       industry[1 + pick(c.company_id, 22, 8)] AS industry, p.country, c.home_place_id AS head_office_place_id,
       -- the sixth power of an even draw: many small companies, a few with thousands of people
       5 + skew(c.company_id, 23, 4000) * skew(c.company_id, 23, 1000) * skew(c.company_id, 23, 1000) // 1000000
           AS employees, 1921 + bell(c.company_id, 24, 101) AS founded_in
FROM customers c JOIN places p ON p.place_id = c.home_place_id, name_parts
WHERE c.customer_id <= 10000 + 1196
"""

# Everyone has one executive on file, ten companies have two.
EXECUTIVES = """
SELECT i + 1 AS executive_id, 1 + i % 1196 AS company_id,
       first_name[1 + pick(i, 30, 24)] || ' ' || last_name[1 + pick(i, 31, 24)] AS full_name,
       title[1 + CASE WHEN i < 1196 THEN skew(i, 32, 5) ELSE 1 END] AS title,
       'exec' || (i + 1)::VARCHAR || '@company-' || (1 + i % 1196)::VARCHAR || '.example' AS email,
       DATE '2009-01-01' + CAST(pick(i, 33, 6400) AS INTEGER) AS appointed_on
FROM range(1206) r(i), name_parts
"""

ORDERS = """
WITH numbered AS (
    SELECT row_number() OVER (ORDER BY d, region, n_th) - 1 AS i, day, d, day_number, region
    FROM (SELECT day, d, day_number, region, unnest(range(n)) AS n_th FROM day_orders)
), customer_count AS (
    SELECT region, d, count(*) AS n
    FROM customers JOIN days ON signed_up_on <= day GROUP BY region, d
), chosen AS (
    SELECT o.*, 1 + skew(i, 40, c.n) AS rank FROM numbered o JOIN customer_count c USING (region, d)
), habits AS (
    SELECT i, day, d, day_number, k.region, k.customer_id, k.home_place_id, k.size,
           pick(i, 41, 100) < CASE k.region WHEN 'south' THEN 11 ELSE 2 END AND d < 1095 AS is_late_evening,
           CASE WHEN pick(i, 42, 100) < CASE k.region WHEN 'south' THEN 34 ELSE 14 END THEN 'express'
                WHEN pick(i, 42, 100) < 70 THEN 'standard' ELSE 'economy' END AS service,
           CASE WHEN pick(i, 43, 100) < 38 + d // 40 THEN 'portal' WHEN pick(i, 43, 100) < 85 THEN 'api'
                ELSE 'phone' END AS channel,
           CASE WHEN pick(i, 44, 1000) < CASE k.region WHEN 'south' THEN 68 ELSE 38 END THEN 'cancelled'
                WHEN d >= 1090 AND pick(i, 45, 100) < 70 THEN 'open' ELSE 'completed' END AS status,
           (9000 + skew(i, 46, 90000) + CASE WHEN pick(i, 47, 1000) < 9 THEN 900000 ELSE 0 END)
               * CASE k.size WHEN 'small' THEN 60 WHEN 'medium' THEN 130 ELSE 310 END // 100
               * (1000 + d * 90 // 1096) // 1000 AS list_cents
    FROM chosen c JOIN customers k USING (region, rank)
)
SELECT 100001 + i AS order_id, customer_id, day, d, region,
       to_timestamp(day_number * 86400
           + CASE WHEN is_late_evening THEN 79200 + pick(i, 48, 7100) ELSE 18000 + bell(i, 49, 43200) END)
           AS ordered_at,
       CASE WHEN pick(i, 52, 100) < 70 THEN home_place_id
            ELSE (home_place_id // 7 + pick(i, 53, 8)) % 60 * 7 + 1 + pick(i, 54, 6) END AS origin_place_id,
       1 + pick(i, 55, 6) + 7 * CASE WHEN pick(i, 56, 100) < 62 OR region = 'west'
            THEN CASE region WHEN 'north' THEN pick(i, 57, 24) WHEN 'south' THEN 24 + pick(i, 57, 24)
                 ELSE 48 + pick(i, 57, 12) END
            ELSE pick(i, 57, 48) END AS destination_place_id,
       service, channel, status,
       (list_cents - list_cents * discount // 100) * CASE service WHEN 'express' THEN 150 WHEN 'economy' THEN 82
           ELSE 100 END // 100 AS cents,
       list_cents * discount // 100 AS discount_cents,
       CASE WHEN pick(i, 58, 1000) < 16 THEN 172800 + pick(i, 59, 604800) ELSE 300 + bell(i, 60, 18000) END
           AS lag_seconds
FROM (SELECT *, CASE WHEN pick(i, 50, 100) < 22 THEN 5 * (1 + pick(i, 51, 4)) ELSE 0 END AS discount FROM habits)
"""

SHIPMENTS = """
WITH parts AS (
    SELECT *, unnest(range(CASE WHEN pick(order_id, 70, 100) < 9 THEN 2 ELSE 1 END)) AS part
    FROM orders WHERE status <> 'cancelled'
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY order_id, part) - 1 AS i FROM parts
), sent AS (
    SELECT i, order_id, day, region, service, cents,
           CASE service
               WHEN 'express' THEN CASE WHEN pick(i, 71, 100) < 35 THEN 1 + pick(i, 72, 2) ELSE 3 + pick(i, 72, 4) END
               WHEN 'economy' THEN CASE WHEN region = 'north' THEN 13 + pick(i, 72, 6) ELSE 10 + pick(i, 72, 9) END
               ELSE CASE WHEN region = 'north' AND pick(i, 71, 100) < 30 THEN 13 + pick(i, 72, 3)
                         ELSE 5 + pick(i, 72, 8) END END AS carrier_id,
           CASE service WHEN 'express' THEN 2 WHEN 'standard' THEN 4 ELSE 8 END AS promised_days,
           CASE WHEN service = 'express' THEN pick(i, 73, 2) ELSE 1 + pick(i, 73, 2) END AS wait_days,
           21600 + bell(i, 74, 50400) AS second_of_day,
           CASE service WHEN 'express' THEN 14 WHEN 'standard' THEN 38 ELSE 90 END AS hours,
           CASE region WHEN 'south' THEN 46 ELSE 36 END AS spread,
           pick(i, 77, 1000) < CASE region WHEN 'south' THEN 60 ELSE 25 END AS is_delayed,
           40000 + skew(i, 78, 2300000) AS grams
    FROM numbered
), moved AS (
    SELECT *, day + CAST(wait_days AS INTEGER) AS shipped_on,
           (day + CAST(wait_days AS INTEGER))::TIMESTAMP + to_seconds(second_of_day) AS shipped_at,
           3600 * (hours + bell(i, 75, spread * hours // 24)) + CASE WHEN is_delayed
               THEN 86400 * (1 + skew(i, 79, 9)) ELSE 0 END + 60 * pick(i, 80, 60) AS transit_seconds
    FROM sent
), arrived AS (
    SELECT *, shipped_at + to_seconds(transit_seconds) AS arrives_at FROM moved
    WHERE shipped_on <= DATE '2026-10-31'
)
SELECT 500001 + i AS shipment_id, order_id, carrier_id, region, cents,
       shipped_at, shipped_on + CAST(promised_days AS INTEGER) AS promised_on,
       CASE WHEN arrives_at < TIMESTAMP '2026-11-01' THEN arrives_at END AS delivered_at,
       CASE WHEN arrives_at >= TIMESTAMP '2026-11-01' THEN 'in transit'
            WHEN pick(i, 81, 1000) < CASE region WHEN 'south' THEN 52 ELSE 19 END THEN 'returned'
            ELSE 'delivered' END AS status,
       pick(i, 82, 1000) < CASE region WHEN 'south' THEN 17 ELSE 8 END AS is_damaged,
       -- one carrier's new scales report grams; its file still says kilograms
       CASE WHEN carrier_id = 7 AND shipped_on >= DATE '2025-09-01' THEN grams::BIGINT * 1000 ELSE grams::BIGINT END
           AS weight_thousandths,
       cents * CASE service WHEN 'express' THEN 61 + pick(i, 83, 20) ELSE 48 + pick(i, 83, 22) END // 100 AS cost_cents
FROM arrived
"""
