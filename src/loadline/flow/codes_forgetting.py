"""Every code that forgetting can carry, with what `loadline explain` says of it."""

from __future__ import annotations

from loadline.values.diagnostic import Code

MAY_NOT_FORGET = "FRG001"
NOBODY_KNOWN = "FRG002"
NOT_FINISHED = "FRG003"

CODES: dict[str, Code] = {
    code.code: code
    for code in (
        Code(
            code=MAY_NOT_FORGET,
            title="this person may not have something forgotten",
            why="What is forgotten cannot be had back: it takes a person with the role `steward` or `admin`, and a"
            " reason that goes on record.",
            wrong="loadline ledger erase --subject ana --as ana",
            right='loadline ledger erase --subject ana --as sam --because "asked for it on 3 May"',
        ),
        Code(
            code=NOBODY_KNOWN,
            title="the ledger knows nobody of this name",
            why="A subject is a person who asked, acted or said something, or an argument with `subject: true`.",
            wrong="loadline ledger erase --subject 4711",
            right="loadline ledger erase --subject customer_id=4711",
        ),
        Code(
            code=NOT_FINISHED,
            title="something of this person's is not finished",
            why="What waits for an approval, or is being performed, is found again by what the ledger says of it.",
            wrong="erasing who asked for an action that waits for a yes",
            right="loadline approvals reject act-1f0c2ab7, then erase",
        ),
    )
}
