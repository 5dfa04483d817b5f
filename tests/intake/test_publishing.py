"""intake.publishing: a published form does not change, whatever happens to its workbook."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from intake.publishing import freeze, publish, publish_all
from intake.store import Store
from intake.study import create_study
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
