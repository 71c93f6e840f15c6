"""The data of a project described and traced: profiles, what a change of contracts breaks, lineage, quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from loadline.app.opened import Opened, open_warehouse

if TYPE_CHECKING:
    from loadline.flow.draft.profile import Profiles


class Tracing(Opened):
    """An App that tells where its data comes from, what it looks like, and what becomes of it."""

    def profile(self, names: Sequence[str] = (), *, progress: Callable[[str], None] = lambda _: None) -> Profiles:
        """What the live rows of these datasets (of all, when none is named) show of themselves, and the contracts they
        would draft. Nothing is recorded. Raises RequestError for an unknown name, OutsideError when the warehouse
        cannot be opened."""
        from loadline.adapters.drafts import TEXT_ENDINGS
        from loadline.flow.draft.profile import profile

        files = self.project.warehouse.files
        untyped = frozenset(name for name, file in files.items() if file.lower().endswith(TEXT_ENDINGS))
        with closing(open_warehouse(self.project)) as warehouse:
            return profile(self.project, warehouse, names, today=self.today(), untyped=untyped, progress=progress)
