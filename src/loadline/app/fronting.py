"""The command of an MCP server in, what of it is declared out: tools of others behind the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loadline.app.acting import Acting
from loadline.app.opened import as_unicode
from loadline.errors import RequestError
from loadline.values.acting import Act, ActReceipt, ActStatus, Call
from loadline.values.action import DeclaredAction, McpMeans
from loadline.values.rule import Principal
from loadline.values.sent import sent_arguments

if TYPE_CHECKING:
    from loadline.flow.ports import Tool
    from loadline.values.diagnostic import Diagnostic

_LATELY = 200  # entries: what an agent asked for just now, by a call that is not over yet
_STANDS = frozenset({ActStatus.WAITING, ActStatus.APPROVED, ActStatus.PERFORMING})


class Fronting(Acting):
    """An App in front of servers that others wrote. A tool of theirs is an action whose means are `mcp`."""

    _stand_ins: dict[str, Callable[[], Tool]]

    def actions_of_server(self, command: Sequence[str]) -> dict[str, tuple[DeclaredAction, McpMeans]]:
        """By tool, the actions that are declared with exactly this command, and their means. Raises RequestError where
        two are of one tool: nobody could say which one a call means."""
        from loadline.flow.acting import codes
        from loadline.values.diagnostic import Diagnostic

        found: dict[str, tuple[DeclaredAction, McpMeans]] = {}
        for action in self.project.actions.values():
            means = action.means
            if not isinstance(means, McpMeans) or means.command != tuple(command):
                continue
            other, _ = found.setdefault(means.tool, (action, means))
            if other is not action:
                what = f"`{other.name}` and `{action.name}` are both the tool `{means.tool}` of this server"
                why = codes.CODES[codes.TWO_OF_A_TOOL].why
                mend = f"delete one of them, or its `mcp:`; `{action.name}` is at {action.place}"
                raise RequestError(Diagnostic(code=codes.TWO_OF_A_TOOL, what=what, why=why, mend=mend))
        return found

    def stand_in(self, action: str, make: Callable[[], Tool]) -> None:
        """Let a tool that `make` makes, one for each call, carry out the action of this name in this process, instead
        of one that starts its server anew."""
        self.__dict__.setdefault("_stand_ins", {})[action] = make

    def refuse(self, action: str, reason: Diagnostic, *, principal: Principal) -> ActReceipt:
        """A "no" of a face's own to a declared action, before it is judged: it is recorded like any other."""
        from loadline.flow.acting.run import refuse

        return refuse(self.act_world, Act(principal=principal, wanted=Call(action=as_unicode(action))), reason)

    def act_already_asked(
        self, action: str, arguments: Mapping[str, object], *, principal: Principal
    ) -> ActReceipt | None:
        """What the same agent asked for with the same arguments and what is not done yet, so that who asks again while
        it waits is told how it stands, and no second one waits. None when there is none."""
        declared = self.project.actions.get(as_unicode(action))
        wanted = _read(declared, arguments) if declared is not None else None
        if declared is None or wanted is None:
            return None  # it is refused when it is asked for, with the reason
        for one in self.unfinished(lately=_LATELY):
            receipt = one.receipt
            is_same = (receipt.action, receipt.person, receipt.agent) == (action, principal.name, principal.agent)
            if is_same and receipt.status in _STANDS and _read(declared, receipt.arguments) == wanted:
                return receipt
        return None

    def _tool(self, action: DeclaredAction) -> Tool:
        make = self.__dict__.get("_stand_ins", {}).get(action.name)
        return make() if make is not None else super()._tool(action)


def _read(declared: DeclaredAction, arguments: Mapping[str, object]) -> dict[str, Any] | None:
    """As they would be sent, so that 8 and 8.0 are one; None where they do not fit."""
    from loadline.flow.acting.resolving import read_arguments

    try:
        return sent_arguments(read_arguments(declared, arguments), declared.arguments)
    except RequestError:
        return None
