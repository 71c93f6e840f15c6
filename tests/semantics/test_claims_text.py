"""Sentences and tables of a text, each where it stands."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.semantics.claims_text import Sentence, TextTable, blocks_of


def sentences(text: str) -> list[str]:
    return [block.text for block in blocks_of(text) if isinstance(block, Sentence)]


def tables(text: str) -> list[TextTable]:
    return [block for block in blocks_of(text) if isinstance(block, TextTable)]


def test_a_dot_in_a_number_or_an_abbreviation_ends_no_sentence() -> None:
    assert sentences("Revenue was 3.5m, approx. 5% up vs. Aug. 2025. It fell.") == [
        "Revenue was 3.5m, approx. 5% up vs. Aug. 2025.",
        "It fell.",
    ]


def test_markup_is_blanked_and_places_stay() -> None:
    text = "# Q3\n\nIt was **EUR 3.5m** in [Q3](http://x.example/1).\n\n- **North:** 4\n"
    for block in blocks_of(text):
        assert isinstance(block, Sentence)
        for word in block.text.split():
            at = block.start + block.text.index(word)
            assert text[at : at + len(word)] == word
    assert [block.is_heading for block in blocks_of(text) if isinstance(block, Sentence)] == [True, False, False]


def test_code_is_no_prose() -> None:
    assert sentences("Before.\n\n```\nlimit = 5\n```\n\nAfter.") == ["Before.", "After."]


def test_tables_are_found_in_markdown_csv_and_json() -> None:
    for text in (
        "| a | b |\n|---|--:|\n| x | 1 |\n",
        "a,b\nx,1\n",
        "a;b\nx;1\n",
        '[{"a": "x", "b": 1}]',
        '{"rows": [{"a": "x", "b": 1}]}',
    ):
        (table,) = tables(text)
        assert [cell.text for cell in table.header] == ["a", "b"]
        (row,) = table.rows
        assert [cell.text for cell in row] == ["x", "1"]
        assert [text[cell.start : cell.start + len(cell.text)] for cell in row] == ["x", "1"]


def test_a_quoted_field_of_csv_is_found_where_it_stands() -> None:
    text = 'a,b\nx,"3,149"\n'
    (table,) = tables(text)
    cell = table.rows[0][1]
    assert cell.text == text[cell.start : cell.start + 5] == "3,149"


def test_prose_in_json_is_prose() -> None:
    text = '{"summary": "Orders were 5. Fine.", "n": null}'
    assert sentences(text) == ["Orders were 5.", "Fine."]


@settings(max_examples=80)
@given(st.text(alphabet='ab1.,;|#*-\n`"{[:] \t', max_size=80))
def test_any_text_is_read_and_every_sentence_stands_where_it_says(text: str) -> None:
    for block in blocks_of(text):
        if isinstance(block, Sentence):
            assert 0 <= block.start <= len(text)
            assert len(block.text) <= len(text) - block.start
