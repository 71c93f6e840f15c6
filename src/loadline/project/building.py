"""The fitted trees of all files in, the nouns of a Project out; every name in them looked up."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from pathlib import Path

from loadline.project import codes
from loadline.project.contracts import build_contract
from loadline.project.faults import Faults
from loadline.project.forms import ASK_BACK, WEEKDAYS
from loadline.project.linking import Links
from loadline.project.names import File, Names, collect_names, entries, items, scalar, scalars, text, twice, value
from loadline.project.nouns import Owner, Person, Project, StoreSettings, WarehouseSettings
from loadline.project.relationships import build_relationships
from loadline.project.tree import Entries, Entry, Items, Node, Scalar
from loadline.project.wording import instead, listed, quoted
from loadline.values.canonical import digest
from loadline.values.contract import Contract, ContractTable
from loadline.values.model import Calendar, Dataset, Field, Metric, Model, Status, Term, Text
from loadline.values.query import By, Filter, Grain, Op, Order
from loadline.values.query import Scalar as Value
from loadline.values.question import VerifiedQuestion
from loadline.values.rule import Effect, Rule

_BY_DEFAULT = StoreSettings()
_GRAINS = tuple(Grain)


def build_project(files: tuple[File, ...], root: Path, faults: Faults) -> Project | None:
    """None when something is wrong; the faults say what."""
    names = collect_names(files, faults)
    links = Links(names, faults)
    contracts = {name: build_contract(file, faults) for name, file in names.contracts.items()}
    manifest = next((file.tree for file in files if file.kind == "loadline"), None)
    context = [file.tree for file in files if file.kind == "context"]
    datasets = {n: _dataset(n, e, contracts, links, faults) for n, e in names.datasets.items()}
    model = Model(
        datasets=datasets,
        relationships=build_relationships(
            [node for tree in context for node in items(tree, "relationships")], datasets, links, faults
        ),
        metrics={name: _metric(name, entry, links) for name, entry in names.metrics.items()},
        terms={name: _term(name, entry, links) for name, entry in names.terms.items()},
        calendar=_calendar(context, faults),
    )
    rules = _rules([file for file in files if file.kind == "policy"], names, model, links, faults)
    questions = _questions([file for file in files if file.kind == "questions"], links, faults)
    owners = {name: _owner(name, entry) for name, entry in names.owners.items()}
    people = {name: _person(name, entry, links) for name, entry in names.people.items()}
    warehouse = _warehouse(manifest, faults)
    if faults.files_with_errors() or manifest is None or warehouse is None:
        return None
    audiences = {name: entry.value.raw for name, entry in names.audiences.items() if isinstance(entry.value, Scalar)}
    meaning = {
        "name": text(manifest, "name"),
        "description": text(manifest, "description"),
        "warehouse": warehouse,
        "owners": owners,
        "people": people,
        "audiences": audiences,
        "model": model,
        "contracts": contracts,
        "rules": sorted(rules, key=lambda rule: rule.name),
        "questions": sorted(questions, key=lambda question: question.id),
    }
    return Project(
        name=text(manifest, "name"),
        root=root,
        description=text(manifest, "description"),
        warehouse=warehouse,
        store=StoreSettings(path=text(value(manifest, "store"), "path", _BY_DEFAULT.path)),
        owners=owners,
        people=people,
        audiences=audiences,
        model=model,
        contracts=contracts,
        rules=rules,
        questions=questions,
        digest=digest(meaning),
    )


def _warehouse(manifest: Node | None, faults: Faults) -> WarehouseSettings | None:
    node = value(manifest, "warehouse")
    if node is None:
        return None
    files = {name: e.value.raw for name, e in entries(node, "files").items() if isinstance(e.value, Scalar)}
    if not files and scalar(node, "database") is None:
        faults.add(
            codes.NO_WAREHOUSE,
            node.place,
            "`warehouse` has neither `database` nor `files`",
            why="a DuckDB warehouse is a database file, or files that stand for relations, or both",
            mend="add `files: {sales.orders: data/orders.parquet}`",
        )
        return None
    timeout, rows = scalar(node, "timeout_seconds"), scalar(node, "max_rows")
    return WarehouseSettings(
        kind=text(node, "kind"),
        database=text(node, "database") or None,
        files=files,
        timeout_seconds=float(timeout.raw) if timeout else 60.0,
        max_rows=int(str(rows.value)) if rows else 1_000_000,
        place=node.place,
    )


def _owner(name: str, entry: Entry) -> Owner:
    return Owner(
        name=name, title=text(entry.value, "title"), contact=text(entry.value, "contact"), place=entry.key.place
    )


def _person(name: str, entry: Entry, links: Links) -> Person:
    return Person(
        name=name,
        roles=tuple(role.raw for role in scalars(entry.value, "roles")),
        audience=links.audience(scalar(entry.value, "audience")),
        place=entry.key.place,
    )


def _dataset(name: str, entry: Entry, contracts: Mapping[str, Contract], links: Links, faults: Faults) -> Dataset:
    node = entry.value
    source = scalar(node, "source")
    table = _table(name, scalar(node, "contract"), contracts, faults)
    fields = {field: _field(field, found) for field, found in entries(node, "fields").items()}
    columns = {**(table.columns if table else {}), **fields}
    keys = tuple(scalars(node, "key"))
    time = scalar(node, "time")
    for found in (*keys, *([time] if time else [])):
        links.column(name, found.raw, found.place, columns)
    return Dataset(
        name=name,
        source=links.relation(source) if source else "",
        contract=text(node, "contract") or None,
        table=table,
        key=tuple(key.raw for key in keys) or (table.key if table else ()),
        time=time.raw if time else None,
        fields=fields,
        description=text(node, "description"),
        synonyms=_synonyms(node),
        place=entry.key.place,
    )


def _table(
    dataset: str, wanted: Scalar | None, contracts: Mapping[str, Contract], faults: Faults
) -> ContractTable | None:
    if wanted is None:
        return None
    contract = contracts.get(wanted.raw)
    if contract is not None:
        if dataset in contract.tables:
            return contract.tables[dataset]
        if len(contract.tables) == 1:
            return next(iter(contract.tables.values()))
    faults.add(
        codes.UNKNOWN_CONTRACT,
        wanted.place,
        f"there is no contract {quoted(wanted.raw)}"
        if contract is None
        else f"contract {quoted(wanted.raw)} has {len(contract.tables)} tables, and none is named {quoted(dataset)}",
        why=codes.CODES[codes.UNKNOWN_CONTRACT].why,
        mend=_contract_mend(wanted.raw, contract, contracts),
    )
    return None


def _contract_mend(wanted: str, contract: Contract | None, contracts: Mapping[str, Contract]) -> str:
    if contract is None:
        return instead(wanted, contracts, otherwise=f"write contracts/{wanted}.yaml")
    return f"name the dataset like its table: {listed(contract.tables)}" if contract.tables else "add its `schema`"


def _field(name: str, entry: Entry) -> Field:
    expr = entry.value if isinstance(entry.value, Scalar) else scalar(entry.value, "expr")
    return Field(
        name=name,
        expr=_text(expr) or Text(value="", place=entry.key.place),
        type=text(entry.value, "type") or None,
        description=text(entry.value, "description"),
        synonyms=_synonyms(entry.value),
        place=entry.key.place,
    )


def _metric(name: str, entry: Entry, links: Links) -> Metric:
    node = entry.value
    status = text(node, "status")
    return Metric(
        name=name,
        expr=_text(scalar(node, "is")) or Text(value="", place=entry.key.place),
        where=_text(scalar(node, "where")),
        time=_text(scalar(node, "time")),
        unit=text(node, "unit") or None,
        format=text(node, "format") or None,
        owner=links.owner(scalar(node, "owner")),
        status=Status(status) if status else Status.DRAFT,
        description=text(node, "description"),
        synonyms=_synonyms(node),
        place=entry.key.place,
    )


def _term(name: str, entry: Entry, links: Links) -> Term:
    meanings: dict[str, str] = {}
    for audience, meaning in entries_of(entry.value).items():
        if audience in {"otherwise", "synonyms"} or not isinstance(meaning.value, Scalar):
            continue
        links.audience(meaning.key)
        meanings[audience] = links.metric(meaning.value)
    otherwise = scalar(entry.value, "otherwise")
    return Term(
        name=name,
        meanings=meanings,
        otherwise=links.metric(otherwise) if otherwise and otherwise.raw != ASK_BACK else None,
        synonyms=_synonyms(entry.value),
        place=entry.key.place,
    )


def entries_of(node: Node) -> Mapping[str, Entry]:
    return node.entries if isinstance(node, Entries) else {}


def _calendar(context: list[Entries], faults: Faults) -> Calendar:
    written = [tree.entries["calendar"] for tree in context if "calendar" in tree.entries]
    for second in written[1:]:
        faults.add(
            codes.CALENDAR_TWICE,
            second.key.place,
            "there is a second `calendar`",
            why=f"one stands at {written[0].key.place}, and a company counts time in one way",
            mend="delete one of the two",
        )
    node = written[0].value if written else None
    starts = scalar(node, "fiscal_year_starts")
    weekday = text(node, "week_starts", WEEKDAYS[0])
    return Calendar(
        timezone=text(node, "timezone", "UTC"),
        week_starts=1 + WEEKDAYS.index(weekday),
        fiscal_year_starts=_month_day(starts, faults) if starts else (1, 1),
    )


def _month_day(found: Scalar, faults: Faults) -> tuple[int, int]:
    month, day = (int(part) for part in found.raw.split("-"))
    if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2025, month)[1]:
        return month, day
    faults.add(
        codes.MALFORMED,
        found.place,
        f"no year has a {quoted(found.raw)}, or not every year does",
        why="a fiscal year starts on the same day of every year, written month-day",
        mend="write a day such as `02-01`",
    )
    return 1, 1


def _rules(files: list[File], names: Names, model: Model, links: Links, faults: Faults) -> tuple[Rule, ...]:
    datasets = model.datasets.values()
    columns = [f"{d.name}.{c}" for d in datasets for c in {**(d.table.columns if d.table else {}), **d.fields}]
    classes = {c.classification for d in datasets if d.table for c in d.table.columns.values()} - {None}
    seen: dict[str, Scalar] = {}
    rules: list[Rule] = []
    for node in (node for file in files for node in items(file.tree, "rules")):
        name = scalar(node, "name")
        if name is None:
            continue
        if name.raw in seen:
            twice(faults, "rule", name.raw, seen[name.raw], name)
        seen.setdefault(name.raw, name)
        who, on = value(node, "who"), value(node, "on")
        effect = Effect.FORBID if scalar(node, "forbid") else Effect.PERMIT
        rules.append(
            Rule(
                name=name.raw,
                effect=effect,
                action=text(node, effect.value),
                people=tuple(links.person(found) for found in scalars(who, "people")),
                roles=tuple(links.pattern(found, "role", names.roles) for found in scalars(who, "roles")),
                audiences=tuple(links.audience(found) or "" for found in scalars(who, "audiences")),
                metrics=tuple(links.pattern(found, "metric", model.metrics) for found in scalars(on, "metrics")),
                columns=tuple(links.pattern(found, "column", columns) for found in scalars(on, "columns")),
                classifications=tuple(
                    links.pattern(found, "classification", (c for c in classes if c))
                    for found in scalars(on, "classifications")
                ),
                rows=_text(scalar(node, "rows")),
                because=text(node, "because"),
                place=name.place,
            )
        )
    return tuple(rules)


def _questions(files: list[File], links: Links, faults: Faults) -> tuple[VerifiedQuestion, ...]:
    ids: dict[str, Scalar] = {}
    wordings: dict[tuple[str, str], Scalar] = {}
    found: list[VerifiedQuestion] = []
    for node in (node for file in files for node in items(file.tree, "questions")):
        name, wording, query = scalar(node, "id"), scalar(node, "ask"), value(node, "query")
        if name is None or wording is None or query is None:
            continue
        if name.raw in ids:
            twice(faults, "question", name.raw, ids[name.raw], name)
        ids.setdefault(name.raw, name)
        key = (" ".join(wording.raw.casefold().split()).rstrip("?.! "), text(node, "audience"))
        if key in wordings:
            faults.add(
                codes.SAME_WORDING,
                wording.place,
                f"{quoted(wording.raw)} is verified twice for the same people",
                why=f"it stands already at {wordings[key].place}, and the answer would be left to chance",
                mend="delete one of the two, or give each its `audience`",
            )
        wordings.setdefault(key, wording)
        found.append(_question(name, wording, node, links, faults))
    return tuple(found)


def _question(name: Scalar, wording: Scalar, node: Node, links: Links, faults: Faults) -> VerifiedQuestion:
    query = value(node, "query")
    limit = scalar(query, "limit")
    return VerifiedQuestion(
        id=name.raw,
        text=wording.raw,
        metrics=tuple(links.metric_or_term(found) for found in scalars(query, "metrics")),
        by=tuple(_by(found, faults) for found in scalars(query, "by")),
        where=tuple(_filter(found, faults) for found in items(query, "where")),
        during=text(query, "during") or None,
        order=tuple(
            Order(name=found.raw.removeprefix("-"), is_descending=found.raw.startswith("-"))
            for found in scalars(query, "order")
        ),
        limit=int(str(limit.value)) if limit else None,
        audience=links.audience(scalar(node, "audience")),
        verified_by=links.verifier(scalar(node, "verified_by")),
        place=name.place,
    )


def _by(found: Scalar, faults: Faults) -> By:
    name, _, grain = found.raw.partition(":")
    if grain and grain not in _GRAINS:
        faults.add(
            codes.NOT_A_CHOICE,
            found.place.within(len(name) + 1, len(grain)),
            f"there is no grain {quoted(grain)}",
            why=f"a grain is {listed(_GRAINS)}",
            mend=instead(grain, _GRAINS, otherwise=""),
        )
        return By(name=name)
    return By(name=name, grain=Grain(grain) if grain else None)


_COUNTS = {Op.BETWEEN: (2, 2), Op.IS_NULL: (0, 0), Op.IS_NOT_NULL: (0, 0), Op.IN: (1, 10_000), Op.NOT_IN: (1, 10_000)}


def _filter(node: Node, faults: Faults) -> Filter:
    op = Op(text(node, "op", Op.EQ.value))
    values = tuple(_value(found) for found in scalars(node, "value"))
    least, most = _COUNTS.get(op, (1, 1))
    if not least <= len(values) <= most:
        faults.add(
            codes.MALFORMED,
            node.place,
            f"`{op}` with {len(values)} values",
            why="`between` takes two values, `is-null` none, `in` a list, every other comparison one",
            mend={0: "delete `value`", 2: "write `value: [low, high]`"}.get(least, "write `value: …`"),
        )
        return Filter(name=text(node, "field"), op=Op.IS_NULL)
    return Filter(name=text(node, "field"), op=op, values=values)


def _value(found: Scalar) -> Value:
    return found.value


def _text(found: Scalar | None) -> Text | None:
    return Text(value=found.raw, place=found.place) if found else None


def _synonyms(node: Node) -> tuple[str, ...]:
    return tuple(found.raw for found in scalars(node, "synonyms")) if isinstance(node, Entries | Items) else ()
