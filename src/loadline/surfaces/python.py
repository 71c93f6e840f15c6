"""The Python face: `loadline.open("shop")`, then ask, verify, act; results for notebooks, Arrow and pandas.

```python
import loadline

with loadline.open("shop") as shop:
    answer = shop.ask("net revenue in Germany last month", audience="finance")
    print(answer.value, answer.receipt)
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from loadline.app import App, check_project, open_app
from loadline.errors import RequestError
from loadline.flow.reading import Door
from loadline.surfaces.render import claims, notebook
from loadline.values.acting import ActReceipt
from loadline.values.canonical import plain
from loadline.values.claim import Verification
from loadline.values.diagnostic import Diagnostic
from loadline.values.receipt import Answer
from loadline.values.request import Written

if TYPE_CHECKING:
    from loadline.flow.ports import Planner
    from loadline.values.rule import Principal


class Parts(TypedDict, total=False):
    """The parts of a question. A single name may stand for a list of one."""

    metrics: str | Sequence[str]
    by: str | Sequence[str]
    where: str | Sequence[str]
    conditions: str | Sequence[str]
    during: str
    order: str | Sequence[str]
    limit: int


class Answered:
    """An answer: `status`, rows, and the receipt that says how it came about. It is true where there are rows."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> str:
        """`verified`, `unverified`, `clarify` or `refused`."""
        return self._answer.receipt.status.value

    @property
    def receipt(self) -> str:
        """The id to cite."""
        return self._answer.receipt.id

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self._answer.receipt.columns) if self._answer.rows is not None else ()

    @property
    def value(self) -> object:
        """The one number of an answer that is one number. Raises ValueError for any other shape."""
        rows = list(self)
        if len(rows) != 1 or len(rows[0]) != 1:
            raise ValueError(f"the answer has {len(rows)} rows of {len(self.columns)} columns, and no single value")
        return rows[0][0]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not verified, each with how to mend it."""
        return tuple(f"{one.code}: {one.what}; {one.mend}" for one in self._answer.receipt.reasons)

    @property
    def options(self) -> tuple[str, ...]:
        """What it may mean, where it was asked back."""
        return self._answer.receipt.options

    def told(self) -> Mapping[str, Any]:
        """The whole receipt, as recorded."""
        found: Mapping[str, Any] = plain(self._answer.receipt)
        return found

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        """Rows as Python values: numbers exact (int, Decimal), times aware."""
        return iter(self._answer.rows if self._answer.rows is not None else ())

    def __len__(self) -> int:
        return len(self._answer.rows) if self._answer.rows is not None else 0

    def __bool__(self) -> bool:
        return self._answer.rows is not None

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`. Raises ImportError where pyarrow is not installed."""
        import pyarrow as pa  # noqa: PLC0415 - only who wants Arrow needs it

        found = list(zip(*self, strict=True)) or [()] * len(self.columns)
        return pa.table({name: pa.array(list(values)) for name, values in zip(self.columns, found, strict=True)})

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`. Raises ImportError where pandas is not installed. Decimals stay decimals."""
        import pandas as pd  # noqa: PLC0415 - only who wants pandas needs it

        return pd.DataFrame.from_records(list(self), columns=list(self.columns))

    def __repr__(self) -> str:
        return f"<{self.status}: {self._answer.receipt.question!r}, {len(self)} rows, {self.receipt}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: status, rows, meaning, dates, receipt."""
        return notebook.answer(self._answer, self.columns, list(islice(self, notebook.SHOWN)))


class Verified:
    """What became of a text's claims. It is true where nothing is contradicted."""

    def __init__(self, text: str, found: Verification) -> None:
        self._text, self._found = text, found

    def __bool__(self) -> bool:
        return not self.counts["contradicted"]

    @property
    def counts(self) -> Mapping[str, int]:
        """Claims by verdict, and numbers bound of all."""
        return claims.counts(self._found)

    @property
    def claims(self) -> tuple[Mapping[str, Any], ...]:
        """Each claim: its span, verdict, meaning, governed value, and what the number really is."""
        return tuple(claims.as_json(self._found)["claims"])

    @property
    def receipt(self) -> str | None:
        return self._found.receipt.id if self._found.receipt else None

    def __repr__(self) -> str:
        return f"<{', '.join(f'{count} {name}' for name, count in self.counts.items())}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the text, each number marked, and the right one behind a wrong one."""
        return notebook.marked(self._text, self.claims)


class Opened:
    """A project, opened. Use it in a `with`, or call `close`."""

    def __init__(self, app: App, principal: Principal) -> None:
        self.app = app
        self._principal = principal

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.app.close()

    def ask(
        self,
        words: str | None = None,
        *,
        audience: str | None = None,
        today: date | None = None,
        choice: int | None = None,
        **parts: Unpack[Parts],
    ) -> Answered:
        """Ask in words, or by parts: `metrics`, `by`, `where`, `conditions`, `during`, `order`, `limit`.

        A "no" is an answer, too: look at `status` and `reasons`. Raises TypeError for a part there is not, RequestError
        for an unknown audience, OutsideError when the warehouse or the ledger fails.
        """
        principal = self._principal if audience is None else self.app.speaking(self._principal, audience)
        if (words is None) == (not parts):
            raise TypeError("ask in words, or by parts such as metrics=[…]: one of the two")
        if words is not None:
            return Answered(self.app.ask(words, principal=principal, today=today, choice=choice))
        given: dict[str, Any] = {name: _listed(value) if name in _LISTS else value for name, value in parts.items()}
        if unknown := sorted(given.keys() - Parts.__annotations__.keys()):
            raise TypeError(f"a question has no part `{unknown[0]}`")
        return Answered(self.app.ask_written(Written(**given), principal=principal, today=today))

    def verify(self, text: str, *, audience: str | None = None, today: date | None = None) -> Verified:
        """Check every number of a text. Raises as `ask` does."""
        principal = self._principal if audience is None else self.app.speaking(self._principal, audience)
        return Verified(text, self.app.verify(text, principal=principal, today=today))

    def act(
        self,
        action: str,
        *,
        agent: str | None = None,
        key: str | None = None,
        dry_run: bool = False,
        **arguments: object,
    ) -> ActReceipt:
        """Ask for a declared action with its arguments; see `status`. Raises OutsideError when the ledger fails."""
        principal = self._principal if agent is None else replace(self._principal, agent=agent)
        return self.app.act(action, arguments, principal=principal, key=key, is_dry_run=dry_run)

    def check(self) -> tuple[Diagnostic, ...]:
        """Everything that is wrong with what is written in the project."""
        return check_project(self.app.project.root).diagnostics

    def receipt(self, wanted: str) -> Mapping[str, Any]:
        """A recorded receipt that you may read. Raises RequestError."""
        return self.app.receipt_for(wanted, door=Door(principal=self._principal))


_LISTS = frozenset({"metrics", "by", "where", "conditions", "order"})


def _listed(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def open(  # noqa: A001 - `loadline.open`, as people say it
    path: str | Path | None = None,
    *,
    as_: str | None = None,
    audience: str | None = None,
    agent: str | None = None,
    planner: Planner | None = None,
) -> Opened:
    """Open the project in `path` (or the nearest one from here upwards), as one of its people, in an audience's words.

    Raises ProjectError with every error in it, RequestError for an unknown person or audience.
    """
    app = open_app(Path(path) if path is not None else None, planner=planner)
    try:
        principal = app.principal(as_, audience=audience)
    except RequestError:
        app.close()
        raise
    return Opened(app, replace(principal, agent=agent))
