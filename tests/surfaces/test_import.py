"""`loadline import`: what another tool knows becomes a project, and what is not carried is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from loadline.project.importing import codes
from surfaces.terminal import Terminal

MODELS = """
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities: [{name: order, type: primary, expr: order_id}]
    dimensions: [{name: ordered_at, type: time}, {name: status, type: categorical}]
    measures: [{name: amount, agg: sum}]
metrics:
  - {name: amount, type: simple, type_params: {measure: amount}}
  - {name: odd, type: simple, type_params: {measure: amount}, filter: "magic({{ Dimension('order__status') }})"}
  - {name: odder, type: derived, type_params: {expr: odd * 2, metrics: [odd]}}
"""


@pytest.fixture
def dbt(tmp_path: Path) -> Path:
    folder = tmp_path / "dbt"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "orders.yml").write_text(MODELS)
    (folder / "target").mkdir()
    (folder / "target" / "old.yml").write_text(MODELS.replace("orders", "stale"))
    return folder


def test_a_project_is_started_and_fits_together(dbt: Path, tmp_path: Path, loadline: Terminal) -> None:
    target = tmp_path / "shop"
    said = loadline("import", "dbt", str(dbt), "--into", str(target))
    assert said.code == 0
    assert "1 dataset" in said.out
    assert loadline("check", "-C", str(target)).code == 0
    metrics = yaml.safe_load((target / "context" / "dbt-metrics.yaml").read_text())["metrics"]
    assert metrics == {"amount": {"is": "sum(orders.amount)"}}


def test_what_does_not_fit_is_left_out_by_name_and_so_is_what_was_built_on_it(
    dbt: Path, tmp_path: Path, loadline: Terminal
) -> None:
    found = loadline("import", "dbt", str(dbt), "--into", str(tmp_path / "shop"), "--format", "json").json()
    left = {one["name"]: one["why"] for one in found["remarks"]}
    assert set(left) == {"odd", "odder"}
    assert left["odd"].startswith("SEM002")
    assert found["carried"] == {"datasets": 1, "metrics": 1}


def test_an_import_joins_a_project_that_is_there(dbt: Path, shop: Path, loadline: Terminal) -> None:
    text = MODELS.replace("name: orders", "name: dbt_orders").replace("ref('orders')", "ref('x')")
    text = text.replace("name: amount, type: simple", "name: dbt_amount, type: simple")
    (dbt / "models" / "orders.yml").write_text(text)
    manifest = yaml.safe_load((shop / "loadline.yaml").read_text())
    relation = next(iter(manifest["warehouse"]["files"]))
    (dbt / "models" / "orders.yml").write_text(
        text.replace("model: ref('x')", f"node_relation: {{relation_name: {relation}}}")
    )
    said = loadline("import", "dbt", str(dbt), "--into", str(shop))
    assert said.code == 0, said.err
    assert loadline("check", "-C", str(shop)).code == 0
    assert (shop / "context" / "dbt-metrics.yaml").exists()


def test_nothing_is_written_over(dbt: Path, tmp_path: Path, loadline: Terminal) -> None:
    target = tmp_path / "shop"
    assert loadline("import", "dbt", str(dbt), "--into", str(target)).code == 0
    again = loadline("import", "dbt", str(dbt), "--into", str(target))
    assert again.code == 2
    assert codes.IN_THE_WAY in again.err


@pytest.mark.parametrize(
    ("text", "code"), [("models: []", codes.NOTHING_FOUND), ("\x80", codes.UNREADABLE), (None, codes.UNREADABLE)]
)
def test_what_holds_nothing_to_import_is_refused(
    text: str | None, code: str, tmp_path: Path, loadline: Terminal
) -> None:
    source = tmp_path / "models.yml"
    if text is not None:
        source.write_bytes(text.encode("latin-1"))
    said = loadline("import", "dbt", str(source), "--into", str(tmp_path / "shop"))
    assert said.code == 2
    assert code in said.err
    assert not (tmp_path / "shop").exists()
