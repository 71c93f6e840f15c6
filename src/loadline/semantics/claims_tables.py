"""A table printed in a text in, one claim for each of its numbers out.

A cell means what its column's header, its row's labels and the text above the table say together. A word in any of
them that nothing is known of leaves the whole column or row unjudged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from loadline.semantics.claims_bind import Bound, bind_number, doubted
from loadline.semantics.claims_frame import Heard, names_in
from loadline.semantics.claims_lexicon import Lexicon, phrase_of
from loadline.semantics.claims_mentions import Kind, Mention, mentions_in
from loadline.semantics.claims_numbers import CURRENCIES, SCALES, Printed, numbers_in
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_text import TextCell, TextTable
from loadline.semantics.claims_times import Clock
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Amount, Claim, Doubt, Quantity, Unit
from loadline.values.query import Window

TOTALS = frozenset(words("total sum all overall totals grand_total company group all_regions"))
_SCALED = re.compile(
    r"[(\[]?\b(?:in\s)?(?:(?P<currency>[A-Za-z]{3}|[€$£])\s?)?"
    r"(?P<scale>k|m|mn|bn|thousands?|millions?|billions?|000s?)\b[)\]]?\s*$"
    r"|[(\[](?:in\s)?(?P<alone>[A-Za-z]{3}|[€$£%]|days|minutes)[)\]]",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"^\s*(?:change|growth|delta|\u0394|yoy|qoq|vs\.?|\+/-)|\b(?:change|growth|yoy|qoq|y/y|q/q)\b", re.IGNORECASE
)
_SHARES = re.compile(r"\b(?:share|% of total|proportion|mix)\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:pp|pts?|points)\b", re.IGNORECASE)
_PRINTED = re.compile(r"^\s*[(\[]?[+\-\u2212]?\s?(?:[A-Za-z]{3}\s?|[€$£]\s?)?[\d.,\s'\u00a0\u202f]*\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A header or label, understood: its mentions, and what it says of the unit of the numbers below it."""

    text: str
    mentions: tuple[Mention, ...]
    scale: int = 0
    currency: str | None = None
    is_percent: bool = False
    is_change: bool = False
    is_share: bool = False
    is_points: bool = False
    is_total: bool = False


def table_claims(table: TextTable, above: str, heard: Heard, lexicon: Lexicon, clock: Clock) -> tuple[list[Claim], int]:
    """The claims, and how many numbers were printed. `above` is the line before the table: `Revenue (EUR m)`."""
    spoken = (*heard.whens, *heard.heading_whens)
    context = spoken[0].window if spoken else None
    labels = _label_columns(table)
    heads = _completed([_head(cell.text, lexicon, clock, context) for cell in table.header], labels)
    is_statement = any(not one.may_be_year for one in numbers_in(above))  # `It was EUR 3.5 million.` is no caption
    caption = _head("" if is_statement else above.rstrip(" .:"), lexicon, clock, context)
    claims: list[Claim] = []
    count = 0
    for row in table.rows:
        named = [_label(row[at], table.header[at], lexicon, clock, context) for at in labels if at < len(row)]
        for at, cell in enumerate(row[: len(heads)]):
            if at in labels:
                continue
            for number in _numbers(cell, _with_label_units(heads[at], _captioned(named, caption, heads[at], lexicon))):
                count += 1
                claims.append(_claim(cell, number, heads[at], named, heard, lexicon))
    return claims, count


def _completed(heads: list[_Head], labels: frozenset[int]) -> list[_Head]:
    """`change` and `share` take the table's metric where it has only one, and a change lies between its two periods."""
    others = [head for at, head in enumerate(heads) if at not in labels and not (head.is_change or head.is_share)]
    metrics = [one for head in others for one in head.mentions if one.kind in {Kind.METRIC, Kind.NOUN}]
    times = [one for head in others for one in head.mentions if one.kind is Kind.TIME]
    found = []
    for head in heads:
        own = {one.kind for one in head.mentions}
        more: tuple[Mention, ...] = ()
        if (head.is_change or head.is_share) and not own & {Kind.METRIC, Kind.NOUN} and len(metrics) == 1:
            more += (metrics[0],)
        is_based = any(one.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO} for one in head.mentions)
        if head.is_change and not is_based and Kind.TIME not in own and len(times) == 2 and len(metrics) <= 1:
            first, last = sorted(times, key=_begins)
            at = len(head.text)
            base = Mention(kind=Kind.CUE, start=at, end=at + 1, text="from", cue=Cue.FROM)
            more += (last, base, replace(first, start=at + 1, end=at + 2))
        found.append(replace(head, mentions=(*more, *head.mentions)) if more else head)
    return found


def _begins(mention: Mention) -> date:
    window = mention.time.window if mention.time else None
    return window.start if window and window.start else date.min


