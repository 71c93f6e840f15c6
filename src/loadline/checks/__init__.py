"""What is true: a subject and the evidence in, findings out."""

from loadline.checks.answers import looks, needs, not_run
from loadline.checks.codes import CODES

__all__ = ["CODES", "looks", "needs", "not_run"]
