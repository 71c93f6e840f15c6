"""A question's text and a lexicon in; its query, the readings to choose from, or why there is none out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loadline.errors import RequestError
from loadline.semantics.resolve import resolve
from loadline.semantics.wording.clauses import steps
from loadline.semantics.wording.comparing import compare
from loadline.semantics.wording.draft import Draft
from loadline.semantics.wording.growing import grow
from loadline.semantics.wording.lexicon import Lexicon, MetricNamed
from loadline.semantics.wording.meant import Meant, Unsettled
from loadline.semantics.wording.offering import near_texts
from loadline.semantics.wording.rewording import mean_texts, than_texts
from loadline.semantics.wording.settle import settle
from loadline.semantics.wording.sharing import share
from loadline.semantics.wording.sight import Sight
from loadline.semantics.wording.stems import near_words
from loadline.semantics.wording.tokens import MOST, Kind, tokens_of
from loadline.semantics.wording.vocabulary import DECLINED, GROWN, SHARES, STEPS, UNSAYABLE
from loadline.semantics.words import phrase
from loadline.values.model import Calendar
from loadline.values.plan import Meaning
from loadline.values.query import Query

MOST_OFFERED = 6
MOST_STEPS = 6000
"""Ways on that are tried before a question is called too tangled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Every word is accounted for, and they can mean only this."""

    query: Query
    meanings: tuple[Meaning, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A governed reading to choose: `label` says it in a line, `query` is it."""

    label: str
    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify:
    what: str
    mend: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """`kind` is why, write, forecast, opinion, order, context, own definition, unsayable, time, residue, nothing, …;
    `residue` the words nothing could be made of; `owners` whom to ask."""

    kind: str
    what: str
    mend: str
    residue: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


Reading = Read | Clarify | NotRead

CERTAIN = frozenset(kind.kind for kind in DECLINED)
"""Kinds of NotRead that no further name or value would change."""


def read_question(
    text: str, lexicon: Lexicon, *, today: date, calendar: Calendar, audience: str | None = None, may_offer: bool = True
) -> Reading:
    """Read a question. Raises RequestError when the words are clear and the model refuses what they ask for (a term
    without an audience, a dimension that would repeat rows)."""
    plain, tokens = tokens_of(text)
    if not tokens:
        return NotRead(kind="nothing", what="nothing is asked", mend="ask a question")
    if len(tokens) > MOST:
        return NotRead(kind="long", what=f"it has more than {MOST} words", mend="ask for one thing at a time")
    sight = Sight(text=plain, tokens=tokens, lexicon=lexicon, today=today, calendar=calendar)
    if (declined := _declined(sight)) is not None:
        return declined
    reading = _weighed(sight, _drafts(sight), audience)
    match reading:
        case NotRead(kind="residue" | "nothing" | "unsayable") if may_offer:
            return offered(sight, reading, audience) or reading
        case _:
            return reading


# -- kinds of question that are no question for a number


def _declined(sight: Sight) -> NotRead | None:
    """Phrases that ask for something else. A governed name may hold any word: what is inside one is not looked at."""
    covered = _covered(sight)
    words = [
        "named" if place in covered or token.kind is Kind.QUOTED else token.text
        for place, token in enumerate(sight.tokens)
    ]
    bare = " ".join(words)
    whole = " ".join(token.text for token in sight.tokens)
    for kind in DECLINED:
        found = kind.pattern.search(whole if kind.kind == "order" else bare)
        if found is None:
            continue
        if kind.kind in {"context", "forecast"} and _is_harmless(sight, found.group().strip()):
            continue
        return NotRead(
            kind=kind.kind,
            what=kind.because if "named" in found.group() else f"`{found.group().strip()}`: {kind.because}",
            mend=kind.mend,
            owners=_owners(sight) if kind.kind == "own definition" else (),
        )
    return None


def _is_harmless(sight: Sight, said: str) -> bool:
    return said == "it" and "it take" in " ".join(token.text for token in sight.tokens)


def _covered(sight: Sight) -> set[int]:
    covered: set[int] = set()
    for place in range(len(sight)):
        found = sight.found(place)
        if found is not None and place not in covered:
            covered |= set(range(place, found.end))
        elif place not in covered and (time := sight.time(place)) is not None:
            covered |= set(range(place, time[1]))
    return covered


def _owners(sight: Sight) -> tuple[str, ...]:
    """Whoever answers for the metrics that are named."""
    owners: dict[str, None] = {}
    model = sight.lexicon.linked.model
    for place in range(len(sight)):
        found = sight.found(place)
        for one in found.phrases if found is not None else ():
            match one.named:
                case MetricNamed(name=name):
                    term = model.terms.get(name)
                    names = [name] if term is None else [*term.meanings.values()]
                    for metric in names:
                        if metric in model.metrics and (owner := model.metrics[metric].owner):
                            owners[owner] = None
                case _:
                    pass
    return tuple(owners)


