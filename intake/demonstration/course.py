"""A person's life over time: when the plan is looked at again, and what is found then.

What somebody is on a day (German, status, work, flat) follows from the plan and the seed alone, so that a later record
never contradicts an earlier one; what was agreed before comes from the records themselves (`Known`).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from intake import biography
from intake.biography import Answers
from intake.demonstration.known import Known
from intake.entities import Entity
from intake.holidays import working_day
from intake.population import LAST_DAY, Person, Population, dice, weekday

ROUND = 182  # days between two follow-ups
ASKED = 0.85  # how much of the plan is talked about each time
LONG = 1430  # days after which nobody asks for an extension any more

# fmt: off
COURSES = {"alph0": "ik_alpha", "b1": "bsk_b2", "b2": "keiner", "c1": "keiner"}
COURSE_STATES = {  # what follows half a year later
    "entitled": "applied", "obliged": "applied", "applied": "waitlist", "waitlist": "running",
    "running": "finished_pass", "finished_pass": "finished_pass",
}
RECOGNITION = {"advice": "docs_missing", "docs_missing": "applied", "applied": "partial", "partial": "completed"}
SELF_HELP = ("nein", "mit_hilfe", "ja")
STATES_DUE = ("reached",) * 11 + ("partly",) * 2 + ("not_reached",) * 2 + ("postponed",) * 4 + ("adapted", "cancelled")
STATES_OPEN = ("running",) * 9 + ("agreed",) * 3 + ("reached",) * 3 + ("adapted",)
STATES_END = ("reached",) * 5 + ("partly",) * 2 + ("not_reached",) * 2 + ("cancelled",)
REASONS = (
    "Der Kurs hat später begonnen als geplant.", "Es gab in dieser Zeit keinen freien Platz.",
    "Die Familie hat sich um anderes zuerst gekümmert.", "Die Unterlagen aus dem Herkunftsland fehlen noch.",
    "Auf dem Wohnungsmarkt war nichts Passendes zu finden.",
)
BARRIERS = ("Lange Wartezeit auf einen Kursplatz", "Kein Bus am Abend", "Zu wenige Plätze in der Kindertagesstätte")
DEVELOPMENTS = (
    "Kommt im Alltag besser zurecht und fragt gezielt nach.", "Hat im Kurs Fortschritte gemacht und Kontakte gefunden.",
    "Hat Geduld gebraucht; einiges ist trotzdem vorangekommen.", "Nimmt Termine zuverlässig wahr und hilft anderen.",
)
SCHOOLS = (  # from which age, the oldest first
    (16, ("beruf",)), (10, ("gms", "rs", "wrs_hs", "vkl")), (6, ("gs", "vkl")), (3, ("keine", "ue3")),
    (0, ("keine", "u3")),
)
GAS = {"reached": ("g0", "g0", "p1", "p2"), "partly": ("m1",), "not_reached": ("m1", "m2"), "cancelled": ("m2",)}
NEW_GOALS = (
    ("spr", "Eine Prüfung der nächsten Stufe ist abgelegt.", "kursstatus", "running", "finished_pass",
     "Zur Prüfung anmelden und Übungsblätter bearbeiten", "person", "vhs_traeger"),
    ("arb", "Ein Praktikum in einem Betrieb ist abgeschlossen.", "ja_nein", "nein", "ja",
     "Betriebe anschreiben und Bewerbung üben", "im", "arbeitgeber"),
    ("woh", "Ein Wohnberechtigungsschein liegt vor.", "ja_nein", "nein", "ja",
     "Antrag gemeinsam ausfüllen und abgeben", "person", "wohnamt"),
    ("wrn", "Die Familie ist in einem Verein angekommen.", "ja_nein", "nein", "ja",
     "Zwei Vereine besuchen und einen auswählen", "ehrenamt", "verein"),
    ("bil", "Ein Platz in der Kindertagesstätte oder Schule ist gefunden.", "kita_schule", "keine", "ue3",
     "Vormerkung abgeben und nachfragen", "person", "kita"),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Round:
    """A follow-up that is due: the day, and what brought it about ('' for the regular half year)."""

    day: date
    occasion: str = ""


def rounds(person: Person, population: Population) -> list[Round]:
    """The follow-ups of an episode: about every half year, and one after a move into a flat of one's own."""
    rng = dice(population.seed, person.id, person.episode, "rounds")
    end = (person.left or LAST_DAY) - timedelta(3)
    found: dict[date, str] = {}
    day = person.met
    while (day := weekday(day + timedelta(ROUND - 25), day + timedelta(ROUND + 20), rng)) <= end:
        found[day] = ""
    if person.private is not None and person.private + timedelta(12) <= end:
        moved = weekday(person.private + timedelta(4), person.private + timedelta(12), rng)
        if person.met < moved <= end:
            found[moved] = "Umzug in eine eigene Wohnung"
    return [Round(day, found[day]) for day in sorted(found)]


