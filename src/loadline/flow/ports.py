"""What the river needs of the outside. Every adapter of a port passes that port's suite in `loadline.testing`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from loadline.ledger import Draft, Entry, SignedCheckpoint
from loadline.values.decision import Forbid
from loadline.values.effect import (
    Approved,
    ChangedSince,
    Exceeded,
    Inserted,
    Performed,
    Preview,
    Reconciled,
    Write,
    WriteEffect,
)
from loadline.values.finding import Files
from loadline.values.matter import Matter
from loadline.values.outcome import Batch
from loadline.values.tool_reply import ToolReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A running result: `columns` as (name, engine type); `batches` yields lists of row tuples, once, and must be
    exhausted or closed. `is_truncated()` is known when the batches have ended."""

    columns: tuple[tuple[str, str], ...]
    batches: Iterator[Batch]
    is_truncated: FlagReader


class FlagReader(Protocol):
    def __call__(self) -> bool: ...


class Warehouse(Protocol):
    """Read-only access to the user's data. Every method raises OutsideError when the engine cannot do its part."""

    @property
    def dialect(self) -> str: ...

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        """Run one SELECT. Rows past `max_rows` are not fetched and the result says it is truncated."""
        ...

    def read_schema(self, relation: str) -> Mapping[str, str]:
        """Column name to engine type, in order."""
        ...

    def read_relations(self) -> tuple[str, ...]: ...

    def read_version(self, relations: Sequence[str]) -> str:
        """Equal as long as the rows of these relations are: `sha256:…` over content, `stat:…` over size and change
        time, or `none:` where the engine cannot tell (then no two versions are equal)."""
        ...

    def read_files(self, relation: str, columns: Sequence[str]) -> Files | None:
        """The files of the relation as they are now, with what they say of `columns` where that is certain; None
        where its rows do not lie in files, or what files say is not to be trusted."""
        ...

    def cancel(self) -> None:
        """Stop what is running, from another thread; the reader gets an OutsideError."""
        ...

    def close(self) -> None: ...


class Store(Protocol):
    """The ledger's home. What `append` returned survives a crash; many threads, and processes, may append at once."""

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        """Record all of these or none, next to each other, and return when they are durable and a signed checkpoint
        covers them. Raises OutsideError (`retryable` when another writer was in the way), RequestError for a draft
        that has no exact form, TamperError when the ledger found is not the one that was signed."""
        ...

    def append_if(self, drafts: Sequence[Draft], heads: Mapping[str, int | None]) -> tuple[Entry, ...] | None:
        """As `append`, but only while, for each key of `heads`, the newest entry carrying exactly that key is the one
        with this index (None: there is none); otherwise nothing is recorded and None is returned. Looking and
        recording are one transaction: of two who saw the same, one gets in. An index that some draft itself carries
        is compared as it was before."""
        ...

    def read_entry(self, index: int) -> Entry:
        """Raises RequestError when there is none, TamperError when it is not what was recorded."""
        ...

    def read_entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """In order, as far as the ledger reached when the reading began."""
        ...

    def find_entries(self, key: str, *, limit: int = 100) -> tuple[Entry, ...]:
        """Entries carrying `key` (a run, a receipt id), newest first. Where nothing carries a key of at least 6
        characters exactly, it may be a prefix; several receipts sharing it are all returned."""
        ...

    def read_checkpoint(self, size: int | None = None) -> SignedCheckpoint | None:
        """The newest, or the one signed at `size`; None when none was signed there."""
        ...

    def read_checkpoints(self) -> Iterator[SignedCheckpoint]:
        """All that were signed, by growing size."""
        ...

    def read_node(self, level: int, position: int) -> bytes:
        """The stored hash over the leaves from `position << level` on, `1 << level` of them: what proofs are made
        of. Raises TamperError when it is not there."""
        ...

    def close(self) -> None: ...


class PartStates(Protocol):
    """What parts of tables said when they were last looked at. It may forget anything at any time, and fails at
    nothing: what is not there is read anew."""

    def read_states(self, table: str) -> Mapping[str, tuple[object, ...]]: ...

    def write_states(self, table: str, new: Mapping[str, tuple[object, ...]], gone: Iterable[str]) -> None: ...


class Events(Protocol):
    """Somebody who is told of alarms."""

    def send(self, event: Mapping[str, object]) -> None:
        """Hand over one CloudEvent (JSON format). The same event, by its `id`, may be sent again after a crash: the
        receiver counts it once. Raises OutsideError when it could not be handed over."""
        ...


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class NewId(Protocol):
    def __call__(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """All that a planner is told: the question, and governed names and values that its asker may see. No data."""

    question: str
    today: date
    audience: str | None
    metrics: tuple[tuple[str, str], ...]  # name, description
    dimensions: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]  # dimension -> its values, where they are few


