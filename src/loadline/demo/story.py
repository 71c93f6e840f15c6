"""The story `loadline demo` tells, as data in; what to run, and whether a step held, out. Nothing is run here.

A step is one command line with promises about its exit code and its output, or one forgery; in the story of a wipe,
also a file that is written, a look at the rows of the database, or a statement that goes past the gate. Later steps may
use what earlier ones kept: `{receipt}` in a command or in a promise stands for the text that was caught under that
name. The one who plays it runs each command with `folder` as the project, and the terminal's person `TELLER` asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

TELLER = "local"
COMPANY = "company"
COPY = "copy"

_QUESTION = "What was our revenue in Q3 2026?"
_BRIEF = "Revenue was EUR 4.48m in Q3 2026, after EUR 5.2m in Q2 2026."
_MONEY = r"([\d,]+\.\d\d EUR)"
_RECEIPT = r"(rcpt-[0-9a-f]+)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`loadline ARGV`. Each of `expect` (a regular expression) must be in the output, none of `never`; `keep` names
    what to catch from it, by a regular expression with one group."""

    argv: tuple[str, ...]
    exit: int = 0
    expect: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    keep: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = COMPANY  # None: the command names its folder itself
    shows: tuple[str, ...] = ()  # of a long output, the lines that are shown, with what they go on in; all, if none


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """Copy the project and change bytes of the copy's ledger file: the first `old` becomes `new`, equally long."""

    folder: str = COMPANY
    copy: str = COPY
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Write `text` into the file `path` of the story's folder."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace the one place of `old` in the file `path` by `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Count every table of `rows`, which must have so many. All values are kept under the name `keep`, and must be what
    was kept as `like`."""

    rows: Mapping[str, int]
    keep: str = ""
    like: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideDoor:
    """Run `statement` over the agent's own connection; what comes of it must match `expect`."""

    statement: str
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSideDoor:
    """Take the agent's own login away."""


Deed = Run | Forge | Put | Edit | Look | SideDoor | CloseSideDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    title: str
    say: str  # two lines at most
    does: Deed


def filled(text: str, kept: Mapping[str, str]) -> str:
    """`text` with every `{name}` replaced by what was kept under that name; other braces stay."""
    return re.sub(r"\{([a-z_]+)\}", lambda found: kept.get(found[1], found[0]), text)


def broken_promises(run: Run, *, exit_code: int, output: str, kept: Mapping[str, str]) -> tuple[str, ...]:
    """What `run` promised and did not keep, in words; nothing when the step held."""
    escaped = {name: re.escape(text) for name, text in kept.items()}
    broken = [] if exit_code == run.exit else [f"the exit code is {exit_code}, not {run.exit}"]
    broken += [
        f"the output does not say `{filled(wanted, kept)}`"
        for wanted in run.expect
        if not re.search(filled(wanted, escaped), output)
    ]
    broken += [
        f"the output says `{filled(unwanted, kept)}`"
        for unwanted in run.never
        if re.search(filled(unwanted, escaped), output)
    ]
    broken += [
        f"nothing in the output is a {name}" for name, wanted in run.keep.items() if not re.search(wanted, output)
    ]
    return tuple(broken)


def caught(run: Run, output: str) -> dict[str, str]:
    """What the step keeps for later ones, by name."""
    return {name: found[1] for name, wanted in run.keep.items() if (found := re.search(wanted, output))}


def miscounted(look: Look, counted: Mapping[str, int], digest: str, kept: Mapping[str, str]) -> tuple[str, ...]:
    """What a look promised and did not find, in words; nothing when all of it was so."""
    broken = [
        f"`{table}` has {counted[table]:,} rows, not {rows:,}"
        for table, rows in look.rows.items()
        if counted[table] != rows
    ]
    if look.like and kept.get(look.like) != digest:
        broken.append("the rows are not what they were")
    return tuple(broken)


