"""A draft becomes an entry whose leaf says all but the payload, and commits to that."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.errors import Bug, RequestError, TamperError
from loadline.ledger import Draft, Entry, Kind, open_entry, prepare, seal
from loadline.ledger.seal import check_entry
from loadline.values.canonical import canonical

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
SALT = bytes(range(32))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
payloads = st.dictionaries(
    texts,
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | texts, st.lists, max_leaves=5),
    max_size=4,
)


def sealed(index: int = 7, **payload: Any) -> Entry:
    draft = Draft(kind=Kind.OUTCOME, run="run-1", at=NOON, payload=payload, keys=("key-1", "key-2"))
    return seal(prepare(draft, SALT), index)


def test_the_leaf_is_canonical_and_says_all_but_the_payload() -> None:
    entry = sealed(turnover="12 million")
    assert entry.leaf == canonical(json.loads(entry.leaf))
    assert json.loads(entry.leaf) == {
        "at": "2025-07-01T12:00:00.000000Z",
        "commitment": hashlib.sha256(SALT + b'{"turnover":"12 million"}').hexdigest(),
        "index": 7,
        "keys": ["key-1", "key-2"],
        "kind": "outcome",
        "run": "run-1",
        "v": 1,
    }
    assert b"12 million" not in entry.leaf


@given(payloads, texts, st.lists(texts, max_size=3), st.integers(0, 2**60))
def test_what_was_sealed_is_opened_again(payload: dict[str, Any], run: str, keys: list[str], index: int) -> None:
    draft = Draft(kind=Kind.INTENT, run=run, at=NOON, payload=payload, keys=tuple(keys))
    prepared = prepare(draft, SALT)
    entry = seal(prepared, index)
    check_entry(entry)
    assert entry.leaf == canonical(json.loads(entry.leaf))
    assert open_entry(index=index, leaf=entry.leaf, salt=SALT, payload=prepared.payload) == entry


@given(st.data())
def test_no_byte_of_an_entry_can_be_changed_alone(data: st.DataObject) -> None:
    """Changing the leaf alone may leave something well-formed: then its hash, not its form, gives it away."""
    entry = sealed(amount="12.50")
    parts = {"salt": entry.salt, "payload": canonical(entry.payload)}
    name = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[name]) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    parts[name] = parts[name][:at] + bytes([parts[name][at] ^ bit]) + parts[name][at + 1 :]
    with pytest.raises(TamperError) as raised:
        open_entry(index=7, leaf=entry.leaf, salt=parts["salt"], payload=parts["payload"])
    assert raised.value.diagnostics[0].code == "LED001"


def test_an_entry_cannot_be_moved() -> None:
    entry = sealed(index=7)
    with pytest.raises(TamperError) as raised:
        open_entry(index=8, leaf=entry.leaf, salt=entry.salt, payload=b"{}")
    assert raised.value.diagnostics[0].code == "LED002"
    assert "it is entry 7" in raised.value.diagnostics[0].why


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"index":7}',
        b"[" * 100_000,
        b"1" * 10_000,
        sealed().leaf + b" ",
        sealed().leaf.replace(b'"v":1', b'"v":2'),
        sealed().leaf.replace(b'"v":1', b'"v":1,"w":1'),
        sealed().leaf.replace(b'"outcome"', b'"rumour"'),
        sealed().leaf.replace(b"2025-07-01T", b"2025-77-01T"),
        sealed().leaf.replace(b'["key-1","key-2"]', b"5"),
        sealed().leaf.replace(b'"run-1"', b'"\\u0072un-1"'),
    ],
)
def test_what_is_not_a_leaf_is_said(leaf: bytes) -> None:
    with pytest.raises(TamperError) as raised:
        open_entry(index=7, leaf=leaf, salt=SALT, payload=b"{}")
    assert raised.value.diagnostics[0].code == "LED002"


def test_an_entry_whose_words_differ_from_its_leaf_is_caught() -> None:
    entry = sealed(a=1)
    for change in ({"run": "run-2"}, {"kind": Kind.INTENT}, {"keys": ()}, {"at": NOON.replace(year=2024)}):
        fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__} | change
        with pytest.raises(TamperError) as raised:
            check_entry(Entry(**fields))
        assert raised.value.diagnostics[0].code == "LED002"


def test_a_value_without_a_canonical_form_is_refused() -> None:
    with pytest.raises(RequestError) as raised:
        sealed(thing=object())
    assert raised.value.diagnostics[0].code == "LED013"


def test_a_time_that_names_no_instant_is_our_own_mistake() -> None:
    with pytest.raises(Bug):
        prepare(Draft(kind=Kind.INTENT, run="r", at=datetime(2025, 7, 1), payload={}), SALT)  # noqa: DTZ001
