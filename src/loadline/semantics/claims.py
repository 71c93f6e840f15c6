"""A text in, its claims about governed numbers out: each bound to what it may mean, or with the reason it is not.

Pure: what is known of names, values and days is handed in; nothing is looked up or computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadline.semantics.claims_bind import Bound, bind_number, doubted
from loadline.semantics.claims_frame import Heard, When, names_in
from loadline.semantics.claims_lexicon import Lexicon
from loadline.semantics.claims_mentions import Kind, Mention, mentions_in
from loadline.semantics.claims_periods import is_base_time
from loadline.semantics.claims_qualified import taken_back
from loadline.semantics.claims_segments import Segment, segments_of, settle
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_tables import table_claims
from loadline.semantics.claims_text import Block, Sentence, TextTable, blocks_of
from loadline.semantics.claims_times import Clock
from loadline.semantics.claims_told import told_in
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Amount, Claim, Doubt, Unit
from loadline.values.query import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`numbers` counts the printed numbers that may be claims, in prose and tables."""

    claims: tuple[Claim, ...]
    numbers: int


def find_claims(text: str, lexicon: Lexicon, clock: Clock) -> Found:
    """Every claim of a text, in its order."""
    return claims_of(blocks_of(text), lexicon, clock)


def claims_of(blocks: Sequence[Block], lexicon: Lexicon, clock: Clock) -> Found:
    heard, claims, numbers = Heard(), list[Claim](), 0
    paragraph, above = -1, ""
    for block in blocks:
        match block:
            case TextTable():
                found, count = table_claims(block, above, heard, lexicon, clock)
                claims += found
                numbers += count
            case Sentence():
                above = block.text
                if block.paragraph != paragraph:
                    heard = replace(heard, metrics=(), values=(), whens=())
                    paragraph = block.paragraph
                found_here, heard, count = _sentence(block, heard, lexicon, clock)
                claims += found_here
                numbers += count
    return Found(claims=tuple(sorted(claims, key=lambda one: (one.start, one.end))), numbers=numbers)


def _sentence(block: Sentence, heard: Heard, lexicon: Lexicon, clock: Clock) -> tuple[list[Claim], Heard, int]:
    context = _context(heard)
    mentions = mentions_in(block.text, lexicon, clock, context=context)
    if block.is_heading:
        return [], _headed(mentions, heard), 0
    heard = replace(heard, has_values_here=False, whens_here=_looking_ahead(mentions))
    claims: list[Claim] = []
    for segment in segments_of(mentions):
        claims += segment_claims(segment, block, heard, lexicon)
        heard = _remember(segment, heard)
    if (denial := taken_back(mentions)) is not None:
        because = f"`{denial}` takes the statement back"
        claims = [
            replace(one, readings=(), also=(), doubt=one.doubt or Doubt.NOT_UNDERSTOOD, because=one.because or because)
            for one in claims
        ]
    numbers = sum(one.kind is Kind.NUMBER for one in mentions)
    is_wish = any(one.cue is Cue.FORECAST for one in mentions)
    spoken = heard.whens if is_wish or not heard.whens_here else heard.whens_here
    topic = heard.heading_whens or (() if is_wish else heard.whens_here)
    return claims, replace(heard, has_values_here=False, whens_here=(), whens=spoken, heading_whens=topic), numbers


def _context(heard: Heard) -> Window | None:
    whens = heard.whens or heard.heading_whens
    return whens[0].window if whens else None


def _headed(mentions: Sequence[Mention], heard: Heard) -> Heard:
    """A heading's period holds until another heading names one; its slice and metric until the next heading."""
    whens = tuple(
        When(window=one.time.window, grain=one.time.grain) for one in mentions if one.time and one.time.window
    )
    whole = Segment(mentions=tuple(mentions))
    metrics = whole.of(Kind.METRIC)
    return Heard(
        heading_whens=whens if len(whens) == 1 else () if whens else heard.heading_whens,
        heading_values=tuple(settle(one, whole) for one in whole.of(Kind.VALUE)),
        heading_metrics=names_in(metrics[0]) if len(metrics) == 1 else (),
    )


def _looking_ahead(mentions: Sequence[Mention]) -> tuple[When, ...]:
    """A sentence that names one period names it for all its statements, wherever it stands."""
    whole = Segment(mentions=tuple(mentions))
    times = [one for one in mentions if one.kind is Kind.TIME and not is_base_time(one, whole)]
    if len(times) == 1 and times[0].time is not None and times[0].time.window is not None:
        time = times[0].time
        return tuple(When(window=w, grain=time.grain) for w in time.windows)
    return ()


def segment_claims(segment: Segment, block: Sentence, heard: Heard, lexicon: Lexicon) -> Iterator[Claim]:
    """What one statement claims, number by number, then what it tells without one."""
    if block.text.rstrip(" \"'\u201d\u2019)").endswith("?"):
        yield from _asked(segment, block)
        return
    for number in segment.of(Kind.NUMBER):
        assert number.number is not None  # noqa: S101 - a mention of kind NUMBER has one
        expects = Amount(quantity=number.number.quantity)
        start, end = block.start + number.start, block.start + number.end
        try:
            bound = bind_number(number, segment, heard, lexicon)
        except Doubted as doubt:
            yield doubted(start, end, number.text, expects, doubt)
            continue
        if bound is not None:
            yield _claim(start, end, number.text, bound)
    for mention, expects_told, told in told_in(segment, heard, lexicon):
        start, end = block.start + mention.start, block.start + mention.end
        if isinstance(told, Doubted):
            yield doubted(start, end, mention.text, expects_told, told)
        else:
            yield _claim(start, end, mention.text, told)


def _asked(segment: Segment, block: Sentence) -> Iterator[Claim]:
    because = Doubted(Doubt.NOT_UNDERSTOOD, "a question claims nothing")
    for one in segment.of(Kind.NUMBER):
        assert one.number is not None  # noqa: S101 - a mention of kind NUMBER has one
        expects = Amount(quantity=one.number.quantity)
        yield doubted(block.start + one.start, block.start + one.end, one.text, expects, because)


def _claim(start: int, end: int, text: str, bound: Bound) -> Claim:
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


def _counted(segment: Segment, heard: Heard) -> tuple[Mention, ...]:
    """What is counted; `standard orders EUR 1.6m` goes on with what was spoken of, in money."""
    units = {one.number.quantity.unit for one in segment.of(Kind.NUMBER) if one.number}
    is_worth = bool(heard.metrics) and units == {Unit.MONEY}
    return () if is_worth else tuple(one for one in segment.of(Kind.NOUN) if names_in(one))


def _remember(segment: Segment, heard: Heard) -> Heard:
    """What the next statement may leave unsaid."""
    metrics = segment.of(Kind.METRIC) or segment.of(Kind.VERB)
    metrics = metrics or _counted(segment, heard)
    values = segment.of(Kind.VALUE)
    times = [one for one in segment.of(Kind.TIME) if not is_base_time(one, segment)]
    if metrics:
        heard = replace(heard, metrics=names_in(metrics[-1]))
    if values or metrics:
        settled = tuple(settle(one, segment) for one in values)
        heard = replace(heard, values=settled, has_values_here=bool(values))
    if len(times) == 1 and times[0].time is not None and times[0].time.window is not None:
        time = times[0].time
        heard = replace(heard, whens_here=tuple(When(window=w, grain=time.grain) for w in time.windows))
    elif len(times) > 1:
        heard = replace(heard, whens_here=(), whens=())
    return heard
