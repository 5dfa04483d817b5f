"""Text of an expression -> typed tree. Recursive descent by operator level; nesting is limited."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field

from validation.errors import XPathError
from validation.xpath.lexer import Token, refuse, tokenize
from validation.xpath.references import instances_of, references_of
from validation.xpath.syntax import (
    AXES,
    KINDS,
    LEVELS,
    Call,
    Filter,
    Literal,
    Negation,
    Number,
    Operand,
    Operation,
    Path,
    Root,
    Step,
    Term,
    Test,
    children,
)

# Deep enough for any form a person wrote; shallow enough that no reader of the tree meets Python's recursion limit.
NESTING_LIMIT = 100
LENGTH_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. Equal where the source is equal; `tree` is the typed term, `source` the text as written."""

    source: str
    tree: Term = field(compare=False, repr=False)

    def __str__(self) -> str:
        return self.source


@functools.lru_cache(maxsize=8192)
def parse(text: str) -> Expression:
    """The tree of an expression. XPathError with position and cause where it is none. Function names are not looked
    up here (`lint.check_expression` does), because a client must be able to read what it never calls.
    """
    if len(text) > LENGTH_LIMIT:
        raise refuse("too_long", text[:80], 0, limit=str(LENGTH_LIMIT))
    if not text.strip():
        raise refuse("empty", text, 1)
    try:
        return Expression(text, _Parser(text).whole())
    except RecursionError:  # called from deep inside somebody else's program
        raise refuse("too_deep", text, 0, limit=str(NESTING_LIMIT)) from None


def references(expression: Expression, context_nodeset: str) -> frozenset[str]:
    """The absolute nodesets an expression reads, without positions, predicates included. See `references_of`."""
    return references_of(expression.tree, context_nodeset)


