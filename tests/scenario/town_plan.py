"""A town with a municipal plan, five years of measurements, two Kitas with a language programme, and school entry.

Everything is made up. The indicators show different lights; one goal is not measurable. `python -m scenario.town_plan
STUDY` keeps the records in a study.
"""

from __future__ import annotations

import functools
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.entities import entity_lists, read_entities
from intake.simulate import fill, submit
from intake.store import Store
from intake.study import Study, open_study
from reports.municipal_plan.collecting import content_of
from reports.municipal_plan.content import Content
from reports.plan.state import read_once
from scenario.lives import TOWN, study_of

ZONE = ZoneInfo("Europe/Berlin")
DAY = date(2026, 1, 20)
KEPT = datetime(2026, 1, 20, 10, tzinfo=ZONE)

Answers = dict[str, str]

FIELDS = (
    ("spr", "", "Wer neu in der Gemeinde ist, kann sich nach zwei Jahren im Alltag auf Deutsch verständigen.",
     "Die Kurse der Volkshochschule sind gut erreichbar.", "Zwei Integrationskurse und ein Sprachcafé.",
     "Ein Kurs mit Kinderbetreuung am Vormittag.", "luecken"),
    ("bil", "Bildung und Kita", "Jedes Kind kommt mit guten Deutschkenntnissen in die Schule.",
     "Kita und Schule sprechen den Übergang gemeinsam ab.", "Sprachprogramm in zwei Kitas.",
     "Plätze in der Kita ab dem zweiten Jahr.", "ausreichend"),
    ("arb", "", "Wer arbeiten darf, findet Arbeit, die der eigenen Ausbildung entspricht.",
     "Betriebe am Ort suchen Auszubildende.", "Jobcafé am Mittwoch.", "Beratung zur Anerkennung vor Ort.", "luecken"),
    ("woh", "", "Familien leben in eigenen Wohnungen.", "", "Eine Ansprechstelle im Rathaus.",
     "Bezahlbare Wohnungen für Familien.", "fehlt"),
    ("soz", "", "Einheimische und Zugezogene begegnen sich.", "Die Vereine sind offen.", "Begegnungscafé.", "", "gut"),
)  # fmt: skip
GOALS = (
    ("Z1", "spr", "Bis Ende 2026 haben 60 von 100 Erwachsenen mit Plan die Prüfung B1 bestanden.", "2026-12-31"),
    ("Z2", "spr", "Jeder Kurs hat ein Angebot zur Kinderbetreuung.", "2025-06-30"),
    ("Z3", "bil", "Bis 2026 sinkt der Anteil der Kinder mit Sprachförderbedarf auf 25 Prozent.", "2026-12-31"),
    ("Z4", "arb", "Bis Ende 2026 sind 80 Personen in Arbeit oder Ausbildung.", "2026-12-31"),
    ("Z5", "arb", "Anerkennungen dauern höchstens so lange wie bisher.", "2026-12-31"),
    ("Z6", "woh", "Bis Ende 2025 wohnen 50 Prozent der Haushalte in eigenen Wohnungen.", "2025-12-31"),
    ("Z7", "soz", "Neu Zugezogene fühlen sich willkommen.", "2026-12-31"),
    ("Z8", "soz", "Mehr Zugezogene engagieren sich im Verein.", "2026-12-31"),
)
MEASURES = (
    ("M1", "Z1", "Abendkurs B1 im Bürgerhaus", "Volkshochschule", "laeuft", "2024-02-01", "2026-07-31"),
    ("M2", "Z1", "Sprachcafé wöchentlich öffnen", "Arbeitskreis Asyl", "umgesetzt", "2023-05-01", "2023-12-31"),
    ("M3", "Z2", "Kinderbetreuung im Vormittagskurs", "Hauptamt", "laeuft", "2024-01-01", "2025-06-30"),
    ("M4", "Z3", "Sprachprogramm in zwei Kitas", "Träger der Kitas", "umgesetzt", "2021-09-01", "2022-07-31"),
    ("M5", "Z3", "Fortbildung für Fachkräfte", "Träger der Kitas", "offen", "2026-03-01", "2026-11-30"),
    ("M6", "Z4", "Jobcafé mit Betrieben", "Integrationsmanagement", "umgesetzt", "2023-02-01", "2023-10-31"),
    ("M7", "Z4", "Praktikumsbörse", "Wirtschaftsförderung", "verworfen", "2024-01-01", "2024-12-31"),
    ("M8", "Z6", "Prämie für Vermietende", "Liegenschaftsamt", "laeuft", "2023-07-01", "2026-12-31"),
    ("M9", "Z7", "Willkommensmappe in sechs Sprachen", "Hauptamt", "umgesetzt", "2023-03-01", "2023-09-30"),
)
# number, goal, name, numerator, denominator, unit, direction, baseline, its day, target, its day, break
INDICATORS = (
    ("I1", "Z1", "Prüfung B1 bestanden", "Erwachsene mit Plan und Zertifikat B1", "Erwachsene mit Plan", "prozent",
     "hoch", "30", "2022-12-31", "60", "2026-12-31", ""),
    ("I2", "Z2", "Kurse mit Kinderbetreuung", "Kurse mit Betreuung", "alle Kurse", "prozent",
     "hoch", "0", "2022-12-31", "100", "2025-06-30", ""),
    ("I3", "Z3", "Kinder mit Sprachförderbedarf", "untersuchte Kinder mit intensivem Bedarf", "untersuchte Kinder",
     "prozent", "runter", "35", "2020-12-31", "25", "2026-12-31", "2023-09-01"),
    ("I4", "Z4", "Personen in Arbeit oder Ausbildung", "Personen mit Arbeits- oder Ausbildungsvertrag", "", "anzahl",
     "hoch", "20", "2022-12-31", "80", "2026-12-31", ""),
    ("I5", "Z5", "Monate bis zur Anerkennung", "Monate aller Verfahren", "abgeschlossene Verfahren", "verhaeltnis",
     "runter", "7.5", "2022-12-31", "7.5", "2026-12-31", ""),
    ("I6", "Z6", "Haushalte in eigenen Wohnungen", "Haushalte in eigener Wohnung", "alle Haushalte", "prozent",
     "hoch", "22", "2022-12-31", "50", "2025-12-31", ""),
    ("I7", "Z8", "Zugezogene im Verein", "Mitglieder, die neu zugezogen sind", "", "anzahl",
     "hoch", "12", "2022-12-31", "40", "2026-12-31", ""),
)  # fmt: skip
MEASURED = (
    ("I1", "2023-12-31", 52, 140), ("I1", "2024-12-31", 69, 152), ("I1", "2025-12-31", 88, 160),
    ("I2", "2024-12-31", 2, 9), ("I3", "2022-12-31", 44, 130), ("I3", "2025-12-31", 41, 128),
    ("I4", "2024-12-31", 44, None), ("I4", "2025-12-31", 51, None), ("I5", "2025-12-31", 210, 28),
    ("I6", "2024-12-31", 40, 118), ("I6", "2025-12-31", 45, 120), ("I7", "2025-12-31", 15, None),
)  # fmt: skip
# year, family language, exposed, programme, examined, need
SCHOOL = (
    ("2018/19", "de", "nein", "", 190, 27), ("2018/19", "andere", "nein", "", 96, 72),
    ("2020/21", "de", "nein", "", 196, 26), ("2020/21", "andere", "nein", "", 104, 78),
    ("2024/25", "de", "ja", "kolibri", 61, 5), ("2024/25", "de", "nein", "", 131, 18),
    ("2024/25", "andere", "ja", "kolibri", 58, 37), ("2024/25", "andere", "nein", "", 49, 38),
)  # fmt: skip
PROGRAMMES = (("O-01", "Kita Sonnenhügel", "K1", "2021/22", 24), ("O-02", "Kita am Bach", "K1", "2022/23", 3))


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    """Made once for all tests of a process."""
    made = tempfile.TemporaryDirectory(prefix="lotsenbuch-town-plan-")
    study = study_of(Path(made.name) / "study")
    with study.store() as store:
        for form, answers in records():
            keep(store, form, answers)
    return made


