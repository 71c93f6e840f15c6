"""What somebody wants to do with data in, whether its contract lets them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from loadline.app.opened import Opened
from loadline.values.right import INSIDE, Use
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.using import UseDecided
    from loadline.project.yaml_writer import Value


class Using(Opened):
    """An App that is asked for leave."""

    def may_use(
        self,
        dataset: str,
        use: Use,
        *,
        principal: Principal,
        columns: Sequence[str] = (),
        provider: str = INSIDE,
        region: str | None = None,
    ) -> UseDecided:
        """Whether `principal` may use these columns (all, when none is named) so, by the contract; recorded.

        Raises RequestError for an unknown dataset or column, OutsideError when the ledger fails.
        """
        from loadline.flow.allowed import wanted_use
        from loadline.flow.using import decide_use

        wanted = wanted_use(self.world, use, principal, provider=provider, region=region)
        return decide_use(self.world, dataset, columns, wanted)

    def export_odrl(self) -> tuple[Mapping[str, Value], tuple[str, ...]]:
        """The rights of every contract that states some, as one JSON-LD document of ODRL policies; the names of those
        that state none."""
        from loadline.flow.exporting import as_odrl

        return as_odrl(self.project)

    def describe(self, dataset: str) -> Mapping[str, Value]:
        """A dataset's Croissant description, its rights included. Raises RequestError for one without a contract."""
        from loadline.flow.exporting import as_croissant
        from loadline.flow.using import held_whole

        return as_croissant(self.project, held_whole(self.world, dataset))

    def describe_for(
        self, dataset: str, use: Use, *, principal: Principal, provider: str = INSIDE, region: str | None = None
    ) -> tuple[Mapping[str, Value] | None, UseDecided]:
        """The same for somebody who wants to use it so: with the columns that may be, and the decision, which is in the
        ledger. None when no column may. Raises RequestError and OutsideError."""
        from loadline.flow.allowed import wanted_use
        from loadline.flow.exporting import as_croissant
        from loadline.flow.using import decide_use, usable
        from loadline.values.decision import Permit

        wanted = wanted_use(self.world, use, principal, provider=provider, region=region)
        decided = decide_use(self.world, dataset, usable(self.world, dataset, wanted), wanted)
        is_permitted = isinstance(decided.decision, Permit)
        return (as_croissant(self.project, decided.held) if is_permitted else None), decided
