"""The data of a project described and traced: profiles, what a change of contracts breaks, lineage, quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from loadline.app.changing import Changing
from loadline.app.opened import link, open_warehouse
from loadline.errors import RequestError
from loadline.flow.change import codes
from loadline.values.diagnostic import Diagnostic

if TYPE_CHECKING:
    from loadline.flow.change.contracts import ContractChange
    from loadline.flow.draft.profile import Profiles


class Tracing(Changing):
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

    def data_diff(self, revision: str | None, *, is_live: bool = False) -> tuple[ContractChange, ...]:
        """What contracts and measures promise otherwise than in a folder or a revision of git, and with `is_live` what
        the columns in the warehouse are otherwise than promised; breaking changes first.

        Raises RequestError when neither is asked, for an unknown revision or one whose project cannot be read;
        OutsideError when git fails or the warehouse cannot be opened.
        """
        from loadline.flow.change.contracts import contract_changes
        from loadline.flow.change.live import live_changes

        found: tuple[ContractChange, ...] = ()
        if revision is None and not is_live:
            raise RequestError(
                Diagnostic(
                    code=codes.NOTHING_TO_COMPARE,
                    what="nothing is named to compare the contracts with",
                    why=codes.CODES[codes.NOTHING_TO_COMPARE].why,
                    mend="name a revision, as in `loadline data diff main`, or write `--live`",
                )
            )
        if revision is not None:
            old = self._project_before(revision)
            found = contract_changes(old, self.project, link(old), self.linked)
        if is_live:
            with closing(open_warehouse(self.project)) as warehouse:
                found += live_changes(self.project, self.linked, warehouse)
        return tuple(sorted(found, key=lambda one: not one.is_breaking))
