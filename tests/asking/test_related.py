"""Growth and shares in words: what is read, what is asked about, and what a planner may not make of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from asking.judged import TODAY
from loadline.app import App, init_project, open_app
from loadline.errors import RequestError
from loadline.flow.speaking import with_values
from loadline.semantics import parse_by, parse_filter, read_window, resolve
from loadline.semantics.time import Span
from loadline.semantics.wording import Clarify, Lexicon, NotRead, Read, Reading, account, read_question
from loadline.values.query import Query
from loadline.values.receipt import AnswerStatus
from loadline.values.request import Written


@pytest.fixture(scope="module")
def lexicon(app: App) -> Lexicon:
    return with_values(app.world, app.principal("ana"))


def read(app: App, lexicon: Lexicon, text: str) -> Reading:
    return read_question(text, lexicon, today=TODAY, calendar=app.project.model.calendar)


def rows(app: App, text: str) -> list[tuple[object, ...]]:
    answer = app.ask(text, principal=app.principal("ana"), today=TODAY)
    assert answer.rows is not None, answer.receipt.reasons
    return [tuple(row) for row in answer.rows]


def number(value: object) -> Decimal:
    return Decimal(str(value))


def test_growth_is_what_two_questions_come_to(app: App) -> None:
    ((now, then, change, percent),) = rows(app, "booked revenue growth in Q3 2026 vs Q2 2026")
    assert (now,) == rows(app, "booked revenue in Q3 2026")[0]
    assert (then,) == rows(app, "booked revenue in Q2 2026")[0]
    assert number(change) == number(now) - number(then)
    assert round(number(percent), 9) == round((number(now) - number(then)) / number(then), 9)


def test_a_share_is_the_part_over_all_of_it(app: App) -> None:
    ((part, share),) = rows(app, "what percentage of orders placed were express in Q3 2026")
    by_service = {str(row[0]): row[1] for row in rows(app, "orders placed by service in Q3 2026")}
    assert part == by_service["express"]
    whole = sum(int(str(count)) for count in by_service.values())
    assert round(number(share), 9) == round(number(part) / whole, 9)
    shares = rows(app, "share of orders placed by service in Q3 2026")
    assert abs(sum((number(row[2]) for row in shares), Decimal()) - 1) < Decimal("1e-9")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("booked revenue growth in August 2026", ["the same period a year before", "the period before"]),
        ("booked revenue growth by month in 2026", ["vs the month before", "a year before"]),
        ("orders placed growth this month", ["2026-11-01..2026-11-02", "which is not over"]),
        ("biggest increase in booked revenue by region in Q3 2026 vs Q2 2026", ["the change", "the change in percent"]),
        ("share of express orders by region in Q3 2026", ["part of all", "of each region"]),
        ("share of booked revenue by region and segment in 2025", ["part of all", "its segment", "its region"]),
        (
            "share of damaged shipments by carrier in Q3 2026",
            ["part of all", "damage_rate", "a share of shipments_sent"],
        ),
        ("percentage of cancelled orders by region in 2025", ["part of all", "cancellation_rate"]),
        ("share of cancelled orders for express in 2025", ["of all", "cancellation_rate"]),
        ("which carrier has the highest share of damaged shipments in Q3 2026", ["part of all", "damage_rate"]),
    ],
)
def test_what_is_not_said_is_asked_about(text: str, labels: list[str], app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, Clarify), found
    said = " | ".join(option.label for option in found.options)
    assert all(label in said for label in labels), said
    assert len({option.query for option in found.options}) == len(found.options) > 1


def test_of_a_rate_five_percent_more_may_be_two_things(app: App, lexicon: Lexicon) -> None:
    plain = read(app, lexicon, "change in cancellation rate from Q2 to Q3 2026")
    assert isinstance(plain, Read)
    assert plain.query.metrics[-1] == "cancellation_rate[change from 1 quarter ago]"
    percent = read(app, lexicon, "percentage change in cancellation rate from Q2 to Q3 2026")
    assert isinstance(percent, Clarify)
    assert len(percent.options) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("share of booked revenue in 2025", "not whose"),
        ("booked revenue growth since March", "two periods"),
        ("share of ordering customers by region in 2025", "does not add up"),
        ("booked revenue as a share of freight cost in 2025", "not known to be a part"),
        ("difference between booked revenue and recognized revenue in Q3 2026", "two numbers"),
        ("qoq growth of booked revenue in September 2026", "is no quarter"),
        ("booked revenue growth in December 2026", "has not begun"),
    ],
)
def test_what_has_no_meaning_says_why(text: str, says: str, app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, (NotRead, Clarify))
    assert says in found.what, found


def test_a_fall_ranks_what_fell_most_first_and_bounds_what_fell_further(app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, "regions where orders placed fell by more than 5% in Q3 2026 vs Q2 2026")
    assert isinstance(found, Read), found
    (bound,) = found.query.where
    assert (bound.op.value, bound.values) == ("<", (Decimal("-0.05"),))
    ranked = read(app, lexicon, "which region had the largest drop in orders placed in Q3 2026 vs Q2 2026")
    assert isinstance(ranked, Clarify)
    assert {option.query.order[0].is_descending for option in ranked.options} == {False}


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("tickets growth in August 2026 by topic", "[% change from "),
        ("tickets in 2025 vs 2024 by topic", "[1 year ago]"),
    ],
)
def test_an_offer_leaves_out_nothing_that_was_said(text: str, every: str, app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, Clarify), found
    for option in found.options:
        assert any(every in name for name in option.query.metrics), option
        resolve(app.linked, option.query)
    labels = [option.label for option in found.options]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("verb", ["grew", "fell"])
def test_less_than_ten_percent_may_be_none_or_the_other_way(verb: str, app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, f"countries where booked revenue {verb} by less than 10% in Q3 2026 vs Q3 2025")
    assert isinstance(found, Clarify), found
    assert sorted(len(option.query.where) for option in found.options) == [1, 2]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("what percentage of orders were cancelled in 2025", "cancellation_rate"),
        ("what percentage of shipments arrived on time in 2025", "on_time_rate"),
    ],
)
def test_the_share_of_what_a_metric_counts_is_offered(text: str, rate: str, app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, Clarify), found
    names = [option.query.metrics for option in found.options]
    assert (rate,) in names
    assert any("[share of " in metrics[-1] for metrics in names)


@pytest.mark.parametrize(
    ("text", "order", "limit"),
    [
        ("top 3 countries by share of booked revenue in 2025", "-[share across companies.country]", 3),
        ("countries with the smallest share of orders placed in 2025", "[share across companies.country]", None),
        ("top 3 carriers by percentage change in freight cost in August 2026 vs July 2026",
         "-[% change from 1 month ago]", 3),
    ],
)  # fmt: skip
def test_rows_are_ranked_by_a_change_or_a_share(
    text: str, order: str, limit: int | None, app: App, lexicon: Lexicon
) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, Read), found
    (by,) = found.query.order
    assert ("-" if by.is_descending else "") + by.name[by.name.index("[") :] == order
    assert found.query.limit == limit


def test_growth_from_a_year_the_data_begin_in_is_not_verified(app: App) -> None:
    cut = app.ask("booked revenue growth 2024 vs 2023", principal=app.principal("ana"), today=TODAY)
    assert [reason.code for reason in cut.receipt.reasons] == ["CHK004"]
    whole = app.ask("booked revenue growth 2025 vs 2024", principal=app.principal("ana"), today=TODAY)
    assert whole.receipt.status is AnswerStatus.VERIFIED


def test_who_sees_one_region_is_told_that_it_is_not_all(app: App) -> None:
    hers = app.ask("share of booked revenue by customer region in Q3 2026", principal=app.principal("nora"))
    assert [reason.code for reason in hers.receipt.reasons] == ["CHK005"]
    country = app.ask("share of booked revenue by country in Q3 2026", principal=app.principal("nora"))
    assert any("leave you" in said for said in country.receipt.assumptions)


def test_fields_that_nobody_could_look_at_keep_only_what_they_may_decide(app: App) -> None:
    """The new collector has no `customer_id`, so nora's row filter cannot reach its values."""
    nora = app.principal("nora")
    orders = app.ask("booked revenue in Germany in 2025", principal=nora, today=TODAY)
    assert orders.receipt.status is AnswerStatus.VERIFIED
    events = app.ask("events since 2026 in Germany in Q3 2026", principal=nora, today=TODAY)
    assert events.rows is None
    assert "cannot be looked at" in events.receipt.reasons[0].what


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("orders placed on 31.02.2026", False),
        ("orders placed on 2026-02-30", False),
        ("orders placed on 15.09.2026", True),
    ],
)
def test_a_day_that_there_is_not_is_said_to_be_none(text: str, is_there: bool, app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, text)
    assert isinstance(found, Read) is is_there
    assert is_there or (isinstance(found, NotRead) and "there is no day" in found.what)


