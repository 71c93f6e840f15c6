"""Trees of all files in, the names the project defines out: what every reference is looked up in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Entry, Items, Node, Scalar
from loadline.project.wording import quoted

Trees = Mapping[str, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file's tree, after everything that does not fit was taken out."""

    path: str
    kind: str
    tree: Entries

    @property
    def stem(self) -> str:
        return self.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Every definition by name, in the order of files and of writing."""

    relations: frozenset[str] | None  # None: the warehouse has a database, whose relations nobody listed
    owners: Mapping[str, Entry] = field(default_factory=dict)
    audiences: Mapping[str, Entry] = field(default_factory=dict)
    people: Mapping[str, Entry] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    contracts: Mapping[str, File] = field(default_factory=dict)
    datasets: Mapping[str, Entry] = field(default_factory=dict)
    metrics: Mapping[str, Entry] = field(default_factory=dict)
    terms: Mapping[str, Entry] = field(default_factory=dict)


def collect_names(files: tuple[File, ...], faults: Faults) -> Names:
    """Every name once; what is defined twice is a fault, and the first definition stands."""
    manifest = next((file.tree for file in files if file.kind == "loadline"), None)
    context = [file.tree for file in files if file.kind == "context"]
    people = entries(manifest, "people")
    return Names(
        relations=_relations(manifest),
        owners=entries(manifest, "owners"),
        audiences=entries(manifest, "audiences"),
        people=people,
        roles=frozenset(role.raw for person in people.values() for role in scalars(person.value, "roles")),
        contracts=_contracts(files, faults),
        datasets=_merged(context, "datasets", faults, {}),
        metrics=(metrics := _merged(context, "metrics", faults, {})),
        terms=_merged(context, "terms", faults, metrics),
    )


def entries(node: Node | None, key: str) -> Mapping[str, Entry]:
    """The mapping under `key`; empty where none is written."""
    found = value(node, key)
    return found.entries if isinstance(found, Entries) else {}


def items(node: Node | None, key: str) -> tuple[Node, ...]:
    found = value(node, key)
    match found:
        case Items(items=several):
            return several
        case None:
            return ()
        case _:
            return (found,)


def scalars(node: Node | None, key: str) -> Iterator[Scalar]:
    """The single values under `key`, whether one or a list of them is written."""
    return (item for item in items(node, key) if isinstance(item, Scalar))


def scalar(node: Node | None, key: str) -> Scalar | None:
    found = value(node, key)
    return found if isinstance(found, Scalar) and found.value is not None else None


def text(node: Node | None, key: str, default: str = "") -> str:
    found = scalar(node, key)
    return default if found is None else found.raw


def value(node: Node | None, key: str) -> Node | None:
    entry = node.entries.get(key) if isinstance(node, Entries) else None
    return entry.value if entry else None


def twice(faults: Faults, kind: str, name: str, first: Scalar, second: Scalar) -> None:
    faults.add(
        codes.NAME_TWICE,
        second.place,
        f"{kind} {quoted(name)} is defined twice",
        why=f"it stands already at {first.place}, and a name means one thing in the whole project",
        mend="delete one of the two, or give it another name",
    )


def _merged(trees: list[Entries], key: str, faults: Faults, taken: Mapping[str, Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for tree in trees:
        for name, entry in entries(tree, key).items():
            before = found.get(name) or taken.get(name)
            if before is not None:
                twice(faults, key.removesuffix("s"), name, before.key, entry.key)
            else:
                found[name] = entry
    return found


def _contracts(files: tuple[File, ...], faults: Faults) -> dict[str, File]:
    found: dict[str, File] = {}
    for file in files:
        if file.kind != "contract":
            continue
        if file.stem in found:
            faults.add(
                codes.NAME_TWICE,
                file.tree.place,
                f"contract {quoted(file.stem)} is written in two files",
                why=f"a contract is named by its file without the ending, and {found[file.stem].path} has that name",
                mend=f"rename {file.path}",
            )
        else:
            found[file.stem] = file
    return found


def _relations(manifest: Node | None) -> frozenset[str] | None:
    warehouse = value(manifest, "warehouse")
    return None if scalar(warehouse, "database") else frozenset(entries(warehouse, "files"))