def _captioned(labels: Sequence[_Head], caption: _Head, head: _Head, lexicon: Lexicon) -> Sequence[_Head]:
    """`Booked revenue (EUR m)` above a table says the unit of its money, not of its counts and shares."""
    own = [name for one in (*labels, head) for each in one.mentions for name in names_in(each)]
    is_money = all((lexicon.traits[name].unit or "").isupper() for name in own)
    return [*labels, caption] if is_money else labels


def _with_label_units(head: _Head, labels: Sequence[_Head]) -> _Head:
    """A table with a metric in each row says the units there."""
    if head.is_change or head.is_share or head.scale or head.currency or head.is_percent:
        return head
    told = next((one for one in labels if one.scale or one.currency or one.is_percent), None)
    return head if told is None else replace(head, scale=told.scale, currency=told.currency, is_percent=told.is_percent)


def _label_columns(table: TextTable) -> frozenset[int]:
    """Columns whose cells are mostly no numbers; the first, if its numbers are years or nothing else is a label."""
    found = set()
    for at in range(len(table.header)):
        texts = [row[at].text for row in table.rows if at < len(row) and row[at].text]
        numeric = sum(
            bool(_PRINTED.match(text)) and not re.fullmatch(r"(?:19|20)\d{2}(?:[-\s]?[QH]\d|-\d{2})?", text)
            for text in texts
        )
        if texts and numeric * 2 < len(texts):
            found.add(at)
    return frozenset(found)


def _head(text: str, lexicon: Lexicon, clock: Clock, context: Window | None) -> _Head:
    scaled = _SCALED.search(text)
    scale, currency = 0, None
    rest = text
    if scaled:
        word = (scaled["scale"] or "").lower()
        unit = (scaled["currency"] or scaled["alone"] or "").lower()
        is_meant = bool(word or unit in CURRENCIES or unit in {"%", "days", "minutes"})
        if is_meant:
            scale = 3 if word.startswith("000") else SCALES.get(word, 0)
            currency = CURRENCIES.get(unit)
            rest = text[: scaled.start()] + " " * (scaled.end() - scaled.start()) + text[scaled.end() :]
    elif (last := re.search(r"[\s(]([A-Z]{3}|[€$£])\)?\s*$", text)) and last[1].lower() in CURRENCIES:
        currency, rest = CURRENCIES[last[1].lower()], text[: last.start()]
    is_percent = "%" in text
    rest = rest.replace("%", " ").replace("_", " ")
    return _Head(
        text=text,
        mentions=mentions_in(rest, lexicon, clock, context=context),
        scale=scale,
        currency=currency,
        is_percent=is_percent,
        is_change=bool(_CHANGES.search(text)),
        is_share=bool(_SHARES.search(text)),
        is_points=bool(_POINTS.search(text)),
        is_total=text.strip().lower() in TOTALS,
    )


def _label(cell: TextCell, header: TextCell, lexicon: Lexicon, clock: Clock, context: Window | None) -> _Head:
    """A row's label, read with its column's header, which may say what it is: `carrier` above `Tollgate`."""
    head = _head(cell.text, lexicon, clock, context)
    if head.is_total or any(one.kind in {Kind.METRIC, Kind.TIME} for one in head.mentions):
        return head
    above = [
        one
        for one in mentions_in(header.text.replace("_", " ").replace(".", " "), lexicon, clock)
        if one.kind in {Kind.DIMENSION, Kind.NOUN}
    ]
    wanted = {dimension for one in above for dimension in one.dimensions()}
    fields = {dimension.partition(".")[2] for dimension in wanted}
    narrowed = []
    for one in head.mentions:
        exact = tuple(ref for ref in one.values() if ref.dimension in wanted)
        close = tuple(ref for ref in one.values() if ref.dimension.partition(".")[2] in fields)
        narrowed.append(replace(one, kind=Kind.VALUE, refs=exact or close) if exact or close else one)
    return replace(head, mentions=tuple(narrowed))


def _numbers(cell: TextCell, head: _Head) -> Sequence[Printed]:
    if not _PRINTED.match(cell.text):
        return ()
    text = cell.text
    is_negative = bool(re.match(r"^\(\s*[\d.,\s€$£]+%?\)$", text))  # accountants write losses in brackets
    bare = re.sub(r"^([+\-\u2212])\s", r"\1 ", text)
    found = numbers_in(bare)
    if len(found) != 1:
        return ()
    one = found[0]
    quantity = _in_unit(one.quantity, head)
    if is_negative:
        quantity = replace(quantity, value=-quantity.value)
    return (replace(one, quantity=quantity),)


