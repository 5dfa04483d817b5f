"""intake.exchange.beside: which columns stand beside the answers of a form, and what they are called."""

from __future__ import annotations

from pathlib import Path

from intake.exchange.beside import HOW, ID, column_label, how_labels, how_of_label, is_beside, own_places, shapes
from intake.how import HOWS
from scenario import told
from scenario.exchanged import form as probe
from scenario.office import Office
from validation.layout import layout


def test_every_question_may_have_one_and_every_place_that_makes_ids() -> None:
    made = {name: [column.name for column in table.columns] for name, table in shapes(told.form()).items()}
    assert made["verlauf-ziel"] == ["was", "was__how", "stand", "stand__how", "_entity"]
    assert made["verlauf-schritt"] == ["tat", "tat__how", "_entity"]
    assert made["verlauf"][-1] == "wohnung-_entity"
    for name, table in layout(told.form()).items():
        assert [each for each in shapes(told.form())[name].columns if not is_beside(each.nodeset)] == [*table.columns]


def test_a_question_that_is_called_like_one_keeps_its_name() -> None:
    table = shapes(told.form())["verlauf"]
    named = {column.nodeset: column.name for column in table.columns}
    assert named["/data/alter__how"] == "alter__how"
    assert named[f"/data/alter{HOW}"] == "alter__how_2"
    assert len(set(named.values())) == len(table.columns)


def test_an_id_that_the_form_calculates_needs_no_column(tmp_path: Path) -> None:
    forms = Office(tmp_path).forms
    assert [place.nodeset for place in own_places(forms["erst"])] == ["/data/ziele"]
    assert own_places(forms["folge"]) == ()
    assert own_places(probe()) == ()


def test_heads_and_words_are_those_of_the_language() -> None:
    form = told.form()
    assert column_label(form, f"/data/deutsch{HOW}") == "Deutsch – wie die Antwort zustande kam"
    assert column_label(form, f"/data/ziele/ziel{ID}", "Deutsch (de)") == "Ziel – Kennung"
    assert column_label(form, f"/data/ziele/ziel{ID}", "en") == "Ziel – ID"
    assert column_label(form, "/data/alter__missing").startswith("Alter – ")
    for language in ("de", "en"):
        assert [how_of_label(text) for text in how_labels(language).values()] == [*HOWS]
    assert how_of_label("vielleicht") == "vielleicht"
