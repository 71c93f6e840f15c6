"""An answer, a verification or an error in, plain JSON for programs out: the same through every door.

Payloads are small: rows come a page at a time, `truncated` says that there are more, `next` how to get them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any

from loadline.errors import LoadlineError
from loadline.surfaces.render import claims
from loadline.values.acting import ActReceipt
from loadline.values.action import DeclaredAction
from loadline.values.canonical import plain
from loadline.values.catalog import MetricCard, MetricShown
from loadline.values.claim import Verification
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import ShownRow, ShownTable
from loadline.values.receipt import Answer, Receipt

Told = dict[str, Any]
PAGE = 50
"""Rows told at a time, unless more are asked for."""
MOST_ROWS = 1_000


def answer(found: Answer, *, start: int = 0, rows: int = PAGE) -> Told:
    """Status, rows from number `start` (from 0) on, and what anybody needs to trust or mend it."""
    receipt = found.receipt
    said: Told = {"status": receipt.status.value, "question": receipt.question, "receipt": receipt.id}
    if found.rows is not None:
        page = [plain(row) for row in islice(found.rows, start, start + rows)]
        end = start + len(page)
        more = end < len(found.rows)
        said |= {
            "columns": [plain(column) for column in receipt.columns],
            "rows": page,
            "row_count": len(found.rows),
            "truncated": more or receipt.is_truncated,
            "next": end if more else None,
        }
    return said | _meaning(receipt) | _standing(receipt)


def _meaning(receipt: Receipt) -> Told:
    dates = receipt.dates
    return {
        "metrics": [
            {
                "name": metric.name,
                "definition": metric.definition,
                "version": metric.version,
                "owner": metric.owner,
                "status": metric.status,
                "unit": metric.unit,
                "date_field": metric.time,
            }
            for metric in receipt.metrics
            if metric.is_asked
        ],
        "dates": {
            "text": dates.text,
            "first": plain(dates.start),
            "last": plain(_day_before(dates.end)),
            "date_fields": list(dates.fields),
        }
        if dates
        else None,
        "filters": list(receipt.filters),
        "row_filters": list(receipt.row_filters),
        "understood": [{"word": one.word, "means": one.means} for one in receipt.meanings],
        "assumptions": list(receipt.assumptions),
    }


def _standing(receipt: Receipt) -> Told:
    return {
        "as_of": receipt.as_of.isoformat(),
        "data": [
            {"dataset": one.dataset, "contract": one.contract, "state": one.state.value} for one in receipt.states
        ],
        "checks_held": sum(check.verdict == "holds" for check in receipt.checks),
        "checks_not_run": list(receipt.checks_not_run),
        "reasons": [plain(reason) for reason in receipt.reasons],
        "options": list(receipt.options),
        "approval": receipt.approval,
        "ledger_index": receipt.ledger_index,
    }


def _day_before(end: date | None) -> date | None:
    return None if end is None else end - timedelta(days=1)


def metric(card: MetricCard) -> Told:
    return {
        "name": card.name,
        "description": card.description,
        "unit": card.unit,
        "format": card.format,
        "owner": card.owner,
        "status": card.status,
        "synonyms": list(card.synonyms),
        "terms": list(card.terms),
    }


def metric_whole(shown: MetricShown) -> Told:
    return metric(shown.card) | {
        "definition": shown.definition,
        "attributes": dict(shown.attributes),
        "version": shown.version,
        "date_field": shown.time,
        "made_of": list(shown.uses),
        "sources": list(shown.sources),
        "contracts": list(shown.contracts),
        "dimensions": [plain(one) for one in shown.dimensions],
    }


def verification(found: Verification) -> Told:
    """Every claim with its verdict; `is_clean` where nothing is contradicted."""
    said = claims.as_json(found)
    verdicts = [claim["verdict"] for claim in said["claims"]]
    return {
        "is_clean": "contradicted" not in verdicts,
        "counts": said["counts"],
        "claims": said["claims"],
        "cohorts": said["wrong_cohorts"],
        "numbers": found.numbers,
        "bound": said["counts"]["bound"],
        "receipt": found.receipt.id if found.receipt else None,
    }


def data_status(looks: Iterable[Mapping[str, Any] | str]) -> Told:
    """The newest look at each table, short, and the tables nobody has looked at."""
    found = list(looks)
    return {
        "tables": [table_state(one) for one in found if not isinstance(one, str)],
        "not_looked_at": [one for one in found if isinstance(one, str)],
    }


def act(receipt: ActReceipt) -> Told:
    """What became of a request to act, or what it waits for."""
    effect = receipt.effect
    return {
        "run": receipt.run,
        "status": receipt.status.value,
        "action": receipt.action,
        "arguments": plain(receipt.arguments),
        "says": receipt.says,
        "target": receipt.target,
        "environment": receipt.environment,
        "stake": receipt.stake,
        "person": receipt.person,
        "agent": receipt.agent,
        "at": receipt.at.isoformat(),
        "effect": [
            {"table": one.table, "inserted": one.inserted, "updated": one.updated, "deleted": one.deleted}
            for one in (effect.tables if effect else ())
        ],
        "digest": receipt.digest,
        "waits_for": [
            {"role": one.role, "count": one.count} | ({"person": one.person} if one.person else {})
            for one in receipt.approvals
        ],
        "votes": [{"by": one.by, "is_yes": one.is_yes, "because": one.because} for one in receipt.votes],
        "expires_at": receipt.expires_at.isoformat() if receipt.expires_at else None,
        "rules": list(receipt.rules),
        "result": plain(receipt.result),
        "no_undo": receipt.no_undo,
        "undoes": receipt.undoes,
        "undone_by": receipt.undone_by,
        "repeats": receipt.repeats,
        "findings": list(receipt.findings),
        "reasons": [plain(reason) for reason in receipt.reasons],
        "ledger_index": receipt.ledger_index,
    }


def rows(tables: Iterable[ShownTable]) -> list[Told]:
    """Some of the rows that a run would change, as a reader may see them: `gone`, `changed` and `came` say how many
    there are of each kind, `withheld` which columns' values are kept out."""
    return [
        {
            "table": one.table,
            "columns": list(one.columns),
            "key": list(one.key),
            "gone": one.gone,
            "changed": one.changed,
            "came": one.came,
            "withheld": list(one.withheld),
            "why": one.why,
            "rows": [
                {
                    "change": change_of(row),
                    "before": _named(one.columns, row.before),
                    "after": _named(one.columns, row.after),
                    "changed": list(row.changed),
                }
                for row in one.rows
            ],
        }
        for one in tables
    ]


