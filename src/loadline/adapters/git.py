"""A project's folder and a revision in, the project's files as they were then out. Reads only, and starts no shell."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from loadline.errors import OutsideError, RequestError
from loadline.flow.change import codes
from loadline.flow.views.versions import Revision
from loadline.project import kind_of_file
from loadline.values.diagnostic import Diagnostic

_SECONDS = 60


def read_revision(root: Path, revision: str) -> dict[str, bytes]:
    """The files of the project in `root` as `revision` has them, by their paths below it.

    Raises RequestError when the folder is in no repository or there is no such revision, OutsideError when git is
    absent or fails.
    """
    git = shutil.which("git")
    if git is None:
        raise _failed("git is not installed on this machine")
    prefix = _run(git, root, ("rev-parse", "--show-prefix"))
    if prefix is None:
        raise RequestError(
            Diagnostic(
                code=codes.NO_REPOSITORY,
                what=f"`{root}` is in no git repository",
                why=codes.CODES[codes.NO_REPOSITORY].why,
                mend="name a folder with the project as it was, as in `loadline diff ../before`",
            )
        )
    wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _run(git, root, wanted) if revision.isprintable() else None
    if not commit:
        raise RequestError(
            Diagnostic(
                code=codes.NO_REVISION,
                what=f"`{revision}` is no folder with a project, and no revision of this repository",
                why=codes.CODES[codes.NO_REVISION].why,
                mend="name a branch, a tag or a commit as `git log --oneline` shows them, or a folder",
            )
        )
    below = prefix.decode("utf-8", "surrogateescape").strip("\n")
    listed = _run(git, root, ("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit.decode().strip())) or b""
    names = [name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name]
    paths = {name.removeprefix(below): name for name in names if name.startswith(below)}
    wanted_files = {short: full for short, full in paths.items() if _is_read(short)}
    return _contents(git, root, commit.decode().strip(), wanted_files)


def read_revisions(root: Path, paths: Sequence[str], *, most: int) -> tuple[Revision, ...]:
    """The newest commits that changed one of `paths` below `root`, newest first. Raises OutsideError as above; none
    where the folder is in no repository, or nothing was committed."""
    git = shutil.which("git")
    if git is None:
        raise _failed("git is not installed on this machine")
    words = ("log", f"--max-count={most}", "--no-show-signature", "--no-color", "-z", "--format=%H%n%aI%n%an%n%s")
    printed = _run(git, root, (*words, "--", *paths))
    told = (printed or b"").decode("utf-8", "replace").split("\0")
    return tuple(_revision(*one.split("\n", 3)) for one in told if one)


def _revision(commit: str, at: str, by: str, says: str) -> Revision:
    return Revision(id=commit, at=datetime.fromisoformat(at), by=by, says=says)


def _is_read(name: str) -> bool:
    return kind_of_file(name) is not None and not any(part.startswith(".") for part in PurePosixPath(name).parts)


def _contents(git: str, root: Path, commit: str, files: dict[str, str]) -> dict[str, bytes]:
    """All at once: one process, which is told the names and answers with sizes and contents."""
    asked = b"".join(f"{commit}:{full}\n".encode("utf-8", "surrogateescape") for full in files.values())
    answer = _run(git, root, ("cat-file", "--batch"), asked=asked) or b""
    found: dict[str, bytes] = {}
    at = 0
    for short in files:
        end = answer.index(b"\n", at)
        header = answer[at:end].split(b" ")
        if len(header) != 3 or header[1] != b"blob":
            raise _failed(f"git could not read `{short}`")
        size = int(header[2])
        found[short] = answer[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
    return found


def _run(git: str, root: Path, words: Sequence[str], *, asked: bytes | None = None) -> bytes | None:
    """What git printed; None when it ended with a failure. No hook, pager, prompt or network is involved in these."""
    try:
        done = subprocess.run(  # noqa: S603 - the program is git, and every word is ours but the revision, which is fenced
            [git, "-c", "core.fsmonitor=false", *words],
            cwd=root,
            input=asked,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed(f"git did not answer: {type(error).__name__}") from error
    return done.stdout if done.returncode == 0 else None


def _failed(what: str) -> OutsideError:
    return OutsideError(
        Diagnostic(
            code=codes.NO_GIT,
            what=what,
            why=codes.CODES[codes.NO_GIT].why,
            mend="install git, or name a folder with the project as it was",
        )
    )
