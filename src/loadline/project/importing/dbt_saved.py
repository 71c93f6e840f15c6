"""Saved queries in, questions with a wording out; nobody has verified them yet."""

from __future__ import annotations

from loadline.project.importing.dbt_items import Item, read_item
from loadline.project.importing.dbt_nouns import Manifest, SavedQuery
from loadline.project.importing.dbt_questions import Question, Questions
from loadline.project.importing.nouns import CannotCarry, Remark
from loadline.project.yaml_writer import Value


def questions_of(manifest: Manifest, questions: Questions) -> tuple[list[Value], list[Remark]]:
    found: list[Value] = []
    remarks: list[Remark] = []
    for saved in manifest.saved:
        try:
            found.append(_question(saved, questions))
        except CannotCarry as why:
            remarks.append(Remark(kind="saved query", name=saved.name, why=str(why)))
    return found, remarks


def _question(saved: SavedQuery, questions: Questions) -> Value:
    items = [item_of(text) for text in saved.group_by]
    asked = questions.question(saved.metrics, items, saved.where)
    query: dict[str, Value] = {}
    if asked.metrics:
        query["metrics"] = list(asked.metrics)
    if asked.columns:
        query["by"] = [column.by for column in asked.columns]
    if asked.conditions:
        query["conditions"] = list(asked.conditions)
    if saved.order_by:
        query["order"] = [_order(text, asked, questions) for text in saved.order_by]
    if saved.limit is not None:
        query["limit"] = saved.limit
    return {"id": saved.name, "ask": saved.label or saved.name.replace("_", " "), "query": query}


def item_of(text: str) -> Item:
    """`Dimension('x')`, or the bare name. Raises CannotCarry."""
    return read_item(text) if "(" in text else Item(kind="Dimension", name=text.strip())


def _order(text: str, asked: Question, questions: Questions) -> str:
    item = item_of(text.removeprefix("-"))
    sign = "-" if text.startswith("-") or item.is_descending else ""
    return f"{sign}{questions.column(item, asked)}"
