"""`canaries` of loadline.yaml in; acts that must be denied, linked, out."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.project import codes
from loadline.project.access import PERSON, Reference, entries_of, node_of, refer, scalar_of, text_of
from loadline.project.actions import TARGET
from loadline.project.faults import Faults
from loadline.project.nouns import Canary
from loadline.project.tree import Entries, Scalar, ScalarValue
from loadline.project.wording import quoted
from loadline.values.effect import TargetSettings

_ACTION = Reference(code=codes.UNKNOWN_ACTION, kind="action", why="a canary tries a declared action of actions/*.yaml")


def build_canaries(
    manifest: Entries | None,
    targets: Mapping[str, TargetSettings] | None,
    people: frozenset[str] | None,
    actions: frozenset[str],
    faults: Faults,
) -> dict[str, Canary]:
    canaries = {}
    for name, entry in entries_of(manifest, "canaries").items() if manifest is not None else ():
        written = entry.value
        if not isinstance(written, Entries):
            continue
        for key, known, to in (
            ("for", people, PERSON),
            ("action", actions, _ACTION),
            ("target", frozenset(targets) if targets is not None else None, TARGET),
        ):
            scalar = scalar_of(written, key)
            if scalar is not None:
                refer(scalar, known, to, faults)
        if "sql" in written.entries and "target" not in written.entries:
            faults.add(
                codes.KEY_OF_OTHER_MEANS,
                written.entries["sql"].key.place,
                f"{quoted(name)} has `sql`, and no `target`",
                why="a statement is tried on the target it must not reach",
                mend="add `target:`",
            )
        minutes = scalar_of(written, "every_minutes")
        canaries[name] = Canary(
            name=name,
            agent=text_of(written, "as"),
            person=text_of(written, "for") or "",
            action=text_of(written, "action"),
            arguments=_arguments(written),
            sql=text_of(written, "sql"),
            target=text_of(written, "target"),
            every_minutes=minutes.value if minutes is not None and isinstance(minutes.value, int) else 60,
            place=entry.key.place,
        )
    return canaries


def _arguments(written: Entries) -> dict[str, ScalarValue]:
    node = node_of(written, "arguments")
    if not isinstance(node, Entries):
        return {}
    return {name: entry.value.value for name, entry in node.entries.items() if isinstance(entry.value, Scalar)}
