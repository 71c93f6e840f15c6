"""Every code a decision can carry, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.policy.codes_rights import RIGHTS
from loadline.values.diagnostic import Code

NO_PERMIT = "POL001"
FORBIDDEN = "POL002"
FAILED = "POL003"
SCOPES_DIFFER = "POL004"
FILTER_CANNOT_APPLY = "POL005"
HELD = "POL006"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NO_PERMIT,
                title="no rule permits this",
                why="Silence forbids: a person may ask only what some rule in policies/ permits them to ask.",
                wrong="rules: []",
                right="rules:\n  - {name: analysts-ask, permit: ask, who: {roles: [analyst]}, on: {metrics: ['*']}}",
            ),
            Code(
                code=FORBIDDEN,
                title="a rule forbids this",
                why="A forbid beats every permit, in whatever order they are written.",
                wrong="- {name: no-personal, forbid: ask, on: {classifications: [personal]}}  # which it reads",
                right="Ask without the column the rule names, or have its owner narrow the rule.",
            ),
            Code(
                code=FAILED,
                title="the rules could not be judged",
                why="An error forbids: when a rule cannot be evaluated nobody knows whether it would have forbidden.",
                wrong="(a fault while judging)",
                right="Run `loadline check`; if it finds nothing, report a bug with the receipt's run.",
            ),
            Code(
                code=SCOPES_DIFFER,
                title="the metrics asked are permitted on different rows",
                why="One answer has one scope: filtering all metrics to the narrowest rows would give some of them "
                "another value than when asked alone.",
                wrong="loadline ask --metric booked_revenue --metric open_tickets",
                right="loadline ask --metric booked_revenue\nloadline ask --metric open_tickets",
            ),
            Code(
                code=FILTER_CANNOT_APPLY,
                title="a row filter that must apply cannot be applied",
                why="A rule lets you see some rows only, and these rows cannot be told apart by what the rule says: "
                "the dataset has no many-to-one path to the field the filter uses.",
                wrong="rows: customers.region = 'north'   # and the metric counts a dataset with no path to customers",
                right="Permit the metric by a rule of its own, or add the relationship the filter needs.",
            ),
            Code(
                code=HELD,
                title="a rule holds this until it is approved",
                why="A hold stops what a permit opens until enough people with the roles it names have said yes.",
                wrong="- {name: large-refunds, hold: act, on: {actions: [refund]}, when: amount > 1000, approval: …}",
                right="Have it approved by people with the roles named, and none of them the one who asked.",
            ),
        )
    }
    | RIGHTS
)
