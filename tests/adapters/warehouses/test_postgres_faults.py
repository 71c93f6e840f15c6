"""What can go wrong between us and a PostgreSQL: each told once, with its code and a mend, and without the password."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Mapping
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.adapters.warehouses.postgres.address import read_address
from loadline.adapters.warehouses.postgres.faults import connecting, translate
from loadline.errors import OutsideError
from loadline.testing.warehouses import fetch
from postgres_server import Server

REFERENCE = postgres_settings()


def failing(url: str, environment: Mapping[str, str] | None = None) -> OutsideError:
    def read() -> None:
        warehouse = open_postgres(REFERENCE, {"DATABASE_URL": url} if environment is None else environment)
        fetch(warehouse, "SELECT 1")

    with pytest.raises(OutsideError) as caught:
        read()
    return caught.value


def told(error: OutsideError) -> str:
    """All that anybody could see of it, its causes included."""
    return "".join(traceback.format_exception(error)) + "".join(f"{d.what}{d.why}{d.mend}" for d in error.diagnostics)


def test_a_variable_that_is_not_set_is_code_201() -> None:
    error = failing("", {})
    assert error.diagnostics[0].code == "WAR201"
    assert "`DATABASE_URL`" in error.diagnostics[0].what
    assert error.diagnostics[0].mend.startswith("export DATABASE_URL=")
    assert failing("", {"DATABASE_URL": "  "}).diagnostics[0].code == "WAR201"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@db.example.com:sesame/shop",
        "postgresql://reader:hunter2@:sesame@[db/shop",
        "postgresql://reader:hunter2%zz@db.example.com/shop",
        "postgresql://reader:hunter2@sesame@db.example.com/shop",
        "mysql://reader:hunter2@db.example.com/shop",
        "host=db password='hunter2",
        "hunter2",
    ],
)
def test_an_address_that_cannot_be_read_is_code_202_and_is_not_repeated(url: str) -> None:
    error = failing(url)
    if error.diagnostics[0].code != "WAR202":  # libpq reads a port when it connects
        assert error.diagnostics[0].code == "WAR204", told(error)
    assert "hunter2" not in told(error)


def test_a_driver_that_is_not_installed_is_code_203_with_the_command_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from loadline.adapters.warehouses.postgres import open_postgres\n"
        "from loadline.errors import OutsideError\n"
        "from loadline.project import WarehouseSettings\n"
        "from loadline.values.place import Place\n"
        "settings = WarehouseSettings(kind='postgres', files={}, url='env:X', place=Place(file='loadline.yaml'))\n"
        "try: open_postgres(settings, {})\n"
        "except OutsideError as error: print(error.diagnostics[0].code, error.diagnostics[0].mend)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split(maxsplit=1) == ["WAR203", "pip install 'loadline-ai[postgres]'\n"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@127.0.0.1:1/shop",
        "postgresql://reader:hunter2@/shop?host=/nowhere",
        "postgresql://reader:hunter2@no-such-host.invalid/shop",
    ],
)
def test_a_server_that_is_not_there_is_code_204(url: str) -> None:
    error = failing(url)
    assert error.diagnostics[0].code == "WAR204"
    assert error.retryable
    assert "hunter2" not in told(error)


def test_a_refused_login_is_code_205_with_the_servers_reason(postgres_server: Server, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE ROLE keeper LOGIN PASSWORD 'right'")
        database = connection.info.dbname
    urls = {
        postgres_server.tcp_url(database, user="keeper", password="hunter2"): "password",  # noqa: S106
        postgres_server.tcp_url(database, user="keeper"): "password",
        postgres_server.tcp_url("no_such", user="keeper", password="right"): "no_such",  # noqa: S106
        postgres_server.url("no_such"): "no_such",
    }
    for url, reason in urls.items():
        error = failing(url)
        if error.diagnostics[0].code == "WAR204":  # no password was sent: libpq gave up by itself
            assert "no password supplied" in error.diagnostics[0].what
            continue
        assert error.diagnostics[0].code == "WAR205", told(error)
        assert reason in error.diagnostics[0].what
        assert "hunter2" not in told(error)
        assert not error.retryable
    with psycopg.connect(postgres_url) as connection:
        connection.execute("DROP ROLE keeper")


def test_a_login_with_no_connection_left_is_code_210(postgres_server: Server, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE single LOGIN CONNECTION LIMIT 1")
        url = postgres_server.url(connection.info.dbname, user="single")
        with psycopg.connect(url):
            error = failing(url)
        assert error.diagnostics[0].code == "WAR210", told(error)
        assert error.retryable
        connection.execute("DROP ROLE single")


_TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=20)


@settings(max_examples=150)
@given(_TEXTS, st.booleans(), st.sampled_from(("host.invalid", "127.0.0.1:1", "[::1]:1", "", "a@b", "x:y:z")))
def test_no_message_holds_a_password_however_it_was_written(password: str, is_escaped: bool, where: str) -> None:
    """INVARIANT: of an address only host, port, database and user are ever shown."""
    secret = f"Xq{password}"
    written = quote(secret, safe="") if is_escaped else secret
    try:
        address = read_address(REFERENCE, {"DATABASE_URL": f"postgresql://reader:{written}@{where}/shop"})
    except OutsideError as error:
        seen = told(error)
    else:
        heard = psycopg.OperationalError(f"connection to {where} failed: FATAL: {secret} and {written} do not fit")
        seen = told(connecting(heard, address)) + repr(address)
    assert secret not in seen
    assert written not in seen


@pytest.mark.parametrize(
    ("raised", "code", "is_retryable"),
    [
        (errors.AdminShutdown, "WAR206", True),
        (errors.IdleInTransactionSessionTimeout, "WAR206", True),
        (psycopg.OperationalError, "WAR206", True),
        (errors.InsufficientPrivilege, "WAR207", False),
        (errors.LockNotAvailable, "WAR208", True),
        (errors.SerializationFailure, "WAR209", True),
        (errors.TooManyConnections, "WAR210", True),
        (errors.OutOfMemory, codes.OUT_OF_MEMORY, True),
        (errors.DiskFull, codes.OUT_OF_DISK, True),
        (errors.ConfigurationLimitExceeded, codes.OUT_OF_DISK, True),
        (errors.InvalidTextRepresentation, codes.UNFIT_VALUE, False),
        (errors.NumericValueOutOfRange, codes.UNFIT_VALUE, False),
        (errors.ReadOnlySqlTransaction, codes.NOT_A_READ, False),
        (errors.UndefinedFunction, codes.REFUSED_BY_ENGINE, False),
        (errors.InternalError_, codes.REFUSED_BY_ENGINE, False),
    ],
)
def test_an_error_is_told_by_its_state_in_any_language(
    raised: type[psycopg.Error], code: str, is_retryable: bool
) -> None:
    address = read_address(REFERENCE, {"DATABASE_URL": "postgresql://reader:hunter2@db/shop"})
    said = raised("FEHLER:  hunter2 reicht\nnicht aus.")
    error = translate(said, "SELECT 1", address, relations=tuple, columns=tuple)
    assert error.diagnostics[0].code == code
    assert error.retryable == is_retryable
    assert "hunter2" not in error.diagnostics[0].what
    assert "\n" not in error.diagnostics[0].what


def test_names_are_found_where_the_error_points(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA s; CREATE TABLE s."Größen" (id int, "Maß" int)')
    warehouse = open_postgres(REFERENCE, {"DATABASE_URL": postgres_url})
    wrong = {
        'SELECT 1 FROM "s"."Größe"': ("WAR007", "`s.Größe`", "`s.Größen`"),
        'SELECT g."Mass" FROM s."Größen" AS g': ("WAR008", "`Mass`", "`Maß`"),
        'SELECT "maß" FROM s."Größen"': ("WAR008", "`maß`", "`Maß`"),
        "SELECT 1 FROM nowhere.t": ("WAR007", "`nowhere.t`", ""),
    }
    for sql, (code, what, mend) in wrong.items():
        with pytest.raises(OutsideError) as caught:
            fetch(warehouse, sql)
        (said,) = caught.value.diagnostics
        assert (said.code, what in said.what, mend in said.mend) == (code, True, True), said
    warehouse.close()


def test_a_value_that_does_not_fit_is_an_error_and_never_another_value(postgres_url: str) -> None:
    warehouse = open_postgres(REFERENCE, {"DATABASE_URL": postgres_url})
    for sql in (
        "SELECT CAST(t AS bigint) FROM (VALUES ('1'), ('x')) AS v(t)",
        "SELECT 9223372036854775807::bigint + 1",
    ):
        with pytest.raises(OutsideError) as caught:
            fetch(warehouse, sql)
        assert caught.value.diagnostics[0].code == codes.UNFIT_VALUE
    warehouse.close()


def test_texts_that_are_no_texts_are_told(postgres_server: Server) -> None:
    name = postgres_server.new_database(options="ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    warehouse = open_postgres(REFERENCE, {"DATABASE_URL": postgres_server.url(name)})
    with pytest.raises(OutsideError) as caught:
        fetch(warehouse, "SELECT convert_from('\\xff41'::bytea, 'SQL_ASCII')")
    assert caught.value.diagnostics[0].code == codes.UNFIT_VALUE
    warehouse.close()
    postgres_server.drop_database(name)
