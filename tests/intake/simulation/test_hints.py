"""The small language of the `simulate` column: what it says, and that nothing else is taken for it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from intake.columns import problems
from intake.simulation.hints import (
    PARTS,
    Between,
    Day,
    Days,
    Hint,
    HintError,
    Serial,
    Weights,
    Words,
    hint_problems,
    parse_hint,
)
from intake.workbook import read_workbook
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.errors import FormError, Place


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("weights: ja=3 nein=1.5", Hint(draw=Weights({"ja": 3.0, "nein": 1.5}))),
        ("uniform(1, 9)", Hint(draw=Between(Decimal(1), Decimal(9)))),
        ("normal(34.5,12)", Hint(draw=Between(Decimal("34.5"), Decimal(12), mean=True))),
        ("date(-5y, today)", Hint(draw=Days(Day("today", -5, "y"), Day("today")))),
        ("date(born + 18y, 2020-12-31)", Hint(draw=Days(Day("born", 18, "y"), Day("2020-12-31")))),
        ("name", Hint(draw=Words(0))),
        ("text(20)", Hint(draw=Words(20))),
        ("serial(P-000001)", Hint(draw=Serial("P-", 1, 6, ""))),
        ("share(0.8); uniform(1, 2)", Hint(share=0.8, draw=Between(Decimal(1), Decimal(2)))),
        ("entries(0, 3)", Hint(entries=(0, 3))),
        ("moves: a=b,c b=c", Hint(moves={"a": ("b", "c"), "b": ("c",)})),
    ],
)
def test_a_hint_says_what_is_wished(text: str, hint: Hint) -> None:
    found = parse_hint(text)
    assert (found.share, found.entries, dict(found.moves)) == (hint.share, hint.entries, dict(hint.moves))
    assert found.draw == hint.draw
    if isinstance(hint.draw, Weights) and isinstance(found.draw, Weights):
        assert dict(found.draw.of) == dict(hint.draw.of)


@pytest.mark.parametrize(
    "text",
    [
        *("", ";", "name()", "weights ja=3", "weights: ja", "weights: a=nan", "weights: a=0", "weights: a=1 a=2"),
        *("uniform(9, 1)", "uniform(1)", "uniform(nan, 3)", "normal(1, -1)", "date(-5x, today)", "date(today)"),
        *("date(2020-13-01, today)", "date(,today)", "text(0)", "text", "text(²)", "serial(P)", "share(2)"),
        *("share(nan)", "entries(3, 1)", "entries(1)", "entries(0, 1000)", "moves: a=", "moves: a=b a=c"),
        *("uniform(1, 2); normal(1, 2)", "share(1); share(1)", "foo(1)", "name: x", "Uniform(1, 2)"),
    ],
)
def test_what_is_no_hint_is_refused_by_its_part(text: str) -> None:
    with pytest.raises(HintError) as caught:
        parse_hint(text)
    assert str(caught.value) in text


def test_every_example_of_the_sentence_is_a_hint() -> None:
    assert all(parse_hint(part) for part in PARTS)


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        ("select_one yn", {"weights: a=1", "moves: a=b", "share(1)"}),
        ("select_multiple yn", {"weights: a=1", "share(1)"}),
        ("integer", {"weights: a=1", "uniform(1, 2)", "normal(1, 2)", "share(1)"}),
        ("range", {"weights: a=1", "uniform(1, 2)", "normal(1, 2)", "share(1)"}),
        ("date", {"date(-1y, today)", "share(1)"}),
        ("text", {"weights: a=1", "name", "text(3)", "serial(A1)", "share(1)"}),
        ("geopoint", {"share(1)"}),
        ("begin_repeat", {"entries(0, 1)"}),
        ("calculate", set()),
        ("begin_group", set()),
    ],
)
def test_a_hint_belongs_to_some_types_of_questions(kind: str, fitting: set[str]) -> None:
    hints = (
        *("weights: a=1", "uniform(1, 2)", "normal(1, 2)", "date(-1y, today)", "name", "text(3)"),
        *("serial(A1)", "share(1)", "entries(0, 1)", "moves: a=b"),
    )
    taken = {hint for hint in hints if not list(hint_problems(hint, kind, Place("survey", 2, "simulate")))}
    assert taken == fitting


def test_a_wrong_hint_is_named_with_sheet_row_and_column(tmp_path: Path) -> None:
    form = """
        | survey | type | name | label | simulate |
        | | integer | age | Age | uniform(9, 1) |
        | | text | who | Who | uniform(1, 9) |
        | | date | day | Day | date(-1y, today) |
        """
    found = list(problems(read_workbook(markdown(tmp_path, form))))
    assert [(each.code, each.place) for each in found] == [
        ("simulate.hint_unknown", Place("survey", 2, "simulate")),
        ("simulate.hint_not_here", Place("survey", 3, "simulate")),
    ]
    assert "uniform(9, 1)" in found[0].text("de")
    with pytest.raises(FormError):
        read_xlsform(tmp_path / "form.md")


def test_a_hint_travels_with_its_question_and_no_further(tmp_path: Path) -> None:
    form = """
        | survey | type | name | label | missing | required | simulate |
        | | integer | age | Age | unknown | yes | uniform(1, 9); share(0.5) |
        | | begin_repeat | child | Child | | | entries(0, 2) |
        | | text | name | Name | | | name |
        | | end_repeat | | | | | |
        """
    binds = read_xlsform(markdown(tmp_path, form)).binds
    assert {nodeset: bind.columns["simulate"] for nodeset, bind in binds.items() if "simulate" in bind.columns} == {
        "/data/age": "uniform(1, 9); share(0.5)",
        "/data/child": "entries(0, 2)",
        "/data/child/name": "name",
    }
