"""The typed tree of an expression: what the parser makes and every reader (evaluator, dependencies, columns) walks.

All terms are frozen and hashable. `position` counts characters of the source from 1 and takes no part in equality, so
that two texts with the same meaning are the same tree. `str(term)` is a canonical text that parses to the same tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

AXES = frozenset(
    {
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    }
)
KINDS = frozenset({"node", "text", "comment", "processing-instruction"})
# Binary operators, loosest first (XPath 1.0, sections 3.3 to 3.5).
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)
UNION_LEVEL = len(LEVELS) + 1


@dataclass(frozen=True, slots=True)
class Number:
    """A number, never negative, infinite or NaN: those are made by operators."""

    value: float
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        text = format(self.value, "f") if self.value < 1e16 else format(self.value, ".0f")
        if float(text) != self.value:
            text = format(self.value, ".340f").rstrip("0")
        return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in quotes."""

    value: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        quote = "'" if '"' in self.value else '"'
        return f"{quote}{self.value}{quote}"


@dataclass(frozen=True, slots=True)
class Operation:
    """Operators of one level from left to right: `first`, then (operator, term, position) one after the other."""

    first: Term
    rest: tuple[Operand, ...]
    position: int = field(default=0, compare=False)

    @property
    def level(self) -> int:
        """How tightly the operators bind: the place in LEVELS, the union above all."""
        operator = self.rest[0].operator
        return next((n for n, level in enumerate(LEVELS) if operator in level), UNION_LEVEL)

    def __str__(self) -> str:
        tighter = self.level + 1  # a term of the same level stands in brackets, or it would be part of this one
        parts = [_inside(self.first, tighter)]
        parts.extend(f"{operand.operator} {_inside(operand.term, tighter)}" for operand in self.rest)
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Operand:
    """An operator and what stands right of it."""

    operator: str
    term: Term
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: Term
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"-{_inside(self.operand, UNION_LEVEL)}"


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the name with its prefix."""

    name: str
    arguments: tuple[Term, ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(str(argument) for argument in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Test:
    """A node test. `kind` is 'name' (then `name` may be '*', `prefix` '' or a prefix) or a node kind.

    For processing-instruction() `name` is its literal or ''.
    """

    kind: str
    name: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        if self.kind == "name":
            return f"{self.prefix}:{self.name}" if self.prefix else self.name
        return f"{self.kind}({Literal(self.name)!s})" if self.name else f"{self.kind}()"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: axis, node test, predicates."""

    axis: str
    test: Test
    predicates: tuple[Term, ...] = ()
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.axis}::{self.test}{_predicates(self.predicates)}"


@dataclass(frozen=True, slots=True)
class Path:
    """A location path. `start` is None for a relative path, a Root or another term where it goes out from one."""

    start: Term | None
    steps: tuple[Step, ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        steps = "/".join(str(step) for step in self.steps)
        if self.start is None:
            return steps
        if isinstance(self.start, Root):
            return f"/{steps}"
        return f"{_primary(self.start)}/{steps}"


@dataclass(frozen=True, slots=True)
class Root:
    """The document an absolute path goes out from."""

    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return "/"


@dataclass(frozen=True, slots=True)
class Filter:
    """A term with predicates: `instance('x')[1]`, `(a | b)[2]`."""

    term: Term
    predicates: tuple[Term, ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{_primary(self.term)}{_predicates(self.predicates)}"


Term = Number | Literal | Operation | Negation | Call | Path | Root | Filter


def children(term: Term) -> tuple[Term, ...]:
    """The terms directly inside a term, predicates included, in order of writing."""
    if isinstance(term, Operation):
        return (term.first, *(operand.term for operand in term.rest))
    if isinstance(term, Negation):
        return (term.operand,)
    if isinstance(term, Call):
        return term.arguments
    if isinstance(term, Path):
        inside = tuple(predicate for step in term.steps for predicate in step.predicates)
        return inside if term.start is None else (term.start, *inside)
    if isinstance(term, Filter):
        return (term.term, *term.predicates)
    return ()


def calls_in(term: Term) -> frozenset[str]:
    """The names of all functions a term calls, at any depth."""
    found: set[str] = set()
    work = [term]
    while work:
        item = work.pop()
        if isinstance(item, Call):
            found.add(item.name)
        work.extend(children(item))
    return frozenset(found)


def _inside(term: Term, level: int) -> str:
    own = level
    if isinstance(term, Operation):
        own = term.level
    elif isinstance(term, Negation):
        own = UNION_LEVEL - 1
    # After a bare '/' an operator would be read as a name.
    return str(term) if own >= level and not isinstance(term, Root) else f"({term})"


def _primary(term: Term) -> str:
    return str(term) if isinstance(term, Call | Number | Literal | Filter) else f"({term})"


def _predicates(predicates: tuple[Term, ...]) -> str:
    return "".join(f"[{predicate}]" for predicate in predicates)