STORY: tuple[Step, ...] = (
    Step(
        title="A company",
        say="Quaywind is invented: three years of orders, shipments and invoices, 300,000 rows, and who may ask what.",
        does=Run(argv=("init", "--demo", COMPANY), expect=("written",), folder=None, shows=("written",)),
    ),
    Step(
        title="Does it fit together?",
        say="Every name in every file is looked up before anybody may ask anything.",
        does=Run(argv=("check",), expect=("0 errors", "30 verified questions")),
    ),
    Step(
        title="A simple question",
        say="Sales and finance mean different things by it, and nobody said who asks: a question is the honest reply.",
        does=Run(
            argv=("ask", _QUESTION),
            exit=2,
            expect=("(?m)^clarify", "sales", "finance"),
            never=(_MONEY,),
            shows=("clarify", "RUN002", "options"),
        ),
    ),
    Step(
        title="As sales counts",
        say="From the day a customer orders.",
        does=Run(
            argv=("ask", _QUESTION, "--audience", "sales"),
            expect=("(?m)^verified", "booked_revenue"),
            keep={"booked": _MONEY},
            shows=("verified", _MONEY, "dates", "means"),
        ),
    ),
    Step(
        title="As finance counts",
        say="From the day revenue is earned. Another number; both are right, and each says why.",
        does=Run(
            argv=("ask", _QUESTION, "--audience", "finance"),
            expect=("(?m)^verified", "recognized_revenue"),
            never=("{booked}",),
            keep={"recognized": _MONEY, "receipt": _RECEIPT},
            shows=("verified", _MONEY, "means", "receipt"),
        ),
    ),
    Step(
        title="Once more",
        say="The same question over the same data has the same receipt, today and in a year.",
        does=Run(
            argv=("ask", _QUESTION, "--audience", "finance"),
            expect=("{recognized}", "{receipt}"),
            shows=("verified", _MONEY, "receipt"),
        ),
    ),
    Step(
        title="Nora looks after the north",
        say="A rule lets her see only its rows. It is part of the query, so there is no way around it.",
        does=Run(
            argv=("ask", "--as", "nora", "--metric", "booked_revenue", "--by", "customers.region",
                  "--during", "2026-Q3"),
            expect=("north", r"only rows\s+customers\.region = 'north'"),
            never=("south",),
            shows=("verified", "north"),
        ),
    ),
    Step(
        title="What nobody may ask",
        say="Addresses of people stay with their account managers. The refusal names the rule.",
        does=Run(
            argv=("ask", "--metric", "executives_on_file", "--by", "executives.email"),
            exit=1,
            expect=("(?m)^refused", "personal-data-stays-out"),
            never=("@",),
            shows=("refused", "POL002"),
        ),
    ),
    Step(
        title="What its contract keeps from a purpose",
        say="Accounts were opened to move goods, not to be advertised to. The refusal names contract and owner.",
        does=Run(
            argv=("ask", "--metric", "booked_revenue", "--by", "customers.segment", "--during", "2026-Q3",
                  "--audience", "sales", "--purpose", "Marketing"),
            exit=1,
            expect=("(?m)^refused", "no-advertising", "sales-ops"),
            never=(_MONEY,),
            shows=("refused", "RGT002", "mend"),
        ),
    ),
    Step(
        title="What an outside model may be told",
        say="The gate before anything leaves the house: regions may go to this provider, mailboxes may not.",
        does=Run(
            argv=("data", "rights", "customers", "--use", "inference-context", "--provider", "openai",
                  "--column", "region", "--column", "contact_email"),
            exit=1,
            expect=("(?m)^refused", r"customers\.contact_email", "sales-ops"),
        ),
    ),
    Step(
        title="What does not exist",
        say="A metric that nobody defined is not made up.",
        does=Run(argv=("ask", "--metric", "net_revenu"), exit=2, expect=("`net_revenu`", "`net_revenue`")),
    ),
    Step(
        title="What nobody has approved",
        say="The weight that was moved is still a draft. It is delivered, and says so.",
        does=Run(
            argv=("ask", "--metric", "shipped_weight", "--during", "2025-Q2"),
            expect=("(?m)^unverified", "draft"),
            shows=("unverified", " kg", "CHK003"),
        ),
    ),
    Step(
        title="Is the data fit for it?",
        say="Every promise of every contract is looked at on the live rows. What is broken is found, and why.",
        does=Run(
            argv=("data", "check", "--brief"),
            exit=1,
            expect=("carrier_id` = 7", "another\\s+unit", "looks\\s+renamed", "import\\s+that\\s+ran\\s+twice"),
        ),
    ),
    Step(
        title="The same question, a year later",
        say="By then one carrier reports grams as kilograms: the same metric over those days is withheld.",
        does=Run(
            argv=("ask", "--metric", "shipped_weight", "--during", "2026-Q3"),
            exit=1,
            expect=("(?m)^refused", "carrier_id` = 7", "another\\s+unit"),
            never=(" kg",),
            shows=("refused", "CHK001"),
        ),
    ),
    Step(
        title="Has it always looked like this?",
        say="Months are compared with what months are like: when the weights left their natural range, and how.",
        does=Run(
            argv=("watch", "--once"),
            exit=1,
            expect=(r"alarm\[DRF001\]", "2025-10", "`weight_kg`: values above"),
            shows=(r"alarm\[", "`weight_kg`"),
        ),
    ),
    Step(
        title="An AI wrote a sentence",
        say="Every number in it is bound to a metric and computed again. One is right and one is not.",
        does=Run(
            argv=("verify", "--audience", "finance", _BRIEF),
            exit=1,
            expect=("1 supported", "1 contradicted", r"EUR 5\.2m is contradicted: recognized_revenue, 2026-Q2 is"),
            shows=("Revenue was", "contradicted"),
        ),
    ),
    Step(
        title="Where did that number come from?",
        say="The receipt tells it in words: definitions and owners, dates, data, checks, SQL; and that it is recorded.",
        does=Run(
            argv=("receipt", "{receipt}", "--prove"),
            expect=("{receipt}", "finance", "invoices", "SELECT"),
            shows=("verified", "taken as", "metric", "read ", "contract-kept", "SUM", "proven", "root"),
        ),
    ),
    Step(
        title="Somebody edits the past",
        say="A copy of the ledger, with one word of one record changed in its file.",
        does=Forge(old="booked_revenue", new="booked_revenux"),
    ),
    Step(
        title="Does the copy still prove?",
        say="It does not, and the entry that was touched is named.",
        does=Run(argv=("ledger", "prove"), exit=4, expect=(r"entry `?\d+",), folder=COPY, shows=("error", "why")),
    ),
    Step(
        title="And the real one?",
        say="Everything that was asked here, refusals included, is in it, in order, and signed.",
        does=Run(argv=("ledger", "prove"), expect=("proven", r"\d+ entries")),
    ),
)  # fmt: skip
