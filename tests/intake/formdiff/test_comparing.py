from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.formdiff.changes import KINDS, FormDiff
from intake.formdiff.comparing import compare
from scenario.diffable import BESIDE, CHANGES, MIRRORED, WORKBOOK, changed, version
from scenario.interview import form
from scenario.lives import study_of
from scenario.xforms import form as xml_form
from validation.form import Form
from validation.xform import read_form

ELSEWHERE = {"version_same", "external", "action", "renamed", "moved", "preload", "entity", "attributes"}
"""Kinds with a test of their own."""


def kinds(diff: FormDiff) -> set[tuple[str, str]]:
    return {(change.kind, change.weight) for change in diff.changes if change.kind != "version_same"}


def test_every_kind_of_change_is_tried() -> None:
    assert set(KINDS) == set(CHANGES) | ELSEWHERE


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_found_both_ways_and_nothing_else(kind: str) -> None:
    old, new = changed(kind)
    _, forward, back = CHANGES[kind]
    beside = BESIDE.get(kind, set())
    assert kinds(compare(old, new)) == {(kind, forward)} | beside
    assert kinds(compare(new, old)) == {(MIRRORED.get(kind, kind), back)} | beside


def test_a_form_is_the_same_as_itself() -> None:
    diff = compare(version(), version())
    assert (diff.changes, diff.weight, diff.moves, diff.ends) == ((), None, {}, ())
    assert compare(version(), version(number=2)).changes == ()


def test_the_shipped_forms_are_the_same_as_themselves(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    with study.store() as store:
        shipped = [read_form(each.xform) for each in store.forms()]
    assert len(shipped) == len(study.form_paths())
    for each in shipped:
        diff = compare(each, each)
        assert diff.changes == ()
        assert all(old == new for old, new in diff.map.items())
        assert len(diff.map) > 4


def combined(names: list[str]) -> Form | None:
    """The form with several changes; None where one takes away what another needs."""
    text = WORKBOOK
    for name in names:
        for old, new in CHANGES[name][0]:
            if old not in text:
                return None
            text = text.replace(old, new)
    return form(text)


ALONE = {"form_id", "languages", "removed", "moved_unlisted", "renamed_unlisted", "shape", "asked"}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(set(CHANGES) - ALONE)), unique=True, max_size=6))
def test_several_changes_are_all_found_and_mirrored(names: list[str]) -> None:
    new = combined(names)
    if new is None:
        return
    there, back = compare(version(), new), compare(new, version())
    assert {kind for kind, _ in kinds(there)} >= set(names)
    places = [{each.nodeset for each in diff.changes if each.kind != "order"} for diff in (there, back)]
    assert places[0] == places[1]  # of two that changed places, either one is out of order
    assert {MIRRORED.get(kind, kind) for kind, _ in kinds(there)} == {kind for kind, _ in kinds(back)}
    assert compare(new, new).changes == ()
    assert set(there.map.values()) - {None} <= set(back.map)


# --- what is told by renames.csv


def test_a_renamed_question_is_the_same_question() -> None:
    old = version()
    new = version(("| text | frei |", "| text | offen |"), number=2)
    assert compare(old, new).ends == ("/data/b/frei",)
    diff = compare(old, new, {"/data/b/frei": "/data/b/offen"})
    assert kinds(diff) == {("renamed", "compatible")}
    assert diff.moves == {"/data/b/frei": "/data/b/offen"}


def test_what_reads_a_renamed_question_is_unchanged_and_its_reason_goes_with_it() -> None:
    old, new = version(), version(("| integer | alter |", "| integer | jahre |"), ("${alter}", "${jahre}"), number=2)
    diff = compare(old, new, {"/data/a/alter": "/data/a/jahre"})
    assert kinds(diff) == {("renamed", "compatible")}
    assert diff.moves == {"/data/a/alter": "/data/a/jahre", "/data/a/alter__missing": "/data/a/jahre__missing"}
    assert compare(old, new).ends == ("/data/a/alter", "/data/a/alter__missing")


def test_another_question_in_its_place_is_no_renaming() -> None:
    other = version(("| text | frei | Frei | Free |", "| text | offen | Offen | Open |"), number=2)
    assert kinds(compare(version(), other)) == {("removed", "breaking"), ("added", "compatible")}
    typed = version(("| text | frei |", "| integer | offen |"), number=2)
    assert kinds(compare(version(), typed)) == {("removed", "breaking"), ("added", "compatible")}


