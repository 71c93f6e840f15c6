"""The texts of a project's files in, one linked and digested Project out; or everything that is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from loadline.project import codes
from loadline.project.building import build_project
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.kinds import MAY_BE_EMPTY, SHAPES
from loadline.project.names import File
from loadline.project.nouns import Project
from loadline.project.secrets import find_secrets, without_secrets
from loadline.project.tree import Entries, Node, is_empty
from loadline.project.wording import quoted
from loadline.project.yaml_reader import read_yaml
from loadline.values.diagnostic import Diagnostic
from loadline.values.place import Place

MANIFEST = "loadline.yaml"
FOLDERS: Mapping[str, str] = {
    "context": "context",
    "contracts": "contract",
    "policies": "policy",
    "questions": "questions",
}
ENDINGS = (".yaml", ".yml")
LARGEST_BYTES = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`project` is None when any diagnostic is an error; warnings stand beside a project."""

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]


def read(files: Mapping[str, bytes], root: Path) -> Reading:
    """Read a project whose files, by path within it, have these bytes. Nothing is raised: what is wrong is said."""
    faults = Faults()
    return read_into(files, root, faults)


def read_into(files: Mapping[str, bytes], root: Path, faults: Faults) -> Reading:
    """As `read`, with faults that were found before any file was opened."""
    if MANIFEST not in files and not faults.files_with_errors().get(MANIFEST):
        faults.add(
            codes.NO_PROJECT,
            None,
            f"{quoted(root)} holds no {MANIFEST}",
            why=codes.CODES[codes.NO_PROJECT].why,
            mend="`loadline init` starts a project; `-C FOLDER` names one that is elsewhere",
        )
    _look_for_misspelled_folders(files, faults)
    trees: list[File] = []
    for path in sorted(files):
        kind = kind_of(path)
        if kind is not None:
            tree = _read_file(path, kind, files[path], faults)
            if tree is not None:
                trees.append(File(path=path, kind=kind, tree=tree))
    project = build_project(tuple(trees), root, faults)
    return Reading(project=project, diagnostics=faults.diagnostics())


def kind_of(path: str) -> str | None:
    """The file kind a path has by its place; None for what is not part of a project's meaning."""
    if path == MANIFEST:
        return "loadline"
    folder, _, rest = path.partition("/")
    return FOLDERS.get(folder) if rest.endswith(ENDINGS) else None


def _read_file(path: str, kind: str, content: bytes, faults: Faults) -> Entries | None:
    text = _decode(path, content, faults)
    tree = read_yaml(path, text, faults) if text is not None else None
    if tree is None:
        if text is not None and kind not in MAY_BE_EMPTY and not faults.files_with_errors().get(path):
            _is_empty(path, kind, faults)
        return None
    tree = _hide_secrets(path, tree, faults)
    if is_empty(tree):
        if kind not in MAY_BE_EMPTY:
            _is_empty(path, kind, faults)
        return None
    fitted = fit(SHAPES[kind], tree, "", faults)
    return fitted if isinstance(fitted, Entries) else None


def _decode(path: str, content: bytes, faults: Faults) -> str | None:
    place = Place(file=path)
    if len(content) > LARGEST_BYTES:
        faults.add(
            codes.TOO_LARGE,
            place,
            f"{path} has {len(content):,} bytes",
            why=f"no file of definitions needs more than {LARGEST_BYTES:,}",
            mend="keep data in the warehouse, and split long definitions over several files",
        )
        return None
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(
            codes.NOT_UTF8,
            Place(file=path, line=line, column=error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1),
            f"byte {error.start} of {path} is not UTF-8",
            why=codes.CODES[codes.NOT_UTF8].why,
            mend=f"save it as UTF-8: `iconv -f WINDOWS-1252 -t UTF-8 {path}`",
        )
        return None


def _hide_secrets(path: str, tree: Node, faults: Faults) -> Node:
    """INVARIANT I8: a secret is an error, and from here on nobody can repeat it."""
    secrets = list(find_secrets(tree))
    for found in secrets:
        faults.excerpts.hide(path, range(found.value.line, found.value.last_line + 1))
        faults.add(
            codes.SECRET,
            found.value.place,
            f"{quoted(found.key)} holds {found.looks_like}" if found.key else f"this is {found.looks_like}",
            why=codes.CODES[codes.SECRET].why,
            mend="put it into the environment and write `env:NAME`; then replace the secret, because it was written",
        )
    return without_secrets(tree, [found.value for found in secrets]) if secrets else tree


def _is_empty(path: str, kind: str, faults: Faults) -> None:
    faults.add(
        codes.WRONG_TYPE,
        Place(file=path),
        f"{path} is empty",
        why="every file of a project says something",
        mend=f"write it (`loadline schema {kind}` says how), or delete it",
    )


def _look_for_misspelled_folders(paths: Iterable[str], faults: Faults) -> None:
    folders = {path.split("/", 1)[0]: path for path in paths if "/" in path and path.endswith(ENDINGS)}
    for folder, path in sorted(folders.items()):
        if folder in FOLDERS:
            continue
        near = difflib.get_close_matches(folder.lower(), FOLDERS, n=1, cutoff=0.6)
        if near:
            faults.warn(
                codes.UNREAD_FOLDER,
                Place(file=path),
                f"the folder {quoted(folder)} is not read",
                why=codes.CODES[codes.UNREAD_FOLDER].why,
                mend=f"rename it to {quoted(near[0])}, if that is what it is",
            )
