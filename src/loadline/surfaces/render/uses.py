"""What was decided of a use in; lines for people, JSON for programs out."""

from __future__ import annotations

from typing import Any, assert_never

from loadline.flow.using import UseDecided
from loadline.surfaces.render.style import Palette, clean
from loadline.values.canonical import plain
from loadline.values.decision import Forbid, Permit
from loadline.values.right import INSIDE

_LABEL = 11


def as_text(decided: UseDecided, palette: Palette) -> list[str]:
    usage, held = decided.usage, decided.held
    to = f" by {usage.provider}" if usage.provider != INSIDE else ""
    end = f" for {usage.principal.purpose}" if usage.principal.purpose else ""
    asked = f"{held.dataset} as {usage.use}{to}{end}"
    match decided.decision:
        case Permit(rules=rights, row_filters=groups):
            lines = [f"{palette.green('permitted')}  {palette.bold(clean(asked))}"]
            lines += _line("columns", ", ".join(held.columns), palette)
            lines += _line("by right", ", ".join(rights), palette)
            for group in groups:
                lines += _line("only rows", " or ".join(one.expr.value for one in group), palette)
        case Forbid(code=code, because=because, mend=mend):
            lines = [f"{palette.red('refused')}  {palette.bold(clean(asked))}"]
            lines += _line(code, because, palette)
            lines += _line("mend", mend, palette)
        case _:
            assert_never(decided.decision)
    return [*lines, *_line("ledger", f"entry {decided.index}", palette)]


def _line(label: str, text: str, palette: Palette) -> list[str]:
    return [f"  {palette.dim(label.ljust(_LABEL))} {clean(text)}"]


def as_json(decided: UseDecided) -> dict[str, Any]:
    usage, decision = decided.usage, decided.decision
    said: dict[str, Any] = {
        "dataset": decided.held.dataset,
        "columns": list(decided.held.columns),
        "contract": decided.held.contract,
        "use": usage.use,
        "purpose": usage.principal.purpose,
        "provider": usage.provider,
        "region": usage.region,
        "is_permitted": isinstance(decision, Permit),
        "rights": list(decision.rules),
        "ledger_index": decided.index,
    }
    match decision:
        case Permit(row_filters=groups):
            said["only_rows"] = [" or ".join(one.expr.value for one in group) for group in groups]
        case Forbid(code=code, because=because, mend=mend):
            said["reasons"] = [{"code": code, "what": because, "mend": mend}]
        case _:
            assert_never(decision)
    return dict(plain(said))
