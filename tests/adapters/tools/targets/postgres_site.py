"""A PostgreSQL server in; fresh databases, made ready for agents, as a site of the target suite out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from loadline.adapters.tools.targets.postgres.setup import apply_setup, plan_setup
from loadline.adapters.tools.targets.postgres.target import PostgresTarget
from loadline.adapters.warehouses.postgres.address import Address
from loadline.testing.target_suite import TABLES, Dump
from loadline.values.effect import TargetSettings
from loadline.values.place import Place

if TYPE_CHECKING:
    from postgres_server import Server

PLACE = Place(file="loadline.yaml")
CASCADING = (
    (
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO log (what) VALUES (OLD.name); RETURN NULL; END $$"
    ),
    "ALTER TABLE people ADD FOREIGN KEY (company_id) REFERENCES companies ON DELETE CASCADE",
    "ALTER TABLE log ADD COLUMN log_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "CREATE TRIGGER note AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION note()",
)


@dataclass(slots=True, kw_only=True)
class PostgresSite:
    server: Server
    lock_seconds: float = 5.0
    statement_seconds: float = 60.0
    database: str = ""
    opened: list[PostgresTarget] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    watching: dict[str, psycopg.Connection[tuple[object, ...]]] = field(default_factory=dict)

    has_cascades = True
    own_table = "loadline.write"
    slow = "UPDATE people SET name = name WHERE person_id = 1 AND EXISTS (SELECT 1 FROM pg_sleep(60) x)"

    def open(self, statements: Sequence[str]) -> PostgresTarget:
        self.create(statements)
        self.set_up()
        return self.target()

    def create(self, statements: Sequence[str]) -> None:
        self.database = self.server.new_database()
        self.made.append(self.database)
        self.run(*statements)

    def set_up(self) -> tuple[str, ...]:
        address = self.address("postgres")
        setup = plan_setup(address, schemas=["public"])
        apply_setup(address, setup)
        return setup.notes

    def target(self) -> PostgresTarget:
        settings = TargetSettings(
            name="suite",
            kind="postgres",
            lock_seconds=self.lock_seconds,
            statement_seconds=self.statement_seconds,
            place=PLACE,
        )
        target = PostgresTarget(self.address("loadline_gate"), settings)
        self.opened.append(target)
        return target

    def address(self, user: str) -> Address:
        url = self.server.url(self.database, user=user)
        return Address(conninfo=url, shown="here", user=user, place=PLACE, secrets=())

    def connect(self, user: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.server.url(self.database, user=user), autocommit=True)

    def run(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def dump(self) -> Dump:
        """As text: equal texts of rows are equal rows, down to a number's scale."""
        connection = self._watching()
        with connection.transaction():
            tables = connection.execute(
                "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c "
                "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
                "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'loadline')"
            ).fetchall()
            return {str(name): self._rows(connection, str(name)) for (name,) in tables}

    def _watching(self) -> psycopg.Connection[tuple[object, ...]]:
        """One connection for all dumps of a database."""
        if self.database not in self.watching:
            connection = self.watching[self.database] = self.connect()
            connection.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 3")
        return self.watching[self.database]

    @staticmethod
    def _rows(connection: psycopg.Connection[tuple[object, ...]], table: str) -> Counter[tuple[object, ...]]:
        columns = connection.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum",
            [table],
        ).fetchall()
        listed = ", ".join(f"{name}::text" for (name,) in columns)
        return Counter(connection.execute(f"SELECT {listed} FROM {table}".encode()).fetchall())

    def named(self, table: str) -> str:
        return f"public.{table}"

    def cascading(self) -> Sequence[str]:
        return (*TABLES, *CASCADING)

    def close(self) -> None:
        for target in self.opened:
            target.close()
        for connection in self.watching.values():
            connection.close()
        for database in self.made:
            self.server.drop_database(database)
