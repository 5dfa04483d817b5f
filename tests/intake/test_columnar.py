from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.columnar import (
    Gathering,
    Head,
    Sheets,
    anonymous,
    ends,
    identities,
    is_within,
    keys,
    lists,
    moment_texts,
    moved,
    nodesets,
    of_form,
    only,
    packed,
    places,
    received,
    recoded,
    replaced,
    shifted,
    texts,
    together,
    unpacked,
    updated,
    used,
    without,
)
from intake.submission import Record
from validation.errors import DataError

ROOT, KIND, SHOT = "/d", "/d/h/kind", "/d/h/kind/shot"
THEN = "2026-03-02T09:00:00.000000+00:00"
CLASSES = ("identity", "special", "general")


def head(number: int, form: str = "f1") -> Head:
    return Head(f"uuid:{number}", "1", form, "08235007", f"P-{number}", "2026-03-02T10:00:00+01:00", THEN)


def gathered(records: Sequence[Record], *, heads: bool = True, start: int = 0) -> Sheets:
    gathering = Gathering(ROOT, [KIND, SHOT], heads=heads)
    for number, record in enumerate(records, start):
        gathering.add(head(number, f"f{number % 2}"), record)
    return gathering.sheets()


def cells(sheets: Sheets) -> dict[str, dict[str, list[str | None]]]:
    """Everything in sheets: {table: {column: texts}}, keys of entries with it."""
    found: dict[str, dict[str, list[str | None]]] = {}
    for nodeset in sheets:
        found[nodeset] = {name: texts(sheets, nodeset, name).to_pylist() for name in nodesets(sheets, nodeset)}
        if nodeset == ROOT:
            found[nodeset]["#id"] = list(identities(sheets))
        else:
            found[nodeset]["#own"], found[nodeset]["#above"] = (each.to_pylist() for each in keys(sheets, nodeset))
    return found


def split(record: Record, classes: Mapping[str, str]) -> dict[str, Record]:
    """As `intake.store.division` does: by the last step of the key, every entry in every part that has something."""
    parts: dict[str, Record] = {}
    for key, value in record.items():
        if isinstance(value, str):
            parts.setdefault(classes[key.rpartition("/")[2]], {})[key] = value
            continue
        entries = [split(entry, classes) for entry in value]
        for name in {name for entry in entries for name in entry} or {"general"}:
            parts.setdefault(name, {})[key] = [entry.get(name, {}) for entry in entries]
    return parts


def test_entries_have_the_keys_of_what_holds_them() -> None:
    shots = [{f"{SHOT}/am": "1"}, {f"{SHOT}/am": "2"}]
    sheets = together([gathered([{}, {KIND: [{}, {SHOT: shots}]}])])
    own, above = keys(sheets, SHOT)
    assert own.to_pylist() == ["uuid:1/h/kind[2]/shot[1]", "uuid:1/h/kind[2]/shot[2]"]
    assert above.to_pylist() == ["uuid:1/h/kind[2]"] * 2
    assert keys(sheets, KIND)[1].to_pylist() == ["uuid:1"] * 2
    assert texts(sheets, SHOT, f"{SHOT}/am").to_pylist() == ["1", "2"]


def test_more_than_nine_entries_stay_in_order() -> None:
    entries: list[Record] = [{f"{KIND}/name": str(number)} for number in range(12)]
    sheets = together([gathered([{KIND: entries}])])
    assert texts(sheets, KIND, f"{KIND}/name").to_pylist() == [str(number) for number in range(12)]


def test_the_envelope() -> None:
    sheets = gathered([{}, {}])
    assert identities(sheets) == ["uuid:0", "uuid:1"]
    assert texts(sheets, ROOT, "#form").to_pylist() == ["f0", "f1"]
    assert received(sheets).tolist() == [dt.datetime(2026, 3, 2, 9)] * 2  # noqa: DTZ001 - UTC without saying so
    assert ends(sheets)["uuid:1"] == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert np.isnat(received(together([gathered([])]))).tolist() == []


