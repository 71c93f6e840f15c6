"""Purposes: a part belongs to the whole, and nothing goes round in a circle."""

from __future__ import annotations

from loadline.values.purpose import PURPOSES, purposes_around


def test_a_purpose_belongs_to_every_purpose_it_is_part_of() -> None:
    assert purposes_around("TargetedAdvertising") == {
        "TargetedAdvertising", "PersonalisedAdvertising", "Personalisation", "Advertising", "Marketing",
    }  # fmt: skip
    assert purposes_around("Marketing") == {"Marketing"}


def test_every_wider_purpose_is_a_purpose_itself() -> None:
    assert {wider for around in PURPOSES.values() for wider in around} <= set(PURPOSES)
    assert all(name in purposes_around(name) for name in PURPOSES)
