"""Bins, profiles and states in, what JSON knows out, and back: what the ledger keeps of drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loadline.checks.drift.nouns import BinKind, Bins, Pair, Profile, State


def bins_as_json(bins: Mapping[str, Bins]) -> list[dict[str, Any]]:
    return [
        {
            "column": one.column,
            "kind": one.kind.value,
            **({"edges": list(one.edges)} if one.edges else {}),
            **({"top": list(one.top), "rest": list(one.rest)} if one.kind is BinKind.CATEGORY else {}),
            **({} if one.knows_all else {"knows_all": False}),
            **({"why": one.why} if one.why else {}),
        }
        for one in bins.values()
    ]


def read_bins(written: list[dict[str, Any]]) -> dict[str, Bins]:
    return {
        one["column"]: Bins(
            column=one["column"],
            kind=BinKind(one["kind"]),
            edges=tuple(float(edge) for edge in one.get("edges", ())),
            top=tuple(one.get("top", ())),
            rest=tuple(one.get("rest", ())),
            knows_all=one.get("knows_all", True),
            why=one.get("why", ""),
        )
        for one in written
    }


def profile_as_json(profile: Profile) -> dict[str, Any]:
    return {segment: {c: list(n) for c, n in columns.items()} for segment, columns in profile.counts.items()}


def read_profile(written: Mapping[str, Mapping[str, list[int]]]) -> Profile:
    return Profile(counts={s: {c: tuple(n) for c, n in columns.items()} for s, columns in written.items()})


def state_as_json(state: State) -> dict[str, Any]:
    """Only evidence there is: most bins of a quiet window have none."""
    written: dict[str, dict[str, Any]] = {}
    for (segment, column), pairs in state.evidence.items():
        kept = {str(at): list(pair) for at, pair in enumerate(pairs) if pair[0] or pair[1]}
        written.setdefault(segment, {})[column] = {"bins": len(pairs), **kept}
    return written


def read_state(written: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> State:
    return State(
        evidence={
            (segment, column): tuple(_pair(pairs.get(str(at))) for at in range(pairs["bins"]))
            for segment, columns in written.items()
            for column, pairs in columns.items()
        }
    )


def _pair(written: list[float] | None) -> Pair:
    return (float(written[0]), float(written[1])) if written else (0.0, 0.0)
