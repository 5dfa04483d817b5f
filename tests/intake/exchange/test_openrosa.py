from __future__ import annotations

from dataclasses import replace

import pytest

from intake.exchange.openrosa import documents, file_name
from intake.publishing import PublishedForm
from intake.record import record_from_xml
from intake.submission import Submission
from scenario.exchanged import FULL, MISSING, answered, form, sent, xform
from scenario.formulas import PAYLOADS
from validation.errors import DataError


def published() -> PublishedForm:
    return PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {})


def written(*submissions: Submission, **files: bytes) -> dict[str, bytes]:
    return dict(documents([published()], submissions, lambda name: files if name == "uuid:1" else {}))


def test_a_form_lies_as_briefcase_lays_it() -> None:
    made = written(sent(1, FULL), sent(2, MISSING), **{"1.jpg": b"bild"})
    assert [*made] == [
        "probe/probe.xml", "probe/versions/1.xml", "probe/instances/uuid1/submission.xml",
        "probe/instances/uuid1/1.jpg", "probe/instances/uuid2/submission.xml",
    ]  # fmt: skip
    assert made["probe/instances/uuid1/1.jpg"] == b"bild"
    assert made["probe/probe.xml"] == xform().encode()


def test_a_record_comes_back_whole() -> None:
    records = [FULL, MISSING, *(answered(notiz=text) for text in PAYLOADS)]
    submissions = [sent(number, record) for number, record in enumerate(records)]
    made = written(*submissions)
    for submission in submissions:
        document = made[f"probe/instances/{submission.id.replace(':', '')}/submission.xml"]
        assert record_from_xml(document, form()) == submission.record


def test_a_record_that_could_not_be_read_whole_is_refused() -> None:
    with pytest.raises(DataError, match="uuid:1"):
        written(replace(sent(1, FULL), unread=("special",)))


def test_records_whose_ids_look_alike_do_not_share_a_folder() -> None:
    one, two = (replace(sent(1, FULL), id=name) for name in ("uuid:a", "uuidA"))
    made = written(one, two)
    assert len([name for name in made if name.endswith("submission.xml")]) == 2


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a b.jpg", "a b.jpg"), ("../../x.sh", "x.sh"), ("..", "_.."),
     ("c:\\x\\y.png", "y.png"), ("", "_")],
)  # fmt: skip
def test_a_file_stays_in_the_folder_of_its_record(name: str, safe: str) -> None:
    assert file_name(name) == safe


def test_files_that_would_lie_on_each_other_stay_apart() -> None:
    files = {"submission.xml": b"a", "x.png": b"b", "dir/X.PNG": b"c"}
    made = written(sent(1, FULL), **files)
    names = {name.rpartition("/")[2]: content for name, content in made.items() if "/instances/" in name}
    assert {name: content for name, content in names.items() if len(content) == 1} == {
        "_submission.xml": b"a", "x.png": b"b", "_X.PNG": b"c",
    }  # fmt: skip
