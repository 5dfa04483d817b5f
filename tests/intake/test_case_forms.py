"""The forms of a case: every question is reached, and a follow-up or exit works with the study's lists and without."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import pytest

from intake.holidays import holiday
from intake.interview.session import Session
from intake.record import xml_from_record
from intake.simulate import questions, simulate
from scenario.first_interview import NOW, TODAY, form, kinds
from scenario.interview import Talk
from scenario.interview import form as alone
from validation.instance import Instance
from validation.reachable import unreachable

DAYS_OFF_UNTIL = 2035
"""The last year whose days around Easter stand in the forms."""

DAY_OFF = """
| survey | type | name | label | warning |
|---|---|---|---|---|
| | date | datum | Datum | |
| | date | naechster_termin | Termin | WARNING |

| settings | form_title | form_id |
|---|---|---|
| | Termin | termin |
"""

CASE = ("erstgespraech", "fortschreibung", "kontakt", "austritt")
PEOPLE = [f"P-{number:06}" for number in range(1, 41)]
LISTS = {
    "person.csv": "name,label,geburtsdatum,deutsch_gesamt,zuweisung,fassung\n"
    + "".join(f"{each},{each},1990-01-01,a2,2019-07-01,{number}\n" for number, each in enumerate(PEOPLE, start=1)),
    "ziel.csv": "name,label,person,stand,ziel,zielwert,massnahme,faellig\n"
    + "".join(
        f"{each}-{goal},x,{each},{state},Ein Ziel von {each}.,b1,Kurs besuchen,2022-0{goal}-01\n"
        for each in PEOPLE
        for goal, state in enumerate(("running", "reached", "agreed", "cancelled", "partly"), start=1)
    ),
    "kind.csv": "name,label,person,geburtsdatum\n" + "".join(f"P-1{each[3:]},x,{each},2016-06-01\n" for each in PEOPLE),
}


def known(name: str = "fortschreibung", **answers: object) -> Instance:
    """A follow-up (or exit) about the first person of the lists."""
    instance = Instance(form(name), now=NOW, instances=LISTS)
    instance.answer("/data/fall/person", PEOPLE[0])
    for path, value in answers.items():
        instance.answer("/data/" + path.replace("__", "/"), value)
    return instance


def drawn(name: str, number: int, lists: Mapping[str, str] | None) -> tuple[set[str], int]:
    """The nodesets asked in made-up records, and how many of these are wrong when they are read without the lists."""
    found: set[str] = set()
    wrong = 0
    for submission in simulate(form(name), number, 7, NOW, instances=lists):
        again = Instance(form(name), now=NOW, xml=xml_from_record(submission.record, form(name)))
        found.update(re.sub(r"\[\d+\]", "", path) for path, _ in questions(again))
        wrong += any(each.kind != "warning" for each in again.violations())
    return found, wrong


# --- every form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(("fortschreibung", 40), ("kontakt", 40), ("austritt", 40)),
        pytest.param("erstgespraech", 300, marks=pytest.mark.long),
    ],
)
def test_every_question_is_reached_and_what_was_answered_is_right_without_the_lists_too(name: str, number: int) -> None:
    asked = {each.nodeset for each in form(name).controls() if not each.nodeset.endswith("__missing")}
    found, wrong = drawn(name, number, LISTS)
    if name == "austritt":  # each of the forty leaves for a reason of their own; two answers are rare
        found |= drawn(name, 200, None)[0]
    assert asked - found == set()
    assert wrong == 0


@pytest.mark.parametrize("name", CASE)
def test_no_answers_keep_a_question_from_ever_being_asked(name: str) -> None:
    assert list(unreachable(form(name))) == []


@pytest.mark.long
@pytest.mark.parametrize("name", CASE)
def test_a_thousand_made_up_cases_pass(name: str) -> None:
    assert drawn(name, 1000, None)[1] == 0


def test_sixty_first_interviews_pass() -> None:
    assert sum(1 for _ in simulate(form("erstgespraech"), 60, 3, NOW)) == 60


@pytest.mark.parametrize("name", CASE)
def test_each_form_opens_in_the_interview(name: str) -> None:
    talk = Talk(Session(form(name), now=lambda: NOW))
    assert talk.session.form.id == name


@pytest.mark.parametrize("name", ["erstgespraech", "fortschreibung"])
def test_an_appointment_on_a_day_off_is_doubted_when_it_is_agreed(name: str) -> None:
    """The days around Easter are written down to the end of `DAYS_OFF_UNTIL`: they are those of `intake.holidays`."""
    warning = form(name).binds["/data/abschluss/naechster_termin"].warning
    assert warning is not None
    small = Instance(alone(DAY_OFF.replace("WARNING", warning.source.replace("/data/fall/datum", "${datum}"))), now=NOW)
    first, last = dt.date(2026, 1, 1), dt.date(DAYS_OFF_UNTIL, 12, 31)
    wrong = []
    for day in (first + dt.timedelta(number) for number in range((last - first).days + 1)):
        small.answer("/data/naechster_termin", day)
        if bool(small.violations()) != (day.weekday() >= 5 or bool(holiday(day))):
            wrong.append(day)
    assert wrong == []


# --- the follow-up --------------------------------------------------------------------------------------------------


def test_each_open_goal_has_an_entry_and_new_ones_follow() -> None:
    instance = known()
    assert instance.value("/data/ziele_liste") == "ziele P-000001-1 P-000001-3 P-000001-5"
    instance.answer("/data/ziele/neue_ziele", 1)
    goals = [f"/data/ziele/ziel[{number}]" for number in range(1, 5)]
    assert [instance.value(f"{goal}/ziel_art") for goal in goals] == ["offen", "offen", "offen", "neu"]
    assert [instance.relevant(f"{goal}/ziel") for goal in goals] == [False, False, False, True]
    assert instance.value(f"{goals[1]}/ziel_id") == "P-000001-3"
    assert len(instance.value(f"{goals[3]}/ziel_id")) == 36
    assert "Ein Ziel von P-000001. Zielwert: b1" in (instance.label(f"{goals[1]}/bisher", "Deutsch (de)") or "")
    offered = {value for value, _ in instance.choices(f"{goals[3]}/stand")}
    assert offered == {"proposed", "agreed", "running"}


def test_the_goals_there_were_stay_in_the_record_when_others_are_open_later() -> None:
    instance = known()
    later = Instance(form("fortschreibung"), now=NOW, xml=instance.to_xml(), instances={})
    assert later.value("/data/ziele_liste") == instance.value("/data/ziele_liste")
    assert len(later.entries("/data/ziele/ziel")) == 3
    none = Instance(form("fortschreibung"), now=NOW)
    none.answer("/data/fall/person", PEOPLE[0])
    again = Instance(form("fortschreibung"), now=NOW, xml=none.to_xml(), instances=LISTS)
    assert again.entries("/data/ziele/ziel") == []  # begun without the lists: what is open now was not talked about


@pytest.mark.parametrize(
    ("state", "demanded", "opened"),
    [
        ("running", set(), {"massnahme", "gas_ist", "faellig"}),
        ("reached", {"erreicht_am"}, {"erreicht_am", "gas_ist"}),
        ("partly", set(), {"gas_ist", "grund", "faellig"}),
        ("not_reached", {"grund"}, {"gas_ist", "grund"}),
        ("cancelled", {"grund"}, {"gas_ist", "grund"}),
        ("adapted", {"zielwert"}, {"zielwert", "massnahme", "verantwortlich", "gas_ist", "faellig"}),
        ("postponed", {"faellig"}, {"massnahme", "gas_ist", "faellig"}),
    ],
)
def test_the_status_of_a_goal_says_what_is_asked_of_it(state: str, demanded: set[str], opened: set[str]) -> None:
    goal = "/data/ziele/ziel[1]"
    instance = known()
    instance.answer(f"{goal}/stand", state)
    names = ("zielwert", "massnahme", "verantwortlich", "erreicht_am", "gas_ist", "grund", "faellig")
    assert {name for name in names if instance.relevant(f"{goal}/{name}")} == opened
    assert {name for name in names if kinds(instance, f"ziele/ziel[1]/{name}") == {"required"}} == demanded


def test_only_a_changed_answer_is_asked_since_when() -> None:
    instance = known()
    since = "/data/veraenderung/sprache/deutsch_gesamt_ab"
    for level, shown in ((None, False), ("a2", False), ("b1", True)):
        instance.answer("/data/veraenderung/sprache/deutsch_gesamt", level)
        assert instance.relevant(since) is shown, level
    instance.answer(since, TODAY + dt.timedelta(1))
    assert kinds(instance, "veraenderung/sprache/deutsch_gesamt_ab") == {"constraint"}


def test_the_version_counts_on_and_is_empty_where_nothing_is_known() -> None:
    assert known().value("/data/fall/fassung") == "2"
    blank = Instance(form("fortschreibung"), now=NOW)
    blank.answer("/data/fall/person", PEOPLE[0])
    assert blank.value("/data/fall/fassung") == ""


@pytest.mark.parametrize(
    ("came", "shown", "until", "wrong"),
    [
        (dt.date(2021, 6, 1), False, None, set()),
        (dt.date(2019, 8, 1), True, dt.date(2023, 7, 1), set()),
        (dt.date(2019, 5, 1), True, dt.date(2023, 5, 1), set()),
        (dt.date(2019, 5, 1), True, dt.date(2023, 5, 2), {"warning"}),
        (dt.date(2019, 5, 1), True, TODAY, {"constraint"}),
    ],
)
def test_support_beyond_36_months_needs_a_reason_and_beyond_48_is_asked(
    came: dt.date, shown: bool, until: dt.date | None, wrong: set[str]
) -> None:
    instance = known(verlaengerung__zuweisung=came)
    assert instance.relevant("/data/verlaengerung/ueber_36") is shown
    if until:
        instance.answer("/data/verlaengerung/ueber_36", "ja")
        instance.answer("/data/verlaengerung/verlaengerung_bis", until)
        assert kinds(instance, "verlaengerung/verlaengerung_grund") == {"required"}
        assert kinds(instance, "verlaengerung/verlaengerung_bis") == wrong


def test_no_extension_after_36_months_is_asked() -> None:
    instance = known(verlaengerung__zuweisung=dt.date(2019, 5, 1), verlaengerung__ueber_36="nein")
    assert kinds(instance, "verlaengerung/ueber_36") == {"warning"}


def test_a_child_of_the_person_has_an_entry_with_its_age() -> None:
    instance = known()
    assert instance.label("/data/kinder/kind[1]/kind_hinweis", "Deutsch (de)") == "Kind P-100001, 6 Jahre"
    assert instance.relevant("/data/kinder/kind[1]/einschulungsuntersuchung")
    instance.answer("/data/kinder/kind[1]/kita_schule", "keine")
    assert kinds(instance, "kinder/kind[1]/kita_schule") == {"warning"}


# --- releases from confidentiality -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["erstgespraech", "fortschreibung"])
def test_each_release_has_an_end_of_its_own_or_the_common_one(name: str) -> None:
    instance = Instance(form(name), now=NOW)
    given = {
        "datum": TODAY,
        "entbindung_neu": "ja",
        "schweigepflicht": ["jc", "kita", "therapie"],
        "schweigepflicht_bis": dt.date(2023, 6, 1),
        "fristen_verschieden": "ja",
    }
    for question, value in given.items():
        if question != "entbindung_neu" or name == "fortschreibung":
            instance.answer(f"/data/fall/{question}", value)
    repeat = "/data/fall/entbindungen/entbindung"
    assert {value for value, _ in instance.choices(f"{repeat}[1]/stelle")} == {"jc", "kita", "therapie"}
    instance.answer(f"{repeat}[1]/stelle", "therapie")
    instance.answer(f"{repeat}[1]/bis", TODAY - dt.timedelta(1))
    assert kinds(instance, "fall/entbindungen/entbindung[1]/bis") == {"constraint"}
    instance.answer(f"{repeat}[1]/bis", dt.date(2022, 12, 31))
    assert instance.value("/data/fall/schweigepflicht_fristen") == "therapie=2022-12-31"
    instance.add_repeat(repeat)
    instance.answer(f"{repeat}[2]/stelle", "therapie")
    assert kinds(instance, "fall/entbindungen/entbindung[2]/stelle") == {"constraint"}


@pytest.mark.parametrize(("said", "asked"), [("ja", True), ("nein", False), ("abgelaufen", False)])
def test_releases_are_entered_anew_only_where_they_changed(said: str, asked: bool) -> None:
    instance = known(fall__entbindung_neu=said)
    assert kinds(instance, "fall/entbindung_neu") == set()
    assert instance.relevant("/data/fall/schweigepflicht") is asked


def test_an_agency_of_a_goal_that_is_not_released_is_asked() -> None:
    instance = Instance(form("erstgespraech"), now=NOW)
    instance.answer("/data/ziele/ziel[1]/stelle", "jc")
    assert kinds(instance, "ziele/ziel[1]/stelle") == {"warning"}
    instance.answer("/data/fall/schweigepflicht", ["jc", "kita"])
    assert kinds(instance, "ziele/ziel[1]/stelle") == set()


# --- the exit -------------------------------------------------------------------------------------------------------


def test_each_goal_that_is_open_at_the_exit_gets_its_final_status() -> None:
    instance = known("austritt", austritt__grund="selbst_wohn", austritt__datum=TODAY)
    assert instance.label("/data/ziele_hinweis", "Deutsch (de)") == "Bisher erreichte Ziele: 1. Noch offen: 3."
    assert len(instance.entries("/data/ziele/ziel")) == 3
    offered = {value for value, _ in instance.choices("/data/ziele/ziel[1]/endstand")}
    assert offered == {"reached", "partly", "not_reached", "cancelled"}
    instance.answer("/data/ziele/ziel[1]/endstand", "not_reached")
    assert kinds(instance, "ziele/ziel[1]/ziel_grund") == {"required"}


@pytest.mark.parametrize(
    ("day", "name"), [(dt.date(2022, 12, 31), "Arbeitslosengeld II"), (dt.date(2023, 1, 1), "Bürgergeld")]
)
def test_the_benefit_is_called_as_it_was_on_the_day(day: dt.date, name: str) -> None:
    instance = Instance(form("erstgespraech"), now=NOW)
    instance.answer("/data/fall/datum", day)
    assert name in (instance.hint("/data/arbeit/leistungen", "Deutsch (de)") or "")


# --- what an office met -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["erstgespraech", "fortschreibung"])
def test_an_interview_that_is_finished_on_a_later_day_takes_the_signature_of_that_day(name: str) -> None:
    instance = Instance(form(name), now=NOW)
    instance.answer("/data/fall/datum", TODAY)
    instance.answer("/data/abschluss/unterschriften", "person")
    for days, expected in ((-1, {"constraint"}), (0, set()), (5, {"warning"})):
        instance.answer("/data/abschluss/unterschrift_am", TODAY + dt.timedelta(days))
        assert kinds(instance, "abschluss/unterschrift_am") == expected, days


def test_a_day_in_a_german_sentence_is_written_in_german() -> None:
    note = "/data/ziele/ziel[1]/bisher"
    assert (known().label(note, "Deutsch (de)") or "").endswith("Fällig am 01.01.2022.")
    assert (known().label(note, "English (en)") or "").endswith("Due on 2022-01-01.")


@pytest.mark.parametrize(
    ("jobcenter", "field", "who", "agency", "doubted"),
    [
        ("plan", "arb", "jc", "", True),
        ("plan", "arb", "person", "aa", True),
        ("plan", "arb", "person", "arbeitgeber", False),
        ("plan", "spr", "jc", "", False),
        ("gemeldet", "arb", "jc", "", False),
    ],
)
def test_a_goal_that_may_stand_in_the_plan_of_the_jobcenter_is_asked_about(
    jobcenter: str, field: str, who: str, agency: str, doubted: bool
) -> None:
    first = Instance(form("erstgespraech"), now=NOW)
    first.answer("/data/fall/datum", TODAY)
    first.answer("/data/arbeit/jobcenter", jobcenter)
    person = f"name,label,jobcenter\n{PEOPLE[0]},x,{jobcenter}\n"
    later = Instance(form("fortschreibung"), now=NOW, instances={"person.csv": person})
    later.answer("/data/fall/person", PEOPLE[0])
    later.answer("/data/ziele/neue_ziele", 1)
    for instance in (first, later):
        for name, value in (("handlungsfeld", field), ("verantwortlich", who), ("stelle", agency)):
            if value:
                instance.answer(f"/data/ziele/ziel[1]/{name}", value)
        assert ("warning" in kinds(instance, "ziele/ziel[1]/verantwortlich")) is doubted
