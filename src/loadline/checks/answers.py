"""A plan in, what must be fetched to trust its answer out (`needs`); then plan and evidence in, check runs out.

Six checks guard an answer today:

- `key-is-unique`: each many-to-one step is only right while the target's key repeats nowhere.
- `columns-as-promised`: each column read exists, with a type of the kind its contract promises.
- `data-held-still`: the data had one version before and after reading.
- `rows-complete`: nothing was cut off.
- `periods-are-whole` (in `whole`): where a change is asked for, the data hold both of its periods.
- `whole-is-seen` (in `whole`): where a share is asked for, policy leaves the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from loadline.checks.kinds import ALSO, kind_of
from loadline.checks.renamed import renamed_to
from loadline.checks.whole import look_at_periods, look_at_wholes, period_needs
from loadline.values.contract import ContractTable
from loadline.values.finding import (
    CheckRun,
    CouldNotLook,
    Evidence,
    Finding,
    Gravity,
    Looked,
    Missing,
    Need,
    Row,
    Schema,
    SchemaNeed,
    SqlNeed,
)
from loadline.values.model import Model
from loadline.values.outcome import Outcome
from loadline.values.plan import JoinUse, Plan, SourceUse, Statement

KEY_IS_UNIQUE = "key-is-unique"
COLUMNS_AS_PROMISED = "columns-as-promised"
DATA_HELD_STILL = "data-held-still"
ROWS_COMPLETE = "rows-complete"


def needs(plan: Plan, statement: Statement, *, model: Model) -> tuple[Need, ...]:
    """What the flow must fetch before `looks` can look; each need once."""
    wanted: dict[Need, None] = {}
    for join in (*plan.joins, *statement.joins):
        wanted[_key_need(join, model, statement.dialect)] = None
    for source in (*plan.sources, *statement.sources):
        if source.contract:
            wanted[_schema(source)] = None
    return tuple(dict.fromkeys((*wanted, *period_needs(plan, statement))))


def looks(
    plan: Plan,
    statement: Statement,
    outcome: Outcome,
    *,
    model: Model,
    evidence: Mapping[Need, Evidence],
    version_after: str,
) -> tuple[CheckRun, ...]:
    """Look at one outcome. A need without evidence, or with `Missing`, is a CouldNotLook.

    INVARIANT I5: a check that could not look says so, and whoever settles the answer blocks on it.
    """
    keys = [
        _look_at_key(join, evidence.get(_key_need(join, model, statement.dialect)))
        for join in (*plan.joins, *statement.joins)
    ]
    columns = [
        _look_at_columns(source, model.datasets[source.dataset].table, evidence.get(_schema(source)))
        for source in (*plan.sources, *statement.sources)
        if source.contract
    ]
    still = [] if _has_no_version(outcome) else [_look_at_versions(outcome.data_version, version_after)]
    whole = (*look_at_periods(plan, statement, model=model, evidence=evidence), *look_at_wholes(plan, statement))
    return tuple(dict.fromkeys([*keys, *columns, *still, _look_at_completeness(outcome), *whole]))


def not_run(outcome: Outcome) -> tuple[str, ...]:
    """What people may expect of a checked answer and nobody looked at; the receipt says so."""
    return (DATA_HELD_STILL,) if _has_no_version(outcome) else ()


def _has_no_version(outcome: Outcome) -> bool:
    """Some engines cannot tell whether their data changed."""
    return outcome.data_version.startswith("none:")


def _key_need(join: JoinUse, model: Model, dialect: str) -> SqlNeed:
    names = _named(join, join.target_columns, model)
    return _uniqueness(join, names, _named(join, join.valid, model), dialect)


@lru_cache(maxsize=1024)
def _uniqueness(join: JoinUse, names: tuple[str, ...], valid: tuple[str, ...], dialect: str) -> SqlNeed:
    """Two numbers in one row: how many key values repeat, and how many rows they take beyond their first.

    Rows with a NULL in the key are left out: they match nothing and can multiply nothing.
    """
    if len(valid) == 2:
        return _overlaps(join, names, valid, dialect)
    keys: list[exp.Expression] = [exp.column(name, quoted=True) for name in names]
    repeated = (
        exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(exp.to_table(join.target_relation, dialect=dialect))
        .where(*[exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())) for key in keys])
        .group_by(*[key.copy() for key in keys])
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    )
    whole = exp.select(
        exp.Count(this=exp.Star()),
        exp.Coalesce(
            this=exp.Sum(this=exp.Sub(this=exp.column("n"), expression=exp.Literal.number(1))),
            expressions=[exp.Literal.number(0)],
        ),
    ).from_(repeated.subquery("repeated"))
    return SqlNeed(sql=whole.sql(dialect=dialect), dialect=dialect)


def _overlaps(join: JoinUse, names: tuple[str, ...], valid: tuple[str, ...], dialect: str) -> SqlNeed:
    """Two numbers in one row: how many rows of a history begin to hold while one of the same key before them still
    does, twice, so that the row reads as that of unique keys does."""
    start, end = (exp.column(name, quoted=True) for name in valid)
    keys: list[exp.Expression] = [exp.column(name, quoted=True) for name in names]
    following = exp.Window(
        this=exp.Lead(this=start.copy()), partition_by=keys, order=exp.Order(expressions=[exp.Ordered(this=start)])
    )
    rows = (
        exp.select(exp.alias_(following, "next_start"), exp.alias_(end, "held_until"))
        .from_(exp.to_table(join.target_relation, dialect=dialect))
        .where(*[exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())) for key in keys])
    )
    count = exp.Count(this=exp.Star())
    whole = (
        exp.select(count, count.copy())
        .from_(rows.subquery("held"))
        .where("next_start IS NOT NULL AND (held_until IS NULL OR next_start < held_until)")
    )
    return SqlNeed(sql=whole.sql(dialect=dialect), dialect=dialect)


def _named(join: JoinUse, columns: tuple[str, ...], model: Model) -> tuple[str, ...]:
    """Columns of the target as the warehouse calls them."""
    table = model.datasets[join.target].table
    known = table.columns if table else {}
    return tuple(known[name].in_warehouse if name in known else name for name in columns)


def _look_at_key(join: JoinUse, found: Evidence | None) -> CheckRun:
    subject = f"{join.target}.{'+'.join(join.target_columns)}"
    match found:
        case Row(values=(int() as keys, rows)):
            if keys == 0:
                return Looked(check=KEY_IS_UNIQUE, subject=subject)
            if join.valid:
                return Looked(check=KEY_IS_UNIQUE, subject=subject, findings=(_overlap_finding(join, subject, keys),))
            finding = Finding(
                check=KEY_IS_UNIQUE,
                subject=subject,
                gravity=Gravity.BLOCKING,
                what=f"{keys} key {'value repeats' if keys == 1 else 'values repeat'} in `{join.target_relation}`, so "
                f"rows of `{join.source}` would be counted more than once",
                mend=f"remove the duplicate rows from `{join.target_relation}`, or correct the relationship's columns",
                count=int(str(rows)),
            )
            return Looked(check=KEY_IS_UNIQUE, subject=subject, findings=(finding,))
        case Missing(why=why):
            return CouldNotLook(check=KEY_IS_UNIQUE, subject=subject, why=why)
        case _:
            return CouldNotLook(check=KEY_IS_UNIQUE, subject=subject, why="no evidence was fetched")


def _overlap_finding(join: JoinUse, subject: str, count: int) -> Finding:
    return Finding(
        check=KEY_IS_UNIQUE,
        subject=subject,
        gravity=Gravity.BLOCKING,
        what=f"{count} {'row holds' if count == 1 else 'rows hold'} in `{join.target_relation}` while another of the "
        f"same key does, so rows of `{join.source}` would be counted more than once",
        mend=f"close each row in `{join.target_relation}` when the next one begins (`{join.valid[1]}`)",
        count=count,
    )


def _look_at_columns(source: SourceUse, table: ContractTable | None, found: Evidence | None) -> CheckRun:
    match found:
        case Schema(columns=live):
            read = [name for name in table.columns if name in source.columns] if table else []
            findings = [_column_finding(source, table, name, live) for name in read if table]
            kept = tuple(finding for finding in findings if finding)
            return Looked(check=COLUMNS_AS_PROMISED, subject=source.dataset, findings=kept)
        case Missing(why=why):
            return CouldNotLook(check=COLUMNS_AS_PROMISED, subject=source.dataset, why=why)
        case _:
            return CouldNotLook(check=COLUMNS_AS_PROMISED, subject=source.dataset, why="no evidence was fetched")


def _column_finding(source: SourceUse, table: ContractTable, name: str, live: Mapping[str, str]) -> Finding | None:
    column = table.columns[name]
    found, promised = live.get(column.in_warehouse), column.logical_type
    if found is None:
        known = {other.in_warehouse for other in table.columns.values()}
        renamed = renamed_to(column.in_warehouse, promised, known, live)
        hint = f"; `{renamed}` is there, of the same type and promised by nobody: it looks renamed" if renamed else ""
        return Finding(
            check=COLUMNS_AS_PROMISED,
            subject=f"{source.dataset}.{name}",
            gravity=Gravity.BLOCKING,
            what=f"`{source.relation}` has no column `{column.in_warehouse}`, which contract `{source.contract}` "
            f"promises{hint}",
            mend=f"write `physicalName: {renamed}` at `{name}` in contract `{source.contract}`, or restore "
            f"`{column.in_warehouse}`"
            if renamed
            else f"restore `{column.in_warehouse}` in `{source.relation}`, or change contract `{source.contract}`",
        )
    kind = kind_of(found)
    if kind is None or kind == promised or (kind, promised) in ALSO:
        return None
    return Finding(
        check=COLUMNS_AS_PROMISED,
        subject=f"{source.dataset}.{name}",
        gravity=Gravity.BLOCKING,
        what=f"`{source.relation}.{name}` holds `{found}`, and contract `{source.contract}` promises `{promised}`",
        mend=f"load `{name}` as {promised}, or change contract `{source.contract}`",
    )


def columns_gone(
    plan: Plan, statement: Statement, *, model: Model, evidence: Mapping[Need, Evidence]
) -> tuple[CheckRun, ...]:
    """Of the sources whose columns are not as promised, what is wrong: a statement may fail of it."""
    looked = (
        _look_at_columns(source, model.datasets[source.dataset].table, evidence.get(_schema(source)))
        for source in (*plan.sources, *statement.sources)
        if source.contract
    )
    return tuple(dict.fromkeys(run for run in looked if isinstance(run, Looked) and run.findings))


def schema_needs(plan: Plan, statement: Statement) -> tuple[Need, ...]:
    """What `columns_gone` looks at."""
    return tuple(dict.fromkeys(_schema(s) for s in (*plan.sources, *statement.sources) if s.contract))


def _schema(source: SourceUse) -> SchemaNeed:
    return SchemaNeed(relation=source.relation)


def _look_at_versions(before: str, after: str) -> CheckRun:
    if before == after:
        return Looked(check=DATA_HELD_STILL, subject="data")
    finding = Finding(
        check=DATA_HELD_STILL,
        subject="data",
        gravity=Gravity.BLOCKING,
        what="the data changed while it was read, so parts of the answer may come from different versions",
        mend="ask again",
    )
    return Looked(check=DATA_HELD_STILL, subject="data", findings=(finding,))


def _look_at_completeness(outcome: Outcome) -> CheckRun:
    if not outcome.is_truncated:
        return Looked(check=ROWS_COMPLETE, subject="result")
    finding = Finding(
        check=ROWS_COMPLETE,
        subject="result",
        gravity=Gravity.NOTABLE,
        what=f"only the first {len(outcome.rows):,} rows were fetched; there are more",
        mend="add a filter, a coarser grain or a limit, or raise `max_rows` in loadline.yaml",
        count=len(outcome.rows),
    )
    return Looked(check=ROWS_COMPLETE, subject="result", findings=(finding,))
