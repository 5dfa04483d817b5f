"""What a person is given who asks for their own data (Art. 15 and 20 GDPR): a page to read, JSON to take along, files.

Every version of every record with its reason, in the form's words; who received it and when somebody looked; what it is
for and how long it is kept. Of others nothing is given: colleagues are roles, and of a talk with several people only
that it took place. What was erased cannot be given; the page says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from intake.casefile import latest_entries
from intake.document import Block, Document, Heading, Paragraph, Table, new_folder, write
from intake.interview.description import language_of
from intake.media import instances
from intake.register import Kept, kept_of, period_of, purposes_of
from intake.store.audit import VIEWS, Witness
from intake.store.corrections import words_of
from intake.store.ring import STUDY
from reports.paper.filled import filled
from reports.paper.page import Note, Record, Row
from reports.paper.texts import spoken
from validation.errors import StoreError
from validation.form import Form
from validation.messages import LANGUAGES, say
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study
    from intake.submission import Submission

VIEW = "disclosure"
PAGE, _DATA, _FILES = "auskunft.html", "auskunft.json", "anlagen"
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question in the form's words with its answer. `section` are the headings it stands under."""

    section: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record: `reason` is why it was changed, '' for the first."""

    number: int
    received: datetime
    reason: str
    unread: tuple[str, ...]
    answers: tuple[Answer, ...]
    record: Mapping[str, object] = field(hash=False)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record about the person. `files` maps the name of a file to its content."""

    id: str
    title: str
    municipality: str
    versions: tuple[Version, ...]
    kept: tuple[Kept, ...]
    files: Mapping[str, bytes] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that was done with the data: what, by somebody in which role, for whom."""

    when: datetime
    kind: str
    role: str
    about: str


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything about one person. `mentioned` are the days and titles of records about others or about several that
    name the person; `drafts` counts interviews that are not finished and not in here."""

    person: str
    made: datetime
    records: tuple[OwnRecord, ...]
    happened: tuple[Happened, ...]
    mentioned: tuple[tuple[datetime, str], ...]
    drafts: int


def own_data(study: Study, store: Store, person: str, *, language: str = "de", now: datetime | None = None) -> OwnData:
    """Everything a store holds about a person, as this login may see it. StoreError 'store.no_person'.

    `language` is a code; forms that do not speak it are given in German or their first language. What it is told is
    kept as an event before anything is read.
    """
    subject = store.subject_of(person)
    if subject is None:
        raise StoreError("store.no_person")
    mine = [each for each in latest_entries(store.entries()) if each.subject == person]
    towns = [each.municipality for each in mine]
    Witness(store).saw(person, VIEW, municipality=towns[-1] if towns else "")
    forms = _Forms(store, language)
    return OwnData(
        person=person,
        made=(now or datetime.now(study.tz)).astimezone(study.tz),
        records=tuple(_record(study, store, forms, each.submission, person) for each in mine),
        happened=tuple(_happened(store, study, subject)),
        mentioned=tuple(_mentioned(study, store, forms, person)),
        drafts=sum(_is_about(store, draft.id, person) for draft in store.journal.drafts()),
    )


def export(study: Study, person: str, out: Path, *, language: str = "de") -> OwnData:
    """Write page, JSON and files into a new folder that only its owner enters. UsageError 'document.exists'."""
    with study.store() as store:
        if store.subject_of(person) is None:
            raise StoreError("store.no_person")
        new_folder(out)
        data = own_data(study, store, person, language=language)
    named = _named_files(data)
    if named:
        (out / _FILES).mkdir(mode=0o700)
    for target, content in named.values():
        write(out / _FILES / target, content)
    write(out / _DATA, as_json(study, data))
    write(out / PAGE, document(study, data, language).html())
    return data


