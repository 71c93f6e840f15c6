"""Whether the data still looks as it did: profiles of windows in, judgements with blame out."""

from loadline.checks.drift import codes
from loadline.checks.drift.codes import CODES
from loadline.checks.drift.detector import look, past_of
from loadline.checks.drift.nouns import (
    ALL_ROWS,
    BinKind,
    Bins,
    Blame,
    Distances,
    Judgement,
    Profile,
    Profiled,
    Rule,
    State,
)
from loadline.checks.drift.seasons import UNITS, phases_of
from loadline.checks.drift.statements import (
    NUMBERS_AS_TEXT,
    Cut,
    profile_need,
    read_profiles,
    read_reference,
    reference_need,
    texts_of_numbers,
    windows_need,
)
from loadline.checks.drift.streams import LEARNED, AfterAlarm, follow, onset
from loadline.checks.drift.words import blame_in_words, judgement_in_words

__all__ = [
    "ALL_ROWS",
    "CODES",
    "LEARNED",
    "NUMBERS_AS_TEXT",
    "UNITS",
    "AfterAlarm",
    "BinKind",
    "Bins",
    "Blame",
    "Cut",
    "Distances",
    "Judgement",
    "Profile",
    "Profiled",
    "Rule",
    "State",
    "blame_in_words",
    "codes",
    "follow",
    "judgement_in_words",
    "look",
    "onset",
    "past_of",
    "phases_of",
    "profile_need",
    "read_profiles",
    "read_reference",
    "reference_need",
    "texts_of_numbers",
    "windows_need",
]
