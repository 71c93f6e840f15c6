"""Statements that sound as if a table bore them out and does not, or not for sure; and those it does deny."""

from __future__ import annotations

import pytest

from flow.table_scores import read_statements, score_tables, verdict_of
from loadline.flow.verify_table import verify_table
from loadline.semantics.tables import read_grid

PLAYERS = """rank,player,country,team,year,points,games
1,Ana Silva,Portugal,Benfica,2019,120,30
2,John Smith,England,Arsenal,2020,98,28
3,Maria Lopez,Spain,Sevilla,2019,98,30
4,Eva Braun,Germany,Bayern,2021,75,25
5,Joao Costa,Portugal,Porto,2020,60,30
"""
FIXTURES = """home team,away team,home score,away score,venue,crowd
Reds,Blues,3,1,North Park,8000
Blues,Greens,0,2,South Park,9500
Greens,Reds,1,1,East Park,7000
Blues,Reds,2,0,South Park,12000
"""
COMPANIES = """Company,Revenue ($ million),Profit margin,Employees,Founded,Headquarters
Acme,1.5,12%,300,1990,Boston
Bolt,22.0,8%,"4,500",2001,Austin
Corex,7.25,(3%),900,1985,Boston
Dyna,0.9,20%,n/a,2010,New York
"""
ROLES = """Year,Title,Role,Result
2001,Dawn,Anna,Won
2003,Dusk,Ben's Mother,Nominated
2003,Noon,Queen,Won
2008,Night,Herself,Nominated
"""
SEATS = """District,Incumbent,Party,First elected,Result
Ohio 1,John Gray,Democratic,1990,Re-elected
Ohio 2,Mary Pell,Republican,1984,Re-elected
Ohio 3,Tom Hall,Democratic,1978,Retired Republican gain
"""
HEIGHTS = "Player,Height,Distance\nAna,6'2,10 km\nBo,6'11,900 m\nCy,7'0,2 km\n"


def said(text: str, table: str) -> str:
    grid = read_grid(table)
    assert grid is not None
    return verdict_of(verify_table(text, grid).judged)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("2019 were three later than", PLAYERS),  # broken off
        ("Most players are from Portugal.", PLAYERS),  # most of all, or more than of any other country
        ("Eva Braun has the second most points.", PLAYERS),  # two share a place above her
        ("Ana Silva and John Smith scored 218 points.", PLAYERS),  # together, or each?
        ("Ana Silva scored 120 points more than John Smith.", PLAYERS),
        ("Players from Portugal scored 180 points.", PLAYERS),  # nobody said how to add them
        ("Ana Silva scored more points than any player from Portugal.", PLAYERS),
        ("Three players played from 2019 to 2020.", PLAYERS),  # a range, not both years
        ("Two players played by 2020.", PLAYERS),  # up to that year, not in it
        ("2 players are from Portugal and Spain.", PLAYERS),  # in either, not in both
        ("The team of Ana Silva is Spain.", PLAYERS),  # Spain stands in her row, and is no team
        ("Ana Silva has the highest rank.", PLAYERS),  # the first, or the last?
        ("The first player was Ana Silva.", PLAYERS),  # she shares her year
        ("There were 3 years.", PLAYERS),  # three different ones, on five rows
        ("Ana Silva Junior scored 120 points.", PLAYERS),  # somebody else
        ("Silva scored 120 points.", PLAYERS),
        ("Ana Silva nearly never scored 120 points.", PLAYERS),
        ("Portugal has the most points.", PLAYERS),  # one row of it, or all of them?
        ("Blues played 3 games.", FIXTURES),  # at home and away
        ("Reds beat Blues.", FIXTURES),
        ("Reds won at North Park.", FIXTURES),  # the table does not say who won
        ("Blues played at South Park.", FIXTURES),
        ("The away team at East Park was South Park.", FIXTURES),
        ("Acme had revenue of €1.5 million.", COMPANIES),
        ("Bolt's revenue was 8%.", COMPANIES),
        ("Dyna has the fewest employees.", COMPANIES),  # nobody knows
        ("The average number of employees is 1,900.", COMPANIES),  # one of them has no number
        ("Most of the companies are in Boston.", COMPANIES),  # just half
        ("In 2003, both titles were nominated.", ROLES),  # one of the two
        ("Dusk came after Noon.", ROLES),  # in the same year
        ("Only one incumbent retired.", SEATS),  # a word of a cell is no filler
        ("Cy is taller than Bo.", HEIGHTS),  # feet and inches are no number
        ("Bo has the highest distance.", HEIGHTS),  # kilometres and metres
    ],
)
def test_what_is_not_sure_is_not_judged(text: str, table: str) -> None:
    assert said(text, table) == "unverified"


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("Ana Silva of Porto scored 120 points.", PLAYERS),
        ("Ana Silva scored 120 points in 2020.", PLAYERS),
        ("Ana Silva scored the most points in 2020.", PLAYERS),
        ("Only Ana Silva scored more than 90 points.", PLAYERS),
        ("Ana Silva is the only player from Portugal.", PLAYERS),
        ("All players from Portugal play for Benfica.", PLAYERS),
        ("No player from Spain scored more than 90 points.", PLAYERS),
        ("Ana Silva and John Smith scored 120 points.", PLAYERS),
        ("3 players played before 2021.", PLAYERS),
        ("Benfica is the team of John Smith.", PLAYERS),
        ("Ana Silva does not play for Benfica.", PLAYERS),
        ("The player with the most points in 2020 is Ana Silva.", PLAYERS),
        ("Ana Silva has 22 fewer points than Maria Lopez.", PLAYERS),
        ("Reds were the home team at East Park.", FIXTURES),
        ("Corex had a profit margin of 3%.", COMPANIES),
        ("Acme had revenue of $1.5 billion.", COMPANIES),
        ("Bolt had at most 4,000 employees.", COMPANIES),
        ("John Gray is a Republican.", SEATS),
    ],
)
def test_what_it_denies_is_contradicted(text: str, table: str) -> None:
    assert said(text, table) == "contradicted"


def test_a_row_of_totals_is_no_row() -> None:
    table = "Nation,Gold,Total\nNorway,14,39\nGermany,9,31\nTotal,23,70\n"
    assert said("Two nations won more than 8 gold medals.", table) == "supported"
    assert said("A total of 23 gold medals were won.", table) == "supported"
    assert said("Norway won 39 medals in total.", table) == "supported"
    assert said("A total of 24 gold medals were won.", table.replace("Total,23", "Total,24")) == "unverified"


@pytest.mark.parametrize("half", ["development", "held_out"])
def test_the_committed_statements_are_judged_rightly_or_not_at_all(half: str) -> None:
    score = score_tables(list(read_statements(half)))
    assert not score.false_supported, score.misses
    assert not score.loosely_supported, score.misses
    assert score.false_contradicted * 50 <= score.statements
    assert score.coverage > 0.85
