"""What is kept in memory of a person; that it is what the store would say stands in tests/intake/test_demo.py."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from intake.demonstration.known import OPEN, Memory
from intake.demonstration.making import make_records
from intake.population import plan_population
from intake.saying import Said
from scenario.plans import shipped_forms, some


def test_of_nobody_nothing_is_known() -> None:
    memory = Memory(shipped_forms())
    assert memory.of("").entities == {}
    assert memory.of("P-000001").state == {}
    assert memory.of("P-000001").open_goals == []
    assert "reached" not in OPEN


def test_an_empty_answer_changes_nothing_and_a_goal_that_is_done_is_not_asked_again() -> None:
    made = next(
        each
        for each in make_records(shipped_forms(), some(plan_population(2022)), ZoneInfo("Europe/Berlin"))
        if each.record.get("/data/ziele/ziel")
    )
    memory = Memory(shipped_forms())
    memory.keep(made)
    known = memory.of(made.subject)
    goal = known.open_goals[0]
    level = known.state["deutsch_gesamt"]
    said = Said("person", made.subject, False, True, "", {"deutsch_gesamt": "", "kurs": "bsk_b2"}, True)
    known.tell(said, replace(made, id="uuid:later"))
    assert (known.state["deutsch_gesamt"], known.state["kurs"]) == (level, "bsk_b2")
    assert known.entities["person"][made.subject].origin["kurs"][0] == "uuid:later"
    assert known.entities["person"][made.subject].origin["deutsch_gesamt"][0] == made.id
    known.tell(Said("ziel", goal.id, False, True, "", {"stand": "reached"}), made)
    assert goal.id not in {each.id for each in known.open_goals}
    known.tell(Said("ziel", "of nobody", False, True, "", {"stand": "agreed"}), made)
    assert "of nobody" not in known.entities["ziel"]
