"""What is wrong with an expression before anything is evaluated: syntax, unknown functions, number of arguments."""

from __future__ import annotations

from validation.errors import Place, Problem, XPathError
from validation.xpath.functions import table
from validation.xpath.parser import parse
from validation.xpath.syntax import Call, Term, children


def check_expression(text: str) -> list[Problem]:
    """All problems of an expression in order of position; none where it can be used. Positions count from 1."""
    try:
        tree = parse(text).tree
    except XPathError as error:
        return list(error.problems)
    found: list[Problem] = []
    work: list[Term] = [tree]
    while work:
        term = work.pop()
        work.extend(children(term))
        if not isinstance(term, Call):
            continue
        function = table().get(term.name)
        place = Place(position=term.position)
        if function is None:
            found.append(Problem("xpath.unknown_function", place, {"name": term.name}))
        elif not function.takes(len(term.arguments)):
            given = str(len(term.arguments))
            fields = {"name": term.name, "allowed": function.arity(), "given": given}
            found.append(Problem("xpath.arity", place, fields))
    return sorted(found, key=lambda problem: problem.place.position)
