"""What a change of the project reaches, and what could be kept ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loadline import project as project_room
from loadline.errors import RequestError
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from loadline.flow.change.diff import Difference
    from loadline.flow.change.reach import Reach
    from loadline.semantics.rollup_advice import Advice
    from loadline.values.model import Rollup
    from loadline.values.rule import Principal


from loadline.app.opened import Opened, link, new_comparison
from loadline.app.places import MANIFEST, count


class Changing(Opened):
    """An App whose project changes."""

    def impact(self, name: str, *, days: int = 28, principal: Principal | None = None) -> Reach:
        """Everything `name` reaches, and the share of the last `days` of recorded questions that rests on it; for a
        `principal` less the metrics they may not ask for, and the questions that ask for one.

        Raises RequestError when it names nothing, or several things.
        """
        from loadline.flow.change.reach import as_seen, reach_of
        from loadline.flow.speaking import seen_metrics

        reach = reach_of(self.project, self.linked, name)
        if (self.project.root / self.project.store.path).exists():
            reach = self._with_traffic(reach, days)
        return reach if principal is None else as_seen(reach, seen_metrics(self.world, principal))

    def _with_traffic(self, reach: Reach, days: int) -> Reach:
        from loadline.flow.change.reach import with_traffic
        from loadline.ledger.reach import first_since

        store, until = self._open_reader(), self._now()
        since = until - timedelta(days=days)
        newest = store.read_checkpoint()
        start = first_since(store.read_entry, newest.size if newest else 0, since)
        return with_traffic(reach, self.linked, store.read_entries(start), since=since, until=until)

    def rollups(self) -> list[tuple[Rollup, bool]]:
        """The declared rollups, and whether each counts as many rows as its dataset has. Raises OutsideError."""
        from loadline.flow.rollups import current_rollups

        current = current_rollups(self.world)
        return [(one.rollup, one.rollup.name in current) for one in self.linked.rollups]

    def rollup_sql(self, name: str) -> str:
        """The SELECT whose rows a rollup holds, in the warehouse's dialect. Raises RequestError for an unknown one."""
        from loadline.semantics import rollup_query

        return rollup_query(self.linked, name, self.world.warehouse.dialect)

    def advise_rollups(self, *, days: int = 28) -> tuple[Advice, ...]:
        """Rollups that would have served the recorded questions of the last `days`, those that took longest first."""
        from loadline.flow.rollups import asked_since
        from loadline.semantics.rollup_advice import advise

        if not (self.project.root / self.project.store.path).exists():
            return ()
        return advise(self.linked, asked_since(self._open_reader(), self._now() - timedelta(days=days)))

    def diff(
        self, revision: str, *, has_values: bool = True, person: str | None = None, today: date | None = None
    ) -> Difference:
        """What this project changes against a folder, or a revision of git: definitions, and with `has_values` the
        answers to verified questions, asked of both over the data as it is now.

        What is asked for it is recorded in the ledger, as runs that traffic does not count; where there is no ledger
        (a fresh checkout), in one that is thrown away. Raises RequestError for an unknown revision or one whose project
        cannot be read, OutsideError when git, the warehouse or the ledger fails.
        """
        from loadline.flow.change import diff

        old = self._project_before(revision)
        old_linked = link(old)
        altered = diff.definitions(old, self.project, old_linked, self.linked)
        if not has_values:
            return diff.Difference(altered=altered)
        principal = self.principal(person)
        with self._recorded_somewhere():
            after = replace(self.world, new_id=new_comparison, may_hold=False)
            before = replace(after, project=replace(old, warehouse=self.project.warehouse), linked=old_linked)
            compared = diff.questions(before, after, principal, today or self.today())
        return diff.Difference(altered=altered, questions=compared)

    def _project_before(self, revision: str) -> Project:
        from loadline.adapters.git import read_revision
        from loadline.flow.change import codes as change_codes

        root = self.project.root
        folder = Path(revision)
        is_folder = (folder / MANIFEST).is_file()
        files = project_room.read_files(folder) if is_folder else read_revision(root, revision)
        reading = project_room.read(files, root)
        if reading.project is not None:
            return reading.project
        errors = [said for said in reading.diagnostics if said.severity is Severity.ERROR]
        raise RequestError(
            Diagnostic(
                code=change_codes.OLD_PROJECT,
                what=f"the project of `{revision}` has {count(len(errors), 'error')}, the first: {errors[0].what}",
                why=change_codes.CODES[change_codes.OLD_PROJECT].why,
                mend="compare with a revision or folder that passes `loadline check`",
            )
        )
