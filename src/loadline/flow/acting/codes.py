"""Every code of the way an action takes, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_ACTION = "ACT101"
BAD_VALUE = "ACT102"
NO_TARGET = "ACT103"
DENIED = "ACT104"
FROZEN = "ACT105"
OVER_LIMIT = "ACT106"
EXCEEDED = "ACT107"
NOT_DONE = "ACT108"
UNCLEAR = "ACT109"
NO_RUN = "ACT110"
NOT_WAITING = "ACT111"
MAY_NOT_VOTE = "ACT112"
CANNOT_UNDO = "ACT113"
EXPIRED = "ACT114"
REJECTED = "ACT115"
MAY_NOT_THAW = "ACT116"
BREAKER_OPEN = "ACT117"
TOO_SOON = "ACT118"
CHANGED = "ACT119"
CANARY = "ACT120"
FABRICATED = "ACT121"
KEY_REUSED = "ACT122"
BUSY = "ACT123"
NOT_AS_SAID = "ACT124"
NO_AGENT = "ACT125"
TWO_OF_A_TOOL = "ACT126"
NOT_ACCEPTED = "ACT127"
NO_WORKFLOW = "ACT128"

_WRITTEN = (
    Code(
        code=NO_ACTION,
        title="there is no such action",
        why="An agent does what is declared in actions/*.yaml, by its name; or it hands in a statement.",
        wrong="loadline act close_orders --arg order_id=5",
        right="loadline act close_order --arg order_id=5",
    ),
    Code(
        code=BAD_VALUE,
        title="an argument is missing, unknown, or not of its type",
        why="Each argument is what its declaration says: of its type, in its range, one of its allowed values.",
        wrong="loadline act close_order --arg order_id=five",
        right="loadline act close_order --arg order_id=5",
    ),
    Code(
        code=NO_TARGET,
        title="there is no such target",
        why="A statement runs on one of `targets` in loadline.yaml.",
        wrong='loadline act sql shops "DELETE FROM orders WHERE order_id = 5"',
        right='loadline act sql shop "DELETE FROM orders WHERE order_id = 5"',
    ),
    Code(
        code=DENIED,
        title="the guard lets only one data-changing statement through",
        why="What is not known to be a plain INSERT, UPDATE, DELETE or MERGE is denied: TRUNCATE, DDL, several "
        "statements, functions nobody knows, session and transaction control.",
        wrong='loadline act sql shop "DROP TABLE orders"',
        right='loadline act sql shop "DELETE FROM orders WHERE order_id = 5"',
    ),
    Code(
        code=FROZEN,
        title="this is frozen",
        why="A freeze is a state in the ledger, not a sentence in a chat: while it holds, nothing is begun, and what "
        "was running is stopped.",
        wrong="loadline act close_order --arg order_id=5   # while everything is frozen",
        right="loadline thaw --all   # by another person than the one who froze it",
    ),
    Code(
        code=OVER_LIMIT,
        title="a limit would be passed",
        why="A rule permits so many rows at a time, so many acts, or so much in a day; a target and an action bound "
        "the rows of one statement.",
        wrong="the eleventh refund of a day that permits ten",
        right="wait for the next day, or have the rule's owner raise the limit",
    ),
    Code(
        code=EXCEEDED,
        title="it would have done something else than was judged",
        why="The exact effect on every table is compared with the one that was judged or approved before anything is "
        "committed; where they differ, all of it is taken back.",
        wrong="a dry run that hits 3 rows, and a statement that hits 4",
        right="ask again: the new effect is measured and judged anew",
    ),
    Code(
        code=NOT_DONE,
        title="the outside failed, and nothing was done",
        why="A failure of a target or of a far side is an outcome with a reason, never a silent success.",
        wrong="an address that answers 503",
        right="mend what failed, and ask again",
    ),
    Code(
        code=UNCLEAR,
        title="nobody knows whether it was done",
        why="The answer never came. It is not tried again, because that could do it twice; only what is declared "
        "`idempotent` is.",
        wrong="a payment whose connection broke before the answer",
        right="look at the far side, then record what is there with `loadline feedback`, or ask again",
    ),
    Code(
        code=NO_RUN,
        title="there is no such run of an action",
        why="An action is known by the run that `loadline act` prints; its first 10 characters suffice.",
        wrong="loadline act status act-000000",
        right="loadline act status act-1f0c2ab7",
    ),
    Code(
        code=NOT_WAITING,
        title="this does not wait for an approval",
        why="An approval is used once, and what was decided, performed or has expired is not decided again.",
        wrong="loadline approvals approve act-1f0c2ab7   # twice",
        right="loadline approvals list",
    ),
    Code(
        code=MAY_NOT_VOTE,
        title="you may not approve this",
        why="An approver holds one of the roles the rule names, did not ask for it, says so once, in time, and of "
        "exactly what is waiting.",
        wrong="loadline approvals approve act-1f0c2ab7 --as bea   # bea asked for it",
        right="loadline approvals approve act-1f0c2ab7 --as carl",
    ),
    Code(
        code=CANNOT_UNDO,
        title="this cannot be undone",
        why="A statement is undone exactly or not at all: not where rows changed since, and not where nobody kept "
        "them. A call is undone by the action its declaration names.",
        wrong="loadline act undo act-1f0c2ab7   # somebody changed the row since",
        right="loadline act status act-1f0c2ab7   # says what it did, row counts and tables",
    ),
    Code(
        code=EXPIRED,
        title="nobody approved in time",
        why="An approval that does not come is a no: expiry forbids.",
        wrong="an approval that comes after `expires`",
        right="ask again",
    ),
    Code(
        code=REJECTED,
        title="an approver said no",
        why="One no ends it, whoever else said yes.",
        wrong="asking until somebody says yes",
        right="read why, change what is asked for, and ask again",
    ),
    Code(
        code=MAY_NOT_THAW,
        title="you may not thaw this",
        why="What one person froze another one thaws: so that nobody talks the one at the keyboard into it.",
        wrong="loadline freeze --all --because incident --as ana && loadline thaw --all --as ana",
        right="loadline thaw --all --because 'cause found' --as carl",
    ),
    Code(
        code=BREAKER_OPEN,
        title="the far side keeps failing, and is left alone for a while",
        why="After `breaker.failures` failures nothing is sent for `breaker.open_seconds`; then one try decides.",
        wrong="the sixth call to an address that answered 503 five times",
        right="wait, or mend the far side",
    ),
    Code(
        code=TOO_SOON,
        title="the far side asked not to be asked again yet",
        why="A reply with Retry-After (429, 503) is respected, also by other processes.",
        wrong="a call ten seconds after `Retry-After: 60`",
        right="wait as long as it asked for",
    ),
    Code(
        code=CHANGED,
        title="what was approved is no longer what would be done",
        why="An approval is bound to the exact action, its effect, the rules, the environment and its expiry.",
        wrong="policies/rules.yaml changed between the approval and the act",
        right="ask again, so that it is judged and approved as it is now",
    ),
    Code(
        code=CANARY,
        title="a call that must be denied was not",
        why="A canary asks for what no rule permits. While it is denied, the guard is awake; silence is an alarm.",
        wrong="a policy that permits everything to everyone",
        right="find the rule that let it through: `loadline policy explain`",
    ),
    Code(
        code=FABRICATED,
        title="what was done looks made up, or is not what was approved",
        why="A bulk insert after a delete, rows that have no source, or an effect beyond the approved one freezes the "
        "agent until a person has looked.",
        wrong="1,206 people deleted, 4,000 inserted",
        right="loadline act status RUN, loadline act undo RUN, then loadline thaw",
    ),
    Code(
        code=KEY_REUSED,
        title="a key was used before, for something else",
        why="A key tells requests apart: the same one with other arguments is a mistake somewhere.",
        wrong="two different refunds under the key `refund-1`",
        right="give each its own key",
    ),
    Code(
        code=BUSY,
        title="others kept being faster",
        why="What is counted and frozen is looked at and written in one go; under very many requests at once one may "
        "be overtaken again and again.",
        wrong="thousands of requests under one daily total at the same moment",
        right="ask again",
    ),
    Code(
        code=NOT_AS_SAID,
        title="an agent says something else than happened",
        why="The ledger is written by the gate, not by the agent; what an agent says it did is compared with it.",
        wrong='{"run": "act-1f0c2ab7", "status": "failed"}   # it was done',
        right='{"run": "act-1f0c2ab7", "status": "done"}',
    ),
    Code(
        code=NO_AGENT,
        title="there is no such agent",
        why="Where loadline.yaml lists `agents`, whoever acts is one of them; a name that is none would be counted, "
        "frozen and judged apart.",
        wrong="loadline act close_order --arg order_id=5 --as suport-bot --for ana",
        right="loadline act close_order --arg order_id=5 --as support-bot --for ana",
    ),
    Code(
        code=NO_WORKFLOW,
        title="there is no such workflow",
        why="A workflow is frozen by the name that its actions bear (`workflow:` in actions/*.yaml); a freeze of any "
        "other name would stop nothing.",
        wrong="loadline freeze --workflow retruns --because 'too many'",
        right="loadline freeze --workflow returns --because 'too many'   # or --all",
    ),
    Code(
        code=TWO_OF_A_TOOL,
        title="two actions are one tool of a guarded server",
        why="A call of a tool is judged as the action that declares it; with two of them nobody could say which.",
        wrong="two actions with `mcp: {command: [crm-mcp], tool: close_ticket}`",
        right="one of them",
    ),
    Code(
        code=NOT_ACCEPTED,
        title="what the server says of a tool is not what was accepted",
        why="A server may change what its tools say and take at any time, also to talk an agent into something; what "
        "a person looked at is bound by its digest, and anything else is not called.",
        wrong="mcp: {command: [crm-mcp], tool: close_ticket}   # no `definition`, or that of last month",
        right="the `definition` that `loadline mcp tools -- crm-mcp` prints, once you have looked at it",
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in _WRITTEN})
