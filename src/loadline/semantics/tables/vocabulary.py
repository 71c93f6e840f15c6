"""The words that statements about tables are made of: those that claim, those that say what a row is, and those that
restrict nothing. A word that is in none of them is not known, and a statement with one is not judged."""

from __future__ import annotations

from enum import Enum

from loadline.semantics.claims_lexicon import stem
from loadline.semantics.claims_vocabulary import words


class Say(Enum):
    """What a word does in a statement."""

    TOP = "top"
    BOTTOM = "bottom"
    BEST = "best"
    WORST = "worst"
    MORE = "more"
    LESS = "less"
    BEATS = "beats"
    LOSES = "loses"
    THAN = "than"
    SAME = "same"
    OTHERS = "any other"
    ALL = "all"
    NONE = "none"
    ONLY = "only"
    BOTH = "both"
    MOST_OF = "most of"
    TOTAL = "total"
    AVERAGE = "average"
    UP = "up"
    DOWN = "down"
    BEFORE = "before"
    AFTER = "after"
    BETWEEN = "between"
    FROM = "from"
    TO = "to"
    EARLIEST = "earliest"
    LATEST = "latest"
    BY = "by"
    AND = "and"
    OF = "of"
    BE = "be"
    THERE = "there"
    WIN = "win"
    NOT = "not"
    AT = "at"


_SAID: dict[Say, str] = {
    Say.TOP: "highest most largest greatest biggest maximum top tallest heaviest longest hottest warmest "
    "most_expensive most_populous deepest",
    Say.BOTTOM: "lowest least fewest smallest minimum lightest shortest coldest cheapest shallowest youngest",
    Say.BEST: "best",
    Say.WORST: "worst poorest",
    Say.MORE: "more higher greater larger bigger taller heavier longer older deeper",
    Say.LESS: "less fewer lower smaller shorter lighter younger shallower",
    Say.BEATS: "outperforms outperform outperformed exceeds exceed exceeded surpasses surpass surpassed better_than",
    Say.LOSES: "worse_than underperforms underperform underperformed",
    Say.THAN: "than compared_to compared_with",
    Say.SAME: "same equal identical tied",
    Say.OTHERS: "any_other all_other every_other all_others the_others any_of_the_other all_the_other all_of_the_other "
    "any_others all_the_others everyone_else anyone_else anybody_else everybody_else",
    Say.ALL: "all every each all_of every_one_of each_of",
    Say.NONE: "none none_of no neither",
    Say.ONLY: "only sole just",
    Say.BOTH: "both",
    Say.MOST_OF: "most_of majority_of the_majority",
    Say.TOTAL: "total combined combine combines sum altogether overall in_total together",
    Say.AVERAGE: "average mean on_average",
    Say.UP: "increased increase increases increasing rose rise rises rising grew grow grows growing gained climbed",
    Say.DOWN: "decreased decrease decreases decreasing fell fall falls falling declined decline declines dropped drop",
    Say.BEFORE: "before prior_to earlier_than",
    Say.AFTER: "after later_than",
    Say.BETWEEN: "between",
    Say.FROM: "from",
    Say.TO: "to",
    Say.EARLIEST: "earliest first oldest",
    Say.LATEST: "latest last final newest most_recent",
    Say.BY: "by",
    Say.AND: "and",
    Say.OF: "of",
    Say.BE: "be is are was were been being",
    Say.THERE: "there",
    Say.WIN: "win won wins winning",
    Say.AT: "at",
    Say.NOT: "not never without n't cannot nor except excluding besides but isn't wasn't aren't weren't didn't "
    "doesn't don't hasn't haven't",
}
SAYS = {word: one for one, said in _SAID.items() for word in words(said)}
SAID_PHRASES = sorted((word for word in SAYS if " " in word), key=len, reverse=True)

LOWER_IS_BETTER = frozenset(
    words(
        """
        error loss perplexity ppl wer rmse mae mse time second minute hour param parameter size cost latency memory
        rank position pos place peak bottom fid distance
        """
    )
)
HIGHER_IS_BETTER = frozenset(
    words(
        """
        accuracy acc f1 bleu rouge precision recall score map auc em meteor cider f-score points correlation spearman
        pearson ndcg mrr r1 r2 rl performance success
        """
    )
)

