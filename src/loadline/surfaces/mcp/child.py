"""The command of an MCP server in, its two streams of messages out; and the server ended whenever the agent is gone.

The SDK's own client waits longer for a server that does not end than the SDK's own agents wait for whom they started: a
server that hangs would be left behind, with its credentials. Here it is ended, by its id, within their patience.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.abc
import anyio.to_thread
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from loadline.values.sent import HIDDEN, secrets_of

LARGEST_LINE = 50_000_000
_LONGEST_SAID = 65_536
_STDERR = 2
_PATIENCE_SECONDS = 0.8  # twice this, and what else there is to end, is less than the 2 s that an agent waits
_POLL_SECONDS = 0.02
_LAST_WORDS_SECONDS = 0.1
_GONE = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError)
_log = logging.getLogger(__name__)

Read = MemoryObjectReceiveStream[SessionMessage | Exception]
Write = MemoryObjectSendStream[SessionMessage]


@asynccontextmanager
async def child_streams(
    command: Sequence[str], environment: Mapping[str, str]
) -> AsyncGenerator[tuple[Read, Write], None]:
    """As the SDK's client takes them. What the server says on stderr goes to ours, without the values of variables that
    are named like secrets: the agent's program reads it. Raises OSError where it cannot be started."""
    secrets = secrets_of(environment)
    process = await anyio.open_process(
        list(command),
        stderr=subprocess.PIPE if secrets else None,
        env=dict(environment),
        start_new_session=os.name == "posix",
    )
    is_told = anyio.Event()
    heard, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, said = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_hear, process, heard)
            tasks.start_soon(_say, process, said)
            tasks.start_soon(_pass_on, process, secrets, is_told)
            if os.name == "posix":
                tasks.start_soon(_until_told_to_end, process)
            try:
                yield read, write
            finally:
                with anyio.CancelScope(shield=True):
                    await _end(process)
                    with anyio.move_on_after(_LAST_WORDS_SECONDS):
                        await is_told.wait()
                tasks.cancel_scope.cancel()
    finally:
        for stream in (heard, read, write, said):
            stream.close()


async def _hear(process: anyio.abc.Process, to: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
    """Line by line, until the server closes its side. A line beyond all bounds ends the conversation."""
    assert process.stdout is not None  # noqa: S101 - it was started with pipes
    begun: list[bytes] = []
    async with to:
        with suppress(*_GONE):
            while sum(map(len, begun)) <= LARGEST_LINE:
                *lines, rest = (await process.stdout.receive()).split(b"\n")
                if lines:
                    for line in (b"".join([*begun, lines[0]]), *lines[1:]):
                        if line.strip():
                            await to.send(_read_message(line))
                    begun.clear()
                begun.append(rest)
            _log.warning(
                "the MCP server wrote a line of more than %d bytes; it is not listened to further", LARGEST_LINE
            )


async def _pass_on(process: anyio.abc.Process, secrets: frozenset[str], is_told: anyio.Event) -> None:
    """What it says on stderr, a line at a time (a very long one in pieces)."""
    begun = b""
    with suppress(*_GONE):
        while process.stderr is not None:
            begun += await process.stderr.receive()
            whole, _, rest = begun.rpartition(b"\n")
            if whole or len(begun) > _LONGEST_SAID:
                said, begun = (whole + b"\n", rest) if whole else (begun, b"")
                await anyio.to_thread.run_sync(_tell, said, secrets, abandon_on_cancel=True)
    if begun:
        _tell(begun, secrets)
    is_told.set()


def _tell(said: bytes, secrets: frozenset[str]) -> None:
    for one in sorted(secrets, key=len, reverse=True):
        said = said.replace(one.encode(), HIDDEN.encode())
    with suppress(OSError):  # who started us does not listen, which is no reason to stop
        while said:
            said = said[os.write(_STDERR, said) :]


def _read_message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _say(process: anyio.abc.Process, messages: MemoryObjectReceiveStream[SessionMessage]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started with pipes
    with suppress(*_GONE):
        async for one in messages:
            said = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            await process.stdin.send(said.encode() + b"\n")


async def _until_told_to_end(process: anyio.abc.Process) -> None:
    """Who is told to end takes the server along. What it was doing is found unfinished, as after a crash."""
    with anyio.open_signal_receiver(signal.SIGTERM) as received:
        async for number in received:
            with anyio.CancelScope(shield=True):
                await _end(process)
            os._exit(128 + number)


async def _end(process: anyio.abc.Process) -> None:
    """Its input is closed, as the protocol has it; one that stays is told to end, and then made to."""
    if process.stdin is not None:
        with suppress(*_GONE):
            await process.stdin.aclose()
    if await _has_ended(process):
        return
    _signal(process, signal.SIGTERM)
    if not await _has_ended(process):
        _signal(process, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        await _has_ended(process)


async def _has_ended(process: anyio.abc.Process) -> bool:
    """Within our patience. (Waiting for it would also wait for whoever holds its pipes.)"""
    with anyio.move_on_after(_PATIENCE_SECONDS):
        while process.returncode is None:
            await anyio.sleep(_POLL_SECONDS)
    return process.returncode is not None


def _signal(process: anyio.abc.Process, number: signal.Signals) -> None:
    """To it and to what it started, which are a session of their own."""
    with suppress(ProcessLookupError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            process.terminate()
