"""What happens before an interview opens: publishing, a place for one's own workbook, refusals before any start."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from intake.interview.opening import ANSWERS, FORM, STUDY, Opening, prepare, worklist_here, worklist_of
from intake.store import open_store
from intake.study import create_study
from scenario.interview import FORM as PROBE
from scenario.interview import workbook
from validation.errors import FormError, StudyError

EXTERNAL = """
| survey | type | name | label |
|---|---|---|---|
| | select_one_from_file orte.csv | ort | Ort |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Orte | orte | 1 |
"""

SHEET = """
| survey | type | name | label | choice_filter |
|---|---|---|---|---|
| | select_one_external orte | ort | Ort | name != 'a' |

| external_choices | list_name | name | label |
|---|---|---|---|
| | orte | a | Althengstett |
| | orte | c | Calw, Stadt |
| | orte | h | Hirsau |
| | andere | x | X |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Orte | orte | 1 |
"""


def test_a_workbook_of_ones_own_gets_a_place_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = prepare(Path("nowhere"), form_file=workbook(tmp_path))
    place = tmp_path / "probe-antworten"
    assert opening.directory == place
    assert opening.port == 0
    assert (place / "store.key").stat().st_mode & 0o077 == 0
    again = prepare(Path("nowhere"), form_file=tmp_path / "probe.md")
    assert again == opening
    for name, value in opening.variables.items():
        monkeypatch.setenv(name, value)
    here = worklist_here()
    assert [each["id"] for each in here.start()["forms"]] == ["probe"]
    here.store.close()


def test_a_copied_study_is_another_place_for_the_browser(tmp_path: Path) -> None:
    create_study(tmp_path / "eins")
    prepare(tmp_path / "eins")
    shutil.copytree(tmp_path / "eins", tmp_path / "zwei")
    places = []
    for name in ("eins", "eins", "zwei"):
        here = worklist_of(tmp_path / name, None)
        places.append(here.place)
        here.store.close()
    assert places[0] == places[1] != places[2]
    assert all(len(place) == 24 for place in places)


def test_a_workbook_without_a_version_is_taken(tmp_path: Path) -> None:
    text = PROBE.replace("| probe | 1 |", "| probe | |")
    opening = prepare(Path("nowhere"), form_file=workbook(tmp_path, text))
    with open_store(opening.directory / "store.db", key_file=opening.directory / "store.key") as store:
        assert [each.version for each in store.forms()] == [""]


def test_a_changed_workbook_without_a_new_version_is_refused(tmp_path: Path) -> None:
    prepare(Path("nowhere"), form_file=workbook(tmp_path))
    with pytest.raises(FormError):
        prepare(Path("nowhere"), form_file=workbook(tmp_path, PROBE.replace("Probegespräch", "Anders")))


def test_a_form_with_an_error_makes_no_place(tmp_path: Path) -> None:
    with pytest.raises(FormError):
        prepare(Path("nowhere"), form_file=workbook(tmp_path, PROBE.replace("${besucht} = 'ja'", "${niemand} = 'ja'")))
    assert not (tmp_path / "probe-antworten").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="fehlt"):
        prepare(Path("nowhere"), form_file=tmp_path / "fehlt.xlsx")


def test_a_directory_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError):
        prepare(tmp_path)


def test_a_study_publishes_the_form_it_is_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from intake.study import create_study, open_study

    study = create_study(tmp_path / "studie")
    for path in study.form_paths():
        path.unlink()
    workbook(study.dir / "forms")
    settings = study.dir / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"^forms = \[[^\]]*\]", 'forms = ["probe"]', text, flags=re.MULTILINE), "utf-8")
    opening = prepare(study.dir, form="probe")
    assert opening.variables == {STUDY: str(study.dir), FORM: "probe"}
    assert opening.port == open_study(study.dir).port
    prepare(study.dir, form="probe")
    with study.store() as store:
        assert len(store.forms()) == 1
    with pytest.raises(StudyError, match="fremd"):
        prepare(study.dir, form="fremd")
    monkeypatch.delenv(ANSWERS, raising=False)
    for name, value in opening.variables.items():
        monkeypatch.setenv(name, value)
    here = worklist_here()
    assert here.title == study.title
    here.store.close()
    shutil.rmtree(study.dir)


def offered(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The choices of the first question of the first form, as the interview draws them."""
    for name, value in opening.variables.items():
        monkeypatch.setenv(name, value)
    here = worklist_here()
    greeting = here.begin(here.start()["forms"][0]["id"]).greeting()
    here.store.close()
    return [[row[0] for row in rows] for rows in greeting["lists"].values()]


def test_files_beside_a_form_are_frozen_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, EXTERNAL)
    with pytest.raises(FormError, match="probe-media"):
        prepare(Path("nowhere"), form_file=path)
    assert not (tmp_path / "probe-antworten").exists()
    choices = tmp_path / "probe-media" / "orte.csv"
    choices.parent.mkdir()
    choices.write_text("name,label\na,Althengstett\n", encoding="utf-8")
    opening = prepare(Path("nowhere"), form_file=path)
    choices.unlink()
    assert offered(opening, monkeypatch) == [["a"]]


def test_choices_of_a_sheet_of_their_own_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening = prepare(Path("nowhere"), form_file=workbook(tmp_path, SHEET))
    assert offered(opening, monkeypatch) == [["c", "h"]]


def test_what_a_study_says_of_paradata_mirror_and_computer_reaches_the_interview(tmp_path: Path) -> None:
    from intake.study import create_study

    study = create_study(tmp_path / "studie")
    settings = study.dir / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("paradata = true", "paradata = false").replace("mirror = true", "mirror = false"))
    prepare(study.dir)
    listed = worklist_of(study.dir, None)
    session = listed.begin("erstgespraech")
    assert (session.paradata, session.mirror) == (False, False)
    assert not (study.dir / "device.id").exists()
    assert listed.device is not None
    assert listed.device() == (study.dir / "device.id").read_text(encoding="ascii").strip()
    listed.store.close()


def test_every_form_that_the_study_names_is_offered_and_a_wrong_one_is_left_out(tmp_path: Path) -> None:
    study = create_study(tmp_path / "studie")
    wrong = study.dir / "forms" / "stelle.md"
    wrong.write_text(wrong.read_text(encoding="utf-8").replace("${id}", "${gibt_es_nicht}"), encoding="utf-8")
    opening = prepare(study.dir)
    assert opening.left_out == ("stelle",)
    with study.store() as store:
        assert [each.form_id for each in store.forms()] == [path.stem for path in study.form_paths() if path != wrong]
    with pytest.raises(FormError):
        prepare(study.dir, form="stelle")
