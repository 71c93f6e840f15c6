#!/usr/bin/env python3
"""A command's name in, an environment made and the command run: `python3 dev.py help` lists them.

Standard library only. The file keeps to Python 3.6 syntax so that an old Python can say so in one line.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the line that says so
    sys.stderr.write(
        "loadline needs Python 3.11 or newer; this is {}.{}.{} ({}). Run dev.py with a newer one, "
        "for example: python3.12 dev.py demo\n".format(*sys.version_info[:3], sys.executable)
    )
    sys.exit(2)

import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "loadline-installed.json"
CACHES = ("pytest", "mypy", "ruff", "import_linter")
LEVELS = ("base", "dev")  # what `demo` needs; what everything else needs

HINTS = (
    (("No space left",), "the disk is full: free some space, then run the same command again"),
    (("Permission denied", "Read-only file system"), "this folder cannot be written to: clone into one of your own"),
    (
        (
            "Could not find a version",
            "No matching distribution",
            "Connection",
            "Temporary failure",
            "Name or service",
            "timed out",
            "SSL",
            "Network is unreachable",
            "dns error",
        ),
        "the package index was not reached: check the network, or set PIP_INDEX_URL to one you can reach",
    ),
)


class Stop(Exception):
    """`str()` is the line to print."""


def say(line: str) -> None:
    print(line, flush=True)


def run(command: Sequence[object]) -> int:
    """Run with our terminal, wait through Ctrl-C for the child's own goodbye, and pass its exit code on."""
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT)
    try:
        code = child.wait()
    except KeyboardInterrupt:
        try:
            child.wait(timeout=20)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            child.kill()
            child.wait()
        raise
    return code if code >= 0 else 128 - code


