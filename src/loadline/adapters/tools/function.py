"""A function of the user's own in, called with the arguments by name; what it returned, or that nobody knows, out."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any

from loadline.adapters.tools.said import missing
from loadline.values.canonical import plain
from loadline.values.tool_reply import Done, NotDone, ToolReply, Unclear

Function = Callable[..., Any]


def find_function(name: str) -> Function:
    """`module:function`, imported from where Python finds modules. Raises OutsideError when it is not there."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        mend = f"put `{module}` where Python finds it, with a function `{attribute}`"
        raise missing(f"the function `{name}` cannot be imported ({type(error).__name__})", mend) from error
    if not callable(found):
        raise missing(f"`{name}` is no function", "name a function")
    return found  # type: ignore[no-any-return]  # whatever it returns is looked at


class FunctionTool:
    """The `Tool` port over a function. What it returns is its result; it may return a `Done`, `NotDone` or `Unclear`
    itself. An exception says that nobody knows how far it got. One that takes too long is left behind."""

    def __init__(self, name: str, function: Function) -> None:
        self._name = name
        self._function = function
        self._ended = threading.Event()

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:  # noqa: ARG002 - a function has no key
        replies: list[ToolReply] = []
        ended = self._ended = threading.Event()

        def run() -> None:
            try:
                replies.append(_reply(self._function(**arguments), self._name))
            except Exception as error:  # noqa: BLE001 - a stranger's code; what it raises is told, once, here
                replies.append(Unclear(why=f"`{self._name}` failed ({type(error).__name__}: {error})"))
            ended.set()

        threading.Thread(target=run, daemon=True, name=f"loadline-{self._name}").start()
        is_over = not ended.wait(timeout_seconds)
        if replies:
            return replies[0]
        why = f"took longer than {timeout_seconds:g} s" if is_over else "was stopped"
        return Unclear(why=f"`{self._name}` {why}, and may still be running")

    def cancel(self) -> None:
        self._ended.set()

    def close(self) -> None:
        self.cancel()


def _reply(returned: object, name: str) -> ToolReply:
    match returned:
        case Done() | NotDone() | Unclear():
            return returned
        case _:
            try:
                return Done(result=plain(returned))
            except TypeError:
                note = f"`{name}` returned a {type(returned).__name__}, which has no exact form and was not kept"
                return Done(result={"note": note})
