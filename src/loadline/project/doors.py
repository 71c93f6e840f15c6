"""What `doors:` in loadline.yaml says in; who is let in, and how often, out."""

from __future__ import annotations

from decimal import Decimal

from loadline.project.access import PERSON, entries_of, node_of, refer, scalar_of, text_of, texts_of
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Scalar
from loadline.values.access import DoorRole, DoorSettings, TrustedIssuer


def build_doors(manifest: Entries | None, people: frozenset[str] | None, faults: Faults) -> DoorSettings:
    written = node_of(manifest, "doors") if manifest else None
    usual = DoorSettings()
    if not isinstance(written, Entries):
        return usual
    oidc = node_of(written, "oidc")
    return DoorSettings(
        url=text_of(written, "url"),
        calls_per_minute=int(_number(written, "calls_per_minute", usual.calls_per_minute)),
        oidc=_oidc(oidc, people, faults) if isinstance(oidc, Entries) else None,
    )


def _oidc(written: Entries, people: frozenset[str] | None, faults: Faults) -> TrustedIssuer:
    usual = TrustedIssuer(issuer="", audience=(), roles=())
    named = {}
    for value, entry in entries_of(written, "people").items():
        if isinstance(entry.value, Scalar):
            refer(entry.value, people, PERSON, faults)
            named[value] = entry.value.raw
    roles = tuple(
        (value, DoorRole(entry.value.raw))
        for value, entry in entries_of(written, "roles").items()
        if isinstance(entry.value, Scalar) and entry.value.raw in set(DoorRole)
    )
    return TrustedIssuer(
        issuer=text_of(written, "issuer") or "",
        audience=texts_of(written, "audience"),
        algorithms=texts_of(written, "algorithms") or usual.algorithms,
        person=text_of(written, "person") or usual.person,
        people=named,
        roles_in=text_of(written, "roles_in") or usual.roles_in,
        roles=roles,
        leeway_seconds=_number(written, "leeway_seconds", usual.leeway_seconds),
        client=text_of(written, "client"),
        client_secret=text_of(written, "client_secret"),
    )


def _number(entries: Entries, key: str, otherwise: float) -> float:
    scalar = scalar_of(entries, key)
    return float(scalar.value) if scalar and isinstance(scalar.value, int | Decimal) else otherwise
