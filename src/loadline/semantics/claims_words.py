"""The words of business prose: those that carry a claim (cues), and those that change no number (neutral).

A word in neither, nor in the lexicon, is residue: it may restrict what is counted, so a claim beside it is not judged.
"""

from __future__ import annotations

import re
from enum import Enum

from loadline.semantics.claims_vocabulary import words


class Cue(Enum):
    UP = "up"
    DOWN = "down"
    BETTER = "better"
    WORSE = "worse"
    MORE = "more"  # `higher`, said of two things
    LESS = "less"
    BEATS = "beats"  # `exceeded`, between two things
    TRAILS = "trails"
    TOP = "top"
    BOTTOM = "bottom"
    TIMES = "times"  # `doubled`: the number is in the word
    SHARE = "share"
    AVERAGE = "average"
    TOTAL = "total"
    EACH = "each"
    TOGETHER = "together"
    RESPECTIVELY = "respectively"
    EXCEPT = "except"
    NOT = "not"
    FORECAST = "forecast"
    OTHERWISE = "otherwise"  # `like-for-like`: counted otherwise than the definition
    BECAUSE = "because"
    THAN = "than"
    VERSUS = "versus"
    FROM = "from"
    TO = "to"
    BY = "by"
    OF = "of"
    AND = "and"
    AS = "as"
    IN = "in"
    RANK = "rank"
    BREAK = "break"  # `while`, `but`: another statement begins
    YEAR_AGO = "a year ago"
    PERIOD_AGO = "a period ago"


CUES: dict[str, Cue] = {
    word: cue
    for cue, said in {
        Cue.UP: """
            rose rise rises rising risen grew grow grows growing grown growth increase increased increases
            increasing climbed climb climbs climbing gained gain gains jumped jump surged surge soared up expanded
            expand added advanced edged_up ticked_up went_up gone_up was_up were_up rallied upward uplift upturn
            picked_up
            recovered recover recovers recovering rebounded rebound rebounds
            """,
        Cue.DOWN: """
            fell fall falls falling fallen declined decline declines declining dropped drop drops dropping decreased
            decrease decreases decreasing shrank shrink shrunk shrinks slipped slid slumped down lost dipped dip
            eased contracted plunged tumbled reduced sank went_down downward downturn came_down reduction lowered
            """,
        Cue.BETTER: "improved improve improves improving improvement better",
        Cue.WORSE: "worsened worsen worsens worsening deteriorated deteriorating deterioration worse",
        Cue.MORE: "higher more greater larger bigger longer above ahead stronger",
        Cue.LESS: "lower less fewer smaller shorter below behind weaker",
        Cue.BEATS: """
            exceeded exceeds exceeding outperformed outperforms outpaced outpaces outsold outgrew surpassed
            surpasses topped beat beats overtook outstripped outweighed outnumbered
            """,
        Cue.TRAILS: "trailed trails lagged lags underperformed trailing lagging",
        Cue.TOP: """
            highest most largest biggest greatest top leading strongest best longest led leads lead leader maximum
            peak peaked busiest
            """,
        Cue.BOTTOM: "lowest least fewest smallest weakest bottom shortest worst minimum quietest slowest",
        Cue.TIMES: """
            doubled doubling doubles tripled tripling trebled quadrupled halved halving twice thrice double
            """,
        Cue.SHARE: """
            accounted accounts accounting share proportion percentage contributed contributes contributing
            represented represents representing made_up makes_up making_up comprised comprises constituted portion
            """,
        Cue.AVERAGE: "average averaged averages averaging mean median typical typically",
        Cue.TOTAL: """
            total overall company-wide group-wide companywide group altogether totals in_all entire whole
            """,
        Cue.EACH: "each apiece every per",
        Cue.TOGETHER: "together combined jointly between_them in_total collectively",
        Cue.RESPECTIVELY: "respectively",
        Cue.EXCEPT: "excluding except outside without excl other_than not_counting apart_from",
        Cue.NOT: """
            not never no_longer failed fails didn't wasn't weren't isn't aren't hasn't cannot neither nor none
            did_not anything_but far_from nowhere_near nothing_like rather_than instead_of
            missed hardly too_low too_high too_little too_much too_few too_many too_small too_large
            """,
        Cue.FORECAST: """
            will forecast forecasts forecasted expect expects expected project projected projects projection target
            targets targeted targeting plan_to plans_to planned budget budgeted guidance outlook anticipate
            anticipates anticipated estimate estimated should could would may might aim aims aiming goal set_to
            on_track likely predicted predicts prediction potential hopes_to if assuming scenario next upcoming
            coming run-rate by_the_end_of shall
            """,
        Cue.OTHERWISE: """
            like-for-like like_for_like pro-forma pro_forma same-store constant-currency constant_currency
            seasonally_adjusted seasonally-adjusted ex-fx
            """,
        Cue.BECAUSE: """
            because thanks owing due reflecting driven helped supported fuelled fueled boosted amid following
            despite since_then underpinned spurred propelled led_by as_a_result hurt dragged weighed according based
            allowing enabling suggesting showing confirming underlining highlighting which who meaning making
            """,
        Cue.THAN: "than",
        Cue.VERSUS: "versus vs compared compares compare comparing comparison against relative",
        Cue.FROM: "from between",
        Cue.TO: "to",
        Cue.BY: "by",
        Cue.OF: "of",
        Cue.AND: "and or plus",
        Cue.AS: "as",
        Cue.IN: """
            in for across within among through via at on into over during throughout amongst on_behalf_of
            """,
        Cue.RANK: "ranked ranks rank ranking place placed_first spot position",
        Cue.BREAK: "where while whereas but although though however whilst meanwhile",
    }.items()
    for word in words(said)
}
TIMES = {
    "doubled": 2, "doubling": 2, "doubles": 2, "double": 2, "twice": 2, "tripled": 3, "tripling": 3, "trebled": 3,
    "thrice": 3, "quadrupled": 4, "halved": -2, "halving": -2,
}  # fmt: skip
"""The factor in the word; -2 is a half."""

ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
NUMBERED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE)

