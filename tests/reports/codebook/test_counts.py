from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from intake.publishing import publish
from intake.store import Store, open_store
from intake.store.restriction import restrict
from intake.store.ways import Unlocked
from intake.tables import published_forms
from reports.codebook import counts
from reports.codebook.counts import FEW, Counts, Figures, figures
from scenario.answered import SECRET, answered, send
from scenario.diffable import WORKBOOK
from scenario.interview import KEY, workbook


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return answered(tmp_path)


def counted(store: Store) -> Figures:
    return figures(store, published_forms(store)["probe"])


def test_every_kind_of_missing_is_counted_apart(store: Store) -> None:
    found = counted(store)
    assert found.records == 4
    age, country, day = (found.counts[f"/data/{name}"] for name in ("a/alter", "a/land", "b/tag"))
    assert (age.rows, age.answered, age.not_relevant, age.unanswered, age.reasons) == (4, 3, 0, 0, {"refused": 1})
    assert (age.asked, age.missing) == (4, 1)
    assert (country.answered, country.not_relevant, country.unanswered) == (2, 2, 0)
    assert (day.answered, day.not_relevant, day.unanswered) == (1, 3, 0)
    several = found.counts["/data/a/laender"]
    assert (several.answered, several.unanswered) == (2, 2)
    for each in found.counts.values():
        assert each.rows == each.answered + each.not_relevant + each.unanswered + each.unread + sum(
            each.reasons.values()
        )


@pytest.mark.parametrize("together", [1, 3])
def test_figures_are_the_same_however_many_are_judged_together(
    store: Store, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    whole = counted(store)
    monkeypatch.setattr(counts, "TOGETHER", together)
    told: list[int] = []
    assert figures(store, published_forms(store)["probe"], progress=told.append) == whole
    assert told == [*range(together, 4, together), 4]


def test_answers_of_several_count_each_and_what_nobody_took_is_nought(store: Store) -> None:
    found = counted(store)
    assert found.counts["/data/a/laender"].values == (("de", 1), ("sy", 2), ("x", 0))
    assert found.counts["/data/a/land"].values == (("de", 1), ("sy", 0), ("x", 1))
    assert found.counts["/data/a/doppelt"].shown == "text"  # a calculation without a type may say anything


def test_rows_of_a_repeat_are_its_entries(store: Store) -> None:
    year = counted(store).counts["/data/b/kind/jahr"]
    assert (year.rows, year.answered, year.unanswered) == (3, 2, 1)
    assert year.values == (("1950", 1), ("1960", 1))


def test_free_text_and_who_somebody_is_are_never_tabulated(store: Store) -> None:
    found = counted(store)
    name, free = found.counts["/data/a/name"], found.counts["/data/b/frei"]
    assert (name.shown, name.answered, name.values) == ("identity", 4, ())
    assert (free.shown, free.answered, free.values) == ("text", 1, ())
    assert SECRET not in repr(found)


def test_dates_are_counted_by_year_and_many_numbers_by_where_they_lie(store: Store) -> None:
    assert counted(store).counts["/data/b/tag"].values == (("2025", 1),)
    for number in range(FEW + 1):
        send(store, 10 + number, {"/data/a/name": SECRET, "/data/a/alter": str(100 + number)})
    age = counted(store).counts["/data/a/alter"]
    assert (age.shown, age.values) == ("spread", ())
    assert age.spread == tuple(map(Decimal, (9, 101, 106, 111, 115)))


def test_what_is_in_no_list_or_not_of_the_type_is_counted_and_not_quoted(store: Store) -> None:
    send(store, 5, {"/data/a/name": SECRET, "/data/a/alter": SECRET, "/data/a/laender": f"de {SECRET}"})
    found = counted(store)
    assert (found.counts["/data/a/alter"].unlisted, found.counts["/data/a/laender"].unlisted) == (1, 1)
    assert SECRET not in repr(found)


def test_what_a_login_may_not_open_in_full_has_no_figures(store: Store, tmp_path: Path) -> None:
    login, private = store.add_login("Weber", "evaluator")
    with open_store(tmp_path / "store.db", unlocked=Unlocked(login.id, private, KEY)) as other:
        found = counted(other)
    assert found.counts["/data/a/name"] == Counts("closed")
    assert found.counts["/data/a/land"] == Counts("closed")  # one of its choices is special
    assert found.counts["/data/b/tag"] == Counts("closed")  # asked only by what was answered there
    assert found.counts["/data/a/alter"].answered == 3


def test_what_was_withdrawn_is_no_answer_and_no_gap(store: Store) -> None:
    store.withdraw("P-000004", reason="Widerruf")
    found = counted(store)
    assert found.counts["/data/a/land"].unread == 1
    assert found.counts["/data/a/land"].values == (("de", 1), ("sy", 0), ("x", 0))
    assert found.counts["/data/a/alter"].unread == 0


def test_the_restricted_are_left_out_and_reading_is_in_the_log(store: Store) -> None:
    restrict(store, "P-000001", reason="Antrag")
    before = len(store.events(0))
    found = counted(store)
    assert (found.records, found.restricted) == (3, 1)
    assert [each.kind for each in store.events(0)][before:] == ["access"]


def test_versions_count_together_and_each_asks_what_it_had(store: Store, tmp_path: Path) -> None:
    second = WORKBOOK.replace("| probe | 1 |", "| probe | 2 |").replace("| text | frei |", "| text | offen |")
    second = second.replace("${alter} > 17", "${alter} > 5").replace("| | land | x |", "| | land | y |")
    publish(store, workbook(tmp_path, second, "second.md"))
    send(store, 5, {"/data/a/name": SECRET, "/data/a/alter": "9", "/data/a/land": "y", "/data/b/offen": SECRET})
    found = counted(store)
    country = found.counts["/data/a/land"]
    assert (country.rows, country.answered, country.not_relevant) == (5, 3, 2)
    assert country.values == (("de", 1), ("sy", 0), ("y", 1))
    assert country.unlisted == 1  # x was offered once, and is no more
    assert (found.counts["/data/b/frei"].rows, found.counts["/data/b/offen"].rows) == (4, 1)
    merged = figures(store, published_forms(store)["probe"], renames={"/data/b/frei": "/data/b/offen"})
    assert (merged.counts["/data/b/offen"].rows, merged.counts["/data/b/offen"].answered) == (5, 2)
    assert "/data/b/frei" not in merged.counts
