"""The compiler against the oracle once more, its SQL run on PostgreSQL: the same worlds, questions and judgement."""

from __future__ import annotations

from hypothesis import given, note, settings
from hypothesis import strategies as st

from semantics.oracle_models import worlds
from semantics.oracle_postgres import opened
from semantics.oracle_questions import questions
from semantics.test_oracle import described, thorough, verdict

QUESTIONS_PER_WORLD = 8


@settings(thorough, max_examples=30)
@given(data=st.data())
def test_postgresql_answers_as_the_oracle_does_or_both_refuse(data: st.DataObject) -> None:
    world = data.draw(worlds())
    with opened(world, is_noted=True) as run:
        for _ in range(QUESTIONS_PER_WORLD):
            asked = data.draw(questions(world))
            note(described(world, asked))
            verdict(world, run, asked)
