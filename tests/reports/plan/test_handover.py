"""A sheet for an agency: nothing without a release that holds, nothing but what the agency needs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pypdf import PdfReader

from intake.study import Study
from reports.own_data import own_data
from reports.plan.handover import hand_out
from scenario.planned import PERSON, corrected, planned
from validation.errors import DataError, UsageError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return planned(tmp_path_factory.mktemp("planned"))


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_an_agency_gets_its_own_goals_and_short_answers_only(study: Study, tmp_path: Path) -> None:
    name, path = hand_out(study, PERSON, "Jobcenter", output=tmp_path)
    text = text_of(path)
    assert name == "Jobcenter"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for word in ("Al-Hassan, Layla", "17.04.1991", "Deutsch gesamt", "Apotheke", "31.12.2099"):
        assert word in text
    for word in ("Kita in", "Prüfung B1", "hilft anderen", "Trauma", "Anpassungslehrgang", "07051"):
        assert word not in text
    with study.store() as store:
        assert "Jobcenter" in [each.about for each in own_data(study, store, PERSON).happened]
        assert not any("Jobcenter" in event.about or event.about == "jc" for event in store.events())


def test_no_release_or_an_old_one_is_refused_and_nothing_written(tmp_path: Path) -> None:
    study = planned(tmp_path)
    with pytest.raises(DataError, match="liegt keine Entbindung"):
        hand_out(study, PERSON, "schule", output=tmp_path)
    with study.store() as store:
        (old,) = store.submissions("erstgespraech")
        corrected(store, old, {"/data/fall/schweigepflicht_bis": "2026-04-30"})
    with pytest.raises(DataError, match=r"galt bis 30\.04\.2026"):
        hand_out(study, PERSON, "jc", output=tmp_path)
    with pytest.raises(UsageError, match="Bekannt sind: jc, aa"):
        hand_out(study, PERSON, "xx", output=tmp_path)
    with study.store() as store:
        assert not store.events(kinds=["export"])
    assert not list(tmp_path.glob("*.pdf"))


def test_special_answers_go_to_a_special_agency_when_asked_for(tmp_path: Path) -> None:
    study = planned(tmp_path)
    with study.store() as store:
        (old,) = store.submissions("erstgespraech")
        corrected(store, old, {"/data/gesundheit/trauma_hinweis": "ja"})
    asked = "Gibt es Hinweise auf ein Trauma?"
    assert asked not in text_of(hand_out(study, PERSON, "therapie", output=tmp_path)[1])
    assert asked in text_of(hand_out(study, PERSON, "therapie", special=True, output=tmp_path)[1])
    with pytest.raises(UsageError, match="--special"):
        hand_out(study, PERSON, "jc", special=True, output=tmp_path)
