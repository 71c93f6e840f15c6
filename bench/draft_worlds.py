"""Tables as people keep them, and what goes wrong in each: a seed in, clean rows, more of the same, and dirty rows out.

Five kinds, after what tables with published mistakes are like: records repeated for each measure (names, addresses and
codes that decide each other, with slips of the hand), the same departures told by several sources (other forms of a
time, gaps, conflicts), bottles (units within numbers, two columns run together), articles (dates a spreadsheet made of
page numbers, letters broken by an encoding), films (durations and counts written in other ways).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

Row = dict[str, str]
Dirt = Callable[[random.Random, Row], str]

WORDS = (  # noqa: SIM905
    "north river stone light copper amber silver oak maple harbor summit valley crown eagle forest garden meadow "
    "canyon prairie falcon granite willow cedar juniper coral island bridge castle orchard thunder"
).split()
TOWNS = [f"{word}{end}" for word in WORDS[:24] for end in ("ton", "ville", "field")]
STATES = ("AL", "AK", "AZ", "CA", "CO", "CT", "FL", "GA", "ID", "KY", "OR", "TX")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`clean` and `fresh` are of one kind; `dirty` is `clean` with `done` (a column, and what was done to it)."""

    name: str
    clean: list[Row]
    fresh: list[Row]
    dirty: list[Row]
    done: dict[str, str]


def slip(column: str) -> Dirt:
    def make(chance: random.Random, row: Row) -> str:
        text = row[column]
        at = chance.randrange(len(text))
        return text[:at] + "x" + text[at + 1 :]

    return make


def nothing(_: random.Random, __: Row) -> str:
    return ""


def _name(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(least, most))).title()


# -- records repeated for each measure


def _clinics(chance: random.Random) -> Callable[[], list[Row]]:
    clinics = []
    for n in range(60):
        town = chance.choice(TOWNS).title()
        clinics.append(
            {
                "clinic_no": str(10001 + 7 * n),
                "clinic": f"{_name(chance, 1, 2)} {chance.choice(('Medical Center', 'Hospital', 'Clinic'))}",
                "address": f"{chance.randint(100, 2900)} {_name(chance, 1, 1)} Street",
                "town": town,
                "state": STATES[n % 3],
                "zip": str(35000 + n * 11),
                "county": _name(chance, 1, 1),
                "phone": str(2050000000 + chance.randint(1, 9_999_999)),
                "owner": chance.choice(("Government - State", "Voluntary - Private", "Proprietary", "Church")),
                "emergency": chance.choice(("Yes", "Yes", "Yes", "No")),
            }
        )
    measures = [(f"{p}-{n}", _name(chance, 4, 8), p) for p in ("AMI", "HF", "PN", "SCIP") for n in range(1, 7)]

    def rows() -> list[Row]:
        found = []
        for clinic in clinics:
            for code, name, kind in chance.sample(measures, 18):
                more = {"measure": code, "measure_name": name, "condition": kind.title()}
                score = {"score": f"{chance.randint(20, 100)}%", "sample": f"{chance.randint(5, 400)} patients"}
                average = {"state_average": f"{clinic['state']}_{code}"}
                found.append({"row": str(len(found) + 1), **clinic, **more, **score, **average})
        return found

    return rows


_CLINIC_DIRT = {name: slip(name) for name in (
    "clinic_no", "clinic", "address", "town", "state", "zip", "county", "phone", "owner", "emergency", "measure",
    "measure_name", "condition", "score", "sample", "state_average",
)}  # fmt: skip


# -- the same departures, told by several sources


def _time(chance: random.Random) -> str:
    return f"{chance.randint(1, 12)}:{chance.randint(0, 59):02d} {chance.choice(('a.m.', 'p.m.'))}"


_TIMES = ("planned_departure", "real_departure", "planned_arrival", "real_arrival")


