from __future__ import annotations

import pytest

from loadline.demo.story import STORY, Forge, Run, broken_promises, caught, filled
from loadline.surfaces.cli.story import picked

RUNS = [step.does for step in STORY if isinstance(step.does, Run)]


def test_a_step_says_its_piece_in_two_lines() -> None:
    for step in STORY:
        lines = step.say.splitlines()
        assert 1 <= len(lines) <= 2, step.title
        assert max(map(len, lines)) <= 110, step.title


def test_what_a_step_uses_was_kept_before() -> None:
    kept: set[str] = set()
    for run in RUNS:
        for text in (*run.argv, *run.expect, *run.never):
            assert "{" not in filled(text, dict.fromkeys(kept, "")), text
        kept |= set(run.keep)


def test_every_run_promises_something() -> None:
    assert all(run.expect for run in RUNS)


def test_the_story_forges_a_copy_finds_it_out_and_then_proves_the_real_ledger() -> None:
    at = next(i for i, step in enumerate(STORY) if isinstance(step.does, Forge))
    forge, found, proven = (step.does for step in STORY[at : at + 3])
    assert isinstance(forge, Forge)
    assert isinstance(found, Run)
    assert isinstance(proven, Run)
    assert len(forge.old) == len(forge.new)
    assert (found.folder, found.exit, proven.folder, proven.exit) == (forge.copy, 4, forge.folder, 0)
    assert found.argv == proven.argv


@pytest.mark.parametrize(
    ("exit_code", "output", "broken"),
    [
        (0, "verified 1,234.50 EUR", 0),
        (1, "verified 1,234.50 EUR", 1),
        (0, "refused", 2),
        (0, "verified 1,234.50 EUR, not 7 (sales)", 1),
    ],
)
def test_a_broken_promise_is_said(exit_code: int, output: str, broken: int) -> None:
    run = Run(argv=("ask",), expect=("verified",), never=("{earlier}",), keep={"money": r"([\d,]+\.\d\d EUR)"})
    said = broken_promises(run, exit_code=exit_code, output=output, kept={"earlier": "7 (sales)"})
    assert len(said) == broken, said


def test_what_is_caught_fills_later_commands() -> None:
    run = Run(argv=("ask",), keep={"receipt": r"(rcpt-[0-9a-f]+)"})
    kept = caught(run, "receipt  rcpt-0af3 · ledger entry 2")
    assert kept == {"receipt": "rcpt-0af3"}
    assert filled("receipt {receipt} {else}", kept) == "receipt rcpt-0af3 {else}"


def test_of_a_long_output_the_lines_named_are_shown_with_what_they_go_on_in() -> None:
    means = "  means       what customers\n              have ordered\n"
    text = f"verified\n\n{means}  dates       2026\n  receipt     rcpt-1\n"
    assert picked(text, ("means", "receipt")) == (f"{means}  receipt     rcpt-1", 2)
    assert picked("a\n\nb\n", ()) == ("a\nb", 0)
