"""One SQL statement in, what it would do out: the nouns of the SQL guard, and what a catalog knows beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class GuardVerdict(StrEnum):
    """What a statement may at most do. DENY is also what cannot be read to its end, or is on no list."""

    READ = "read"
    WRITE = "write"
    DDL = "ddl"
    DENY = "deny"


class Verb(StrEnum):
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relation as a statement names it, outermost part first: (`shop`, `orders`). What the engine folds is folded
    here; a quoted part stays as it is."""

    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectShape:
    """The form of a write to one relation, for whoever bounds it.

    Every text is cut out of the statement as it was written, in its dialect, never generated anew: `target_text` the
    target with its alias, `source_text` what follows FROM or USING (or the rows of an INSERT: VALUES or a query),
    `predicate_text` what follows WHERE (None: every row). `columns` are those written (empty on an INSERT without a
    column list, and on a DELETE). `is_bounded_by_predicate` says that
    `SELECT … FROM target_text[, source_text] WHERE predicate_text` finds exactly the rows touched: false for an INSERT,
    a MERGE, an upsert, and where LIMIT, ORDER BY or a CTE takes part.
    """

    verb: Verb
    target: Relation
    alias: str | None
    target_text: str
    columns: tuple[str, ...]
    source_text: str | None
    predicate_text: str | None
    is_upsert: bool
    has_returning: bool
    is_bounded_by_predicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What the guard says of one text. `code` names the rule behind a denial; `why` is a clause for people.

    `kind` is the statement's first word(s) in lower case (`select`, `explain`), empty where there is none. `reads` and
    `writes` are relations after CTE names are resolved; `columns` are written as `orders.amount` or `amount`, and are
    not bound to relations; `functions` are names as called, in lower case. A denied statement carries what was seen up
    to the denial, which may be nothing.
    """

    verdict: GuardVerdict
    dialect: str
    why: str
    code: str | None = None
    mend: str | None = None
    kind: str = ""
    reads: tuple[Relation, ...] = ()
    writes: tuple[Relation, ...] = ()
    columns: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    shape: EffectShape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTree:
    """The statements another parser read in the same text, each as the nested mappings of its own tree."""

    statements: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRefused:
    """Another parser does not read the text at all."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondAbsent:
    """No other parser was asked: there is none for this dialect, or it is not installed."""


SecondReading = SecondTree | SecondRefused | SecondAbsent


class RelationKind(StrEnum):
    TABLE = "table"
    VIEW = "view"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRelation:
    """What a catalog says of one relation. `columns` None: not known. `definition` is a view's SELECT, with what the
    second parser read in it. `is_rewritten`: a rule or an INSTEAD OF trigger does something else when it is written."""

    relation: Relation
    kind: RelationKind = RelationKind.TABLE
    columns: tuple[str, ...] | None = None
    definition: str | None = None
    definition_reading: SecondReading = SecondAbsent()
    is_rewritten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFacts:
    """What is known of a database before a statement is judged. All names in the case the catalog keeps.

    `functions` and `types` of the user's own are declared harmless by being here, as `name` or `schema.name`.
    `search_path` is where a relation without a schema is looked for. With `is_complete`, a relation that is not here is
    denied; without it, it is taken for an ordinary table."""

    relations: tuple[KnownRelation, ...] = ()
    functions: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    search_path: tuple[str, ...] = ()
    is_complete: bool = False


NOTHING_KNOWN = CatalogFacts()
