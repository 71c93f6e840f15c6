"""Judgements of windows in; lines to read, or JSON, out."""

from __future__ import annotations

from typing import Any

from loadline.checks.drift import LEARNED, Blame, Judgement, blame_in_words, judgement_in_words
from loadline.flow.streams import Stream
from loadline.surfaces.render.style import Palette, clean


def stream_as_text(stream: Stream) -> list[str]:
    palette = Palette.of()
    alarms = [one for one in stream.judgements if one.is_alarm]
    lines = []
    for alarm in alarms:
        lines.append(f"{palette.red('alarm')}  {clean(alarm.window)}  {palette.dim(f'evidence {alarm.evidence:,.0f}')}")
        lines += [f"       {clean(line)}" for line in judgement_in_words(alarm)]
    lines += [palette.dim(f"note   {clean(note)}") for note in _notes(stream)]
    judged = len(stream.windows) - stream.baseline
    said = f"{len(alarms)} alarm{'' if len(alarms) == 1 else 's'} in {judged} windows"
    if not judged or not stream.bins:
        said = f"nothing judged: {'every window was learned from' if not judged else 'no column can be watched'}"
    verdict = palette.red(said) if alarms else palette.green(said) if judged and stream.bins else palette.yellow(said)
    last = stream.judgements[-1] if stream.judgements else None
    evidence = f", evidence {last.evidence:,.2f} of {stream.request.rule.budget:,.0f}" if last else ""
    return [*lines, f"{verdict}; learned from the first {stream.baseline}, {_watched(stream)} watched{evidence}"]


def _watched(stream: Stream) -> str:
    count = len(stream.bins)
    return f"{count} column{'' if count == 1 else 's'}"


def _notes(stream: Stream) -> list[str]:
    """What is true of the whole stream: said once, not once a window."""
    notes = dict.fromkeys(f"`{one.column}`: {one.why}" for one in stream.bins if one.why)
    notes |= dict.fromkeys(note for one in stream.judgements[-1:] for note in one.notes if note != LEARNED)
    if stream.estimates:
        last = stream.estimates[-1]
        told = "unknown" if last is None else f"{100 * last:.1f} % good"
        notes[f"quality of the newest window, by confidence alone: {told}; blind to a change of what is right"] = None
    return list(notes)


def stream_as_json(stream: Stream) -> dict[str, Any]:
    return {
        "alarms": [judgement_as_json(one) for one in stream.judgements if one.is_alarm],
        "baseline": stream.baseline,
        "budget": stream.request.rule.budget,
        "columns": [
            {"column": one.column, "kind": one.kind.value, "bins": len(one.labels), "note": one.why}
            for one in stream.bins
        ],
        "notes": _notes(stream),
        "windows": [
            {
                "window": judged.window,
                "rows": window.profile.rows,
                "role": "baseline" if LEARNED in judged.notes else "judged",
                "evidence": judged.evidence,
                "is_alarm": judged.is_alarm,
                "columns_moved": [column for _, column in judged.moved],
                **({"estimated_quality": stream.estimates[at]} if stream.estimates else {}),
            }
            for at, (window, judged) in enumerate(zip(stream.windows, stream.judgements, strict=True))
        ],
    }


def judgement_as_json(judgement: Judgement) -> dict[str, Any]:
    moved = [
        {
            "column": column,
            "segment": segment or None,
            "distances": _distances(judgement, column) if not segment else None,
            "bins": [_blame(b) for b in judgement.blames if (b.segment, b.column) == (segment, column)],
        }
        for segment, column in judgement.moved
    ]
    return {
        "window": judgement.window,
        "evidence": judgement.evidence,
        "past_windows": judgement.past,
        "is_pooled": judgement.is_pooled,
        "blame": list(judgement_in_words(judgement)),
        "columns": moved,
        "notes": list(judgement.notes),
    }


def _distances(judgement: Judgement, column: str) -> dict[str, Any] | None:
    found = judgement.distances.get(column)
    if found is None:
        return None
    return {"psi": found.psi, "jensen_shannon": found.jensen_shannon, "wasserstein": found.wasserstein}


def _blame(blame: Blame) -> dict[str, Any]:
    return {
        "bin": blame.bin,
        "share": round(blame.share, 6),
        "expected": round(blame.expected, 6),
        "natural": [round(blame.low, 6), round(blame.high, 6)],
        "moved": "up" if blame.is_rise else "down",
        "evidence": blame.evidence,
        "said": blame_in_words(blame),
    }
