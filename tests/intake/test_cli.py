"""The commands that bring data in: what they print, how they exit, and that bad input changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake.study import Study
from scenario.commands import Done, run
from validation import Instance

ROOT = Path(__file__).parents[2]

WRONG_FORM = """
| survey | type | name | label | relevant |
| | integer | age | Age | |
| | text | school | School | ${aeg} > 6 |
| | txt | note | Note | |
"""


@pytest.fixture
def study(demo_copy: Study) -> Path:
    return demo_copy.dir


def content(directory: Path) -> dict[str, str]:
    """{file: hash} of a directory, without SQLite's lock files."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def one_sentence(done: Done) -> str:
    """The message of a refusal: on stderr, no traceback, short enough to read."""
    assert "Traceback" not in done.out + done.err
    assert done.err.strip()
    assert len(done.err.strip().splitlines()) == 1
    return done.err.strip()


def test_form_check_names_sheet_row_and_column_of_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.md").write_text(WRONG_FORM, encoding="utf-8")
    done = run("lotsenbuch form check wrong.md --json", tmp_path)
    assert done.code == 1
    problems = json.loads(done.out)["wrong.md"]["problems"]
    assert [(problem["sheet"], problem["row"]) for problem in problems] == [("survey", 4), ("survey", 5)]
    assert "Traceback" not in done.err


CLIENT_FORM = """
| survey | type | name | label | calculation |
| | text | a | A | |
| | calculate | b | | jr:itext(${a}) |
| | calculate | c | | floor(3.5) |
"""


def test_form_check_names_what_other_clients_lack(tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(CLIENT_FORM, encoding="utf-8")

    def told(options: str) -> list[int]:
        done = run(f"lotsenbuch form check form.md --json {options}", tmp_path)
        assert done.code == 0
        return [warning["row"] for warning in json.loads(done.out)["form.md"]["warnings"]]

    assert told("") == []
    assert told("--client enketo") == [4]
    assert told("--client enketo --client collect") == [4, 5]
    done = run("lotsenbuch form check form.md --client nokia", tmp_path)
    assert done.code == 2
    assert "web-forms" in one_sentence(done)


def test_form_check_speaks_english_when_asked(tmp_path: Path) -> None:
    (tmp_path / "wrong.md").write_text(WRONG_FORM, encoding="utf-8")
    german, english = (run(f"lotsenbuch form check wrong.md --language {name}", tmp_path).out for name in ("de", "en"))
    assert german != english
    assert "Zeile" in german
    assert "Zeile" not in english


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.xlsx", b""),
        ("noise.xlsx", b"PK\x03\x04" + b"\0" * 40),
        ("noise.xls", b"\xd0\xcf\x11\xe0nothing"),
        ("a.md", b"\xff"),
    ],
)
def test_form_check_refuses_a_file_that_is_no_workbook_in_one_line(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    done = run(f"lotsenbuch form check {name}", tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.out + done.err
    assert name in done.out


def test_form_check_of_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    done = run("lotsenbuch form check nowhere.xlsx", tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.out + done.err


def test_form_convert_writes_an_xform_that_reads_back(tmp_path: Path) -> None:
    from validation import read_form

    done = run(f"lotsenbuch form convert {ROOT / 'data/forms/austritt.md'} austritt.xml", tmp_path)
    assert done.code == 0, done.err
    assert read_form((tmp_path / "austritt.xml").read_text(encoding="utf-8")).id == "austritt"


def test_publishing_the_same_form_twice_changes_nothing_and_a_wrong_one_changes_nothing(study: Path) -> None:
    where = study.parent
    first = json.loads(run("lotsenbuch form publish demo/forms/austritt.md --study demo --json", where).out)
    again = json.loads(run("lotsenbuch form publish demo/forms/austritt.md --study demo --json", where).out)
    assert first == again
    before = content(study)
    (where / "wrong.md").write_text(WRONG_FORM, encoding="utf-8")
    refused = run("lotsenbuch form publish wrong.md --study demo", where)
    assert refused.code == 1
    one_sentence(refused)
    assert content(study) == before


def test_a_new_study_has_its_forms_frozen_and_no_case_and_a_second_one_there_is_refused(tmp_path: Path) -> None:
    from intake import open_study

    new = 'lotsenbuch new town --municipality "08116019 Esslingen am Neckar"'
    done = run(new, tmp_path)
    assert done.code == 0, done.err
    study = open_study(tmp_path / "town")
    assert not study.demo
    assert dict(study.municipalities) == {"08116019": "Esslingen am Neckar"}
    with study.store() as store:
        assert [form.form_id for form in store.forms()] == [path.stem for path in study.form_paths()]
        assert store.count() == 0
        form = study.form("erstgespraech", store)
    asked = Instance(form, now=datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert asked.choices("/data/fall/gemeinde") == [("08116019", "Esslingen am Neckar")]
    before = content(tmp_path)
    again = run(new, tmp_path)
    assert again.code == 1
    one_sentence(again)
    assert content(tmp_path) == before


@pytest.mark.parametrize("town", ["Althengstett", "8235007 Althengstett", "08235007", ""])
def test_a_new_study_wants_key_and_name_of_its_municipality(town: str, tmp_path: Path) -> None:
    done = run(f'lotsenbuch new town --municipality "{town}"', tmp_path)
    assert done.code == 2
    assert not list(tmp_path.iterdir())


def test_a_file_to_double_click_is_written_and_nothing_is_started(study: Path) -> None:
    (study.parent / "desktop").mkdir()
    done = run("lotsenbuch interview --study demo --shortcut desktop", study.parent)
    assert done.code == 0, done.err
    (made,) = (study.parent / "desktop").iterdir()
    assert made.name in done.out.replace("\n", "")
    assert str(study) in made.read_text(encoding="utf-8")
    one_sentence(run("lotsenbuch interview --study demo --shortcut nowhere", study.parent))


def test_check_finds_nothing_in_the_demo_and_writes_what_it_found(study: Path) -> None:
    done = run("lotsenbuch check --study demo --html check.html --json-file check.json", study.parent)
    assert done.code == 0, done.out + done.err
    assert "<html lang=" in (study.parent / "check.html").read_text(encoding="utf-8")
    assert json.loads((study.parent / "check.json").read_text(encoding="utf-8"))["ok"] is True


@pytest.mark.parametrize(
    "command", ["check --study {0}", "report annual --municipality 08235007 --year 2022 --study {0}"]
)
def test_a_directory_that_is_no_study_is_refused(command: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "nowhere"):
        done = run("lotsenbuch " + command.format(name), tmp_path)
        assert done.code == 1
        one_sentence(done)
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]


@pytest.mark.parametrize("data", [b"", b"not a database at all", os.urandom(8192)], ids=["empty", "text", "noise"])
def test_a_store_that_is_no_store_is_refused_and_left_as_it_is(data: bytes, study: Path) -> None:
    (study / "store.db").write_bytes(data)
    before = content(study)
    done = run("lotsenbuch check --study demo", study.parent)
    assert done.code == 1
    one_sentence(done)
    assert content(study) == before


def test_a_wrong_key_is_refused_and_changes_nothing(study: Path) -> None:
    key = study / "store.key"
    key.chmod(0o600)
    key.write_bytes(bytes(reversed(key.read_bytes().strip())))
    before = content(study)
    done = run("lotsenbuch check --study demo", study.parent)
    assert done.code == 1
    one_sentence(done)
    assert content(study) == before


def test_an_unknown_language_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = run(f"lotsenbuch form check {ROOT / 'data/forms/austritt.md'} --language xx", tmp_path)
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1)
    assert "xx" in done.err
