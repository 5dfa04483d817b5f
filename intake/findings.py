"""What is to be mended, named for a reader: question, case and entry, never an answer.

A case is named by its case number (the question `fallnummer`), a register's entry by its number (`id`); where neither
is there or it is wrong itself, by the person's pseudonym, then by the record's key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from intake.rules import FORM_RULES, Rule
from validation.form import Form
from validation.layout import KEY, Table, question_label
from validation.messages import say
from validation.schema import sentence

CASE_QUESTIONS = ("fallnummer", "id")
"""Questions of the root table whose answer is the number of a case or of a register's entry."""

_ENTRY = re.compile(r"/.*\[(\d+)\]$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `key` names the record or the entry, '' for the whole table, `case` the same for a reader.

    `nodeset`, `column` and `rule` are those of `validation.schema.Report.failures`.
    """

    table: str
    key: str
    case: str
    entry: tuple[str, int] | None
    nodeset: str
    column: str
    rule: str

    @property
    def record(self) -> str:
        """The key of the record, of an entry that of the record it is in; '' for the whole table."""
        return record_of(self.key)

    def where(self, form: Form, language: str = "de") -> str:
        """The case, and the entry in it: 'F-12, Ziel 2'."""
        if not self.key:
            return say("check.whole_table", language)
        if self.entry is None:
            return self.case
        nodeset, number = self.entry
        repeat = question_label(form, nodeset, language)
        return say("check.entry", language, case=self.case, repeat=repeat, number=number)

    def what(self, form: Form, language: str = "de") -> str:
        """What is wrong with it by the form, and what to do."""
        return sentence(form, self.nodeset, self.column or self.table, self.rule, language)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A finding of a rule between records, with the form whose table it stands on."""

    finding: Finding
    form: Form
    rule: Rule

    def where(self, language: str = "de") -> str:
        """The case, and the entry in it."""
        return self.finding.where(self.form, language)

    def what(self, language: str = "de") -> str:
        """What is wrong and what to do, in words."""
        question = question_label(self.form, self.finding.nodeset, language) if self.finding.nodeset else ""
        said = self.rule.message(language)
        return say("check.own_message", language, question=question, message=said) if question else said


def words_of(
    hit: Finding, rules: Mapping[str, Rule], forms: Mapping[str, Form], language: str = "de"
) -> str:  # fmt: skip
    """What is wrong and what to do, for a finding whose form and rule have to be looked up (`forms` by table name);
    the bare name of a rule that is no more."""
    form, rule = forms.get(hit.table), rules.get(hit.rule)
    if rule is not None and form is not None:
        return RuleHit(hit, form, rule).what(language)
    if form is not None and hit.rule in FORM_RULES:
        return hit.what(form, language)
    return hit.rule


def record_of(key: str) -> str:
    """The key of the record that a KEY of any table is of: 'uuid:…' of 'uuid:…/ziele/ziel[2]'."""
    return key.partition("/")[0]


def found(shapes: Mapping[str, Table], failure: tuple[str, str, str, str, str], names: Mapping[str, str]) -> Finding:
    """The finding of a failure (table, key, nodeset, column, rule); `names` are those of `case_names`."""
    table, key, nodeset, column, rule = failure
    record, entry = key, None
    shape = shapes.get(table)
    # A repeat's key is that of the record and the path of the entry: 'uuid:…/ziele/ziel[2]'.
    if shape is not None and shape.parent is not None and (match := _ENTRY.search(key)):
        record, entry = key[: match.start()], (shape.nodeset, int(match[1]))
    return Finding(table, key, names.get(record, record), entry, nodeset, column, rule)


def case_names(records: pd.DataFrame, root: Table, faulty: set[tuple[str, str]]) -> dict[str, str]:
    """{KEY: number of the case}, without numbers that are faulty themselves (KEY, column): those would be answers."""
    numbers = [column.name for column in root.columns if column.name.rpartition("-")[2] in CASE_QUESTIONS]
    named: dict[str, str] = {}
    for row in range(len(records)):
        key = str(records[KEY].iloc[row])
        known = [records[name].iloc[row] for name in numbers if (key, name) not in faulty]
        known.append(records["_subject"].iloc[row])
        named[key] = next((name for name in known if isinstance(name, str) and name), key)
    return named
