"""The past is changed by somebody who has the key of the file: it is found, and the first event that is wrong is named.

What no chain can find is tested too: who changes what came after the last anchor and makes the chain anew is not found.
"""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlcipher3

from intake.store import Store, open_store
from intake.store.chain import Anchor, Break
from scenario.promises import SCAN, corrected, sent
from scenario.stores import KEY, new_store, past_the_store, published, submission
from scenario.tampering import Edit, content, delete, drop_triggers, edit, links, recompute, restored

TOWNS = ("08235007", "08235085", "08111000")


@dataclass(frozen=True)
class Scene:
    """A store that is open, a way past it, and the anchors that were taken of it."""

    store: Store
    raw: sqlcipher3.Connection
    anchors: tuple[Anchor, ...]

    def found(self) -> list[Break]:
        return self.store.verify(self.anchors)


def fill(store: Store) -> tuple[Anchor, ...]:
    """Everything that makes an event, in three towns; the first of the two anchors in the middle."""
    anchors = []
    for number in range(24):
        ours = replace(sent("a", number), municipality=TOWNS[number % 3])
        if number % 3:
            store.append(ours)
        else:
            draft = store.journal.start(published().hash, TOWNS[0], "a", "de").id
            store.attachments.put(draft, f"{number}.png", SCAN)
            store.journal.submit(draft, ours)
        if number % 5 == 0:
            store.append(replace(corrected("a", number), municipality=TOWNS[number % 3]))
        if number % 6 == 0:
            store.note("query", municipality=TOWNS[1], about="table probe", detail={"rows": "7"})
            store.note("export")
        if number == 12:
            anchors.append(store.anchor())
    store.erase("a-3", reason="Antrag")
    store.withdraw("a-4", reason="Widerruf")
    return (*anchors, store.anchor())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Anchor, ...]]:
    path = tmp_path_factory.mktemp("whole") / "store.db"
    with new_store(path) as store:
        anchors = fill(store)
        assert store.verify(anchors) == []
    return path, anchors


@pytest.fixture
def scene(whole: tuple[Path, tuple[Anchor, ...]], tmp_path: Path) -> Iterator[Scene]:
    shutil.copytree(whole[0].parent, tmp_path / "copy")
    path = tmp_path / "copy" / "store.db"
    with past_the_store(path) as raw:
        drop_triggers(raw)
        with open_store(path, key=KEY) as store:
            yield Scene(store, raw, whole[1])


def first_event(found: list[Break]) -> int:
    """The first break that names an event."""
    return next((one.number for one in found if one.number), 0)


def is_named(made: Edit, found: list[Break]) -> bool:
    """Whether the first break is at the event; one that was given another number shows first where it is missing."""
    if made.column == "number":
        return bool(made.events & {one.number for one in found})
    return first_event(found) in made.events


def edit_often(scene: Scene, count: int, seed: int) -> None:
    missed: list[Edit] = []
    elsewhere: list[tuple[Edit, list[Break]]] = []
    for number in range(count):
        with restored(scene.raw):
            made = edit(scene.raw, random.Random(f"{seed} {number}"))
            found = scene.found()
        if not found:
            missed.append(made)
        elif not is_named(made, found):
            elsewhere.append((made, found[:2]))
    assert missed == []
    assert elsewhere == []
    assert scene.found() == []


def test_100_edits_are_found_and_named(scene: Scene) -> None:
    edit_often(scene, 100, seed=1)


@pytest.mark.long
def test_1000_edits_are_found_and_named(scene: Scene) -> None:
    edit_often(scene, 1000, seed=2)


def test_every_byte_of_a_hash_counts(scene: Scene) -> None:
    for column in ("digest", "previous", "hash"):
        for place in range(32):
            with restored(scene.raw):
                ((code,),) = scene.raw.execute(f"SELECT {column} FROM event WHERE number = 7").fetchall()
                changed = bytes(each ^ (place == at) for at, each in enumerate(code))
                scene.raw.execute(f"UPDATE event SET {column} = ? WHERE number = 7", (changed,))
                assert first_event(scene.found()) == 7


