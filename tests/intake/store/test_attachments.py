"""What only the file can show of attachments: a name keeps its content, and nothing stays where a draft goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3

from intake.store import open_store
from scenario.stores import KEY, files, new_store, past_the_store, published, submission

PLANTED = b"Geheimwort-47-in-einem-Bild" * 40


def test_a_name_of_a_draft_never_gets_other_content(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        store.attachments.put(store.journal.start(published().hash, "", "", "de").id, "pass.png", PLANTED)
    with past_the_store(path) as raw:
        for statement in (
            "UPDATE draft_attachment SET sealed = x'00'",
            "INSERT OR REPLACE INTO draft_attachment SELECT * FROM draft_attachment",
        ):
            with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
                raw.execute(statement)


def test_no_row_stays_of_a_draft_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        for number, closing in enumerate(("submit", "discard")):
            draft = store.journal.start(published().hash, "", "", "de").id
            store.attachments.put(draft, "pass.png", PLANTED)
            if closing == "submit":
                store.journal.submit(draft, submission(number))
            else:
                store.journal.discard(draft)
    with past_the_store(path) as raw:
        assert raw.execute("SELECT count(*) FROM draft_attachment").fetchone() == (0,)
        assert raw.execute("SELECT count(*) FROM attachment").fetchone() == (0,), "the record names no file"


def test_no_file_holds_the_bytes_in_clear(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        draft = store.journal.start(published().hash, "", "", "de").id
        store.attachments.put(draft, "pass.png", PLANTED)
        while_open = files(tmp_path)
        store.journal.submit(draft, submission(record={"/data/a": "pass.png"}))
        assert any(name.endswith("-wal") for name in while_open)
        for content in (*while_open.values(), *files(tmp_path).values()):
            assert PLANTED[:27] not in content
            assert b"pass.png" not in content
    with open_store(tmp_path / "store.db", key=KEY) as store:
        assert store.attachments.content(submission().id, "pass.png") == PLANTED
