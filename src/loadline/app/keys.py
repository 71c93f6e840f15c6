"""Who holds a key, or a token of a trusted issuer, in; whose call it is out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from loadline.app.opened import Opened
from loadline.app.places import REPLIES
from loadline.values.access import AccessKey, Bearer, DoorRole, NotKnown, SignedIn, SignIn
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.adapters.identity import Issuer, SignIns, Tokens
    from loadline.adapters.keys import KeyFile
    from loadline.adapters.stores.replies import SqliteReplies


class Keys(Opened):
    """An App whose doors are opened with keys."""

    def create_key(
        self, person: str, *, role: DoorRole, agent: str | None = None, days: int | None = 90
    ) -> tuple[AccessKey, str]:
        """A key for `person`, or for `agent` on their behalf, and its secret, which is shown this once. `days` None:
        it never expires. Raises RequestError for a person the project does not have."""
        self.principal(person)
        now = self._now()
        expires = now + timedelta(days=days) if days is not None else None
        return self._keys.create(person=person, agent=agent, role=role, now=now, expires_at=expires)

    def keys(self) -> tuple[AccessKey, ...]:
        return self._keys.read()

    def revoke_key(self, name: str) -> AccessKey | None:
        """The key, which opens nothing from now on; None where there is none of this name."""
        return self._keys.revoke(name)

    def key_of(self, secret: str) -> AccessKey | None:
        """The key that this secret opens with just now. Raises OutsideError when keys cannot be read."""
        return self._keys.find(secret, now=self._now())

    def bearer(self, secret: str) -> Bearer | NotKnown:
        """Who comes with this key, or with this token of the issuer that the project trusts. Raises OutsideError where
        keys cannot be read, or the issuer's cannot."""
        key = self.key_of(secret)
        if key is not None:
            return Bearer(id=key.id, person=key.person, agent=key.agent, role=key.role, expires_at=key.expires_at)
        if self._tokens is None or "." not in secret:
            return NotKnown(why="this key is unknown, revoked or expired")
        return self._tokens.access(secret, now=self._now())

    def begin_sign_in(self, back: str, *, is_fresh: bool = False) -> SignIn | None:
        """Where a browser goes to sign in; None where people sign in with keys alone. Raises OutsideError."""
        return None if self._sign_ins is None else self._sign_ins.begin(back, is_fresh=is_fresh)

    def end_sign_in(self, begun: SignIn, said: Mapping[str, str]) -> SignedIn | NotKnown:
        """Who came back from the issuer with this said in the address. Raises OutsideError."""
        if self._sign_ins is None:
            return NotKnown(why="people sign in with keys here")
        return self._sign_ins.end(begun, said, now=self._now())

    def holder(self, key: AccessKey | Bearer) -> Principal:
        """Who calls with this key or token. Raises RequestError where its person is no longer one of the project's."""
        return replace(self.principal(key.person), agent=key.agent)

    @cached_property
    def replies(self) -> SqliteReplies:
        """What was replied to requests that may be sent again."""
        from loadline.adapters.stores.replies import SqliteReplies

        opened = SqliteReplies((self.project.root / self.project.store.path).parent / REPLIES)
        self.closing(opened.close)
        return opened

    @cached_property
    def _keys(self) -> KeyFile:
        from loadline.adapters.keys import KeyFile

        return KeyFile((self.project.root / self.project.store.path).parent / "keys.json")

    @cached_property
    def _issuer(self) -> Issuer:
        from loadline.adapters.identity import Issuer

        oidc = self.project.doors.oidc
        return Issuer(oidc.issuer if oidc is not None else "")

    @cached_property
    def _tokens(self) -> Tokens | None:
        from loadline.adapters.identity import Tokens

        oidc = self.project.doors.oidc
        return None if oidc is None else Tokens(oidc, self._issuer, people=frozenset(self.project.people))

    @cached_property
    def _sign_ins(self) -> SignIns | None:
        from loadline.adapters.identity import SignIns

        oidc, tokens = self.project.doors.oidc, self._tokens
        if oidc is None or tokens is None or oidc.client is None:
            return None
        return SignIns(oidc, self._issuer, tokens, client=oidc.client)