def _departures(chance: random.Random) -> Callable[[], list[Row]]:
    sources = [f"{word}travel" for word in WORDS[:20]]

    def rows() -> list[Row]:
        found = []
        for n in range(90):
            line = f"{chance.choice(('AA', 'UA', 'CO'))}-{chance.randint(100, 4999)}-{chance.choice(STATES)}X-ORD"
            times = {name: _time(chance) for name in _TIMES}
            for source in chance.sample(sources, 18):
                found.append({"row": f"{n}-{len(found)}", "source": source, "departure": line, **times})
        return found

    return rows


def _other_time(column: str) -> Dirt:
    def make(chance: random.Random, row: Row) -> str:
        text = row[column]
        return chance.choice((f"12/0{chance.randint(1, 9)}/2011 {text}", f"{text} (estimated)", f"Dec 2 {text}"))

    return make


_DEPARTURE_DIRT = {
    "planned_departure": _other_time("planned_departure"),
    "real_departure": nothing,
    "planned_arrival": lambda chance, _: _time(chance),
    "real_arrival": _other_time("real_arrival"),
}


# -- bottles


def _bottles(chance: random.Random) -> Callable[[], list[Row]]:
    styles = [_name(chance, 2, 3) for _ in range(80)]
    makers = [
        {
            "maker_id": str(n + 1),
            "maker": f"{_name(chance, 1, 2)} Brewing",
            "town": chance.choice(TOWNS).title(),
            "state": chance.choice(STATES),
        }
        for n in range(280)
    ]

    def rows() -> list[Row]:
        found: list[Row] = []
        for maker in makers:
            for _ in range(chance.randint(1, 14)):
                found.append(
                    {
                        "id": str(len(found) + 1),
                        "name": f"{_name(chance, 1, 3)} {chance.choice(('Ale', 'IPA', 'Stout', '(2009)'))}",
                        "style": chance.choice(styles),
                        "ounces": chance.choices(("12.0", "16.0", "8.4", "24.0"), (60, 30, 5, 5))[0],
                        "abv": f"{chance.uniform(0.03, 0.11):.3f}",
                        "bitterness": str(chance.randint(5, 120)) if chance.random() < 0.55 else "",
                        **maker,
                    }
                )
        return found

    return rows


_BOTTLE_DIRT: dict[str, Dirt] = {
    "ounces": lambda chance, row: row["ounces"] + chance.choice((" oz", " oz.", " ounce", " OZ.")),
    "abv": lambda _, row: f"{row['abv']}%",
    "bitterness": lambda _, __: "N/A",
    "town": lambda _, row: f"{row['town']} {row['state']}",
    "state": nothing,
}


# -- articles


def _articles(chance: random.Random) -> Callable[[], list[Row]]:
    journals = []
    for _ in range(150):
        name = _name(chance, 2, 4)
        issn = f"{chance.randint(0, 9999):04d}-{chance.randint(0, 9999):04d}"
        journals.append({"journal": f"Journal of {name}", "short": " ".join(("J", *name[:12].split())), "issn": issn})

    def rows() -> list[Row]:
        found: list[Row] = []
        for n in range(1000):
            pages = chance.randint(1, 1900)
            people = ";".join(f"{chance.choice('ABCDEFGH')}. {chance.choice(WORDS).title()}" for _ in range(3))
            found.append(
                {
                    "id": str(1000 + 37 * n),
                    "title": f"{_name(chance, 5, 10).capitalize()}.",
                    "language": chance.choices(("eng", "fre", "ger", "spa", "pol"), (90, 4, 3, 2, 2))[0],
                    **chance.choice(journals),
                    "volume": str(chance.randint(1, 120)),
                    "issue": str(chance.randint(1, 12)),
                    "created": f"{chance.randint(1, 12)}/{chance.randint(1, 28)}/{chance.randint(1970, 2015)}",
                    "pages": f"{pages}-{pages + chance.randint(2, 12)}",
                    "authors": people,
                }
            )
        return found

    return rows


