"""Two receipts as recorded in; what differs between them, what caused it, and what nothing explains out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Recorded = Mapping[str, Any]
ROLLUP = "read from the rollup "
"""How an assumption begins that names a rollup."""


class Aspect(StrEnum):
    RECEIPT = "receipt"
    STATUS = "status"
    VALUES = "values"


class Cause(StrEnum):
    INTERPRETATION = "interpretation"  # the words were taken for another query, or other days
    DEFINITION = "definition"
    DATA_VERSION = "data version"
    RELATIONS = "relations"  # other tables were read
    ROWS_ALLOWED = "role"  # the policy's row filters, or what it permits
    AUDIENCE = "audience"
    ROLLUP = "rollup"
    DIALECT = "dialect"
    VERSION = "version"  # of loadline
    CUT_OFF = "cut off"
    CHECKS = "checks"


EVERYTHING = frozenset(Aspect)
BUT_VALUES = frozenset({Aspect.RECEIPT, Aspect.STATUS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caused:
    """One cause, in words, and the aspects it can explain."""

    cause: Cause
    what: str
    explains: frozenset[Aspect]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDifference:
    """How `new` differs from `old`, and why. `unexplained` are the aspects that no cause found can account for."""

    old: str
    new: str
    differs: tuple[Aspect, ...]
    causes: tuple[Caused, ...]

    @property
    def unexplained(self) -> tuple[Aspect, ...]:
        explained = {aspect for caused in self.causes for aspect in caused.explains}
        return tuple(aspect for aspect in self.differs if aspect not in explained)


def explain(old: Recorded, new: Recorded) -> ReceiptDifference:
    """Causes are named even where nothing that is compared came out otherwise."""
    differs = []
    if old["id"] != new["id"]:
        differs.append(Aspect.RECEIPT)
    if old["status"] != new["status"]:
        differs.append(Aspect.STATUS)
    values = (old.get("rows_digest"), new.get("rows_digest"))
    if None not in values and values[0] != values[1]:  # without rows there is nothing to compare; the status says so
        differs.append(Aspect.VALUES)
    return ReceiptDifference(
        old=str(old["id"]), new=str(new["id"]), differs=tuple(differs), causes=tuple(_causes(old, new))
    )


def _causes(old: Recorded, new: Recorded) -> Iterator[Caused]:
    asked = list(_interpretation(old, new))
    defined = list(_definitions(old, new))
    allowed = list(_allowed(old, new))
    read = list(_reading(old, new))
    yield from (*asked, *defined, *allowed, *read)
    if _said(old, "project_digest") != _said(new, "project_digest"):
        if not any(one.explains == EVERYTHING for one in (*asked, *defined, *allowed, *read)) and (
            None not in (_said(old, "sql"), _said(new, "sql")) and _said(old, "sql") != _said(new, "sql")
        ):
            what = "the project changed, and with it the SQL: a field, relationship or calendar was redefined"
            yield Caused(cause=Cause.DEFINITION, what=what, explains=EVERYTHING)
        elif old.get("rows_digest") is None or new.get("rows_digest") is None:
            yield Caused(cause=Cause.DEFINITION, what="the project changed", explains=BUT_VALUES)
    yield from _version(
        old, new, is_last=not any(one.explains == EVERYTHING for one in (*asked, *defined, *allowed, *read))
    )
    yield from _data(old, new)
    checked = list(_checks(old, new))
    yield from checked
    yield from _reasons(old, new, is_checked=bool(checked))


_ROOMS = {"CHK": Cause.CHECKS, "POL": Cause.ROWS_ALLOWED, "SEM": Cause.DEFINITION}


def _reasons(old: Recorded, new: Recorded, *, is_checked: bool) -> Iterator[Caused]:
    """Why a status is another, as the answers themselves say."""
    before, after = ({str(one["code"]): one for one in receipt.get("reasons", ())} for receipt in (old, new))
    for code in sorted(before.keys() ^ after.keys()):
        cause = _ROOMS.get(code[:3], Cause.INTERPRETATION)
        if cause is Cause.CHECKS and is_checked:
            continue  # the checks say it themselves
        told = str((after.get(code) or before[code]).get("what") or "")
        what = f"now {code}, {told}" if code in after else f"no longer {code}, {told}"
        yield Caused(cause=cause, what=what.removesuffix(", "), explains=BUT_VALUES)


def _said(receipt: Recorded, name: str) -> Any:
    return receipt.get(name)


def _interpretation(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = old.get("query"), new.get("query")
    if before is None or after is None:
        if before is not after:
            what = "was not understood, and now is" if before is None else "was understood, and now is not"
            yield Caused(cause=Cause.INTERPRETATION, what=what, explains=BUT_VALUES)
        elif _said(old, "question") != _said(new, "question"):
            yield Caused(cause=Cause.INTERPRETATION, what="other words were asked", explains=EVERYTHING)
        return
    parts = [name for name in sorted({*before, *after} - {"during"}) if before.get(name) != after.get(name)]
    if parts:
        what = "; ".join(
            f"{name.replace('is_', '')}: {_short(before.get(name))}, now {_short(after.get(name))}" for name in parts
        )
        yield Caused(cause=Cause.INTERPRETATION, what=what, explains=EVERYTHING)
    days = [_days(receipt) for receipt in (old, new)]
    if days[0] != days[1]:
        what = f"days: {days[0]}, now {days[1]}"
        yield Caused(cause=Cause.INTERPRETATION, what=what, explains=EVERYTHING)


def _days(receipt: Recorded) -> str:
    span = receipt.get("dates") or (receipt.get("query") or {}).get("during")
    if not span:
        return "all"
    fields = f" of {', '.join(span['fields'])}" if span.get("fields") else ""
    return f"{span['start'] or 'the beginning'} up to {span['end'] or 'the end'}{fields}"


def _short(value: Any) -> str:
    """A part of a query in a few words."""
    match value:
        case None | () | []:
            return "none"
        case list() | tuple():
            return ", ".join(_short(one) for one in value)
        case Mapping():
            return " ".join(_short(one) for one in value.values() if one not in (None, False, (), []))
        case _:
            return str(value)


def _definitions(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = ({one["name"]: one for one in receipt.get("metrics", ())} for receipt in (old, new))
    for name in sorted(before.keys() & after.keys()):
        was, now = before[name], after[name]
        if was["version"] != now["version"]:
            what = f"`{name}` was `{was['definition']}`, now `{now['definition']}`"
            if was["definition"] == now["definition"]:
                what = f"what `{name}` is made of was redefined"
            yield Caused(cause=Cause.DEFINITION, what=what, explains=EVERYTHING)
            continue
        told = [part for part in ("status", "owner", "description") if was.get(part) != now.get(part)]
        if told:
            what = "; ".join(
                f"`{name}`: {part} was {was.get(part) or 'none'}, now {now.get(part) or 'none'}" for part in told
            )
            yield Caused(cause=Cause.DEFINITION, what=what, explains=BUT_VALUES)


def _allowed(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = (tuple(receipt.get("row_filters", ())) for receipt in (old, new))
    if (shown := [tuple(receipt.get("masks", ())) for receipt in (old, new)])[0] != shown[1]:
        what = f"masked {_short(shown[0])}, now {_short(shown[1])}"
        yield Caused(cause=Cause.ROWS_ALLOWED, what=what, explains=EVERYTHING)
    elif before != after:
        what = f"only rows where {_short(before)}, now {_short(after)}"
        yield Caused(cause=Cause.ROWS_ALLOWED, what=what, explains=EVERYTHING)
    elif _roles(old) != _roles(new) or tuple(old.get("rules", ())) != tuple(new.get("rules", ())):
        what = _who_and_rules(old, new)
        yield Caused(cause=Cause.ROWS_ALLOWED, what=what, explains=frozenset({Aspect.STATUS}))
    if old.get("purpose") != new.get("purpose"):
        what = f"purpose {old.get('purpose') or 'none'}, now {new.get('purpose') or 'none'}"
        yield Caused(cause=Cause.ROWS_ALLOWED, what=what, explains=BUT_VALUES)
    if old.get("audience") != new.get("audience"):
        what = f"audience {old.get('audience') or 'none'}, now {new.get('audience') or 'none'}"
        yield Caused(cause=Cause.AUDIENCE, what=what, explains=BUT_VALUES)


def _who_and_rules(old: Recorded, new: Recorded) -> str:
    """The roles where they are others, and the rules that only one of the two rests on."""
    said = [] if _roles(old) == _roles(new) else [f"asked as {_short(_roles(old))}, now as {_short(_roles(new))}"]
    before, after = (dict.fromkeys(receipt.get("rules", ())) for receipt in (old, new))
    if more := [rule for rule in after if rule not in before]:
        said.append(f"now by {'rule' if len(more) == 1 else 'rules'} {', '.join(more)}")
    if less := [rule for rule in before if rule not in after]:
        said.append(f"no longer by {', '.join(less)}")
    return "; ".join(said) or "the same rules in another order"


def _roles(receipt: Recorded) -> tuple[str, ...]:
    return tuple(sorted(receipt.get("roles", ())))


def _reading(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = (
        tuple(said for said in receipt.get("assumptions", ()) if said.startswith(ROLLUP)) for receipt in (old, new)
    )
    if before != after:
        yield Caused(cause=Cause.ROLLUP, what=f"{_short(before)}, now {_short(after)}", explains=EVERYTHING)
    dialects = (old.get("dialect"), new.get("dialect"))
    if None not in dialects and dialects[0] != dialects[1]:
        what = f"asked of {dialects[0]}, now of {dialects[1]}"
        yield Caused(cause=Cause.DIALECT, what=what, explains=EVERYTHING)


def _version(old: Recorded, new: Recorded, *, is_last: bool) -> Iterator[Caused]:
    """Another loadline accounts for other values only where it wrote other SQL, and nothing else is there to have
    changed it. Receipts of before it was noted say nothing."""
    versions = (old.get("loadline"), new.get("loadline"))
    if None in versions or versions[0] == versions[1]:
        return
    is_other_sql = old.get("sql") != new.get("sql") and old.get("project_digest") == new.get("project_digest")
    explains = EVERYTHING if is_last and is_other_sql else BUT_VALUES
    what = f"answered by loadline {versions[0]}, now by {versions[1]}"
    yield Caused(cause=Cause.VERSION, what=what, explains=explains)


def _data(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = old.get("data_version"), new.get("data_version")
    if (tables := [_relations(receipt) for receipt in (old, new)])[0] != tables[1] and all(tables):
        # a data version is of what was read: that of other tables says nothing of rows that changed
        what = f"read {_short(tables[0])}, now {_short(tables[1])}"
        yield Caused(cause=Cause.RELATIONS, what=what, explains=EVERYTHING)
    elif before is not None and after is not None:
        if not is_known(before) or not is_known(after):
            what = "the warehouse cannot tell whether its rows are the same"
            yield Caused(cause=Cause.DATA_VERSION, what=what, explains=EVERYTHING)
        elif before != after:
            yield Caused(cause=Cause.DATA_VERSION, what="the rows read were changed in between", explains=EVERYTHING)
    if old.get("is_truncated") or new.get("is_truncated"):
        what = "more rows were there than are delivered, and which ones come is not promised"
        yield Caused(cause=Cause.CUT_OFF, what=what, explains=frozenset({Aspect.VALUES}))


def _relations(receipt: Recorded) -> tuple[str, ...]:
    return tuple(sorted({str(one["relation"]) for one in receipt.get("sources", ())}))


def is_known(data_version: str | None) -> bool:
    """Whether two equal versions mean equal rows."""
    return data_version is not None and not data_version.startswith("none:")


def _checks(old: Recorded, new: Recorded) -> Iterator[Caused]:
    before, after = (_verdicts(receipt) for receipt in (old, new))
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    if changed:
        what = "; ".join(f"{name}: {before[name]}, now {after[name]}" for name in changed)
        yield Caused(cause=Cause.CHECKS, what=what, explains=frozenset({Aspect.STATUS}))
    states = [{one["dataset"]: str(one["state"]) for one in receipt.get("states", ())} for receipt in (old, new)]
    moved = sorted(name for name in states[0].keys() & states[1].keys() if states[0][name] != states[1][name])
    if moved:
        what = "; ".join(f"data of `{name}`: {states[0][name]}, now {states[1][name]}" for name in moved)
        yield Caused(cause=Cause.CHECKS, what=what, explains=frozenset({Aspect.STATUS}))


def _verdicts(receipt: Recorded) -> dict[str, str]:
    return {f"{one['check']} of `{one['subject']}`": str(one["verdict"]) for one in receipt.get("checks", ())}
