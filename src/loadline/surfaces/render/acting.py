"""The receipt of an act in; lines for people, JSON for programs, and the exit code out."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from loadline.flow.acting.canaries import CanaryTried
from loadline.flow.acting.codes import CANARY
from loadline.flow.acting.comparing import Compared
from loadline.flow.acting.freezing import Freeze
from loadline.flow.acting.notices import NoticesSent
from loadline.flow.acting.reconciling import Reckoned
from loadline.flow.acting.record import Story
from loadline.surfaces.render.style import Palette, clean
from loadline.surfaces.render.style import as_json as one_line
from loadline.values.acting import ActReceipt, ActStatus
from loadline.values.action import DeclaredAction
from loadline.values.approval import Vote
from loadline.values.canonical import plain
from loadline.values.effect import WriteEffect
from loadline.values.matter import ANSWER
from loadline.values.receipt import Reason
from loadline.values.rule import Approval

_WIDTH = 100
_LABEL = 11
_FINE = frozenset({ActStatus.DONE, ActStatus.WOULD})
_EXIT: Mapping[ActStatus, int] = {
    ActStatus.WOULD: 0,
    ActStatus.DONE: 0,
    ActStatus.FORBIDDEN: 1,
    ActStatus.REJECTED: 1,
    ActStatus.EXPIRED: 1,
    ActStatus.EXCEEDED: 1,
    ActStatus.STOPPED: 1,
    ActStatus.REFUSED: 2,
    ActStatus.FAILED: 3,
    ActStatus.UNKNOWN: 3,
    ActStatus.WAITING: 4,
    ActStatus.APPROVED: 4,
    ActStatus.PERFORMING: 4,
}


def exit_code(receipt: ActReceipt) -> int:
    """0 done · 1 a "no" · 2 not as asked · 3 the outside failed · 4 it waits, or something must be looked at."""
    if receipt.findings:
        return 4
    is_given = receipt.action == ANSWER and receipt.status is ActStatus.APPROVED  # its asker gets it by asking again
    return 0 if is_given else _EXIT[receipt.status]


def as_json(receipt: ActReceipt) -> dict[str, Any]:
    said: dict[str, Any] = plain(receipt)
    return {**said, "ledger_index": receipt.ledger_index}


def as_text(receipt: ActReceipt, palette: Palette) -> list[str]:
    """What became of it, why, and how to go on."""
    paint = palette.green if receipt.status in _FINE else palette.red
    paint = palette.blue if receipt.status in {ActStatus.WAITING, ActStatus.APPROVED} else paint
    given = ", ".join(f"{name} {clean(str(value))}" for name, value in receipt.arguments.items() if value is not None)
    lines = [f"{paint(receipt.status)}  {palette.bold(clean(receipt.action))}" + (f"  {given}" if given else "")]
    for reason in receipt.reasons:
        lines += _reason(reason, palette)
    for finding in receipt.findings:
        lines += _said("finding", finding, palette)
    lines += _said("says", receipt.says, palette) if receipt.says else []
    changed = "changed" if receipt.status is ActStatus.DONE else "would"
    if receipt.effect is not None:
        lines += _said(changed, effect_in_words(receipt.effect), palette)
    if receipt.result is not None:
        result = receipt.result if isinstance(receipt.result, str) else one_line(plain(receipt.result))
        lines += _said("returned", result[:500], palette)
    lines += _approvals(receipt, palette)
    if receipt.undoes is not None:
        lines += _said("undoes", receipt.undoes, palette)
    if receipt.status is ActStatus.DONE and receipt.action != ANSWER:
        lines += _said(*_undo(receipt), palette)
    who = f"{receipt.agent} for {receipt.person}" if receipt.agent else receipt.person
    lines += _said("by", who + (f"  ·  rule {', '.join(receipt.rules)}" if receipt.rules else ""), palette)
    entry = f"  ·  ledger entry {receipt.ledger_index}" if receipt.ledger_index is not None else ""
    again = "  ·  as it came to before: it was not done again" if receipt.repeats else ""
    return [*lines, *_said("run", f"{receipt.run}{entry}{again}", palette)]


def effect_in_words(effect: WriteEffect) -> str:
    """`main.orders 1 updated; main.payments 3 deleted`."""
    parts = []
    for table in effect.tables:
        verbs = (("inserted", table.inserted), ("updated", table.updated), ("deleted", table.deleted))
        counts = ", ".join(f"{rows:,} {verb}" for verb, rows in verbs if rows)
        parts.append(f"{table.table} {counts or f'{table.writes:,} written as they were'}")
    return "; ".join(parts) or "no row at all"


def _undo(receipt: ActReceipt) -> tuple[str, str]:
    if receipt.undone_by is not None:
        return "undone by", receipt.undone_by
    return "undo", f"no: {receipt.no_undo}" if receipt.no_undo else f"loadline act undo {receipt.run}"


def _approvals(receipt: ActReceipt, palette: Palette) -> list[str]:
    lines = []
    for vote in receipt.votes:
        said = f"{vote.by} said {'yes' if vote.is_yes else 'no'}" + (f": {vote.because}" if vote.because else "")
        lines += _said("vote", said, palette)
    if receipt.status in {ActStatus.WAITING, ActStatus.WOULD} and receipt.approvals:
        needed = " and ".join(_needed(one, receipt.votes) for one in receipt.approvals)
        until = f", until {receipt.expires_at.isoformat(timespec='minutes')}" if receipt.expires_at else ""
        lines += _said("waits for" if receipt.expires_at else "would wait", f"{needed}{until}", palette)
    if receipt.action == ANSWER and receipt.status is ActStatus.APPROVED and receipt.expires_at:
        until = receipt.expires_at.isoformat(timespec="minutes")
        lines += _said("next", f"`{receipt.person}` asks again, until {until}, and is shown it once", palette)
    if receipt.status is ActStatus.WAITING:
        lines += _said("digest", receipt.digest[:19], palette)
        lines += _said("mend", f"loadline approvals approve {receipt.run} --as APPROVER", palette)
    return lines


def _needed(approval: Approval, votes: Sequence[Vote]) -> str:
    deputy = ""
    if approval.deputy is not None:
        minutes = (approval.deputy_after_seconds or 0) // 60
        deputy = f", or `{approval.deputy}` after {minutes:,} minutes"
    if approval.person is not None:
        return f"`{approval.person}` (rule {approval.rule})"
    may = {approval.role, approval.deputy}
    missing = approval.count - len({vote.by for vote in votes if vote.is_yes and may & set(vote.roles)})
    count = f"{approval.count}" if missing == approval.count else f"{max(missing, 0)} more of {approval.count}"
    return f"{count} with the role `{approval.role}`{deputy} (rule {approval.rule})"


def _reason(reason: Reason, palette: Palette) -> list[str]:
    return [*_said(reason.code, reason.what, palette), *_said("mend", reason.mend, palette)]


def _said(label: str, text: str, palette: Palette) -> list[str]:
    wrapped = textwrap.wrap(" ".join(clean(text).split()), _WIDTH - _LABEL - 3) or [""]
    head = f"  {palette.dim(label.ljust(_LABEL))} {wrapped[0]}"
    return [head, *(f"  {'':{_LABEL}} {line}" for line in wrapped[1:])]


def actions_as_json(actions: Mapping[str, DeclaredAction]) -> list[dict[str, Any]]:
    return [plain(action) for action in actions.values()]


def actions_as_text(actions: Mapping[str, DeclaredAction], palette: Palette) -> list[str]:
    if not actions:
        return ["no action is declared; they are written in actions/*.yaml"]
    lines = []
    for action in actions.values():
        given = ", ".join(
            f"{one.name}: {one.type}{'?' if one.is_optional else ''}" for one in action.arguments.values()
        )
        lines.append(f"{palette.bold(action.name)}({given})  {action.effect}, stake {action.stake}")
        if action.description:
            lines.append(f"  {clean(action.description)}")
    return lines


def compared_as_json(compared: Sequence[Compared]) -> list[dict[str, Any]]:
    return [plain(one) for one in compared]


def compared_as_text(compared: Sequence[Compared], palette: Palette) -> list[str]:
    lines = []
    for one in compared:
        bad = palette.red("unsaid" if one.is_unsaid else "differs")
        verdict = bad if one.differs else palette.green("as said")
        lines.append(f"{verdict}  {clean(one.run or 'no run is named')}")
        lines += [f"  {clean(what)}" for what in one.differs]
    return lines or ["nothing was said"]


def reckoned_as_text(reckoned: Reckoned, palette: Palette) -> list[str]:
    """What went past the gate; what the target has and the ledger does not know, and the other way round."""
    seen = reckoned.seen
    since = seen.since.astimezone().isoformat(timespec="minutes")
    if reckoned.is_clean:
        past = "nothing went past the gate" if seen.sees_statements else "every table has as many rows as it should"
        said = f"{len(seen.markers)} writes since {since}, each of them a run of the ledger; {past}"
        lines = [f"{palette.green('reconciled')}  {clean(reckoned.target)}: {said}"]
        blind = "what was changed past the gate and left the numbers of rows as they were: this engine does not tell"
        return lines if seen.sees_statements else [*lines, *_said("not seen", blind, palette)]
    lines = [f"{palette.red('past the gate')}  {clean(reckoned.target)}, since {since}"]
    for one in seen.outside:
        who = " by " + ", ".join(clean(name) for name in (one.login, one.origin) if name) if one.login else ""
        rows = "" if one.rows is None else f" {one.rows:,} rows"
        at = f"{one.first_at.astimezone():%H:%M:%S} to {one.last_at.astimezone():%H:%M:%S}"
        lines += _said("outside", f"{one.table}: {one.verb}{rows}{who}, {at}", palette)
    for gap in seen.unaccounted:
        lines += _said("unaccounted", f"{gap.table}: {gap.what}", palette)
    for marker in reckoned.strangers:
        lines += _said("stranger", f"{marker}: the target has its marker, and the ledger knows no such run", palette)
    for run in reckoned.missing:
        lines += _said("missing", f"{run}: the ledger says it is done, and the target has no marker of it", palette)
    mend = "find out who holds that login and take it away; the rows come back from a backup, for no image was kept"
    return [*lines, *_said("mend", mend, palette)]


def held_as_text(held: Sequence[Story], palette: Palette) -> list[str]:
    """What waits, is approved or is being performed."""
    if not held:
        return ["nothing waits"]
    lines = []
    for one in held:
        lines += as_text(one.receipt, palette)
    return lines


def notices_as_text(done: NoticesSent, palette: Palette) -> list[str]:
    """Who was told now of what waits."""
    lines = [f"{palette.green('told')}    {clean(', '.join(one.roles))} of {one.run}" for one in done.sent]
    lines += [f"{palette.red('untold')}  {clean(one.what)}; it is sent again" for one in done.unsent]
    return lines or [f"nobody is left to tell; {done.waiting} wait" if done.waiting else "nothing waits"]


def canary_as_text(one: CanaryTried, palette: Palette) -> str:
    if one.is_denied:
        return f"{palette.green('denied ')}  canary {clean(one.name)}: as it must be ({one.run})"
    return f"{palette.red(f'alarm[{CANARY}]')}: canary {clean(one.name)} {clean(one.what)} ({one.run})"


def canaries_as_text(tried: Sequence[CanaryTried], palette: Palette) -> list[str]:
    return [canary_as_text(one, palette) for one in tried] or ["no canary is written; add `canaries:` to loadline.yaml"]


def freeze_in_words(freeze: Freeze) -> str:
    state = "frozen" if freeze.is_frozen else "thawed"
    evidence = "".join(f"\n  {clean(one)}" for one in freeze.evidence)
    return f"{state}  {freeze.what}  by {clean(freeze.by)}: {clean(freeze.because)}{evidence}"
