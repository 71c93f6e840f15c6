"""Looks at tables (plain JSON, as recorded) in; text, JUnit, SARIF and GitHub annotations out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from loadline.surfaces.render.diagnostics import annotation
from loadline.surfaces.render.style import Palette, clean

Look = Mapping[str, Any]
Said = Mapping[str, Any]

_WIDTH = 100
_LABEL = 9
_FAILS = ("broken", "could not look")


def has_errors(looks: Iterable[Look]) -> bool:
    return any(said["severity"] == "error" for look in looks for said in _failing(look))


def _failing(look: Look) -> list[Said]:
    return [said for said in look["promises"] if said["verdict"] in _FAILS]


_UNPROMISED = "unpromised"


def unpromised_words(promises: int) -> str:
    """Of a table that stands `unpromised`: that none of its promises was kept is true, and would be read as fine."""
    return f"nothing looked at of {promises} promise{'' if promises == 1 else 's'}" if promises else "nothing promised"


def painted(state: str, palette: Palette) -> Callable[[str], str]:
    paints = {"green": palette.green, "amber": palette.yellow, _UNPROMISED: palette.dim}
    return paints.get(state, palette.red)


# text


def as_text(looks: Sequence[Look], palette: Palette, *, with_sql: bool = False) -> list[str]:
    """Each table with what is wrong with it, and a last line that sums up."""
    lines: list[str] = []
    for look in looks:
        lines.append(_headline(look, palette))
        for said in sorted(_failing(look), key=lambda said: ("error", "warning", "note").index(said["severity"])):
            lines += _told(said, palette, with_sql=with_sql)
        lines += [
            f"  {palette.dim('not run'.ljust(_LABEL))} {clean(said['id'])}: {clean(said['why'])}"
            for said in look["promises"]
            if said["verdict"] == "not run"
        ]
    return [*lines, "", _summary(looks, palette)] if looks else ["no contract speaks of any table"]


def in_brief(looks: Sequence[Look], palette: Palette) -> list[str]:
    """What is wrong and why, the worst first, and the line that sums up. What could not be looked at for one and the
    same reason is said once."""
    failing = [said for look in looks for said in _failing(look)]
    seen: dict[tuple[str, str], list[Said]] = {}
    for said in (one for one in failing if one["verdict"] != "broken"):
        seen.setdefault((said["severity"], said["why"]), []).append(said)
    told = [(s["severity"], s["id"], s["cause"] or s["what"]) for s in failing if s["verdict"] == "broken"]
    told += [
        (severity, ", ".join(one["id"] for one in of), f"could not look: {why}") for (severity, why), of in seen.items()
    ]
    lines: list[str] = []
    for severity, name, why in sorted(told, key=lambda one: ("error", "warning", "note").index(one[0])):
        paint = {"error": palette.red, "warning": palette.yellow}.get(severity, palette.blue)
        text = textwrap.wrap(clean(f"{name}: {why}"), _WIDTH - _LABEL, break_on_hyphens=False) or [""]
        lines += [f"{paint(severity.ljust(_LABEL))} {text[0]}", *(" " * (_LABEL + 1) + line for line in text[1:])]
    return [*lines, _summary(looks, palette)] if looks else ["no contract speaks of any table"]


def _headline(look: Look, palette: Palette) -> str:
    state = str(look["state"])
    paint = painted(state, palette)
    rows = f"{look['rows']:,} rows of " if look["rows"] is not None else ""
    kept = sum(said["verdict"] == "kept" for said in look["promises"])
    about = f"{rows}{look['relation']}  ·  {kept} of {len(look['promises'])} promises kept"
    if state == _UNPROMISED:
        about = f"{rows}{look['relation']}  ·  {unpromised_words(len(look['promises']))}"
    return f"{paint(state.ljust(5))}  {palette.bold(clean(look['table']))}  {palette.dim(clean(about))}"


def _told(said: Said, palette: Palette, *, with_sql: bool) -> list[str]:
    paint = {"error": palette.red, "warning": palette.yellow}.get(said["severity"], palette.blue)
    lines = [f"  {paint(said['severity'].ljust(_LABEL))} {palette.bold(clean(said['id']))}"]
    if said["verdict"] == "could not look":
        return [*lines, *_labelled("", f"could not look: {said['why']}", palette)]
    lines += _labelled("", said["what"], palette)
    if said["cause"]:
        lines += _labelled("cause", said["cause"], palette)
    lines += _labelled("mend", said["mend"], palette)
    if said["first_seen"] and said["first_seen"] != said.get("at"):
        lines += _labelled("since", str(said["first_seen"])[:16].replace("T", " "), palette)
    for row in said.get("sample", ())[:3]:
        shown = ", ".join(f"{name}={_value(value)}" for name, value in row.items())
        lines += _labelled("row", shown, palette)
    if with_sql and said["sql"]:
        lines += _labelled("sql", said["sql"], palette)
    return lines


def _value(value: object) -> str:
    return "NULL" if value is None else str(value)


def _labelled(label: str, text: str, palette: Palette) -> list[str]:
    wrapped = textwrap.wrap(clean(text), _WIDTH - _LABEL - 4, break_on_hyphens=False, break_long_words=False) or [""]
    first, *more = wrapped
    return [f"  {palette.dim(label.ljust(_LABEL))} {first}", *(" " * (_LABEL + 3) + line for line in more)]


def _summary(looks: Sequence[Look], palette: Palette) -> str:
    states = [str(look["state"]) for look in looks]
    known = ("green", "amber", "red", _UNPROMISED)
    tables = ", ".join(painted(s, palette)(f"{states.count(s)} {s}") for s in known if s in states)
    verdicts = [said["verdict"] for look in looks for said in look["promises"]]
    counts = ", ".join(
        f"{verdicts.count(verdict):,} {verdict}" for verdict in ("kept", "broken", "could not look", "not run")
    )
    return f"{len(looks)} table{'' if len(looks) == 1 else 's'}: {tables}; promises: {counts}"


def status_text(looks: Sequence[Look | str], palette: Palette) -> list[str]:
    lines = []
    for look in looks:
        if isinstance(look, str):
            lines.append(
                f"{palette.red('never')}  {palette.bold(clean(look))}  {palette.dim('nobody has looked at it')}"
            )
            continue
        lines.append(f"{_headline(look, palette)}  {palette.dim(str(look['at'])[:16].replace('T', ' '))}")
        lines += [
            f"  {said['severity'].ljust(_LABEL)} {clean(said['id'])}: {clean(said.get('what') or said['why'])}"
            for said in _failing(look)
        ]
    return lines or ["no contract speaks of any table"]


# for programs


def as_github(looks: Iterable[Look]) -> list[str]:
    """A workflow command for each promise that is not kept, at its line of the contract."""
    levels = {"error": "error", "warning": "warning", "note": "notice"}
    return [
        annotation(
            levels[said["severity"]], _message(said), file=said["file"], line=str(said["line"]), title=said["id"]
        )
        for look in looks
        for said in _failing(look)
    ]


def _message(said: Said) -> str:
    if said["verdict"] == "could not look":
        return f"could not look: {said['why']}"
    cause = f"\ncause: {said['cause']}" if said["cause"] else ""
    return f"{said['what']}{cause}\nmend: {said['mend']}"


def as_junit(looks: Iterable[Look]) -> str:
    """One suite for each table, one case for each promise. A broken warning or note is a case that passed, with what
    was found in its output: whoever reads JUnit knows only red and green."""
    suites = []
    for look in looks:
        cases = "".join(_case(look, said) for said in look["promises"])
        failures = sum(s["verdict"] == "broken" and s["severity"] == "error" for s in look["promises"])
        errors = sum(s["verdict"] == "could not look" and s["severity"] == "error" for s in look["promises"])
        skipped = sum(s["verdict"] == "not run" for s in look["promises"])
        suites.append(
            f'<testsuite name={quoteattr(clean(look["table"]))} tests="{len(look["promises"])}" failures="{failures}" '
            f'errors="{errors}" skipped="{skipped}">\n{cases}</testsuite>\n'
        )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="loadline data check">\n'
    return f"{head}{''.join(suites)}</testsuites>"


def _case(look: Look, said: Said) -> str:
    head = f"  <testcase classname={quoteattr(clean(look['table']))} name={quoteattr(clean(said['id']))}"
    match said["verdict"], said["severity"]:
        case "kept", _:
            return f"{head}/>\n"
        case "not run", _:
            return f"{head}><skipped message={quoteattr(clean(said['why']))}/></testcase>\n"
        case "broken", "error":
            return f"{head}><failure message={quoteattr(clean(said['what']))}>{_body(said)}</failure></testcase>\n"
        case _, "error":
            return f"{head}><error message={quoteattr(clean(said['why']))}/></testcase>\n"
        case _:
            return f"{head}><system-out>{_body(said)}</system-out></testcase>\n"


def _body(said: Said) -> str:
    sql = f"\n{said['sql']}" if said.get("sql") else ""
    return escape(clean(_message(said) + sql))


def as_sarif(looks: Iterable[Look]) -> dict[str, Any]:
    """SARIF 2.1.0: a result for each promise that is not kept, at its line of the contract."""
    failing = [said for look in looks for said in _failing(look)]
    rules = {said["check"]: said for said in failing}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "loadline",
                        "rules": [
                            {"id": check, "properties": {"dimension": said["dimension"]}}
                            for check, said in rules.items()
                        ],
                    }
                },
                "results": [_result(said) for said in failing],
            }
        ],
    }


def _result(said: Said) -> dict[str, Any]:
    region = {"startLine": max(1, int(said["line"]))}
    return {
        "ruleId": said["check"],
        "level": said["severity"],
        "message": {"text": f"{said['id']}: {_message(said)}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": said["file"]}, "region": region}}],
        "partialFingerprints": {"promise": said["id"]},
    }
