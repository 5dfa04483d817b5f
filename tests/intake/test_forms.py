"""The shipped forms: what the field's item list asks, in its languages, with rules that say what they expect."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from intake.workbook import read_workbook
from intake.xlsform import check_form, convert
from scenario import registers
from scenario.first_interview import FORMS, NOW, TODAY, begun, form, kinds
from validation.form import Group, Repeat
from validation.instance import Instance

NAMES = ("erstgespraech", "fortschreibung", "kontakt", "austritt", "integrationsplan", *registers.FORMS)
GERMAN, ENGLISH = "Deutsch (de)", "English (en)"
CLIENT = ("العربية (ar)", "Українська (uk)")
LANGUAGES = {"erstgespraech": (GERMAN, ENGLISH, *CLIENT)}  # the others are filled in by the office alone

# The items of the layers anlegen and plan, and where they are asked. Split where the amendments want one value an item.
ITEMS = {
    "anlegen": {
        "A1": "fall/fallnummer", "A2": "fall/datum", "A3": "fall/gemeinde", "A4": "fall/zustaendig",
        "A8": "fall/datenschutzhinweis", "A9": "fall/einwilligung", "B1": "person/name", "B2": "fall/person",
        "B3": "person/geburtsdatum", "B4": "person/geschlecht", "B5": "person/staatsangehoerigkeit",
        "C2": "aufenthalt/zuweisung", "C3": "aufenthalt/zugangsart", "I1": "wohnen/wohnform",
    },
    "plan": {
        "A5": "fall/anwesende", "A6": "fall/gespraechssprache", "A7": "fall/dolmetschen",
        "A11": "fall/plan_fuer fall/plan_kopf", "B8": "person/muttersprachen", "C1": "aufenthalt/einreise",
        "C4": "aufenthalt/status", "D2": "haushalt/haushaltstyp", "D3": "haushalt/personen", "D4": "haushalt/unter18",
        "E1": "sprache/schrift", "E2": "sprache/deutsch_gesamt", "E5": "sprache/quelle", "E7": "sprache/kurs",
        "E8": "sprache/kursstatus", "E10": "sprache/hindernisse", "F1": "bildung/schuljahre", "F2": "bildung/isced",
        "F6": "bildung/schulbesuch", "G1": "beruf/berufsausbildung",
        "G2": "beruf/erlernter_beruf beruf/erlernter_beruf_kldb", "G6": "beruf/anerkennung",
        "G14": "beruf/fehlende_qualifikation", "H1": "arbeit/erwerbsstatus", "H7": "arbeit/leistungen",
        "H8": "arbeit/selbst_gesichert", "H9": "arbeit/jobcenter arbeit/jobcenter_plan_vom", "I2": "wohnen/unterkunft",
        "I5": "wohnen/sucht_wohnung", "J1": "kinder/kind/kind_id", "J2": "kinder/kind/kind_geburtsdatum",
        "J3": "kinder/kind/kita_schule", "J4": "kinder/kind/platz_gewuenscht kinder/kind/platz_seit",
        "K6": "gesundheit/krankenversicherung", "K7": "gesundheit/intensitaet",
        "L1": "teilhabe/patenschaft_gewuenscht", "L8": "teilhabe/behoerdenpost", "L9": "teilhabe/termine",
        "M1": "ziele/ziel/handlungsfeld", "M2": "ziele/ziel/ziel", "M3": "ziele/ziel/messgroesse",
        "M4": "ziele/ziel/ausgangswert ziele/ziel/zielwert", "M5": "ziele/ziel/massnahme",
        "M6": "ziele/ziel/verantwortlich", "M7": "ziele/ziel/stelle", "M8": "ziele/ziel/faellig",
        "M10": "ziele/ziel/stand ziele/ziel/erreicht_am", "N1": "abschluss/naechster_termin",
        "N2": "abschluss/plan_ausgehaendigt abschluss/plan_sprache",
        "N3": "abschluss/unterschriften abschluss/unterschrift_am", "P1": "abschluss/entwicklung",
    },
    "vertiefung": {
        "A10": "fall/schweigepflicht fall/schweigepflicht_bis fall/entbindungen/entbindung/stelle"
        " fall/entbindungen/entbindung/bis", "B6": "person/staatsangehoerigkeit2",
        "B7": "person/geburtsland", "B9": "person/weitere_sprachen", "B10": "person/familienstand",
        "B11": "person/telefon person/email person/kontaktweg", "C5": "aufenthalt/status_gueltig_bis",
        "C6": "aufenthalt/bamf_entscheidung", "C7": "aufenthalt/bamf_bescheid_vom", "C8": "aufenthalt/klage",
        "C9": "aufenthalt/wohnsitzauflage", "C10": "aufenthalt/pass_vorhanden", "C11": "aufenthalt/mitwirkung_offen",
        "C12": "aufenthalt/aufenthaltsziel", "D1": "haushalt/haushalts_id", "D5": "haushalt/partner_ausland",
        "D6": "haushalt/kinder_ausland", "D7": "haushalt/familiennachzug", "E3": "sprache/hoeren_sprechen",
        "E4": "sprache/lesen_schreiben", "E6": "sprache/zertifikat sprache/zertifikat_vom", "E9": "sprache/kurs_bis",
        "E11": "sprache/orientierungskurs", "E12": "sprache/sprachziel", "F3": "bildung/deutscher_abschluss",
        "F4": "bildung/abschluss_land", "F5": "bildung/zeugnisse", "F7": "bildung/abschluss_nachholen",
        "F8": "bildung/digitalkompetenz", "G3": "beruf/letzte_taetigkeit beruf/letzte_taetigkeit_kldb",
        "G4": "beruf/berufsjahre", "G5": "beruf/reglementiert", "G7": "beruf/anerkennungsstelle",
        "G8": "beruf/anerkennung_beantragt_am", "G9": "beruf/anerkennung_bescheid_vom",
        "G10": "beruf/ausgleichsmassnahme", "G11": "beruf/fahrerlaubnis", "G12": "beruf/kompetenzen",
        "G13": "beruf/berufswunsch", "H2": "arbeit/erwerbsstatus_seit", "H3": "arbeit/taetigkeit",
        "H4": "arbeit/wochenstunden", "H5": "arbeit/befristet", "H6": "arbeit/arbeitserlaubnis",
        "H10": "arbeit/hindernisse_arbeit", "I3": "wohnen/einzug",
        "I4": "wohnen/wohnflaeche wohnen/wohnflaeche_personen", "I6": "wohnen/wbs", "I7": "wohnen/wohnbedarf",
        "I8": "wohnen/wohntraining", "J5": "kinder/kind/sprachfoerderung", "J6": "kinder/kind/einschulungsuntersuchung",
        "J7": "kinder/kind/kind_verein", "J8": "kinder/kind/kind_besonderer_bedarf",
        "K1": "gesundheit/bedarfsgruppen", "K2": "gesundheit/trauma_hinweis", "K3": "gesundheit/angebunden",
        "K4": "gesundheit/behinderung", "K5": "gesundheit/gdb_pflegegrad", "L2": "teilhabe/patenschaft",
        "L3": "teilhabe/angebote", "L4": "teilhabe/eigenes_ehrenamt", "L5": "teilhabe/mobilitaet",
        "L6": "teilhabe/orientierung", "L7": "teilhabe/kontakte_einheimische", "L10": "teilhabe/selbsteinschaetzung",
        "M9": "ziele/ziel/gewicht", "M11": "ziele/ziel/gas_stufen", "M12": "ziele/ziel/gas_ist",
        "M13": "ziele/ziel/systembarriere",
    },
}  # fmt: skip
SENSITIVITY = {"identity", "special", "staff", "general"}
FOLLOW_UP = {"proactive", "reactive", "independent", "carry"}


@pytest.mark.parametrize("name", NAMES)
def test_converts_without_problems_and_warnings(name: str) -> None:
    assert check_form(FORMS / f"{name}.md") == []
    assert convert(FORMS / f"{name}.md").warnings == ()
    assert form(name).id == name


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_there_in_each_language(name: str) -> None:
    itext = form(name).itext
    assert set(itext.languages) == set(LANGUAGES.get(name, (GERMAN, ENGLISH)))
    for texts in itext.values.values():
        assert set(texts) == set(itext.values[GERMAN])
        assert [key for key, text in texts.items() if not "".join(map(str, text.parts)).strip(" -")] == []


def test_a_client_reads_the_first_interview_in_their_letters_and_the_same_numbers() -> None:
    """An Arabic text has Arabic letters, a Ukrainian one Cyrillic ones; codes and numbers are those of the German."""
    itext = form("erstgespraech").itext
    fixed = re.compile(r"[SPU]-\d+|\d+[ab]?")
    proper = ("/gemeinde", "gemeinde-", "niveau-", "schulbesuch-", "sprachen-", "kita_schule-")  # names stay in Latin
    for language, letters in zip(CLIENT, ("\u0600-\u06ff", "\u0400-\u04ff"), strict=True):
        for key, text in itext.values[language].items():
            said, german = "".join(map(str, text.parts)), "".join(map(str, itext.values[GERMAN][key].parts))
            assert re.search(f"[{letters}]", said) or any(name in key for name in proper), (key, said)
            assert not re.search("[\u0400-\u04ff]", said) or language == CLIENT[1], (key, said)
            assert set(fixed.findall(said)) <= set(fixed.findall(german)), (key, said)
            assert "§" not in german or set(fixed.findall(said)) == set(fixed.findall(german)), (key, said)


def test_privacy_and_consent_are_not_shown_in_a_language_that_nobody_has_read() -> None:
    erst = form("erstgespraech")
    assert erst.unreviewed == {"ar", "uk"}
    kept = {path: bind.columns["reviewed_only"] for path, bind in erst.binds.items() if "reviewed_only" in bind.columns}
    assert kept == {
        "/data/fall/datenschutzhinweis": "label hint message",
        "/data/fall/einwilligung": "label hint message",
        "/data/fall/schweigepflicht": "label hint message",
        "/data/fall/schweigepflicht_bis": "label hint message",
        "/data/fall/fristen_verschieden": "label hint message",
        "/data/fall/entbindungen/entbindung/stelle": "label hint message",
        "/data/fall/entbindungen/entbindung/bis": "label hint message",
        "/data/person/name": "hint",
        "/data/person/telefon": "hint",
        "/data/person/email": "hint",
        "/data/ziele/ziel/systembarriere": "hint",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_question_and_section_has_a_label(name: str) -> None:
    def bare(elements: tuple[object, ...]) -> list[str]:
        found = []
        for element in elements:
            if isinstance(element, Group | Repeat):
                found += bare(element.children)
            if element.label is None and not isinstance(element, Repeat):
                found.append(element.nodeset)
        return found

    assert bare(form(name).body) == []
    instance = Instance(form(name), now=NOW)
    for control in form(name).controls():
        path = control.nodeset
        if not any(path.startswith(f"{repeat}/") for repeat in form(name).repeats):
            for language in form(name).languages:
                assert instance.label(path, language)


@pytest.mark.parametrize("name", NAMES)
def test_every_own_column_arrives(name: str) -> None:
    places = convert(FORMS / f"{name}.md").places
    nodesets = {place.row: nodeset for nodeset, place in places.items() if not nodeset.endswith("__missing")}
    seen = 0
    for row in read_workbook(FORMS / f"{name}.md").sheets["survey"].rows:
        for column in ("layer", "sensitivity", "follow_up", "purpose", "retention", "missing"):
            if column in row.cells:
                assert form(name).binds[nodesets[row.number]].columns[column] == row.cells[column]
                seen += 1
        if "warning" in row.cells:
            bind = form(name).binds[nodesets[row.number]]
            assert bind.warning is not None
            assert bind.warning_message is not None
        if "missing" in row.cells:
            assert f"{nodesets[row.number]}__missing" in form(name).binds
    assert seen > 20


@pytest.mark.parametrize("name", NAMES)
def test_every_question_says_how_sensitive_it_is_what_for_and_how_it_is_asked_again(name: str) -> None:
    for control in form(name).controls():
        if control.nodeset.endswith("__missing"):
            continue
        columns = form(name).binds[control.nodeset].columns
        assert columns["sensitivity"] in SENSITIVITY, control.nodeset
        assert columns["follow_up"] in FOLLOW_UP, control.nodeset
        assert columns["layer"] in ITEMS, control.nodeset
        assert set(columns["purpose"].split()) <= {"beratung", "bericht", "verwendungsnachweis", "verwaltung"}
        assert columns["retention"] in {"fall", "identitaet", "register"}


@pytest.mark.parametrize("name", NAMES)
def test_every_constraint_and_warning_says_what_it_expects(name: str) -> None:
    for nodeset, bind in form(name).binds.items():
        assert bind.constraint is None or bind.constraint_message is not None, nodeset
        assert bind.warning is None or bind.warning_message is not None, nodeset


@pytest.mark.parametrize("layer", ITEMS)
def test_every_item_of_a_layer_is_asked(layer: str) -> None:
    for item, questions in ITEMS[layer].items():
        for question in questions.split():
            assert form("erstgespraech").control(f"/data/{question}") is not None, item
            assert form("erstgespraech").binds[f"/data/{question}"].columns["layer"] == layer, item


def test_there_are_133_items_and_two_new_ones() -> None:
    """Of the 134 items of the field only N4 (delete after) is not asked: it follows from the exit and the study."""
    asked = {layer: len(items) for layer, items in ITEMS.items()}
    assert asked == {"anlegen": 14, "plan": 49 + len({"G14", "P1"}), "vertiefung": 70}


def test_only_the_name_and_how_to_reach_somebody_tell_who_it_is() -> None:
    binds = form("erstgespraech").binds
    found = [nodeset for nodeset, bind in binds.items() if bind.columns.get("sensitivity") == "identity"]
    asked = [nodeset.removeprefix("/data/person/") for nodeset in found if not nodeset.endswith("__missing")]
    assert asked == ["name", "telefon", "email", "kontaktweg"]


def test_everything_about_a_post_is_of_the_class_staff() -> None:
    controls = [each.nodeset for each in form("stelle").controls() if not each.nodeset.endswith("__missing")]
    assert {form("stelle").binds[each].columns["sensitivity"] for each in controls} == {"staff"}


# --- skip rules


@pytest.mark.parametrize(
    ("born", "asked", "skipped"),
    [
        (dt.date(2016, 6, 2), "wohnen/wohnform", "sprache/deutsch_gesamt"),  # 5 years, 6 tomorrow
        (dt.date(2016, 6, 1), "sprache/deutsch_gesamt", "sprache/kurs"),  # 6 today
        (dt.date(2007, 6, 2), "sprache/deutsch_gesamt", "arbeit/erwerbsstatus"),  # 14, 15 tomorrow
        (dt.date(2007, 6, 2), "sprache/deutsch_gesamt", "teilhabe/behoerdenpost"),
        (dt.date(2007, 6, 1), "sprache/kurs", "kinder/kind[1]/kita_schule"),  # 15 today
        (dt.date(2007, 6, 1), "beruf/berufsausbildung", "wohnen/unterkunft"),
    ],
)
def test_age_decides_what_is_asked(born: dt.date, asked: str, skipped: str) -> None:
    instance = begun(person__geburtsdatum=born)
    assert instance.relevant(f"/data/{asked}")
    assert not instance.relevant(f"/data/{skipped}")


def test_an_unknown_date_of_birth_skips_nothing() -> None:
    instance = begun(person__geburtsdatum__missing="unknown")
    assert instance.relevant("/data/sprache/kurs")
    assert instance.relevant("/data/arbeit/erwerbsstatus")
    assert kinds(instance, "person/geburtsdatum") == set()


@pytest.mark.parametrize(
    ("question", "value", "opens"),
    [
        ("fall__plan_fuer", "haushalt", "fall/plan_kopf"),
        ("wohnen__wohnform", "au_gu", "wohnen/unterkunft"),
        ("wohnen__wohnform", "au_whg_eigen", "wohnen/unterkunft"),
        ("wohnen__wohnform", "au_whg_miete", "wohnen/unterkunft"),
        ("wohnen__wohnform", "obdach", "wohnen/unterkunft"),
        ("beruf__berufsausbildung", "beruflich", "beruf/erlernter_beruf_kldb"),
        ("sprache__kurs", "ik_allg", "sprache/kursstatus"),
        ("arbeit__jobcenter", "plan", "arbeit/jobcenter_plan_vom"),
        ("haushalt__unter18", 1, "kinder/kind[1]/kita_schule"),
        ("fall__schweigepflicht", ["jc"], "fall/schweigepflicht_bis"),
        ("aufenthalt__status", "ae24", "aufenthalt/status_gueltig_bis"),
        ("aufenthalt__status", "dul60a", "aufenthalt/mitwirkung_offen"),
        ("aufenthalt__bamf_entscheidung", "gfk", "aufenthalt/bamf_bescheid_vom"),
        ("aufenthalt__bamf_entscheidung", "subsidiaer", "aufenthalt/klage"),
        ("haushalt__partner_ausland", "ja", "haushalt/familiennachzug"),
        ("haushalt__kinder_ausland", 1, "haushalt/familiennachzug"),
        ("bildung__isced", "isced1", "bildung/zeugnisse"),
        ("beruf__letzte_taetigkeit", "Schneider", "beruf/letzte_taetigkeit_kldb"),
        ("beruf__berufsausbildung", "beruflich", "beruf/reglementiert"),
        ("beruf__anerkennung", "applied", "beruf/anerkennung_beantragt_am"),
        ("beruf__anerkennung", "none", "beruf/anerkennung_bescheid_vom"),
        ("beruf__anerkennung", "partial", "beruf/ausgleichsmassnahme"),
        ("arbeit__erwerbsstatus", "minijob", "arbeit/wochenstunden"),
        ("wohnen__wohnform", "priv_fam", "wohnen/einzug"),
        ("teilhabe__patenschaft_gewuenscht", "ja", "teilhabe/patenschaft"),
        ("ziele__ziel[1]/stand", "partly", "ziele/ziel[1]/gas_ist"),
    ],
)
def test_an_answer_opens_a_question(question: str, value: object, opens: str) -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1))
    assert not instance.relevant(f"/data/{opens}")
    instance.answer("/data/" + question.replace("__", "/", 1), value)
    assert instance.relevant(f"/data/{opens}")


def test_children_in_their_parents_plan_have_no_goals_of_their_own() -> None:
    instance = begun(person__geburtsdatum=dt.date(2010, 1, 1), fall__plan_fuer="mit_eltern")
    assert not instance.relevant("/data/ziele/ziel[1]/ziel")
    assert not instance.relevant("/data/abschluss/naechster_termin")


def test_no_training_needs_no_recognition() -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1), beruf__berufsausbildung="keine")
    assert not instance.relevant("/data/beruf/anerkennung")


# --- constraints and warnings


@pytest.mark.parametrize(
    ("question", "value", "kind"),
    [
        ("fall__datenschutzhinweis", "nein", "constraint"),
        ("fall__person", "Erika", "constraint"),
        ("fall__datum", dt.date(2022, 6, 2), "constraint"),
        ("fall__dolmetschen", "minderjaehrige", "warning"),
        ("fall__dolmetschen", "angehoerige", "warning"),
        ("person__geburtsdatum", dt.date(2022, 6, 2), "constraint"),
        ("person__geburtsdatum", dt.date(1911, 6, 1), "constraint"),
        ("aufenthalt__zuweisung", dt.date(2022, 6, 2), "constraint"),
        ("aufenthalt__zuweisung", dt.date(1989, 1, 1), "constraint"),
        ("aufenthalt__einreise", dt.date(1989, 1, 1), "constraint"),
        ("haushalt__personen", 0, "constraint"),
        ("haushalt__personen", 21, "warning"),
        ("bildung__schuljahre", 26, "constraint"),
        ("arbeit__leistungen", ["keine", "kg"], "constraint"),
        ("sprache__hindernisse", ["keine", "kosten"], "constraint"),
        ("person__telefon", "keine Nummer", "constraint"),
        ("person__email", "name@ort", "constraint"),
        ("haushalt__haushalts_id", "Familie Muster", "constraint"),
        ("haushalt__kinder_ausland", 16, "warning"),
        ("bildung__digitalkompetenz", ["keine", "pc"], "constraint"),
        ("beruf__berufsjahre", 33, "constraint"),
        ("beruf__berufsjahre", 23, "warning"),
        ("beruf__fahrerlaubnis", ["b", "keine"], "constraint"),
        ("teilhabe__selbsteinschaetzung", 11, "constraint"),
        ("abschluss__naechster_termin", dt.date(2022, 6, 1), "constraint"),
        ("abschluss__naechster_termin", dt.date(2023, 1, 15), "warning"),
    ],
)
def test_what_cannot_be_is_refused_and_what_is_unusual_is_asked(question: str, value: object, kind: str) -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1))
    instance.answer("/data/" + question.replace("__", "/", 1), value)
    found = kinds(instance, question.replace("__", "/", 1))
    assert kind in found
    assert kind == "constraint" or found == {"warning"}


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("fall__datenschutzhinweis", "ja"),
        ("fall__datum", TODAY),
        ("fall__dolmetschen", "ehrenamtlich"),
        ("person__geburtsdatum", dt.date(1911, 6, 2)),
        ("person__geburtsdatum", TODAY),
        ("haushalt__personen", 20),
        ("arbeit__leistungen", ["keine"]),
        ("person__telefon", "+49 7051 / 12-34"),
        ("person__email", "erika.muster@example.org"),
        ("haushalt__haushalts_id", "H-0001"),
        ("haushalt__kinder_ausland", 15),
        ("beruf__berufsjahre", 22),
        ("teilhabe__selbsteinschaetzung", 0),
        ("abschluss__naechster_termin", dt.date(2022, 11, 30)),
    ],
)
def test_what_is_at_the_edge_passes(question: str, value: object) -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1))
    instance.answer("/data/" + question.replace("__", "/", 1), value)
    assert kinds(instance, question.replace("__", "/", 1)) == set()


def test_assigned_before_entry_is_refused_and_after_the_interview_only_asked() -> None:
    instance = begun(aufenthalt__einreise=dt.date(2021, 5, 2), aufenthalt__zuweisung=dt.date(2021, 5, 1))
    assert kinds(instance, "aufenthalt/zuweisung") == {"constraint"}
    instance.answer("/data/fall/datum", dt.date(2021, 5, 3))
    instance.answer("/data/aufenthalt/zuweisung", dt.date(2021, 5, 4))
    assert kinds(instance, "aufenthalt/zuweisung") == {"warning"}


def test_more_minors_than_persons_are_refused() -> None:
    instance = begun(haushalt__personen=2, haushalt__unter18=3)
    assert kinds(instance, "haushalt/unter18") == {"constraint"}


def test_self_supporting_with_basic_income_support_is_asked_not_refused() -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1), arbeit__leistungen=["sgb2"])
    instance.answer("/data/arbeit/selbst_gesichert", "ja")
    assert kinds(instance, "arbeit/selbst_gesichert") == {"warning"}
    instance.answer("/data/arbeit/leistungen", ["kg"])
    assert kinds(instance, "arbeit/selbst_gesichert") == set()


def test_asylum_benefits_of_recognised_persons_are_asked() -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1), aufenthalt__status="ae25_2_1")
    instance.answer("/data/arbeit/leistungen", ["asylblg3"])
    assert kinds(instance, "arbeit/leistungen") == {"warning"}
    instance.answer("/data/aufenthalt/status", "ag")
    assert kinds(instance, "arbeit/leistungen") == set()


def test_no_years_of_schooling_allow_no_attainment() -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1), bildung__schuljahre=0, bildung__isced="isced3")
    assert kinds(instance, "bildung/isced") == {"constraint"}
    instance.answer("/data/bildung/isced", "isced0")
    assert kinds(instance, "bildung/isced") == set()


def test_a_school_child_without_school_is_asked() -> None:
    instance = begun(haushalt__personen=2, haushalt__unter18=1)
    instance.answer("/data/kinder/kind[1]/kind_geburtsdatum", dt.date(2014, 1, 1))
    instance.answer("/data/kinder/kind[1]/kita_schule", "keine")
    assert kinds(instance, "kinder/kind[1]/kita_schule") == {"warning"}
    instance.answer("/data/kinder/kind[1]/kind_geburtsdatum", dt.date(2020, 1, 1))
    assert kinds(instance, "kinder/kind[1]/kita_schule") == set()
    instance.answer("/data/kinder/kind[1]/kind_geburtsdatum", dt.date(2004, 6, 1))
    assert kinds(instance, "kinder/kind[1]/kind_geburtsdatum") == {"constraint"}


@pytest.mark.parametrize(
    ("day", "offered"), [(dt.date(2022, 12, 30), False), (dt.date(2022, 12, 31), True), (dt.date(2027, 7, 1), False)]
)
def test_a_status_is_offered_while_it_is_valid(day: dt.date, offered: bool) -> None:
    instance = begun(fall__datum=day)
    values = [value for value, _ in instance.choices("/data/aufenthalt/status")]
    assert ("ae104c" in values) is offered
    assert "ae24" in values


def test_a_goal_obeys_its_rules() -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1))
    entry = "/data/ziele/ziel[1]"
    instance.answer(f"{entry}/ziel", "zu kurz")
    instance.answer(f"{entry}/ausgangswert", "a1")
    instance.answer(f"{entry}/zielwert", "a1")
    instance.answer(f"{entry}/faellig", TODAY)
    assert kinds(instance, "ziele/ziel[1]/ziel") == {"constraint"}
    assert kinds(instance, "ziele/ziel[1]/zielwert") == {"warning"}
    assert kinds(instance, "ziele/ziel[1]/faellig") == {"constraint"}
    instance.answer(f"{entry}/faellig", dt.date(2025, 6, 3))
    assert kinds(instance, "ziele/ziel[1]/faellig") == {"warning"}
    assert not instance.relevant(f"{entry}/erreicht_am")
    instance.answer(f"{entry}/stand", "reached")
    assert kinds(instance, "ziele/ziel[1]/erreicht_am") == {"required"}


@pytest.mark.parametrize(("goals", "kind"), [(0, {"constraint"}), (1, set()), (12, set()), (13, {"constraint"})])
def test_a_plan_has_one_to_twelve_goals(goals: int, kind: set[str]) -> None:
    instance = begun(person__geburtsdatum=dt.date(1990, 1, 1))
    while len(instance.entries("/data/ziele/ziel")) < goals:
        instance.add_repeat("/data/ziele/ziel")
    if not goals:
        instance.remove_repeat("/data/ziele/ziel[1]")
    assert kinds(instance, "ziele/anzahl_ziele") == kind


def test_the_case_number_is_made_and_holds_no_name() -> None:
    instance = begun(person__name="Muster, Erika")
    assert instance.value("/data/fall/fallnummer") == "08235007-P-000001-202206"
    assert instance.readonly("/data/fall/fallnummer")


# --- the small forms


def test_an_exit_in_the_future_is_refused_and_a_flat_that_is_none_is_asked() -> None:
    instance = Instance(form("austritt"), now=NOW)
    instance.answer("/data/austritt/datum", dt.date(2022, 6, 2))
    instance.answer("/data/austritt/grund", "selbst_wohn")
    instance.answer("/data/stand/wohnform", "au_gu")
    assert kinds(instance, "austritt/datum") == {"constraint"}
    assert kinds(instance, "stand/wohnform") == {"warning"}
    assert instance.relevant("/data/austritt/begleitet_durch")
    instance.answer("/data/austritt/grund", "untergetaucht")
    assert not instance.relevant("/data/austritt/begleitet_durch")
    assert not instance.relevant("/data/stand/wohnform")


def test_more_residents_than_places_are_asked() -> None:
    instance = Instance(form("unterkunft"), now=NOW)
    instance.answer("/data/unterkunft/in_use_from", dt.date(2020, 1, 1))
    instance.answer("/data/unterkunft/places", 1)
    instance.add_repeat("/data/belegung/bewohner")
    for number, left in ((1, TODAY), (2, None)):
        instance.answer(f"/data/belegung/bewohner[{number}]/von", dt.date(2021, 1, 1))
        instance.answer(f"/data/belegung/bewohner[{number}]/bis", left)
    assert instance.value("/data/belegung/belegt") == "1"  # who leaves today no longer lives there
    assert kinds(instance, "belegung/belegt") == set()
    instance.answer("/data/belegung/bewohner[1]/bis", None)
    assert kinds(instance, "belegung/belegt") == {"warning"}
    instance.answer("/data/belegung/bewohner[1]/von", dt.date(2019, 12, 31))
    assert kinds(instance, "belegung/bewohner[1]/von") == {"constraint"}


def test_a_post_is_at_most_one_and_ends_after_it_begins() -> None:
    instance = Instance(form("stelle"), now=NOW)
    instance.answer("/data/stelle/vzae_bewilligt", "0.75")
    instance.answer("/data/stelle/vzae_besetzt", "0.8")
    instance.answer("/data/stelle/von", dt.date(2022, 1, 1))
    instance.answer("/data/stelle/bis", dt.date(2021, 12, 31))
    assert kinds(instance, "stelle/vzae_bewilligt") == set()
    assert kinds(instance, "stelle/vzae_besetzt") == {"warning"}
    assert kinds(instance, "stelle/bis") == {"constraint"}
    instance.answer("/data/stelle/vzae_bewilligt", "1.01")
    assert kinds(instance, "stelle/vzae_bewilligt") == {"constraint"}