def change_of(row: ShownRow) -> str:
    """`gone`, `changed` or `came`."""
    return "came" if row.before is None else "gone" if row.after is None else "changed"


def _named(columns: Iterable[str], side: Iterable[str | None] | None) -> Told | None:
    return None if side is None else dict(zip(columns, side, strict=True))


def action(declared: DeclaredAction) -> Told:
    """An action as it may be asked for."""
    return {
        "name": declared.name,
        "description": declared.description,
        "effect": declared.effect.value,
        "stake": declared.stake.value,
        "arguments": [
            {
                "name": one.name,
                "type": one.type.value,
                "is_optional": one.is_optional,
                "allowed": [plain(value) for value in one.allowed],
                "description": one.description,
            }
            for one in declared.arguments.values()
        ],
    }


def diagnostic(said: Diagnostic) -> Told:
    place = said.place
    return {
        "code": said.code,
        "what": said.what,
        "why": said.why,
        "mend": said.mend,
        **({"where": str(place)} if place is not None else {}),
    }


def error(raised: LoadlineError) -> list[Told]:
    return [diagnostic(said) for said in raised.diagnostics]


def shortened(receipt: Mapping[str, Any], *, is_whole: bool) -> Told:
    """A recorded receipt; without `is_whole`, short of what only an auditor reads."""
    return dict(receipt) if is_whole else {name: value for name, value in receipt.items() if name not in _FOR_AUDITORS}


_FOR_AUDITORS = frozenset({"query", "rows_digest", "project_digest", "sources", "columns", "seconds"})


def table_state(look: Mapping[str, Any]) -> Told:
    """A table's newest look, short: its state, and the promises that are not kept."""
    broken = [one for one in look["promises"] if one["verdict"] not in {"kept", "not run"}]
    return {
        **{name: look[name] for name in ("table", "contract", "state", "at")},
        "promises": len(look["promises"]),
        "kept": sum(one["verdict"] == "kept" for one in look["promises"]),
        "not_kept": [{name: one.get(name) for name in ("says", "verdict", "severity", "what")} for one in broken],
    }
