"""What is refused before a report is made; that it is made, tests/docs/test_help.py shows by its example."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.study import open_study
from reports.survey.counting import Survey, gather
from reports.survey.making import build, frame_of
from scenario.survey_made import make
from validation.errors import LotsenbuchError


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("survey") / "befragung"
    make(where, 12)
    return where


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"audience": "everybody"}, "survey.audience"),
        ({"form": "bewohner"}, "survey.no_records"),
        ({"form": "x"}, "study.unknown_form"),
    ],
)
def test_what_is_refused(place: Path, tmp_path: Path, given: dict[str, str], code: str) -> None:
    with pytest.raises(LotsenbuchError) as caught:
        build(open_study(place), out=tmp_path, **given)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("audience", "said"), [("public", "Zur Veröffentlichung"), ("internal", "Dienstgebrauch")])
def test_every_page_says_who_may_read_it(place: Path, audience: str, said: str) -> None:
    frame = frame_of(figures(place, audience))
    assert said in frame.words()["key"]
    assert frame.marked
    assert (frame.stamp.hour, frame.stamp.minute) == (0, 0)


def figures(place: Path, audience: str) -> Survey:
    study = open_study(place)
    with study.store() as store:
        form, records = study.form("akteure", store), list(store.submissions())
    return gather(study, form, records, audience=audience, language="de")
