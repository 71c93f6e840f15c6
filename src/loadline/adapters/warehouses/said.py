"""What went wrong in words in, an error with its code, its rule and a mend out: what every warehouse says alike."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from loadline.adapters.warehouses import codes
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place


def fault(
    code: str, what: str, mend: str, *, place: Place | None = None, why: str | None = None, retryable: bool = False
) -> OutsideError:
    """One diagnostic as an error; the rule is the code's own unless a closer one is given."""
    return OutsideError(diagnostic(code, what, mend, place=place, why=why), retryable=retryable)


def diagnostic(code: str, what: str, mend: str, *, place: Place | None = None, why: str | None = None) -> Diagnostic:
    return Diagnostic(code=code, what=what, why=why or codes.CODES[code].why, mend=mend, place=place)


def missing_relation(
    name: str,
    known: Sequence[str],
    place: Place | None = None,
    otherwise: str = "list a file for it under `warehouse.files`",
) -> OutsideError:
    what = f"the warehouse has no relation `{name}`"
    return fault(codes.NO_SUCH_RELATION, what, nearest(name, known, otherwise), place=place)


def nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    """A mend for a name that is not known: the name that looks most like it, else all names, else `otherwise`."""
    by_lower = {item.lower(): item for item in known}
    if close := difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6):
        return f"write `{by_lower[close[0]]}`"
    if by_lower:
        shown = sorted(by_lower.values())[:20]
        return "use one of " + ", ".join(f"`{item}`" for item in shown) + (" …" if len(by_lower) > 20 else "")
    return otherwise
