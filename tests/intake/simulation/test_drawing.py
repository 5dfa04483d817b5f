"""Values are drawn as hints wish, as far as the form allows it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from statistics import mean, stdev
from zoneinfo import ZoneInfo

import pytest

from intake.simulate import simulate
from intake.simulation.drawing import shifted
from intake.submission import Submission
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.errors import FormError
from validation.form import Form

NOW = dt.datetime(2024, 2, 29, 10, tzinfo=ZoneInfo("Europe/Berlin"))

HINTED = """
| survey | type | name | label | required | constraint | choice_filter | simulate |
| | text | case | Case | yes | | | serial(F-0007) |
| | text | who | Who | yes | | | name |
| | select_one yn | agree | Agree? | yes | | | weights: y=3 n=1 |
| | select_one town | town | Town | yes | | land = ${agree} | weights: a=1 c=5 |
| | select_multiple yn | both | Both? | yes | | | weights: y=1 |
| | integer | rooms | Rooms | yes | . <= 3 | | uniform(2, 9) |
| | decimal | area | Area | yes | | | normal(80, 10) |
| | integer | rare | Rare | | | | share(0.1); uniform(1, 2) |
| | date | came | Came | yes | . <= today() | | date(-2y, -1m) |
| | date | left | Left | yes | | | date(came + 1d, came + 2w) |
| | text | story | Story | yes | | | text(200) |
| | begin_repeat | child | Child | | | | entries(2, 4) |
| | date | born | Born | yes | | | date(2010-01-01, 2010-12-31) |
| | date | school | School | yes | | | date(born + 6y, born + 7y) |
| | end_repeat | | | | | | |
| choices | list_name | name | label | land |
| | yn | y | Yes | |
| | yn | n | No | |
| | town | a | A | y |
| | town | b | B | n |
| | town | c | C | y |
"""


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return read_xlsform(markdown(tmp_path_factory.mktemp("hinted"), HINTED))


@pytest.fixture(scope="module")
def made(form: Form) -> list[Submission]:
    return list(simulate(form, 120, 1, NOW))


def said(made: list[Submission], name: str) -> list[str]:
    return [str(each.record.get(f"/data/{name}", "")) for each in made]


def test_a_serial_counts_the_records(made: list[Submission]) -> None:
    assert said(made, "case")[:3] == ["F-0007", "F-0008", "F-0009"]
    assert len(set(said(made, "case"))) == len(made)


def test_names_are_surname_and_forename(made: list[Submission]) -> None:
    assert all(len(name.split(", ")) == 2 for name in said(made, "who"))
    assert len(set(said(made, "who"))) > 20


def test_choices_come_in_proportion_and_only_where_they_are_offered(made: list[Submission]) -> None:
    agreed = Counter(said(made, "agree"))
    assert 0.6 < agreed["y"] / len(made) < 0.88
    towns = Counter(zip(said(made, "agree"), said(made, "town"), strict=True))
    assert set(towns) == {("y", "a"), ("y", "c"), ("n", "b")}
    assert towns["y", "c"] > 2 * towns["y", "a"]
    assert set(said(made, "both")) == {"y"}


def test_numbers_follow_the_wish_within_the_rule(made: list[Submission]) -> None:
    assert set(map(int, said(made, "rooms"))) == {2, 3}
    areas = [float(area) for area in said(made, "area")]
    assert 76 < mean(areas) < 84
    assert 7 < stdev(areas) < 13


def test_a_share_says_how_often_a_question_is_answered(made: list[Submission]) -> None:
    assert 0 < sum(map(bool, said(made, "rare"))) < 0.25 * len(made)


def test_days_lie_between_others(made: list[Submission]) -> None:
    for came, left in zip(said(made, "came"), said(made, "left"), strict=True):
        assert "2022-02-28" <= came <= "2024-01-29"
        days = (dt.date.fromisoformat(left) - dt.date.fromisoformat(came)).days
        assert 1 <= days <= 14


def test_a_question_of_the_same_entry_is_meant_first(made: list[Submission]) -> None:
    for each in made:
        children = each.record["/data/child"]
        assert isinstance(children, list)
        assert 2 <= len(children) <= 4
        for child in children:
            born, school = (dt.date.fromisoformat(str(child[f"/data/child/{name}"])) for name in ("born", "school"))
            assert born.year == 2010
            assert shifted(born, 6, "y") <= school <= shifted(born, 7, "y")


def test_texts_have_about_the_length(made: list[Submission]) -> None:
    assert all(130 <= len(story) <= 260 for story in said(made, "story"))


@pytest.mark.parametrize(
    ("day", "amount", "unit", "expected"),
    [
        ("2024-02-29", 1, "y", "2025-02-28"),
        ("2024-01-31", 1, "m", "2024-02-29"),
        ("2024-01-01", -1, "m", "2023-12-01"),
        ("2024-01-01", -2, "w", "2023-12-18"),
        ("2024-01-01", 30, "d", "2024-01-31"),
    ],
)
def test_a_day_is_moved_within_the_calendar(day: str, amount: int, unit: str, expected: str) -> None:
    assert shifted(dt.date.fromisoformat(day), amount, unit).isoformat() == expected


@pytest.mark.parametrize("hint", ["weights: maybe=1", "moves: y=maybe"])
def test_a_choice_the_list_has_not_is_named(tmp_path: Path, hint: str) -> None:
    text = f"""
        | survey | type | name | label | simulate |
        | | select_one yn | agree | Agree? | {hint} |
        | choices | list_name | name | label |
        | | yn | y | Yes |
        """
    form = read_xlsform(markdown(tmp_path, text))
    with pytest.raises(FormError) as caught:
        next(simulate(form, 1, 1, NOW))
    assert [(each.place.nodeset, each.fields["part"]) for each in caught.value.problems] == [("/data/agree", "maybe")]


def test_a_day_that_hangs_on_no_question_is_named(tmp_path: Path) -> None:
    text = "| survey | type | name | label | simulate |\n| | date | day | Day | date(birth, today) |\n"
    form = read_xlsform(markdown(tmp_path, text))
    with pytest.raises(FormError) as caught:
        next(simulate(form, 1, 1, NOW))
    assert caught.value.problems[0].fields["part"] == "birth"


def test_a_total_is_what_the_rule_computes(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | required | constraint |
        | | begin_repeat | item | Item | | |
        | | integer | amount | Amount | yes | . >= 100 and . <= 900 |
        | | end_repeat | | | | |
        | | integer | total | Total | yes | . = sum(${amount}) |
        | | integer | more | More | yes | . > ${total} * 3 + 4711 |
        """
    form = read_xlsform(markdown(tmp_path, text))
    for each in simulate(form, 10, 1, NOW):
        items = each.record["/data/item"]
        assert isinstance(items, list)
        total = sum(int(str(item["/data/item/amount"])) for item in items)
        assert each.record["/data/total"] == str(total)
        assert int(str(each.record["/data/more"])) > total * 3 + 4711
