"""What is stored when a form is sent: an envelope and its record.

The record is plain data, so that it can be stored, compared and sealed without XML: nodeset to lexical text,
repeats as lists of records. XML exists at the border only (`intake.record`), and the way there and back loses nothing.

Keys of a record:
    '/data/fall/datum'          an element without child elements: its text, '' when it is empty. Missing is no key.
    '/data/kinder/kind'         a repeat (or anything that occurs more than once): a list of records whose keys
                                begin with the same nodeset; the list is never empty
    '/data/fall/@name'          an attribute; of ours '@lb:how', how an answer of a follow-up came about (`intake.how`)
    '/data/{http://…}name'      a name from another namespace than the root's, when the form has no prefix for it
    '/data/@xmlns'              the namespace of the root, if it has one
    '/data/notiz/node()'        an element that mixes text and elements: its XML as it came
    '/data/order()'             the order of the children, when it was not the form's: for each its number (from 0)
                                among the names of the children in alphabetical order
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from validation.errors import DataError

if TYPE_CHECKING:
    from validation.instance import Instance

RecordValue: TypeAlias = str | list["Record"]
Record: TypeAlias = dict[str, RecordValue]


@dataclass(frozen=True, slots=True)
class Override:
    """A warning that was looked at and kept: the path of the question ('/data/kind[2]/alter') and why.

    `reason` is 'asked' (asked again and confirmed), 'as_told' (as the person said it) or 'later' (will be checked).
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """One completed form, as it is stored. Never changed: a correction is a new version that names the old one.

    `id` is the instanceID ('uuid:…'), the same for all versions. `form_hash` names the frozen form (`Form.hash`).
    `municipality` is the AGS, text with its leading zero; `subject` the person's id, '' for forms about no person.
    `started`, `ended` and `received` carry their zone; `received` is None until the store has taken it.
    `version` counts from 1; `reason` and `replaces` (the id of an earlier submission) are None on the first.
    `overrides` are the warnings that were kept; `paradata` says how the interview went (`intake.interview.paradata`),
    never what was answered, and is empty where the study does not want to know. Neither is part of the record.
    `unread` names the classes of sensitivity that are there but were not opened: erased, withdrawn, not this login's.
    """

    id: str
    form_id: str
    form_version: str
    form_hash: str
    municipality: str
    subject: str
    record: Record = field(hash=False, repr=False)
    started: datetime
    ended: datetime
    author: str
    version: int = 1
    reason: str | None = None
    replaces: str | None = None
    received: datetime | None = None
    overrides: tuple[Override, ...] = ()
    paradata: Mapping[str, Any] = field(default_factory=dict, hash=False)
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("started", "ended", "received"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise DataError("submission.naive_time", name=name)


def canonical(record: Mapping[str, object]) -> bytes:
    """A record as canonical JSON: UTF-8, keys sorted, no spaces, texts in NFC. Equal records give equal bytes.

    Raises DataError for anything but texts and lists of records (so no float ever gets in), for keys that differ
    only in their Unicode form and for lone surrogates; the message names the key, never the value.
    """
    return orjson.dumps(normalised(record), option=orjson.OPT_SORT_KEYS)


def parse_record(data: bytes) -> Record:
    """The record in its canonical JSON; the inverse of `canonical`. DataError when it is not one."""
    try:
        loaded = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DataError("submission.not_json") from error
    if not isinstance(loaded, dict):
        raise DataError("submission.not_a_record", where="/")
    return normalised(loaded)


def normalised(record: Mapping[str, object], where: str = "/") -> Record:
    """A copy of a record with every text and key in NFC. DataError as `canonical`."""
    try:
        as_it_stands = "".join(record).isascii()
    except TypeError as error:
        raise DataError("submission.not_a_record", where=where) from error
    copy: dict[str, Any] = dict(record) if as_it_stands else _with_names(record, where)
    for key, value in copy.items():
        if value.__class__ is not str or not value.isascii():  # most are: an append waits for this
            copy[key] = _value(value, key)
    return copy


def _with_names(record: Mapping[str, object], where: str) -> dict[str, object]:
    """A copy with every key in NFC."""
    copy: dict[str, object] = {}
    for key, value in record.items():
        name = _nfc(key, where)
        if name in copy:
            raise DataError("submission.same_key", where=name)
        copy[name] = value
    return copy


def _value(value: object, name: str) -> RecordValue:
    """An answer or the entries of a repeat, in NFC."""
    if isinstance(value, str):
        return _nfc(value, name)
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise DataError("submission.not_a_record", where=name)
    return [normalised(entry, name) for entry in value]


def _nfc(text: str, where: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DataError("submission.not_text", where=where.encode("ascii", "replace").decode()) from error
    return unicodedata.normalize("NFC", text)


def submission_from_instance(
    instance: Instance,
    *,
    author: str,
    started: datetime,
    ended: datetime,
    municipality: str | None = None,
    subject: str | None = None,
) -> Submission:
    """What an interview sends: its record with the envelope. Whether it may be sent is the caller's question.

    Municipality and subject not given are those of the questions named `gemeinde` and `person`; '' where the form
    has none. DataError as `canonical`.
    """
    from intake.record import record_from_xml

    form = instance.form
    record = record_from_xml(instance.to_xml(), form)
    return Submission(
        id=answer_named(record, "instanceID"),
        form_id=form.id,
        form_version=form.version,
        form_hash=form.hash,
        municipality=answer_named(record, "gemeinde") if municipality is None else municipality,
        subject=answer_named(record, "person") if subject is None else subject,
        record=record,
        started=started,
        ended=ended,
        author=author,
    )


def answer_named(record: Record, name: str) -> str:
    """The text of the first element of this local name outside repeats; '' when there is none."""
    for key, value in record.items():
        if isinstance(value, str) and "@" not in key and re.split(r"[/:}]", key)[-1] == name:
            return value
    return ""
