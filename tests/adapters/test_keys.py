"""Access keys: shown once, kept as digests, refused when revoked, expired or unknown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loadline.adapters.keys import KeyFile
from loadline.errors import OutsideError
from loadline.values.access import DoorRole

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def made(file: KeyFile, *, expires_at: datetime | None = None) -> tuple[str, str]:
    key, secret = file.create(person="ana", agent="bot", role=DoorRole.AGENT, now=NOW, expires_at=expires_at)
    return key.id, secret


def test_a_secret_opens_with_its_own_key_and_is_kept_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "store" / "keys.json"
    file = KeyFile(path)
    name, secret = made(file)
    _, other = made(file)
    found = file.find(secret, now=NOW)
    assert found is not None
    assert (found.id, found.person, found.agent, found.role) == (name, "ana", "bot", DoorRole.AGENT)
    assert secret not in path.read_text()
    assert secret != other
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("wrong", ["", "ll_", "ll_00000000_x", "\u2603", "x" * 10_000])
def test_no_other_text_opens_anything(tmp_path: Path, wrong: str) -> None:
    file = KeyFile(tmp_path / "keys.json")
    assert file.find(wrong, now=NOW) is None
    _, secret = made(file)
    assert file.find(wrong, now=NOW) is None
    assert file.find(secret[:-1], now=NOW) is None


def test_a_revoked_key_and_an_expired_one_open_nothing(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    name, secret = made(file)
    assert file.revoke(name) is not None
    assert file.revoke("other") is None
    assert KeyFile(tmp_path / "keys.json").find(secret, now=NOW) is None
    _, short = made(file, expires_at=NOW + timedelta(days=1))
    assert file.find(short, now=NOW + timedelta(hours=23)) is not None
    assert file.find(short, now=NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": [{}]}', json.dumps({"keys": [{"id": 1}]})])
def test_a_broken_file_opens_nothing_and_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(OutsideError, match="KEY001"):
        KeyFile(tmp_path / "keys.json").find("ll_x", now=NOW)
