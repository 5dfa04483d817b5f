"""intake.submission: the envelope, and canonical JSON."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.submission import Record, Submission, canonical, parse_record, submission_from_instance
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.errors import DataError
from validation.instance import Instance

NOW = dt.datetime(2024, 3, 1, 9, tzinfo=dt.UTC)
SUBMISSION = Submission("uuid:1", "f", "1", "0" * 64, "08235007", "P-000001", {"/data/a": "x"}, NOW, NOW, "im")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
records: st.SearchStrategy[Record] = st.recursive(
    st.dictionaries(texts, texts, max_size=4),
    lambda below: st.dictionaries(texts, st.one_of(texts, st.lists(below, max_size=3)), max_size=4),
    max_leaves=12,
)


def nfc(value: object) -> object:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [nfc(entry) for entry in value]
    assert isinstance(value, dict)
    return {unicodedata.normalize("NFC", key): nfc(entry) for key, entry in value.items()}


def unambiguous(value: object) -> bool:
    if isinstance(value, dict):
        return len({unicodedata.normalize("NFC", key) for key in value}) == len(value) and all(
            unambiguous(entry) for entry in value.values()
        )
    return all(unambiguous(entry) for entry in value) if isinstance(value, list) else True


@given(records.filter(unambiguous))
def test_canonical_json_comes_back_in_nfc_and_is_a_fixed_point(record: Record) -> None:
    data = canonical(record)
    back = parse_record(data)
    assert back == nfc(record)
    assert canonical(back) == data


@given(records.filter(unambiguous), st.randoms())
def test_equal_records_give_equal_bytes_whatever_the_order_of_their_keys(record: Record, random: object) -> None:
    keys = list(record)
    random.shuffle(keys)  # type: ignore[attr-defined]  # Hypothesis' random
    assert canonical({key: record[key] for key in keys}) == canonical(record)


def test_canonical_json_is_sorted_without_spaces_and_in_utf8() -> None:
    assert (
        canonical({"/b": "a\u0308", "/a": [{"/a/y": "1", "/a/x": ""}]})
        == '{"/a":[{"/a/x":"","/a/y":"1"}],"/b":"ä"}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, 1, None, True, {"/a": "x"}, ["x"], [1], b"x"])
def test_only_texts_and_lists_of_records_are_taken(value: object) -> None:
    with pytest.raises(DataError) as raised:
        canonical({"/data/a": value})
    assert raised.value.code == "submission.not_a_record"
    assert "/data/a" in str(raised.value)


def test_keys_that_differ_only_in_their_unicode_form_are_refused() -> None:
    with pytest.raises(DataError) as raised:
        canonical({"/data/\u00e4": "1", "/data/a\u0308": "2"})
    assert raised.value.code == "submission.same_key"


def test_a_lone_surrogate_is_refused_without_showing_the_answer() -> None:
    with pytest.raises(DataError) as raised:
        canonical({"/data/a": "secret \ud800"})
    assert raised.value.code == "submission.not_text"
    assert "secret" not in str(raised.value)
    with pytest.raises(DataError):
        canonical({"/data/\ud800": "x"})
    with pytest.raises(DataError):
        canonical({1: "x"})  # type: ignore[dict-item]  # what a caller may do wrong


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"x"', b'{"/a": 1.5}', b"\xff", b'{"/a": null}'])
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    with pytest.raises(DataError):
        parse_record(data)


def test_duplicate_keys_in_json_cannot_hide_an_answer() -> None:
    assert orjson.loads(b'{"/a":"1","/a":"2"}') == {"/a": "2"}  # why stored bytes are compared, not parsed values
    assert canonical(parse_record(b'{"/a":"1","/a":"2"}')) != b'{"/a":"1","/a":"2"}'


def test_a_submission_is_frozen_and_hashable_and_never_shows_its_record() -> None:
    with pytest.raises(FrozenInstanceError):
        SUBMISSION.id = "x"  # type: ignore[misc]  # that it fails is the point
    assert hash(SUBMISSION) == hash(replace(SUBMISSION))
    assert "/data/a" not in repr(SUBMISSION)


@pytest.mark.parametrize("name", ["started", "ended", "received"])
def test_times_carry_their_zone(name: str) -> None:
    with pytest.raises(DataError) as raised:
        replace(SUBMISSION, **{name: dt.datetime(2024, 3, 1)})  # noqa: DTZ001 - that it is refused is the point
    assert raised.value.code == "submission.naive_time"
    assert name in str(raised.value)


def test_an_interview_becomes_a_submission(tmp_path: Path) -> None:
    path = markdown(
        tmp_path,
        """
        | survey | | | |
        | | type | name | label |
        | | begin_group | fall | Fall |
        | | text | gemeinde | Gemeinde |
        | | text | person | Person |
        | | end_group | | |
        | | begin_repeat | kind | Kind |
        | | text | person | Person |
        | | end_repeat | | |
        | settings | | |
        | | form_id | version |
        | | f | 3 |
        """,
    )
    form = read_xlsform(path)
    instance = Instance(form, now=NOW)
    instance.answer("/data/fall/gemeinde", "08235007")
    instance.answer("/data/fall/person", "P-000001")
    made = submission_from_instance(instance, author="im", started=NOW, ended=NOW + dt.timedelta(minutes=5))
    assert (made.form_id, made.form_version, made.form_hash) == ("f", "3", form.hash)
    assert (made.municipality, made.subject) == ("08235007", "P-000001")
    assert made.id == instance.value("/data/meta/instanceID")
    assert made.id.startswith("uuid:")
    assert made.record["/data/fall/gemeinde"] == "08235007"
    other = submission_from_instance(instance, author="im", started=NOW, ended=NOW, municipality="1", subject="")
    assert (other.municipality, other.subject) == ("1", "")
