"""Contracts' tables in; step by step what must be fetched, and what came of every promise, out."""

from loadline.checks.data.causes import may_be_shown
from loadline.checks.data.known import Earlier, Setting, Steps
from loadline.checks.data.looking import Looked, concerns, look, rules_digest, state_of
from loadline.checks.data.promises import schedules_of
from loadline.checks.data.relied import relied_on
from loadline.checks.data.schedule import last_run, next_run
from loadline.checks.data.subjects import Subject, subjects_of
from loadline.checks.data.telling import told, verdict_of

__all__ = [
    "Earlier",
    "Looked",
    "Setting",
    "Steps",
    "Subject",
    "concerns",
    "last_run",
    "look",
    "may_be_shown",
    "next_run",
    "relied_on",
    "rules_digest",
    "schedules_of",
    "state_of",
    "subjects_of",
    "told",
    "verdict_of",
]
