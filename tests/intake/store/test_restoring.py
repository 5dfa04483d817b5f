"""A restored store is the one that was backed up, proven; what was erased since stays erased; nothing is lost."""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path

import pytest

from intake.store import Store, open_store
from intake.store.backup import make_backup
from intake.store.bringing import Brought
from intake.store.chain import Anchor
from intake.store.erasures import list_of
from intake.store.opening import connect_sqlite
from intake.store.restoring import drill, restore
from intake.store.wayfile import ways_of
from intake.store.ways import Secret
from scenario.stores import Clock, past_the_store, published, refused, submission
from validation.errors import StoreBusy, StoreError, WrongKey

PASSPHRASE = "ein langer Satz mit vielen Wörtern"
WORDS = [f"geheim{secrets.token_hex(8)}" for _ in range(50)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A store with a key file beside it and twenty persons."""
    path = tmp_path / "office" / "store.db"
    path.parent.mkdir()
    with opened(path, create=True) as store:
        store.publish(published())
        for number in range(20):
            store.append(submission(number, subject=f"P-{number:06d}"))
    return path


def opened(path: Path, *, create: bool = False) -> Store:
    return open_store(path, key_file=path.with_name("store.key"), create=create, clock=Clock())


def given(path: Path) -> Brought:
    return Brought(key_file=path.with_name("store.key"))


def records(path: Path) -> list[tuple[str, object]]:
    with opened(path) as store:
        return [(each.id, each.record) for each in store.submissions()]


def test_a_lost_store_comes_back_whole(place: Path, tmp_path: Path) -> None:
    before = records(place)
    make_backup(place, given(place), tmp_path / "b")
    for file in place.parent.glob("store.db*"):
        file.unlink()
    restored = restore(tmp_path / "b", place, lambda _: given(place))
    assert records(place) == before
    assert (restored.submissions, restored.aside) == (20, None)
    with opened(place) as store:
        assert store.verify() == []


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_beside_the_store(place: Path, tmp_path: Path) -> None:
    there = set(place.parent.iterdir())
    make_backup(place, given(place), tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert set(place.parent.iterdir()) - there <= {place.with_name("store.db.erased")}
    assert {file.name for file in tmp_path.iterdir()} == {"office", "b"}


def test_a_backup_is_made_while_others_write_and_overwrites_nothing(place: Path, tmp_path: Path) -> None:
    with opened(place) as other:
        other.append(submission(77))
        make_backup(place, given(place), tmp_path / "b")
        other.append(submission(78))
        with refused("backup.exists"):
            make_backup(place, given(place), tmp_path / "b")
        assert [each.kind for each in other.events() if each.kind != "submission"] == ["backup"]


def test_words_erased_after_the_backup_are_not_readable_after_the_restore(tmp_path: Path) -> None:
    place = tmp_path / "store.db"
    with opened(place, create=True) as store:
        store.publish(published())
        store.append_many(
            submission(number, subject=f"P-{number:06d}", record={"/data/a": word}) for number, word in enumerate(WORDS)
        )
    make_backup(place, given(place), tmp_path / "b")
    with opened(place) as store:
        for number in range(len(WORDS)):
            store.erase(f"P-{number:06d}", reason="Art. 17")
    restored = restore(tmp_path / "b", place, lambda _: given(place), replacing=True)
    assert (restored.forgotten, restored.submissions) == (50, 0)
    with opened(place) as store:
        assert [each.record for number in range(50) for each in store.history(f"uuid:{number:08d}")] == [{}] * 50
        assert list(store.submissions()) == []
        assert store.verify() == []


def test_a_line_of_the_list_that_nobody_vouches_for_is_named_and_nothing_is_changed(
    place: Path, tmp_path: Path
) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with opened(place) as store:
        store.erase("P-000001", reason="Art. 17")
        other = store.subject_of("P-000002")
    listed = list_of(place)
    listed.write_text(json.dumps(json.loads(listed.read_text()) | {"subject": other}) + "\n")
    before = {file: file.read_bytes() for file in place.parent.iterdir()}
    with refused("store.erased_list") as caught:
        restore(tmp_path / "b", place, lambda _: given(place), replacing=True)
    assert str(listed) in str(caught.value)
    assert {file: file.read_bytes() for file in place.parent.iterdir()} == before


def test_what_the_backup_lacks_is_not_overwritten_unless_told_and_then_set_aside(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with opened(place) as store:
        store.append(submission(99, subject="P-000099"))
    with refused("backup.newer"):
        restore(tmp_path / "b", place, lambda _: given(place))
    assert len(records(place)) == 21
    restored = restore(tmp_path / "b", place, lambda _: given(place), replacing=True)
    assert len(records(place)) == 20
    assert restored.aside is not None
    (restored.aside / "store.key").write_bytes(place.with_name("store.key").read_bytes())
    (restored.aside / "store.key").chmod(0o600)
    assert len(records(restored.aside / "store.db")) == 21


def test_an_open_draft_counts_as_something_that_would_be_lost(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with opened(place) as store:
        store.journal.start(published().hash, "08235007", "müller", "de")
    with refused("backup.newer"):
        restore(tmp_path / "b", place, lambda _: given(place))


def test_a_store_that_somebody_has_open_is_not_taken_away(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with opened(place), pytest.raises(StoreBusy):
        restore(tmp_path / "b", place, lambda _: given(place))
    with opened(place), pytest.raises(StoreBusy):
        restore(tmp_path / "b", place, lambda _: given(place), replacing=True)
    assert len(records(place)) == 20


def test_where_the_ways_of_now_do_not_open_those_of_then_hold_and_it_is_said(place: Path, tmp_path: Path) -> None:
    from intake.store.admission import admitted

    with admitted(place, given(place)) as desk:
        way = desk.add(Secret.passphrase(PASSPHRASE), label="alt")
        make_backup(place, given(place), tmp_path / "b")
        desk.remove(way.id)
    old = Brought(secret=Secret.passphrase(PASSPHRASE))
    with refused("backup.in_the_way"):
        restore(tmp_path / "b", place, lambda _: old)
    assert restore(tmp_path / "b", place, lambda _: old, replacing=True).past_ways
    assert len(records(place)) == 20
    open_store(place, passphrase=PASSPHRASE).close()


def test_a_backup_of_a_store_that_lost_an_event_is_restored_all_the_same(place: Path, tmp_path: Path) -> None:
    connection, unlocked = connect_sqlite(place, given(place), create=False, wait=5.0)
    connection.close()
    with past_the_store(place, unlocked.database) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("DROP TRIGGER event_no_delete")
        raw.execute("DELETE FROM event WHERE number = 7")
    manifest, found = make_backup(place, given(place), tmp_path / "b")
    assert manifest.broken == len(found) > 0
    assert restore(tmp_path / "b", place, lambda _: given(place)).submissions == 19


def test_a_damaged_store_is_replaced_only_when_told(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    place.write_bytes(os.urandom(40_960))
    with refused("backup.in_the_way"):
        restore(tmp_path / "b", place, lambda _: given(place))
    restore(tmp_path / "b", place, lambda _: given(place), replacing=True)
    assert len(records(place)) == 20


def test_every_changed_byte_and_every_cut_is_refused(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    step = len(whole) // 20
    for at in range(0, len(whole), step):
        (tmp_path / "c").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(StoreError):
            drill(tmp_path / "c", place, lambda _: given(place))
        (tmp_path / "c").write_bytes(whole[:at])
        with pytest.raises(StoreError):
            drill(tmp_path / "c", place, lambda _: given(place))


def test_another_key_opens_no_backup(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with pytest.raises(WrongKey):
        restore(tmp_path / "b", tmp_path / "new.db", lambda _: Brought(key=os.urandom(32)))
    assert not (tmp_path / "new.db").exists()


def test_a_drill_proves_the_backup_and_is_kept_as_an_event(place: Path, tmp_path: Path) -> None:
    manifest, found = make_backup(place, given(place), tmp_path / "b")
    assert found == []
    before = set(place.parent.iterdir())
    assert drill(tmp_path / "b", place, lambda _: given(place)).submissions == 20
    assert set(place.parent.iterdir()) == before
    with opened(place) as store:
        assert [each.about for each in store.events(kinds=["backup"])] == [manifest.id, f"drill {manifest.id}"]


def test_an_anchor_from_outside_finds_a_backup_whose_past_is_another(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    with opened(place) as store:
        good = store.anchor()
        key = b"\x07" * 32
        heads = {name: (at, b"\x01" * 32) for name, (at, _) in good.heads.items()}
        forged = Anchor.signed(key, store.id, good.made, heads)
    assert drill(tmp_path / "b", place, lambda _: given(place), anchors=[good]).submissions == 20
    with refused("backup.broken"):
        drill(tmp_path / "b", place, lambda _: given(place), anchors=[forged])


def test_who_gets_in_now_gets_in_after_a_restore_and_nobody_else(place: Path, tmp_path: Path) -> None:
    from intake.store.admission import admitted

    with admitted(place, given(place)) as desk:
        way = desk.add(Secret.passphrase(PASSPHRASE), label="alt")
        make_backup(place, given(place), tmp_path / "b")
        desk.remove(way.id)
    assert not restore(tmp_path / "b", place, lambda _: given(place), replacing=True).past_ways
    assert len(records(place)) == 20
    with pytest.raises(WrongKey):
        open_store(place, passphrase=PASSPHRASE)
    assert ways_of(place).exists()


def test_another_stores_backup_does_not_take_its_place(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    other = tmp_path / "store.db"
    (tmp_path / "store.key").write_bytes(place.with_name("store.key").read_bytes())
    (tmp_path / "store.key").chmod(0o600)
    opened(other, create=True).close()
    with refused("backup.other_store"):
        restore(tmp_path / "b", other, lambda _: given(place))


def test_the_restored_file_has_another_database_key(place: Path, tmp_path: Path) -> None:
    make_backup(place, given(place), tmp_path / "b")
    connection, unlocked = connect_sqlite(place, given(place), create=False, wait=5.0)
    connection.close()
    restore(tmp_path / "b", place, lambda _: given(place))
    with (
        pytest.raises(Exception, match="not a database"),
        past_the_store(place, unlocked.database) as raw,
    ):
        raw.execute("SELECT count(*) FROM event")
