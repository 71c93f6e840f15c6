"""The SQL guard: a text and a dialect in, what it may at most do out (`read`, `write`, `ddl`) or why it is denied."""

from loadline.semantics.guard.judge import DIALECTS, judge_sql

__all__ = ["DIALECTS", "judge_sql"]
