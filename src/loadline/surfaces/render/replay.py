"""Questions asked again in; words for a terminal or a pull request, JUnit for CI, JSON for programs out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from loadline.flow.replay import Replay, Replayed, Verdict
from loadline.ledger.views.difference import Aspect
from loadline.surfaces.render.consistency import cause_as_text
from loadline.surfaces.render.debt import one_line
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.question import RegressionCase

_TOLD = (Verdict.FAILS, Verdict.NOT_ASKED, Verdict.CHANGED, Verdict.CANDIDATE)
_ROWS = 3


def exit_code(replayed: Iterable[Replayed]) -> int:
    verdicts = {one.verdict for one in replayed}
    return 1 if Verdict.FAILS in verdicts else 3 if Verdict.NOT_ASKED in verdicts else 0


def as_text(found: Replay, palette: Palette) -> list[str]:
    lines: list[str] = []
    for verdict in _TOLD:
        for one in found.of(verdict):
            lines += [*_told(one, palette), ""]
    return [*lines, summary(found, palette)]


def summary(found: Replay, palette: Palette) -> str:
    counts = ", ".join(f"{len(found.of(one))} {one}" for one in Verdict if found.of(one)) or "nothing to ask again"
    compared = [one for one in found.replayed if one.is_same_data is not None]
    over = sum(one.is_same_data is True for one in compared)
    said = f"{counts}; {over} of {len(compared)} compared over the same data" if compared else counts
    paint = palette.red if exit_code(found.replayed) else palette.green
    return f"{paint('replay')}  {said}"


def _told(one: Replayed, palette: Palette) -> list[str]:
    paint = {Verdict.FAILS: palette.red, Verdict.NOT_ASKED: palette.red, Verdict.CHANGED: palette.yellow}
    head = paint.get(one.verdict, palette.blue)(str(one.verdict))
    lines = [f"{head}  {palette.bold(one_line(one.question))}  {palette.dim(one.id)}"]
    if one.because:
        lines.append(f"  {one_line(one.because)}")
    lines += [line for cause in one.causes for line in cause_as_text(cause, palette)]
    if _has_other_rows(one):
        lines.append(f"  {palette.dim('was')}  {_rows(one.rows_before)}")
        lines.append(f"  {palette.dim('now')}  {_rows(one.rows_after)}")
    if one.before or one.after:
        lines.append("  " + palette.dim(" → ".join(filter(None, (one.before, one.after)))))
    return lines


def _has_other_rows(one: Replayed) -> bool:
    """A question's rows of before are in no receipt: they are told to be others only where their digest is."""
    is_lost = bool(one.rows_before) != bool(one.rows_after) and (one.kind == "case" or not one.rows_after)
    return one.rows_before != one.rows_after and (Aspect.VALUES in one.differs or is_lost)


def _rows(rows: tuple[str, ...]) -> str:
    more = " …" if len(rows) > _ROWS else ""
    return one_line(" | ".join(rows[:_ROWS]) + more) if rows else "nothing that was kept"


def as_markdown(found: Replay) -> list[str]:
    """What is not as it was, for a pull request."""
    lines = [f"**replay**: {summary(found, Palette(is_on=False)).removeprefix('replay').strip()}", ""]
    told = [one for verdict in _TOLD for one in found.of(verdict)]
    if not told:
        return lines[:1]
    lines += ["| verdict | question | why | was | now |", "|---|---|---|---|---|"]
    for one in told:
        why = "; ".join(filter(None, (one.because, *(f"{cause.cause}: {cause.what}" for cause in one.causes))))
        cells = (str(one.verdict), one.question, why, _rows(one.rows_before), _rows(one.rows_after))
        lines.append("| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |")
    return lines


def as_junit(found: Replay) -> str:
    failures, errors = len(found.of(Verdict.FAILS)), len(found.of(Verdict.NOT_ASKED))
    cases = "".join(map(_case, found.replayed))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="loadline replay">\n'
        f'<testsuite name="replay" tests="{len(found.replayed)}" failures="{failures}" errors="{errors}" '
        f'skipped="{len(found.of(Verdict.CANDIDATE))}">\n{cases}</testsuite>\n</testsuites>'
    )


def _case(one: Replayed) -> str:
    head = f"  <testcase classname={quoteattr(one.kind)} name={quoteattr(clean(one.id))}"
    causes = "\n".join(f"{cause.cause}: {cause.what}" for cause in one.causes)
    match one.verdict:
        case Verdict.FAILS:
            body = escape(clean(f"{one.question}\n{causes}"))
            return f"{head}><failure message={quoteattr(clean(one.because))}>{body}</failure></testcase>\n"
        case Verdict.NOT_ASKED:
            return f"{head}><error message={quoteattr(clean(one.because))}/></testcase>\n"
        case Verdict.CANDIDATE:
            return f"{head}><skipped message={quoteattr(clean(one.because))}/></testcase>\n"
        case Verdict.CHANGED:
            return f"{head}><system-out>{escape(clean(causes))}</system-out></testcase>\n"
        case _:
            return f"{head}/>\n"


def as_json(found: Replay) -> dict[str, Any]:
    return {
        "counts": {verdict.value: len(found.of(verdict)) for verdict in Verdict},
        "exit_code": exit_code(found.replayed),
        "replayed": [plain(one) for one in found.replayed],
    }


def promoted_as_text(case: RegressionCase, path: str, again: Replayed, palette: Palette) -> list[str]:
    kept = "a candidate" if case.is_draft else "a regression case"
    lines = [f"{palette.green('kept')}  {palette.bold(one_line(again.question))} as {kept}, `{case.id}` in {path}"]
    if case.is_draft:
        lines.append(f"  somebody said {case.said}: write what it should mean under `query`, delete `expect`, and")
        lines.append("  write `status: approved`")
    elif again.verdict is not Verdict.SAME:
        lines += _told(again, palette)
    return lines


def promoted_as_json(case: RegressionCase, path: str, again: Replayed) -> dict[str, Any]:
    return {"id": case.id, "path": path, "is_draft": case.is_draft, "replayed": plain(again)}
