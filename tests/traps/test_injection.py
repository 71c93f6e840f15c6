"""Injection: a value is a value, whatever it spells; a name that is not known is no name."""

from decimal import Decimal

import pytest

from loadline.errors import RequestError
from semantics.oracle_world import Table, World, ask, only_rows
from traps.trap import answers

NASTY = (
    "o'brien",
    "'; DROP TABLE notes; --",
    "x' OR '1'='1",
    "\\",
    "\\'; SELECT 1; --",
    'say "hello"',
    "a;b",
    "-- not a comment",
    "/* nor this */",
    "100%",
    "under_score",
    "{{ template }} ${x} $1 ? :name",
    "line\nbreak\ttab\r",
    "naïve Ünï 東京 🚢",
    "\u2019 \u02bc \uff07",  # quotes that are none
    "e\u0301",  # not the same text as é
    "\u202eabc",  # written right to left
    "E'\\x41'",
    "U&'\\0041'",
    "$$dollar$$",
    "",
    " ",
    "NULL",
    "null",
)

WORLD = World(
    Table("notes", {"text": "string", "bit": "integer"}, rows=[(note, place) for place, note in enumerate(NASTY)]),
    metrics={"bits": "sum(notes.bit)", "notes_counted": "count(notes)"},
)


def test_the_naive_pasting_of_a_value_answers_another_question() -> None:
    value = "x' OR '1'='1"
    naive = WORLD.plain_sql(f"SELECT count(*) FROM notes WHERE text = '{value}'")
    assert naive == [(len(NASTY),)]


@pytest.mark.parametrize("place", range(len(NASTY)), ids=[repr(note) for note in NASTY])
def test_a_value_finds_exactly_itself(place: int) -> None:
    note = NASTY[place]
    answers(WORLD, ask("bits", "notes_counted", where=[("notes.text", "=", note)]), [(place, 1)])
    answers(WORLD, ask("notes_counted", where=[("notes.text", "!=", note)]), [(len(NASTY) - 1,)])
    answers(WORLD, ask("notes_counted", where=[("notes.text", "in", note, "no such note")]), [(1,)])
    holding = [other for other in NASTY if note in other]
    answers(WORLD, ask("notes_counted", where=[("notes.text", "contains", note)]), [(len(holding),)])
    beginning = [other for other in NASTY if other.startswith(note)]
    answers(WORLD, ask("notes_counted", where=[("notes.text", "starts-with", note)]), [(len(beginning),)])


@pytest.mark.parametrize("note", [note for note in NASTY if "\n" not in note], ids=repr)
def test_a_row_filter_compares_with_exactly_its_literal(note: str) -> None:
    literal = note.replace("'", "''")
    answers(WORLD, ask("notes_counted"), [(1,)], only_rows([f"notes.text = '{literal}'"]))


def test_all_of_them_come_back_as_they_went_in() -> None:
    answers(WORLD, ask("bits", by=["notes.text"]), sorted((note, place) for place, note in enumerate(NASTY)))


@pytest.mark.parametrize(
    "name",
    [
        "notes.text; DROP TABLE notes",
        "notes.text' OR '1'='1",
        'notes."text"',
        "notes.text--",
        "notes.text/**/",
        "(SELECT 1)",
        "notes.*",
        "notes.",
        ".text",
        "",
        "notes.text notes.bit",
        "count(*)",
        "notes.text:month",
        "main.notes.text",
        "information_schema.tables",
        "notes\x00.text",
    ],
)
def test_a_name_that_is_not_known_is_refused_wherever_it_stands(name: str) -> None:
    for query in (
        ask("bits", by=["notes.text"], order=[name]),
        ask("bits", where=[(name, "=", "x")]),
        ask(name),
    ):
        with pytest.raises(RequestError):
            WORLD.answer(query)
    if ":" not in name:
        with pytest.raises(RequestError):
            WORLD.answer(ask("bits", by=[name]))


def test_a_number_is_no_place_for_text() -> None:
    for value in ("1; DROP TABLE notes", "1 OR 1=1", "0x10", "1e999999999", "NaN", "Infinity"):
        with pytest.raises(RequestError):
            WORLD.answer(ask("bits", where=[("notes.bit", "=", value)]))
    for number in (Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")):
        with pytest.raises(RequestError):
            WORLD.answer(ask("bits", where=[("notes.bit", ">", number)]))
        with pytest.raises(RequestError):
            WORLD.answer(ask("bits", where=[("bits", ">", number)]))


def test_a_limit_below_zero_is_refused() -> None:
    with pytest.raises(RequestError):
        WORLD.answer(ask("bits", by=["notes.text"], limit=-1))
