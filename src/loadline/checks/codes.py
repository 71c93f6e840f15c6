"""The codes of what keeps an answer from being delivered or verified."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.checks.drift.codes import CODES as DRIFT
from loadline.values.diagnostic import Code

FOUND = "CHK001"
COULD_NOT_LOOK = "CHK002"
NOT_APPROVED = "CHK003"
CUT_PERIOD = "CHK004"
CUT_WHOLE = "CHK005"
DOUBTFUL = "DAT007"

CODES: Mapping[str, Code] = MappingProxyType(
    dict(DRIFT)
    | {
        code.code: code
        for code in (
            Code(
                code=FOUND,
                title="a check found that the answer would be wrong",
                why="Numbers over data that breaks what the query relies on (a key that repeats, a column that is "
                "gone, rows that changed while reading) are withheld, whatever they look like.",
                wrong="orders.customer_id -> customers.customer_id   # and customers holds one customer_id twice",
                right="Remove the duplicates at their source; the finding says how many and in which columns.",
            ),
            Code(
                code=COULD_NOT_LOOK,
                title="a check could not look, so the answer is withheld",
                why="A check that could not look has not passed; it blocks.",
                wrong="(the warehouse refused the check's own query)",
                right="Mend what the reason names (a time limit, a missing relation, a right), and ask again.",
            ),
            Code(
                code=NOT_APPROVED,
                title="the answer rests on a definition nobody has approved",
                why="A metric that is `draft` or `deprecated`, or approved with no owner to answer for it, may be "
                "shown, but never as verified.",
                wrong="net_margin: {is: ..., status: draft}",
                right="net_margin: {is: ..., owner: finance, status: approved}",
            ),
            Code(
                code=CUT_PERIOD,
                title="a change is asked for, and the data hold one of its periods in part only",
                why="Where the data begin in the middle of a period, or end in it, what was there is right and the "
                "change from it is not: part of a year beside a whole one. It is delivered, and never as verified.",
                wrong="booked_revenue[% change from 1 year ago]   # during 2024, of data that begin in November 2023",
                right="Compare two periods that the data hold whole; the reason says from when to when.",
            ),
            Code(
                code=CUT_WHOLE,
                title="a share is asked for, and rules leave its asker a part of the whole only",
                why="Where a row filter of policies/ keeps all but one region from somebody, that region is 100 % of "
                "what they see, and not of what there is. It is delivered, and never as verified.",
                wrong="booked_revenue[share across customers.region]   # under rows: \"customers.region = 'north'\"",
                right="Ask for the number by itself, or have it asked by somebody who may see the whole.",
            ),
            Code(
                code=DOUBTFUL,
                title="the data behind the answer breaks a promise",
                why="A promise of severity warning is broken by rows the answer was made from. It is delivered, and "
                "never as verified; with severity error it would be withheld.",
                wrong="usage_events of 27 October have arrived in part, and October was asked for",
                right="Mend the data, or change what the contract promises; the finding says how many rows and why.",
            ),
        )
    }
)
