"""A linked project and what was asked of it in; its context debt out: each item, whom to ask, and what rests on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loadline.flow.views.noted import Noted, approved_of, verified_of
from loadline.ledger.views.asked import Usage
from loadline.ledger.views.clashes import Clash
from loadline.project import Project
from loadline.semantics import Linked
from loadline.semantics.drawing import lineage_graph
from loadline.semantics.impact import Thing, ThingKind, impact
from loadline.semantics.versions import meaning_of
from loadline.semantics.wording.lexicon import words_of
from loadline.values.place import Place


class DebtKind(StrEnum):
    SEVERAL_MEANINGS = "several meanings"
    NO_OWNER = "no owner"
    NO_DESCRIPTION = "no description"
    NOT_APPROVED = "not approved"
    STALE_DRAFT = "stale draft"
    NOT_PROMISED = "not in a contract"
    SAME_DEFINITION = "same definition"
    TWO_DEFINITIONS = "two definitions"
    STALE_REVIEW = "stale review"
    UNUSED = "unused"
    UNRESOLVED = "not resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtItem:
    """`share` of what was asked lately rests on it (0 to 1; None where nothing was asked); `ask` may be empty."""

    kind: DebtKind
    subject: str
    says: str
    ask: tuple[str, ...]
    share: float | None
    place: Place | None = None

    @property
    def weight(self) -> float:
        """1 for an item that nobody meets, 10 for one that every question rests on."""
        return 1 + 9 * (self.share or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """`items`, heaviest first; `not_looked` says which kinds could not be looked for, and why."""

    items: tuple[DebtItem, ...]
    asked: int
    not_looked: tuple[str, ...]

    @property
    def number(self) -> float:
        """The weights of all items together, to one decimal."""
        return round(sum(item.weight for item in self.items), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """When the window began, and what the project was then; `noted` is None where no one recorded."""

    since: datetime
    noted: Noted | None = None


def debt_of(project: Project, linked: Linked, usage: Usage, before: Before, clashing: Sequence[Clash] = ()) -> Debt:
    """`clashing` are names that meant two things in the window."""
    ledger = _Debts(project=project, linked=linked, usage=usage, before=before, clashing=clashing)
    items = sorted(ledger.items(), key=lambda item: (-item.weight, item.kind, item.subject))
    missing = []
    if not usage.asked:
        missing.append("unused, not in a contract, two definitions, not resolved: no question was recorded")
    if before.noted is None:
        missing.append("stale drafts and reviews: the ledger does not reach back to the beginning of the window")
    return Debt(items=tuple(items), asked=usage.asked, not_looked=tuple(missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Debts:
    project: Project
    linked: Linked
    usage: Usage
    before: Before
    clashing: Sequence[Clash]

    def items(self) -> Iterator[DebtItem]:
        yield from self._terms()
        yield from self._metrics()
        yield from self._draft_questions()
        yield from self._draft_contracts()
        yield from self._candidates()
        yield from self._reviews()
        yield from self._twins()
        yield from self._twin_fields()
        yield from self._clashes()
        if self.usage.asked:
            yield from self._columns()
            yield from self._unused()
            yield from self._unused_terms()
            yield from self._open()

    def _owners(self, names: Sequence[str]) -> tuple[str, ...]:
        metrics = self.linked.model.metrics
        return tuple(sorted({owner for name in names if (owner := metrics[name].owner)}))

    def _share(self, count: int) -> float | None:
        return self.usage.share(count)

    def _said(self, words: Iterable[str]) -> int:
        """How many questions said one of the words: those that were answered, and those that were not. A word within
        the name of a metric (the `revenue` of `booked revenue`) was not said by itself."""
        found = set(words)
        names = [word for one in self.linked.model.metrics.values() for word in (one.name, *one.synonyms)]
        within, heard = _any_of(name for name in names if name not in found), _any_of(found)
        unanswered = sum(one.count for one in self.usage.open if heard.search(within.sub(" ", one.question)))
        return sum(self.usage.words.get(word, 0) for word in found) + unanswered

    def _terms(self) -> Iterator[DebtItem]:
        for term in self.linked.model.terms.values():
            meanings = dict(term.meanings)
            if term.otherwise:
                meanings["everyone else"] = term.otherwise
            names = sorted(set(meanings.values()))
            if len(names) < 2:
                continue
            said = ", ".join(f"`{metric}` to {audience}" for audience, metric in meanings.items())
            yield DebtItem(
                kind=DebtKind.SEVERAL_MEANINGS,
                subject=term.name,
                says=f"means {said}",
                ask=self._owners(names),
                share=self._share(self._said((term.name, *term.synonyms))),
                place=term.place,
            )

    def _metrics(self) -> Iterator[DebtItem]:
        for metric in self.linked.model.metrics.values():
            ask = (metric.owner,) if metric.owner else ()
            found: list[tuple[DebtKind, str]] = []
            if not metric.owner:
                found.append((DebtKind.NO_OWNER, "nobody answers for it"))
            if not metric.description.strip():
                found.append((DebtKind.NO_DESCRIPTION, "no words say what it counts"))
            if metric.status == "draft" and self._was_draft("metric", metric.name):
                found.append((DebtKind.STALE_DRAFT, "was a draft when the window began, and is one still"))
            elif metric.status == "draft":
                found.append((DebtKind.NOT_APPROVED, "is a draft"))
            share = self._share(self.usage.metrics.get(metric.name, 0))
            for kind, says in found:
                yield DebtItem(kind=kind, subject=metric.name, says=says, ask=ask, share=share, place=metric.place)

    def _draft_questions(self) -> Iterator[DebtItem]:
        for question in self.project.questions:
            if question.is_draft:
                known = [name for name in question.metrics if name in self.linked.model.metrics]
                is_stale = self._was_draft("question", question.id)
                yield DebtItem(
                    kind=DebtKind.STALE_DRAFT if is_stale else DebtKind.NOT_APPROVED,
                    subject=question.id,
                    says=f"somebody chose what `{question.text}` means, and no owner approved it",
                    ask=self._owners(known),
                    share=self._share(0),
                    place=question.place,
                )

    def _was_draft(self, kind: str, name: str) -> bool:
        """Of the time before drafts were noted, a metric that is one now is taken to have been one then."""
        noted = self.before.noted
        if noted is None:
            return False
        return (kind, name) in noted.drafts if noted.drafts is not None else name in noted.metrics

    def _draft_contracts(self) -> Iterator[DebtItem]:
        for contract in self.project.contracts.values():
            if contract.status != "draft":
                continue
            is_stale = self._was_draft("contract", contract.name)
            datasets = [one for one in self.linked.model.datasets.values() if one.contract == contract.name]
            yield DebtItem(
                kind=DebtKind.STALE_DRAFT if is_stale else DebtKind.NOT_APPROVED,
                subject=contract.name,
                says="the contract is a draft" + (", and was when the window began" if is_stale else ""),
                ask=(contract.owner,) if contract.owner else (),
                share=self._share(max((self.usage.datasets.get(one.name, 0) for one in datasets), default=0)),
                place=contract.place,
            )

    def _candidates(self) -> Iterator[DebtItem]:
        """Answers that somebody said are wrong, promoted, and not put right."""
        for case in self.project.cases:
            if case.is_draft:
                is_stale = case.today < self.before.since.date()
                metrics = (
                    [name for name in case.query.metrics if name in self.linked.model.metrics] if case.query else []
                )
                yield DebtItem(
                    kind=DebtKind.STALE_DRAFT if is_stale else DebtKind.NOT_APPROVED,
                    subject=case.id,
                    says=f"somebody said {case.said or 'something'} of its answer, and nobody put it right",
                    ask=self._owners(metrics),
                    share=self._share(0),
                    place=case.place,
                )

    def _reviews(self) -> Iterator[DebtItem]:
        """What was approved before the window began, and rests on something that changed since: nobody looked anew."""
        noted = self.before.noted
        if noted is None:
            return
        moved = set()
        for name, (words, version) in approved_of(self.project, self.linked).items():
            then = noted.approved.get(name)
            if then is None or then[1] == version:
                continue
            moved.add(name)
            if then[0] == words:
                metric = self.linked.model.metrics[name]
                yield DebtItem(
                    kind=DebtKind.STALE_REVIEW,
                    subject=name,
                    says="what it is made of changed since it was approved",
                    ask=(metric.owner,) if metric.owner else (),
                    share=self._share(self.usage.metrics.get(name, 0)),
                    place=metric.place,
                )
        now = verified_of(self.project)
        for question in self.project.questions:
            changed = sorted(moved & set(question.metrics))
            if changed and question.id in now and noted.verified.get(question.id) == now[question.id]:
                yield DebtItem(
                    kind=DebtKind.STALE_REVIEW,
                    subject=question.id,
                    says=f"it was verified before {', '.join(f'`{name}`' for name in changed)} changed",
                    ask=(question.verified_by,) if question.verified_by else self._owners(changed),
                    share=self._share(0),
                    place=question.place,
                )

    def _clashes(self) -> Iterator[DebtItem]:
        terms = {word for term in self.linked.model.terms.values() for word in (term.name, *term.synonyms)}
        for clash in self.clashing:
            if clash.is_word and clash.name in terms:
                continue  # it is listed as a term of several meanings
            said = "; ".join(f"`{one}` to {', '.join(who)}" for one, who in clash.meanings.items())
            names = [name for name in (clash.name, *clash.meanings) if name in self.linked.model.metrics]
            yield DebtItem(
                kind=DebtKind.TWO_DEFINITIONS,
                subject=clash.name,
                says=f"was answered in turn as {said}",
                ask=self._owners(names),
                share=self._share(clash.count),
                place=self.linked.model.metrics[names[0]].place if names else None,
            )

    def _twin_fields(self) -> Iterator[DebtItem]:
        """Fields of one dataset that are computed alike."""
        for dataset in self.linked.model.datasets.values():
            same: dict[str, list[str]] = {}
            for field in dataset.fields.values():
                same.setdefault(" ".join(field.expr.value.split()), []).append(field.name)
            for names in same.values():
                if len(names) > 1:
                    first, *others = sorted(names)
                    yield DebtItem(
                        kind=DebtKind.SAME_DEFINITION,
                        subject=f"{dataset.name}.{first}",
                        says="is computed like " + ", ".join(f"`{name}`" for name in others),
                        ask=(),
                        share=self._share(0),
                        place=dataset.fields[first].place,
                    )

    def _unused_terms(self) -> Iterator[DebtItem]:
        asked = {name for question in self.project.questions for name in question.metrics}
        for term in self.linked.model.terms.values():
            if term.name not in asked and not self._said((term.name, *term.synonyms)):
                yield DebtItem(
                    kind=DebtKind.UNUSED,
                    subject=term.name,
                    says="nobody said the term, and no verified question names it",
                    ask=self._owners(sorted(set(term.meanings.values()))),
                    share=self._share(0),
                    place=term.place,
                )

    def _twins(self) -> Iterator[DebtItem]:
        """Metrics that are computed alike, whatever they are called."""
        same: dict[str, list[str]] = {}
        for name in self.linked.metrics:
            if name in self.linked.model.metrics:
                same.setdefault(meaning_of(self.linked, name), []).append(name)
        for names in same.values():
            if len(names) > 1:
                first, *others = sorted(names)
                yield DebtItem(
                    kind=DebtKind.SAME_DEFINITION,
                    subject=first,
                    says="is computed like " + ", ".join(f"`{name}`" for name in others),
                    ask=self._owners(names),
                    share=self._share(max(self.usage.metrics.get(name, 0) for name in names)),
                    place=self.linked.model.metrics[first].place,
                )

    def _columns(self) -> Iterator[DebtItem]:
        for (name, column), count in self.usage.columns.items():
            dataset = self.linked.model.datasets.get(name)
            if dataset is None:  # it was asked of an earlier version of the project
                continue
            promised = dataset.table.columns if dataset.table else {}
            if column in promised or any(one.physical_name == column for one in promised.values()):
                continue
            says = (
                f"contract `{dataset.contract}` does not promise it"
                if dataset.contract
                else "its dataset has no contract"
            )
            owners = self._owners(
                [one.name for one in self.linked.model.metrics.values() if self._reads(one.name, name)]
            )
            yield DebtItem(
                kind=DebtKind.NOT_PROMISED,
                subject=f"{name}.{column}",
                says=says,
                ask=owners,
                share=self._share(count),
                place=dataset.place,
            )

    def _reads(self, metric: str, dataset: str) -> bool:
        linked = self.linked.metrics.get(metric)
        return linked is not None and any(measure.fact == dataset for measure in linked.measures)

    def _unused(self) -> Iterator[DebtItem]:
        """No verified question rests on it, nothing recorded does, and no metric that is used is made of it."""
        graph = lineage_graph(self.linked, questions=self.project.questions)
        for metric in self.linked.model.metrics.values():
            reached = impact(graph, Thing(kind=ThingKind.METRIC, name=metric.name))
            names = {metric.name, *reached.names(ThingKind.METRIC)}
            if reached.names(ThingKind.QUESTION) or any(self.usage.metrics.get(name) for name in names):
                continue
            yield DebtItem(
                kind=DebtKind.UNUSED,
                subject=metric.name,
                says="no verified question and nothing that was asked rests on it",
                ask=(metric.owner,) if metric.owner else (),
                share=self._share(0),
                place=metric.place,
            )

    def _open(self) -> Iterator[DebtItem]:
        for one in self.usage.open:
            times = "once" if one.count == 1 else f"{one.count} times"
            yield DebtItem(
                kind=DebtKind.UNRESOLVED,
                subject=one.question,
                says=f"asked {times} by {', '.join(one.asked_by)} and not answered ({', '.join(one.codes)})",
                ask=self._answering(one.question),
                share=self._share(one.count),
            )

    def _answering(self, question: str) -> tuple[str, ...]:
        """Who can say what the words should mean: not whoever asked, but the owners of what they name, of the metrics
        named in full first; else everyone who owns a metric."""
        asked, metrics = set(words_of(question)), self.linked.model.metrics
        whole = [
            name
            for name, metric in metrics.items()
            if any(set(words_of(text)) <= asked for text in (name, *metric.synonyms))
        ]
        told = {word for name in whole for text in (name, *metrics[name].synonyms) for word in words_of(text)}
        for term in self.linked.model.terms.values():  # `booked revenue` is a metric, and no `revenue`
            if any(set(words_of(text)) <= asked - told for text in (term.name, *term.synonyms)):
                whole += term.meanings.values()
        near = [name for name in metrics if set(words_of(name)) & asked]
        return self._owners(whole) or self._owners(near) or self._owners(list(metrics))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    said = sorted((re.escape(word.replace("_", " ")) for word in words), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(said)})s?\b" if said else r"(?!)", re.IGNORECASE)
