"""Windows are looked at once and kept; alarms are found, named, sent once; a person may take a new baseline."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from loadline.app import App
from loadline.checks.drift import Action
from loadline.errors import OutsideError, RequestError
from loadline.flow import watch as watching
from loadline.flow.signing import signed_bytes
from loadline.flow.watch import Came
from loadline.flow.watched import read_history
from loadline.ledger import Entry, Kind
from loadline.values.rule import Principal
from watching.conftest import Shop

ANA = Principal(name="ana")


def drift_entries(app: App) -> list[Entry]:
    return [entry for entry in app.world.store.read_entries() if entry.kind is Kind.DRIFT]


def windows_of(app: App) -> list[str]:
    return [str(entry.payload["window"]) for entry in drift_entries(app) if entry.payload["what"] == "window"]


def events(shop: Shop) -> list[dict[str, Any]]:
    path = shop.root / "alarms" / "drift.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_a_window_is_looked_at_once_however_often_the_watch_runs(shop: Shop) -> None:
    shop.fill(25)
    app = shop.app()
    assert [turn.windows for turn in app.watch().turns] == [25]
    assert [turn.windows for turn in app.watch().turns] == [0]
    shop.fill(27)
    assert [turn.windows for turn in shop.app().watch().turns] == [2]
    counts = Counter(windows_of(app))
    assert len(counts) == 27
    assert set(counts.values()) == {1}


def test_a_window_that_has_not_ended_is_left_alone(shop: Shop) -> None:
    shop.fill(26)
    shop.now -= timedelta(hours=1)
    assert [turn.windows for turn in shop.app().watch().turns] == [25]


def test_a_window_settles_before_it_is_looked_at(shop: Shop) -> None:
    manifest = shop.root / "loadline.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("every: day,", "every: day, settle_hours: 30,"), "utf-8")
    shop.fill(26)
    assert [turn.windows for turn in shop.app().watch().turns] == [24]


def test_too_few_windows_are_waited_for_and_nothing_is_recorded(shop: Shop) -> None:
    shop.fill(7)
    app = shop.app()
    (turn,) = app.watch().turns
    assert turn.came is Came.WAITING
    assert "7 windows so far, 8 are needed" in turn.why
    assert drift_entries(app) == []


def test_a_shift_is_found_blamed_recorded_and_sent_once_signed(shop: Shop) -> None:
    shop.fill(30)
    shop.app().watch()
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    app = shop.app()
    run = app.watch()
    (alarm,) = run.alarms
    assert alarm.action is Action.RECORD
    assert "`amount`: values above" in alarm.finding.what
    assert {column for _, column in alarm.newest.moved} == {"amount"}
    (event,) = events(shop)
    assert event["id"] == alarm.id
    assert event["specversion"] == "1.0"
    assert event["data"]["columns"] == ["amount"]
    assert event["data"]["owner"] == "sales-ops"
    signature = base64.b64decode(event["loadlinesignature"])
    assert app._verifier().verify(signed_bytes(event), signature)
    assert not app._verifier().verify(signed_bytes(event | {"subject": "other"}), signature)
    recorded = app.world.store.read_entry(event["data"]["ledger_index"])
    assert recorded.payload["is_alarm"] is True
    app.watch()
    shop.fill(38, amount=lambda day: 1.5 if day >= 30 else 1)
    assert shop.app().watch().alarms
    assert len(events(shop)) == 1


def test_what_could_not_be_sent_is_sent_by_the_next_run_under_the_same_id(shop: Shop) -> None:
    blocked = shop.root / "alarms"
    blocked.write_text("in the way", "utf-8")
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    run = shop.app().watch()
    assert run.has_failed
    assert [one.code for one in run.unsent] == ["DRF010"]
    blocked.unlink()
    again = shop.app().watch()
    assert not again.has_failed
    assert [event["id"] for event in events(shop)] == [run.alarms[0].id]


def test_an_alarm_soon_after_another_is_not_sent_and_a_later_one_is(shop: Shop) -> None:
    def moved(day: int) -> float:
        return 3.0 if 30 <= day < 33 or day >= 47 else 1.0

    shop.fill(33, amount=moved)
    shop.app().watch()
    assert len(events(shop)) == 1
    shop.fill(52, amount=moved)
    run = shop.app().watch()
    assert [alarm.first.window.name[:10] > "2026-04-15" for alarm in run.alarms] == [True]
    assert len({event["id"] for event in events(shop)}) == 2


def test_alarms_that_have_passed_before_anybody_looked_are_kept_and_not_sent(shop: Shop) -> None:
    shop.fill(60, amount=lambda day: 3.0 if 30 <= day < 33 else 1.0)
    app = shop.app()
    run = app.watch()
    assert run.alarms == ()
    assert any(entry.payload.get("is_alarm") for entry in drift_entries(app))
    assert events(shop) == []


@pytest.mark.parametrize(
    ("amount", "right", "action"),
    [(1.5, 0.95, Action.RECORD), (1.5, 0.6, Action.RETRAIN), (1.0, 0.6, Action.INVESTIGATE)],
)
def test_what_moved_decides_what_is_to_be_done(shop: Shop, amount: float, right: float, action: Action) -> None:
    shop.fill(38, amount=lambda day: amount if day >= 30 else 1, right=lambda day: right if day >= 30 else 0.95)
    run = shop.app().watch()
    assert [alarm.action for alarm in run.alarms] == [action]
    assert events(shop)[0]["data"]["action"] == action.value


def test_quality_that_rises_is_no_reason_to_retrain(shop: Shop) -> None:
    shop.fill(38, right=lambda day: 1.0 if day >= 30 else 0.8)
    assert [alarm.action for alarm in shop.app().watch().alarms] == [Action.RECORD]


def test_values_of_a_protected_class_stay_out_of_the_ledger(shop: Shop) -> None:
    shop.fill(25)
    app = shop.app()
    app.watch()
    assert "example.com" not in json.dumps([entry.payload for entry in drift_entries(app)])
    baseline = drift_entries(app)[0].payload
    assert {one["column"]: one["kind"] for one in baseline["bins"]} == {
        "amount": "number", "mail": "nulls", "is_right": "quality",
    }  # fmt: skip


def test_a_warehouse_that_fails_is_left_alone_for_longer_each_time_and_then_looked_at(shop: Shop) -> None:
    shop.fill(25)
    data = shop.root / "data" / "orders.csv"
    kept = data.read_text("utf-8")
    data.unlink()
    waits = []
    for _ in range(3):
        (turn,) = shop.app().watch().turns
        assert turn.came is Came.FAILED
        assert turn.history.failure is not None
        waits.append((turn.history.failure.retry_at - shop.now).total_seconds())
        shop.now += timedelta(seconds=waits[-1] - 1)
        (early,) = shop.app().watch().turns
        assert early.came is Came.BACKING_OFF
        shop.now += timedelta(seconds=1)
    assert waits == [60, 120, 240]
    data.write_text(kept, "utf-8")
    app = shop.app()
    (turn,) = app.watch().turns
    assert (turn.came, turn.windows) == (Came.LOOKED, 25)
    assert read_history(app.world.store, "orders").failure is None


def test_somebody_who_asks_is_not_made_to_wait(shop: Shop) -> None:
    shop.fill(25)
    data = shop.root / "data" / "orders.csv"
    kept = data.read_text("utf-8")
    data.unlink()
    shop.app().watch()
    data.write_text(kept, "utf-8")
    (turn,) = shop.app().watch(is_forced=True).turns
    assert turn.came is Came.LOOKED


def test_a_column_that_is_gone_stops_nothing_else(shop: Shop) -> None:
    shop.fill(25)
    shop.app().watch()
    shop.fill(27)
    data = shop.root / "data" / "orders.csv"
    data.write_text(data.read_text("utf-8").replace(",mail,", ",email,", 1), "utf-8")
    (turn,) = shop.app().watch().turns
    assert (turn.came, turn.windows) == (Came.LOOKED, 2)


def test_a_person_takes_a_new_baseline_from_where_the_change_began(shop: Shop) -> None:
    shop.fill(40, amount=lambda day: 1.5 if day >= 30 else 1)
    app = shop.app()
    assert app.watch().alarms
    said = app.accept_drift("orders", principal=ANA, because="prices went up")
    assert str(said["since"])[:10] in {"2026-03-31", "2026-04-01"}
    entry = app.world.store.read_entry(int(str(said["ledger_index"])))
    assert (entry.payload["by"], entry.payload["because"]) == ("ana", "prices went up")
    shop.fill(60, amount=lambda day: 1.5 if day >= 30 else 1)
    later = shop.app()
    assert later.watch().alarms == ()
    ((_, history),), _ = later.drift_status()
    assert history.baseline is not None
    assert history.baseline.by == "ana"
    assert {one.role for one in history.seen} == {"learned", "judged"}


def test_a_baseline_is_accepted_by_a_name_and_only_when_there_is_something_to_accept(shop: Shop) -> None:
    app = shop.app()
    shop.fill(25)
    for principal, code in ((ANA, "DRF008"), (Principal(name="local"), "DRF015"), (Principal(name="eve"), "DRF015")):
        with pytest.raises(RequestError, match=code):
            app.accept_drift("orders", principal=principal, because="so be it")
    app.watch()
    with pytest.raises(RequestError, match="DRF008"):
        app.accept_drift("orders", principal=ANA, because="no alarm stands")
    with pytest.raises(RequestError, match="DRF008"):
        app.accept_drift("orders", principal=ANA, because="x", since=watching.local_now(app.world))
    with pytest.raises(RequestError, match="DRF007"):
        app.accept_drift("order", principal=ANA, because="a name that is none")
    said = app.accept_drift(
        "orders",
        principal=ANA,
        because="a fresh start",
        since=app.world.clock().replace(tzinfo=None) - timedelta(days=10),
    )
    assert said["by"] == "ana"


def test_data_that_cannot_be_read_is_not_accepted(shop: Shop) -> None:
    shop.fill(40, amount=lambda day: 1.5 if day >= 30 else 1)
    app = shop.app()
    app.watch()
    (shop.root / "data" / "orders.csv").unlink()
    with pytest.raises(OutsideError, match="DRF014"):
        app.accept_drift("orders", principal=ANA, because="blind")


def test_answers_are_watched_too(shop: Shop) -> None:
    manifest = shop.root / "loadline.yaml"
    text = manifest.read_text("utf-8").replace("alarms:", "  quality: {of: answers, every: day, baseline: 10}\nalarms:")
    manifest.write_text(text, "utf-8")
    shop.fill(10)
    data = shop.root / "data" / "orders.csv"
    kept = data.read_text("utf-8")
    app = shop.app()
    for day in range(24):
        if day == 14:
            data.unlink()
        for _ in range(12):
            try:
                app.ask_written(_revenue(), principal=ANA)
            except OutsideError:
                assert day >= 14
        shop.now += timedelta(days=1)
    data.write_text(kept, "utf-8")
    run = shop.app().watch(["quality"])
    assert [(turn.came, turn.windows) for turn in run.turns] == [(Came.LOOKED, 24)]
    assert [(alarm.watch.name, alarm.action) for alarm in run.alarms] == [("quality", Action.INVESTIGATE)]
    shop.now += timedelta(days=1)
    assert shop.app().watch(["quality"]).turns[0].windows == 0


def _revenue() -> Any:
    from loadline.values.request import Written

    return Written(metrics=("revenue",))


def test_two_do_not_watch_at_once(shop: Shop) -> None:
    from loadline.adapters.stores.watch_lock import hold_watch

    shop.fill(25)
    app = shop.app()
    with hold_watch(app._watch_lock()), pytest.raises(OutsideError, match="DRF009") as caught:
        app.watch()
    assert caught.value.retryable
    assert app.watch().turns[0].windows == 25


def test_the_ledger_with_drift_in_it_proves(shop: Shop) -> None:
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    app = shop.app()
    app.watch()
    assert app.prove().size > 36


def test_the_payload_of_a_window_is_small(shop: Shop) -> None:
    shop.fill(25)
    app = shop.app()
    app.watch()
    sizes = [len(json.dumps(entry.payload)) for entry in drift_entries(app) if entry.payload["what"] == "window"]
    assert max(sizes) < 3_000


def test_a_project_that_watches_nothing_says_so(shop: Shop, tmp_path: Path) -> None:
    manifest = shop.root / "loadline.yaml"
    manifest.write_text(
        "".join(
            line
            for line in manifest.read_text("utf-8").splitlines(keepends=True)
            if not line.startswith(("watch:", "  orders: {every"))
        ),
        "utf-8",
    )
    with pytest.raises(RequestError, match="DRF006"):
        shop.app().watch()


def test_a_column_that_the_warehouse_calls_otherwise_is_watched_by_its_name_there(shop: Shop) -> None:
    contract = shop.root / "contracts" / "orders.yaml"
    text = contract.read_text("utf-8").replace("{name: amount,", "{name: amount, physicalName: amt,")
    contract.write_text(text.replace("{name: ordered_on,", "{name: ordered_on, physicalName: day,"), "utf-8")
    (shop.root / "context" / "orders.yaml").write_text(
        "datasets:\n  orders: {source: shop.orders, contract: orders, time: ordered_on}\n", "utf-8"
    )
    shop.fill(36, amount=lambda day: 1.5 if day >= 30 else 1)
    data = shop.root / "data" / "orders.csv"
    data.write_text(data.read_text("utf-8").replace("ordered_on,amount", "day,amt", 1), "utf-8")
    (alarm,) = shop.app().watch().alarms
    assert {column for _, column in alarm.newest.moved} == {"amt"}


def test_contracts_are_checked_once_for_each_window(shop: Shop) -> None:
    contract = shop.root / "contracts" / "orders.yaml"
    text = contract.read_text("utf-8").replace("physicalType: DOUBLE}", "physicalType: DOUBLE, required: true}")
    contract.write_text(text, "utf-8")
    shop.fill(25)
    first = shop.app().watch()
    assert [look.table for look in first.looks] == ["orders"]
    assert not first.has_found
    assert shop.app().watch().looks == ()
    shop.fill(26)
    data = shop.root / "data" / "orders.csv"
    data.write_text(data.read_text("utf-8") + "999999,2026-03-26,,ana1@example.com,True\n", "utf-8")
    again = shop.app().watch()
    assert len(again.looks) == 1
    assert again.alarms == ()
    assert again.has_found


def unwatched(shop: Shop, schedule: str) -> None:
    """Nothing is watched for drift; the contract says when it is to be checked."""
    manifest = shop.root / "loadline.yaml"
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if "watch:" not in line and "every:" not in line), "utf-8")
    contract = shop.root / "contracts" / "orders.yaml"
    rule = f"    quality: [{{metric: rowCount, mustBeGreaterThan: 0, schedule: '{schedule}'}}]\n"
    contract.write_text(contract.read_text("utf-8").replace("    properties:", f"{rule}    properties:"), "utf-8")


def test_a_contract_with_a_schedule_is_checked_each_time_it_ran_and_no_more(shop: Shop) -> None:
    unwatched(shop, "30 6 * * mon-fri")
    shop.fill(25)  # up to Thursday, 2026-03-26, 00:00
    app = shop.app()
    assert [look.table for look in app.watch().looks] == ["orders"], "nobody has ever looked"
    assert app.watch().looks == ()
    shop.now += timedelta(hours=6, minutes=29)
    assert app.watch().looks == ()
    shop.now += timedelta(minutes=1)
    assert len(app.watch().looks) == 1
    assert app.watch().looks == ()
    shop.now += timedelta(days=3)  # Sunday; Friday's was missed
    assert len(app.watch().looks) == 1
    shop.now += timedelta(hours=20)
    assert app.watch().looks == ()


def test_a_table_that_could_not_be_looked_at_is_a_failed_round(shop: Shop) -> None:
    unwatched(shop, "0 6 * * *")
    shop.fill(25)
    (shop.root / "data" / "orders.csv").unlink()
    run = shop.app().watch()
    assert len(run.looks) == 1
    assert run.has_failed
