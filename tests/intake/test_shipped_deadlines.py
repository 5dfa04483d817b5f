"""The shipped deadlines, each in a world of its own: when it is due, and what ends it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.deadlines import FILE, Due, due, lacking, read_deadlines
from intake.study import Study
from intake.texttables import About, TextTables, read_choices
from validation import read_form

DATA = Path(__file__).parents[2] / "data"
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
SHIPPED = {each.name: each for each in read_deadlines(DATA / FILE)}
LISTS = read_choices(DATA)

Rows = dict[str, list[dict[str, str]]]

PERSON = {"name": "P-1", "zuweisung": "2025-06-01", "zustaendig": "S-1", "plan_fuer": "person"}
HELD = {"KEY": "e1", "fall-person": "P-1", "aufenthalt-zuweisung": "2025-06-01", "fall-datum": "2025-06-02",
        "fall-zustaendig": "S-1"}  # fmt: skip
GOAL = {"name": "g1", "person": "P-1", "_since": "2025-06-02", "stand": "running", "faellig": "2026-03-10"}
FOLLOWED = {"KEY": "f1", "fall-person": "P-1", "fall-datum": "2025-09-10", "fall-zustaendig": "S-1"}
RELEASED = {**FOLLOWED, "fall-entbindung_neu": "ja"}
LEFT = {"austritt": [{"fall-person": "P-1", "austritt-datum": "2026-02-20"}]}
LEFT_BEFORE = {"austritt": [{"fall-person": "P-1", "austritt-datum": "2021-12-31"}]}


@dataclass
class World:
    """Tables by hand, and the shipped lists; every column that anybody asks for is there."""

    rows: Rows

    def _of(self, table: str) -> list[dict[str, str]]:
        return self.rows.get(table, LISTS.get(table, []))

    def has(self, table: str) -> bool:
        return bool(table)

    def columns(self, _table: str) -> frozenset[str]:
        wanted = (question for each in SHIPPED.values() for question in each.asked.values())
        return frozenset(
            name
            for question in wanted
            for name in (*question.reads, *(one for names in question.looks.values() for one in names))
        )

    def count(self, table: str) -> int:
        return len(self._of(table))

    def texts(self, table: str, column: str) -> list[str]:
        return [row.get(column, "") for row in self._of(table)]

    def about(self, table: str) -> list[About]:
        return [About(row.get("KEY", row.get("name", "")), "P-1", "08235007", "") for row in self._of(table)]

    def numbers(self) -> dict[str, str]:
        return {"P-1": "A/1"}

    def restricted(self) -> frozenset[str]:
        return frozenset()

    def sensitivity(self, _table: str, _column: str) -> str:
        return "general"


def found(name: str, rows: Rows, until: str = "") -> list[Due]:
    last = dt.date.fromisoformat(until) if until else None
    return list(due([SHIPPED[name]], World(rows), now=NOW, until=last))


def said(of_releases: str, day: str, **more: str) -> Rows:
    """A follow-up on a day, with what it says of releases."""
    return {"fortschreibung": [{**FOLLOWED, "fall-datum": day, "fall-entbindung_neu": of_releases, **more}]}


def person(**more: str) -> Rows:
    return {"person": [{**PERSON, **more}], "erstgespraech": [HELD]}


CASES: dict[str, tuple[Rows, str, list[Rows]]] = {
    # name: the world in which it is due, on which day, and what, added to that world, ends it
    "naechster_termin": (
        person(naechster_termin="2026-03-20"), "2026-03-20",
        [LEFT, {"kontakt": [{"fall-person": "P-1", "kontakt-datum": "2026-03-20"}]},
         {"fortschreibung": [{**FOLLOWED, "fall-datum": "2026-03-25"}]}],
    ),
    "ziel_faellig": (
        {**person(), "ziel": [GOAL]}, "2026-03-10",
        [LEFT, {"ziel": [{**GOAL, "stand": "reached"}]}, {"ziel": [{**GOAL, "stand": "cancelled"}]},
         {"ziel": [{**GOAL, "stand": "not_reached"}]}, {"ziel": [{**GOAL, "faellig": "2026-09-01"}]}],
    ),
    "fortschreibung_faellig": (
        {**person(), "ziel": [GOAL], "fortschreibung": [FOLLOWED]}, "2026-03-10",
        [LEFT, {"ziel": []}, {"fortschreibung": [FOLLOWED, {**FOLLOWED, "fall-datum": "2026-02-01"}]}],
    ),
    "plan_fehlt": (
        person(zuweisung="2025-12-20"), "2026-03-20",
        [LEFT, {"ziel": [GOAL]}, person(zuweisung="2025-12-20", plan_fuer="mit_eltern")],
    ),
    "kontakt_ohne_erstgespraech": (
        {"kontakt": [{"KEY": "k1", "fall-person": "P-1", "kontakt-datum": "2025-12-10"},
                     {"KEY": "k2", "fall-person": "P-1", "kontakt-datum": "2025-12-15"}]}, "2026-03-10",
        [{"erstgespraech": [HELD]}, LEFT],
    ),
    "grenze_36_monate": (
        person(zuweisung="2023-03-20"), "2026-03-20",
        [LEFT, person(zuweisung="2023-03-20", verlaengerung_bis="2026-09-20")],
    ),
    "verlaengerung_endet": (
        person(zuweisung="2023-01-01", verlaengerung_bis="2026-04-01"), "2026-04-01",
        [LEFT, person(zuweisung="2023-01-01", verlaengerung_bis="2022-04-01"),
         person(zuweisung="2022-04-01", verlaengerung_bis="2026-04-01")],
    ),
    "grenze_48_monate": (
        person(zuweisung="2022-04-01", verlaengerung_bis="2026-04-01"), "2026-04-01",
        [LEFT, person(zuweisung="2022-04-01")],
    ),
    "aufenthalt_endet": (
        person(status="ae25_3", status_gueltig_bis="2026-05-20"), "2026-05-20",
        [LEFT, person(status="ne9", status_gueltig_bis="2026-05-20"),
         person(status="ae25_3", status_gueltig_bis="2026-07-01")],
    ),
    "anerkennung_entscheidung": (
        person(anerkennung="applied", anerkennung_beantragt_am="2025-11-30"), "2026-02-28",
        [LEFT, person(anerkennung="full", anerkennung_beantragt_am="2025-11-30"),
         person(anerkennung="applied", anerkennung_beantragt_am="2025-11-30", anerkennung_bescheid_vom="2026-02-01")],
    ),
    "platz_gesucht": (
        {**person(), "kind": [{"name": "P-9", "person": "P-1", "platz_gewuenscht": "ja", "platz_seit": "2025-08-01"}]},
        "2025-08-01",
        [LEFT, {"kind": [{"name": "P-9", "person": "P-1", "platz_gewuenscht": "nein", "platz_seit": "2025-08-01"}]}],
    ),
    "platz_gesucht_ohne_nummer": (
        {**person(), "erstgespraech-kind": [{"KEY": "e1/kind[1]", "PARENT_KEY": "e1", "platz_gewuenscht": "ja",
                                             "platz_seit": "2025-08-01"}]}, "2025-08-01",
        [LEFT, {"erstgespraech-kind": [{"KEY": "e1/kind[1]", "PARENT_KEY": "e1", "platz_gewuenscht": "ja",
                                        "platz_seit": "2025-08-01", "kind_id": "P-9"}]}],
    ),
    "schweigepflicht_endet": (
        person(schweigepflicht="jc aa", schweigepflicht_bis="2026-03-31"), "2026-03-31",
        [LEFT, person(schweigepflicht="jc", schweigepflicht_bis="2026-04-15"), said("abgelaufen", "2026-03-01"),
         said("abgelaufen", "2026-04-10"), said("ja", "2026-02-01")],
    ),
    "entbindung_einer_stelle_endet": (
        {**person(), "erstgespraech-entbindung": [{"KEY": "e1/e[1]", "PARENT_KEY": "e1", "bis": "2026-03-15"}]},
        "2026-03-15",
        [LEFT, said("ja", "2025-09-10"), said("abgelaufen", "2026-02-13"), said("abgelaufen", "2026-03-20")],
    ),
    "neue_entbindung_einer_stelle_endet": (
        {**person(), "fortschreibung": [RELEASED],
         "fortschreibung-entbindung": [{"KEY": "f1/entbindung[1]", "PARENT_KEY": "f1", "bis": "2026-03-15"}]},
        "2026-03-15",
        [LEFT, {"fortschreibung": [RELEASED, {**RELEASED, "KEY": "f2"}]},
         {"fortschreibung": [RELEASED, {**RELEASED, "KEY": "f2", "fall-datum": "2026-03-20",
                                        "fall-entbindung_neu": "abgelaufen"}]}],
    ),
    "kurs_endet": (
        person(kursstatus="running", kurs_bis="2026-03-31"), "2026-03-31",
        [LEFT, person(kursstatus="finished_pass", kurs_bis="2026-03-31")],
    ),
    "verwendungsnachweis": (
        {"foerderung": [{"nachweis-vn_faellig": "2026-03-31"}]}, "2026-03-31",
        [{"foerderung": [{"nachweis-vn_faellig": "2026-03-31", "nachweis-vn_eingereicht": "2026-02-01"}]}],
    ),
    "meldung_der_koepfe": (
        {"foerderung": [{"foerderung-stichtag": "2026-02-15"}]}, "2026-03-15",
        [{"foerderung": [{"foerderung-stichtag": "2026-02-15", "foerderung-gemeldet_am": "2026-03-01"}]}],
    ),
}  # fmt: skip


def test_each_shipped_deadline_has_its_case() -> None:
    assert set(CASES) == set(SHIPPED)


@pytest.mark.parametrize("name", CASES)
def test_it_is_due_on_its_day_and_ended_by_what_ends_it(name: str) -> None:
    rows, day, endings = CASES[name]
    (shown,) = found(name, rows)
    assert (shown.day.isoformat(), shown.number) == (day, "A/1")
    assert shown.owner == ("" if "foerderung" in rows else "S-1" if "person" in rows else "")
    assert len(found(name, {**rows, **LEFT_BEFORE})) == 1, "an exit of an earlier episode ends nothing"
    for ending in endings:
        assert found(name, {**rows, **ending}) == [], ending


@pytest.mark.parametrize(
    "meanwhile",
    [said("nein", "2026-03-20"), said("", "2026-03-20"), said("abgelaufen", "2025-09-10"),
     said("ja", "2025-09-10", **{"fall-schweigepflicht": "jc", "fall-schweigepflicht_bis": "2026-03-31"}),
     said("ja", "2025-05-01")],
)  # fmt: skip
def test_a_release_that_has_ended_is_open_until_somebody_says_what_became_of_it(meanwhile: Rows) -> None:
    rows, _, _ = CASES["schweigepflicht_endet"]
    assert len(found("schweigepflicht_endet", {**rows, **meanwhile})) == 1
    told = meanwhile["fortschreibung"][0]
    if told["fall-entbindung_neu"] != "ja" or told["fall-datum"] < HELD["fall-datum"]:  # said in an earlier episode
        rows, _, _ = CASES["entbindung_einer_stelle_endet"]
        assert len(found("entbindung_einer_stelle_endet", {**rows, **meanwhile})) == 1


@pytest.mark.parametrize("name", [each.name for each in SHIPPED.values() if each.kind != "since"])
def test_it_shows_from_its_lead_time_on(name: str) -> None:
    rows, day, _ = CASES[name]
    lead = SHIPPED[name].lead
    late = dt.datetime.combine(dt.date.fromisoformat(day) - dt.timedelta(lead), dt.time(9), dt.UTC)
    for now, count in ((late, 1), (late - dt.timedelta(1), 0)):
        shown = due([SHIPPED[name]], World(rows), now=now)
        assert len(shown) == count


def test_every_row_is_judged_on_the_demo_and_its_columns_are_there(demo_study: Study) -> None:
    with demo_study.store() as store:
        forms = {each.hash: read_form(each.xform) for each in store.forms()}
        tables = TextTables(store, forms.__getitem__, zone=demo_study.tz, lists=read_choices(demo_study.dir))
        rows = read_deadlines(demo_study.dir / FILE)
        shown = due(rows, tables, now=dt.datetime(2022, 12, 31, 12, tzinfo=demo_study.tz))
        without = {row.name: table for row in rows if (table := lacking(row, tables))}
    assert without == {}
    assert {"naechster_termin", "ziel_faellig", "fortschreibung_faellig"} <= {each.name for each in shown}
    assert all(each.number and each.municipality for each in shown if each.person)
