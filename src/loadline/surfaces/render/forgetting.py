"""What was forgotten in, lines for a person out."""

from __future__ import annotations

from typing import Protocol

from loadline.surfaces.render.style import Palette


class Told(Protocol):
    """What an erasure came to."""

    @property
    def keys(self) -> int: ...
    @property
    def removed(self) -> int: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def index(self) -> int: ...


def as_text(done: Told, palette: Palette) -> tuple[str, ...]:
    who = f", who is `{done.subject}` in the ledger from now on" if done.subject else ""
    return (
        f"{palette.green('forgotten')}  {_destroyed(done)}{who}",
        palette.dim(f"           on record as entry {done.index}; every proof still holds: `loadline ledger prove`"),
    )


def expired_as_text(done: Told | None, palette: Palette, *, is_written: bool) -> tuple[str, ...]:
    if done is not None:
        return (
            f"{palette.green('let go')}  {_destroyed(done)}",
            palette.dim(f"        on record as entry {done.index}; every proof still holds"),
        )
    if not is_written:
        return ("kept    everything: loadline.yaml says nothing under `retention`",)
    return ("kept    everything: nothing is older than `retention` says",)


def _destroyed(done: Told) -> str:
    keys = f"{done.keys} key{'' if done.keys == 1 else 's'} destroyed"
    plain = f", {done.removed} entries that were never sealed taken out" if done.removed else ""
    return keys + plain
