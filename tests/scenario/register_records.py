"""A study with a few hand-made records of every register, filled through their forms; the tests count by hand."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intake.simulate import submit
from intake.store import Store
from intake.study import Study
from scenario.lives import OTHER, TOWN, forms_of, interview, left, study_of
from validation.form import Form
from validation.instance import Instance
from validation.xform import read_form

NOW = dt.datetime(2024, 7, 1, 9, tzinfo=dt.UTC)
DAY = dt.date(2024, 6, 30)
KREIS = "Kreis Calw"
Answers = Mapping[str, Any]


def filled(form: Form, answers: Answers, now: dt.datetime = NOW) -> Instance:
    """A record of a form; keys are paths below /data, entries of repeats are added in order."""
    instance = Instance(form, now=now)
    for path, value in answers.items():
        below = f"/data/{path}"
        if "[" in below:
            repeat, _, rest = below.partition("[")
            while len(instance.entries(repeat)) < int(rest.partition("]")[0]):
                instance.add_repeat(repeat)
        instance.answer(below, value)
    return instance


def register_study(directory: Path) -> Study:
    """The study with all records, in a Kreis of two towns."""
    study = study_of(directory)
    rows = ["ags,name,kreis,regierungsbezirk,invented"]
    rows += [f"{ags},{name},{KREIS},Karlsruhe,no" for ags, name in study.municipalities.items()]
    (study.dir / "municipalities.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    with study.store() as store:
        for number, (name, answers) in enumerate(_records(), start=1):
            keep(store, name, answers, number)
        for number in range(1, 6):
            interview(store, f"P-00000{number}", teilhabe__patenschaft_gewuenscht="ja")
        left(store, "P-000004", DAY.isoformat())
        left(store, "P-000005", "2024-03-01")
        interview(store, "P-000005", came="2024-03-02", teilhabe__patenschaft_gewuenscht="nein")
        interview(store, "P-000006", came="2024-07-01", teilhabe__patenschaft_gewuenscht="ja")
    return study


def keep(store: Store, name: str, answers: Answers, number: int) -> None:
    """One record more, filled through its form."""
    uuid = f"uuid:{number:08d}-0000-4000-9000-000000000000"
    form = _read(forms_of(store)[name].xform)
    store.append(submit(filled(form, answers), uuid, started=NOW, ended=NOW, author="müller"))


@functools.cache
def _read(xform: str) -> Form:
    return read_form(xform)


def _records() -> list[tuple[str, Answers]]:
    return [*_posts(), *_funding(), *_sites(), *_offers(), *_volunteers(), *_network()]


def _days(answers: Answers) -> Answers:
    """ISO texts of days as days."""
    made = dict(answers)
    for path, value in answers.items():
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            made[path] = dt.date.fromisoformat(value)
    return made


def post(town: str, number: str, approved: float, filled_now: float, **more: Any) -> tuple[str, Answers]:
    """A post in the integration management of the town itself from 2023 to 2025. Keys by `__` for `/`."""
    found: dict[str, Any] = {
        "stelle/gemeinde": town, "stelle/id": number, "stelle/rolle": "im", "stelle/traeger": "gemeinde",
        "stelle/vzae_anspruch": approved, "stelle/vzae_bewilligt": approved, "stelle/vzae_besetzt": filled_now,
        "stelle/vzae_eigen": filled_now, "stelle/status": "besetzt", "stelle/von": "2023-01-01",
        "stelle/bis": "2025-12-31",
    }  # fmt: skip
    return "stelle", _days(found | {name.replace("__", "/"): value for name, value in more.items()})


def _posts() -> list[tuple[str, Answers]]:
    shared = {
        "gemeinden/geteilt": "ja", "gemeinden/anteil[1]/anteil_ags": TOWN, "gemeinden/anteil[1]/anteil_prozent": 60,
        "gemeinden/anteil[2]/anteil_ags": OTHER, "gemeinden/anteil[2]/anteil_prozent": 40,
    }  # fmt: skip
    ill = {
        "abwesenheiten/abwesenheit_erfasst": "ja", "abwesenheiten/abwesenheit[1]/art": "krankheit",
        "abwesenheiten/abwesenheit[1]/von": dt.date(2024, 5, 15), "abwesenheiten/abwesenheit[1]/vertretung": "nein",
    }  # fmt: skip
    parent = {
        "abwesenheiten/abwesenheit_erfasst": "ja", "abwesenheiten/abwesenheit[1]/art": "mutterschutz_elternzeit",
        "abwesenheiten/abwesenheit[1]/von": dt.date(2024, 6, 1),
        "abwesenheiten/abwesenheit[1]/bis": dt.date(2024, 12, 31),
        "abwesenheiten/abwesenheit[1]/vertretung": "teilweise",
    }  # fmt: skip
    wrong = {
        "gemeinden/geteilt": "ja", "gemeinden/anteil[1]/anteil_ags": OTHER, "gemeinden/anteil[1]/anteil_prozent": 50,
        "gemeinden/anteil[2]/anteil_ags": TOWN, "gemeinden/anteil[2]/anteil_prozent": 40,
    }  # fmt: skip
    paid = {"stelle__entgeltgruppe": "eg10", "kosten__kosten_jahr": 60000, "kosten__zuschuss_jahr": 51000}
    first = post(TOWN, "S-01", 1, 1, stelle__ausgeschrieben_am="2023-01-10", stelle__besetzt_seit="2023-03-01", **paid)
    second = post(TOWN, "S-02", 0.75, 0.75, stelle__entgeltgruppe="s12", kosten__zuschuss_jahr=40000)
    third = post(
        TOWN,
        "S-03",
        0.5,
        0,
        stelle__rolle="ib",
        stelle__status="ausgeschrieben",
        stelle__ausgeschrieben_am="2024-06-01",
    )
    fourth = post(OTHER, "S-04", 1, 1, stelle__traeger="kreis", stelle__vzae_eigen=0)
    return [
        ("stelle", first[1] | shared | ill), ("stelle", second[1] | parent), third, ("stelle", fourth[1] | wrong),
    ]  # fmt: skip


def _funding() -> list[tuple[str, Answers]]:
    heads = {TOWN: 1000, OTHER: 60, "08117024": 1016}
    counted: dict[str, Any] = {}
    for number, (ags, count) in enumerate(heads.items(), start=1):
        counted |= {f"koepfe/kopf[{number}]/ags": ags, f"koepfe/kopf[{number}]/heads": count}
    now = {
        "foerderung/gemeinde": TOWN, "foerderung/id": "F-2023", "foerderung/antragsteller": "kreis",
        "foerderung/stichtag": "2023-09-15", "foerderung/gemeldet_am": "2023-10-10",
        "ergebnis/betrag_bewilligt": 1600000, "ergebnis/eigenanteil": 25000, "nachweis/zeitraum_von": "2024-01-01",
        "nachweis/zeitraum_bis": "2025-12-31",
    }  # fmt: skip
    past = {
        "foerderung/gemeinde": TOWN, "foerderung/id": "F-2021", "foerderung/antragsteller": "kreis",
        "foerderung/stichtag": "2021-09-15", "nachweis/zeitraum_von": "2022-01-01",
        "nachweis/zeitraum_bis": "2023-12-31", "koepfe/kopf[1]/ags": TOWN, "koepfe/kopf[1]/heads": 900,
    }  # fmt: skip
    return [("foerderung", _days(now) | counted), ("foerderung", _days(past))]


def _sites() -> list[tuple[str, Answers]]:
    people = {f"P-00000{number}": "2024-01-01" for number in range(1, 6)}
    inside: dict[str, Any] = {}
    for number, (person, since) in enumerate(people.items(), start=1):
        inside |= {f"belegung/bewohner[{number}]/person": person, f"belegung/bewohner[{number}]/von": since}
    first = {
        "unterkunft/gemeinde": TOWN, "unterkunft/id": "U-01", "unterkunft/name": "Haus Birke",
        "unterkunft/ortsteil": "Neuhengstett", "unterkunft/type": "gu", "unterkunft/units": 2, "unterkunft/places": 8,
        "unterkunft/in_use_from": "2020-01-01", "unterkunft/barrier_free": "ja",
        "nutzbarkeit/einschraenkung": "ja", "nutzbarkeit/zeitraum[1]/nutzbar_von": "2024-06-01",
        "nutzbarkeit/zeitraum[1]/nutzbar_bis": "2024-08-31", "nutzbarkeit/zeitraum[1]/nutzbar_plaetze": 3,
        "wohneinheiten/einheiten_einzeln": "ja", "wohneinheiten/einheit[1]/einheit_name": "W1",
        "wohneinheiten/einheit[1]/einheit_plaetze": 1, "wohneinheiten/einheit[2]/einheit_name": "W2",
        "wohneinheiten/einheit[2]/einheit_plaetze": 7, **inside, "belegung/bewohner[1]/unit": "W1",
        "belegung/bewohner[2]/unit": "W1", "belegung/bewohner[4]/bis": "2024-06-30",
        "belegung/bewohner[5]/not_im": "ja",
    }  # fmt: skip
    second = {
        "unterkunft/gemeinde": TOWN, "unterkunft/id": "U-02", "unterkunft/name": "Haus Linde",
        "unterkunft/ortsteil": "Ottenbronn", "unterkunft/type": "wohnung", "unterkunft/units": 1,
        "unterkunft/places": 6, "unterkunft/places_usable": 5, "unterkunft/in_use_from": "2024-03-15",
        "belegung/bewohner[1]/person": "P-000006", "belegung/bewohner[1]/von": "2024-04-01",
    }  # fmt: skip
    return [("unterkunft", _days(first)), ("unterkunft", _days(second))]


def _offers() -> list[tuple[str, Answers]]:
    def offer(number: str, name: str, kind: str, fields: str, **more: Any) -> tuple[str, Answers]:
        found = {
            "angebot/gemeinde": TOWN, "angebot/id": number, "angebot/bezeichnung": name, "angebot/art": kind,
            "angebot/felder": fields, "angebot/luecke": "nein", "zielgruppe/zielgruppen": "alle",
            "zielgruppe/religioes": "nein", "ablauf/rhythmus": "woechentlich", "ablauf/ab": "2023-01-01",
        }  # fmt: skip
        return "angebot", _days(found | {key.replace("__", "/"): value for key, value in more.items()})

    took_part = {
        "mitmachen/teilnahme_gefuehrt": "ja", "mitmachen/teilnahme[1]/teilnahme_datum": "2024-02-07",
        "mitmachen/teilnahme[1]/person": "P-000001", "mitmachen/teilnahme[2]/teilnahme_datum": "2024-02-14",
        "mitmachen/teilnahme[2]/person": "P-000001", "mitmachen/teilnahme[3]/teilnahme_datum": "2024-02-14",
        "mitmachen/teilnahme[3]/anzahl": 7, "mitmachen/teilnahme[4]/teilnahme_datum": "2023-12-20",
        "mitmachen/teilnahme[4]/anzahl": 9,
    }  # fmt: skip
    only_counted = {
        "mitmachen/teilnahme_gefuehrt": "ja", "mitmachen/teilnahme[1]/teilnahme_datum": "2024-03-01",
        "mitmachen/teilnahme[1]/anzahl": 12,
    }  # fmt: skip
    first = offer("A-01", "Jobcafé am Mittwoch", "jobcafe", "arb spr")
    second = offer("A-02", "Treff am Freitag", "jugendtreff", "soz", zielgruppe__religioes="ja")
    plan = {
        "plan/gemeinde": TOWN, "plan/id": "KIP-2024", "felder/handlungsfeld[1]/feld": "spr",
        "felder/handlungsfeld[1]/leitziel": "Alle verstehen sich", "felder/handlungsfeld[1]/ist_laeuft": "Sprachtreff",
        "felder/handlungsfeld[1]/ist_fehlt": "Kurs am Abend",
    }  # fmt: skip
    return [
        ("angebot", first[1] | _days(took_part)), ("angebot", second[1] | _days(only_counted)),
        offer("A-03", "Frauentreff", "frauentreff", "soz", ablauf__bis="2024-06-29"),
        offer("A-04", "Lernhilfe", "lernhilfe", "bil", angebot__luecke="ja"), ("kommunaler_plan", plan),
    ]  # fmt: skip


def _volunteers() -> list[tuple[str, Answers]]:
    def volunteer(number: str, roles: str, languages: str, **more: Any) -> tuple[str, Answers]:
        found = {
            "ehrenamt/gemeinde": TOWN, "ehrenamt/id": number, "ehrenamt/rollen": roles, "ehrenamt/sprachen": languages,
            "ehrenamt/aktiv_ab": "2022-01-01", "eignung/schulung": "ja", "eignung/fuehrungszeugnis_am": "2023-01-01",
        }  # fmt: skip
        return "ehrenamt", _days(found | {key.replace("__", "/"): value for key, value in more.items()})

    first = volunteer("E-01", "dolmetschen patenschaft", "ar en", eignung__fuehrungszeugnis_am="2019-06-30")
    hours = {
        "begleitung/begleitet": "ja", "begleitung/patenschaft[1]/person": "P-000001",
        "begleitung/patenschaft[1]/pate_von": "2023-01-01", "begleitung/patenschaft[2]/person": "P-000002",
        "begleitung/patenschaft[2]/pate_von": "2023-01-01", "begleitung/patenschaft[2]/pate_bis": "2024-06-29",
        "umfang/stunden_gefuehrt": "ja", "umfang/stunden[1]/jahr": 2024, "umfang/stunden[1]/stunden_jahr": 80,
        "umfang/stunden[1]/fallhilfe_stunden": 30.5, "umfang/stunden[2]/jahr": 2023,
        "umfang/stunden[2]/stunden_jahr": 200,
    }  # fmt: skip
    contact = {
        "fall/gemeinde": TOWN, "fall/durch": "ehrenamt", "kontakt/datum": "2024-05-02", "kontakt/stunden": 1.5,
    }  # fmt: skip
    return [
        ("ehrenamt", first[1] | _days(hours)), volunteer("E-02", "dolmetschen", "ar", eignung__schulung="nein"),
        volunteer("E-03", "treff", "de", ehrenamt__aktiv_bis="2024-06-29"), ("kontakt", _days(contact)),
    ]  # fmt: skip


def _network() -> list[tuple[str, Answers]]:
    partner = {
        "organisation/gemeinde": TOWN, "organisation/id": "O-01", "organisation/bezeichnung": "Arbeitskreis Asyl",
        "organisation/art": "arbeitskreis", "organisation/kontakt_seit": "2019-05-01",
        "organisation/zuletzt_getroffen": "2024-01-15",
    }  # fmt: skip
    held = {
        "sitzung/gemeinde": TOWN, "sitzung/id": "T-01", "sitzung/art": "lenkung", "sitzung/datum": "2024-03-12",
        "sitzung/thema": "Wohnraum", "sitzung/eingeladen": 12, "anwesenheit/anwesend[1]/organisation": "O-01",
        "anwesenheit/anwesend[1]/anwesend_zahl": 3, "anwesenheit/anwesend[2]/organisation": "Handwerkskammer",
        "anwesenheit/anwesend[2]/anwesend_zahl": 1, "beschluesse/beschluss_gefasst": "ja",
        "beschluesse/beschluss[1]/beschluss_text": "Wohnungen werden gesucht.",
        "beschluesse/beschluss[1]/ergebnis": "beschlossen", "beschluesse/beschluss[1]/zustaendig": "Bauamt",
        "beschluesse/beschluss[1]/frist": "2024-05-31",
        "beschluesse/beschluss[2]/beschluss_text": "Der Bericht geht an den Gemeinderat.",
        "beschluesse/beschluss[2]/ergebnis": "beschlossen", "beschluesse/beschluss[2]/frist": "2024-12-31",
        "beschluesse/beschluss[3]/beschluss_text": "Ein Fest wird geplant.",
        "beschluesse/beschluss[3]/ergebnis": "vertagt",
        "beschluesse/beschluss[4]/beschluss_text": "Der Plan liegt vor.",
        "beschluesse/beschluss[4]/ergebnis": "kenntnis",
    }  # fmt: skip
    return [("organisation", _days(partner)), ("sitzung", _days(held))]
