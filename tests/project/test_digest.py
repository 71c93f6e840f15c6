"""The digest of a project is that of its meaning: how it is written down does not count, every definition does."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.project import read
from project.sample import BASE, FILES, base, project

DIGEST = project().digest


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same mappings with their keys in another order; lists keep theirs."""
    match value:
        case dict():
            keys = list(value)
            chance.shuffle(keys)
            return {key: shuffled(value[key], chance) for key in keys}
        case list():
            return [shuffled(item, chance) for item in value]
        case _:
            return value


def plain(file: str) -> Any:
    return yaml.load(FILES[file], Loader=yaml.BaseLoader)  # noqa: S506  (texts only: nothing is built)


def dumped(value: Any, *, is_flow: bool, width: int) -> bytes:
    return yaml.dump(value, sort_keys=False, default_flow_style=is_flow, width=width, allow_unicode=True).encode()


# Files whose values are numbers and truth values, too, would not be the same as texts.
TEXTS = {
    file: plain(file) for file in FILES if not file.startswith(("contracts/", "loadline", "questions/", "actions/"))
}


@settings(max_examples=40)
@given(chance=st.randoms(use_true_random=False), is_flow=st.booleans(), width=st.sampled_from((20, 80, 10_000)))
def test_another_order_of_keys_and_another_style_mean_the_same(
    chance: random.Random, is_flow: bool, width: int
) -> None:
    files = {file: dumped(shuffled(value, chance), is_flow=is_flow, width=width) for file, value in TEXTS.items()}
    assert read(FILES | files, BASE).accept().digest == DIGEST


@settings(max_examples=30)
@given(chance=st.randoms(use_true_random=False))
def test_definitions_may_move_between_files(chance: random.Random) -> None:
    parts: dict[str, dict[str, Any]] = {f"context/{name}.yaml": {} for name in "abcd"}
    for document in (TEXTS["context/datasets.yaml"], TEXTS["context/metrics.yaml"]):
        for section, written in document.items():
            if section == "calendar":
                parts[chance.choice(list(parts))][section] = written
            elif isinstance(written, list):
                for item in chance.sample(written, len(written)):
                    parts[chance.choice(list(parts))].setdefault(section, []).append(item)
            else:
                for name, definition in written.items():
                    parts[chance.choice(list(parts))].setdefault(section, {})[name] = definition
    rules = TEXTS["policies/access.yaml"]["rules"]
    policies = {f"policies/{rule['name']}.yml": {"rules": [rule]} for rule in rules}
    kept = {file: content for file, content in FILES.items() if not file.startswith(("context/", "policies/"))}
    files = {file: dumped(part, is_flow=False, width=80) for file, part in (parts | policies).items()}
    assert read(kept | files, BASE).accept().digest == DIGEST


def test_comments_blank_lines_and_the_root_do_not_count() -> None:
    files = {file: b"# about this file\n\n" + content + b"\n\n# the end\n" for file, content in FILES.items()}
    assert read(files, Path("/somewhere/else")).accept().digest == DIGEST


def test_the_order_in_which_files_are_given_does_not_count() -> None:
    assert read(dict(reversed(FILES.items())), BASE).accept().digest == DIGEST


def test_line_ends_of_another_system_do_not_count() -> None:
    files = {file: content.replace(b"\n", b"\r\n") for file, content in FILES.items()}
    assert read(files, BASE).accept().digest == DIGEST


CHANGES = [
    ("loadline.yaml", "timeout_seconds: 30", "timeout_seconds: 31"),
    ("loadline.yaml", "data/orders.csv", "data/orders2.csv"),
    ("loadline.yaml", "how the books are kept", "how the books are read"),
    ("loadline.yaml", "roles: [controller]", "roles: [controller, analyst]"),
    ("loadline.yaml", "title: Finance", "title: Treasury"),
    ("context/datasets.yaml", "amount > 1000", "amount > 1001"),
    ("context/datasets.yaml", "as: destination", "as: target"),
    ("context/datasets.yaml", "02-01", "03-01"),
    ("context/datasets.yaml", "Europe/Berlin", "Europe/Paris"),
    ("context/datasets.yaml", "monday", "sunday"),
    ("context/datasets.yaml", "    time: ordered_at\n", ""),
    ("context/metrics.yaml", "'cancelled'", "'canceled'"),
    ("context/metrics.yaml", "unit: EUR", "unit: USD"),
    ("context/metrics.yaml", "[bookings]", "[orders taken]"),
    ("context/metrics.yaml", "otherwise: ask", "otherwise: booked_revenue"),
    ("contracts/orders.yaml", "unique: true", "unique: false"),
    ("contracts/customers.yaml", "personal", "secret-ish"),
    ("contracts/orders.yaml", "version: 1.2.0", "version: 1.2.1"),
    ("policies/access.yaml", "'NORTH'", "'SOUTH'"),
    ("policies/access.yaml", "roles: [analyst]", "roles: [controller]"),
    ("questions/verified.yaml", "during: 2025-Q3", "during: 2025-Q4"),
    ("questions/verified.yaml", "order: [-booked_revenue]", "order: [booked_revenue]"),
]


@pytest.mark.parametrize(("file", "old", "new"), CHANGES)
def test_every_changed_meaning_changes_the_digest(file: str, old: str, new: str) -> None:
    changed = read(FILES | {file: base(file, (old, new)).encode()}, BASE)
    assert changed.accept().digest != DIGEST


def test_every_definition_counts() -> None:
    digests = {
        project(context__more="metrics: {more: {is: count(orders)}}").digest,
        project(context__more="terms: {more: {sales: order_count}}").digest,
        project(context__more="datasets: {more: {source: sales.orders}}").digest,
        project(policies__more="rules: [{name: more, permit: ask}]").digest,
        project(questions__more="questions: [{id: more, ask: More?, query: {metrics: [order_count]}}]").digest,
        DIGEST,
    }
    assert len(digests) == 6