def test_what_is_used_is_each_text_once() -> None:
    sheets = gathered([{"/d/a": "x"}, {}, {"/d/a": "y"}, {"/d/a": "x"}, {"/d/a": ""}])
    found, codes = used(sheets, ROOT, "/d/a")
    assert sorted(found) == ["x", "y"]
    assert [found[code] if code >= 0 else None for code in codes] == ["x", None, "y", "x", None]
    assert used(sheets, ROOT, "/d/none") == ([], pytest.approx([-1] * 5))
    kept, _ = used(updated(sheets, gathered([{}]), np.array([2])), ROOT, "/d/a")
    assert kept == ["x"]  # what was corrected is not read again: it may be of no type


def test_records_of_one_version_and_all_but_some() -> None:
    sheets = together([gathered([{"/d/a": str(number), KIND: [{f"{KIND}/n": str(number)}]} for number in range(5)])])
    odd = of_form(sheets, "f1")
    assert texts(odd, ROOT, "/d/a").to_pylist() == ["1", "3"]
    assert keys(odd, KIND)[0].to_pylist() == ["uuid:1/h/kind[1]", "uuid:3/h/kind[1]"]
    rest = without(sheets, {"uuid:0", "uuid:3", "uuid:9"})
    assert texts(rest, KIND, f"{KIND}/n").to_pylist() == ["1", "2", "4"]
    assert keys(rest, KIND)[1].to_pylist() == ["uuid:1", "uuid:2", "uuid:4"]
    assert without(sheets, ()) is sheets
    assert not len(of_form(sheets, "none")[ROOT])
    assert (is_within(sheets, [ROOT, KIND]), is_within(sheets, [ROOT])) == (True, False)


def test_classes_of_other_records_are_refused() -> None:
    with pytest.raises(ValueError, match="same records"):
        together([gathered([{}]), gathered([{}, {}], heads=False)])


def test_two_classes_may_not_say_different_things() -> None:
    with pytest.raises(DataError):
        together([gathered([{"/d/a": "x"}]), gathered([{"/d/a": "y"}], heads=False)])


@pytest.mark.parametrize("content", [b"x", b"ARROW1\0\0", bytes(64)])
def test_other_bytes_are_no_sheets(content: bytes) -> None:
    with pytest.raises(ValueError, match="no sheets"):
        unpacked(content)


# --- laws

words = st.sampled_from(["", "a", "b", "ä 🏠"])
shots = st.lists(st.fixed_dictionaries({}, optional={f"{SHOT}/am": words, f"{SHOT}/wo": words}), max_size=3)
kinds = st.lists(st.fixed_dictionaries({}, optional={f"{KIND}/n": words, f"{KIND}/m": words, SHOT: shots}), max_size=3)
listed = st.lists(st.fixed_dictionaries({}, optional={"/d/x/n": words, "/d/x/m": words}), max_size=3)
records = st.lists(
    st.fixed_dictionaries({}, optional={"/d/n": words, "/d/m": words, "/d/am": words, KIND: kinds, "/d/x": listed}),
    max_size=5,
)
divisions = st.fixed_dictionaries({name: st.sampled_from(CLASSES) for name in ("n", "m", "am", "wo")})


@settings(deadline=None)
@given(records, divisions)
def test_the_classes_together_are_the_whole(given_records: list[Record], classes: dict[str, str]) -> None:
    parts = [split(record, classes) for record in given_records]
    divided = [
        gathered([part.get(name, {}) for part in parts], heads=name == CLASSES[0]) for name in CLASSES
    ]  # fmt: skip
    assert cells(together(divided)) == cells(together([gathered(given_records)]))
    assert cells(together([unpacked(packed(sheets)) for sheets in divided])) == cells(together(divided))


