"""What names, references and other short texts in a project look like, and the words that are chosen from."""

from __future__ import annotations

from loadline.project import codes
from loadline.project.shapes import Form

CONTRACT_VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")
LOGICAL_TYPES = (
    "string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean", "map", "vector",
)  # fmt: skip
FIELD_TYPES = ("string", "integer", "number", "boolean", "date", "timestamp")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPINE_GRAINS = ("microsecond", "millisecond", "second", "minute", "hour", "day")
WATCH_UNITS = ("hour", "day", "week", "month", "quarter", "year")
ASK_BACK = "ask"

IDENTIFIER = Form(
    pattern="[a-z][a-z0-9_]*",
    why="it is written in expressions: lower-case letters, digits and `_`, beginning with a letter",
    mend="write `{suggestion}`",
    code=codes.BAD_NAME,
)
LABEL = Form(
    pattern="[A-Za-z0-9][A-Za-z0-9_.@+-]*",
    why="it is letters, digits, `_`, `-`, `.`, `+` and `@`, beginning with a letter or digit",
    mend="write `{suggestion}`",
    code=codes.BAD_NAME,
)
RELATION = Form(
    pattern=r"""[^\s."'`;]+(?:\.[^\s."'`;]+){0,2}""",
    why="a relation is named `table`, `schema.table` or `catalog.schema.table`",
    mend="write it like `sales.orders`",
)
ADDRESS = Form(
    pattern=r"env:[A-Za-z_][A-Za-z0-9_]*|postgres(?:ql)?://\S+|\s*[a-z_]+\s*=.+",
    why="an address is a reference to an environment variable, or a connection string without a password",
    mend="write `env:DATABASE_URL`, and set that variable where loadline runs",
)
COLUMN = Form(
    pattern=r"""[^\s."'`]+""",
    why="a column of the dataset is named without the dataset",
    mend="write the name of the column alone, like `order_id`",
)
_END = r"[^\s.,>]+\.[^\s.,>]+"
END = Form(
    pattern=rf"\s*{_END}\s*",
    why="each side of a relationship is written `dataset.column`",
    mend="write it like `orders.customer_id`",
)
ARROW = Form(
    pattern=rf"\s*{_END}\s*->\s*{_END}\s*",
    why="a relationship is written `dataset.column -> dataset.column`: many rows on the left to one on the right",
    mend="write it like `orders.customer_id -> customers.customer_id`",
)
MONTH_DAY = Form(
    pattern="(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
    why="the first day of the fiscal year is written month-day",
    mend="write it like `02-01`",
)
DAY = Form(
    pattern="[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
    why="a day is written year-month-day",
    mend="write it like `2026-11-25`",
)
ASKED_METRIC = Form(
    pattern=r"[a-z][a-z0-9_]*(?:\[[^\[\]]+\])*",
    why="a metric or term is asked by its name, with a shift, a change or a share behind it in brackets if meant",
    mend="write it like `booked_revenue`, `booked_revenue[1 year ago]` or `booked_revenue[% change from 1 year ago]`",
)
BY = Form(
    pattern=r"[^\s:]+(?::[a-z_0-9]+)?",
    why="a dimension is written `dataset.field`, `field` or `time`, with a grain behind a colon",
    mend='write it like `customers.region` or `"time:month"`',
)
ORDER = Form(
    pattern=r"-?[^\s-][^\s\[\]]*(?:\[[^\[\]]+\])*",
    why="an order names a metric or dimension of the query, with `-` before it for descending",
    mend="write it like `-booked_revenue`",
)
FILTERED = Form(
    pattern=r"[^\s\[\]]+(?:\[[^\[\]]+\])*",
    why="a filter is on a dimension, or on a metric of the query as it is written there",
    mend="write it like `customers.region` or `booked_revenue`",
)
PATTERN = Form(
    pattern=r"\S+",
    why="a pattern is one name, or the beginning of names and a `*`",
    mend="write it like `booked_*`, and several as a list",
)
REFERENCE = Form(
    pattern=r"env:[A-Za-z_][A-Za-z0-9_]*",
    why="a project holds no secret, only the name of the environment variable that does",
    mend="write it like `env:PLANNER_KEY`, and set that variable where loadline runs",
)
WEBHOOK = Form(
    pattern=r"env:[A-Za-z_][A-Za-z0-9_]*|https?://\S+",
    why="a receiver is an address, or the variable of the environment that holds one",
    mend="write it like `env:DRIFT_WEBHOOK`: addresses of receivers are often secrets themselves",
)
DIGEST = Form(
    pattern=r"sha256:[0-9a-f]{64}",
    why="a digest is `sha256:` and 64 digits",
    mend="copy it from `loadline mcp tools -- COMMAND`, once you have looked at what the tool says",
)
CALLABLE = Form(
    pattern=r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*",
    why="a function is named by its module and its name",
    mend="write it like `shop.actions:notify`",
)
ENVIRONMENT_URL = Form(
    pattern=r"(?:env:[A-Za-z_][A-Za-z0-9_]*|https?://[^\s/{}?#]+)(?:/[^\s?#]*)?",
    why="an address begins with http, https or a variable of the environment; arguments may stand in its path alone",
    mend="write it like `https://crm.example.com/v1/tickets/{ticket_id}`, or `env:CRM_URL/tickets`",
)
ISSUER = Form(
    pattern=r"https://[^\s@?#]+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?(?:/[^\s@?#]*)?",
    why="who signs tokens is reached over https, so that nobody between can put keys of their own in place",
    mend="write it like `https://login.example.com/realms/shop`, exactly as its tokens' `iss` has it",
)
SERVED = Form(
    pattern=r"https?://[^\s/@?#]+",
    why="it is the address people and programs reach this server by, without a path",
    mend="write it like `https://loadline.example.com`",
)
CLAIM = Form(
    pattern=r"\S(?:.*\S)?",
    why="it is a value as the issuer's tokens carry it",
    mend="write it as a token has it",
)
