"""The injection test of the rules between records: each planted fault is hit by its rules, nothing else is.

The tables are made-up first interviews and exits of the shipped forms, made consistent with each other: nobody has two
interviews, every exit has one before it.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from intake.crosscheck import read_lists, run_rules
from intake.rules import read_rules
from intake.simulate import simulate
from intake.tables import tables
from intake.xlsform import read_xlsform
from scenario.faulty import NOW, SHIPPED, first_interviews
from validation.layout import KEY

DATA = SHIPPED.parent
PERSON, MET, CAME, BORN = "fall-person", "fall-datum", "aufenthalt-zuweisung", "person-geburtsdatum"
LEFT, NUMBER = "austritt-datum", "fall-fallnummer"
JUDGED = {
    *("ein_plan_je_person", "episoden_ueberschneiden", "fallnummer_doppelt", "status_zum_gespraech_ungueltig"),
    *("moegliche_doppelte_person", "austritt_ohne_erstgespraech", "austritt_ohne_beginn", "austritt_vor_geburt"),
    "auffaellig_personen",
}
"""The others look into registers of flats, posts and contacts, which made-up interviews do not refer to."""

Tables = dict[str, pd.DataFrame]
Hits = set[tuple[str, str]]
"""(rule, KEY)."""


def consistent(number: int) -> Tables:
    """First interviews of different persons, and exits of every other one more than a year later."""
    _, good = first_interviews(number)
    met = good["erstgespraech"].copy()
    met["person-name"] = pd.Series(pd.NA, index=met.index, dtype=met["person-name"].dtype)  # made-up names sound alike
    met["haushalt-personen"] = pd.array([1 + row % 5 for row in range(len(met))], dtype="Int64")
    form = read_xlsform(SHIPPED / "austritt.md")
    left = tables(form, simulate(form, number // 2, 1, NOW))["austritt"]
    half = met.iloc[: len(left)]
    left[PERSON] = half[PERSON].to_numpy()
    left[LEFT] = (half[[MET, CAME]].max(axis=1) + pd.Timedelta(days=400)).to_numpy()
    return {"erstgespraech": met.reset_index(drop=True), "austritt": left}


def hits(made: Tables) -> Hits:
    rules = [rule for rule in read_rules(DATA / "rules.csv") if rule.name in JUDGED]
    assert {rule.name for rule in rules} == JUDGED
    found = run_rules(rules, made, now=NOW, zone="Europe/Berlin", lists=read_lists(DATA)).hits
    return set(zip(found["rule"], found["key"], strict=True))


class Town:
    """The tables while faults are planted; each case takes one."""

    def __init__(self, made: Tables) -> None:
        self.made = {name: frame.copy() for name, frame in made.items()}
        self.gone = iter(range(len(made["austritt"])))
        self.here = iter(range(len(made["austritt"]), len(made["erstgespraech"])))

    def key(self, table: str, row: int) -> str:
        return str(self.made[table][KEY].iloc[row])

    def say(self, table: str, row: int, **answers: object) -> None:
        for name, value in answers.items():
            self.made[table].loc[row, name.replace("__", "-")] = value

    def again(self, table: str, row: int, **answers: object) -> str:
        """One more record like this one. Its KEY."""
        frame = self.made[table]
        self.made[table] = pd.concat([frame, frame.iloc[[row]]], ignore_index=True)
        key = f"{frame[KEY].iloc[row]}-{len(frame)}"
        self.say(table, len(frame), KEY=key, **answers)
        return key


def second_open_plan(town: Town) -> Hits:
    row = next(town.here)
    again = town.again("erstgespraech", row, fall__fallnummer=f"open-{row}")
    keys = (town.key("erstgespraech", row), again)
    return {(rule, key) for rule in ("ein_plan_je_person", "episoden_ueberschneiden") for key in keys}


def overlapping_episode(town: Town) -> Hits:
    row = next(town.gone)
    came = town.made["austritt"][LEFT].iloc[row] - pd.Timedelta(days=10)
    again = town.again("erstgespraech", row, fall__fallnummer=f"over-{row}", aufenthalt__zuweisung=came)
    return {("episoden_ueberschneiden", again)}


def case_number_twice(town: Town) -> Hits:
    row = next(town.gone)
    came = town.made["austritt"][LEFT].iloc[row] + pd.Timedelta(days=10)
    again = town.again("erstgespraech", row, aufenthalt__zuweisung=came)
    return {("fallnummer_doppelt", key) for key in (town.key("erstgespraech", row), again)}


def exit_of_a_stranger(town: Town) -> Hits:
    row = next(town.gone)
    town.say("austritt", row, fall__person=f"X-{row}")
    return {("austritt_ohne_erstgespraech", town.key("austritt", row))}


def exit_before_birth(town: Town) -> Hits:
    row = next(town.gone)
    born, came = pd.Timestamp("1990-05-05"), pd.Timestamp("1990-06-06")
    town.say("erstgespraech", row, person__geburtsdatum=born, aufenthalt__zuweisung=came)
    town.say("austritt", row, austritt__datum=pd.Timestamp("1990-05-04"))
    return {(rule, town.key("austritt", row)) for rule in ("austritt_vor_geburt", "austritt_ohne_beginn")}


def exit_before_the_beginning(town: Town) -> Hits:
    row = next(town.gone)
    town.say("erstgespraech", row, person__geburtsdatum=pd.Timestamp("1900-05-05"))
    came = town.made["erstgespraech"][CAME].iloc[row]
    town.say("austritt", row, austritt__datum=came - pd.Timedelta(days=1))
    return {("austritt_ohne_beginn", town.key("austritt", row))}


def exit_twice(town: Town) -> Hits:
    row = next(town.gone)
    again = town.again("austritt", row)
    return {("austritt_ohne_beginn", key) for key in (town.key("austritt", row), again)}


def status_not_yet_there(town: Town) -> Hits:
    row = next(town.here)
    town.say("erstgespraech", row, aufenthalt__status="ae16g", fall__datum=pd.Timestamp("2020-02-02"))
    return {("status_zum_gespraech_ungueltig", town.key("erstgespraech", row))}


def one_person_under_two_names(town: Town) -> Hits:
    first, second = next(town.here), next(town.here)
    born = pd.Timestamp("1931-01-01") + pd.Timedelta(days=first)
    town.say("erstgespraech", first, person__name="Mohammed, Achmed", person__geburtsdatum=born)
    town.say("erstgespraech", second, person__name="Muhamad, Ahmed", person__geburtsdatum=born)
    return {("moegliche_doppelte_person", town.key("erstgespraech", row)) for row in (first, second)}


def household_far_from_others(town: Town) -> Hits:
    row = next(town.here)
    town.say("erstgespraech", row, haushalt__personen=95)
    return {("auffaellig_personen", town.key("erstgespraech", row))}


KINDS: tuple[Callable[[Town], Hits], ...] = (
    second_open_plan, overlapping_episode, case_number_twice, exit_of_a_stranger, exit_before_birth,
    exit_before_the_beginning, exit_twice, status_not_yet_there, one_person_under_two_names, household_far_from_others,
)  # fmt: skip


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("number", "each"), [(20, 1), pytest.param(10_000, 100, marks=pytest.mark.long)])
def test_faults_between_records_are_found_and_nothing_else(number: int, each: int) -> None:
    good = consistent(number)
    assert hits(good) == set()
    town = Town(good)
    expected = {kind.__name__: [kind(town) for _ in range(each)] for kind in KINDS}
    found = hits(town.made)
    shares = {name: sum(some <= found for some in planted) / len(planted) for name, planted in expected.items()}
    assert set(shares.values()) == {1.0}, shares
    assert found == {hit for planted in expected.values() for some in planted for hit in some}
