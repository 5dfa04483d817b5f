"""Expressions over the rows of a study's tables, row by row: what rules between records and deadlines are written in.

The language is that of the forms. `${name}` is a column of the row, `.` the column an expression stands on (where it
stands on one), `instance('table')/root/item[...]` the rows of any other table or choice list. A table is columns of
texts, as an expression reads them: ISO dates, 'true' and 'false', '' for no answer. Where tables come from is not known
here, so neither pandas nor a store is needed.

    question = read_question("count(instance('austritt')/root/item[person = ${person}]) = 0", refuse)
    Answers(question, "erstgespraech", tables, now, to_boolean).of(row)

A look-up that compares a column with one of the row (`item[person = ${person}]`) is found by an index; one that does
not reads the whole table for every row.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from validation.errors import StudyError, XPathError
from validation.tree import Node
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.parser import Expression, parse, references
from validation.xpath.references import instances_of
from validation.xpath.syntax import Call, Literal, Operation, Root, Term, calls_in, children
from validation.xpath.syntax import Path as Steps
from validation.xpath.values import Value

ROW = "/row"
_QUOTED = re.compile(r"\$\{\s*([^}\s]*)\s*\}")
_ITEM = re.compile(r"^instance\('([^']*)'\)/root/item(?:/([^/]+))?$")

T = TypeVar("T")


class Refuse(Protocol):
    """The refusal of an expression, naming where it is written: codes 'expression' (with `position`) and 'not_a_column'
    (with `name`)."""

    def __call__(self, code: str, **fields: object) -> StudyError: ...


class Tables(Protocol):
    """Tables as texts."""

    def texts(self, table: str, column: str) -> list[str]:
        """A column, row by row."""
        ...

    def count(self, table: str) -> int:
        """How many rows a table has."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """An expression with what it reads: `reads` columns of its own table, `looks` those of each table or list it looks
    into. `here` is the column it stands on, '' where it stands on the row."""

    expression: Expression
    reads: tuple[str, ...]
    looks: Mapping[str, tuple[str, ...]]
    here: str = ""


def read_question(text: str, refuse: Refuse, *, here: str = "") -> Question:
    """Read an expression and try it once on empty texts, so that an unknown function is found here. StudyError as
    `refuse` makes it."""
    try:
        expression = parse(_QUOTED.sub(rf"{ROW}/\1", text))
        reads, looks = _read(expression, refuse, here)
        if "current" in calls_in(expression.tree):
            raise refuse("not_a_column", name="current()")
        row = Node.element("row")
        for name in reads:
            row.append(Node.element(name))
        empty = {name: Node.document(Node.element("root")) for name in looks}
        context = Context(
            node=row.child(here) or row if here else row, root=Node.document(row), instances=empty,
            now=dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
        )  # fmt: skip
        evaluate_tree(expression, context)
    except XPathError as error:
        raise refuse("expression", position=error.position) from error
    return Question(expression, reads, looks, here)


def _read(
    expression: Expression, refuse: Refuse, here: str
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:  # fmt: skip
    looks: dict[str, set[str]] = {name: set() for name in instances_of(expression.tree)}
    reads = {here} if here else set()
    for nodeset in references(expression, f"{ROW}/{here}" if here else ROW):
        if found := _ITEM.match(nodeset):
            looks[found[1]].add(found[2] or "")
        elif nodeset.startswith("instance("):
            if nodeset.count("/") > 1:  # the steps on the way to an item read nothing
                raise refuse("not_a_column", name=nodeset)
        elif nodeset not in ("/", ROW):
            name = nodeset.removeprefix(f"{ROW}/")
            if name == nodeset or not name or any(sign in name for sign in "/*@"):
                raise refuse("not_a_column", name=nodeset)
            reads.add(name)
    return tuple(sorted(reads)), {name: tuple(sorted(columns - {""})) for name, columns in sorted(looks.items())}


class Answers(Generic[T]):
    """What a question says of each row of a table, made what is wanted by `read` (`to_boolean`, `to_string`)."""

    def __init__(
        self, question: Question, table: str, tables: Tables, now: dt.datetime, read: Callable[[Value], T]
    ) -> None:
        self._question = question
        self._now = now
        self._read = read
        self._cells = {name: tables.texts(table, name) for name in question.reads}
        self._looks = [_Look(question, name, columns, tables) for name, columns in question.looks.items()]
        self._known: dict[tuple[str, ...], T] = {}

    def of(self, row: int) -> T:
        """The value in a row; found once for rows that say the same. XPathError where it cannot be had."""
        said = tuple(texts[row] for texts in self._cells.values())
        if said not in self._known:
            self._known[said] = self._evaluated(row)
        return self._known[said]

    def _evaluated(self, row: int) -> T:
        top = Node.element("row")
        here = top
        for name, texts in self._cells.items():
            cell = Node.element(name, texts[row])
            top.append(cell)
            if name == self._question.here:
                here = cell
        context = Context(
            node=here, root=Node.document(top), now=self._now, tz=self._now.tzinfo or dt.UTC,
            instances={look.table: look.document(self._cells, row) for look in self._looks},
        )  # fmt: skip
        return self._read(evaluate_tree(self._question.expression, context))


class _Look:
    """One table that a question looks into. Where every look-up compares a column with one of the row, only those rows
    that any of them can find are put before the expression; it still chooses among them itself."""

    def __init__(self, question: Question, table: str, columns: Sequence[str], tables: Tables) -> None:
        self.table = table
        self._columns = {name: tables.texts(table, name) for name in columns}
        self._rows = tables.count(table)
        self._whole: Node | None = None
        pairs = [_equality(predicates) for predicates in _look_ups(question.expression.tree, table)]
        self._pairs = sorted({pair for pair in pairs if pair is not None}) if None not in pairs else []
        self._index: dict[str, dict[str, list[int]]] = {}
        for theirs, _ in self._pairs:
            places = self._index.setdefault(theirs, {})
            if not places:
                for row, text in enumerate(self._columns[theirs]):
                    places.setdefault(text, []).append(row)

    def document(self, cells: Mapping[str, list[str]], row: int) -> Node:
        if not self._pairs:
            if self._whole is None:
                self._whole = self._made(range(self._rows))
            return self._whole
        found = {at for theirs, ours in self._pairs for at in self._index[theirs].get(cells[ours][row], ())}
        return self._made(sorted(found))

    def _made(self, rows: Iterable[int]) -> Node:
        root = Node.element("root")
        for row in rows:
            item = Node.element("item")
            for name, texts in self._columns.items():
                item.append(Node.element(name, texts[row]))
            root.append(item)
        return Node.document(root)


def _look_ups(term: Term, table: str) -> Iterator[Sequence[Term]]:
    """The predicates of each `instance('table')/root/item[...]` in a term; none for any other use of the table."""
    if isinstance(term, Steps) and _names(term.start, table):
        yield term.steps[1].predicates if len(term.steps) > 1 else ()
        inside: Iterable[Term] = (each for step in term.steps for each in step.predicates)
    elif _names(term, table):
        yield ()
        return
    else:
        inside = children(term)
    for each in inside:
        yield from _look_ups(each, table)


def _names(term: Term | None, table: str) -> bool:
    return (
        isinstance(term, Call)
        and term.name == "instance"
        and len(term.arguments) == 1
        and isinstance(term.arguments[0], Literal)
        and term.arguments[0].value == table
    )


def _equality(predicates: Sequence[Term]) -> tuple[str, str] | None:
    """(column of the item, column of the row) that the first predicate wants equal, None where it wants none so."""
    term = predicates[0] if predicates else None
    parts: list[Term] = [] if term is None else [term]
    if isinstance(term, Operation) and term.rest[0].operator == "and":
        parts = [term.first, *(operand.term for operand in term.rest)]
    for part in parts:
        if isinstance(part, Operation) and len(part.rest) == 1 and part.rest[0].operator == "=":
            for one, other in itertools.permutations((part.first, part.rest[0].term)):
                theirs, ours = _child(one), _of_row(other)
                if theirs and ours:
                    return theirs, ours
    return None


def _child(term: Term) -> str:
    """The column a path of one step names, '' for any other term."""
    if not isinstance(term, Steps) or term.start is not None or len(term.steps) != 1:
        return ""
    return term.steps[0].test.name if _is_plain(term) else ""


def _of_row(term: Term) -> str:
    """The column that '/row/column' names, '' for any other term."""
    if not isinstance(term, Steps) or not isinstance(term.start, Root) or len(term.steps) != 2:
        return ""
    return term.steps[1].test.name if _is_plain(term) and f"/{term.steps[0].test.name}" == ROW else ""


def _is_plain(path: Steps) -> bool:
    return all(
        step.axis == "child" and step.test.kind == "name" and step.test.name != "*" and not step.predicates
        for step in path.steps
    )
