"""Fitted datasets in, linked ones out: every relation, contract, table and column they name exists."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.project import codes
from loadline.project.access import (
    CONTRACT,
    entries_of,
    expression,
    expression_of,
    gather,
    is_set,
    node_of,
    refer,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Entry, Scalar
from loadline.project.wording import instead, listed, quoted
from loadline.values.contract import Contract, ContractTable
from loadline.values.model import Dataset, Field
from loadline.values.place import Place

Columns = Mapping[str, frozenset[str] | None]  # of each dataset; None where its contract could not be read


def build_datasets(
    documents: list[Entries],
    contracts: Mapping[str, Contract | None],
    relations: frozenset[str] | None,
    faults: Faults,
) -> tuple[dict[str, Dataset], Columns]:
    datasets: dict[str, Dataset] = {}
    columns: dict[str, frozenset[str] | None] = {}
    for name, entry in gather(documents, "datasets", "dataset", faults).items():
        columns[name] = None
        if isinstance(entry.value, Entries):
            datasets[name], columns[name] = _dataset(name, entry, entry.value, contracts, faults)
            _check_source(entry.value, relations, faults)
    return datasets, columns


def _dataset(
    name: str, entry: Entry, written: Entries, contracts: Mapping[str, Contract | None], faults: Faults
) -> tuple[Dataset, frozenset[str] | None]:
    table, has_all_columns = _table(name, written, contracts, faults)
    fields = _fields(written)
    columns = frozenset(entries_of(written, "fields")) | frozenset(table.columns if table else ())
    known = columns if has_all_columns and _is_whole(written) else None
    key = scalars_of(written, "key")
    time = scalar_of(written, "time")
    for column in (*key, *((time,) if time else ())):
        check_column(column.raw, column.place, name, known, faults)
    dataset = Dataset(
        name=name,
        source=text_of(written, "source") or "",
        contract=text_of(written, "contract"),
        table=table,
        key=tuple(column.raw for column in key) or (table.key if table else ()),
        time=time.raw if time else None,
        fields=fields,
        description=sentence_of(written, "description"),
        synonyms=texts_of(written, "synonyms"),
        is_bridge=is_set(written, "bridge"),
        place=entry.key.place,
    )
    return dataset, known


def _table(
    name: str, written: Entries, contracts: Mapping[str, Contract | None], faults: Faults
) -> tuple[ContractTable | None, bool]:
    """The table promised for the dataset, and whether all its columns are known."""
    named = scalar_of(written, "contract")
    if named is None:
        return None, "contract" not in written.entries
    if not refer(named, frozenset(contracts), CONTRACT, faults):
        return None, False
    contract = contracts[named.raw]
    if contract is None:
        return None, False
    if name in contract.tables:
        return contract.tables[name], True
    if len(contract.tables) == 1:
        return next(iter(contract.tables.values())), True
    holds = f"holds {listed(contract.tables, joint='and')}" if contract.tables else "holds no table"
    faults.add(
        codes.UNKNOWN_CONTRACT,
        named.place,
        f"the contract {quoted(named.raw)} {holds}, and none is named {quoted(name)}",
        why="a dataset takes the schema object that has its name, or the only one",
        mend=f"name a schema object {quoted(name)} in contracts/{named.raw}.yaml",
    )
    return None, False


def _fields(written: Entries) -> dict[str, Field]:
    fields = {}
    for name, entry in entries_of(written, "fields").items():
        match entry.value:
            case Scalar() as short:
                fields[name] = Field(name=name, expr=expression(short), place=entry.key.place)
            case Entries() as long:
                expr = expression_of(long, "expr")
                if expr is not None:
                    fields[name] = Field(
                        name=name,
                        expr=expr,
                        type=text_of(long, "type"),
                        description=sentence_of(long, "description"),
                        synonyms=texts_of(long, "synonyms"),
                        place=entry.key.place,
                    )
            case _:
                pass
    return fields


def _is_whole(written: Entries) -> bool:
    """Whether the names of all fields could be read."""
    return "fields" not in written.entries or isinstance(node_of(written, "fields"), Entries)


def _check_source(written: Entries, relations: frozenset[str] | None, faults: Faults) -> None:
    source = scalar_of(written, "source")
    if source is None or relations is None or source.raw.casefold() in {name.casefold() for name in relations}:
        return
    faults.add(
        codes.UNKNOWN_SOURCE,
        source.place,
        f"the warehouse has no relation {quoted(source.raw)}",
        why="without a `database`, its relations are those listed under `warehouse.files` in loadline.yaml",
        mend=instead(source.raw, relations, otherwise=f"add `{source.raw}` to `warehouse.files`"),
    )


def check_column(column: str, place: Place, dataset: str, known: frozenset[str] | None, faults: Faults) -> None:
    if known is None or column in known:
        return
    faults.add(
        codes.UNKNOWN_COLUMN,
        place,
        f"the dataset {quoted(dataset)} has no column {quoted(column)}",
        why="a dataset has the columns of its contract and the fields it declares",
        mend=instead(
            column, known, otherwise=f"give {quoted(dataset)} a `contract`, or declare {quoted(column)} under `fields`"
        ),
    )
