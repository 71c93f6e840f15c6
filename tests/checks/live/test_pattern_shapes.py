"""Patterns that an engine looks for by their shape: they say what the regular expression says."""

from __future__ import annotations

import re
from contextlib import closing
from itertools import product

import pytest
from sqlglot import exp

from loadline.checks.data.patterns import portable, shape_of
from loadline.checks.data.primitives import DIALECTS

WITH = (
    r"^\d{2}$", "^[0-9]$", "^a[0-9]$", "^[0-9]a$", "^a[0-9][0-9]$", "^a[0-9]{2}a$", "^a{2}[a-]$", "^[A1\n]{3}$",
    "^-[ß1]{2}$",
)  # fmt: skip
WITHOUT = (
    "^a[0-9]+$", "[0-9]{2}$", "^[0-9]{2}", "^a$", "^a|[0-9]$", "^a?[0-9]$", "^[^0-9]{2}$", "^[0-9]a[0-9]$",
    "^[0-9][a]$",
    "^[0-9]{0}$", "^[0-9]{1,2}$", "^(a[0-9])$", "^_[0-9]$", "^%[0-9]$", "^\\\\[0-9]$", "^a[0-9]*$", "^.[0-9]$", "^$",
)  # fmt: skip
TEXTS = ["".join(text) for size in range(5) for text in product("1a-\nAß_", repeat=size)]


@pytest.mark.parametrize("pattern", WITHOUT)
def test_a_pattern_that_asks_for_more_or_less_than_a_shape_has_none(pattern: str) -> None:
    assert shape_of(portable(pattern)) is None


@pytest.mark.parametrize("pattern", WITH)
def test_a_shape_is_had_by_the_texts_that_match(postgres_url: str, pattern: str) -> None:
    from psycopg import connect

    assert shape_of(portable(pattern)) is not None
    dialect = DIALECTS["postgres"]
    looks = exp.select("v").from_("texts").where(dialect.searches(exp.column("v"), portable(pattern)))
    with closing(connect(postgres_url)) as connection:
        connection.execute("CREATE TABLE texts AS SELECT unnest(%s::text[]) AS v", [TEXTS])
        found = {str(row[0]) for row in connection.execute(looks.sql(dialect="postgres").encode())}
    wanted = re.compile(pattern.removesuffix("$") + r"\Z", re.ASCII)
    assert found == {text for text in TEXTS if wanted.match(text)}
    assert 0 < len(found) < len(TEXTS)
