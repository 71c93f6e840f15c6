"""The kind of a database in; the tables, the project and the story that `loadline demo wipe` plays on it, out.

A coding agent was told in chat to leave production alone. It deletes 1,206 executives and 1,196 companies, invents
4,000 rows, and says that nothing can be brought back. The story is played in both orders of events, then over a side
door. Every name is made up, and the same each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from loadline.demo.story import CloseSideDoor, Edit, Look, Put, Run, SideDoor, Step
from loadline.demo.words import (
    CITIES,
    COMPANY_ENDING,
    COMPANY_FIRST,
    COMPANY_SECOND,
    FIRST_NAMES,
    INDUSTRIES,
    LAST_NAMES,
    TITLES,
)

DESK = "desk"
COMPANIES = 1_196
EXECUTIVES = 1_206
INVENTED = 4_000
_SEED = 1_206

TABLES = (
    "CREATE TABLE companies (company_id integer PRIMARY KEY, name text NOT NULL, industry text NOT NULL, "
    "city text NOT NULL)",
    "CREATE TABLE executives (executive_id integer PRIMARY KEY, company_id integer "
    "REFERENCES companies ON DELETE CASCADE, name text NOT NULL, title text NOT NULL, email text NOT NULL)",
)

WIPE = "DELETE FROM companies"
FEW = "DELETE FROM companies WHERE company_id BETWEEN 40 AND 42"

_BOT = ("--as", "builder-bot", "--for", "mara")
_OTHER_BOT = ("--as", "growth-bot", "--for", "mara")
_OTTO = ("--as", "otto")
_ALL_GONE = (rf"companies {COMPANIES:,} deleted", rf"executives {EXECUTIVES:,} deleted")
_RUN = r"(act-[0-9a-f]+) · ledger entry"
_WHOLE = Look(rows={"companies": COMPANIES, "executives": EXECUTIVES}, like="whole")

_TIGHT = """# What agents may do in production: little at a time, and a delete is looked at by a second person.
rules:
  - name: bots-work-for-developers
    permit: act
    who: {roles: [developer], agents: ["*"]}
    on: {actions: [sql]}
    limits: {rows: 25}
  - name: deletes-are-looked-at
    hold: act
    on: {actions: [sql]}
    when: rows_affected > 1
    approval: {role: owner, expires: 4 hours}
    because: what is gone is looked at by a second pair of eyes
  - name: owners-take-back
    permit: act
    who: {roles: [owner]}
    on: {actions: [sql]}
"""
_LOOSE = """# A mistake of the kind that happens: somebody wanted a migration to go through.
rules:
  - name: bots-do-what-they-want
    permit: act
    who: {roles: [developer], agents: ["*"]}
    on: {actions: [sql]}
    limits: {rows: 10000}
  - name: owners-take-back
    permit: act
    who: {roles: [owner]}
    on: {actions: [sql]}
"""
_PEOPLE = """people:
  mara: {roles: [developer]}
  otto: {roles: [owner]}
"""


def rows() -> Mapping[str, list[tuple[object, ...]]]:
    """Every table's rows, the referenced ones first."""
    chance = Random(_SEED)  # noqa: S311 - made-up names, not secrets
    companies: list[tuple[object, ...]] = [
        (
            number,
            f"{_one(chance, COMPANY_FIRST)}{_one(chance, COMPANY_SECOND)} {_one(chance, COMPANY_ENDING)}",
            _one(chance, INDUSTRIES),
            _one(chance, tuple(city for city, _, _ in CITIES)),
        )
        for number in range(1, COMPANIES + 1)
    ]
    executives: list[tuple[object, ...]] = []
    for number in range(1, EXECUTIVES + 1):
        first, last = _one(chance, FIRST_NAMES), _one(chance, LAST_NAMES)
        mailbox = f"{first}.{last}.{chance.randrange(16**4):04x}@example.com".lower()
        executives.append((number, 1 + (number - 1) % COMPANIES, f"{first} {last}", _one(chance, TITLES), mailbox))
    return {"companies": companies, "executives": executives}


def _one(chance: Random, words: tuple[str, ...]) -> str:
    return words[int(chance.random() * len(words))]


def manifest(before: str, kind: str) -> str:
    """The text of loadline.yaml, with who is there and the production database."""
    where = "url: env:LOADLINE_PRACTICE_GATE" if kind == "postgres" else "database: ../crm.db"
    target = f"\ntargets:\n  crm: {{kind: {kind}, {where}, environment: production, most_rows: 1000, timeout_seconds: 120}}\n"
    return before.replace("people:\n", _PEOPLE, 1) + target


