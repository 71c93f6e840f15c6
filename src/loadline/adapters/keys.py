"""Access keys in a file beside the ledger: made, listed, revoked, and the key that a secret belongs to."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from loadline.errors import OutsideError
from loadline.values.access import AccessKey, DoorRole
from loadline.values.canonical import plain
from loadline.values.diagnostic import Code, Diagnostic

UNREADABLE = "KEY001"
CODES = {
    UNREADABLE: Code(
        code=UNREADABLE,
        title="the file of access keys cannot be read",
        why="Keys are kept as digests in keys.json beside the ledger; one that cannot be read opens nothing.",
        wrong="echo '{' > .loadline/keys.json",
        right="rm .loadline/keys.json && loadline keys create …   # every key has to be made anew",
    )
}
PREFIX = "ll"


class KeyFile:
    """`path` need not exist yet. Every reading is of the file as it is now, so a revoked key is refused at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[AccessKey, ...]:
        """Raises OutsideError when the file is not one of ours."""
        try:
            written = json.loads(self._path.read_text("utf-8"))
            return tuple(_key(entry) for entry in written["keys"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutsideError(
                Diagnostic(
                    code=UNREADABLE,
                    what=f"`{self._path}` cannot be read as keys ({type(error).__name__})",
                    why=CODES[UNREADABLE].why,
                    mend="restore it, or delete it and make the keys anew",
                )
            ) from error

    def create(
        self, *, person: str, agent: str | None, role: DoorRole, now: datetime, expires_at: datetime | None
    ) -> tuple[AccessKey, str]:
        """A new key and its secret, which nobody can read again."""
        name = secrets.token_hex(4)
        secret = f"{PREFIX}_{name}_{secrets.token_urlsafe(32)}"
        key = AccessKey(
            id=name, digest=_digest(secret), person=person, agent=agent, role=role, made_at=now, expires_at=expires_at
        )
        self._write((*self.read(), key))
        return key, secret

    def revoke(self, name: str) -> AccessKey | None:
        """The key, revoked; None where there is none of this name."""
        keys = self.read()
        found = next((key for key in keys if key.id == name), None)
        if found is None:
            return None
        revoked = replace(found, is_revoked=True)
        self._write(revoked if key is found else key for key in keys)
        return revoked

    def find(self, secret: str, *, now: datetime) -> AccessKey | None:
        """The key that this secret opens with just now. Takes as long for a wrong secret as for a right one."""
        wanted = _digest(secret)
        found = None
        for key in self.read():
            if hmac.compare_digest(key.digest, wanted) and key.holds_at(now):
                found = key
        return found

    def _write(self, keys: Iterable[AccessKey]) -> None:
        text = json.dumps({"keys": [plain(key) for key in keys]}, indent=1) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(entry: dict[str, Any]) -> AccessKey:
    expires = entry["expires_at"]
    return AccessKey(
        id=entry["id"],
        digest=entry["digest"],
        person=entry["person"],
        agent=entry["agent"],
        role=DoorRole(entry["role"]),
        made_at=datetime.fromisoformat(entry["made_at"]),
        expires_at=datetime.fromisoformat(expires) if expires else None,
        is_revoked=entry["is_revoked"],
    )
