"""A filled record as it is signed: the questions that were asked, with their answers in words, in one or two languages.

What is not relevant is left out; where an answer is missing its reason stands, in words. Numbers are those of the empty
form, so that a sheet filled in by hand can be held beside it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from intake.interview.description import Language
from intake.interview.entry import shown
from intake.interview.translation import read_in
from intake.record import xml_from_record
from intake.submission import Submission
from reports.paper.page import Note, Record, Row, Sheet
from reports.paper.parts import Part, parts_of
from reports.paper.texts import FormTexts, Said, chosen, is_note, runs_of, said
from reports.wording import LOCALES, day
from validation.datatypes import canonical
from validation.form import Control, Form
from validation.instance import Instance, locate
from validation.messages import say

SIGNERS = ("sign_person", "sign_manager", "sign_interpreter")
_WORDS = ("page", "lost", "sign_head", "sign_place", "sign_name")
_UUID = re.compile(r"(?:uuid:)?([0-9a-f]{8})-[0-9a-f-]{27}")


def filled(
    form: Form,
    given: Instance | Submission,
    languages: Sequence[str] = ("de",),
    *,
    files: Mapping[str, str] | None = None,
    demo: str = "",
) -> Sheet:
    """A record of the form with lines for signatures. `given` is a live one or one that was sent.

    `languages` are codes or names of one or two (UsageError for one the form has not), `files` the texts of the choice
    files it reads, `demo` what every page says where the data are synthetic. What is sent is drawn at its own time.
    """
    texts = FormTexts(form, chosen(form, languages), files)
    parts = parts_of(form)
    texts.number(parts)
    instance = given if isinstance(given, Instance) else _opened(form, given, files)
    records = tuple(record for part in parts for record in _Walk(texts, instance).records(part, ""))
    version = f" · {say('paper.version', texts.languages[0].catalogue)} {form.version}" if form.version else ""
    unreviewed = any(language.code in form.unreviewed for language in texts.languages)
    return Sheet(
        title=form.title or form.id,
        subtitle=f"{form.id}{version} · {short_id(instance.id)}",
        languages=tuple((language.code, language.direction) for language in texts.languages),
        words={name: texts.own(f"paper.{name}", page="{page}", pages="{pages}") for name in _WORDS},
        remarks=(texts.own("paper.unreviewed"),) if unreviewed else (),
        records=records,
        signatures=tuple(texts.own(f"paper.{name}") for name in SIGNERS),
        demo=demo,
    )


def short_id(record_id: str) -> str:
    """The first eight characters of a record's uuid. Ids of other programs may hold a name: of them, of their hash."""
    found = _UUID.fullmatch(record_id)
    return found[1] if found else hashlib.sha256(record_id.encode()).hexdigest()[:8]


def _opened(form: Form, submission: Submission, files: Mapping[str, str] | None) -> Instance:
    xml = xml_from_record(submission.record, form)
    return Instance(form, now=submission.ended, xml=xml, instances=files or {})


