"""The words of the time grammar, for saying what was not understood: those it knows, and those it declines, and why."""

from __future__ import annotations

from loadline.semantics.time_tokens import MONTHS, NUMBERS, ORDINALS, TENS, UNITS, WEEKDAYS

_FUTURE = "lies ahead, where nothing has been counted yet; write the dates if you do mean them"
_VAGUE = "has no fixed first and last day; write the dates"
_SEASON = "has no dates that everyone agrees on; write them"
_MOMENT = "names a moment; ask for a span of days"
_COMPARISON = "compares two periods; ask for one of them"
_GRAIN = "says how to break time down, not which time; ask for it as a grain"
_PIECES = "is not one unbroken span of days; filter by weekday instead"
_TOO_FINE = "is shorter than a day; windows are whole days"
_TOO_COARSE = "does not say in which year it starts; write the years"

DECLINED = {
    word: reason
    for reason, words in (
        (_FUTURE, "next coming upcoming following tomorrow future ahead rest remaining remainder"),
        (_VAGUE, "recent recently lately few couple several some early earlier late later mid middle beginning start"),
        (_VAGUE, "end ends eom eoq eoy around about approximately roughly circa long fortnight season"),
        (_SEASON, "spring summer autumn fall winter christmas easter ramadan thanksgiving holiday holidays black"),
        (_MOMENT, "as"),
        (_COMPARISON, "vs versus compared against yoy mom qoq wow pop"),
        (_GRAIN, "by per each every daily weekly monthly quarterly yearly annually annual hourly"),
        (_PIECES, "weekends weekdays weekday business working workday workdays except without not or"),
        (_PIECES, "mondays tuesdays wednesdays thursdays fridays saturdays sundays"),
        (_TOO_FINE, "hour hours minute minutes seconds am pm noon midnight morning afternoon evening night tonight"),
        (_TOO_COARSE, "decade decades century centuries s"),
    )
    for word in words.split()
}

_GRAMMAR = """
    a after ago all an and before beginning between calendar commencing complete completed containing current cw cy
    data date dates day during ended ending entire ever excluding far final financial fiscal for forward fq fqtd from
    full fy fytd h history in including iso kw last ltm moving mtd now of on onward onwards over past period preceding
    present previous prior q qtd rolling running same since so start starting the this through throughout thru til till
    time to today trailing ttm until up w whole within wtd yesterday ytd weekend
"""

KNOWN = frozenset(
    {*MONTHS, *WEEKDAYS, *UNITS, *NUMBERS, *TENS, *ORDINALS, *_GRAMMAR.split()},
)
