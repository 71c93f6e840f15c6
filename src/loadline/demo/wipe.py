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
_RULES = f"{DESK}/policies/agents.yaml"
_SAYS = "says.jsonl"
COMPANIES = 1_196
EXECUTIVES = 1_206
INVENTED = 4_000
_SEED = 1_206

TABLES = (
    """CREATE TABLE companies (
        company_id integer PRIMARY KEY, name text NOT NULL, industry text NOT NULL, city text NOT NULL
    )""",
    """CREATE TABLE executives (
        executive_id integer PRIMARY KEY, company_id integer REFERENCES companies ON DELETE CASCADE, name text NOT NULL,
        title text NOT NULL, email text NOT NULL
    )""",
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
    more = "environment: production, most_rows: 1000, timeout_seconds: 120"
    return before.replace("people:\n", _PEOPLE, 1) + f"\ntargets:\n  crm: {{kind: {kind}, {where}, {more}}}\n"


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
            say=f"{EXECUTIVES:,} executives of {COMPANIES:,} companies, all made up. builder-bot works for mara.",
            does=Look(rows={"companies": COMPANIES, "executives": EXECUTIVES}, keep="whole"),
        ),
        Step(
            title="The rules that agents live by",
            say="25 rows at a time, and more than one row waits for an owner. Only the gate connects to the database.",
            does=Put(path=_RULES, text=_TIGHT),
        ),
        _run("Do they fit together?", "Every name in every file is looked up.", ("check",), ("0 errors",)),
    )


def _held(kind: str) -> tuple[Step, ...]:
    return (
        _run(
            "A freeze, in chat, and a wipe",
            "Mara writes: touch nothing until Monday. To a program these are words. The bot deletes every company;\n"
            "the cascade would take every executive along. It is measured in a dry run, and it is over the bound.",
            _sql(WIPE, _BOT),
            ("(?m)^forbidden", "2,402 rows, and rule `bots-work-for-developers` allows 25", *_ALL_GONE),
            code=1,
        ),
        _run(
            "Emptied instead",
            "What is no plain change of rows never reaches the database.",
            _sql("TRUNCATE executives" if kind == "postgres" else "DROP TABLE executives", _BOT),
            ("(?m)^forbidden", "ACT104"),
            code=1,
        ),
        _run(
            "Rows that nobody has ever seen",
            f"{INVENTED:,} people, made up by counting. Over the bound, too.",
            _sql(invent(kind), _BOT),
            ("(?m)^forbidden", "4,000 rows, and rule `bots-work-for-developers` allows 25"),
            code=1,
        ),
        _run(
            "In small bites, then",
            "Six rows are within the bound. They wait for an owner, who is shown exactly them.",
            _sql(FEW, _BOT),
            ("(?m)^waiting", "companies 3 deleted", "executives 3 deleted"),
            code=4,
            keep="waiting",
        ),
        _run(
            "The second pair of eyes",
            "Otto says no. Mara, for whom the bot works, could not have said yes.",
            ("approvals", "reject", "{waiting}", *_OTTO, "--because", "there is a freeze"),
            ("(?m)^rejected", "otto said no: there is a freeze"),
        ),
        _run(
            "A freeze that is a state, and not a sentence",
            "It holds in every process, at once.",
            ("freeze", "--agent", "builder-bot", "--because", "code freeze until Monday", "--as", "mara"),
            ("frozen  agent builder-bot",),
        ),
        _run(
            "The bot goes on all the same",
            "One single row, which no rule would hold.",
            _sql("DELETE FROM executives WHERE executive_id = 7", _BOT),
            ("(?m)^stopped", "ACT105"),
            code=1,
        ),
        Step(title="Up to here, nothing has happened", say="Row by row, the database is as it was.", does=_WHOLE),
        _run(
            "Another person thaws",
            "Not the one who froze it, and not the bot.",
            ("thaw", "--agent", "builder-bot", *_OTTO, "--because", "the freeze is over"),
            ("thawed  agent builder-bot",),
        ),
    )


def _fabricated_first(kind: str) -> tuple[Step, ...]:
    return (
        Step(
            title="Suppose the rules are wrong",
            say="Somebody opens everything to every bot. What is permitted from here on is not stopped by a rule.",
            does=Put(path=_RULES, text=_LOOSE),
        ),
        Step(
            title="And the last bound with them",
            say="However wide a rule is, a target has a bound of its own. Somebody lifts that, too.",
            does=Edit(path=f"{DESK}/loadline.yaml", old="most_rows: 1000,", new="most_rows: 10000,"),
        ),
        _run(
            "First order of events: invent, then wipe",
            f"{INVENTED:,} invented people are written, looked at, and found unlike the others. That freezes the bot.",
            _sql(invent(kind), _BOT),
            ("(?m)^done", "executives 4,000 inserted", "finding.*unlike"),
            code=4,
            keep="invented",
        ),
        _run(
            "The wipe that was to follow",
            "The rules would let it. The freeze does not.",
            _sql(WIPE, _BOT),
            ("(?m)^stopped", "builder-bot is frozen"),
            code=1,
        ),
        _run(
            "Taken back",
            "Otto undoes what was invented. The undo is judged and recorded like any act.",
            ("act", "undo", "{invented}", *_OTTO),
            ("(?m)^done", "executives 4,000 deleted"),
        ),
        Step(title="As it was", say="The same rows, value by value.", does=_WHOLE),
    )


