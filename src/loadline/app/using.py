"""What somebody wants to do with data in, whether its contract lets them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from loadline.app.opened import Opened
from loadline.values.right import INSIDE, Use
from loadline.values.rule import Principal

if TYPE_CHECKING:
    from loadline.flow.using import UseDecided


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
