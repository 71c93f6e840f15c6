"""A project's rules in; what they decide, for whom, and what other rules would have decided, out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from loadline.app.acting import guarded
from loadline.app.changing import Changing
from loadline.errors import RequestError
from loadline.values.action import SqlMeans
from loadline.values.diagnostic import Diagnostic
from loadline.values.policy_test import TriedAct
from loadline.values.request import Written
from loadline.values.rule import Deed, Principal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from loadline.flow.policing import Tested
    from loadline.flow.policy_replay import Replayed
    from loadline.values.decision import Decision
    from loadline.values.matter import Fact


class Policing(Changing):
    """An App whose rules are looked at. Nothing here is performed or recorded."""

    def test_policy(self) -> tuple[Tested, ...]:
        """Every test beside the rules, with what was decided."""
        from loadline.flow.policing import run_tests

        return tuple(run_tests(self.project, self.linked, self.today()))

    def explain_policy(
        self,
        principal: Principal,
        deed: Deed,
        what: Written | TriedAct,
        facts: Mapping[str, Fact] | None = None,
    ) -> Decision:
        """What would be decided now. Raises RequestError where the question itself cannot be answered."""
        from loadline.flow.policing import Wanted, decided
        from loadline.policy import facts_at

        told = {**facts_at(self._here()), **self._known_of(what), **(facts or {})}
        wanted = Wanted(principal=principal, deed=deed, what=self._looked_up(what), facts=told)
        return decided(self.project, self.linked, wanted, self.today())

    def who_can(self, deed: Deed, what: Written | TriedAct) -> tuple[tuple[Principal, Decision], ...]:
        """What every person, and every agent on their behalf, would be told. Raises as `explain_policy`."""
        from loadline.flow.policing import who_can

        told = self._known_of(what)
        return who_can(self.project, self.linked, deed, self._looked_up(what), self._here(), told)

    def _known_of(self, what: Written | TriedAct) -> dict[str, Fact]:
        """What a declaration tells of an act before anything is measured."""
        action = self.project.actions.get(what.action) if isinstance(what, TriedAct) else None
        if action is None:
            return {}
        match action.means:
            case SqlMeans(target=name) if (target := self.project.targets.get(name)) is not None and target.environment:
                return {"stake": action.stake.value, "environment": target.environment}
        return {"stake": action.stake.value}

    def _looked_up(self, what: Written | TriedAct) -> Written | TriedAct:
        """A declared statement names its tables; what a cascade or trigger adds, only a dry run knows. Raises
        RequestError for an action that there is not."""
        if not isinstance(what, TriedAct):
            return what
        from loadline.flow.acting.codes import CODES, NO_ACTION
        from loadline.flow.acting.resolving import tables_named
        from loadline.flow.vocabulary import vocabulary_of
        from loadline.policy import unknown_action

        if (mend := unknown_action(what.action, vocabulary_of(self.project))) is not None:
            said = f"there is no action `{what.action[:60]}`"
            raise RequestError(Diagnostic(code=NO_ACTION, what=said, why=CODES[NO_ACTION].why, mend=mend))
        action = self.project.actions.get(what.action)
        if action is None or what.tables or what.writes:
            return what
        match action.means:
            case SqlMeans(target=name, text=text):
                reads, writes = tables_named(text.value, self.project.targets[name], guarded)
                return replace(what, tables=tuple(sorted(reads | writes)), writes=tuple(sorted(writes)))
        return what

    def replay_policy(self, *, against: str | None = None, days: int = 28) -> Replayed:
        """Past decisions under the rules as they are now, or as they are in a revision or folder.

        Raises RequestError for a revision whose project cannot be read, OutsideError when the ledger cannot be.
        """
        from loadline.flow.policy_replay import past_decisions, replay_policy

        rules = self._project_before(against).rules if against is not None else self.project.rules
        return replay_policy(rules, past_decisions(self._recorded(self._now() - timedelta(days=days))))

    def export_cedar(self, part: str = "policies") -> tuple[str, tuple[str, ...]]:
        """The rules as Cedar: `policies`, `schema` or `entities` (JSON), and what Cedar is not told.

        Raises RequestError for a rule that Cedar has no words for.
        """
        from loadline.flow.cedar import export_cedar

        return export_cedar(self.project, part)

    def _here(self) -> datetime:
        from zoneinfo import ZoneInfo

        return self._now().astimezone(ZoneInfo(self.project.model.calendar.timezone))