# -- every way to read it


def _drafts(sight: Sight) -> list[Draft]:
    complete: dict[Draft, None] = {}
    waiting: list[tuple[Draft, int]] = [(Draft(), 0)]
    seen: set[tuple[Draft, int]] = set()
    for _ in range(MOST_STEPS):
        if not waiting:
            break
        draft, at = waiting.pop()
        if at >= len(sight):
            complete[draft] = None
            continue
        sight.furthest = max(sight.furthest, at)
        for following in steps(sight, draft, at):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return list(complete) if not waiting else []


def _weighed(sight: Sight, drafts: list[Draft], audience: str | None) -> Reading:
    readings: dict[Query, Meant] = {}
    unsettled: list[Unsettled] = []
    refused: list[RequestError] = []
    for draft in _plainest(drafts):
        try:
            for meant in _settled(sight, draft, audience):
                readings.setdefault(meant.query, meant)
        except Unsettled as one:
            unsettled.append(one)
        except RequestError as error:
            refused.append(error)
    slips = tuple(Meaning(word=sight.said(at, at + 1), means=word) for at, word in sight.slips.items())
    if len(readings) == 1:
        (meant,) = readings.values()
        return Read(query=meant.query, meanings=(*slips, *meant.meanings), assumptions=meant.assumptions)
    if readings:
        return _choose(tuple(readings.values()))
    if refused:
        raise refused[0]
    if unsettled:
        for each in unsettled:
            if options := tuple(option for option in each.options if _may_choose(sight, option, audience)):
                return Clarify(what=each.what, mend=each.mend, options=_options(options))
        best = unsettled[0]
        return NotRead(kind=best.kind, what=best.what, mend=best.mend, owners=_owners(sight))
    return _residue(sight)


def _may_choose(sight: Sight, option: Meant, audience: str | None) -> bool:
    """Not what the model would refuse; a term that wants an audience is asked about when it is chosen."""
    try:
        resolve(sight.lexicon.linked, option.query, audience=audience)
    except RequestError as error:
        return bool(error.options)
    return True


def _settled(sight: Sight, draft: Draft, audience: str | None) -> tuple[Meant, ...]:
    if draft.growth is not None or draft.step is not None:
        return grow(sight, draft, audience)
    if draft.growth_form is not None or draft.base is not None:
        return ()  # words of growth, and nothing that grew
    if draft.is_share:
        return share(sight, draft, audience)
    return settle(sight, draft, audience) if draft.compared is None else compare(sight, draft, audience)


def _plainest(drafts: list[Draft]) -> list[Draft]:
    """Of readings of the very same words, those that leave the fewest of them as mere echoes."""
    if not drafts:
        return []
    least = min(len(draft.loose) for draft in drafts)
    return [draft for draft in drafts if len(draft.loose) == least]


def _choose(readings: tuple[Meant, ...]) -> Clarify:
    options = _options(readings)
    return Clarify(
        what=f"it may mean {len(options)} things: " + ", ".join(f"`{one.label}`" for one in options[:6]),
        mend="choose one of them",
        options=options,
    )


def _options(readings: tuple[Meant, ...]) -> tuple[Option, ...]:
    labels = [one.label for one in readings]
    return tuple(
        Option(label=one.label if labels.count(one.label) == 1 else phrase(one.query), query=one.query)
        for one in readings
    )


# -- what may have been meant


def offered(sight: Sight, not_read: NotRead, audience: str | None) -> Clarify | None:
    """The question with a nearly known word put right: a slip, a part of a value, another form of a metric's own word.
    Never taken, only offered."""
    options: dict[Query, Option] = {}
    near = (
        sight.text[: sight.tokens[start].start] + text + sight.text[sight.tokens[end - 1].end :]
        for start, end, text in near_texts(sight)
    )
    if not_read.kind == "unsayable":
        for query in _made_of(sight, audience):
            options.setdefault(query, Option(label=phrase(query), query=query))
    for tried in near if not_read.kind != "unsayable" else ():
        for query in _asked_so(sight, tried, audience)[:1]:
            if len(options) < MOST_OFFERED:
                options.setdefault(query, Option(label=phrase(query), query=query))
    if not options:
        return None
    return Clarify(
        what=not_read.what, mend="choose what was meant, if it is among these", options=tuple(options.values())
    )


