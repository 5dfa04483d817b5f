"""How a form is laid out for the screen: sections, controls, what is not drawn, languages, numbers."""

from __future__ import annotations

import pytest

from intake.interview.description import RIGHT_TO_LEFT, language_of, screen_texts, sections_of, with_all_below
from scenario.interview import form
from validation.messages import SPOKEN

LOOSE = """
| survey | type | name | label |
|---|---|---|---|
| | text | a | A |
| | integer | b | B |
| | begin_group | g | G |
| | text | c | C |
| | end_group | | |
| | begin_repeat | r | R |
| | text | d | D |
| | end_repeat | | |
| | text | e | E |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Lose | lose | 1 |
"""
NOT_DRAWN = """
| survey | type | name | label |
|---|---|---|---|
| | osm | haus | Haus |
"""
CONTROLS = {
    "name": "text",
    "geburtsdatum": "date",
    "land": "select1",
    "sprachen": "select",
    "alter": "integer",
    "stunden": "decimal",
    "hinweis": "note",
    "wo": "textarea",
    "zufrieden": "range",
    "einwilligung": "acknowledge",
    "summe": "output",
    "ort": "place",
}


def test_top_level_groups_and_repeats_are_sections_and_loose_questions_get_one() -> None:
    sections = sections_of(form(LOOSE))
    assert [(section.kind, len(section.children)) for section in sections] == [
        ("group", 2),
        ("group", 1),
        ("repeat", 1),
        ("group", 1),
    ]


def test_the_same_form_always_has_the_same_ids_and_each_once() -> None:
    ids = [element.id for element in with_all_below(sections_of(form()))]
    assert len(set(ids)) == len(ids)
    assert ids == [element.id for element in with_all_below(sections_of(form()))]


@pytest.mark.parametrize("name", CONTROLS)
def test_what_draws_a_question(name: str) -> None:
    (element,) = [each for each in with_all_below(sections_of(form())) if each.nodeset.endswith(f"/{name}")]
    assert element.control == CONTROLS[name]


def test_what_is_not_drawn_keeps_the_name_of_its_kind() -> None:
    (section,) = sections_of(form(NOT_DRAWN))
    assert [(each.control, each.json()["type"]) for each in section.children] == [("unsupported", "upload")]


@pytest.mark.parametrize(
    ("name", "code", "direction"),
    [
        ("Deutsch (de)", "de", "ltr"),
        ("العربية (ar)", "ar", "rtl"),
        ("دری (fa-AF)", "fa-af", "rtl"),
        ("سۆرانی (ckb)", "ckb", "rtl"),
        ("Kurmancî (ku)", "ku", "ltr"),
        ("en", "en", "ltr"),
        ("Deutsch", "und", "ltr"),
        ("", "de", "ltr"),
    ],
)
def test_a_language_knows_its_code_and_direction(name: str, code: str, direction: str) -> None:
    language = language_of(name)
    assert (language.code, language.direction) == (code, direction)


CLDR_SAYS_NOTHING = {"prs", "pes", "pbu", "pnb"}  # Dari, Iranian Persian, northern Pashto, western Punjabi: Arabic


def test_directions_are_those_of_cldr() -> None:
    from babel import Locale, localedata

    codes = (code for code in localedata.locale_identifiers() if code != "root")
    known = {code.replace("_", "-"): Locale.parse(code).character_order for code in codes}
    assert len(known) > 500
    told = {code: language_of(f"X ({code})").direction for code in known}
    assert told == {code: "rtl" if order == "right-to-left" else "ltr" for code, order in known.items()}


def test_languages_from_right_to_left_are_so_by_their_usual_script() -> None:
    from babel.core import get_global

    likely = get_global("likely_subtags")
    scripts = {str(likely.get(code, "__")).split("_")[1] for code in RIGHT_TO_LEFT - CLDR_SAYS_NOTHING}
    assert scripts == {"Arab", "Armi", "Hebr", "Syrc", "Thaa", "Nkoo", "Rohg"}


@pytest.mark.parametrize(
    ("code", "direction"),
    [
        ("prs", "rtl"), ("fa-AF", "rtl"), ("ckb", "rtl"), ("ku", "ltr"), ("kmr", "ltr"), ("ku-Arab", "rtl"),
        ("kmr-Arab-IQ", "rtl"), ("ar-Latn", "ltr"), ("ur", "rtl"), ("he", "rtl"), ("ti", "ltr"), ("uk", "ltr"),
    ],
)  # fmt: skip
def test_the_script_decides_over_the_language(code: str, direction: str) -> None:
    assert language_of(f"X ({code})").direction == direction


@pytest.mark.parametrize(("name", "said"), [("العربية (ar)", "ar"), ("Українська (uk)", "uk"), ("Dari (prs)", "de")])
def test_a_client_reads_the_screen_in_their_language_where_we_have_it(name: str, said: str) -> None:
    assert language_of(name).catalogue == said


def test_the_screen_has_all_its_texts_in_each_language() -> None:
    assert screen_texts("de").keys() == screen_texts("en").keys()
    assert screen_texts("de")["saved"] == "Alle Änderungen gespeichert"
    assert all(text for language in SPOKEN for text in screen_texts(language).values())