_SAME = (
    r"(?:the\s)?(?:same|corresponding|comparable|equivalent|prior[\s-]year|previous[\s-]year|year[\s-](?:ago|earlier))"
)
_PERIOD = r"(?:quarter|period|month|half|week|time)"
BASES: tuple[tuple[re.Pattern[str], Cue], ...] = (
    (
        re.compile(
            rf"\b(?:year[\s-](?:on|over)[\s-]year|yoy|y/y|y-o-y|yr/yr"
            rf"|(?:a|one|the)\syear\s(?:earlier|ago|before|prior)|year[\s-]earlier|the\sprevious\syear'?s?|last\syear'?s"
            rf"|(?:on|over|from|than|versus|vs\.?|against|compared\s(?:with|to)|in|to|with)\s(?:the\s)?(?:prior|previous|last|preceding)\syear"
            rf"|{_SAME}\s{_PERIOD}(?:\s(?:of\s|in\s)?(?:last\syear|the\s(?:previous|prior|preceding)\syear|a\syear\s(?:earlier|ago|before)|one\syear\s(?:earlier|ago)))?"
            rf"|annual(?:ly)?(?=\s(?:growth|increase|rise|decline|drop|gain))|on\sthe\syear)(?!\w)",
            re.IGNORECASE,
        ),
        Cue.YEAR_AGO,
    ),
    (
        re.compile(
            rf"\b(?:quarter[\s-](?:on|over)[\s-]quarter|qoq|q/q|month[\s-](?:on|over)[\s-]month|mom|m/m"
            rf"|week[\s-](?:on|over)[\s-]week|wow|(?:the\s)?(?:previous|prior|preceding)\s{_PERIOD}"
            rf"|(?:the|a|one)\s{_PERIOD}\s(?:before|earlier|prior)|sequentially|on\sthe\s(?:quarter|month)"
            rf"|(?:from|than|versus|vs\.?|against|compared\s(?:with|to))\slast\s{_PERIOD})(?!\w)",
            re.IGNORECASE,
        ),
        Cue.PERIOD_AGO,
    ),
)  # fmt: skip

NEUTRAL = frozenset(
    words(
        """
        went go goes moved only
        followed unchanged support handled e g corresponds corresponding equates important popular relevant
        a an the this that these those it its they their them we our us i you he she his her there here such same
        own is are was were be been being am has have had having do does did done can came come comes coming_in
        stood stands stand reached reaches reach hit hits amounted amounts amount totalled totaled totalling
        totaling recorded records record reported reports report posted posts post generated generates generate
        delivered_on saw see sees seen brought bring brings booked_in registered registers achieved achieves achieve
        logged logs counted counts count remained remains remain stayed stays held holds ended_up finished finish
        closed_at got get gets made make makes took take takes showed shows show told kept keep keeps turned_in
        received receive handled handle processed process served attracted produced produces worth running ran run
        figure figures number numbers value values level levels result results performance data amount amounts
        rate_of business company firm quaywind team management organisation organization trading activity side front
        terms term period quarter quarters year years month months week weeks day days half time date year's
        quarter's month's again also already still now then just only_just even so too very much quite rather well
        indeed once more_or_less thus hence therefore overall_picture finally lastly firstly secondly furthermore
        moreover additionally likewise similarly notably respectively_so roughly about around approximately some
        nearly almost over under least up_to solid strong weak healthy robust modest slight slightly steady sharp
        sharply significant significantly considerable considerably notable impressive remarkable remarkably
        encouraging good great bad poor clear clearly comfortable comfortably mere marked markedly substantial
        substantially small big large huge tiny high low new_record all-time pleasing disappointing stable flat
        broadly broad little lot bit marginal marginally slow fast quick quickly strongly when what how with
        out off away along upon per_se both all any several many few lots key main important biggest_ever total_of
        sum highlights highlight summary review update overview brief briefing executive_summary dear hello hi
        please note regards thanks_to colleagues everyone find below yet until till before after compared_with
        relative_to equal equals equalling equivalent equally point points percent euros euro eur euro-denominated
        pp percentage money continued continue continues continuing trend trends momentum pace direction contrast
        turn line mark threshold change changed changes difference gap margin_of differ swing movement
        contributing_factor picture story news look looking looks view numbered numbering numbers busy know knows
        knew like unlike namely e.g i.e etc including include includes included incl customer customers client
        clients account accounts user users people one ones other others another else particular general fact
        addition case total_value end start beginning while_still as_well being_the thereby itself themselves alone
        just_over just_under merely simply exactly precisely market markets put puts puts_it meant means say says
        said state states stated according_to during throughout within among with respect regard regarding
        concerning bringing taking giving leaving reaching hitting totalling amounting standing coming posting
        recording generating value_of worth_of placed_at first-ever ever far farther further s t
        """
    )
)
