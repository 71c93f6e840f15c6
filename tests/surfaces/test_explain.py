"""`loadline explain` and `loadline schema`: complete, offline, and in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path

from loadline.app import schema_kinds
from surfaces.terminal import Terminal, refused_with

SOURCE = Path(__file__).parents[2] / "src" / "loadline"
RAISED = re.compile(r'^[A-Z_]+ = "([A-Z]{3}[0-9]{3})"$|code="([A-Z]{3}[0-9]{3})"', re.MULTILINE)


def test_every_code_in_the_source_is_explained(loadline: Terminal) -> None:
    written = {one or other for path in SOURCE.rglob("*.py") for one, other in RAISED.findall(path.read_text("utf-8"))}
    listed = loadline("explain", "--format", "json").json()
    assert len(written) > 100
    assert written <= {code["code"] for code in listed}


def test_every_code_is_explained_in_words(loadline: Terminal) -> None:
    listed = loadline("explain", "--format", "json").json()
    assert [code["code"] for code in listed] == re.findall(r"^[A-Z]{3}[0-9]{3}", loadline("explain").out, re.MULTILINE)
    for code in listed:
        assert all(code[part].strip() for part in ("title", "why", "wrong", "right")), code
        said = loadline("explain", code["code"].lower())
        assert said.code == 0
        assert said.out.startswith(f"{code['code']}  {code['title']}\n")
        assert code["right"].splitlines()[0] in said.out
        assert loadline("explain", code["code"], "--format", "json").json() == [code]


def test_an_unknown_code_names_the_nearest(loadline: Terminal) -> None:
    said = loadline("explain", "SEM1O1")
    refused_with(said, "RUN008", 2)
    assert re.search(r"`loadline explain SEM1\d1`", said.err)
    refused_with(loadline("explain", "nonsense at all"), "RUN008", 2)


def test_every_kind_has_a_schema(loadline: Terminal, tmp_path: Path) -> None:
    assert tuple(loadline("schema").out.split()) == schema_kinds()
    out = tmp_path / "some" / "schemas"
    said = loadline("schema", "--out", str(out))
    assert said.code == 0
    assert said.out.splitlines() == [str(out / f"{kind}.schema.json") for kind in schema_kinds()]
    for kind in schema_kinds():
        printed = loadline("schema", kind).json()
        assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert json.loads((out / f"{kind}.schema.json").read_text("utf-8")) == printed


def test_one_kind_alone_is_written(loadline: Terminal, tmp_path: Path) -> None:
    loadline("schema", "context", "--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["context.schema.json"]


def test_an_unknown_kind_is_said_and_writes_nothing(loadline: Terminal, tmp_path: Path) -> None:
    refused_with(loadline("schema", "metrics"), "RUN009", 2)
    refused_with(loadline("schema", "metrics", "--out", str(tmp_path / "new")), "RUN009", 2)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_said(loadline: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    said = loadline("schema", "--out", str(tmp_path / "file" / "below"))
    refused_with(said, "CLI002", 3)
