"""Whose content is to go, or the project's retention, in; keys destroyed, content taken out and that on record, out."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loadline.app.opened import Opened, as_unicode
from loadline.app.places import PARTS, REPLIES
from loadline.errors import RequestError
from loadline.flow import codes_forgetting as codes
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.adapters.stores.forgetting import Forgotten, Order
    from loadline.ledger.sealed import EntryClass


class Forgetting(Opened):
    """An App whose ledger can forget."""

    def erase(self, subject: str, *, principal: Principal, because: str) -> Forgotten:
        """Destroy what the ledger says of a person (`anna`) or of somebody named in an argument (`customer_id=4711`).
        That something was recorded stays, and every proof with it.

        Raises RequestError when `principal` may not, gives no reason, nothing is known of the subject, or something
        of theirs is not finished; OutsideError when the ledger cannot be written.
        """
        from loadline.adapters.stores.forgetting import forget
        from loadline.adapters.stores.vault import Scope
        from loadline.flow.acting.record import subjects_of, unfinished
        from loadline.ledger.sealed import subjects_in

        wanted = as_unicode(subject)
        self._check_may_forget(principal, because)
        store = self._open_writer()
        waiting = [one.run for one in unfinished(store) if wanted in subjects_of(one.intent)]
        if waiting:
            raise RequestError(_unfinished(wanted, waiting))
        rows = [e.index for e in store.read_entries() if e.stored is None and wanted in subjects_in(e.payload)]
        if store.vault.token(wanted) is None and not rows:
            raise RequestError(_nobody(wanted))
        done = forget(store, Scope(subject=wanted), self._order(principal, because, rows))
        self._forget_beside(store.path)
        return done

    def _forget_beside(self, ledger: Path) -> None:
        """What else lies beside the ledger and may say something of them."""
        from loadline.adapters.stores.replies import SqliteReplies

        with suppress(OSError):  # a cache of ends of columns, which may be somebody's name
            ledger.with_name(PARTS).unlink()
        if ledger.with_name(REPLIES).exists():
            replies = SqliteReplies(ledger.with_name(REPLIES))
            try:
                replies.forget()
            finally:
                replies.close()

    def expire(self, *, principal: Principal) -> Forgotten | None:
        """Let what is older than the project's `retention` go, as `erase` does; None where nothing is, or nothing is
        written about retention. Raises OutsideError when the ledger cannot be written."""
        from loadline.adapters.stores.forgetting import forget
        from loadline.adapters.stores.vault import Scope
        from loadline.ledger.reach import SKEW
        from loadline.ledger.sealed import class_of, day_of

        before = self._expired_before()
        if not before:
            return None
        store = self._open_writer()
        rows = []
        last = self._now() - timedelta(days=min(self._kept_days().values())) + SKEW
        for entry in store.read_entries():
            if entry.at > last:
                break
            if entry.stored is None and day_of(entry.at) < before.get(class_of(entry.kind, entry.payload), ""):
                rows.append(entry.index)
        scope = Scope(before=before)
        if not rows and not store.vault.count_keys(scope):
            return None
        return forget(store, scope, self._order(principal, "their time has passed", rows))

    def _kept_days(self) -> dict[EntryClass, int]:
        from loadline.ledger.sealed import EntryClass

        kept = self.project.retention
        days = {
            EntryClass.QUESTIONS: kept.questions_days,
            EntryClass.ACTIONS: kept.actions_days,
            EntryClass.FEEDBACK: kept.feedback_days,
        }
        return {group: number for group, number in days.items() if number is not None}

    def _expired_before(self) -> dict[EntryClass, str]:
        """The day before which the entries of a class are let go."""
        from loadline.ledger.sealed import day_of

        now = self._now()
        return {group: day_of(now - timedelta(days=days)) for group, days in self._kept_days().items()}

    def _order(self, principal: Principal, because: str, rows: list[int]) -> Order:
        from loadline.adapters.stores.forgetting import Order

        run = f"erase-{uuid.uuid4().hex[:20]}"
        return Order(run=run, by=principal.name, because=as_unicode(because), at=self._now(), rows=rows)

    def _check_may_forget(self, principal: Principal, because: str) -> None:
        """Forgetting cannot be taken back: it takes a person who may, and a reason."""
        stewards = self.project.ledger_roles.stewards
        if principal.agent is not None or set(stewards).isdisjoint(principal.roles):
            raise RequestError(_may_not(principal, stewards))
        if not because.strip():
            what = "no reason is given"
            raise RequestError(_said(codes.MAY_NOT_FORGET, what, 'add `--because "asked for it on 3 May"`'))


def _may_not(principal: Principal, stewards: tuple[str, ...]) -> Diagnostic:
    roles = " or ".join(f"`{role}`" for role in stewards)
    who = f"the agent `{principal.agent}`" if principal.agent else f"`{principal.name}`"
    return _said(codes.MAY_NOT_FORGET, f"{who} may not erase", f"ask somebody with the role {roles}")


def _nobody(subject: str) -> Diagnostic:
    mend = "write the name as in `people`, or an argument and its value: `customer_id=4711`"
    return _said(codes.NOBODY_KNOWN, f"the ledger knows nobody called `{subject}`", mend)


def _unfinished(subject: str, runs: list[str]) -> Diagnostic:
    what = f"{len(runs)} of `{subject}`'s actions are not finished: {', '.join(f'`{run}`' for run in runs[:5])}"
    return _said(codes.NOT_FINISHED, what, "reject them, or let them be done: `loadline approvals list`")


def _said(code: str, what: str, mend: str) -> Diagnostic:
    return Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend)
