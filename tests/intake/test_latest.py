from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import latest as module
from intake.latest import latest
from intake.store import Store, open_store
from intake.store.derived import drop
from intake.store.rows import Opened
from intake.store.ways import Unlocked
from intake.submission import Record
from intake.tables import published_forms, sheet_tables, tables
from scenario.stores import KEY, Clock, divided, submission
from validation.errors import StoreError

FORM = divided()
FRAMES = dict[str, pd.DataFrame]


def record(number: int, *, kind: str = "x") -> Record:
    return {
        "/data/a": f"a{number}",
        "/data/person": f"P-{number}",
        "/data/name": f"Name {number}",
        "/data/kind": kind,
        "/data/dog": [{"/data/dog/bark": f"wau {number} {each}"} for each in range(number % 3)],
    }


def send(store: Store, number: int, *, version: int = 1, said: Record | None = None) -> None:
    reason = "berichtigt" if version > 1 else None
    store.append(
        submission(
            number, form=FORM, subject=f"P-{number}", record=record(number) if said is None else said,
            version=version, reason=reason, municipality=f"0823500{number % 3}",
        )
    )  # fmt: skip


def shown(store: Store, copies: Path | None) -> FRAMES:
    """The tables as studies read them."""
    versions = published_forms(store)[FORM.form_id]
    return sheet_tables(versions[0], latest(store, versions, copies), earlier=versions[1:])


def plain(store: Store) -> FRAMES:
    """The tables of what the store yields record by record."""
    newest, *earlier = published_forms(store)[FORM.form_id]
    return tables(newest, store.submissions(newest.id), earlier=earlier)


def same(ours: FRAMES, theirs: FRAMES) -> None:
    assert list(ours) == list(theirs)
    for name, frame in ours.items():
        pd.testing.assert_frame_equal(frame, theirs[name])


def files(copies: Path) -> list[Path]:
    return sorted(copies.iterdir()) if copies.is_dir() else []


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "derived"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Store:
    opened = open_store(path, key=KEY, create=True, clock=Clock())
    opened.publish(FORM)
    for number in range(6):
        send(opened, number)
    return opened


