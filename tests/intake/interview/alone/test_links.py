"""One-time links: what is kept of them, who may open them, and that nothing leads from a link to answers."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from intake.interview.alone import links as module
from intake.interview.alone.links import Links, Participation, draft_of, new_token, read_token, spoken, token_of
from validation.errors import StudyError

MINE, OTHER = "0a" * 16, "0b" * 16


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "participation.json"


def test_a_token_is_128_bits_that_can_be_typed() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    for token in tokens:
        assert len(token) == 26
        assert read_token(spoken(token)) == token
        assert read_token(f"  {spoken(token).upper()}\n") == token


def test_a_kiosk_has_the_same_token_at_every_start() -> None:
    assert token_of(b"a") == token_of(b"a") == read_token(spoken(token_of(b"a")))
    assert token_of(b"a") != token_of(b"b")


@pytest.mark.parametrize("text", [None, 5, "", "abc", "a" * 25, "a" * 27, "a" * 25 + "1", "ä" * 26, "a-" * 200])
def test_what_is_no_token_is_read_as_none(text: object) -> None:
    assert read_token(text) == ""


def test_only_hashes_are_kept_in_their_own_order_without_times(path: Path) -> None:
    links = Links(path)
    tokens = links.add("bewohner", 20)
    links.begin("bewohner", tokens[3], MINE)
    links.use("bewohner", tokens[7])
    text = path.read_text(encoding="utf-8")
    assert not any(token in text or MINE in text for token in tokens)
    kept = json.loads(text)["bewohner"]["links"]
    assert list(kept) == sorted(kept)
    assert set(json.loads(text)["bewohner"]) == {"links", "begun"}
    assert draft_of(tokens[3], MINE) not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_belongs_to_the_browser_that_began_and_is_dead_when_it_is_used(path: Path) -> None:
    links = Links(path)
    (token,) = links.add("bewohner", 1)
    assert links.form_of(token) == "bewohner"
    assert links.form_of(new_token()) is None
    assert links.is_mine("bewohner", token, MINE)
    assert links.is_mine("bewohner", token, OTHER)
    assert not links.is_begun("bewohner", token)
    links.begin("bewohner", token, MINE)
    links.begin("bewohner", token, OTHER)  # too late: it changes nothing
    again = Links(path)  # another start of the program
    assert again.is_begun("bewohner", token)
    assert again.is_mine("bewohner", token, MINE)
    assert not again.is_mine("bewohner", token, OTHER)
    again.use("bewohner", token)
    assert again.is_used("bewohner", token)
    assert not again.is_mine("bewohner", token, MINE)
    assert not again.is_begun("bewohner", token)


def test_a_draft_needs_the_link_and_the_browser(path: Path) -> None:
    links = Links(path)
    first, second = links.add("bewohner", 2)
    found = {draft_of(token, secret) for token in (first, second) for secret in (MINE, OTHER)}
    assert len(found) == 4
    assert all(len(each) == 32 for each in found)


def test_what_is_counted(path: Path) -> None:
    links = Links(path)
    assert links.participation("bewohner") == Participation()
    tokens = links.add("bewohner", 3)
    links.add("akteure", 1)
    links.begin("bewohner", tokens[0], MINE)
    links.begin("bewohner", tokens[0], MINE)
    for what in ("handed_in", "handed_in", "discarded", "incomplete"):
        links.count("bewohner", what)
    assert links.participation("bewohner") == Participation(3, 1, 2, 1, 1)


def test_two_programs_write_one_file(path: Path) -> None:
    def many() -> None:
        links = Links(path)
        for _ in range(20):
            links.count("bewohner", "begun")

    threads = [threading.Thread(target=many) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert Links(path).participation("bewohner").begun == 60


def test_what_a_killed_program_left_is_taken_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 1)
    path.with_name(f".{path.name}.part").write_text("{half", encoding="utf-8")
    Links(path).count("bewohner", "begun")
    assert Links(path).participation("bewohner").begun == 1


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"links": []}}', '{"a": {"begun": "1"}}'])
def test_a_damaged_file_is_named_and_left_alone(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        Links(path)
    assert caught.value.code == "alone.broken"
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_counted(tmp_path: Path) -> None:
    links = Links(tmp_path / "nowhere" / "participation.json")
    with pytest.raises(StudyError) as caught:
        links.add("bewohner", 1)
    assert caught.value.code == "alone.not_written"
    assert links.participation("bewohner") == Participation()
