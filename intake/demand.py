"""When an answer is demanded: the condition of `required` without what the column `missing` adds to it.

A question with reasons for no answer is required "value or reason": `intake.rewriting` adds to its condition that the
sibling with the reason is empty. Whoever tells people when an answer is demanded takes that off again.
"""

from __future__ import annotations

from validation.xpath.syntax import Literal, Operation, Path, Term


def without_reason(term: Term, sibling: str) -> Term | None:
    """A condition of required without the part that a reason for no answer will do; None where that is all.

    `sibling` is the name of the question that takes the reason (`<name>__missing`).
    """
    if isinstance(term, Operation) and term.rest[0].operator == "=" and isinstance(term.first, Path):
        last = term.first.steps[-1]
        asked = isinstance(term.rest[0].term, Literal) and not term.rest[0].term.value
        return None if asked and last.test.name == sibling else term
    both = isinstance(term, Operation) and term.rest[0].operator == "and" and len(term.rest) == 1
    if both and isinstance(term, Operation) and without_reason(term.rest[0].term, sibling) is None:
        return term.first
    return term
