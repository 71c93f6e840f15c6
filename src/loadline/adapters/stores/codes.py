"""Every code a store or a key file can carry, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_LEDGER = "STO001"
LEDGER_EXISTS = "STO002"
NOT_A_LEDGER = "STO003"
NEWER_FORMAT = "STO004"
LOCKED = "STO005"
DISK_FULL = "STO006"
NOT_WRITABLE = "STO007"
DAMAGED = "STO008"
DISK_FAILED = "STO009"
CLOSED = "STO010"
NO_KEY = "STO011"
KEY_EXPOSED = "STO012"
KEY_MALFORMED = "STO013"
KEY_EXISTS = "STO014"
WRONG_KEY = "STO015"
EXPORT_FAILED = "STO016"
FORKED = "STO017"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NO_LEDGER,
                title="there is no ledger",
                why="A ledger is made once, by `loadline init`: a lost one must not be replaced unseen.",
                wrong="store: {path: .loadline/legder.db}",
                right="store: {path: .loadline/ledger.db}",
            ),
            Code(
                code=LEDGER_EXISTS,
                title="there is a ledger already",
                why="A ledger is never overwritten: what it proves would be gone.",
                wrong="loadline init, in a folder that has a ledger",
                right="use the ledger that is there, or name another path under `store:`",
            ),
            Code(
                code=NOT_A_LEDGER,
                title="this file is not a ledger",
                why="`store.path` must name a file that `loadline init` made.",
                wrong="store: {path: data/shop.duckdb}",
                right="store: {path: .loadline/ledger.db}",
            ),
            Code(
                code=NEWER_FORMAT,
                title="the ledger was written by a newer loadline",
                why="An older version could not keep the promises of a newer format.",
                wrong="a ledger of format 2 opened by a version that knows format 1",
                right="pip install --upgrade loadline-ai",
            ),
            Code(
                code=LOCKED,
                title="another writer holds the ledger",
                why="One transaction writes at a time; this one waited its turn in vain. Trying again is safe.",
                wrong="a program that keeps a transaction open on the ledger's file",
                right="end that program, then try again",
            ),
            Code(
                code=DISK_FULL,
                title="the disk is full",
                why="Nothing is done before its intent is on disk, so a full disk stops everything.",
                wrong="no space left beside the ledger",
                right="free some space, then ask again; nothing was half-written",
            ),
            Code(
                code=NOT_WRITABLE,
                title="the ledger cannot be written here",
                why="Every question is recorded, so asking needs a ledger that can be written.",
                wrong="a ledger owned by somebody else, or on a read-only disk",
                right="chmod u+w .loadline .loadline/ledger.db",
            ),
            Code(
                code=DAMAGED,
                title="the ledger's file is damaged",
                why="The database in the file contradicts itself: the disk failed, or something else wrote into it.",
                wrong="a ledger copied while it was written to, or edited by hand",
                right="restore the ledger from a copy, then run `loadline ledger prove`",
            ),
            Code(
                code=DISK_FAILED,
                title="the disk did not do its part",
                why="An entry counts only once the operating system has said that it is on disk.",
                wrong="a disk that reports an error, or a folder that has vanished",
                right="check the disk and that the folder exists",
            ),
            Code(
                code=CLOSED,
                title="the ledger was closed",
                why="After `close()` nothing more is recorded.",
                wrong="store.close(); store.append(drafts)",
                right="open it again",
            ),
            Code(
                code=NO_KEY,
                title="the ledger's key is missing",
                why="Every checkpoint is signed with the key made by `loadline init`.",
                wrong=".loadline/ledger.key was deleted",
                right="restore `.loadline/ledger.key` from a copy; without it the ledger can be proved, not continued",
            ),
            Code(
                code=KEY_EXPOSED,
                title="others can read the ledger's key",
                why="Whoever reads the private key can sign another history.",
                wrong="-rw-r--r-- .loadline/ledger.key",
                right="chmod 600 .loadline/ledger.key",
            ),
            Code(
                code=KEY_MALFORMED,
                title="a key file does not hold a key",
                why="A key file is one line: `PRIVATE+KEY+name+hash+key`, or `name+hash+key` for the public half.",
                wrong="an empty .loadline/ledger.key",
                right="restore the file from a copy",
            ),
            Code(
                code=KEY_EXISTS,
                title="there is a key already",
                why="A key is never overwritten: the ledger it signed could not be continued.",
                wrong="loadline init, in a folder that has a key",
                right="use the key that is there, or name another path",
            ),
            Code(
                code=WRONG_KEY,
                title="the key is not this ledger's",
                why="A ledger is signed by one key from its first entry to its last.",
                wrong="a key file copied from another project",
                right="restore the key that was made together with the ledger",
            ),
            Code(
                code=EXPORT_FAILED,
                title="the export cannot be written there",
                why="An export is written beside its destination first and never over something that exists.",
                wrong="loadline ledger export ledger.jsonl, twice",
                right="loadline ledger export ledger-2.jsonl",
            ),
            Code(
                code=FORKED,
                title="a ledger was carried into a forked process",
                why="A database connection must not cross a fork: two processes would write with one hand.",
                wrong="open the ledger, then fork workers",
                right="open the ledger in each worker",
            ),
        )
    }
)
