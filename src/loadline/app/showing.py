"""An asker in, the part of the project's definitions that they may ask about out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from loadline.app.looking_back import LookingBack
from loadline.app.opened import unknown
from loadline.app.places import MANIFEST
from loadline.errors import RequestError
from loadline.flow import codes
from loadline.values.catalog import MetricCard, MetricShown
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.reading import Door


class Showing(LookingBack):
    """An App whose definitions are looked up."""

    def search_metrics(self, text: str = "", *, principal: Principal) -> tuple[MetricCard, ...]:
        """The metrics `principal` may ask for that fit `text`, best first; all of them for no text."""
        from loadline.flow.showing import search

        return search(self.world, principal, text)

    def describe_metric(self, name: str, *, principal: Principal) -> MetricShown:
        """One metric and all it can be asked by. Raises RequestError where `principal` may ask for none such."""
        from loadline.flow.showing import describe

        return describe(self.world, principal, name)

    def receipt_for(self, wanted: str, *, door: Door | None) -> dict[str, Any]:
        """A recorded receipt that who came in may read: of their own question; else of metrics they may ask for, and
        then it does not say whose question it was. Whoever reads everything reads it as it is; None is who sits at
        this terminal and names nobody.

        Raises RequestError as `receipt` does, and the same for one they may not read.
        """
        from loadline.flow.reading import Reader, is_own
        from loadline.flow.showing import may_read

        if door is None:
            return self.receipt(wanted)
        principal, reader = door.principal, Reader.of(door, self.project.ledger_roles.readers)
        found = self.receipt(wanted, prefer=lambda payload: is_own(principal, payload))
        if reader.reads_all or is_own(principal, found):
            return found
        if not may_read(self.world, principal, found):
            raise RequestError(self.no_receipt(wanted))
        return {**found, "asked_by": "another person", "roles": [], "agent": None}

    def speaking(self, principal: Principal, audience: str) -> Principal:
        """The same asker, in the words of an audience. Raises RequestError for one the project does not have."""
        audiences = self.project.audiences
        if audience not in audiences:
            raise RequestError(unknown(codes.UNKNOWN_AUDIENCE, "audience", audience, audiences, "audiences", MANIFEST))
        return replace(principal, audience=audience)