class _Walk:
    """Goes through a form with the answers of a record at hand."""

    def __init__(self, texts: FormTexts, instance: Instance) -> None:
        self.texts = texts
        self.form = texts.form
        self.instance = instance

    def records(self, part: Part, entry_path: str) -> Iterator[Record]:
        """A section, or the entries of a repeat, if there is anything in it."""
        if part.kind == "repeat":
            yield from self._entries(part, entry_path)
        elif rows := tuple(self._rows(part, entry_path)):
            label = self.texts.text(part.label, part.nodeset)
            yield Record(label if any(label) else self.texts.own("paper.section"), rows)

    def _entries(self, part: Part, entry_path: str) -> Iterator[Record]:
        place = locate(part.nodeset, entry_path) if entry_path else part.nodeset
        for number, path in enumerate(self.instance.entries(place), start=1):
            if self.instance.relevant(path) and (rows := tuple(self._below(part, path))):
                label = self.texts.text(part.label, part.nodeset)
                yield Record(label if any(label) else self.texts.own("paper.entry"), rows, number)

    def _rows(self, part: Part, entry_path: str) -> Iterator[Row | Note | Record]:
        if part.nodeset and not self.instance.relevant(self._path(part.nodeset, entry_path)):
            return
        yield from self._below(part, entry_path)

    def _below(self, part: Part, entry_path: str) -> Iterator[Row | Note | Record]:
        for child in part.children:
            if child.kind == "repeat":
                yield from self._entries(child, entry_path)
            elif child.kind == "group":
                label = self.texts.text(child.label, child.nodeset)
                rows = tuple(self._rows(child, entry_path))
                yield from [Record(label, rows)] if rows and any(label) else rows
            elif not child.is_heading:
                yield from self._question(child, self._path(child.nodeset, entry_path))

    @staticmethod
    def _path(nodeset: str, entry_path: str) -> str:
        return locate(nodeset, entry_path) if entry_path else nodeset

    def _question(self, part: Part, path: str) -> Iterator[Row | Note]:
        control = self.form.control(part.nodeset)
        if control is None or not self.instance.relevant(path):
            return
        label = self._label(part, path)
        if is_note(self.form, part.nodeset):
            yield Note(label)
            return
        value = self.instance.value(path)
        bind = self.form.binds.get(part.nodeset)
        if not value and bind is not None and bind.calculate is not None:
            return
        answer = self._answer(control, path, value) if value else self._absent(part, path)
        yield Row(self.texts.numbers[part.nodeset], label, answer, absent=not value)

    def _label(self, part: Part, path: str) -> Said:
        found = []
        for at, language in enumerate(self.texts.languages):
            read = read_in(self.form, part.label, part.nodeset, "label", language)
            hidden = (at and read.state in ("missing", "withheld")) or (read.state == "withheld" and not read.language)
            found.append(() if hidden else tuple(runs_of(self.instance.styled_label(path, read.language))))
        return tuple(() if at and runs == found[0] else runs for at, runs in enumerate(found))

    def _absent(self, part: Part, path: str) -> tuple[Said, ...]:
        """The reason why there is no answer, in words; that there is none, where nobody said why."""
        sibling = f"{path}__missing"
        control = self.form.control(part.missing) if part.missing else None
        reason = self.instance.value(sibling) if control is not None else ""
        if control is None or not reason:
            return (self.texts.own("paper.unanswered"),)
        return self._chosen(control, sibling, [reason])

    # --- answers

    def _answer(self, control: Control, path: str, value: str) -> tuple[Said, ...]:
        bind = self.form.binds.get(control.nodeset)
        kind = canonical(bind.type) if bind is not None else "string"
        if control.kind == "select1":
            return self._chosen(control, path, [value])
        if control.kind in ("select", "rank"):
            return self._chosen(control, path, value.split())
        if control.kind == "trigger":
            return (self.texts.own("paper.confirmed"),)
        typed = self.instance.typed(path)
        if isinstance(typed, dt.date | dt.time):
            return (said(_moment(typed, language) for language in self.texts.languages),)
        if kind == "decimal" and typed is not None:
            written = [shown(value, kind, language.catalogue) for language in self.texts.languages]
            return (said("" if text in written[:at] else text for at, text in enumerate(written)),)
        return (self.texts.plain(value),)

    def _chosen(self, control: Control, path: str, values: Sequence[str]) -> tuple[Said, ...]:
        """The labels of what was chosen; a value that the form does not offer stands as it is."""
        listed = self.texts.choices(control)
        known = dict(listed.items) if listed is not None else {}
        if not all(value in known for value in values):
            offered = dict(self.instance.choices(path))
            known |= {value: self.texts.plain(offered.get(value, value)) for value in values if value not in known}
        return tuple(known[value] for value in values)


def _moment(typed: dt.date | dt.time, language: Language) -> str:
    """A date or time as a language writes it; '' in one whose dates we do not write."""
    spoken = language.catalogue if language.catalogue in LOCALES else "de" if not language.name else ""
    if not spoken:
        return ""
    if isinstance(typed, dt.datetime):
        return f"{day(typed.date(), spoken)}, {typed:%H:%M}"
    return day(typed, spoken) if isinstance(typed, dt.date) else f"{typed:%H:%M}"