def as_json(study: Study, data: OwnData) -> str:
    """The same for a program: answers in words and as they are stored."""
    named = _named_files(data)
    told = {
        "person": data.person, "made": data.made.isoformat(), "controller": study.controller,
        "protection_officer": study.protection_officer, "retention_months": dict(study.retention),
        "records": [
            {
                "id": each.id, "form": each.title, "municipality": each.municipality,
                "purposes": [[kept.purposes, kept.retention, kept.questions] for kept in each.kept],
                "files": [f"{_FILES}/{named[each.id, name][0]}" for name in each.files],
                "versions": [
                    {
                        "version": version.number, "received": version.received.isoformat(), "reason": version.reason,
                        "erased": version.unread, "record": version.record,
                        "answers": [[one.section, one.question, one.answer] for one in version.answers],
                    }
                    for version in each.versions
                ],
            }
            for each in data.records
        ],
        "happened": [[each.when.isoformat(), each.kind, each.role, each.about] for each in data.happened],
        "mentioned": [[day.isoformat(), title] for day, title in data.mentioned],
        "open_drafts": data.drafts,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def document(study: Study, data: OwnData, language: str = "de") -> Document:
    """The page to read, in German or English around the form's own words."""
    own = language if language in LANGUAGES else "de"
    named = _named_files(data)
    blocks: list[Block] = [*_head(study, data, own)]
    for record in data.records:
        blocks += _record_blocks(study, record, {name: named[record.id, name][0] for name in record.files}, own)
    blocks += _rest(data, own)
    demo = say("report_frame.demo", own) if study.demo else ""
    return Document(f"{say('own_data.title', own)}: {data.person}", tuple(blocks), own, demo)


# --- collecting


class _Forms:
    """The frozen forms of a store, each read once, and in which language each is given."""

    def __init__(self, store: Store, language: str) -> None:
        self._store = store
        self._language = language
        self._known: dict[str, tuple[Form, Mapping[str, str]]] = {}

    def of(self, form_hash: str) -> tuple[Form, Mapping[str, str]]:
        if form_hash not in self._known:
            frozen = self._store.form(form_hash)
            form = read_form(frozen.xform)
            self._known[form_hash] = (form, instances(form, frozen.lists))
        return self._known[form_hash]

    def language(self, form: Form) -> str:
        codes = [language_of(name).code for name in form.languages]
        if not codes or self._language in codes:
            return self._language if codes or self._language in LANGUAGES else "de"
        return "de" if "de" in codes else form.languages[0]

    def answers(self, submission: Submission) -> tuple[Answer, ...]:
        form, files = self.of(submission.form_hash)
        sheet = filled(form, submission, [self.language(form)], files=files)
        return tuple(_answers(sheet.records, ()))


def _answers(rows: Sequence[Row | Note | Record], section: tuple[str, ...]) -> Iterator[Answer]:
    for row in rows:
        if isinstance(row, Record):
            label = spoken(row.label) if row.label else ""
            yield from _answers(row.rows, (*section, f"{label} {row.entry}" if row.entry else label))
        elif isinstance(row, Row):
            answer = ", ".join(spoken(each) for each in row.answer)
            yield Answer(" – ".join(filter(None, section)), spoken(row.label), answer)


def _record(study: Study, store: Store, forms: _Forms, submission_id: str, person: str) -> OwnRecord:
    """A record about a person, without the versions that named somebody else."""
    versions = [each for each in store.history(submission_id) if each.subject == person]
    form, _ = forms.of(versions[-1].form_hash)
    own = forms.language(form) if forms.language(form) in LANGUAGES else "de"
    return OwnRecord(
        id=submission_id,
        title=form.title or form.id,
        municipality=study.municipalities.get(versions[-1].municipality, versions[-1].municipality),
        versions=tuple(
            Version(
                each.version, each.received or each.ended, words_of(each.reason, own) if each.reason else "",
                each.unread, forms.answers(each) if each.record else (), each.record,
            )
            for each in versions
        ),
        kept=kept_of(form, study.retention, own),
        files={each.name: store.attachments.content(submission_id, each.name)
               for each in store.attachments.listed(submission_id)},
    )  # fmt: skip


def _happened(store: Store, study: Study, subject: str) -> Iterator[Happened]:
    """What was done with the person's data, and with everybody's."""
    roles = {login.id: login.role for login in store.logins()}
    for event in store.events():
        if event.subject == subject or (event.subject == STUDY and event.kind in ("access", "export")):
            about = store.detail(event.number).get("reason", "") if event.kind == "restriction" else ""
            if event.kind in ("access", "export"):
                about = store.detail(event.number).get("to", "") or event.about.partition(" ")[0]
            yield Happened(event.received.astimezone(study.tz), event.kind, roles.get(event.actor, ""), about)


def _mentioned(study: Study, store: Store, forms: _Forms, person: str) -> Iterator[tuple[datetime, str]]:
    for each in store.submissions():
        if each.subject != person and _names(each.record, person):
            form, _ = forms.of(each.form_hash)
            yield each.ended.astimezone(study.tz), form.title or form.id


def _names(record: Mapping[str, object], person: str) -> bool:
    return any(
        value == person if isinstance(value, str) else any(_names(each, person) for each in value)
        for value in record.values()
        if isinstance(value, str | list)
    )


def _is_about(store: Store, draft: str, person: str) -> bool:
    """Whether a draft says that it is about the person."""
    said = [
        op.payload.get("value") for op in store.journal.replay(draft)
        if op.payload["op"] == "answer" and str(op.payload.get("path", "")).endswith("/person")
    ]  # fmt: skip
    if said:
        return said[-1] == person
    return f">{person}</person>" in (store.journal.draft(draft).xml or "")


def _named_files(data: OwnData) -> dict[tuple[str, str], tuple[str, bytes]]:
    """{(record, name): (name in the folder, content)}: names that are safe on every system and never the same."""
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for record in data.records:
        for name, content in record.files.items():
            found[record.id, name] = (f"{len(found) + 1:02d}-{_UNSAFE.sub('_', name)[-80:]}", content)
    return found


# --- the page


def _head(study: Study, data: OwnData, language: str) -> Iterator[Block]:
    missing = say("register.missing", language)
    rows = [
        (say("own_data.made", language), f"{data.made:%d.%m.%Y, %H:%M}"),
        (say("register.controller", language), study.controller or missing),
        (say("register.protection_officer", language), study.protection_officer or missing),
    ]
    yield Paragraph(say("own_data.intro", language), note=True)
    yield Table((), tuple(rows))
    if data.drafts:
        yield Paragraph(say("own_data.drafts", language, count=data.drafts), note=True)


def _record_blocks(study: Study, record: OwnRecord, files: Mapping[str, str], language: str) -> Iterator[Block]:
    yield Heading(f"{record.title} ({record.municipality})")
    for version in reversed(record.versions):
        when = f"{version.received.astimezone(study.tz):%d.%m.%Y, %H:%M}"
        yield Heading(say("own_data.version", language, number=version.number, when=when), 3)
        if version.reason:
            yield Paragraph(say("own_data.reason", language, reason=version.reason))
        if version.unread:
            names = ", ".join(say(f"register.class_{name}", language) for name in version.unread)
            yield Paragraph(say("own_data.unread", language, classes=names), note=True)
        sections: dict[str, list[tuple[str, str]]] = {}
        for each in version.answers:
            sections.setdefault(each.section, []).append((each.question, each.answer))
        for name, rows in sections.items():
            yield Table((), tuple(rows), name)
    if files:
        rows = [(name, f"{_FILES}/{target}") for name, target in files.items()]
        yield Table((), tuple(rows), say("own_data.files", language))
    yield Paragraph(say("own_data.purposes", language, purposes=_purposes(record.kept, language)))


def _purposes(kept: Sequence[Kept], language: str) -> str:
    return "; ".join(dict.fromkeys(f"{purposes_of(each, language)} ({period_of(each, language)})" for each in kept))


def _rest(data: OwnData, language: str) -> Iterator[Block]:
    if data.mentioned:
        yield Heading(say("own_data.mentioned", language))
        yield Table((), tuple((f"{day:%d.%m.%Y}", title) for day, title in data.mentioned))
    yield Heading(say("own_data.happened", language))
    yield Paragraph(say("own_data.happened_note", language))
    columns = tuple(say(f"own_data.column_{name}", language) for name in ("when", "what", "role", "about"))
    rows = tuple(
        (
            f"{each.when:%d.%m.%Y, %H:%M}",
            say(f"own_data.kind_{each.kind}", language),
            say(f"register.role_{each.role}", language) if each.role else "–",
            say(f"own_data.view_{each.about}", language) if each.about in VIEWS else each.about or "–",
        )
        for each in data.happened
    )
    yield Table(columns, rows)
    yield Heading(say("own_data.rights", language))
    yield Paragraph(say("own_data.rights_are", language))
