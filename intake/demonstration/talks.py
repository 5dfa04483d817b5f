"""Contacts: talks with one person, and groups. About five a year for everybody who is accompanied."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from intake import biography
from intake.biography import Answers
from intake.population import LAST_DAY, Person, Population, dice, weekday

A_YEAR = 6.5  # talks with somebody who has a plan; their children are talked about with them
GROUPS_A_YEAR = 3
LARGE = 20  # people of a town from which on there are groups

# fmt: off
CHANNELS = (
    ("buero",) * 9 + ("aufsuchend",) * 4 + ("telefon",) * 4 + ("messenger",) * 2 + ("email", "begleitung", "begleitung")
)
MINUTES = {"buero": 40, "aufsuchend": 60, "telefon": 15, "messenger": 10, "email": 10, "begleitung": 80}
TOPICS = (
    ("wohnen",) * 6 + ("arbeit",) * 5 + ("sprache",) * 5 + ("leistungen",) * 5 + ("post",) * 5 + ("kinder",) * 4 +
    ("aufenthalt",) * 4 + ("gesundheit",) * 3 + ("bildung",) * 3 + ("anerkennung", "teilhabe", "krise")
)
AGENCIES = {
    "wohnen": "wohnamt", "arbeit": "jc", "sprache": "vhs_traeger", "leistungen": "jc", "kinder": "kita",
    "aufenthalt": "abh", "gesundheit": "kk", "bildung": "schule", "anerkennung": "iq",
}
INTERPRETING = ("keine",) * 6 + ("ehrenamtlich", "telefon_video", "bezahlt")
# fmt: on


def talk_days(person: Person, population: Population) -> list[date]:
    """The days of an episode on which there was a talk, in their order."""
    rng = dice(population.seed, person.id, person.episode, "talks")
    end = (person.left or LAST_DAY) - timedelta(1)
    often = A_YEAR * rng.choice((0.2, 0.6, 0.8, 1.0, 1.2, 1.6, 2.0))
    found: set[date] = set()
    day = person.met
    while (day := day + timedelta(max(4, int(rng.expovariate(often / 365))))) <= end:
        found.add(weekday(day - timedelta(2), day, rng))
    return sorted(each for each in found if each > person.met)


def talk(person: Person, population: Population, day: date) -> Answers:
    """Answers of the form kontakt about a talk with one person."""
    rng = dice(population.seed, person.id, day, "talk")
    channel = rng.choice(CHANNELS)
    topics = sorted(set(rng.sample(TOPICS, rng.choice((1, 1, 2, 3)))))
    agencies = sorted({AGENCIES[topic] for topic in topics if topic in AGENCIES and rng.random() < 0.4})
    answers: Answers = {
        "/data/fall/gemeinde": person.municipality,
        "/data/fall/durch": "im",
        "/data/fall/zustaendig": biography.post_on(person, population, day),
        "/data/fall/mit": "ueber" if rng.random() < 0.08 else "person",
        "/data/fall/person": person.id,
        "/data/kontakt/datum": day,
        "/data/kontakt/kanal": channel,
        "/data/kontakt/minuten": max(5, 5 * round(MINUTES[channel] * rng.triangular(0.5, 1.6, 1) / 5)),
        "/data/kontakt/themen": topics,
        "/data/kontakt/dolmetschen": rng.choice(INTERPRETING),
    }
    if agencies:
        answers["/data/kontakt/behoerden"] = agencies
        if rng.random() < 0.4:
            answers["/data/kontakt/verweis"] = agencies[0]
            answers["/data/kontakt/verweis_stand"] = rng.choice(("offen", "angenommen", "angenommen", "nicht"))
    return answers


def groups(municipality: str, population: Population) -> Iterator[tuple[date, Answers]]:
    """Talks with several people at once, and what volunteers did without a file, by day."""
    rng = dice(population.seed, municipality, "groups")
    people = [each for each in population.people if each.municipality == municipality]
    if len(people) < LARGE:
        return
    for year in range(2018, 2023):
        for number in range(GROUPS_A_YEAR):
            first = date(year, 1 + 4 * number, 5)
            day = weekday(first, first + timedelta(90), rng)
            yield day, _group(municipality, [each for each in people if each.met <= day], population, day, rng)


def _group(
    municipality: str, people: Sequence[Person], population: Population, day: date, rng: random.Random
) -> Answers:
    here = [each for each in people if each.age(day) >= 16 and each.present(day)]
    by_volunteers = rng.random() < 0.4 or len(here) < 3
    answers: Answers = {
        "/data/fall/gemeinde": municipality,
        "/data/fall/durch": "ehrenamt" if by_volunteers else "im",
        "/data/fall/gruppe/anzahl": rng.randint(3, 12),
        "/data/kontakt/datum": day,
        "/data/kontakt/kanal": "gruppe",
        "/data/kontakt/themen": [rng.choice(("arbeit", "post", "sprache", "wohnen"))],
    }
    if by_volunteers:
        answers["/data/kontakt/stunden"] = rng.choice(("1.5", "2", "3"))
        return answers
    answers["/data/fall/mit"] = "gruppe"
    answers["/data/fall/zustaendig"] = biography.post_on(here[0], population, day)
    for number, each in enumerate(rng.sample(here, min(len(here), 4)), start=1):
        answers[f"/data/fall/gruppe/teilnahme[{number}]/teilnehmer"] = each.id
    answers["/data/kontakt/minuten"] = rng.choice((60, 90, 120))
    return answers
