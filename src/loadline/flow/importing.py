"""An import in; the same without what the semantics cannot make sense of, each named with the reason, out.

What a room wrote is only known to fit once the project reads it and the semantics link it. A definition that neither
accepts is left out and named, and so is what was built on it: nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadline import semantics
from loadline.errors import Bug, ProjectError, RequestError
from loadline.project import read
from loadline.project.importing import codes
from loadline.project.importing.dbt import import_dbt
from loadline.project.importing.nouns import Carried, Remark, Spot, spot_of, without
from loadline.project.importing.ossie_in import import_ossie
from loadline.project.yaml_writer import Value, write_yaml
from loadline.values.diagnostic import Diagnostic, Severity

ROUNDS = 60
ASKER = "analyst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What an import came to: the definitions that fit, what is not among them by name, and the files written."""

    carried: Carried
    written: tuple[Path, ...] = ()


def new_frame(name: str, database: str) -> dict[str, str]:
    """The files a new project needs around its definitions: where the data is, who may ask."""
    manifest: Mapping[str, Value] = {
        "name": name,
        "warehouse": {"kind": "duckdb", "database": database},
        "people": {"local": {"roles": [ASKER]}},
    }
    rule: Mapping[str, Value] = {"rules": [{"name": "analysts-ask", "permit": "ask", "who": {"roles": [ASKER]}}]}
    return {
        "loadline.yaml": write_yaml(manifest, head=("Where the data is, who owns what, who may ask.",)),
        "policies/rules.yaml": write_yaml(rule, head=("Nothing is permitted unless a rule says so.",)),
    }


def arriving(form: str, texts: Mapping[str, str], values: Mapping[str, str]) -> Carried:
    """What the texts of another tool say. Raises RequestError when they say nothing, or are of another form."""
    match form:
        case "dbt":
            carried = import_dbt(texts, values=values)
        case "ossie":
            carried = import_ossie(texts)
        case _:
            raise Bug
    if not carried.counts().get("datasets"):
        if any(one.code == codes.NOT_OSSIE for one in carried.remarks):
            raise RequestError(
                Diagnostic(
                    code=codes.NOT_OSSIE,
                    what=f"{' and '.join(f'`{name}`' for name in texts)} holds no semantic model",
                    why=codes.CODES[codes.NOT_OSSIE].why,
                    mend="name an Ossie document, a YAML or JSON file",
                )
            )
        lost = "; ".join(f"{one.kind} `{one.name}`: {one.why}" for one in carried.remarks[:5])
        raise RequestError(
            Diagnostic(
                code=codes.NOTHING_FOUND,
                what=f"no semantic model is in {len(texts)} files" + (f" ({lost})" if lost else ""),
                why=codes.CODES[codes.NOTHING_FOUND].why,
                mend="name the folder of the dbt project, its `target/semantic_manifest.json`, or an Ossie document",
            )
        )
    return carried


def fitted(carried: Carried, frame: Mapping[str, str]) -> Carried:
    """`frame` are the other files of the project, `loadline.yaml` among them. Raises ProjectError when it is they that
    do not fit, or when leaving definitions out comes to no end."""
    for _ in range(ROUNDS):
        texts = carried.texts()
        wrong = _wrong({**frame, **texts})
        if not wrong:
            return carried
        carried = _without(carried, texts, wrong)
    raise ProjectError(*wrong)


def _wrong(files: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    reading = read({name: text.encode() for name, text in files.items()}, Path())
    errors = tuple(found for found in reading.diagnostics if found.severity is Severity.ERROR)
    if errors or reading.model is None:
        return errors
    try:
        semantics.link(reading.model)
    except ProjectError as error:
        return error.diagnostics
    return ()


def _without(carried: Carried, texts: Mapping[str, str], wrong: Iterable[Diagnostic]) -> Carried:
    """All that is wrong is left out at once. Items of a list go last first, so that the others keep their places."""
    reasons: dict[Spot, Diagnostic] = {}
    for found in wrong:
        place = found.place
        if place is None or place.file not in texts:
            raise ProjectError(found)
        spot = spot_of(place.file, texts[place.file], place)
        if len(spot.definition) < 2:
            raise ProjectError(found)
        reasons.setdefault(Spot(file=spot.file, steps=spot.definition), found)
    for spot, found in sorted(reasons.items(), key=lambda one: _place(one[0]), reverse=True):
        kind = str(spot.steps[-2]).removesuffix("s")
        remark = Remark(kind=kind, name=_name(spot, carried), why=f"{found.code}: {found.what}", code=found.code)
        carried = without(carried, spot, remark)
    return carried


def _place(spot: Spot) -> tuple[str, tuple[tuple[bool, int, str], ...]]:
    return spot.file, tuple(
        (isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in spot.steps
    )


def _name(spot: Spot, carried: Carried) -> str:
    """What is left out, by name; an item of a list by what it says."""
    last = spot.steps[-1]
    if not isinstance(last, int):
        return str(last) if len(spot.steps) == 2 else f"{spot.steps[1]}.{last}"
    said: Value = carried.files[spot.file]
    for step in spot.steps:
        if isinstance(said, Mapping):
            said = said[str(step)]
        elif isinstance(said, Sequence) and not isinstance(said, str) and isinstance(step, int):
            said = said[step]
    if isinstance(said, Mapping):
        return ", ".join(f"{key} {value}" for key, value in said.items())
    return str(said)
