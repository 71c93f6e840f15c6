"""Facts of a catalog in, what a relation named in a statement really is out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loadline.semantics.guard import codes
from loadline.semantics.guard.refusal import Refused
from loadline.values.guarded import CatalogFacts, KnownRelation, Relation, RelationKind


@dataclass(frozen=True, slots=True)
class Catalog:
    """`by_name` is keyed by the whole name in lower case."""

    facts: CatalogFacts
    by_name: Mapping[tuple[str, ...], KnownRelation]

    @classmethod
    def of(cls, facts: CatalogFacts) -> Catalog:
        return cls(facts, {tuple(part.lower() for part in one.relation.parts): one for one in facts.relations})

    def find(self, relation: Relation) -> KnownRelation | None:
        """Raises Refused (GRD014) for one that a complete catalog does not have."""
        parts = tuple(part.lower() for part in relation.parts)
        names = (
            [parts, *((schema.lower(), *parts) for schema in self.facts.search_path)] if len(parts) == 1 else [parts]
        )
        if len(parts) == 3:  # a database before the schema
            names.append(parts[1:])
        known = next((self.by_name[name] for name in names if name in self.by_name), None)
        if known is None and self.facts.is_complete:
            raise Refused(
                codes.NOT_IN_CATALOG,
                f"the catalog has no relation `{relation.name}`",
                "name one that is in the catalog",
            )
        return known

    def refuse_written(self, relation: Relation) -> None:
        """Raises Refused (GRD014, GRD015)."""
        known = self.find(relation)
        if known is None:
            return
        if known.is_rewritten or known.kind is RelationKind.VIEW:
            raise Refused(
                codes.VIEW, f"`{relation.name}` is written by way of a view or rule", "write the table itself"
            )
        if known.kind is RelationKind.FOREIGN:
            raise Refused(codes.VIEW, f"`{relation.name}` is a table of another server", "write a table of this one")

    def refuse_column(self, relation: Relation, column: str) -> None:
        """Raises Refused (GRD014) where the columns are known and this is none of them."""
        known = self.find(relation)
        if known is None or known.columns is None:
            return
        if column.lower() not in {one.lower() for one in known.columns} | _SYSTEM_COLUMNS:
            raise Refused(
                codes.NOT_IN_CATALOG,
                f"`{relation.name}` has no column `{column}` (a function may be called that way)",
                f"name one of: {', '.join(known.columns[:12])}",
            )


_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid", "rowid", "_rowid_"})
