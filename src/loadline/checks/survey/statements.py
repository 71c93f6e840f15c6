"""Relations and columns in; the few statements that survey them, in the warehouse's dialect, out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

_MULTIPLIER, _MODULUS = 611_953, 1_000_003  # both prime

SHOWN_CHARACTERS = 200
"""How much of a long text is looked at."""


def _relation(relation: str) -> exp.Table:
    parts = relation.split(".")
    table = exp.Table(this=exp.to_identifier(parts[-1], quoted=True))
    if len(parts) > 1:
        table.set("db", exp.to_identifier(parts[-2], quoted=True))
    if len(parts) > 2:
        table.set("catalog", exp.to_identifier(parts[-3], quoted=True))
    return table


def _column(name: str, of: str | None = None) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=of)


def _number(value: int) -> exp.Expression:
    return exp.Literal(this=str(value), is_string=False)


def _count(what: exp.Expression | None = None) -> exp.Count:
    return exp.Count(this=what or exp.Star())


def _is_there(*columns: exp.Expression) -> exp.Condition:
    return exp.and_(*(exp.Not(this=exp.Is(this=column, expression=exp.Null())) for column in columns))


def count_rows(relation: str, dialect: str) -> str:
    return exp.select(_count()).from_(_relation(relation)).sql(dialect=dialect)


def sample(relation: str, columns: Sequence[tuple[str, bool]], *, every: int, dialect: str) -> str:
    """One row of `every`, of each column (its name, and whether it is text, which is cut short). Which rows is the same
    each time, and in step with no pattern of the rows: by the squares of their numbers, modulo a large prime."""
    shown = [exp.alias_(_shown(name, is_text=is_text), f"c{n}") for n, (name, is_text) in enumerate(columns)]
    if every <= 1:
        return exp.select(*shown).from_(_relation(relation)).sql(dialect=dialect)
    numbered = exp.alias_(exp.Window(this=exp.RowNumber()), "nth")
    inner = exp.select(*shown, numbered).from_(_relation(relation)).subquery("numbered")
    rest = exp.Paren(this=exp.Mod(this=exp.column("nth"), expression=_number(_MODULUS)))
    square = exp.Mul(this=exp.Mul(this=rest, expression=rest.copy()), expression=_number(_MULTIPLIER))
    place = exp.Mod(this=exp.Paren(this=square), expression=_number(_MODULUS))
    kept = exp.LT(this=place, expression=_number(max(1, _MODULUS // every)))
    return exp.select(*(f"c{n}" for n in range(len(columns)))).from_(inner).where(kept).sql(dialect=dialect)


def _shown(name: str, *, is_text: bool) -> exp.Expression:
    if not is_text:
        return _column(name)
    text = exp.cast(_column(name), "text")
    return exp.Substring(this=text, start=_number(1), length=_number(SHOWN_CHARACTERS))


def totals(relation: str, columns: Sequence[tuple[str, bool, bool]], dialect: str) -> str:
    """One pass: of each column (its name, whether its ends and whether its distinct values are wanted) how many rows
    have a value; then its least and greatest; then how many distinct there are."""
    wanted: list[exp.Expression] = []
    for name, has_ends, has_distinct in columns:
        wanted.append(_count(_column(name)))
        if has_ends:
            wanted += [exp.Min(this=_column(name)), exp.Max(this=_column(name))]
        if has_distinct:
            wanted.append(_count(exp.Distinct(expressions=[_column(name)])))
    named = [exp.alias_(one, f"n{n}") for n, one in enumerate(wanted)]
    return exp.select(*named).from_(_relation(relation)).sql(dialect=dialect)


def values(relation: str, column: str, *, most: int, dialect: str) -> str:
    """The values of a column with how often, most frequent first."""
    text = exp.cast(_column(column), "text")
    grouped = (
        exp.select(exp.alias_(text, "v"), exp.alias_(_count(), "n"))
        .from_(_relation(relation))
        .where(_is_there(_column(column)))
        .group_by(text.copy())
    )
    ordered = (
        exp.select("v", "n")
        .from_(grouped.subquery("grouped"))
        .order_by(exp.Ordered(this=exp.column("n"), desc=True), "v")
    )
    return ordered.limit(most).sql(dialect=dialect)


def misses(relation: str, patterns: Sequence[tuple[str, str]], dialect: str) -> str:
    """One pass: of each column and pattern, how many texts do not keep it."""
    counted = []
    for n, (column, pattern) in enumerate(patterns):
        keeps = exp.RegexpLike(this=exp.cast(_column(column), "text"), expression=exp.Literal.string(pattern))
        case = exp.Case(ifs=[exp.If(this=exp.Not(this=exp.Paren(this=keeps)), true=_number(1))])
        counted.append(exp.alias_(_count(case), f"n{n}"))
    return exp.select(*counted).from_(_relation(relation)).sql(dialect=dialect)


def distinct_rows(relation: str, columns: Sequence[str], dialect: str) -> str:
    """How many different combinations rows have in these columns, rows without one of them left out."""
    inner = (
        exp.select(*(exp.alias_(_column(name), f"k{n}") for n, name in enumerate(columns)))
        .distinct()
        .from_(_relation(relation))
        .where(_is_there(*map(_column, columns)))
    )
    return exp.select(_count()).from_(inner.subquery("combinations")).sql(dialect=dialect)


def inclusion(source: str, column: str, target: str, key: str, dialect: str) -> str:
    """How many rows of `source` have a value in `column`, and how many of these find it in `target`'s key."""
    here = exp.select(exp.alias_(_column(column), "v")).from_(_relation(source)).where(_is_there(_column(column)))
    there = exp.select(exp.alias_(_column(key), "k")).distinct().from_(_relation(target))
    met = exp.EQ(this=exp.column("v", table="here"), expression=exp.column("k", table="there"))
    whole = (
        exp.select(_count(), _count(exp.column("k", table="there")))
        .from_(here.subquery("here"))
        .join(there.subquery("there"), on=met, join_type="left")
    )
    return whole.sql(dialect=dialect)


