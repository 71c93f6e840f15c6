"""What was measured in, lines with targets out: to read, or as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`cells` are printed under the table's heads. A line with `at_most` or `at_least` is a target."""

    table: str
    name: str
    cells: dict[str, float | str | None]
    value: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool | None:
        if self.value is None or (self.at_most is None and self.at_least is None):
            return None
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )


@dataclass(slots=True, kw_only=True)
class Report:
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        return 1 if self.wrong or any(line.is_met is False for line in self.lines) else 0

    def plain(self) -> dict[str, object]:
        lines = [
            {
                "table": line.table,
                "name": line.name,
                **line.cells,
                "at_most": line.at_most,
                "at_least": line.at_least,
                "is_met": line.is_met,
            }
            for line in self.lines
        ]
        return {"notes": self.notes, "wrong": self.wrong, "lines": lines}

    def text(self) -> str:
        tables: dict[str, list[Line]] = {}
        for line in self.lines:
            tables.setdefault(line.table, []).append(line)
        parts = [*self.notes]
        for title, lines in tables.items():
            parts += ["", *_table(title, lines)]
        parts += ["", *(f"WRONG  {what}" for what in self.wrong)] if self.wrong else []
        missed = sum(line.is_met is False for line in self.lines)
        held = sum(line.is_met is True for line in self.lines)
        parts += ["", f"{held} targets hold, {missed} missed; {len(self.wrong)} wrong answers"]
        return "\n".join(parts)


def _table(title: str, lines: list[Line]) -> list[str]:
    heads = list(dict.fromkeys(head for line in lines for head in line.cells))
    wide = max(len(title), *(len(line.name) for line in lines)) + 2
    rows = [[shown(line.cells.get(head)) for head in heads] for line in lines]
    widths = [max(len(head), *(len(row[n]) for row in rows)) + 2 for n, head in enumerate(heads)]
    found = [title.ljust(wide) + "".join(head.rjust(widths[n]) for n, head in enumerate(heads))]
    for line, row in zip(lines, rows, strict=True):
        cells = "".join(cell.rjust(widths[n]) for n, cell in enumerate(row))
        found.append(f"{line.name.ljust(wide)}{cells}{_verdict(line)}")
    return found


def _verdict(line: Line) -> str:
    if line.is_met is None:
        return ""
    bound = f"≤ {shown(line.at_most)}" if line.at_most is not None else f"≥ {shown(line.at_least)}"
    return f"   {'ok  ' if line.is_met else 'MISS'} {bound}"


def shown(cell: float | str | None) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:,.1f}" if abs(cell) >= 10 else f"{cell:,.2f}"
