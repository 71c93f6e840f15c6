"""What the ledger keeps of a decision is enough to decide it again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from loadline.policy import as_recorded, from_recorded
from loadline.values.matter import Matter

from .test_brute_force import matters


@given(matters)
def test_a_matter_comes_back_whole_through_json(matter: Matter) -> None:
    assert from_recorded(json.loads(json.dumps(as_recorded(matter)))) == matter


@pytest.mark.parametrize("told", [{}, {"who": {}}, {"who": {"name": "a"}, "deed": "dance", "effect": "read"}])
def test_what_was_not_recorded_by_us_is_not_read(told: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        from_recorded(told)
