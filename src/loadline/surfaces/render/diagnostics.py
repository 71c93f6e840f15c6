"""Diagnostics in; text with the line pointed at, GitHub annotations or JSON out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.diagnostic import Diagnostic, Severity


def as_text(diagnostic: Diagnostic, palette: Palette) -> str:
    paint = {Severity.ERROR: palette.red, Severity.WARNING: palette.yellow, Severity.NOTE: palette.blue}
    head = paint[diagnostic.severity](f"{diagnostic.severity}[{diagnostic.code}]")
    lines = [f"{head}: {palette.bold(clean(diagnostic.what))}"]
    place, margin = diagnostic.place, ""
    if place:
        number = str(place.line)
        margin = " " * len(number)
        lines.append(f"{margin}{palette.blue('-->')} {clean(str(place))}")
        if diagnostic.excerpt is not None:
            start = max(0, place.column - 1)
            width = max(1, min(place.length, len(diagnostic.excerpt) - start))
            lines += [
                f"{margin} {palette.blue('|')}",
                f"{palette.blue(number + ' |')} {clean(diagnostic.excerpt.expandtabs(1))}",
                f"{margin} {palette.blue('|')} {' ' * start}{paint[diagnostic.severity]('^' * width)}",
            ]
    lines.append(f"{margin} {palette.blue('=')} why:  {clean(diagnostic.why)}")
    first, *more = clean(diagnostic.mend).splitlines() or [""]
    lines.append(f"{margin} {palette.blue('=')} mend: {first}")
    lines += [f"{margin}         {line}" for line in more]
    return "\n".join(lines)


def as_github(diagnostic: Diagnostic) -> str:
    """A workflow command; GitHub shows it at the line of the change."""
    level = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}[diagnostic.severity]
    where = {}
    if diagnostic.place:
        place = diagnostic.place
        where = {"file": place.file, "line": str(place.line), "col": str(place.column)}
    message = f"{diagnostic.what}\nwhy: {diagnostic.why}\nmend: {diagnostic.mend}"
    return annotation(level, message, **where, title=diagnostic.code)


def annotation(level: str, message: str, **properties: str) -> str:
    """One workflow command on one line: nothing in `message` can end it and begin another."""
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {said}::{_message(message)}"


def as_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """The same fields as the value, with the place spelled out."""
    return [
        {
            **plain(diagnostic),
            "place": {"file": p.file, "line": p.line, "column": p.column, "length": p.length}
            if (p := diagnostic.place)
            else None,
        }
        for diagnostic in diagnostics
    ]


def _message(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