def follow_up(person: Person, household: Sequence[Person], population: Population, due: Round, known: Known) -> Answers:
    """Answers of the form fortschreibung. `household` are all its members, `known` is the state it opens with."""
    rng = dice(population.seed, person.id, due.day, "follow-up")
    answers: Answers = {
        "/data/fall/gemeinde": person.municipality,
        "/data/fall/zustaendig": biography.post_on(person, population, due.day),
        "/data/fall/person": person.id,
        "/data/fall/datum": due.day,
        "/data/fall/anlass": "anlass" if due.occasion else "turnus",
    }
    if due.occasion:
        answers["/data/fall/anlass_text"] = due.occasion
    visit = _Visit(person, household, population, due.day, known, rng)
    for part in (_language, _residence, _recognition, _work, _housing, _everyday):
        if part is _housing or rng.random() < ASKED:
            answers |= part(visit)
    answers |= _children(household, due.day, known)
    answers |= _goals(due.day, known, rng)
    answers |= _extension(person, due.day)
    answers["/data/abschluss/entwicklung"] = rng.choice(DEVELOPMENTS)
    answers["/data/abschluss/naechster_termin"] = working_day(due.day + timedelta(rng.randint(60, 180)))
    answers["/data/abschluss/plan_ausgehaendigt"] = rng.choice(("ja", "ja", "ja", "nein"))
    if answers["/data/abschluss/plan_ausgehaendigt"] == "ja":
        answers["/data/abschluss/plan_sprache"] = "de"
    answers["/data/abschluss/unterschriften"] = ["person", "im"]
    answers["/data/abschluss/unterschrift_am"] = due.day
    return answers


def closing_goals(person: Person, population: Population, known: Known) -> Answers:
    """What the form austritt asks of each goal that is still open."""
    if person.left is None:
        raise ValueError(person.id)
    rng = dice(population.seed, person.id, person.episode, "closing")
    answers: Answers = {}
    for number, goal in enumerate(known.open_goals, start=1):
        entry = f"/data/ziele/ziel[{number}]"
        state = rng.choice(STATES_END)
        answers[f"{entry}/endstand"] = state
        if state == "reached":
            answers[f"{entry}/erreicht_am"] = _some_day(goal, person.left, rng)
        else:
            answers[f"{entry}/ziel_grund"] = rng.choice(REASONS)
        if state != "cancelled":
            answers[f"{entry}/gas_ist"] = rng.choice(GAS[state])
    return answers


# --- the parts of a follow-up; each asks about the state on the day


@dataclass(frozen=True, slots=True)
class _Visit:
    """Who is asked when, and what was known before."""

    person: Person
    household: Sequence[Person]
    population: Population
    day: date
    known: Known
    rng: random.Random


