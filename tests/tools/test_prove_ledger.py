"""The stranger's prover: it believes every whole export, no changed one, and needs nothing of ours."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.export import read_proof, write_export
from loadline.ledger import Frontier, export_lines, leaf_hash, prepare, seal, sign_checkpoint
from loadline.testing.store_suite import draft
from loadline.testing.stores import MemoryStore

TOOL = Path(__file__).parents[2] / "tools" / "prove_ledger.py"
KEY = Ed25519Signer("test.example/ledger", bytes(range(32)))
VKEY = KEY.verifier.vkey

# RFC 8032, section 7.1: secret key, public key, message, signature
RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def load_tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prove_ledger", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load_tool()


def store_of(*groups: int) -> MemoryStore:
    store = MemoryStore(signer=KEY)
    for number, count in enumerate(groups):
        store.append([draft(f"run-{number}", f"receipt-{number}", n=n, text="Zürich 🚢") for n in range(count)])
    return store


def exported(store: MemoryStore) -> bytes:
    final = store.read_checkpoint()
    assert final is not None
    return b"".join(export_lines(store.read_entries(), store.read_checkpoints(), final=final, vkey=VKEY))


EXPORT = exported(store_of(1, 2))


@pytest.fixture
def store() -> MemoryStore:
    return store_of(1, 2, 4)


@pytest.fixture
def export(store: MemoryStore, tmp_path: Path) -> Path:
    write_export(store, KEY.verifier, tmp_path / "ledger.jsonl")
    return tmp_path / "ledger.jsonl"


def run(*arguments: str | Path, is_bare: bool = False) -> tuple[int, str]:
    """Run the tool as a stranger would; `is_bare` without a single installed package."""
    command = [sys.executable, *(["-I", "-S"] if is_bare else []), str(TOOL), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def judge(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The tool's command in this process, where thousands of runs are cheap."""
    path = tmp_path / "judged"
    path.write_bytes(content)
    code = tool.main([str(path), *options])
    return code, capsys.readouterr().out


# it stands alone


