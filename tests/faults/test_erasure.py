"""What was erased is nowhere: not for a reader, not for whoever decrypts every page, not in a backup that is restored.

The seals keep words out of the pages from the beginning, so that looking for words alone would prove little. What makes
them readable are keys, wrapped: those of the person and those of the classes. So the wrapped keys are looked for too.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import Store, open_store
from intake.store.backup import make_backup
from intake.store.bringing import Brought, try_ways
from intake.store.restoring import restore
from scenario.pages import pages
from scenario.stores import KEY, crashed_copy, files, new_store, past_the_store, published, submission

WORDS = [f"Kornblumenfeld{number:03d}" for number in range(50)]
PERSON = "P-000777"


def plant(store: Store) -> None:
    """50 words about one person in every place a store has for them; the same person's pseudonym; others beside."""
    for number in range(10):
        store.append(submission(100 + number, subject=f"P-{number}", record={"/data/a": f"bleibt {number}"}))
    for number, word in enumerate(WORDS[:20]):
        store.append(submission(number, subject=PERSON, record={"/data/a": f"{word} " * 200}, author="müller"))
    for number, word in enumerate(WORDS[20:30]):
        record = {"/data/a": word}
        store.append(submission(number, subject=PERSON, version=2, record=record, reason=WORDS[30 + number]))
    draft = store.journal.start(published().hash, "", "", "de").id
    store.attachments.put(draft, f"{WORDS[40]}.png", " ".join(WORDS[41:45]).encode())
    store.journal.submit(draft, submission(50, subject=PERSON, record={"/data/a": f"{WORDS[40]}.png"}))
    subject = store.subject_of(PERSON)
    assert subject is not None
    for number, word in enumerate(WORDS[45:]):
        store.note("restriction", subject=subject, about=f"{number}", detail={"why": word})


def told(store: Store) -> str:
    """All that a store can say, as one text."""
    ids = sorted({entry.submission for entry in store.entries()} | {f"uuid:{number:08d}" for number in range(20)})
    versions = [*store.submissions(), *(version for one in ids for version in store.history(one))]
    said: list[object] = [dataclasses.astuple(one) for one in versions]
    said += [store.entries(), [dict(store.detail(event.number)) for event in store.events()]]
    said += [store.journal.replay(draft.id) for draft in store.journal.drafts()]
    for one in ids:
        for file in store.attachments.listed(one):
            said += [file, store.attachments.content(one, file.name)]
    return repr(said)


def heard(store: Store) -> list[str]:
    text = told(store)
    return [word for word in (*WORDS, PERSON) if word in text]


def wrapped(path: Path, subject: str) -> list[bytes]:
    """The keys that make it readable, as they lie there: the person's, and those of the classes."""
    with past_the_store(path) as raw:
        rows = raw.execute("SELECT wrapped FROM person_key WHERE subject = ?", (subject,)).fetchall()
        rows += raw.execute("SELECT wrapped FROM class_key WHERE name IN ('identity', 'special', 'staff', 'general')")
        rows += raw.execute("SELECT sealed FROM person WHERE subject = ?", (subject,))
        return [bytes(value) for (value,) in rows]


def lying(path: Path, secrets: list[bytes]) -> list[int]:
    """Which of these bytes, or the beginning of them, lie in the file or its log, decrypted."""
    everything = pages(path, KEY)
    return [number for number, secret in enumerate(secrets) if secret[:24] in everything or secret[-24:] in everything]


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Path]:
    """A store with the words in it, closed, and a backup of it beside."""
    path = tmp_path / "study" / "store.db"
    path.parent.mkdir()
    with new_store(path) as store:
        plant(store)
        assert len(heard(store)) == 51
    shutil.copytree(path.parent, tmp_path / "backup")
    return path


