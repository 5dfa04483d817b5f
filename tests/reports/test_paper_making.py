"""`lotsenbuch form paper`: from a file, an id or a case number to a file only its owner may read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.study import Study
from intake.submission import answer_named
from reports.paper import making
from reports.paper.making import blank_of, case_of
from scenario.commands import run
from scenario.workbooks import markdown
from validation.errors import DataError, ReportError, StudyError, UsageError

FORMS = Path(__file__).parents[2] / "data" / "forms"
PLAIN = """
    | survey | type | name | label |
    |---|---|---|---|
    | | text | a | Wort |

    | settings | form_title | form_id |
    |---|---|---|
    | | Probe | ../probe böse |
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return markdown(tmp_path, PLAIN)


@pytest.fixture(scope="module")
def case(demo_study: Study) -> tuple[str, str]:
    """Case number and id of an interview that is the only one of its number."""
    with demo_study.store() as store:
        given = list(store.submissions("erstgespraech"))
    numbers = [answer_named(each.record, "fallnummer") for each in given]
    return next((number, each.id) for number, each in zip(numbers, given, strict=True) if numbers.count(number) == 1)


def test_a_form_has_a_file_name_of_its_id_and_languages(demo_study: Study) -> None:
    assert blank_of(str(FORMS / "austritt.md"), Path(), (None, "en")).name == "austritt-papier-de-en.pdf"
    assert blank_of("austritt", demo_study.dir, (None, None)).name == "austritt-papier-de.pdf"


def test_a_file_name_leads_nowhere_else(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = blank_of(str(plain), Path(), (None, None)).write(None)
    assert path == Path("probe_b_se-papier-de.pdf")
    assert (tmp_path / path).read_bytes().startswith(b"%PDF-")


def test_only_the_owner_may_read_what_is_printed(demo_study: Study, case: tuple[str, str], tmp_path: Path) -> None:
    path = case_of(case[0], demo_study.dir, None, (None, None)).write(tmp_path / "a.pdf")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


def test_an_existing_file_stays_unless_force_is_given(plain: Path, tmp_path: Path) -> None:
    target = tmp_path / "da.pdf"
    target.write_text("wertvoll")
    printed = blank_of(str(plain), Path(), (None, None))
    with pytest.raises(UsageError, match="--force"):
        printed.write(target)
    assert target.read_text() == "wertvoll"
    printed.write(target, force=True)
    assert target.read_bytes().startswith(b"%PDF-")
    with pytest.raises(UsageError, match="--force"):
        printed.write(tmp_path, force=True)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = blank_of(str(plain), Path(), (None, None))
    with pytest.raises(UsageError, match="fehlt"):
        printed.write(tmp_path / "fehlt" / "a.pdf")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making.os, "fsync", full)
    (tmp_path / "ort").mkdir()
    with pytest.raises(ReportError, match="No space left"):
        printed.write(tmp_path / "ort" / "a.pdf")
    assert list((tmp_path / "ort").iterdir()) == []


def test_a_case_is_found_by_its_number_and_by_its_id(demo_study: Study, case: tuple[str, str]) -> None:
    number, submission = case
    for given in (number, submission, submission.removeprefix("uuid:"), f" {number} "):
        for form_id in (None, "erstgespraech"):
            printed = case_of(given, demo_study.dir, form_id, (None, None))
            assert printed.name == f"DEMO-erstgespraech-{submission.removeprefix('uuid:')[:8]}.pdf"
            assert printed.sheet.demo == "DEMO – synthetische Daten"


def test_no_value_of_a_person_is_in_a_name_or_message(demo_study: Study, case: tuple[str, str]) -> None:
    number = case[0]
    printed = case_of(number, demo_study.dir, None, (None, None))
    assert number not in printed.name
    assert "P-0" not in printed.name
    for form_id, wanted in ((None, "08235007-P-999999-202201"), ("austritt", number), (None, " ")):
        with pytest.raises(DataError) as refused:
            case_of(wanted, demo_study.dir, form_id, (None, None))
        assert "P-" not in str(refused.value)


def test_two_interviews_of_one_number_are_not_guessed_between(demo_copy: Study, case: tuple[str, str]) -> None:
    import dataclasses

    with demo_copy.store() as store:
        first = next(each for each in store.submissions("erstgespraech") if each.id == case[1])
        again = "uuid:00000000-0000-4000-8000-000000000000"
        record = {**first.record, "/data/meta/instanceID": again}
        store.append(dataclasses.replace(first, id=again, record=record, received=None, version=1, reason=None))
    with pytest.raises(DataError, match="2 Gespräche"):
        case_of(case[0], demo_copy.dir, None, (None, None))


def test_a_form_of_the_study_is_printed_as_published(demo_copy: Study) -> None:
    path = demo_copy.dir / "forms" / "austritt.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Ende der Begleitung am", "Letzter Tag"), encoding="utf-8")
    assert "Ende der Begleitung am" in blank_of("austritt", demo_copy.dir, (None, None)).sheet.json()
    demo_copy.store_path.unlink()
    assert "Letzter Tag" in blank_of("austritt", demo_copy.dir, (None, None)).sheet.json()


def test_an_unknown_form_is_refused_with_those_there_are(demo_study: Study) -> None:
    with pytest.raises(StudyError, match="erstgespraech"):
        blank_of("nix", demo_study.dir, (None, None))


def test_a_form_without_german_is_printed_in_its_own_language(tmp_path: Path) -> None:
    text = PLAIN.replace("| label |", "| label::Français (fr) |")
    printed = blank_of(str(markdown(tmp_path, text)), Path(), (None, None))
    assert printed.sheet.languages == (("fr", "ltr"),)
    assert printed.name.endswith("-papier-fr.pdf")


def test_choices_from_a_file_beside_the_form_are_printed(tmp_path: Path) -> None:
    text = PLAIN.replace("| | text | a | Wort |", "| | select_one_from_file orte.csv | a | Ort |")
    path = markdown(tmp_path, text)
    assert "Adorf" not in blank_of(str(path), Path(), (None, None)).sheet.json()
    (tmp_path / "orte.csv").write_text("name,label\na,Adorf\nb,Bdorf\n")
    assert "Adorf" in blank_of(str(path), Path(), (None, None)).sheet.json()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("", 2, "--case"),
        ("forms/austritt.md --case 1", 2, "--case"),
        ("forms/austritt.md --second fr", 2, "de, en"),
        ("forms/nichts.md", 1, "nichts.md"),
        ("nichts --study demo", 1, "austritt"),
        ("--case 1 --study demo", 1, "Nummer"),
        ("--case 1", 1, "study.toml"),
        ("forms/austritt.md --output nirgends/a.pdf", 2, "nirgends"),
        ("forms/austritt.md --output forms/austritt.md", 2, "--force"),
    ],
)
def test_a_sheet_that_cannot_be_made_is_refused_in_one_line(
    arguments: str, code: int, words: str, demo_study: Study, tmp_path: Path
) -> None:
    shutil.copytree(FORMS, tmp_path / "forms")
    shutil.copytree(FORMS.parent / "lists", tmp_path / "lists")
    (tmp_path / "demo").symlink_to(demo_study.dir)
    done = run(f"lotsenbuch form paper {arguments}", tmp_path)
    assert done.code == code, done.err
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("*.pdf"))
