"""Names and values that an asker may see in; those that may be handed to the planner's provider out.

What an asker is shown stays inside. What a planner is told goes to whoever runs it, and contracts may give one right
and not the other: a dimension whose values may not go there is not offered, not even by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from loadline.errors import RequestError
from loadline.flow.allowed import answering, held_of, wanted_use
from loadline.flow.ports import Offer, Planner
from loadline.flow.world import World
from loadline.policy import codes_rights, judge_use
from loadline.semantics import resolve
from loadline.semantics.wording import FieldValues, Lexicon
from loadline.semantics.wording.tokens import fold
from loadline.values.decision import Forbid, Permit
from loadline.values.diagnostic import Diagnostic
from loadline.values.query import By, Query
from loadline.values.request import Ask
from loadline.values.right import Use, WantedUse
from loadline.values.rule import Principal


def offer_of(world: World, request: Ask, text: str, lexicon: Lexicon, planner: Planner) -> Offer:
    """Nothing else leaves. Raises RequestError when the question itself says a value that may not."""
    model = world.project.model
    seen = lexicon.seen if lexicon.seen is not None else frozenset(model.metrics)
    offered, withheld = [], []
    for one in lexicon.values.values():
        decision = _may_go(world, request.principal, one, planner)
        if decision is None:
            offered.append(one)
        else:
            withheld.append((one, decision))
    _refuse_said(text, offered, withheld)
    return Offer(
        question=text,
        today=request.today,
        audience=request.principal.audience,
        metrics=(
            *((name, model.metrics[name].description) for name in sorted(seen)),
            *((name, f"a term for {', '.join(sorted(set(term.meanings.values()) & seen))}")
              for name, term in model.terms.items() if set(term.meanings.values()) & seen),
        ),
        dimensions=("time", *(f"{one.dataset}.{one.field}" for one in offered)),
        values={f"{one.dataset}.{one.field}": one.values for one in offered},
    )  # fmt: skip


def _may_go(world: World, principal: Principal, one: FieldValues, planner: Planner) -> Forbid | None:
    """None when the values may be handed over as they were read; else why not."""
    inside = _judged(world, one, answering(world, principal))
    goes = wanted_use(world, Use.INFERENCE_CONTEXT, principal, provider=planner.provider, region=planner.region)
    there = _judged(world, one, goes)
    match there:
        case Forbid():
            return there
        case Permit(row_filters=wanted):
            had = inside.row_filters if isinstance(inside, Permit) else ()
            if set(wanted) <= set(had):
                return None
            return Forbid(
                code=codes_rights.CONSENT_CANNOT_APPLY,
                rules=there.rules,
                because=f"`{one.dataset}.{one.field}` may go to provider `{planner.provider}` only where a consent is",
                mend="ask with the project's own words, or with `--metric` and its companions",
            )


def _judged(world: World, one: FieldValues, wanted: WantedUse) -> Permit | Forbid:
    """The columns that the field is made of, whichever way its values were read."""
    try:
        plan = resolve(world.linked, Query(metrics=(), by=(By(name=f"{one.dataset}.{one.field}"),)))
    except RequestError as error:  # an error forbids
        because, mend = error.diagnostics[0].what, error.diagnostics[0].mend
        return Forbid(code=codes_rights.FAILED, rules=(), because=because, mend=mend)
    held = [held_of(world, source.dataset, source.columns) for source in plan.sources if source.contract]
    return judge_use(held, wanted)


def _refuse_said(text: str, offered: Iterable[FieldValues], withheld: Iterable[tuple[FieldValues, Forbid]]) -> None:
    """A value that may not go does not go in the words of the question either."""
    folded = fold(text)
    may_go = {fold(value) for one in offered for value in one.values}
    for one, decision in withheld:
        for value in one.values:
            word = fold(value)
            if word and word not in may_go and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded):
                raise RequestError(
                    Diagnostic(
                        code=decision.code,
                        what=f"the question names a value of `{one.dataset}.{one.field}`, and {decision.because}",
                        why=codes_rights.RIGHTS[decision.code].why,
                        mend="ask with the project's own words, or with `--metric` and its companions: those stay here",
                    )
                )