def test_one_option_is_named_with_its_number(app: App) -> None:
    answer = app.ask("companies in Germany", principal=app.principal("ana"), today=TODAY)
    assert answer.receipt.reasons[0].mend.startswith(
        "if `companies_on_file where companies.country = DE` is meant, add `--choose 1`"
    )


def test_a_meaning_that_holds_today_only_is_not_kept(app: App, tmp_path: Path) -> None:
    root = tmp_path / "quaywind"
    init_project(root, is_demo=True)
    with open_app(root) as mine:
        asker = mine.principal("ana")
        so_far = mine.ask("orders placed growth this month", principal=asker, today=TODAY, choice=1)
        with pytest.raises(RequestError) as caught:
            mine.remember(so_far.receipt.question, so_far, audience="sales")
        assert caught.value.diagnostics[0].code == "WRD011"
        whole = mine.ask("growth rate of orders placed", principal=asker, today=TODAY, choice=1)
        mine.remember(whole.receipt.question, whole, audience="sales")
    with open_app(root) as mine:
        later = mine.ask(
            "growth rate of orders placed", principal=mine.principal("nora"), today=date(2026, 8, 1)
        ).receipt
    assert later.status is AnswerStatus.UNVERIFIED
    assert later.dates is not None
    assert later.dates.start == date(2026, 4, 1)
    assert later.row_filters