_ARTICLE_DIRT: dict[str, Dirt] = {
    "language": lambda chance, _: chance.choice(("English", "English; ABSTRACT LANGUAGE: English", "ENG")),
    "issn": lambda chance, _: chance.choice(("Jan-68", f"{chance.randint(10**7, 10**8 - 1)} (ISSN)")),
    "created": lambda _, row: "2{1:0>2}-{0:0>2}-{2}".format(*row["created"].split("/")),
    "pages": lambda chance, _: chance.choice(("22-Dec", "S401", "e1177")),
    "authors": lambda _, row: row["authors"].replace("a", "Ã¡").replace("o", "\ufffd"),
    "title": lambda _, row: row["title"].replace(" ", "     ", 1),
    "journal": slip("journal"),
    "short": nothing,
}


# -- films


def _films(chance: random.Random) -> Callable[[], list[Row]]:
    kinds = ("Comedy", "Drama", "Action", "Horror", "Romance")

    def rows() -> list[Row]:
        return [
            {
                "id": f"tt{1000000 + 13 * n}",
                "film": _name(chance, 1, 4),
                "year": str(chance.randint(1960, 2015)),
                "duration": f"{chance.randint(70, 190)} min",
                "rating": f"{chance.uniform(2, 9.5):.1f}",
                "votes": f"{chance.randint(1_000, 900_000):,}",
                "kinds": ",".join(chance.sample(kinds, chance.randint(1, 3))),
                "country": chance.choices(("USA", "UK", "France", "Germany", "India"), (60, 15, 10, 8, 7))[0],
            }
            for n in range(1500)
        ]

    return rows


_FILM_DIRT: dict[str, Dirt] = {
    "year": lambda _, row: f"{row['year']} (TV)",
    "duration": lambda _, row: "{} hr {} min".format(*divmod(int(row["duration"][:-4]), 60)),
    "rating": lambda _, row: f"{row['rating']}/10",
    "votes": lambda _, row: row["votes"].replace(",", ""),
    "kinds": lambda _, row: row["kinds"].replace(",", " | ") + " ",
    "country": lambda chance, _: chance.choice(("U.S.A.", "usa", "Untied Kingdom", "Frnace")),
    "film": lambda _, row: row["film"].replace(" ", "&nbsp;") + "&amp;",
}


KINDS: dict[str, tuple[Callable[[random.Random], Callable[[], list[Row]]], dict[str, Dirt]]] = {
    "clinics": (_clinics, _CLINIC_DIRT),
    "departures": (_departures, _DEPARTURE_DIRT),
    "bottles": (_bottles, _BOTTLE_DIRT),
    "articles": (_articles, _ARTICLE_DIRT),
    "films": (_films, _FILM_DIRT),
}
SHARES = {"ounces": (1.0,), "bitterness": (0.45,), "planned_arrival": (0.04,)}
"""Of the rows made dirty, where not one of the usual shares."""


def world(kind: str, seed: int) -> World:
    chance = random.Random(f"{kind}-{seed}")  # noqa: S311 - made-up data, repeatable
    make, dirts = KINDS[kind]
    rows = make(chance)
    clean, fresh = rows(), rows()
    dirty = [dict(row) for row in clean]
    done: dict[str, str] = {}
    for column in chance.sample(sorted(dirts), max(3, len(dirts) * 2 // 3)):
        share = chance.choice(SHARES.get(column, (0.01, 0.03, 0.06, 0.12)))
        able = [row for row in dirty if row[column]] if column != "bitterness" else [r for r in dirty if not r[column]]
        for row in chance.sample(able, max(3, int(len(able) * share))):
            row[column] = dirts[column](chance, row)
        if any(one[column] != other[column] for one, other in zip(clean, dirty, strict=True)):
            done[column] = kind
        if column == "town" and kind == "bottles":  # what ran into the town is missing there
            for row, other in zip(dirty, clean, strict=True):
                if row["town"] != other["town"]:
                    row["state"] = ""
            done["state"] = kind
    return World(name=kind, clean=clean, fresh=fresh, dirty=dirty, done=done)
