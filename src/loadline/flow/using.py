"""A dataset, its columns and what somebody wants to do with them in; whether they may out, recorded like any decision.

The gate for what happens elsewhere: training, a release, an export. Nothing is read here, and nothing passes that no
contract permits: one that states no rights lets answers be given, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow import codes_rights as gate_codes
from loadline.flow.allowed import held_of
from loadline.flow.world import World
from loadline.ledger import Draft, Kind
from loadline.policy import codes_rights, judge_use
from loadline.project.wording import instead
from loadline.values.canonical import plain
from loadline.values.decision import Forbid, Permit
from loadline.values.diagnostic import Diagnostic
from loadline.values.right import Held, WantedUse


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDecided:
    """What was decided of a use, and the number of its ledger entry. `Permit.row_filters` bind whoever goes on."""

    held: Held
    usage: WantedUse
    decision: Permit | Forbid
    index: int


def decide_use(world: World, dataset: str, columns: Sequence[str], usage: WantedUse) -> UseDecided:
    """Judge the use of these columns, of all when none is named, and record it. Raises RequestError for a dataset or
    column that there is not, OutsideError when the ledger fails."""
    held = _held(world, dataset, columns)
    decision = judge_use((held,), usage)
    if isinstance(decision, Permit) and decision.unstated:
        decision = _not_stated(held)
    payload = {
        "what": "use",
        "dataset": dataset,
        "columns": list(held.columns),
        "contract": held.contract,
        "use": usage.use,
        "purpose": usage.principal.purpose,
        "provider": usage.provider,
        "region": usage.region,
        "today": usage.today.isoformat(),
        "asked_by": usage.principal.name,
        "roles": usage.principal.roles,
        "project_digest": world.project.digest,
        **_said(decision),
    }
    keys = ("use", use_key(dataset))
    draft = Draft(kind=Kind.DECISION, run=world.new_id(), at=world.clock(), payload=plain(payload), keys=keys)
    draft = replace(draft, subjects=(usage.principal.name,))
    (entry,) = world.store.append([draft])
    return UseDecided(held=held, usage=usage, decision=decision, index=entry.index)


def usable(world: World, dataset: str, wanted: WantedUse) -> tuple[str, ...]:
    """The columns of a dataset that may be used so; none, where its contract states no rights. Raises RequestError."""
    held = _held(world, dataset, ())
    if held.rights is None:
        return ()
    each = ((column, judge_use((replace(held, columns=(column,)),), wanted)) for column in held.columns)
    return tuple(column for column, decision in each if isinstance(decision, Permit))


def held_whole(world: World, dataset: str) -> Held:
    """A dataset with every column of its contract. Raises RequestError where no contract speaks of it."""
    return _held(world, dataset, ())


def use_key(dataset: str) -> str:
    """What the decisions about a dataset's use are found by."""
    return f"use:{dataset}"


def _held(world: World, dataset: str, columns: Sequence[str]) -> Held:
    written = world.project.model.datasets.get(dataset)
    if written is None or written.table is None:
        known = [name for name, one in world.project.model.datasets.items() if one.table is not None]
        raise RequestError(
            Diagnostic(
                code=codes.NO_SUCH_TABLE,
                what=f"no contract speaks of a dataset `{dataset}`",
                why=codes.CODES[codes.NO_SUCH_TABLE].why,
                mend=instead(dataset, known, otherwise="give a dataset of context/ a `contract`"),
            )
        )
    there = written.table.columns
    unknown = [
        Diagnostic(
            code=gate_codes.NO_SUCH_COLUMN,
            what=f"`{dataset}` has no column `{column}`",
            why=codes.CODES[gate_codes.NO_SUCH_COLUMN].why,
            mend=instead(column, there, otherwise="leave it out"),
        )
        for column in columns
        if column not in there
    ]
    if unknown:
        raise RequestError(*unknown)
    return held_of(world, dataset, columns or there)


def _not_stated(held: Held) -> Forbid:
    return Forbid(
        code=codes_rights.NOT_STATED,
        rules=(),
        because=f"contract `{held.contract}` does not say what the data of `{held.dataset}` may be used for",
        mend=f"have {held.owner or 'its owner'} state `aiRights` in contract `{held.contract}`",
    )


def _said(decision: Permit | Forbid) -> dict[str, object]:
    match decision:
        case Permit(rules=rights, row_filters=groups):
            consents = [" or ".join(one.expr.value for one in group) for group in groups]
            return {"is_permitted": True, "rights": list(rights), "only_rows": consents}
        case Forbid(code=code, rules=rights, because=because, mend=mend):
            reason = {"code": code, "what": because, "mend": mend}
            return {"is_permitted": False, "rights": list(rights), "reasons": [reason]}
        case _:
            assert_never(decision)
