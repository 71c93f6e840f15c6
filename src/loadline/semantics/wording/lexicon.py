"""A linked model, verified questions and known values in; every phrase that has a governed meaning out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loadline.semantics.linked import Linked, LinkedMetric
from loadline.semantics.nodes import Measure
from loadline.semantics.typed import Fault
from loadline.semantics.wording.countries import COUNTRIES, DEMONYMS, are_country_codes
from loadline.semantics.wording.profile import OPEN_CLASSES, FieldValues, Profile
from loadline.semantics.wording.stems import stem
from loadline.semantics.wording.tokens import fold
from loadline.values.model import Metric
from loadline.values.question import VerifiedQuestion


@dataclass(frozen=True, slots=True)
class MetricNamed:
    name: str  # a metric or a term


@dataclass(frozen=True, slots=True)
class FieldNamed:
    dataset: str
    field: str
    roles: tuple[str, ...] = ()  # said with a role in front: `destination city`
    is_owned: bool = False  # said with its dataset in front: `customer region`


@dataclass(frozen=True, slots=True)
class DatasetNamed:
    dataset: str


@dataclass(frozen=True, slots=True)
class RoleNamed:
    role: str
    dataset: str


@dataclass(frozen=True, slots=True)
class FlagNamed:
    """A boolean field said as an adjective: `damaged`, `on time`, `key account`."""

    dataset: str
    field: str


@dataclass(frozen=True, slots=True)
class ValueNamed:
    dataset: str
    field: str
    value: str


Named = MetricNamed | FieldNamed | DatasetNamed | RoleNamed | FlagNamed | ValueNamed


@dataclass(frozen=True, slots=True)
class Phrase:
    """`words` are the stems that each word may have. `may` are further stems that may stand among them and say nothing
    new (`orders` in `cancelled orders`, where the metric counts orders). Where `is_free`, the order does not count.
    `owners` are whose the counted rows are: they may stand before the verb (`orders did customers place`). `exact` is
    how the text must be spelled, for a short code."""

    words: tuple[frozenset[str], ...]
    named: Named
    may: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    is_free: bool = False
    exact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    linked: Linked
    phrases: Mapping[str, tuple[Phrase, ...]] = field(repr=False)  # by a stem it may begin with
    vocabulary: frozenset[str] = field(repr=False)
    values: Mapping[tuple[str, str], FieldValues] = field(repr=False)
    counts: Mapping[str, tuple[str, ...]]  # dataset -> metrics that count its rows, and nothing but that
    precedents: Mapping[str, tuple[str, tuple[str, ...]]]  # field -> the name verified questions mean, and which
    seen: frozenset[str] | None = None  # metrics the asker may see offered; None is all
    unseen: tuple[str, ...] = ()  # fields whose values could not be looked at

    def metric(self, name: str) -> LinkedMetric | None:
        return self.linked.metrics.get(name)


_SAME = (
    frozenset({"average", "mean", "avg"}),
    frozenset({"largest", "biggest", "highest", "maximum", "max", "greatest"}),
    frozenset({"smallest", "lowest", "minimum", "min"}),
    frozenset({"longest"}),
    frozenset({"customer", "client"}),
)
_SHARE = frozenset({"rate", "ratio", "percentage", "percent", "pct"})
_LABELS = ("name", "title", "label")


def build_lexicon(
    linked: Linked,
    questions: Sequence[VerifiedQuestion] = (),
    profile: Profile = (),
    *,
    seen: frozenset[str] | None = None,
    unseen: tuple[str, ...] = (),
) -> Lexicon:
    phrases = [*_metrics(linked), *_terms(linked), *_fields(linked), *_datasets(linked), *_values(profile)]
    by_stem: dict[str, list[Phrase]] = {}
    for phrase in dict.fromkeys(phrases):
        starts = (set().union(*phrase.words) if phrase.is_free else phrase.words[0]) | phrase.may
        for word in sorted(starts):
            by_stem.setdefault(word, []).append(phrase)
    vocabulary = {word for phrase in phrases for words in phrase.words for word in words} - _bent(linked)
    return Lexicon(
        linked=linked,
        phrases={word: tuple(found) for word, found in by_stem.items()},
        vocabulary=frozenset(vocabulary),
        values={(one.dataset, one.field): one for one in profile},
        counts=_counts(linked),
        precedents=_precedents(questions),
        seen=seen,
        unseen=unseen,
    )


def _bent(linked: Linked) -> set[str]:
    """Forms of verbs that no name has as it stands (`registere` of `registered`): read, and never suggested."""
    own = {
        word
        for metric in linked.model.metrics.values()
        for t in (metric.name, *metric.synonyms)
        for word in words_of(t)
    }
    return {word[:-cut] for word in own if word.endswith("ed") and len(word) > 5 for cut in (1, 2, 3)} - own


def words_of(text: str) -> tuple[str, ...]:
    """The stems of a name or a synonym: `booked_revenue` and `Booked revenue` are the same two."""
    return tuple(stem(word) for word in re.findall(r"[^\W\d_]+|\d+", fold(text)))


# -- metrics and terms


def _metrics(linked: Linked) -> Iterable[Phrase]:
    for one in linked.metrics.values():
        metric = one.metric
        facts = {measure.fact for measure in one.measures}
        nouns = _nouns(linked, fact := facts.pop()) if len(facts) == 1 else frozenset()
        owners = _owners(linked, fact) if nouns else frozenset()
        for text in (metric.name, *metric.synonyms):
            words = words_of(text)
            if words:
                own = frozenset(noun for noun in nouns if noun not in words)
                alternatives = tuple(_alternatives(linked, word, metric) for word in words)
                is_free = 1 < len(words) <= 4 and not {"per", "to", "until", "since", "on"} & set(words)
                yield Phrase(alternatives, MetricNamed(metric.name), may=own, owners=owners, is_free=is_free)


def _owners(linked: Linked, fact: str) -> frozenset[str]:
    """What rows are called that each row of the fact belongs to one of."""
    waiting, seen = [fact], {fact}
    while waiting:
        source = waiting.pop()
        following = {r.target for r in linked.model.relationships if r.source == source and r.role is None} - seen
        waiting += following
        seen |= following
    return frozenset(noun for name in seen - {fact} for noun in _nouns(linked, name))


def _alternatives(linked: Linked, word: str, metric: Metric) -> frozenset[str]:
    found = {word}
    for same in _SAME:
        if word in same:
            found |= same
    if word.endswith("ed") and len(word) > 5:  # `how many shipments did arrive`
        nouns = {noun for name in linked.model.datasets for noun in _nouns(linked, name)}
        found |= {word[:-1], word[:-2], word[:-3]} - nouns
    if word == "rate" and metric.format == "percent":
        found |= _SHARE
    for dataset in linked.model.datasets.values():
        if words_of(dataset.name) == (word,):
            found |= _nouns(linked, dataset.name)
    return frozenset(found)


def _nouns(linked: Linked, dataset: str) -> frozenset[str]:
    """The single words a row of the dataset is called by."""
    found = linked.model.datasets[dataset]
    spoken = [words_of(text) for text in (found.name, *found.synonyms)]
    return frozenset(words[0] for words in spoken if len(words) == 1)


def _terms(linked: Linked) -> Iterable[Phrase]:
    for term in linked.model.terms.values():
        for text in (term.name, *term.synonyms):
            if words := words_of(text):
                yield Phrase(tuple(frozenset({word}) for word in words), MetricNamed(term.name))


def _counts(linked: Linked) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, one in linked.metrics.items():
        match one.node:
            case Measure(name="count", arg=None, where=(), fact=fact):
                found[fact] = (*found.get(fact, ()), name)
            case _:
                pass
    return found


# -- fields and datasets


def _fields(linked: Linked) -> Iterable[Phrase]:
    roles = _roles(linked)
    for dataset in linked.model.datasets.values():
        nouns = _nouns(linked, dataset.name)
        for name in linked.catalog.fields_of(dataset.name):
            declared = dataset.fields.get(name)
            kind = kind_of(linked, dataset.name, name)
            for text in (name, *(declared.synonyms if declared else ())):
                words = words_of(text)
                if not words:
                    continue
                plain = tuple(frozenset({word}) for word in words)
                yield Phrase(plain, FieldNamed(dataset.name, name))
                if nouns and words[0] not in nouns:
                    yield Phrase((nouns, *plain), FieldNamed(dataset.name, name, is_owned=True))
                for role in roles.get(dataset.name, ()):
                    said = tuple(frozenset({word}) for word in words_of(role))
                    yield Phrase((*said, *plain), FieldNamed(dataset.name, name, roles=(role,)))
                if kind == "boolean" and words[0] in {"is", "was", "has"} and len(words) > 1:
                    yield Phrase(plain[1:], FlagNamed(dataset.name, name))
                elif kind == "boolean":
                    yield Phrase(plain, FlagNamed(dataset.name, name))


def kind_of(linked: Linked, dataset: str, name: str) -> str:
    try:
        return linked.catalog.field(dataset, name).kind.name
    except Fault:
        return "other"


def _roles(linked: Linked) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for relationship in linked.model.relationships:
        if relationship.role:
            found.setdefault(relationship.target, {})[relationship.role] = None
    return {target: tuple(names) for target, names in found.items()}


def names_of(linked: Linked, dataset: str, field: str) -> tuple[str, ...]:
    """Every name a field may be asked by: its dataset's, and each role's."""
    return (f"{dataset}.{field}", *(f"{role}.{field}" for role in _roles(linked).get(dataset, ())))


def _datasets(linked: Linked) -> Iterable[Phrase]:
    for dataset in linked.model.datasets.values():
        for text in (dataset.name, *dataset.synonyms):
            if words := words_of(text):
                yield Phrase(tuple(frozenset({word}) for word in words), DatasetNamed(dataset.name))
    for target, roles in _roles(linked).items():
        for role in roles:
            yield Phrase(tuple(frozenset({word}) for word in words_of(role)), RoleNamed(role, target))


def label_of(linked: Linked, dataset: str) -> str | None:
    """The field that people call a row by, if it has one that is open to all."""
    found = linked.model.datasets[dataset]
    known = linked.catalog.fields_of(dataset)
    own = [f"{noun}_{label}" for noun in _nouns(linked, dataset) for label in _LABELS]
    for name in (*sorted(_nouns(linked, dataset)), *_LABELS, *own):
        column = found.table.columns.get(name) if found.table else None
        is_open = column is None or column.classification is None or column.classification.casefold() in OPEN_CLASSES
        if name in known and is_open and kind_of(linked, dataset, name) == "string":
            return name
    return None


# -- values


def _values(profile: Profile) -> Iterable[Phrase]:
    for one in profile:
        if are_country_codes(one.values):
            for name, code in (COUNTRIES | DEMONYMS).items():
                if code in one.values:
                    yield Phrase(_said(name), ValueNamed(one.dataset, one.field, code))
        for value in one.values:
            words = words_of(value)
            if not words or all(word.isdigit() for word in words):
                continue
            exact = value if len(value) <= 2 else None
            yield Phrase(_said(value), ValueNamed(one.dataset, one.field, value), exact=exact)


def _said(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset({word}) for word in words_of(text))


# -- what verified questions have taken a word to mean


def _precedents(questions: Sequence[VerifiedQuestion]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """A field's word means what every verified question that says it means, when two or more do and all agree."""
    used: dict[str, dict[str, list[str]]] = {}
    for question in questions:
        said = set(words_of(question.text))
        names = dict.fromkeys([by.name for by in question.by] + [wanted.name for wanted in question.where])
        for name in names:
            *_, own = name.split(".")
            if "." in name and set(words_of(own)) <= said:
                used.setdefault(own, {}).setdefault(name, []).append(question.id)
    return {
        own: (name, tuple(ids))
        for own, names in used.items()
        for name, ids in names.items()
        if len(names) == 1 and len(ids) >= 2
    }
