"""The linked model and known values in, an index of the phrases a text may use for them out.

A phrase is a tuple of stems; a stem is a small word without its plural. One phrase may mean several things: whoever
binds a claim decides, or finds it ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from loadline.errors import RequestError
from loadline.semantics.claims_places import ADJECTIVES, COMPASS
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.linked import Linked
from loadline.semantics.resolve import resolve
from loadline.semantics.wording.countries import COUNTRIES
from loadline.semantics.wording.profile import OPEN_CLASSES
from loadline.semantics.wording.stems import stem as stem_of
from loadline.semantics.wording.tokens import fold
from loadline.values.contract import Column
from loadline.values.model import Metric
from loadline.values.query import By, Query

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)?", re.UNICODE)
_COUNT = re.compile(r"count\(\s*(\w+)(?:\.\w+)?\s*\)", re.IGNORECASE)
_PLAIN_COUNT = re.compile(r"count\(\s*(\w+)\s*\)", re.IGNORECASE)
_DISTINCT = re.compile(r"\bcount\(\s*distinct\b", re.IGNORECASE)
_MEAN = re.compile(r"\b(?:avg|median|percentile)\(|/", re.IGNORECASE)
MEANS = frozenset({"average", "median"})
_UNIT_WORDS = frozenset({"minute", "day", "hour"})
_AMOUNTS = frozenset(words("revenue amount value sum sale turnover income weight fee cost"))
_SPELLINGS = {
    "mean": "average", "avg": "average", "ontime": "on time", "percentage": "share",
}  # fmt: skip
_NAMES = {code: [name for name, own in COUNTRIES.items() if own == code] for code in set(COUNTRIES.values())}
_GOOD = frozenset(
    words(
        """
        revenue margin satisfaction share customer order shipment time arrived subscription punctuality
        """
    )
)
_BAD = frozenset(
    words(
        """
        cancellation cancelled late damage damaged credit credited discount delay cost slow unpaid complaint ticket
        minute day ended refund transit pay
        """
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a binder must know of a metric. `counts` is the dataset whose rows it counts, all of them when
    `is_plain_count`. `good` is 1 when more is better, -1 when less is, 0 when nobody can say."""

    name: str
    unit: str | None = None
    is_percent: bool = False
    has_time: bool = True
    is_approved: bool = True
    is_mean: bool = False  # an average, a median or a share: it may be said to average something
    is_distinct: bool = False  # it counts each thing once: its months do not add up to its year
    words: frozenset[str] = frozenset()  # of its synonyms
    counts: str | None = None
    is_plain_count: bool = False
    good: int = 0
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricRef:
    """`names` are the metrics a phrase may mean; several when a term is not decided by the audience."""

    names: tuple[str, ...]
    term: str | None = None


@dataclass(frozen=True, slots=True)
class ValueRef:
    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class DimensionRef:
    dimension: str


@dataclass(frozen=True, slots=True)
class NounRef:
    """A dataset's own word: `orders`. Counting it is what `metrics` do."""

    dataset: str
    metrics: tuple[str, ...]


