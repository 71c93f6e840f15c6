"""A sentence in, its mentions out: numbers, periods, metrics, values, cues, and the residue nothing is known of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from loadline.semantics.claims_lexicon import MEANS, DimensionRef, Lexicon, MetricRef, NounRef, Ref, ValueRef, stem
from loadline.semantics.claims_numbers import CURRENCIES, Printed, numbers_in
from loadline.semantics.claims_times import Clock, Timed, times_in
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import BASES, CUES, NEUTRAL, NUMBERED, ORDINALS, Cue
from loadline.values.query import Window


class Kind(Enum):
    NUMBER = "number"
    TIME = "time"
    METRIC = "metric"
    VALUE = "value"
    DIMENSION = "dimension"
    NOUN = "noun"
    VERB = "verb"  # `booked`, of booked revenue: it names the metric of an amount in its unit
    CUE = "cue"
    ORDINAL = "ordinal"
    SIGN = "sign"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A span of the sentence and what it is. Which of the fields is filled follows from `kind`."""

    kind: Kind
    start: int
    end: int
    text: str
    refs: tuple[Ref, ...] = ()
    cue: Cue | None = None
    number: Printed | None = None
    time: Timed | None = None
    place: int = 0
    is_settled: bool = False  # it has left its statement: its words there are already taken into account
    is_not: bool = False  # `excluding` stood before it

    def values(self) -> tuple[ValueRef, ...]:
        return tuple(ref for ref in self.refs if isinstance(ref, ValueRef))

    def dimensions(self) -> tuple[str, ...]:
        return tuple(ref.dimension for ref in self.refs if isinstance(ref, DimensionRef))

    def metrics(self) -> tuple[MetricRef, ...]:
        return tuple(ref for ref in self.refs if isinstance(ref, MetricRef))

    def nouns(self) -> tuple[NounRef, ...]:
        return tuple(ref for ref in self.refs if isinstance(ref, NounRef))


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    text: str
    stem: str


_PIECE = re.compile(r"[^\W_]+(?:['\u2019][^\W\d_]+)?|[^\w\s]", re.UNICODE)
_PHRASES = sorted((cue for cue in CUES if " " in cue or "-" in cue), key=len, reverse=True)
_CUE_PHRASE = re.compile(r"\b(?:" + "|".join(map(re.escape, _PHRASES)) + r")\b", re.IGNORECASE)
_MOST_OF_NOTHING = re.compile(
    r"\b(?:by\sfar|most\s(?:important|likely|notable|notably|recent|popular|of\sall))\b|(?<=\d\.\d)\s(?:out\sof|on\sa\sscale\sof)\s\d+\b"
    r"|(?<=\d\.\d\d)\s(?:out\sof|on\sa\sscale\sof)\s\d+\b|(?<=\d)\son\sa\sscale\sof\s\d+\b",
    re.IGNORECASE,
)
_MARKS = ",;:()"
_ADVERBS = frozenset(
    words(
        """
        abruptly actually admirably admittedly adequately alarmingly amazingly appreciably astonishingly astoundingly
        badly brilliantly certainly clearly commendably comfortably concretely convincingly correctly crucially
        decently decidedly decisively definitely demonstrably disappointingly distinctly dramatically drastically
        duly easily effectively encouragingly enormously evidently exceptionally expectedly explicitly fairly
        favourably favorably finally firmly fortunately frankly fully generally gently gladly gradually greatly
        handsomely happily hugely immensely importantly impressively incredibly interestingly ironically largely
        lately luckily markedly massively materially meaningfully measurably mildly minimally moderately modestly
        namely naturally neatly nicely noticeably obviously overwhelmingly painfully perceptibly perfectly plainly
        pleasantly pleasingly positively powerfully precisely predictably profoundly prominently promisingly
        properly quickly radically rapidly reassuringly regrettably reliably remarkably respectably richly robustly
        sadly safely satisfactorily seemingly seriously severely simply smoothly smartly solidly soundly spectacularly
        staggeringly steadily steeply strikingly strongly stubbornly subsequently substantively successfully suddenly
        sufficiently surely surprisingly swiftly tangibly thankfully thoroughly tremendously truly ultimately
        undoubtedly unequivocally unexpectedly unfortunately unsurprisingly unusually vastly vigorously visibly weakly
        worryingly
        """
    )
)
"""Adverbs of degree and of judgement. Another one may restrict what is counted (`domestically`), or take the statement
back (`wrongly`), so it is a word nobody knows."""
_AUXILIARY = frozenset(
    words(
        """
        were was are is be been being have has had that which we got
        """
    )
)
SHY = frozenset(
    words(
        """
        open high normal plus large small medium basic standard fixed quote track export login booking invoice
        damage published port paper urgent
        """
    )
)
"""Values that are everyday words too: they count only beside a word of their dimension or dataset, or after `via`."""
_DEGREES = frozenset(words("high low large small big long short fast slow many much few"))
"""What a thing is as much of as another: `twice as high as`."""


