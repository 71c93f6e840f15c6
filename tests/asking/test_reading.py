"""What must hold of any text: it is read, asked back or refused; no word is passed over; no value leaks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asking.judged import TODAY, cases
from loadline.app import App
from loadline.errors import RequestError
from loadline.flow.speaking import with_values
from loadline.semantics import parse_by, parse_filter, parse_order, resolve
from loadline.semantics.time import Span, read_window
from loadline.semantics.wording import Clarify, Lexicon, NotRead, Read, Reading, account, read_question
from loadline.semantics.wording.grammar_words import GRAMMAR_WORDS
from loadline.semantics.wording.stems import far, slip_of, stem
from loadline.values.query import Filter, Op, Query

ANSWERABLE = [(line[0], line[2] if len(line) > 2 else None) for _, line in cases() if line[1] != "no"]


@pytest.fixture(scope="session")
def lexicon(app: App) -> Lexicon:
    return with_values(app.world, app.principal("local", audience="sales"))


def read(app: App, lexicon: Lexicon, text: str, audience: str | None = "sales") -> Reading | None:
    """None where the words are clear and the model refuses them."""
    try:
        return read_question(text, lexicon, today=TODAY, calendar=app.project.model.calendar, audience=audience)
    except RequestError:
        return None


def test_no_word_can_be_added_unnoticed(app: App, lexicon: Lexicon) -> None:
    """Zero residue: a word that is nobody's makes any question unreadable, wherever it stands."""
    for number, (question, audience) in enumerate(ANSWERABLE):
        words = question.split(" ")
        words.insert(number % (len(words) + 1), "zebra")
        assert not isinstance(read(app, lexicon, " ".join(words), audience), Read), words