# -- what a planner may not make of it


Parts = dict[str, str]


def planned(app: App, parts: Parts) -> Query:
    span = read_window(parts.get("during", "Q3 2026"), today=TODAY, calendar=app.project.model.calendar)
    assert isinstance(span, Span)
    return Query(
        metrics=tuple(parts["metrics"].split("; ")),
        by=tuple(parse_by(one) for one in parts.get("by", "").split("; ") if one),
        where=tuple(parse_filter(one) for one in parts.get("where", "").split("; ") if one),
        during=span.window(),
    )


GROWTH = "booked revenue growth in Q3 2026 vs Q2 2026"
SHARE = "share of booked revenue by customer region in Q3 2026"
FAITHFUL = [
    (GROWTH, {"metrics": "booked_revenue[% change from 1 quarter ago]"}),
    (GROWTH, {"metrics": "booked_revenue; booked_revenue[change from 1 quarter ago]"}),
    (SHARE, {"metrics": "booked_revenue[share across customers.region]", "by": "customers.region"}),
    ("percentage change in booked revenue from Q2 2026 to Q3 2026",
     {"metrics": "booked_revenue[% change from 1 quarter ago]"}),
]  # fmt: skip
HOSTILE = [
    (GROWTH, {"metrics": "booked_revenue"}),
    (GROWTH, {"metrics": "booked_revenue[% change from 1 year ago]"}),
    (GROWTH, {"metrics": "booked_revenue[% change from 1 month ago]"}),
    (GROWTH, {"metrics": "recognized_revenue[% change from 1 quarter ago]"}),
    (GROWTH, {"metrics": "booked_revenue[% change from 1 quarter ago]", "during": "Q2 2026"}),
    (GROWTH, {"metrics": "booked_revenue[share across customers.region]", "by": "customers.region"}),
    (GROWTH, {"metrics": "booked_revenue[% change from 1 quarter ago]", "where": "customers.region = north"}),
    (GROWTH, {"metrics": "booked_revenue[% change from 1 quarter ago]", "by": "customers.region"}),
    (GROWTH + " in the north", {"metrics": "booked_revenue[% change from 1 quarter ago]"}),
    (GROWTH + " excluding express", {"metrics": "booked_revenue[% change from 1 quarter ago]",
                                     "where": "orders.service = express"}),
    (GROWTH + " of top customers", {"metrics": "booked_revenue[% change from 1 quarter ago]"}),
    ("booked revenue in Q3 2026", {"metrics": "booked_revenue[% change from 1 quarter ago]"}),
    ("booked revenue in Q3 2026", {"metrics": "booked_revenue[1 quarter ago]"}),
    ("percentage change in booked revenue from Q2 2026 to Q3 2026",
     {"metrics": "booked_revenue[change from 1 quarter ago]"}),
    (SHARE, {"metrics": "booked_revenue", "by": "customers.region"}),
    (SHARE, {"metrics": "booked_revenue[share across customers.segment]", "by": "customers.segment"}),
    ("share of express orders placed by customer region in Q3 2026",
     {"metrics": "orders_placed[share across orders.service]", "by": "customers.region",
      "where": "orders.service = express"}),
    ("booked revenue by customer region in Q3 2026",
     {"metrics": "booked_revenue[share across customers.region]", "by": "customers.region"}),
]  # fmt: skip


def is_accounted_for(app: App, lexicon: Lexicon, text: str, parts: Parts) -> bool:
    query = planned(app, parts)
    said = account(text, query, lexicon, today=TODAY, calendar=app.project.model.calendar)
    return not (said.unaccounted or said.unsaid)


@pytest.mark.parametrize(("text", "parts"), FAITHFUL)
def test_a_change_or_share_that_is_said_may_be_planned(text: str, parts: Parts, app: App, lexicon: Lexicon) -> None:
    assert is_accounted_for(app, lexicon, text, parts)


@pytest.mark.parametrize(("text", "parts"), HOSTILE)
def test_one_that_is_not_said_just_so_may_not(text: str, parts: Parts, app: App, lexicon: Lexicon) -> None:
    assert not is_accounted_for(app, lexicon, text, parts)


def test_periods_that_no_column_dates_are_told_as_not_looked_at(tmp_path: Path) -> None:
    root = tmp_path / "quaywind"
    init_project(root, is_demo=True)
    more = "  moved_by_order_day: {is: count(shipments.shipment_id), time: orders.ordered_at, owner: finance}\n"
    with (root / "context" / "metrics-finance.yaml").open("a", encoding="utf-8") as file:
        file.write(more)
    change = "moved_by_order_day[change from 1 year ago]"
    with open_app(root) as mine:
        asked = Written(metrics=(change,), during="2025")
        receipt = mine.ask_written(asked, principal=mine.principal("ana"), today=TODAY).receipt
    assert "whether the data hold both periods of `moved_by_order_day` whole" in receipt.checks_not_run