class Reads:
    """What is read of a store's events."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.numbers: list[int] = []
        inner: Callable[..., object] = store.opened

        def counted(form_id: str, *, after: int = 0) -> list[Opened]:
            found: list[Opened] = list(inner(form_id, after=after))  # type: ignore[call-overload]
            self.numbers += [each.number for each in found]
            return found

        monkeypatch.setattr(store, "opened", counted)

    def taken(self) -> int:
        """How many versions were read since last asked."""
        found, self.numbers = len(self.numbers), []
        return found


@pytest.fixture
def reads(store: Store, monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(store, monkeypatch)


class TestReading:
    def test_it_says_what_the_store_says(self, store: Store, copies: Path) -> None:
        for _ in range(2):
            same(shown(store, copies), plain(store))
        same(shown(store, None), plain(store))
        assert len(files(copies)) == len(store.classes) == 4

    def test_what_was_copied_is_not_read_again(self, store: Store, copies: Path, reads: Reads) -> None:
        shown(store, copies)
        assert reads.taken() == 6
        shown(store, copies)
        assert reads.taken() == 0

    def test_only_what_came_since_is_read(self, store: Store, copies: Path, reads: Reads) -> None:
        shown(store, copies)
        reads.taken()
        send(store, 2, version=2, said={"/data/a": "anders", "/data/dog": [{"/data/dog/bark": "neu"}]})
        send(store, 7)
        store.note("access", about="tables")
        same(shown(store, copies), plain(store))
        assert reads.taken() == 2
        same(shown(store, copies), plain(store))
        assert reads.taken() == 0

    def test_what_says_nothing_new_leaves_the_copies_as_they_are(
        self, store: Store, copies: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown(store, copies)
        before = [path.read_bytes() for path in files(copies)]
        reads.taken()
        store.note("access", about="tables")
        same(shown(store, copies), plain(store))
        assert (reads.taken(), [path.read_bytes() for path in files(copies)]) == (0, before)
        monkeypatch.setattr(module, "MANY_NEW", 1)  # so that the events to be looked at do not pile up
        shown(store, copies)
        assert [path.read_bytes() for path in files(copies)] != before

    def test_too_much_since_is_read_anew(
        self, store: Store, copies: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown(store, copies)
        reads.taken()
        monkeypatch.setattr(module, "MOST_NEW", 1)
        send(store, 7)
        send(store, 8)
        same(shown(store, copies), plain(store))
        assert reads.taken() == 8

    def test_a_new_version_of_the_form_is_read_anew(self, store: Store, copies: Path, reads: Reads) -> None:
        shown(store, copies)
        reads.taken()
        store.publish(divided("2", more="general"))
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6

    def test_what_may_take_something_away_is_read_anew(self, store: Store, copies: Path, reads: Reads) -> None:
        shown(store, copies)
        reads.taken()
        store.note("handover", about="P-1")
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6

    def test_a_form_nobody_answered(self, copies: Path) -> None:
        empty = open_store(copies.parent / "empty.db", key=KEY, create=True, clock=Clock())
        empty.publish(FORM)
        for _ in range(2):
            same(shown(empty, copies), plain(empty))

    def test_a_list_of_what_is_no_repeat_is_put_together_from_its_classes(self, store: Store, copies: Path) -> None:
        send(store, 9, said={"/data/x": [{"/data/a": "a", "/data/name": "n"}, {"/data/kind": "k"}]})
        for _ in range(2):
            same(shown(store, copies), plain(store))


class TestTakingAway:
    def test_after_an_erasure_nothing_is_left_of_it(self, store: Store, copies: Path) -> None:
        shown(store, copies)
        store.erase("P-1", reason="Art. 17")
        assert files(copies) == []
        found = shown(store, copies)
        same(found, plain(store))
        assert "a1" not in found["divided"]["a"].to_numpy()
        assert len(found["divided"]) == 5

    @pytest.mark.parametrize("act", ["erase", "withdraw"])
    def test_a_copy_that_was_kept_aside_is_not_believed(self, store: Store, copies: Path, act: str) -> None:
        shown(store, copies)
        aside = {path: path.read_bytes() for path in files(copies)}
        getattr(store, act)("P-1", reason="x")
        for path, content in aside.items():
            path.write_bytes(content)
        same(shown(store, copies), plain(store))
        changed = [path for path, content in aside.items() if path.read_bytes() != content]
        assert changed == list(aside)

    def test_a_withdrawal_leaves_the_rest(self, store: Store, copies: Path) -> None:
        shown(store, copies)
        store.withdraw("P-1", reason="x")
        found = shown(store, copies)["divided"]
        assert found["kind"].isna().tolist() == [False, True, False, False, False, False]
        assert found["a"].tolist()[1] == "a1"

    def test_a_removed_login_makes_copies_unreadable(self, store: Store, copies: Path, reads: Reads) -> None:
        login, _ = store.add_login("Weber", "manager")
        shown(store, copies)
        reads.taken()
        store.remove_login(login.id)
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6


class TestOthers:
    def test_an_evaluator_has_copies_of_its_own_of_one_class(self, path: Path, store: Store, copies: Path) -> None:
        whole = shown(store, copies)["divided"]
        login, private = store.add_login("Weber", "evaluator")
        with open_store(path, unlocked=Unlocked(login.id, private, KEY)) as other:
            for _ in range(2):
                found = shown(other, copies)
                same(found, plain(other))
            assert len(files(copies)) == 5
            root = found["divided"]
            assert root[["name", "kind"]].isna().all(axis=None)
            assert root["a"].tolist() == whole["a"].tolist()
            assert not set(root["_subject"]) & set(whole["_subject"])

    def test_who_may_open_nothing_gets_rows_without_answers_and_no_copy(
        self, path: Path, store: Store, copies: Path
    ) -> None:
        login, private = store.add_login("Weber", "auditor")
        with open_store(path, unlocked=Unlocked(login.id, private, KEY)) as other:
            found = shown(other, copies)
            same(found, plain(other))
            assert found["divided"]["a"].isna().all()
        assert files(copies) == []

    def test_copies_of_another_store_are_not_believed(self, store: Store, copies: Path, reads: Reads) -> None:
        other = open_store(copies.parent / "other.db", key=KEY, create=True, clock=Clock())
        other.publish(FORM)
        send(other, 3)
        shown(other, copies)
        for path in files(copies):
            path.rename(path.with_suffix(".theirs"))
        shown(store, copies)
        reads.taken()
        for ours, theirs in itertools.product(files(copies), files(copies)):
            if ours.suffix == ".columns" and theirs.suffix == ".theirs":
                ours.write_bytes(theirs.read_bytes())
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6

    @pytest.mark.parametrize("since", [(21, 22, 23), (23, 26, 29)])  # in other towns, and in that of the lost one
    def test_a_store_that_was_put_back_to_an_earlier_day_does_not_believe_them(
        self, path: Path, store: Store, copies: Path, since: tuple[int, ...]
    ) -> None:
        with open_store(path, key=KEY) as again:
            again.close()
        before = path.with_name("before.db")
        store.close()
        before.write_bytes(path.read_bytes())
        with open_store(path, key=KEY, clock=Clock()) as now:
            send(now, 20)
            shown(now, copies)
        path.write_bytes(before.read_bytes())
        with open_store(path, key=KEY, clock=Clock()) as back:
            for number in since:
                send(back, number)
            same(shown(back, copies), plain(back))


class TestKeys:
    def test_they_end_with_the_class_key(self, store: Store) -> None:
        before = {name: store.copy_key(name) for name in store.classes}
        assert len(set(before.values())) == 4
        store.withdraw("P-1", reason="x")
        assert [name for name in store.classes if store.copy_key(name) != before[name]] == ["special"]
        store.erase("P-1", reason="x")
        assert not set(before.values()) & {store.copy_key(name) for name in store.classes}

    def test_each_login_has_its_own(self, path: Path, store: Store) -> None:
        login, private = store.add_login("Weber", "evaluator")
        with open_store(path, unlocked=Unlocked(login.id, private, KEY)) as other:
            assert other.copy_key("general") != store.copy_key("general")
            with pytest.raises(StoreError) as refused:
                other.copy_key("special")
            assert refused.value.code == "store.class_closed"


class TestCopies:
    @pytest.mark.parametrize("at", [0, 40, -1])
    def test_a_damaged_one_is_thrown_away_and_made_anew(
        self, store: Store, copies: Path, reads: Reads, at: int
    ) -> None:
        shown(store, copies)
        reads.taken()
        for path in files(copies):
            content = bytearray(path.read_bytes())
            content[at] ^= 1
            path.write_bytes(content)
            same(shown(store, copies), plain(store))
            assert reads.taken() == 6
        shown(store, copies)
        assert reads.taken() == 0

    @pytest.mark.parametrize("length", [0, 10, 200])
    def test_one_that_was_cut_off_or_is_missing(self, store: Store, copies: Path, reads: Reads, length: int) -> None:
        shown(store, copies)
        path = files(copies)[0]
        path.write_bytes(path.read_bytes()[:length])
        same(shown(store, copies), plain(store))
        path.unlink()
        reads.taken()
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6

    def test_one_of_an_earlier_moment_beside_newer_ones(self, store: Store, copies: Path, reads: Reads) -> None:
        shown(store, copies)
        first = files(copies)[0]
        old = first.read_bytes()
        send(store, 2, version=2, said={"/data/a": "anders"})
        shown(store, copies)
        first.write_bytes(old)
        reads.taken()
        same(shown(store, copies), plain(store))
        assert reads.taken() == 6

    def test_what_comes_while_it_is_read_is_not_tied_to_the_heads_before(
        self, store: Store, path: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inner = store.opened

        def slowly(form_id: str, *, after: int = 0) -> list[Opened]:
            found = list(inner(form_id, after=after))
            with open_store(path, key=KEY, clock=Clock()) as other:
                send(other, 30)
            return found

        monkeypatch.setattr(store, "opened", slowly)
        shown(store, copies)
        assert files(copies) == []
        monkeypatch.undo()
        same(shown(store, copies), plain(store))

    def test_without_a_place_to_write_everything_works(self, store: Store, copies: Path) -> None:
        copies.write_bytes(b"a file where the directory should be")
        for _ in range(2):
            same(shown(store, copies), plain(store))
        assert copies.read_bytes() == b"a file where the directory should be"

    def test_nothing_of_an_answer_stands_in_a_copy(self, store: Store, copies: Path) -> None:
        shown(store, copies)
        for path in files(copies):
            content = path.read_bytes()
            assert not [word for word in (b"Name", b"wau", b"P-1", b"/data", b"divided") if word in content]
            assert path.stat().st_mode & 0o777 == 0o600

    def test_an_answer_that_is_none_is_damage(
        self, store: Store, copies: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (one, *_) = store.opened(FORM.form_id)
        broken = Opened(one.number, one.plain, one.subject, {"general": b"[]"}, ())
        monkeypatch.setattr(store, "opened", lambda _form, **_: [broken])
        with pytest.raises(StoreError) as refused:
            shown(store, copies)
        assert refused.value.code == "store.damaged"


def test_opening_a_store_loads_nothing_of_it() -> None:
    code = "import sys; import intake.store.sqlite; print({'pandas', 'pyarrow', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- law

acts = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.integers(0, 5)),
        st.tuples(st.just("correct"), st.integers(0, 5)),
        st.tuples(st.just("erase"), st.integers(0, 5)),
        st.tuples(st.just("withdraw"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["read", "note", "drop", "publish"]), st.just(0)),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts, st.integers(1, 4))
def test_deleting_the_copies_changes_no_result(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[str, int]], many: int
) -> None:
    directory = tmp_path_factory.mktemp("law")
    copies, clock = directory / "derived", Clock()
    versions: dict[int, int] = {}
    gone: set[int] = set()
    with pytest.MonkeyPatch.context() as patch, open_store(directory / "s.db", key=KEY, create=True, clock=clock) as s:
        patch.setattr(module, "MANY_NEW", many)
        s.publish(FORM)
        for at, (act, number) in enumerate(done):
            clock.move(minutes=1)
            if act == "send" and number not in versions:
                versions[number] = 1
                send(s, number)
            elif act == "correct" and number in versions and number not in gone:
                versions[number] += 1
                send(s, number, version=versions[number], said=record(at, kind="" if at % 2 else "y"))
            elif act in ("erase", "withdraw") and number in versions and number not in gone:
                getattr(s, act)(f"P-{number}", reason="x")
                gone |= {number} if act == "erase" else set()
            elif act == "note":
                s.note("access", about="tables")
            elif act == "drop":
                drop(copies)
            elif act == "publish":
                s.publish(divided("2", more="general"))
            elif act == "read":
                same(shown(s, copies), plain(s))
        same(shown(s, copies), plain(s))
        same(shown(s, None), plain(s))
