"""A subject in; the SQL of two views over its rows out: those that break a promise, with which, and all others.

The conditions are those that the checks count by. A row is in exactly one of the two: what a condition cannot tell (it
is NULL) breaks nothing, as in a check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from loadline.checks.data.causes import condition_of
from loadline.checks.data.conditions import scope_tree
from loadline.checks.data.known import Known, Setting
from loadline.checks.data.nouns import Promised
from loadline.checks.data.primitives import Dialect, NotSpoken, Tree, both, column, either, number, string
from loadline.checks.data.promises import promises_of
from loadline.checks.data.scans import table_tree
from loadline.checks.data.subjects import Subject
from loadline.checks.data.there import to_run
from loadline.values.contract import Must
from loadline.values.diagnostic import Severity
from loadline.values.promise import NotRun, Unseen

REASONS = "broken_promises"
"""The column of the failing rows that names what each breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """`failing` and `clean` are SELECTs in `dialect`; `names` what views of them are called. `promises` are what rows
    are judged by; `left_out` pairs a promise with why no single row can be."""

    table: str
    relation: str
    dialect: str
    names: tuple[str, str]
    failing: str
    clean: str
    promises: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def statements(self, *, replaces: bool = False) -> tuple[str, ...]:
        """What creates both views; with `replaces`, in place of views of these names."""
        found = []
        for name, select in zip(self.names, (self.failing, self.clean), strict=True):
            view = _quoted(name, self.dialect)
            found += [f"DROP VIEW IF EXISTS {view}"] if replaces else []
            found.append(f"CREATE VIEW {view} AS {select}")
        return tuple(found)


def quarantine(
    subject: Subject,
    every: Sequence[Subject],
    dialect: Dialect,
    live: Mapping[str, str],
    setting: Setting,
    *,
    has_warnings: bool,
) -> Quarantine:
    """`live` are the columns there are. Promises of severity error count, and with `has_warnings` those of warning."""
    known = Known(subject=subject, setting=setting, live=live)
    promised = promises_of(subject, every)
    able = list(to_run(known, promised, dialect))
    judged: list[tuple[Promised, Tree]] = []
    left_out: list[tuple[str, str]] = []
    for one in able:
        why = _why_not(one, has_warnings=has_warnings)
        condition = None
        if why is None:
            try:
                condition = condition_of(subject, one, dialect)
            except NotSpoken as fault:
                why = str(fault)
            else:
                why = None if condition is not None else "it is about the rows as a whole"
        if why is not None or condition is None:
            left_out.append((one.promise.id, why or ""))
            continue
        scope = [scope_tree(one.where, dialect)] if one.where else []
        judged.append((one, both([*scope, exp.Paren(this=condition)])))
    left_out += _unseen(known)
    breaks = either([exp.Paren(this=tree) for _, tree in judged]) if judged else exp.false()
    is_broken = exp.Case(ifs=[exp.If(this=breaks, true=number(1))], default=number(0))
    table = table_tree(subject.relation, dialect)
    reasons = exp.alias_(_reasons(judged, dialect), REASONS, quoted=True)
    failing = exp.select(exp.Star(), reasons).from_(table).where(exp.EQ(this=is_broken, expression=number(1)))
    clean = exp.select(exp.Star()).from_(table.copy()).where(exp.EQ(this=is_broken.copy(), expression=number(0)))
    return Quarantine(
        table=subject.name,
        relation=subject.relation,
        dialect=dialect.name,
        names=(f"{subject.relation}_quarantine", f"{subject.relation}_clean"),
        failing=failing.sql(dialect=dialect.name),
        clean=clean.sql(dialect=dialect.name),
        promises=tuple(one.promise.id for one, _ in judged),
        left_out=tuple(left_out),
    )


def _why_not(one: Promised, *, has_warnings: bool) -> str | None:
    """Why a row that breaks it is not put aside for it."""
    severity = one.promise.severity
    if severity is Severity.NOTE or (severity is Severity.WARNING and not has_warnings):
        return f"its severity is {severity}"
    if one.tolerance:
        return "some rows may break it"
    if one.limit is not None and (one.limit.must is not Must.BE or one.limit.values != (0,)):
        return "some rows may break it"
    return None


def _unseen(known: Known) -> Iterator[tuple[str, str]]:
    for name, run in known.runs.items():
        match run:
            case Unseen(why=why) | NotRun(why=why):
                yield name, why
            case _:
                continue


def _reasons(judged: Sequence[tuple[Promised, Tree]], dialect: Dialect) -> Tree:
    """The ids of what a row breaks, each on a line of its own."""
    whole: Tree = string("")
    for one, condition in judged:
        said = exp.Case(ifs=[exp.If(this=condition.copy(), true=string(f"{one.promise.id}\n"))], default=string(""))
        whole = exp.DPipe(this=whole, expression=exp.Paren(this=said))
    return exp.cast(whole, dialect.text_type) if not judged else whole


def _quoted(name: str, dialect: str) -> str:
    return ".".join(column(part).sql(dialect=dialect) for part in name.split("."))
