"""What the rows of a sealed store hold, whatever the engine: plaintexts of parts, and the words they are sealed under.

The plaintext of a part is JSON with sorted keys, {"envelope": {…}, "record": {…}}. Of the envelope, 'general' has
started, ended and replaces, 'staff' has author, reason, overrides and paradata: the last two name questions that were
answered, special ones too. What is not said has no key. A 'general' part is always written.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from intake.store import Attachment, Receipt
from intake.store.division import Division, answers, merged
from intake.store.ring import CLASSES
from intake.submission import Override, Record, Submission, normalised
from validation.errors import StoreError

_STAFF = ("author", "reason", "overrides", "paradata")


@dataclass(frozen=True, slots=True)
class Plain:
    """The plain columns of a version of a submission."""

    submission: str
    version: int
    form_id: str
    form_version: str
    form_hash: str
    municipality: str
    received: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A version of a submission as far as it could be opened: plaintexts by class, not put together. `number` is that
    of its event, `subject` as in `Submission`, `unread` names the classes that are there and could not be opened."""

    number: int
    plain: Plain
    subject: str
    parts: Mapping[str, bytes]
    unread: tuple[str, ...]

    def submission(self) -> Submission:
        """As `submission_of`."""
        return submission_of(self.plain, self.subject, self.parts.values(), self.unread)


def about_part(submission: str, version: int, name: str, subject: str) -> str:
    """The words a part of a submission is sealed under."""
    return f"part {submission} {version} {name} {subject}"


def about_detail(kind: str, about: str, received: str, subject: str) -> str:
    """The words the detail of another event is sealed under."""
    return f"detail {kind} {about} {received} {subject}"


def about_file(submission: str, version: int, place: int, subject: str) -> str:
    """The words an attachment is sealed under; its head under these with 'head ' before them."""
    return f"attachment {submission} {version} {place} {subject}"


def about_person(subject: str) -> str:
    """The words a person's id is sealed under."""
    return f"person {subject}"


def about_draft(draft: str, what: str) -> str:
    """The words that a draft's key ('key'), head ('head'), an operation ('operation 3 OP') or a file ('attachment 1',
    'attachment head 1') is sealed under."""
    return f"draft {draft} {what}"


def part_label(event: int, name: str, written_by: int) -> str:
    """What a part is called in the digest of the event that wrote it."""
    return f"part {name}" if event == written_by else f"part {event} {name}"


def file_labelled(
    event: int, place: int, name: str, written_by: int, sealed: bytes, head: bytes
) -> list[tuple[str, bytes]]:
    """An attachment of class `name` as the digest of the event that wrote it has it: content and head, each by itself,
    so that no byte can move from one to the other."""
    label = f"attachment {place} {name}" if event == written_by else f"attachment {event} {place} {name}"
    return [(label, sealed), (f"{label} head", head)]


def plaintexts(submission: Submission, division: Division | None) -> dict[str, bytes]:
    """{class: plaintext} of a version; all of it identity where the form cannot be read, so that there is no division.

    DataError as `intake.submission.canonical`.
    """
    record = normalised(submission.record)
    return encoded(_envelope(submission), {"identity": record} if division is None else division.split(record))


def encoded(envelope: Record, records: Mapping[str, Record]) -> dict[str, bytes]:
    """{class: plaintext} of a whole envelope and a record that was divided."""
    envelopes = {
        "general": {name: said for name, said in envelope.items() if name not in _STAFF},
        "staff": {name: said for name, said in envelope.items() if name in _STAFF},
    }
    names = [name for name in CLASSES if name in records or name == "general" or envelopes.get(name)]
    return {
        name: orjson.dumps(
            {"envelope": envelopes.get(name, {}), "record": records.get(name, {})}, option=orjson.OPT_SORT_KEYS
        )
        for name in names
    }


def detail_text(detail: Mapping[str, str]) -> bytes:
    """The plaintext of an event's detail. DataError when it is not texts."""
    return orjson.dumps({"envelope": normalised(detail), "record": {}}, option=orjson.OPT_SORT_KEYS)


def detail_of(plaintext: bytes) -> dict[str, str]:
    """The inverse of `detail_text`. ValueError, KeyError for anything else."""
    return {str(name): str(said) for name, said in orjson.loads(plaintext)["envelope"].items()}


def head_text(file: Attachment) -> bytes:
    """What is said of a file that was handed in, as it is sealed."""
    return orjson.dumps({"name": file.name, "sha256": file.sha256, "size": file.size})


