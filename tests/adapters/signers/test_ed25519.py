"""Keys on disk: made once, for their owner's eyes, whole or not at all; signatures as Go's `note` makes them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from loadline.adapters.signers.ed25519 import (
    Ed25519Signer,
    create_key,
    load_key,
    load_vkey,
    verifier_of,
    vkey_path,
)
from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.ledger import open_checkpoint, sign_checkpoint

# The example of golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def code_of(kind: type[LoadlineError], use: Callable[[], object]) -> str:
    with pytest.raises(kind) as raised:
        use()
    assert all(d.what and d.why and d.mend for d in raised.value.diagnostics)
    return raised.value.diagnostics[0].code


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_key_of_gos_note_package_signs_the_same_here(tmp_path: Path) -> None:
    import base64

    signer = load_key(written(tmp_path / "go.key", GO_PRIVATE))
    assert signer.verifier.vkey == GO_PUBLIC
    assert base64.b64encode(signer.key_id + signer.sign(GO_TEXT)).decode() == GO_SIGNATURE
    assert verifier_of(GO_PUBLIC).verify(GO_TEXT, base64.b64decode(GO_SIGNATURE)[4:])
    assert not verifier_of(GO_PUBLIC).verify(GO_TEXT + b" ", base64.b64decode(GO_SIGNATURE)[4:])
    assert not verifier_of(GO_PUBLIC).verify(GO_TEXT, b"short")


def test_a_made_key_is_loaded_again_and_its_public_half_verifies(tmp_path: Path) -> None:
    made = create_key(tmp_path / "deep" / "ledger.key", name="shop.example/ledger")
    loaded = load_key(tmp_path / "deep" / "ledger.key")
    assert (loaded.name, loaded.key_id) == (made.name, made.key_id) == ("shop.example/ledger", made.verifier.key_id)
    checkpoint = sign_checkpoint(loaded, size=3, root=bytes(32))
    assert open_checkpoint(checkpoint.note, load_vkey(tmp_path / "deep" / "ledger.vkey")) == checkpoint


def test_no_two_keys_are_equal(tmp_path: Path) -> None:
    assert create_key(tmp_path / "a.key", name="n").key_id != create_key(tmp_path / "b.key", name="n").key_id


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_key_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        create_key(tmp_path / "ledger.key", name="n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "ledger.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ledger.vkey").stat().st_mode) == 0o644
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger.key", "ledger.vkey"]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    create_key(tmp_path / "ledger.key", name="n")
    before = (tmp_path / "ledger.key").read_text(), vkey_path(tmp_path / "ledger.key").read_text()
    assert code_of(OutsideError, lambda: create_key(tmp_path / "ledger.key", name="m")) == "STO014"
    assert before == ((tmp_path / "ledger.key").read_text(), (tmp_path / "ledger.vkey").read_text())
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_takes_no_key_is_said(tmp_path: Path) -> None:
    written(tmp_path / "file", "")
    assert code_of(OutsideError, lambda: create_key(tmp_path / "file" / "ledger.key", name="n")) == "STO011"


def test_a_name_that_would_break_the_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        create_key(tmp_path / "ledger.key", name="two words")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o644, 0o777])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "ledger.key", GO_PRIVATE, mode)
    with pytest.raises(OutsideError) as raised:
        load_key(path)
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.mend) == ("STO012", f"chmod 600 '{path}'")
    path.chmod(0o600)
    assert load_key(path).name == "PeterNeumann"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\xff",
        GO_PUBLIC,
        "PRIVATE+KEY+",
        GO_PRIVATE.replace("c74f20a3", "c74f20a4"),
        GO_PRIVATE.replace("PeterNeumann", "PeterNeuman"),
        GO_PRIVATE.replace("AYEK", "AoEK"),
        GO_PRIVATE.replace("KDFz", "KDF"),
        GO_PRIVATE.replace("AYEK", "ZYEK"),
        GO_PRIVATE.strip() * 2,
    ],
)
def test_a_file_without_a_key_is_said_and_nothing_of_it_shown(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "ledger.key", text)
    with pytest.raises(OutsideError) as raised:
        load_key(path)
    assert raised.value.diagnostics[0].code == "STO013"
    assert "AYEK" not in f"{raised.value} {raised.value.diagnostics}"


def test_a_missing_key_is_said(tmp_path: Path) -> None:
    assert code_of(OutsideError, lambda: load_key(tmp_path / "ledger.key")) == "STO011"
    assert code_of(OutsideError, lambda: load_vkey(tmp_path / "ledger.vkey")) == "STO011"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a+b+c", GO_PRIVATE.encode()])
def test_a_file_without_a_public_key_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.vkey").write_bytes(content)
    assert code_of(OutsideError, lambda: load_vkey(tmp_path / "ledger.vkey")) == "STO013"


def test_a_key_of_another_kind_is_not_a_verification_key() -> None:
    from loadline.testing.stores import FakeSigner

    assert code_of(RequestError, lambda: verifier_of(FakeSigner().vkey)) == "LED014"


def test_a_key_never_shows_itself() -> None:
    assert "AYEK" not in repr(Ed25519Signer("n", bytes(32)))
