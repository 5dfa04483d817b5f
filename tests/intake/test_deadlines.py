"""What is due is found from the records, on the day it is due, and no longer once it is done or the person left."""

from __future__ import annotations

import csv
import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.deadlines import COLUMNS, FILE, KINDS, Due, Period, due, lacking, read_deadlines
from intake.store import Store
from intake.store.restriction import restrict
from intake.submission import Record
from intake.texttables import TextTables
from scenario.dated import NOW, OTHER, TOWN, dated, forms_of, put
from validation.errors import StudyError

GONE = "count(instance('austritt')/root/item[person = ${person} and datum >= ${zuweisung}]) = 0"
GOOD = {
    "name": "termin", "table": "aufnahme", "kind": "appointment", "day": "${termin}", "after": "", "open": GONE,
    "lead_days": "30", "owner": "${zustaendig}", "message_de": "Termin", "message_en": "Appointment",
}  # fmt: skip
GOAL = {
    "name": "ziel", "table": "aufnahme-ziel", "kind": "due", "day": "${faellig}", "open": "${stand} != 'reached'",
    "owner": "instance('aufnahme')/root/item[KEY = ${PARENT_KEY}]/zustaendig",
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with dated(tmp_path) as opened:
        yield opened


def written(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    with (path / FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**GOOD, **row} for row in rows)
    return path / FILE


def tables(store: Store) -> TextTables:
    return TextTables(store, forms_of(store), zone=dt.UTC)


def found(
    store: Store, tmp_path: Path, *rows: dict[str, str], until: dt.date | None = None, town: str | None = None
) -> tuple[Due, ...]:
    return due(read_deadlines(written(tmp_path, *rows)), tables(store), now=NOW, until=until, municipality=town)


def days(found: tuple[Due, ...]) -> list[tuple[str, str]]:
    return [(each.day.isoformat(), each.state) for each in found]


# --- the table


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"name": ""}, "rules.empty", "name"),
        ({"name": "Zwei Wörter"}, "rules.name", "name"),
        ({"kind": "irgendwann"}, "rules.unknown_word", "kind"),
        ({"lead_days": "bald"}, "rules.lead", "lead_days"),
        ({"after": "3 Monate"}, "rules.period", "after"),
        ({"after": "P"}, "rules.period", "after"),
        ({"day": "${termin"}, "rules.expression", "day"),
        ({"open": "${a/b} = 1"}, "rules.not_a_column", "open"),
        ({"owner": "wer()"}, "rules.expression", "owner"),
        ({"message_en": ""}, "rules.empty", "message_en"),
    ],
)
def test_what_is_wrong_is_refused_with_row_and_column(
    tmp_path: Path, row: dict[str, str], code: str, column: str
) -> None:
    with pytest.raises(StudyError) as refused:
        read_deadlines(written(tmp_path, row))
    assert refused.value.code == code
    assert refused.value.code == "rules.name" or column in str(refused.value)
    assert str(refused.value).startswith(f"{FILE}, Zeile 2")


def test_two_of_one_name_and_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="termin"):
        read_deadlines(written(tmp_path, {}, {}))
    with pytest.raises(StudyError, match="lead_days"):
        read_deadlines(written(tmp_path, columns=COLUMNS[:-1]))
    assert read_deadlines(tmp_path / "anderswo" / FILE) == ()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("P90D", "2026-01-01", "2026-04-01"),
        ("P6M", "2025-08-31", "2026-02-28"),
        ("P3Y", "2024-02-29", "2027-02-28"),
        ("P1Y2M1W1D", "2026-01-01", "2027-03-09"),
    ],
)
def test_a_period_goes_by_the_calendar(tmp_path: Path, text: str, start: str, end: str) -> None:
    (row,) = read_deadlines(written(tmp_path, {"after": text}))
    assert row.after.after(dt.date.fromisoformat(start)) == dt.date.fromisoformat(end)


def test_nothing_is_moved_past_the_calendar() -> None:
    with pytest.raises((ValueError, OverflowError)):
        Period(months=12 * 9000).after(dt.date(2026, 1, 1))


# --- what is due


def test_a_day_shows_from_its_lead_time_on_and_is_overdue_after_it(store: Store, tmp_path: Path) -> None:
    for person, day in (("P-1", "2026-03-01"), ("P-2", "2026-03-02"), ("P-3", "2026-04-01"), ("P-4", "2026-04-02")):
        put(store, "aufnahme", person, termin=day, fallnummer=f"A/{person}", zustaendig="S-01", gemeinde=TOWN)
    shown = found(store, tmp_path, {})
    assert days(shown) == [("2026-03-01", "overdue"), ("2026-03-02", "coming"), ("2026-04-01", "coming")]
    assert (shown[0].number, shown[0].person, shown[0].municipality, shown[0].owner) == ("A/P-1", "P-1", TOWN, "S-01")
    assert (shown[0].message(), shown[0].message("en"), shown[0].message("uk")) == ("Termin", "Appointment", "Termin")
    until = found(store, tmp_path, {}, until=dt.date(2026, 4, 2))
    assert [each.person for each in until] == ["P-1", "P-2", "P-3", "P-4"]
    assert len(found(store, tmp_path, {}, until=dt.date(2026, 3, 1))) == 1