Ref = MetricRef | ValueRef | DimensionRef | NounRef
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """`reaches(metric, dimension)`: whether the metric may be broken down so. `bags` are phrases whose words may stand
    in any order, a few words apart: `orders were cancelled`. `members` are the known values of each dimension."""

    index: Mapping[str, tuple[tuple[Phrase, Ref], ...]]
    bags: tuple[tuple[frozenset[str], str], ...]
    traits: Mapping[str, Traits]
    members: Mapping[str, tuple[str, ...]]
    reaches: Callable[[str, str], bool] = field(repr=False)
    reachable_nouns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    verbs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """`booked` to the metrics it is said of: those that are called `booked revenue`."""

    def is_role(self, dimension: str) -> bool:
        return dimension.partition(".")[0] in self.roles

    def at(self, stems: tuple[str, ...], start: int) -> tuple[int, tuple[Ref, ...]]:
        """The longest phrase that begins at `start`: how many stems it takes, and all it may mean."""
        best, refs = 0, dict[Ref, None]()
        for phrase, ref in self.index.get(stems[start], ()):
            size = len(phrase)
            if size >= best and stems[start : start + size] == phrase:
                if size > best:
                    best, refs = size, {}
                refs[ref] = None
        return best, tuple(refs)


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Small, without possessive and plural; common second spellings made one."""
    low = fold(word).removesuffix("'s").removesuffix("'")
    low = _SPELLINGS.get(low, low)
    return low if " " in low else stem_of(low)


def phrase_of(text: str) -> Phrase:
    return tuple(
        stem(part)
        for word in WORD.findall(text.replace("_", " "))
        for part in _SPELLINGS.get(word.lower(), word).split()
    )


def dimensions_of(linked: Linked) -> tuple[str, ...]:
    """Every text dimension whose values may be named in a text: `dataset.field`, and `role.field`. Fields under a
    classification are left out, whoever asks."""
    model, found = linked.model, list[str]()
    for dataset in model.datasets.values():
        for name in linked.catalog.fields_of(dataset.name):
            column = dataset.table.columns.get(name) if dataset.table else None
            is_key = name in dataset.key or (column is not None and column.key_position is not None)
            if is_key or (column is not None and not _is_open(column)):
                continue
            if linked.catalog.field(dataset.name, name).kind.name == "string":
                found.append(f"{dataset.name}.{name}")
    for relationship in model.relationships:
        if relationship.role:
            found += [
                f"{relationship.role}.{one.partition('.')[2]}"
                for one in found
                if one.startswith(f"{relationship.target}.")
            ]
    return tuple(dict.fromkeys(found))


def _is_open(column: Column) -> bool:
    return column.classification is None or column.classification.casefold() in OPEN_CLASSES


def build_lexicon(linked: Linked, *, audience: str | None, members: Mapping[str, tuple[str, ...]]) -> Lexicon:
    """Names, synonyms, terms as the audience means them, values and dataset words."""
    traits = {name: _traits(linked, name) for name in linked.metrics}
    entries: list[tuple[Phrase, Ref]] = []
    entries += _metric_entries(linked, audience)
    entries += _noun_entries(linked, traits)
    for dimension, values in members.items():
        entries += [(phrase, ValueRef(dimension, value)) for value in values for phrase in value_phrases(value)]
        entries += [(phrase, DimensionRef(dimension)) for phrase in _dimension_phrases(linked, dimension)]
    index: dict[str, dict[tuple[Phrase, Ref], None]] = {}
    for phrase, ref in entries:
        if phrase:
            index.setdefault(phrase[0], {})[phrase, ref] = None
    known: dict[tuple[str, str], bool] = {}

    def reaches(metric: str, dimension: str) -> bool:
        if (metric, dimension) not in known:
            known[metric, dimension] = _resolves(linked, Query(metrics=(metric,), by=(By(name=dimension),)))
        return known[metric, dimension]

    return Lexicon(
        index={first: tuple(found) for first, found in index.items()},
        bags=tuple((frozenset(phrase_of(name)), name) for name, one in traits.items() if one.counts and "_" in name),
        traits=traits,
        members=members,
        reaches=reaches,
        roles=frozenset(one.role for one in linked.model.relationships if one.role),
        reachable_nouns={name: _nouns(linked, one.facts) for name, one in traits.items()},
        verbs=_verbs(linked),
    )


def _resolves(linked: Linked, query: Query) -> bool:
    try:
        resolve(linked, query)
    except RequestError:
        return False
    return True


def _traits(linked: Linked, name: str) -> Traits:
    one = linked.metrics[name]
    every = (one.metric, *(linked.metrics[part].metric for part in one.parts))
    counted = _COUNT.fullmatch(one.metric.expr.value.strip())
    plain = _PLAIN_COUNT.fullmatch(one.metric.expr.value.strip())
    is_dataset = counted is not None and counted[1] in linked.model.datasets
    words = set(phrase_of(name))
    return Traits(
        name=name,
        unit=one.metric.unit,
        is_percent=one.metric.format == "percent",
        has_time=all(measure.time is not None for measure in one.measures),
        is_approved=all(metric.status == "approved" for metric in every),
        is_mean=one.metric.format == "percent" or bool(_MEAN.search(one.metric.expr.value)),
        is_distinct=bool(_DISTINCT.search(one.metric.expr.value)),
        words=frozenset(part for synonym in one.metric.synonyms for part in phrase_of(synonym)),
        counts=counted[1] if counted and is_dataset else None,
        is_plain_count=bool(plain and is_dataset and one.metric.where is None),
        good=-1 if words & _BAD else 1 if words & _GOOD else 0,
        facts=tuple(dict.fromkeys(measure.fact for measure in one.measures)),
    )


def _metric_entries(linked: Linked, audience: str | None) -> Iterator[tuple[Phrase, Ref]]:
    for one in linked.metrics.values():
        nouns = [phrase for measure in one.measures for phrase in _dataset_phrases(linked, measure.fact)]
        for phrase in _metric_phrases(one.metric):
            yield phrase, MetricRef((one.metric.name,))
            for noun in nouns:  # `on-time delivery rate`: the word of what is counted may stand inside
                if len(phrase) > 1 and noun != phrase[-1:] and not set(noun) & set(phrase):
                    yield (*phrase[:-1], *noun, phrase[-1]), MetricRef((one.metric.name,))
    for term in linked.model.terms.values():
        meant = (term.meanings.get(audience) if audience else None) or term.otherwise
        names = (meant,) if meant in linked.metrics else tuple(dict.fromkeys(term.meanings.values()))
        for word in (term.name, *term.synonyms):
            yield phrase_of(word), MetricRef(tuple(name for name in names if name), term.name)


def _metric_phrases(metric: Metric) -> Iterator[Phrase]:
    for word in (metric.name, *metric.synonyms):
        phrase = phrase_of(word)
        yield phrase
        if len(phrase) > 2 and phrase[-1] in _UNIT_WORDS:
            yield phrase[:-1]
            yield (*phrase[:-1], "time")
        if phrase[0] == "average" and len(phrase) > 1:
            yield (*phrase[1:], "on", "average")
        if phrase[0] in MEANS and len(phrase) > 2 and phrase[-1] == "value":
            yield phrase[:-1]  # `the average order was worth …`


def _verbs(linked: Linked) -> dict[str, tuple[str, ...]]:
    """`the south booked EUR 1.7m`: the participle of an amount is its verb."""
    found: dict[str, dict[str, None]] = {}
    for one in linked.metrics.values():
        for phrase in map(phrase_of, (one.metric.name, *one.metric.synonyms)):
            is_amount = len(phrase) == 2 and phrase[1] in _AMOUNTS and one.metric.unit is not None
            if is_amount and phrase[0].endswith("ed"):
                found.setdefault(phrase[0], {})[one.metric.name] = None
    return {verb: tuple(names) for verb, names in found.items()}


def _noun_entries(linked: Linked, traits: Mapping[str, Traits]) -> Iterator[tuple[Phrase, Ref]]:
    for dataset in linked.model.datasets:
        counting = [one for one in traits.values() if one.counts == dataset]
        plain = [one.name for one in counting if one.is_plain_count]
        declared = [
            one.name
            for one in counting
            for synonym in linked.metrics[one.name].metric.synonyms
            if phrase_of(synonym) in {("number", "of", stem(dataset)), (stem(dataset), "count")}
        ]
        others = [one.name for one in counting if linked.metrics[one.name].metric.where is None]
        meant = declared[:1] or (plain if len(others) == 1 else others)
        for phrase in _dataset_phrases(linked, dataset):
            yield phrase, NounRef(dataset, tuple(meant))


def _dataset_phrases(linked: Linked, dataset: str) -> tuple[Phrase, ...]:
    one = linked.model.datasets[dataset]
    return tuple(dict.fromkeys(phrase_of(word) for word in (one.name, *one.synonyms)))


def _nouns(linked: Linked, facts: Iterable[str]) -> frozenset[str]:
    """The dataset words that restrict nothing beside a metric: those every row of its facts leads to."""
    reached = [set(linked.catalog.graph.reachable(fact)) | {fact} for fact in facts]
    return frozenset(set.intersection(*reached)) if reached else frozenset()


def value_phrases(value: str) -> Iterator[Phrase]:
    """The value itself; a country's name and adjective for its code; `northern` for `north`."""
    words = re.findall(r"[^\W_]+(?:['\u2019][^\W\d_]+)?", value)
    yield tuple(stem(word) for word in words)
    if value.isupper():
        for name in (*_NAMES.get(value, ()), *ADJECTIVES.get(value, ())):
            yield tuple(stem(word) for word in WORD.findall(name))
    if value.lower() in COMPASS:
        yield (COMPASS[value.lower()],)


def _dimension_phrases(linked: Linked, dimension: str) -> Iterator[Phrase]:
    head, _, name = dimension.partition(".")
    is_role = head not in linked.model.datasets
    phrase = phrase_of(name)
    if name == "name":
        yield phrase_of(head)
    elif is_role:
        yield (*phrase_of(head), *phrase)
    else:
        yield phrase
        declared = linked.model.datasets[head].fields.get(name)
        for synonym in declared.synonyms if declared else ():
            yield phrase_of(synonym)
