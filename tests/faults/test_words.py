"""Nothing that was said can be read from the files of a store, at no moment of its life."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.stores import KEY, crashed_copy, files, new_store, past_the_store, published, submission

WORDS = [f"Kornblumenfeld{number}" for number in range(50)]


def spellings(word: str) -> list[bytes]:
    """A word as it could lie in a file."""
    return [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")] + [word.encode().hex().encode()]


def found(directory: Path, words: list[str]) -> list[tuple[str, str]]:
    """Where which word can be read. That it would find them is tested at the end of this file."""
    return [
        (name, word)
        for name, content in files(directory).items()
        for word in words
        if any(spelling in content for spelling in spellings(unicodedata.normalize("NFC", word)))
    ]


def test_no_planted_word_in_any_file_at_any_moment(tmp_path: Path) -> None:
    home = tmp_path / "store"
    home.mkdir()
    path = home / "store.db"
    form = replace(published("geheim"), xform=WORDS[0], workbook=WORDS[1].encode(), lists={WORDS[2]: WORDS[3].encode()})
    with new_store(path) as store:
        store.publish(form)
        for number, word in enumerate(WORDS[4:30]):
            store.append(submission(number, record={f"/data/{word}": word * 400}, subject=word, author=word))
        store.append(submission(0, version=2, reason=WORDS[30]))
        draft = store.journal.start(published().hash, WORDS[31], WORDS[32], WORDS[33], f"<data>{WORDS[34]}</data>")
        for step, word in enumerate(WORDS[35:49], 1):
            store.journal.record(draft.id, word, step, {"op": "answer", "path": "/data/a", "value": word})
        assert sorted(files(home)) == ["store.db", "store.db-shm", "store.db-wal"]
        assert found(home, WORDS) == []
        crashed_copy(path, tmp_path / "crashed")
        store.journal.discard(draft.id)
        assert found(home, WORDS) == []
    assert found(tmp_path, WORDS) == []
    with open_store(tmp_path / "crashed" / "store.db", key=KEY) as store:
        assert len(store.journal.replay(draft.id)) == 14
    assert found(tmp_path, WORDS) == []


def test_the_search_would_have_found_them(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        store.publish(replace(published("geheim"), xform=WORDS[0]))  # what is not sealed besides
    with past_the_store(tmp_path / "store.db") as raw:
        raw.execute("ATTACH DATABASE ? AS plain KEY ''", (str(tmp_path / "plain.db"),))
        raw.execute("SELECT sqlcipher_export('plain')")
    assert found(tmp_path, [WORDS[0]]) == [("plain.db", WORDS[0])]


@pytest.mark.parametrize("secret", [KEY, KEY.hex().encode()])
def test_the_key_is_in_no_file_of_the_store(tmp_path: Path, secret: bytes) -> None:
    with new_store(tmp_path / "store.db") as store:
        store.append(submission())
        assert not any(secret in content for content in files(tmp_path).values())
    assert not any(secret in content for content in files(tmp_path).values())