def test_an_exit_ends_what_is_of_its_episode_and_not_of_the_next(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-03-05", zuweisung="2025-01-01")
    assert len(found(store, tmp_path, {})) == 1
    put(store, "austritt", "P-1", datum="2026-02-01")
    assert found(store, tmp_path, {}) == ()
    put(store, "aufnahme", "P-1", termin="2026-03-09", zuweisung="2026-02-10")
    assert days(found(store, tmp_path, {})) == [("2026-03-09", "coming")]


def test_entries_of_a_repeat_are_due_one_by_one(store: Store, tmp_path: Path) -> None:
    goals: tuple[Record, ...] = (
        {"faellig": "2026-02-01", "stand": "running"}, {"faellig": "2026-02-02", "stand": "reached"}, {"stand": "x"},
        {"faellig": "2026-03-20", "stand": "agreed"},
    )  # fmt: skip
    key = put(store, "aufnahme", "P-1", goals=goals, fallnummer="A/1", zustaendig="S-02")
    shown = found(store, tmp_path, GOAL)
    assert [(each.key, each.number, each.owner, each.state) for each in shown] == [
        (f"{key}/ziel[1]", "A/1", "S-02", "overdue"), (f"{key}/ziel[4]", "A/1", "S-02", "coming"),
    ]  # fmt: skip


def test_a_record_says_what_its_latest_version_says(store: Store, tmp_path: Path) -> None:
    from dataclasses import replace

    key = put(store, "aufnahme", "P-1", termin="2026-03-05")
    (first,) = store.history(key)
    store.append(replace(first, version=2, reason="life", record={**first.record, "/data/termin": "2026-03-12"}))
    assert days(found(store, tmp_path, {})) == [("2026-03-12", "coming")]


def test_a_matter_is_open_since_a_day_and_never_in_the_future(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2025-06-01")
    put(store, "aufnahme", "P-2", termin="2026-03-05")
    row = {"kind": "since", "lead_days": "90"}
    assert days(found(store, tmp_path, row)) == [("2025-06-01", "since")]
    assert days(found(store, tmp_path, row, until=dt.date(2027, 1, 1))) == [("2025-06-01", "since")]


def test_overdue_comes_first_and_what_has_no_end_last(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-03-05", zuweisung="2025-01-01")
    put(store, "aufnahme", "P-2", termin="2026-02-05", zuweisung="2025-01-01")
    since = {"name": "seit", "kind": "since", "day": "${zuweisung}"}
    assert [each.state for each in found(store, tmp_path, since, {})] == ["overdue", "coming", "since", "since"]


def test_what_is_about_nobody_has_its_own_number(store: Store, tmp_path: Path) -> None:
    put(store, "stelle", town=OTHER, id="S-07", bis="2025-12-15", gemeinde=OTHER)
    row = {"table": "stelle", "kind": "due", "day": "${bis}", "after": "P3M", "open": "true()", "owner": ""}
    (shown,) = found(store, tmp_path, row)
    assert (shown.number, shown.person, shown.owner, shown.day) == ("S-07", "", "", dt.date(2026, 3, 15))
    assert found(store, tmp_path, row, town=TOWN) == ()
    assert len(found(store, tmp_path, row, town=OTHER)) == 1


def test_an_appointment_on_a_public_holiday_says_so(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-04-03")
    until = dt.date(2026, 4, 30)
    assert found(store, tmp_path, {}, until=until)[0].holiday == "good_friday"
    assert found(store, tmp_path, {"kind": "due"}, until=until)[0].holiday == ""


def test_what_hangs_on_a_special_answer_is_marked(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-03-03", klinik="2026-03-04")
    assert [each.special for each in found(store, tmp_path, {})] == [False]
    assert [each.special for each in found(store, tmp_path, {"day": "${klinik}"})] == [True]
    hidden = {"open": "count(instance('aufnahme')/root/item[person = ${person} and klinik != '']) = 1"}
    assert [each.special for each in found(store, tmp_path, hidden)] == [True]


def test_a_row_whose_table_is_not_there_is_skipped_and_a_wrong_column_is_refused(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-03-03")
    rows = read_deadlines(written(tmp_path, {"open": "count(instance('fehlt')/root/item[person = ${person}]) = 0"}))
    assert lacking(rows[0], tables(store)) == "fehlt"
    assert due(rows, tables(store), now=NOW) == ()
    with pytest.raises(StudyError, match="termine") as refused:
        found(store, tmp_path, {"day": "${termine}"})
    assert refused.value.code == "rules.unknown_column"


def test_restricted_persons_are_marked(store: Store, tmp_path: Path) -> None:
    put(store, "aufnahme", "P-1", termin="2026-03-03")
    assert not found(store, tmp_path, {})[0].restricted
    restrict(store, "P-1", reason="Antrag")
    assert found(store, tmp_path, {})[0].restricted


def test_neither_pandas_nor_pyxform_is_needed() -> None:
    code = (
        "import intake.deadlines, intake.texttables, sys; sys.exit('pandas' in sys.modules or 'pyxform' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_kind_is_known() -> None:
    assert KINDS == ("due", "appointment", "since")
