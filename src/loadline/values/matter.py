"""What policy judges: a question's plan and an action's plan, seen as the same small noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from loadline.values.rule import Deed, EffectClass, Principal

Fact = str | int | Decimal | bool | date | time | frozenset[str]
"""A value that a rule's `when` may speak of. Money and other exact numbers are Decimal, never float."""

TAKEBACK = "undo"
"""What rules call whatever takes back what another act did, beside its own name."""

FREE_SQL = "sql"
"""The name of an action that is a statement somebody wrote, and not one the project declares."""

ANSWER = "answer"
"""What an answer that waits for a person is called, among the actions that do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Everything policy may know of what is about to happen. All of it comes from a plan, with every name looked up;
    none of it from the words of a request.

    A question: `deed` is ASK (VERIFY where a text is checked with it), `asked` the metrics whose values are shown
    (each needs a permit), `shown` the columns whose values are shown where no metric is asked (each needs one),
    `metrics` all metrics read, inner ones too, `columns` all columns read as `dataset.column`.

    An action: `deed` is ACT, `name` the declared action (FREE_SQL for a statement somebody wrote), `is_undo` whether it
    takes back what an act under this name did (rules call it TAKEBACK, too), `effect` what it does to the outside,
    `tables` every relation it reads or writes as the target names it (`sales.orders`), `writes` those of them that it
    changes, cascades and triggers included, `columns` as `table.column`, `classifications` those of the contracts of
    these tables. Each table needs a permit; an action that touches none needs one for its name. A permit that lists the
    action in `on: {actions: …}` and no tables covers all its tables.

    `facts` are what conditions speak of, by the names in `loadline.policy.facts`: for an action `rows_affected` (int),
    `amount` (Decimal), `stake`, `environment`, `is_undoable`, and its arguments as `args.NAME`. What is not known is
    left out, never guessed: a rule that needs it then forbids.
    """

    principal: Principal
    deed: Deed
    name: str = ""
    is_undo: bool = False
    effect: EffectClass = EffectClass.READ
    asked: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset()
    classifications: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    facts: Mapping[str, Fact] = field(default_factory=dict)
