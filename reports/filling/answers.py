"""What a case says to a question, whichever of its records says it last, and how it is written into a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from intake.store.division import Division
from intake.submission import Record, Submission
from reports.filling.mapping import IS, Rule
from reports.plan.state import read_once
from validation.errors import DataError
from validation.form import Form
from validation.layout import choice_labels

if TYPE_CHECKING:
    from intake.store import Store

_YES = frozenset({"ja", "yes", "true", "1", "OK"})
_ENTRY = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Value:
    """What goes into a field: `text` as it is written, `codes` as it is stored, `ticked` where the field is a box.
    `day` is the date where the answer is one."""

    text: str
    codes: tuple[str, ...] = ()
    ticked: bool = False
    day: date | None = None


class Answers:
    """The answers of a person, newest record first."""

    def __init__(self, store: Store, records: Iterable[Submission], language: str = "de") -> None:
        self._records = sorted(records, key=lambda each: each.ended, reverse=True)
        self._language = language
        self._forms = {each.form_hash: read_once(store.form(each.form_hash).xform) for each in self._records}
        self._published = {form.form_id: form.xform for form in store.forms()}

    def value(self, rule: Rule, file: str) -> Value:
        """What a row of the table gives; empty where nothing was answered.

        DataError 'fill.unknown_question' for one that no form asks, 'fill.not_allowed' for an answer of a class that
        the row does not name.
        """
        if rule.text:
            return Value(rule.text, (rule.text,), ticked=True)
        wanted_form, _, question = rule.question.rpartition(":")
        for form, nodeset, answer in self._found(wanted_form, question):
            self._judge(form, nodeset, answer, rule, file)
            return _value(form, nodeset, answer, rule, self._language)
        if not self._is_asked(wanted_form, question):
            raise DataError("fill.unknown_question", file=file, row=rule.row, question=rule.question)
        return Value("")

    def _found(self, wanted_form: str, question: str) -> Iterator[tuple[Form, str, str]]:
        """The answers to a question, newest first: those that somebody gave before those that a form computed."""
        for given in (True, False):
            for record in self._records:
                form = self._forms[record.form_hash]
                for nodeset in _asked(form, question) if wanted_form in ("", form.id) else ():
                    answer = _answer(record.record, question if "[" in question else nodeset)
                    if answer and (form.control(nodeset) is not None) == given:
                        yield form, nodeset, answer

    def _judge(self, form: Form, nodeset: str, answer: str, rule: Rule, file: str) -> None:
        name = Division(form).class_of(nodeset, answer)
        if name != "general" and name not in rule.allow:
            raise DataError("fill.not_allowed", file=file, row=rule.row, question=rule.question, kind=name)

    def _is_asked(self, wanted_form: str, question: str) -> bool:
        known = {form.id: form for form in self._forms.values()}
        others = (read_once(xform) for name, xform in self._published.items() if name not in known)
        return any(_asked(form, question) for form in (*known.values(), *others) if wanted_form in ("", form.id))


def _asked(form: Form, question: str) -> list[str]:
    """The questions of a form of this name or nodeset, in its order; what the form computes counts as asked."""
    plain = _ENTRY.sub("", question)
    if plain.startswith("/"):
        return [plain] if plain in form.binds or form.control(plain) else []
    names = dict.fromkeys((*(control.nodeset for control in form.controls()), *form.binds))
    return [nodeset for nodeset in names if nodeset.rpartition("/")[2] == plain]


def _answer(record: Record, path: str) -> str:
    """The answer at a path, entries of repeats by their number; without one only what stands outside of repeats."""
    here: Record = record
    at = 0
    for found in _ENTRY.finditer(path):
        entries = here.get(_ENTRY.sub("", path[: found.start()]), [])
        number = int(found[1])
        if not isinstance(entries, list) or number > len(entries) or number < 1:
            return ""
        here, at = entries[number - 1], found.end()
    value = here.get(_ENTRY.sub("", path), "") if at else record.get(path, "")
    return value if isinstance(value, str) else ""


def _value(form: Form, nodeset: str, answer: str, rule: Rule, language: str) -> Value:
    control = form.control(nodeset)
    chosen = control is not None and control.kind in ("select1", "select", "rank")
    codes = tuple(answer.split()) if chosen else (answer,)
    ticked = rule.how.removeprefix(IS) in codes if rule.how.startswith(IS) else bool(_YES & {*codes})
    day = _day(answer)
    if rule.how == "code" or rule.how.startswith(IS):
        return Value(answer, codes, ticked, day)
    if day is not None:
        return Value(day.strftime(rule.how if "%" in rule.how else "%d.%m.%Y"), codes, ticked, day)
    labels: Mapping[str, str] = choice_labels(form, nodeset, language) if chosen else {}
    return Value(", ".join(labels.get(code, code) for code in codes), codes, ticked)


def _day(answer: str) -> date | None:
    try:
        return date.fromisoformat(answer)
    except ValueError:
        return None
