"""A look at what an answer reads, and the days it asks for, in; what that means for the answer out.

By default data whose promises are broken with severity error withholds the answer, severity warning marks it as not
verified, and anything less is noted. A promise that is broken on other days than asked for is told and changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from loadline.checks.data.looking import state_of
from loadline.values.diagnostic import Severity
from loadline.values.finding import CheckRun, CouldNotLook, Finding, Gravity, Looked
from loadline.values.plan import Dates
from loadline.values.promise import Broken, DataState, Kept, NotRun, TableLook, Unseen
from loadline.values.receipt import SourceState

CONTRACT_KEPT = "contract-kept"
_MARGIN = timedelta(days=1)
"""Days are told by the project's clock and by the data's, which may differ by less than one."""
_GRAVITY = {Severity.ERROR: Gravity.BLOCKING, Severity.WARNING: Gravity.DOUBTFUL, Severity.NOTE: Gravity.NOTABLE}


def relied_on(look: TableLook, asked: Dates | None) -> tuple[tuple[CheckRun, ...], SourceState]:
    """`asked` are the days every row of the answer lies in; None when that is not known, or when it is all time."""
    broken = [run for run in look.runs if isinstance(run, Broken)]
    elsewhere = [run for run in broken if is_elsewhere(look.table, run, asked)]
    here = [run for run in broken if run not in elsewhere]
    kept = [run for run in look.runs if isinstance(run, Kept)]
    unseen = [run for run in look.runs if isinstance(run, Unseen)]
    stands = state_of([*here, *unseen, *kept])
    findings = [_found(run) for run in here]
    findings += [_doubted(run) for run in unseen if run.promise.severity is not Severity.ERROR]
    runs: list[CheckRun] = [Looked(check=CONTRACT_KEPT, subject=look.table, findings=tuple(findings))]
    runs += [
        CouldNotLook(check=CONTRACT_KEPT, subject=run.promise.id, why=run.why)
        for run in unseen
        if run.promise.severity is Severity.ERROR
    ]
    state = SourceState(
        dataset=look.table,
        contract=look.contract,
        state=DataState.GREEN if elsewhere and stands is DataState.UNPROMISED else stands,
        kept=len(kept),
        broken=tuple(run.promise.id for run in here),
        elsewhere=tuple(run.promise.id for run in elsewhere),
        unseen=tuple(run.promise.id for run in unseen),
        not_run=tuple(run.promise.id for run in look.runs if isinstance(run, NotRun)),
        is_fresh_checked=any(
            run.promise.dimension == "timeliness" and isinstance(run, Kept | Broken) for run in look.runs
        ),
    )
    return tuple(runs), state


def is_elsewhere(dataset: str, run: Broken, asked: Dates | None) -> bool:
    """Whether every row that breaks it lies on days that were not asked for."""
    if run.span is None or asked is None:
        return False
    if {name for name in asked.fields if name.startswith(f"{dataset}.")} != {f"{dataset}.{run.span.field}"}:
        return False  # another time field of the same rows is asked by, too
    is_before = asked.start is not None and run.span.last < asked.start - _MARGIN
    is_after = asked.end is not None and run.span.first > asked.end + _MARGIN
    return is_before or is_after


def _found(run: Broken) -> Finding:
    cause = f"; {run.cause}" if run.cause else ""
    return Finding(
        check=CONTRACT_KEPT,
        subject=run.promise.id,
        gravity=_GRAVITY[run.promise.severity],
        what=f"contract `{run.promise.contract}` promises that {run.promise.says}: {run.what}{cause}",
        mend=run.mend,
        count=run.count,
    )


def _doubted(run: Unseen) -> Finding:
    return Finding(
        check=CONTRACT_KEPT,
        subject=run.promise.id,
        gravity=Gravity.DOUBTFUL if run.promise.severity is Severity.WARNING else Gravity.NOTABLE,
        what=f"contract `{run.promise.contract}` promises that {run.promise.says}, and that could not be looked at: "
        f"{run.why}",
        mend="mend what kept it from looking, and ask again",
    )