def mentions_in(text: str, lexicon: Lexicon, clock: Clock, *, context: Window | None = None) -> tuple[Mention, ...]:
    """All of the sentence in order, nothing left out but spaces."""
    times = times_in(text, clock, context=context)
    found = [Mention(kind=Kind.TIME, start=t.start, end=t.end, text=text[t.start : t.end], time=t) for t in times]
    found += list(_bases(text, found))
    taken = [(one.start, one.end) for one in found]
    for number in numbers_in(text):
        if not _overlaps(number.start, number.end, taken):
            found.append(
                Mention(
                    kind=Kind.NUMBER,
                    start=number.start,
                    end=number.end,
                    text=text[number.start : number.end],
                    number=number,
                )
            )
    closed = [(one.number.lead, one.number.tail) if one.number else (one.start, one.end) for one in found]
    pieces = [
        _Piece(m.start(), m.end(), m[0], stem(m[0]))
        for m in _PIECE.finditer(text)
        if not _overlaps(m.start(), m.end(), closed)
    ]
    found += list(_named(text, pieces, lexicon))
    return tuple(sorted(found, key=lambda one: one.start))


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < other_end and other < end for other, other_end in spans)


def _bases(text: str, times: list[Mention]) -> Iterator[Mention]:
    """`year on year`, `the quarter before`. It takes the place of a period that stands within it: `last year` after
    `the same quarter` is no year of its own."""
    for pattern, cue in BASES:
        for match in pattern.finditer(text):
            inside = [one for one in times if match.start() <= one.start and one.end <= match.end()]
            if _overlaps(match.start(), match.end(), [(one.start, one.end) for one in times if one not in inside]):
                continue
            for one in inside:
                times.remove(one)
            yield Mention(kind=Kind.CUE, start=match.start(), end=match.end(), text=match[0], cue=cue)


def _named(text: str, pieces: Sequence[_Piece], lexicon: Lexicon) -> Iterator[Mention]:
    bags = [*_bagged(pieces, lexicon), *_parted(pieces, lexicon)]
    taken = set[int]().union(*(places for places, _ in bags)) if bags else set[int]()
    for places, name in bags:
        first, last = pieces[min(places)], pieces[max(places)]
        yield Mention(
            kind=Kind.METRIC,
            start=first.start,
            end=first.end,
            text=text[first.start : last.end],
            refs=(MetricRef((name,)),),
        )
        for place in places:
            if pieces[place] is not first:
                yield Mention(
                    kind=Kind.NEUTRAL, start=pieces[place].start, end=pieces[place].end, text=pieces[place].text
                )
    phrases = {match.start(): match for match in _CUE_PHRASE.finditer(text)}
    empty = {at for match in _MOST_OF_NOTHING.finditer(text) for at in range(match.start(), match.end())}
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if at in taken:
            at += 1
            continue
        size, refs = _longest(text, pieces, at, lexicon, taken)
        size = 0 if at and pieces[at - 1].text.lower() == "as" and piece.text.lower() in _DEGREES else size
        if size and not _is_stronger_cue(piece, size, refs):
            last = pieces[at + size - 1]
            yield Mention(
                kind=_kind(refs), start=piece.start, end=last.end, text=text[piece.start : last.end], refs=refs
            )
            at += size
        elif piece.start in empty:
            yield Mention(kind=Kind.NEUTRAL, start=piece.start, end=piece.end, text=piece.text)
            at += 1
        elif (match := phrases.get(piece.start)) is not None:
            yield Mention(
                kind=Kind.CUE, start=match.start(), end=match.end(), text=match[0], cue=CUES[match[0].lower()]
            )
            while at < len(pieces) and pieces[at].start < match.end():
                at += 1
        else:
            yield _plain(piece, lexicon)
            at += 1


def _is_stronger_cue(piece: _Piece, size: int, refs: tuple[Ref, ...]) -> bool:
    """A word alone that both names something and carries a claim (`lead`, `growth`) is first of all the latter."""
    word = piece.text.lower()
    return size == 1 and word in CUES and not any(isinstance(ref, MetricRef | NounRef) for ref in refs)


