"""What a town keeps beside its cases: funding, offers, volunteers, organisations, sessions.

Each function gives the entries of one form for one town: (day on which it is recorded, number, answers).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from intake import biography
from intake.biography import Answers
from intake.population import ALTHENGSTETT, LAST_DAY, Person, Population, dice, weekday

Entry = tuple[date, str, Answers]
FIRST_DAY = date(2018, 1, 1)
RATE = 796.08  # euros a head and year: `foerderung` says where it comes from

# fmt: off
OFFERS = (
    ("Jobcafé am Mittwoch", "jobcafe", ("arb",), "ehrenamt", ("arbeitsuchende",)),
    ("Frauentreff", "frauentreff", ("wrn", "spr"), "kommune", ("frauen",)),
    ("Sprachtreff im Rathaus", "sprachtreff", ("spr",), "ehrenamt", ("alle",)),
    ("Bewerbungstraining", "beratung", ("arb",), "bildungstraeger", ("arbeitsuchende",)),
    ("Treff für Jugendliche", "jugendtreff", ("wrn", "soz"), "kommune", ("jugendliche",)),
    ("Lernhilfe nach der Schule", "lernhilfe", ("bil",), "ehrenamt", ("kinder",)),
    ("Treff für Familien aus der Ukraine", "freizeit", ("wrn",), "verein", ("alle",)),
    ("Wohnungssuche gemeinsam", "beratung", ("woh",), "kommune", ("alle",)),
)
GAP = ("Sprachkurs mit Kinderbetreuung", "sprachkurs", ("spr", "fam"), ("frauen", "eltern"))
ROLES = (("patenschaft",), ("dolmetschen",), ("dolmetschen", "begleitung"), ("treff",), ("jobcafe", "patenschaft"))
SPOKEN = ("ar", "fa", "uk", "ru", "tr", "kmr", "ti", "fr")
ORGANISATIONS = (
    ("Kindertagesstätte Regenbogen", "kita", ("bil",)), ("Grundschule", "schule", ("bil",)),
    ("Arbeitskreis Asyl", "arbeitskreis", ("wrn",)), ("Handwerksbetriebe vor Ort", "arbeitgeber", ("arb",)),
    ("Familienzentrum", "familienzentrum", ("fam", "wrn")), ("Kindertagesstätte Sonnenblume", "kita", ("bil",)),
)
SUBJECTS = (
    ("auftakt", "Auftakt zum kommunalen Integrationsplan"), ("arbeitsgruppe", "Sprache und Bildung"),
    ("gremium", "Bericht des Integrationsmanagements im Gemeinderat"), ("arbeitsgruppe", "Wohnungssuche"),
    ("austausch", "Austausch mit Vereinen und Ehrenamtlichen"), ("lenkung", "Steuerungsgruppe Integration"),
)
# fmt: on


def funding(municipality: str, population: Population) -> Iterator[Entry]:
    """One report for each 15 September: what was reported, and when the proof of use was handed in a year later."""
    for year in range(2017, 2022):
        stock = population.stock(municipality, date(year, 9, 15))
        heads = sum(person.kind != "privat_ua" for person in stock)
        amount = round(heads * RATE)
        reported = weekday(date(year, 9, 25), date(year, 10, 13), dice(population.seed, municipality, year, "report"))
        proved = weekday(date(year + 1, 11, 2), date(year + 1, 12, 16), dice(population.seed, municipality, year))
        answers: Answers = {
            "/data/foerderung/gemeinde": municipality,
            "/data/foerderung/id": f"F-{year}",
            "/data/foerderung/antragsteller": "gemeinde" if amount >= 51_000 else "verbund",
            "/data/foerderung/stichtag": date(year, 9, 15),
            "/data/foerderung/gemeldet_am": reported,
            "/data/koepfe/kopf[1]/ags": municipality,
            "/data/koepfe/kopf[1]/heads": heads,
            "/data/ergebnis/betrag_bewilligt": amount,
            "/data/ergebnis/eigenanteil": max(0, round(52_000 * heads / 75) - amount),
            "/data/nachweis/zeitraum_von": date(year, 10, 1),
            "/data/nachweis/zeitraum_bis": date(year + 1, 9, 30),
            "/data/nachweis/vn_eingereicht": proved,
        }
        yield proved, f"F-{year}", answers


def offers(municipality: str, population: Population, scale: int) -> Iterator[Entry]:
    """`scale` 1 (a small town) to 3 says how many."""
    rng = dice(population.seed, municipality, "offers")
    chosen = OFFERS[:7] if municipality == ALTHENGSTETT else OFFERS[: 1 + 2 * scale]
    for number, (title, kind, fields, provider, groups) in enumerate(chosen, start=1):
        begins = date(2022, 4, 6) if "Ukraine" in title else date(2018 + rng.randrange(4), rng.randint(2, 11), 1)
        ends = date(2021, 12, 15) if begins.year < 2021 and rng.random() < 0.25 else None
        answers = _offer(municipality, number, title, kind, fields) | {
            "/data/angebot/luecke": "nein",
            "/data/angebot/traegertyp": provider,
            "/data/zielgruppe/zielgruppen": list(groups),
            "/data/ablauf/ort": "Bürgerhaus",
            "/data/ablauf/rhythmus": rng.choice(("woechentlich", "woechentlich", "zweiwoechentlich", "monatlich")),
            "/data/ablauf/ab": begins,
            "/data/ablauf/bis": ends,
            "/data/ablauf/plaetze": rng.randint(8, 20),
            "/data/ablauf/ehrenamtliche": rng.randint(1, 5),
            "/data/ablauf/finanzierung": [rng.choice(("haushalt", "land", "spenden"))],
        }
        answers |= _participation(municipality, population, number, begins, ends or date(2022, 11, 20))
        yield weekday(date(2022, 11, 28), date(2022, 12, 20), rng), f"A-{number:02d}", answers
    if scale > 1:
        title, kind, fields, who = GAP
        number = len(chosen) + 1
        answers = _offer(municipality, number, title, kind, fields)
        answers |= {"/data/angebot/luecke": "ja", "/data/zielgruppe/zielgruppen": list(who)}
        yield date(2021, 10, 5), f"A-{number:02d}", answers


def _offer(municipality: str, number: int, title: str, kind: str, fields: Sequence[str]) -> Answers:
    return {
        "/data/angebot/gemeinde": municipality,
        "/data/angebot/id": f"A-{number:02d}",
        "/data/angebot/bezeichnung": title,
        "/data/angebot/art": kind,
        "/data/angebot/felder": list(fields),
        "/data/zielgruppe/offen_fuer_alle": "ja",
        "/data/zielgruppe/religioes": "nein",
    }


def _participation(municipality: str, population: Population, number: int, begins: date, ends: date) -> Answers:
    """Twice a year who came, by pseudonym, and how many more."""
    rng = dice(population.seed, municipality, number, "participation")
    answers: Answers = {}
    entries: list[tuple[date, str]] = []
    day = begins + timedelta(30)
    while day <= ends:
        here = [each for each in population.stock(municipality, day) if each.age(day) >= 12 and each.met <= day]
        entries += [(day, each.id) for each in rng.sample(here, min(len(here), rng.randint(0, 4)))]
        entries.append((day, ""))
        day += timedelta(rng.randint(140, 230))
    for at, (when, person) in enumerate(entries, start=1):
        entry = f"/data/mitmachen/teilnahme[{at}]"
        answers[f"{entry}/teilnahme_datum"] = when
        if person:
            answers[f"{entry}/person"] = person
        else:
            answers[f"{entry}/anzahl"] = rng.randint(2, 15)
    return {"/data/mitmachen/teilnahme_gefuehrt": "ja" if entries else "nein", **answers}


def volunteers(municipality: str, population: Population, scale: int) -> Iterator[Entry]:
    """People who help, by code; sponsorships of those who wished for one."""
    rng = dice(population.seed, municipality, "volunteers")
    wishing = _wishing(municipality, population, scale)
    for number in range(1, 2 * scale + 2):
        roles = ROLES[(number - 1) % len(ROLES)]
        active = date(2018 + rng.randrange(3), rng.randint(1, 12), 1)
        answers: Answers = {
            "/data/ehrenamt/gemeinde": municipality,
            "/data/ehrenamt/id": f"E-{number:02d}",
            "/data/ehrenamt/rollen": list(roles),
            "/data/ehrenamt/sprachen": sorted(rng.sample(SPOKEN, 2)) if "dolmetschen" in roles else [],
            "/data/ehrenamt/aktiv_ab": active,
            "/data/eignung/schulung": rng.choice(("ja", "nein")),
        }
        cared = [each for each in wishing if max(each.met, active) + timedelta(30) < (each.left or LAST_DAY)][:1]
        if cared and "patenschaft" in roles:
            wishing.remove(cared[0])
            answers["/data/begleitung/begleitet"] = "ja"
            answers["/data/begleitung/patenschaft[1]/person"] = cared[0].id
            answers["/data/begleitung/patenschaft[1]/pate_von"] = max(cared[0].met, active) + timedelta(20)
            answers["/data/begleitung/patenschaft[1]/pate_bis"] = cared[0].left
        answers["/data/umfang/stunden_gefuehrt"] = "ja"
        for at, year in enumerate(range(active.year + 1, 2023), start=1):
            answers[f"/data/umfang/stunden[{at}]/jahr"] = year
            answers[f"/data/umfang/stunden[{at}]/stunden_jahr"] = rng.randint(20, 160)
        yield weekday(date(2022, 11, 28), date(2022, 12, 20), rng), f"E-{number:02d}", answers


def _wishing(municipality: str, population: Population, wanted: int) -> list[Person]:
    found: list[Person] = []
    for person in population.people:
        if person.municipality != municipality or person.age(person.met) < 16 or person.before is not None:
            continue
        household = [each for each in population.people if each.head == person.head and each.before is None]
        asked = biography.first_interview(person, household, population)
        if asked.get("/data/teilhabe/patenschaft_gewuenscht") == "ja":
            found.append(person)
        if len(found) > 2 * wanted:
            break
    return found


def organisations(municipality: str, population: Population, scale: int) -> Iterator[Entry]:
    """Whom the town works with; a Kita says which programme it carried in which year."""
    rng = dice(population.seed, municipality, "organisations")
    for number, (title, kind, fields) in enumerate(ORGANISATIONS[: 2 * scale], start=1):
        since = date(2017, rng.randint(1, 12), 10)
        answers: Answers = {
            "/data/organisation/gemeinde": municipality,
            "/data/organisation/id": f"O-{number:02d}",
            "/data/organisation/bezeichnung": title,
            "/data/organisation/art": kind,
            "/data/organisation/felder": list(fields),
            "/data/organisation/kontakt_seit": since,
            "/data/organisation/zuletzt_getroffen": date(2022, rng.randint(1, 10), 12),
            "/data/namen/umbenannt": "nein",
        }
        if kind == "arbeitskreis":
            answers["/data/namen/umbenannt"] = "ja"
            answers["/data/namen/frueher[1]/name_frueher"] = "Freundeskreis Flüchtlinge"
            answers["/data/namen/frueher[1]/name_bis"] = date(2019, 6, 30)
        if kind == "kita":
            answers["/data/kita/programm_gefuehrt"] = "ja"
            for at, years in enumerate(("2020/21", "2021/22"), start=1):
                answers[f"/data/kita/programm[{at}]/programm_art"] = "spatz"
                answers[f"/data/kita/programm[{at}]/programm_jahr"] = years
                answers[f"/data/kita/programm[{at}]/programm_kinder"] = rng.randint(8, 24)
        yield weekday(date(2022, 11, 1), date(2022, 11, 25), rng), f"O-{number:02d}", answers


def sessions(municipality: str, population: Population, scale: int) -> Iterator[Entry]:
    """Meetings with who was there and what was decided."""
    rng = dice(population.seed, municipality, "sessions")
    for number, (kind, subject) in enumerate(SUBJECTS[: 2 * scale], start=1):
        day = weekday(date(2017 + number - (number > 5), 2, 1), date(2017 + number - (number > 5), 11, 20), rng)
        there = rng.randint(6, 20)
        answers: Answers = {
            "/data/sitzung/gemeinde": municipality,
            "/data/sitzung/id": f"T-{number:02d}",
            "/data/sitzung/art": kind,
            "/data/sitzung/datum": day,
            "/data/sitzung/thema": subject,
            "/data/sitzung/oeffentlich": "ja" if kind in ("auftakt", "gremium") else "nein",
            "/data/sitzung/eingeladen": there + 8,
            "/data/anwesenheit/anwesend[1]/organisation": "Gemeindeverwaltung",
            "/data/anwesenheit/anwesend[1]/anwesend_zahl": 3,
            "/data/anwesenheit/anwesend[2]/organisation": "O-01",
            "/data/anwesenheit/anwesend[2]/anwesend_zahl": there - 3,
            "/data/beschluesse/beschluss_gefasst": "nein",
        }
        if kind in ("gremium", "lenkung"):
            answers["/data/beschluesse/beschluss_gefasst"] = "ja"
            answers["/data/beschluesse/beschluss[1]/beschluss_text"] = "Der Bericht wird zur Kenntnis genommen."
            answers["/data/beschluesse/beschluss[1]/ergebnis"] = "kenntnis"
        yield day, f"T-{number:02d}", answers
