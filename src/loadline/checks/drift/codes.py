"""The codes of what keeps drift from being judged, and of the alarm itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

ALARM = "DRF001"
NO_SUCH_COLUMN = "DRF002"
TOO_FEW_WINDOWS = "DRF003"
TOO_MANY_WINDOWS = "DRF004"
HOW_TO_CUT = "DRF005"
NOTHING_WATCHED = "DRF006"
NO_SUCH_WATCH = "DRF007"
NOTHING_TO_ACCEPT = "DRF008"
WATCHED_ELSEWHERE = "DRF009"
CANNOT_SEND = "DRF010"
NOTHING_TO_DRAW = "DRF011"
CANNOT_LOOK = "DRF014"  # DRF012 and DRF013 are the project room's
UNNAMED_PERSON = "DRF015"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=ALARM,
                title="the data has left its natural range",
                why="Window after window a share lies where quiet windows never put it; the evidence has used up the "
                "alarm budget, which chance does about once in so many windows.",
                wrong="(`amount` above 180 in 9.1 % of rows, and 4.5 % to 5.5 % would be natural)",
                right="Find what changed upstream; if this is the new normal: "
                'loadline drift accept orders --because "prices went up"',
            ),
            Code(
                code=NO_SUCH_COLUMN,
                title="a column to watch is not in the data",
                why="What is watched, cut by or told apart by is a column of the relation, written as it is there.",
                wrong="loadline drift stream sales.csv --time orderd_at --window day",
                right="loadline drift stream sales.csv --time ordered_at --window day",
            ),
            Code(
                code=TOO_FEW_WINDOWS,
                title="there are too few windows to learn from",
                why="What is natural is learned from at least 8 quiet windows, and at least one more is judged.",
                wrong="loadline drift stream year.csv --time day --window quarter",
                right="loadline drift stream year.csv --time day --window week",
            ),
            Code(
                code=TOO_MANY_WINDOWS,
                title="the data makes more windows than can be judged",
                why="A profile of each window of each column comes back from the warehouse; several million are a sign "
                "that the windows are too short.",
                wrong="loadline drift stream clicks.csv --rows 1",
                right="loadline drift stream clicks.csv --rows 5000",
            ),
            Code(
                code=HOW_TO_CUT,
                title="it is not said how the rows are cut into windows",
                why="Windows are of one unit of a time column, or of so many rows in the order they come; not both.",
                wrong="loadline drift stream sales.csv",
                right="loadline drift stream sales.csv --time ordered_at --window day   # or: --rows 1000",
            ),
            Code(
                code=NOTHING_WATCHED,
                title="the project watches nothing",
                why="What is watched for drift is declared under `watch:` in loadline.yaml, or in a contract.",
                wrong="loadline drift check   # in a project without `watch:`",
                right="watch: {orders: {dataset: orders, every: day}}",
            ),
            Code(
                code=NO_SUCH_WATCH,
                title="nothing of this name is watched",
                why="A watch is named by its key under `watch:` in loadline.yaml.",
                wrong="loadline drift accept order",
                right="loadline drift accept orders",
            ),
            Code(
                code=NOTHING_TO_ACCEPT,
                title="there is nothing to accept",
                why="A new baseline is accepted by a named person after windows have been looked at.",
                wrong="loadline drift accept orders   # before the first `loadline watch --once`",
                right="loadline watch --once",
            ),
            Code(
                code=WATCHED_ELSEWHERE,
                title="another process is watching this project",
                why="A window is run once. Whoever watches holds a lock on the project's folder, which the system lets "
                "go of when the process ends, however it ends.",
                wrong="loadline watch & loadline watch",
                right="loadline drift status   # reads the ledger; needs no lock",
            ),
            Code(
                code=CANNOT_SEND,
                title="an alarm could not be sent",
                why="The alarm is in the ledger. It is sent again, under the same id, by the next run that watches.",
                wrong="alarms: {webhook: https://hooks.example/drift}   # and nobody answers there",
                right="Mend the receiver; nothing is lost meanwhile.",
            ),
            Code(
                code=CANNOT_LOOK,
                title="a watch could not look at its data",
                why="The warehouse did not answer. A watch that could not look says so, and tries again later: after a "
                "minute, then after twice as long each time, up to an hour.",
                wrong="(the files of a dataset are being replaced)",
                right="loadline drift check   # tries at once",
            ),
            Code(
                code=UNNAMED_PERSON,
                title="a new baseline needs the name of a person",
                why="Accepting that the data has changed for good is a decision, and the ledger holds whose it was; "
                "`local` is whoever happens to sit at the terminal.",
                wrong='loadline drift accept orders --because "prices went up"',
                right='loadline drift accept orders --as ana --because "prices went up"',
            ),
            Code(
                code=NOTHING_TO_DRAW,
                title="there is nothing to draw",
                why="A picture shows one bin of a watched column over the windows that were looked at.",
                wrong="loadline drift show orders.amuont",
                right="loadline drift show orders.amount",
            ),
        )
    }
)
