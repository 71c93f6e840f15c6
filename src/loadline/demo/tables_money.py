"""The tables of trade in, those of money and service out: rates, subscriptions, invoices, credits, tickets, use.

North pays in three weeks, south in seven. What is invoiced is not what is recognized: freight counts on the day it
arrives, a platform fee on the last day of its quarter, and a disputed invoice only for the part not in dispute.
"""

from __future__ import annotations

# A slow tide per currency and a little noise; at weekends Friday's rate is carried forward.
FX_RATES = """
WITH quoted AS (
    SELECT day, d, c, currency, millionths,
           CASE WHEN isodow(day) > 5 THEN d - (isodow(day) - 5) ELSE d END AS quoted_d
    FROM days, (VALUES (0, 'EUR', 1000000), (1, 'CHF', 1040000), (2, 'DKK', 134000), (3, 'GBP', 1160000),
                       (4, 'PLN', 231000), (5, 'SEK', 88000)) r(c, currency, millionths)
)
SELECT day AS rate_on, currency,
       millionths + CASE WHEN currency = 'EUR' THEN 0 ELSE
           millionths * (abs((quoted_d + c * 90) % 480 - 240) - 120) // 4000
           + millionths * (bell(quoted_d * 6 + c, 100, 1000) - 500) // 60000 END AS rate_millionths,
       CASE WHEN currency = 'EUR' THEN 'fixed' WHEN isodow(day) > 5 THEN 'carried forward' ELSE 'published' END
           AS origin
FROM quoted
"""

SUBSCRIPTIONS = """
WITH chosen AS (
    SELECT i, c.customer_id, c.size, c.region, signed_up_on, 30 + skew(i, 110, 700) AS wait
    FROM (SELECT i, 10001 + i * 1733 % 2600 AS customer_id FROM range(1500) r(i)) JOIN customers c USING (customer_id)
), started AS (
    SELECT *, greatest(signed_up_on + CAST(wait AS INTEGER), DATE '2022-01-10') AS started_on FROM chosen
), lasting AS (
    SELECT *, CASE region WHEN 'west' THEN DATE '2024-12-31'
                          ELSE started_on + CAST(120 + pick(i, 111, 900) AS INTEGER) END AS may_end_on,
           region = 'west' OR pick(i, 112, 100) < 34 AS leaves
    FROM started
    WHERE started_on <= CASE region WHEN 'west' THEN DATE '2024-11-30' ELSE DATE '2026-10-31' END
)
SELECT 7001 + i AS subscription_id, customer_id, i,
       CASE size WHEN 'small' THEN 'basic' WHEN 'medium' THEN 'plus' ELSE 'enterprise' END AS plan,
       CASE size WHEN 'small' THEN 199 WHEN 'medium' THEN 490 ELSE 1490 END - 10 * pick(i, 113, 5) AS monthly_fee,
       started_on, CASE WHEN leaves AND may_end_on <= DATE '2026-10-31' THEN may_end_on END AS ended_on
FROM lasting
"""

# An order is invoiced once, when its last part has arrived.
FREIGHT_INVOICES = """
WITH arrived AS (
    SELECT order_id, max(delivered_at)::DATE AS recognized_on
    FROM shipments GROUP BY order_id HAVING count(*) = count(delivered_at)
)
SELECT o.order_id, NULL::BIGINT AS subscription_id, o.customer_id, 'freight' AS kind, o.region,
       recognized_on + CAST(1 + pick(o.order_id, 120, 3) AS INTEGER) AS issued_on, recognized_on, o.cents,
       CASE WHEN pick(o.order_id, 121, 1000) < 25 THEN 60 ELSE 100 END AS recognized_percent
FROM arrived JOIN orders o USING (order_id)
"""

# Fees are invoiced on the first day of a calendar quarter and recognized on its last, once that has come.
PLATFORM_INVOICES = """
WITH quarters AS (
    SELECT DISTINCT date_trunc('quarter', day)::DATE AS first_day FROM days
)
SELECT NULL::BIGINT AS order_id, s.subscription_id, s.customer_id, 'platform' AS kind, c.region,
       first_day AS issued_on,
       CASE WHEN last_day <= DATE '2026-10-31' THEN last_day END AS recognized_on,
       s.monthly_fee * 300 AS cents,
       CASE WHEN last_day <= DATE '2026-10-31' THEN 100 ELSE 0 END AS recognized_percent
FROM (SELECT first_day, (first_day + INTERVAL 3 MONTH)::DATE - 1 AS last_day FROM quarters) q
JOIN subscriptions s ON s.started_on <= first_day AND (s.ended_on IS NULL OR s.ended_on >= first_day)
JOIN customers c USING (customer_id)
WHERE first_day >= DATE '2023-11-01'
"""

