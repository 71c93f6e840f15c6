"""What the ledger holds: receipts, proofs, and what recorded questions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from loadline.errors import RequestError
from loadline.flow import codes
from loadline.values.canonical import plain
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.views.debt import Debt
    from loadline.flow.views.noted import Noted
    from loadline.ledger import Proven, ProvenEntry
    from loadline.ledger.views.cells import TrafficCells
    from loadline.ledger.views.consistency import Consistency
    from loadline.ledger.views.difference import ReceiptDifference
    from loadline.values.feedback import Feedback, Opinion


from loadline.app.opened import Opened, new_run


class LookingBack(Opened):
    """An App whose ledger is read."""

    def receipt(self, wanted: str, *, prefer: Callable[[Mapping[str, Any]], bool] = lambda _: False) -> dict[str, Any]:
        """The recorded receipt whose id (or run) begins like this; the newest, when the same question was asked again,
        or the newest of those preferred.

        Raises RequestError when there is none, or when several differ.
        """
        entries = [e for e in self._open_reader().find_entries(wanted) if "checks_not_run" in e.payload]
        ids = {str(entry.payload["id"]) for entry in entries}
        if not entries:
            raise RequestError(self.no_receipt(wanted))
        if len(ids) > 1:
            raise RequestError(
                Diagnostic(
                    code=codes.SEVERAL_RECEIPTS,
                    what=f"{len(ids)} receipts begin with `{wanted}`",
                    why=codes.CODES[codes.SEVERAL_RECEIPTS].why,
                    mend="write one of " + ", ".join(f"`{name}`" for name in sorted(ids)),
                )
            )
        found = next((entry for entry in entries if prefer(entry.payload)), entries[0])
        return {**plain(found.payload), "ledger_index": found.index}

    @staticmethod
    def no_receipt(wanted: str) -> Diagnostic:
        return Diagnostic(
            code=codes.NO_SUCH_RECEIPT,
            what=f"the ledger holds no receipt `{wanted}`",
            why=codes.CODES[codes.NO_SUCH_RECEIPT].why,
            mend="copy the id printed under an answer; its first 11 characters (`rcpt-` and 6 more) suffice",
        )

    def prove_entry(self, index: int) -> ProvenEntry:
        """Prove that the newest signed checkpoint contains an entry. Raises TamperError when it does not."""
        from loadline import ledger

        store = self._open_reader()
        return ledger.prove_entry(store.read_entry(index), store.read_checkpoint(), store.read_node, self._verifier())

    def prove(self, *, held: Sequence[str] = ()) -> Proven:
        """Recompute the whole ledger against its checkpoints, and against those `held` elsewhere.

        Raises TamperError that names the first entry or checkpoint that breaks.
        """
        from loadline import ledger

        store = self._open_reader()
        return ledger.prove(
            store.read_entries(),
            store.read_checkpoints(),
            self._verifier(),
            held=held,
            read_node=store.read_node,
        )

    def export_ledger(self, target: Path) -> int:
        """Write the whole ledger into one file that proves without loadline; return the number of entries.

        Raises OutsideError when the file cannot be written.
        """
        from loadline.adapters.stores.export import write_export

        return write_export(self._open_reader(), self._verifier(), target)

    def checkpoint(self) -> str:
        """The newest signed checkpoint, as a C2SP signed note."""
        newest = self._open_reader().read_checkpoint()
        return newest.note if newest else ""

    def debt(self, *, days: int = 28) -> Debt:
        """What is unclear, unowned, unpromised or unused in the project, and the share of the last `days` of recorded
        questions that rests on each."""
        from loadline.flow.views.debt import Before, debt_of
        from loadline.ledger.views.asked import usage
        from loadline.ledger.views.clashes import clashes
        from loadline.semantics.words import normal

        until = self._now()
        since = until - timedelta(days=days)
        counted = usage(self._recorded(since), normal, since=since, until=until)
        clashing = clashes(self._recorded(since), since=since, until=until)
        return debt_of(self.project, self.linked, counted, Before(since=since, noted=self._noted_at(since)), clashing)

    def consistency(self, *, days: int = 28) -> Consistency:
        """How alike the answers to the same question were, in the last `days`, and why some were not."""
        from loadline.flow.views.verified import judge_of
        from loadline.ledger.views.consistency import consistency
        from loadline.semantics.words import normal

        until = self._now()
        since = until - timedelta(days=days)
        is_right = judge_of(self.project, self.linked, ZoneInfo(self.project.model.calendar.timezone))
        return consistency(self._recorded(since), normal, is_right, since=since, until=until)

    def compare_receipts(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> ReceiptDifference:
        """What differs between two receipts, as `receipt` gives them, and by what cause."""
        from loadline.ledger.views.difference import explain

        return explain(old, new)

    def feedback(self, receipt: str, opinion: Opinion, *, principal: Principal, note: str = "") -> tuple[Feedback, int]:
        """Record what `principal` says of the answer with this receipt; return it and the number of its ledger entry.

        Raises RequestError as `receipt` does, OutsideError when the ledger cannot be written.
        """
        from loadline.flow.record import record_feedback
        from loadline.values.feedback import Feedback

        found = self.receipt(receipt)
        said = Feedback(
            receipt=found["id"], question=found["question"], opinion=opinion, by=principal.name, note=note.strip()
        )
        return said, record_feedback(self._open_writer(), said, run=new_run(), at=self._now())

    def traffic(self, *, days: int = 28) -> TrafficCells:
        """What kinds of questions were asked in the last `days`, and how much of that a verified question or a
        regression case tests."""
        from loadline.flow.views.tested import case_signatures, tested_signatures
        from loadline.ledger.views.cells import cells

        until = self._now()
        since = until - timedelta(days=days)
        tested = tested_signatures(self.project, self.linked, self.today())
        cases = case_signatures(self.project, self.linked)
        return cells(self._recorded(since), tested, cases, since=since, until=until)

    def _noted_at(self, moment: datetime) -> Noted | None:
        """What the project was then, as the ledger noted; None where it does not reach back as far."""
        from loadline.flow.views.noted import noted_in

        if self._writer is None and not (self.project.root / self.project.store.path).exists():
            return None
        noted = self._open_reader().find_entries("project", limit=10_000)
        then = next((entry for entry in noted if entry.at <= moment), None)
        return None if then is None else noted_in(then.payload)
