"""Figures counted by hand: 40 questionnaires whose answers are written below.

alter       a25 22 times, a45 12, a65 4, none 2     geschlecht  w 30, m 10
grund       zeit 20, weg 3, kind 38                 gut         three texts
invited     60; by alter a18 5, a25 30, a45 15, a65 10
population  w 50 %, m 50 %: w counts 2/3, m 2
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from intake.publishing import freeze
from intake.study import Study, shipped
from intake.submission import Submission
from reports.disclosure.safe import SafeTable
from reports.survey.counting import Survey, gather, questions_of
from scenario.alone import survey
from validation import Form, read_form
from validation.errors import ReportError

DAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
ALTER = ["a25"] * 22 + ["a45"] * 12 + ["a65"] * 4 + [""] * 2
SEX = ["w"] * 30 + ["m"] * 10
GRUND = [" ".join(word for word, upto in (("zeit", 20), ("weg", 3), ("kind", 38)) if n < upto) for n in range(40)]
GUT = ["Der Park.", "Die Bücherei.", "Der Park.", *[""] * 37]
INVITED = "form,question,value,invited\nbewohner,,,60\n" + "".join(
    f"bewohner,alter,{code},{n}\n" for code, n in (("a18", 5), ("a25", 30), ("a45", 15), ("a65", 10))
)
POPULATION = "form,question,value,population\nbewohner,geschlecht,w,500\nbewohner,geschlecht,m,500\n"


@pytest.fixture(scope="module")
def form() -> Form:
    return read_form(freeze(shipped("befragung") / "forms" / "bewohner.md").xform)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = survey(tmp_path_factory.mktemp("survey") / "befragung")
    (made.dir / "einladungen.csv").write_text(INVITED, encoding="utf-8")
    (made.dir / "randsummen.csv").write_text(POPULATION, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def records(form: Form) -> list[Submission]:
    found = []
    for n in range(40):
        answers = {"person/alter": ALTER[n], "person/geschlecht": SEX[n], "angebote/grund": GRUND[n],
                   "wuensche/gut": GUT[n], "wuensche/stand": "teil" if n == 39 else "ganz"}  # fmt: skip
        record = {f"/data/{path}": text for path, text in answers.items()}
        found.append(Submission(f"uuid:{n}", form.id, form.version, form.hash, "", "", record, DAY, DAY, "self"))
    return found


@pytest.fixture(scope="module")
def figures(study: Study, form: Form, records: list[Submission]) -> Survey:
    return gather(study, form, records, audience="public", language="de")


def rows(table: SafeTable) -> dict[str, list[object]]:
    every = [*table.rows, *([table.total] if table.total else [])]
    return {row.key: [_plain(cell.value) for cell in row.cells] for row in every}


def _plain(value: object) -> object:
    return round(float(value), 1) if isinstance(value, Decimal) else value


def test_the_response_is_that_of_the_hand(figures: Survey) -> None:
    assert rows(figures.tables["response"]) == {"invited": [60], "taken_part": [40], "incomplete": [1]}
    # a65 (4) and no answer (2) are under the threshold of 5; 6 together tell neither
    table = figures.tables["response-alter"]
    assert [row.members for row in table.rows if row.members] == [("a65", "_none")]
    assert rows(table) == {"a18": [5, 0, 0], "a25": [30, 22, 73.3], "a45": [15, 12, 80],
                           "_rest": [None, 6, None], "total": [60, 40, 66.7]}  # fmt: skip


def test_each_answer_is_counted_and_weighted(study: Study, form: Form, records: list[Submission]) -> None:
    figures = gather(study, form, records, audience="internal", language="de")
    assert rows(figures.tables["geschlecht"]) == {
        "w": [30, 75, 50], "m": [10, 25, 50], "d": [0, 0, 0], "_none": [0, 0, 0], "total": [40, 100, 100],
    }  # fmt: skip
    # 22 women of 25 to 44; the last six, men, are 65 and older (4) or gave no answer (2)
    found = rows(figures.tables["alter"])
    assert found["a25"] == [22, 55, round(22 * 2 / 3 / 40 * 100)]
    assert found["_rest"] == [6, 15, 2 * 6 / 40 * 100]
    assert found["total"] == [40, 100, 100]


def test_a_weighted_share_does_not_tell_how_many_of_a_group_are_in_it(
    study: Study, form: Form, records: list[Submission], figures: Survey
) -> None:
    # 5 people between the weights 2/3 and 2 are 17 per cent of 40: no rounding hides them
    assert rows(figures.tables["alter"])["a25"] == [22, 55]
    assert any("nur im internen Bericht" in each for each in figures.weighting)
    many = [replace(each, id=f"{each.id}-{n}") for n in range(10) for each in records]  # of 400 they are 1.7
    found = gather(study, form, many, audience="public", language="de")
    assert rows(found.tables["alter"])["a25"] == [220, 55, 35]
    assert all(row.cells[2].value in (None, *range(0, 101, 5)) for row in found.tables["grund"].rows)
    assert any("auf 5 Prozent" in each for each in found.weighting)


def test_where_several_answers_are_possible_each_row_stands_alone(figures: Survey) -> None:
    found = rows(figures.tables["grund"])
    assert found["zeit"] == [20, 50]
    assert found["weg"] == [None, None]  # three are too few
    assert found["kind"] == [None, None]  # two who did not say so are too few
    assert figures.tables["grund"].total is None


def test_open_texts_are_for_internal_use_only(
    figures: Survey, study: Study, form: Form, records: list[Submission]
) -> None:
    assert figures.texts == {}
    assert "Was ist gut in unserer Stadt?" in figures.notes[0]
    assert "Park" not in figures.to_json()
    inside = gather(study, form, records, audience="internal", language="de")
    assert inside.texts == {"Was ist gut in unserer Stadt?": ["Der Park.", "Die Bücherei."]}


def test_the_weighting_says_its_size_and_who_is_lacking(
    study: Study, form: Form, records: list[Submission], tmp_path: Path, figures: Survey
) -> None:
    # 40 squared over (30 * 4/9 + 10 * 4)
    assert any(f"von {round(1600 / (30 * 4 / 9 + 40))} statt 40" in each for each in figures.weighting)
    for name in ("disclosure.toml", "einladungen.csv"):
        (tmp_path / name).write_bytes((study.dir / name).read_bytes())
    (tmp_path / "randsummen.csv").write_text(
        POPULATION + "bewohner,geschlecht,d,3\nbewohner,alter,a25,1\nbewohner,alter,a65,1\n", encoding="utf-8"
    )
    here = replace(study, dir=tmp_path)
    found = gather(here, form, records, audience="public", language="de")
    assert any("„divers“" in each for each in found.weighting)
    assert not any("statt 40" in each for each in found.weighting)  # it would tell how many are 65 and older
    inside = gather(here, form, records, audience="internal", language="de")
    assert any("statt 40" in each for each in inside.weighting)


def test_without_totals_nothing_is_weighted_and_few_records_say_nothing(
    study: Study, form: Form, records: list[Submission], tmp_path: Path
) -> None:
    (tmp_path / "disclosure.toml").write_bytes((study.dir / "disclosure.toml").read_bytes())
    bare = replace(study, dir=tmp_path)
    few = gather(bare, form, records[:4], audience="public", language="en")
    assert few.weighting == []
    assert rows(few.tables["geschlecht"]) == {"total": [None, None]}
    assert all(cell.value is None for row in few.tables["grund"].rows for cell in row.cells)
    assert rows(few.tables["response"]) == {"taken_part": [4]}


def test_what_is_asked_is_read_from_the_form(form: Form) -> None:
    questions = {each.name: each for each in questions_of(form, "en")}
    assert questions["alter"].section == "About you"
    assert questions["alter"].answers["a18"] == "under 25"
    assert questions["grund"].several
    assert not questions["gut"].answers
    assert "zweck" not in questions
    assert "stand" not in questions


def test_figures_travel_as_a_file(figures: Survey, tmp_path: Path) -> None:
    path = tmp_path / "survey.json"
    path.write_text(figures.to_json(), encoding="utf-8")
    assert Survey.read(path).to_json() == figures.to_json()
    path.write_text(figures.to_json().replace("[[22, ", "[[2, ", 1), encoding="utf-8")
    with pytest.raises(ReportError):
        Survey.read(path)
