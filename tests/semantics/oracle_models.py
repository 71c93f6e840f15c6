"""Chance in, a world out: hypothesis strategies for models and their rows.

Everything that has ever made a semantic layer lie is drawn on purpose: NULL and unmatched keys, repeated fact rows,
empty tables, one dataset in several roles, chains of joins, composite keys, fields that shadow their column, days on
which clocks change, metrics of several facts. Names are plain: the traps are where names are strange.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from loadline.values.model import Calendar
from semantics.oracle import Oracle, field_names, type_of, zone_of
from semantics.oracle_expr import Value
from semantics.oracle_paths import Path, Refused, paths_meant, simple_paths
from semantics.oracle_world import Measure, Table, World

Draw = st.DrawFn

DATASETS = ("lines", "orders", "customers", "places", "countries")
ROLES = ("origin", "destination", "billed")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe")
FISCAL_STARTS = ((1, 1), (2, 1), (4, 6), (7, 1), (10, 1), (11, 15), (12, 28), (1, 31), (8, 30), (12, 29))

STRINGS = (None, "", "a", "b", "A", "a%", "_", "o'b", "Zoë", "b ")
INTEGERS = (None, -2, 0, 1, 2, 3, 7)
NUMBERS = (None, *(Decimal(n) for n in ("-3.50", "0.00", "0.01", "1.00", "2.25", "10.00")))
BOOLEANS = (None, True, False)
DATES = (None, *(date.fromisoformat(d) for d in (
    "2023-12-31", "2024-01-01", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-05", "2024-04-06",
    "2024-07-01", "2024-11-03", "2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-05")))  # fmt: skip
_CHANGES = ("2024-01-01T00", "2024-02-29T00", "2024-03-10T05", "2024-03-10T07", "2024-03-31T01", "2024-04-06T15",
            "2024-10-27T01", "2024-11-03T05", "2024-12-31T23", "2025-01-01T05")  # fmt: skip
_STEPS = (timedelta(0), timedelta(microseconds=-1), timedelta(minutes=30), timedelta(hours=-1), timedelta(hours=5))
CLOCKS = (None, *(datetime.fromisoformat(f"{c}:00:00") + s for c in _CHANGES for s in _STEPS))
INSTANTS = tuple(c and c.replace(tzinfo=UTC) for c in CLOCKS)

POOLS: dict[str, tuple[Value, ...]] = {
    "string": STRINGS,
    "integer": INTEGERS,
    "number": NUMBERS,
    "boolean": BOOLEANS,
    "date": DATES,
    "timestamp": CLOCKS,
    "zoned": INSTANTS,
}


# ── worlds ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = (
    ("shout", "upper(region)", "string"),
    ("region", "coalesce(lower(region), 'none')", "string"),  # shadows its column
    ("net", "amount * n", "number"),
    ("per", "amount / n", "number"),
    ("is_big", "amount > 2 or n is null", "boolean"),
    ("label", "case when flag then region else 'x' || region end", "string"),
    ("following", "n + 1", "integer"),
    ("beyond", "following * 2 - n", "integer"),  # leans on another field
    ("day", "on_date", "date"),
    ("moment", "at", "timestamp"),
    ("always", "coalesce(n, 0) - coalesce(n, 0) + 5", "integer"),  # not NULL, but for a row that is not there
    ("id", "coalesce(id, 0) + 100", "integer"),  # shadows the key; rows are joined by the column
    ("known", "not (region is null)", "boolean"),
    ("joined", "concat(region, '-', coalesce(region, '?'))", "string"),
    ("kept", "nullif(replace(trim(region), 'a', 'bb'), '')", "string"),
    ("piece", "substr(region, 1, 1)", "string"),
    ("holds_a", "contains(region, 'a') or starts_with(region, '_')", "boolean"),
    ("text_of", "cast(n as string) || cast(flag as string)", "string"),
    ("bounded", "least(greatest(n, 0), 2)", "integer"),
    ("odd", "n % 2", "integer"),
    ("rounded", "round(amount * 0.5, 1)", "number"),
    ("whole", "floor(amount) + ceil(amount) - abs(n)", "number"),
    ("started", "date_trunc('month', at)", "date"),
    ("week_of", "date_trunc('week', on_date)", "date"),
    ("at_month", "extract(month from at) * 100 + day(at)", "integer"),
    ("at_hour", "hour(at)", "integer"),
    ("weekday_of", "weekday(on_date)", "integer"),
    ("at_day", "cast(at as date)", "date"),
    ("age", "date_diff('day', on_date, at) + date_diff('month', at, on_date)", "integer"),
    ("soon", "on_date + 3", "date"),
    ("gap", "on_date - cast(at as date)", "integer"),
    ("late", "at > '2024-03-31'", "boolean"),
    ("in_span", "at between '2024-03-10' and '2024-11-03' or on_date in ('2024-02-29', '2024-12-31')", "boolean"),
    ("on_the_day", "at = '2024-10-27' or at <> '2024-03-31'", "boolean"),
    ("before_noon", "at < '2024-03-31T12:00:00'", "boolean"),
)


@st.composite
def worlds(draw: Draw) -> World:
    names = DATASETS[: draw(st.integers(2, 5))]
    joins = _joins(draw, names)
    calendar = Calendar(
        timezone=draw(st.sampled_from(ZONES)),
        week_starts=draw(st.integers(1, 7)),
        fiscal_year_starts=draw(st.sampled_from(FISCAL_STARTS)),
    )
    tables = [_table(draw, name, joins) for name in names]
    bare = World(*tables, joins=joins, metrics={}, calendar=calendar)
    return World(*tables, joins=joins, metrics=_metrics(draw, bare), calendar=calendar)


def _joins(draw: Draw, names: tuple[str, ...]) -> list[str]:
    """Many-to-one from earlier to later datasets; a second one to the same target, or one to itself, plays a role."""
    found: list[str] = []
    for at, source in enumerate(names):
        free = [*ROLES]
        for target in names[at + 1 :]:
            if free and draw(st.integers(0, 9)) < (8 if target == names[at + 1] else 3):
                role = draw(st.sampled_from((None, None, *free)))
                free = [r for r in free if r != role]
                found.append(_join(source, target, role))
                if free and draw(st.integers(0, 9)) < 2:
                    found.append(_join(source, target, free.pop()))
        if draw(st.integers(0, 19)) == 0:
            found.append(_join(source, source, "parent"))
        if at and draw(st.integers(0, 9)) == 0:
            found.append(_join(source, draw(st.sampled_from(names[:at])), "head"))  # and round in a circle
    return found


def _key(name: str) -> tuple[str, ...]:
    """Orders have a key of two columns."""
    return ("shop", "id") if name == "orders" else ("id",)


def _join(source: str, target: str, role: str | None) -> str:
    columns = ", ".join(f"{role or target}_{part}" for part in _key(target))
    return f"{source}.({columns}) -> {target}.({', '.join(_key(target))})" + (f" as {role}" if role else "")


def _table(draw: Draw, name: str, joins: list[str]) -> Table:
    keys = {"shop": "integer", "id": "integer"} if name == "orders" else {"id": "integer"}
    foreign = [c.strip() for j in joins if j.startswith(f"{name}.(") for c in j.split("(")[1].split(")")[0].split(",")]
    is_target = any(f"-> {name}." in j for j in joins)
    clock = draw(st.sampled_from(("timestamp", "zoned", "zoned", "timestamp in UTC", "timestamp in Asia/Tokyo")))
    values = {
        f"{name}_tag": "string",
        "region": "string",
        "n": "integer",
        "amount": "number",
        "flag": "boolean",
        "on_date": "date",
        "at": clock,
    }
    row = st.tuples(
        *(st.sampled_from((1, 2, 3, None, 9) if c != "orders_shop" else (1, 1, 2, None)) for c in foreign),
        *(st.sampled_from(POOLS[kind.partition(" in ")[0]]) for kind in values.values()),
    )
    rows = draw(st.lists(row, min_size=draw(st.sampled_from((0, 2, 4, 6, 6))), max_size=6 if is_target else 12))
    if rows and not is_target and draw(st.booleans()):
        rows.append(rows[0])  # a retried import
    ids = [(1 + at % 2, 1 + at // 2) if name == "orders" else (1 + at,) for at in range(len(rows))]
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=4, unique_by=lambda f: f[0]))
    if any(f[0] == "beyond" for f in fields) and not any(f[0] == "following" for f in fields):
        fields.append(next(f for f in FIELDS if f[0] == "following"))
    return Table(
        name,
        {**keys, **dict.fromkeys(foreign, "integer"), **values},
        rows=[(*key, *cells) for key, cells in zip(ids, rows, strict=True)],
        key=tuple(keys) if is_target else (),
        time=draw(st.sampled_from(("on_date", "on_date", "at", "at", "at", "at", "at", None))),
        fields={n: (expr, kind) for n, expr, kind in fields},
    )


# ── names, as seen from a fact ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Seen:
    """A name that means one field from some fact, its type, and how its clock is written."""

    name: str
    type: str
    zone: str | None = None
    is_zoned: bool = False


def seen_from(world: World, fact: str) -> list[Seen]:
    """Every field that can be named from a fact: its own, by dataset where that is unique, and by full path."""
    oracle = Oracle(world.model, {})
    words = {fact: fact}
    for path in simple_paths(world.model, fact):
        words |= dict.fromkeys((_spelled(path), path[-1].name, path[-1].target), path[-1].target)
    for step in world.model.relationships:
        if step.source == step.target == fact:
            words[step.name] = fact
    found: list[Seen] = []
    for word, dataset in words.items():
        try:
            if oracle.meaning(fact, f"{word}.id").dataset == dataset:
                fields = sorted(field_names(world.model.datasets[dataset]))
                found += [_seen(world, f"{word}.{field}", dataset, field) for field in fields]
        except Refused:
            continue
    return found


def shared_by(world: World, metrics: tuple[str, ...]) -> list[Seen]:
    """What can be named from every fact of the metrics."""
    oracle = Oracle(world.model, {})
    facts = list(dict.fromkeys(leaf.fact for metric in metrics for leaf in oracle.leaves(metric)))
    found = seen_from(world, facts[0])
    for fact in facts[1:]:
        here = set(seen_from(world, fact))
        found = [seen for seen in found if seen in here]
    return found


def _spelled(path: Path) -> str:
    return ".".join(step.name for step in path)


def _seen(world: World, name: str, dataset_name: str, field: str) -> Seen:
    dataset = world.model.datasets[dataset_name]
    source = "at" if field == "moment" else field
    column = dataset.table.columns.get(source) if dataset.table else None
    is_zoned = column is not None and column.is_zoned and source == "at"
    return Seen(name, type_of(dataset, field) or "string", zone_of(dataset, field), is_zoned)


# ── expressions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return f"date '{value}'" if isinstance(value, date) else str(value).lower()


@st.composite
def predicates(draw: Draw, names: list[Seen]) -> str:
    plain = [seen for seen in names if seen.type != "timestamp"]
    found = [_comparison(draw, draw(st.sampled_from(plain))) for _ in range(draw(st.sampled_from((1, 1, 2))))]
    if len(found) == 1:
        return found[0]
    shape = draw(st.sampled_from(("{} or {}", "not ({} and {})", "{} or not {}", "{} and {}")))
    return shape.format(*found)


def _comparison(draw: Draw, seen: Seen) -> str:
    name, values = seen.name, [v for v in POOLS[seen.type] if v is not None]
    one, two = _literal(draw(st.sampled_from(values))), _literal(draw(st.sampled_from(values)))
    if seen.type == "boolean":
        return draw(st.sampled_from((name, f"not {name}", f"{name} is null", f"{name} = true")))
    shapes = [f"{name} {sign} {one}" for sign in ("=", "<>", "<", "<=", ">", ">=")]
    shapes += [f"{name} in ({one}, {two})", f"{name} not in ({one}, {two})", f"{name} between {one} and {two}"]
    shapes += [f"{name} is null", f"{name} is not null", f"coalesce({name}, {one}) = {two}"]
    if seen.type == "string":
        shapes += [f"{name} like 'a%'", f"length({name}) < 2", f"{name} || 'x' = 'ax'"]
    return draw(st.sampled_from(shapes))


# ── metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────────

_NUMBER_SHAPES = ("sum({x})", "sum({x})", "avg({x})", "min({x})", "max({x})", "median({x})", "percentile({x}, 0.9)",
                  "count({x})", "count(distinct {x})", "sum({x}) / count({d})", "sum({x}) - min({x})",
                  "sum({x} * {d}.n)", "max({x}) - avg({x}) / 2",
                  "sum(case when {d}.flag then {x} else 0 end)")  # fmt: skip
_ANY_SHAPES = ("count({d})", "count({x})", "count(distinct {x})", "count(distinct {x}) / count({d})")
_ORDERED_SHAPES = (*_ANY_SHAPES, "min({x})", "max({x})")
_DERIVED_SHAPES = ("{a} / {b}", "{a} - {b}", "{a} + {b}", "100 * {a} / nullif({b}, 0)", "-{a} * 2", "abs({a} - {b})",
                   "coalesce({a}, 0) + coalesce({b}, 0)", "case when {a} > 1 then {b} else 0 end")  # fmt: skip


def _metrics(draw: Draw, world: World) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    numeric: list[str] = []
    for at in range(draw(st.integers(1, 4))):
        fact = draw(st.sampled_from(list(world.model.datasets)))
        names = seen_from(world, fact)
        own = draw(st.sampled_from([s for s in names if s.name.startswith(f"{fact}.") and s.name.count(".") == 1]))
        if own.type in ("integer", "number"):
            shape = draw(st.sampled_from(_NUMBER_SHAPES))
        else:
            shape = draw(st.sampled_from(_ANY_SHAPES if own.type == "boolean" else _ORDERED_SHAPES))
        if own.type in ("integer", "number") or "count" in shape:
            numeric.append(f"m{at}")
        where = draw(predicates(names)) if draw(st.integers(0, 9)) < 4 else None
        times = [s.name for s in names if s.type in ("date", "timestamp")]
        time = draw(st.sampled_from(times)) if draw(st.integers(0, 9)) < 3 else None
        expr = shape.format(x=own.name, d=fact)
        afar = _ahead(world, fact, names)
        if afar and draw(st.integers(0, 9)) == 0:
            expr = f"sum(coalesce({fact}.n, 1) * {draw(st.sampled_from(afar))})"
            numeric.append(f"m{at}")
        found[f"m{at}"] = Measure(expr, where=where, time=time)
    for at in range(draw(st.integers(0, 2)) if numeric else 0):
        shape = draw(st.sampled_from(_DERIVED_SHAPES))
        one, two = draw(st.sampled_from(numeric)), draw(st.sampled_from(numeric))
        expr = draw(st.sampled_from((shape.format(a=one, b=two), shape.format(a=one, b=two), one)))
        shared = shared_by(world.measuring(found), (one, two))
        where = draw(predicates(shared)) if shared and draw(st.integers(0, 4)) == 0 else None
        times = [s.name for s in shared if s.type in ("date", "timestamp")]
        time = draw(st.sampled_from(times)) if times and draw(st.integers(0, 4)) == 0 else None
        found[f"d{at}"] = Measure(expr, where=where, time=time)
        numeric.append(f"d{at}")
    return found


def _ahead(world: World, fact: str, names: list[Seen]) -> list[str]:
    """Numbers of datasets that the fact leads to and that do not lead back, so that the fact is the one measured."""
    back = {dataset for dataset in world.model.datasets if paths_meant(world.model, dataset, (fact,))}
    numbers = [seen.name.split(".") for seen in names if seen.type in ("integer", "number")]
    return [".".join(n) for n in numbers if len(n) == 2 and n[0] in world.model.datasets and n[0] not in back]
