"""What the demo's people, accommodations and posts would have answered: plan in, answers to the shipped forms out.

Every function takes a piece of the plan (`intake.population`) and gives {path: answer} for one form. All chance comes
from the plan's seed and the person's id, so that one person's answers do not depend on another's. Nothing is drawn
from real records; what is written as text is a sentence of this file.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from intake.holidays import working_day
from intake.population import LAST_DAY, Person, Population, Post, Site, dice
from intake.simulate import Answer

Answers = dict[str, Answer]

# fmt: off
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "SY": ("ar", "ar", "kmr"), "AF": ("prs", "ps"), "IQ": ("ar", "ckb"), "UA": ("uk", "uk", "ru"), "PS": ("ar",),
    "TR": ("kmr", "tr"), "IR": ("fa",), "GM": ("mnk", "en"), "NG": ("en", "ha"), "SO": ("so",), "ER": ("ti",),
    "PK": ("ur", "pa"), "GE": ("ka",), "XK": ("sq",), "IN": ("pa", "hi"),
}
STATUSES: Mapping[str, tuple[str, ...]] = {
    "SY": ("ae25_2_1",) * 5 + ("ae25_2_2",) * 4 + ("ag",), "AF": ("ae25_3", "ae25_3", "ae25_2_1", "ag", "dul60a"),
    "IQ": ("ae25_2_1", "ae25_3", "ag", "dul60a"), "UA": ("ae24",), "PS": ("ae25_2_1", "ae25_2_2", "ag"),
    "TR": ("ag", "ae25_2_1"), "IR": ("ag", "ae25_2_1"), "SO": ("ae25_2_1", "ae25_2_2", "ag"),
    "ER": ("ae25_2_1", "ae25_2_2", "ag"),
}
STAYING_ON = ("zeitablauf", "wechsel_traeger", "keine_mitwirkung")  # support ended, and they live where they lived
PROCEDURE = ("ag", "dul60a")  # for all other nations
PROTECTED = ("ae25_2_1", "ae25_2_2", "ae25_3", "ae24")
WORKING = ("svp_voll", "svp_voll", "svp_voll", "svp_teil", "minijob", "ausb_dual", "ausb_schul", "selbst")
LEVELS = ("a0", "a1", "a2", "b1", "b2", "c1")
TRADES = (
    ("Schneiderei", "28"), ("Elektroinstallation", "26"), ("Lehramt", "84"), ("Küche", "29"), ("Maurerhandwerk", "32"),
    ("Friseurhandwerk", "82"), ("Krankenpflege", "81"), ("Lkw-Fahren", "52"), ("Buchhaltung", "72"), ("Verkauf", "62"),
)
STATES_LATER = (
    ("reached",) * 7 + ("running",) * 6 + ("partly",) * 2 + ("not_reached", "adapted", "cancelled", "postponed")
)
# fmt: on


def first_interview(person: Person, household: Sequence[Person], population: Population) -> Answers:
    """Answers of the form erstgespraech on the day of the first interview. `household` are all its members."""
    rng = _dice(population, person, "interview")
    answers = _case(person, household, population, rng) | _residence(person, population)
    answers |= _household(person, household)
    if person.age(person.met) >= 6:
        answers |= _german(person, population, rng)
    if person.age(person.met) >= 15:
        answers |= _schooling(person, rng) | _income(person, household, population, rng) | _everyday(rng)
    answers |= _housing(person, population, rng)
    answers["/data/gesundheit/krankenversicherung"] = "gkv" if status(person, population) in PROTECTED else "egk"
    answers["/data/gesundheit/intensitaet"] = rng.choice(("1", "2", "2", "2", "3"))
    if not with_parents(person):
        answers |= _children(person, household, rng)
        goals = _goals(person, population, rng)
        if answers.get("/data/arbeit/jobcenter") == "plan":  # its plan has the goal already
            goals = {path: "arbeitgeber" if value == "jc" else value for path, value in goals.items()}
        answers |= goals | _releases(person, goals)
        answers |= _closing(person, rng)
    return answers


def review(person: Person, population: Population) -> tuple[date, Answers] | None:
    """When the goals were looked at again, and what was found: three plans in four; None where there was no time."""
    rng = _dice(population, person, "review")
    day = person.met + timedelta(rng.randint(150, 330))
    if with_parents(person) or day > min(person.left or LAST_DAY, LAST_DAY) - timedelta(1) or rng.random() > 0.75:
        return None
    answers: Answers = {}
    for number in range(1, len(chosen_goals(person, population)) + 1):
        state = rng.choice(STATES_LATER)
        answers[f"/data/ziele/ziel[{number}]/stand"] = state
        if state == "reached":
            spent = rng.randint(30, (day - person.met).days)
            answers[f"/data/ziele/ziel[{number}]/erreicht_am"] = person.met + timedelta(spent)
    return day, answers


def leaving(person: Person, population: Population) -> Answers:
    """Answers of the form austritt for somebody who left, but for the goals that are open."""
    if person.left is None or person.reason is None:
        raise ValueError(person.id)
    rng = _dice(population, person, "leaving")
    answers: Answers = {
        "/data/fall/gemeinde": person.municipality,
        "/data/fall/person": person.id,
        "/data/austritt/datum": person.left,
        "/data/austritt/grund": person.reason,
    }
    independent = person.reason.startswith("selbst_")
    gone = {"freiw_rueckkehr": "ausland", "abschiebung": "ausland", "untergetaucht": "unbekannt"}
    answers["/data/austritt/verbleib"] = gone.get(person.reason, "andere_gemeinde")
    if independent:
        answers["/data/austritt/begleitet_durch"] = rng.choice(("im", "im", "ehrenamt", "beide", "beide"))
        answers["/data/austritt/verbleib"] = rng.choice(("hier", "hier", "hier", "andere_gemeinde"))
    if person.reason in STAYING_ON:
        answers["/data/austritt/verbleib"] = "hier"
    if person.next_town:
        answers["/data/austritt/verbleib_ags"] = person.next_town
    elif answers["/data/austritt/verbleib"] == "andere_gemeinde":
        answers["/data/austritt/verbleib_ags__missing"] = "unknown"
    if person.reason == "untergetaucht":
        return answers
    answers["/data/austritt/nachfrage_erlaubt"] = "ja" if independent else "nein"
    answers["/data/stand/status"] = status_on(person, population, person.left)
    answers["/data/stand/wohnform"] = "priv_miete" if independent or person.private else "none"
    if person.reason in STAYING_ON and not person.private:
        answers["/data/stand/wohnform"] = site_of(person, population).housing
    if person.age(person.left) >= 6:
        answers["/data/stand/deutsch_gesamt"] = level(person, population, person.left)
    if person.age(person.left) >= 18:
        at_work = independent and (person.reason == "selbst_arbeit" or rng.random() < 0.4)
        answers["/data/stand/erwerbsstatus"] = rng.choice(("svp_voll", "svp_teil")) if at_work else "arbeitslos"
        if is_accompanied(person, population):
            works = job_on(person, population, person.left)
            at_work = works == "svp_voll"
            answers["/data/stand/erwerbsstatus"] = works
        answers["/data/stand/selbst_gesichert"] = "ja" if at_work else "nein"
        answers["/data/stand/leistungen"] = ["keine"] if at_work else ["sgb2"]
        answers["/data/stand/behoerdenpost"] = "ja" if independent else "mit_hilfe"
        answers["/data/stand/termine"] = "ja" if independent else "mit_hilfe"
    return answers


def accommodation(site: Site, residents: Sequence[Person]) -> Answers:
    """Answers of the form unterkunft on LAST_DAY, with everybody who ever lived there, by day of arrival."""
    answers: Answers = {
        "/data/unterkunft/gemeinde": site.municipality,
        "/data/unterkunft/id": site.id,
        "/data/unterkunft/name": site.name,
        "/data/unterkunft/ortsteil": site.district,
        "/data/unterkunft/type": site.kind,
        "/data/unterkunft/owner": site.owner,
        "/data/unterkunft/units": site.units,
        "/data/unterkunft/rooms": site.places // 2,
        "/data/unterkunft/places": site.places,
        "/data/unterkunft/places_usable": site.places,
        "/data/unterkunft/barrier_free": "nein",
        "/data/unterkunft/in_use_from": site.opened,
        "/data/unterkunft/in_use_to": site.closed,
    }
    if not residents:
        answers["/data/belegung/bewohner"] = None
    for number, person in enumerate(sorted(residents, key=lambda each: (each.came, each.id)), start=1):
        entry = f"/data/belegung/bewohner[{number}]"
        answers[f"{entry}/person"] = person.id
        answers[f"{entry}/von"] = person.came
        answers[f"{entry}/bis"] = person.private or person.left
    return answers


def staff_post(post: Post, *, absence: bool) -> Answers:
    """Answers of the form stelle, before or after its absence began."""
    answers: Answers = {
        "/data/stelle/gemeinde": post.municipality,
        "/data/stelle/id": post.id,
        "/data/stelle/rolle": "im",
        "/data/stelle/traeger": "gemeinde",
        "/data/stelle/vzae_bewilligt": post.approved,
        "/data/stelle/vzae_besetzt": post.approved,
        "/data/stelle/status": "besetzt",
        "/data/stelle/entgeltgruppe": "s11b",
        "/data/stelle/von": post.since,
        "/data/stelle/bis": post.until,
        "/data/stelle/verlaengerung_monate": post.extension or None,
        "/data/abwesenheiten/abwesenheit_erfasst": "ja" if absence and post.absent else "nein",
    }
    if post.shares:
        answers["/data/gemeinden/geteilt"] = "ja"
    for number, (ags, percent) in enumerate(post.shares.items(), start=1):
        answers[f"/data/gemeinden/anteil[{number}]/anteil_ags"] = ags
        answers[f"/data/gemeinden/anteil[{number}]/anteil_prozent"] = percent
    if absence and post.absent:
        answers["/data/abwesenheiten/abwesenheit[1]/art"] = "sonst"
        answers["/data/abwesenheiten/abwesenheit[1]/von"] = post.absent[0]
        answers["/data/abwesenheiten/abwesenheit[1]/bis"] = post.absent[1]
        answers["/data/abwesenheiten/abwesenheit[1]/vertretung"] = "ja"
    return answers


# --- what several answers rest on -----------------------------------------------------------------------------------


def _dice(population: Population, person: Person, about: str) -> random.Random:
    again = (f"episode {person.episode}",) if person.episode > 1 else ()
    return dice(population.seed, person.id, about, *again)


def with_parents(person: Person) -> bool:
    return person.role == "child"


def is_accompanied(person: Person, population: Population) -> bool:
    """Whether there are follow-ups and contacts of a person."""
    return not with_parents(person) and int(person.id[2:]) % population.accompanied == 0


def status(person: Person, population: Population) -> str:
    """The residence status at the first interview, one for the whole household."""
    rng = dice(population.seed, person.first.municipality, person.first.household, "status")
    return rng.choice(STATUSES.get(person.nationality, PROCEDURE))


def status_on(person: Person, population: Population, day: date) -> str:
    """The residence status on a day: a procedure ends some day, of the same household on the same."""
    before = status(person, population)
    first = person.first
    rng = dice(population.seed, first.municipality, first.household, "decision")
    if before != "ag" or day < first.met + timedelta(rng.randint(120, 600)):
        return before
    return rng.choice([each for each in STATUSES.get(person.nationality, ("dul60a", "ae25_3")) if each != "ag"])


def level(person: Person, population: Population, day: date) -> str:
    """German on a day: rises with the months in the country and never falls."""
    rng = dice(population.seed, person.id, "german")
    if person.age(day) >= 15 and rng.random() < 0.06:
        return "alph0"
    months = (day - (person.entered or person.came)).days / 30
    return LEVELS[min(int(months / rng.uniform(5, 12) + rng.uniform(0, 0.8)), len(LEVELS) - 1)]


def job(person: Person, population: Population) -> str:
    """What somebody does at the first interview of the first episode."""
    person = person.first
    rng = dice(population.seed, person.id, "job")
    age = person.age(person.met)
    if age < 18:
        return "schule"
    if age >= 66:
        return "rente"
    months = (person.met - (person.entered or person.came)).days / 30
    if rng.random() < min(0.08 + months * 0.012, 0.5):
        return rng.choice(("svp_voll", "svp_voll", "svp_teil", "minijob", "ausb_dual"))
    if person.role != "head" and person.sex == "w" and rng.random() < 0.4:
        return "betreuung_elternzeit"
    return rng.choice(("arbeitslos", "arbeitslos", "massnahme", "praktikum"))


def job_on(person: Person, population: Population, day: date) -> str:
    """What somebody does on a day: work, once taken up, is kept."""
    first, before = person.first, job(person, population)
    rng = dice(population.seed, person.id, "work")
    if before in WORKING or before == "rente" or first.age(first.met) < 15:
        return before
    begins = first.met + timedelta(rng.randint(250, 1500))
    if person.left and person.reason == "selbst_arbeit":
        begins = min(begins, max(person.left - timedelta(rng.randint(20, 150)), first.met + timedelta(10)))
    if before == "schule":
        begins = max(begins, first.born + timedelta(int(365.25 * 18)))
    after = rng.choice(("ausb_dual", "ausb_dual", "svp_teil") if before == "schule" else WORKING[:6])
    if day >= begins:
        return "svp_voll" if person.left and person.reason == "selbst_arbeit" else after
    return before


def benefits_on(person: Person, household: Sequence[Person], population: Population, day: date) -> list[str]:
    """The benefits of a household on a day, as far as they follow from this person; sorted."""
    benefits = ["kg"] if any(each.age(day) < 18 for each in household) else []
    if job_on(person, population, day) != "svp_voll":
        has = status_on(person, population, day)
        covered = has in PROTECTED and day >= date(2022, 6, 1)
        benefits.append("sgb2" if has in PROTECTED[:3] or covered else "asylblg3")
    return sorted(benefits) or ["keine"]


def post_on(person: Person, population: Population, day: date) -> str:
    """The post in charge of a household on a day."""
    posts = [
        each.id
        for each in population.posts
        if each.municipality == person.municipality
        and each.since <= max(day, date(2018, 1, 1))
        and (each.until is None or each.until >= day)
    ]
    return dice(population.seed, person.head, "post").choice(posts)


def site_of(person: Person, population: Population) -> Site:
    """The accommodation in which somebody lives or lived."""
    here = (person.municipality, person.site)
    return next(each for each in population.sites if (each.municipality, each.id) == here)


def language(person: Person, population: Population) -> str:
    rng = dice(population.seed, person.first.municipality, person.first.household, "language")
    return rng.choice(LANGUAGES[person.nationality])


# --- the sections of the first interview ----------------------------------------------------------------------------


def _case(person: Person, household: Sequence[Person], population: Population, rng: random.Random) -> Answers:
    spoken = language(person, population)
    plan = "mit_eltern" if with_parents(person) else "person"
    if person.role == "head" and len(household) > 1:
        plan = "haushalt"
    answers: Answers = {
        "/data/fall/gemeinde": person.municipality,
        "/data/fall/zustaendig": post_on(person, population, person.met),
        "/data/fall/person": person.id,
        "/data/fall/datum": person.met,
        "/data/fall/datenschutzhinweis": "ja",
        "/data/fall/einwilligung": rng.choice(("ja", "ja", "ja", "nein")),
        "/data/fall/plan_fuer": plan,
        "/data/fall/anwesende": ["person"],
        "/data/fall/gespraechssprache": spoken,
        "/data/fall/dolmetschen": rng.choice(("ehrenamtlich", "bezahlt", "telefon_video", "keine")),
        "/data/person/name": f"Demo-Person {person.id[-4:]}",
        "/data/person/geburtsdatum": person.born,
        "/data/person/geschlecht": person.sex,
        "/data/person/staatsangehoerigkeit": person.nationality,
        "/data/person/muttersprachen": [spoken],
    }
    if plan != "person":
        answers["/data/fall/plan_kopf"] = person.head
    return answers


def _residence(person: Person, population: Population) -> Answers:
    answers: Answers = {"/data/aufenthalt/zugangsart": person.kind}
    if person.entered is None:
        answers["/data/aufenthalt/einreise__missing"] = "not_applicable"
    else:
        answers["/data/aufenthalt/einreise"] = person.entered
    answers["/data/aufenthalt/zuweisung"] = person.came
    answers["/data/aufenthalt/status"] = status_on(person, population, person.met)
    return answers


def _household(person: Person, household: Sequence[Person]) -> Answers:
    roles = [each.role for each in household]
    kind = "single"
    if "partner" in roles:
        kind = "paar_kinder" if "child" in roles else "paar"
    elif "child" in roles:
        kind = "alleinerziehend"
    return {
        "/data/haushalt/haushaltstyp": kind,
        "/data/haushalt/personen": len(household),
        "/data/haushalt/unter18": sum(each.age(person.met) < 18 for each in household),
    }


def _german(person: Person, population: Population, rng: random.Random) -> Answers:
    german = level(person, population, person.met)
    answers: Answers = {
        "/data/sprache/schrift": "keine" if german == "alph0" else rng.choice(("latein", "latein", "andere")),
        "/data/sprache/deutsch_gesamt": german,
        "/data/sprache/quelle": rng.choice(("zertifikat", "einstufung", "einschaetzung")),
    }
    if person.age(person.met) >= 15:
        course = {"alph0": "ik_alpha", "b1": "bsk_b2", "b2": "keiner", "c1": "keiner"}.get(german, "ik_allg")
        answers["/data/sprache/kurs"] = course
        if course != "keiner":
            states = ("running", "running", "waitlist", "applied", "entitled", "finished_pass")
            answers["/data/sprache/kursstatus"] = rng.choice(states)
        barriers = ("keine", "keine", "kinderbetreuung", "kein_platz", "fahrt", "schicht")
        answers["/data/sprache/hindernisse"] = [rng.choice(barriers)]
    return answers


def _schooling(person: Person, rng: random.Random) -> Answers:
    age = person.age(person.met)
    years = min(rng.choice((0, 4, 6, 8, 9, 9, 10, 12, 12, 15)), age - 6)
    attained = next(code for limit, code in ((1, 0), (6, 1), (10, 2), (14, 3), (99, 6)) if years < limit)
    answers: Answers = {
        "/data/bildung/schuljahre": years,
        "/data/bildung/isced": f"isced{attained}",
        "/data/bildung/schulbesuch": rng.choice(("allgemeinbildend", "vabo")) if age < 18 else "keine",
    }
    training = "keine"
    if age >= 18:
        training = rng.choice(("keine", "keine", "keine", "angelernt", "beruflich", "bachelor"))
    answers["/data/beruf/berufsausbildung"] = training
    if training != "keine":
        trade, group = rng.choice(TRADES)
        answers["/data/beruf/erlernter_beruf"] = trade
        answers["/data/beruf/erlernter_beruf_kldb"] = group
        states = ("not_relevant", "advice", "docs_missing", "applied", "partial", "full")
        answers["/data/beruf/anerkennung"] = rng.choice(states)
    return answers


def _income(person: Person, household: Sequence[Person], population: Population, rng: random.Random) -> Answers:
    works = job_on(person, population, person.met)
    benefits = benefits_on(person, household, population, person.met)
    answers: Answers = {
        "/data/arbeit/erwerbsstatus": works,
        "/data/arbeit/leistungen": list(benefits),
        "/data/arbeit/selbst_gesichert": "ja" if works == "svp_voll" else "nein",
    }
    if "sgb2" in benefits and person.age(person.met) >= 18:
        contact = rng.choice(("gemeldet", "gemeldet", "plan", "massnahme"))
        answers["/data/arbeit/jobcenter"] = contact
        if contact == "plan":
            answers["/data/arbeit/jobcenter_plan_vom"] = person.met - timedelta(rng.randint(1, 60))
    return answers


def _housing(person: Person, population: Population, rng: random.Random) -> Answers:
    site = site_of(person, population)
    return {
        "/data/wohnen/wohnform": site.housing,
        "/data/wohnen/unterkunft": site.id,
        "/data/wohnen/sucht_wohnung": rng.choice(("ja", "ja", "nein")),
    }


def _everyday(rng: random.Random) -> Answers:
    return {
        "/data/teilhabe/patenschaft_gewuenscht": rng.choice(("ja", "nein")),
        "/data/teilhabe/behoerdenpost": rng.choice(("nein", "mit_hilfe", "mit_hilfe", "ja")),
        "/data/teilhabe/termine": rng.choice(("mit_hilfe", "ja")),
    }


def _children(person: Person, household: Sequence[Person], rng: random.Random) -> Answers:
    answers: Answers = {}
    minors = [each for each in household if each.age(person.met) < 18]
    for number, child in enumerate(minors, start=1):
        entry = f"/data/kinder/kind[{number}]"
        age = child.age(person.met)
        schools = {0: ("keine", "u3"), 3: ("ue3", "ue3", "keine"), 6: ("gs",), 10: ("gms", "rs", "wrs_hs", "vkl")}
        places = schools[max(start for start in schools if start <= age)] if age < 16 else ("beruf",)
        place = dice(child.id, "school").choice(places)
        answers[f"{entry}/kind_id"] = child.id
        answers[f"{entry}/kind_geburtsdatum"] = child.born
        answers[f"{entry}/kita_schule"] = place
        wanted = place == "keine" and rng.random() < 0.7
        answers[f"{entry}/platz_gewuenscht"] = "ja" if wanted else "nein"
        if wanted:
            answers[f"{entry}/platz_seit"] = max(child.born, person.met - timedelta(rng.randint(5, 120)))
    return answers


def chosen_goals(person: Person, population: Population) -> list[tuple[str, ...]]:
    """One to three goals: field, goal, measure, baseline, target, action, responsible, agency ('' for none)."""
    german = level(person, population, person.met)
    works = job_on(person, population, person.met)
    higher = LEVELS[min(LEVELS.index(german) + 1 if german in LEVELS else 1, len(LEVELS) - 1)]
    goals = [
        ("woh", "Die Familie oder Person wohnt in einer eigenen Wohnung.", "wohnform", "au", "privat",
         "Wohnberechtigungsschein beantragen und Wohnungen suchen", "person", "wohnamt"),
        ("wrn", "Briefe von Behörden werden ohne Hilfe verstanden und beantwortet.", "behoerdenpost", "mit_hilfe", "ja",
         "Schreiben gemeinsam lesen und beantworten üben", "ehrenamt", "ehrenamt"),
        ("bil", "Ein Schulabschluss oder eine Weiterbildung ist begonnen.", "schulbesuch", "keine", "begonnen",
         "Beratung zu Abschluss und Weiterbildung wahrnehmen", "im", "vhs_traeger"),
    ]  # fmt: skip
    if higher != german:
        goals += 2 * [
            ("spr", f"Die Deutschprüfung {higher.upper()} ist bestanden.", "deutsch_gesamt", german, higher,
             "Deutschkurs regelmäßig besuchen", "person", "vhs_traeger")
        ]  # fmt: skip
    if not works.startswith("svp"):
        goals += [
            ("arb", "Eine Arbeit mit Sozialversicherung ist aufgenommen.", "erwerbsstatus", works, "svp_teil",
             "Lebenslauf schreiben und am Bewerbungstraining teilnehmen", "im", "jc")
        ]  # fmt: skip
    rng = _dice(population, person, "goals")
    return list(dict.fromkeys(rng.sample(goals, rng.choice((1, 2, 2, 3)))))


def _goals(person: Person, population: Population, rng: random.Random) -> Answers:
    answers: Answers = {}
    names = (
        "handlungsfeld",
        "ziel",
        "messgroesse",
        "ausgangswert",
        "zielwert",
        "massnahme",
        "verantwortlich",
        "stelle",
    )
    for number, goal in enumerate(chosen_goals(person, population), start=1):
        entry = f"/data/ziele/ziel[{number}]"
        answers |= {f"{entry}/{name}": value for name, value in zip(names, goal, strict=True)}
        answers[f"{entry}/faellig"] = person.met + timedelta(rng.randint(90, 420))
        answers[f"{entry}/stand"] = rng.choice(("agreed", "agreed", "running", "proposed"))
    return answers


def _releases(person: Person, goals: Answers) -> Answers:
    """Everybody who has a goal with an agency has released it from confidentiality for two years."""
    agencies = {str(value) for path, value in goals.items() if path.endswith("/stelle")}
    end = person.met + timedelta(730)
    return {"/data/fall/schweigepflicht": sorted(agencies), "/data/fall/schweigepflicht_bis": end}


def _closing(person: Person, rng: random.Random) -> Answers:
    answers: Answers = {
        "/data/abschluss/naechster_termin": working_day(person.met + timedelta(rng.randint(14, 170))),
        "/data/abschluss/plan_ausgehaendigt": rng.choice(("ja", "ja", "ja", "nein")),
        "/data/abschluss/unterschriften": ["person", "im"],
        "/data/abschluss/unterschrift_am": person.met,
    }
    if answers["/data/abschluss/plan_ausgehaendigt"] == "ja":
        answers["/data/abschluss/plan_sprache"] = "de"
    return answers
