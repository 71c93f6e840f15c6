"""One relation outside any project in; every window of it judged for drift out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from loadline.checks import drift
from loadline.checks.drift import AfterAlarm, BinKind, Bins, Cut, Judgement, Profile, Profiled, Rule, codes
from loadline.errors import OutsideError, RequestError
from loadline.flow.ports import Warehouse
from loadline.values.diagnostic import Diagnostic
from loadline.values.finding import RowsNeed

MOST_ROWS = 5_000_000
TIMEOUT_SECONDS = 600.0
LEAST_BASELINE = 8
MOST_BASELINE = 56  # eight weeks of days
MOST_SEGMENTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """How to cut and what to watch: windows of a `unit` of the column `time`, or of `size` rows. `columns` empty means
    every column. `quality` is a column that says of each row whether it went well, `confidence` one that says how sure
    the answer was: with both, the quality of later windows is estimated from confidence alone. `baseline` windows are
    learned from first; None lets the length of the stream decide."""

    relation: str
    time: str | None = None
    unit: str | None = None
    size: int | None = None
    columns: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    segment: str | None = None
    quality: str | None = None
    confidence: str | None = None
    baseline: int | None = None
    after: AfterAlarm = AfterAlarm.RESTART
    rule: Rule = field(default_factory=Rule)
    is_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """`judgements` has one per window, in order, and `windows` what each was made from. `estimates` is the share of
    good answers that each window's confidence lets expect; empty when nobody gave one."""

    bins: tuple[Bins, ...]
    baseline: int
    windows: tuple[Profiled, ...]
    judgements: tuple[Judgement, ...]
    request: StreamRequest
    estimates: tuple[float | None, ...] = ()


def judge_stream(warehouse: Warehouse, request: StreamRequest) -> Stream:
    """Raises RequestError for a column that is not there or too few windows, OutsideError when reading fails."""
    _check_cut(request)
    schema = warehouse.read_schema(request.relation)
    types = _watched_types(schema, request)
    rows = Cut(
        relation=request.relation,
        dialect=warehouse.dialect,
        time=request.time,
        unit=request.unit,
        size=request.size,
        segment=request.segment,
        zone="UTC" if request.time and _is_zoned(schema[request.time]) else None,
        is_kept=request.is_kept,
    )
    names = [str(row[0]) for row in read_table(warehouse, drift.windows_need(rows))]
    baseline = _baseline(len(names), request)
    bins, types = _reference(warehouse, rows, names, baseline, (types, request))
    segments = _segments(bins, request.segment)
    need = drift.profile_need(rows, bins, types)
    profiles = drift.read_profiles(read_table(warehouse, need), bins, segments)
    windows = tuple(
        Profiled(name=shown(name), profile=Profile(counts=profiles[name]), phases=_phases(name, request.unit))
        for name in names
        if name in profiles
    )
    judged = drift.follow(
        windows, {b.column: b for b in bins}, baseline=baseline, rule=request.rule, after=request.after
    )
    learned = _calibrated(warehouse, rows, (bins, types, request), names[:baseline])
    sure = [window.profile.counts[drift.ALL_ROWS].get(request.confidence or "", ()) for window in windows]
    return Stream(
        bins=bins,
        baseline=baseline,
        windows=windows,
        judgements=judged,
        request=request,
        estimates=tuple(drift.estimate(learned, counts) for counts in sure) if learned else (),
    )


def _check_cut(request: StreamRequest) -> None:
    if (request.size is None) == (request.unit is None) or (request.unit is not None) != (request.time is not None):
        raise RequestError(
            Diagnostic(
                code=codes.HOW_TO_CUT,
                what="windows are of a unit of time, or of so many rows, and neither or both are said",
                why=codes.CODES[codes.HOW_TO_CUT].why,
                mend="write `--time COLUMN --window day`, or `--rows 1000`",
            )
        )


def _watched_types(schema: Mapping[str, str], request: StreamRequest) -> dict[str, str]:
    """What is watched and its types: all columns, or those named, without the time and those left out."""
    others = (request.segment, request.quality, request.confidence)
    named = (*request.columns, *request.without, *filter(None, (request.time, *others)))
    for name in named:
        if name not in schema:
            raise RequestError(
                Diagnostic(
                    code=codes.NO_SUCH_COLUMN,
                    what=f"there is no column `{name}`",
                    why=codes.CODES[codes.NO_SUCH_COLUMN].why,
                    mend="write one of " + ", ".join(f"`{column}`" for column in schema),
                )
            )
    wanted = request.columns or tuple(schema)
    also = tuple(name for name in others if name)
    left_out = {request.time, *request.without} - set(also)
    return {name: schema[name] for name in dict.fromkeys((*wanted, *also)) if name not in left_out}


