"""What was really asked made a regression case, and all that is verified asked again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from loadline.app.looking_back import LookingBack
from loadline.app.opened import new_comparison, unknown
from loadline.app.places import cannot_write, read_project
from loadline.errors import RequestError
from loadline.flow import codes_replay as codes
from loadline.values.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadline.flow.reading import Door
    from loadline.flow.replay import Replay, Replayed
    from loadline.ledger.views.candidates import Candidate, Said
    from loadline.values.question import RegressionCase
    from loadline.values.rule import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """A case that was written into `path`, and what became of it when it was asked again at once."""

    case: RegressionCase
    path: str
    replayed: Replayed


class Replaying(LookingBack):
    """An App that asks again."""

    def candidates(self, *, days: int = 28) -> tuple[Candidate, ...]:
        """The answers that somebody gave feedback on in the last `days`, and that are no regression case yet."""
        from loadline.ledger.views.candidates import candidates

        promoted = {case.expected.receipt for case in self.project.cases if case.expected}
        return candidates(self._recorded(self._now() - timedelta(days=days)), frozenset(promoted))

    def feedback_on(self, receipt: str, *, door: Door | None) -> tuple[Said, ...]:
        """The last that each person said of the receipt with this whole id; who came in reads their own, and whoever
        reads everything, and who sits at this terminal (None), everybody's."""
        from loadline.flow.reading import Reader
        from loadline.flow.record import feedback_key
        from loadline.ledger.views.candidates import candidates

        found = candidates(reversed(self._open_reader().find_entries(feedback_key(receipt))), frozenset())
        said = found[0].said if found else ()
        if door is None or Reader.of(door, self.project.ledger_roles.readers).reads_all:
            return said
        return tuple(one for one in said if one.by == door.principal.name and door.principal.agent is None)

    def promote(self, wanted: str, *, days: int = 28) -> Promoted:
        """Make the last answer of a cell of traffic, or a receipt, a regression case. A draft where somebody said that
        its answer is wrong.

        Raises RequestError for an unknown one, one that is a case already or cannot be one; OutsideError when the file
        cannot be written or the warehouse fails.
        """
        from loadline.adapters.regression import REGRESSION, write_case
        from loadline.flow.replay import promoted, replay

        recorded = self.receipt(self._receipt_of(wanted, days))
        said = next((one for one in self.candidates(days=days) if one.receipt == recorded["id"]), None)
        case = promoted(
            replace(self.world, new_id=new_comparison, may_hold=False),
            recorded,
            said=said.complaint if said else None,
            zone=ZoneInfo(self.project.model.calendar.timezone),
        )
        project = read_project(self.project.root)
        there = next((one for one in project.cases if one.id == case.id), None)
        if there is not None:
            raise RequestError(
                Diagnostic(
                    code=codes.PROMOTED_ALREADY,
                    what=f"`{case.id}` is a regression case already",
                    why=codes.REPLAY[codes.PROMOTED_ALREADY].why,
                    mend=f"`loadline replay {case.id}` asks it again; to keep another answer, delete it from "
                    f"{there.place.file} first",
                )
            )
        try:
            write_case(project.root, case)
        except OSError as error:
            raise cannot_write(error, project.root / REGRESSION) from error
        self.project = read_project(project.root)
        world = replace(self.world, project=self.project, new_id=new_comparison, may_hold=False)
        (again,) = replay(
            world, self.principal(), self.today(), before={}, names=frozenset({case.id})
        ).replayed  # as it was read back from its file
        return Promoted(case=case, path=REGRESSION.as_posix(), replayed=again)

    def _receipt_of(self, wanted: str, days: int) -> str:
        if wanted.startswith(("rcpt-", "run-")):
            return wanted
        found = [cell for cell in self.traffic(days=days).cells if cell.id.startswith(wanted)]
        if len(found) == 1 and len(wanted) >= len("cell-") + 4:
            return found[0].receipt
        raise RequestError(
            Diagnostic(
                code=codes.NO_SUCH_CELL,
                what=f"there is no cell `{wanted}`"
                if not found
                else f"`{wanted}` may be {len(found)} cells"
                if len(found) > 1
                else f"`{wanted}` is too short a beginning",
                why=codes.REPLAY[codes.NO_SUCH_CELL].why,
                mend="write an id as `loadline traffic` prints it, or a receipt's",
            )
        )

    def replay(
        self, names: Sequence[str] = (), *, principal: Principal, today: date | None = None, days: int = 28
    ) -> Replay:
        """Ask verified questions and regression cases again (those named, or all), and say what changed and why.

        What is asked for it is recorded in the ledger, as runs that traffic does not count; where there is no ledger
        (a fresh checkout), in one that is thrown away. Raises RequestError for an unknown name, OutsideError when the
        ledger fails.
        """
        from loadline.flow.replay import newest_answers, replay
        from loadline.ledger.views.asked import receipts
        from loadline.semantics.words import normal

        known = {one.id for one in self.project.questions} | {one.id for one in self.project.cases}
        for name in names:
            if name not in known:
                raise RequestError(
                    unknown(codes.NO_SUCH_CASE, "question or case", name, known, "regression", "questions/")
                )
        until = self._now()
        since = until - timedelta(days=days)
        entries = receipts(self._recorded(since), since=since, until=until)
        recorded: list[dict[str, Any]] = [dict(entry.payload) for entry in entries]
        before = newest_answers(recorded, self.project.questions, normal, principal.audience)
        with self._recorded_somewhere():
            return replay(
                replace(self.world, new_id=new_comparison, may_hold=False),
                principal,
                today or self.today(),
                before=before,
                names=frozenset(names) if names else None,
            )