@settings(deadline=None)
@given(records, records, st.randoms(use_true_random=False), st.booleans())
def test_brought_up_to_date_is_as_if_gathered_anew(
    before: list[Record], changes: list[Record], rng: object, heads: bool
) -> None:
    places = list(range(len(before) + len(changes)))
    rng.shuffle(places)  # type: ignore[attr-defined]
    chosen = sorted(places[: len(changes)])
    chosen = [place if place < len(before) else len(before) + at for at, place in enumerate(
        chosen, -sum(place < len(before) for place in chosen))]  # fmt: skip
    after = [*before, *[{} for place in chosen if place >= len(before)]]
    for place, change in zip(chosen, changes, strict=True):
        after[place] = change
    new = Gathering(ROOT, [KIND, SHOT], heads=heads)
    for place, change in zip(chosen, changes, strict=True):
        new.add(head(place, f"f{place % 2}"), change)
    sheets = updated(gathered(before, heads=heads), new.sheets(), np.array(chosen, dtype=np.int64))
    first = gathered([{}] * len(after))
    others = [] if heads else [first]
    assert cells(together([*others, sheets])) == cells(together([*others, gathered(after, heads=heads)]))


# --- as others are to see them

SOME: list[Record] = [
    {"/d/a": "x", "/d/b": "1", KIND: [{f"{KIND}/n": "x"}, {f"{KIND}/n": "y"}]},
    {"/d/a": "x"},
    {"/d/b": "2", KIND: [{f"{KIND}/n": "x"}]},
]


def column(sheets: Sheets, nodeset: str, name: str) -> list[str | None]:
    found: list[str | None] = texts(sheets, nodeset, name).to_pylist()
    return found


def test_each_pair_of_text_and_number_is_asked_for_once() -> None:
    asked: list[tuple[str, int]] = []

    def change(text: str, number: int) -> str | None:
        asked.append((text, number))
        return None if text == "y" else f"{text}{number}"

    sheets = gathered(SOME)
    days = np.array([5, 6, 5])
    made = recoded(sheets, KIND, f"{KIND}/n", change, days[places(sheets, KIND)])
    assert column(made, KIND, f"{KIND}/n") == ["x5", None, "x5"]
    assert sorted(asked) == [("x", 5), ("y", 5)]
    assert column(recoded(made, ROOT, "/d/a", change), ROOT, "/d/a") == ["x0", "x0", None]
    assert recoded(sheets, ROOT, "/d/nothing", change) is sheets


def test_answers_of_some_versions_move_and_what_is_there_stays() -> None:
    sheets = gathered(SOME)
    assert column(moved(sheets, ROOT, "/d/a", "/d/c"), ROOT, "/d/c") == ["x", "x", None]
    made = moved(sheets, ROOT, "/d/a", "/d/b")
    assert (column(made, ROOT, "/d/b"), column(made, ROOT, "/d/a")) == (["1", "x", "2"], [None] * 3)
    assert moved(sheets, ROOT, "/d/nothing", "/d/c") is sheets
    other = moved(sheets, KIND, f"{KIND}/n", "/d/c", ["2"])
    assert column(other, KIND, f"{KIND}/n") == ["x", "y", "x"]
    assert column(other, KIND, "/d/c") == [None] * 3


def test_what_is_left_out_is_gone_and_what_is_ours_stays() -> None:
    made = only(gathered(SOME), {ROOT: ["/d/a"]})
    assert [*made] == [ROOT]
    assert nodesets(made, ROOT) == ["/d/a"]
    assert identities(made) == ["uuid:0", "uuid:1", "uuid:2"]


def test_an_anonymous_table_has_numbers_and_nothing_of_the_envelope() -> None:
    made = anonymous(gathered(SOME), np.array([2, 0, 1]))
    assert identities(made) == ["1", "2", "3"]
    assert column(made, ROOT, "/d/b") == ["2", "1", None]
    for name in ("#version", "#form", "#municipality", "#subject", "#ended"):
        assert column(made, ROOT, name) == [None] * 3
    assert np.isnat(received(made)).all()


def test_records_are_received_some_days_later() -> None:
    made = shifted(gathered(SOME), np.array([0, 1, -2]))
    assert moment_texts(made).to_pylist() == [f"2026-{day}T09:00:00.000Z" for day in ("03-02", "03-03", "02-28")]


def test_a_column_says_row_by_row_what_it_is_given() -> None:
    assert column(replaced(gathered(SOME), ROOT, "/d/a", ["1", None, "2"]), ROOT, "/d/a") == ["1", None, "2"]


def test_lists_are_what_stands_between_blanks() -> None:
    assert lists(["ar  de", None, " x "]).to_pylist() == [["ar", "de"], None, ["x"]]
