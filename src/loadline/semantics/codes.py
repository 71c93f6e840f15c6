"""Every code the semantics room can raise, for `loadline explain`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

UNREAD = "SEM001"
UNKNOWN_FUNCTION = "SEM002"
UNKNOWN_NAME = "SEM003"
WRONG_TYPE = "SEM004"
CIRCULAR_METRIC = "SEM005"
CIRCULAR_FIELD = "SEM006"
ROW_OUTSIDE_AGGREGATE = "SEM007"
MISPLACED_AGGREGATE = "SEM008"
NOTHING_MEASURED = "SEM009"
UNRELATED = "SEM010"
TIME_NOT_A_TIME = "SEM011"
SEVERAL_PATHS_WRITTEN = "SEM012"
UNKNOWN_TIME_ZONE = "SEM013"
NAME_TAKEN = "SEM014"
TOO_LARGE = "SEM015"
MISPLACED_SHAPE = "SEM016"
NESTED_WINDOW = "SEM017"
UNREAD_SHAPE = "SEM018"
SHAPED_TWICE = "SEM019"
WRONG_CONVERSION = "SEM020"
WRONG_ROLLUP = "SEM021"

UNKNOWN_METRIC = "SEM101"
WHICH_MEANING = "SEM102"
UNKNOWN_DIMENSION = "SEM103"
WHICH_DATASET = "SEM104"
WHICH_PATH = "SEM105"
FAN_OUT = "SEM106"
NO_GRAIN = "SEM107"
WRONG_VALUE = "SEM108"
WRONG_OPERATOR = "SEM109"
NO_TIME = "SEM110"
UNKNOWN_ORDER = "SEM111"
WRONG_LIMIT = "SEM112"
NOTHING_ASKED = "SEM113"
ASKED_TWICE = "SEM114"
METRIC_NOT_ASKED = "SEM115"
NO_SHARED_DATASET = "SEM116"
FILTER_OUT_OF_REACH = "SEM117"
UNREAD_SHORTHAND = "SEM118"
UNKNOWN_DIALECT = "SEM119"
TWO_MEANINGS = "SEM120"
EMPTY_WINDOW = "SEM121"
NEEDS_TIME = "SEM122"
FILTER_ACROSS_TIME = "SEM123"
WINDOW_UNDER_POLICY = "SEM124"
WRONG_DETAIL = "SEM125"
NO_VALIDITY_TIME = "SEM126"
SHIFT_OF_OWN_PERIOD = "SEM127"
NOT_IN_DIALECT = "SEM128"
WRONG_RELATION = "SEM129"
MASKED = "POL009"


def _code(code: str, title: str, why: str, *, wrong: str, right: str) -> tuple[str, Code]:
    return code, Code(code=code, title=title, why=why, wrong=wrong, right=right)


CODES: Mapping[str, Code] = MappingProxyType(
    dict(
        [
            _code(
                UNREAD,
                "an expression cannot be read",
                "an expression is built of names, constants, calls and operators; nothing else has a meaning in it",
                wrong="is: sum(orders.amount",
                right="is: sum(orders.amount)",
            ),
            _code(
                UNKNOWN_FUNCTION,
                "a function is not in the portable language",
                "only functions that give the same result in every warehouse may be used",
                wrong="is: sum(sqrt(orders.amount))",
                right="is: sum(round(orders.amount, 2))",
            ),
            _code(
                UNKNOWN_NAME,
                "a name in an expression is not defined",
                "every name must be a dataset's column promised by its contract, a declared field, or another metric",
                wrong="is: sum(orders.amonut)",
                right="is: sum(orders.amount)",
            ),
            _code(
                WRONG_TYPE,
                "the types in an expression do not fit",
                "a function or operator is only defined for certain types; comparing or adding others is a mistake",
                wrong="is: sum(orders.status)",
                right="is: sum(orders.amount)",
            ),
            _code(
                CIRCULAR_METRIC,
                "a metric is defined by itself",
                "a metric must come down to sums and counts of rows; a circle never does",
                wrong="a: {is: b / 2}, b: {is: a * 2}",
                right="a: {is: b / 2}, b: {is: sum(orders.amount)}",
            ),
            _code(
                CIRCULAR_FIELD,
                "a field is defined by itself",
                "a field must come down to columns of its dataset; a circle never does",
                wrong="fields: {net: gross - tax, gross: net + tax}",
                right="fields: {gross: net + tax}  # net is a column",
            ),
            _code(
                ROW_OUTSIDE_AGGREGATE,
                "a field stands outside an aggregate",
                "a metric is one number for many rows, so each field in it must be summed, counted or the like",
                wrong="is: sum(orders.amount) - orders.discount",
                right="is: sum(orders.amount - orders.discount)",
            ),
            _code(
                MISPLACED_AGGREGATE,
                "an aggregate stands where a value of one row is meant",
                "fields, filters and the inside of an aggregate speak about one row at a time",
                wrong="is: sum(max(orders.amount))",
                right="is: max(orders.amount)",
            ),
            _code(
                NOTHING_MEASURED,
                "a metric measures nothing",
                "a metric must aggregate rows, or be made of metrics that do",
                wrong="is: 42",
                right="is: 42 * count(orders)",
            ),
            _code(
                UNRELATED,
                "an expression uses datasets that cannot be joined without repeating rows",
                "rows are joined along relationships from many to one, so that nothing is counted twice",
                wrong="is: sum(customers.credit), where: \"orders.status = 'open'\"  # a customer has many orders",
                right="is: sum(orders.amount), where: \"customers.segment = 'retail'\"",
            ),
            _code(
                TIME_NOT_A_TIME,
                "a time field is not a date or timestamp",
                "windows and time grains need a field of type date or timestamp",
                wrong="time: orders.status",
                right="time: orders.ordered_at",
            ),
            _code(
                SEVERAL_PATHS_WRITTEN,
                "several paths lead to a dataset named in a definition",
                "two ways of joining can give two numbers, so the way must be spelled out",
                wrong="where: \"places.country = 'DE'\"  # origin or destination?",
                right="where: \"destination.country = 'DE'\"",
            ),
            _code(
                UNKNOWN_TIME_ZONE,
                "a time zone is not known",
                "days are cut in the project's time zone, which must be a name of the IANA database",
                wrong="calendar: {timezone: Berlin}",
                right="calendar: {timezone: Europe/Berlin}",
            ),
            _code(
                NAME_TAKEN,
                "a name stands for two things",
                "a word that is asked for must mean one thing: a metric, a term, or `time`",
                wrong="metrics: {time: {is: sum(calls.seconds)}}",
                right="metrics: {talk_time: {is: sum(calls.seconds)}}",
            ),
            _code(
                TOO_LARGE,
                "a definition is too large",
                "definitions built on definitions are written out in the SQL, which must stay readable and finite",
                wrong="a: {is: b + b}, b: {is: c + c}, c: {is: d + d}, …  # twice as large each time",
                right="a: {is: 4 * c}",
            ),
            _code(
                MISPLACED_SHAPE,
                "a shift, a filter or a window stands where it has no meaning",
                "a metric is shifted or narrowed in the `is` of a metric; a window over rows is a field of its "
                "dataset; a metric of a subject is compared in a condition",
                wrong="where: row_number() over (order by orders.id) = 1",
                right="fields: {nth: row_number() over (order by id)}   # and then: where: orders.nth = 1",
            ),
            _code(
                NESTED_WINDOW,
                "a window over rows stands within another",
                "engines compute all windows of a dataset at once, so one cannot look at the result of another",
                wrong="fields: {x: sum(rank() over (order by id)) over (order by id)}",
                right="fields: {x: sum(amount) over (order by id)}",
            ),
            _code(
                UNREAD_SHAPE,
                "`over`, `take`, `within` or a shift cannot be read",
                "they are few words: a number and a unit, `month to date`, `all`, `last of period`",
                wrong="over: the last 28 days",
                right="over: 28 days",
            ),
            _code(
                SHAPED_TWICE,
                "a metric is given two shapes in time that do not go together",
                "a number that is already cumulative, shifted or a conversion has no second meaning of that kind",
                wrong="revenue: {is: revenue_28d, over: month to date}",
                right="revenue: {is: booked, over: month to date}",
            ),
            _code(
                WRONG_CONVERSION,
                "a conversion does not fit together",
                "it counts events of one metric that were followed by events of another, each a plain aggregate with a "
                "time, of subjects that both facts know",
                wrong="rate: {convert: trials, to: revenue_per_order, per: customers.customer_id}",
                right="rate: {convert: trials, to: first_orders, within: 14 days, per: customers.customer_id}",
            ),
            _code(
                WRONG_ROLLUP,
                "a rollup cannot keep what it is said to",
                "a rollup holds metrics of one dataset whose parts add up, by dimensions that its rows lead to; a "
                "distinct count of two days is not the sum of both",
                wrong="by_day: {of: orders, source: r.by_day, by: [orders.ordered_at:day], metrics: [buyers]}",
                right="by_day: {of: orders, source: r.by_day, by: [orders.ordered_at:day], metrics: [booked]}",
            ),
            _code(
                UNKNOWN_METRIC,
                "no metric or term has this name",
                "only governed metrics can be asked for",
                wrong="loadline ask --metric reveneu",
                right="loadline ask --metric booked_revenue",
            ),
            _code(
                WHICH_MEANING,
                "a term means different things to different audiences",
                "which meaning is wanted is never guessed",
                wrong="loadline ask --metric revenue",
                right="loadline ask --metric revenue --audience finance",
            ),
            _code(
                UNKNOWN_DIMENSION,
                "no field has this name",
                "groups and filters name a field of a dataset: `dataset.field`, `role.field` or `time`",
                wrong="--by customers.regoin",
                right="--by customers.region",
            ),
            _code(
                WHICH_DATASET,
                "a bare field name is found in several datasets",
                "which one is meant is never guessed",
                wrong="--by status",
                right="--by orders.status",
            ),
            _code(
                WHICH_PATH,
                "several paths lead to the dataset",
                "two ways of joining can give two numbers, so the way must be spelled out",
                wrong="--by places.city",
                right="--by destination.city",
            ),
            _code(
                FAN_OUT,
                "a metric cannot be broken down by this field",
                "rows are joined along relationships from many to one; the other way they would be counted repeatedly",
                wrong="--metric credit_limit --by orders.status",
                right="--metric credit_limit --by customers.segment",
            ),
            _code(
                NO_GRAIN,
                "a grain is asked of a field that is not a time",
                "only dates and timestamps have days, weeks, months, quarters and years",
                wrong="--by customers.region:month",
                right="--by time:month",
            ),
            _code(
                WRONG_VALUE,
                "a filter's value does not fit the field's type",
                "comparing values of different types gives no rows, or the wrong ones",
                wrong="--where 'orders.ordered_at >= soon'",
                right="--where 'orders.ordered_at >= 2025-01-01'",
            ),
            _code(
                WRONG_OPERATOR,
                "a filter's operator does not fit",
                "each operator is defined for certain types and takes a certain number of values",
                wrong="--where 'orders.amount contains 5'",
                right="--where 'orders.amount >= 5'",
            ),
            _code(
                NO_TIME,
                "a metric has no time field",
                "a window or a time dimension needs to know which time is meant",
                wrong="datasets: {places: {source: ref.places}}, --metric place_count --during 2025",
                right="datasets: {places: {source: ref.places, time: opened_on}}",
            ),
            _code(
                UNKNOWN_ORDER,
                "the order names nothing that was asked for",
                "an answer can only be ordered by its own metrics and dimensions",
                wrong="--metric orders_count --by customers.region --order -booked_revenue",
                right="--metric orders_count --by customers.region --order -orders_count",
            ),
            _code(
                WRONG_LIMIT,
                "the limit is not a positive number",
                "a limit says how many rows are wanted",
                wrong="--limit 0",
                right="--limit 10",
            ),
            _code(
                NOTHING_ASKED,
                "nothing was asked for",
                "a question needs at least one metric or dimension",
                wrong="query: {metrics: []}",
                right="query: {metrics: [booked_revenue]}",
            ),
            _code(
                ASKED_TWICE,
                "something is asked for twice",
                "each metric and each dimension is one column of the answer",
                wrong="--metric orders_count --metric orders_count",
                right="--metric orders_count",
            ),
            _code(
                METRIC_NOT_ASKED,
                "a filter is on a metric that was not asked for",
                "groups can only be filtered by a metric of the same answer",
                wrong="--metric orders_count --where 'booked_revenue > 100'",
                right="--metric orders_count --metric booked_revenue --where 'booked_revenue > 100'",
            ),
            _code(
                NO_SHARED_DATASET,
                "the dimensions share no dataset",
                "values are listed from one dataset and what it leads to",
                wrong="--by orders.status --by refunds.reason",
                right="--by orders.status --by customers.region",
            ),
            _code(
                FILTER_OUT_OF_REACH,
                "a policy's row filter cannot be applied to a dataset",
                "rows that cannot be filtered as the policy demands are not shown",
                wrong="rows: \"customers.region = 'north'\"  # and a question about places, which lead to no customer",
                right="add a relationship that leads to the filter's dataset, or permit the question by another rule",
            ),
            _code(
                UNREAD_SHORTHAND,
                "a dimension, filter or order cannot be read",
                "dimensions are `name` or `name:grain`, filters `name op value`, orders `name` or `-name`",
                wrong="--where 'customers.region is north'",
                right="--where 'customers.region = north'",
            ),
            _code(
                UNKNOWN_DIALECT,
                "SQL cannot be written for this warehouse",
                "each dialect's forms are stated one by one; SQL is never transpiled",
                wrong='dialect="excel"',
                right='dialect="duckdb"',
            ),
            _code(
                TWO_MEANINGS,
                "a dimension means something else for each metric",
                "one column of an answer must hold values of one field",
                wrong="--metric sales --metric visits --by site.city  # `site` is a place here and a page there",
                right="ask for the two metrics separately",
            ),
            _code(
                EMPTY_WINDOW,
                "the window holds no day",
                "a window's first day comes before its end",
                wrong="--during 2025-03-31..2025-03-01",
                right="--during 2025-03-01..2025-03-31",
            ),
            _code(
                NEEDS_TIME,
                "a cumulative metric is asked for without a time",
                "the last 28 days of what? The answer needs a breakdown by time, or a window whose end is meant",
                wrong="loadline ask --metric revenue_28d",
                right="loadline ask --metric revenue_28d --during 2026-Q3",
            ),
            _code(
                FILTER_ACROSS_TIME,
                "a condition mixes the time of a shifted or cumulative metric with something else",
                "its rows lie at other times than its value, so the condition would look at the wrong rows",
                wrong="--condition \"time >= date '2026-01-01' or customers.region = 'north'\"",
                right='--during 2026 --where "customers.region = north"',
            ),
            _code(
                WINDOW_UNDER_POLICY,
                "a field looks at rows that the asker may not see",
                "a rank or running total is computed over all rows of its dataset, and a rule hides some of them",
                wrong="(a rule with `rows:` on the dataset of a ranked field)",
                right="loadline ask --metric booked   # without the ranked field",
            ),
            _code(
                WRONG_DETAIL,
                "rows are asked for together with metrics",
                "rows as they are have no groups, so nothing can be aggregated among them",
                wrong="loadline ask --rows --metric booked --by orders.order_id",
                right="loadline ask --rows --by orders.order_id --by orders.amount",
            ),
            _code(
                NO_VALIDITY_TIME,
                "a history is joined, and nothing says at which time",
                "which row of a history a fact meets depends on the fact's own time",
                wrong="loadline ask --by bookings.listings.capacity",
                right="loadline ask --metric bookings --by listings.capacity",
            ),
            _code(
                SHIFT_OF_OWN_PERIOD,
                "a shift by a period of the company's own cannot be computed",
                "only units of the common calendar have a length that can be gone back",
                wrong="is: booked[1 retail_month ago]",
                right="is: booked[28 days ago]",
            ),
            _code(
                MASKED,
                "a column that is shown only masked is used in another way",
                "a filter, a condition, a number or a field made of a masked column would tell what the mask hides",
                wrong="loadline ask --metric orders --where \"customers.email = 'ada@example.com'\"   # it is masked",
                right="loadline ask --metric orders --by customers.email   # shown masked",
            ),
            _code(
                WRONG_RELATION,
                "a change or a share is asked for that has no meaning",
                "a change lies between two periods that do not overlap; a share is of what adds up, across a field "
                "that the question breaks down or filters, or of a metric that it is a part of",
                wrong='loadline ask -m "average_order_value[share across customers.region]" -b customers.region',
                right='loadline ask -m "booked_revenue[share across customers.region]" -b customers.region',
            ),
            _code(
                NOT_IN_DIALECT,
                "the warehouse has no form that means the same",
                "where an engine cannot compute what a metric is, it is refused: a near miss would be a wrong number",
                wrong="is: median(orders.amount)   # on an engine without an exact median of groups",
                right="is: approx_percentile(orders.amount, 0.5)",
            ),
        ]
    )
)