def _language(at: _Visit) -> Answers:
    level = biography.level(at.person, at.population, at.day)
    answers: Answers = {
        "/data/veraenderung/sprache/deutsch_gesamt": level,
        "/data/veraenderung/sprache/quelle": at.rng.choice(("zertifikat", "einstufung", "einschaetzung")),
    }
    changed = at.known.state.get("deutsch_gesamt") != level
    if changed:
        answers["/data/veraenderung/sprache/deutsch_gesamt_ab"] = at.day - timedelta(at.rng.randint(5, 120))
    course = COURSES.get(level, "ik_allg")
    answers["/data/veraenderung/sprache/kurs"] = course
    if course == "keiner":
        return answers
    before = at.known.state.get("kursstatus", "") if at.known.state.get("kurs") == course else ""
    state = COURSE_STATES.get(before, "waitlist")
    answers["/data/veraenderung/sprache/kursstatus"] = state
    if state == "running":
        answers["/data/veraenderung/sprache/kurs_bis"] = at.day + timedelta(at.rng.randint(20, 200))
    return answers


def _residence(at: _Visit) -> Answers:
    status = biography.status_on(at.person, at.population, at.day)
    answers: Answers = {"/data/veraenderung/aufenthalt/status": status}
    if at.known.state.get("status") != status:
        answers["/data/veraenderung/aufenthalt/status_ab"] = at.day - timedelta(at.rng.randint(5, 90))
    return answers


def _recognition(at: _Visit) -> Answers:
    before = at.known.state.get("anerkennung", "")
    if not before:
        return {}
    state = RECOGNITION.get(before, before) if at.rng.random() < 0.3 else before
    return {"/data/veraenderung/beruf/anerkennung": state}


def _work(at: _Visit) -> Answers:
    job = biography.job_on(at.person, at.population, at.day)
    answers: Answers = {"/data/veraenderung/arbeit/erwerbsstatus": job}
    if at.known.state.get("erwerbsstatus") != job:
        answers["/data/veraenderung/arbeit/erwerbsstatus_seit"] = at.day - timedelta(at.rng.randint(3, 150))
    answers["/data/veraenderung/arbeit/leistungen"] = list(
        biography.benefits_on(at.person, at.household, at.population, at.day)
    )
    answers["/data/veraenderung/arbeit/selbst_gesichert"] = "ja" if job == "svp_voll" else "nein"
    return answers


def _housing(at: _Visit) -> Answers:
    if at.person.private is not None and at.person.private <= at.day:
        answers: Answers = {"/data/veraenderung/wohnen/wohnform": "priv_miete"}
        if at.known.state.get("wohnform") != "priv_miete":
            answers["/data/veraenderung/wohnen/einzug"] = at.person.private
        return answers
    site = biography.site_of(at.person, at.population)
    return {
        "/data/veraenderung/wohnen/wohnform": site.housing,
        "/data/veraenderung/wohnen/unterkunft": site.id,
        "/data/veraenderung/wohnen/sucht_wohnung": at.rng.choice(("ja", "ja", "ja", "nein")),
    }


