"""Records as OpenRosa XML with the files handed in: one file, a folder as ODK Briefcase keeps it, or a ZIP of either.

A record goes as it stands, through `intake.record`. What the server wrote on its root (when it came, whether it is
complete) is kept as notes. An element that the form does not know is a problem, unless a person said to keep it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from intake.exchange.guards import FILE_LIMIT, MEMBER_LIMIT, read_file
from intake.exchange.rebuilt import Arrival, Rebuilt, instant, moment_in
from intake.record import record_from_xml
from intake.submission import Record, answer_named
from validation.errors import DataError, FormError, Place, Problem
from validation.form import Form
from validation.layout import children_of, root_of
from validation.tree import Node, parse

SUBMISSION = "submission.xml"
SERVER = ("instanceID", "submissionDate", "isComplete", "markedAsCompleteDate", "deviceID", "edits")
"""Attributes that Aggregate and Briefcase write on the root of a record."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """{path: content} of the files below a folder. DataError for too many or too much, and for links that lead out."""
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise DataError("import.link", file=path.name)
        if path.is_file():
            size += path.stat().st_size
            if size > FILE_LIMIT or len(found) >= MEMBER_LIMIT:
                raise DataError("import.too_large", file=folder.name, limit=FILE_LIMIT // 1_000_000)
            found[path.relative_to(folder).as_posix()] = read_file(path)
    return found


def submissions(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of {path: content} that are records: what is called submission.xml, else every .xml file."""
    xml = {name: data for name, data in files.items() if name.lower().endswith(".xml")}
    return {name: data for name, data in xml.items() if PurePosixPath(name).name == SUBMISSION} or xml


def named_form(data: bytes, file: str) -> tuple[str, str]:
    """The id and version of the form that a record names. DataError where it is no XML or names none."""
    top = _top(data, file)
    name = top.attributes.get("id", "")
    if not name:
        raise DataError("import.no_form_id", file=file)
    return name, top.attributes.get("version", "")


def read(form: Form, files: Mapping[str, bytes], *, zone: str, keep: Collection[str] = ()) -> Rebuilt:
    """The records among {path: content}, each with the files of its folder that it names.

    `keep` are names of elements the form does not know. DataError for a file that is no record of the form.
    """
    xml = submissions(files)
    arrivals, problems = [], []
    known, local = _known(form), ZoneInfo(zone)
    for name, data in xml.items():
        beside = {
            PurePosixPath(path).name: content
            for path, content in files.items()
            if path not in xml and PurePosixPath(path).parent == PurePosixPath(name).parent
        }
        found = _arrival(form, name, data, beside, local)
        strange = sorted({key for key in _nodesets(found.record) if key not in known})
        problems += [
            Problem("import.unknown_node", Place(name, nodeset=key), {"form": form.id})
            for key in strange
            if key.rpartition("/")[2].rpartition(":")[2] not in keep
        ]
        if not found.id:
            problems.append(Problem("import.no_instance_id", Place(name), {}))
        arrivals.append(found)
    return Rebuilt(tuple(arrivals), tuple(problems))


def _arrival(form: Form, name: str, data: bytes, beside: Mapping[str, bytes], zone: ZoneInfo) -> Arrival:
    try:
        record = record_from_xml(data, form)
    except FormError as error:
        raise DataError("import.not_xml", file=name) from error
    root = root_of(form).name
    notes = {key: str(record.pop(f"/{root}/@{key}")) for key in SERVER if f"/{root}/@{key}" in record}
    mine = set(_texts(record))
    return Arrival(
        answer_named(record, "instanceID") or notes.get("instanceID", ""), record, Place(name),
        _preloaded(form, record, "start", zone), _preloaded(form, record, "end", zone) or moment_in(notes, zone),
        str(record.get(f"/{root}/@version", "")), notes,
        {file: content for file, content in beside.items() if file in mine},
    )  # fmt: skip


def _preloaded(form: Form, record: Record, params: str, zone: ZoneInfo) -> dt.datetime | None:
    for bind in form.binds.values():
        if (bind.preload, bind.preload_params) == ("timestamp", params):
            text = record.get(bind.nodeset)
            return instant(text, zone) if isinstance(text, str) else None
    return None


def _top(data: bytes, file: str) -> Node:
    try:
        found = next(parse(data).elements(), None)
    except FormError as error:
        raise DataError("import.not_xml", file=file) from error
    if found is None:
        raise DataError("import.not_xml", file=file)
    return found


def _known(form: Form) -> set[str]:
    """Every nodeset the form defines, and the metadata that a client may add."""
    top = root_of(form)
    found: set[str] = set()
    work = [(top, f"/{top.name}")]
    while work:
        node, nodeset = work.pop()
        found.add(nodeset)
        work.extend((child, inner) for inner, child in children_of(form, node, nodeset))
    return found


def _nodesets(record: Record) -> Iterator[str]:
    """The elements of a record, without its metadata, attributes and orders."""
    for key, value in record.items():
        if isinstance(value, list):
            yield key
            for entry in value:
                yield from _nodesets(entry)
        elif "@" not in key and not key.endswith("order()") and not re.match(r"/[^/]+/(?:\w+:|\{[^}]*\})?meta/", key):
            yield key.removesuffix("/node()")


def _texts(record: Record) -> Iterator[str]:
    for value in record.values():
        if isinstance(value, list):
            for entry in value:
                yield from _texts(entry)
        else:
            yield value
