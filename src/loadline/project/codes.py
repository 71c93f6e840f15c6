"""Every code the reading of a project can raise, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_PROJECT = "PRJ001"
UNREADABLE = "PRJ002"
NOT_UTF8 = "PRJ003"
TOO_LARGE = "PRJ004"
NOT_YAML = "PRJ005"
KEY_TWICE = "PRJ006"
ALIAS = "PRJ007"
TAG = "PRJ008"
SEVERAL_DOCUMENTS = "PRJ009"
UNKNOWN_KEY = "PRJ010"
MISSING_KEY = "PRJ011"
WRONG_TYPE = "PRJ012"
NOT_A_CHOICE = "PRJ013"
MALFORMED = "PRJ014"
BAD_NAME = "PRJ015"
NAME_TWICE = "PRJ016"
UNKNOWN_DATASET = "PRJ017"
UNKNOWN_COLUMN = "PRJ018"
UNKNOWN_CONTRACT = "PRJ019"
CONTRACT_VERSION = "PRJ020"
UNKNOWN_METRIC = "PRJ021"
UNKNOWN_AUDIENCE = "PRJ022"
UNKNOWN_OWNER = "PRJ023"
UNCLEAR_STEP = "PRJ024"
ONE_EFFECT = "PRJ025"
ROWS_ON_FORBID = "PRJ026"
MATCHES_NOTHING = "PRJ027"
SECRET = "PRJ028"  # noqa: S105  (the code of the diagnostic, not a secret)
CALENDAR_TWICE = "PRJ029"
UNEVEN_COLUMNS = "PRJ030"
UNKNOWN_SOURCE = "PRJ031"
UNREAD_FOLDER = "PRJ032"
NO_WAREHOUSE = "PRJ033"
UNKNOWN_PERSON = "PRJ034"
SAME_WORDING = "PRJ035"
TOO_DEEP = "PRJ036"
CONVERSION_ALONE = "PRJ037"
OUT_OF_PLACE = "POL020"
NAMES_A_FIELD = "POL021"
WATCH_WITHOUT_TIME = "DRF012"
WATCH_OF_NOTHING = "DRF013"
KEY_OF_ANOTHER_KIND = "PRJ201"
BAD_RIGHT = "PRJ210"
RIGHTS_UNSTATED = "PRJ211"
UNKNOWN_PURPOSE = "PRJ212"
HOLD_AND_ASK = "PRJ213"
PASSED_OVER = "PRJ240"
RULE_WITHOUT_LIMIT = "DAT001"
UNKNOWN_REFERENCE = "DAT002"
BAD_EXTENSION = "DAT003"
BAD_BOUND = "DAT004"
BAD_PATTERN = "DAT005"
UNKNOWN_ARGUMENT = "ACT001"
UNUSED_ARGUMENT = "ACT002"
RETRIES_NOT_IDEMPOTENT = "ACT003"
UNKNOWN_TARGET = "ACT004"
BAD_UNDO = "ACT005"
TARGET_INCOMPLETE = "ACT006"
KEY_OF_OTHER_MEANS = "ACT007"
BAD_ARGUMENT = "ACT008"
UNKNOWN_ACTION = "ACT009"

_WRITTEN = (
    Code(
        code=NO_PROJECT,
        title="there is no project here",
        why="A project is a folder with a `loadline.yaml` in it.",
        wrong="loadline check   # in a folder without loadline.yaml",
        right="loadline init shop && cd shop && loadline check",
    ),
    Code(
        code=UNREADABLE,
        title="a file or folder cannot be read",
        why="A project is read whole or not at all: a file that is skipped could hold the rule that forbids.",
        wrong="chmod 000 policies/access.yaml",
        right="chmod 644 policies/access.yaml",
    ),
    Code(
        code=NOT_UTF8,
        title="a file is not UTF-8 text",
        why="Every file of a project is UTF-8, so that it means the same on every machine.",
        wrong="context/orders.yaml saved as Windows-1252 or UTF-16",
        right="iconv -f WINDOWS-1252 -t UTF-8 old.yaml > context/orders.yaml",
    ),
    Code(
        code=TOO_LARGE,
        title="a file is too large",
        why="Definitions are written by people; a file beyond 5 MB is data that went astray.",
        wrong="context/export.yaml with 8 MB of rows",
        right="Keep data in the warehouse, and split long definitions over several files.",
    ),
    Code(
        code=NOT_YAML,
        title="a file is not YAML",
        why="The file breaks the syntax of YAML 1.2 at this place, so nothing after it can be understood.",
        wrong="description: a colon: in the text",
        right='description: "a colon: in the text"',
    ),
    Code(
        code=KEY_TWICE,
        title="a key is written twice",
        why="One of the two would silently win. Each key stands once in a mapping.",
        wrong="orders: {source: sales.orders, source: sales.orders_v2}",
        right="orders: {source: sales.orders_v2}",
    ),
    Code(
        code=ALIAS,
        title="an alias does not stand for something small and finished",
        why="`*name` repeats what `&name` marked before it. It may not be unknown, contain itself, or multiply a file "
        "beyond its bounds; merge keys (`<<`) are not part of YAML 1.2.",
        wrong="a: &a [*a]",
        right="a: &a [1, 2]\nb: *a",
    ),
    Code(
        code=TAG,
        title="a YAML tag is used",
        why="A project is plain data. Tags (`!name`) ask a reader to build something else out of it.",
        wrong="limit: !!int '5'",
        right="limit: 5",
    ),
    Code(
        code=SEVERAL_DOCUMENTS,
        title="a file holds several YAML documents",
        why="One file is one document: a second one behind `---` is easily overlooked by whoever reviews it.",
        wrong="metrics: {}\n---\nterms: {}",
        right="metrics: {}\nterms: {}",
    ),
    Code(
        code=UNKNOWN_KEY,
        title="a key is not known here",
        why="A key that is not understood is never skipped: a misspelled `where` would change a number silently.",
        wrong="booked_revenue: {is: sum(orders.amount), wehre: orders.amount > 0}",
        right="booked_revenue: {is: sum(orders.amount), where: orders.amount > 0}",
    ),
    Code(
        code=MISSING_KEY,
        title="a key is missing",
        why="Without it the definition is not complete.",
        wrong="booked_revenue: {unit: EUR}",
        right="booked_revenue: {is: sum(orders.amount), unit: EUR}",
    ),
    Code(
        code=WRONG_TYPE,
        title="a value is of the wrong type",
        why="Each key takes one type of value: text, a number, true or false, a list, or a mapping. Text that looks "
        "like a number or like true or false needs quotes.",
        wrong="version: 1.0",
        right='version: "1.0"',
    ),
    Code(
        code=NOT_A_CHOICE,
        title="a value is none of the possible ones",
        why="The key takes one of a few words.",
        wrong="status: aproved",
        right="status: approved",
    ),
    Code(
        code=MALFORMED,
        title="a value does not have the form it needs",
        why="The value is of the right type, but cannot be read as what the key stands for.",
        wrong="calendar: {fiscal_year_starts: 02-30, timezone: Europe/Berlinn}",
        right="calendar: {fiscal_year_starts: 02-01, timezone: Europe/Berlin}",
    ),
    Code(
        code=BAD_NAME,
        title="a name cannot be used",
        why="Datasets, fields, metrics, terms and roles are written in expressions, so their names are lower-case "
        "letters, digits and `_`, beginning with a letter. Other names may also hold capitals, `-`, `.`, `+` and `@`.",
        wrong="metrics: {Booked Revenue: {is: sum(orders.amount)}}",
        right="metrics: {booked_revenue: {is: sum(orders.amount)}}",
    ),
    Code(
        code=NAME_TWICE,
        title="two things have one name",
        why="A name means one thing in the whole project, whatever file it is written in; metrics and terms share "
        "their names, because people ask for both alike.",
        wrong="context/a.yaml and context/b.yaml both define the metric `booked_revenue`",
        right="Keep one of them, or give them two names and a term that says who means which.",
    ),
    Code(
        code=UNKNOWN_DATASET,
        title="no dataset has this name",
        why="A relationship joins two datasets of this project.",
        wrong="- orders.customer_id -> customer.customer_id",
        right="- orders.customer_id -> customers.customer_id",
    ),
    Code(
        code=UNKNOWN_COLUMN,
        title="the dataset has no such column",
        why="A dataset has the columns of its contract and the fields it declares, and no others.",
        wrong="orders: {source: sales.orders, contract: orders, time: order_date}",
        right="orders: {source: sales.orders, contract: orders, time: ordered_at}",
    ),
    Code(
        code=UNKNOWN_CONTRACT,
        title="there is no such contract, or no such table in it",
        why="`contract` is the name of a file in contracts/, without its ending; the contract has a schema object "
        "named like the dataset, or only one.",
        wrong="orders: {source: sales.orders, contract: order}",
        right="orders: {source: sales.orders, contract: orders}",
    ),
    Code(
        code=CONTRACT_VERSION,
        title="this version of the contract standard is not read",
        why="Contracts are read in the Open Data Contract Standard, versions v3.0.0 to v3.2.0. Another version may "
        "mean something else by the same words.",
        wrong="apiVersion: v2.2.2",
        right="apiVersion: v3.2.0",
    ),
    Code(
        code=UNKNOWN_METRIC,
        title="no metric or term has this name",
        why="A term stands for metrics of this project; a verified question asks for metrics or terms of it.",
        wrong="revenue: {sales: booked_revenu, otherwise: ask}",
        right="revenue: {sales: booked_revenue, otherwise: ask}",
    ),
    Code(
        code=UNKNOWN_AUDIENCE,
        title="there is no such audience",
        why="An audience decides what words mean, so each is listed under `audiences` in loadline.yaml.",
        wrong="ana: {audience: sale}",
        right="ana: {audience: sales}",
    ),
    Code(
        code=UNKNOWN_OWNER,
        title="there is no such owner",
        why="An owner is whom people ask about a number, so each is listed under `owners` in loadline.yaml; "
        "`verified_by` may also name a person.",
        wrong="booked_revenue: {is: sum(orders.amount), owner: salesops}",
        right="booked_revenue: {is: sum(orders.amount), owner: sales-ops}",
    ),
    Code(
        code=UNCLEAR_STEP,
        title="two ways lead from a dataset under one name",
        why="A step in a path is named by its role, or else by the dataset it leads to. From one dataset every step "
        "needs a name of its own, and a dataset that leads to itself needs a role.",
        wrong="- orders.ship_to_id -> places.place_id\n- orders.bill_to_id -> places.place_id",
        right="- {from: orders.ship_to_id, to: places.place_id, as: destination}\n"
        "- {from: orders.bill_to_id, to: places.place_id, as: billing}",
    ),
    Code(
        code=ONE_EFFECT,
        title="a rule does not say one thing",
        why="A rule permits or forbids. One that does both, or neither, has no meaning.",
        wrong="- {name: analysts, permit: ask, forbid: ask}",
        right="- {name: analysts, permit: ask}",
    ),
    Code(
        code=ROWS_ON_FORBID,
        title="a forbid narrows rows",
        why="`rows` says which rows a permit opens. A forbid refuses the whole question, so it has no rows.",
        wrong="- {name: not-the-south, forbid: ask, rows: \"customers.region = 'south'\"}",
        right="- {name: the-rest, permit: ask, rows: \"customers.region <> 'south'\"}",
    ),
    Code(
        code=OUT_OF_PLACE,
        title="a key of a rule means nothing where it stands",
        why="Masks, rows and limits narrow what a permit opens, an approval lifts a hold, and actions and questions "
        "have keys of their own. A key that means nothing is never skipped.",
        wrong="- {name: large, forbid: act, approval: {role: lead}}",
        right="- {name: large, hold: act, approval: {role: lead}}",
    ),
    Code(
        code=NAMES_A_FIELD,
        title="a rule closes a field by its name",
        why="Rules see the columns that are read. A field is an expression over columns, and what it shows could be "
        "shown by them, too: only they can be closed.",
        wrong="- {name: no-domain, forbid: ask, on: {columns: [customers.domain]}}   # domain: split(email)",
        right="- {name: no-mail, forbid: ask, on: {columns: [customers.email]}}",
    ),
    Code(
        code=MATCHES_NOTHING,
        title="a rule names something that does not exist",
        why="A pattern that matches no metric, column, classification or role has no effect: most often it is a "
        "misspelling, and a forbid with a misspelling forbids nothing.",
        wrong="- {name: no-mail, forbid: ask, on: {columns: [customers.emial]}}",
        right="- {name: no-mail, forbid: ask, on: {columns: [customers.email]}}",
    ),
    Code(
        code=SECRET,
        title="a secret is written in the project",
        why="A project is reviewed, copied and kept in version control, so it never holds a secret. It holds a "
        "reference, and the secret stays in the environment.",
        wrong="password: (the password itself)",
        right="password: env:WAREHOUSE_PASSWORD",
    ),
    Code(
        code=CALENDAR_TWICE,
        title="there are two calendars",
        why="A company counts time in one way; with two calendars a quarter would have two lengths.",
        wrong="context/a.yaml and context/b.yaml both hold `calendar`",
        right="Keep one `calendar` in one file.",
    ),
    Code(
        code=UNEVEN_COLUMNS,
        title="the two sides of a relationship do not pair up",
        why="`from` and `to` name the same number of columns, each side of one dataset: the first pairs with the "
        "first, the second with the second.",
        wrong="- {from: [lines.order_id, lines.shop_id], to: orders.order_id}",
        right="- {from: [lines.order_id, lines.shop_id], to: [orders.order_id, orders.shop_id]}",
    ),
    Code(
        code=UNKNOWN_SOURCE,
        title="the warehouse has no such relation",
        why="Without a `database`, the relations of the warehouse are exactly those listed under `warehouse.files`.",
        wrong="orders: {source: sale.orders}",
        right="orders: {source: sales.orders}   # as under warehouse.files",
    ),
    Code(
        code=UNREAD_FOLDER,
        title="a folder looks misspelled and is not read",
        why="Definitions are read from context/, contracts/, policies/ and questions/ only.",
        wrong="policy/access.yaml",
        right="policies/access.yaml",
    ),
    Code(
        code=NO_WAREHOUSE,
        title="the warehouse has nothing in it",
        why="A DuckDB warehouse is a `database` file, or `files` that stand for relations, or both; a PostgreSQL "
        "warehouse is at a `url`.",
        wrong="warehouse: {kind: duckdb}",
        right="warehouse: {kind: duckdb, files: {sales.orders: data/orders.parquet}}",
    ),
    Code(
        code=UNKNOWN_PERSON,
        title="a rule names somebody who is not in the project",
        why="Who is named decides who may see what, so each is listed under `people` in loadline.yaml.",
        wrong="who: {people: [anna]}",
        right="who: {people: [ana]}",
    ),
    Code(
        code=SAME_WORDING,
        title="one wording is verified twice for the same people",
        why="A question is answered by its exact wording; two verified queries for one wording would leave the answer "
        "to chance. The same wording may be verified once for each audience.",
        wrong="two questions `How many orders?`, both for sales",
        right="Keep one, or give each its `audience`.",
    ),
    Code(
        code=TOO_DEEP,
        title="lists and mappings are nested too deeply, or there are too many",
        why="No definition needs more than 40 levels or 200,000 values in one file; bounds keep a broken file from "
        "exhausting the machine.",
        wrong="[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        right="metrics: {}",
    ),
    Code(
        code=CONVERSION_ALONE,
        title="a part of a conversion stands without the others",
        why="A conversion is a metric of its own kind: `convert` says which events, `to` which ones follow, `per` of "
        "whom; `within`, `constant` and `as` say more about it and about nothing else.",
        wrong="trial_conversion: {convert: trials, within: 14 days}",
        right="trial_conversion: {convert: trials, to: first_orders, per: customers.customer_id, within: 14 days}",
    ),
    Code(
        code=KEY_OF_ANOTHER_KIND,
        title="a key of another kind of warehouse",
        why="Each kind of warehouse has keys of its own: `duckdb` has `files`, `database` and `statistics`, "
        "`postgres` has `url` and `versions`; a key that its kind does not have would be passed over in silence.",
        wrong="warehouse: {kind: postgres, url: env:DATABASE_URL, database: shop}",
        right="warehouse: {kind: postgres, url: env:DATABASE_URL}",
    ),
    Code(
        code=BAD_RIGHT,
        title="a right of a contract says what cannot be, or stands where it is not read",
        why="`until` is a day of the calendar, and rights are the custom property `aiRights` of vendor `loadline`, of "
        "a contract or one of its tables: one that is passed over would allow nothing, or forbid nothing, in silence.",
        wrong='{permit: inference-context, until: "2027-02-30"}',
        right='{permit: inference-context, until: "2027-02-28"}',
    ),
    Code(
        code=UNKNOWN_PURPOSE,
        title="there is no such purpose",
        why="A purpose is one of the W3C Data Privacy Vocabulary, so that it means the same to everybody.",
        wrong="{permit: inference-context, purpose: marketing}",
        right="{permit: inference-context, purpose: Marketing}",
    ),
    Code(
        code=HOLD_AND_ASK,
        title="an answer is held for nobody, or somebody is named who has nothing to wait for",
        why="What is held waits for a person: `then: hold` and `ask` are written together or not at all.",
        wrong="data: [{name: books, state: amber, then: hold}]",
        right="data: [{name: books, state: amber, then: hold, ask: finance}]",
    ),
    Code(
        code=RIGHTS_UNSTATED,
        title="a contract does not say what its data may be used for",
        why="Without `aiRights` answers are given, and every receipt says that nobody stated whether this use is "
        "allowed. With them, what no right permits is refused.",
        wrong="customProperties: []",
        right="customProperties:\n  - {property: aiRights, vendor: loadline, value: [{permit: inference-context}]}",
    ),
    Code(
        code=RULE_WITHOUT_LIMIT,
        title="a quality rule does not say what its number must be, or says it twice",
        why="A rule measures a number and compares it once: `mustBe`, `mustNotBe`, `mustBeGreaterThan`, "
        "`mustBeGreaterOrEqualTo`, `mustBeLessThan`, `mustBeLessOrEqualTo`, `mustBeBetween` or `mustNotBeBetween`.",
        wrong="quality: [{metric: nullValues}]",
        right="quality: [{metric: nullValues, mustBe: 0}]",
    ),
    Code(
        code=UNKNOWN_REFERENCE,
        title="a relationship, rule or service level of a contract names something no contract promises",
        why="What is looked up in another table, and what a rule or service level speaks of, is a table and a column "
        "of a contract of this project.",
        wrong="relationships: [{to: customer.customer_id}]   # the table is called customers",
        right="relationships: [{to: customers.customer_id}]",
    ),
    Code(
        code=PASSED_OVER,
        title="what a contract promises stands where nobody reads it",
        why="The standard knows each key at one place, and Loadline its own extensions. A promise under another "
        "name, or at another place, would never be looked at, and its author would believe that it is.",
        wrong="{name: amount, logicalType: number, minimum: 0}",
        right="{name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}",
    ),
    Code(
        code=BAD_EXTENSION,
        title="an extension of a contract has a value that cannot be",
        why="`tolerance` and `volumeChange` are shares from 0 to 1, `takenAt` is an instant with its offset.",
        wrong="customProperties: [{property: tolerance, value: 5, vendor: loadline}]",
        right="customProperties: [{property: tolerance, value: 0.05, vendor: loadline}]",
    ),
    Code(
        code=BAD_BOUND,
        title="a bound is not of the type of what it bounds",
        why="Numbers are compared with numbers and days with days, and a range has its smaller end first.",
        wrong="logicalType: date, logicalTypeOptions: {minimum: last year}",
        right="logicalType: date, logicalTypeOptions: {minimum: '2025-01-01'}",
    ),
    Code(
        code=BAD_PATTERN,
        title="a pattern is not a regular expression",
        why="What cannot be read matches nothing, and a rule that matches nothing would find every row wrong.",
        wrong="logicalTypeOptions: {pattern: '^[A-Z'}",
        right="logicalTypeOptions: {pattern: '^[A-Z]{2}[0-9]+$'}",
    ),
    Code(
        code=WATCH_WITHOUT_TIME,
        title="a watched dataset has no time to cut it by",
        why="Drift is looked for window by window, and a row belongs to a window by the dataset's `time`, which is a "
        "column of its contract.",
        wrong="datasets: {orders: {source: sales.orders, contract: orders}}   # and `watch: {orders: {}}`",
        right="datasets: {orders: {source: sales.orders, contract: orders, time: ordered_at}}",
    ),
    Code(
        code=WATCH_OF_NOTHING,
        title="a watch has nothing to watch",
        why="What is watched are columns that the dataset's contract promises: those named, or all but keys and time.",
        wrong="watch: {orders: {columns: [amount], without: [amount]}}",
        right="watch: {orders: {columns: [amount]}}",
    ),
    Code(
        code=UNKNOWN_ARGUMENT,
        title="an action uses an argument it does not declare",
        why="Every `:name` in its SQL and every `{name}` in its address, query, body, key or undo is one of its "
        "`arguments`; what is not declared has no type, and nobody would check it.",
        wrong="close: {sql: 'UPDATE orders SET open = false WHERE id = :order', arguments: {order_id: integer}}",
        right="close: {sql: 'UPDATE orders SET open = false WHERE id = :order_id', arguments: {order_id: integer}}",
    ),
    Code(
        code=UNUSED_ARGUMENT,
        title="an argument of an action is used nowhere",
        why="Whoever calls the action would give it and believe that it counts.",
        wrong="close: {sql: 'UPDATE orders SET open = false', arguments: {order_id: integer}, …}",
        right="close: {sql: 'UPDATE orders SET open = false WHERE id = :order_id', arguments: {order_id: integer}, …}",
    ),
    Code(
        code=RETRIES_NOT_IDEMPOTENT,
        title="an action that is not idempotent is to be tried again",
        why="A try that seems to have failed may have been carried out; trying again would do it twice, unless the far "
        "side does it once however often it is told so.",
        wrong="pay: {http: {…}, effect: call, retries: {most: 3}}",
        right="pay: {http: {…}, effect: call, idempotent: true, key: '{invoice}', retries: {most: 3}}",
    ),
    Code(
        code=UNKNOWN_TARGET,
        title="an action writes to a target that is not declared",
        why="A statement runs on one of `targets` in loadline.yaml: there its address is, and what it may take.",
        wrong="close: {sql: …, target: shops}",
        right="close: {sql: …, target: shop}   # as under targets in loadline.yaml",
    ),
    Code(
        code=BAD_UNDO,
        title="what is to undo an action cannot",
        why="An undo is another declared action, and each of its arguments that is not optional is filled from those "
        "of the first or from what it returned.",
        wrong="undo: reopen_ticket   # there is no such action, or it needs an argument this one does not have",
        right="undo: {action: reopen, arguments: {ticket: '{result.id}'}}",
    ),
    Code(
        code=TARGET_INCOMPLETE,
        title="a target does not say where it is, or says it in the words of another kind",
        why="An SQLite or DuckDB target is a `database` file, a PostgreSQL target is at a `url`.",
        wrong="targets: {shop: {kind: postgres, database: shop.db}}",
        right="targets: {shop: {kind: postgres, url: env:SHOP_URL}}",
    ),
    Code(
        code=KEY_OF_OTHER_MEANS,
        title="a key of an action belongs to another kind of action",
        why="`target` and `most_rows` are of a statement, which has `target` always; `effect: write` is what can be "
        "measured in a database, anything else that changes something is a `call`.",
        wrong="notify: {http: {…}, effect: write, target: shop}",
        right="notify: {http: {…}, effect: call}",
    ),
    Code(
        code=BAD_ARGUMENT,
        title="what is said of an argument does not fit its type",
        why="`minimum` and `maximum` bound numbers, `pattern` and `most_letters` texts, and each allowed value is of "
        "the argument's type.",
        wrong="arguments: {reason: {type: text, minimum: 3}}",
        right="arguments: {reason: {type: text, pattern: '.{3,}'}}",
    ),
    Code(
        code=UNKNOWN_ACTION,
        title="a canary tries an action that is not declared",
        why="What nobody could do is denied anyway; a canary tries what could be done and must not.",
        wrong="canaries: {big-refund: {as: canary, for: ana, action: refunds}}",
        right="canaries: {big-refund: {as: canary, for: ana, action: refund, arguments: {amount: 500}}}",
    ),
)

CODES: Mapping[str, Code] = MappingProxyType({code.code: code for code in _WRITTEN})
