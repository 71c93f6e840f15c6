"""The codes of what can go wrong when somebody says, or asks, what data may be used for."""

from __future__ import annotations

from loadline.values.diagnostic import Code

UNKNOWN_PURPOSE = "RGT101"
NO_SUCH_COLUMN = "RGT102"
HELD = "RGT201"

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
            right="Have the person named look at it, or mend the data.",
        ),
    )
}