def _baseline(count: int, request: StreamRequest) -> int:
    wanted = request.baseline
    if wanted is None:
        wanted = max(LEAST_BASELINE, min(MOST_BASELINE, count // 5))
    if wanted < LEAST_BASELINE or count <= wanted:
        raise RequestError(
            Diagnostic(
                code=codes.TOO_FEW_WINDOWS,
                what=f"the data makes {count} windows, and {wanted} are to be learned from",
                why=codes.CODES[codes.TOO_FEW_WINDOWS].why,
                mend="cut it into shorter windows (`--window day`, or fewer `--rows`), or give more data",
            )
        )
    return wanted


def _reference(
    warehouse: Warehouse, rows: Cut, names: Sequence[str], baseline: int, asked: tuple[dict[str, str], StreamRequest]
) -> tuple[tuple[Bins, ...], dict[str, str]]:
    """The bins, and the types as they turned out: numbers may stand in a text column beside `NA`."""
    types, request = asked
    early = replace(rows, first=baseline, segment=None)
    if request.unit is not None:
        early = replace(early, first=None, end=datetime.fromisoformat(names[baseline]))
    found = _reference_rows(warehouse, drift.reference_needs(early, types))
    if numbers := drift.texts_of_numbers(found, types):
        types = types | dict.fromkeys(numbers, drift.NUMBERS_AS_TEXT)
        found = _reference_rows(warehouse, drift.reference_needs(early, types))
    bins = tuple(
        Bins(column=one.column, kind=BinKind.QUALITY) if one.column == request.quality else one
        for one in drift.read_reference(found, types)
    )
    return bins, types


def _reference_rows(warehouse: Warehouse, needs: Sequence[RowsNeed]) -> list[tuple[object, ...]]:
    return [row for need in needs for row in read_table(warehouse, need)]


_GOOD = ("true", "True", "TRUE", "t", "1", "yes")
_BAD = ("false", "False", "FALSE", "f", "0", "no")


def _calibrated(
    warehouse: Warehouse,
    rows: Cut,
    known: tuple[tuple[Bins, ...], dict[str, str], StreamRequest],
    baseline: Sequence[str],
) -> tuple[float | None, ...]:
    """The share of good answers for each bin of confidence, from the baseline's rows; empty when nobody asks."""
    bins, types, request = known
    sure = tuple(one for one in bins if one.column == request.confidence)
    if not sure or request.quality is None:
        return ()
    need = drift.profile_need(replace(rows, segment=request.quality), sure, types)
    found = drift.read_profiles(read_table(warehouse, need), sure, (*_GOOD, *_BAD))
    sums = {True: [0] * len(sure[0].labels), False: [0] * len(sure[0].labels)}
    for name in baseline:
        for segment, columns in found.get(name, {}).items():
            if segment in (*_GOOD, *_BAD):
                kept = sums[segment in _GOOD]
                kept[:] = [a + b for a, b in zip(kept, columns[sure[0].column], strict=True)]
    return drift.calibrate(sums[True], sums[False])


def _segments(bins: Sequence[Bins], segment: str | None) -> tuple[str, ...]:
    own = next((one for one in bins if one.column == segment), None)
    return own.top[:MOST_SEGMENTS] if own else ()


def _is_zoned(engine_type: str) -> bool:
    return "WITH TIME ZONE" in engine_type.upper() or engine_type.upper() == "TIMESTAMPTZ"


def _phases(name: str, unit: str | None) -> tuple[int, ...]:
    return drift.phases_of(datetime.fromisoformat(name), unit) if unit else ()


def shown(name: str) -> str:
    """A window's name without a midnight that says nothing."""
    return name.removesuffix(" 00:00:00")


def read_table(warehouse: Warehouse, need: RowsNeed) -> list[tuple[object, ...]]:
    """All rows of a need. Raises OutsideError, also when there are more than anybody could have wanted."""
    fetched = warehouse.read_rows(need.sql, timeout_seconds=TIMEOUT_SECONDS, max_rows=MOST_ROWS)
    rows = [row for batch in fetched.batches for row in batch]
    if fetched.is_truncated():
        raise OutsideError(
            Diagnostic(
                code=codes.TOO_MANY_WINDOWS,
                what=f"more than {MOST_ROWS:,} counts came back",
                why=codes.CODES[codes.TOO_MANY_WINDOWS].why,
                mend="cut the data into longer windows, or watch fewer columns",
            )
        )
    return rows