def test_bytes_that_move_from_a_column_to_the_next_are_found(scene: Scene) -> None:
    """What is hashed together must not be the same when it is divided otherwise."""
    ((number, sealed, head),) = scene.raw.execute("SELECT event, sealed, head FROM attachment LIMIT 1").fetchall()
    for moved_sealed, moved_head in ((sealed[:-1], sealed[-1:] + head), (sealed + head[:1], head[1:]), (head, sealed)):
        with restored(scene.raw):
            values = (moved_sealed, moved_head, number)
            scene.raw.execute("UPDATE attachment SET sealed = ?, head = ? WHERE event = ?", values)
            assert first_event(scene.found()) == number


def test_a_form_that_is_reworded_is_found(scene: Scene) -> None:
    """Who changes a question changes what was answered, and who changes its class, who may read the next answer."""
    for change in ("UPDATE form SET xform = replace(xform, 'Probe', 'Andere')", "DELETE FROM form"):
        with restored(scene.raw, ("form",)):
            scene.raw.execute(change)
            assert first_event(scene.found()) == 1
    assert scene.found() == []


def test_every_deletion_is_found(scene: Scene) -> None:
    for table, rows in content(scene.raw).items():
        for row in rows:
            with restored(scene.raw):
                delete(scene.raw, table, row)
                assert scene.found() != [], (table, row[:3])


def test_an_event_with_all_it_carries_cannot_be_taken_out(scene: Scene) -> None:
    for link in links(scene.raw):
        with restored(scene.raw):
            for table in ("part", "attachment"):
                scene.raw.execute(f"DELETE FROM {table} WHERE event = ?", (link.number,))
            scene.raw.execute("DELETE FROM event WHERE number = ?", (link.number,))
            assert scene.found() != [], link


def test_what_is_put_in_is_found(scene: Scene) -> None:
    """A part that nobody wrote, whoever is said to have written it; an event in the middle and one at the end."""
    last = links(scene.raw)[-1].number
    for event, by in ((5, 5), (5, 6), (5, last), (5, last + 1), (last + 1, last + 1)):
        for name in ("identity", "special", "staff", "general"):
            with restored(scene.raw):
                try:
                    scene.raw.execute(
                        "INSERT INTO part (event, class, written_by, sealed) VALUES (?, ?, ?, ?)",
                        (event, name, by, b"x" * 40),
                    )
                except sqlcipher3.IntegrityError:
                    continue
                assert scene.found() != [], (event, name, by)


def test_what_is_cut_off_before_the_last_anchor_is_found(scene: Scene) -> None:
    every = links(scene.raw)
    for first in range(1, len(every) + 1):
        with restored(scene.raw):
            for table in ("part", "attachment"):
                scene.raw.execute(f"DELETE FROM {table} WHERE event >= ? OR written_by >= ?", (first, first))
            scene.raw.execute("DELETE FROM event WHERE number >= ?", (first,))
            found = scene.found()
            assert "missing" in {one.kind for one in found} <= {"missing", "keys"}, first
            assert {one.kind for one in scene.store.verify()} <= {"keys"}, "of the rest only an anchor can know"


def swap(raw: sqlcipher3.Connection, one: int, other: int) -> None:
    """Let two events change places, with all they carry."""
    spare = 1_000_000
    for table, column in (
        ("event", "number"),
        ("part", "event"),
        ("part", "written_by"),
        ("attachment", "event"),
        ("attachment", "written_by"),
    ):
        for before, after in ((one, spare), (other, one), (spare, other)):
            raw.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (after, before))


def test_every_exchange_of_neighbours_is_found(scene: Scene) -> None:
    every = links(scene.raw)
    for town in {link.municipality for link in every}:
        mine = [link.number for link in every if link.municipality == town]
        for one, other in itertools.pairwise(mine):
            with restored(scene.raw):
                swap(scene.raw, one, other)
                assert first_event(scene.found()) == one


