"""What a tool lacks in, the error that says so out."""

from __future__ import annotations

from loadline.errors import OutsideError
from loadline.flow.acting import codes
from loadline.values.diagnostic import Diagnostic


def missing(what: str, mend: str) -> OutsideError:
    """Nothing was sent."""
    why = codes.CODES[codes.NOT_DONE].why
    return OutsideError(Diagnostic(code=codes.NOT_DONE, what=what, why=why, mend=mend))
