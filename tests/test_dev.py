"""`dev.py`: the one command of a newcomer, on machines that lack something."""

from __future__ import annotations

import ast
import functools
import hashlib
import http.server
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from repository.tree import ROOT

PIP_WHEELS = [
    wheel
    for folder in (Path(os.__file__).parent / "ensurepip" / "_bundled", Path("/usr/share/python-wheels"))
    for wheel in sorted(folder.glob("pip-*-py3-none-any.whl"))
]
needs_a_pip_wheel = pytest.mark.skipif(not PIP_WHEELS, reason="this Python came without a pip wheel of its own")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what dev.py needs of the repository, and nothing installed."""
    for name in ("dev.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def dev(clone: Path) -> ModuleType:
    """The clone's dev.py as a module; its environment is the clone's."""
    spec = importlib.util.spec_from_file_location("dev", clone / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
    path.chmod(0o755)
    return path


def installed(clone: Path, dev: ModuleType, python: str) -> None:
    """An environment that counts as complete, whose Python is a script."""
    script(clone / ".venv" / "bin" / "python", python)
    (clone / ".venv" / "bin" / "lint-imports").symlink_to("python")
    dev.STAMP.write_text(json.dumps(dev.stamp("dev")), "utf-8")


def call(clone: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", *words],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


# --- the door ------------------------------------------------------------------------------------------------------


def test_an_old_python_is_told_so_in_one_line(clone: Path) -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 6, 15, 'final', 0); runpy.run_path('dev.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", pretend], cwd=clone, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "3.11 or newer; this is 3.6.15" in done.stderr


def test_an_old_python_can_read_the_file() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text("utf-8"), feature_version=(3, 6))

    assert not any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in ast.walk(tree))


def test_it_imports_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_help_names_every_command(clone: Path, dev: ModuleType) -> None:
    done = call(clone, "help")

    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")} == set(dev.COMMANDS)
    assert call(clone).stdout == done.stdout


def test_an_unknown_command_is_answered_with_the_nearest(clone: Path) -> None:
    done = call(clone, "tets")

    assert (done.returncode, done.stderr) == (2, "there is no `tets`; did you mean `test`?\n")


# --- making the environment ----------------------------------------------------------------------------------------


def python_without(tmp_path: Path, refused: str) -> Path:
    """A Python that fails when its arguments match the shell pattern `refused`."""
    return script(
        tmp_path / "odd" / "python",
        f'case "$*" in {refused}) echo "not available here" >&2; exit 1;; esac\nexec "{sys.executable}" "$@"',
    )


NO_ENSUREPIP = '"-m venv --without-pip"*) ;; "-m venv"*'


@pytest.fixture
def no_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    def which(name: str) -> str | None:
        return None if name == "uv" else real(name)

    real = shutil.which
    monkeypatch.setattr(shutil, "which", which)


@needs_a_pip_wheel
@pytest.mark.usefixtures("no_uv")
def test_without_ensurepip_a_pip_from_outside_fills_the_environment(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(python_without(tmp_path, NO_ENSUREPIP)))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(PIP_WHEELS[0].parent))
    monkeypatch.setattr(dev, "WAYS", (dev.with_venv, dev.with_another_pip))

    dev.make_venv()

    assert dev.is_usable()


class Index(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path]:
    """A package index on this machine, with one page: pip's."""
    folder = tmp_path / "index"
    (folder / "simple" / "pip").mkdir(parents=True)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Index, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        (folder / "address").write_text(f"http://127.0.0.1:{server.server_port}/simple", "utf-8")
        yield folder
        server.shutdown()
        thread.join()


def offer_pip(index: Path, digest: str) -> None:
    shutil.copy(PIP_WHEELS[0], index)
    name = PIP_WHEELS[0].name
    (index / "simple" / "pip" / "index.html").write_text(f'<a href="../../{name}#sha256={digest}">{name}</a>', "utf-8")


