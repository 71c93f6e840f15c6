"""Everything wrong with a project's files is collected here; sorted diagnostics with their lines come out.

The one place where a line of a user's file enters a diagnostic, and therefore the place where secrets are blotted out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from loadline.project.secrets import LINE_END, blot, secret_lines
from loadline.values.diagnostic import Diagnostic, Severity
from loadline.values.place import Place

LONGEST_EXCERPT = 400


class Excerpts:
    """The lines of a project's files, for diagnostics to show; secrets among them are blotted out."""

    __slots__ = ("_lines", "_searched", "_secret_lines", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        self._searched: set[str] = set()
        self._secret_lines: set[tuple[str, int]] = set()

    def keep(self, file: str, text: str) -> None:
        self._texts[file] = text

    def hide(self, file: str, lines: Iterable[int]) -> None:
        """These lines hold a secret."""
        self._secret_lines.update((file, line) for line in lines)

    def line(self, place: Place) -> str | None:
        """The line `place` points into, as it may be shown."""
        lines = self.lines(place.file)
        if not 1 <= place.line <= len(lines):
            return None
        text = lines[place.line - 1]
        if place.file not in self._searched:
            self._searched.add(place.file)
            self.hide(place.file, secret_lines(lines))
        return blot(text[:LONGEST_EXCERPT], is_secret=(place.file, place.line) in self._secret_lines)

    def lines(self, file: str) -> list[str]:
        if file not in self._lines:
            text = self._texts.get(file, "")
            self._lines[file] = LINE_END.split(text)
        return self._lines[file]

    def shown(self, diagnostic: Diagnostic) -> Diagnostic:
        if diagnostic.place is None or diagnostic.excerpt is not None:
            return diagnostic
        return replace(diagnostic, excerpt=self.line(diagnostic.place))


class Faults:
    """Collects; never raises."""

    __slots__ = ("_found", "excerpts")

    def __init__(self, already: Iterable[Diagnostic] = ()) -> None:
        self._found: list[Diagnostic] = list(already)
        self.excerpts = Excerpts()

    def found(self) -> tuple[Diagnostic, ...]:
        return tuple(self._found)

    def add(self, code: str, place: Place | None, what: str, *, why: str, mend: str) -> None:
        self._found.append(Diagnostic(code=code, what=what, why=why, mend=mend, place=place))

    def warn(self, code: str, place: Place | None, what: str, *, why: str, mend: str) -> None:
        self._found.append(Diagnostic(code=code, what=what, why=why, mend=mend, place=place, severity=Severity.WARNING))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them once, in the order of the files."""
        return tuple(self.excerpts.shown(found) for found in sorted(dict.fromkeys(self._found), key=_reading_order))

    def files_with_errors(self) -> Mapping[str, int]:
        """How many errors each file has; errors of no file count under ``""``."""
        counts: dict[str, int] = {}
        for found in self._found:
            if found.severity is Severity.ERROR:
                file = found.place.file if found.place else ""
                counts[file] = counts.get(file, 0) + 1
        return counts


def _reading_order(found: Diagnostic) -> tuple[str, int, int, str, str]:
    place = found.place
    return (
        place.file if place else "",
        place.line if place else 0,
        place.column if place else 0,
        found.code,
        found.what,
    )
