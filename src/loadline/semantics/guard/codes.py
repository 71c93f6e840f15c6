"""Every rule of the SQL guard that can deny a statement, for `loadline explain`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

UNREAD = "GRD001"
SEVERAL = "GRD002"
NO_SUCH_STATEMENT = "GRD003"
NO_SUCH_FORM = "GRD004"
FUNCTION = "GRD005"
SYSTEM_RELATION = "GRD006"
OUTSIDE = "GRD007"
SESSION = "GRD008"
DYNAMIC = "GRD009"
RIGHTS = "GRD010"
DISAGREE = "GRD011"
ONE_PARSER = "GRD012"
DIALECT = "GRD013"
NOT_IN_CATALOG = "GRD014"
VIEW = "GRD015"
LOCK = "GRD016"
MAINTENANCE = "GRD017"
WRONG_LINE = "GRD018"
WRONG_CATALOG = "GRD019"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=UNREAD,
                title="the SQL cannot be read with certainty",
                why="Every engine must read the text as the guard does. Text that is cut in different places by "
                "different "
                "programs, or that does not parse to its end, is denied unread.",
                wrong="SELECT 1 /*! INTO OUTFILE '/tmp/x' */",
                right="SELECT 1",
            ),
            Code(
                code=SEVERAL,
                title="more than one statement",
                why="One verdict is about one statement. What stands behind a semicolon is another.",
                wrong="SELECT 1; DROP TABLE orders",
                right="SELECT 1",
            ),
            Code(
                code=NO_SUCH_STATEMENT,
                title="a kind of statement that is on no list",
                why="Statements are allowed by kind: queries, single writes, and table definitions. Everything else is "
                "denied, whether it is known to be dangerous or not known at all.",
                wrong="HANDLER orders OPEN",
                right="SELECT * FROM orders",
            ),
            Code(
                code=NO_SUCH_FORM,
                title="a part of the statement that is on no list",
                why="Every part of a statement must be on the list of its dialect, and its whole content must "
                "be understood.",
                wrong="SELECT a FROM t FOR XML AUTO",
                right="SELECT a FROM t",
            ),
            Code(
                code=FUNCTION,
                title="a function that is not known to be harmless",
                why="A function can do anything its author could. Those on the list of the dialect are known to "
                "compute and "
                "nothing else; functions of your own count once they are declared.",
                wrong="SELECT refund_everything(customer_id) FROM customers",
                right="loadline guard sql --dialect postgres --function risk_score 'SELECT risk_score(id) FROM "
                "customers'",
            ),
            Code(
                code=SYSTEM_RELATION,
                title="a system table that is not on the list",
                why="System catalogs hold password hashes, connection strings, other people's statements and "
                "samples of "
                "columns. Those that only describe tables are on a list; the others are denied.",
                wrong="SELECT rolname, rolpassword FROM pg_authid",
                right="SELECT table_name FROM information_schema.tables",
            ),
            Code(
                code=OUTSIDE,
                title="files, the network or another server",
                why="A statement may touch relations of its database. Files, stages, addresses and linked servers are "
                "outside of what is governed.",
                wrong="SELECT * FROM read_csv('/etc/passwd')",
                right="SELECT * FROM orders",
            ),
            Code(
                code=SESSION,
                title="the session, the transaction or the server",
                why="What outlives the statement (settings, transactions, locks by name, variables) changes how "
                "the next one "
                "is judged or run. The gate alone steers them.",
                wrong="SELECT set_config('role', 'admin', false)",
                right="SELECT current_setting('TimeZone')",
            ),
            Code(
                code=DYNAMIC,
                title="SQL inside a value, or a procedure",
                why="What is put together at run time cannot be judged before it.",
                wrong="EXECUTE IMMEDIATE 'DROP TABLE orders'",
                right="SELECT * FROM orders",
            ),
            Code(
                code=RIGHTS,
                title="rights, roles, or code in the database",
                why="Rights decide who may do what, and functions, triggers and rules run later, unseen. People "
                "change them, "
                "by other ways.",
                wrong="GRANT ALL ON orders TO agent",
                right="(ask the owner of the database)",
            ),
            Code(
                code=DISAGREE,
                title="two parsers read the statement differently",
                why="On PostgreSQL every statement is read twice: by SQLGlot and by PostgreSQL's own grammar. "
                "Where they do not "
                "see the same statement, relations and functions, nobody knows which is right.",
                wrong="(a text in which SQLGlot sees other tables than PostgreSQL)",
                right="(the same, written plainly)",
            ),
            Code(
                code=ONE_PARSER,
                title="PostgreSQL's own grammar is not installed",
                why="A verdict for PostgreSQL needs both parsers. Where one is missing everything is denied.",
                wrong="pip install --no-deps loadline-ai",
                right="pip install 'loadline-ai[guard]'",
            ),
            Code(
                code=DIALECT,
                title="a dialect without a guard",
                why="The lists are made for each dialect; text in one is never judged by the lists of another.",
                wrong="loadline guard sql --dialect oracle 'SELECT 1 FROM dual'",
                right="loadline guard sql --dialect postgres 'SELECT 1'",
            ),
            Code(
                code=NOT_IN_CATALOG,
                title="a name the catalog does not have",
                why="With a catalog at hand, every relation, and every column of a relation whose columns are "
                "known, must be in "
                "it. (In PostgreSQL `t.f` calls the function `f` when `t` has no such column.)",
                wrong="SELECT o.wipe FROM orders AS o",
                right="SELECT o.amount FROM orders AS o",
            ),
            Code(
                code=VIEW,
                title="a view, rule or foreign table that does more than it shows",
                why="A view is what it reads, as far down as it goes; a rule or an INSTEAD OF trigger does "
                "something else than is "
                "written; a foreign table is another server.",
                wrong="SELECT * FROM all_passwords   -- a view over pg_shadow",
                right="SELECT * FROM orders",
            ),
            Code(
                code=LOCK,
                title="a query that takes locks",
                why="FOR UPDATE and its kin let a reader stop everybody else. A write takes the locks it needs "
                "by itself.",
                wrong="SELECT * FROM orders FOR UPDATE",
                right="SELECT * FROM orders",
            ),
            Code(
                code=MAINTENANCE,
                title="maintenance of the database",
                why="VACUUM, ANALYZE, REINDEX, CHECKPOINT and the like are the operator's work, and can stop a server.",
                wrong="VACUUM FULL orders",
                right="(ask the operator)",
            ),
            Code(
                code=WRONG_LINE,
                title="a line that holds no statement",
                why="Each line is a JSON object with `sql`, and may have `id` and `dialect`. A line that is not "
                "is answered "
                "`deny`, so that no line goes without an answer.",
                wrong='{"id": 7, "query": "SELECT 1"}',
                right='{"id": 7, "dialect": "postgres", "sql": "SELECT 1"}',
            ),
            Code(
                code=WRONG_CATALOG,
                title="a catalog that is not understood",
                why="What the guard is told of a database decides what it lets through; what is half understood is not "
                "used.",
                wrong='{"views": {"v": "SELECT 1"}}',
                right='{"relations": [{"name": "public.v", "kind": "view", "definition": "SELECT 1"}]}',
            ),
        )
    }
)
