"""Rules between records: rows of `rules.csv`, in the language of the forms' constraints, judged over a study's tables.

A rule is a constraint that may look beyond its record. It stands on a column of a table and is judged in each row where
that column has an answer; who cannot read the answer judges nothing. `.` is the answer, `${name}` another column of the
row (`KEY`, `PARENT_KEY` and the envelope's `_municipality`, `_subject` included), `instance('table')/root/item[...]`
the rows of any table of the study, or of a choice list with its extra columns. Dates are ISO text, truth values 'true'
and 'false', no answer is empty, today() is the day of the check.

Kinds: `each` (the expression must be true), `similar` (no two persons whose names in the column sound alike may share a
word that the expression gives, see `intake.duplicates`), `outlier` (the number must not lie far from those in rows for
which the expression gives the same text, see `intake.outliers`).

A rule with `valid_from` or `valid_to` is judged for records received on those days, both included. A rule whose table,
or a table it looks into, the study does not have is skipped and says so; a column that is not there is refused.

A look-up that compares a column with one of the row (`item[person = ${person}]`) is found by an index; one that does
not reads the whole table for every row, and is refused where that takes too long.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from intake.edited import edited_rows
from intake.rowwise import Question, read_question
from validation.errors import StudyError
from validation.xpath.parser import Expression, parse

FILE = "rules.csv"
COLUMNS = ("name", "table", "column", "kind", "expression", "severity", "owner", "message_de", "message_en",
           "valid_from", "valid_to")  # fmt: skip
KINDS = ("each", "similar", "outlier")
SEVERITIES = ("error", "warning", "note")
"""What cannot be so; what is unusual and may be waived; what is worth a look."""
OWNERS = ("manager", "team", "evaluator")
"""Who mends it: who is in charge of the case, the team's office, who evaluates."""

FORM_RULES = ("type", "required", "constraint", "relevant", "choice", "orphan", "duplicate_key", "no_key",
              "unreadable")  # fmt: skip
"""What `validation.schema` calls what it finds in rows; no rule may be called so."""

_NEEDED = ("name", "table", "column", "kind", "expression", "severity", "owner", "message_de", "message_en")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. `reads` are the columns of its own table, `looks` those of each table or list it looks into.

    `messages` by language code; `since` and `until` are None where the rule holds at any time. `file` and `row` say
    where it is written.
    """

    name: str
    table: str
    column: str
    kind: str
    expression: Expression
    severity: str
    owner: str
    messages: Mapping[str, str]
    since: dt.date | None
    until: dt.date | None
    reads: tuple[str, ...]
    looks: Mapping[str, tuple[str, ...]]
    file: str = FILE
    row: int = 0

    @property
    def question(self) -> Question:
        """What is asked of a row."""
        return Question(self.expression, self.reads, self.looks, self.column)

    def message(self, language: str = "de") -> str:
        """What is wrong and what to do; German where the language has none."""
        return self.messages.get(language) or self.messages["de"]

    def wrong(self, code: str, column: str, **fields: object) -> StudyError:
        """The refusal that names file, row and column of the table of rules."""
        return StudyError(f"rules.{code}", file=self.file, row=self.row, rule=self.name, column=column, **fields)


def read_rules(path: Path | str) -> tuple[Rule, ...]:
    """The rules of a table, in its order; none where there is no such file. StudyError naming file, row and column for
    whatever is wrong with it."""
    found: dict[str, Rule] = {}
    for number, row in edited_rows(path, COLUMNS):
        rule = _rule(row, Path(path).name, number)
        if rule.name in found or rule.name in FORM_RULES:
            raise rule.wrong("twice", "name")
        found[rule.name] = rule
    return tuple(found.values())


def _rule(row: Mapping[str, str], file: str, number: int) -> Rule:
    made = Rule(
        row["name"], row["table"], row["column"], row["kind"], parse("true()"), row["severity"], row["owner"],
        {"de": row["message_de"], "en": row["message_en"]}, None, None, (), {}, file, number,
    )  # fmt: skip
    for column in _NEEDED:
        if not row[column]:
            raise made.wrong("empty", column)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", made.name):
        raise made.wrong("name", "name")
    for column, known in (("kind", KINDS), ("severity", SEVERITIES), ("owner", OWNERS)):
        if row[column] not in known:
            raise made.wrong("unknown_word", column, word=row[column], known=", ".join(known))
    since, until = (_day(made, row, column) for column in ("valid_from", "valid_to"))
    asked = read_question(row["expression"], partial(made.wrong, column="expression"), here=made.column)
    return Rule(
        made.name, made.table, made.column, made.kind, asked.expression, made.severity, made.owner, made.messages,
        since, until, asked.reads, asked.looks, file, number,
    )  # fmt: skip


def _day(rule: Rule, row: Mapping[str, str], column: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(row[column]) if row[column] else None
    except ValueError as error:
        raise rule.wrong("day", column) from error