def test_it_imports_nothing_but_the_standard_library_and_perhaps_cryptography() -> None:
    imported = set()
    for node in ast.walk(ast.parse(TOOL.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add((node.module or "").split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_it_proves_with_no_package_installed(export: Path) -> None:
    """INVARIANT I9: a stranger's program can prove the ledger."""
    code, said = run(export, "--vkey", VKEY, is_bare=True)
    assert code == 0
    assert "proven: 7 entries of the ledger test.example/ledger" in said
    assert "the one you know" in said


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_its_plain_ed25519_agrees_with_the_rfc(secret: str, public: str, message: str, signature: str) -> None:
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert tool.verify_plain(key, text, signed)
    assert tool.verify_fast(key, text, signed)
    assert not tool.verify_plain(key, text + b"x", signed)
    assert Ed25519Signer("n", bytes.fromhex(secret)).sign(text) == signed


@given(st.binary(max_size=50), st.integers(0, 95), st.integers(0, 7))
@settings(max_examples=25)
def test_its_plain_ed25519_agrees_with_the_fast_one_about_damage(text: bytes, at: int, bit: int) -> None:
    parts = bytearray(bytes.fromhex(RFC_8032[0][1]) + Ed25519Signer("n", bytes.fromhex(RFC_8032[0][0])).sign(text))
    assert tool.verify_plain(bytes(parts[:32]), text, bytes(parts[32:]))
    parts[at] ^= 1 << bit
    key, signature = bytes(parts[:32]), bytes(parts[32:])
    assert tool.verify_plain(key, text, signature) == tool.verify_fast(key, text, signature) is False


def test_a_signature_with_a_scalar_past_the_order_is_refused() -> None:
    """RFC 8032 section 5.1.7: else every signature would have a second spelling."""
    key, signature = bytes.fromhex(RFC_8032[0][1]), bytes.fromhex(RFC_8032[0][3])
    scalar = int.from_bytes(signature[32:], "little") + tool.ORDER
    assert not tool.verify_plain(key, b"", signature[:32] + scalar.to_bytes(32, "little"))


# whole ledgers


@given(groups=st.lists(st.integers(1, 40), max_size=6))
def test_every_whole_export_proves(groups: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = judge(exported(store_of(*groups)), tmp_path, capsys)
    assert code == 0
    assert f"proven: {sum(groups)} entries" in said


def test_a_receipt_or_run_is_found_by_its_beginning(export: Path) -> None:
    code, said = run(export, "--receipt", "receipt-1")
    assert code == 0
    assert [line.split()[2] for line in said.splitlines() if line.startswith("  holds")] == ["1", "2"]
    assert run(export, "--receipt", "run-2")[1].count("holds") == 4
    code, said = run(export, "--receipt", "receipt-9")
    assert code == 1
    assert "no entry in it carries 'receipt-9'" in said


def test_without_a_known_key_it_says_whose_word_it_took(export: Path) -> None:
    code, said = run(export)
    assert code == 0
    assert "named by the file itself" in said


def test_it_accepts_checkpoints_kept_earlier(store: MemoryStore, export: Path, tmp_path: Path) -> None:
    kept = []
    for checkpoint in store.read_checkpoints():
        path = tmp_path / f"{checkpoint.size}.txt"
        path.write_text(checkpoint.note, "utf-8")
        kept += ["--checkpoint", str(path)]
    code, said = run(export, *kept)
    assert code == 0
    assert "grown out of the checkpoints you kept" in said


# broken ledgers


@given(data=st.data())
@settings(max_examples=400)
def test_no_byte_of_an_export_is_free(data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = EXPORT
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
    code, said = judge(content[:at] + bytes([byte]) + content[at + 1 :], tmp_path, capsys)
    assert (code, said[:9]) == (1, "BROKEN at")


def test_no_bit_of_an_export_is_free(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every byte, its lowest bit and its case bit."""
    for at in range(len(EXPORT)):
        for bit in (0x01, 0x20):
            changed = EXPORT[:at] + bytes([EXPORT[at] ^ bit]) + EXPORT[at + 1 :]
            assert judge(changed, tmp_path, capsys)[0] == 1, (at, EXPORT[at - 20 : at + 20])


@given(data=st.data())
@settings(max_examples=150)
def test_no_byte_can_be_added_or_taken_away(
    data: st.DataObject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = data.draw(st.integers(0, len(EXPORT)))
    added = data.draw(st.sampled_from([b" ", b"\n", b"\r", b"\t", b"0", b'"', b"\x00", b"\xef\xbb\xbf"]))
    assert judge(EXPORT[:at] + added + EXPORT[at:], tmp_path, capsys)[0] == 1
    assert judge(EXPORT[:at] + EXPORT[at + 1 :], tmp_path, capsys)[0] == (0 if at == len(EXPORT) else 1)
    assert judge(EXPORT[:at], tmp_path, capsys)[0] == (0 if at == len(EXPORT) else 1)


def test_lines_cannot_be_dropped_repeated_or_swapped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only a checkpoint in the middle may be missing: it adds nothing that the last one does not say."""
    lines = EXPORT.splitlines(keepends=True)
    for at, line in enumerate(lines):
        is_middle = line.startswith(b'{"checkpoint"') and at < len(lines) - 1
        assert judge(b"".join(lines[:at] + lines[at + 1 :]), tmp_path, capsys)[0] == (0 if is_middle else 1)
        assert judge(b"".join([*lines[:at], line, *lines[at:]]), tmp_path, capsys)[0] == 1
        if at:
            swapped = [*lines[: at - 1], line, lines[at - 1], *lines[at + 1 :]]
            assert judge(b"".join(swapped), tmp_path, capsys)[0] == 1


def test_it_names_the_entry_whose_payload_was_changed(export: Path) -> None:
    lines = export.read_text("utf-8").split("\n")
    number = next(n for n, line in enumerate(lines) if '\\"index\\":4' in line)
    lines[number] = lines[number].replace('\\"n\\":1', '\\"n\\":2')
    export.write_text("\n".join(lines), "utf-8")
    code, said = run(export)
    assert code == 1
    assert said.startswith(f"BROKEN at entry 4 (line {number + 1}): its payload is not the one it was recorded with")


def test_it_names_the_entry_whose_leaf_was_changed(export: Path) -> None:
    export.write_text(export.read_text("utf-8").replace('\\"receipt-1\\"', '\\"receipt-X\\"', 1), "utf-8")
    code, said = run(export)
    assert code == 1
    assert said.startswith("BROKEN at entry 1 (")


def test_a_forger_who_recomputes_every_hash_is_caught_by_the_signature(export: Path) -> None:
    forged = forge(export, at=2)
    export.write_bytes(forged)
    code, said = run(export)
    assert code == 1
    assert "checkpoint after entry 2" in said
    assert "entries 1 to 2 are not the ones that were signed" in said


def forge(export: Path, *, at: int) -> bytes:
    """Another entry in place of one, its leaf, salt, commitment and hash all fitting."""
    entry = seal(prepare(draft("run-1", "receipt-1", lie=True), bytes(32)), at)
    fields = {
        "hash": leaf_hash(entry.leaf).hex(),
        "leaf": entry.leaf.decode(),
        "payload": '{"lie":true}',
        "salt": entry.salt.hex(),
    }
    lines = export.read_bytes().splitlines(keepends=True)
    number = next(n for n, line in enumerate(lines) if f'\\"index\\":{at},'.encode() in line)
    lines[number] = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return b"".join(lines)


def test_a_ledger_written_anew_with_another_key_is_not_the_one_you_know(tmp_path: Path) -> None:
    other = Ed25519Signer(KEY.name, bytes(32))
    forged = MemoryStore(signer=other)
    forged.append([draft(lie=True)])
    write_export(forged, other.verifier, tmp_path / "forged.jsonl")
    assert run(tmp_path / "forged.jsonl")[0] == 0
    code, said = run(tmp_path / "forged.jsonl", "--vkey", VKEY)
    assert code == 1
    assert "not the one you know" in said


def test_a_ledger_written_anew_with_the_same_key_contradicts_the_checkpoint_you_kept(
    store: MemoryStore, tmp_path: Path
) -> None:
    kept = store.read_checkpoint(3)
    assert kept is not None
    (tmp_path / "kept.txt").write_text(kept.note, "utf-8")
    forged = MemoryStore(signer=KEY)
    forged.append([draft(lie=True)] * 7)
    write_export(forged, KEY.verifier, tmp_path / "forged.jsonl")
    code, said = run(tmp_path / "forged.jsonl", "--vkey", VKEY, "--checkpoint", tmp_path / "kept.txt")
    assert code == 1
    assert "entries 0 to 2" in said
    assert "history was rewritten" in said


def test_a_ledger_that_lost_its_end_is_shorter_than_the_checkpoint_you_kept(store: MemoryStore, tmp_path: Path) -> None:
    write_export(store_of(1, 2), KEY.verifier, tmp_path / "short.jsonl")
    kept = store.read_checkpoint()
    assert kept is not None
    (tmp_path / "kept.txt").write_text(kept.note, "utf-8")
    code, said = run(tmp_path / "short.jsonl", "--checkpoint", tmp_path / "kept.txt")
    assert code == 1
    assert "has 3 entries and once had 7" in said


def test_a_second_signature_inside_an_export_would_be_free_bytes_and_is_refused(tmp_path: Path) -> None:
    entry = seal(prepare(draft(), bytes(32)), 0)
    tree, _ = Frontier().append(leaf_hash(entry.leaf))
    note = sign_checkpoint(KEY, size=1, root=tree.root).note
    store = MemoryStore(signer=KEY, new_salt=lambda: bytes(32))
    store.append([draft()])
    write_export(store, KEY.verifier, tmp_path / "ledger.jsonl")
    text = (tmp_path / "ledger.jsonl").read_text("utf-8")
    extra = "— witness.example " + "A" * 92 + "\\n"
    assert json.dumps(note, ensure_ascii=False) in text
    (tmp_path / "ledger.jsonl").write_text(text.replace('\\n"}', f'\\n{extra}"}}'), "utf-8")
    assert run(tmp_path / "ledger.jsonl")[0] == 1


# single proofs


@given(case=st.integers(1, 40).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
@settings(max_examples=30)
def test_every_entry_can_be_proven_alone(
    case: tuple[int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index, size = case
    code, said = judge(read_proof(store_of(size), KEY.verifier, index).encode(), tmp_path, capsys, "--vkey", VKEY)
    assert code == 0
    assert said.startswith(f"proven: entry {index} (outcome, 2025-07-01T12:00:00.000000Z) is in the ledger")


def test_no_bit_of_a_proof_is_free(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proof = read_proof(store_of(3, 2), KEY.verifier, 3).encode()
    assert judge(proof, tmp_path, capsys)[0] == 0
    for at in range(len(proof)):
        for bit in (0x01, 0x20):
            changed = proof[:at] + bytes([proof[at] ^ bit]) + proof[at + 1 :]
            assert judge(changed, tmp_path, capsys)[0] == 1, (at, proof[at - 20 : at + 20])


def test_a_proof_for_one_entry_does_not_prove_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = store_of(3, 2)
    three, four = (read_proof(store, KEY.verifier, index).split("\n") for index in (3, 4))
    code, said = judge("\n".join([*three[:2], *four[2:]]).encode(), tmp_path, capsys)
    assert code == 1
    assert "it was moved" in said


def test_a_proof_under_another_key_is_not_the_one_you_know(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = Ed25519Signer(KEY.name, bytes(32))
    store = MemoryStore(signer=other)
    store.append([draft()])
    proof = read_proof(store, other.verifier, 0).encode()
    assert judge(proof, tmp_path, capsys)[0] == 0
    assert judge(proof, tmp_path, capsys, "--vkey", VKEY)[0] == 1


# wrong use


def test_wrong_use_is_neither_proven_nor_broken(export: Path, tmp_path: Path) -> None:
    proof = tmp_path / "one.tlog-proof"
    proof.write_text(read_proof(store_of(1), KEY.verifier, 0), "utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert run()[0] == 2
    assert run(tmp_path / "absent.jsonl")[0] == 2
    assert run(tmp_path)[0] == 2
    assert run(export, "--vkey", "a+b+c")[0] == 2
    assert run(export, "--vkey", tmp_path / "absent.vkey")[0] == 2
    assert run(export, "--checkpoint", tmp_path / "binary")[0] == 2
    assert run(proof, "--receipt", "receipt-0")[0] == 2


def test_what_never_was_an_export_is_broken_at_its_first_line(tmp_path: Path) -> None:
    for content in (b"", b"hello\n", b"\xff\n", b"{}\n", b"[" * 100_000, hashlib.sha256(b"").digest()):
        (tmp_path / "file").write_bytes(content)
        code, said = run(tmp_path / "file")
        assert code == 1
        assert said.startswith("BROKEN at line 1")


# the documentation's examples


@pytest.mark.parametrize("kind", ["jsonl", "tlog-proof"])
def test_the_examples_of_the_format_prove(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (TOOL.parents[1] / "docs" / "reference" / "ledger-format.md").read_text("utf-8")
    example = page.split(f"```{kind}\n")[1].split("```")[0].encode()
    assert judge(example, tmp_path, capsys)[0] == 0
    assert judge(example.replace(b"1", b"2", 1), tmp_path, capsys)[0] == 1
