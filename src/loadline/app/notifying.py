"""A hold in; its approvers told, behind the back of who waits for the receipt, out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from loadline.app.opened import Opened
from loadline.errors import LoadlineError

if TYPE_CHECKING:
    from loadline.flow.acting.notices import NoticesSent
    from loadline.flow.acting.world import ActWorld
    from loadline.flow.ports import Events

_TRIES_AFTER_SECONDS = (0.0, 2.0, 10.0)


class Notifying(Opened):
    """An App that tells approvers. Nothing that acts waits for it."""

    _notifier: threading.Thread | None = None
    _is_new: threading.Event
    _is_over: threading.Event

    def _send_notices(self, world: ActWorld) -> NoticesSent:
        from loadline.flow.acting.notices import send_notices

        return send_notices(world, self._receivers(), self._signer())

    def _receivers(self) -> list[Events]:
        from loadline.adapters.events.command import CommandEvents
        from loadline.adapters.events.file import FileEvents
        from loadline.adapters.events.webhook import WebhookEvents

        said = self.project.notices
        found: list[Events] = [FileEvents(self.project.root / said.file, key="notices.file")] if said.file else []
        found += [WebhookEvents(said.webhook)] if said.webhook else []
        return found + ([CommandEvents(said.command, self.project.root)] if said.command else [])

    def _notify_soon(self, world: ActWorld) -> None:
        """Have it done by a thread of its own; it gives up after a few tries, and whoever comes next goes on."""
        if not self.project.notices.is_any:
            return
        with self._lock:
            if self._notifier is None:
                self._is_new, self._is_over = threading.Event(), threading.Event()
                self._notifier = threading.Thread(target=self._notify, args=(world,), name="notices", daemon=True)
                self._notifier.start()
                self.closing(self._stop_notifying)
            self._is_new.set()

    def _notify(self, world: ActWorld) -> None:
        while True:
            self._is_new.wait()
            self._is_new.clear()
            for seconds in _TRIES_AFTER_SECONDS:
                self._is_over.wait(seconds)
                if self._are_sent(world) or self._is_over.is_set():
                    break
            if self._is_over.is_set() and not self._is_new.is_set():
                return

    def _are_sent(self, world: ActWorld) -> bool:
        try:
            return not self._send_notices(world).unsent
        except LoadlineError:
            return False  # the ledger, or the key: the next try, or the next round, looks again

    def _stop_notifying(self) -> None:
        """What was begun is tried once more, and no longer waited for than its receivers may take."""
        self._is_over.set()
        self._is_new.set()
        if self._notifier is not None:
            self._notifier.join()
            self._notifier = None
