"""A receipt (as recorded: plain JSON) in, the story of the answer in words out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from loadline.ledger.views.candidates import Said
from loadline.surfaces.render.style import Palette, clean

Recorded = Mapping[str, Any]

_WIDTH = 100
_LABEL = 11


def headline(receipt: Recorded, palette: Palette) -> str:
    """`verified  booked_revenue by region`."""
    status = str(receipt["status"])
    paint = {"verified": palette.green, "unverified": palette.yellow, "clarify": palette.blue}.get(status, palette.red)
    return f"{paint(status)}  {palette.bold(clean(str(receipt['question'])))}"


def reasons(receipt: Recorded, palette: Palette) -> list[str]:
    """Why it is not verified, what it could mean instead, and how to go on."""
    lines = []
    for reason in receipt["reasons"]:
        lines += _said(reason["code"], reason["what"], palette)
        lines += _said("mend", reason["mend"], palette)
    options = receipt["options"]
    if options and options[0].startswith("1. "):  # they are chosen by number
        lines += [line for option in options for line in _said("option", option, palette)]
    elif options:
        lines += _said("options", ", ".join(options), palette)
    return lines


def summary(receipt: Recorded, palette: Palette) -> list[str]:
    """The few lines under an answer: dates, definitions, rows seen, receipt."""
    lines: list[str] = []
    if dates := receipt["dates"]:
        lines += _said("dates", _dates(dates), palette)
    for metric in receipt["metrics"]:
        if metric["is_asked"]:
            lines += _said("means", _metric(metric), palette)
    if receipt["rows_digest"] and (taken := _taken(receipt)):
        lines += _said("taken as", "; ".join(taken), palette)
    lines += _each("assumed", _unsaid(receipt), palette)
    if receipt["row_filters"]:
        by_rule = f" (rule {', '.join(receipt['rules'])})"
        lines += _said("only rows", "; ".join(receipt["row_filters"]) + by_rule, palette)
    lines += _each("masked", receipt.get("masks", ()), palette)
    for finding in receipt["findings"]:
        if finding["gravity"] == "notable":  # any other is told as a reason
            lines += _said("note", finding["what"], palette)
    index = receipt.get("ledger_index")
    checks = receipt["checks"]
    holding = sum(check["verdict"] == "holds" for check in checks)
    said = f"{receipt['id']}" + (f"  ·  ledger entry {index}" if index is not None else "")
    if checks:
        said += f"  ·  {holding} of {len(checks)} checks hold"
    lines += _said("receipt", said, palette)
    if receipt["checks_not_run"]:
        lines += _said("not run", ", ".join(receipt["checks_not_run"]), palette)
    return lines


def _taken(receipt: Recorded) -> list[str]:
    """How words were read that are no names: a value stands for a filter that its asker has to see."""
    metrics = {metric["name"] for metric in receipt["metrics"]}  # their definitions are said
    return [
        f"`{one['word']}` is {one['means']}"
        for one in receipt["meanings"]
        if one["means"] not in metrics and one["means"].rpartition(".")[2] != one["word"].replace(" ", "_").lower()
    ]


def _unsaid(receipt: Recorded) -> list[str]:
    """Assumptions that no other line under the answer says."""
    dates = receipt["dates"]
    said = ("days are counted in", f"`{dates['text']}` is" if dates else "days are counted in")
    metrics = {metric["name"] for metric in receipt["metrics"]}  # their definitions are said
    means = [f"`{one['word']}` means {one['means']}" for one in receipt["meanings"] if one["means"] in metrics]
    every = [one for one in receipt["assumptions"] if not one.startswith((*said, *means))]
    return every if receipt["rows_digest"] else []


def story(receipt: Recorded, palette: Palette, feedback: Iterable[Said] = ()) -> list[str]:
    """The whole receipt in words, in the order of the river, and what people said of it."""
    lines = [headline(receipt, palette), ""]
    who = f"{receipt['asked_by']} ({', '.join(receipt['roles']) or 'no role'})"
    who += f", through {clean(agent)}" if (agent := receipt.get("agent")) else ""
    who += f", as {receipt['audience']}" if receipt["audience"] else ""
    lines += _said("asked by", who + (f", for {purpose}" if (purpose := receipt.get("purpose")) else ""), palette)
    lines += _said("as of", str(receipt["as_of"]), palette)
    lines += _each("taken as", (f"`{m['word']}` means {m['means']}" for m in receipt["meanings"]), palette)
    if dates := receipt["dates"]:
        lines += _said("dates", _dates(dates), palette)
    lines += _each("metric", map(_metric, receipt["metrics"]), palette)
    lines += _each("filter", receipt["filters"], palette)
    lines += _each("assumed", receipt["assumptions"], palette)
    if receipt["rules"]:
        lines += _said("permitted" if receipt["sql"] else "rules", "by " + ", ".join(receipt["rules"]), palette)
    lines += _each("only rows", receipt["row_filters"], palette)
    lines += _each("masked", receipt.get("masks", ()), palette)
    lines += _each("read", map(_source, receipt["sources"]), palette)
    if receipt["data_version"]:
        lines += _said("data", str(receipt["data_version"]), palette)
    if receipt["row_count"] is not None:
        took = f" in {receipt['seconds'] * 1000:.0f} ms" if receipt["seconds"] is not None else ""
        count = receipt["row_count"]
        lines += _said("result", f"{count:,} row{'' if count == 1 else 's'}{took}, {receipt['rows_digest']}", palette)
    lines += _each("check", map(_check, receipt["checks"]), palette)
    lines += _each("data", map(_state, receipt.get("states", ())), palette)
    lines += _each("not run", receipt["checks_not_run"], palette)
    lines += reasons(receipt, palette)
    by = f", answered by loadline {receipt['loadline']}" if receipt.get("loadline") else ""
    lines += _said("project", f"{receipt['project']}, {receipt['project_digest']}{by}", palette)
    notes = (f"{said.by}: {said.opinion}" + (f" ({said.note})" if said.note else "") for said in feedback)
    lines += _each("feedback", notes, palette)
    index = receipt.get("ledger_index")
    lines += _said("receipt", f"{receipt['id']}, run {receipt['run']}, ledger entry {index}", palette)
    if receipt["sql"]:
        lines += ["", palette.dim(f"-- {receipt['dialect']}"), *clean(receipt["sql"]).splitlines()]
    return lines


def _said(label: str, text: str, palette: Palette) -> list[str]:
    """One labelled paragraph. Every word of it is cleaned here, wherever it comes from."""
    wrapped = textwrap.wrap(clean(text), _WIDTH - _LABEL - 4, break_on_hyphens=False, break_long_words=False) or [""]
    first, *more = wrapped
    return [f"  {palette.dim(label.ljust(_LABEL))} {first}", *(" " * (_LABEL + 3) + line for line in more)]


def _each(label: str, texts: Iterable[str], palette: Palette) -> list[str]:
    return [line for text in texts for line in _said(label, text, palette)]


def _dates(dates: Mapping[str, Any]) -> str:
    start, end = dates["start"], dates["end"]
    fields = ", ".join(dates["fields"])
    last = (date.fromisoformat(end) - timedelta(days=1)).isoformat() if end else None
    match start, last:
        case None, None:
            span = "all time"
        case None, _:
            span = f"until {last}, that day included"
        case _, None:
            span = f"from {start} on"
        case _:
            span = start if start == last else f"{start} to {last}, both included"
    return f"{dates['text']}: {span} ({fields})" if fields else f"{dates['text']}: {span}"


def _metric(metric: Mapping[str, Any]) -> str:
    said = f"{metric['name']} = {metric['definition']}"
    if not metric["definition"]:  # it was not told to who asked
        said = str(metric["name"])
    if metric["description"]:
        said = f"{metric['name']}: {metric['description'].rstrip('.')}. {metric['definition']}"
    return f"{said}  ({metric['status']}, owner {metric['owner'] or 'nobody'})"


def _source(source: Mapping[str, Any]) -> str:
    named = " ".join(filter(None, ("contract", source["contract"], source["contract_version"])))
    contract = named if source["contract"] else "under no contract"
    return f"{source['relation']} ({', '.join(source['columns'])}), {contract}"


def _state(state: Mapping[str, Any]) -> str:
    said = f"{state['dataset']} is {state['state']}: {state['kept']} promises of contract {state['contract']} kept"
    if state["state"] == "unpromised":
        said = (
            f"{state['dataset']} is unpromised: contract {state['contract']} has no promise a query could look at here"
        )
    for name, words in (("broken", "broken"), ("unseen", "not to be looked at"), ("elsewhere", "broken on other days")):
        if state[name]:
            said += f"; {words}: {', '.join(state[name])}"
    return said


def _check(check: Mapping[str, Any]) -> str:
    return f"{check['check']} {check['subject']}: {check['verdict']}" + (f", {check['why']}" if check["why"] else "")
