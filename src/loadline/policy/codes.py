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
OVER_ROWS = "POL007"
MASK_CANNOT_APPLY = "POL008"
UNREADABLE = "POL010"
UNKNOWN_FACT = "POL011"
MISTYPED = "POL012"
IMPOSSIBLE = "POL013"
NOT_IN_CEDAR = "POL014"
CEDAR_NOT_READ = "POL015"
CEDAR_FORBIDS = "POL016"

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
            Code(
                code=OVER_ROWS,
                title="the answer has more rows than a rule shows at a time",
                why="Whoever is shown rows by a rule with a bound sees at most so many at a time; a cut answer would "
                "look like a whole one.",
                wrong="loadline ask --by customers.name   # 900 names, and the rule shows 100 rows at a time",
                right="loadline ask --by customers.name --limit 100",
            ),
            Code(
                code=MASK_CANNOT_APPLY,
                title="a column that is shown only masked is used in another way",
                why="A masked column may be shown, and grouped by, as its mask shows it. A filter, a condition or a "
                "number made of it would tell what the mask hides.",
                wrong="loadline ask --metric orders --where \"customers.email = 'ada@example.com'\"   # it is masked",
                right="loadline ask --metric orders --by customers.email   # shown masked",
            ),
            Code(
                code=UNREADABLE,
                title="a condition that cannot be read",
                why="A condition is comparisons of facts and values, joined by `and`, `or` and `not`.",
                wrong="when: amount > 1000 &&",
                right="when: amount > 1000 and weekday = 'monday'",
            ),
            Code(
                code=UNKNOWN_FACT,
                title="a condition speaks of a fact that there is not",
                why="A rule that waits for what is never known would never apply, or always forbid.",
                wrong="when: rows > 100",
                right="when: rows_affected > 100",
            ),
            Code(
                code=MISTYPED,
                title="a condition compares what cannot be compared",
                why="Each fact has one type, and is compared with values of that type.",
                wrong="when: amount > 'large'",
                right="when: amount > 1000",
            ),
            Code(
                code=IMPOSSIBLE,
                title="a condition that can never be true",
                why="The fact can be one of a few values, and this is none of them; most often it is misspelled.",
                wrong="when: audience = 'finanse'",
                right="when: audience = 'finance'",
            ),
            Code(
                code=NOT_IN_CEDAR,
                title="a rule cannot be said in Cedar",
                why="An export that means something else would be worse than none: Cedar's decimals have four digits "
                "behind the point, its durations milliseconds.",
                wrong="when: amount > 0.00001",
                right="when: amount > 0.0001",
            ),
            Code(
                code=CEDAR_NOT_READ,
                title="a Cedar policy of the project cannot be used",
                why="policies/*.cedar hold forbids of your own, which Cedar judges itself: what cannot be read, or "
                "would permit, is refused as a whole, and an error while judging forbids.",
                wrong="permit (principal, action, resource);   // in policies/ours.cedar",
                right="forbid (principal, action, resource) when { context.is_agent };",
            ),
            Code(
                code=CEDAR_FORBIDS,
                title="a Cedar policy of the project forbids this",
                why="Forbids in policies/*.cedar are judged by Cedar, beside the rules. None can permit.",
                wrong="(a question that a forbid of policies/ours.cedar matches)",
                right="Ask without what it names, or have its owner narrow it.",
            ),
        )
    }
    | RIGHTS
)
