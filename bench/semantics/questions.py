"""The questions, each as a Loadline query, in a peer's names, by hand in SQL, and with the floor under them all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from loadline.values.query import By, Grain, Query, Window

YEAR = Window(start=date(2024, 1, 1), end=date(2025, 1, 1), text="2024")
DAY, MONTH = By(name="time", grain=Grain.DAY), By(name="time", grain=Grain.MONTH)
SPAN = {"first": "2024-01-01", "last": "2024-12-31"}
SIMPLE_US, TWO_FACTS_US, WINDOW_US = 1000, 3000, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`by_hand` gives the query's columns in its order. `metricflow` has that peer's names for them; `floor` reads the
    columns the answer cannot do without, once, and neither joins nor groups."""

    name: str
    title: str
    query: Query
    compile_us: int
    metricflow: dict[str, list[str]]
    span: dict[str, str] = field(default_factory=dict)
    by_hand: str
    floor: str

    @property
    def dimensions(self) -> int:
        return len(self.query.by)


QUESTIONS = (
    Question(
        name="category",
        title="net paid by category",
        query=Query(metrics=("net_paid",), by=(By(name="items.i_category"),)),
        compile_us=SIMPLE_US,
        metricflow={"by": ["item__category"], "metrics": ["net_paid"]},
        by_hand="""
SELECT i_category, sum(ss_net_paid) AS net_paid
FROM store_sales LEFT JOIN item ON ss_item_sk = i_item_sk
GROUP BY i_category ORDER BY i_category
""",
        floor="SELECT sum(ss_net_paid), max(ss_item_sk) FROM store_sales",
    ),
    Question(
        name="state",
        title="net paid by customer's state, two hops",
        query=Query(metrics=("net_paid",), by=(By(name="addresses.ca_state"),)),
        compile_us=SIMPLE_US,
        metricflow={"by": ["customer__address__state"], "metrics": ["net_paid"]},
        by_hand="""
SELECT ca_state, sum(ss_net_paid) AS net_paid
FROM store_sales
LEFT JOIN customer ON ss_customer_sk = c_customer_sk
LEFT JOIN customer_address ON c_current_addr_sk = ca_address_sk
GROUP BY ca_state ORDER BY ca_state
""",
        floor="SELECT sum(ss_net_paid), max(ss_customer_sk) FROM store_sales",
    ),
    Question(
        name="buyers",
        title="distinct customers by store",
        query=Query(metrics=("buyers",), by=(By(name="stores.s_store_name"),)),
        compile_us=SIMPLE_US,
        metricflow={"by": ["store__store_name"], "metrics": ["buyers"]},
        by_hand="""
SELECT s_store_name, count(DISTINCT ss_customer_sk) AS buyers
FROM store_sales LEFT JOIN store ON ss_store_sk = s_store_sk
GROUP BY s_store_name ORDER BY s_store_name
""",
        floor="SELECT count(ss_customer_sk), max(ss_store_sk) FROM store_sales",
    ),
    Question(
        name="return rate",
        title="return rate, two facts, by category and month",
        query=Query(metrics=("return_rate",), by=(By(name="items.i_category"), MONTH)),
        compile_us=TWO_FACTS_US,
        metricflow={"by": ["item__category", "metric_time__month"], "metrics": ["return_rate"]},
        by_hand="""
WITH sold AS (
  SELECT i_category, date_trunc('month', ss_sold_date) AS month, sum(ss_net_paid) AS net_paid
  FROM store_sales LEFT JOIN item ON ss_item_sk = i_item_sk GROUP BY 1, 2
), back AS (
  SELECT i_category, date_trunc('month', sr_returned_date) AS month, sum(sr_return_amt) AS returned
  FROM store_returns LEFT JOIN item ON sr_item_sk = i_item_sk GROUP BY 1, 2
)
SELECT coalesce(sold.i_category, back.i_category) AS i_category, coalesce(sold.month, back.month) AS month,
  returned / nullif(net_paid, 0) AS return_rate
FROM sold FULL JOIN back ON sold.i_category = back.i_category AND sold.month = back.month
ORDER BY 1, 2
""",
        floor="SELECT sum(ss_net_paid), max(ss_item_sk), max(ss_sold_date), "
        "(SELECT sum(sr_return_amt) FROM store_returns) FROM store_sales",
    ),
    Question(
        name="rolling",
        title="net paid of 28 days, by day of 2024",
        query=Query(metrics=("net_paid_28d",), by=(DAY,), during=YEAR),
        compile_us=WINDOW_US,
        metricflow={"by": ["metric_time__day"], "metrics": ["net_paid_28d"]},
        span=SPAN,
        by_hand="""
WITH daily AS (
  SELECT ss_sold_date, sum(ss_net_paid) AS net_paid
  FROM store_sales WHERE ss_sold_date BETWEEN DATE '2023-12-05' AND DATE '2024-12-31' GROUP BY ss_sold_date
), rolled AS (
  SELECT d_date, sum(net_paid) OVER (ORDER BY d_date ROWS BETWEEN 27 PRECEDING AND CURRENT ROW) AS net_paid_28d
  FROM date_dim LEFT JOIN daily ON ss_sold_date = d_date
  WHERE d_date BETWEEN DATE '2023-12-05' AND DATE '2024-12-31'
)
SELECT * FROM rolled WHERE d_date >= DATE '2024-01-01' ORDER BY d_date
""",
        floor="SELECT sum(ss_net_paid) FROM store_sales "
        "WHERE ss_sold_date BETWEEN DATE '2023-12-05' AND DATE '2024-12-31'",
    ),
    Question(
        name="rolling, all",
        title="net paid of 28 days, by day",
        query=Query(metrics=("net_paid_28d",), by=(DAY,)),
        compile_us=WINDOW_US,
        metricflow={"by": ["metric_time__day"], "metrics": ["net_paid_28d"]},
        by_hand="""
WITH daily AS (
  SELECT ss_sold_date, sum(ss_net_paid) AS net_paid FROM store_sales GROUP BY ss_sold_date
)
SELECT d_date, sum(net_paid) OVER (ORDER BY d_date ROWS BETWEEN 27 PRECEDING AND CURRENT ROW) AS net_paid_28d
FROM date_dim LEFT JOIN daily ON ss_sold_date = d_date ORDER BY d_date
""",
        floor="SELECT sum(ss_net_paid) FROM store_sales",
    ),
    Question(
        name="change",
        title="net paid against a year before, by month of 2024",
        query=Query(metrics=("net_paid_change",), by=(MONTH,), during=YEAR),
        compile_us=WINDOW_US,
        metricflow={"by": ["metric_time__month"], "metrics": ["net_paid_change"]},
        span=SPAN,
        by_hand="""
WITH monthly AS (
  SELECT date_trunc('month', ss_sold_date) AS month, sum(ss_net_paid) AS net_paid
  FROM store_sales WHERE ss_sold_date BETWEEN DATE '2023-01-01' AND DATE '2024-12-31' GROUP BY 1
)
SELECT now.month, now.net_paid - before.net_paid AS net_paid_change
FROM monthly AS now LEFT JOIN monthly AS before ON before.month = now.month - INTERVAL 1 YEAR
WHERE now.month >= DATE '2024-01-01' ORDER BY now.month
""",
        floor="SELECT sum(ss_net_paid) FROM store_sales "
        "WHERE ss_sold_date BETWEEN DATE '2023-01-01' AND DATE '2024-12-31'",
    ),
    Question(
        name="on hand",
        title="stock at the end of the month, by category",
        query=Query(metrics=("on_hand",), by=(By(name="items.i_category"), MONTH)),
        compile_us=WINDOW_US,
        metricflow={"by": ["item__category", "metric_time__month"], "metrics": ["on_hand"]},
        by_hand="""
WITH ends AS (SELECT max(inv_date) AS inv_date FROM inventory GROUP BY date_trunc('month', inv_date))
SELECT i_category, date_trunc('month', inv_date) AS month, sum(inv_quantity_on_hand) AS on_hand
FROM inventory JOIN ends USING (inv_date) LEFT JOIN item ON inv_item_sk = i_item_sk
GROUP BY 1, 2 ORDER BY 1, 2
""",
        floor="SELECT sum(inv_quantity_on_hand), max(inv_date), max(inv_item_sk) FROM inventory",
    ),
)
