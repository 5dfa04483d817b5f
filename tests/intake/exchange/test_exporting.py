from __future__ import annotations

import csv
import io
import json
import shutil
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.exchange.exporting import Order, export_study, profile_of, pseudonym_key, public_threshold, spoken
from intake.exchange.extract import extract
from intake.exchange.profiles import PSEUDONYMOUS, PUBLIC, Profile
from intake.publishing import PublishedForm
from intake.record import record_from_xml
from intake.store import open_store
from intake.store.admission import admitted
from intake.store.audit import log
from intake.store.bringing import Brought
from intake.store.restriction import restrict
from intake.study import Study, create_study, open_study
from scenario.exchanged import FULL, MISSING, TEXT, answered, form, sent, xform
from validation.errors import DataError, StoreError, StudyError, UsageError

SECOND = TEXT.replace("| probe | 1 |", "| andere | 1 |")


def published(text: str = TEXT) -> PublishedForm:
    read = form(text)
    return PublishedForm(read.id, read.version, read.hash, xform(text), b"", f"{read.id}.md", {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with two forms, three records of one with a picture, and one of the other."""
    study = create_study(tmp_path_factory.mktemp("export") / "study", municipalities={"08235007": "Althengstett"})
    with study.store() as store:
        store.publish(published())
        store.publish(published(SECOND))
        draft = store.journal.start(form().hash, "08235007", "a", "de").id
        store.attachments.put(draft, "1.jpg", b"bild")
        store.journal.submit(draft, sent(1, FULL, person="P-000001"))
        store.append(sent(2, MISSING, person="P-000002"))
        store.append(sent(3, answered(wohnen="klinik", notiz="=1+1"), person="P-000003"))
        other = sent(4, answered(person="P-000001"), person="P-000001")
        record = {**other.record, "/data/@id": "andere"}
        store.append(replace(other, form_id="andere", form_hash=form(SECOND).hash, record=record))
    return study


@pytest.fixture
def study(made: Study, tmp_path: Path) -> Iterator[Study]:
    """The same study; what is written goes elsewhere."""
    (tmp_path / "out").mkdir()
    yield made
    assert not list((tmp_path / "out").glob(".*")), "something unfinished was left"


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def unzipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("csv", ["probe.zip"]),
        ("briefcase", ["probe.zip"]),
        ("csv-labels", ["probe.zip"]),
        ("xlsx", ["probe.xlsx"]),
        ("xlsx-labels", ["probe.xlsx"]),
        ("parquet", ["probe-kind.parquet", "probe.parquet"]),
        ("sav", ["probe-kind.sav", "probe-kind.variables.csv", "probe.sav", "probe.variables.csv"]),
        ("dta", ["probe-kind.dta", "probe-kind.variables.csv", "probe.dta", "probe.variables.csv"]),
        # entities: see test_entities_csv.py
        ("openrosa", ["probe/instances/uuid1/1.jpg", "probe/instances/uuid1/submission.xml",
                      "probe/instances/uuid2/submission.xml", "probe/instances/uuid3/submission.xml",
                      "probe/probe.xml", "probe/versions/1.xml"]),
    ],
)  # fmt: skip
def test_an_export_is_a_folder_of_its_owner_with_what_it_says(
    kind: str, files: list[str], study: Study, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "export"
    done = export_study(study, out, Order(kind, ("probe",)))
    found = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert found == sorted([*files, "lotsenbuch.json"])
    assert [str(path.relative_to(out)) for path in done.files] == found
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in done.files} == {0o600}
    assert done.records == {"probe": 3}
    told = json.loads((out / "lotsenbuch.json").read_text(encoding="utf-8"))
    assert (told["format"], told["profile"], told["forms"][0]["records"]) == (kind, "full", 3)
    with study.store() as store:
        assert log(store)[-1].about == f"export {kind} full probe"


def test_a_zip_has_the_tables_the_files_and_says_that_it_is_guarded(study: Study, tmp_path: Path) -> None:
    export_study(study, tmp_path / "out" / "a.zip", Order("csv", ("probe",)))
    found = unzipped(tmp_path / "out" / "a.zip")
    assert [*found] == ["probe.csv", "probe-kind.csv", "media/1.jpg", "lotsenbuch.json"]
    assert found["media/1.jpg"] == b"bild"
    assert [row["notiz"] for row in rows(found["probe.csv"])] == ["'=1+1", "", "'=1+1"]
    assert json.loads(found["lotsenbuch.json"])["guard"] is True
    export_study(study, tmp_path / "out" / "b.zip", Order("csv", ("probe",), guard=False))
    found = unzipped(tmp_path / "out" / "b.zip")
    assert rows(found["probe.csv"])[0]["notiz"] == "=1+1"
    assert json.loads(found["lotsenbuch.json"])["guard"] is False


def test_a_record_as_xml_is_the_record(study: Study, tmp_path: Path) -> None:
    export_study(study, tmp_path / "out" / "x", Order("openrosa", ("probe",)))
    with study.store() as store:
        for each in store.submissions("probe"):
            file = tmp_path / "out" / "x" / "probe" / "instances" / each.id.replace(":", "") / "submission.xml"
            assert record_from_xml(file.read_bytes(), form()) == each.record


def test_without_a_form_all_go_out_and_codes_fit_together(study: Study, tmp_path: Path) -> None:
    done = export_study(study, tmp_path / "out" / "x", Order("csv", profile=Profile(PSEUDONYMOUS)))
    assert done.records == {"probe": 3, "andere": 1}
    one, other = (unzipped(tmp_path / "out" / "x" / f"{name}.zip") for name in ("probe", "andere"))
    assert rows(one["probe.csv"])[0]["_subject"] == rows(other["andere.csv"])[0]["_subject"] != "P-000001"
    assert not [name for name in one if name.startswith("media")]
    assert "P-0000" not in (one["probe.csv"] + one["probe-kind.csv"] + other["andere.csv"]).decode()
    assert "export.raised" in [note.code for note in done.notes]


def test_a_key_file_makes_exports_fit_together(study: Study, tmp_path: Path) -> None:
    codes = []
    for name in ("a", "b"):
        profile = profile_of(study, PSEUDONYMOUS, key_file=tmp_path / "pseudonyme.key")
        export_study(study, tmp_path / "out" / name, Order("csv", ("probe",), profile))
        codes.append([row["KEY"] for row in rows(unzipped(tmp_path / "out" / name / "probe.zip")["probe.csv"])])
    assert codes[0] == codes[1]
    assert stat.S_IMODE((tmp_path / "pseudonyme.key").stat().st_mode) == 0o600


def test_what_a_login_may_not_open_is_refused_(study: Study) -> None:
    with admitted(study.store_path, Brought(key_file=study.key_path)) as desk:
        login, unlocked = desk.add_login("Auswertung", "evaluator")
    with open_store(study.store_path, unlocked=unlocked) as store:
        with pytest.raises(StoreError, match="identity, special") as refused:
            extract(study, store, "probe")
        assert refused.value.code == "export.class_closed"
        with pytest.raises(StoreError, match="special"):
            extract(study, store, "probe", Profile(PSEUDONYMOUS, frozenset(["special"])))
        take = extract(study, store, "probe", Profile(PSEUDONYMOUS))
        assert take.records == 3
        assert "P-0000" not in take.texts()["probe"].to_csv()
    with admitted(study.store_path, Brought(key_file=study.key_path)) as desk:
        desk.remove_login(login.name)


def test_what_is_there_is_never_overwritten(study: Study, tmp_path: Path) -> None:
    kept = tmp_path / "out" / "voll"
    kept.mkdir()
    (kept / "a").write_text("a", encoding="utf-8")
    for place in (kept, kept / "a"):
        with pytest.raises(UsageError, match="schon"):
            export_study(study, place, Order("csv", ("probe",)))
    (tmp_path / "out" / "leer").mkdir()
    export_study(study, tmp_path / "out" / "leer", Order("csv", ("probe",)))
    assert (tmp_path / "out" / "leer" / "probe.zip").exists()


def test_a_crash_leaves_nothing(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> bytes:
        raise OSError("no space")

    monkeypatch.setattr("intake.exchange.sheets.workbook", crash)
    with pytest.raises(UsageError, match="x"):
        export_study(study, tmp_path / "out" / "x", Order("xlsx", ("probe",)))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order("doc"), "export.unknown_format"),
        (Order("csv", ("nichts",)), "export.unknown_form"),
        (Order("openrosa", profile=Profile(PSEUDONYMOUS)), "export.full_only"),
        (Order("entities", profile=Profile(PUBLIC)), "export.full_only"),
        (Order("entities"), "export.no_entities"),
        (Order("csv-labels", language="fr"), "export.unknown_language"),
    ],
)
def test_an_order_that_cannot_be_is_refused(order: Order, code: str, study: Study, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        export_study(study, tmp_path / "out" / "x", order)
    assert refused.value.code == code
    assert not (tmp_path / "out" / "x").exists()


def test_labels_are_german_where_nothing_is_said_else_the_first_of_the_form() -> None:
    assert spoken(form(), None) == "de"
    english = "\n".join(line.replace("label::Deutsch (de)", "label::Français (fr)") for line in TEXT.splitlines())
    assert spoken(form(english), None) == "fr"
    assert spoken(form(english), "ar") == "ar"
    with pytest.raises(UsageError, match="fr"):
        spoken(form(english), "de")


def test_one_file_is_one_file(study: Study, tmp_path: Path) -> None:
    done = export_study(study, tmp_path / "out" / "a.xlsx", Order("xlsx", ("probe",)))
    assert done.files == (tmp_path / "out" / "a.xlsx",)
    for order in (Order("sav", ("probe",)), Order("csv", ("probe",)), Order("xlsx")):
        with pytest.raises(UsageError, match="Verzeichnis"):
            export_study(study, tmp_path / "out" / "b.xlsx", order)


def test_public_takes_its_threshold_from_the_study(study: Study, tmp_path: Path) -> None:
    assert profile_of(study, PUBLIC).least == public_threshold(study) == 10
    with pytest.raises(DataError, match="10"):
        export_study(study, tmp_path / "out" / "x", Order("csv", ("probe",), profile_of(study, PUBLIC)))
    with pytest.raises(StudyError, match=r"threshold\.public"):
        public_threshold(replace(study, dir=tmp_path))


def test_a_profile_that_is_none_is_refused(study: Study, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="full, pseudonymous, public"):
        profile_of(study, "halb")
    with pytest.raises(UsageError, match="identity, special, staff"):
        profile_of(study, PSEUDONYMOUS, ["alles"])
    for wrong in ({"include": ["special"]}, {"key_file": tmp_path / "k"}):
        with pytest.raises(UsageError, match="nur mit --profile pseudonymous"):
            profile_of(study, PUBLIC, **wrong)
    file = tmp_path / "k"
    file.write_text("kein Schlüssel", encoding="utf-8")
    with pytest.raises(UsageError, match="64"):
        pseudonym_key(file)
    pseudonym_key(tmp_path / "new")
    (tmp_path / "new").chmod(0o644)
    with pytest.raises(UsageError, match="64"):
        pseudonym_key(tmp_path / "new")


def test_whose_processing_is_restricted_is_left_out_and_told(made: Study, tmp_path: Path) -> None:
    study = open_study(Path(shutil.copytree(made.dir, tmp_path / "study")))
    with study.store() as store:
        restrict(store, "P-000002", reason="Art. 18")
    for kind in ("csv", "openrosa"):
        done = export_study(study, tmp_path / kind, Order(kind, ("probe",)))
        assert done.records == {"probe": 2}
        assert [note.fields["count"] for note in done.notes] == ["1"]
    assert not (tmp_path / "openrosa" / "probe" / "instances" / "uuid2").exists()


def test_files_of_one_name_stay_apart(made: Study, tmp_path: Path) -> None:
    study = open_study(Path(shutil.copytree(made.dir, tmp_path / "study")))
    with study.store() as store:
        draft = store.journal.start(form().hash, "08235007", "a", "de").id
        store.attachments.put(draft, "1.jpg", b"anderes Bild")
        store.journal.submit(draft, sent(9, FULL, person="P-000009"))
    done = export_study(study, tmp_path / "x.zip", Order("csv", ("probe",)))
    found = unzipped(tmp_path / "x.zip")
    assert {found["media/1.jpg"], found["media/uuid_9/1.jpg"]} == {b"bild", b"anderes Bild"}
    assert [note.code for note in done.notes] == ["export.media_twice"]
