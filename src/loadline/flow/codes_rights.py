"""The codes of what can go wrong when somebody says, or asks, what data may be used for."""

from __future__ import annotations

from loadline.values.diagnostic import Code

UNKNOWN_PURPOSE = "RGT101"
NO_SUCH_COLUMN = "RGT102"
HELD = "RGT201"
RELEASED = "RGT202"
REJECTED = "RGT203"

RIGHTS: dict[str, Code] = {
    code.code: code
    for code in (
        Code(
            code=UNKNOWN_PURPOSE,
            title="there is no such purpose",
            why="A purpose is one of the W3C Data Privacy Vocabulary (DPV), so that it means the same in a "
            "question, a contract and a rule.",
            wrong='loadline ask "booked revenue by region" --purpose marketing',
            right='loadline ask "booked revenue by region" --purpose Marketing',
        ),
        Code(
            code=NO_SUCH_COLUMN,
            title="the dataset has no such column",
            why="A use is judged column by column, and one that does not exist has no rights: it is misspelled or "
            "the contract does not promise it.",
            wrong="loadline data rights customers --use pre-training --column emial",
            right="loadline data rights customers --use pre-training --column email",
        ),
        Code(
            code=HELD,
            title="the answer is held for a person",
            why="The data it rests on is not in order, and a rule of policies/ says that a person looks at it first.",
            wrong="data: [{name: books, state: amber, then: hold, ask: finance}]   # and a promise is broken",
            right="Have the person named look at it (`loadline approvals show RUN`, `loadline approvals approve RUN`) "
            "and ask again within a day, or mend the data.",
        ),
        Code(
            code=RELEASED,
            title="the answer was held, and a person released it",
            why="The data it rests on is not in order. Somebody whom a rule of policies/ names has looked at it and "
            "let it be shown this once; it is not verified by that.",
            wrong='loadline ask "freight margin"   # over amber data, and finance has approved this answer',
            right="Mend the data, and ask again.",
        ),
        Code(
            code=REJECTED,
            title="the answer was held, and a person said no",
            why="The data it rests on is not in order, and somebody whom a rule of policies/ names looked at it and "
            "did not let it be shown. The same question waits for nobody until that no has lapsed, after a day.",
            wrong='loadline ask "freight margin"   # over amber data, and finance has rejected this answer',
            right="Mend the data, and ask again.",
        ),
    )
}
