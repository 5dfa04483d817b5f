"""The calendar file keeps the format strictly, and what it says to what may stand on a phone."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.deadlines import Due
from intake.ics import calendar, escaped, folded, uid
from scenario.calendars import Component, read_calendar

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
DUE = Due(
    "termin", "appointment", "uuid:1", "A/1", "P-000001", "08235007", dt.date(2026, 3, 9), "coming", "S-01",
    {"de": "Nächster Termin", "en": "Next appointment"},
)  # fmt: skip


def made(*found: Due, title: str = "Fristen", study: str = "a", language: str = "de", demo: bool = False) -> Component:
    return read_calendar(calendar(found, title=title, study=study, now=NOW, language=language, demo=demo))


def test_an_event_is_a_whole_day_with_an_alarm_the_morning_before() -> None:
    (event,) = made(DUE).parts
    assert event.said["SUMMARY"] == "A/1: Nächster Termin"
    assert (event.said["DTSTART"], event.said["DTEND"]) == ("20260309", "20260310")
    assert event.said["DTSTAMP"] == "20260302T083000Z"
    assert [alarm.said["TRIGGER"] for alarm in event.parts] == ["-PT15H"]
    assert made(DUE, language="en").parts[0].said["SUMMARY"] == "A/1: Next appointment"


def test_it_names_neither_person_nor_owner_nor_what_is_special() -> None:
    special = dataclasses.replace(DUE, special=True, messages={"de": "Entlassung aus der Klinik", "en": "Discharge"})
    text = calendar([DUE, special], title="Fristen", study="a", now=NOW).decode()
    assert not any(word in text for word in ("P-000001", "S-01", "uuid:1", "Klinik", "08235007"))
    assert made(special).parts[0].said["SUMMARY"] == "A/1: Frist"


def test_what_has_no_end_and_who_is_restricted_is_left_out() -> None:
    assert made(dataclasses.replace(DUE, kind="since"), dataclasses.replace(DUE, restricted=True)).parts == []


def test_what_is_past_does_not_ring() -> None:
    for day, alarms in (("2026-03-01", 0), ("2026-03-02", 0), ("2026-03-03", 1)):
        (event,) = made(dataclasses.replace(DUE, day=dt.date.fromisoformat(day))).parts
        assert len(event.parts) == alarms


def test_a_holiday_and_a_demo_are_said() -> None:
    found = dataclasses.replace(DUE, day=dt.date(2026, 4, 3), holiday="good_friday")
    calendar_file = made(found, demo=True)
    assert calendar_file.parts[0].said["SUMMARY"] == "DEMO - A/1: Nächster Termin – Feiertag: Karfreitag"
    assert calendar_file.said["X-WR-CALNAME"] == "DEMO - Fristen"


def test_a_uid_stays_with_its_deadline_and_its_store() -> None:
    moved = dataclasses.replace(DUE, day=dt.date(2026, 5, 1), number="A/2")
    assert uid(DUE, "a") == uid(moved, "a")
    others = [
        uid(DUE, "b"),
        uid(dataclasses.replace(DUE, key="uuid:2"), "a"),
        uid(dataclasses.replace(DUE, name="x"), "a"),
    ]
    assert len({uid(DUE, "a"), *others}) == 4


def test_without_a_number_it_says_so() -> None:
    assert made(dataclasses.replace(DUE, number="")).parts[0].said["SUMMARY"] == "ohne Fallnummer: Nächster Termin"


@given(st.text(max_size=300))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    said = made(DUE, title=f"x{text}").said["X-WR-CALNAME"]
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert said == "x" + "".join(char for char in kept if char in "\t\n" or (char >= " " and char != "\x7f"))


@pytest.mark.parametrize("letter", ["a", "ü", "€", "😀"])
def test_lines_are_folded_by_octets_and_never_inside_a_letter(letter: str) -> None:
    for length in range(60, 90):
        pieces = list(folded(letter * length))
        assert all(len(piece) - 2 <= 75 for piece in pieces)
        assert b"".join(piece.removesuffix(b"\r\n").removeprefix(b" ") for piece in pieces).decode() == letter * length


def test_signs_of_the_format_are_escaped() -> None:
    assert escaped("a,b;c\\d\r\ne\x07") == "a\\,b\\;c\\\\d\\ne"
