"""Names in, the words of a diagnostic out: quoting, the nearest name, lists of what exists."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from loadline.project.secrets import without_shapes

LONGEST_QUOTE = 60
LONGEST_LIST = 8


def quoted(text: object) -> str:
    """The user's words in backticks, on one line and not too long; a secret among them is not repeated."""
    flat = without_shapes(" ".join(str(text).split())).replace("`", "'")
    if len(flat) > LONGEST_QUOTE:
        flat = flat[: LONGEST_QUOTE - 1] + "…"
    return f"`{flat}`"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be, if there is one."""
    plain = {candidate.casefold(): candidate for candidate in known if candidate != name}
    found = difflib.get_close_matches(name.casefold()[:200], plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def listed(names: Iterable[str], *, joint: str = "or") -> str:
    """`a`, `b` or `c`; a long list is cut short and says so."""
    all_names = [quoted(name) for name in names]
    shown, hidden = all_names[:LONGEST_LIST], len(all_names) - LONGEST_LIST
    if hidden > 0:
        return f"{', '.join(shown)} … ({hidden} more)"
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def instead(name: str, known: Iterable[str], *, otherwise: str) -> str:
    """How to mend an unknown name: the nearest one, else what exists, else `otherwise`."""
    names = sorted(known)
    near = nearest(name, names)
    if near is not None:
        return f"write {quoted(near)}"
    return f"write {listed(names)}" if names else otherwise
