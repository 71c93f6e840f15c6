"""A question in words in; the finite query it stands for, the governed readings it may have, or what of it was not
understood out. No model is asked and nothing is guessed: every word is accounted for."""

from loadline.semantics.wording.accounting import Account, account
from loadline.semantics.wording.countries import COUNTRIES
from loadline.semantics.wording.lexicon import Lexicon, build_lexicon, names_of
from loadline.semantics.wording.profile import MOST_VALUES, FieldValues, Profile, profile_fields
from loadline.semantics.wording.reading import CERTAIN, Clarify, NotRead, Option, Read, Reading, read_question

__all__ = [
    "CERTAIN",
    "COUNTRIES",
    "MOST_VALUES",
    "Account",
    "Clarify",
    "FieldValues",
    "Lexicon",
    "NotRead",
    "Option",
    "Profile",
    "Read",
    "Reading",
    "account",
    "build_lexicon",
    "names_of",
    "profile_fields",
    "read_question",
]
