"""Texts in; whether most look like data about people, and what kind, out. A suspicion, for a person to judge."""

from __future__ import annotations

import re
from collections.abc import Mapping

FEWEST = 5
MOST = 0.8
"""The share of texts that must look alike."""

_PHONE = re.compile(r"(?:\+|00|\()?[0-9][0-9 ()./-]{6,18}[0-9](?: ?x[0-9]{1,5})?")
_PHONE_SIGNS = re.compile(r"^\+|^00|[0-9][ )./-]+[0-9]+[ /.-]+[0-9]")
_DATE = re.compile(r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}.*")


def personal_kind(texts: Mapping[str, int]) -> str | None:
    """`e-mail address`, `phone number`, … or None."""
    total = sum(texts.values())
    if total < FEWEST:
        return None
    for kind, looks_like in _KINDS:
        if sum(count for text, count in texts.items() if looks_like(text.strip())) >= total * MOST:
            return kind
    return None


def _is_email(text: str) -> bool:
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}", text) is not None


def _is_iban(text: str) -> bool:
    """ISO 13616: the letters as numbers, the first four characters moved behind, leave 1 modulo 97."""
    bare = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
        return False
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    """A payment card's number keeps ISO/IEC 7812's check digit."""
    bare = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[3-6][0-9]{12,18}", bare):
        return False
    doubled = [int(digit) * (1 + n % 2) for n, digit in enumerate(reversed(bare))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_social_security(text: str) -> bool:
    return re.fullmatch(r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}", text) is not None


def _is_ip_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdigit() and len(part) <= 3 and int(part) <= 255 for part in parts)


def _is_phone(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return (
        8 <= digits <= 15
        and _PHONE.fullmatch(text) is not None
        and _PHONE_SIGNS.search(text) is not None
        and _DATE.fullmatch(text) is None
    )


_KINDS = (
    ("e-mail address", _is_email),
    ("bank account (IBAN)", _is_iban),
    ("social security number", _is_social_security),
    ("payment card number", _is_card),
    ("IP address", _is_ip_address),
    ("phone number", _is_phone),
)
