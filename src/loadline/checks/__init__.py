"""What is true: a subject and the evidence in, findings out."""

from loadline.checks.answers import NOT_RUN, looks, needs
from loadline.checks.codes import CODES

__all__ = ["CODES", "NOT_RUN", "looks", "needs"]
