"""Every code the ledger can carry, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

PAYLOAD_CHANGED = "LED001"
LEAF_MALFORMED = "LED002"
ENTRY_CHANGED = "LED003"
ROOT_DIFFERS = "LED004"
NOT_SIGNED = "LED005"
NOTE_MALFORMED = "LED006"
CUT_OFF = "LED007"
ENTRY_MISSING = "LED008"
HISTORY_REWRITTEN = "LED009"
NOT_COVERED = "LED010"
PROOF_FAILS = "LED011"
NO_SUCH_ENTRY = "LED012"
NOT_RECORDABLE = "LED013"
KEY_MALFORMED = "LED014"
CONTENT_MISSING = "LED015"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=PAYLOAD_CHANGED,
                title="what an entry says was changed",
                why="Each leaf of the tree commits to its entry's payload by `sha256(salt || payload)`.",
                wrong="the stored payload hashes to something else than its leaf says",
                right="restore the ledger from a copy made before the change, and ask who could write the file",
            ),
            Code(
                code=LEAF_MALFORMED,
                title="an entry's leaf cannot be read, or belongs somewhere else",
                why="A leaf is canonical JSON and names its own index, so it can be neither edited nor moved.",
                wrong="the leaf at 7 says it is entry 6",
                right="restore the ledger from a copy",
            ),
            Code(
                code=ENTRY_CHANGED,
                title="an entry is not the one that was recorded",
                why="The hash of every leaf was stored when it was recorded; leaf and hash must agree for ever.",
                wrong="the leaf at 7 hashes to something else than the tree holds",
                right="restore the ledger from a copy",
            ),
            Code(
                code=ROOT_DIFFERS,
                title="the entries do not add up to a signed checkpoint",
                why="A checkpoint signs the root over every entry before it; other entries have another root.",
                wrong="entries 0 to 29 add up to another root than the checkpoint of size 30 signs",
                right="restore the ledger from a copy that proves",
            ),
            Code(
                code=NOT_SIGNED,
                title="a checkpoint is not signed by this ledger's key",
                why="A checkpoint counts only when the key you know signed exactly its text.",
                wrong="the signature does not verify, or another key made it",
                right="loadline ledger prove, with the verification key (`.vkey`) written when the ledger was created",
            ),
            Code(
                code=NOTE_MALFORMED,
                title="a checkpoint is not a signed note",
                why="A checkpoint is a C2SP signed note: origin, size, root, a blank line, signatures.",
                wrong="example.com/ledger 12 (all on one line)",
                right="pass the file exactly as it was handed over",
            ),
            Code(
                code=CUT_OFF,
                title="the ledger is shorter than a checkpoint says",
                why="A ledger only grows: whoever holds a checkpoint of size n can demand n entries.",
                wrong="a checkpoint of size 30 over a ledger of 28 entries",
                right="restore the missing entries from a copy",
            ),
            Code(
                code=ENTRY_MISSING,
                title="an entry is missing",
                why="Entries are numbered from 0 without a gap.",
                wrong="entry 8 follows entry 6",
                right="restore the ledger from a copy",
            ),
            Code(
                code=HISTORY_REWRITTEN,
                title="a checkpoint held elsewhere contradicts the ledger",
                why="A ledger contains every state it ever signed; two roots for one size mean it was rewritten.",
                wrong="the checkpoint you hold and the ledger disagree about the first 12 entries",
                right="keep the checkpoint: it is the evidence",
            ),
            Code(
                code=NOT_COVERED,
                title="entries stand after the last signed checkpoint",
                why="Entries and the checkpoint that covers them are written in one transaction.",
                wrong="31 entries under a checkpoint of size 30",
                right="treat the entries after the checkpoint as unproven: something else than loadline wrote them",
            ),
            Code(
                code=PROOF_FAILS,
                title="a proof does not lead to the signed root",
                why="An inclusion or consistency proof must recompute the root of the checkpoint it is given with.",
                wrong="a proof for entry 4 attached to entry 5",
                right="loadline ledger prove, which names what was changed",
            ),
            Code(
                code=NO_SUCH_ENTRY,
                title="no such entry",
                why="Entries are numbered from 0 up to the size of the ledger, which is not included.",
                wrong="entry 12 of a ledger with 12 entries",
                right="entry 11",
            ),
            Code(
                code=NOT_RECORDABLE,
                title="something cannot be recorded",
                why="An entry must have one exact form as UTF-8 JSON, and its run and keys must fit in 64 KiB.",
                wrong="a question containing bytes that are not UTF-8",
                right="ask again in plain text",
            ),
            Code(
                code=KEY_MALFORMED,
                title="a key is not written as keys are",
                why="A verification key is `name+hash+key` (C2SP signed note); the hash guards against slips.",
                wrong="shop.example/ledger",
                right="the whole line of the `.vkey` file beside the ledger",
            ),
            Code(
                code=CONTENT_MISSING,
                title="an entry's content is gone, and nobody says they took it out",
                why="`ledger erase` and `ledger retain` record which entries they took the content of.",
                wrong="UPDATE entry SET salt = x'', payload = x'' WHERE idx = 7",
                right="restore the ledger from a copy",
            ),
        )
    }
)