def instances(expression: Expression) -> frozenset[str]:
    """The names of the secondary instances an expression reads by instance('name') or pulldata('name', …)."""
    return instances_of(expression.tree)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokenize(source)
        self.at = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def whole(self) -> Term:
        term = self.binary()
        if self.token.kind != "end":
            raise self.unexpected()
        return term

    def unexpected(self) -> XPathError:
        token = self.token
        if token.kind == "end":
            return refuse("unfinished", self.source, token.position)
        if token.text == "$":
            named = self.tokens[self.at + 1]
            return refuse("variable", self.source, token.position, name=f"${named.text}")
        return refuse("unexpected", self.source, token.position, found=token.text)

    def symbol(self, text: str) -> bool:
        token = self.token
        if token.text == text and token.kind in ("symbol", "operator"):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.symbol(text):
            if self.token.kind == "end":
                raise refuse("missing", self.source, self.token.position, expected=text)
            raise self.unexpected()

    def binary(self) -> Term:
        """Operators of all levels, from left to right; in one loop with its own stack, to spare Python's."""
        stack: list[tuple[int, Term, list[Operand]]] = []
        term = self.unary()
        while True:
            token = self.token
            found = _LEVEL_OF.get(token.text) if token.kind == "operator" else None
            while stack and (found is None or stack[-1][0] > found):
                _, first, rest = stack.pop()
                rest[-1] = Operand(rest[-1].operator, term, rest[-1].position)
                term = Operation(first, tuple(rest), first.position)
            if found is None:
                return term
            self.at += 1
            hole = Operand(token.text, term, token.position)
            if stack and stack[-1][0] == found:
                rest = stack[-1][2]
                rest[-1] = Operand(rest[-1].operator, term, rest[-1].position)
                rest.append(hole)
            else:
                stack.append((found, term, [hole]))
            term = self.unary()

    def unary(self) -> Term:
        start = self.token.position
        count = 0
        while self.symbol("-"):
            count += 1
        term = self.union()
        # Every minus makes a number; an even count leaves its sign as two do.
        for _ in range(2 - count % 2 if count else 0):
            term = Negation(term, start)
        return term

    def union(self) -> Term:
        first = self.path()
        rest: list[Operand] = []
        while self.token.text == "|" and self.token.kind == "operator":
            at = self.token.position
            self.at += 1
            rest.append(Operand("|", self.path(), at))
        return Operation(first, tuple(rest), first.position) if rest else first

    def path(self) -> Term:
        token = self.token
        start = token.position
        if token.text in ("/", "//") and token.kind == "operator":
            self.at += 1
            if token.text == "//":
                return Path(Root(start), self.steps(below=True), start)
            return Path(Root(start), self.steps(), start) if self.at_step() else Root(start)
        if not self.at_primary():
            if not self.at_step():
                raise self.unexpected()
            return Path(None, self.steps(), start)
        term = self.primary()
        predicates = self.predicates()
        if predicates:
            term = Filter(term, predicates, start)
        if self.token.text in ("/", "//") and self.token.kind == "operator":
            double = self.token.text == "//"
            self.at += 1
            return Path(term, self.steps(below=double), start)
        return term

    def at_primary(self) -> bool:
        token = self.token
        if token.kind in ("number", "literal"):
            return True
        if token.text == "(" or token.text == "$":
            return token.kind == "symbol"
        return token.kind == "name" and self.tokens[self.at + 1].text == "(" and token.text not in KINDS

    def at_step(self) -> bool:
        token = self.token
        return token.kind in ("name", "star") or (token.kind == "symbol" and token.text in (".", "..", "@"))

    def nested(self) -> Term:
        """An expression inside brackets of any kind."""
        self.depth += 1
        if self.depth > NESTING_LIMIT:
            raise refuse("too_deep", self.source, self.token.position, limit=str(NESTING_LIMIT))
        term = self.binary()
        self.depth -= 1
        return term

    def primary(self) -> Term:
        token = self.token
        self.at += 1
        if token.kind == "number":
            value = float(token.text)
            if math.isinf(value):
                raise refuse("number_range", self.source, token.position)
            return Number(value, token.position)
        if token.kind == "literal":
            return Literal(token.text[1:-1], token.position)
        if token.text == "(":
            term = self.nested()
            self.expect(")")
            return term
        if token.text == "$":
            self.at -= 1
            raise self.unexpected()
        self.expect("(")
        arguments: list[Term] = []
        if not self.symbol(")"):
            arguments.append(self.nested())
            while self.symbol(","):
                arguments.append(self.nested())
            self.expect(")")
        return Call(token.text, tuple(arguments), token.position)

    def steps(self, *, below: bool = False) -> tuple[Step, ...]:
        """Steps with '/' and '//' between; `below` says that '//' stood before the first."""
        steps: list[Step] = []
        while True:
            step = self.step()
            if below and step.axis == "child" and not any(_may_count(term) for term in step.predicates):
                # '//x' is short for '/descendant-or-self::node()/child::x', which is this as long as nothing counts.
                step = Step("descendant", step.test, step.predicates, step.position)
            elif below:
                steps.append(_ANY)
            steps.append(step)
            if self.token.kind != "operator" or self.token.text not in ("/", "//"):
                return tuple(steps)
            below = self.token.text == "//"
            self.at += 1

    def step(self) -> Step:
        token = self.token
        start = token.position
        if self.symbol("."):
            return Step("self", Test("node"), self.predicates(), start)
        if self.symbol(".."):
            return Step("parent", Test("node"), self.predicates(), start)
        axis = "child"
        if self.symbol("@"):
            axis = "attribute"
        elif token.kind == "name" and self.tokens[self.at + 1].text == "::":
            axis = token.text
            if axis not in AXES:
                raise refuse("axis", self.source, start, name=axis)
            self.at += 2
        return Step(axis, self.test(), self.predicates(), start)

    def test(self) -> Test:
        token = self.token
        if token.kind == "star":
            self.at += 1
            return Test("name", "*")
        if token.kind != "name":
            raise self.unexpected()
        self.at += 1
        if self.token.text == "(" and self.token.kind == "symbol":
            if token.text not in KINDS:
                self.at -= 1
                raise refuse("call_in_path", self.source, token.position, name=token.text)
            self.at += 1
            name = ""
            if token.text == "processing-instruction" and self.token.kind == "literal":
                name = self.token.text[1:-1]
                self.at += 1
            self.expect(")")
            return Test(token.text, name)
        prefix, _, name = token.text.rpartition(":")
        return Test("name", name, prefix)

    def predicates(self) -> tuple[Term, ...]:
        found: list[Term] = []
        while self.symbol("["):
            found.append(self.nested())
            self.expect("]")
        return tuple(found)


def _may_count(term: Term) -> bool:
    """Whether a predicate may depend on the place of a node in its list: by a number, position() or last()."""
    truth = isinstance(term, Path) or (isinstance(term, Operation) and term.rest[0].operator in _TRUTH_OPERATORS)
    return not truth or _counts(term)


def _counts(term: Term) -> bool:
    if isinstance(term, Call) and term.name in ("position", "last"):
        return True
    return any(_counts(part) for part in children(term))


_TRUTH_OPERATORS = frozenset({"or", "and", "=", "!=", "<", "<=", ">", ">="})
_ANY = Step("descendant-or-self", Test("node"))
_LEVEL_OF = {operator: number for number, level in enumerate(LEVELS) for operator in level}
