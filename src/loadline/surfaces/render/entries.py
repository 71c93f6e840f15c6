"""Ledger entries in, lines for a person out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain

if TYPE_CHECKING:
    from loadline.app.overviewing import EntryShown, EntryTold

_MOST = 90


def list_as_text(entries: Sequence[EntryTold], palette: Palette) -> tuple[str, ...]:
    if not entries:
        return ("nothing was recorded yet",)
    return tuple(_line(one, palette) for one in entries)


def _line(one: EntryTold, palette: Palette) -> str:
    says = clean(one.says.replace("\n", " "))[:_MOST]
    shown = palette.dim(f"({says})") if one.is_masked else says
    return f"{one.index:>7}  {one.at[:19].replace('T', ' ')}  {one.kind:9}  {shown}".rstrip()


def as_text(one: EntryShown, palette: Palette) -> tuple[str, ...]:
    head = (
        f"entry {one.index}  {one.kind}  {one.at[:19].replace('T', ' ')}",
        palette.dim(f"run     {clean(one.run)}"),
    )
    if one.payload is None:
        return (*head, f"({one.why})")
    said = clean(json.dumps(plain(one.payload), indent=2, ensure_ascii=False, sort_keys=True))
    return (*head, *((f"({one.why})",) if one.why else ()), said)