@needs_a_pip_wheel
def test_with_nothing_but_python_pip_is_fetched_from_the_index(
    dev: ModuleType, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_pip(index, hashlib.sha256(PIP_WHEELS[0].read_bytes()).hexdigest())
    monkeypatch.setenv("PIP_INDEX_URL", (index / "address").read_text("utf-8"))
    monkeypatch.setattr(dev, "WAYS", (dev.with_fetched_pip,))

    dev.make_venv()

    assert dev.is_usable()


@needs_a_pip_wheel
def test_a_fetched_pip_with_another_digest_is_not_run(
    dev: ModuleType, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_pip(index, "0" * 64)
    monkeypatch.setenv("PIP_INDEX_URL", (index / "address").read_text("utf-8"))

    assert not dev.with_fetched_pip()
    assert not dev.is_usable()


@pytest.mark.usefixtures("no_uv")
def test_when_no_way_works_one_line_says_what_to_install(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(python_without(tmp_path, '"-m "*')))

    code = dev.main(["demo"])

    said = capsys.readouterr().err
    assert (code, len(said.splitlines())) == (3, 1)
    assert "sudo apt install python3-venv" in said
    assert not dev.VENV.exists()


def test_uv_is_used_when_it_is_there_and_passed_over_when_it_fails(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = script(tmp_path / "uv-bin" / "uv", f'echo "$1" >> "{tmp_path}/asked"; exit 1')
    monkeypatch.setenv("PATH", f"{uv.parent}{os.pathsep}{os.environ['PATH']}")
    installed(tmp_path, dev, "exit 0")

    assert not dev.with_uv()
    dev.install("base")  # falls through to the environment's pip, which says yes

    assert (tmp_path / "asked").read_text("utf-8").split() == ["venv", "pip"]


def test_a_folder_that_is_no_environment_is_not_removed(
    clone: Path, dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "letters.txt").write_text("dear", "utf-8")

    assert dev.main(["demo"]) == 3
    assert "is in the way" in capsys.readouterr().err
    assert (clone / ".venv" / "letters.txt").exists()


# --- installing ----------------------------------------------------------------------------------------------------


def test_what_is_installed_is_not_installed_again(dev: ModuleType, clone: Path) -> None:
    installed(clone, dev, "exit 0")
    assert dev.is_installed("dev")
    assert dev.is_installed("base"), "more than enough is enough"

    (clone / "pyproject.toml").write_text((clone / "pyproject.toml").read_text("utf-8") + "\n# changed\n", "utf-8")
    assert not dev.is_installed("base")


def test_a_clone_that_was_moved_is_installed_again(dev: ModuleType, clone: Path) -> None:
    installed(clone, dev, "exit 0")
    dev.STAMP.write_text(json.dumps(dev.stamp("dev") | {"root": "/elsewhere"}), "utf-8")

    assert not dev.is_installed("base")


def test_the_demo_needs_less_than_the_tests(dev: ModuleType) -> None:
    assert dev.requirements("base") == ["-e", "."]
    assert any(line.startswith("pytest>=") for line in dev.requirements("dev"))


@pytest.mark.usefixtures("no_uv")
@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("ERROR: Could not find a version that satisfies the requirement duckdb", "PIP_INDEX_URL"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: something else", "pip's own words are above"),
    ],
)
def test_a_failed_installation_shows_pips_words_and_a_hint(
    dev: ModuleType, clone: Path, words: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(clone, dev, f'case "$*" in "-m pip"*) echo "{words}"; exit 1;; esac')
    dev.STAMP.unlink()

    assert dev.main(["demo"]) == 3

    said = capsys.readouterr()
    assert words in said.out
    assert hint in said.err
    assert not dev.is_installed("base")


# --- running -------------------------------------------------------------------------------------------------------


def test_exit_codes_pass_through(dev: ModuleType) -> None:
    assert dev.run([sys.executable, "-c", "raise SystemExit(5)"]) == 5
    assert dev.run([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137


def test_check_runs_everything_says_what_failed_and_closes_with_the_tests(clone: Path, dev: ModuleType) -> None:
    installed(
        clone,
        dev,
        'case "$*" in *"ruff check"*) echo "dev.py:1: wrong"; exit 1;; *pytest*) echo "== 7 passed in 0.1s ==";; esac',
    )
    done = call(clone, "check")

    assert done.returncode == 1
    heads = [line.partition(" (")[0] for line in done.stdout.splitlines()]
    assert heads[:2] == ["ruff check: FAILED", "dev.py:1: wrong"]
    assert [line for line in heads[2:] if line] == [
        "ruff format: ok",
        "mypy: ok",
        "import contracts: ok",
        "dependency audit: ok",
        "== 7 passed in 0.1s ==",
    ]
    assert call(clone, "test").returncode == 1, "`test` alone is `check`"


@pytest.mark.parametrize(
    ("answers", "said", "code"),
    [
        ("*--version*) exit 1;;", "skipped: pip-audit is not installed", 0),
        ("*--version*) ;; *--local*) echo 'requests.exceptions.ConnectionError: no'; exit 1;;", "skipped: PyPI", 0),
        ("*--version*) ;; *--local*) echo 'jinja2 3.0 PYSEC-1'; exit 1;;", "FAILED\njinja2 3.0 PYSEC-1", 1),
    ],
)
def test_the_audit_fails_for_a_known_weakness_and_says_when_nobody_looked(
    clone: Path, dev: ModuleType, monkeypatch: pytest.MonkeyPatch, answers: str, said: str, code: int
) -> None:
    monkeypatch.delenv("CI", raising=False)
    installed(clone, dev, f'case "$*" in {answers} esac')
    found = dev.audited()
    assert found[0].startswith(said)
    assert found[1] == code


def test_arguments_of_test_go_to_pytest_alone(clone: Path, dev: ModuleType) -> None:
    installed(clone, dev, 'echo "$@"')

    assert call(clone, "test", "-k", "forbid").stdout == "-m pytest -k forbid\n"


def test_an_interrupt_ends_in_one_word(clone: Path, dev: ModuleType) -> None:
    installed(clone, dev, "trap 'exit 130' INT; echo started; while :; do sleep 0.1; done")
    child = subprocess.Popen(
        [sys.executable, "dev.py", "test", "x"],
        cwd=clone,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "started\n"
    os.killpg(child.pid, signal.SIGINT)
    _, said = child.communicate()

    assert (child.returncode, said) == (130, "stopped\n")


def test_benchmarks_are_found_by_name(clone: Path, dev: ModuleType) -> None:
    installed(clone, dev, 'echo "ran $(basename $1)${2:+ }$2"')
    (clone / "bench").mkdir()
    for name in ("ledger.py", "compile.py", "_parts.py"):
        (clone / "bench" / name).touch()
    folder = clone / "bench" / "semantics"
    (folder / "parts").mkdir(parents=True)
    (folder / "__main__.py").touch()
    (clone / "bench" / ".cache").mkdir()

    assert call(clone, "bench").stdout == (
        "--- compile\nran compile.py\n--- ledger\nran ledger.py\n--- semantics\nran semantics\n"
    )
    assert call(clone, "bench", "ledger").stdout == "--- ledger\nran ledger.py\n"
    assert call(clone, "bench", "semantics", "--quick").stdout == "--- semantics\nran semantics --quick\n"
    assert call(clone, "bench", "nothing").returncode == 2


def test_clean_leaves_a_project_and_its_ledger_alone(clone: Path, dev: ModuleType) -> None:
    installed(clone, dev, "exit 0")
    ledger = clone / "shop" / ".loadline" / "ledger.db"
    ledger.parent.mkdir(parents=True)
    ledger.touch()

    assert call(clone, "clean").stdout == "removed .venv\n"
    assert ledger.exists()


# --- the machine of the CI -----------------------------------------------------------------------------------------


def test_ci_takes_the_first_python_that_is_new_enough(clone: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".ci", clone / ".ci")
    tools = tmp_path / "path"
    script(tools / "python3", "exit 1")
    script(tools / "python3.12", 'case "$1" in -c) exit 0;; esac; echo "3.12 runs $*"')
    for name in ("bash", "dirname", "env"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [str(clone / ".ci" / "run")], cwd="/", env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "3.12 runs dev.py test\n"), done.stderr
