"""Who asks for their own data gets everything about them in words and as data, and nothing of anybody else."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store.restriction import restrict
from intake.study import Study
from reports.own_data import PAGE, export
from scenario.lives import TOWN, forms_of, interview, misfiled, study_of, talk
from validation.errors import StoreError, UsageError

ME, OTHER = "P-000001", "P-000002"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = study_of(tmp_path / "study")
    with made.store() as store:
        first = interview(store, ME, fall__einwilligung="ja")
        store.append(
            replace(first, version=2, reason="typo", record={**first.record, "/data/person/name": "Neu geschrieben"})
        )
        talk(store, ME, "2022-07-04")
        interview(store, OTHER, person__name="Fremd Name")
        several = talk(store, "", "2022-08-08")
        taking = [{"/data/fall/gruppe/teilnahme/teilnehmer": person} for person in (ME, OTHER)]
        record = {**several.record, "/data/fall/gruppe/teilnahme": taking}
        store.append(replace(several, version=2, reason="late", record=record))
    return made


def test_everything_about_the_person_is_in_page_and_json_and_nothing_of_others(study: Study, tmp_path: Path) -> None:
    data = export(study, ME, tmp_path / "out")
    page = (tmp_path / "out" / PAGE).read_text("utf-8")
    told = json.loads((tmp_path / "out" / "auskunft.json").read_text("utf-8"))
    for word in ("Zuname 01", "Neu geschrieben", "Fassung 2", "Fassung 1", "Name, Vorname", "Deutschprüfung A2",
                 "Kita gefunden", "im Büro", "Beratung und Begleitung", "Art. 77"):  # fmt: skip
        assert word in page
    text = page + json.dumps(told, ensure_ascii=False)
    assert OTHER not in text
    assert "Fremd Name" not in text
    assert "müller" not in text
    assert [len(each["versions"]) for each in told["records"]] == [2, 1]
    assert [each["reason"] != "" for each in told["records"][0]["versions"]] == [False, True]
    names = [version["record"]["/data/person/name"] for version in told["records"][0]["versions"]]
    assert names == ["Zuname 01", "Neu geschrieben"]
    assert [title for _, title in data.mentioned] == ["Kontakt"]


def test_a_record_corrected_to_be_about_somebody_else_is_told_to_that_person_only(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        misfiled(store, ME, "P-000003")
    before = export(study, ME, tmp_path / "mistaken")
    page = (tmp_path / "mistaken" / PAGE).read_text("utf-8") + (tmp_path / "mistaken" / "auskunft.json").read_text()
    assert "Zuname 03" not in page
    assert "P-000003" not in page
    assert len(before.records) == 2
    (record,) = export(study, "P-000003", tmp_path / "meant").records
    assert [each.number for each in record.versions] == [2]
    assert ME not in (tmp_path / "meant" / "auskunft.json").read_text("utf-8")


def test_recipients_restrictions_and_this_access_are_told(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        subject = store.subject_of(ME) or ""
        store.note("export", subject=subject, about="Jobcenter")
        restrict(store, ME, reason="Richtigkeit bestritten")
        before = len(store.events())
    export(study, ME, tmp_path / "out")
    page = (tmp_path / "out" / PAGE).read_text("utf-8")
    assert "Jobcenter" in page
    assert "Richtigkeit bestritten" in page
    assert "für diese Auskunft" in page
    with study.store() as store:
        (event,) = store.events(after=before)
        assert (event.kind, event.subject, event.about) == ("access", subject, "disclosure")


def test_what_was_withdrawn_is_said_and_not_shown(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        store.withdraw(ME, reason="Widerruf")
    export(study, ME, tmp_path / "out")
    page = (tmp_path / "out" / PAGE).read_text("utf-8")
    assert "Nicht mehr lesbar" in page
    assert "besondere Kategorie" in page


def test_files_lie_beside_it_under_safe_names(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        form = forms_of(store)["kontakt"]
        draft = store.journal.start(form.hash, TOWN, "müller", "de")
        store.attachments.put(draft.id, "../böse name.pdf", b"%PDF-inhalt")
        made = replace(
            next(iter(store.submissions("kontakt"))), id="uuid:99999999-0000-4000-8000-000000000000", version=1,
            reason=None, record={"/data/fall/person": ME, "/data/anlage": "../böse name.pdf"}, received=None,
        )  # fmt: skip
        store.journal.submit(draft.id, made)
    export(study, ME, tmp_path / "out")
    (file,) = (tmp_path / "out" / "anlagen").iterdir()
    assert file.read_bytes() == b"%PDF-inhalt"
    assert "/" not in file.name
    assert file.name in (tmp_path / "out" / PAGE).read_text("utf-8")
    every = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in every} == {0o600}


def test_an_interview_that_is_not_finished_is_mentioned(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        draft = store.journal.start(forms_of(store)["kontakt"].hash, TOWN, "müller", "de")
        store.journal.record(draft.id, "op-00000001", 1, {"op": "answer", "path": "/data/fall/person", "value": ME})
    assert export(study, ME, tmp_path / "out").drafts == 1


def test_another_language_is_given_where_the_form_speaks_it(study: Study, tmp_path: Path) -> None:
    export(study, ME, tmp_path / "en", language="en")
    assert "Surname, first name" in (tmp_path / "en" / PAGE).read_text("utf-8")
    export(study, ME, tmp_path / "ar", language="ar")
    page = (tmp_path / "ar" / PAGE).read_text("utf-8")
    assert "اسم العائلة" in page
    assert "Fassung 1" in page


def test_nobody_known_and_a_folder_that_is_there_are_refused(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        export(study, "P-999999", tmp_path / "out")
    assert "P-999999" not in str(refusal.value)
    assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError):
        export(study, ME, tmp_path / "full")
