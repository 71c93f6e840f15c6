"""Settings and environment in; where to connect out, and texts in which no part of its password can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.project import WarehouseSettings
from loadline.values.place import Place

BLOT = "********"
_REFERENCE = re.compile(r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)\Z")
_ONE_AT = re.compile(r"[a-z]+://(?:[^@/?#]*@)?[^@]*\Z")
_PLAIN = re.compile(r"[\w./:,@%-]*\Z")

# What an address may say otherwise: a server that stopped answering is noticed within a minute.
_USUAL: Mapping[str, str | int] = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "loadline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`conninfo` is for the driver alone and never shown; `shown` is host, port and database."""

    conninfo: str = field(repr=False)
    shown: str
    user: str
    place: Place
    secrets: tuple[str, ...] = field(repr=False)

    def safe(self, text: str) -> str:
        """The text on one line, with every part of the password blotted out."""
        for secret in self.secrets:
            text = text.replace(secret, BLOT)
        return " ".join(text.split())


def read_address(settings: WarehouseSettings, environment: Mapping[str, str], *, key: str = "warehouse.url") -> Address:
    """`key` is where the address was written. Raises OutsideError.

    What the driver says of a bad address is not repeated: it would quote it."""
    written = settings.url or ""
    if reference := _REFERENCE.match(written):
        name = reference["name"]
        written = environment.get(name, "").strip()
        if not written:
            what = f"`{key}` refers to the environment variable `{name}`, which is not set"
            mend = f"export {name}=postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
            raise fault(codes.NO_ADDRESS, what, mend, place=settings.place)
        where = f"the address in the environment variable `{name}`"
    else:
        where = f"the address in `{key}`"
    if "://" in written and not _ONE_AT.match(written):
        what = f"{where} has an @ too many, or one behind a / or ?, so its password cannot be told from the rest"
        mend = "in user and password write @ as %40, / as %2F, ? as %3F, # as %23, : as %3A and % as %25"
        raise fault(codes.BAD_ADDRESS, what, mend, place=settings.place)
    try:
        parts = conninfo_to_dict(written)
    except psycopg.ProgrammingError:
        what = f"{where} cannot be read"
        mend = "write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters as %40 (for @) …"
        raise fault(codes.BAD_ADDRESS, what, mend, place=settings.place) from None
    host, user = str(parts.get("host") or ""), str(parts.get("user") or "")
    secrets = _secrets(written, str(parts.get("password") or ""))
    usual = {name: value for name, value in _USUAL.items() if name not in parts}
    return Address(
        conninfo=make_conninfo(written, **usual, client_encoding="UTF8"),
        shown=_shown(host, str(parts.get("port") or ""), str(parts.get("dbname") or user)),
        user=user if _PLAIN.match(user) else "",
        place=settings.place,
        secrets=secrets,
    )


def _shown(host: str, port: str, database: str) -> str:
    words = f"{host or 'localhost'}{':' + port if port else ''}/{database}"
    return words if _PLAIN.match(words) else "the address given"


def _secrets(written: str, password: str) -> tuple[str, ...]:
    """The password as the server gets it, and as it was written into a URL."""
    found = {password}
    if match := re.match(r"[a-z]+://[^:@/?]*:(?P<rest>[^/?]*)@", written):
        found |= {match["rest"], unquote(match["rest"])}
    found |= {unquote(p) for p in re.findall(r"[?&](?:ssl)?password=([^&]*)", written)}
    return tuple(sorted((secret for secret in found if secret), key=len, reverse=True))
