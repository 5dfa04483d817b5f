"""Made-up records obey the form they are made for, any form; what cannot be satisfied is named."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.record import xml_from_record
from intake.simulate import fill, questions, simulate
from intake.xlsform import read_xlsform
from scenario import registers
from scenario.workbooks import markdown
from validation.errors import AnswerError, FormError
from validation.form import Form
from validation.instance import Instance

SHIPPED = Path(__file__).parents[2] / "data" / "forms"
NOW = dt.datetime(2023, 5, 4, 10, tzinfo=ZoneInfo("Europe/Berlin"))

EVERY_KIND = """
| survey | type | name | label | required | relevant | constraint | constraint_message | calculation |
| | integer | age | Age | yes | | . >= 18 and . < 21 | 18 to 20 | |
| | decimal | share | Share | yes | | . > 0.5 and . <= 0.75 | more than half | |
| | text | code | Code | yes | | regex(., '^[A-Z]{2}-[0-9]{3}$') | two letters | |
| | text | word | Word | yes | | string-length(.) >= 30 | long | |
| | select_one yn | sure | Sure? | yes | | . = 'y' | yes, please | |
| | select_multiple yn | both | Both? | yes | | count-selected(.) = 2 | both | |
| | date | first | First day | yes | | . <= today() | past | |
| | date | last | Last day | yes | | . > ${first} and . <= today() | later | |
| | text | why | Why? | yes | ${age} = 19 | | | |
| | geopoint | place | Place | yes | | | | |
| | time | hour | Hour | yes | | | | |
| | datetime | moment | Moment | yes | | | | |
| | acknowledge | ok | OK? | yes | | | | |
| | rank yn | order | Order | yes | | | | |
| | range | score | Score | yes | | | | |
| | calculate | twice | | | | | | ${age} * 2 |
| | begin_repeat | child | Child | | | | | |
| | text | name | Name | yes | | | | |
| | begin_repeat | toy | Toy | | | | | |
| | text | kind | Kind | yes | | | | |
| | end_repeat | | | | | | | |
| | end_repeat | | | | | | | |
| choices | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
"""

IMPOSSIBLE = """
| survey | type | name | label | required | constraint | constraint_message |
| | text | fine | Fine | yes | | |
| | integer | never | Never true | yes | . > 3 and . < 2 | cannot be |
"""


@pytest.fixture
def every_kind(tmp_path: Path) -> Form:
    return read_xlsform(markdown(tmp_path, EVERY_KIND))


def test_one_question_of_every_kind_gets_a_permitted_answer(every_kind: Form) -> None:
    for seed in range(10):
        instance = fill(every_kind, {}, rng=random.Random(seed), now=NOW)
        assert instance.violations() == []
        assert {path for path, _ in questions(instance) if instance.required(path)} <= {
            path for path, _ in questions(instance) if instance.value(path)
        }


def test_given_answers_stay_and_repeats_get_the_entries_they_name(every_kind: Form) -> None:
    given = {"/data/age": 19, "/data/child[2]/name": "B", "/data/child[2]/toy[3]/kind": "ball", "/data/why": "so"}
    instance = fill(every_kind, given, rng=random.Random(1), now=NOW)
    assert [instance.value(path) for path in given] == ["19", "B", "ball", "so"]
    assert len(instance.entries("/data/child")) == 2
    assert len(instance.entries("/data/child[2]/toy")) == 3
    assert instance.violations() == []


def test_none_for_a_repeat_leaves_no_entry(every_kind: Form) -> None:
    instance = fill(every_kind, {"/data/child": None}, rng=random.Random(1), now=NOW)
    assert instance.entries("/data/child") == []


def test_a_given_answer_makes_others_give_way(every_kind: Form) -> None:
    given = {"/data/last": dt.date(1990, 1, 2)}
    instance = fill(every_kind, given, rng=random.Random(1), now=NOW)
    assert instance.value("/data/last") == "1990-01-02"
    assert instance.value("/data/first") < "1990-01-02"


def test_a_given_answer_that_breaks_a_rule_is_named_and_its_value_is_not(every_kind: Form) -> None:
    with pytest.raises(FormError) as caught:
        fill(every_kind, {"/data/age": 4711}, rng=random.Random(1), now=NOW)
    assert [problem.place.nodeset for problem in caught.value.problems] == ["/data/age"]
    assert "4711" not in str(caught.value)
    assert "Age" in caught.value.problems[0].text("en")


def test_what_cannot_be_satisfied_is_said(tmp_path: Path) -> None:
    form = read_xlsform(markdown(tmp_path, IMPOSSIBLE))
    with pytest.raises(FormError) as caught:
        fill(form, {}, rng=random.Random(1), now=NOW)
    assert [problem.place.nodeset for problem in caught.value.problems] == ["/data/never"]
    with pytest.raises(FormError):
        next(simulate(form, 1, 1, NOW))


def test_a_path_the_form_does_not_have_is_refused(every_kind: Form) -> None:
    with pytest.raises(AnswerError):
        fill(every_kind, {"/data/nowhere": 1}, rng=random.Random(1), now=NOW)


def test_only_required_questions_are_answered_unless_asked() -> None:
    form = read_xlsform(SHIPPED / "austritt.md")
    bare = fill(form, {}, rng=random.Random(1), now=NOW)
    full = fill(form, {}, rng=random.Random(1), now=NOW, optional=1.0)

    def answered(instance: Instance) -> int:
        return sum(bool(instance.value(path)) for path, _ in questions(instance))

    assert answered(bare) < answered(full)
    assert full.violations() == [each for each in full.violations() if each.kind == "warning"]


@pytest.mark.parametrize("name", ["erstgespraech", "kontakt", "austritt", "integrationsplan", *registers.FORMS])
def test_records_for_the_shipped_forms_pass_when_read_again(name: str) -> None:
    form = read_xlsform(SHIPPED / f"{name}.md")
    made = list(simulate(form, 8, 3, NOW))
    assert len({each.id for each in made}) == 8
    for submission in made:
        again = Instance(form, now=NOW, xml=xml_from_record(submission.record, form))
        assert [each for each in again.violations() if each.kind != "warning"] == []
        assert submission.id.startswith("uuid:")
        assert submission.form_hash == form.hash


@pytest.mark.long
@pytest.mark.parametrize("name", ["erstgespraech", "kontakt", "austritt", "integrationsplan", *registers.FORMS])
def test_a_thousand_records_can_be_made(name: str) -> None:
    form = read_xlsform(SHIPPED / f"{name}.md")
    assert sum(1 for _ in simulate(form, 1000, 11, NOW)) == 1000


def test_missing_reasons_are_given_now_and_then() -> None:
    form = read_xlsform(SHIPPED / "austritt.md")
    reasons = [
        value
        for submission in simulate(form, 60, 1, NOW)
        for key, value in submission.record.items()
        if key.endswith("/verbleib__missing")
    ]
    assert set(reasons) <= {"", "unknown"}
    assert "unknown" in reasons


def test_municipality_and_person_come_from_the_answers() -> None:
    form = read_xlsform(SHIPPED / "austritt.md")
    for submission in simulate(form, 5, 1, NOW):
        assert submission.municipality == submission.record["/data/fall/gemeinde"]
        assert submission.subject == submission.record["/data/fall/person"]


def test_a_seed_gives_the_same_records_ids_included(every_kind: Form) -> None:
    first, again, other = (list(simulate(every_kind, 3, seed, NOW)) for seed in (1, 1, 2))
    assert first == again
    assert [each.record for each in first] == [each.record for each in again]
    assert {each.id for each in first}.isdisjoint(each.id for each in other)
