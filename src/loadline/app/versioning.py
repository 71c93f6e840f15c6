"""A metric in, its versions out: who began each, what changed, and which answers rest on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from loadline import project as project_room
from loadline.app.opened import Opened, link
from loadline.errors import OutsideError, ProjectError, RequestError

if TYPE_CHECKING:
    from loadline.flow.reading import Door
    from loadline.flow.views.versions import MetricVersion, ProjectThen, Use

MOST_REVISIONS = 30
"""So many commits are read back, the newest."""


class Versioning(Opened):
    """An App that knows how its metrics were written before."""

    def metric_versions(self, name: str, *, door: Door, days: int = 90) -> tuple[MetricVersion, ...]:
        """Newest first: from the newest commits of the project's folder, where it lies in a git repository, and from
        the answers of the last `days`. A commit whose project cannot be read is passed over.

        Raises RequestError where who came in may ask for no such metric."""
        from loadline.flow.showing import describe
        from loadline.flow.views.versions import versions

        found = describe(self.world, door.principal, name).card.name
        return versions(found, tuple(self._written_before()), self._uses_of(found, door, days))

    def _written_before(self) -> Iterator[ProjectThen]:
        """Oldest first, and the folder as it is now last."""
        from loadline.adapters.git import read_revision, read_revisions
        from loadline.flow.views.versions import ProjectThen

        root = self.project.root
        try:
            revisions = read_revisions(root, ("context", "loadline.yaml"), most=MOST_REVISIONS)
        except (OutsideError, RequestError):  # no git, or no repository: then the ledger alone tells
            revisions = ()
        for revision in reversed(revisions):
            try:
                project = project_room.read(read_revision(root, revision.id), root).project
                if project is not None:
                    yield ProjectThen(revision=revision, project=project, linked=link(project))
            except (ProjectError, RequestError):
                continue
        yield ProjectThen(revision=None, project=self.project, linked=self.linked)

    def _uses_of(self, name: str, door: Door, days: int) -> Iterator[Use]:
        from loadline.flow.reading import Reader, is_own
        from loadline.flow.views.versions import uses_in
        from loadline.ledger.views.asked import receipts

        until = self._now()
        since = until - timedelta(days=days)
        reader = Reader.of(door, self.project.ledger_roles.readers)
        for entry in receipts(self._recorded(since), since=since, until=until):
            may_open = reader.reads_all or is_own(door.principal, entry.payload)
            yield from uses_in(entry, name, may_open=may_open)
