"""A tree the compiler built in, SQL that people can read out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.generator import Generator

_OURS = (
    exp.Select,
    exp.Union,
    exp.Except,
    exp.Cast,
    exp.Column,
    exp.Ordered,
    exp.Anonymous,
    exp.Table,
    exp.Paren,
    exp.Subquery,
    exp.Window,
    exp.WithinGroup,
)

_SPARK_TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMPTZ": "TIMESTAMP"}
_TYPE_NAMES: Mapping[str, Mapping[str, str]] = {
    "postgres": {"DOUBLE": "DOUBLE PRECISION", "DECIMAL": "NUMERIC"},
    "snowflake": {"TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMPTZ": "TIMESTAMP_TZ"},
    "bigquery": {
        "VARCHAR": "STRING",
        "BIGINT": "INT64",
        "DOUBLE": "FLOAT64",
        "BOOLEAN": "BOOL",
        "DECIMAL": "NUMERIC",
        "TIMESTAMP": "DATETIME",
        "TIMESTAMPTZ": "TIMESTAMP",
    },
    "databricks": _SPARK_TYPES,
    "spark": _SPARK_TYPES,
    "trino": {"TIMESTAMP": "TIMESTAMP(6)", "TIMESTAMPTZ": "TIMESTAMP(6) WITH TIME ZONE"},
}
"""Types that an engine calls otherwise."""


def write(tree: exp.Expr, dialect: str) -> str:
    """The tree is used up: SQLGlot may change it while writing."""
    return _writer(dialect)(dialect=dialect, pretty=True, comments=False).generate(tree, copy=False)


class _Layout(Generator):
    """SQLGlot's generator, which escapes names and texts and writes operators; but queries are laid out here, and
    nothing in them is rewritten for the dialect: the function table has already said all it needs.

    Every order says where its NULLs go, as engines' defaults can be configured.
    """

    TYPE_NAMES: Mapping[str, str] = {}

    def preprocess(self, expression: exp.Expr) -> exp.Expr:
        return expression

    def select_sql(self, expression: exp.Select) -> str:
        args = expression.args
        lines = [self._with(args["with_"])] if args.get("with_") else []
        distinct = " DISTINCT" if args.get("distinct") else ""
        lines.append(f"SELECT{distinct}\n" + _indented(",\n".join(self.sql(column) for column in args["expressions"])))
        if args.get("from_"):
            lines.append(f"FROM {self.sql(args['from_'].this)}")
        lines += self._joins(expression)
        for word, key in (("WHERE", "where"), ("HAVING", "having")):
            if args.get(key):
                lines.append(f"{word}\n{_indented(self.sql(args[key].this))}")
            if key == "where" and args.get("group"):
                lines.append(f"GROUP BY {', '.join(self.sql(one) for one in args['group'].expressions)}")
        if args.get("order"):
            lines.append(f"ORDER BY {', '.join(self.sql(one) for one in args['order'].expressions)}")
        if args.get("limit"):
            lines.append(f"LIMIT {self.sql(args['limit'].expression)}")
        return "\n".join(lines)

    def _with(self, ctes: exp.With) -> str:
        return "WITH " + ", ".join(
            f"{self.sql(cte.args['alias'].this)} AS (\n{_indented(self.sql(cte.this))}\n)" for cte in ctes.expressions
        )

    def _joins(self, expression: exp.Expr) -> list[str]:
        joins = expression.args.get("joins") or ()
        sides = ("LEFT JOIN" if join.args.get("side") else "INNER JOIN" for join in joins)
        return [
            f"{side} {self.sql(join.this)}\n  ON {self.sql(join.args['on'])}"
            for side, join in zip(sides, joins, strict=True)
        ]

    def union_sql(self, expression: exp.Union) -> str:
        return f"{self.sql(expression.this)}\nUNION ALL\n{self.sql(expression.expression)}"

    def except_sql(self, expression: exp.Except) -> str:
        word = "EXCEPT DISTINCT" if self.dialect.__class__.__name__ == "BigQuery" else "EXCEPT"
        return f"{self.sql(expression.this)}\n{word}\n{self.sql(expression.expression)}"

    def subquery_sql(self, expression: exp.Subquery, sep: str = " AS ") -> str:
        inner = f"(\n{_indented(self.sql(expression.this))}\n)"
        alias = expression.args.get("alias")
        return f"{inner}{sep}{self.identifier_sql(alias.this)}" if alias else inner

    def window_sql(self, expression: exp.Window) -> str:
        args = expression.args
        said = []
        if args.get("partition_by"):
            said.append(f"PARTITION BY {', '.join(self.sql(one) for one in args['partition_by'])}")
        if args.get("order"):
            said.append(f"ORDER BY {', '.join(self.sql(one) for one in args['order'].expressions)}")
        if args.get("spec"):
            said.append(str(args["spec"].this))
        return f"{self.sql(expression.this)} OVER ({' '.join(said)})"

    def table_sql(self, expression: exp.Table, sep: str = " AS ") -> str:
        args = expression.args
        name = ".".join(self.identifier_sql(args[key]) for key in ("catalog", "db", "this") if args.get(key))
        return f"{name}{sep}{self.identifier_sql(args['alias'].this)}" if args.get("alias") else name

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:  # noqa: ARG002  # SQLGlot's
        name = expression.args["to"].args["this"].value
        return f"CAST({self.sql(expression.this)} AS {self.TYPE_NAMES.get(name, name)})"

    def withingroup_sql(self, expression: exp.WithinGroup) -> str:
        ordered = ", ".join(self.sql(one) for one in expression.expression.expressions)
        return f"{self.sql(expression.this)} WITHIN GROUP (ORDER BY {ordered})"

    def anonymous_sql(self, expression: exp.Anonymous) -> str:
        return f"{expression.args['this']}({', '.join(self.sql(arg) for arg in expression.args['expressions'])})"

    def identifier_sql(self, expression: exp.Identifier) -> str:
        text: str = expression.args["this"]
        return str(super().identifier_sql(expression)) if expression.args.get("quoted") else text

    def column_sql(self, expression: exp.Column) -> str:
        name = self.identifier_sql(expression.args["this"])
        table = expression.args.get("table")
        return f"{self.identifier_sql(table)}.{name}" if table else name

    def ordered_sql(self, expression: exp.Ordered) -> str:
        args = expression.args
        nulls = "FIRST" if args.get("nulls_first") else "LAST"
        return f"{self.sql(expression.this)}{' DESC' if args.get('desc') else ''} NULLS {nulls}"

    def paren_sql(self, expression: exp.Paren) -> str:
        joins = self._joins(expression)
        if not joins:
            return f"({self.sql(expression.this)})"
        lines = _indented("\n".join((self.sql(expression.this), *joins)))
        return f"(\n{lines}\n)"


@lru_cache(maxsize=16)
def _writer(dialect: str) -> type[Generator]:
    known: type[Generator] = Dialect.get_or_raise(dialect).generator_class
    forms = {kind: form for kind, form in known.TRANSFORMS.items() if kind not in _OURS}
    return type(
        f"{known.__name__}Writer", (_Layout, known), {"TRANSFORMS": forms, "TYPE_NAMES": _TYPE_NAMES.get(dialect, {})}
    )


def _indented(text: str) -> str:
    """Line breaks within texts and names are still placeholders here, so none of theirs is moved."""
    return "  " + text.replace("\n", "\n  ")
