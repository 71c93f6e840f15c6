"""A Python function in, the same function behind the gate out: `@guard.tool` for agents that are written in Python.

    from pathlib import Path
    from loadline import guard

    gate = guard.open_guard(Path("shop"), agent="support-bot", person="ana")

    @gate.tool
    def refund(order_id: int, amount: Decimal) -> dict[str, int]: ...

The project declares the action, with its arguments, effect and stake, under the function's name; the function is what
carries it out. Whoever calls it goes the whole way: resolved, judged, recorded, performed, recorded.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from loadline.app import App, open_app
from loadline.errors import RequestError
from loadline.flow.acting import codes
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.action import PythonMeans
from loadline.values.diagnostic import Diagnostic

Tool = TypeVar("Tool", bound=Callable[..., Any])


class Withheld(Exception):
    """The gate did not let it through, or it did not come off: `receipt` says what became of it, and why. While it
    waits for an approval, `receipt.status` is `waiting`; calling again under the same key asks how it stands."""

    def __init__(self, receipt: ActReceipt) -> None:
        because = "; ".join(reason.what for reason in receipt.reasons) or receipt.status.value
        super().__init__(f"{receipt.action} is {receipt.status} ({receipt.run}): {because}")
        self.receipt = receipt


class Guard:
    """One project's gate, for one agent that works for one person. Closed with the App it holds."""

    def __init__(self, app: App, *, agent: str, person: str | None = None) -> None:
        self._app = app
        self._who = app.on_behalf(person, agent=agent)

    @overload
    def tool(self, function: Tool) -> Tool: ...

    @overload
    def tool(self, *, action: str | None = None) -> Callable[[Tool], Tool]: ...

    def tool(self, function: Tool | None = None, *, action: str | None = None) -> Tool | Callable[[Tool], Tool]:
        """Put a function behind the gate, as the declared action of its name, or of the name given. Raises RequestError
        when no such action is declared as `python:`, or its arguments are not those of the function."""
        if function is None:
            return functools.partial(self._behind, action=action)
        return self._behind(function, action=action)

    def decide(self, action: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Whether it may be done, without doing it; as `App.decide` has it."""
        return self._app.decide(action, arguments, principal=self._who)

    def close(self) -> None:
        self._app.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _behind(self, function: Tool, *, action: str | None) -> Tool:
        name = action or function.__name__
        declared = self._app.project.actions.get(name)
        if declared is None or not isinstance(declared.means, PythonMeans):
            raise RequestError(_no_action(f"`{name}` is no action that is declared as `python:`"))
        signature = inspect.signature(function)
        if set(signature.parameters) != set(declared.arguments):
            takes = ", ".join(declared.arguments) or "nothing"
            raise RequestError(_no_action(f"`{name}` is declared with {takes}, and the function takes something else"))
        self._app.register(declared.means.function, function)

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            receipt = self._app.act(name, given.arguments, principal=self._who)
            if receipt.status is ActStatus.DONE:
                return receipt.result
            raise Withheld(receipt)

        return guarded  # type: ignore[return-value]  # it takes what the function takes


def open_guard(folder: Path | None = None, *, agent: str, person: str | None = None) -> Guard:
    """The gate of the project in `folder`. Raises ProjectError with every error in it, RequestError for an agent or a
    person that is not in it."""
    return Guard(open_app(folder), agent=agent, person=person)


def _no_action(what: str) -> Diagnostic:
    mend = "declare it in actions/*.yaml: `NAME: {python: 'module:function', arguments: {…}, effect: call}`"
    return Diagnostic(code=codes.NO_ACTION, what=what, why=codes.CODES[codes.NO_ACTION].why, mend=mend)
