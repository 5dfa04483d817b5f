"""What is wrong with an expression before anything is evaluated.

Syntax, unknown functions and numbers of arguments make it unusable (`check_expression`). Patterns of regex() and what
other clients lack are looked at when a whole form is judged (`validation.lint`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from validation.errors import Place, Problem, XPathError
from validation.xpath import patterns
from validation.xpath.clients import CLIENTS
from validation.xpath.functions import table
from validation.xpath.parser import Expression, parse
from validation.xpath.syntax import Call, Literal, Term, children


def check_expression(text: str) -> list[Problem]:
    """All problems of an expression in order of position; none where it can be used. Positions count from 1."""
    try:
        tree = parse(text).tree
    except XPathError as error:
        return list(error.problems)
    found: list[Problem] = []
    for term in _calls(tree):
        function = table().get(term.name)
        place = Place(position=term.position)
        if function is None:
            found.append(Problem("xpath.unknown_function", place, {"name": term.name}))
        elif not function.takes(len(term.arguments)):
            given = str(len(term.arguments))
            fields = {"name": term.name, "allowed": function.arity(), "given": given}
            found.append(Problem("xpath.arity", place, fields))
    return sorted(found, key=lambda problem: problem.place.position)


def check_patterns(expression: Expression) -> Iterator[Problem]:
    """Patterns written in regex(): those no engine reads (`xpath.…`), those that clients read differently (`lint.…`).

    A pattern that is put together while the form runs is not looked at.
    """
    for term in _calls(expression.tree):
        if term.name != "regex" or len(term.arguments) != 2 or not isinstance(term.arguments[1], Literal):
            continue
        place = Place(position=term.arguments[1].position)
        pattern = term.arguments[1].value
        refusal = patterns.refusal(pattern)
        if refusal is not None:
            yield Problem(f"xpath.{refusal.code}", place, {"name": "regex", **refusal.fields})
        elif construct := patterns.dialect(pattern):
            yield Problem("lint.regex_dialect", place, {"construct": construct})
        elif not patterns.whole(pattern):
            yield Problem("lint.regex_part", place)


def check_clients(expression: Expression, clients: Iterable[str]) -> Iterator[Problem]:
    """What an expression calls that a client lacks, or calls with more arguments than it takes there."""
    for client in (CLIENTS[name] for name in clients):
        for term in _calls(expression.tree):
            place = Place(position=term.position)
            most = client.most.get(term.name, len(term.arguments))
            if term.name in client.lacks:
                yield Problem("lint.client_lacks", place, {"name": term.name, "client": client.title})
            elif len(term.arguments) > most:
                fields = {"name": term.name, "client": client.title, "most": str(most)}
                yield Problem("lint.client_arguments", place, fields)


def _calls(tree: Term) -> Iterator[Call]:
    work: list[Term] = [tree]
    while work:
        term = work.pop()
        work.extend(children(term))
        if isinstance(term, Call):
            yield term
