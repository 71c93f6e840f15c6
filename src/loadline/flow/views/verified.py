"""A project in, a judge out that tells whether a recorded answer is to the query that was verified for its words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from loadline.errors import RequestError
from loadline.flow.understand import as_query
from loadline.ledger.views.consistency import IsRight
from loadline.project import Project
from loadline.semantics import Linked, resolve
from loadline.semantics.words import Known, find_question
from loadline.values.canonical import plain


def judge_of(project: Project, linked: Linked, zone: tzinfo) -> IsRight:
    """Relative times are read as on the day of the answer. A draft verifies nothing, nor does a question that can no
    longer be asked."""

    def is_right(receipt: Mapping[str, Any]) -> bool | None:
        audience = receipt.get("audience")
        found = find_question(str(receipt["question"]), project.questions, audience)
        if not isinstance(found, Known) or found.question.is_draft:
            return None
        day = datetime.fromisoformat(str(receipt["as_of"])).astimezone(zone).date()
        try:
            meant = plain(resolve(linked, as_query(project, found.question, day), audience=audience).query)
        except RequestError:
            return None
        return alike(meant, receipt["query"])

    return is_right


def alike(meant: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether two queries, as recorded, ask the same."""
    if any(value != plain(asked.get(name)) for name, value in meant.items() if name != "during"):
        return False
    wanted, given = meant["during"], asked.get("during")
    # The same words may have been asked as of another day, which the receipt does not tell.
    return same_days(meant, asked) or bool(wanted and given and wanted["text"] == given["text"])


def same_days(meant: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    wanted, given = meant["during"] or {}, asked.get("during") or {}
    return all(wanted.get(end) == given.get(end) for end in ("start", "end"))
