"""The forms of the registers: what they compute, refuse and offer, beyond what every shipped form must do."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.simulate import simulate
from intake.store import open_store
from scenario import registers
from scenario.first_interview import FORMS, NOW, form, kinds
from scenario.interview import KEY, Talk
from scenario.register_records import filled
from validation.instance import Instance

DATA = FORMS.parent
ZONE = ZoneInfo("Europe/Berlin")
TOWN = "08235007"


def given(name: str, answers: Mapping[str, Any]) -> Instance:
    """A record of the form with the answers."""
    return filled(form(name), answers, NOW)


def reached(record: Mapping[str, Any]) -> set[str]:
    """Nodesets that hold something anywhere in a record."""
    found: set[str] = set()
    for path, value in record.items():
        if isinstance(value, list):
            for each in value:
                found |= reached(each)
        elif value:
            found.add(path)
    return found


@pytest.mark.parametrize("name", registers.FORMS)
def test_every_question_is_reached_by_some_record(name: str) -> None:
    found: set[str] = set()
    asked = {each.nodeset for each in form(name).controls() if not each.nodeset.endswith(("__missing", "_zu"))}
    for number, submission in enumerate(simulate(form(name), 120, 5, NOW)):
        found |= reached(submission.record)
        if number >= 10 and asked <= found:
            break
    assert asked - found == set()


def test_each_opens_in_an_interview(tmp_path: Path) -> None:
    with open_store(tmp_path / "store.db", key=KEY, create=True) as store:
        for name in registers.FORMS:
            publish(store, FORMS / f"{name}.md")
            desk = Worklist(store, zone=ZONE, author="tester", form_id=name)
            talk = Talk(desk.begin(name))
            assert talk.answer("gemeinde", TOWN)["type"] == "ack", name
            assert talk["gemeinde"]["value"] == TOWN


# --- funding


def funding(*heads: int) -> Instance:
    answers: dict[str, Any] = {}
    for number, count in enumerate(heads, start=1):
        answers[f"koepfe/kopf[{number}]/ags"] = f"0811700{number}"
        answers[f"koepfe/kopf[{number}]/heads"] = count
    return given("foerderung", answers)


def test_2076_heads_give_25_to_32_posts_as_a_calculation() -> None:
    instance = funding(1000, 676, 400)
    result = {name: instance.value(f"/data/ergebnis/{name}") for name in ("koepfe_summe", "betrag")}
    assert result == {"koepfe_summe": "2076", "betrag": "1652662"}
    assert instance.value("/data/ergebnis/stellen_min") == "25"
    assert instance.value("/data/ergebnis/stellen_max") == "32"
    assert instance.value("/data/ergebnis/vzae_unten") == "32.41"
    for name in ("betrag", "stellen_min", "stellen_max"):
        assert "Rechenannahme" in str(instance.label(f"/data/ergebnis/{name}", "Deutsch (de)"))


def test_each_parameter_says_where_it_comes_from() -> None:
    instance = funding(1)
    states = {name: instance.value(f"/data/parameter/{name}_stand") for name in ("satz", "kosten_unten", "kosten_oben")}
    assert states == {"satz": "abgeleitet", "kosten_unten": "veroeffentlicht", "kosten_oben": "angenommen"}
    assert all(instance.value(f"/data/parameter/{name}_quelle") for name in states)
    assert instance.value("/data/parameter/schwelle_stand") == "veroeffentlicht"


@pytest.mark.parametrize(("heads", "alone"), [(64, "nein"), (65, "ja"), (66, "ja"), (368, "ja")])
def test_below_the_threshold_a_town_needs_others(heads: int, alone: str) -> None:
    instance = funding(heads)
    assert instance.value("/data/koepfe/kopf[1]/allein") == alone
    assert instance.relevant("/data/koepfe/kopf[1]/verbund") == (alone == "nein")


@pytest.mark.parametrize(("heads", "amount"), [(66, "52541"), (368, "292957")])
def test_published_amounts_come_out_again(heads: int, amount: str) -> None:
    assert funding(heads).value("/data/koepfe/kopf[1]/betrag_gemeinde") == amount


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ("2018-12-31", "2019-03-31"), ("2018-11-30", "2019-02-28"), ("2019-11-30", "2020-02-29"),
        ("2019-09-30", "2019-12-30"), ("2019-10-15", "2020-01-15"), ("2020-01-31", "2020-04-30"),
        ("2020-05-31", "2020-08-31"),
    ],
)  # fmt: skip
def test_the_proof_of_use_is_due_three_months_after_the_end(end: str, due: str) -> None:
    instance = given("foerderung", {"nachweis/zeitraum_bis": dt.date.fromisoformat(end)})
    assert instance.value("/data/nachweis/vn_faellig") == due


def test_heads_reported_after_the_middle_of_october_are_asked() -> None:
    answers = {"foerderung/stichtag": dt.date(2021, 9, 15), "foerderung/gemeldet_am": dt.date(2021, 10, 15)}
    instance = given("foerderung", answers)
    assert kinds(instance, "foerderung/gemeldet_am") == set()
    instance.answer("/data/foerderung/gemeldet_am", dt.date(2021, 10, 16))
    assert kinds(instance, "foerderung/gemeldet_am") == {"warning"}
    instance.answer("/data/foerderung/stichtag", dt.date(2021, 9, 14))
    assert kinds(instance, "foerderung/stichtag") == {"warning"}


# --- posts and accommodations


def test_a_town_may_be_entitled_to_posts_of_which_none_is_its_own() -> None:
    """Geislingen: four posts by entitlement, served by the district."""
    own = {"stelle/traeger": "kreis", "stelle/vzae_anspruch": 1, "stelle/vzae_besetzt": 1, "stelle/vzae_eigen": 0}
    instance = given("stelle", own)
    assert kinds(instance, "stelle/vzae_eigen") == set()
    instance.answer("/data/stelle/vzae_eigen", 1)
    assert kinds(instance, "stelle/vzae_eigen") == {"constraint"}
    instance.answer("/data/stelle/traeger", "gemeinde")
    assert kinds(instance, "stelle/vzae_eigen") == set()


@pytest.mark.parametrize(("second", "kind"), [(25, set()), ("24.9", {"constraint"}), (30, {"constraint"})])
def test_shares_of_a_post_add_up_to_a_hundred(second: Any, kind: set[str]) -> None:
    answers = {
        "gemeinden/geteilt": "ja", "gemeinden/anteil[1]/anteil_ags": TOWN, "gemeinden/anteil[1]/anteil_prozent": 75,
        "gemeinden/anteil[2]/anteil_ags": "08235067", "gemeinden/anteil[2]/anteil_prozent": second,
    }  # fmt: skip
    instance = given("stelle", answers)
    assert kinds(instance, "gemeinden/anteil_summe") == kind
    instance.answer("/data/gemeinden/anteil[2]/anteil_ags", TOWN)
    assert kinds(instance, "gemeinden/anteil[2]/anteil_ags") == {"constraint"}


def test_the_table_of_costs_gives_a_figure_to_compare_with() -> None:
    instance = given("stelle", {"stelle/entgeltgruppe": "s11b", "stelle/vzae_besetzt": "0.5"})
    with (DATA / "lists" / "entgeltgruppe.csv").open(encoding="utf-8", newline="") as file:
        table = {row["name"]: row for row in csv.DictReader(file)}
    assert instance.value("/data/kosten/kosten_tabelle") == table["s11b"]["kosten_jahr"]
    assert {row["stand"] for row in table.values()} <= {"angenommen", "abgeleitet", "veroeffentlicht"}
    assert all(row["quelle"] and row["datum"] for row in table.values())
    instance.answer("/data/kosten/kosten_jahr", 27500)
    assert kinds(instance, "kosten/kosten_jahr") == set()
    instance.answer("/data/kosten/zuschuss_jahr", 25500)
    assert instance.value("/data/kosten/eigenanteil_jahr") == "2000"
    instance.answer("/data/kosten/kosten_jahr", 55000)
    assert kinds(instance, "kosten/kosten_jahr") == {"warning"}


def test_units_kept_one_by_one_are_compared_with_their_number_and_with_the_residents() -> None:
    answers = {
        "unterkunft/in_use_from": dt.date(2020, 1, 1), "unterkunft/units": 2,
        "wohneinheiten/einheiten_einzeln": "ja", "wohneinheiten/einheit[1]/einheit_name": "W1",
        "belegung/bewohner[1]/unit": "W2",
    }  # fmt: skip
    instance = given("unterkunft", answers)
    assert kinds(instance, "unterkunft/units") == {"warning"}
    assert kinds(instance, "belegung/bewohner[1]/unit") == {"warning"}
    instance.add_repeat("/data/wohneinheiten/einheit")
    instance.answer("/data/wohneinheiten/einheit[2]/einheit_name", "W2")
    assert kinds(instance, "unterkunft/units") == kinds(instance, "belegung/bewohner[1]/unit") == set()


# --- offers, volunteers


def test_who_takes_part_in_an_offer_for_a_religious_group_is_only_counted() -> None:
    answers = {"angebot/luecke": "nein", "zielgruppe/religioes": "nein", "mitmachen/teilnahme_gefuehrt": "ja",
               "mitmachen/teilnahme[1]/person": "P-000001"}  # fmt: skip
    instance = given("angebot", answers)
    assert instance.relevant("/data/mitmachen/teilnahme[1]/person")
    assert not instance.relevant("/data/mitmachen/teilnahme[1]/anzahl")
    instance.answer("/data/zielgruppe/religioes", "ja")
    assert not instance.relevant("/data/mitmachen/teilnahme[1]/person")
    assert kinds(instance, "mitmachen/teilnahme[1]/anzahl") == {"required"}
    assert form("angebot").binds["/data/zielgruppe/religioes"].columns["sensitivity"] == "special"


def test_a_gap_has_no_place_and_no_participants() -> None:
    instance = given("angebot", {"angebot/luecke": "ja"})
    assert not instance.relevant("/data/ablauf")
    assert not instance.relevant("/data/mitmachen")


def test_own_help_in_cases_is_part_of_the_hours() -> None:
    answers = {"umfang/stunden_gefuehrt": "ja", "umfang/stunden[1]/stunden_jahr": 40,
               "umfang/stunden[1]/fallhilfe_stunden": 40}  # fmt: skip
    instance = given("ehrenamt", answers)
    assert kinds(instance, "umfang/stunden[1]/fallhilfe_stunden") == set()
    instance.answer("/data/umfang/stunden[1]/fallhilfe_stunden", 41)
    assert kinds(instance, "umfang/stunden[1]/fallhilfe_stunden") == {"constraint"}


# --- the municipal plan and the school entry


def plan() -> Instance:
    return given("kommunaler_plan", {
        "plan/gilt_ab": dt.date(2020, 1, 1), "felder/handlungsfeld[1]/feld": "spr",
        "ziele/operatives_ziel[1]/ziel_feld": "spr", "ziele/operatives_ziel[1]/ziel_text": "Alle sprechen Deutsch.",
        "ziele/operatives_ziel[2]/ziel_feld": "spr", "massnahmen/massnahmen_gefuehrt": "ja",
        "massnahmen/massnahme[1]/massnahme_ziel": "Z1", "indikatoren/indikatoren_gefuehrt": "ja",
        "indikatoren/indikator[1]/indikator_ziel": "Z1", "indikatoren/indikator[1]/messbar": "ja",
        "indikatoren/indikator[1]/messgroesse/einheit": "prozent", "indikatoren/indikator[2]/indikator_ziel": "Z2",
        "indikatoren/indikator[2]/messbar": "nein", "messungen/messungen_gefuehrt": "ja",
        "messungen/messung[1]/messung_indikator": "I1", "messungen/messung[1]/messung_zaehler": 17,
        "messungen/messung[1]/messung_nenner": 40,
    })  # fmt: skip


def test_numbers_of_a_plan_are_proposed_and_link_its_levels() -> None:
    instance = plan()
    assert [instance.value(f"/data/ziele/operatives_ziel[{at}]/ziel_nr") for at in (1, 2)] == ["Z1", "Z2"]
    offered = [code for code, _ in instance.choices("/data/massnahmen/massnahme[1]/massnahme_ziel")]
    assert offered == ["Z1", "Z2"]
    assert instance.value("/data/massnahmen/massnahme[1]/massnahme_ziel_text") == "Alle sprechen Deutsch."
    fields = [code for code, _ in instance.choices("/data/ziele/operatives_ziel[1]/ziel_feld")]
    assert fields == ["spr"]


def test_a_goal_that_cannot_be_measured_says_why_and_has_no_measurements() -> None:
    instance = plan()
    assert instance.relevant("/data/indikatoren/indikator[1]/messgroesse/indikator_name")
    assert not instance.relevant("/data/indikatoren/indikator[2]/messgroesse/indikator_name")
    assert kinds(instance, "indikatoren/indikator[2]/nicht_messbar_grund") == {"required"}
    assert instance.value("/data/messungen/messung[1]/messung_wert") == "42.5"
    assert kinds(instance, "messungen/messung[1]/messung_indikator") == set()
    instance.answer("/data/messungen/messung[1]/messung_indikator", "I2")
    assert kinds(instance, "messungen/messung[1]/messung_indikator") == {"constraint"}


@pytest.mark.parametrize(("target", "direction", "kind"), [
    (60, "hoch", set()), (30, "hoch", {"warning"}), (30, "runter", set()), (40, "hoch", set()),
])  # fmt: skip
def test_a_target_against_its_direction_is_asked(target: int, direction: str, kind: set[str]) -> None:
    instance = plan()
    measure = "indikatoren/indikator[1]/messgroesse"
    instance.answer(f"/data/{measure}/ausgangswert", 40)
    instance.answer(f"/data/{measure}/richtung", direction)
    instance.answer(f"/data/{measure}/zielwert", target)
    assert kinds(instance, f"{measure}/zielwert") == kind


@pytest.mark.parametrize(("year", "kind"), [("2021/22", set()), ("2021/23", {"constraint"}), ("2099/00", set())])
def test_a_year_of_examination_is_two_that_follow(year: str, kind: set[str]) -> None:
    assert kinds(given("esu_messung", {"esu/jahr": year}), "esu/jahr") == kind


def test_no_more_children_need_support_than_were_examined() -> None:
    row = "ergebnisse/zeile[1]"
    instance = given("esu_messung", {f"{row}/untersucht": 40, f"{row}/bedarf": 17})
    assert instance.value(f"/data/{row}/anteil") == "42.5"
    instance.answer(f"/data/{row}/bedarf", 41)
    assert kinds(instance, f"{row}/bedarf") == {"constraint"}
    instance.answer(f"/data/{row}/untersucht", 19)
    assert "warning" in kinds(instance, f"{row}/untersucht")


def test_fields_of_towns_lead_to_fields_of_the_district() -> None:
    def codes(path: Path) -> set[str]:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["name"] for row in csv.DictReader(file)}

    with (DATA / "handlungsfelder.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["feld"] for row in rows} <= codes(DATA / "lists" / "planfeld.csv")
    assert {row["handlungsfeld"] for row in rows} <= codes(DATA / "lists" / "handlungsfeld.csv")
    fields = {ags: [row["feld"] for row in rows if row["ags"] == ags] for ags in ("08117026", TOWN)}
    assert [len(found) for found in fields.values()] == [5, 4]
    assert all(len(found) == len(set(found)) for found in fields.values())
    assert all(row["source"] for row in rows)