def head_of(plaintext: bytes) -> Attachment:
    """The inverse of `head_text`."""
    told = orjson.loads(plaintext)
    return Attachment(told["name"], told["sha256"], told["size"])


def named_by(submission: Submission) -> set[str]:
    """The answers of a submission, any of which may name a file; in NFC, as the names of files are."""
    return {nfc(text) for _, text in answers(submission.record)}


def opened(plaintexts: Iterable[bytes]) -> tuple[dict[str, Any], Record]:
    """Envelope and record of the parts that could be opened. ValueError, KeyError, DataError for anything else."""
    envelope: dict[str, Any] = {}
    records = []
    for plaintext in plaintexts:
        part = orjson.loads(plaintext)
        envelope.update(part["envelope"])
        records.append(part["record"])
    return envelope, merged(records)


def submission_of(plain: Plain, subject: str, plaintexts: Iterable[bytes], unread: Iterable[str] = ()) -> Submission:
    """A version from what could be opened. Where its times cannot be, they are that of receipt; the author is ''.

    ValueError, KeyError, TypeError, DataError when the plaintexts are none.
    """
    said, record = opened(plaintexts)
    return Submission(
        id=plain.submission,
        form_id=plain.form_id,
        form_version=plain.form_version,
        form_hash=plain.form_hash,
        municipality=plain.municipality,
        subject=subject,
        record=record,
        started=datetime.fromisoformat(said.get("started", plain.received)),
        ended=datetime.fromisoformat(said.get("ended", plain.received)),
        author=said.get("author", ""),
        version=plain.version,
        reason=said.get("reason"),
        replaces=said.get("replaces"),
        received=datetime.fromisoformat(plain.received),
        overrides=tuple(Override(row["path"], row["reason"]) for row in said.get("overrides", ())),
        paradata=json.loads(said.get("paradata", "{}")),
        unread=tuple(unread),
    )


def is_same(stored: Submission, offered: Submission, division: Division | None = None) -> bool:
    """Whether a version that is offered says what is stored, as far as that can still be opened. With `division`, how
    the form's records are divided, what is offered may say no more than that; without, it may."""
    plain = ("id", "version", "form_hash", "municipality")
    if any(getattr(stored, name) != getattr(offered, name) for name in plain) or stored.subject != nfc(offered.subject):
        return False
    record, known, envelope = normalised(offered.record), _envelope(stored), _envelope(offered)
    if not stored.unread:
        return known == envelope and stored.record == record
    open_names = [name for name in envelope if _class_of(name) not in stored.unread]
    if any(known.get(name) != envelope[name] for name in open_names):
        return False
    if division is None:
        return _within(stored.record, record)
    return stored.record == merged(part for name, part in division.split(record).items() if name not in stored.unread)


def receipt_again(
    stored: Iterable[Submission], number: int, offered: Submission, division: Division | None, latest: object
) -> Receipt:
    """The receipt of a version that is there already with this content, as event `number`; `stored` is it, or nothing.

    StoreError 'store.conflict' for another content under the id, 'store.stale' for a version that does not follow
    `latest`.
    """
    for each in stored:
        if each.received is not None and is_same(each, offered, division):
            return Receipt(offered.id, offered.version, number, each.received)
    if offered.version == 1:
        raise StoreError("store.conflict", submission=offered.id)
    raise StoreError("store.stale", submission=offered.id, latest=latest, offered=offered.version)


def _class_of(name: str) -> str:
    """The class of what the envelope says."""
    return "staff" if name in _STAFF else "general"


def as_stored(moment: datetime) -> str:
    """A moment as it is stored: UTC with microseconds, so that texts sort like moments. ValueError when naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _envelope(submission: Submission) -> Record:
    said = {
        "started": submission.started.isoformat(),
        "ended": submission.ended.isoformat(),
        "overrides": [{"path": kept.path, "reason": kept.reason} for kept in submission.overrides] or None,
        "paradata": json.dumps(dict(submission.paradata), sort_keys=True) if submission.paradata else None,
        "replaces": submission.replaces,
        "author": submission.author or None,
        "reason": submission.reason,
    }
    return normalised({name: text for name, text in said.items() if text is not None})


def _within(some: Record, whole: Record) -> bool:
    """Whether every answer of a record stands in another one."""
    for key, value in some.items():
        other = whole.get(key)
        if isinstance(value, str) or not isinstance(other, list):
            if value != other:
                return False
        elif len(value) != len(other) or not all(map(_within, value, other)):
            return False
    return True
