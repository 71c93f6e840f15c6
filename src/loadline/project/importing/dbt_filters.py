"""A filter in dbt's template language in, a condition of the expression language seen from one fact out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from loadline.project.importing.dbt_items import Item, read_item
from loadline.project.importing.dbt_names import DATE_PARTS, GRAINS, METRIC_TIME, Names, Seen
from loadline.project.importing.nouns import CannotCarry
from loadline.project.importing.sql_text import with_names

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)

Facts = Sequence[str]


class Filters:
    """`facts_of` gives the models a metric is counted from."""

    def __init__(self, names: Names, facts_of: Callable[[str], Facts]) -> None:
        self._names = names
        self._facts_of = facts_of

    def condition(self, template: str, facts: Facts, time: str | None = None) -> str:
        """The filter for rows of each of `facts`; `time` is what `metric_time` means there (None: `time`, a metric's
        own). Raises CannotCarry."""
        found: list[str] = []

        def keep(match: re.Match[str]) -> str:
            found.append(self._named(read_item(match[1]), facts, time))
            return f" __item_{len(found) - 1}__ "

        text = _TEMPLATE.sub(keep, template)
        if "{%" in text or "{#" in text:
            raise CannotCarry("a filter with statements of the template language has no fixed meaning")

        def name(word: str) -> str | None:
            inner = re.fullmatch(r"__item_(\d+)__", word)
            return found[int(inner[1])] if inner else None

        return " ".join(with_names(text, name).split())

    def _named(self, item: Item, facts: Facts, time: str | None) -> str:
        if item.kind == "Metric":
            return self._metric(item, facts)
        if item.name == METRIC_TIME or item.name.startswith(f"{METRIC_TIME}__"):
            grain = item.grain or item.name.removeprefix(METRIC_TIME).removeprefix("__") or None
            return _cut(time or "time", grain or (None if item.part else "day"), item.part)
        name, grain = self._parted(item)
        if not facts:
            raise CannotCarry(f"`{name}` filters periods, which it says nothing of")
        seen = [self._names.see(fact, name) for fact in facts]
        spelled = seen[0].spelled if len(seen) == 1 else self._names.shared(seen)
        dimension = seen[0].dimension
        if dimension is None or not dimension.is_time:
            return spelled
        return _cut(spelled, grain or (None if item.part else dimension.grain), item.part)

    def _parted(self, item: Item) -> tuple[str, str | None]:
        """The name without a grain at its end: `listing__ds__month`."""
        name, _, last = item.name.rpartition("__")
        if name and item.grain is None and (last in GRAINS or last in self._names.own_grains):
            return name, last
        return item.name, item.grain

    def _metric(self, item: Item, facts: Facts) -> str:
        if len(item.group_by) != 1:
            raise CannotCarry(f"`{item.name}` is grouped by several things in a filter")
        by = item.group_by[0]
        inner = self._one_end([self._names.see(fact, by) for fact in self._facts_of(item.name)])
        outer = self._one_end(self._outer(by, facts))
        return f"{item.name}[per {inner}]" if inner == outer else f"{item.name}[per {outer} = {inner}]"

    def _one_end(self, seen: Sequence[Seen]) -> str:
        if len(seen) == 1:
            return seen[0].spelled
        try:
            return self._names.shared(seen)
        except CannotCarry:
            return self._names.shared(self._names.met(seen))

    def _outer(self, by: str, facts: Facts) -> list[Seen]:
        """The same entity, seen from the rows that are filtered: by its last name, where the inner path is longer."""
        try:
            return [self._names.see(fact, by) for fact in facts]
        except CannotCarry:
            return [self._names.see(fact, by.rpartition("__")[2]) for fact in facts]


def default_grain(own: str) -> str:
    """What a time dimension is cut to where nobody says: a day, or its own grain if that is longer."""
    return own if own in GRAINS and GRAINS.index(own) > GRAINS.index("day") else "day"


def _cut(text: str, grain: str | None, part: str | None) -> str:
    if part is not None:
        if part not in DATE_PARTS:
            raise CannotCarry(f"the part `{part}` of a date is not known")
        return f"extract({DATE_PARTS[part]} from {text})"
    return f"date_trunc('{grain}', {text})" if grain else text
