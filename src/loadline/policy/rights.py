"""What is to be used of whose data, and for what, in; Permit or Forbid out, by the rights that contracts state.

Default deny, a forbid wins, the order of rights means nothing. Where the use leaves something unsaid (no purpose, no
region), a permit has to be proven and a forbid disproven: a permit that asks for a purpose does not fit, a forbid does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from loadline.policy import codes_rights as codes
from loadline.values.decision import Forbid, Permit, RowFilter
from loadline.values.purpose import purposes_around
from loadline.values.right import INSIDE, Held, Right, WantedUse
from loadline.values.rule import Effect, Principal

Column = str | None
"""A column's name; None for rows of which no column is used."""


def judge_use(held: Sequence[Held], usage: WantedUse) -> Permit | Forbid:
    """Decide whether all of `held` may be used so. `Permit.row_filters` are the consents that rows must have; contracts
    without rights are in `Permit.unstated`, and allow nothing by themselves.

    INVARIANT I2: silence forbids (no right, no use) and an error forbids (a fault while judging is a Forbid).
    """
    try:
        return _judge(held, usage)
    except Exception as fault:  # noqa: BLE001 - an error becomes a Forbid here, as in `judge`
        return Forbid(
            code=codes.FAILED,
            rules=(),
            because=f"the rights could not be judged ({type(fault).__name__})",
            mend="run `loadline check`; if it finds nothing, report a bug",
        )


def _judge(held: Sequence[Held], usage: WantedUse) -> Permit | Forbid:
    used: dict[str, None] = {}
    consents: dict[tuple[RowFilter, ...], None] = {}
    for one in held:
        for column in _columns(one) if one.rights is not None else ():
            verdict = _of_column(one, one.rights or (), column, usage)
            if isinstance(verdict, Forbid):
                return verdict
            used.update((right.name, None) for right in verdict)
            if consent := _consent(verdict):
                consents[consent] = None
    unstated = tuple(sorted({one.contract for one in held if one.rights is None}))
    return Permit(rules=tuple(sorted(used)), row_filters=tuple(consents), unstated=unstated)


def _columns(held: Held) -> tuple[Column, ...]:
    return tuple(sorted(held.columns)) or (None,)


def _of_column(held: Held, rights: Sequence[Right], column: Column, usage: WantedUse) -> Forbid | tuple[Right, ...]:
    """The rights that permit it; or the refusal."""
    for right in rights:
        if right.effect is Effect.FORBID and fits(right, column, usage):
            return Forbid(
                code=codes.FORBIDDEN,
                rules=(right.name,),
                because=f"{_may_not(held, column, usage)}: `{right.name}` of contract `{held.contract}` forbids it"
                + (f", as {right.because}" if right.because else ""),
                mend=f"leave it out, or have {_owner(held)} narrow `{right.name}` ({right.place})",
            )
    permits = tuple(right for right in rights if right.effect is Effect.PERMIT and fits(right, column, usage))
    return permits or Forbid(
        code=codes.NO_RIGHT,
        rules=(),
        because=f"{_may_not(held, column, usage)}: no right of contract `{held.contract}` permits it",
        mend=_how_to_permit(held, rights, column, usage),
    )


def fits(right: Right, column: Column, usage: WantedUse) -> bool:
    """Whether the right speaks of this use of this column; what the use leaves unsaid counts against the user."""
    is_permit = right.effect is Effect.PERMIT
    return (
        (not right.uses or usage.use in right.uses)
        and _fits_purpose(right.purposes, usage.principal.purpose, is_permit=is_permit)
        and _is_actor(right, usage.principal)
        and _fits_column(right.columns, column)
        and (not right.regions or (usage.region in right.regions if usage.region is not None else not is_permit))
        and (
            not right.providers
            or (_matches(usage.provider, right.providers) if usage.provider is not None else not is_permit)
        )
        and (right.until is None or usage.today <= right.until)
    )


def _fits_purpose(written: Sequence[str], said: str | None, *, is_permit: bool) -> bool:
    """A permit covers every part of its purpose. A forbid also bars the wider purpose that its own is a part of:
    whoever uses data for the whole uses it for the part."""
    if not written:
        return True
    if said is None:
        return not is_permit
    around = purposes_around(said)
    return any(one in around or (not is_permit and said in purposes_around(one)) for one in written)


def _is_actor(right: Right, principal: Principal) -> bool:
    return (not right.people or _matches(principal.name, right.people)) and (
        not right.roles or any(_matches(role, right.roles) for role in principal.roles)
    )


def _fits_column(written: Sequence[str], column: Column) -> bool:
    return not written or (column is not None and _matches(column, written))


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _consent(permits: Sequence[Right]) -> tuple[RowFilter, ...]:
    """Any of the permits may open a row; one without a consent opens all."""
    if any(right.consent is None for right in permits):
        return ()
    written = ((right.consent, right.name) for right in permits if right.consent is not None)
    filters = {RowFilter(expr=consent, rule=name, is_consent=True) for consent, name in written}
    return tuple(sorted(filters, key=lambda one: (one.rule, one.expr.value)))


def _may_not(held: Held, column: Column, usage: WantedUse) -> str:
    what = f"`{held.dataset}.{column}`" if column is not None else f"`{held.dataset}`"
    to = f" by provider `{usage.provider or 'unknown'}`" if usage.provider != INSIDE else ""
    end = f" for {usage.principal.purpose}" if usage.principal.purpose is not None else ""
    return f"{what} may not be used as {usage.use.value}{to}{end}"


def _how_to_permit(held: Held, rights: Sequence[Right], column: Column, usage: WantedUse) -> str:
    """A purpose where saying one would do; else whom to ask."""
    ask = f"leave it out, or have {_owner(held)} permit it under `aiRights` of contract `{held.contract}`"
    if usage.principal.purpose is not None:
        return ask
    for right in rights:
        for purpose in right.purposes:
            if right.effect is Effect.PERMIT and fits(right, column, _for(usage, purpose)):
                return f"say what it is for, if that is `--purpose {purpose}`; else {ask}"
    return ask


def _for(usage: WantedUse, purpose: str) -> WantedUse:
    return replace(usage, principal=replace(usage.principal, purpose=purpose))


def _owner(held: Held) -> str:
    return held.owner or f"whoever owns contract `{held.contract}`"
