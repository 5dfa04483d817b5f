"""A new case gets a pseudonym that no other case has: said at the question, with one that is free.

A form makes cases when it asks for a person's pseudonym and has a case number. A draft that was begun for a case says
so in its journal (`SETTING`), and one of a record that was opened again belongs to that record's case: neither is new.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence

from intake.interview.cases import NUMBER, PERSON, names_of
from intake.pattern import matching, patterns_in
from validation.form import Form
from validation.instance import Instance
from validation.messages import say

SETTING = "case"
_TRIES = 100


def makes_cases(form: Form) -> bool:
    """Whether a record of the form makes a case."""
    person = next(iter(names_of(form, PERSON)), "")
    return bool(person and form.control(person) is not None and names_of(form, NUMBER))


class NewCase:
    """The pseudonym of a new case. `is_taken(pseudonym)` says whether another case has it."""

    def __init__(self, form: Form, is_taken: Callable[[str], bool]) -> None:
        self.nodeset = names_of(form, PERSON)[0]
        self._form = form
        self._is_taken = is_taken
        self._offered = ""

    def is_taken(self, instance: Instance) -> bool:
        """Whether the pseudonym that was answered belongs to another case."""
        given = instance.value(self.nodeset) if instance.relevant(self.nodeset) else ""
        return bool(given) and self._is_taken(given)

    def texts(self, instance: Instance, languages: Sequence[str]) -> list[str]:
        """What is wrong in catalogue languages; empty where nothing is."""
        if not self.is_taken(instance):
            return []
        free = self.offer()
        code = "interview.person_taken_free" if free else "interview.person_taken"
        return [say(code, language, free=free) for language in languages]

    def offer(self) -> str:
        """A pseudonym that is free, drawn at random after the form's pattern: it says nothing of other cases. The same
        one while it is free; '' where the form has no pattern or almost all are taken."""
        if not self._offered or self._is_taken(self._offered):
            self._offered = next(self._free(), "")
        return self._offered

    def _free(self) -> Iterator[str]:
        constraint = self._form.binds[self.nodeset].constraint
        patterns = patterns_in(constraint.source) if constraint is not None else []
        for pattern in patterns[:1]:
            for _ in range(_TRIES):
                drawn = matching(pattern, secrets.SystemRandom())
                if drawn and not self._is_taken(drawn):
                    yield drawn
