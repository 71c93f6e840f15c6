"""The fitted `loadline.yaml` in; warehouse, store, owners, audiences and people out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from loadline.project import codes
from loadline.project.access import (
    AUDIENCE,
    PURPOSE,
    entries_of,
    node_of,
    refer,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
)
from loadline.project.faults import Faults
from loadline.project.nouns import Agent, Owner, Person, PlannerSettings, StoreSettings, WarehouseSettings
from loadline.project.tree import Entries, Scalar
from loadline.values.purpose import PURPOSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    name: str
    description: str
    warehouse: WarehouseSettings | None
    store: StoreSettings
    planner: PlannerSettings = field(default_factory=PlannerSettings)
    region: str | None = None
    owners: Mapping[str, Owner] = field(default_factory=dict)
    audiences: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)

    @property
    def relations(self) -> frozenset[str] | None:
        """What the warehouse holds; None when only its database could tell, or nothing is said of what it holds."""
        found = self.warehouse
        if found is None or found.kind != "duckdb" or found.database is not None or not found.files:
            return None
        return frozenset(found.files)

    @property
    def owner_names(self) -> frozenset[str]:
        return frozenset(self.owners)

    @property
    def audience_names(self) -> frozenset[str]:
        return frozenset(self.audiences)

    @property
    def person_names(self) -> frozenset[str]:
        return frozenset(self.people)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for person in self.people.values() for role in person.roles)


def build_settings(document: Entries, faults: Faults) -> Settings:
    store = node_of(document, "store")
    path = text_of(store, "path") if isinstance(store, Entries) else None
    audiences = _described(document, "audiences")
    return Settings(
        name=text_of(document, "name") or "",
        description=sentence_of(document, "description"),
        warehouse=_warehouse(document, faults),
        store=StoreSettings(path=path) if path else StoreSettings(),
        planner=_planner(document),
        region=text_of(document, "region"),
        owners=_owners(document),
        audiences=audiences,
        people=_people(document, frozenset(audiences), faults),
        agents=_agents(document),
    )


def _agents(document: Entries) -> dict[str, Agent]:
    agents = {name: Agent(name=name, description=said) for name, said in _described(document, "agents").items()}
    for name, entry in entries_of(document, "agents").items():
        if isinstance(entry.value, Entries):
            agents[name] = Agent(
                name=name,
                description=sentence_of(entry.value, "description"),
                provider=text_of(entry.value, "provider"),
                region=text_of(entry.value, "region"),
            )
    return agents


def _described(document: Entries, key: str) -> dict[str, str]:
    """Names, each with what it is in a sentence."""
    return {
        name: str(entry.value.value or "").strip()
        for name, entry in entries_of(document, key).items()
        if isinstance(entry.value, Scalar)
    }


def _planner(document: Entries) -> PlannerSettings:
    written = node_of(document, "planner")
    if not isinstance(written, Entries):
        return PlannerSettings()
    return PlannerSettings(
        kind=text_of(written, "kind") or "none",
        url=text_of(written, "url"),
        model=text_of(written, "model") or "",
        key=text_of(written, "key"),
        timeout_seconds=_number(written, "timeout_seconds", PlannerSettings().timeout_seconds),
        provider=text_of(written, "provider"),
        region=text_of(written, "region"),
    )


def _warehouse(document: Entries, faults: Faults) -> WarehouseSettings | None:
    written = node_of(document, "warehouse")
    if not isinstance(written, Entries):
        return None
    files = {
        name: str(entry.value.value)
        for name, entry in entries_of(written, "files").items()
        if isinstance(entry.value, Scalar)
    }
    key = document.entries["warehouse"].key
    kind = text_of(written, "kind") or ""
    _check_fitting(kind, written, faults)
    if kind == "duckdb" and "database" not in written.entries and not files:
        faults.add(
            codes.NO_WAREHOUSE,
            key.place,
            "the warehouse has neither `database` nor `files`",
            why="questions are answered from the data of a DuckDB file, or from files that stand for relations",
            mend="add `files: {sales.orders: data/orders.parquet}`, with your relation and file",
        )
    if kind == "postgres" and "url" not in written.entries:
        faults.add(
            codes.NO_WAREHOUSE,
            key.place,
            "the warehouse has no `url`",
            why="the address of a PostgreSQL server stands in an environment variable that `url` names",
            mend="add `url: env:DATABASE_URL`, and set that variable where loadline runs",
        )
    usual = WarehouseSettings(kind=kind, files=files, place=key.place)
    return WarehouseSettings(
        kind=kind,
        database=text_of(written, "database"),
        files=files,
        url=text_of(written, "url"),
        versions=text_of(written, "versions") or usual.versions,
        statistics=text_of(written, "statistics") or usual.statistics,
        timeout_seconds=_number(written, "timeout_seconds", usual.timeout_seconds),
        max_rows=int(_number(written, "max_rows", usual.max_rows)),
        place=key.place,
    )


_OWN_KEYS = {"duckdb": ("database", "files", "statistics"), "postgres": ("url", "versions")}


def _check_fitting(kind: str, written: Entries, faults: Faults) -> None:
    """Each kind has keys of its own; one of another kind would be passed over in silence."""
    own = " and ".join(f"`{name}`" for name in _OWN_KEYS.get(kind, ()))
    for other, keys in _OWN_KEYS.items():
        for name in keys:
            if kind in _OWN_KEYS and other != kind and name in written.entries:
                faults.add(
                    codes.KEY_OF_ANOTHER_KIND,
                    written.entries[name].key.place,
                    f"`{name}` is a key of `kind: {other}`, and the warehouse is `kind: {kind}`",
                    why=f"a warehouse of kind `{kind}` is described by {own}",
                    mend=f"remove `{name}`, or write `kind: {other}`",
                )


def _number(entries: Entries, key: str, otherwise: float) -> float:
    scalar = scalar_of(entries, key)
    return float(scalar.value) if scalar and isinstance(scalar.value, int | Decimal) else otherwise


def _owners(document: Entries) -> dict[str, Owner]:
    return {
        name: Owner(
            name=name,
            title=sentence_of(entry.value, "title"),
            contact=sentence_of(entry.value, "contact"),
            place=entry.key.place,
        )
        for name, entry in entries_of(document, "owners").items()
        if isinstance(entry.value, Entries)
    }


def _people(document: Entries, audiences: frozenset[str], faults: Faults) -> dict[str, Person]:
    people = {}
    for name, entry in entries_of(document, "people").items():
        if not isinstance(entry.value, Entries):
            continue
        audience = scalar_of(entry.value, "audience")
        if audience:
            refer(audience, audiences, AUDIENCE, faults)
        purpose = scalar_of(entry.value, "purpose")
        if purpose:
            refer(purpose, frozenset(PURPOSES), PURPOSE, faults)
        people[name] = Person(
            name=name,
            roles=tuple(role.raw for role in scalars_of(entry.value, "roles")),
            audience=audience.raw if audience else None,
            purpose=purpose.raw if purpose else None,
            place=entry.key.place,
        )
    return people