@pytest.mark.parametrize(
    "word", ["not", "except", "gross", "roughly", "new", "first-time", "half", "other", "expected"]
)
def test_a_word_that_changes_the_meaning_is_never_skipped(word: str, app: App, lexicon: Lexicon) -> None:
    for question, audience in ANSWERABLE[::7]:
        whole = read(app, lexicon, question, audience)
        words = question.split(" ")
        for place in (0, len(words) // 2, len(words)):
            changed = read(app, lexicon, " ".join([*words[:place], word, *words[place:]]), audience)
            same = isinstance(whole, Read) and isinstance(changed, Read) and changed.query == whole.query
            assert not same, (word, place, question)


@pytest.mark.parametrize(
    "text",
    ["open tickets", "tickets open in 2026", "cancel orders in 2026", "book revenue 2026", "start subscriptions"],
)
def test_what_is_open_is_not_what_was_opened_and_an_order_is_no_question(text: str, app: App, lexicon: Lexicon) -> None:
    assert not isinstance(read(app, lexicon, text), Read)


@pytest.mark.parametrize(
    "text",
    [
        "top 3 industries by booked revenue per region in 2026",
        "top industry by booked revenue in each region in 2026",
        "which industry had the highest booked revenue by month in 2026",
    ],
)
def test_the_first_of_each_group_are_not_the_first_of_all(text: str, app: App, lexicon: Lexicon) -> None:
    assert not isinstance(read(app, lexicon, text), Read)


def test_a_verb_after_did_is_what_was_done(app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, "How many shipments did arrive in 2026?")
    assert isinstance(found, Read)
    assert found.query.metrics == ("shipments_arrived",)


@settings(max_examples=150)
@given(data=st.data())
def test_any_text_is_read_or_not_and_never_breaks(data: st.DataObject, app: App, lexicon: Lexicon) -> None:
    vocabulary = (
        sorted(lexicon.vocabulary)
        + sorted(GRAMMAR_WORDS)
        + ["2025", "last quarter", "5", "€1,000", "-", "(", '"north"']
    )
    words = data.draw(st.lists(st.one_of(st.sampled_from(vocabulary), st.text(max_size=4)), max_size=9))
    assert isinstance(read(app, lexicon, " ".join(words)), Read | Clarify | NotRead | None)


@settings(max_examples=150)
@given(data=st.data())
def test_what_is_read_accounts_for_every_name_and_value(data: st.DataObject, app: App, lexicon: Lexicon) -> None:
    """A second look, which shares no rule of the grammar: every governed word is in the query."""
    metrics = st.sampled_from(
        ["booked revenue", "orders placed", "cancellation rate", "how many orders", "tickets opened"]
    )
    joint = st.sampled_from(["by", "per", "in", "for", "excluding", "and", "with", "to", "from", ""])
    name = st.sampled_from(["region", "Germany", "express", "north region", "month", "last quarter", "large customers",
                            "urgent", "Hamburg", "service", "status open", "carrier", "disputed invoices"])  # fmt: skip
    parts = [data.draw(metrics)]
    for _ in range(data.draw(st.integers(0, 3))):
        parts += [data.draw(joint), data.draw(name)]
    text = " ".join(filter(None, parts))
    found = read(app, lexicon, text)
    if isinstance(found, Read):
        query = resolve(app.linked, found.query, audience="sales").query
        said = account(text, query, lexicon, today=TODAY, calendar=app.project.model.calendar)
        assert not set(said.unaccounted) - {"many"}, (text, query, said)


def test_the_period_is_always_the_one_that_was_said(app: App, lexicon: Lexicon) -> None:
    for text in (
        "Q3 2026",
        "last quarter",
        "since March 2026",
        "FY2026",
        "week of 3 Aug",
        "the last 7 days",
        "2024-W07",
    ):
        found = read(app, lexicon, f"booked revenue by region in {text}")
        window = read_window(text, today=TODAY, calendar=app.project.model.calendar)
        assert isinstance(found, Read)
        assert isinstance(window, Span)
        assert found.query.during is not None
        assert (found.query.during.start, found.query.during.end) == (window.start, window.end)


def test_a_value_that_the_asker_may_not_see_is_not_known_to_them(app: App) -> None:
    """Nora sees the north: whether there is a south, her words do not tell."""
    nora = with_values(app.world, app.principal("nora"))
    every = with_values(app.world, app.principal("ana"))
    assert nora.values["customers", "region"].values == ("north",)
    assert every.values["customers", "region"].values == ("north", "south", "west")


def test_personal_data_and_keys_are_never_looked_at(app: App) -> None:
    for who in ("ana", "nora", "vera"):
        known = set(with_values(app.world, app.principal(who)).values)
        assert not known & {
            ("executives", "full_name"), ("executives", "email"), ("customers", "contact_email"), ("companies", "name"),
        }  # fmt: skip
        assert ("orders", "service") in known


def test_metrics_that_the_asker_may_not_see_are_not_offered(app: App) -> None:
    lexicon = with_values(app.world, app.principal("vera"))
    found = read(app, lexicon, "orders last month", None)
    assert isinstance(found, Clarify)
    assert lexicon.seen is not None
    assert {name for option in found.options for name in option.query.metrics} <= lexicon.seen


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("regoin", {"region", "reason"}, "region"),
        ("revnue", {"revenue", "region"}, "revenue"),
        ("bookinng", {"booking", "booked"}, "booking"),
        ("county", {"country", "region"}, None),  # a word of its own
        ("planes", {"places", "orders"}, None),
        ("reigon", {"region", "reason"}, None),  # another is not far enough
        ("ordres", {"orders", "order"}, None),  # two forms are as near
        ("cost", {"coast"}, None),
        ("chanel", {"channel", "change"}, None),
    ],
)
def test_a_slip_is_read_only_when_it_can_be_nothing_else(word: str, known: set[str], meant: str | None) -> None:
    found = slip_of(word, known)
    assert found == meant or (meant is None and found is not None and {stem(name) for name in known} == {stem(found)})


