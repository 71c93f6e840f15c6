"""A text against a table: lookups, counts, sums, means, superlatives, comparisons, pairs; and what is left alone."""

from __future__ import annotations

import pytest

from flow.table_scores import read_statements, score_tables
from loadline.flow.verify_table import verify_table
from loadline.semantics.tables import read_grid
from loadline.surfaces.render.claims import verdict_word

TABLE = """rank,player,country,team,year,points,games
1,Ana Silva,Portugal,Benfica,2019,120,30
2,John Smith,England,Arsenal,2020,98,28
3,Maria Lopez,Spain,Sevilla,2019,98,30
4,Eva Braun,Germany,Bayern,2021,75,25
5,Joao Costa,Portugal,Porto,2020,60,30
"""


def said(text: str, table: str = TABLE) -> list[str]:
    grid = read_grid(table)
    assert grid is not None
    return [verdict_word(one) for one in verify_table(text, grid).judged]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Ana Silva scored 120 points.", "supported"),
        ("john smith scored 99 points.", "contradicted"),
        ("The player from Spain scored 98 points.", "supported"),
        ("Ana Silva has more points than Eva Braun.", "supported"),
        ("Eva Braun has more points than John Smith.", "contradicted"),
        ("Ana Silva has the most points.", "supported"),
        ("Joao Costa has the fewest points.", "supported"),
        ("Eva Braun has the fewest points.", "contradicted"),
        ("2 players are from Portugal.", "supported"),
        ("Three players are from Portugal.", "contradicted"),
        ("There are 3 players with more than 90 points.", "supported"),
        ("There were 4 players with more than 90 points.", "contradicted"),
        ("The average points is 90.2.", "supported"),
        ("The total points is 451.", "supported"),
        ("The highest points is 120.", "supported"),
        ("The lowest points was 75.", "contradicted"),
        ("Ana Silva scored 22 more points than John Smith.", "supported"),
        ("Ana Silva plays for Benfica.", "supported"),
        ("Ana Silva plays for Porto.", "contradicted"),
        ("Two players played in 2019.", "supported"),
    ],
)
def test_what_a_table_says_is_judged(text: str, verdict: str) -> None:
    assert said(text) == [verdict]


@pytest.mark.parametrize(
    "text",
    [
        "Ana Silva was injured in 12 matches.",
        "Ana Silva will score 120 points.",
        "Portugal scored 120 points.",  # two rows, and nobody said how to add them
        "Nobody scored 500 goals in the derby.",
        "Ana Silva did not score 120 points.",
    ],
)
def test_what_it_does_not_say_is_left_alone(text: str) -> None:
    assert set(said(text)) <= {"unverified"}


REGIONS = "Region,2022,2023,2024\nNorth East,131,140,152\nNorth Sea,44,51,88\nSouth,338,350,349\n"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("Eva Braun scored 75 points, 15 more than Joao Costa.", ["supported", "supported"]),
        ("Eva Braun scored 75 points, 16 more than Joao Costa.", ["supported", "contradicted"]),
        ("Ana Silva has twice as many points as Joao Costa.", ["supported"]),
        ("Joao Costa has twice as many points as Ana Silva.", ["contradicted"]),
        ("The two Portuguese players together scored 180 points.", ["supported"]),
        ("The two Portuguese women together scored 180 points.", ["unverified"]),
        ("The three Portuguese players together scored 180 points.", ["unverified"]),
    ],
)
def test_what_is_set_beside_taken_together_or_appended_is_judged(text: str, verdicts: list[str]) -> None:
    assert said(text) == verdicts


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("The North East rose every year.", "supported"),
        ("The South rose every year from 2022 to 2024.", "contradicted"),
        ("The North Sea doubled between 2022 and 2024.", "supported"),
        ("The North Sea was the smallest region in 2024.", "supported"),
        ("The South was the smallest region in 2024.", "contradicted"),
        ("The two northern regions together came to 240 in 2024.", "supported"),
        ("The three northern regions together came to 240 in 2024.", "unverified"),
        ("All regions together came to 589 in 2024.", "supported"),
        ("The North East rose nearly every year.", "unverified"),
        ("The South was the sunniest region in 2024.", "unverified"),
    ],
)
def test_figures_of_a_table_turned_round_are_set_beside_each_other(text: str, verdict: str) -> None:
    assert said(text, REGIONS) == [verdict]


@pytest.mark.parametrize("name", ["fresh_first", "fresh_second", "fresh_third"])
def test_statements_written_before_anybody_saw_them_judged_are_never_judged_wrongly(name: str) -> None:
    found = score_tables(list(read_statements(name)))
    assert found.false_supported == found.false_contradicted == 0, found.misses
    assert found.coverage >= 0.75, found.misses


@pytest.mark.parametrize("mark", [",", ";", "\t", "#", "|"])
def test_a_table_is_read_whatever_separates_it(mark: str) -> None:
    assert said("Ana Silva scored 120 points.", TABLE.replace(",", mark)) == ["supported"]


def test_numbers_in_cells_carry_units_and_footnotes() -> None:
    table = 'city,population,area\nOslo,"709,037 (2023)",454 km²\nBergen,"291,189 [2]",465 km²\n'
    assert said("The population of Oslo is 709,037.", table) == ["supported"]
    assert said("Bergen has a population of 300,000.", table) == ["contradicted"]


@pytest.mark.parametrize("text", ["", "a\n", "a,b\n", "just words\nand more words\n"])
def test_what_is_no_table_is_none(text: str) -> None:
    assert read_grid(text) is None


ACCOUNTS = ',2017,2018,2019\nRevenue,"4,100","4,800","5,200"\nOperating income,410,520,610\nNet income,300,(35),410\n'


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Revenue was 5,200 in 2019.", "supported"),
        ("Revenue in 2018 was 4,900.", "contradicted"),
        ("Revenue increased 8.3% from 2018 to 2019.", "supported"),
        ("Revenue increased by 400 from 2018 to 2019.", "supported"),
        ("Operating income rose 20% from 2018 to 2019.", "contradicted"),
        ("Operating income was higher in 2019 than in 2018.", "supported"),
        ("Net income in 2018 was -35.", "supported"),
        ("2017 had the highest revenue.", "contradicted"),
    ],
)
def test_accounts_with_a_column_a_year_are_read_the_other_way_round(text: str, verdict: str) -> None:
    assert said(text, ACCOUNTS) == [verdict]


def test_names_with_digits_and_hyphens_are_names() -> None:
    table = "Model,F1,Acc.\nBERT-base,85.3,90.1\nRoBERTa,88.1,91.0\n"
    assert said("BERT-base achieves 85.3 F1.", table) == ["supported"]
    assert said("RoBERTa obtains an F1 of 88.9.", table) == ["contradicted"]
    assert said("RoBERTa outperforms BERT-base in F1.", table) == ["supported"]
