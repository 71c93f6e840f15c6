"""A statement in; Doubted out where its words make the number one of a part, of a moment, or of something further.

`at its lowest`, `in a good week`, `another EUR 3m`, `by region`, `a third of …`: the number beside them is true of some
time or some part that nobody names, so that it equals the whole proves nothing. Words are matched on an outline of the
statement, in which a number is `N`, one in percent `P`, a metric `M`, a period `T`, one to compare with `B`, a value
`V`, and a dimension `D`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from loadline.semantics.claims_mentions import Kind, Mention
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import Cue
from loadline.values.claim import Doubt, Unit

_LETTERS = {Kind.NUMBER: "N", Kind.METRIC: "M", Kind.TIME: "T", Kind.VALUE: "V", Kind.DIMENSION: "D"}
_EXTREME = (
    r"(?:peak|trough|height|heights|lowest|highest|best|worst|most|least|busiest|quietest|low|high|maximum|minimum)"
)
_SPAN = r"(?:hour|day|week|weekend|month|quarter|year|period)"
_PART = r"(?:part|most|half|some|much|bulk|majority|portion|share|fraction|proportion|slice|percentage|quarter|third|P)"
_THE = r"(?:(?:the|this|that|our|its|their|all|total|a|an|overall|whole) )*"

_BEST = r"(?:best|strongest|highest|busiest|biggest|worst|weakest|lowest|slowest|quietest|top)"
_WHO = r"(?:customer|client|account|user|market|company|compan|firm|business|buyer)(?:s|ie?s|es)?(?:'s|')?"

_MOMENTS = (
    rf"\bat (?:(?:its|their|the|our|very|a|an|all-time) )*{_EXTREME}\b",
    r"\bat (?:one|some|any|various|certain|its|their|this|that) (?:\w+ )?(?:point|points|stage|time|moment)\b",
    r"\bat times\b",
    rf"\b(?:in|on|for|during) (?:most|some|many|several|all|every|each|certain|other) (?:[a-z]+ )?{_SPAN}s?\b",
    rf"\b(?:in|on|during|over|for|within) (?:an?|any|one|some|single|given)\b(?: [a-z-]+){{0,3}}? {_SPAN}\b",
    r"\b(?:once|briefly|sometimes|occasionally|temporarily|momentarily|initially|originally|at first)\b",
    r"\b(?:peak|peaked|peaking|peaks|bottomed|troughed|maxed)\b",
)
_EACH = (
    rf"\b(?:{_SPAN}|T) (?:running|straight|in a row)\b|\b(?:consecutive|straight|successive)\b",
    r"\b(?:remained|remains|remain|stayed|stay|stays|held|holds|kept|keeps)\b.* throughout\b",
    rf"\bM (?:a|an|per|each|every) {_SPAN}\b",
    r"\bby (?:[a-z]+ ){0,2}D\b",
    r"\bM (?:per|each|a) D\b",
    rf"@ (?:[a-z-]+ ){{1,2}}(?:a|an|per|each|every) {_SPAN}\b",
)
_FURTHER = (r"\b(?:another|an? (?:further|additional|extra|incremental|new|fresh)) @", r"\bfirst @")
_EXTREMES = (
    r"\b(?:high|low|highs|lows|peak|trough|ceiling|floor|best|worst) (?:of|at) @",
    r"\b[BT] (?:s )?(?:record|high|low|best|peak|maximum)\b",
    r"\bas (?:low|high|little|few|small|large) as @",
)
_UNFINISHED = (r"\bto date\b", r"\bso far\b")
_COHORTS = (
    (
        r"\b(?:an?|one|our|this|that|any|another|single|some) "
        r"(?:customer|client|account|user|team|market|desk|office|unit)\b"
    ),
    r"\bteam(?:'s)? M\b",
    r"\bM (?:team|desk|department|force|rep|reps|people|staff|manager|managers)\b",
    rf"\b(?:{_BEST}|largest|leading|smallest|newest|oldest)(?: N)? {_WHO}\b",
    rf"\b[a-z]+ (?:- )?time {_WHO}\b",
    r"\bon (?:- )?time\b",
    r"\bof what\b",
    r"\bV (?:team|desk|department|unit|staff)\b",
    r"\b(?:in|for|from|within) (?:(?:a|an|the|any|this|that|our|one|its|home|own) )*D(?= |$)",
    r"\b(?:in|for|from|within) (?:an?|one|any|some|each) (?:[a-z]+ )?V D(?= |$)",
)
_OTHER_METRIC = (
    r"\bby (?:value|volume|number|count|weight|amount)\b",
    (
        r"\b(?:than|versus|vs|against|above|below|behind|over|under|beyond|ahead of) (?:(?:the|our|its) )*"
        r"(?:M|D|plan|markets?|industry|peers)\b"
    ),
    rf"[@P] of {_THE}(?:growth|increase|rise|decline|decrease|drop|fall|change|gain)s?\b",
    r"\b(?:trailing|lagging|leading|rolling|running|growing|rising|falling) M\b",
    r"\bM M\b",
    r"\bM (?:less|minus|net of|without|excluding|excl|before|after) (?:(?:the|our|its) )*M\b",
    r"\bM (?:line|lines|item|items)\b",
)
_SUMS = (r"\bM (?:and|plus|,) (?:the |our |its )*M\b",)


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_MOMENT, _SEVERAL, _MORE, _EDGE, _OPEN, _SOME, _RENAMED, _SUM = map(
    _any, (_MOMENTS, _EACH, _FURTHER, _EXTREMES, _UNFINISHED, _COHORTS, _OTHER_METRIC, _SUMS)
)
_EXTREME_MOMENT = _any(_MOMENTS[:1])
_OF_SLICE = re.compile(rf"\b{_PART} of {_THE}(?:V M|M (?:in|of|from|for) {_THE}V)\b")
_OWN_PEAK = re.compile(
    r"\bpeaked in T (?:, )?(?:at|with) @"
    rf"|^T (?:was|is) (?:(?:the|our|its|their) )*{_BEST} (?:ever )?{_SPAN}\b(?!.*\bT\b)"
    rf"|^(?:(?:the|our|its|their) )*{_BEST} {_SPAN} (?:was|is) T\b(?!.*\bT\b)"
)
"""The period is said to be the one that was highest, and the number is its own."""
_OF_PART = re.compile(rf"\b{_PART} of {_THE}(?:M\b|@)|\bP (?:M|[a-z]+) , @")
_OF_THESE = re.compile(r"@ of (?:our|the|these|those|its|their) (?!N\b)")
_OF_WHOLE = re.compile(rf"\b(?:N|{_PART}) (?:out )?of {_THE}@")
_IN_WHOLE = re.compile(rf"@ (?:out )?of {_THE}N\b")
_NEARLY_ALL = re.compile(rf"\b(?:nearly|almost|virtually|practically|(?:not|close to)(?: quite)?) all (?:of )?{_THE}@")
_DENIALS = frozenset(
    words(
        """
        wrong wrongly false falsely untrue incorrect incorrectly mistaken mistakenly erroneous erroneously myth rumour
        rumor rumoured rumored allegedly supposedly purportedly reportedly misleading overstated understated misreported
        disputed doubtful dubious implausible hoax nobody
        """
    )
)
_SOMEBODY = frozenset(words("some few many others people nobody critics they"))
_SAYING = frozenset(words("say says said claim claims claimed believe believes think thinks suspect fear hope"))
_BASES = frozenset({Cue.YEAR_AGO, Cue.PERIOD_AGO})
_OF_IT = re.compile(r"@ of (?:it|this|these|them|which)\b")
_OF_BEST = re.compile(rf"[@NP] (?:out )?of {_THE}{_BEST} (?!N\b)")
_MOST_OF = re.compile(rf"\bmost of {_THE}(?:M|N)\b")


def outline(segment: Segment, number: Mention | None = None) -> str:
    """The statement as the patterns above read it; `number` itself is `@`."""
    sliced = {ref.dimension for value in segment.of(Kind.VALUE) for ref in value.values()}
    return " ".join(
        "@" if one is number else one.text.lower() if sliced.intersection(one.dimensions()) else _letter(one)
        for one in segment.mentions
        if one.text not in {"'", '"'}
    )


def _letter(one: Mention) -> str:
    if one.number is not None and one.number.quantity.unit is Unit.PERCENT:
        return "P"
    return "B" if one.cue in {Cue.YEAR_AGO, Cue.PERIOD_AGO} else _LETTERS.get(one.kind, one.text.lower())


def taken_back(mentions: Sequence[Mention]) -> str | None:
    """The words that say of a whole sentence that it is not so, or only said: `which is wrong`, `some say that`."""
    said = [one for one in mentions if one.kind in {Kind.UNKNOWN, Kind.NEUTRAL, Kind.CUE}]
    for one, after in zip_longest(said, said[1:]):
        word = one.text.lower()
        if word in _DENIALS:
            return one.text
        if word in _SOMEBODY and after is not None and after.text.lower() in _SAYING:
            return f"{one.text} {after.text}"
    return None


def refuse_qualified(number: Mention, segment: Segment) -> None:
    """Raises Doubted where the number is not plainly that of the metric, the slice and the period."""
    said = outline(segment, number)
    if _OWN_PEAK.search(said):
        return
    _refuse_extreme(segment)
    for pattern, doubt, why in (
        (_MOMENT, Doubt.AMBIGUOUS, "is of some time that is not named"),
        (_MORE, Doubt.NOT_UNDERSTOOD, "comes on top of something"),
        (_EDGE, Doubt.AMBIGUOUS, "does not say among which periods or values"),
        (_OPEN, Doubt.AMBIGUOUS, "does not say from when"),
        (_RENAMED, Doubt.INVENTED, "is not a governed metric"),
        (_SEVERAL, Doubt.NOT_UNDERSTOOD, "speaks of several numbers at once"),
        (_SOME, Doubt.COHORT, "is no known cohort"),
    ):
        if found := pattern.search(said):
            raise Doubted(doubt, f"`{_shown(found[0], segment, number)}` {why}")
    is_one = len([one for one in segment.of(Kind.NUMBER) if one.number is not None]) == 1
    if is_one and segment.cues(Cue.TOGETHER, Cue.TOTAL) and (found := _SUM.search(said)):
        raise Doubted(Doubt.INVENTED, f"the sum of `{_shown(found[0], segment, number)}` is not a governed metric")


def refuse_told(segment: Segment) -> None:
    """`once the largest`, `in most months`, `rose throughout`: true of some moments, or of each. Raises Doubted."""
    said = outline(segment)
    for pattern, why in ((_MOMENT, "is of some time that is not named"), (_SEVERAL, "speaks of several at once")):
        if found := pattern.search(said):
            raise Doubted(Doubt.AMBIGUOUS, f"`{_shown(found[0], segment)}` {why}")
    if found := re.search(r"\bthroughout\b", said):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{found[0]}` speaks of every moment")
    if found := _SOME.search(said):
        raise Doubted(Doubt.COHORT, f"`{_shown(found[0], segment)}` is no known cohort")


def refuse_part(number: Mention, segment: Segment) -> None:
    """`half of booked revenue, EUR 3.5m`: which half is not said. Raises Doubted."""
    is_counted = number.number is not None and number.number.quantity.unit is Unit.PLAIN
    said = outline(segment, number)
    if found := _NEARLY_ALL.search(said):
        raise Doubted(Doubt.COHORT, f"`{_shown(found[0], segment, number)}` does not say how much of it")
    pattern = _OF_SLICE if segment.of(Kind.VALUE) else _OF_PART
    of_these = _OF_THESE.search(said) if is_counted and not segment.of(Kind.VALUE) else None
    if found := pattern.search(said) or of_these or _OF_BEST.search(said):
        raise Doubted(Doubt.COHORT, f"`{_shown(found[0], segment, number)}` is a part that is not named")


def refuse_beaten(segment: Segment) -> None:
    """`exceeded our plan`, `beat expectations`: what it is set beside is no governed number. Raises Doubted."""
    for one in segment.cues(Cue.BEATS, Cue.TRAILS):
        after = segment.after(one, skip=frozenset({Cue.OF, Cue.IN, Cue.MORE, Cue.LESS}))
        is_known = after is not None and (
            after.kind in {Kind.VALUE, Kind.METRIC, Kind.TIME, Kind.NUMBER} or after.cue in _BASES
        )
        if not is_known and after is not None and after.cue is not Cue.BY:
            raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{one.text} {after.text}` sets it beside no governed number")


def is_part_of(number: Mention, segment: Segment) -> bool:
    """The first of `1,093 out of 2,289 orders`."""
    return bool(_IN_WHOLE.search(outline(segment, number)))


def is_of_whole(number: Mention, segment: Segment) -> bool:
    """The second of `1,093 of 2,289 orders came from the south`; `most of the EUR 3.5m came from the north`."""
    return bool(_OF_WHOLE.search(outline(segment, number)))


def is_of_it(number: Mention, segment: Segment) -> bool:
    """`…, 32 % of it express`: of what was said before, whatever that was."""
    return bool(_OF_IT.search(outline(segment, number)))


def is_of_best(segment: Segment) -> bool:
    """`1,350 of our best orders`: which these are, nobody says."""
    return bool(_OF_BEST.search(outline(segment)))


def is_most_of(segment: Segment) -> bool:
    """`most of booked revenue` is more than half of it, and not the highest of several."""
    return bool(_MOST_OF.search(outline(segment)))


def is_in_time(word: Mention, segment: Segment) -> bool:
    """`peaked` and `at its lowest` rank periods, and never the value that stands beside it."""
    return word.text.lower().startswith("peak") or bool(_EXTREME_MOMENT.search(outline(segment)))


def _refuse_extreme(segment: Segment) -> None:
    extremes = [one for one in segment.cues(Cue.TOP, Cue.BOTTOM) if not _is_place(one, segment)]
    if extremes and not segment.of(Kind.VALUE):
        raise Doubted(Doubt.AMBIGUOUS, f"`{extremes[0].text}` does not say among which periods or values")


def _is_place(word: Mention, segment: Segment) -> bool:
    """`most of the EUR 3.5m`, `at least`: told elsewhere."""
    behind = segment.after(word)
    return behind is not None and behind.cue is Cue.OF and word.text.lower() == "most"


def _shown(found: str, segment: Segment, number: Mention | None = None) -> str:
    """The outline's letters as they were written."""
    shown = found if number is None else found.replace("@", number.text)
    for one in segment.mentions:
        if len(letter := _letter(one)) == 1 and letter.isupper():
            shown = re.sub(rf"\b{letter}\b", one.text, shown, count=1)
    return shown
