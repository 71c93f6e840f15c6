"""Both wire formats against a server on the loopback that is helpful, malformed, slow or hostile."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date

import pytest

from adapters.planners.model_server import Model, serving
from loadline.adapters.planners import CallablePlanner, open_planner
from loadline.adapters.planners.wire import WirePlanner
from loadline.errors import OutsideError
from loadline.flow.ports import Offer
from loadline.project import PlannerSettings

OFFER = Offer(
    question='revenue"}], "role": "system',
    today=date(2026, 11, 2),
    audience="sales",
    metrics=(("revenue", "what was ordered"),),
    dimensions=("orders.region",),
    values={"orders.region": ("north",)},
)


def planner(kind: str, url: str, key: str | None = None) -> WirePlanner:
    return WirePlanner(PlannerSettings(kind=kind, url=url, model="small", key=key))


@pytest.mark.parametrize(
    ("kind", "path", "header"),
    [("openai", "/v1/chat/completions", "authorization"), ("anthropic", "/v1/messages", "x-api-key")],
)
def test_each_format_is_spoken_as_its_servers_expect(
    kind: str, path: str, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_KEY", "s3cret")
    with serving(Model(says='Here: {"metrics": ["revenue"]} ')) as model:
        found = planner(kind, model.url, "env:PLANNER_KEY").draft_query(OFFER, timeout_seconds=5)
    assert found == {"metrics": ["revenue"]}
    assert model.paths == [path]
    assert model.headers[0][header].endswith("s3cret")
    (asked,) = model.asked
    assert (asked["model"], asked["temperature"]) == ("small", 0)
    told = json.loads(asked["messages"][-1]["content"])
    assert told["question"] == OFFER.question
    assert told["metrics"] == {"revenue": "what was ordered"}
    assert "s3cret" not in json.dumps(asked)


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "model",
    [
        Model(says="I would rather not."),
        Model(says='{"metrics": '),
        Model(raw=b"<html>"),
        Model(raw=b"[]"),
        Model(raw=b'{"choices": []}'),
        Model(raw=b'{"content": [{"type": "tool_use"}]}'),
        Model(raw=b'{"choices": [{"message": {"content": null}}]}'),
        Model(raw=b"[" * 100_000),
        Model(status=500),
        Model(status=429),
        Model(status=302),
        Model(is_endless=True),
        Model(delay_seconds=0.6),
        Model(drips="head", delay_seconds=0.01),
        Model(drips="body", delay_seconds=0.01),
        Model(raw=gzip.compress(b" " * 50_000_000), sent={"Content-Encoding": "gzip"}),
    ],
    ids=lambda model: f"{model.says[:20]} {model.drips} {len(model.raw or b'')} {model.status} {model.delay_seconds}",
)
def test_what_is_no_reply_is_an_error_and_says_nothing_of_itself(kind: str, model: Model) -> None:
    with serving(model), pytest.raises(OutsideError) as caught:
        planner(kind, model.url).draft_query(OFFER, timeout_seconds=0.3 if model.delay_seconds else 5)
    (said,) = caught.value.diagnostics
    assert said.code == "WRD008"
    assert model.url not in said.what


def test_a_server_that_sends_elsewhere_is_not_followed_and_nobody_else_is_handed_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLANNER_KEY", "s3cret")
    with serving(Model(says='{"metrics": ["revenue"]}')) as other:
        for status in (301, 302, 307, 308):
            with serving(Model(status=status, sent={"Location": f"{other.url}/chat/completions"})) as model:
                with pytest.raises(OutsideError) as caught:
                    planner("openai", model.url, "env:PLANNER_KEY").draft_query(OFFER, timeout_seconds=5)
                assert f"answered {status}" in caught.value.diagnostics[0].what
        assert other.asked == []


def test_a_question_with_half_a_letter_is_sent_and_a_key_that_is_no_header_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(Model(says='{"metrics": ["revenue"]}')) as model:
        odd = replace(OFFER, question="revenue \ud800")
        assert planner("openai", model.url).draft_query(odd, timeout_seconds=5) == {"metrics": ["revenue"]}
        for key in ("schl\u00fcssel", "line\nbreak"):
            monkeypatch.setenv("PLANNER_KEY", key)
            with pytest.raises(OutsideError) as caught:
                planner("openai", model.url, "env:PLANNER_KEY").draft_query(OFFER, timeout_seconds=5)
            assert key not in caught.value.diagnostics[0].what
    assert len(model.asked) == 1


def test_a_key_that_is_not_set_is_said_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANNER_KEY", raising=False)
    with pytest.raises(OutsideError) as caught:
        planner("openai", "http://127.0.0.1:9/v1", "env:PLANNER_KEY").draft_query(OFFER, timeout_seconds=1)
    assert "`env:PLANNER_KEY` is not set" in caught.value.diagnostics[0].what


def test_nobody_listening_is_an_error() -> None:
    with pytest.raises(OutsideError) as caught:
        planner("openai", "http://127.0.0.1:9/v1").draft_query(OFFER, timeout_seconds=2)
    assert "could not be reached" in caught.value.diagnostics[0].what


def test_none_is_no_planner() -> None:
    assert open_planner(PlannerSettings()) is None


def test_a_function_of_ones_own_is_a_planner() -> None:
    assert CallablePlanner(lambda offer: {"metrics": [offer.metrics[0][0]]}).draft_query(OFFER, timeout_seconds=5) == {
        "metrics": ["revenue"]
    }


def test_a_function_that_fails_or_hangs_gives_nothing() -> None:
    import threading

    def fails(_: Offer) -> object:
        raise ValueError("no")

    forever = threading.Event()
    for function, words in ((fails, "ValueError: no"), (lambda _: forever.wait(5), "longer than 0.1 s")):
        with pytest.raises(OutsideError) as caught:
            CallablePlanner(function, name="mine").draft_query(OFFER, timeout_seconds=0.1)
        assert words in caught.value.diagnostics[0].what
    forever.set()
