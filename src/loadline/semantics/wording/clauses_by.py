"""A place in a question in; what is broken down by there, with the position after it, out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from loadline.semantics.wording import vocabulary as words
from loadline.semantics.wording.clauses_metric import metric
from loadline.semantics.wording.draft import DimensionSaid, Draft, Steps
from loadline.semantics.wording.lexicon import (
    DatasetNamed,
    FieldNamed,
    FlagNamed,
    MetricNamed,
    RoleNamed,
    ValueNamed,
    kind_of,
    label_of,
    names_of,
)
from loadline.semantics.wording.sight import Sight
from loadline.values.query import By, Grain

_JOINTS = (", and", "and", ",", "&", "as well as", "along with", "together with", "and the", "and also", "then by",
           "and by", "and then by", "x", "and per", "and for each", ", by")  # fmt: skip


def dimension(sight: Sight, at: int, *, is_each: bool = False) -> Iterator[tuple[DimensionSaid, int]]:
    """`region`, `customer region`, `destination city`, `carrier`, `month`, `fiscal quarter`."""
    begin = sight.skip(at, {"the", "each", "every", "our", "calendar", "individual"})
    fiscal = begin + 1 if sight.word(begin, {"fiscal", "financial"}) else None
    if fiscal is not None and fiscal < len(sight) and sight.stems[fiscal] in words.GRAINS:
        grain = words.FISCAL_GRAINS.get(words.GRAINS[sight.stems[fiscal]])
        if grain is not None:
            yield DimensionSaid(sight.said(begin, fiscal + 1), (By(name="time", grain=grain),)), fiscal + 1
        return
    found = sight.found(begin)
    if begin < len(sight) and sight.stems[begin] in words.GRAINS and (found is None or found.end == begin + 1):
        if not sight.word(
            begin, words.GRAIN_ADJECTIVES
        ):  # `month` is the metric's own time, whatever columns are called
            grain = words.GRAINS[sight.stems[begin]]
            yield DimensionSaid(sight.said(begin, begin + 1), (By(name="time", grain=grain),)), begin + 1
        return
    options: dict[By, None] = {}
    owns: dict[str, None] = {}
    for phrase in found.phrases if found is not None else ():
        match phrase.named:
            case FieldNamed(dataset=dataset, field=name, roles=roles, is_owned=is_owned):
                if is_each and _is_number(sight, dataset, name):
                    continue  # `per employee` divides; it does not group by how many there are
                named = [f"{role}.{name}" for role in roles] or list(names_of(sight.lexicon.linked, dataset, name))
                options.update(dict.fromkeys(By(name=one) for one in (named[:1] if is_owned else named)))
                owns[name] = None
            case DatasetNamed(dataset=dataset):
                options.update(dict.fromkeys(_label(sight, dataset, dataset)))
            case RoleNamed(role=role, dataset=dataset):
                options.update(dict.fromkeys(_label(sight, dataset, role)))
            case MetricNamed() | FlagNamed() | ValueNamed():
                pass
    if found is not None and options:
        yield DimensionSaid(found.word, tuple(options), next(iter(owns)) if len(owns) == 1 else ""), found.end


def _is_number(sight: Sight, dataset: str, name: str) -> bool:
    if name in sight.lexicon.linked.model.datasets[dataset].key:
        return False
    return kind_of(sight.lexicon.linked, dataset, name) in {"integer", "number"}


def _label(sight: Sight, dataset: str, name: str) -> tuple[By, ...]:
    """What a row is called by; where there is no one field for it, its text fields, to be asked about."""
    linked = sight.lexicon.linked
    label = label_of(linked, dataset)
    if label is not None:
        return (By(name=f"{name}.{label}"),)
    key = linked.model.datasets[dataset].key
    if name == dataset and len(key) == 1:
        return (By(name=f"{name}.{key[0]}"),)
    return tuple(By(name=f"{name}.{field}") for owner, field in sight.lexicon.values if owner == dataset)


def broken_down(sight: Sight, draft: Draft, at: int) -> Steps:
    end = sight.phrase(at, words.EACH)
    if end is None:
        return
    is_each = not sight.word(at, {"by", "across", "along"}) and not sight.word(end - 1, {"by"})
    for first, after in dimension(sight, end, is_each=is_each):
        per = _per(sight, end) if sight.word(at, {"per"}) else None
        read = replace(draft, dimensions=(*draft.dimensions, first), per=per or draft.per, is_open=False)
        yield read, after
        while (joint := sight.phrase(after, _JOINTS)) is not None:
            following = next(dimension(sight, joint), None)
            if following is None:
                break
            said, after = following  # noqa: PLW2901 - the list goes on from there
            read = replace(read, dimensions=(*read.dimensions, said))
            yield read, after
    if sight.word(at, {"by"}) and draft.is_descending is not None:
        yield from metric(sight, replace(draft, ranked_by=len(draft.metrics)), end)
    if sight.word(at, {"by"}) and at > 0 and sight.tokens[at - 1].text.endswith("ed"):
        yield from _agent(sight, draft, end)


def _agent(sight: Sight, draft: Draft, at: int) -> Steps:
    """`orders placed by customers in Germany`: who did it, which says nothing new. Beside the breakdown, so that the
    asker is asked."""
    found = sight.found(at)
    if found is not None and all(isinstance(p.named, DatasetNamed) for p in found.phrases):
        yield replace(draft, is_open=False), found.end


def _per(sight: Sight, at: int) -> tuple[str, str] | None:
    """`per customer` may mean each customer's, or what there is on average."""
    found = sight.found(at)
    datasets = [p.named.dataset for p in found.phrases if isinstance(p.named, DatasetNamed)] if found else []
    return (found.word, datasets[0]) if found is not None and datasets else None


def by_grain(sight: Sight, draft: Draft, at: int) -> Steps:
    """`monthly`, `month by month`."""
    if sight.word(at, words.GRAIN_ADJECTIVES) and not sight.word(at + 1, words.GROWN):
        grain = words.GRAINS[sight.tokens[at].text]
        end = at + 1
    elif sight.word(at + 1, {"by"}) and at + 2 < len(sight) and sight.stems[at] == sight.stems[at + 2]:
        grain, end = words.GRAINS.get(sight.stems[at], Grain.DAY), at + 3
        if sight.stems[at] not in words.GRAINS:
            return
    else:
        return
    said = DimensionSaid(sight.said(at, end), (By(name="time", grain=grain),))
    yield replace(draft, dimensions=(*draft.dimensions, said), is_open=False), end