def test_an_exchange_between_two_towns_changes_no_chain(scene: Scene) -> None:
    """Said plainly: each town has a chain of its own, and none says what happened before what in another town."""
    pairs = itertools.pairwise(links(scene.raw))
    one, other = next(pair for pair in pairs if pair[0].municipality != pair[1].municipality)
    with restored(scene.raw):
        swap(scene.raw, one.number, other.number)
        assert scene.found() == []


def test_an_exchange_with_a_chain_made_anew_is_found_by_the_anchor(scene: Scene) -> None:
    every = links(scene.raw)
    choose = random.Random(3)
    for _ in range(30):
        town = choose.choice(TOWNS)
        one, other = sorted(choose.sample([link.number for link in every if link.municipality == town], 2))
        with restored(scene.raw):
            swap(scene.raw, one, other)
            recompute(scene.raw, town)
            assert {each.kind for each in scene.store.verify()} <= {"keys"}, "the chain itself holds again"
            found = [each for each in scene.found() if each.kind != "keys"]
            assert {each.kind for each in found} == {"anchor"}
            assert found[0].municipality == town
            assert first_event(found) >= one


def test_an_edit_with_a_chain_made_anew_is_found_by_the_anchor(scene: Scene) -> None:
    for link in links(scene.raw):
        with restored(scene.raw):
            scene.raw.execute("UPDATE event SET actor = 'somebody' WHERE number = ?", (link.number,))
            recompute(scene.raw, link.municipality)
            assert scene.store.verify() == []
            found = scene.found()
            assert {each.kind for each in found} == {"anchor"}
            assert first_event(found) >= link.number


def test_an_anchor_of_an_attacker_is_none(scene: Scene) -> None:
    """Who has no key of the store cannot sign for it, nor change what was signed."""
    with restored(scene.raw):
        scene.raw.execute("UPDATE event SET actor = 'somebody' WHERE number = 5")
        recompute(scene.raw, links(scene.raw)[4].municipality)
        heads = {link.municipality: (link.place, link.hash) for link in links(scene.raw)}
        forged = Anchor.signed(bytes(32), scene.store.id, scene.anchors[-1].made, heads)
        assert [one.kind for one in scene.store.verify([forged])] == ["signature"]
        changed = replace(scene.anchors[-1], heads=heads)
        assert [one.kind for one in scene.store.verify([changed])] == ["signature"]


def test_what_came_after_the_last_anchor_is_not_found(scene: Scene) -> None:
    """Said plainly: until the next anchor is kept outside, whoever can write to the file can change the end of it."""
    scene.store.append(submission(99))
    number = links(scene.raw)[-1].number
    scene.raw.execute("UPDATE event SET actor = 'somebody' WHERE number = ?", (number,))
    assert first_event(scene.found()) == number
    recompute(scene.raw, submission(99).municipality)
    assert scene.found() == []
    assert scene.store.verify([*scene.anchors, scene.store.anchor()]) == [], "an anchor that comes later believes it"


def append_often(path: Path, count: int) -> None:
    anchors = []
    with new_store(path) as store:
        for first in range(0, count, 100):
            batch = [
                replace(submission(number, subject=f"P-{number % 97}"), municipality=TOWNS[number * 7 % 3])
                for number in range(first, first + 100)
            ]
            store.append_many(batch)
            if first % 500 == 0:
                anchors.append(store.anchor())
        assert store.count() == count
        assert store.verify(anchors) == []
        anchors.append(store.anchor())
        assert store.verify(anchors) == []


def test_300_appends_raise_no_false_alarm(tmp_path: Path) -> None:
    append_often(tmp_path / "store.db", 300)


@pytest.mark.long
def test_10000_appends_raise_no_false_alarm(tmp_path: Path) -> None:
    append_often(tmp_path / "store.db", 10_000)