def _asked_so(sight: Sight, text: str, audience: str | None, *, is_sure: bool = True) -> list[Query]:
    """What another wording means; with `is_sure` only where that is one thing."""
    try:
        reading = read_question(
            text, sight.lexicon, today=sight.today, calendar=sight.calendar, audience=audience, may_offer=False
        )
    except RequestError:
        return []
    match reading:
        case Read(query=query):
            return [query]
        case Clarify(options=options) if not is_sure:
            return [one.query for one in options]
        case _:
            return []


def _made_of(sight: Sight, audience: str | None) -> list[Query]:
    """The governed numbers that `higher than` or an average per month is made of."""
    found: dict[Query, None] = {}
    for text in than_texts(sight.text):
        queries = _asked_so(sight, text, audience, is_sure=False)
        found |= {q: None for q in queries if q.by or any("[" in name for name in q.metrics)}
    for text in mean_texts(sight.text):
        found |= {q: None for q in _asked_so(sight, text, audience) if q.by}
    return list(found)[:MOST_OFFERED]


# -- what was not understood


def _mend_of_time(reason: str) -> str:
    """The periods that a reason names, to be pasted; or how one is written."""
    if "no day" in reason or "no such day" in reason:
        return "write a day that there is, as in `2026-02-28`, or the month"
    said = reason.partition("it may mean ")[2].partition(": write")[0] or reason.partition("did you mean ")[2]
    if said:
        return f"write {said.rstrip('?')}"
    return "write one period, as in `March 2026`, `last quarter` or `2026-01-01..2026-03-31`"


def _residue(sight: Sight) -> Reading:
    unknown = [n for n, token in enumerate(sight.tokens) if _is_unknown(sight, n)]
    for token in sight.tokens:
        because = UNSAYABLE.get(token.text)
        if because is not None and sight.found(sight.tokens.index(token)) is None:
            is_related = token.text in GROWN | STEPS | SHARES
            more = "".join(f"; and `{sight.said(at, at + 1)}` is not known here" for at in unknown[:3])
            return NotRead(
                kind="residue" if is_related else "unsayable",
                what=f"`{token.text}`: {because}, "
                + ("and what is said of them is not all understood" if is_related else "which words cannot say yet")
                + more,
                mend="say it as `booked revenue growth in Q3 2026 vs Q2 2026`, or `share of booked revenue by region`"
                if is_related
                else "ask for the governed metric of that kind, if there is one, or for each number by itself",
                residue=(token.text, *(sight.said(at, at + 1) for at in unknown)),
                owners=_owners(sight),
            )
    if not unknown and (reason := sight.time_reason(min(sight.furthest, len(sight) - 1))) is not None:
        return NotRead(kind="time", what=reason, mend=_mend_of_time(reason))
    if not unknown and sight.time_reasons:
        reason = next(iter(sight.time_reasons.values()))
        return NotRead(kind="time", what=reason, mend=_mend_of_time(reason))
    if unknown:
        return _unknown_words(sight, unknown)
    at = min(sight.furthest, len(sight) - 1)
    residue = sight.said(at, len(sight))
    if sight.time(at) is not None or (sight.word(at, {"and", "to"}) and sight.time(at + 1) is not None):
        return NotRead(
            kind="time",
            what=f"`{residue}` names a second period, and one answer is about one",
            mend="ask for each period by itself, or for one that holds both, by month or year",
            residue=(residue,),
        )
    return NotRead(
        kind="residue",
        what=f"`{residue}` does not fit what was read before it",
        mend="ask for a metric, `by` a dimension, `in` or `for` a value, and one period",
        residue=(residue,),
        owners=_owners(sight),
    )


def _is_unknown(sight: Sight, at: int) -> bool:
    token = sight.tokens[at]
    if token.kind is Kind.QUOTED:
        return sight.found(at) is None
    return token.kind is Kind.WORD and at not in sight.slips and not sight.is_known(token.text)


def _unknown_words(sight: Sight, unknown: list[int]) -> NotRead:
    words = tuple(sight.said(at, at + 1) for at in unknown)
    near = [near_words(sight.tokens[at].text, sight.lexicon.vocabulary) for at in unknown]
    hints = [
        f"`{word}` may be {' or '.join(f'`{n}`' for n in found)}"
        for word, found in zip(words, near, strict=True)
        if found
    ]
    owners = _owners(sight)
    ask = f"ask {' or '.join(owners)} what it should mean" if owners else "name a governed metric, field or value"
    return NotRead(
        kind="residue",
        what=f"{' and '.join(f'`{word}`' for word in words)} {'is' if len(words) == 1 else 'are'} not known here",
        mend="; ".join((*hints, ask)),
        residue=words,
        owners=owners,
    )
