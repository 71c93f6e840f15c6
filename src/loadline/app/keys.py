"""Who holds a key in, whose call it is out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from loadline.app.opened import Opened
from loadline.app.places import REPLIES
from loadline.values.access import AccessKey, DoorRole
from loadline.values.rule import Principal

if TYPE_CHECKING:
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

    def holder(self, key: AccessKey) -> Principal:
        """Who calls with this key. Raises RequestError where its person is no longer one of the project's."""
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