def _longest(
    text: str, pieces: Sequence[_Piece], at: int, lexicon: Lexicon, taken: set[int]
) -> tuple[int, tuple[Ref, ...]]:
    stop = at
    stems: list[str] = []
    while stop < len(pieces) and stop - at < 7 and stop not in taken:
        piece = pieces[stop]
        if stems and text[pieces[stop - 1].end : piece.start].strip(" _"):
            break  # a number or a period stands between
        if piece.text in {"-", "_", "&", "/"} and stems:
            if text[pieces[stop - 1].end : piece.end] not in {"-", "_", "/", " &", "&"}:
                break
            stop += 1
            continue
        stems.append(piece.stem)
        stop += 1
    size, refs = lexicon.at(tuple(stems), 0) if stems else (0, ())
    if not size:
        return 0, ()
    is_money = size == 1 and pieces[at].text.lower() in CURRENCIES and "currenc" not in text.lower()
    refs = tuple(
        ref for ref in refs if not isinstance(ref, ValueRef) or not (is_money or _is_miscased(ref.value, pieces[at]))
    )
    if not refs:
        return 0, ()
    count, seen = 0, 0
    for piece in pieces[at:stop]:
        count += 1
        seen += piece.text not in {"-", "_", "&", "/"}
        if seen == size:
            break
    return count, refs


def _is_miscased(value: str, piece: _Piece) -> bool:
    """A code is written in capitals: `it` is no Italy."""
    return value.isupper() and len(value) <= 3 and piece.text.upper() == value and piece.text != value


def _bagged(pieces: Sequence[_Piece], lexicon: Lexicon) -> list[tuple[frozenset[int], str]]:
    """Metrics that count something, told as a sentence: `311 orders were cancelled`, `cancelled 311 orders`."""
    found: list[tuple[frozenset[int], str]] = []
    for bag, name in lexicon.bags:
        places = [at for at, piece in enumerate(pieces) if piece.stem in bag]
        for first in places:
            near = [at for at in places if first <= at <= first + len(bag) + 2]
            chosen: dict[str, int] = {}
            for at in near:
                chosen.setdefault(pieces[at].stem, at)
            if len(chosen) < len(bag) or max(chosen.values()) - first == len(bag) - 1:
                continue  # incomplete; or in one piece, which the index finds in its own order
            between = [at for at in range(first, max(chosen.values())) if at not in chosen.values()]
            if all(pieces[at].stem in _AUXILIARY or pieces[at].text.lower() in _AUXILIARY for at in between):
                found.append((frozenset(chosen.values()), name))
                break
    for bag, name in lexicon.bags:  # the same words in another order, side by side: `cancelled orders`
        for at in range(len(pieces) - len(bag) + 1):
            run = [piece.stem for piece in pieces[at : at + len(bag)]]
            if frozenset(run) == bag and len(run) == len(bag):
                found.append((frozenset(range(at, at + len(bag))), name))
    found.sort(key=lambda one: -len(one[0]))
    kept: list[tuple[frozenset[int], str]] = []
    for places_of, name in found:
        if not any(places_of & other for other, _ in kept):
            kept.append((places_of, name))
    return kept


def _parted(pieces: Sequence[_Piece], lexicon: Lexicon) -> Iterator[tuple[frozenset[int], str]]:
    """`the average express order`: a mean with the value it is of inside its name."""
    stems = tuple(piece.stem for piece in pieces)
    for at, word in enumerate(stems):
        if word not in MEANS or at + 2 >= len(stems):
            continue
        size, refs = lexicon.at(stems, at + 1)
        after = at + 1 + size
        if not size or not all(isinstance(ref, ValueRef) for ref in refs):
            continue
        found = [
            (len(phrase), ref.names[0])
            for phrase, ref in lexicon.index.get(word, ())
            if isinstance(ref, MetricRef)
            and len(ref.names) == 1
            and stems[after : after + len(phrase) - 1] == phrase[1:]
        ]
        if found:
            length, name = max(found)
            yield frozenset({at, *range(after, after + length - 1)}), name


def _kind(refs: tuple[Ref, ...]) -> Kind:
    kinds = {type(ref) for ref in refs}
    if MetricRef in kinds:
        return Kind.METRIC
    if ValueRef in kinds and NounRef not in kinds:
        return Kind.VALUE
    return Kind.NOUN if NounRef in kinds else Kind.DIMENSION


def _plain(piece: _Piece, lexicon: Lexicon) -> Mention:
    word = piece.text.lower()
    kind, cue, place = Kind.UNKNOWN, None, 0
    if numbered := NUMBERED.fullmatch(piece.text):
        kind, place = Kind.ORDINAL, int(numbered[1])
    elif word in CUES:
        kind, cue = Kind.CUE, CUES[word]
    elif word in ORDINALS:
        kind, place = Kind.ORDINAL, ORDINALS[word]
    elif piece.text in _MARKS:
        kind = Kind.SIGN
    elif not piece.text[0].isalnum() or word in NEUTRAL or piece.stem in NEUTRAL or word in _ADVERBS:
        kind = Kind.NEUTRAL
    verbs = lexicon.verbs.get(piece.stem, ()) if kind is Kind.UNKNOWN else ()
    refs = (MetricRef(verbs),) if verbs else ()
    kind = Kind.VERB if verbs else kind
    return Mention(kind=kind, start=piece.start, end=piece.end, text=piece.text, refs=refs, cue=cue, place=place)