@given(st.text("abcdef", max_size=7), st.text("abcdef", max_size=7))
def test_distance_is_a_distance(one: str, other: str) -> None:
    assert far(one, other) == far(other, one)
    assert (far(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= far(one, other) <= max(len(one), len(other))


def test_a_comparison_is_the_same_metric_moved_in_time(app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, "booked revenue in Q3 2026 vs Q3 2025 by region")
    assert isinstance(found, Read)
    assert found.query.metrics == ("booked_revenue", "booked_revenue[1 year ago]")
    answer = app.ask_query(found.query, principal=app.principal("ana"), today=TODAY)
    before = app.ask("booked revenue in Q3 2025 by region", principal=app.principal("ana"), today=TODAY)
    assert answer.rows is not None
    assert before.rows is not None
    assert [row[2] for row in answer.rows] == [row[1] for row in before.rows]


def test_periods_that_are_no_move_of_each_other_are_offered_apart(app: App, lexicon: Lexicon) -> None:
    found = read(app, lexicon, "booked revenue in Q3 2026 vs 2024")
    assert isinstance(found, Clarify)
    starts = [option.query.during.start for option in found.options if option.query.during is not None]
    assert starts == [date(2026, 7, 1), date(2024, 1, 1)]


def test_a_query_that_leaves_a_word_out_is_not_accounted_for(app: App, lexicon: Lexicon) -> None:
    calendar = app.project.model.calendar
    said = account(
        "booked revenue in Germany excluding express", Query(metrics=("booked_revenue",)), lexicon,
        today=TODAY, calendar=calendar,
    )  # fmt: skip
    assert {"Germany", "excluding", "express"} <= set(said.unaccounted)


TURNED = [
    ("regions with booked revenue over 500 EUR", "by=customers.region where=booked_revenue<500"),
    (
        "regions with booked revenue over 500 EUR top 3",
        "by=customers.region where=booked_revenue>3 limit=500 order=-booked_revenue",
    ),
    ("top 5 customer regions by booked revenue", "by=customers.region order=-customers.region limit=5"),
    ("booked revenue in the north excluding the south", "where=customers.region=south where=customers.region!=north"),
    ("booked revenue in the north", "where=customers.region contains north"),
    ("booked revenue in the north", "where=customers.region>north"),
    ("booked revenue by month", "by=orders.promised_on:month"),
    ("booked revenue by month", "by=time:month_of_year"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "made"), TURNED)
def test_a_query_with_the_right_words_put_together_wrongly_is_not_accounted_for(
    text: str, made: str, app: App, lexicon: Lexicon
) -> None:
    query = made_of(made)
    said = account(text, query, lexicon, today=TODAY, calendar=app.project.model.calendar, audience="sales")
    assert said.unsaid, query


def test_a_flag_turned_around_or_a_meaning_of_another_audience_is_not_accounted_for(app: App, lexicon: Lexicon) -> None:
    calendar = app.project.model.calendar
    off = Filter(name="invoices.is_disputed", op=Op.EQ, values=(False,))
    on = replace(off, values=(True,))
    for wanted, is_said in ((off, False), (on, True)):
        query = Query(metrics=("invoiced_amount",), where=(wanted,))
        text = "invoiced amount of disputed invoices"
        assert (not account(text, query, lexicon, today=TODAY, calendar=calendar).unsaid) is is_said
    for audience, is_said in (("finance", True), ("sales", False), (None, False)):
        query = Query(metrics=("recognized_revenue",))
        found = account("revenue", query, lexicon, today=TODAY, calendar=calendar, audience=audience)
        assert (not found.unsaid) is is_said


def made_of(text: str) -> Query:
    parts = [part.partition("=") for part in re.split(r" (?=by=|where=|order=|limit=)", text)]
    said: dict[str, list[str]] = {}
    for key, _, value in parts:
        said.setdefault(key, []).append(value)
    return Query(
        metrics=("booked_revenue",),
        by=tuple(parse_by(one) for one in said.get("by", ())),
        where=tuple(parse_filter(re.sub(r"(!=|[<>=])", r" \1 ", one)) for one in said.get("where", ())),
        order=tuple(parse_order(one) for one in said.get("order", ())),
        limit=int(said["limit"][0]) if "limit" in said else None,
    )
