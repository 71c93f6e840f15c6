"""How alike answers were, or how two receipts differ, in; words for people, JSON for programs out."""

from __future__ import annotations

import textwrap
from typing import Any

from loadline.ledger.views.consistency import Consistency
from loadline.ledger.views.difference import Caused, ReceiptDifference
from loadline.surfaces.render.debt import one_line
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain

LINES = 20
_WIDTH = 100


def as_text(found: Consistency, palette: Palette) -> list[str]:
    lines = [f"{palette.bold('consistency')}  {_many(found.answers, 'answer')}, {_many(found.repeats, 'repeat')}"]
    if found.left_out:
        lines.append(palette.dim(f"  {_many(found.left_out, 'answer')} left out: the version of the data is not known"))
    if not found.repeats:
        return [*lines, "  no question was asked twice over the same data"]
    lines += [
        f"  {palette.dim('same receipt')}  {_share(found.same_receipt, found.repeats)}",
        f"  {palette.dim('same values')}   {_share(found.same_values, found.repeats)}",
    ]
    for one in found.passes:
        if one.rate is not None:
            said = f"{one.rate * 100:.1f} % of {_many(one.questions, 'question')}"
            lines.append(f"  {palette.dim(f'pass^{one.k}')}        {said}")
    wrong = found.consistent_but_wrong
    lines.append(
        f"  {palette.dim('consistent but wrong')}  {len(wrong)} of {_many(found.verified, 'verified question')}"
    )
    for answer in wrong[:LINES]:
        question = one_line(answer.question)
        lines.append(f"    {palette.red('wrong')}  {question}: {_many(answer.count, 'answer')}, {answer.receipt}")
    for repeat in sorted(found.differences, key=lambda one: not one.difference.unexplained)[:LINES]:
        lines += ["", palette.bold(one_line(repeat.question)), *difference_as_text(repeat.difference, palette)]
    if len(found.differences) > LINES:
        lines.append(palette.dim(f"… {len(found.differences) - LINES:,} more; `--format json` lists all"))
    return lines


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _share(count: int, of: int) -> str:
    return f"{count:,} of {of:,} ({count / of * 100:.1f} %)"


def difference_as_text(found: ReceiptDifference, palette: Palette) -> list[str]:
    head = f"{found.old} → {found.new}"
    said = ", ".join(found.differs)
    lines = [f"{palette.bold(head)}  {f'other {said}' if said else 'no difference in receipt, status or values'}"]
    lines += [line for one in found.causes for line in cause_as_text(one, palette)]
    if found.unexplained:
        lines.append(f"  {palette.red('unexplained')}  {', '.join(found.unexplained)}: no cause found accounts for it")
    return lines


def cause_as_text(one: Caused, palette: Palette) -> list[str]:
    """Whole, over as many lines as it takes: the end of a reason says what to do."""
    text = textwrap.wrap(" ".join(clean(one.what).split()), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"  {palette.yellow(one.cause)}  {text[0]}", *(f"      {line}" for line in text[1:])]


def difference_as_json(found: ReceiptDifference) -> dict[str, Any]:
    return {**plain(found), "unexplained": plain(found.unexplained)}


def as_json(found: Consistency) -> dict[str, Any]:
    return {
        **plain(found),
        "differences": [
            {"question": one.question, "difference": difference_as_json(one.difference)} for one in found.differences
        ],
        "unexplained": len(found.unexplained),
    }
