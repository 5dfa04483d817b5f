"""The register says what the forms and settings say, every question once, and names what nobody said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from intake.register import Register, kept_of, register_of
from intake.study import Study
from intake.xlsform import read_xlsform
from scenario.lives import interview, study_of
from validation.layout import question_label

ROOT = Path(__file__).parents[2]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_of(tmp_path / "study")


def register(study: Study) -> Register:
    with study.store() as store:
        return register_of(study, store)


def test_what_nobody_said_is_named_and_said_it_is_not(study: Study) -> None:
    assert register(study).lacking() == ["controller", "protection_officer", "retention"]
    page = register(study).document().html()
    assert "fehlt" in page
    said = replace(study, controller="Gemeinde", protection_officer="DSB", retention={"fall": 36, "identitaet": 12})
    made = register(said)
    assert made.lacking() == []
    assert "36 Monate" in made.document().html()
    assert "12 months" in made.document("en").markdown()


def test_every_question_of_a_form_stands_in_exactly_one_row() -> None:
    form = read_xlsform(ROOT / "data" / "forms" / "erstgespraech.md")
    kept = kept_of(form, {})
    listed = [question for each in kept for question in each.questions]
    wanted = {question_label(form, each.nodeset) for each in form.controls() if not each.nodeset.endswith("__missing")}
    assert set(listed) == wanted
    special = {question for each in kept if each.sensitivity == "special" for question in each.questions}
    assert question_label(form, "/data/gesundheit/trauma_hinweis") in special
    assert [each.sensitivity for each in kept] == sorted(
        (each.sensitivity for each in kept), key=["identity", "special", "staff", "general"].index
    )


def test_who_received_something_comes_from_the_events(study: Study) -> None:
    with study.store() as store:
        interview(store, "P-000001")
        subject = store.subject_of("P-000001") or ""
        store.note("export", about="Regierungspräsidium")
        store.note("export", about="Regierungspräsidium")
        store.note("access", subject=subject, about="interview")
        store.note("access", subject=subject, about="disclosure")
    made = register(study)
    assert made.recipients == {("export", "Regierungspräsidium"): 2, ("access", "disclosure"): 1}
    told = json.loads(made.json())
    assert {"kind": "export", "to": "Regierungspräsidium", "times": 2} in told["recipients"]
    page = made.document().html()
    assert "die Person selbst" in page
    assert "P-000001" not in page + made.json() + made.document().markdown()
