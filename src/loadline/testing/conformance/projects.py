"""The definitions of an import in; a project over Parquet files, open to whoever runs it, in a folder out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from loadline.flow.importing import fitted
from loadline.project.importing.nouns import Carried
from loadline.project.yaml_writer import write_yaml

RUNNER = "runner"


def write_project(folder: Path, imported: Carried, relations: Mapping[str, Path]) -> Carried:
    """`relations` maps a relation to the file that holds its rows. Definitions that do not fit are left out; what is
    returned says which."""
    frame = {
        "loadline.yaml": write_yaml(
            {
                "name": "conformance",
                "warehouse": {"kind": "duckdb", "files": {name: str(path) for name, path in relations.items()}},
                "people": {"local": {"roles": [RUNNER]}},
            }
        ),
        "policies/run.yaml": write_yaml({"rules": [{"name": "run", "permit": "ask", "who": {"roles": [RUNNER]}}]}),
    }
    kept = fitted(imported, frame)
    for name, text in {**frame, **kept.texts()}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return kept
