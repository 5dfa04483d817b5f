"""The sheet of a case: one page, in two languages, for its owner only; what changed since the last one kept."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from pypdf import PdfReader

from intake.store.restriction import restrict
from intake.study import Study
from reports.plan.making import compare, languages_of, open_case, plans_of, print_plan
from scenario.lives import interview, misfiled, study_of
from scenario.planned import PERSON, corrected, first, planned
from validation.errors import DataError, UsageError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return planned(tmp_path_factory.mktemp("planned"))


def test_a_plan_is_one_page_german_beside_arabic(study: Study, tmp_path: Path) -> None:
    path = print_plan(study, PERSON, output=tmp_path).path
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"integrationsplan-[0-9a-f]{8}\.pdf", path.name)
    pages = PdfReader(path).pages
    assert len(pages) == 1
    text = pages[0].extract_text()
    for word in ("Al-Hassan, Layla", "Deutsch gesamt", "B1", "verschoben", "01.02.2027", "Unterschrift der Person"):
        assert word in text
    assert "Seit dem letzten Plan" in text
    assert "Gesundheit" not in text
    assert re.search("[\u0600-\u06ff]", text)
    with pytest.raises(UsageError, match="schon"):
        print_plan(study, PERSON, record=True, output=path)
    assert len(plans_of(study, PERSON)) == 1


def test_what_changed_is_said_in_words_in_both_languages_of_the_catalogue(study: Study) -> None:
    told = [line[0] for line in compare(study, PERSON).told]
    assert told == [
        "Ziel erreicht: Frau Al-Hassan hat die Prüfung B1 bestanden.",
        "Ziel verschoben, neuer Termin 01.02.2027 statt 01.09.2026: "
        "Das jüngere Kind besucht eine Kita in Althengstett.",
        "Ziel hinzugekommen: Frau Al-Hassan arbeitet in einer Apotheke.",
        "Deutsch gesamt: jetzt B1, vorher A2",
    ]
    english = [line[0] for line in compare(study, PERSON, "en").told]
    assert english[0].startswith("Goal reached:")
    assert english[3] == "German overall: now B1, before A2"


def test_a_plan_kept_stays_as_it_was_and_the_same_again_is_not_kept(tmp_path: Path) -> None:
    study = planned(tmp_path)
    (before,) = plans_of(study, PERSON)
    made = print_plan(study, PERSON, record=True, output=tmp_path)
    assert made.kept is not None
    assert made.kept.number == 2
    assert compare(study, PERSON).told == ()
    assert print_plan(study, PERSON, record=True, output=tmp_path).kept is None
    with study.store() as store:
        old = store.history(before.id)[-1]
        corrected(store, old, {"/data/abschluss/naechster_termin": "2030-01-01"})
        interview = next(each for each in store.submissions("erstgespraech"))
        corrected(store, interview, {"/data/bildung/isced": "isced4"})
    first_kept, second = plans_of(study, PERSON)
    assert first_kept == before
    assert second.state.value("deutsch_gesamt") == "b1"
    assert [line[0].partition(":")[0] for line in compare(study, PERSON).told] == ["Höchster Abschluss"]
    assert "berichtigt" in compare(study, PERSON).told[0][0]


def test_who_may_not_be_printed_is_refused_in_one_sentence(tmp_path: Path) -> None:
    study = planned(tmp_path)
    with study.store() as store:
        first(store, "P-000300", fall__plan_fuer="mit_eltern", fall__plan_kopf="P-000217")
        restrict(store, PERSON, reason="Art. 18")
        misfiled(store, "P-000301", "P-000302")
    for number, code in (
        ("P-000300", "with_parents"),
        ("P-000301", "no_interview"),
        (PERSON, "restricted"),
        ("P-999999", "no_case"),
        ("", "no_case"),
    ):
        with pytest.raises(DataError) as caught:
            print_plan(study, number, output=tmp_path)
        assert caught.value.code == f"plan.{code}"
        assert "999999" not in str(caught.value)
    assert not list(tmp_path.glob("*.pdf"))


def test_a_plan_is_made_of_what_is_about_the_person_still(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    with study.store() as store:
        interview(store, "P-000001")
        misfiled(store, "P-000001", "P-000002")
        for person, name in (("P-000001", "Zuname 01"), ("P-000002", "Zuname 02")):
            case = open_case(store, person)
            assert (case.state.person, case.state.name) == (person, name)
            assert [each.subject for each in case.records] == [person]


def test_the_persons_language_is_printed_where_the_form_speaks_it(study: Study) -> None:
    with study.store() as store:
        case = open_case(store, PERSON)
        seen = [event for event in store.events(kinds=["access"]) if event.about == "paper"]
    assert seen
    assert languages_of(case, None) == (("de", "ar"), "")
    assert languages_of(case, "uk") == (("de", "uk"), "")
    assert languages_of(case, "de") == (("de",), "")
    assert case.state.number
    with pytest.raises(UsageError, match="xx"):
        case.speech("de", "xx")
