"""What `[self]` of study.toml may say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from intake.selfcompletion import SelfCompletion
from intake.study import open_study, shipped
from validation.errors import StudyError

GOOD = {"idle_minutes": 3, "unfinished": "incomplete", "link_days": 7, "mark": "stand"}


@pytest.mark.parametrize("given", [{}, GOOD, {"unfinished": "discard"}, {"idle_minutes": 120}, {"link_days": 366}])
def test_what_fits_is_read(given: dict[str, object]) -> None:
    assert SelfCompletion.fits(given)
    read = SelfCompletion.of(given)
    assert all(getattr(read, name) == value for name, value in given.items())


@pytest.mark.parametrize(
    "given",
    [
        "ja", [], {"idle": 5}, {"idle_minutes": 0}, {"idle_minutes": 121}, {"idle_minutes": True},
        {"idle_minutes": "5"}, {"unfinished": "keep"}, {"unfinished": 1}, {"link_days": 0}, {"link_days": 367},
        {"mark": None},
    ],
)  # fmt: skip
def test_anything_else_is_refused(given: object) -> None:
    assert not SelfCompletion.fits(given)


def test_a_study_says_what_is_wrong_with_its_table(tmp_path: Path) -> None:
    source = shipped("befragung")
    for name in ("study.toml", "municipalities.csv"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    settings = tmp_path / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r'unfinished = "discard"', 'unfinished = "maybe"', text), encoding="utf-8")
    with pytest.raises(StudyError, match="idle_minutes"):
        open_study(tmp_path)