def town_plan(directory: Path) -> Study:
    """A study of one's own with the town's plan in it."""
    return open_study(Path(shutil.copytree(Path(_kept().name) / "study", directory / "study")))


@functools.cache
def content(audience: str = "public", language: str = "de") -> Content:
    """What a report on this plan prints on `DAY`."""
    study = open_study(Path(_kept().name) / "study")
    return content_of(study, TOWN, DAY, audience=audience, language=language)


def records() -> Iterator[tuple[str, Answers]]:
    """The form and the answers of each record."""
    yield "kommunaler_plan", plan()
    for year in dict.fromkeys(line[0] for line in SCHOOL):
        yield "esu_messung", school(year)
    for number, name, group, year, children in PROGRAMMES:
        yield "organisation", {
            "/data/organisation/gemeinde": TOWN, "/data/organisation/id": number,
            "/data/organisation/bezeichnung": name, "/data/organisation/art": "kita",
            "/data/namen/umbenannt": "nein", "/data/kita/kitagruppe": group, "/data/kita/programm_gefuehrt": "ja",
            "/data/kita/programm[1]/programm_art": "kolibri", "/data/kita/programm[1]/programm_jahr": year,
            "/data/kita/programm[1]/programm_kinder": str(children),
        }  # fmt: skip


def plan() -> Answers:
    said: Answers = {
        "/data/plan/gemeinde": TOWN, "/data/plan/id": "KIP-2023", "/data/plan/titel": "Gemeinsam in Althengstett",
        "/data/plan/beschlossen_am": "2023-01-25", "/data/plan/gilt_ab": "2023-01-01",
        "/data/plan/gilt_bis": "2026-12-31", "/data/massnahmen/massnahmen_gefuehrt": "ja",
        "/data/indikatoren/indikatoren_gefuehrt": "ja", "/data/messungen/messungen_gefuehrt": "ja",
    }  # fmt: skip
    names = ("feld", "feld_name", "leitziel", "ist_laeuft", "ist_vorhanden", "ist_fehlt", "ist_bewertung")
    said |= _entries("felder/handlungsfeld", names, FIELDS)
    for at in range(1, len(FIELDS) + 1):
        said |= {f"/data/felder/handlungsfeld[{at}]/ist_quelle": "Workshop mit 35 Beteiligten",
                 f"/data/felder/handlungsfeld[{at}]/ist_stand": "2022-11-15"}  # fmt: skip
    said |= _entries("ziele/operatives_ziel", ("ziel_nr", "ziel_feld", "ziel_text", "ziel_frist"), GOALS)
    names = ("massnahme_nr", "massnahme_ziel", "massnahme_text", "leitung", "massnahme_stand", "massnahme_ab",
             "massnahme_bis")  # fmt: skip
    said |= _entries("massnahmen/massnahme", names, MEASURES)
    said["/data/massnahmen/massnahme[7]/massnahme_grund"] = "Das Jobcafé deckt den Bedarf."
    return said | _indicators() | _measured()


