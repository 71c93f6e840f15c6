"""What `watch:` in loadline.yaml and the contracts' own `watch` say in; linked watches out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath

from loadline.project import codes
from loadline.project.access import (
    OWNER,
    entries_of,
    node_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    text_of,
)
from loadline.project.datasets import check_column
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.kinds import CONTRACT_WATCH
from loadline.project.nouns import AlarmSettings, LedgerRoles, NoticeSettings, Retention, Watch
from loadline.project.settings import Settings
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import instead, quoted
from loadline.values.contract import ContractTable
from loadline.values.model import Dataset
from loadline.values.place import Place

VENDOR = "loadline"
WATCH = "watch"


def build_watches(
    manifest: Entries | None,
    contracts: Mapping[str, Entries | None],
    datasets: Mapping[str, Dataset],
    settings: Settings | None,
    faults: Faults,
) -> dict[str, Watch]:
    """By name. What a contract declares is named like the dataset that rests on it; said in both places is an error."""
    owners = settings.owner_names if settings else None
    watches: dict[str, Watch] = {}
    for name, written, place in (*_in_manifest(manifest), *_in_contracts(contracts, datasets, faults)):
        if name in watches:
            said_twice("watch", name, place, watches[name].place, faults)
            continue
        if (watch := _watch(name, written, place, datasets, owners, faults)) is not None:
            watches[name] = watch
    return watches


def build_alarms(manifest: Entries | None) -> AlarmSettings:
    written = node_of(manifest, "alarms") if manifest else None
    if not isinstance(written, Entries):
        return AlarmSettings()
    cooldown = _number(written, "cooldown")
    return AlarmSettings(
        file=text_of(written, "file"),
        webhook=text_of(written, "webhook"),
        cooldown=AlarmSettings().cooldown if cooldown is None else int(cooldown),
    )


def build_retention(manifest: Entries | None) -> Retention:
    written = node_of(manifest, "retention") if manifest else None
    if not isinstance(written, Entries):
        return Retention()
    days = {name: _number(written, name) for name in ("questions_days", "actions_days", "feedback_days")}
    return Retention(**{name: int(value) for name, value in days.items() if value is not None})


def build_notices(manifest: Entries | None) -> NoticeSettings:
    written = node_of(manifest, "notices") if manifest else None
    if not isinstance(written, Entries):
        return NoticeSettings()
    return NoticeSettings(
        file=text_of(written, "file"),
        webhook=text_of(written, "webhook"),
        command=tuple(one.raw for one in scalars_of(written, "command")),
    )


def build_ledger_roles(manifest: Entries | None) -> LedgerRoles:
    written = node_of(manifest, "ledger") if manifest else None
    if not isinstance(written, Entries):
        return LedgerRoles()
    said = {name: tuple(one.raw for one in scalars_of(written, name)) for name in written.entries}
    return LedgerRoles(**{name: roles for name, roles in said.items() if name in {"readers", "stewards"}})


_Written = tuple[str, Entries, Place]


def _in_manifest(manifest: Entries | None) -> Iterator[_Written]:
    for name, entry in entries_of(manifest, WATCH).items() if manifest else ():
        if isinstance(entry.value, Entries):
            yield name, entry.value, entry.key.place


def _in_contracts(
    contracts: Mapping[str, Entries | None], datasets: Mapping[str, Dataset], faults: Faults
) -> Iterator[_Written]:
    for file, document in contracts.items():
        for custom in records_of(document, "customProperties") if document else ():
            if text_of(custom, "property") != WATCH or text_of(custom, "vendor") != VENDOR:
                continue
            value = node_of(custom, "value")
            fitted = fit(CONTRACT_WATCH, value, WATCH, faults) if value is not None else None
            for dataset in datasets.values():
                if dataset.contract == PurePosixPath(file).stem and isinstance(fitted, Entries):
                    yield dataset.name, fitted, custom.place


def _watch(
    name: str,
    written: Entries,
    place: Place,
    datasets: Mapping[str, Dataset],
    owners: frozenset[str] | None,
    faults: Faults,
) -> Watch | None:
    owner = scalar_of(written, "owner")
    if owner:
        refer(owner, owners, OWNER, faults)
    budget, settle, baseline = (_number(written, key) for key in ("budget", "settle_hours", "baseline"))
    is_of_answers = text_of(written, "of") == "answers"
    dataset = None if is_of_answers else _dataset(name, written, place, datasets, faults)
    if dataset is None and not is_of_answers:
        return None
    columns = _columns(written, place, dataset, faults) if dataset else ()
    return Watch(
        name=name,
        dataset=dataset.name if dataset else None,
        every=text_of(written, "every") or "day",
        columns=columns,
        segment=text_of(written, "segment"),
        quality=text_of(written, "quality"),
        baseline=int(baseline) if baseline is not None else None,
        budget=1000.0 if budget is None else float(budget),
        settle_hours=0.0 if settle is None else float(settle),
        owner=owner.raw if owner else None,
        place=place,
    )


def _dataset(
    name: str, written: Entries, place: Place, datasets: Mapping[str, Dataset], faults: Faults
) -> Dataset | None:
    named = scalar_of(written, "dataset")
    wanted = named.raw if named else name
    dataset = datasets.get(wanted)
    if dataset is None:
        if datasets:  # where there are none, something else is wrong and has been said
            faults.add(
                codes.UNKNOWN_DATASET,
                named.place if named else place,
                f"there is no dataset {quoted(wanted)} to watch",
                why="a watch watches the dataset it names, or the one of its own name",
                mend=instead(wanted, frozenset(datasets), otherwise="add `dataset:` with the name of one"),
            )
        return None
    table = dataset.table
    if table is None or dataset.time not in table.columns:
        faults.add(
            codes.WATCH_WITHOUT_TIME,
            named.place if named else place,
            f"the dataset {quoted(wanted)} has no `time` that is a column of its contract",
            why="a row belongs to a window by the time of its dataset",
            mend=f"add `time:` to {quoted(wanted)} ({dataset.place}), with a date or timestamp column of its contract",
        )
        return None
    return dataset


def _columns(written: Entries, place: Place, dataset: Dataset, faults: Faults) -> tuple[str, ...]:
    """What is watched, in the order written or promised."""
    table = dataset.table or ContractTable(name=dataset.name, place=place)
    known = frozenset(table.columns)
    named, without = scalars_of(written, "columns"), scalars_of(written, "without")
    others = tuple(filter(None, (scalar_of(written, "segment"), scalar_of(written, "quality"))))
    for column in (*named, *without, *others):
        check_column(column.raw, column.place, dataset.name, known, faults)
    keys = {name for name, column in table.columns.items() if column.key_position is not None} | set(dataset.key)
    wanted = [column.raw for column in named] or [name for name in table.columns if name not in keys]
    left_out = {column.raw for column in without} | {dataset.time}
    kept = tuple(dict.fromkeys(name for name in wanted if name not in left_out))
    if not kept and not others:
        faults.add(
            codes.WATCH_OF_NOTHING,
            place,
            f"nothing of {quoted(dataset.name)} is left to watch",
            why="keys and the time of a dataset move by their nature, and are not watched",
            mend="name columns under `columns:`",
        )
    return kept


def _number(written: Entries, key: str) -> int | Decimal | None:
    scalar = scalar_of(written, key)
    return scalar.value if isinstance(scalar, Scalar) and isinstance(scalar.value, int | Decimal) else None
