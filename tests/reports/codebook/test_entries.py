from __future__ import annotations

from pathlib import Path

import pytest

from reports.codebook.entries import Codebook, Entry, codebook
from scenario.diffable import version
from scenario.lives import study_of
from scenario.xforms import survey
from validation.xform import read_form

DE, EN = "Deutsch (de)", "English (en)"


@pytest.fixture(scope="module")
def book() -> Codebook:
    return codebook(version(), versions=[version(number=2), version()])


def entry(book: Codebook, nodeset: str) -> Entry:
    found = book.entry(nodeset)
    assert found is not None
    return found


def test_every_node_has_its_entry_in_the_order_of_the_form(book: Codebook) -> None:
    names = [each.name for each in book.entries]
    asked = ["a", "name", "alter", "land", "stadt", "laender", "gruss", "b", "tag", "frei", "kind", "vorname", "jahr"]
    assert names == [*asked, "start", "doppelt", "kind_count"]
    kinds = {each.name: each.kind for each in book.entries}
    assert {kinds["a"], kinds["kind"], kinds["gruss"], kinds["doppelt"], kinds["start"]} == {
        "group", "repeat", "note", "calculated", "automatic",
    }  # fmt: skip
    assert [each.number for each in book.entries if each.number] == [str(number) for number in range(1, 10)]


def test_a_question_has_its_texts_in_all_languages_and_quotes_no_answer(book: Codebook) -> None:
    name = entry(book, "/data/a/name")
    assert name.labels == {DE: "Name", EN: "Name"}
    assert name.hints == {DE: "Wie im Ausweis"}
    assert name.guidance == {DE: "Abschreiben"}
    assert entry(book, "/data/a/gruss").labels == {DE: "Guten Tag ${name}", EN: "Hello"}
    assert entry(book, "/data/a/alter").messages["constraint"] == {DE: "Bis 120."}
    assert entry(book, "/data/a/alter").messages["warning"] == {DE: "Über 100?"}


def test_choices_have_labels_and_their_own_class(book: Codebook) -> None:
    land = entry(book, "/data/a/land")
    assert land.list_name == "land"
    assert [(each.value, each.labels[EN], each.sensitivity) for each in land.choices or ()] == [
        ("de", "Germany", ""), ("sy", "Syria", ""), ("x", "Stateless", "special"),
    ]  # fmt: skip
    assert [each.value for each in entry(book, "/data/a/alter").reasons] == ["unknown", "refused"]
    assert entry(book, "/data/a/alter").reasons[0].labels[DE] == "weiß nicht"
    assert entry(book, "/data/b/frei").choices is None


def test_conditions_are_in_words_of_both_languages(book: Codebook) -> None:
    assert entry(book, "/data/a/land").rules["relevant"].words == {
        "de": "Nur wenn Frage 2 (Alter) größer als 17",
        "en": "Only if question 2 (Age) is greater than 17",
    }
    assert entry(book, "/data/a/alter").rules["constraint"].words["de"] == "die Antwort mindestens 0 und höchstens 120"
    assert entry(book, "/data/a/alter").rules["warning"].words["en"] == "the answer is at most 100"
    assert entry(book, "/data/a/name").rules["required"].words == {
        "de": "Antwort verlangt", "en": "An answer is demanded",
    }  # fmt: skip
    towns = entry(book, "/data/a/stadt").rules["choice_filter"]
    assert towns.words["de"] == "„Listenspalte land“ = Frage 3 (Land)"
    assert towns.reads == ("/data/a/land",)
    assert entry(book, "/data/a/doppelt").rules["calculate"].reads == ("/data/a/alter",)


def test_conditions_of_the_sections_above_are_named(book: Codebook) -> None:
    assert entry(book, "/data/b/kind/jahr").inherited == ("/data/b",)
    assert entry(book, "/data/a/name").inherited == ()


def test_class_place_and_versions(book: Codebook) -> None:
    name = entry(book, "/data/a/name")
    assert (name.sensitivity, name.table, name.column) == ("identity", "probe", "a-name")
    assert (entry(book, "/data/b/kind/jahr").table, entry(book, "/data/b/kind/jahr").column) == ("probe-kind", "jahr")
    assert name.columns["purpose"] == "beratung"
    assert name.versions == ("2", "1")
    assert codebook(version()).entry("/data/a/name") != name  # no study, no versions


def test_a_renamed_question_was_in_the_versions_that_called_it_otherwise() -> None:
    old, new = version(), version(("begin_group | a |", "begin_group | aa |"), number=2)
    assert entry(codebook(new, versions=[new, old]), "/data/aa/name").versions == ("2",)
    named = codebook(new, versions=[new, old], renames={"/data/a": "/data/aa"})
    assert entry(named, "/data/aa/name").versions == ("2", "1")


def test_a_question_with_reasons_demands_an_answer_or_a_reason() -> None:
    demanded = version(("| integer | alter | Alter | Age | | | | |", "| integer | alter | Alter | Age | | | yes | |"))
    assert "required" not in entry(codebook(version()), "/data/a/alter").rules
    rule = entry(codebook(demanded), "/data/a/alter").rules["required"]
    assert rule.words["de"] == "Antwort oder Fehlgrund verlangt"
    assert not rule.is_condition


def test_a_filter_in_a_repeat_names_the_question_of_its_entry() -> None:
    form = survey(
        """
        | survey | type | name | label | choice_filter |
        |---|---|---|---|---|
        | | begin_repeat | r | R | |
        | | select_one land | land | Land | |
        | | select_one stadt | stadt | Stadt | land = ${land} and name != 'x' |
        | | end_repeat | | | |
        | choices | list_name | name | label | land |
        |---|---|---|---|---|
        | | land | de | Deutschland | |
        | | stadt | calw | Calw | de |
        """.replace("        ", "")
    )
    rule = entry(codebook(form), "/data/r/stadt").rules["choice_filter"]
    assert rule.words["de"] == "„Listenspalte land“ = Frage 1 (Land) und „Listenspalte name“ nicht „x“"
    assert entry(codebook(form), "/data/r/land").labels == {"": "Land"}


def test_every_question_of_the_shipped_forms_is_in_their_codebooks(tmp_path: Path) -> None:
    study = study_of(tmp_path / "study")
    with study.store() as store:
        forms = [read_form(each.xform) for each in store.forms()]
    assert len(forms) == len(study.form_paths()) > 0
    for form in forms:
        made = codebook(form)
        told = {each.nodeset for each in made.entries}
        asked = {control.nodeset for control in form.controls() if not control.nodeset.endswith("__missing")}
        assert asked <= told
        worded = [
            rule for each in made.entries for name, rule in each.rules.items() if name not in ("calculate", "count")
        ]
        assert all(set(rule.words) == {"de", "en"} and all(rule.words.values()) for rule in worded)
