"""What is broken in; why, as far as the rows that break it say, out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.checks.data import gathering
from loadline.checks.data.causes import Where, explained, questions
from loadline.checks.data.known import Known, Steps, only_column
from loadline.checks.data.lateness import told_how_late
from loadline.checks.data.nouns import Found, HasLength, Matches, OneOf, Promised, Unique
from loadline.checks.data.parted import whole_row
from loadline.checks.data.primitives import Dialect
from loadline.checks.data.proofs import groups_of, is_skipping
from loadline.checks.data.scans import MOST_WRONG, wrong_values
from loadline.values.finding import Evidence, Row, Table
from loadline.values.promise import Broken


def causes(known: Known, promised: Sequence[Promised], dialect: Dialect) -> Steps[None]:
    at = Where(dialect=dialect, zone=known.setting.zone)
    asked: list[gathering.Asked] = []
    for one in promised:
        run = known.runs[one.promise.id]
        if isinstance(run, Broken) and run.count:
            wanted = questions(known.subject, one, run, known.live, at)
            if wanted is not None:
                ranges = known.repeated.get(one.promise.id, ())
                values = yield from _wrong_values(known, one, dialect)
                asked.append(
                    gathering.Asked(
                        promised=one,
                        broken=run,
                        questions=wanted,
                        ranges=ranges,
                        values=values,
                        dense=known.dense.get(one.promise.id),
                    )
                )
    here = [each for each in asked if each.promised.promise.id in known.fetched]
    if here and (yield from _gathered(known, here, at)):
        asked = [each for each in asked if each not in here]
    few, room = [], gathering.MOST_GATHERED
    for each in sorted(asked, key=lambda each: each.broken.count or 0):
        rows = (each.broken.count or 0) + (each.broken.keys or 0)
        if rows <= room:
            few.append(each)
            room -= rows
    left = [each for each in asked if each not in few]
    # joins under an OR keep an engine from its shortcuts: what is looked up elsewhere is fetched apart
    of_rows = [each for each in few if not isinstance(each.promised.test, Found | Unique)]
    for together in ([of_rows] if of_rows else []) + [[each] for each in few if each not in of_rows]:
        if not (yield from _gathered(known, together, at)):
            left += together
    yield from _asked_of_the_engine(known, left)
    for one in promised:
        yield from told_how_late(known, one, dialect)


def _wrong_values(known: Known, one: Promised, dialect: Dialect) -> Steps[tuple[str, ...]]:
    """The values that break it, where the column has few and these are not many: rows are found faster by them."""
    column = only_column(one)
    if column is None or column.name not in known.few or not isinstance(one.test, OneOf | Matches | HasLength):
        return ()
    need = wrong_values(known.relation, column, one.test, dialect)
    found = (yield (need,)).get(need)
    if not isinstance(found, Table) or len(found.rows) > MOST_WRONG:
        return ()
    return tuple(str(row[0]) for row in found.rows)


def _gathered(known: Known, few: Sequence[gathering.Asked], at: Where) -> Steps[bool]:
    """Fetch the rows that break any of these and let them speak. False when they cannot be had."""
    groups = groups_of(known.files) if known.files is not None else None
    skips = groups is not None and is_skipping((each.promised for each in few), groups)
    whole = gathering.gathering(known.subject, few, known.live, at, is_skipping=skips)
    table = yield from whole_row(known, whole.whole)
    fetched = [known.fetched.get(each.promised.promise.id) for each in few]
    if None not in fetched:
        rows: Evidence | None = gathering.had([each for each in fetched if each is not None])
    else:
        rows = (yield (whole.rows,)).get(whole.rows)
    if not isinstance(rows, Table) or not isinstance(table, Row):
        return False
    need, pairs = gathering.pairs_need(known.subject, whole, rows, at)
    counts = (yield from whole_row(known, need)) if need is not None else None
    totals = dict(zip(pairs, map(int, map(str, counts.values)), strict=True)) if isinstance(counts, Row) else {}
    for place, each in enumerate(few):
        said = gathering.answered(known.subject, whole, {whole.rows: rows, whole.whole: table}, totals, place)
        known.runs[each.promised.promise.id] = explained(
            known.subject, each.promised, each.broken, each.questions, said
        )
    return True


def _asked_of_the_engine(known: Known, asked: Sequence[gathering.Asked]) -> Steps[None]:
    """Where many rows break a promise the engine counts what they share."""
    open_questions = [(each.promised, each.broken, each.questions) for each in asked]
    needs = [need for _, _, q in open_questions for need in (q.facts, q.groups, q.sample, q.values) if need is not None]
    evidence = dict((yield tuple(dict.fromkeys(needs))))
    unread = {q.sample: q.narrow for _, _, q in open_questions if not isinstance(evidence.get(q.sample), Table)}  # type: ignore[arg-type]
    again = yield tuple(dict.fromkeys(need for need in unread.values() if need is not None))
    evidence |= {wide: again[narrow] for wide, narrow in unread.items() if wide is not None and narrow in again}  # type: ignore[index]
    for one, run, wanted in open_questions:
        known.runs[one.promise.id] = explained(known.subject, one, run, wanted, evidence)
