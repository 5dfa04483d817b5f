"""From an office's form and a case to a filled file."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from intake.store.restriction import restrict
from intake.study import Study
from reports.filling.making import fill_template
from scenario.lives import misfiled
from scenario.office_forms import BOX, DAY, control, pdf, word
from scenario.planned import PERSON, planned
from validation.errors import DataError, UsageError

ROWS = """field,question,text,how,allow
Name,name,,,identity
Deutsch,deutsch_gesamt,,,
Niveau,erstgespraech:deutsch_gesamt,,code,
Geboren,geburtsdatum,,%Y/%m,
Ziel,erstgespraech:/data/ziele/ziel[2]/massnahme,,,
SGB II,leistungen,,is sgb2,
Stelle,,Integrationsmanagement,,
Leer,email,,,identity
"""
FIELDS = ("Name", "Deutsch", "Niveau", "Ziel", "Stelle", "Leer")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return planned(tmp_path_factory.mktemp("planned"))


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "antrag.docx"
    path.write_bytes(word(*map(control, FIELDS), control("Geboren", DAY), control("SGB II", BOX)))
    return path


def table(form: Path, text: str) -> Path:
    path = form.with_suffix(".csv")
    path.write_text(text, "utf-8")
    return path


def test_a_word_form_is_filled_with_the_newest_answers(study: Study, form: Path, tmp_path: Path) -> None:
    made = fill_template(study, form, PERSON, table(form, ROWS), tmp_path / "out")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert re.fullmatch(r"antrag-[0-9a-f]{8}\.docx", made.name)
    with zipfile.ZipFile(made) as archive:
        text = archive.read("word/document.xml").decode()
    for said in (
        "Al-Hassan, Layla",
        ">B1<",
        ">a2<",
        "1991/04",
        "\N{BALLOT BOX WITH CHECK}",
        ">Integrationsmanagement<",
        "Platz im Rathaus",
    ):
        assert said in text
    with study.store() as store:
        (event,) = (each for each in store.events(kinds=["export"]) if each.about == "fill docx")
        assert store.detail(event.number) == {"template": "antrag.docx"}
        assert event.subject == store.subject_of(PERSON)


def test_a_pdf_form_is_filled(study: Study, tmp_path: Path) -> None:
    form = tmp_path / "antrag.pdf"
    form.write_bytes(pdf())
    rows = "field,question,how,allow\nName,name,,identity\nKurs,einwilligung,,\nStand,erstgespraech:deutsch_gesamt,,\n"
    made = fill_template(study, form, PERSON, table(form, rows), tmp_path)
    found = PdfReader(io.BytesIO(made.read_bytes())).get_fields() or {}
    assert [str(field["/V"]) for field in found.values()] == ["Al-Hassan, Layla", "/An", "a2"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Vorname,name,,,identity", "kein Feld „Vorname“.*Es hat: Name"),
        ("Name,vorname,,,", "Keine Frage heißt „vorname“"),
        ("Name,kontakt:wohnform,,,", "Keine Frage heißt „kontakt:wohnform“"),
        ("Name,name,,,", "Klasse identity"),
        ("Name,name,,,special", "Klasse identity"),
        ("Name,trauma_hinweis,,,identity", "Klasse special"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_written(
    row: str, said: str, form: Path, tmp_path: Path, special: Study
) -> None:
    with pytest.raises(DataError, match=said):
        fill_template(special, form, PERSON, table(form, f"field,question,text,how,allow\n{row}\n"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def special(tmp_path_factory: pytest.TempPathFactory) -> Study:
    from scenario.planned import corrected

    study = planned(tmp_path_factory.mktemp("special"))
    with study.store() as store:
        (old,) = store.submissions("erstgespraech")
        corrected(store, old, {"/data/gesundheit/trauma_hinweis": "ja"})
    return study


def test_a_template_must_be_there_and_of_a_known_kind(study: Study, form: Path, tmp_path: Path) -> None:
    rows = table(form, ROWS)
    with pytest.raises(UsageError, match=r"\.docx, \.pdf"):
        fill_template(study, tmp_path / "a.odt", PERSON, rows, tmp_path)
    with pytest.raises(DataError, match=r"nicht\.docx"):
        fill_template(study, tmp_path / "nicht.docx", PERSON, rows, tmp_path)


def test_nothing_of_somebody_else_is_in_a_form(form: Path, tmp_path: Path) -> None:
    study = planned(tmp_path)
    with study.store() as store:
        misfiled(store, "P-000301", "P-000302")
    with pytest.raises(DataError) as refusal:
        fill_template(study, form, "P-000301", table(form, ROWS), tmp_path / "out")
    assert refusal.value.code == "plan.no_case"
    assert not (tmp_path / "out").exists()


def test_a_restricted_person_is_in_no_form(form: Path, tmp_path: Path) -> None:
    study = planned(tmp_path)
    with study.store() as store:
        restrict(store, PERSON, reason="Art. 18")
    with pytest.raises(DataError, match=r"Art\. 18"):
        fill_template(study, form, PERSON, table(form, ROWS), tmp_path / "out")
