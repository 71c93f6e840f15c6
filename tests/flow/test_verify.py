"""Texts about the demo company, judged: the committed sets, policy, receipts, and where wrong numbers come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from flow.claim_scores import TODAY, read_set, score
from loadline.app import App, init_project, open_app
from loadline.ledger import Kind
from loadline.values.claim import Contradicted, Doubt, Supported, Unverified, Verification


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("verified") / "company"
    init_project(folder, is_demo=True)
    with open_app(folder) as opened:
        yield opened


def verified(app: App, text: str, *, who: str = "ana", today: date = TODAY) -> Verification:
    return app.verify(text, principal=app.principal(who), today=today)


def words(found: Verification) -> list[str]:
    return [type(one.verdict).__name__ for one in found.judged]


def test_the_development_sentences_are_judged_as_they_are(app: App) -> None:
    found = score(app, read_set("development"))
    assert found.false_supported == 0, found.misses
    assert found.false_contradicted == 0, found.misses
    assert found.accuracy >= 0.97, found.misses
    assert found.claims >= 170


def test_the_held_out_sentences_are_never_judged_wrongly_right(app: App) -> None:
    """Nobody tunes the grammar on these: only what must never happen is asserted, and that most are judged."""
    found = score(app, read_set("held_out"))
    assert found.false_supported == 0
    assert found.false_contradicted <= 0.02 * found.claims
    assert found.accuracy >= 0.85


@pytest.mark.parametrize("name", ["fresh_first", "fresh_second", "fresh_third"])
def test_sentences_written_before_anybody_saw_them_judged_are_never_judged_wrongly(app: App, name: str) -> None:
    found = score(app, read_set(name))
    assert found.false_supported == 0, found.misses
    assert found.false_contradicted == 0, found.misses
    assert found.coverage >= 0.9, found.misses


def test_a_sentence_stands_in_one_set_only() -> None:
    names = ("development", "held_out", "fresh_first", "fresh_second", "fresh_third")
    texts = [(row["text"], row["audience"]) for name in names for row in read_set(name)]
    assert len(texts) == len(set(texts)) >= 600


def test_a_series_says_where_it_turned(app: App) -> None:
    found = verified(app, "Orders placed rose every month from January to June 2026.")
    (judged,) = found.judged
    assert isinstance(judged.verdict, Contradicted)
    assert judged.verdict.value == -8
    assert judged.verdict.reading.said.endswith("2026-01 to 2026-06 (to 2026-02)")


def test_what_a_definition_leaves_out_is_said_to_be_left_out(app: App) -> None:
    (judged,) = verified(app, "Booked revenue was EUR 12k for status cancelled in Q3 2026.").judged
    assert isinstance(judged.verdict, Unverified)
    assert judged.verdict.doubt is Doubt.NO_DATA
    assert "by its own definition (orders.status <> 'cancelled')" in judged.verdict.because


def test_a_wrong_number_is_told_where_it_comes_from(app: App) -> None:
    found = verified(app, "Booked revenue in the north was EUR 1,680,151 in Q3 2026.")
    verdict = found.judged[0].verdict
    assert isinstance(verdict, Contradicted)
    assert f"{verdict.value:.2f}" == "1836843.73"
    assert [(near.kind, near.said) for near in verdict.nearest][:1] == [("slice", "customers.region = south")]


def test_a_number_of_another_period_or_definition_is_recognized(app: App) -> None:
    period, definition = (
        one.verdict
        for one in verified(
            app, "Booked revenue in Q3 2026 was EUR 3,293,428. Booked revenue in Q3 2026 was EUR 4,483,146."
        ).judged
    )
    assert isinstance(period, Contradicted)
    assert isinstance(definition, Contradicted)
    assert (period.nearest[0].kind, period.nearest[0].said) == ("period", "2026-Q2")
    assert (definition.nearest[0].kind, definition.nearest[0].said) == ("definition", "recognized_revenue")


def test_many_numbers_of_one_other_slice_are_one_mistake(app: App) -> None:
    found = verified(app, "In the north, booked revenue was EUR 1,680,151 and orders placed came to 2,878 in Q3 2026.")
    assert [(one.claims, one.said) for one in found.cohorts] == [((0, 1), "customers.region = south")]


def test_what_somebody_may_not_see_is_neither_right_nor_wrong(app: App) -> None:
    """Nora sees the north alone: a number of the whole company is hidden from her, right or wrong."""
    text = "Booked revenue was {} in Q3 2026."
    for number in ("EUR 3,516,995", "EUR 1,836,844"):
        (judged,) = verified(app, text.format(number), who="nora").judged
        assert isinstance(judged.verdict, Unverified)
        assert judged.verdict.doubt is Doubt.NOT_PERMITTED
    (own,) = verified(app, "Booked revenue in the north was EUR 1,836,844 in Q3 2026.", who="nora").judged
    assert isinstance(own.verdict, Supported)
    (margin,) = verified(app, "Freight margin was 32.0% in Q3 2026.", who="nora").judged
    assert isinstance(margin.verdict, Unverified)
    assert margin.verdict.doubt is Doubt.NOT_PERMITTED


def test_a_text_is_recorded_before_anything_is_read_and_has_one_receipt(app: App) -> None:
    text = "Booked revenue was EUR 3.5m in Q3 2026, and orders placed were 6,027."
    found = verified(app, text)
    receipt = found.receipt
    assert receipt is not None
    entries = list(app.world.store.read_entries())
    of_text = [entry for entry in entries if receipt.run in entry.keys]
    assert [entry.kind for entry in of_text] == [Kind.INTENT, Kind.OUTCOME]
    between = entries[of_text[0].index + 1 : of_text[1].index]
    assert {entry.kind for entry in between} == {Kind.INTENT, Kind.OUTCOME}
    assert app.receipt(receipt.id)["status"] == "verified"
    again = verified(app, text).receipt
    assert again is not None
    assert again.id == receipt.id
    assert all(text not in str(entry.payload) for entry in entries)


def test_cells_that_share_a_breakdown_share_a_query(app: App) -> None:
    text = (
        "In Q3 2026 the north booked revenue of EUR 1.84m and the south booked revenue of EUR 1.68m. "
        "Orders placed in the north were 3,149 in Q3 2026 and 3,190 in Q2 2026."
    )
    found = verified(app, text)
    assert words(found) == ["Supported"] * 4
    assert found.queries == 1


def test_a_table_is_read_by_its_header_and_its_labels(app: App) -> None:
    text = (
        "# Q3 2026\n\n| Region | Booked revenue (EUR k) | Orders placed | Share |\n|---|---|---|---|\n"
        "| North | 1,837 | 3,149 | 52.2% |\n| South | 1,680 | 2,878 | 44.0% |\n| Atlantis | 12 | 1 | 0.1% |\n"
        "| **Total** | 3,517 | 6,027 | |\n"
    )
    found = verified(app, text)
    said = {text[one.claim.start : one.claim.end]: type(one.verdict).__name__ for one in found.judged}
    assert said["1,837"] == said["3,149"] == said["2,878"] == said["3,517"] == said["6,027"] == "Supported"
    assert said["12"] == "Unverified"


def test_a_sentence_beside_a_number_in_json_is_no_label(app: App) -> None:
    text = '{"booked_revenue_q3_2026": 3516995.08, "note": "Orders placed came to 6,000 in Q3 2026."}'
    assert words(verified(app, text)) == ["Supported", "Contradicted"]


def test_csv_and_json_are_tables_too(app: App) -> None:
    csv = "region,period,orders_placed\nnorth,2026-Q3,3149\nsouth,2026-Q3,3149\n"
    assert words(verified(app, csv)) == ["Supported", "Contradicted"]
    as_json = '{"title": "Q3", "rows": [{"region": "north", "period": "2026-Q3", "orders_placed": 3149}]}'
    (judged,) = verified(app, as_json).judged
    assert as_json[judged.claim.start : judged.claim.end] == "3149"
    assert isinstance(judged.verdict, Supported)


def test_the_unit_above_a_table_is_that_of_its_money(app: App) -> None:
    rows = "| Region | Q2 2026 | Q3 2026 | Change |\n|---|---|---|---|\n| North | 1.70 | 1.84 | +8.1% |\n"
    assert words(verified(app, f"## Booked revenue (EUR m)\n\n{rows}")) == ["Supported"] * 3
    counts = "| KPI | Q3 2026 |\n|---|---|\n| Orders placed | 6,027 |\n| Cancellation rate | 5.2% |\n"
    assert words(verified(app, f"All money in EUR million.\n\n{counts}")) == ["Supported"] * 2
    spoken = "Booked revenue reached EUR 3.5 million.\n\n| Region | Booked revenue Q3 2026 |\n|---|---|\n"
    assert words(verified(app, spoken + "| North | 1,836,844 |\n"))[-1] == "Supported"


BRIEF = """# Sales update: Q3 2026

