"""What cannot be satisfied is said in words, after a search that ends; what varies, varies."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.simulate import fill, simulate
from intake.simulation.filling import never_answered
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.errors import FormError, Problem

NOW = dt.datetime(2024, 5, 4, 10, tzinfo=ZoneInfo("Europe/Berlin"))


def stuck(folder: Path, text: str) -> tuple[Problem, ...]:
    form = read_xlsform(markdown(folder, text))
    with pytest.raises(FormError) as caught:
        list(simulate(form, 1, 1, NOW))
    assert caught.value.code == "simulate.stuck"
    return tuple(caught.value.problems)


def test_a_rule_nothing_can_meet_is_said_in_words(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label::Deutsch (de) | label::English (en) | required | constraint |
        | | integer | age | Alter | Age | yes | |
        | | integer | never | Nie | Never | yes | . > 3 and . < 2 and . != ${age} |
        """
    (problem,) = stuck(tmp_path, text)
    assert problem.place.nodeset == "/data/never"
    assert "Nie" in problem.text("de")
    assert "größer als 3" in problem.text("de")
    assert "kleiner als 2" in problem.text("de")
    assert "greater than 3" in problem.text("en")


def test_a_question_without_a_choice_is_named_as_such(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | required | choice_filter |
        | | select_one yn | agree | Agree | yes | name = 'maybe' |
        | choices | list_name | name | label |
        | | yn | y | Yes |
        """
    (problem,) = stuck(tmp_path, text)
    assert (problem.code, problem.place.nodeset) == ("simulate.no_choices", "/data/agree")


def test_an_optional_question_nothing_can_answer_stays_empty_and_is_counted(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | constraint | relevant |
        | | integer | never | Never | . > 3 and . < 2 | |
        | | integer | fine | Fine | . > 3 | |
        | | text | hidden | Hidden | | false() |
        """
    form = read_xlsform(markdown(tmp_path, text))
    made = list(simulate(form, 20, 1, NOW))
    answered = {name for each in made for name, value in each.record.items() if value}
    assert "/data/fine" in answered
    assert never_answered(form, answered) == ["/data/never", "/data/hidden"]


def test_an_answer_the_form_gives_itself_varies_but_not_where_answers_are_given(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | default |
        | | select_one yn | agree | Agree | y |
        | choices | list_name | name | label |
        | | yn | y | Yes |
        | | yn | n | No |
        """
    form = read_xlsform(markdown(tmp_path, text))
    assert {each.record["/data/agree"] for each in simulate(form, 30, 1, NOW)} == {"y", "n"}
    given = {fill(form, {}, rng=random.Random(seed), now=NOW).value("/data/agree") for seed in range(20)}
    assert given == {"y"}


def test_entries_that_count_themselves_may_go_while_they_are_filled(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | required | repeat_count | constraint |
        | | integer | many | Many | yes | | . >= 0 and . <= 4 |
        | | begin_repeat | part | Part | | if(${stop} = 'y', 1, ${many}) | |
        | | text | name | Name | yes | | |
        | | end_repeat | | | | | |
        | | select_one yn | stop | Stop? | yes | | |
        | choices | list_name | name | label |
        | | yn | y | Yes |
        | | yn | n | No |
        """
    form = read_xlsform(markdown(tmp_path, text))
    assert len(list(simulate(form, 20, 1, NOW, rounds=2))) == 40


def test_no_two_records_are_about_one_person(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | required | constraint |
        | | text | person | Person | yes | regex(., '^P-[0-9]$') |
        """
    form = read_xlsform(markdown(tmp_path, text))
    assert len({each.subject for each in simulate(form, 10, 1, NOW)}) == 10
    with pytest.raises(FormError):
        list(simulate(form, 11, 1, NOW))
