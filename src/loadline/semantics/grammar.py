"""The text of an expression in, a tree of what was written out; or `Unread`, which says where reading stopped.

The language is small and closed: constants, dotted names, calls, and the operators of SQL that mean the same in every
engine, what metrics need besides (`booked[1 year ago]`, `filter (where …)`, a rank over rows). There is no way to
write a statement, a comment or a subquery in it, so nothing of the sort has to be found and refused later. The reader
is one class of one method per level of binding: read from top to bottom, it is the grammar.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from loadline.semantics.grammar_tokens import Token, Unread, moment_of, number_of, tokens_of
from loadline.semantics.written import Apply, Constant, Each, Name, Only, Shifted, Value, Windowed, Written

LONGEST = 10_000
DEEPEST = 60

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ALSO_CALLED = {"ceiling": "ceil", "substring": "substr", "mod": "%"}
_NOT_NAMES = frozenset(
    "and or not in between like is null case when then else end true false distinct as select from where".split()  # noqa: SIM905
)


def read_expression(text: str) -> Written:
    """Raises Unread."""
    if len(text) > LONGEST:
        raise Unread(
            f"the expression is longer than {LONGEST} characters", "split it into several fields or metrics", at=0
        )
    return _Reader(text).whole()


class _Reader:
    """One token ahead, one method per level of binding."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens_of(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Written:
        tree = self._either()
        if self._now.kind != "end":
            self._fail(f"`{self._now.text}` does not continue the expression", "write an operator before it")
        return tree

    # -- tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._next]

    def _step(self) -> Token:
        token = self._now
        if token.kind != "end":
            self._next += 1
        return token

    def _is_word(self, *words: str) -> bool:
        return self._now.kind == "word" and self._now.text.lower() in words

    def _is_sign(self, *signs: str) -> bool:
        return self._now.kind == "sign" and self._now.text in signs

    def _took_word(self, *words: str) -> bool:
        if self._is_word(*words):
            self._next += 1
            return True
        return False

    def _took_sign(self, sign: str) -> bool:
        if self._is_sign(sign):
            self._next += 1
            return True
        return False

    def _demand(self, wanted: str) -> None:
        if not (self._took_word(wanted) if wanted.isalpha() else self._took_sign(wanted)):
            seen = f"before `{self._now.text}`" if self._now.text else "at the end"
            self._fail(f"`{wanted}` is missing {seen}", f"write `{wanted}`")

    def _fail(self, what: str, mend: str) -> None:
        raise Unread(what, mend, at=self._now.at, length=max(1, len(self._now.text)))

    def _apply(self, name: str, start: int, *args: Written) -> Apply:
        return Apply(name=name, args=args, at=start, length=self._tokens[self._next - 1].end - start)

    # -- levels of binding, weakest first

    def _either(self) -> Written:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail("the expression is nested too deeply", "give the inner part a name of its own")
        start, trees = self._now.at, [self._both()]
        while self._took_word("or"):
            trees.append(self._both())
        self._depth -= 1
        return trees[0] if len(trees) == 1 else self._apply("or", start, *trees)

    def _both(self) -> Written:
        start, trees = self._now.at, [self._negation()]
        while self._took_word("and"):
            trees.append(self._negation())
        return trees[0] if len(trees) == 1 else self._apply("and", start, *trees)

    def _negation(self) -> Written:
        start, count = self._now.at, 0
        while self._took_word("not"):
            count += 1
        tree = self._comparison()
        return self._apply("not", start, tree) if count % 2 else tree

    def _comparison(self) -> Written:
        start, tree = self._now.at, self._sum()
        for count in itertools.count(1):
            self._bound(count)
            if self._now.kind == "sign" and self._now.text in _COMPARISONS:
                name = _COMPARISONS[self._step().text]
                tree = self._apply(name, start, tree, self._sum())
            elif self._took_word("is"):
                is_not = self._took_word("not")
                self._demand("null")
                tree = self._negated(self._apply("is null", start, tree), is_not=is_not)
            elif self._is_word("not", "in", "between", "like"):
                tree = self._membership(tree, start)
            else:
                break
        return tree

    def _membership(self, tree: Written, start: int) -> Written:
        is_not = self._took_word("not")
        if self._took_word("in"):
            self._demand("(")
            items = self._list()
            return self._negated(self._apply("in", start, tree, *items), is_not=is_not)
        if self._took_word("between"):
            low = self._sum()
            self._demand("and")
            return self._negated(self._apply("between", start, tree, low, self._sum()), is_not=is_not)
        if self._took_word("like"):
            return self._negated(self._apply("like", start, tree, self._sum()), is_not=is_not)
        self._fail("`not` stands between two values", "write `not in`, `not between` or `not like`")
        raise AssertionError

    def _negated(self, tree: Apply, *, is_not: bool) -> Apply:
        return Apply(name="not", args=(tree,), at=tree.at, length=tree.length) if is_not else tree

    def _sum(self) -> Written:
        start, tree = self._now.at, self._product()
        for count in itertools.count(1):
            if not self._is_sign("+", "-", "||"):
                break
            self._bound(count)
            name = self._step().text
            tree = self._apply(name, start, tree, self._product())
        return tree

    def _bound(self, count: int) -> None:
        if count > DEEPEST:
            self._fail(f"more than {DEEPEST} operators follow each other", "give a part of it a name of its own")

    def _product(self) -> Written:
        start, tree = self._now.at, self._signed()
        for count in itertools.count(1):
            if not self._is_sign("*", "/", "%"):
                break
            self._bound(count)
            name = self._step().text
            tree = self._apply(name, start, tree, self._signed())
        return tree

    def _signed(self) -> Written:
        start = self._now.at
        while self._took_sign("+"):
            pass
        if not self._took_sign("-"):
            return self._single()
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail("too many signs follow each other", "remove the doubled signs")
        inner = self._signed()
        self._depth -= 1
        if (
            isinstance(inner, Constant)
            and isinstance(inner.value, (int, Decimal))
            and not isinstance(inner.value, bool)
        ):
            return Constant(value=-inner.value, at=start, length=inner.at + inner.length - start)
        return self._apply("negative", start, inner)

    # -- single things

    def _single(self) -> Written:
        start, tree = self._now.at, self._operand()
        for count in itertools.count(1):
            self._bound(count)
            if self._is_sign("["):
                tree = self._bracket(tree, start)
            elif self._is_word("filter") and self._follows("("):
                tree = self._only(tree, start)
            elif self._is_word("over") and self._follows("("):
                tree = self._over(tree, start)
            else:
                return tree
        raise AssertionError

    def _follows(self, sign: str) -> bool:
        token = self._tokens[self._next + 1] if self._next + 1 < len(self._tokens) else self._now
        return token.kind == "sign" and token.text == sign

    def _length(self, start: int) -> int:
        return self._tokens[self._next - 1].end - start

    def _bracket(self, tree: Written, start: int) -> Written:
        """`[1 year ago]`, `[start of month]`, `[per a.b, c.d]`."""
        self._step()
        if self._took_word("per"):
            pairs = [self._subject()]
            while self._took_sign(","):
                pairs.append(self._subject())
            self._demand("]")
            return Each(tree=tree, per=tuple(pairs), at=start, length=self._length(start))
        if self._took_word("start"):
            self._demand("of")
            count, unit = None, self._unit()
        else:
            if self._now.kind != "number" or not self._now.text.isdigit() or not 0 < int(self._now.text) < 100_000:
                self._fail(
                    "a shift in time is missing after `[`",
                    "write it as `[1 year ago]`, `[start of month]` or `[per customers.customer_id]`",
                )
            count = int(self._step().text)
            unit = self._unit()
            self._demand("ago")
        self._demand("]")
        return Shifted(tree=tree, count=count, unit=unit, at=start, length=self._length(start))

    def _subject(self) -> tuple[Name, Name]:
        here = self._name()
        return here, self._name() if self._took_sign("=") else here

    def _unit(self) -> str:
        if self._now.kind != "word":
            self._fail("a unit of time is missing", "write day, week, month, quarter or year")
        return self._step().text.lower()

    def _only(self, tree: Written, start: int) -> Only:
        self._step()
        self._step()
        self._demand("where")
        condition = self._either()
        self._demand(")")
        return Only(tree=tree, condition=condition, at=start, length=self._length(start))

    def _over(self, tree: Written, start: int) -> Windowed:
        if not isinstance(tree, Apply):
            self._fail("`over` stands after something that is no function", "write a function, as in `rank() over (…)`")
            raise AssertionError  # noqa: TRY004  # `_fail` raises what is wrong with the text
        self._step()
        self._step()
        partition: list[Written] = []
        order: list[tuple[Written, bool, bool]] = []
        if self._took_word("partition"):
            self._demand("by")
            partition = list(self._items())
        if self._took_word("order"):
            self._demand("by")
            order.append(self._key())
            while self._took_sign(","):
                order.append(self._key())
        frame = self._frame()
        self._demand(")")
        return Windowed(
            call=tree,
            partition=tuple(partition),
            order=tuple(order),
            frame=frame,
            at=start,
            length=self._length(start),
        )

    def _items(self) -> Iterator[Written]:
        yield self._either()
        while self._took_sign(","):
            yield self._either()

    def _key(self) -> tuple[Written, bool, bool]:
        tree = self._either()
        is_descending = self._took_word("desc")
        if not is_descending:
            self._took_word("asc")
        if not self._took_word("nulls"):
            return tree, is_descending, False
        is_first = self._took_word("first")
        if not is_first:
            self._demand("last")
        return tree, is_descending, is_first

    def _frame(self) -> str | None:
        if not self._is_word("rows", "range", "groups"):
            return None
        mode = self._step().text.upper()
        if mode == "GROUPS":
            self._fail("frames of groups differ between engines", "write `rows between … and …`")
        self._demand("between")
        low = self._edge()
        self._demand("and")
        return f"{mode} BETWEEN {low} AND {self._edge()}"

    def _edge(self) -> str:
        if self._took_word("current"):
            self._demand("row")
            return "CURRENT ROW"
        token = self._now
        is_count = token.kind == "number" and token.text.isdigit()
        if not is_count and not self._is_word("unbounded"):
            self._fail("the frame's edge is missing", "write `unbounded preceding`, `current row` or `3 preceding`")
        self._step()
        if not self._is_word("preceding", "following"):
            self._fail("the frame's edge has no direction", "write `preceding` or `following`")
        return f"{token.text.upper()} {self._step().text.upper()}"

    def _operand(self) -> Written:
        token = self._now
        match token.kind:
            case "number":
                self._step()
                return self._constant(number_of(token.text), token)
            case "text":
                self._step()
                return self._constant(token.text[1:-1].replace("''", "'"), token)
            case "sign" if token.text == "(":
                self._step()
                tree = self._either()
                self._demand(")")
                return tree
            case "quoted":
                return self._name()
            case "word":
                return self._word(token)
            case _:
                seen = f"`{token.text}`" if token.text else "the end"
                self._fail(f"a value is missing before {seen}", "write a name, a number or a text in single quotes")
                raise AssertionError

    def _constant(self, value: Value, token: Token) -> Constant:
        last = self._tokens[self._next - 1]
        return Constant(value=value, at=token.at, length=last.end - token.at)

    def _word(self, token: Token) -> Written:
        word = token.text.lower()
        follows = self._tokens[self._next + 1]
        if follows.kind == "sign" and follows.text == ".":
            return self._name()
        if word in {"null", "true", "false"}:
            self._step()
            return self._constant({"null": None, "true": True, "false": False}[word], token)
        if word == "case":
            return self._case()
        if word in {"date", "timestamp"} and follows.kind == "text":
            self._next += 2
            return self._constant(moment_of(word, follows), token)
        if word in _NOT_NAMES:
            self._fail(f"`{token.text}` stands where a value should be", "write a name, a number or a text in quotes")
        if follows.kind == "sign" and follows.text == "(":
            return self._call(word)
        return self._name()

    def _name(self) -> Name:
        start = self._now.at
        parts = [self._part()]
        while self._took_sign("."):
            parts.append(self._part())
        return Name(parts=tuple(parts), at=start, length=self._tokens[self._next - 1].end - start)

    def _part(self) -> str:
        token = self._now
        if token.kind == "quoted":
            self._step()
            return token.text[1:-1].replace('""', '"')
        if token.kind != "word":
            self._fail("a name is missing after `.`", "write the field after the dot")
        return self._step().text

    def _case(self) -> Apply:
        start = self._step().at
        subject = None if self._is_word("when") else self._either()
        args: list[Written] = []
        while self._took_word("when"):
            at, condition = self._now.at, self._either()
            args.append(condition if subject is None else self._apply("=", at, subject, condition))
            self._demand("then")
            args.append(self._either())
        if not args:
            self._demand("when")
        otherwise: Written = Constant(value=None, at=self._now.at, length=1)
        if self._took_word("else"):
            otherwise = self._either()
        self._demand("end")
        return self._apply("case", start, *args, otherwise)

    def _call(self, word: str) -> Apply:
        start = self._step().at
        self._step()
        if word == "cast":
            inner = self._either()
            self._demand("as")
            kind = self._step()
            self._demand(")")
            return self._apply(
                "cast", start, inner, Constant(value=kind.text.lower(), at=kind.at, length=len(kind.text))
            )
        if word == "extract":
            part = self._step()
            self._demand("from")
            inner = self._either()
            self._demand(")")
            return self._apply(
                "extract", start, Constant(value=part.text.lower(), at=part.at, length=max(1, len(part.text))), inner
            )
        if self._is_sign("*"):
            self._step()
            self._demand(")")
            return Apply(name=word, args=(), is_star=True, at=start, length=self._tokens[self._next - 1].end - start)
        is_distinct = self._took_word("distinct")
        args = self._list()
        whole = self._apply(_ALSO_CALLED.get(word, word), start, *args)
        return Apply(name=whole.name, args=whole.args, is_distinct=is_distinct, at=start, length=whole.length)

    def _list(self) -> tuple[Written, ...]:
        """The arguments up to and with the closing parenthesis."""
        if self._took_sign(")"):
            return ()
        items = [self._either()]
        while self._took_sign(","):
            items.append(self._either())
        self._demand(")")
        return tuple(items)