def quiet(command: Sequence[object]) -> tuple[int, str]:
    """Exit code and everything the command said; 127 when it could not be started."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return 127, str(error)
    return done.returncode, done.stdout


# --- the environment -----------------------------------------------------------------------------------------------


def is_usable() -> bool:
    """The environment has a Python that is new enough, and a pip."""
    return PYTHON.exists() and quiet([PYTHON, "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"])[0] == 0


def with_uv() -> bool:
    uv = shutil.which("uv")
    return uv is not None and quiet([uv, "venv", "--quiet", "--seed", "--python", sys.executable, VENV])[0] == 0


def with_venv() -> bool:
    return quiet([sys.executable, "-m", "venv", VENV])[0] == 0


def with_another_pip() -> bool:
    """Debian without `ensurepip`: an empty environment, filled by a pip that lives outside it."""
    return (
        quiet([sys.executable, "-m", "venv", "--without-pip", VENV])[0] == 0
        and quiet([sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"])[0] == 0
    )


def with_virtualenv() -> bool:
    return quiet([sys.executable, "-m", "virtualenv", "--quiet", VENV])[0] == 0


def with_fetched_pip() -> bool:
    """Nothing but Python: an empty environment, and the newest pip from the index, checked against its digest."""
    if quiet([sys.executable, "-m", "venv", "--without-pip", VENV])[0] != 0:
        return False
    page = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    try:
        with urllib.request.urlopen(page, timeout=60) as reply:  # noqa: S310 - the index the user chose
            links = reply.read().decode()
        wheels = re.findall(r'href="([^"]*pip-(\d+(?:\.\d+)+)-py3-none-any\.whl)#sha256=([0-9a-f]{64})"', links)
        if not wheels:
            return False
        url, _, promised = max(wheels, key=lambda wheel: tuple(int(part) for part in wheel[1].split(".")))
        with urllib.request.urlopen(urllib.parse.urljoin(page, url), timeout=60) as reply:  # noqa: S310
            content = reply.read()
    except (OSError, ValueError):  # an unreachable index, or an address that is none
        return False
    if hashlib.sha256(content).hexdigest() != promised:
        return False
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder) / url.rsplit("/", 1)[-1]
        wheel.write_bytes(content)
        return quiet([PYTHON, wheel / "pip", "install", "--quiet", "--no-index", wheel])[0] == 0


WAYS = (with_uv, with_venv, with_another_pip, with_virtualenv, with_fetched_pip)


def remove_broken_venv() -> None:
    if not VENV.exists() and not VENV.is_symlink():
        return
    if VENV.is_symlink() or not (VENV.is_dir() and ((VENV / "pyvenv.cfg").exists() or not any(VENV.iterdir()))):
        raise Stop(f"{VENV} is in the way and is no virtual environment: move it, then run the same command again")
    shutil.rmtree(VENV)


def make_venv() -> None:
    if not os.access(ROOT, os.W_OK):
        raise Stop(f"{ROOT} cannot be written to: clone the repository into a folder of your own")
    remove_broken_venv()
    say("making .venv")
    for way in WAYS:
        if way() and is_usable():
            return
        remove_broken_venv()
    raise Stop(
        "this Python cannot make a virtual environment (no ensurepip, and no index to fetch pip from). "
        "On Debian or Ubuntu: sudo apt install python3-venv"
    )


def stamp(level: str) -> dict[str, str]:
    """What the environment was made of; when any of it changes, it is installed again."""
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    return {"level": level, "root": str(ROOT), "pyproject": hashlib.sha256(pyproject).hexdigest()}


def is_installed(level: str) -> bool:
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    try:
        found = json.loads(STAMP.read_text("utf-8"))
    except ValueError:
        return False
    return any(found == stamp(had) for had in LEVELS[LEVELS.index(level) :])


def requirements(level: str) -> list[str]:
    if level == "base":
        return ["-e", "."]
    # Read here, because `pip install --group` needs a newer pip than many a Python brings.
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return ["-e", ".[examples]", *groups["dev"]]


def install(level: str) -> None:
    """Install with uv when it is there and able, else with pip. Raises Stop with a hint."""
    say("installing into .venv (the first time takes a minute)")
    wanted = requirements(level)
    uv = shutil.which("uv")
    if uv is not None and quiet([uv, "pip", "install", "--quiet", "--python", PYTHON, *wanted])[0] == 0:
        return
    code, words = quiet([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted])
    if code == 0:
        return
    say("\n".join(words.strip().splitlines()[-15:]))
    hint = next((hint for signs, hint in HINTS if any(sign in words for sign in signs)), "pip's own words are above")
    raise Stop(f"the installation did not succeed: {hint}")


def ensure(level: str) -> None:
    if is_installed(level):
        return
    if not is_usable():
        make_venv()
    STAMP.unlink(missing_ok=True)
    install(level)
    STAMP.write_text(json.dumps(stamp(level)), "utf-8")


# --- the commands --------------------------------------------------------------------------------------------------


def demo(words: list[str]) -> int:
    """the demo company: a governed question, its receipt, and the proof"""
    ensure("base")
    return run([BIN / "loadline", "demo", *words])


def test(words: list[str]) -> int:
    """everything CI runs; with arguments, only pytest, which gets them"""
    if not words:
        return check(words)
    ensure("dev")
    return run([PYTHON, "-m", "pytest", *words])


def check(_: list[str]) -> int:
    """lint, format, types, import contracts, dependency audit, tests: exactly what CI runs"""
    ensure("dev")
    failed = []
    for name, command in (
        ("ruff check", [PYTHON, "-m", "ruff", "check", "--quiet", "."]),
        ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."]),
        ("mypy", [PYTHON, "-m", "mypy", "--no-error-summary"]),
        ("import contracts", [BIN / "lint-imports", "--no-logo"]),
    ):
        began = time.monotonic()
        code, words = quiet(command)
        say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
        if code != 0:
            say(words.strip())
            failed.append(name)
    said, code = audited()
    say(f"dependency audit: {said}")
    failed += ["dependency audit"] if code else []
    # The tests run even then, and last: their closing line closes the log.
    code = run([PYTHON, "-m", "pytest", *parallel()])
    return code or (1 if failed else 0)


def audited() -> tuple[str, int]:
    """Known weaknesses of what is installed, by pip-audit, which asks PyPI: where it is installed (CI tries to) and
    the network lets it. Elsewhere it says that nobody looked."""
    if quiet([PYTHON, "-m", "pip_audit", "--version"])[0] != 0:
        if os.environ.get("CI"):
            quiet([PYTHON, "-m", "pip", "install", "--quiet", "pip-audit>=2.7"])
        if not os.environ.get("CI") or quiet([PYTHON, "-m", "pip_audit", "--version"])[0] != 0:
            return "skipped: pip-audit is not installed here (.venv/bin/python -m pip install pip-audit)", 0
    code, words = quiet([PYTHON, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner", "off"])
    if code != 0 and re.search(r"ConnectionError|Max retries|timed out|Temporary failure|ServiceError", words):
        return "skipped: PyPI could not be asked", 0
    return ("ok", 0) if code == 0 else (f"FAILED\n{words.strip()}", 1)


def parallel() -> list[str]:
    return ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal"] if (os.cpu_count() or 1) > 1 else []


def bench(words: list[str]) -> int:
    """the benchmarks in bench/, or those named; options such as --json are passed on"""
    found = {path.stem: path for path in sorted((ROOT / "bench").glob("*.py")) if not path.stem.startswith("_")}
    found |= {path.parent.name: path.parent for path in sorted((ROOT / "bench").glob("*/__main__.py"))}
    names = [word for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("-")]
    unknown = [name for name in names if name not in found]
    if unknown:
        say(f"there is no benchmark `{unknown[0]}`; there are: {', '.join(found) or 'none'}")
        return 2
    ensure("dev")
    codes = []
    for name in names or found:
        say(f"--- {name}")
        codes.append(run([PYTHON, found[name], *options]))
    return max(codes, default=0)


def docs(words: list[str]) -> int:
    """the documentation: every link resolves, every example runs"""
    ensure("dev")
    return run([PYTHON, "-m", "pytest", "-q", "tests/repository/test_docs.py", *words])


def clean(_: list[str]) -> int:
    """remove .venv, caches and build leftovers (never a project or its ledger)"""
    names = (".venv", "build", "dist", ".hypothesis", *(f".{tool}_cache" for tool in CACHES))
    inside = [path for top in ("src", "tests", "bench", "tools") for path in (ROOT / top).rglob("__pycache__")]
    for path in [*(ROOT / name for name in names), *(ROOT / "src").glob("*.egg-info"), *inside]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            if path.name != "__pycache__":
                say(f"removed {path.relative_to(ROOT)}")
    return 0


def usage(_: list[str]) -> int:
    """this list"""
    say("python3 dev.py COMMAND [arguments]\n")
    for name, command in COMMANDS.items():
        say(f"  {name:<6} {command.__doc__}")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "test": test,
    "check": check,
    "bench": bench,
    "docs": docs,
    "clean": clean,
    "help": usage,
}


def main(words: list[str]) -> int:
    name = words[0] if words and words[0] not in ("-h", "--help") else "help"
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean `{near[0]}`?" if near else "see: python3 dev.py help"
        sys.stderr.write(f"there is no `{name}`; {hint}\n")
        return 2
    try:
        return COMMANDS[name](words[1:])
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 3
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
