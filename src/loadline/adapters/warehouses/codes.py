"""The codes of what can go wrong between us and a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_SUCH_FILE = "WAR001"
UNREADABLE_FILE = "WAR002"
NOT_WHAT_IT_SAYS = "WAR003"
UNKNOWN_FILE_KIND = "WAR004"
OUTSIDE_PROJECT = "WAR005"
REMOTE_ADDRESS = "WAR006"
NO_SUCH_RELATION = "WAR007"
NO_SUCH_COLUMN = "WAR008"
LOCKED_DATABASE = "WAR009"
OUT_OF_MEMORY = "WAR010"
OUT_OF_DISK = "WAR011"
TOO_SLOW = "WAR012"
CANCELLED = "WAR013"
REFUSED_BY_ENGINE = "WAR014"
NOT_A_READ = "WAR015"
UNFIT_VALUE = "WAR016"
BAD_RELATION_NAME = "WAR017"
NO_SUCH_SHEET = "WAR018"
UNLIKE_FILES = "WAR019"
CLOSED = "WAR020"
NO_HEADER = "WAR021"

NOTHING_TO_CREATE_IN = "LIN004"
VIEWS_REFUSED = "LIN005"

NO_ADDRESS = "WAR201"
BAD_ADDRESS = "WAR202"
NO_DRIVER = "WAR203"
UNREACHABLE = "WAR204"
LOGIN_REFUSED = "WAR205"
CONNECTION_LOST = "WAR206"
NOT_GRANTED = "WAR207"
RELATION_LOCKED = "WAR208"
REPLICA_CONFLICT = "WAR209"
TOO_MANY_CONNECTIONS = "WAR210"


def _code(code: str, title: str, why: str, wrong: str, right: str) -> tuple[str, Code]:
    return code, Code(code=code, title=title, why=why, wrong=wrong, right=right)


CODES: Mapping[str, Code] = MappingProxyType(
    dict(
        (
            _code(
                NO_SUCH_FILE,
                "a data file is not there",
                "Every file and database named under `warehouse:` must exist when it is read; paths are relative to "
                "the folder of loadline.yaml, and a glob must match at least one file.",
                "files: {sales.orders: data/order.parquet}",
                "files: {sales.orders: data/orders.parquet}",
            ),
            _code(
                UNREADABLE_FILE,
                "a data file cannot be opened",
                "The account that runs loadline needs permission to read the file, and the path must be a file.",
                "files: {sales.orders: data/}",
                "files: {sales.orders: data/*.parquet}",
            ),
            _code(
                NOT_WHAT_IT_SAYS,
                "a data file is damaged, or not of the kind its name says",
                "The ending of a file's name says how it is read; a file that is cut off, damaged or of another kind "
                "is never half read.",
                "files: {sales.orders: data/orders.parquet}   # really a CSV file",
                "files: {sales.orders: data/orders.csv}",
            ),
            _code(
                UNKNOWN_FILE_KIND,
                "a data file is of no kind that can be read",
                "Files are Parquet (.parquet), text (.csv .tsv, also .gz), sheets (.xlsx .xls .xlsb .ods) or JSON "
                "lines (.jsonl .ndjson).",
                "files: {sales.orders: data/orders.xml}",
                "files: {sales.orders: data/orders.csv}",
            ),
            _code(
                OUTSIDE_PROJECT,
                "a data file lies outside the project",
                "A relative path, and any link it follows, must stay inside the project folder, so that a project "
                "cannot read what its reader did not see it name. An absolute path is plain to see, and allowed.",
                "files: {sales.orders: ../../exports/orders.parquet}",
                "files: {sales.orders: /srv/exports/orders.parquet}",
            ),
            _code(
                REMOTE_ADDRESS,
                "a data file is at a network address",
                "The DuckDB warehouse reads local files only; it opens no network connection.",
                "files: {sales.orders: s3://exports/orders.parquet}",
                "files: {sales.orders: data/orders.parquet}",
            ),
            _code(
                NO_SUCH_RELATION,
                "a relation is not in the warehouse",
                "A dataset's `source` names a relation listed under `warehouse.files`, or a table of the database.",
                "source: sales.order",
                "source: sales.orders",
            ),
            _code(
                NO_SUCH_COLUMN,
                "a column is not in the relation",
                "The contract and the fields of a dataset may only use columns the warehouse really has.",
                "name: amout",
                "name: amount",
            ),
            _code(
                LOCKED_DATABASE,
                "the database file is in use",
                "Another program has the DuckDB file open for writing; DuckDB lets nobody else read it meanwhile.",
                "duckdb data/shop.duckdb          # left open in another window",
                "duckdb -readonly data/shop.duckdb",
            ),
            _code(
                OUT_OF_MEMORY,
                "the query needs more memory than there is",
                "The engine stays inside its memory limit and gives up rather than taking the machine down.",
                "loadline ask --metric orders --by orders.order_id",
                "loadline ask --metric orders --by orders.ordered_at:month",
            ),
            _code(
                OUT_OF_DISK,
                "there is no room left for the query's temporary files",
                "A query larger than memory spills to a private folder under the system's temporary folder.",
                "loadline ask --metric orders",
                "TMPDIR=/mnt/roomy loadline ask --metric orders",
            ),
            _code(
                TOO_SLOW,
                "the query took longer than allowed",
                "`warehouse.timeout_seconds` bounds how long one query may run; it is stopped, not left behind.",
                "timeout_seconds: 1",
                "timeout_seconds: 300",
            ),
            _code(
                CANCELLED,
                "the query was cancelled",
                "Somebody stopped it before it ended; nothing of its result is kept.",
                "(the query was stopped)",
                "(run it again)",
            ),
            _code(
                REFUSED_BY_ENGINE,
                "the warehouse refused the query",
                "The engine could not run the SQL that was made for it; its own words are in the message.",
                "is: sum(orders.note)      # `note` is text in the warehouse",
                "is: sum(orders.amount)",
            ),
            _code(
                NOT_A_READ,
                "only a single SELECT may be run",
                "A warehouse is read, never changed: one SELECT statement over its own relations, and no way to "
                "another file, setting, extension or statement.",
                "DELETE FROM sales.orders",
                "SELECT count(*) FROM sales.orders",
            ),
            _code(
                UNFIT_VALUE,
                "a value does not fit its type",
                "A column is read as its contract promises; a value that does not fit is reported, never guessed "
                "into another value.",
                "logicalType: integer      # and the file says `12a`",
                "logicalType: string",
            ),
            _code(
                BAD_RELATION_NAME,
                "a relation's name cannot be used",
                "A relation is `table` or `schema.table`; names that differ only in upper and lower case are one name.",
                "files: {shop.sales.orders: data/orders.parquet}",
                "files: {sales.orders: data/orders.parquet}",
            ),
            _code(
                NO_SUCH_SHEET,
                "a sheet is not in the workbook",
                "`path.xlsx#Sheet` names one sheet; without it the first sheet is read.",
                "files: {ref.places: 'data/places.xlsx#Place'}",
                "files: {ref.places: 'data/places.xlsx#Places'}",
            ),
            _code(
                UNLIKE_FILES,
                "the files of one relation do not have the same columns",
                "Files that a glob gathers into one relation must agree in their columns; nothing is filled in.",
                "files: {sales.orders: data/*.csv}      # 2024.csv has `id`, 2025.csv has `order_id`",
                "files: {sales.orders_2024: data/2024.csv, sales.orders_2025: data/2025.csv}",
            ),
            _code(
                CLOSED,
                "the warehouse is closed",
                "After it is closed a warehouse answers nothing; it must be opened again.",
                "(asked after closing)",
                "(open the project again)",
            ),
            _code(
                NO_HEADER,
                "a file has no usable header",
                "The first row names the columns: each cell filled, no name twice.",
                "id,,amount",
                "id,region,amount",
            ),
            _code(
                NO_ADDRESS,
                "the environment variable of the warehouse's address is not set",
                "`warehouse.url: env:NAME` refers to an environment variable of the process that runs loadline; the "
                "address, which may hold a password, is never written into the project.",
                "loadline ask --metric orders",
                "SHOP_DATABASE=postgresql://reader@db.example.com/shop loadline ask --metric orders",
            ),
            _code(
                BAD_ADDRESS,
                "the warehouse's address cannot be read",
                "An address is `postgresql://USER:PASSWORD@HOST:PORT/DATABASE` or `host=… dbname=… user=…`; in a URL, "
                "the characters @ : / ? # % of a name or password are written as %40 %3A %2F %3F %23 %25.",
                "postgresql://reader:p@ss@db.example.com/shop",
                "postgresql://reader:p%40ss@db.example.com/shop",
            ),
            _code(
                NO_DRIVER,
                "the driver of the warehouse is not installed",
                "Each warehouse but DuckDB has its driver as an extra, so that nobody installs what they do not use.",
                "pip install loadline-ai",
                "pip install 'loadline-ai[postgres]'",
            ),
            _code(
                UNREACHABLE,
                "the warehouse's server cannot be reached",
                "The server must run, accept connections at this address, and speak TLS as the address demands.",
                "postgresql://reader@db.example.com:5433/shop",
                "postgresql://reader@db.example.com:5432/shop",
            ),
            _code(
                LOGIN_REFUSED,
                "the warehouse's server refuses the login",
                "User, password and database must be right, and the server's pg_hba.conf must let this machine in.",
                "postgresql://reader@db.example.com/shop     # a user that needs a password",
                "postgresql://reader:…@db.example.com/shop   # or the password in ~/.pgpass",
            ),
            _code(
                CONNECTION_LOST,
                "the connection to the warehouse was lost",
                "The server ended, was restarted, or the network between broke; nothing of a half-read result is kept.",
                "(the server was restarted)",
                "(run it again)",
            ),
            _code(
                NOT_GRANTED,
                "the warehouse's login may not read this",
                "Loadline reads with the rights of its login and never more: SELECT on each relation of a dataset, and "
                "USAGE on its schema.",
                "CREATE ROLE reader LOGIN",
                "GRANT USAGE ON SCHEMA sales TO reader; GRANT SELECT ON sales.orders TO reader",
            ),
            _code(
                RELATION_LOCKED,
                "a relation is locked by somebody who changes its form",
                "A read waits some seconds for a lock and then gives up: behind a waiting ALTER TABLE or VACUUM FULL "
                "all other readers would queue.",
                "ALTER TABLE sales.orders …   # running",
                "(run it again when that has ended)",
            ),
            _code(
                REPLICA_CONFLICT,
                "the replica stopped the query to keep up with its primary",
                "A read replica removes rows its primary has removed; a query that still needs them is stopped after "
                "`max_standby_streaming_delay`.",
                "(a query of ten minutes on a replica that waits thirty seconds)",
                "hot_standby_feedback = on",
            ),
            _code(
                TOO_MANY_CONNECTIONS,
                "the warehouse's server has no connection left",
                "A server, and a login, may have only so many connections at once; every question that runs takes one.",
                "max_connections = 20",
                "(put a pooler in front, or ask fewer questions at once)",
            ),
            _code(
                NOTHING_TO_CREATE_IN,
                "the warehouse is made of files, in which no view can be",
                "Views of failing and clean rows are created where tables are: in a DuckDB file, or in PostgreSQL.",
                "loadline data quarantine orders --create   # over data/orders.parquet",
                "loadline data quarantine orders            # prints what to run elsewhere",
            ),
            _code(
                VIEWS_REFUSED,
                "the warehouse did not create the views",
                "What is there already is not replaced unless somebody says so, and a login that only reads creates "
                "nothing.",
                "loadline data quarantine orders --create   # a second time",
                "loadline data quarantine orders --create --replace",
            ),
        )
    )
)
