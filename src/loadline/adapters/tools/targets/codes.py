"""The codes of what can go wrong between us and a database that agents write to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NOT_A_CHANGE = "TGT001"
NOT_SET_UP = "TGT002"
REFUSED_BY_ENGINE = "TGT003"
IN_THE_WAY = "TGT004"
TOO_SLOW = "TGT005"
NOBODY_KNOWS = "TGT006"
CONNECTION_LOST = "TGT007"
LEFT_ITS_PLACE = "TGT008"
CANNOT_UNDO = "TGT009"
CANCELLED = "TGT010"
CLOSED = "TGT011"
NOT_GRANTED = "TGT012"
UNKNOWN_KIND = "TGT013"
SETUP_FAILED = "TGT014"
NO_SUCH_FILE = "TGT015"


def _code(code: str, title: str, why: str, wrong: str, right: str) -> tuple[str, Code]:
    return code, Code(code=code, title=title, why=why, wrong=wrong, right=right)


CODES: Mapping[str, Code] = MappingProxyType(
    dict(
        (
            _code(
                NOT_A_CHANGE,
                "the statement is not one data change",
                "A target runs one INSERT, UPDATE, DELETE or MERGE (a WITH may stand before it). What changes the "
                "form of the database, a transaction or a session never gets here.",
                "TRUNCATE people",
                "DELETE FROM people WHERE left_on < '2020-01-01'",
            ),
            _code(
                NOT_SET_UP,
                "the database has not been made ready for writes",
                "Effects are seen by triggers, and undo lives in a schema of its own, owned by a role that no agent "
                "has. Somebody who may create roles sets this up, once, and again when tables were added.",
                "(a database as it is)",
                "loadline guard setup postgres --url env:ADMIN_DATABASE --schema public --apply",
            ),
            _code(
                REFUSED_BY_ENGINE,
                "the database refused the write",
                "A constraint, a type, a name or a trigger of the database stood against it; nothing of it remains.",
                "INSERT INTO orders (customer_id) VALUES (99)   -- there is no customer 99",
                "INSERT INTO orders (customer_id) VALUES (7)",
            ),
            _code(
                IN_THE_WAY,
                "another transaction was in the way",
                "A write waits for a lock as long as `lock_seconds` says, and then gives up; nothing of it remains.",
                "(a row that somebody else is changing)",
                "(try again)",
            ),
            _code(
                TOO_SLOW,
                "the write took too long",
                "A write that takes longer than `statement_seconds` is stopped; nothing of it remains.",
                "DELETE FROM events WHERE payload LIKE '%x%'",
                "DELETE FROM events WHERE event_id BETWEEN 1 AND 1000",
            ),
            _code(
                NOBODY_KNOWS,
                "the connection was lost while the write was being committed",
                "The server may have committed it or not. Its marker is in the database exactly when it did, so the "
                "question is answered by looking, never by doing it again.",
                "(doing it again)",
                "(asking for the marker, which `loadline act` does by itself)",
            ),
            _code(
                CONNECTION_LOST,
                "the connection to the target was lost",
                "The server ended, was restarted, or the network between broke, before anything was committed.",
                "(the server was restarted)",
                "(try again)",
            ),
            _code(
                LEFT_ITS_PLACE,
                "the statement tried to leave its role or its transaction",
                "A write runs as the role of agents, in the transaction of the gate, from its first to its last "
                "moment; one that ends otherwise is not committed.",
                "WITH x AS (SELECT set_config('role', 'none', true)) UPDATE people SET name = 'x'",
                "UPDATE people SET name = 'x' WHERE person_id = 7",
            ),
            _code(
                CANNOT_UNDO,
                "the write cannot be undone",
                "An undo needs the rows as they were, a key that tells them apart, and columns that have not been "
                "altered since; and a write is undone once.",
                "(a table without a primary key)",
                "ALTER TABLE log ADD PRIMARY KEY (log_id)",
            ),
            _code(
                CANCELLED,
                "the write was stopped",
                "Somebody stopped it, or froze its agent, before it was committed; nothing of it remains.",
                "(stopped)",
                "(ask again, when whoever stopped it agrees)",
            ),
            _code(
                CLOSED,
                "the target is closed",
                "After it is closed a target does nothing; it must be opened again.",
                "(written after closing)",
                "(open the project again)",
            ),
            _code(
                NOT_GRANTED,
                "the role of agents may not do this",
                "Agents write as a role that has SELECT, INSERT, UPDATE and DELETE on the tables that were set up for "
                "them, and nothing else.",
                "UPDATE salaries SET amount = 0   -- a table outside the schemas that were set up",
                "loadline guard setup postgres --schema payroll --apply   # by somebody who may decide that",
            ),
            _code(
                UNKNOWN_KIND,
                "no target of this kind is known",
                "Agents can write to PostgreSQL, SQLite and DuckDB.",
                "kind: mysql",
                "kind: postgres",
            ),
            _code(
                SETUP_FAILED,
                "the database could not be made ready",
                "Roles, a schema and triggers are made in one transaction by somebody who may; when one of them is "
                "refused, none is made.",
                "--url with a login that may not create roles",
                "--url with the login of the database's administrator",
            ),
            _code(
                NO_SUCH_FILE,
                "the database of a target is not there",
                "A target that is a file exists before anybody writes to it; `database` is seen from the folder of "
                "loadline.yaml.",
                "database: data/shp.sqlite",
                "database: data/shop.sqlite",
            ),
        )
    )
)
