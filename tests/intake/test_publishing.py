"""intake.publishing: a published form does not change, whatever happens to its workbook."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intake.cli import form_app
from intake.publishing import freeze, publish, publish_all
from intake.store import Store
from intake.study import create_study
from intake.workbook import Workbook, read_workbook
from scenario.workbooks import choice_list, markdown
from validation.errors import FormError, Problem
from validation.xform import read_form

FORM = """
    | survey | | | |
    | | type | name | label |
    | | select_one l | q | {label} |
    | settings | | |
    | | form_id | version |
    | | f | {version} |
    """


READS = """
    | survey | type | name | label |
    | | csv-external | person | |
    | | select_one_from_file person.csv | wer | Who |
    | settings | form_id | version |
    | | liest | 1 |
    """

DECLARES = """
    | survey | type | name | label | save_to |
    | | text | person | Person | nummer |
    | entities | list_name | label | entity_id | create_if | update_if |
    | | person | ${person} | ${person} | true() | true() |
    | settings | form_id | version |
    | | plan | 1 |
    """


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_study(tmp_path / "study").store()


def workbook(folder: Path, label: str = "L", version: str = "1") -> Path:
    choice_list(folder, "l", "name,label\nx,X\n")
    return markdown(folder / "forms", FORM.format(label=label, version=version))


def refusal(store: Store, path: Path) -> Problem:
    before = store.forms()
    with pytest.raises(FormError) as raised:
        publish(store, path)
    assert store.forms() == before
    [problem] = raised.value.problems
    return problem


def test_a_frozen_form_holds_all_it_was_made_of(tmp_path: Path) -> None:
    path = workbook(tmp_path)
    frozen = freeze(path)
    assert (frozen.form_id, frozen.version, frozen.workbook_name) == ("f", "1", "form.md")
    assert frozen.workbook == path.read_bytes()
    assert dict(frozen.lists) == {"l.csv": b"name,label\nx,X\n"}
    assert frozen.hash == hashlib.sha256(frozen.xform.encode()).hexdigest() == read_form(frozen.xform).hash
    assert freeze(path) == frozen


def test_publishing_the_same_again_changes_nothing(tmp_path: Path, store: Store) -> None:
    with store:
        first = publish(store, workbook(tmp_path))
        assert publish(store, workbook(tmp_path)) == first
        assert store.forms() == (first,)
        assert store.form(first.hash) == first


def test_a_version_has_one_content(tmp_path: Path, store: Store) -> None:
    with store:
        publish(store, workbook(tmp_path))
        problem = refusal(store, workbook(tmp_path, label="changed"))
        assert problem.code == "publishing.version_taken"
        assert "erhöhen" in problem.message
        second = publish(store, workbook(tmp_path, label="changed", version="2"))
        assert [form.version for form in store.forms()] == ["1", "2"]
        assert store.form(second.hash).version == "2"


def test_a_changed_list_is_another_content(tmp_path: Path, store: Store) -> None:
    with store:
        path = workbook(tmp_path)
        publish(store, path)
        choice_list(tmp_path, "l", "name,label\nx,X\ny,Y\n")
        assert refusal(store, path).code == "publishing.version_taken"


def test_a_form_without_version_or_with_an_error_is_not_published(tmp_path: Path, store: Store) -> None:
    with store:
        assert refusal(store, workbook(tmp_path, version="")).code == "publishing.no_version"
        assert refusal(store, workbook(tmp_path, label="${nosuch}")).code == "workbook.unknown_reference"
        assert refusal(store, tmp_path / "none.md").code == "workbook.not_there"


def test_all_forms_of_the_shipped_study_are_published_in_its_order(tmp_path: Path) -> None:
    study = create_study(tmp_path / "study")
    with study.store() as store:
        frozen = publish_all(study, store)
        assert [form.form_id for form in frozen] == list(study.forms())
        assert store.forms() == frozen
    assert study.form("austritt").hash == frozen[list(study.forms()).index("austritt")].hash


def test_a_form_that_lies_elsewhere_reads_the_people_of_the_study_it_is_published_in(tmp_path: Path) -> None:
    study = create_study(tmp_path / "study")
    path = markdown(tmp_path / "drafts", READS, "liest.md")
    run = CliRunner().invoke(form_app, ["publish", str(path), "--study", str(study.dir)])
    assert run.exit_code == 0, run.output
    with study.store() as store:
        [frozen] = store.forms()
        assert read_form(frozen.xform).entity_lists == {"person"}
        assert publish(store, markdown(study.dir / "forms", READS, "liest.md")) == frozen  # as if it lay in the study


def test_a_run_of_publishing_reads_each_form_of_the_study_once_for_its_entities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = create_study(tmp_path / "study")
    for path in study.form_paths():
        path.unlink()
    names = [f"liest_{number}" for number in range(4)]
    for name in names:
        markdown(study.dir / "forms", READS.replace("liest", name), f"{name}.md")
    markdown(study.dir / "forms", DECLARES, "plan.md")
    read: list[str] = []

    def counted(path: Path) -> Workbook:
        read.append(path.name)
        return read_workbook(path)

    monkeypatch.setattr("intake.entitysheet.read_workbook", counted)
    with study.store() as store:
        assert [each.form_id for each in publish_all(replace(study, order=()), store)] == [*names, "plan"]
    assert sorted(read) == [*(f"{name}.md" for name in names), "plan.md"]
