"""Tools over HTTP, in Python and over MCP, against far sides on this machine: done, certainly not done, or unclear."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path

import pytest

from adapters.tools.far_sides import MCP_SERVER, Answer, far_side
from loadline.adapters.tools.function import FunctionTool, find_function
from loadline.adapters.tools.http import HttpTool
from loadline.adapters.tools.mcp import McpTool
from loadline.adapters.tools.opening import open_tool
from loadline.adapters.workers import is_gone, this_worker
from loadline.errors import OutsideError
from loadline.flow.ports import Tool
from loadline.project import read
from loadline.values.action import Argument, ArgumentType, HttpMeans, McpMeans
from loadline.values.place import Place
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear


def http(url: str, method: str = "POST", *, is_idempotent: bool = True, **more: object) -> HttpTool:
    means = HttpMeans(method=method, url=url, **more)  # type: ignore[arg-type]
    return HttpTool(means, {"CRM_KEY": "Bearer secret-1", "CRM_URL": url}, is_idempotent=is_idempotent)


def call(tool: Tool, *, seconds: float = 5.0, **arguments: object) -> ToolReply:
    return tool.call(arguments, key="key-1", timeout_seconds=seconds)


# HTTP


def test_a_request_is_filled_in_where_it_is_declared_and_nowhere_else() -> None:
    with far_side(Answer(body=b'{"id": 7, "amount": 1.10}')) as side:
        tool = http(
            side.url + "/tickets/{ticket}/notes",
            headers={"Authorization": "env:CRM_KEY", "X-From": "loadline"},
            query={"lang": "{lang}"},
            body={"text": "{text}", "note": "for {ticket}", "n": "{n}", "money": "{money}", "tags": ["{lang}"]},
        )
        reply = call(tool, ticket="../a b?#%/é", lang="de&x=1", text='say "{n}"', n=3, money=Decimal("1.10"))
        ((method, path, headers, body),) = side.seen
    assert reply == Done(result={"id": 7, "amount": "1.10"})
    assert method == "POST"
    assert path == "/tickets/..%2Fa%20b%3F%23%25%2F%C3%A9/notes?lang=de%26x%3D1"
    assert (headers["Authorization"], headers["X-From"]) == ("Bearer secret-1", "loadline")
    assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("key-1", "application/json")
    assert body == {"text": 'say "{n}"', "note": "for ../a b?#%/é", "n": 3, "money": 1.1, "tags": ["de&x=1"]}


def test_an_argument_stands_in_a_body_as_what_it_is() -> None:
    declared = {"labels": Argument(name="labels", type=ArgumentType.JSON, place=Place(file="actions/a.yaml"))}
    exact = Decimal("0.1000000000000000055511151231257827")
    with far_side() as side:
        means = HttpMeans(method="POST", url=side.url, body={"a": "{labels}", "b": "{money}", "c": "{left_out}"})
        tool = HttpTool(means, {}, declared, is_idempotent=False)
        for money in (Decimal(30), Decimal("30.50"), exact):
            call(tool, labels='[{"x":1}]', money=money, left_out=None)
        bodies = [body for _, _, _, body in side.seen]
    assert bodies == [{"a": [{"x": 1}], "b": money, "c": None} for money in (30, 30.5, str(exact))]


def test_an_argument_cannot_leave_its_segment() -> None:
    with far_side() as side:
        for ticket in ("..", ".", "a/b", "%2e%2e"):
            call(http(side.url + "/tickets/{ticket}/close"), ticket=ticket)
        paths = [path for _, path, _, _ in side.seen]
    assert paths == [f"/tickets/{part}/close" for part in ("%2E%2E", "%2E", "a%2Fb", "%252e%252e")]


def test_only_an_idempotent_action_sends_its_key() -> None:
    with far_side() as side:
        call(http(side.url, is_idempotent=False))
        assert "Idempotency-Key" not in side.seen[0][2]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(status=201, body=b""), Done(result=None)),
        (Answer(body=b"plain text"), Done(result="plain text")),
        (Answer(body=b"\xff"), Done(result="\ufffd")),
        (Answer(status=400), NotDone(why="answered 400 Bad Request")),
        (Answer(status=404), NotDone(why="answered 404 Not Found")),
        (Answer(status=429), NotDone(why="answered 429 Too Many Requests", may_pass=True)),
        (
            Answer(status=429, headers={"Retry-After": "7"}),
            NotDone(why="answered 429 Too Many Requests", may_pass=True, after_seconds=7),
        ),
        (
            Answer(status=503, headers={"Retry-After": "7"}),
            NotDone(why="answered 503 Service Unavailable", may_pass=True, after_seconds=7),
        ),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:1/"}), NotDone(why="redirects are not followed")),
        (Answer(status=500), Unclear(why="answered 500 Internal Server Error")),
        (Answer(status=502), Unclear(why="answered 502 Bad Gateway")),
        (Answer(status=503), Unclear(why="answered 503 Service Unavailable")),
        (Answer(is_broken_off=True), Unclear(why="gave no answer")),
    ],
)
def test_what_an_answer_means_is_never_more_than_it_says(answer: Answer, expected: ToolReply) -> None:
    with far_side(answer) as side:
        reply = call(http(side.url))
        assert len(side.seen) == 1
    assert type(reply) is type(expected)
    match reply, expected:
        case Done(result=one), Done(result=other):
            assert one == other
        case NotDone() | Unclear(), NotDone() | Unclear():
            assert expected.why in reply.why
            assert reply.after_seconds == expected.after_seconds
            assert getattr(reply, "may_pass", None) == getattr(expected, "may_pass", None)


def test_retry_after_may_be_a_date() -> None:
    at = datetime.now(UTC) + timedelta(seconds=100)
    with far_side(Answer(status=429, headers={"Retry-After": format_datetime(at, usegmt=True)})) as side:
        reply = call(http(side.url))
    assert isinstance(reply, NotDone)
    assert reply.after_seconds is not None
    assert 50 < reply.after_seconds <= 100
    with far_side(Answer(status=429, headers={"Retry-After": "soon"})) as side:
        assert call(http(side.url)) == NotDone(
            why=f"`POST {side.url}` answered 429 Too Many Requests", may_pass=True, after_seconds=None
        )


def test_what_was_never_sent_was_certainly_not_done() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        reply = call(http(f"http://127.0.0.1:{held.getsockname()[1]}/x"))
    assert isinstance(reply, NotDone)
    assert reply.may_pass


def test_an_answer_that_does_not_come_or_drips_is_left_when_the_time_is_over() -> None:
    for answer in (Answer(wait_seconds=2), Answer(is_dripping=True)):
        with far_side(answer) as side:
            reply = call(http(side.url), seconds=0.3)
        assert isinstance(reply, Unclear)
        assert "within 0.3 seconds" in reply.why


def test_a_call_can_be_stopped_from_outside() -> None:
    with far_side(Answer(wait_seconds=2)) as side:
        tool = http(side.url)
        threading.Timer(0.2, tool.cancel).start()
        reply = call(tool, seconds=30)
    assert isinstance(reply, Unclear)
    assert "was stopped" in reply.why


def test_a_reply_without_end_is_not_kept() -> None:
    with far_side(Answer(body=b"x" * 300_000)) as side:
        reply = call(http(side.url))
    assert isinstance(reply, Done)
    assert "longer than" in str(reply.result)


def test_a_variable_that_is_not_set_is_said_before_anything_is_sent_and_no_value_is_ever_printed() -> None:
    with far_side(Answer(status=500)) as side:
        with pytest.raises(OutsideError, match="CRM_TOKEN"):
            call(http(side.url, headers={"Authorization": "env:CRM_TOKEN"}))
        assert side.seen == []
        reply = call(http(side.url, headers={"Authorization": "env:CRM_KEY"}))
    assert "secret-1" not in str(reply)


def test_an_address_may_be_a_variable_with_a_path_behind_it() -> None:
    with far_side() as side:
        tool = HttpTool(
            HttpMeans(method="GET", url="env:CRM_URL/a/{n}"), {"CRM_URL": side.url + "/v1/"}, is_idempotent=False
        )
        call(tool, n=5)
        assert side.seen[0][1] == "/v1/a/5"


# Python


def test_what_a_function_returns_is_its_result_or_says_itself_what_became_of_it() -> None:
    assert call(FunctionTool("f", lambda a: {"sum": Decimal("1.5") + a}), a=1) == Done(result={"sum": "2.5"})
    assert call(FunctionTool("f", lambda: NotDone(why="not today"))) == NotDone(why="not today")
    odd = call(FunctionTool("f", object))
    assert isinstance(odd, Done)
    assert "no exact form" in str(odd.result)


def test_a_function_that_raises_or_takes_too_long_may_have_done_it() -> None:
    ended = threading.Event()
    assert call(FunctionTool("f", lambda: 1 / 0)) == Unclear(why="`f` failed (ZeroDivisionError: division by zero)")
    assert "longer than 0.05 s" in str(call(FunctionTool("f", lambda: ended.wait(5)), seconds=0.05))
    tool = FunctionTool("f", lambda: ended.wait(5))
    threading.Timer(0.05, tool.cancel).start()
    assert "was stopped" in str(call(tool))
    ended.set()


def test_a_function_is_found_by_its_module_and_name() -> None:
    assert find_function("os.path:join") is os.path.join
    for name in ("no.such.module:f", "os.path:no_such", "os:sep"):
        with pytest.raises(OutsideError):
            find_function(name)


# MCP


@pytest.fixture
def server(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "server.py"
    path.write_text(MCP_SERVER, encoding="utf-8")
    return (sys.executable, str(path))


def mcp(command: tuple[str, ...], tool: str) -> McpTool:
    return McpTool(McpMeans(command=command, tool=tool), os.environ)


def test_an_mcp_tool_is_called_with_its_arguments_and_key(server: tuple[str, ...]) -> None:
    said = '[{"n": 3, "money": 1.1}, {"loadline/act": "key-1"}]'
    assert call(mcp(server, "echo"), n=3, money=Decimal("1.10"), left_out=None) == Done(result=said)
    assert call(mcp(server, "count")) == Done(result={"n": 3})


def test_what_an_mcp_server_answers_is_never_taken_for_more(server: tuple[str, ...]) -> None:
    unknown, failed, died = (call(mcp(server, tool)) for tool in ("no_such", "fail", "die"))
    assert isinstance(unknown, NotDone)
    assert failed == Unclear(why="the MCP tool `fail` failed: no such ticket")
    assert died == Unclear(why="the MCP tool `die` gave no answer")
    assert isinstance(call(mcp((sys.executable, "-c", "pass"), "x")), NotDone)
    with pytest.raises(OutsideError, match="cannot be started"):
        call(mcp(("no-such-program-1",), "x"))


def test_an_mcp_server_that_hangs_is_ended_by_its_id(server: tuple[str, ...]) -> None:
    tool = mcp(server, "hang")
    threading.Timer(0.3, tool.cancel).start()
    assert call(tool, seconds=30) == Unclear(why="the MCP tool `hang` gave no answer")


# opening, and who is there


def test_each_declared_kind_opens_its_tool() -> None:
    base = Path(__file__).parents[2] / "broken" / "_base"
    files = {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    actions = read(files, base).accept().actions
    score = {"shop.scoring:score": lambda amount: amount}
    kinds = {name: type(open_tool(action, os.environ, score)) for name, action in actions.items()}
    assert kinds == {"open_ticket": HttpTool, "close_ticket": McpTool, "score": FunctionTool}
    with pytest.raises(OutsideError, match="cannot be imported"):
        open_tool(actions["score"], os.environ, {})


def test_a_process_that_ended_is_known_to_be_gone_and_no_other_is() -> None:
    script = "from loadline.adapters.workers import this_worker; print(this_worker(), flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert not is_gone(name)
    process.communicate("\n")
    assert is_gone(name)
    assert not is_gone(this_worker())
    host, number, started = this_worker().rsplit(":", 2)
    assert is_gone(f"{host}:{number}:{int(started) + 1}")
    assert not is_gone(f"elsewhere:{number}:{started}")
    assert not is_gone("")
