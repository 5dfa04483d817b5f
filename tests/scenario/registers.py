"""Good records of the registers, as tables, and what is planted in them for the rules between records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FORMS = (
    "unterkunft", "stelle", "foerderung", "angebot", "ehrenamt", "organisation", "sitzung", "kommunaler_plan",
    "esu_messung",
)  # fmt: skip
TOWN = "08235007"
PLAN = "kommunaler_plan"

Row = dict[str, Any]
Planted = tuple[str, dict[Any, Any], set[tuple[str, str]]]

COLUMNS_OF: Mapping[str, tuple[str, ...]] = {
    "erstgespraech": ("teilhabe-patenschaft_gewuenscht",),
    "unterkunft-bewohner": ("unit",),
    "unterkunft-einheit": ("KEY", "PARENT_KEY", "einheit_name", "einheit_plaetze"),
    "unterkunft-zeitraum": ("KEY", "PARENT_KEY", "nutzbar_von", "nutzbar_bis", "nutzbar_plaetze"),
    "stelle": ("stelle-inhaber", "stelle-vzae_besetzt"),
    "stelle-anteil": ("KEY", "PARENT_KEY", "anteil_prozent"),
    "foerderung": (
        "KEY", "_received", "foerderung-gemeinde", "foerderung-id", "foerderung-stichtag", "foerderung-gemeldet_am",
        "nachweis-vn_faellig", "nachweis-vn_eingereicht",
    ),
    "foerderung-kopf": ("KEY", "PARENT_KEY", "ags"),
    "angebot": ("KEY", "_received", "angebot-gemeinde", "angebot-id", "ablauf-bis"),
    "angebot-teilnahme": ("KEY", "PARENT_KEY", "person", "teilnahme_datum"),
    "ehrenamt": ("KEY", "_received", "ehrenamt-gemeinde", "ehrenamt-id", "ehrenamt-aktiv_bis"),
    "ehrenamt-patenschaft": ("KEY", "PARENT_KEY", "person", "pate_von"),
    "organisation": ("KEY", "_received", "organisation-gemeinde", "organisation-id"),
    "organisation-programm": ("KEY", "PARENT_KEY", "programm_art", "programm_angebot"),
    "sitzung": ("KEY", "_received", "sitzung-gemeinde", "sitzung-id"),
    "sitzung-anwesend": ("KEY", "PARENT_KEY", "organisation"),
    PLAN: ("KEY", "_received", "plan-gemeinde", "plan-id"),
    f"{PLAN}-handlungsfeld": ("KEY", "PARENT_KEY", "feld"),
    f"{PLAN}-operatives_ziel": ("KEY", "PARENT_KEY", "ziel_nr", "ziel_feld"),
    f"{PLAN}-massnahme": ("KEY", "PARENT_KEY", "massnahme_ziel"),
    f"{PLAN}-indikator": ("KEY", "PARENT_KEY", "indikator_nr", "indikator_ziel", "messbar"),
    f"{PLAN}-messung": ("KEY", "PARENT_KEY", "messung_indikator", "messung_datum"),
    "esu_messung": ("KEY", "_received", "esu-gemeinde", "esu-jahr", "esu-raum", "esu-kitagruppe"),
    "esu_messung-zeile": ("KEY", "PARENT_KEY", "familiensprache", "exponiert", "programm"),
}  # fmt: skip
"""Columns that the rules about registers read, also of tables other rules read."""

DAYS = (
    "stichtag", "gemeldet_am", "vn_faellig", "vn_eingereicht", "teilnahme_datum", "aktiv_bis", "pate_von",
    "messung_datum", "nutzbar_von", "nutzbar_bis",
)  # fmt: skip
NUMBERS = ("einheit_plaetze", "nutzbar_plaetze", "vzae_besetzt", "anteil_prozent")


def entry(key: str, parent: str, **more: Any) -> Row:
    return {"KEY": key, "PARENT_KEY": parent} | more


def register(key: str, form: str, number: str, group: str = "", **more: Any) -> Row:
    section = group or form
    named = {name.replace("__", "-"): value for name, value in more.items()}
    return {"KEY": key, f"{section}-gemeinde": TOWN, f"{section}-id": number} | named


def good() -> dict[str, list[Row]]:
    """One record of each register, none of which breaks a rule. Persons P-1 and P-22 are known elsewhere."""
    return {
        "unterkunft-einheit": [entry("e1", "uuid:u1", einheit_name="W1", einheit_plaetze=1)],
        "unterkunft-zeitraum": [
            entry("z1", "uuid:u1", nutzbar_von="2024-05-01", nutzbar_bis="2024-06-30", nutzbar_plaetze=3),
            entry("z2", "uuid:u1", nutzbar_von="2024-07-01", nutzbar_plaetze=3),
        ],
        "stelle-anteil": [entry("a1", "uuid:s1", anteil_prozent=60), entry("a2", "uuid:s1", anteil_prozent=40)],
        "foerderung": [
            register(
                "f1", "foerderung", "F-2025", foerderung__stichtag="2025-09-15", foerderung__gemeldet_am="2025-10-15",
                nachweis__vn_faellig="2026-03-31", nachweis__vn_eingereicht="2026-03-30",
            )
        ],
        "foerderung-kopf": [entry("fk1", "f1", ags=TOWN)],
        "angebot": [register("o1", "angebot", "A-01", ablauf__bis="2026-01-31")],
        "angebot-teilnahme": [
            entry("t1", "o1", person="P-1", teilnahme_datum="2026-01-31"),
            entry("t2", "o1", teilnahme_datum="2026-01-31"),
        ],
        "ehrenamt": [register("h1", "ehrenamt", "E-01", ehrenamt__aktiv_bis="2026-01-31")],
        "ehrenamt-patenschaft": [entry("p1", "h1", person="P-1", pate_von="2026-01-31")],
        "organisation": [register("g1", "organisation", "O-01")],
        "organisation-programm": [entry("k1", "g1", programm_art="kolibri", programm_angebot="A-01")],
        "sitzung": [register("w1", "sitzung", "T-01")],
        "sitzung-anwesend": [
            entry("n1", "w1", organisation="O-01"), entry("n2", "w1", organisation="Verein der Nachbarn"),
        ],
        PLAN: [register("m1", PLAN, "KIP-2024", group="plan")],
        f"{PLAN}-handlungsfeld": [entry("mf", "m1", feld="spr")],
        f"{PLAN}-operatives_ziel": [
            entry("mz1", "m1", ziel_nr="Z1", ziel_feld="spr"), entry("mz2", "m1", ziel_nr="Z2", ziel_feld="spr"),
        ],
        f"{PLAN}-massnahme": [entry("mm", "m1", massnahme_ziel="Z1")],
        f"{PLAN}-indikator": [
            entry("mi1", "m1", indikator_nr="I1", indikator_ziel="Z1", messbar="ja"),
            entry("mi2", "m1", indikator_nr="I2", indikator_ziel="Z2", messbar="nein"),
        ],
        f"{PLAN}-messung": [entry("ms", "m1", messung_indikator="I1", messung_datum="2026-01-31")],
        "esu_messung": [
            {"KEY": "y1", "esu-gemeinde": TOWN, "esu-jahr": "2024/25", "esu-raum": "gemeinde"},
            {"KEY": "y2", "esu-gemeinde": TOWN, "esu-jahr": "2024/25", "esu-raum": "kitagruppe",
             "esu-kitagruppe": "K1"},
        ],
        "esu_messung-zeile": [
            entry("yz1", "y1", familiensprache="de", exponiert="nein"),
            entry("yz2", "y1", familiensprache="de", exponiert="ja", programm="kolibri"),
        ],
    }  # fmt: skip


def planted() -> Iterator[Planted]:
    """What is planted, {table: rows added, or (row, column): value}, and the hits it makes."""
    yield "registers: numbers given twice", *_numbers_twice()
    yield "registers: flats and posts", *_flats_and_posts()
    yield "registers: funding late", {
        ("foerderung", 0, "foerderung-gemeldet_am"): "2025-10-16", ("foerderung", 0, "nachweis-vn_eingereicht"): None,
    }, {("foerderung_spaet_gemeldet", "f1"), ("verwendungsnachweis_ueberfaellig", "f1")}  # fmt: skip
    yield "registers: one town in two fundings", {
        "foerderung": [
            register(key, "foerderung", f"F-{number}", foerderung__stichtag=day)
            for key, number, day in (("f3", 2026, "2025-09-15"), ("f4", 2024, "2024-09-15"))
        ],
        "foerderung-kopf": [
            entry("fk2", "f3", ags=TOWN), entry("fk3", "f3", ags="08235009"), entry("fk4", "f4", ags=TOWN),
        ],
    }, {("foerderung_gemeinde_doppelt", "fk1"), ("foerderung_gemeinde_doppelt", "fk2")}  # fmt: skip
    yield "registers: fewer places for a time", {
        ("unterkunft-zeitraum", 0, "nutzbar_plaetze"): 2, ("unterkunft-zeitraum", 1, "nutzbar_plaetze"): 2,
    }, {
        ("nutzbare_plaetze_ueberbelegt", "z1"), ("nutzbare_plaetze_ueberbelegt", "z2"),
        ("einzug_ohne_nutzbaren_platz", "uuid:u1/belegung/bewohner[4]"),
    }  # fmt: skip
    yield "registers: people in them", *_people()
    yield "registers: networks", {
        ("organisation-programm", 0, "programm_angebot"): "A-77",
        ("organisation-programm", 0, "programm_art"): "spatz",
        ("sitzung-anwesend", 0, "organisation"): "O-77",
    }, {
        ("programm_angebot_unbekannt", "k1"), ("esu_programm_ohne_kita", "yz2"),
        ("sitzung_organisation_unbekannt", "n1"),
    }  # fmt: skip
    yield "registers: the plan", *_plan()
    yield "registers: school entry", {
        "esu_messung": [{"KEY": "y3", "esu-gemeinde": TOWN, "esu-jahr": "2024/25", "esu-raum": "gemeinde"}],
        "esu_messung-zeile": [entry("yz3", "y1", familiensprache="de", exponiert="nein")],
    }, {
        ("esu_doppelt", "y1"), ("esu_doppelt", "y3"), ("esu_zeile_doppelt", "yz1"), ("esu_zeile_doppelt", "yz3"),
    }  # fmt: skip


def _numbers_twice() -> tuple[dict[Any, Any], set[tuple[str, str]]]:
    numbers = {"foerderung": "F-2025", "angebot": "A-01", "ehrenamt": "E-01", "organisation": "O-01", "sitzung": "T-01"}
    added = {form: [register(f"{form}2", form, number)] for form, number in numbers.items()}
    added[PLAN] = [register(f"{PLAN}2", PLAN, "KIP-2024", group="plan")]
    first = dict(zip(added, ("f1", "o1", "h1", "g1", "w1", "m1"), strict=True))
    return added, {(f"{form}_doppelt", key) for form in added for key in (first[form], f"{form}2")}


def _flats_and_posts() -> tuple[dict[Any, Any], set[tuple[str, str]]]:
    houses = "uuid:u1/belegung/bewohner"
    return {
        ("unterkunft-bewohner", 0, "unit"): "W1", ("unterkunft-bewohner", 1, "unit"): "W1",
        ("unterkunft-zeitraum", 0, "nutzbar_bis"): "2024-07-01",
        ("stelle-anteil", 1, "anteil_prozent"): 39,
        ("stelle", 0, "stelle-inhaber"): "M-01", ("stelle", 0, "stelle-vzae_besetzt"): 0.6,
        "stelle": [
            {"KEY": "s9", "stelle-id": "S-09", "stelle-gemeinde": TOWN, "stelle-von": "2024-01-01",
             "stelle-inhaber": "M-01", "stelle-vzae_besetzt": 0.5},
        ],
    }, {
        ("wohneinheit_ueberbelegt", f"{houses}[1]"), ("wohneinheit_ueberbelegt", f"{houses}[2]"),
        ("nutzungszeiten_ueberschneiden", "z2"),
        ("stellenanteile_nicht_hundert", "a1"), ("stellenanteile_nicht_hundert", "a2"),
        ("kennung_ueber_eine_stelle", "uuid:s1"), ("kennung_ueber_eine_stelle", "s9"),
    }  # fmt: skip


def _people() -> tuple[dict[Any, Any], set[tuple[str, str]]]:
    return {
        "angebot-teilnahme": [
            entry("t3", "o1", person="P-9", teilnahme_datum="2026-01-30"),
            entry("t4", "o1", person="P-1", teilnahme_datum="2026-01-31"),
            entry("t5", "o1", teilnahme_datum="2026-02-01"),
        ],
        "ehrenamt-patenschaft": [
            entry("p2", "h1", person="P-9", pate_von="2026-01-31"),
            entry("p3", "h1", person="P-22", pate_von="2026-02-01"),
        ],
        ("erstgespraech", 1, "teilhabe-patenschaft_gewuenscht"): "nein",
    }, {
        ("teilnahme_person_unbekannt", "t3"), ("teilnahme_zweimal_am_tag", "t1"), ("teilnahme_zweimal_am_tag", "t4"),
        ("teilnahme_nach_ende", "t5"), ("patenschaft_person_unbekannt", "p2"), ("patenschaft_ohne_wunsch", "p3"),
        ("patenschaft_nach_ehrenamt", "p3"),
    }  # fmt: skip


def _plan() -> tuple[dict[Any, Any], set[tuple[str, str]]]:
    return {
        f"{PLAN}-operatives_ziel": [entry("mz3", "m1", ziel_nr="Z3", ziel_feld="arb")],
        f"{PLAN}-massnahme": [entry("mm2", "m1", massnahme_ziel="Z9")],
        f"{PLAN}-indikator": [entry("mi3", "m1", indikator_nr="I3", indikator_ziel="Z9", messbar="ja")],
        f"{PLAN}-messung": [
            entry("ms2", "m1", messung_indikator="I2", messung_datum="2026-01-31"),
            entry("ms3", "m1", messung_indikator="I9", messung_datum="2026-01-31"),
            entry("ms4", "m1", messung_indikator="I1", messung_datum="2026-01-31"),
        ],
    }, {
        ("ziel_ohne_handlungsfeld", "mz3"), ("ziel_ohne_indikator", "mz3"), ("massnahme_ohne_ziel", "mm2"),
        ("indikator_ohne_ziel", "mi3"), ("messung_ohne_indikator", "ms2"), ("messung_ohne_indikator", "ms3"),
        ("messung_doppelt", "ms"), ("messung_doppelt", "ms4"),
    }  # fmt: skip