def test_nobody_reads_an_erased_person_and_no_key_of_theirs_is_left(before: Path) -> None:
    with open_store(before, key=KEY) as store:
        subject = store.subject_of(PERSON)
        assert subject is not None
        secrets = wrapped(before, subject)
        assert len(secrets) == 9
        assert lying(before, secrets) == list(range(9)), "this search would find them"
        anchor = store.anchor()
        event = store.erase(PERSON, reason="Antrag nach Art. 17")
        assert heard(store) == []
        assert lying(before, secrets) == [], "while it is open, log and all"
        assert store.subject_of(PERSON) is None
        assert store.count() == 10
        assert [one.record for one in store.submissions()] == [{"/data/a": f"bleibt {n}"} for n in range(10)]
        assert event.kind == "erasure"
        assert store.verify([anchor]) == []
        crashed_copy(before, before.parent.parent / "crashed")
    for path in (before, before.parent.parent / "crashed" / "store.db"):
        assert lying(path, secrets) == []
        with open_store(path, key=KEY) as store:
            assert heard(store) == []
            assert store.verify([anchor, store.anchor()]) == []


def test_a_backup_from_before_forgets_again_where_the_list_is(before: Path) -> None:
    with open_store(before, key=KEY) as store:
        secrets = wrapped(before, store.subject_of(PERSON) or "")
        store.erase(PERSON, reason="Antrag")
    backup = before.parent.parent / "backup" / before.name
    with open_store(backup, key=KEY) as store:
        assert len(heard(store)) == 51, "said plainly: without the list a backup still holds what it held"
    beside = [path for path in before.parent.iterdir() if path.name.endswith(".erased")]
    assert len(beside) == 1
    shutil.copy(beside[0], backup.parent)
    with open_store(backup, key=KEY) as store:
        assert heard(store) == []
        assert store.count() == 10
        assert store.verify() == []
    assert lying(backup, secrets) == []


def test_no_word_comes_back_with_a_backup(tmp_path: Path) -> None:
    """Made before and after; restored with the list of erasures, into a store with another key of the database."""
    path = tmp_path / "study" / "store.db"
    path.parent.mkdir()
    given = Brought(key_file=path.with_name("store.key"))
    with open_store(path, key_file=given.key_file, create=True) as store:
        store.publish(published())
        plant(store)
    make_backup(path, given, tmp_path / "earlier")
    with open_store(path, key_file=given.key_file) as store:
        assert len(heard(store)) == 51
        store.erase(PERSON, reason="Antrag")
        anchor = store.anchor()
    make_backup(path, given, tmp_path / "later", anchors=[anchor])
    for name, forgotten in (("later", 0), ("earlier", 1)):
        before = database_key(path, given)
        assert restore(tmp_path / name, path, lambda _: given, replacing=True).forgotten == forgotten
        assert database_key(path, given) != before
        with open_store(path, key_file=given.key_file) as store:
            assert heard(store) == []
            assert store.count() == 10
            assert store.verify() == []
        assert not any(word.encode() in pages(path, database_key(path, given)) for word in (*WORDS, PERSON))


def database_key(path: Path, given: Brought) -> bytes:
    return try_ways(path, given).candidates[0].database


def test_a_withdrawal_takes_the_special_parts_only(before: Path) -> None:
    with open_store(before, key=KEY) as store:
        store.withdraw(PERSON, reason="Widerruf")
        assert store.verify() == []
        assert store.count() == 31


def test_an_erasure_that_is_acknowledged_stays_after_a_crash(before: Path, tmp_path: Path) -> None:
    """The file and its log as they are the moment the call returns."""
    with open_store(before, key=KEY) as store:
        store.append(replace(submission(300), subject="P-300"))
        store.erase(PERSON, reason="Antrag")
        shutil.copytree(before.parent, tmp_path / "now")
    with open_store(tmp_path / "now" / "store.db", key=KEY) as store:
        assert heard(store) == []
        assert store.count() == 11


def test_no_word_lies_in_any_file_of_the_study(before: Path) -> None:
    with open_store(before, key=KEY) as store:
        store.erase(PERSON, reason="Antrag")
        store.anchor()
    for name, content in files(before.parent.parent).items():
        assert not any(word.encode() in content for word in WORDS), name
        assert PERSON.encode() not in content, name
