"""Texts in languages: order of fall-back, outputs, media."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, live
from validation.form import Form
from validation.labels import code_of
from validation.markdown import Styled

ITEXT = """
<translation lang="Français (fr)"><text id="only"><value>Seulement ici</value></text>
  <text id="pic"><value form="image">jr://images/fr.png</value></text></translation>
<translation lang="Deutsch (de)" default="true()"><text id="both"><value>Beide <output value="/data/a"/></value></text>
  <text id="dash"><value>Deutsch</value></text><text id="pic"><value>Bild</value>
  <value form="audio">jr://audio/de.mp3</value></text>
  <text id="hint"><value>Hinweis</value>
  <value form="guidance">Nur für das Team: <output value="/data/a"/></value></text>
</translation>
<translation lang="English (en)"><text id="both"><value>Both</value></text><text id="dash"><value>-</value></text>
</translation>"""


def labelled(name: str) -> Form:
    body = f"""<input ref="/data/a"><label ref="jr:itext('{name}')"/><hint ref="jr:itext('hint')"/></input>"""
    return form("<a>1</a>", "", body, itext=ITEXT)


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("both", "en", "Both"),
        ("both", "de", "Beide 1"),
        ("both", "fr", "Beide 1"),
        ("dash", "en", "Deutsch"),
        ("only", "en", "Seulement ici"),
        ("only", "de", "Seulement ici"),
        ("both", None, "Beide 1"),
    ],
)
def test_1_a_text_falls_back_to_the_default_then_to_any_language(name: str, language: str | None, text: str) -> None:
    assert live(labelled(name), language=language).label("/data/a") == text


def test_2_each_medium_falls_back_for_itself() -> None:
    record = live(labelled("pic"))
    assert record.media("/data/a", "fr") == {"image": "jr://images/fr.png", "audio": "jr://audio/de.mp3"}
    assert record.label("/data/a", "fr") == "Bild"


def test_3_guidance_is_apart_from_the_hint() -> None:
    record = live(labelled("both"))
    assert (record.hint("/data/a"), record.guidance("/data/a", "en")) == ("Hinweis", "Nur für das Team: 1")


def test_4_an_output_reads_its_own_entry() -> None:
    record = live(
        form(
            "<r><a/><b/></r>",
            "",
            """<repeat nodeset="/data/r"><input ref="/data/r/a"/><input ref="/data/r/b"><label>Alter von
               <output value="../a"/></label></input></repeat>""",
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/a", "Ada")
    assert record.label("/data/r[2]/b").split() == ["Alter", "von", "Ada"]
    assert record.label("/data/r[1]/b").split() == ["Alter", "von"]


def test_5_a_label_that_cannot_be_computed_shows_why() -> None:
    record = live(
        form("<a/>", "", """<input ref="/data/a"><label><output value="digest('x', 'y')"/></label></input>""")
    )
    assert record.label("/data/a").startswith("[")


def test_6_an_id_may_be_computed() -> None:
    body = """<input ref="/data/a"><label ref="jr:itext(concat('bo', 'th'))"/></input>"""
    assert live(form("<a>7</a>", "", body, itext=ITEXT)).label("/data/a") == "Beide 7"


def test_7_groups_and_repeats_have_labels() -> None:
    record = live(
        form(
            "<g><a/></g><r><b/></r><s><c/></s>",
            "",
            """<group ref="/data/g"><label>Gruppe</label><hint>Tipp</hint><input ref="/data/g/a"/></group>
               <group ref="/data/r"><label>Kind</label><repeat nodeset="/data/r"><input ref="/data/r/b"/></repeat>
               </group>
               <repeat nodeset="/data/s"><label>Spiel</label><input ref="/data/s/c"/></repeat>""",
        )
    )
    assert (record.label("/data/g"), record.hint("/data/g")) == ("Gruppe", "Tipp")
    assert (record.label("/data/r[1]"), record.label("/data/s[1]")) == ("Kind", "Spiel")


def test_8_labels_and_hints_are_styled_and_answers_in_them_are_not() -> None:
    body = """<input ref="/data/a"><label>**Name** <output value="/data/a"/></label><hint>- wie im Pass</hint></input>
      <input ref="/data/b"/>"""
    record = live(form("<a>*Ada*</a><b/>", "", body))
    span = Styled("span", ("*Ada*",))
    assert record.styled_label("/data/a") == (Styled("strong", ("Name",)), " ", span)
    assert record.styled_hint("/data/a") == (Styled("ul", (Styled("li", ("wie im Pass",)),)),)
    assert (record.styled_label("/data/b"), record.styled_hint("/data/b")) == (("b",), ())


@pytest.mark.parametrize(("language", "text"), [("en", "Deutsch"), ("de", "Deutsch"), (None, "Deutsch")])
def test_9_styled_texts_fall_back_as_plain_ones_do(language: str | None, text: str) -> None:
    assert live(labelled("dash")).styled_label("/data/a", language) == (text,)


def test_10_a_styled_label_that_cannot_be_computed_shows_why() -> None:
    label = """<label><output value="digest('x', 'y')"/></label>"""
    (mark,) = live(form("<a/>", "", f'<input ref="/data/a">{label}</input>')).styled_label("/data/a")
    assert str(mark).startswith("[")


def test_11_a_text_that_is_only_a_dash_everywhere_is_shown_as_it_stands() -> None:
    itext = """<translation lang="de" default="true()"><text id="x"><value>-</value></text></translation>
               <translation lang="en"><text id="x"><value>-</value></text></translation>"""
    record = live(form("<a/>", "", """<input ref="/data/a"><label ref="jr:itext('x')"/></input>""", itext=itext))
    assert record.label("/data/a", "en") == "-"


def test_12_a_hint_without_guidance_has_none_and_a_dash_is_none() -> None:
    itext = """<translation lang="de" default="true()"><text id="x"><value>H</value>
               <value form="guidance">-</value><value form="image">-</value></text></translation>"""
    hint = """<label>A</label><hint ref="jr:itext('x')"/>"""
    record = live(form("<a/><b/>", "", f'<input ref="/data/a">{hint}</input>{inputs("b")}', itext=itext))
    assert (record.hint("/data/a"), record.guidance("/data/a"), record.guidance("/data/b")) == ("H", "", "")
    assert record.media("/data/a") == record.media("/data/b") == {}


def test_13_a_styled_text_that_is_only_a_dash_is_called_by_its_name() -> None:
    itext = """<translation lang="de"><text id="x"><value>-</value></text></translation>"""
    record = live(form("<a/>", "", """<input ref="/data/a"><label ref="jr:itext('x')"/></input>""", itext=itext))
    assert record.styled_label("/data/a") == ("a",)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Deutsch (de)", "de"),
        ("Dari (fa-AF)", "fa-af"),
        ("Sorani (ckb) ", "ckb"),
        ("UK", "uk"),
        ("Deutsch", ""),
        ("", ""),
    ],
)
def test_the_code_of_a_language_stands_in_its_parentheses(name: str, code: str) -> None:
    assert code_of(name) == code
