"""A request to act in, what became of it out; and approvals, freezes and the status of what was done."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from loadline.app.notifying import Notifying
from loadline.app.opened import as_unicode
from loadline.errors import RequestError
from loadline.values.acting import Act, ActReceipt, ActStatus, Call, FreeSql, Takeback
from loadline.values.canonical import plain
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.acting.canaries import CanaryTried
    from loadline.flow.acting.comparing import Compared
    from loadline.flow.acting.freezing import Freeze
    from loadline.flow.acting.notices import NoticesSent
    from loadline.flow.acting.reconciling import Reckoned
    from loadline.flow.acting.record import Story
    from loadline.flow.acting.world import ActWorld
    from loadline.flow.ports import Target, Tool
    from loadline.flow.reading import Door
    from loadline.values.action import DeclaredAction
    from loadline.values.effect import ShownTable
    from loadline.values.guarded import Guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What is frozen or thawed: one agent, one workflow, or (neither) everything."""

    agent: str | None = None
    workflow: str | None = None

    @property
    def key(self) -> str:
        from loadline.flow.acting.freezing import ALL, agent_key, workflow_key

        if self.agent is not None:
            return agent_key(self.agent)
        return workflow_key(self.workflow) if self.workflow is not None else ALL


class Acting(Notifying):
    """An App through which agents act. `functions` may be registered for actions that name a Python function."""

    _functions: dict[str, Callable[..., Any]]
    _targets: dict[tuple[str, int], Target]

    def register(self, name: str, function: Callable[..., Any]) -> None:
        """Let `function` stand for the `python: module:function` of this name, instead of one that is imported."""
        self.__dict__.setdefault("_functions", {})[name] = function

    @cached_property
    def act_world(self) -> ActWorld:
        """Everything one passing of an action needs; targets and tools are opened when one first needs them."""
        from loadline.adapters.workers import is_gone, this_worker
        from loadline.flow.acting.world import ActWorld

        self._targets = {}
        return ActWorld(
            project=self.project,
            store=self._open_writer(),
            clock=self._now,
            new_id=lambda: f"act-{uuid.uuid4().hex[:20]}",
            target=self._target,
            tool=self._tool,
            guard=_guard,
            worker=this_worker(),
            is_gone=is_gone,
            sleep=time.sleep,
            forbids=self.forbids,
        )

    def on_behalf(self, person: str | None, *, agent: str | None = None, audience: str | None = None) -> Principal:
        """Who acts: the person, or the agent for the person. Raises RequestError as `principal` does, and for an agent
        that is none of those the project lists, where it lists any."""
        from loadline.flow.acting import codes
        from loadline.flow.acting.record import unknown

        found = self.principal(person, audience=audience)
        if agent is None:
            return found
        if self.project.agents and agent not in self.project.agents:
            raise RequestError(unknown(codes.NO_AGENT, "agent", as_unicode(agent), self.project.agents))
        return replace(found, agent=as_unicode(agent))

    def act(
        self,
        action: str,
        arguments: Mapping[str, object] | None = None,
        *,
        principal: Principal,
        key: str | None = None,
        is_dry_run: bool = False,
    ) -> ActReceipt:
        """Do a declared action, once it is resolved, measured, judged and recorded; or say why not.

        Whatever fails outside is an outcome in the receipt. Raises OutsideError only when the ledger fails.
        """
        from loadline.flow.acting.run import act

        given = {as_unicode(name): _unicode(value) for name, value in (arguments or {}).items()}
        wanted = Call(action=as_unicode(action), arguments=given)
        return self._noticed(
            act(self.act_world, Act(principal=principal, wanted=wanted, key=key, is_dry_run=is_dry_run))
        )

    def _noticed(self, receipt: ActReceipt) -> ActReceipt:
        """What waits is told to whoever may say yes, while the receipt goes its way."""
        if receipt.status is ActStatus.WAITING:
            self._notify_soon(self.act_world)
        return receipt

    def send_notices(self) -> NoticesSent:
        """Tell approvers and deputies of what waits and they were not told of. What cannot be handed over is said,
        and sent again by the next such call, by `watch`, or after the next hold."""
        return self._send_notices(self.act_world)

    def act_sql(
        self, target: str, text: str, *, principal: Principal, key: str | None = None, is_dry_run: bool = False
    ) -> ActReceipt:
        """Do what one statement says on a target, as `act` does; what the guard denies is recorded, too."""
        from loadline.flow.acting.run import act

        wanted = FreeSql(target=as_unicode(target), text=as_unicode(text))
        return self._noticed(
            act(self.act_world, Act(principal=principal, wanted=wanted, key=key, is_dry_run=is_dry_run))
        )

    def decide(
        self,
        action: str,
        arguments: Mapping[str, object] | None = None,
        *,
        principal: Principal,
    ) -> dict[str, Any]:
        """Whether an action may be done, without doing it: for a hook or a gateway that does it itself. It is measured,
        judged and recorded like a dry run. `decision` is `permit`, `hold` or `forbid`; whatever is not a clear permit
        or hold forbids. JSON as it is."""
        receipt = self.act(action, arguments, principal=principal, is_dry_run=True)
        would = receipt.status is ActStatus.WOULD
        return {
            "decision": ("hold" if receipt.approvals else "permit") if would else "forbid",
            "run": receipt.run,
            "rules": list(receipt.rules),
            "approvals": plain(receipt.approvals),
            "effect": plain(receipt.effect),
            "reasons": plain(receipt.reasons),
        }

    def undo(self, run: str, *, principal: Principal, is_dry_run: bool = False) -> ActReceipt:
        """Take back what a run did: rows exactly as they were, or the action that its declaration names. It is judged
        and recorded like any act. Raises RequestError when there is no such run."""
        from loadline.flow.acting.record import find_run
        from loadline.flow.acting.run import act

        wanted = Takeback(run=find_run(self.act_world.store, run))
        return self._noticed(act(self.act_world, Act(principal=principal, wanted=wanted, is_dry_run=is_dry_run)))

    def act_status(self, run: str) -> ActReceipt:
        """What is known of a run by now. Raises RequestError when there is no such run."""
        from loadline.flow.acting.record import find_run, story_of
        from loadline.flow.acting.undone import undone_by

        store = self._open_reader()
        found = story_of(store, find_run(store, run)).receipt
        return replace(found, undone_by=undone_by(store, found.run)) if found.status is ActStatus.DONE else found

    def act_status_for(self, run: str, *, door: Door | None) -> ActReceipt:
        """As `act_status`, for whoever asked for it, may decide on it or did, or reads everything; for others there is
        no such run. None is who sits at this terminal and names nobody."""
        from loadline.flow.acting.record import no_such_run
        from loadline.flow.reading import Reader, may_see_act

        found = self.act_status(run)
        if door is not None:
            reader = Reader.of(door, self.project.ledger_roles.readers)
            if not may_see_act(reader, found):
                raise no_such_run(run)
        return found

    def held_rows(self, run: str, *, door: Door | None) -> tuple[ShownTable, ...]:
        """Some of the rows that a run would change, as they stood when it was held, without what rules and rights keep
        from who came in; those who read everything see all that was kept. Raises RequestError as `act_status_for`."""
        from loadline.flow.acting.record import find_run, story_of
        from loadline.flow.acting.shown import as_seen_by
        from loadline.flow.reading import Reader

        self.act_status_for(run, door=door)
        shown = story_of(self._open_reader(), find_run(self._open_reader(), run)).shown
        if door is None or Reader.of(door, self.project.ledger_roles.readers).reads_all:
            return shown
        return as_seen_by(self.act_world, door.principal, shown)

    def unfinished(self, door: Door | None = None, *, lately: int | None = None) -> tuple[Story, ...]:
        """What waits for an approval, is approved and not performed, or is being performed; newest first. Of that
        what who came through `door` may see, as `act_status_for` says."""
        from loadline.flow.acting.record import unfinished
        from loadline.flow.reading import Reader, may_see_act

        found = unfinished(self._open_reader(), lately=lately)
        if door is None:
            return found
        reader = Reader.of(door, self.project.ledger_roles.readers)
        return tuple(one for one in found if may_see_act(reader, one.receipt))

    def approve(
        self, run: str, *, principal: Principal, digest: str | None = None, because: str = "", is_performed: bool = True
    ) -> ActReceipt:
        """Say yes to exactly what is waiting; once every approval is given, it is performed, unless `is_performed` is
        false. Raises RequestError when it does not wait, or the principal may not say so."""
        from loadline.flow.acting.approvals import resume, vote
        from loadline.flow.acting.record import find_run

        found = find_run(self.act_world.store, run)
        said = vote(self.act_world, found, principal, is_yes=True, because=as_unicode(because), digest=digest)
        return resume(self.act_world, found) if is_performed and said.status is ActStatus.APPROVED else said

    def reject(self, run: str, *, principal: Principal, because: str = "") -> ActReceipt:
        """Say no, which ends it. Raises RequestError as `approve` does."""
        from loadline.flow.acting.approvals import vote
        from loadline.flow.acting.record import find_run

        found = find_run(self.act_world.store, run)
        return vote(self.act_world, found, principal, is_yes=False, because=as_unicode(because))

    def resume(self, run: str | None = None) -> tuple[ActReceipt, ...]:
        """Carry on with what was approved, or what a process that ended had begun; with everything, if `run` is None.
        Nothing is done twice."""
        from loadline.flow.acting.approvals import resume, resume_all
        from loadline.flow.acting.record import find_run

        if run is None:
            return resume_all(self.act_world)
        return (resume(self.act_world, find_run(self.act_world.store, run)),)

    def freeze(self, stop: Stop, *, principal: Principal, because: str) -> Freeze:
        """Stop it, here and in every other process that acts through this ledger. Raises RequestError for a workflow or
        an agent that there is not."""
        from loadline.flow.acting.freezing import Said, freeze, require_known

        require_known(self.project, self._open_writer(), agent=stop.agent, workflow=stop.workflow)
        said = Said(key=stop.key, by=principal.name, because=as_unicode(because))
        return freeze(self._open_writer(), said, clock=self._now, new_id=_new_freeze)

    def is_known_agent(self, name: str) -> bool:
        """Whether the project lists it, or it has asked for anything yet."""
        from loadline.flow.acting.freezing import is_known_agent

        return is_known_agent(self.project, self._open_reader(), as_unicode(name))

    def thaw(self, stop: Stop, *, principal: Principal, because: str) -> Freeze:
        """Let it go on. Raises RequestError when it is not frozen, or the principal is who froze it."""
        from loadline.flow.acting.freezing import Said, thaw

        said = Said(key=stop.key, by=principal.name, because=as_unicode(because))
        return thaw(self._open_writer(), said, clock=self._now, new_id=_new_freeze)

    def try_canaries(self, *, is_forced: bool = False) -> tuple[CanaryTried, ...]:
        """Ask for what must be denied, as the project's canaries say: those that are due, or all. Nothing is ever
        done by one. What was not denied is told to whoever is told of alarms."""
        from loadline.flow.acting.canaries import alarm_of, try_canaries

        tried = try_canaries(self.act_world, self.principal, is_forced=is_forced)
        for one in tried:
            if not one.is_denied:
                event = alarm_of(self.act_world, one, self._signer())
                for receiver in self._events():
                    receiver.send(event)
        return tried

    def compare_said(self, said: Iterable[Mapping[str, object]]) -> tuple[Compared, ...]:
        """What an agent says it did, compared with what the ledger says happened."""
        from loadline.flow.acting.comparing import compare

        return compare(self._open_reader(), said)

    def reconcile(self, target: str, *, since: datetime | None = None) -> Reckoned:
        """What happened to the tables of a target (within a day, if `since` is None) and went past the gate. Raises
        RequestError for an unknown target, OutsideError when it does not answer."""
        from loadline.flow.acting.reconciling import reckon
        from loadline.flow.acting.resolving import known_target

        name = known_target(self.act_world, as_unicode(target)).name
        seen = self.act_world.target(name).reconcile(since or self._now() - timedelta(days=1))
        return reckon(self._open_reader(), name, seen)

    def frozen(self) -> tuple[Freeze, ...]:
        from loadline.flow.acting.freezing import frozen

        return frozen(self._open_reader())

    def close(self) -> None:
        if "act_world" in self.__dict__:
            for target in self._targets.values():
                target.close()
        super().close()

    def _target(self, name: str) -> Target:
        """One for each thread: whoever cancels what runs in one stops nothing of another's."""
        from loadline.adapters.tools.targets import open_target

        key = (name, threading.get_ident())
        with self._lock:
            if key not in self._targets:
                settings = self.project.targets[name]
                self._targets[key] = open_target(settings, self.project.root, os.environ)
            return self._targets[key]

    def _tool(self, action: DeclaredAction) -> Tool:
        """A new one for each call, for the same reason."""
        from loadline.adapters.tools.opening import open_tool

        return open_tool(action, os.environ, self.__dict__.get("_functions", {}))


def _guard(text: str, target: Target) -> Guarded:
    return guarded(text, target.dialect)


@lru_cache(maxsize=512)
def guarded(text: str, dialect: str) -> Guarded:
    """The guard knows nothing but the text: a declared statement is read once."""
    from loadline.semantics.guard import judge_sql

    if dialect != "postgres":
        return judge_sql(text, dialect)
    from loadline.adapters.parsers.libpg import read_postgres

    return judge_sql(text, dialect, second=read_postgres(text))


def _new_freeze() -> str:
    return f"freeze-{uuid.uuid4().hex[:20]}"


def _unicode(value: object) -> object:
    return as_unicode(value) if isinstance(value, str) else value