def _in_unit(quantity: Quantity, head: _Head) -> Quantity:
    """The number with the unit and scale its header gives it."""
    if head.scale and quantity.unit in {Unit.PLAIN, Unit.MONEY}:
        power = Decimal(10) ** head.scale
        quantity = replace(quantity, value=quantity.value * power, half_step=quantity.half_step * power)
    if quantity.unit is Unit.PLAIN and head.currency:
        return replace(quantity, unit=Unit.MONEY, of=head.currency)
    if quantity.unit in {Unit.PLAIN, Unit.PERCENT} and head.is_points:
        return replace(quantity, unit=Unit.POINTS)
    if quantity.unit is Unit.PLAIN and head.is_percent:
        return replace(quantity, unit=Unit.PERCENT)
    return quantity


def _claim(
    cell: TextCell, number: Printed, head: _Head, labels: Sequence[_Head], heard: Heard, lexicon: Lexicon
) -> Claim:
    start, end = cell.start + number.start, cell.start + number.end
    text = cell.text[number.start : number.end]
    expects = Amount(quantity=number.quantity)
    try:
        bound = _bind(number, head, labels, heard, lexicon)
    except Doubted as doubt:
        return doubted(start, end, text, expects, doubt)
    if bound is None:
        return doubted(start, end, text, expects, Doubted(Doubt.NOT_UNDERSTOOD, "it claims nothing"))
    return Claim(
        start=start,
        end=end,
        text=text,
        expects=bound.expects,
        readings=bound.readings,
        also=bound.also,
        is_timeless=bound.is_timeless,
        is_any=bound.is_any,
    )


def _bind(number: Printed, head: _Head, labels: Sequence[_Head], heard: Heard, lexicon: Lexicon) -> Bound | None:
    """The cell as a statement: its row's labels, then its header, then the number with the words its header means."""
    if (nameless := next((one for one in labels if _is_nameless(one)), None)) is not None:
        raise Doubted(Doubt.COHORT, f"`{nameless.text}` is no known value")
    mentions: list[Mention] = []
    at = 1
    for one in (*labels, head):
        if one is head:
            mentions.append(Mention(kind=Kind.SIGN, start=at - 1, end=at, text="|"))
        if one.is_total:
            mentions.append(Mention(kind=Kind.CUE, start=at, end=at + 1, text="total", cue=Cue.TOTAL))
        else:
            kept = [each for each in one.mentions if not _is_header_word(each, one)]
            mentions += [replace(each, start=at + each.start, end=at + each.end) for each in kept]
        at += len(one.text) + 3
    is_change = head.is_change or any(one.is_change for one in labels)
    lead = {True: Cue.UP, False: Cue.DOWN}[number.quantity.value >= 0] if is_change else None
    if lead is not None:
        mentions.append(Mention(kind=Kind.CUE, start=at, end=at + 1, text="changed", cue=lead))
        mentions.append(Mention(kind=Kind.CUE, start=at + 1, end=at + 2, text="by", cue=Cue.BY))
    elif head.is_share and number.quantity.unit is Unit.PERCENT:
        mentions.append(Mention(kind=Kind.CUE, start=at, end=at + 1, text="share", cue=Cue.SHARE))
    printed = replace(number, quantity=replace(number.quantity, value=abs(number.quantity.value))) if lead else number
    told = Mention(kind=Kind.NUMBER, start=at + 2, end=at + 3, text="", number=printed)
    segment = Segment(mentions=(*mentions, told))
    above = heard.heading_values
    here = replace(heard, values=(), has_values_here=False, heading_values=above)
    return bind_number(told, segment, here, lexicon)


_WHOLE = frozenset({"all", "company", "business", "quaywind", "group", "overall", "everything", "everyone", "whole"})


def _is_nameless(label: _Head) -> bool:
    """`Other`, `-`, `n/a`: a row that is called by no value is not all rows."""
    said = {one.text.lower() for one in label.mentions}
    is_small = all(one.kind in {Kind.NEUTRAL, Kind.SIGN} for one in label.mentions)
    return bool(label.text.strip()) and not label.is_total and is_small and not said & _WHOLE


def _is_header_word(mention: Mention, head: _Head) -> bool:
    """Words of a header that name the column and restrict nothing: a dimension's name, `change`, `share`."""
    if mention.kind in {Kind.DIMENSION, Kind.SIGN}:
        return True
    if mention.cue in {Cue.SHARE, Cue.UP, Cue.DOWN, Cue.AND, Cue.BY} and (
        head.is_change or head.is_share or mention.cue is Cue.BY
    ):
        return True
    if mention.cue is Cue.VERSUS and head.is_change:
        return True
    return mention.kind is Kind.UNKNOWN and phrase_of(mention.text) in {
        ("vs",),
        ("change",),
        ("delta",),
        ("pt",),
        ("pp",),
    }
