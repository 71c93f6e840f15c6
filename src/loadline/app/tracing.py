"""The data of a project described and traced: profiles, what a change of contracts breaks, lineage, quarantine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadline.app.changing import Changing
from loadline.app.opened import link, new_run, open_warehouse
from loadline.errors import OutsideError, RequestError
from loadline.flow.change import codes
from loadline.values.diagnostic import Diagnostic

if TYPE_CHECKING:
    from loadline.checks.data.quarantine import Quarantine
    from loadline.flow.change.contracts import ContractChange
    from loadline.flow.draft.profile import Profiles
    from loadline.ledger.views.findings import TableHistory
    from loadline.semantics.impact import LineageGraph
    from loadline.semantics.tracing import Lineage
    from loadline.values.lineage import SourceEdge
    from loadline.values.rule import Principal


class Tracing(Changing):
    """An App that tells where its data comes from, what it looks like, and what becomes of it."""

    def profile(
        self,
        names: Sequence[str] = (),
        *,
        progress: Callable[[str], None] = lambda _: None,
        principal: Principal | None = None,
    ) -> Profiles:
        """What the live rows of these datasets (of all, when none is named) show of themselves, and the contracts they
        would draft. A dataset that rules or rights keep a column or rows of from `principal` is left out. Nothing is
        recorded. Raises RequestError for an unknown name, OutsideError when the warehouse cannot be opened."""
        from loadline.adapters.drafts import TEXT_ENDINGS
        from loadline.flow.draft.profile import profile, profiles_as_seen_by

        files = self.project.warehouse.files
        untyped = frozenset(name for name, file in files.items() if file.lower().endswith(TEXT_ENDINGS))
        with closing(open_warehouse(self.project)) as warehouse:
            found = profile(self.project, warehouse, names, today=self.today(), untyped=untyped, progress=progress)
        return found if principal is None else profiles_as_seen_by(self.ruled, principal, found)

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

    def lineage(
        self, name: str, *, up: bool = True, down: bool = True, hops: int | None = None, has_views: bool = True
    ) -> tuple[Lineage, tuple[str, ...]]:
        """What `name` is made of and what rests on it, from source column to assistant; and what could not be told.

        Views are read from the warehouse, unless not wanted; what other tools said, and who asked in the last 28 days,
        from the ledger. Raises RequestError when it names nothing.
        """
        from loadline.flow.lineage import things_named
        from loadline.semantics.tracing import lineage_of

        edges, notes = self._edges(has_views=has_views)
        graph = self._traced(edges)
        return lineage_of(graph, things_named(graph, name), up=up, down=down, hops=hops), notes

    def _edges(self, *, has_views: bool) -> tuple[tuple[SourceEdge, ...], tuple[str, ...]]:
        """What is known to lie before the datasets, and what kept more from being known."""
        from loadline.flow.lineage import stored_edges, view_edges

        edges: tuple[SourceEdge, ...] = ()
        notes: tuple[str, ...] = ()
        if has_views:
            try:
                with closing(open_warehouse(self.project)) as warehouse:
                    edges, notes = view_edges(warehouse, timeout_seconds=self.project.warehouse.timeout_seconds)
            except OutsideError as error:
                notes = ("views were not read: " + "; ".join(said.what for said in error.diagnostics),)
        if self._has_ledger():
            edges += stored_edges(self._open_reader())
        return edges, notes

    def _has_ledger(self) -> bool:
        return self._writer is not None or (self.project.root / self.project.store.path).exists()

    def _traced(self, edges: tuple[SourceEdge, ...]) -> LineageGraph:
        from loadline.flow.lineage import asking, whole_graph

        entries = self._recorded(self._now() - timedelta(days=28))
        return whole_graph(self.project, self.linked, edges, asking(self.project, entries))

    def import_lineage(self, form: str, source: Path) -> tuple[int, tuple[str, ...], int]:
        """Keep in the ledger what a file of `form` (`openlineage` or `dbt`) says flows from where to where, in place of
        what it said before: how many edges, what could not be told, and the number of the entry.

        Raises RequestError for a file of another form or one that cannot be read, OutsideError when the ledger fails.
        """
        from loadline.adapters.imports import read_texts
        from loadline.flow.lineage import manifest_edges, record_edges
        from loadline.project.importing.dbt_manifest import read_manifest
        from loadline.project.importing.openlineage import read_openlineage

        edges: dict[SourceEdge, None] = {}
        notes: tuple[str, ...] = ()
        for name, text in read_texts(source).items():
            if form == "dbt":
                found, more = manifest_edges(read_manifest(text, name))
                notes += more
            else:
                found = read_openlineage(text, name)
            edges |= dict.fromkeys(found)
        origin = f"{form} {source.name}"
        index = record_edges(self._open_writer(), origin, tuple(edges), run=new_run(), at=self._now())
        return len(edges), notes, index

    def openlineage_events(self) -> Iterator[Mapping[str, Any]]:
        """The project's lineage as OpenLineage events: one for each view, one for each metric."""
        from loadline.flow.openlineage import events

        edges, _ = self._edges(has_views=True)
        return events(self.project, self.linked, self._traced(edges), edges, at=self._now())

    def quarantine(
        self, name: str, *, has_warnings: bool = False, creates: bool = False, replaces: bool = False
    ) -> Quarantine:
        """The SQL of two views over a table: the rows that break a promise of its contract, and all others; with
        `creates`, both are created in the warehouse, in place of views of these names where `replaces`.

        Raises RequestError for an unknown name, OutsideError when the warehouse cannot be read or refuses.
        """
        from loadline.flow.quarantining import quarantine_of

        with closing(open_warehouse(self.project)) as warehouse:
            found = quarantine_of(self.project, warehouse, name, now=self._now(), has_warnings=has_warnings)
        if creates:
            from loadline.adapters.warehouses.creating import create_views

            statements = found.statements(replaces=replaces)
            create_views(self.project.warehouse, self.project.root, os.environ, statements)
        return found

    def data_history(
        self, names: Sequence[str] = (), *, principal: Principal | None = None
    ) -> tuple[TableHistory, ...]:
        """How each table stood in every recorded look, and from when until when each promise was broken, as `principal`
        may see it; of all tables when none is named. Nothing is queried. Raises RequestError for an unknown name."""
        from loadline.flow.inspect import histories
        from loadline.flow.looks_seen import history_as_seen_by

        found = histories(self.project, self._open_reader() if self._has_ledger() else None, names)
        return found if principal is None else tuple(history_as_seen_by(self.ruled, principal, one) for one in found)
