"""The repository's own files in, their paths and texts out."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "loadline"
ROOMS = ("project", "semantics", "policy", "checks", "ledger", "autonomy")


def files() -> list[Path]:
    """Every file that is, or is about to be, committed; what `.gitignore` names is left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted(path for name in listed if name and (path := ROOT / name).is_file())


def modules(*packages: str) -> list[Path]:
    """The Python files of these packages (or single modules) of `loadline`; of all of them when none is named."""
    if not packages:
        return sorted(SOURCE.rglob("*.py"))
    found = [path for name in packages for path in (SOURCE / name).rglob("*.py")]
    return sorted(found + [path for name in packages if (path := SOURCE / f"{name}.py").is_file()])
