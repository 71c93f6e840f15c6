"""Whether the data still looks as it did: profiles of windows in, judgements with blame out."""

from loadline.checks.drift import codes
from loadline.checks.drift.actions import Action, action_for, is_worse, moved_inputs
from loadline.checks.drift.codes import CODES
from loadline.checks.drift.detector import look, natural_share, past_of
from loadline.checks.drift.estimates import calibrate, estimate
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
from loadline.checks.drift.payloads import (
    bins_as_json,
    profile_as_json,
    read_bins,
    read_profile,
    read_state,
    state_as_json,
)
from loadline.checks.drift.seasons import UNITS, add, floor, phases_of
from loadline.checks.drift.statements import (
    NUMBERS_AS_TEXT,
    Cut,
    profile_need,
    read_profiles,
    read_reference,
    reference_needs,
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
    "Action",
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
    "action_for",
    "add",
    "bins_as_json",
    "blame_in_words",
    "calibrate",
    "codes",
    "estimate",
    "floor",
    "follow",
    "is_worse",
    "judgement_in_words",
    "look",
    "moved_inputs",
    "natural_share",
    "onset",
    "past_of",
    "phases_of",
    "profile_as_json",
    "profile_need",
    "read_bins",
    "read_profile",
    "read_profiles",
    "read_reference",
    "read_state",
    "reference_needs",
    "state_as_json",
    "texts_of_numbers",
    "windows_need",
]
