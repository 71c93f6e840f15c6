"""The texts of a project's files in; one linked, digested Project out, and everything that is wrong with them.

Nothing is raised: what is wrong in the user's files is collected, all of it, each with its place and how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from loadline.errors import ProjectError
from loadline.project import codes
from loadline.project.actions import build_actions, build_targets
from loadline.project.canaries import build_canaries
from loadline.project.contracts import build_contract, has_all_columns
from loadline.project.datasets import build_datasets
from loadline.project.doors import build_doors
from loadline.project.faults import Excerpts, Faults
from loadline.project.fitting import fit
from loadline.project.kinds import MAY_BE_EMPTY, SHAPES
from loadline.project.metrics import build_calendar, build_metrics, build_rollups, build_terms
from loadline.project.nouns import Project
from loadline.project.policy_tests import build_policy_tests
from loadline.project.promises import check_references
from loadline.project.questions import Askable, build_questions
from loadline.project.regression import build_cases
from loadline.project.relationships import build_relationships
from loadline.project.rights import check_rights
from loadline.project.rules import Nameable, build_rules, classifications_of
from loadline.project.secrets import find_secrets, without_secrets
from loadline.project.settings import Settings, build_settings
from loadline.project.state_rules import build_state_rules
from loadline.project.tree import Entries, Node, is_empty
from loadline.project.watches import build_alarms, build_ledger_roles, build_notices, build_retention, build_watches
from loadline.project.wording import nearest, quoted
from loadline.project.yaml_reader import read_yaml
from loadline.values.canonical import digest
from loadline.values.contract import Contract
from loadline.values.diagnostic import Diagnostic, Severity
from loadline.values.matter import FREE_SQL, TAKEBACK
from loadline.values.model import Model
from loadline.values.place import Place

MANIFEST = "loadline.yaml"
FOLDERS: Mapping[str, str] = {  # folder → kind of the files in it
    "context": "context",
    "contracts": "contract",
    "policies": "policy",
    "questions": "questions",
    "actions": "actions",
}
SUFFIXES = frozenset({".yaml", ".yml"})
CEDAR = "cedar"
"""The kind, the folder and the ending of forbids that are written in Cedar: `policies/*.cedar`."""
LARGEST_BYTES = 5_000_000

_Documents = dict[str, Entries | None]  # by file; None for one that could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading. `project` is there when there is no error; warnings there may be all the same. `model` is
    there as soon as context and contracts are sound, so that the semantics can say what it finds in the same go."""

    project: Project | None
    model: Model | None
    diagnostics: tuple[Diagnostic, ...]
    excerpts: Excerpts = field(repr=False, compare=False)

    def accept(self) -> Project:
        """The project. Raises ProjectError with every error, if there is one."""
        if self.project is None:
            raise ProjectError(*(found for found in self.diagnostics if found.severity is Severity.ERROR))
        return self.project

    def shown(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Diagnostics that point into these files, each with the line it points into."""
        return tuple(self.excerpts.shown(found) for found in diagnostics)


def read(files: Mapping[str, bytes], root: Path, *, already: Iterable[Diagnostic] = ()) -> Reading:
    """Read the project whose files are given by their paths below `root`, with `/` between folders. `already` is what
    was found on the way here."""
    faults = Faults(already)
    documents: dict[str, _Documents] = {kind: {} for kind in SHAPES}
    for file in sorted(files):
        kind = kind_of_file(file)
        if kind is not None and kind != CEDAR:
            documents[kind][file] = _document(file, files[file], kind, faults)
    cedar = {file: _decoded(file, files[file], faults) for file in sorted(files) if kind_of_file(file) == CEDAR}
    settings = _settings(documents["loadline"], files, faults)
    contracts = _contracts(documents["contract"], faults)
    model, nameable, askable = _model(documents["context"], contracts, settings, faults)
    manifest = documents["loadline"].get(MANIFEST)
    targets = build_targets(manifest, faults)
    owners = settings.owner_names if settings else None
    actions = build_actions(_read_ones(documents["actions"]), targets, owners, faults)
    nameable = replace(nameable, actions=frozenset(actions) | {FREE_SQL, TAKEBACK}, has_targets=bool(targets))
    rules = build_rules(_read_ones(documents["policy"]), nameable, faults)
    tests = build_policy_tests(
        _read_ones(documents["policy"]),
        settings.people if settings else None,
        settings.audience_names if settings else None,
        faults,
    )
    questions = build_questions(_read_ones(documents["questions"]), askable, faults)
    state_rules = build_state_rules(_read_ones(documents["policy"]), nameable, askable.verifiers, faults)
    check_rights(documents["contract"], people=nameable.people, roles=nameable.roles, faults=faults)
    cases = build_cases(_read_ones(documents["questions"]), askable, faults)
    people = settings.person_names if settings else None
    canaries = build_canaries(manifest, targets, people, frozenset(actions), faults)
    watches = build_watches(manifest, documents["contract"], model.datasets, settings, faults)
    doors = build_doors(manifest, people, faults)
    broken = faults.files_with_errors()
    project = None
    if not broken and settings is not None and settings.warehouse is not None:
        project = _sealed(
            Project(
                name=settings.name,
                root=root,
                description=settings.description,
                warehouse=settings.warehouse,
                store=settings.store,
                planner=settings.planner,
                region=settings.region,
                state_rules=state_rules,
                owners=settings.owners,
                people=settings.people,
                audiences=settings.audiences,
                model=model,
                contracts={name: contract for name, contract in contracts.items() if contract is not None},
                rules=rules,
                policy_tests=tests,
                agents=settings.agents,
                cedar={file: text for file, text in cedar.items() if text is not None},
                questions=questions,
                cases=cases,
                watches=watches,
                alarms=build_alarms(manifest),
                notices=build_notices(manifest),
                retention=build_retention(manifest),
                doors=doors,
                ledger_roles=build_ledger_roles(manifest),
                targets=targets or {},
                actions=actions,
                canaries=canaries,
                digest="",
            )
        )
    is_model_sound = not any(file == "" or kind_of_file(file) in {"context", "contract"} for file in broken)
    return Reading(
        project=project,
        model=model if is_model_sound else None,
        diagnostics=faults.diagnostics(),
        excerpts=faults.excerpts,
    )


def kind_of_file(file: str) -> str | None:
    """Which kind of file this is, by where it lies; None when it is none of a project's."""
    if file == MANIFEST:
        return "loadline"
    path = PurePosixPath(file)
    if path.parts[:1] == ("policies",) and path.suffix == f".{CEDAR}":
        return CEDAR
    if len(path.parts) < 2 or path.suffix not in SUFFIXES:
        return None
    return FOLDERS.get(path.parts[0])


def misspelled_folder(name: str) -> str | None:
    """The folder that `name` was most likely meant to be, when it is not read."""
    return None if name in FOLDERS else nearest(name, FOLDERS)


def _document(file: str, content: bytes, kind: str, faults: Faults) -> Entries | None:
    text = _decoded(file, content, faults)
    if text is None:
        return None
    tree = read_yaml(file, text, faults)
    if tree is None and file in faults.files_with_errors():
        return None
    if tree is None or is_empty(tree):
        if kind in MAY_BE_EMPTY:
            return None
        fit(SHAPES[kind], Entries(file=file, line=1, column=1, entries={}), "", faults)
        return None  # what it lacks has been said; nothing is to follow from it
    fitted = fit(SHAPES[kind], _kept_secret(tree, faults), "", faults)
    return fitted if isinstance(fitted, Entries) else None


def _decoded(file: str, content: bytes, faults: Faults) -> str | None:
    if len(content) > LARGEST_BYTES:
        too_large(file, len(content), faults)
        return None
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line_start = content.rfind(b"\n", 0, error.start) + 1
        faults.add(
            codes.NOT_UTF8,
            Place(
                file=file,
                line=content.count(b"\n", 0, error.start) + 1,
                column=len(content[line_start : error.start].decode("utf-8")) + 1,
            ),
            f"the byte 0x{content[error.start]:02X} here is not UTF-8",
            why="every file of a project is UTF-8 text, so that it means the same on every machine",
            mend=f"save the file as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8 {file}`",
        )
        return None


def too_large(file: str, size: int, faults: Faults) -> None:
    faults.add(
        codes.TOO_LARGE,
        Place(file=file),
        f"the file has {size:,} bytes",
        why=f"a file of definitions has at most {LARGEST_BYTES:,} bytes; more is data that went astray",
        mend="move data to the warehouse, or split the file",
    )


def _kept_secret(tree: Node, faults: Faults) -> Node:
    """INVARIANT I8: every secret is said, and none goes any further than here."""
    secrets = list(find_secrets(tree))
    for secret in secrets:
        under = f" under {quoted(secret.key)}" if secret.key else ""
        variable = "".join(c if c.isascii() and c.isalnum() else "_" for c in secret.key or "").strip("_").upper()
        faults.excerpts.hide(secret.value.file, range(secret.value.line, secret.value.last_line + 1))
        faults.add(
            codes.SECRET,
            secret.value.place,
            f"what stands here{under} looks like {secret.looks_like}",
            why="a project is reviewed, copied and kept in version control: it never holds a secret",
            mend=f"write `env:{variable or 'NAME'}`, set that variable where loadline runs, and change the secret: "
            "whoever has read the file knows it",
        )
    return without_secrets(tree, {secret.value for secret in secrets}) if secrets else tree


def _settings(read_files: _Documents, files: Mapping[str, bytes], faults: Faults) -> Settings | None:
    if MANIFEST in read_files:
        document = read_files[MANIFEST]
        return build_settings(document, faults) if document is not None else None
    yml = MANIFEST.replace(".yaml", ".yml")
    if not any(said.code == codes.NO_PROJECT or _is_about_manifest(said) for said in faults.found()):
        faults.add(
            codes.NO_PROJECT,
            Place(file=MANIFEST),
            f"there is no {quoted(MANIFEST)} here",
            why=f"a project is a folder with a {quoted(MANIFEST)} in it",
            mend=f"rename `{yml}` to `{MANIFEST}`"
            if yml in files
            else "start one with `loadline init`, or name the folder of one",
        )
    return None


def _is_about_manifest(said: Diagnostic) -> bool:
    return said.place is not None and said.place.file == MANIFEST


def _contracts(read_files: _Documents, faults: Faults) -> dict[str, Contract | None]:
    """By name; None for one that could not be read to its end."""
    contracts: dict[str, Contract | None] = {}
    first: dict[str, str] = {}
    for file, document in read_files.items():
        name = PurePosixPath(file).stem
        if name in contracts:
            faults.add(
                codes.NAME_TWICE,
                Place(file=file),
                f"a second contract is named {quoted(name)}, the first is {quoted(first[name])}",
                why="a contract goes by the name of its file, without its ending and whatever folder it lies in",
                mend="rename one of the two files",
            )
            continue
        first[name] = file
        contract = build_contract(name, document, faults) if document is not None else None
        contracts[name] = contract if document is not None and has_all_columns(document) else None
    check_references(contracts, faults)
    return contracts


def _model(
    read_files: _Documents, contracts: Mapping[str, Contract | None], settings: Settings | None, faults: Faults
) -> tuple[Model, Nameable, Askable]:
    documents = _read_ones(read_files)
    is_whole = len(documents) == len(read_files) or all(
        document is not None or file not in faults.files_with_errors() for file, document in read_files.items()
    )
    owners = settings.owner_names if settings else None
    audiences = settings.audience_names if settings else None
    people = settings.person_names if settings else None
    datasets, columns = build_datasets(documents, contracts, settings.relations if settings else None, faults)
    metrics, written = build_metrics(documents, owners, faults)
    known_metrics = frozenset(written) if is_whole else None
    terms, words = build_terms(documents, written, known_metrics, audiences, faults)
    model = Model(
        datasets=datasets,
        relationships=build_relationships(documents, columns, is_whole=is_whole, faults=faults),
        metrics=metrics,
        terms=terms,
        calendar=build_calendar(documents, faults),
        rollups=build_rollups(documents, frozenset(columns) if is_whole else None, faults),
    )
    nameable = Nameable(
        people=people,
        roles=settings.roles if settings else None,
        audiences=audiences,
        metrics=known_metrics,
        columns=columns if is_whole else None,
        classifications=classifications_of(contracts),
        agents=frozenset(settings.agents) if settings else None,
        fields={
            f"{dataset.name}.{one.name}": one.expr.value
            for dataset in datasets.values()
            for one in dataset.fields.values()
            if dataset.table is None or one.name not in dataset.table.columns
        },
    )
    askable = Askable(
        metrics=frozenset(written) | words if is_whole else None,
        audiences=audiences,
        verifiers=owners | people if owners is not None and people is not None else None,
        people=people,
        own_grains=frozenset(name for spine in model.calendar.spines for name in spine.grains),
    )
    return model, nameable, askable


def _read_ones(read_files: _Documents) -> list[Entries]:
    return [document for document in read_files.values() if document is not None]


def _sealed(project: Project) -> Project:
    """With its digest, over what was written in whatever order and in whatever files."""
    meaning = replace(project, questions=tuple(sorted(project.questions, key=lambda question: question.id)))
    return replace(project, digest=digest(meaning))