def test_a_renamed_group_takes_its_questions_along() -> None:
    old, new = version(), version(("begin_group | a |", "begin_group | aa |"), number=2)
    diff = compare(old, new, {"/data/a": "/data/aa"})
    assert {(each.kind, each.weight) for each in diff.changes} == {("renamed", "compatible"), ("moved", "compatible")}
    assert diff.map["/data/a/name"] == "/data/aa/name"
    assert diff.ends == ()


def test_a_question_moved_by_a_line_keeps_its_answers_and_without_a_line_does_not() -> None:
    old, new = changed("moved_unlisted")
    assert compare(old, new).map["/data/b/frei"] is None
    listed = compare(old, new, {"/data/b/frei": "/data/a/frei"})
    assert kinds(listed) == {("moved", "compatible")}
    assert listed.map["/data/b/frei"] == "/data/a/frei"


def test_nothing_moves_across_the_border_of_a_repeat() -> None:
    line = "| | text | frei | Frei | Free |" + " |" * 23 + "\n"
    inside = "| | integer | jahr"
    new = version((line, ""), (inside, f"{line}{inside}"), number=2)
    diff = compare(version(), new, {"/data/b/frei": "/data/b/kind/frei"})
    assert kinds(diff) == {("moved", "breaking")}
    assert diff.map["/data/b/frei"] is None


def test_a_renamed_repeat_is_another_repeat() -> None:
    new = version(("begin_repeat | kind |", "begin_repeat | kinder |"), number=2)
    diff = compare(version(), new, {"/data/b/kind": "/data/b/kinder"})
    assert ("renamed", "breaking") in kinds(diff)
    assert diff.map["/data/b/kind/vorname"] is None


# --- weights that depend on more than the change


def test_a_new_question_that_is_demanded_breaks() -> None:
    line = "| | text | neu | Neu | New | | | yes |" + " |" * 20 + "\n"
    new = version(("| | date | tag", f"{line}| | date | tag"), number=2)
    assert kinds(compare(version(), new)) == {("added", "breaking")}
    assert kinds(compare(new, version())) == {("removed", "breaking")}


def test_asking_more_people_what_is_demanded_breaks() -> None:
    demanded = ("| | date | tag | Tag | Day | | | |", "| | date | tag | Tag | Day | | | yes |")
    wider = ("${land} = 'de' |", "${land} = 'de' or ${land} = 'sy' |")
    assert kinds(compare(version(), version(wider))) == {("relevant", "compatible")}
    assert kinds(compare(version(demanded), version(demanded, wider))) == {("relevant", "breaking")}


def test_a_reason_added_to_what_is_demanded_demands_less() -> None:
    new = version(("Der Name fehlt. | |", "Der Name fehlt. | unknown |"))
    assert kinds(compare(version(), new)) == {("reasons_added", "compatible")}


def test_the_version_is_to_be_raised() -> None:
    old, new = changed("label")
    assert [each.kind for each in compare(old, new).changes] == ["version_same", "label"]
    assert "version_same" not in {each.kind for each in compare(old, version(*CHANGES["label"][0], number=2)).changes}


@pytest.mark.parametrize(
    ("old", "new", "kind", "weight"),
    [
        ('jr:preload="date" jr:preloadParams="today"', "", "preload", "compatible"),
        ('entities:saveto="wert"', 'entities:saveto="anderer"', "entity", "breaking"),
        ('orx:max-pixels="9"', 'orx:max-pixels="8"', "attributes", "text"),
        ("<setvalue ref='/data/y' event='odk-instance-first-load' value='1'/>", "", "action", "compatible"),
        ("<instance id='l' src='jr://file-csv/l.csv'/>", "", "external", "compatible"),
    ],
)  # fmt: skip
def test_what_only_an_xform_says(old: str, new: str, kind: str, weight: str) -> None:
    def made(said: str) -> Form:
        is_element = said.startswith("<") or (not said and old.startswith("<"))
        attribute, element = ("", said) if is_element else (said, "")
        model = f'<bind nodeset="/data/x" type="string" {attribute}/>{element}'
        return xml_form("<x/><y/>", model, '<input ref="/data/x"/>')

    assert kinds(compare(made(old), made(new))) == {(kind, weight)}
