from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intake.formdiff.making import difference
from intake.publishing import publish
from intake.study import Study, create_study
from intake.versions import RENAMES
from reports.cli import app
from scenario.diffable import CHANGES, WORKBOOK
from scenario.interview import workbook
from validation.errors import DataError, LotsenbuchError, StudyError, UsageError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    where = tmp_path_factory.mktemp("diff")
    made = create_study(where / "study", municipalities={"08235007": "Althengstett"})
    with made.store() as store:
        publish(store, workbook(where, WORKBOOK, "one.md"))
        publish(store, workbook(where, with_change("label", 2), "two.md"))
    return made


def with_change(kind: str, number: int) -> str:
    text = WORKBOOK.replace("| probe | 1 |", f"| probe | {number} |")
    for old, new in CHANGES[kind][0]:
        text = text.replace(old, new)
    return text


def test_a_published_form_is_named_by_its_id_and_an_earlier_one_by_its_version(study: Study, tmp_path: Path) -> None:
    new = str(workbook(tmp_path, with_change("label", 3), "new.md"))
    assert difference("probe", new, study=study.dir).diff.weight is None
    first = difference("probe@1", new, study=study.dir)
    assert (first.diff.weight, first.diff.old_version, first.diff.new_version) == ("text", "1", "3")
    assert difference("probe@1", "probe@2", study=study.dir).diff.weight == "text"
    assert first.trial is not None
    assert first.trial.records == 0


def test_two_files_need_no_study(tmp_path: Path) -> None:
    old, new = workbook(tmp_path, WORKBOOK, "a.md"), workbook(tmp_path, with_change("calculate", 2), "b.md")
    found = difference(str(old), str(new))
    assert found.breaks
    assert found.trial is None


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [("keins", "formdiff.not_published", StudyError), ("probe@9", "formdiff.no_version", StudyError)],
)
def test_what_is_not_published_is_named(name: str, code: str, kind: type[LotsenbuchError], study: Study) -> None:
    with pytest.raises(kind) as refused:
        difference(name, name, study=study.dir)
    assert refused.value.code == code


def test_without_a_study_an_id_is_no_form(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        difference("probe", "probe")
    assert refused.value.code == "formdiff.no_study"
    file = str(workbook(tmp_path, WORKBOOK))
    with pytest.raises(UsageError) as lacking:
        difference(file, file, renames=tmp_path / "keine.csv")
    assert lacking.value.code == "formdiff.no_renames"


def test_renamings_are_those_of_the_study_or_of_a_file(study: Study, tmp_path: Path) -> None:
    new = str(workbook(tmp_path, WORKBOOK.replace("| text | frei |", "| text | offen |"), "new.md"))
    line = "form,old,new\nprobe,/data/b/frei,/data/b/offen\nandere,/data/x,/data/y\n"
    assert difference("probe@1", new, study=study.dir).breaks
    (tmp_path / "r.csv").write_text(line, encoding="utf-8")
    assert not difference("probe@1", new, study=study.dir, renames=tmp_path / "r.csv").breaks
    (study.dir / RENAMES).write_text(line, encoding="utf-8")
    try:
        assert difference("probe@1", new, study=study.dir).diff.moves == {"/data/b/frei": "/data/b/offen"}
        (study.dir / RENAMES).write_text("form;old;new\n1;2;3\n", encoding="utf-8")
        with pytest.raises(DataError):
            difference("probe@1", new, study=study.dir)
    finally:
        (study.dir / RENAMES).unlink()


@pytest.mark.parametrize(("kind", "code"), [("label", 0), ("added", 0), ("calculate", 1)])
def test_the_command_ends_with_1_where_something_breaks(kind: str, code: int, tmp_path: Path) -> None:
    old, new = workbook(tmp_path, WORKBOOK, "a.md"), workbook(tmp_path, with_change(kind, 2), "b.md")
    done = CliRunner().invoke(app, ["form", "diff", str(old), str(new)])
    assert done.exit_code == code, done.output
    assert "Formular probe: Version 1 → 2" in done.output
    read = CliRunner().invoke(app, ["form", "diff", str(old), str(new), "--json", "--language", "en"])
    assert json.loads(read.output)["breaks"] is (code == 1)
