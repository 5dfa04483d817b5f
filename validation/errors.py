"""Every way Lotsenbuch says no.

    LotsenbuchError                 anything we refuse; str(error) is one sentence a user can act on
    ├── FormError                   the form is wrong (exit 1); .problems
    │   └── XPathError              an expression is wrong; .expression .position
    ├── AnswerError                 an answer cannot be taken: no such question, entry, or it is read-only
    ├── DataError                   the records are wrong (exit 1); .problems
    ├── StudyError                  the study directory is wrong (exit 1)
    ├── StoreError                  the store cannot do what was asked (exit 1)
    │   ├── WrongKey                the key does not open this store, or it is no store
    │   ├── StoreBusy               somebody else writes and did not finish in time
    │   └── StoreFull               the disk is full; nothing was saved
    ├── ReportError                 the report cannot be made (exit 1): no such municipality, no data
    └── UsageError                  called wrongly (exit 2): unknown parameter, wrong type

The classes say whose fault it is; the sentences come from the catalogue (`validation.messages`), where every
code has a German and an English text with the place and the remedy. No message ever carries an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from validation.messages import say


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something is wrong: a node of the form, a cell of the workbook, a position in an expression.

    Empty parts are unknown. `row` and `position` count from 1.
    """

    sheet: str = ""
    row: int = 0
    column: str = ""
    nodeset: str = ""
    position: int = 0

    def text(self, language: str = "de") -> str:
        """The place in words, e.g. 'survey, Zeile 7, relevant'. Empty when nothing is known."""
        row = f"{say('place.row', language)} {self.row}" if self.row else ""
        position = f"{say('place.position', language)} {self.position}" if self.position else ""
        return ", ".join(part for part in (self.sheet, row, self.column, self.nodeset, position) if part)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, as a value: a code of the catalogue, a place, and the names the sentence needs.

    `message` is the sentence in German; `text(language)` the same in another language.
    `fields` never hold an answer: names of questions, functions, columns and files only.
    """

    code: str
    place: Place = Place()
    fields: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def message(self) -> str:
        return self.text("de")

    def text(self, language: str = "de") -> str:
        return say(self.code, language, **self.fields)

    def __str__(self) -> str:
        place = str(self.place)
        return f"{place}: {self.message}" if place else self.message


class LotsenbuchError(Exception):
    """A refusal. `code` and `fields` name the sentence; `str()` gives it in German, `text()` in a language."""

    exit_code = 1

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.fields = {name: str(value) for name, value in fields.items()}

    def text(self, language: str = "de") -> str:
        return say(self.code, language, **self.fields)

    def __str__(self) -> str:
        return self.text()


class FormError(LotsenbuchError):
    """The form cannot be used. `problems` names everything that is wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem], code: str = "form.refused") -> None:
        self.problems = tuple(problems)
        super().__init__(code, count=len(self.problems))

    def text(self, language: str = "de") -> str:
        listed = "; ".join(
            ": ".join(part for part in (problem.place.text(language), problem.text(language)) if part)
            for problem in self.problems
        )
        return f"{super().text(language)} {listed}".strip()


class XPathError(FormError):
    """An expression cannot be read or evaluated. `position` counts characters from 1; 0 is unknown."""

    def __init__(self, problem: Problem, expression: str = "") -> None:
        self.expression = expression
        self.position = problem.place.position
        super().__init__((problem,), code="xpath.refused")


class AnswerError(LotsenbuchError):
    """An answer cannot be taken."""


class DataError(LotsenbuchError):
    """The records are wrong."""

    def __init__(self, code: str, problems: Iterable[Problem] = (), **fields: object) -> None:
        self.problems = tuple(problems)
        super().__init__(code, **fields)


class StudyError(LotsenbuchError):
    """The study directory is wrong or missing."""


class StoreError(LotsenbuchError):
    """The store cannot do what was asked; nothing was changed."""


class WrongKey(StoreError):  # noqa: N818 - reads as what it says
    """The key does not open the file, or the file is no store."""


class StoreBusy(StoreError):  # noqa: N818 - the same
    """Another writer holds the store."""


class StoreFull(StoreError):  # noqa: N818 - the same
    """The disk is full; nothing was saved."""


class ReportError(LotsenbuchError):
    """A report cannot be made."""


class UsageError(LotsenbuchError):
    """The program was called wrongly."""

    exit_code = 2
