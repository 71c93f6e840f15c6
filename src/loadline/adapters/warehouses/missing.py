"""A column the engine did not find and the relations of the query in; an error that names the relation meant, out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault, nearest
from loadline.adapters.warehouses.sources import Source
from loadline.errors import OutsideError
from loadline.values.contract import ContractTable


def missing_column(
    name: str, sources: Sequence[Source], known: Mapping[str, Sequence[str]], contracts: Mapping[str, ContractTable]
) -> OutsideError:
    """The relation meant is the one whose contract promises `name` and which lacks it, or the only one there is."""
    promising = [s for s in sources if _promises(contracts.get(s.relation.lower()), name) and not _has(known, s, name)]
    meant = promising or sources
    if len(meant) != 1:
        among_all = [column for source in meant for column in known.get(source.relation, ())]
        mend = nearest(name, among_all, "declare only columns the relation has")
        among = ", ".join(f"`{source.relation}`" for source in meant)
        what = f"no relation of the query has a column `{name}`" + (f" ({among})" if among else "")
        return fault(codes.NO_SUCH_COLUMN, what, mend, place=meant[0].place if meant else None)
    (source,) = meant
    contract = contracts.get(source.relation.lower())
    columns = known.get(source.relation, ())
    has = ", ".join(f"`{column}`" for column in columns[:20]) + (" …" if len(columns) > 20 else "")
    what = f"`{source.relation}` (`{source.pattern}`) has no column `{name}`" + (f"; it has {has}" if has else "")
    mend = nearest(name, columns, "declare only columns the relation has")
    if contract is not None and promising:
        promised = contract.columns[next(n for n in contract.columns if n.lower() == name.lower())]
        what += f"; its contract promises it in `{promised.place.file}` line {promised.place.line}"
        mend += " in the contract, or correct the header of the file"
    return fault(codes.NO_SUCH_COLUMN, what, mend, place=source.place)


def _promises(contract: ContractTable | None, name: str) -> bool:
    return contract is not None and name.lower() in {column.lower() for column in contract.columns}


def _has(known: Mapping[str, Sequence[str]], source: Source, name: str) -> bool:
    return name.lower() in {column.lower() for column in known.get(source.relation, ())}