INVOICES = """
WITH everything AS (
    SELECT * FROM freight_invoices UNION ALL SELECT * FROM platform_invoices
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY issued_on, kind, order_id, subscription_id) - 1 AS i
    FROM everything WHERE issued_on <= DATE '2026-10-31'
), paid AS (
    SELECT *, issued_on + CAST(CASE region WHEN 'north' THEN 8 + bell(i, 130, 27)
                                           WHEN 'south' THEN 21 + bell(i, 130, 58)
                                           ELSE 15 + bell(i, 130, 50) END AS INTEGER) AS may_pay_on,
           pick(i, 133, 1000) < 14 AS never_pays
    FROM numbered
)
SELECT 900001 + i AS invoice_id, order_id, subscription_id, p.customer_id, kind, p.region,
       issued_on, issued_on + 30 AS due_on, recognized_on,
       CASE WHEN may_pay_on <= DATE '2026-10-31' AND NOT never_pays THEN may_pay_on END AS paid_on,
       c.currency, cents, cents * recognized_percent // 100 AS recognized_cents,
       kind = 'freight' AND recognized_percent < 100 AS is_disputed
FROM paid p JOIN customers c USING (customer_id)
"""

CREDIT_NOTES = """
WITH chosen AS (
    SELECT invoice_id, is_disputed, cents, issued_on + CAST(5 + pick(invoice_id, 140, 36) AS INTEGER) AS issued_on
    FROM invoices
    WHERE kind = 'freight'
      AND pick(invoice_id, 141, 1000) < CASE region WHEN 'north' THEN 31 WHEN 'south' THEN 86 ELSE 52 END
)
SELECT row_number() OVER (ORDER BY issued_on, invoice_id) + 40000 AS credit_note_id, invoice_id, issued_on,
       cents * (20 + pick(invoice_id, 142, 81)) // 100 AS cents,
       ['late delivery', 'damaged goods', 'wrong price', 'goods sent back'][1 + skew(invoice_id, 143, 4)] AS reason
FROM chosen WHERE issued_on <= DATE '2026-10-31'
"""

# Some tickets of the first year belong to customers that a clean-up removed from the customer system.
TICKETS = """
WITH numbered AS (
    SELECT i, day, d FROM (SELECT i, i * 1096 // 11000 AS d FROM range(11000) r(i)) JOIN days USING (d)
), chosen AS (
    SELECT i, day,
           CASE WHEN i < 2500 AND i % 67 = 5 THEN 9001 + i // 67 ELSE 10001 + skew(i, 150, 1400) END AS customer_id,
           ['where is my shipment', 'invoice', 'damage', 'portal', 'booking'][1 + skew(i, 151, 5)] AS topic,
           CASE WHEN pick(i, 152, 100) < 9 THEN 'urgent' WHEN pick(i, 152, 100) < 45 THEN 'high' ELSE 'normal' END
               AS priority,
           day::TIMESTAMP + to_seconds(21600 + bell(i, 153, 50000)) AS opened_at
    FROM numbered
)
SELECT 300001 + i AS ticket_id, customer_id, topic, priority, opened_at,
       CASE priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 12 ELSE 30 END + skew(i, 156, 600) AS first_reply_minutes,
       CASE WHEN day < DATE '2026-10-20' OR pick(i, 157, 100) < 40
            THEN opened_at + to_minutes(700 + skew(i, 158, 9000)) END AS closed_at,
       CASE WHEN pick(i, 159, 100) < 58 THEN 5 - skew(i, 160, 5) END AS satisfaction
FROM chosen
"""

USAGE = """
WITH weights AS (
    SELECT d, day, day_number, [1100, 1120, 1100, 1090, 1000, 240, 150][isodow(day)] * (700 + d) AS weight FROM days
), running AS (
    SELECT *, SUM(weight) OVER (ORDER BY d)::BIGINT AS upto, SUM(weight) OVER ()::BIGINT AS whole FROM weights
), counted AS (
    SELECT d, day, day_number, unnest(range(upto * 86000 // whole - (upto - weight) * 86000 // whole)) AS n_th
    FROM running
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY d, n_th) - 1 AS i FROM counted
)
SELECT 2000001 + i AS event_id, 10001 + skew(i, 170, 1500) AS customer_id, day,
       ['track', 'login', 'quote', 'booking', 'export'][1 + skew(i, 171, 5)] AS kind,
       CASE WHEN pick(i, 172, 100) < 31 + d // 60 THEN 'phone' ELSE 'desktop' END AS device,
       to_timestamp(day_number * 86400 + 14400 + bell(i, 173, 61200)) AS happened_at,
       '3.' || (d // 55)::VARCHAR AS app_version, 600 + bell(i, 176, 6000) AS lag_seconds
FROM numbered
"""
