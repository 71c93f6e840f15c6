"""A question in words in; the finite query it stands for, the governed readings it may have, or what of it was not
understood out. No model is asked and nothing is guessed: every word is accounted for."""

from loadline.semantics.wording.lexicon import Lexicon, build_lexicon
from loadline.semantics.wording.profile import FieldValues, Profile, profile_fields
from loadline.semantics.wording.reading import Clarify, NotRead, Option, Read, read_question

__all__ = [
    "Clarify",
    "FieldValues",
    "Lexicon",
    "NotRead",
    "Option",
    "Profile",
    "Read",
    "build_lexicon",
    "profile_fields",
    "read_question",
]
