"""Rows of texts from a store, and answers as what they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from intake.store.restriction import restrict
from intake.study import Study
from reports.registers.reading import Registers, Scope, day, holds, in_care, number, read_registers, stays
from scenario.lives import TOWN
from scenario.register_records import DAY


def test_entries_belong_to_their_record_and_choices_have_their_names(registers: Registers) -> None:
    (key,) = (row["KEY"] for row in registers.rows("stelle") if row["stelle-id"] == "S-01")
    assert [row["anteil_prozent"] for row in registers.below("stelle-anteil", key)] == ["60", "40"]
    assert registers.below("stelle-anteil", "uuid:nobody") == ()
    assert registers.labels("stelle", "stelle-traeger", "en")["kreis"] == "district"
    assert registers.labels("nirgends", "x", "de") == {}
    assert registers.closed == frozenset()


def test_a_form_without_records_or_not_published_has_no_rows(study: Study) -> None:
    with study.store() as store:
        found = read_registers(study, store, ["esu_messung", "gibtsnicht"])
    assert (found.rows("esu_messung"), found.rows("gibtsnicht")) == ([], ())


def test_contacts_of_somebody_restricted_are_left_out(study: Study) -> None:
    from scenario.lives import talk

    with study.store() as store:
        before = len(read_registers(study, store, ["kontakt"]).rows("kontakt"))
        talk(store, "P-000900", "2024-01-02")
        assert len(read_registers(study, store, ["kontakt"]).rows("kontakt")) == before + 1
        restrict(store, "P-000900", reason="Art. 18")
        assert len(read_registers(study, store, ["kontakt"]).rows("kontakt")) == before


@pytest.mark.parametrize(("text", "as_day", "as_number"), [
    ("2024-06-30", DAY, None), ("2024-06-30T12:00:00", DAY, None), ("30.06.2024", None, None), ("", None, None),
    ("796.08", None, Decimal("796.08")), ("NaN", None, None), ("Infinity", None, None),
])  # fmt: skip
def test_what_is_no_day_or_number_is_none(text: str, as_day: dt.date | None, as_number: Decimal | None) -> None:
    assert day({"x": text}, "x") == as_day
    assert number({"x": text}, "x") == as_number


@pytest.mark.parametrize(("date", "cared"), [
    ("2024-01-09", []), ("2024-01-10", ["first"]), ("2024-02-28", ["first"]), ("2024-02-29", ["second"]),
    ("2024-03-31", ["second"]), ("2024-04-01", []),
])  # fmt: skip
def test_who_comes_back_on_the_day_of_the_exit_is_in_care(date: str, cared: list[str]) -> None:
    def row(on: str, day_of: str, **more: str) -> dict[str, str]:
        return {"fall-gemeinde": TOWN, "fall-person": "P-1", day_of: on, **more}

    made = Registers({
        "erstgespraech": [row("2024-02-29", "aufenthalt-zuweisung", KEY="second"),
                          row("2024-01-10", "aufenthalt-zuweisung", KEY="first")],
        "austritt": [row("2024-02-29", "austritt-datum"), row("2024-04-01", "austritt-datum")],
    })  # fmt: skip
    assert [row["KEY"] for row in in_care(made, [TOWN], dt.date.fromisoformat(date)).values()] == cared
    assert in_care(made, [], DAY) == {}


def test_a_period_covers_its_last_day_and_a_stay_does_not() -> None:
    first = dt.date(2024, 1, 1)
    assert holds(first, DAY, DAY)
    assert not stays(first, DAY, DAY)
    assert holds(None, None, DAY)
    assert not stays(None, None, DAY)
    assert stays(DAY, None, DAY)


def test_months_end_on_their_last_days(scope_of_february: Scope) -> None:
    months = scope_of_february.months()
    assert months[0] == dt.date(2023, 3, 31)
    assert months[-2:] == (dt.date(2024, 1, 31), dt.date(2024, 2, 10))


@pytest.fixture
def scope_of_february() -> Scope:
    return Scope(dt.date(2024, 2, 10), {}, policy=None)  # type: ignore[arg-type]  # not needed here