def _everyday(at: _Visit) -> Answers:
    answers: Answers = {}
    for question in ("behoerdenpost", "termine"):
        before = at.known.state.get(question, "nein")
        step = SELF_HELP.index(before) if before in SELF_HELP else 0
        step = min(step + (at.rng.random() < 0.3), 2)
        answers[f"/data/veraenderung/selbststaendigkeit/{question}"] = SELF_HELP[step]
    felt = min(2 + (at.day - at.person.met).days // 120, 9)
    answers["/data/veraenderung/selbststaendigkeit/selbsteinschaetzung"] = felt
    needed = int(at.known.state.get("intensitaet") or 2)
    answers["/data/veraenderung/selbststaendigkeit/intensitaet"] = str(max(1, needed - (at.rng.random() < 0.2)))
    return answers


def _children(household: Sequence[Person], day: date, known: Known) -> Answers:
    answers: Answers = {}
    people = {each.id: each for each in household}
    for number, entity in enumerate(known.children, start=1):
        child = people.get(entity.id)
        if child is None:
            continue
        entry = f"/data/kinder/kind[{number}]"
        before = entity.properties.get("kita_schule", "")
        place = _school(child, day, before)
        answers[f"{entry}/kita_schule"] = place
        wanted = place == "keine" and child.age(day) >= 2
        answers[f"{entry}/platz_gewuenscht"] = "ja" if wanted else "nein"
        if wanted:
            since = entity.properties.get("platz_seit", "")
            answers[f"{entry}/platz_seit"] = date.fromisoformat(since) if since else day - timedelta(20)
    return answers


def _school(child: Person, day: date, before: str) -> str:
    """Where a child goes on a day; what was said before holds as long as the age allows it."""
    offered = next(places for age, places in SCHOOLS if child.age(day) >= age)
    kept = before in offered and (before != "keine" or dice(child.id, day, "place").random() < 0.4)
    if kept:
        return before
    return dice(child.id, offered[-1], "school").choice([each for each in offered if each != "keine"])


def _goals(day: date, known: Known, rng: random.Random) -> Answers:
    opened = known.open_goals
    answers: Answers = {}
    for number, goal in enumerate(opened, start=1):
        overdue = goal.properties.get("faellig", "9") <= day.isoformat()
        answers |= _goal(f"/data/ziele/ziel[{number}]", goal, day, overdue=overdue, rng=rng)
    done = {goal.properties.get("ziel") for goal in known.entities.get("ziel", {}).values()}
    offered = [goal for goal in NEW_GOALS if goal[1] not in done]
    wanted = int(bool(offered) and (not opened or (len(opened) < 3 and rng.random() < 0.3)))
    answers = {"/data/ziele/neue_ziele": wanted, **answers}
    if wanted:
        entry = f"/data/ziele/ziel[{len(opened) + 1}]"
        names = ("handlungsfeld", "ziel", "messgroesse", "ausgangswert", "zielwert", "massnahme", "verantwortlich",
                 "stelle")  # fmt: skip
        answers |= {f"{entry}/{name}": text for name, text in zip(names, rng.choice(offered), strict=True)}
        answers[f"{entry}/stand"] = rng.choice(("agreed", "agreed", "running"))
        answers[f"{entry}/faellig"] = day + timedelta(rng.randint(90, 360))
    return answers


def _goal(entry: str, goal: Entity, day: date, *, overdue: bool, rng: random.Random) -> Answers:
    state = rng.choice(STATES_DUE if overdue else STATES_OPEN)
    answers: Answers = {f"{entry}/stand": state}
    if state == "reached":
        answers[f"{entry}/erreicht_am"] = _some_day(goal, day, rng)
    if state == "adapted":
        answers[f"{entry}/zielwert"] = "ein Schritt weniger als geplant"
    if state == "postponed":
        answers[f"{entry}/faellig"] = day + timedelta(rng.randint(60, 240))
    if state in ("not_reached", "partly", "cancelled"):
        answers[f"{entry}/grund"] = rng.choice(REASONS)
    if state in GAS and state != "cancelled":
        answers[f"{entry}/gas_ist"] = rng.choice(GAS[state])
    if state in ("postponed", "not_reached") and rng.random() < 0.4:
        answers[f"{entry}/systembarriere"] = rng.choice(BARRIERS)
    return answers


def _some_day(goal: Entity, day: date, rng: random.Random) -> date:
    """A day since the goal was spoken of last."""
    before = min(goal.changed.date(), day)
    return before + timedelta(rng.randint(0, (day - before).days))


def _extension(person: Person, day: date) -> Answers:
    """After three years support goes on for a reason only, and for four years at most."""
    stayed = (day - person.came).days
    if stayed > LONG:
        return {}
    answers: Answers = {"/data/verlaengerung/zuweisung": person.came}
    if stayed >= 31 * 30.4375:
        answers["/data/verlaengerung/ueber_36"] = "ja"
        answers["/data/verlaengerung/verlaengerung_grund"] = "Der Sprachkurs und die Wohnungssuche brauchen mehr Zeit."
        answers["/data/verlaengerung/verlaengerung_bis"] = person.came + timedelta(1460)
    return answers