def _entries(repeat: str, names: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Answers:
    return {
        f"/data/{repeat}[{at}]/{name}": value
        for at, row in enumerate(rows, start=1)
        for name, value in zip(names, row, strict=True)
        if value
    }


def _indicators() -> Answers:
    said: Answers = {}
    for at, row in enumerate(INDICATORS, start=1):
        entry = f"/data/indikatoren/indikator[{at}]"
        said |= {f"{entry}/indikator_nr": row[0], f"{entry}/indikator_ziel": row[1], f"{entry}/messbar": "ja"}
        names = ("indikator_name", "zaehler", "nenner", "einheit", "richtung", "ausgangswert", "ausgangswert_am",
                 "zielwert", "zielwert_am")  # fmt: skip
        said |= {f"{entry}/messgroesse/{name}": value for name, value in zip(names, row[2:11], strict=True) if value}
        said |= {f"{entry}/messgroesse/indikator_quelle": "Jahresbericht des Integrationsmanagements",
                 f"{entry}/messgroesse/bruch": "ja" if row[11] else "nein"}  # fmt: skip
        if row[11]:
            said |= {f"{entry}/messgroesse/bruchtag[1]/bruch_am": row[11],
                     f"{entry}/messgroesse/bruchtag[1]/bruch_grund": "neues Testverfahren"}  # fmt: skip
    last = f"/data/indikatoren/indikator[{len(INDICATORS) + 1}]"
    return said | {
        f"{last}/indikator_nr": "I8", f"{last}/indikator_ziel": "Z7", f"{last}/messbar": "nein",
        f"{last}/nicht_messbar_grund": "Ob sich jemand willkommen fühlt, wird nicht erhoben.",
    }  # fmt: skip


def _measured() -> Answers:
    said: Answers = {}
    for at, (number, day, numerator, denominator) in enumerate(MEASURED, start=1):
        entry = f"/data/messungen/messung[{at}]"
        names = ("indikator", "datum", "zaehler", "beleg")
        values = (number, day, str(numerator), f"Jahresbericht {day[:4]}")
        said |= {f"{entry}/messung_{name}": value for name, value in zip(names, values, strict=True)}
        if denominator is not None:
            said[f"{entry}/messung_nenner"] = str(denominator)
    return said


def school(year: str) -> Answers:
    said = {
        "/data/esu/gemeinde": TOWN, "/data/esu/jahr": year, "/data/esu/raum": "gemeinde",
        "/data/esu/zaehlweise_neu": "nein", "/data/esu/quelle": "Auswertung des Gesundheitsamts",
    }  # fmt: skip
    rows = [line[1:] for line in SCHOOL if line[0] == year]
    for at, (language, exposed, programme, examined, need) in enumerate(rows, start=1):
        entry = f"/data/ergebnisse/zeile[{at}]"
        said |= {f"{entry}/familiensprache": language, f"{entry}/exponiert": exposed,
                 f"{entry}/untersucht": str(examined), f"{entry}/bedarf": str(need)}  # fmt: skip
        said |= {f"{entry}/programm": programme} if programme else {}
    return said


def keep(store: Store, form_id: str, answers: Mapping[str, str]) -> None:
    """A record of a register with these answers, kept."""
    form = read_once(next(each.xform for each in reversed(store.forms()) if each.form_id == form_id))
    rng = random.Random(f"{form_id}/{sorted(answers.items())}")
    known = read_entities(store, lambda name: read_once(store.form(name).xform))
    held = fill(form, answers, rng=rng, now=KEPT, instances=entity_lists(form, known))
    name = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    store.append(submit(held, name, started=KEPT - timedelta(minutes=20), ended=KEPT, author="Erika Muster"))


if __name__ == "__main__":
    with open_study(Path(sys.argv[1])).store() as opened:
        for form_name, given in records():
            keep(opened, form_name, given)