class Planner(Protocol):
    """Somebody who may put a query together: a language model, or a function of the user's own."""

    @property
    def provider(self) -> str:
        """Who is handed the offer, as the rights of contracts call them; `inside` for nobody else."""
        ...

    @property
    def region(self) -> str | None:
        """Where the offer goes, as the rights of contracts call it."""
        ...

    @property
    def name(self) -> str:
        """What it is and which model, as it is pinned and written into the ledger."""
        ...

    def draft_query(self, offer: Offer, *, timeout_seconds: float) -> object:
        """A JSON object with `metrics`, `by`, `where`, `during`, `order`, `limit`, as texts: whatever came back, it is
        looked at as something a stranger wrote. Raises OutsideError when there is none in time."""
        ...


class Forbids(Protocol):
    """Rules that somebody else judges, and that can only forbid."""

    def __call__(self, matter: Matter) -> Forbid | None:
        """Why not, or None. It never raises: an error forbids."""


class Target(Protocol):
    """A database that agents may write to. The target holds the credential; whoever asks never does.

    Every write is one transaction of its own: it is run, its effect on *every* table is found out (by cascades,
    triggers and deferred constraints too), and only then it is committed or not. What one method did not commit has
    left no row behind, however it ended; sequences may have moved on. The target does not judge SQL: it is given what
    the guard has let pass, and refuses all the same what it can see to be no data change (TGT codes).

    Every method raises OutsideError when the engine cannot do its part (`retryable` when another transaction was in
    the way), and RequestError for what can never be done as asked. Methods may be called from any thread.
    """

    @property
    def name(self) -> str: ...

    @property
    def dialect(self) -> str: ...

    @property
    def gaps(self) -> tuple[str, ...]:
        """What this engine does not give, as sentences a person reads before they trust it."""
        ...

    def measure(self, write: Write) -> WriteEffect:
        """A dry run: what the write would do now, found by doing it in a transaction that is then aborted."""
        ...

    def preview(self, write: Write, *, most: int) -> Preview:
        """As `measure`, in one dry run with some of the rows, as they are and as they would be: at most `most` of those
        that go, that change and that come, in each table; none where tens of thousands change."""
        ...

    def perform(self, write: Write, *, approved: Approved, marker: str) -> Performed | Exceeded:
        """Do it, and commit only what `excesses(effect, approved)` has nothing to say about, together with the rows as
        they were (for an undo) and a row that carries `marker`.

        A marker is performed once: given again, also at the same time from elsewhere, the effect of then comes back.
        An OutsideError with code TGT006 says that nobody knows whether it was committed: ask `find_marker`.
        """
        ...

    def find_marker(self, marker: str) -> Performed | None:
        """Was it committed? Waits for a transaction that is just about to, so that the answer is final as long as
        nobody performs the same marker later. What was undone is still found: it was committed."""
        ...

    def measure_undo(self, marker: str) -> WriteEffect | ChangedSince:
        """A dry run of `undo`."""
        ...

    def preview_undo(self, marker: str, *, most: int) -> Preview | ChangedSince:
        """As `measure_undo`, with some of the rows."""
        ...

    def undo(self, marker: str, *, as_marker: str) -> Performed | ChangedSince:
        """Restore exactly what was there before `marker`, as a write of its own that carries `as_marker`: all of it
        or nothing. Triggers do not fire again. Refused when a row it would restore has changed since, or when a row
        written since depends on one that would go. Raises RequestError for a marker that is not there, was undone
        already, or whose rows cannot be told apart (`Performed.no_undo` said so)."""
        ...

    def read_inserted(self, marker: str, *, most: int) -> tuple[Inserted, ...]:
        """The rows a committed write added, and rows beside them, at most so many of each for each table: what a look
        for invented rows needs. Empty for a marker that is not there."""
        ...

    def reconcile(self, since: datetime) -> Reconciled:
        """What happened to the tables, by whomever, since then: what an agent with a connection of its own did."""
        ...

    def cancel(self) -> None:
        """Stop what is running, from another thread; it gets an OutsideError and is not committed."""
        ...

    def close(self) -> None: ...


class Tool(Protocol):
    """The far side of one declared action: an HTTP address, a function, an MCP tool. It holds the credential."""

    def call(self, arguments: Mapping[str, object], *, key: str, timeout_seconds: float) -> ToolReply:
        """One try, and what is known of it. `key` names the act; a far side that is idempotent does it once for each.

        Never raises for what the far side does: a failure is a reply that says whether it was certainly not carried
        out, or nobody knows. Raises OutsideError only where nothing was sent, because a variable of the environment, a
        module or a program is missing."""
        ...

    def cancel(self) -> None:
        """Stop waiting, from another thread; the caller gets its reply at once."""
        ...

    def close(self) -> None: ...
