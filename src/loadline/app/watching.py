"""The data of a project looked at: promises kept or not, and drift."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.alarms import Alarm
    from loadline.flow.drawing import Drawn
    from loadline.flow.ports import Events
    from loadline.flow.watch_run import WatchRun
    from loadline.flow.watched import History
    from loadline.ledger import Signer
    from loadline.project import Watch


from loadline.app.acting import Acting
from loadline.app.forgetting import Forgetting
from loadline.errors import OutsideError

_NOTICE_SECONDS = 60.0


class Watching(Acting, Forgetting):
    """An App that looks at its data."""

    _let_go_on: date | None = None

    def check_data(
        self, names: Sequence[str] = (), *, is_anew: bool = False, principal: Principal | None = None
    ) -> tuple[dict[str, Any], ...]:
        """Look at every promise of these datasets' contracts (of all, when none is named) on live data, and record
        what came of it. Files that have not changed since an earlier look are not read again, unless `is_anew`. One
        mapping for each table, as `loadline data check --format json` prints it: without the rows, numbers and causes
        that rules and rights keep from `principal`, or with all of them where nobody is named.

        Raises RequestError for an unknown name, OutsideError when the ledger fails.
        """
        from loadline.checks.data import told
        from loadline.flow.inspect import inspect
        from loadline.flow.looks_seen import as_seen_by

        looks = [told(look, with_samples=True) for look in inspect(self.world, names, is_anew=is_anew)]
        return tuple(as_seen_by(self.world, principal, look) if principal else look for look in looks)

    def data_status(
        self, names: Sequence[str] = (), *, principal: Principal | None = None
    ) -> tuple[dict[str, Any] | str, ...]:
        """The newest recorded look at each table, as `principal` may see it, or the name of a table nobody has looked
        at. Queries nothing."""
        from loadline.flow.inspect import newest_looks
        from loadline.flow.looks_seen import as_seen_by

        return tuple(
            look if principal is None or isinstance(look, str) else as_seen_by(self.world, principal, look)
            for look in newest_looks(self.world, names)
        )

    def watch(self, names: Sequence[str] = (), *, is_forced: bool = False) -> WatchRun:
        """One round of the watches named, or all: profile what is due, judge it, record it, send alarms; and, where
        none is named, check the contracts whose schedule ran, and try canaries.

        Raises RequestError for an unknown name, OutsideError when another process watches or the ledger fails.
        """
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import in_a_round, run_watches

        with hold_watch(self._watch_lock()):
            self._let_go()
            untold = self._tell_approvers()
            watches = in_a_round(self.project, names)
            run = run_watches(
                self.world, watches, self._events(), self._signer(), is_forced=is_forced, is_whole=not names
            )
            run = replace(run, unsent=(*run.unsent, *untold))
            return run if names else replace(run, canaries=self.try_canaries(is_forced=is_forced))

    def keep_watching(self, stop: threading.Event) -> Iterator[WatchRun]:
        """Round after round until `stop` is set; naps until something is due. Holds the lock throughout."""
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import in_a_round, nap_seconds, rounds

        watches = in_a_round(self.project, ())
        with hold_watch(self._watch_lock()):
            events, signer = self._events(), self._signer()
            yield from rounds(
                lambda: self._round(watches, events, signer),
                lambda run: stop.wait(self._nap_seconds(nap_seconds(self.world, run))),
            )

    def _round(self, watches: Sequence[Watch], events: Sequence[Events], signer: Signer) -> WatchRun:
        from loadline.flow.watch_run import run_watches

        self._let_go()
        untold = self._tell_approvers()
        run = run_watches(self.world, watches, events, signer)
        return replace(run, unsent=(*run.unsent, *untold), canaries=self.try_canaries())

    def _nap_seconds(self, otherwise: float) -> float:
        """A deputy's time comes between windows, too."""
        return min(otherwise, _NOTICE_SECONDS) if self.project.notices.is_any else otherwise

    def _tell_approvers(self) -> tuple[Diagnostic, ...]:
        """Of what waits. What could not be handed over is returned, and tried again by the next round."""
        return self.send_notices().unsent if self.project.notices.is_any else ()

    def _let_go(self) -> None:
        """Once a day, what is older than the project's retention. Where a reader is in the way the next round does it:
        what was begun is on record and finished then."""
        if self._let_go_on == self.today():
            return
        try:
            self.expire(principal=self.principal())
        except OutsideError as error:
            if not error.retryable:
                raise
        else:
            self._let_go_on = self.today()

    def drift_status(
        self, names: Sequence[str] = (), *, principal: Principal | None = None
    ) -> tuple[list[tuple[Watch, History]], list[Alarm]]:
        """What the ledger says of the watches named, or all, as `principal` may see it. Raises RequestError for an
        unknown name."""
        from loadline.flow.drift_seen import status_as_seen_by
        from loadline.flow.watch_run import chosen, status_of

        chosen(self.project, names)
        found = status_of(self.project, self._open_reader(), names)
        return found if principal is None else status_as_seen_by(self.ruled, principal, *found)

    def drift_history(
        self, column: str, *, wanted: str | None = None, segment: str = "", principal: Principal | None = None
    ) -> Drawn:
        """The share of one bin of `watch.column` over the windows, for a picture. Raises RequestError, also where it
        would show what rules or rights keep from `principal`."""
        from loadline.flow.drawing import draw
        from loadline.flow.drift_seen import check_drawn

        if principal is not None:
            check_drawn(self.ruled, principal, column)
        return draw(self.project, self._open_reader(), column, wanted=wanted, segment=segment)

    def accept_drift(
        self, watch: str, *, principal: Principal, because: str, since: datetime | None = None
    ) -> Mapping[str, object]:
        """Take a new baseline, in the name of `principal`. Raises RequestError and OutsideError."""
        from loadline.adapters.stores.watch_lock import hold_watch
        from loadline.flow.watch_run import accept_baseline, chosen

        chosen(self.project, (watch,))
        with hold_watch(self._watch_lock()):
            _, said = accept_baseline(self.world, watch, by=principal.name, because=because, since=since)
        return said

    def _watch_lock(self) -> Path:
        return (self.project.root / self.project.store.path).parent / "watch.lock"
