"""The corpus: every statement gets the verdict that is written beside it, and by the rule that is named."""

from __future__ import annotations

import pytest

from loadline.values.guarded import GuardVerdict
from semantics.guard.cases import DIALECTS, Case, cases, fresh, judged


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_of_the_corpus_gets_its_verdict(dialect: str) -> None:
    wrong = [
        f"{case}: {case.verdict}{f':{case.code}' if case.code else ''} but {said.verdict}:{said.code} "
        f"({said.why}): {case.sql}"
        for case in (*cases(dialect), *fresh(dialect))
        for said in [judged(case.sql, dialect)]
        if said.verdict is not case.verdict or (case.code is not None and said.code != case.code)
    ]
    assert wrong == []


def test_the_corpus_is_large_and_knows_every_verdict_in_every_dialect() -> None:
    assert sum(len(cases(dialect)) for dialect in DIALECTS) >= 300
    assert {"postgres", "duckdb", "sqlite"} <= set(DIALECTS)
    for dialect in DIALECTS:
        assert {case.verdict for case in cases(dialect)} == set(GuardVerdict)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_denial_says_which_rule_and_what_to_do_and_nothing_else_does(dialect: str) -> None:
    for case in cases(dialect):
        said = judged(case.sql, dialect)
        assert said.why == said.why.strip() != ""
        assert (said.code is not None) == (said.mend is not None) == (said.verdict is GuardVerdict.DENY)


def same(case: Case) -> tuple[object, ...]:
    said = judged(case.sql, case.dialect)
    return said.verdict, said.reads, said.writes, said.functions


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_comment_a_line_break_or_a_semicolon_at_the_end_changes_nothing(dialect: str) -> None:
    for case in cases(dialect):
        if case.verdict is GuardVerdict.DENY or "--" in case.sql or "#" in case.sql or "//" in case.sql:
            continue
        for spelled in (f" \n\t{case.sql}\n;\n", f"/* ; DROP TABLE t */ {case.sql} -- ;", f"{case.sql};;"):
            changed = Case(dialect=dialect, line=case.line, verdict=case.verdict, code=None, sql=spelled)
            assert same(changed) == same(case), spelled
