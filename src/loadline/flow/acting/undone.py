"""A run in; out, whether what it did still stands: which run took it back, and whether that was taken back itself.

An undo is a run of its own and can be undone, so a run and what took it back make a chain. Of a chain only the last
changes anything when it is undone.
"""

from __future__ import annotations

from loadline.flow.acting.record import newest, once_key, story
from loadline.flow.ports import Store
from loadline.values.acting import ActStatus


def undo_key(run: str) -> str:
    """What every request to undo this run has: it is undone once."""
    return once_key("undo", run)


def undone_by(store: Store, run: str) -> str | None:
    """The run that took it back and still stands; None while what it did stands."""
    chain = undos_of(store, run)
    return chain[0] if len(chain) % 2 else None


def undos_of(store: Store, run: str) -> tuple[str, ...]:
    """What took it back, what took that back, and so on, each as far as it was done."""
    chain: list[str] = []
    while (found := _undo_of(store, chain[-1] if chain else run)) is not None:
        chain.append(found)
    return tuple(chain)


def _undo_of(store: Store, run: str) -> str | None:
    found = newest(store, undo_key(run))
    told = story(store, found.run) if found is not None else None
    return told.run if told is not None and told.status is ActStatus.DONE else None