def _wiped_first(kind: str) -> tuple[Step, ...]:
    says = (
        '{"run": "{wipe}", "rows": 0, "can_be_undone": false}\n'
        f'{{"run": "{{refill}}", "rows": {INVENTED}, "can_be_undone": false}}\n'
    )
    return (
        _run(
            "Second order of events: wipe, then invent",
            "Another bot under the same wrong rule. The wipe goes through: 2,402 rows of production are gone.",
            _sql(WIPE, _OTHER_BOT),
            ("(?m)^done", *_ALL_GONE),
            keep="wipe",
        ),
        Step(
            title="Gone",
            say="This is what happens where a rule and a bound permit it.",
            does=Look(rows={"companies": 0, "executives": 0}),
        ),
        _run(
            "Filled up again",
            "A table that the same bot emptied, full of new people: found, and this bot is frozen, too.",
            _sql(invent(kind), _OTHER_BOT),
            ("(?m)^done", "finding.*the same agent took 1,206 rows out"),
            code=4,
            keep="refill",
        ),
        Step(
            title="What the bot tells",
            say="That no row was deleted, and that nothing can be brought back.",
            does=Put(path=_SAYS, text=says),
        ),
        _run(
            "What happened",
            "The bot writes chat; the gate writes the ledger. They are compared.",
            ("act", "compare", "--says", _SAYS),
            ("said to have changed 0 rows, and it changed 2,402", "said that it cannot be undone, and it can"),
            code=1,
        ),
        _run(
            "What was invented is taken out",
            "Another run, another undo.",
            ("act", "undo", "{refill}", *_OTTO),
            ("(?m)^done", "executives 4,000 deleted"),
        ),
        _run(
            "What was deleted comes back",
            "Companies and executives, by one undo: what the cascade took was kept, too.",
            ("act", "undo", "{wipe}", *_OTTO),
            ("(?m)^done", "companies 1,196 inserted", "executives 1,206 inserted"),
        ),
        Step(title="As it was, once more", say="The same rows, value by value.", does=_WHOLE),
    )


def _side_door(login: str) -> tuple[Step, ...]:
    """Where the engine has no logins, what would shut the door lies outside it, and is told, not played."""
    by_login = (
        f"companies: delete {COMPANIES:,} rows by {login}",
        f"executives: delete {EXECUTIVES:,} rows by {login}",
    )
    by_count = (
        f"companies: it has 0 rows, and by what was recorded it should have {COMPANIES}",
        f"executives: it has 0 rows, and by what was recorded it should have {EXECUTIVES}",
    )
    seen = "What went past the gate is found. No image of these rows was kept: they come back from a backup."
    no_logins = "\nPrevention is that no account which the bot runs under may open the file."
    opened = (
        _run(
            "Is everything accounted for?",
            "The database's own markers are held against the ledger.",
            ("act", "reconcile", "crm"),
            ("reconciled", "nothing went past the gate" if login else "as many rows as it should"),
        ),
        Step(
            title="A side door",
            say="Suppose the bot has a connection of its own, too. It needs no gate, and nothing here can stop it.",
            does=SideDoor(statement=WIPE, expect="done: 1,196 rows"),
        ),
        _run(
            "Seen, not stopped",
            seen if login else seen + no_logins,
            ("act", "reconcile", "crm"),
            by_login if login else by_count,
            code=1,
        ),
    )
    if not login:
        return opened
    return (
        *opened,
        Step(
            title="Shut",
            say="Prevention is that the bot has no login that can write: `loadline guard setup postgres` makes roles\n"
            "by which only the gate can. Its own login is taken away.",
            does=CloseSideDoor(),
        ),
        Step(
            title="The side door, tried again",
            say="It leads nowhere.",
            does=SideDoor(statement="DELETE FROM executives", expect=f'refused: .*role "{login}" does not exist'),
        ),
    )


def _epilogue() -> tuple[Step, ...]:
    return (
        _run(
            "Who did it?",
            "Which bot, for whom, by which rule, and what it changed: from the ledger.",
            ("act", "status", "{wipe}"),
            ("growth-bot for mara", "bots-do-what-they-want", *_ALL_GONE),
        ),
        _run(
            "And does the ledger prove?",
            "Denials, votes, freezes, writes and undos, in order, and signed.",
            ("ledger", "prove"),
            ("proven", r"\d+ entries"),
        ),
    )


def _run(
    title: str, say: str, argv: tuple[str, ...], expect: tuple[str, ...], *, code: int = 0, keep: str = ""
) -> Step:
    """A command on the desk; `keep` names the run it prints."""
    kept = {keep: _RUN} if keep else {}
    return Step(title=title, say=say, does=Run(argv=argv, exit=code, expect=expect, keep=kept, folder=DESK))


def _sql(statement: str, who: tuple[str, ...]) -> tuple[str, ...]:
    return ("act", "sql", "crm", statement, *who)