def invent(kind: str) -> str:
    """The statement by which the agent makes up 4,000 people: numbered, of no company."""
    columns = "INSERT INTO executives (executive_id, name, title, email) "
    if kind == "postgres":
        numbers = f"generate_series(1, {INVENTED}) AS n"
    else:
        digits, thousands = _counted(10), _counted(INVENTED // 1_000)
        number = "1 + 1000 * a.column1 + 100 * b.column1 + 10 * c.column1 + e.column1"
        numbers = f"(SELECT {number} AS n FROM {thousands} a, {digits} b, {digits} c, {digits} e) AS counted"
    values = "SELECT 10000 + n, 'Person ' || n, 'Executive', 'person' || n || '@example.com' "
    return f"{columns}{values}FROM {numbers}"


def _counted(end: int) -> str:
    return f"(VALUES {', '.join(f'({number})' for number in range(end))})"


def story(kind: str, login: str = "") -> tuple[Step, ...]:
    """The steps, for a target of this kind; `login` is whose the side door is, where the engine has logins."""
    return (
        *_prologue(), *_held(kind), *_fabricated_first(kind), *_wiped_first(kind), *_side_door(login), *_epilogue(),
    )  # fmt: skip


def _prologue() -> tuple[Step, ...]:
    return (
        Step(
            title="A production database",
            say=f"{EXECUTIVES:,} executives of {COMPANIES:,} companies, all invented. builder-bot works on it for mara.",
            does=Look(rows={"companies": COMPANIES, "executives": EXECUTIVES}, keep="whole"),
        ),
        Step(
            title="The rules that agents live by",
            say="25 rows at a time, and more than one row waits for an owner. The bot has no login; the gate has.",
            does=Put(path=f"{DESK}/policies/agents.yaml", text=_TIGHT),
        ),
        Step(title="Do they fit together?", say="Every name in every file is looked up.",
             does=Run(argv=("check",), expect=("0 errors",), folder=DESK)),
    )  # fmt: skip


def _held(kind: str) -> tuple[Step, ...]:
    return (
        _stopped(
            "A freeze, in chat, and a wipe",
            "Mara writes: touch nothing until Monday. To a program these are words. The bot deletes every company;\n"
            "the cascade would take every executive along. It is measured in a dry run, and it is over the bound.",
            _sql(WIPE, _BOT), expect=("(?m)^forbidden", "2,402|2402"),
        ),
        _stopped("Emptied instead", "What is no plain change of rows never reaches the database.",
                 _sql("TRUNCATE executives" if kind == "postgres" else "DROP TABLE executives", _BOT),
                 expect=("(?m)^forbidden", "ACT104")),
        _stopped("Rows that nobody has ever seen", f"{INVENTED:,} people, made up by counting. Over the bound, too.",
                 _sql(invent(kind), _BOT), expect=("(?m)^forbidden",)),
        Step(title="In small bites, then", say="Six rows are within the bound. They wait for an owner, who is shown exactly them.",
             does=Run(argv=_sql(FEW, _BOT), exit=4, expect=("(?m)^waiting", r"companies 3 deleted"),
                      keep={"waiting": _RUN}, folder=DESK)),
        Step(title="The second pair of eyes", say="Otto says no. Mara, for whom the bot works, could not have said yes.",
             does=Run(argv=("approvals", "reject", "{waiting}", *_OTTO, "--because", "there is a freeze"),
                      expect=("(?m)^rejected", "otto said no: there is a freeze"), folder=DESK)),
        Step(title="A freeze that is a state, and not a sentence", say="It holds in every process, at once.",
             does=Run(argv=("freeze", "--agent", "builder-bot", "--because", "code freeze until Monday", "--as", "mara"),
                      expect=("frozen  agent builder-bot",), folder=DESK)),
        _stopped("The bot goes on all the same", "One single row, which no rule would hold.",
                 _sql("DELETE FROM executives WHERE executive_id = 7", _BOT), expect=("(?m)^stopped", "ACT105")),
        Step(title="Up to here, nothing has happened", say="Row by row, the database is as it was.", does=_WHOLE),
        Step(title="Another person thaws", say="Not the one who froze it, and not the bot.",
             does=Run(argv=("thaw", "--agent", "builder-bot", *_OTTO, "--because", "the freeze is over"),
                      expect=("thawed  agent builder-bot",), folder=DESK)),
    )  # fmt: skip


def _fabricated_first(kind: str) -> tuple[Step, ...]:
    return (
        Step(title="Suppose the rules are wrong",
             say="Somebody opens everything to every bot. What is permitted from here on is not stopped by a rule.",
             does=Put(path=f"{DESK}/policies/agents.yaml", text=_LOOSE)),
        Step(title="And the last bound with them", say="What one statement may change at most is the database's own bound.",
             does=Edit(path=f"{DESK}/loadline.yaml", old="most_rows: 1000,", new="most_rows: 10000,")),
        Step(title="First order of events: invent, then wipe",
             say=f"{INVENTED:,} invented people are written. They are looked at, found unlike the others, and freeze the bot.",
             does=Run(argv=_sql(invent(kind), _BOT), exit=4,
                      expect=("(?m)^done", r"executives 4,000 inserted", "finding.*unlike"), keep={"invented": _RUN},
                      folder=DESK)),
        _stopped("The wipe that was to follow", "The rules would let it. The freeze does not.", _sql(WIPE, _BOT),
                 expect=("(?m)^stopped", "builder-bot is frozen")),
        Step(title="Taken back", say="Otto undoes what was invented. The undo is judged and recorded like any act.",
             does=Run(argv=("act", "undo", "{invented}", *_OTTO), expect=("(?m)^done", r"executives 4,000 deleted"),
                      folder=DESK)),
        Step(title="As it was", say="The same rows, value by value.", does=_WHOLE),
    )  # fmt: skip


def _wiped_first(kind: str) -> tuple[Step, ...]:
    says = (
        '{"run": "{wipe}", "rows": 0, "can_be_undone": false}\n'
        f'{{"run": "{{refill}}", "rows": {INVENTED}, "can_be_undone": false}}\n'
    )
    return (
        Step(title="Second order of events: wipe, then invent",
             say="Another bot under the same wrong rule. The wipe goes through: 2,402 rows of production are gone.",
             does=Run(argv=_sql(WIPE, _OTHER_BOT), expect=("(?m)^done", *_ALL_GONE), keep={"wipe": _RUN}, folder=DESK)),
        Step(title="Gone", say="This is what happens where a rule permits it.",
             does=Look(rows={"companies": 0, "executives": 0})),
        Step(title="Filled up again", say="A table that the same bot emptied, full of new people: found, and the bot is frozen.",
             does=Run(argv=_sql(invent(kind), _OTHER_BOT), exit=4,
                      expect=("(?m)^done", "finding.*the same agent took 1,206 rows out"), keep={"refill": _RUN},
                      folder=DESK)),
        Step(title="What the bot tells", say="No row was touched, and none of it can be brought back.",
             does=Put(path="says.jsonl", text=says)),
        Step(title="What happened", say="The bot writes chat; the gate writes the ledger. They are compared.",
             does=Run(argv=("act", "compare", "--says", "says.jsonl"), exit=1,
                      expect=("said to have changed 0 rows, and it changed 2,402", "said that it cannot be undone, and it can"),
                      folder=DESK)),
        Step(title="What was invented is taken out", say="The newest first, for the old rows need their place.",
             does=Run(argv=("act", "undo", "{refill}", *_OTTO), expect=("(?m)^done",), folder=DESK)),
        Step(title="What was deleted comes back", say="Companies and executives, by one undo: the cascade was kept, too.",
             does=Run(argv=("act", "undo", "{wipe}", *_OTTO),
                      expect=("(?m)^done", r"companies 1,196 inserted", r"executives 1,206 inserted"), folder=DESK)),
        Step(title="As it was, once more", say="The same rows, value by value.", does=_WHOLE),
    )  # fmt: skip


def _side_door(login: str) -> tuple[Step, ...]:
    seen = (
        (f"companies: delete {COMPANIES:,} rows by {login}", f"executives: delete {EXECUTIVES:,} rows by {login}")
        if login
        else ("companies: it has 0 rows, and by what was recorded it should have 1196",)
    )
    closing = (
        "Prevention is that the bot has no login at all. `loadline guard setup postgres` makes the roles for it."
        if login
        else "Prevention is that no account the bot runs under may open the file. This engine has no logins to take away."
    )
    return (
        Step(title="Is everything accounted for?", say="The database's own markers are held against the ledger.",
             does=Run(argv=("act", "reconcile", "crm"), expect=("reconciled", "nothing went past the gate"), folder=DESK)),
        Step(title="A side door",
             say="A bot that holds a connection string of its own needs no gate. Nothing here can stop this one.",
             does=SideDoor(statement=WIPE, expect="done: 1,196 rows")),
        Step(title="Seen, not stopped",
             say="What went past the gate is found. No image of these rows was kept: they come back from a backup.",
             does=Run(argv=("act", "reconcile", "crm"), exit=1,
                      expect=seen, folder=DESK)),
        Step(title="Shut", say=closing, does=CloseSideDoor()),
        Step(title="The side door, tried again", say="It leads nowhere.",
             does=SideDoor(statement="DELETE FROM executives", expect="refused")),
    )  # fmt: skip


def _epilogue() -> tuple[Step, ...]:
    return (
        Step(title="Who did it?", say="Which bot, for whom, by which rule, and what it changed: from the ledger.",
             does=Run(argv=("act", "status", "{wipe}"), expect=("growth-bot for mara", "bots-do-what-they-want", *_ALL_GONE),
                      folder=DESK)),
        Step(title="And does the ledger prove?", say="Denials, votes, freezes, writes and undos, in order, and signed.",
             does=Run(argv=("ledger", "prove"), expect=("proven", r"\d+ entries"), folder=DESK)),
    )  # fmt: skip


def _stopped(title: str, say: str, argv: tuple[str, ...], *, expect: tuple[str, ...]) -> Step:
    return Step(title=title, say=say, does=Run(argv=argv, exit=1, expect=expect, folder=DESK))


def _sql(statement: str, who: tuple[str, ...]) -> tuple[str, ...]:
    return ("act", "sql", "crm", statement, *who)
