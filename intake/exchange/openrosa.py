"""Records as OpenRosa XML with their files, laid out as ODK Briefcase keeps a form.

    erstgespraech/erstgespraech.xml                   the newest form
    erstgespraech/versions/<version>.xml              each version that a record was collected with, the newest too
    erstgespraech/instances/uuid39f3…/submission.xml  a record, with its files beside it

A record is the XML the interview would have sent, nothing added: whoever reads it gets exactly the record back
(`intake.record`). Only the full profile has it: a record in parts is none. A folder is called as Briefcase calls it,
the instanceID without colon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from intake.exchange.central_csv import safe
from intake.publishing import PublishedForm
from intake.record import xml_from_record
from intake.submission import Submission
from validation.errors import DataError
from validation.form import Form
from validation.xform import read_form

SUBMISSION = "submission.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

Files = Callable[[str], Mapping[str, bytes]]
"""The files of a record by its id: {name: content}."""


def documents(
    forms: Sequence[PublishedForm], submissions: Iterable[Submission], files: Files | None = None
) -> Iterator[tuple[str, bytes]]:
    """(path, content) of each file, one record at a time. `forms` are the versions of one form, newest first.

    DataError 'export.unread' for a record of which this login could not open everything, 'submission.…' as
    `intake.record.xml_from_record`.
    """
    folder = safe(forms[0].form_id)
    yield f"{folder}/{folder}.xml", forms[0].xform.encode()
    versions: set[str] = set()
    for published in forms:
        yield f"{folder}/versions/{_free(safe(published.version), versions)}.xml", published.xform.encode()
    known: dict[str, Form] = {}
    texts = {published.hash: published.xform for published in forms}
    taken: set[str] = set()
    for submission in submissions:
        if submission.unread:
            raise DataError("export.unread", submission=submission.id)
        if submission.form_hash not in known:
            known[submission.form_hash] = read_form(texts[submission.form_hash])
        place = f"{folder}/instances/{_free(safe(submission.id.replace(':', '')), taken)}"
        names = {SUBMISSION}
        yield f"{place}/{SUBMISSION}", xml_document(submission, known[submission.form_hash])
        for name, content in (files(submission.id) if files else {}).items():
            yield f"{place}/{_free(file_name(name), names)}", content


def xml_document(submission: Submission, form: Form) -> bytes:
    """A record as the XML document a client sends."""
    return (_HEAD + xml_from_record(submission.record, form)).encode()


def file_name(name: str) -> str:
    """The name of a file on disk: never a path."""
    bare = name.replace("\\", "/").rpartition("/")[2].replace("\0", "_")
    return f"_{bare}" if bare in ("", ".", "..") else bare


def _free(name: str, taken: set[str]) -> str:
    """A name that none before has, whatever the case: systems differ in what they take for the same."""
    while name.casefold() in taken:
        name = f"_{name}"
    taken.add(name.casefold())
    return name
