"""The municipal plan of a larger town, and what the school-entry examination found there. All figures invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from intake.biography import Answers
from intake.demonstration.registers import Entry
from intake.population import ALTHENGSTETT, Population, dice

# fmt: off
# Field: guiding aim, what lacks, operative goal, measure, indicator, numerator, denominator, baseline, target.
FIELDS = {
    "spr": ("Alle können sich im Alltag auf Deutsch verständigen.", "Kurse mit Kinderbetreuung",
            "Mehr Erwachsene erreichen die Stufe B1.", "Sprachtreff mit Kinderbetreuung einrichten",
            "Erwachsene mit B1 oder mehr", "Erwachsene mit B1 oder mehr", "betreute Erwachsene", 22, 35),
    "bil": ("Kinder starten gut in die Schule.", "Plätze in der Kindertagesstätte",
            "Mehr Kinder ab drei Jahren besuchen eine Kindertagesstätte.", "Vormerkung gemeinsam mit den Kitas führen",
            "Kinder in der Kita", "Kinder von drei bis fünf in der Kita", "Kinder von drei bis fünf", 61, 85),
    "arb": ("Wer arbeiten kann, findet Arbeit.", "Ansprechpersonen in Betrieben",
            "Mehr Erwachsene sind sozialversicherungspflichtig beschäftigt.", "Jobcafé am Mittwoch fortführen",
            "Beschäftigte", "Beschäftigte Erwachsene", "betreute Erwachsene", 18, 30),
    "woh": ("Familien wohnen in eigenen Wohnungen.", "Bezahlbare Wohnungen",
            "Auszüge in private Wohnungen gelingen früher.", "Wohnraumakquise mit dem Landkreis",
            "Auszüge im Jahr", "Auszüge in private Wohnungen", "", 12, 20),
    "wrn": ("Zusammenleben gelingt nach gemeinsamen Regeln.", "Begegnung außerhalb der Behörden",
            "Jede Familie kennt einen Verein oder Treff.", "Vereinslotsen gewinnen", "", "", "", 0, 0),
    "soz": ("Alle nehmen am Leben im Ort teil.", "Treffpunkte am Abend",
            "Jede Familie kennt einen Verein oder Treff.", "Vereinslotsen gewinnen", "", "", "", 0, 0),
}
# fmt: on
DEFAULT_FIELDS = ("spr", "bil", "arb", "woh", "wrn")
OWN_FIELDS = {ALTHENGSTETT: ("bil", "soz", "spr", "arb")}  # data/handlungsfelder.csv
PLAN = date(2019, 4, 1)


def town_plan(municipality: str, population: Population) -> Iterator[Entry]:
    """One plan with its measurements so far, as it stood in December 2022."""
    rng = dice(population.seed, municipality, "plan")
    answers: Answers = {
        "/data/plan/gemeinde": municipality,
        "/data/plan/id": "KIP-2019",
        "/data/plan/titel": "Kommunaler Integrationsplan 2019 bis 2024",
        "/data/plan/beschlossen_am": date(2019, 3, 26),
        "/data/plan/gilt_ab": PLAN,
        "/data/plan/gilt_bis": date(2024, 12, 31),
    }
    measured: list[tuple[int, str]] = []
    fields = OWN_FIELDS.get(municipality, DEFAULT_FIELDS)
    for number, code in enumerate(fields, start=1):
        answers |= _field(number, code)
        if FIELDS[code][4]:
            measured.append((number, code))
    answers["/data/massnahmen/massnahmen_gefuehrt"] = "ja"
    states = ("laeuft", "umgesetzt", "laeuft", "offen", "laeuft")
    for number, code in enumerate(fields, start=1):
        entry = f"/data/massnahmen/massnahme[{number}]"
        answers[f"{entry}/massnahme_nr"] = f"M{number}"
        answers[f"{entry}/massnahme_ziel"] = f"Z{number}"
        answers[f"{entry}/massnahme_text"] = FIELDS[code][3]
        answers[f"{entry}/leitung"] = "Hauptamt"
        answers[f"{entry}/massnahme_kosten"] = 500 * rng.randint(2, 40)
        answers[f"{entry}/massnahme_ab"] = date(2019, 9, 1)
        answers[f"{entry}/massnahme_stand"] = states[number - 1]
    answers["/data/indikatoren/indikatoren_gefuehrt"] = "ja"
    for number, code in enumerate(fields, start=1):
        answers |= _indicator(number, code)
    answers["/data/messungen/messungen_gefuehrt"] = "ja"
    at = 0
    for number, code in measured:
        baseline, target = int(FIELDS[code][7]), int(FIELDS[code][8])
        for year in (2020, 2021, 2022):
            at += 1
            value = baseline + round((target - baseline) * rng.uniform(0.1, 0.3) * (year - 2019))
            answers |= _measurement(at, number, year, value, base=rng.randint(60, 140) if FIELDS[code][6] else 0)
    yield date(2022, 12, 14), "KIP-2019", answers


def _field(number: int, code: str) -> Answers:
    aim, lacks, goal = FIELDS[code][:3]
    field, target = f"/data/felder/handlungsfeld[{number}]", f"/data/ziele/operatives_ziel[{number}]"
    return {
        f"{field}/feld": code,
        f"{field}/leitziel": aim,
        f"{field}/ist_fehlt": lacks,
        f"{field}/ist_bewertung": ("luecken", "ausreichend", "gut")[number % 3],
        f"{field}/ist_quelle": "Gespräche mit Trägern im Ort",
        f"{field}/ist_stand": date(2018, 11, 15),
        f"{target}/ziel_nr": f"Z{number}",
        f"{target}/ziel_feld": code,
        f"{target}/ziel_text": goal,
        f"{target}/ziel_frist": date(2024, 12, 31),
    }


def _indicator(number: int, code: str) -> Answers:
    name, numerator, denominator, baseline, target = FIELDS[code][4:]
    entry = f"/data/indikatoren/indikator[{number}]"
    answers: Answers = {
        f"{entry}/indikator_nr": f"I{number}",
        f"{entry}/indikator_ziel": f"Z{number}",
        f"{entry}/messbar": "ja" if name else "nein",
    }
    if not name:
        answers[f"{entry}/nicht_messbar_grund"] = "Dafür gibt es im Ort keine Zahlen; es wird in Gesprächen erfragt."
        return answers
    answers |= {
        f"{entry}/messgroesse/indikator_name": name,
        f"{entry}/messgroesse/zaehler": numerator,
        f"{entry}/messgroesse/nenner": denominator,
        f"{entry}/messgroesse/einheit": "prozent" if denominator else "anzahl",
        f"{entry}/messgroesse/indikator_quelle": "Integrationsmanagement",
        f"{entry}/messgroesse/richtung": "hoch",
        f"{entry}/messgroesse/ausgangswert": baseline,
        f"{entry}/messgroesse/ausgangswert_am": date(2018, 12, 31),
        f"{entry}/messgroesse/zielwert": target,
        f"{entry}/messgroesse/zielwert_am": date(2024, 12, 31),
        f"{entry}/messgroesse/bruch": "nein",
    }
    return answers


def _measurement(at: int, indicator: int, year: int, value: int, *, base: int) -> Answers:
    entry = f"/data/messungen/messung[{at}]"
    answers: Answers = {
        f"{entry}/messung_indikator": f"I{indicator}",
        f"{entry}/messung_datum": date(year, 11, 30),
        f"{entry}/messung_zaehler": round(base * value / 100) if base else value,
        f"{entry}/messung_beleg": f"Auszählung {year}",
    }
    if base:
        answers[f"{entry}/messung_nenner"] = base
    return answers


def school_entry(municipality: str, population: Population) -> Iterator[Entry]:
    """Four years of the school-entry examination, by family language; with a programme in the last two."""
    rng = dice(population.seed, municipality, "school entry")
    size = rng.uniform(1.0, 2.5)
    for year in range(2018, 2022):
        years = f"{year}/{(year + 1) % 100:02d}"
        answers: Answers = {
            "/data/esu/gemeinde": municipality,
            "/data/esu/jahr": years,
            "/data/esu/raum": "gemeinde",
            "/data/esu/zaehlweise_neu": "nein",
            "/data/esu/quelle": "Mitteilung des Gesundheitsamts (erfunden)",
            "/data/esu/erhalten_am": date(year + 1, 9, 12),
        }
        rows = [("de", "nein", 60, 0.14), ("beide", "nein", 24, 0.32), ("andere", "nein", 30, 0.70)]
        if year >= 2020:
            rows[2:] = [("andere", "ja", 22, 0.58), ("andere", "nein", 21, 0.70)]
        for number, (language, exposed, count, share) in enumerate(rows, start=1):
            entry = f"/data/ergebnisse/zeile[{number}]"
            examined = round(count * size * rng.uniform(0.95, 1.1)) + 2
            answers[f"{entry}/familiensprache"] = language
            answers[f"{entry}/exponiert"] = exposed
            if exposed == "ja":
                answers[f"{entry}/programm"] = "spatz"
            answers[f"{entry}/untersucht"] = examined
            answers[f"{entry}/bedarf"] = round(examined * share * rng.uniform(0.9, 1.1))
        yield date(year + 1, 10, 4), f"ESU-{year}", answers
