"""Rows in; what other tools make of the same promises, each in an environment of its own, or why one does not, out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from making import SCATTERED, make

INSTALL_SECONDS = 900
RUN_SECONDS = 900
QUIET = {"DO_NOT_TRACK": "1", "GX_ANALYTICS_ENABLED": "false"}  # no telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`script` gets the project's folder, and an address where the rows lie in PostgreSQL (if it `has_postgres`), and
    prints, as JSON, how many promises it found broken and did not look at."""

    name: str
    packages: tuple[str, ...]
    imports: str
    script: str
    options: tuple[str, ...] = ()  # of pip
    has_postgres: bool = True


class AbsentError(Exception):
    """Why a peer takes no part."""


DATACONTRACT = """
import json, os, sys
from pathlib import Path
from urllib.parse import urlsplit
root = Path(sys.argv[1])
if len(sys.argv) > 2:
    at = urlsplit(sys.argv[2])
    server = (f"servers: [{{server: local, type: postgres, host: {at.hostname}, port: {at.port}, "
              f"database: {at.path[1:]}, schema: sales}}]")
    os.environ |= {"DATACONTRACT_POSTGRES_USERNAME": at.username, "DATACONTRACT_POSTGRES_PASSWORD": at.password}
else:
    server = f"servers: [{{server: local, type: local, path: {root}/data/orders/*.parquet, format: parquet}}]"
(root / "peer.yaml").write_text((root / "contracts" / "orders.yaml").read_text() + server + "\\n")
from datacontract.data_contract import DataContract
run = DataContract(data_contract_file=str(root / "peer.yaml"), server="local").test()
results = [check.result.value for check in run.checks]
print(json.dumps({"broken": results.count("failed"), "not looked at": len(results) - results.count("failed")
                  - results.count("passed")}))
"""

GREAT_EXPECTATIONS = """
import json, sys
root, url = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
import great_expectations as gx
import great_expectations.expectations as gxe
if url is None:
    import duckdb
    with duckdb.connect(f"{root}/peer.duckdb") as c:
        c.execute(f"CREATE VIEW orders AS FROM '{root}/data/orders/*.parquet'")
        c.execute(f"CREATE VIEW customers AS FROM '{root}/data/customers.parquet'")
    # It gives a connection back before it reads the rows, which DuckDB's are gone with; this keeps one open, as it does
    # for SQLite.
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine
    engine._PERSISTED_CONNECTION_DIALECTS += (type("Name", (str,), {"value": "duckdb"})("duckdb"),)
context = gx.get_context(mode="ephemeral")
address = f"duckdb:///{root}/peer.duckdb" if url is None else url.replace("postgresql:", "postgresql+psycopg2:")
source = context.data_sources.add_sql("d", connection_string=address)
asset = source.add_table_asset("orders", table_name="orders", **({"schema_name": "sales"} if url else {}))
batch = asset.add_batch_definition_whole_table("all").get_batch()
columns = ("order_id customer_id ordered_on amount_cents quantity discount_percent status channel country postcode "
           "product weight_kg").split()
lost = ("SELECT o.order_id FROM {batch} o LEFT JOIN " + ("sales." if url else "") + "customers c USING (customer_id) "
        "WHERE o.customer_id IS NOT NULL AND c.customer_id IS NULL")
wanted = [gxe.ExpectColumnValuesToNotBeNull(column=name) for name in columns]
wanted += [gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high) for name, low, high in (
    ("amount_cents", 0, 500000), ("quantity", 1, 20), ("discount_percent", 0, 90), ("weight_kg", 0, None),
    ("ordered_on", "2024-01-01", None))]
wanted += [gxe.ExpectColumnValuesToBeInSet(column=name, value_set=values.split()) for name, values in (
    ("status", "open paid sent returned"), ("channel", "web shop phone"), ("country", "DE FR NL PL ES IT"))]
wanted += [gxe.ExpectColumnValuesToMatchRegex(column=name, regex=pattern) for name, pattern in (
    ("postcode", "^[0-9]{5}$"), ("product", "^SKU-[0-9]{4}$"))]
wanted += [gxe.ExpectColumnValuesToBeUnique(column="order_id"), gxe.ExpectTableRowCountToBeBetween(min_value=1001),
           gxe.ExpectColumnMaxToBeBetween(column="ordered_on", min_value="2026-09-25"),
           gxe.UnexpectedRowsExpectation(unexpected_rows_query=lost)]
results = batch.validate(gx.ExpectationSuite(name="s", expectations=wanted)).results
infos = [one.exception_info for one in results if one.exception_info]
failed = [info for info in infos if "raised_exception': True" in str(info)]
if len(failed) == len(results):
    said = next(iter(failed[0].values()))
    sys.exit("every expectation failed: " + str(said.get("exception_message", said))[:200])
print(json.dumps({"broken": sum(not one.success for one in results) - len(failed), "not looked at": len(failed)}))
"""