Booked revenue came in at €3.52 million, a 26.8% increase over the same period last year and 6.8% above Q2. Growth was
strongest in the south, where bookings climbed 33.9% to €1.68 million. The north remains our largest region with €1.84
million (52.2% of total).

- **Orders placed:** 6,027 (+18.3% YoY)
- **Cancellation rate:** 5.16%, down 0.25 pp from Q2
- Ordering customers: 1,927 vs. 1,674 in Q3 2025

By country, Italy led with €498k, followed by Germany (€455k) and Spain (€409k). Germany and Italy together accounted
for 27.1% of booked revenue. Express orders made up 22.4% of all orders but 32.4% of booked revenue.

We expect bookings of around €3.9m in Q4.
"""


def test_a_brief_as_people_write_it_is_judged_in_its_context(app: App) -> None:
    found = verified(app, BRIEF)
    said = [(BRIEF[one.claim.start : one.claim.end], type(one.verdict).__name__) for one in found.judged]
    wrong = [text for text, verdict in said if verdict == "Contradicted"]
    unjudged = [text for text, verdict in said if verdict == "Unverified"]
    assert wrong == []
    assert unjudged == ["strongest", "€3.9m"]
    assert len(said) >= 22


@pytest.mark.parametrize(
    "text",
    [
        "Monthly booked revenue was EUR 3.52m in Q3 2026.",
        "Booked revenue per employee was EUR 3.52m in Q3 2026.",
        "Average booked revenue was EUR 3.52m in Q3 2026.",
        "Booked revenue from new customers was EUR 3.52m in Q3 2026.",
        "Booked revenue was not EUR 3.52m in Q3 2026.",
        "Booked revenue by the end of Q3 2026 was EUR 3.52m.",
        "If all goes well, booked revenue was EUR 3.52m in Q3 2026.",
        "Gross booked revenue was EUR 3.52m in Q3 2026.",
        "Booked revenue was USD 3.52m in Q3 2026.",
        "Booked revenue in Utopia was EUR 3.52m in Q3 2026.",
        "The sum of all fears was EUR 3.52m in Q3 2026.",
        "Booked revenue was EUR 3.52m too low in Q3 2026.",
        "Booked revenue lost in Q3 2026: EUR 3.52m.",
        "Booked revenue in Q3 2026: EUR 3.52m lost.",
        "Booked revenue saw a EUR 3.52m rise in Q3 2026.",
        "A EUR 3.52m drop in booked revenue was seen in Q3 2026.",
        "Booked revenue was EUR 3.52m up in Q3 2026.",
        "The gap in booked revenue was EUR 3.52m in Q3 2026.",
    ],
)
def test_a_right_number_of_something_else_is_not_supported(app: App, text: str) -> None:
    """The number occurs in the data; what the words mean does not."""
    (judged,) = verified(app, text).judged
    assert isinstance(judged.verdict, Unverified)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The cancellation rate climbed to 5.2% in Q3 2026 from 5.4% in Q2 2026.",
            {"climbed": "Contradicted", "5.2%": "Supported", "5.4%": "Supported"},
        ),
        (
            "The cancellation rate eased to 5.2% in Q3 2026 from 5.4% in Q2 2026.",
            {"eased": "Supported", "5.2%": "Supported", "5.4%": "Supported"},
        ),
        ("Orders placed in September 2026 fell to 2,289.", {"fell": "Unverified", "2,289": "Supported"}),
        (
            "Booked revenue peaked in July 2026 at EUR 1.12 million.",
            {"peaked": "Unverified", "EUR 1.12 million": "Supported"},
        ),
        ("Like-for-like booked revenue was EUR 3.52 million in Q3 2026.", {"EUR 3.52 million": "Unverified"}),
        ("Booked revenue in Q3 2026: 3.52 million orders.", {"3.52 million": "Unverified"}),
        (
            "Only 1,093 of 2,289 orders in September 2026 came from the south.",
            {"1,093": "Supported", "2,289": "Supported"},
        ),
        (
            "Only 1,196 of 2,289 orders in September 2026 came from the south.",
            {"1,196": "Contradicted", "2,289": "Supported"},
        ),
        ("Of Q3 2026 booked revenue, 52.2% came from the north.", {"52.2%": "Supported"}),
        # a bound on how far it went holds one way only
        ("Booked revenue fell by less than 10% in Q3 2026 against Q3 2025.", {"10%": "Contradicted"}),
        ("Booked revenue fell by up to EUR 1m in Q3 2026 compared with Q3 2025.", {"EUR 1m": "Contradicted"}),
        ("Booked revenue rose by less than 30% in Q3 2026 against Q3 2025.", {"30%": "Supported"}),
        (
            "Booked revenue in the north was less than EUR 1m below that of the south in Q3 2026.",
            {"EUR 1m": "Contradicted"},
        ),
        # a mark on the scale is a level
        ("Booked revenue fell short of EUR 3,400,000 in Q3 2026.", {"EUR 3,400,000": "Contradicted"}),
        ("Booked revenue fell short of EUR 3.6m in Q3 2026.", {"EUR 3.6m": "Supported"}),
        (
            "Booked revenue rose above EUR 3.4m in Q3 2026 year on year.",
            {"rose": "Supported", "EUR 3.4m": "Supported"},
        ),
        # how far two are apart, and from when
        (
            "The gap between booked revenue in the north and in the south was EUR 156,692 in Q3 2026.",
            {"EUR 156,692": "Supported"},
        ),
        (
            "The gap between booked revenue in the north and in the south was EUR 3.52m in Q3 2026.",
            {"EUR 3.52m": "Contradicted"},
        ),
        ("In Q3 2026 booked revenue was EUR 744,183.28 up on Q3 2025.", {"EUR 744,183.28": "Supported"}),
        (
            "In Q3 2026 orders came in. Booked revenue was EUR 744,183 higher in Q3 2026.",
            {"EUR 744,183": "Supported"},
        ),
        ("Of Q3 2026 booked revenue, 52.2% came from the south.", {"52.2%": "Contradicted"}),
        (
            "The cancellation rate in the south was almost twice that of the north in Q3 2026.",
            {"twice": "Unverified"},
        ),
    ],
)
def test_what_words_say_of_a_number_is_judged_beside_it(app: App, text: str, expected: dict[str, str]) -> None:
    found = verified(app, text)
    assert {one.claim.text: type(one.verdict).__name__ for one in found.judged} == expected


@pytest.mark.parametrize(
    "text",
    [
        "Booked revenue from key accounts was EUR 3.52m in Q3 2026.",
        "Orders placed by key accounts were 6,027 in Q3 2026.",
        "Both regions had booked revenue above EUR 3m in Q3 2026.",
        "Other regions had booked revenue of EUR 3.52m in Q3 2026.",
        "Several industries had booked revenue of EUR 3.52m in Q3 2026.",
        "Half the customers had booked revenue of EUR 3.52m in Q3 2026.",
        "One customer had booked revenue of EUR 3.52m in Q3 2026.",
        "Two regions had booked revenue above EUR 3m in Q3 2026.",
        "The largest region had booked revenue of EUR 3.52m in Q3 2026.",
        "Booked revenue was EUR 3.52m a week in Q3 2026.",
        "Booked revenue was between EUR 3.52m and EUR 9m in Q3 2026.",
        "The gap in booked revenue was EUR 3.52m in Q3 2026.",
        "Lost booked revenue was EUR 3.52m in Q3 2026.",
        "Booked revenue from people over thirty was EUR 3.52m in Q3 2026.",
        "Booked revenue up to 15 September was EUR 3.52m in Q3 2026.",
        "Booked revenue in Q3 2026 was -EUR 3.52m.",
        "Booked revenue in Q3 2026 was EUR (3.52m).",
        "| region | booked revenue Q3 2026 |\n|---|---|\n| Other | 3,516,995 |\n",
    ],
)
def test_the_number_of_the_whole_is_no_support_for_a_part_a_range_or_a_difference(app: App, text: str) -> None:
    found = verified(app, text)
    assert found.judged
    assert "Supported" not in words(found)
    assert "Contradicted" not in words(found)


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Booked revenue in Q3 2026 was EUR 3.52m (north: EUR 1.84m, south: EUR 1.68m).", ["Supported"] * 3),
        ("Booked revenue was EUR 0.22m higher in Q3 2026.", ["Supported"]),
        ("Booked revenue across all regions was EUR 3.52m in Q3 2026.", ["Supported"]),
        ("Booked revenue was EUR 3.52m, over EUR 3.5m, in Q3 2026.", ["Supported"] * 2),
        ("Booked revenue rose in Q3 2026.", ["Supported"]),
        ("Booked revenue fell in Q3 2026.", ["Unverified"]),
        ("Orders placed came to 6,027 in Q3 2026, a record in three years.", ["Supported", "Unverified"]),
        ("Q3 2026 was the best quarter for booked revenue.", ["Unverified"]),
        ("The largest region had booked revenue of EUR 1.84m in Q3 2026.", ["Unverified", "Unverified"]),
    ],
)
def test_what_is_said_in_another_order_is_not_called_wrong(app: App, text: str, judged: list[str]) -> None:
    assert words(verified(app, text)) == judged


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("All of the 923 tickets opened in Q3 2026 came from the south.", ["Contradicted"]),
        ("All of the 361 tickets opened in Q3 2026 came from the south.", ["Supported"]),
        ("Nearly all of the 923 tickets opened in Q3 2026 came from the south.", ["Unverified"]),
    ],
)
def test_all_of_a_number_is_the_part_it_is_said_of(app: App, text: str, judged: list[str]) -> None:
    assert words(verified(app, text)) == judged


def test_a_number_that_is_right_of_the_whole_is_not_right_of_a_part_a_moment_or_another_count(app: App) -> None:
    """Each sentence prints the whole's own number beside words that make it something else, or nearly so."""
    found = score(app, read_set("qualified"))
    assert found.claims >= 150
    assert found.false_supported == 0, found.misses
    assert found.false_contradicted == 0, found.misses
    assert found.accuracy >= 0.97, found.misses


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("In the north, express made up 13.1% of orders placed in Q3 2026.", "Supported"),
        ("In the north, express made up 18.1% of orders placed in Q3 2026.", "Contradicted"),
        ("In the north, express made up 6.8% of orders placed in Q3 2026.", "Unverified"),  # of all
        ("Express made up 13.1% of orders placed in the north in Q3 2026.", "Supported"),
        ("Express made up 6.8% of orders placed in the north in Q3 2026.", "Unverified"),
        ("Express accounted for 13.1% of the north's orders placed in Q3 2026.", "Supported"),
        ("The north accounted for 30.4% of express orders placed in Q3 2026.", "Supported"),
        ("The north accounted for 40.4% of express orders placed in Q3 2026.", "Contradicted"),
        ("13.1% of orders placed in the north were express in Q3 2026.", "Unverified"),  # or 30.4 % of express were
        ("6.8% of orders placed in the north were express in Q3 2026.", "Unverified"),
        ("30.4% of orders placed were express in the north in Q3 2026.", "Unverified"),
        ("Express orders in the north accounted for 13.1% of orders placed in Q3 2026.", "Unverified"),
    ],
)
def test_a_share_with_two_slices_is_of_what_its_words_say(app: App, text: str, judged: str) -> None:
    assert words(verified(app, text)) == [judged]


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ("Booked revenue grew 424.8% in 2024.", "Unverified"),  # the data begin in November 2023
        ("Booked revenue rose in 2024.", "Unverified"),
        ("Booked revenue rose 425% from 2023 to 2024.", "Unverified"),
        ("Booked revenue was EUR 1.83m in 2023.", "Supported"),
        ("Booked revenue grew 15.9% in 2025.", "Supported"),
        ("Booked revenue fell 1.7% in 2026.", "Unverified"),
    ],
)
def test_nothing_changed_from_a_period_that_the_data_do_not_hold_whole(app: App, text: str, judged: str) -> None:
    (found,) = verified(app, text).judged
    assert type(found.verdict).__name__ == judged
    assert not isinstance(found.verdict, Unverified) or "do not hold" in found.verdict.because
