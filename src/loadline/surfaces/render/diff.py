"""What a change of a project does in; text for a terminal, Markdown for a pull request, JSON for programs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from loadline.flow.change.diff import Altered, CellChange, Difference, QuestionChange, in_words
from loadline.semantics.impact import Impact, ThingKind
from loadline.surfaces.render.numbers import shown
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_CELLS = 5
_LONGEST = 160
_TOLD = ("differs", "no longer answered", "newly answered", "unanswered", "added", "removed")


def as_text(found: Difference, palette: Palette) -> list[str]:
    lines: list[str] = []
    for one in found.altered:
        lines += _definition(one, palette)
    if not found.altered:
        lines.append("no definition changed")
    if found.questions is not None:
        lines += ["", *_questions(found.questions, palette)]
    return [*lines, "", verdict(found, palette)]


def verdict(found: Difference, palette: Palette) -> str:
    counts = Counter(str(one.change.how) for one in found.altered)
    said = ", ".join(f"{counts[how]} {how}" for how in ("added", "changed", "removed") if counts[how])
    if not found.altered and not found.alters_answers:
        return palette.green("no change")
    if not found.alters_answers:
        return f"{palette.green('answers stay as they are')}: {said}"
    return f"{palette.yellow('answers change')}: {said}"


def _definition(one: Altered, palette: Palette) -> Iterator[str]:
    change = one.change
    paint = {"added": palette.green, "removed": palette.red, "changed": palette.yellow}[change.how]
    where = palette.dim(f"  {clean(str(change.place))}") if change.place else ""
    yield f"{paint(_SIGNS[change.how])} {change.kind} {palette.bold(clean(change.name))}{where}"
    for part in change.parts:
        yield f"    {_short(in_words(part))}"
    if one.through:
        yield f"    by what it is made of: {_short(', '.join(one.through))}"
    if one.before and one.after and one.before != one.after:
        yield palette.dim(f"    version {_version(one.before)} → {_version(one.after)}")
    if reached := _reached(one.reach):
        yield palette.dim(f"    reaches {reached}")


def _short(text: str) -> str:
    said = " ".join(clean(text).split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _version(digest: str) -> str:
    return digest.removeprefix("sha256:")[:10]


def _reached(reach: Impact | None) -> str:
    if reach is None:
        return ""
    counts = Counter(one.thing.kind for one in reach.reached)
    kinds = (ThingKind.METRIC, ThingKind.FIELD, ThingKind.TERM, ThingKind.QUESTION, ThingKind.RULE)
    return ", ".join(f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in kinds if counts[kind])


def _questions(questions: tuple[QuestionChange, ...], palette: Palette) -> Iterator[str]:
    told = [one for one in questions if one.verdict in _TOLD]
    same = len(questions) - len(told)
    for one in told:
        paint = {"differs": palette.yellow, "no longer answered": palette.red}.get(one.verdict, palette.dim)
        yield f"{paint(one.verdict)}  {clean(one.question.text)}"
        if one.verdict in {"no longer answered", "unanswered", "newly answered"} and one.cannot:
            yield f"    {'was: ' if one.verdict == 'newly answered' else ''}{_short(one.cannot)}"
        for cell in one.cells[:_CELLS]:
            yield f"    {_cell(cell)}"
        if one.cell_count > _CELLS:
            yield palette.dim(f"    … {one.cell_count - _CELLS:,} more numbers differ; `--format json` lists them")
        if not one.is_same_data:
            yield "    the data changed while it was asked: the numbers may differ for that alone"
    if questions:
        yield palette.dim(f"{same} of {len(questions)} verified questions keep their answers")
    else:
        yield palette.dim("no verified questions")


def _cell(cell: CellChange) -> str:
    group = ", ".join(clean(str(value)) if value is not None else "-" for value in cell.group)
    name = clean(cell.column) + (f" [{group}]" if group else "")
    if not cell.column:
        return f"[{group}] {'came' if cell.before is None else 'went'}"
    return f"{name}: {_value(cell.before)} → {_value(cell.after)}{_share(cell)}"


def _value(value: object) -> str:
    return shown(value, {"kind": "metric"})


def _share(cell: CellChange) -> str:
    if cell.relative is None:
        return ""
    return f"  ({cell.relative * 100:+,.2f} %)"


# -- Markdown


def as_markdown(found: Difference, against: str) -> list[str]:
    """A comment for a pull request: a verdict, a table of definitions, a table of answers."""
    head = "Answers change" if found.alters_answers else "Answers stay as they are" if found.altered else "No change"
    lines = [f"### Loadline: {head.lower()} against `{_mark(against)}`", ""]
    if found.altered:
        lines += ["| | definition | what | reaches |", "|---|---|---|---|"]
        lines += [_markdown_row(one) for one in found.altered]
        lines.append("")
    told = [one for one in found.questions or () if one.verdict in _TOLD]
    if told:
        lines += ["| verified question | | before | after | change |", "|---|---|---|---|---|"]
        for one in told:
            lines += _markdown_question(one)
        lines.append("")
    if found.questions is not None:
        lines.append(
            f"{len(found.questions) - len(told)} of {len(found.questions)} verified questions keep their answers."
        )
    return lines


def _markdown_row(one: Altered) -> str:
    change = one.change
    said = "<br>".join(_mark(_short(in_words(part))) for part in change.parts) or change.how
    if one.through:
        said = f"by {_mark(_short(', '.join(one.through)))}"
    return f"| {_SIGNS[change.how]} | {change.kind} `{_mark(change.name)}` | {said} | {_reached(one.reach)} |"


def _markdown_question(one: QuestionChange) -> Iterator[str]:
    text = _mark(_short(one.question.text))
    if not one.cells:
        yield f"| {text} | {one.verdict} | | {_mark(_short(one.cannot))} | |"
    for n, cell in enumerate(one.cells[:_CELLS]):
        group = ", ".join("-" if value is None else str(value) for value in cell.group)
        name = _mark(f"{cell.column} {f'[{group}]' if group else ''}".strip())
        title = text if n == 0 else ""
        yield (
            f"| {title} | {name} | {_mark(_value(cell.before))} | {_mark(_value(cell.after))} |"
            f" {_share(cell).strip(' ()')} |"
        )
    if one.cell_count > _CELLS:
        yield f"| | … {one.cell_count - _CELLS:,} more | | | |"


def _mark(text: str) -> str:
    return (
        clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;").replace("\n", " ")
    )


# -- JSON


def as_json(found: Difference) -> dict[str, Any]:
    return {
        "alters_answers": found.alters_answers,
        "definitions": [_definition_json(one) for one in found.altered],
        "questions": None if found.questions is None else [_question_json(one) for one in found.questions],
    }


def _definition_json(one: Altered) -> dict[str, Any]:
    change = one.change
    return {
        **plain(change),
        "place": str(change.place) if change.place else None,
        "version_before": one.before,
        "version_after": one.after,
        "through": list(one.through),
        "may_alter_answers": one.may_alter,
        "reaches": [str(reached.thing) for reached in one.reach.reached] if one.reach else [],
    }


def _question_json(one: QuestionChange) -> dict[str, Any]:
    return {
        "id": one.question.id,
        "question": one.question.text,
        "audience": one.question.audience,
        "verdict": one.verdict,
        "receipt_before": one.before,
        "receipt_after": one.after,
        "rows_before": one.rows_before,
        "rows_after": one.rows_after,
        "numbers_that_differ": one.cell_count,
        "numbers": [plain(cell) for cell in one.cells],
        "cannot": one.cannot,
        "is_same_data": one.is_same_data,
    }