def days(relation: str, column: str, *, most: int, dialect: str) -> str:
    """The newest days that rows have in a time column, newest first."""
    day = exp.cast(_column(column), "date")
    found = (
        exp.select(exp.alias_(day, "d"))
        .distinct()
        .from_(_relation(relation))
        .where(_is_there(_column(column)))
        .subquery("found")
    )
    return (
        exp.select("d")
        .from_(found)
        .order_by(exp.Ordered(this=exp.column("d"), desc=True))
        .limit(most)
        .sql(dialect=dialect)
    )


def panel(relation: str, time: str, entity: Sequence[str], numbers: Sequence[str], dialect: str) -> str:
    """One row: how many rows have all of them, how many combinations there are, periods, entities; then for each of
    `numbers` the sum of squared steps from one period of an entity to its next, and of squared distances from the
    entity's mean."""
    keys = {"t": _column(time), **{f"e{n}": _column(name) for n, name in enumerate(entity)}}
    whose = [name for name in keys if name != "t"]
    rows = (
        exp.select(*(exp.alias_(one.copy(), name) for name, one in keys.items()))
        .select(*(exp.alias_(exp.cast(_column(name), "double"), f"x{n}") for n, name in enumerate(numbers)))
        .from_(_relation(relation))
        .where(_is_there(*(one.copy() for one in keys.values())))
    )
    steps: list[exp.Expression] = [exp.column(whose[0])]
    wanted: list[exp.Expression] = [_count()]
    for n in range(len(numbers)):
        value = exp.column(f"x{n}")
        before = _over(exp.Lag(this=value.copy()), whose, is_ordered=True)
        mean = _over(exp.Avg(this=value.copy()), whose, is_ordered=False)
        steps.append(exp.Alias(this=exp.Sub(this=value.copy(), expression=before), alias=exp.to_identifier(f"s{n}")))
        steps.append(exp.Alias(this=exp.Sub(this=value.copy(), expression=mean), alias=exp.to_identifier(f"m{n}")))
        wanted += [_squares(f"s{n}"), _squares(f"m{n}")]
    stepped = exp.select(*steps).from_(rows.subquery("r")).subquery("stepped")
    named = [exp.alias_(one, f"n{n}") for n, one in enumerate(wanted)]
    sums = exp.select(*named).from_(stepped).subquery("sums")
    whole = exp.select(*(_distinct(rows, [*keys]), _distinct(rows, ["t"]), _distinct(rows, whose)))
    order = ["n0", "pairs", "periods", "entities", *(f"n{n}" for n in range(1, len(wanted)))]
    counts = exp.alias_(whole.subquery(), "counts", table=["pairs", "periods", "entities"])
    return exp.select(*order).from_(sums).join(counts, join_type="cross").sql(dialect=dialect)


def _distinct(rows: exp.Select, names: Sequence[str]) -> exp.Subquery:
    """How many different combinations of these there are, as a value."""
    different = exp.select(*names).distinct().from_(rows.copy().subquery("p")).subquery("d")
    return exp.select(_count()).from_(different).subquery()


def _over(what: exp.Expression, whose: Sequence[str], *, is_ordered: bool) -> exp.Window:
    order = exp.Order(expressions=[exp.Ordered(this=exp.column("t"))]) if is_ordered else None
    return exp.Window(this=what, partition_by=[exp.column(name) for name in whose], order=order)


def _squares(name: str) -> exp.Sum:
    return exp.Sum(this=exp.Mul(this=exp.column(name), expression=exp.column(name)))


def validity(relation: str, entity: str, start: str, end: str, dialect: str) -> str:
    """One row: rows with an entity and a start, entities, rows followed by another of the same entity; of those, how
    many end after the next begins (or never), and how many end on the day before the next begins."""
    rows = (
        exp.select(exp.alias_(_column(entity), "e"), exp.alias_(_column(start), "t"), exp.alias_(_column(end), "until"))
        .from_(_relation(relation))
        .where(_is_there(_column(entity), _column(start)))
    )
    following = _over(exp.Lead(this=exp.column("t")), ["e"], is_ordered=True)
    paired = exp.select("e", "t", "until", exp.alias_(following, "following")).from_(rows.subquery("r"))
    there = _is_there(exp.column("following"))
    beyond = exp.or_(
        exp.Is(this=exp.column("until"), expression=exp.Null()),
        exp.GT(this=exp.column("until"), expression=exp.column("following")),
    )
    day_before = exp.Sub(this=exp.cast(exp.column("following"), "date"), expression=_number(1))
    ends_there = exp.EQ(this=exp.cast(exp.column("until"), "date"), expression=day_before)
    wanted = [
        _count(),
        _count(exp.Distinct(expressions=[exp.column("e")])),
        _count(exp.column("following")),
        _count(exp.Case(ifs=[exp.If(this=exp.and_(there, exp.paren(beyond)), true=_number(1))])),
        _count(exp.Case(ifs=[exp.If(this=exp.and_(there.copy(), ends_there), true=_number(1))])),
    ]
    named = [exp.alias_(one, f"n{n}") for n, one in enumerate(wanted)]
    return exp.select(*named).from_(paired.subquery("paired")).sql(dialect=dialect)