OTHER = Path(__file__).parent / "other"

PEERS = (
    Peer(
        name="dbt",
        packages=("dbt-core", "dbt-duckdb==1.11.1"),
        imports="dbt.cli.main",
        options=("--only-binary", ":all:"),
        has_postgres=False,
        script=(OTHER / "with_dbt.py").read_text("utf-8"),
    ),
    Peer(
        name="Soda",
        packages=("soda-core-duckdb==3.5.6", "soda-core-postgres==3.5.6"),
        imports="soda.scan",
        script=(OTHER / "with_soda.py").read_text("utf-8"),
    ),
    Peer(
        name="datacontract-cli",
        packages=("datacontract-cli[duckdb,postgres]==1.2.8",),
        imports="datacontract.data_contract",
        script=DATACONTRACT,
    ),
    Peer(
        name="Great Expectations",
        packages=("great-expectations==1.24.1", "duckdb", "duckdb-engine", "pandas", "pyarrow", "psycopg2-binary"),
        imports="great_expectations",
        script=GREAT_EXPECTATIONS,
    ),
)


def measured(cache: Path, rows: int) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    found: dict[str, dict[str, float]] = {}
    absent: dict[str, str] = {}
    for peer in PEERS:
        with tempfile.TemporaryDirectory(prefix="loadline-bench-") as scratch:
            root = Path(scratch) / "project"
            make(root, rows, SCATTERED)
            try:
                python = environment(peer, cache)
                imported, _ = run([python, "-c", f"import {peer.imports}"])
                said, output = run([python, "-c", peer.script, str(root)])
                found[peer.name] = {**said, "import CPU s": imported["CPU s"], **json.loads(output.splitlines()[-1])}
            except AbsentError as why:
                absent[peer.name] = str(why)
    return found, absent


def on_postgres(peer: Peer, cache: Path, root: Path, address: str) -> dict[str, float]:
    """What the peer makes of the same promises about rows in PostgreSQL. Raises AbsentError."""
    said, output = run([environment(peer, cache), "-c", peer.script, str(root), address])
    return {"client CPU s": said["CPU s"], "peak MB": said["peak MB"], **json.loads(output.splitlines()[-1])}


def environment(peer: Peer, cache: Path) -> str:
    folder = cache / f"venv-{peer.imports.partition('.')[0]}"
    python, stamp = folder / "bin" / "python", folder / "made-of.txt"
    made_of = "\n".join((sys.version, *peer.packages))
    if not (stamp.exists() and stamp.read_text("utf-8") == made_of):
        print(f"making an environment for {peer.name}", file=sys.stderr)
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                *peer.options,
                *peer.packages,
            ],
        ):
            run(command, seconds=INSTALL_SECONDS)
        stamp.write_text(made_of, "utf-8")
    return str(python)


def run(command: list[str], *, seconds: float = RUN_SECONDS) -> tuple[dict[str, float], str]:
    """CPU and wall seconds and peak memory of the whole process, and what it printed. Raises AbsentError."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **QUIET})
        while True:
            done, status, used = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.perf_counter() - began > seconds:
                process.kill()
                os.wait4(process.pid, 0)
                raise AbsentError(f"it took more than {seconds:,.0f} seconds")
            time.sleep(0.05)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            lines = [line for line in err.read().decode(errors="replace").splitlines() if line.strip()]
            raise AbsentError(lines[-1] if lines else f"it ended with {process.returncode}")
        said = {"CPU s": used.ru_utime + used.ru_stime, "wall s": time.perf_counter() - began}
        return {**said, "peak MB": used.ru_maxrss / 1024}, out.read().decode(errors="replace")
