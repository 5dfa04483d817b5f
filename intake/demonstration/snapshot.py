"""The plan of a person as it was printed on a day: what the form integrationsplan keeps."""

from __future__ import annotations

from datetime import date

from intake.biography import Answers
from intake.demonstration.known import Known
from intake.population import Person

SHOWN = ("deutsch_gesamt", "kurs", "kursstatus", "erwerbsstatus", "wohnform", "anerkennung", "entwicklung")
GOAL = ("handlungsfeld", "ziel", "messgroesse", "ausgangswert", "zielwert", "massnahme", "verantwortlich", "stelle",
        "stand", "gas_ist")  # fmt: skip


def as_printed(person: Person, day: date, known: Known) -> Answers:
    """What is known on a day, in the order of the plan."""
    answers: Answers = {
        "/data/fall/gemeinde": person.municipality,
        "/data/fall/person": person.id,
        "/data/fall/datum": day,
        "/data/fall/fallnummer": known.state.get("fallnummer", ""),
        "/data/fall/zustaendig": known.state.get("zustaendig", ""),
        "/data/fall/plan_fuer": known.state.get("plan_fuer", ""),
        "/data/fall/plan_sprache": "de",
    }
    shown = [name for name in SHOWN if known.state.get(name)]
    for number, name in enumerate(shown, start=1):
        answers[f"/data/angaben/angabe[{number}]/merkmal"] = name
        answers[f"/data/angaben/angabe[{number}]/wert"] = known.state[name]
    for number, goal in enumerate(known.entities.get("ziel", {}).values(), start=1):
        entry = f"/data/ziele/ziel[{number}]"
        answers[f"{entry}/ziel_id"] = goal.id
        for name in GOAL:
            if text := goal.properties.get(name):
                answers[f"{entry}/{name}"] = text
        if text := goal.properties.get("faellig"):
            answers[f"{entry}/faellig"] = date.fromisoformat(text)
        if (text := goal.properties.get("erreicht_am")) and goal.properties.get("stand") == "reached":
            answers[f"{entry}/erreicht_am"] = date.fromisoformat(text)
        if goal.properties.get("stand") in ("not_reached", "partly", "cancelled"):
            answers[f"{entry}/grund"] = goal.properties.get("grund") or "Anderes war zuerst nötig."
    if text := known.state.get("naechster_termin"):
        answers["/data/abschluss/naechster_termin"] = date.fromisoformat(text)
    answers["/data/abschluss/unterschriften"] = ["person", "im"]
    answers["/data/abschluss/unterschrift_am"] = day
    return answers
