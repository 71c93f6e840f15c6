"""A project in, what the ledger notes of it out; and such a note in, what the project was then, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.versions import version_of
from loadline.values.canonical import digest, plain
from loadline.values.model import Status

Draft = tuple[str, str]
"""What kind of thing it is (`metric`, `question`, `contract`), and its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """`approved` are metrics: the digest of their own words, and the version over all they are made of. `verified` are
    questions: the digest of what they mean. `drafts` is None where it was not noted yet."""

    metrics: frozenset[str]
    drafts: frozenset[Draft] | None = None
    approved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    verified: Mapping[str, str] = field(default_factory=dict)


def note_of(project: Project, linked: Linked) -> dict[str, Any]:
    return {
        "digest": project.digest,
        "name": project.name,
        "metrics": sorted(project.model.metrics),
        "drafts": sorted(drafts_of(project)),
        "approved": approved_of(project, linked),
        "verified": verified_of(project),
    }


def noted_in(payload: Mapping[str, Any]) -> Noted:
    drafts = payload.get("drafts")
    return Noted(
        metrics=frozenset(payload.get("metrics", ())),
        drafts=None if drafts is None else frozenset((kind, name) for kind, name in drafts),
        approved={name: (words, version) for name, (words, version) in payload.get("approved", {}).items()},
        verified=dict(payload.get("verified", {})),
    )


def drafts_of(project: Project) -> Iterator[Draft]:
    yield from (("metric", one.name) for one in project.model.metrics.values() if one.status is Status.DRAFT)
    yield from (("question", one.id) for one in project.questions if one.is_draft)
    yield from (("contract", one.name) for one in project.contracts.values() if one.status == "draft")


def approved_of(project: Project, linked: Linked) -> dict[str, tuple[str, str]]:
    return {
        one.name: (_short(plain(one)), _short(version_of(linked, one.name)))
        for one in project.model.metrics.values()
        if one.status is Status.APPROVED and one.name in linked.metrics
    }


def verified_of(project: Project) -> dict[str, str]:
    return {one.id: _short(plain(one)) for one in project.questions if not one.is_draft}


def _short(value: Any) -> str:
    return digest(value).removeprefix("sha256:")[:16]
