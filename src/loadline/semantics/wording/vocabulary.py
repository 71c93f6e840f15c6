"""The words of the question grammar that are nobody's names: frames, joints, comparisons; and what it declines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loadline.values.query import Grain, Op


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


SILENT = _set(
    """a an the our ours we us me i my is are was were be been do does did have has had please there you your kindly
    hi hello hey thanks thank ok okay still"""
)
"""Words that carry no meaning of their own wherever they stand."""

FRAMES = _set(
    "what whats show give tell list get display find fetch pull calculate compute report see know return provide want "
    "need like look print about out let lets how much can could would figure figures number numbers value values "
    "result compare break down split high large big "
    "results amount breakdown overview stats statistics kpi metric data"
)
"""Words of asking: they may open a question, up to the first word of another kind."""

LIGHT = _set(
    "get got gotten make makes made see saw seen record recorded generate generates generated bring brings brought "
    "come comes came happen happened occur occurred have having take achieve achieved know exist exists existed"
)
"""Verbs that say no more than that there was some."""

GAPS = _set("the our a an was were is are have has had been did do we that which get got of")
TOTALS = _set("total overall combined altogether")

EACH = ("for each", "for every", "in each", "in every", "at each", "at every", "from each", "of each", "per", "each",
        "every", "by", "split by", "broken down by", "broken out by", "break down by", "breakdown by", "grouped by",
        "group by", "segmented by", "sliced by", "divided by", "split out by", "separated by", "across", "along",
        "and by", "then by", "by each", "across the", "by the")  # fmt: skip

GRAINS = {
    "day": Grain.DAY, "daily": Grain.DAY, "date": Grain.DAY,
    "week": Grain.WEEK, "weekly": Grain.WEEK,
    "month": Grain.MONTH, "monthly": Grain.MONTH,
    "quarter": Grain.QUARTER, "quarterly": Grain.QUARTER,
    "year": Grain.YEAR, "yearly": Grain.YEAR, "annual": Grain.YEAR, "annually": Grain.YEAR,
}  # fmt: skip
GRAIN_ADJECTIVES = _set("daily weekly monthly quarterly yearly annual annually")
FISCAL_GRAINS = {Grain.QUARTER: Grain.FISCAL_QUARTER, Grain.YEAR: Grain.FISCAL_YEAR}

INTO = ("in", "for", "from", "of", "with", "at", "on", "within", "among", "amongst", "where", "when", "only", "just",
        "to", "into", "via", "through", "inside", "limited to", "restricted to", "only for", "only in", "only from",
        "just for", "just in", "coming from", "going to", "that are", "that were", "which are", "which were", "that is",
        "which is", "that was", "that have", "with the", "who are", "out of", "towards", "bound for", "but only",
        "whose", "where the", "for only", "that went to", "that came from", "sent to", "shipped to", "shipped from",
        "sent from", "that have been", "that got", "having", "about", "concerning")  # fmt: skip
TOWARDS = _set("to into towards going bound")
OUT_OF = _set("from")
TO_ROLES = _set("destination dest target arrival shipto recipient receiver")
FROM_ROLES = _set("origin orig source departure shipfrom sender")

NOT = ("excluding", "except", "except for", "without", "not in", "not from", "not for", "other than", "apart from",
       "outside", "outside of", "but not", "not including", "ignoring", "leaving out", "less any", "that are not",
       "that were not", "which are not", "which were not", "not", "non", "excl", "exclude", "aside from", "minus the",
       "that is not", "not counting", "with the exception of")  # fmt: skip

COMPARATORS = {
    "more than": Op.GT, "greater than": Op.GT, "larger than": Op.GT, "higher than": Op.GT, "bigger than": Op.GT,
    "over": Op.GT, "above": Op.GT, "exceeding": Op.GT, "exceeds": Op.GT, "exceed": Op.GT, "exceeded": Op.GT,
    ">": Op.GT,
    "at least": Op.GE, "no less than": Op.GE, "not less than": Op.GE, ">=": Op.GE, "minimum of": Op.GE,
    "less than": Op.LT, "fewer than": Op.LT, "lower than": Op.LT, "smaller than": Op.LT, "under": Op.LT,
    "below": Op.LT, "<": Op.LT,
    "at most": Op.LE, "no more than": Op.LE, "not more than": Op.LE, "up to": Op.LE, "<=": Op.LE, "maximum of": Op.LE,
    "equal to": Op.EQ, "equals": Op.EQ, "=": Op.EQ, "exactly": Op.EQ,
}  # fmt: skip

AGGREGATES = {
    "average": "avg", "mean": "avg", "avg": "avg", "median": "median", "maximum": "max", "max": "max",
    "minimum": "min", "min": "min", "unique": "count_distinct", "distinct": "count_distinct",
    "different": "count_distinct",
}  # fmt: skip
"""Words that say how a number is made; only said of a metric that is made so."""

AMOUNTING = _set("amount amounted add")
COMPARING = _set("compare compares comparing comparison vs versus")
"""Words that put values side by side: each is a row of its own."""

MOST = _set("most highest largest biggest greatest")
LEAST = _set("least lowest smallest fewest")
TOP = _set("top leading")
BOTTOM = _set("bottom")

SMALL_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
} | {"twenty": 20, "fifty": 50, "hundred": 100}  # fmt: skip

CURRENCIES = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "euro": "EUR", "eur": "EUR", "dollar": "USD", "usd": "USD",
    "pound": "GBP", "gbp": "GBP", "chf": "CHF", "franc": "CHF", "sek": "SEK", "dkk": "DKK", "pln": "PLN", "jpy": "JPY",
    "yen": "JPY", "nok": "NOK", "zloty": "PLN",
}  # fmt: skip
SCALES = {"k": 1000, "thousand": 1000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000, "bn": 10**9,
          "billion": 10**9}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declined:
    """A kind of question that no governed number answers."""

    kind: str
    pattern: re.Pattern[str]
    because: str
    mend: str


def _declined(kind: str, pattern: str, because: str, mend: str) -> Declined:
    return Declined(kind, re.compile(pattern), because, mend)


DECLINED = (
    _declined(
        "about",
        r"\bwhat (does|do) .*\bmean\b|\b(definition|meaning) of\b|^\W*(define|explain)\b|"
        r"\bhow (is|are|was|were) .*\b(calculated|defined|computed|measured|counted)\b|\bwho (owns|own)\b|\bowner of\b",
        "it asks what a number means, and the answer to a question is a number",
        "ask for the number: its receipt says the definition and the owner",
    ),
    _declined(
        "order",
        r"\b(ignore|disregard|forget|override|bypass)\b.*\b(instruction|instructions|rule|rules|polic(y|ies)|prompt|"
        r"previous|above|restriction\w*|filter\w*|permission\w*|everything)\b|\bsystem prompt\b|\byou are now\b|"
        r"\bpretend\b"
        r"|\bjailbreak\b|\bact as\b|\bas (an )?admin\b|\bdeveloper mode\b|\breveal (your|the) (prompt|"
        r"instruction\w*)\b",
        "it gives orders to whoever answers, and a question gives none",
        "ask for a number; what may be seen is decided by the project's rules",
    ),
    _declined(
        "write",
        r"^\W*(please |can you |could you |would you |now |then |and |also )*(delete|drop(?! in| of)|remove|erase|"
        r"update|"
        r"insert|alter|"
        r"truncate|create|grant|revoke|wipe|purge|overwrite|modify|edit|rename|set|send|email|mail|refund|cancel|"
        r"approve|"
        r"pay|transfer|execute|run|write|change(?! in| of)|add|import|upload|reset|restore|assign)\b"
        r"|\b(drop|truncate|alter) (table|database|schema)\b|\bdelete from\b|\binsert into\b|\bupdate \w+ set\b"
        r"|\bunion (all )?select\b|\bselect\b.+\bfrom\b|;\s*--|\b(and|then|also) (then )?(delete|drop|erase|wipe|"
        r"truncate|"
        r"remove|update|insert|email|send)\b",
        "it asks to change or send something, and a question only reads",
        "ask for a number",
    ),
    _declined(
        "why",
        r"\bwhy\b|\bhow come\b|\bwhat (caused|causes|drove|drives|explains|explained|led to|leads to|is driving|"
        r"is causing|"
        r"are the (reasons|causes|drivers))\b|\b(reasons?|causes?|drivers?|explanation) (for|behind|why|"
        r"of the (drop|rise|"
        r"fall|increase|decrease|decline|growth|change))\b|\bbecause of\b|\bdue to\b|\broot cause\b|\bexplain\b|"
        r"\b(effect|impact|influence) of\b.*\bon\b|\b(affect|affects|affected|impacts|impacted|influence|influences|"
        r"influenced|correlat\w+)\b|\bas a result of\b|\bresponsible for\b",
        "it asks for a cause, and a governed number says how much, not why",
        "ask how much there was, by a dimension that may show where the difference lies",
    ),
    _declined(
        "forecast",
        r"\b(forecast\w*|predict\w*|projected|projection\w*|outlook|will|going to be|expect\w*|anticipate\w*|"
        r"estimate\w*|"
        r"tomorrow|upcoming|future|run[- ]rate)\b|\bnext (week|month|quarter|year|fiscal|\d+|few|two|three|four|six|"
        r"twelve)"
        r"\b|\bby the end of (this|next|the)\b|\bwhat if\b|\bif we\b|\bwould (have|be|happen|our)\b|\bsimulat\w+\b",
        "it asks for what has not happened, and a governed number counts what did",
        "ask for a period that has begun",
    ),
    _declined(
        "opinion",
        r"\b(should|ought|recommend\w*|suggest\w*|advise|advice|opinion|think|believe|worried|worry|healthy|"
        r"good enough|"
        r"is it (good|bad|ok|okay|normal|worth)|best way|how (can|could|do|should) we (improve|increase|grow|reduce|"
        r"raise|"
        r"boost|cut|lower|fix)|improve|strategy|interesting|insights?|anomal\w+|outliers?|unusual|suspicious|"
        r"concerning|"
        r"performing|performance|doing)\b",
        "it asks for a judgement, and a governed number holds none",
        "ask for the number you would judge by",
    ),
    _declined(
        "context",
        r"\b(them|those|these|they|same thing|that one|previous question|the above|last answer|your answer|it)\b|"
        r"^\W*(and|but|what about|how about)\b",
        "it points to something said before, and each question is read by itself",
        "ask the whole question again",
    ),
    _declined(
        "own definition",
        r"\b(meaning|defined as|define|i mean|by which i mean|in the sense of|assuming|assume|if you count|"
        r"counting only|"
        r"including|inclusive of|incl|plus|minus|adjusted|pro forma|like[- ]for[- ]like|organic|normali[sz]ed|"
        r"excluding tax|"
        r"net of|gross of|before tax|after tax|tax|vat|ex vat|times|multiplied|as opposed to)\b",
        "it brings a definition of its own, and only the governed one is answered",
        "ask for a governed metric as it is defined, or ask its owner for one that is defined as you need it",
    ),
)
"""In this order; the first that fits is told. Words that are names in the project are not looked at."""

GROWN = _set(
    "growth grow grows grew grown growing change changed changes changing increase increased increases increasing "
    "decrease decreased decreases decreasing difference decline declined declines declining rise rose risen rises fall "
    "fell fallen falls drop dropped drops expand expanded shrink shrank shrunk"
)
"""Words for what lies between two periods."""
SHRUNK = _set(
    "decrease decreased decreases decreasing decline declined declines declining fall fell fallen falls drop dropped "
    "drops shrink shrank shrunk"
)
FASTEST = {"fastest": True, "quickest": True, "slowest": False}
"""Words that rank by a rate of growth: whether the highest comes first."""
STEPS = _set("mom qoq yoy wow")
SHARES = _set("share shares percentage percentages percent % proportion fraction portion")
"""Words for a part of a whole."""

UNSAYABLE = {
    "growth": "growth compares two periods", "grow": "growth compares two periods", "grew": "growth compares two "
    "periods",
    "grown": "growth compares two periods", "growing": "growth compares two periods",
    "increase": "an increase compares two periods", "increased": "an increase compares two periods",
    "decrease": "a decrease compares two periods", "decreased": "a decrease compares two periods",
    "decline": "a decline compares two periods", "declined": "a decline compares two periods",
    "change": "a change compares two periods", "changed": "a change compares two periods",
    "rise": "a rise compares two periods", "rose": "a rise compares two periods",
    "drop": "a drop compares two periods", "dropped": "a drop compares two periods",
    "fall": "a fall compares two periods", "fell": "a fall compares two periods",
    "yoy": "it compares two periods", "mom": "it compares two periods", "qoq": "it compares two periods",
    "wow": "it compares two periods", "pop": "it compares two periods",
    "compare": "it compares", "compared": "it compares", "comparison": "it compares", "versus": "it compares",
    "vs": "it compares", "difference": "a difference compares two numbers", "than": "it compares two numbers",
    "against": "it compares", "relative": "it compares", "delta": "it compares two numbers",
    "share": "a share divides a part by its whole", "percentage": "a share divides a part by its whole",
    "percent": "a share divides a part by its whole", "proportion": "a share divides a part by its whole",
    "fraction": "a share divides a part by its whole", "split": "a split divides a whole",
    "contribution": "a contribution divides a part by its whole", "ratio": "a ratio divides two numbers",
    "cumulative": "a running total adds up periods", "running": "a running total adds up periods",
    "trend": "a trend needs a grain of time", "trending": "a trend needs a grain of time",
    "develop": "a trend needs a grain of time", "developed": "a trend needs a grain of time",
    "evolve": "a trend needs a grain of time", "evolved": "a trend needs a grain of time",
    "correlation": "a correlation relates two numbers", "distribution": "a distribution counts by size",
    "average": "an average is a metric of its own", "mean": "an average is a metric of its own",
    "avg": "an average is a metric of its own", "median": "a median is a metric of its own",
    "typical": "an average is a metric of its own", "maximum": "a maximum is a metric of its own",
    "minimum": "a minimum is a metric of its own", "worst": "which end is the worst is a judgement",
    "best": "which end is the best is a judgement", "percentile": "a percentile is a metric of its own",
    "per": "a number per something is a metric of its own", "unique": "counting each once is a metric of its own",
    "distinct": "counting each once is a metric of its own", "different": "counting each once is a metric of its own",
}  # fmt: skip
"""Words that ask for what a query in words cannot say yet, and what they ask for."""
