"""The PostgreSQL of the tests: it is real, it is ours alone, and it ends with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from postgres_server import Server


def test_a_module_gets_an_empty_database_of_its_own(postgres_url: str, postgres_server: Server) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE t (n int)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("t",)]
    other = postgres_server.new_database()
    with psycopg.connect(postgres_server.url(other)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    postgres_server.drop_database(other)


def test_over_loopback_a_role_needs_its_password(postgres_url: str, postgres_server: Server) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
        database = connection.info.dbname
    with psycopg.connect(postgres_server.tcp_url(database, user="keeper", password="right")) as connection:  # noqa: S106
        assert connection.execute("SELECT current_user").fetchone() == ("keeper",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.tcp_url(database, user="keeper", password="wrong"))  # noqa: S106
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP ROLE keeper")


def test_the_server_ends_with_the_process_that_started_it() -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent is gone")
    code = (
        "import sys; from postgres_server import start_server; s = start_server();"
        "print(s.process.pid, s.folder, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    ) as starter:
        assert starter.stdout is not None
        pid, folder = starter.stdout.readline().split()
        lock = Path(folder) / "data" / "postmaster.pid"
        assert lock.read_text("utf-8").split()[0] == pid
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    watched = subprocess.run(["tail", f"--pid={pid}", "-f", os.devnull], timeout=60, check=False)
    assert watched.returncode == 0
    assert not lock.exists()
    subprocess.run(["rm", "-rf", folder], check=True)
