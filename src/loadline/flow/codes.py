"""The codes of what can go wrong between a request and its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.flow.codes_forgetting import CODES as FORGETTING
from loadline.flow.codes_replay import REPLAY
from loadline.flow.codes_rights import RIGHTS
from loadline.flow.codes_words import WORDS
from loadline.values.diagnostic import Code

WHOSE_WORDS = "RUN002"
UNREAD_TIME = "RUN003"
NO_SUCH_RECEIPT = "RUN004"
SEVERAL_RECEIPTS = "RUN005"
UNKNOWN_PERSON = "RUN006"
UNKNOWN_AUDIENCE = "RUN007"
UNKNOWN_CODE = "RUN008"
UNKNOWN_KIND = "RUN009"
CANNOT_WRITE = "RUN010"
NOT_EMPTY = "RUN011"
NO_ROOM = "RUN012"
NO_SUCH_METRIC = "RUN013"
NO_SUCH_TABLE = "DAT006"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=WHOSE_WORDS,
                title="the question means different things to different audiences",
                why="The same wording is verified for several audiences, and nobody said which one asks.",
                wrong='loadline ask "What was our revenue last quarter?"',
                right='loadline ask "What was our revenue last quarter?" --audience finance',
            ),
            Code(
                code=UNREAD_TIME,
                title="a time expression was not understood",
                why="Every word of a time expression must be accounted for; one that is partly understood is refused.",
                wrong="loadline ask --metric orders --during '2025-Q5'",
                right="loadline ask --metric orders --during '2025-Q4'",
            ),
            Code(
                code=NO_SUCH_METRIC,
                title="no metric of this name may be asked for",
                why="A metric is known by its name, its synonyms and terms; those that the rules of policies/ "
                "keep from the asker are not named to them.",
                wrong='describe_metric {"name": "revenu"}',
                right='describe_metric {"name": "booked_revenue"}   # as search_metrics lists them',
            ),
            Code(
                code=NO_SUCH_RECEIPT,
                title="no receipt has this id",
                why="The ledger of this project holds no entry under the id (or its beginning).",
                wrong="loadline receipt rcpt-0000000000",
                right="loadline receipt ID   # as printed under an answer; its first 6 characters suffice",
            ),
            Code(
                code=SEVERAL_RECEIPTS,
                title="several receipts begin like this",
                why="A beginning stands for a receipt only while one receipt begins with it.",
                wrong="loadline receipt rcpt-1",
                right="loadline receipt rcpt-1f3c9a",
            ),
            Code(
                code=UNKNOWN_PERSON,
                title="nobody by this name is in the project",
                why="Who asks decides what may be seen, so a name must be one of `people` in loadline.yaml.",
                wrong="loadline ask --as anna ...",
                right="loadline ask --as ana ...",
            ),
            Code(
                code=UNKNOWN_AUDIENCE,
                title="there is no such audience",
                why="An audience decides what words mean, so it must be one of `audiences` in loadline.yaml.",
                wrong="loadline ask --audience finances ...",
                right="loadline ask --audience finance ...",
            ),
            Code(
                code=UNKNOWN_CODE,
                title="there is no such code",
                why="Codes are three letters and three digits, as printed in an error.",
                wrong="loadline explain SEM14",
                right="loadline explain SEM014",
            ),
            Code(
                code=UNKNOWN_KIND,
                title="there is no such file kind",
                why="Every file of a project is of one of a few kinds, and each has its JSON Schema.",
                wrong="loadline schema metrics",
                right="loadline schema context",
            ),
            Code(
                code=CANNOT_WRITE,
                title="a file could not be written",
                why="A project is a folder of files; the disk, or the rights on it, did not allow one.",
                wrong="loadline init /usr/shop",
                right="loadline init ~/shop",
            ),
            Code(
                code=NOT_EMPTY,
                title="the folder holds something else",
                why="A new project is written into an empty folder, so that nothing of yours is overwritten.",
                wrong="loadline init .   # in a folder full of other things",
                right="loadline init shop",
            ),
            Code(
                code=NO_ROOM,
                title="there is no room to hold the rows of an answer",
                why="Rows are counted and digested before any is handed out; many are held in a temporary file.",
                wrong="loadline ask --by orders.order_id   # a million rows, and a full temporary folder",
                right="TMPDIR=/somewhere/larger loadline ask --by orders.order_id",
            ),
            Code(
                code=NO_SUCH_TABLE,
                title="no contract speaks of this dataset",
                why="Only what a contract promises can be looked at: a dataset with a `contract`, or a table of one.",
                wrong="loadline data check order",
                right="loadline data check orders",
            ),
        )
    }
    | REPLAY
    | WORDS
    | FORGETTING
    | RIGHTS
)
