"""An event and the project's signer in; the event with its signature, as receivers can check it, out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Protocol

from loadline.values.canonical import canonical

KEY = "loadlinekey"
SIGNATURE = "loadlinesignature"  # CloudEvents: names of attributes are lower-case letters and digits


class Signs(Protocol):
    """The project's signer, as far as it is needed here."""

    @property
    def name(self) -> str: ...

    def sign(self, text: bytes) -> bytes: ...


def signed(event: Mapping[str, Any], signer: Signs) -> dict[str, Any]:
    """The signature is over the canonical bytes of all the rest."""
    signature = signer.sign(canonical(event))
    return {**event, KEY: signer.name, SIGNATURE: base64.b64encode(signature).decode()}


def signed_bytes(event: Mapping[str, Any]) -> bytes:
    """What the signature of a received event is over."""
    return canonical({key: value for key, value in event.items() if key not in {KEY, SIGNATURE}})
