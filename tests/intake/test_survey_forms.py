"""The forms of the shipped survey: anonymous, complete in their languages, and made-up cases obey them."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from intake.publishing import freeze
from intake.simulate import simulate
from intake.study import shipped
from intake.tables import tables
from intake.workbook import read_workbook
from intake.xlsform import inspect_form
from validation import Form, read_form
from validation.schema import check

FORMS = shipped("befragung") / "forms"
LANGUAGES = {"akteure": ("de", "en"), "bewohner": ("de", "en", "ar", "uk")}
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
IDENTIFYING = re.compile(
    r"(^|_)(name|person|adresse|email|telefon|geburt\w*|datum|fallnummer|device\w*|start|end)($|_)"
)


@pytest.fixture(scope="module", params=sorted(LANGUAGES))
def form(request: pytest.FixtureRequest) -> Form:
    return read_form(freeze(FORMS / f"{request.param}.md").xform)


def test_it_is_right_without_a_warning(form: Form) -> None:
    found = inspect_form(FORMS / f"{form.id}.md")
    assert (found.problems, found.warnings) == ((), ())


def test_nothing_asks_who_somebody_is(form: Form) -> None:
    for nodeset, bind in form.binds.items():
        assert bind.preload is None or nodeset.endswith("instanceID"), nodeset
        name = nodeset.rsplit("/", 1)[-1]
        assert name == "instanceID" or not IDENTIFYING.search(name), nodeset
        assert bind.type in ("string", "odk:rank") or form.control(nodeset) is None, nodeset
        assert bind.required is None, nodeset  # whoever takes part may leave out any question
    assert not form.repeats


def test_it_is_short_and_complete_in_its_languages(form: Form) -> None:
    sheet = read_workbook(FORMS / f"{form.id}.md").sheets["survey"]
    rows = [row.cells for row in sheet.rows if row.cells]
    asked = [row for row in rows if row["type"].startswith(("select", "text"))]
    assert 18 <= len(asked) <= 24
    codes = [re.search(r"\((\w+)\)", name)[1] for name in form.languages]  # type: ignore[index]
    assert tuple(codes) == LANGUAGES[form.id]
    for row in rows:
        if row["type"].startswith(("end", "hidden")):
            continue
        labels = [text for column, text in row.items() if column.startswith("label::")]
        assert len(labels) == len(codes), row["name"]
        assert all(labels), row["name"]


@pytest.mark.parametrize("cases", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_made_up_cases_obey_it_and_reach_every_question(form: Form, cases: int) -> None:
    made = list(simulate(form, cases, 1, NOW))
    report = check(form, tables(form, made, zone="Europe/Berlin"), default_now=NOW)
    assert report.ok, report.failures
    answered = {path for each in made for path, text in each.record.items() if text}
    questions = {path for path in form.binds if form.control(path) is not None and "/einleitung/" not in path}
    assert questions <= answered
