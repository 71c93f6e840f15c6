"""What is true: a subject and the evidence in, findings out."""

from loadline.checks.answers import columns_gone, looks, needs, not_run, schema_needs
from loadline.checks.codes import CODES

__all__ = ["CODES", "columns_gone", "looks", "needs", "not_run", "schema_needs"]
