"""Checkpoints as signed notes: the specification's own vectors, round trips, and everything that is not one."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.errors import RequestError, TamperError
from loadline.ledger.note import (
    PublicKey,
    checkpoint_text,
    is_key_name,
    key_id,
    open_checkpoint,
    parse_note,
    parse_vkey,
    sign_checkpoint,
)
from loadline.testing.stores import FakeSigner

# From the documentation and tests of golang.org/x/mod/sumdb/note, the format's origin; the last from C2SP formats.
VKEYS = (
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
    "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
)
SIGNER = FakeSigner("test.example/ledger")
ROOT = bytes(range(32))


@pytest.mark.parametrize("vkey", VKEYS)
def test_published_keys_are_read_and_written_back(vkey: str) -> None:
    key = parse_vkey(f"{vkey}\n")
    assert str(key) == vkey
    assert key.key_id.hex() == vkey.split("+")[1]
    assert (key.algorithm, len(key.key)) == (1, 32)


@given(st.integers(0, len(VKEYS[0]) - 1), st.characters(codec="ascii"))
def test_no_slip_of_copying_a_key_goes_unseen(at: int, character: str) -> None:
    changed = VKEYS[0][:at] + character + VKEYS[0][at + 1 :]
    if changed.strip() == VKEYS[0]:
        return
    with pytest.raises(RequestError) as raised:
        parse_vkey(changed)
    assert raised.value.diagnostics[0].code == "LED014"


def test_the_key_id_binds_name_algorithm_and_key() -> None:
    ids = {key_id(name, algorithm, key) for name in "ab" for algorithm in (1, 2) for key in (b"x", b"y")}
    assert len(ids) == 8


def test_a_checkpoint_is_spelled_as_the_specification_spells_it() -> None:
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert checkpoint_text("example.com/behind-the-sofa", 20852163, root) == text
    signature = "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="
    note = f"{text}\n— example.com/behind-the-sofa {signature}\n"
    checkpoint, (signed,) = parse_note(note)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("example.com/behind-the-sofa", 20852163, root)
    assert (signed.name, signed.key_id.hex(), len(signed.signature)) == (checkpoint.origin, "033de0ae", 64)


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_read_back(size: int, root: bytes) -> None:
    signed = sign_checkpoint(SIGNER, size=size, root=root)
    assert open_checkpoint(signed.note, SIGNER) == signed
    assert (signed.origin, signed.size, signed.root) == (SIGNER.name, size, root)


@given(st.data())
def test_no_character_of_a_note_can_be_changed(data: st.DataObject) -> None:
    note = sign_checkpoint(SIGNER, size=12, root=ROOT).note
    at = data.draw(st.integers(0, len(note) - 1))
    character = data.draw(st.sampled_from([c for c in string.printable + "\u2028é" if c != note[at]]))
    with pytest.raises(TamperError) as raised:
        open_checkpoint(note[:at] + character + note[at + 1 :], SIGNER)
    assert raised.value.diagnostics[0].code in ("LED005", "LED006")


def test_a_signature_by_somebody_else_is_ignored_but_does_not_do() -> None:
    signed = sign_checkpoint(SIGNER, size=12, root=ROOT)
    witness = FakeSigner("witness.example")
    line = sign_checkpoint(witness, size=12, root=ROOT).note.splitlines()[-1]
    both = f"{signed.note}{line}\n"
    assert open_checkpoint(both, SIGNER).root == ROOT
    with pytest.raises(TamperError) as raised:
        open_checkpoint(signed.note, witness)
    assert raised.value.diagnostics[0].code == "LED005"
    assert "`test.example/ledger`" in raised.value.diagnostics[0].what


def test_a_checkpoint_of_another_ledger_is_not_ours_even_if_our_key_signed_it() -> None:
    text = checkpoint_text("other.example/ledger", 12, ROOT)
    signature = base64.b64encode(SIGNER.key_id + SIGNER.sign(text.encode())).decode()
    with pytest.raises(TamperError) as raised:
        open_checkpoint(f"{text}\n— {SIGNER.name} {signature}\n", SIGNER)
    assert raised.value.diagnostics[0].code == "LED005"


GOOD = sign_checkpoint(SIGNER, size=12, root=ROOT).note
LINES = GOOD.split("\n")


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "hello",
        GOOD.rstrip("\n"),
        GOOD.replace("\n\n", "\n"),
        GOOD + "\n",
        GOOD.replace("12", "012"),
        GOOD.replace("12", "-2"),
        GOOD.replace("12", "١٢"),  # digits, but not these
        GOOD.replace("12", "9" * 5000),
        GOOD.replace("\n12\n", "\n\n12\n"),
        GOOD.replace(LINES[2], base64.b64encode(bytes(31)).decode()),
        GOOD.replace(LINES[2], base64.b64encode(bytes(33)).decode()),
        GOOD.replace("—", "-"),
        GOOD.replace("— ", "—  "),
        GOOD.replace("\n", "\r\n"),
        GOOD + "\ud800\n",
        GOOD + LINES[-2] + "\n" * 1 + "x\n",
        GOOD + (LINES[-2] + "\n") * 101,
        "x" * 2_000_000,
    ],
)
def test_what_is_not_a_signed_checkpoint_is_said(note: str) -> None:
    with pytest.raises(TamperError) as raised:
        open_checkpoint(note, SIGNER)
    assert raised.value.diagnostics[0].code == "LED006"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b", "a\x00"])
def test_names_that_would_break_the_format_are_not_names(name: str) -> None:
    assert not is_key_name(name)


@pytest.mark.parametrize(
    "vkey", ["", "a", "a+b", "a+b+c", f"{PublicKey(name='a', algorithm=1, key=b'')}", "é\ud800+1+2"]
)
def test_what_is_not_a_key_is_said(vkey: str) -> None:
    with pytest.raises(RequestError):
        parse_vkey(vkey)