_NOUNS: dict[str, tuple[str, str]] = {
    # the rows a noun may call so: tables with one of these headers
    "game match fixture meeting contest matchup": (
        "game", "game match fixture opponent score result attendance crowd venue home_team away_team visitor"),
    "player": ("player", "player name"),
    "person people man woman member": ("person", "player name member person driver candidate president"),
    "candidate contender": ("candidate", "candidate"),
    "driver rider racer": ("driver", "driver rider name"),
    "athlete competitor swimmer runner skater": ("athlete", "athlete name swimmer competitor skater"),
    "team club side": ("team", "team club franchise nation country school"),
    "nation country": ("nation", "nation country team"),
    "event tournament competition championship race meet": (
        "event", "event tournament competition championship race meet grand_prix"),
    "album record": ("album", "album title"),
    "song single track": ("song", "song single track title"),
    "film movie": ("film", "film movie title"),
    "book novel": ("book", "book title novel"),
    "episode": ("episode", "episode title"),
    "model system method approach baseline": ("model", "model system method approach"),
    "city town place municipality": ("city", "city town municipality place"),
    "school college university institution": ("school", "school college university institution"),
    "award nomination": ("award", "award nomination nominated_work"),
    "season year": ("season", "season year"),
    "row entry record line": ("row", ""),
}  # fmt: skip
NOUNS: dict[str, frozenset[str]] = {
    noun: frozenset(words(headers)) for nouns, (_, headers) in _NOUNS.items() for noun in words(nouns)
}
"""What a row may be called, and the headers of which a table needs one for it; without any, every table will do."""

FILL = frozenset(
    words(
        """
        the a an in on for with as that which who whose when where it its their his her this these those them they he
        she has have had having do does did against versus vs v during among amongst per
        per_cent also then while there's respectively out into under name named called known listed list table while
        according data entire recorded record registered held hold holds hosted host located situated based lies
        took take takes taken taking place placed occurred occur happened happen appeared appear appears came come
        played play plays playing participated compete competed competing ran run runs raced drove drive drives
        scored score scores scoring earned earn earns received receive receives got get gets gained obtain obtains
        obtained achieve achieves achieved report reports reported yield yields yielded reach reaches reached attain
        attained show shows showed shown post posted set made make makes finish finished finishes ended end ends
        complete completed completes started start starts began begin stood stand stands ran elected
        represented represent represents representing belonged belong belongs belonging served serve served_as attended
        attend attends studied wore wear wears directed direct directs directing wrote write written wrote sold sell
        sells released release releases publish published produced produce produces issued aired air airs
        broadcast starred stars located born founded established opened open opens spent spend spends used use uses
        uses handled handle handles carried cost costs priced worth measured amounted stood totaled totalled totals
        charted chart peaked peak certified nominated picked pick drafted drafted selected retired retire retires
        accounted account accounts allocated ranked rank ranks ranking number numbers value values amount amounts
        figure figures level rate share rates percent percentage side part parts time times different various total_of
        total_number member kind type types company result results
        exactly any section size total_of cover covers covered covering
        """
    )
)
"""Words that restrict no row and turn nothing around."""
CONTAINERS = frozenset(
    words(
        """
        election season tournament championship league competition series event race games draft chart period campaign
        survey study dataset history
        """
    )
)
"""What the whole table is about: `in the season`."""
SOFT = frozenset(
    words("medal vote point goal score share number count figure rate percent percentage copy spectator fan person")
)
"""Nouns that only spell out the header before them: `gold medals` under `gold`."""
STILL = frozenset(
    words(
        """
        the a an in on for with as that which who whose when where it its their his her this these those them they he
        she of from to by at against versus vs v during among amongst per and then there's have has had having do does
        did respectively out into under while exactly any
        """
    )
)
"""Those of them that say nothing at all, in whatever table."""
LISTED = STILL | frozenset(
    words("list listed table stand stood compete competed participated recorded entire according data total")
)
"""Those that a sentence about all rows may have."""
TIMID = frozenset(words("position rank place round pick no number game week match year season party"))


def is_fill(word: str, token: str) -> bool:
    return word in FILL or token in FILL or stem(word) in FILL
