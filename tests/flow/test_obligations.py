"""What a permit narrows is narrowed in the SQL itself: masks, bounds, holds and conditions, over a real warehouse."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loadline.app import App
from loadline.errors import RequestError
from loadline.policy import codes
from loadline.semantics import compile_sql, resolve
from loadline.semantics.dialects import DIALECTS
from loadline.values.decision import ColumnMask
from loadline.values.query import By, Filter, Op, Query
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Written
from loadline.values.rule import MaskKind

from .rights_shop import open_shop

ALL = "- {name: all, permit: ask, who: {roles: [analyst]}%s}"


def shop(root: Path, *rules: str) -> App:
    def policies(files: dict[str, str]) -> None:
        files["policies/access.yaml"] = "rules:\n" + "".join(f"  {rule}\n" for rule in rules)

    return open_shop(root, more=policies)


def masked(root: Path, mask: str, column: str = "customers.email") -> App:
    return shop(root, ALL % f", masks: {{{column}: {mask}}}")


def ask(app: App, *metrics: str, by: tuple[str, ...] = (), **more: Any) -> Answer:
    return app.ask_written(Written(metrics=metrics, by=by, **more), principal=app.principal("ana"))


def rows(answer: Answer) -> list[tuple[object, ...]]:
    assert answer.rows is not None, answer.receipt.reasons
    return [tuple(row) for row in answer.rows]


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        ("nothing", [(None, 150)]),
        ("constant", [("***", 150)]),
        ("last4", [("***mple", 150)]),
    ],
)
def test_a_masked_column_is_shown_and_grouped_by_as_its_mask_shows_it(
    tmp_path: Path, mask: str, shown: list[tuple[object, ...]]
) -> None:
    with masked(tmp_path, mask) as app:
        answer = ask(app, "revenue", by=("customers.email",))
        assert [(row[0], int(str(row[1]))) for row in rows(answer)] == shown
        assert answer.receipt.masks[0].startswith("customers.email: ")
        assert "@" not in str(rows(answer))


def test_a_hash_keeps_people_apart_and_tells_no_name(tmp_path: Path) -> None:
    with masked(tmp_path, "hash") as app:
        found = rows(ask(app, "revenue", by=("customers.email",)))
        assert sorted(int(str(row[1])) for row in found) == [30, 40, 80]
        assert all(len(str(row[0])) == 16 and "@" not in str(row[0]) for row in found)


def test_a_bucket_shows_where_a_number_lies_and_text_has_none(tmp_path: Path) -> None:
    with masked(tmp_path / "a", "bucket 20", "customers.age") as app:
        found = rows(ask(app, "revenue", by=("customers.age",)))
        assert sorted((int(float(str(row[0]))), int(str(row[1]))) for row in found) == [(20, 30), (40, 120)]
    with masked(tmp_path / "b", "bucket 20") as app:
        assert ask(app, "revenue", by=("customers.email",)).receipt.reasons[0].code == codes.MASK_CANNOT_APPLY


def test_rows_and_listed_values_are_masked_too(tmp_path: Path) -> None:
    with masked(tmp_path, "constant") as app:
        assert rows(ask(app, by=("customers.email",))) == [("***",)]
        detail = rows(ask(app, by=("customers.region", "customers.email"), is_detail=True))
        assert {row[1] for row in detail} == {"***"}


def test_the_compiler_itself_refuses_a_masked_column_in_a_filter(tmp_path: Path) -> None:
    """POL009 is what it says; the river makes a Forbid of it."""
    with shop(tmp_path, ALL % "") as app:
        query = Query(metrics=("revenue",), where=(Filter(name="customers.email", op=Op.IS_NULL),))
        mask = ColumnMask(column="customers.email", kind=MaskKind.HASH, rules=("r",))
        plan = resolve(app.linked, query, audience=None)
        with pytest.raises(RequestError) as refused:
            compile_sql(app.linked, plan, masks=(mask,))
        assert [said.code for said in refused.value.diagnostics] == ["POL009"]


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("kind", sorted(set(MaskKind) - {MaskKind.BUCKET}))
def test_every_dialect_masks(tmp_path: Path, dialect: str, kind: MaskKind) -> None:
    with shop(tmp_path, ALL % "") as app:
        plan = resolve(app.linked, Query(metrics=("revenue",), by=(By(name="customers.email"),)), audience=None)
        mask = ColumnMask(column="customers.email", kind=kind, rules=("r",))
        statement = compile_sql(app.linked, plan, masks=(mask,), dialect=dialect)
        assert statement.masks
        assert statement.sql != compile_sql(app.linked, plan, dialect=dialect).sql


@pytest.mark.parametrize(
    "more",
    [
        {"where": ("customers.email=ada@x.example",)},
        {"where": ("customers.email contains ada",)},
        {"conditions": ("customers.email = 'ada@x.example' or customers.region = 'north'",)},
        {"conditions": ("length(customers.email) > 3",)},
    ],
)
def test_no_filter_or_condition_asks_a_masked_column(tmp_path: Path, more: dict[str, Any]) -> None:
    with masked(tmp_path, "hash") as app:
        answer = ask(app, "revenue", **more)
        assert answer.receipt.status is AnswerStatus.REFUSED
        assert answer.receipt.reasons[0].code == codes.MASK_CANNOT_APPLY


def test_no_number_is_made_of_a_masked_column_and_others_are(tmp_path: Path) -> None:
    with masked(tmp_path, "bucket 20", "customers.age") as app:
        assert ask(app, "average_age").receipt.reasons[0].code == codes.MASK_CANNOT_APPLY
        assert rows(ask(app, "customer_count"))


def test_whoever_a_permit_shows_the_column_to_sees_it(tmp_path: Path) -> None:
    with shop(tmp_path, ALL % ", masks: {customers.email: hash}", "- {name: open, permit: ask}") as app:
        assert "@" in str(rows(ask(app, "revenue", by=("customers.email",))))


def test_an_answer_with_more_rows_than_a_rule_shows_is_not_shown(tmp_path: Path) -> None:
    with shop(tmp_path, ALL % ", limits: {rows: 2}") as app:
        answer = ask(app, "revenue", by=("customers.email",))
        assert answer.receipt.status is AnswerStatus.REFUSED
        assert answer.receipt.reasons[0].code == codes.OVER_ROWS
        assert answer.rows is None
        assert len(rows(ask(app, "revenue", by=("customers.email",), limit=2))) == 2
        assert len(rows(ask(app, "revenue", by=("customers.region",)))) == 2


def test_a_question_that_is_held_is_not_answered_and_says_who_may_lift_it(tmp_path: Path) -> None:
    hold = "- {name: wait, hold: ask, on: {metrics: [revenue]}, approval: {role: analyst, count: 2}}"
    with shop(tmp_path, ALL % "", hold) as app:
        answer = ask(app, "revenue")
        assert answer.rows is None
        (reason,) = answer.receipt.reasons
        assert reason.code == codes.HELD
        assert "2 with the role `analyst`" in reason.mend
        assert rows(ask(app, "customer_count"))


def test_what_the_clock_says_is_a_fact(tmp_path: Path) -> None:
    """The shop's clock stands at 9 on a Wednesday in UTC."""
    for number, (when, is_open) in enumerate(
        [("hour >= 9", True), ("hour < 9", False), ("weekday = 'wednesday'", True), ("date > 2026-11-25", False),
         ("time between 08:59 and 09:01", True), ("is_detail", False)]
    ):  # fmt: skip
        with shop(tmp_path / str(number), ALL % f', when: "{when}"') as app:
            assert (ask(app, "revenue").rows is not None) is is_open, when


def test_a_condition_that_cannot_be_judged_forbids(tmp_path: Path) -> None:
    with shop(tmp_path, ALL % "", "- {name: odd, forbid: ask, when: purpose = 'Marketing'}") as app:
        answer = ask(app, "revenue")
        assert answer.receipt.reasons[0].code == codes.FAILED
        assert "`purpose` is not known" in answer.receipt.reasons[0].what
        stated = app.ask_written(
            Written(metrics=("revenue",)), principal=app.principal("ana", purpose="ServiceProvision")
        )
        assert stated.rows is not None


def test_the_clock_of_the_shop_is_what_these_tests_say(tmp_path: Path) -> None:
    with shop(tmp_path, ALL % "") as app:
        now: datetime = app.world.clock().astimezone(ZoneInfo("UTC"))
        assert (now.hour, now.weekday()) == (9, 2)
