"""intake.exchange.openrosa_in: records as XML with their files, and what the form does not know."""

from __future__ import annotations

import pytest

from intake.exchange import openrosa, openrosa_in
from intake.exchange.openrosa_in import named_form, read, submissions
from scenario.exchanged import FULL, form, sent
from validation.errors import DataError

ONE = openrosa.xml_document(sent(1, FULL), form())


def test_a_folder_of_briefcase_gives_records_with_the_files_they_name() -> None:
    files = {
        "probe/probe.xml": b"<h:html xmlns:h='http://www.w3.org/1999/xhtml'/>",
        "probe/instances/uuid1/submission.xml": ONE,
        "probe/instances/uuid1/1.jpg": b"JPEG",
        "probe/instances/uuid1/other.jpg": b"?",
    }
    assert list(submissions(files)) == ["probe/instances/uuid1/submission.xml"]
    (arrival,) = read(form(), files, zone="Europe/Berlin").arrivals
    assert (arrival.id, arrival.files, arrival.record) == ("uuid:1", {"1.jpg": b"JPEG"}, sent(1, FULL).record)


def test_what_a_server_wrote_on_the_root_is_kept_as_notes() -> None:
    said = b' instanceID="uuid:1" submissionDate="2026-05-04T10:30:00.525Z" isComplete="true"'
    (arrival,) = read(form(), {"a.xml": ONE.replace(b"<data", b"<data" + said, 1)}, zone="UTC").arrivals
    assert arrival.record == sent(1, FULL).record
    assert arrival.notes["submissionDate"] == "2026-05-04T10:30:00.525Z"
    assert arrival.ended is not None
    assert arrival.ended.isoformat() == "2026-05-04T10:30:00.525000+00:00"


def test_an_element_the_form_does_not_know_is_named_unless_it_is_kept() -> None:
    more = ONE.replace(b"</data>", b"<fremd>x</fremd></data>")
    found = read(form(), {"a.xml": more}, zone="UTC")
    assert [(each.code, each.place.sheet, each.place.nodeset) for each in found.problems] == [
        ("import.unknown_node", "a.xml", "/data/fremd")
    ]
    kept = read(form(), {"a.xml": more}, zone="UTC", keep=("fremd",))
    assert kept.problems == ()
    assert kept.arrivals[0].record["/data/fremd"] == "x"


def test_a_record_without_an_id_is_named() -> None:
    found = read(form(), {"a.xml": ONE.replace(b"uuid:1", b"")}, zone="UTC")
    assert [each.code for each in found.problems] == ["import.no_instance_id"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<data", "import.not_xml"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><data id="probe">&x;</data>', "import.not_xml"),
        (b"<data/>", "import.no_form_id"),
    ],
)
def test_what_is_no_record_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(DataError) as raised:
        named_form(data, "a.xml")
    assert raised.value.code == code
    assert named_form(ONE, "a.xml") == ("probe", "")
    with pytest.raises(DataError):
        read(form(), {"a.xml": ONE.replace(b'"probe"', b'"andere"')}, zone="UTC")
    assert openrosa_in.SUBMISSION == openrosa.SUBMISSION
