"""Context debt in; a list for people, JSON for programs out."""

from __future__ import annotations

from typing import Any

from loadline.flow.views.debt import Debt, DebtItem
from loadline.surfaces.render.style import Palette, clean

LINES = 40


def as_text(debt: Debt, palette: Palette) -> list[str]:
    count = len(debt.items)
    lines = [f"{palette.bold('context debt')} {debt.number:,.1f}  {count:,} item{'' if count == 1 else 's'}", ""]
    for item in debt.items[:LINES]:
        lines += _item(item, palette)
    if count > LINES:
        lines.append(palette.dim(f"… {count - LINES:,} more; `--format json` lists all"))
    lines += [palette.dim(f"not looked for: {why}") for why in debt.not_looked]
    return lines


def _item(item: DebtItem, palette: Palette) -> list[str]:
    head = f"{palette.yellow(item.kind)}  {palette.bold(one_line(item.subject))}  {one_line(item.says)}"
    parts = [f"ask {', '.join(map(clean, item.ask))}" if item.ask else "nobody to ask is named"]
    if item.share is not None:
        parts.append(f"{item.share * 100:.1f} % of questions")
    if item.place is not None:
        parts.append(str(item.place))
    return [head, "  " + palette.dim(" · ".join(parts))]


def one_line(text: str) -> str:
    """Cleaned, without line breaks, and not longer than a reader wants."""
    whole = " ".join(clean(text).split())
    return whole if len(whole) <= 120 else f"{whole[:119]}…"


def as_json(debt: Debt) -> dict[str, Any]:
    return {
        "number": debt.number,
        "asked": debt.asked,
        "items": [
            {
                "kind": item.kind.value,
                "subject": item.subject,
                "says": item.says,
                "ask": list(item.ask),
                "share": item.share,
                "weight": round(item.weight, 3),
                "place": str(item.place) if item.place else None,
            }
            for item in debt.items
        ],
        "not_looked": list(debt.not_looked),
    }
