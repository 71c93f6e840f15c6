"""The one family of errors: we could not. (A "no" is a Decision, a flaw in data is a Finding; neither is an error.)"""

from __future__ import annotations

from loadline.values.diagnostic import Diagnostic


class LoadlineError(Exception):
    """Carries the diagnostics that say what, where, why and how to mend."""

    exit_code = 70

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(f"{d.code}: {d.what}" for d in diagnostics))
        self.diagnostics = tuple(diagnostics)


class ProjectError(LoadlineError):
    """What was written in the project cannot be read, or does not fit together."""

    exit_code = 2


class RequestError(LoadlineError):
    """What was asked names nothing known, or cannot be answered as asked.

    `options` are the governed readings to choose from: when there are any, the honest reply is to ask back.
    """

    exit_code = 2

    def __init__(self, *diagnostics: Diagnostic, options: tuple[str, ...] = ()) -> None:
        super().__init__(*diagnostics)
        self.options = options


class OutsideError(LoadlineError):
    """A system outside (warehouse, disk, network) did not do its part."""

    exit_code = 3

    def __init__(self, *diagnostics: Diagnostic, retryable: bool = False) -> None:
        super().__init__(*diagnostics)
        self.retryable = retryable


class TamperError(LoadlineError):
    """The ledger does not prove; the diagnostics name the first entry or checkpoint that breaks."""

    exit_code = 4


class Bug(LoadlineError):
    """We broke our own promise."""
