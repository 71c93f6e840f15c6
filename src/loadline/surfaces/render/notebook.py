"""An answer or a verified text in; HTML for a notebook's cell out, readable in its light and its dark theme.

A cell is a guest: no script, no class, no colour of its own but a mark's, and what is faint is so by opacity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from loadline.values.receipt import Answer

SHOWN = 20
_FAINT = "opacity:.75;font-size:.9em;margin:.4em 0"
_RULE = "border:0;border-bottom:1px solid rgba(128,128,128,.45);padding:.25em .8em"
_BADGE = "border:1px solid currentColor;border-radius:.6em;padding:0 .5em;font-size:.85em;margin-right:.5em"
_SIGNS = {"verified": "✓", "unverified": "?", "clarify": "…", "refused": "✕"}
_MARKS = {"supported": ("✓", "rgba(40,150,90,.28)"), "contradicted": ("✕", "rgba(205,60,50,.30)")}
_OPEN_MARK = ("?", "rgba(200,150,20,.28)")


def answer(found: Answer, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """`rows` are the first of them."""
    receipt = found.receipt
    status = receipt.status.value
    badge = f'<span style="{_BADGE}">{_SIGNS[status]} {escape(status)}</span>'
    parts = [f'<p style="margin:.4em 0">{badge}{escape(receipt.question)}</p>']
    if columns:
        parts.append(_table(columns, rows))
    if found.rows is not None and (more := len(found.rows) - len(rows)) > 0:
        parts.append(f'<p style="{_FAINT}">and {more:,} more rows</p>')
    parts += [f'<p style="margin:.4em 0">{escape(one.what)}; {escape(one.mend)}</p>' for one in receipt.reasons]
    if receipt.options:
        options = "".join(f"<li>{escape(option)}</li>" for option in receipt.options)
        parts.append(f'<p style="margin:.4em 0">It may mean:</p><ul style="margin:.2em 0">{options}</ul>')
    means = [
        f"{one.name} = {one.definition}" if one.definition else one.name for one in receipt.metrics if one.is_asked
    ]
    dates = [f"{receipt.dates.start} until before {receipt.dates.end}"] if receipt.dates else []
    parts.append(f'<p style="{_FAINT}">{escape(" · ".join([*dates, *means, f"receipt {receipt.id}"]))}</p>')
    return f"<div>{''.join(parts)}</div>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    is_number = [
        bool(rows) and all(_is_number(row[at]) or row[at] is None for row in rows) for at in range(len(columns))
    ]
    sides = ["right" if number else "left" for number in is_number]
    head = "".join(
        f'<th scope="col" style="{_RULE};text-align:{side}">{escape(name)}</th>'
        for name, side in zip(columns, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_RULE};text-align:{side};font-variant-numeric:tabular-nums">{escape(_cell(value))}</td>'
            for value, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    style = "border-collapse:collapse;margin:.4em 0"
    return f'<table style="{style}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)


def marked(text: str, claims: Sequence[Mapping[str, Any]]) -> str:
    """The text with each number marked by its verdict: by a sign, and by colour for those who see it."""
    parts, at = [], 0
    for one in claims:
        sign, colour = _MARKS.get(one["verdict"], _OPEN_MARK)
        right = f" (it is {one['value']})" if one["verdict"] == "contradicted" else ""
        style = f"background:{colour};color:inherit;border-radius:.2em;padding:0 .15em"
        said = escape(text[one["start"] : one["end"]])
        parts.append(escape(text[at : one["start"]]))
        parts.append(f'<mark style="{style}" title="{escape(one["verdict"])}">{said} {sign}{escape(right)}</mark>')
        at = one["end"]
    parts.append(escape(text[at:]))
    return f'<p style="white-space:pre-wrap">{"".join(parts)}</p>'
