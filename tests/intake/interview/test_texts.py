"""intake.interview.texts: styled texts, the state of their translation, guidance, media, and what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from intake.interview import texts as module
from intake.interview.description import Json, language_of
from intake.interview.drawing import Drawing
from intake.interview.texts import files
from scenario.interview import NOW, form
from validation import Instance

GERMAN, ENGLISH, ARABIC, DARI = "Deutsch (de)", "English (en)", "العربية (ar)", "دری (prs)"

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | hint::Deutsch (de) | hint::English (en) | hint::العربية (ar) | guidance_hint::Deutsch (de) | guidance_hint::English (en) | constraint | constraint_message::Deutsch (de) | constraint_message::English (en) | constraint_message::العربية (ar) | warning | warning_message::Deutsch (de) | required | reviewed_only | media::image::Deutsch (de) | media::audio::Deutsch (de) | media::audio::العربية (ar) |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| | begin_group | g | **Wohnen** für ${name} | 1. Housing | ## Bei *${name}* | | | | | | | | | | | | | | | | |
| | text | name | Name | Name | الاسم | Wie im *Ausweis* | As in the passport | كما في جواز السفر | | | | | | | | | | | | | |
| | note | gruss | Guten Tag, ${name} | **Good day**, ${name} | | | | | | | | | | | | | | | | | |
| | note | link | [Amt](https://example.org/a) [x](javascript:alert(1)) | 3. Step | | | | | | | | | | | | | | | | | |
| | text | fremd | Nur deutsch | | | | Only English | | Für **Sie** | For you | | | | | | | | | | | |
| | text | leise | Leise | Quiet | هادئ | | | | | Only in English: ${name} | | | | | | | | | | | |
| | integer | alter | Alter | Age | العمر | | | | | | . < 130 | Unter *130* | Below *130* | أقل من 130 | . < 100 | Wirklich? | yes | | | | |
| | text | ja | Willigen Sie ein? | Do you consent? | هل توافق؟ | Freiwillig | Voluntary | طوعي | | | . != 'x' | Nicht x | Not x | ليس x | | | | yes | | | |
| | text | rat | Ein Rat | Advice | نصيحة | Nur das | Only this | هذا فقط | | | | | | | | | | hint | | | |
| | text | bild | Bild | Picture | صورة | | | | | | | | | | | | | | bild.png | bild.mp3 | bild-ar.mp3 |
| | end_group | | | | | | | | | | | | | | | | | | | | |

| settings | form_title | form_id | version | default_language | unreviewed |
|---|---|---|---|---|---|
| | Texte | texte | 1 | Deutsch (de) | ar |
"""  # noqa: E501 - a table is read across


def drawn(*languages: str, answers: dict[str, str] | None = None, text: str = FORM) -> dict[str, Json]:
    """The state of every question and group by name, in these languages."""
    made = form(text)
    drawing = Drawing(made, [language_of(name) for name in languages])
    instance = Instance(made, now=NOW)
    drawing.state(instance)  # what is remembered from here must not hide what an answer changes
    for name, value in (answers or {}).items():
        instance.answer(f"/data/g/{name}", value)
    state = drawing.state(instance)
    return {path.rsplit("/", 1)[-1]: state.nodes[key] for key, path in state.paths.items() if key in state.nodes}


def elsewhere(words: Any, code: str, direction: str, why: str) -> Json:
    return {"t": words, "l": code, "d": direction, "m": why}


def test_a_text_without_marks_is_a_string_and_an_answer_in_it_too() -> None:
    nodes = drawn(GERMAN, answers={"name": "Layla *al*"})
    assert nodes["name"]["label"] == ["Name"]
    assert nodes["gruss"]["label"] == ["Guten Tag, Layla *al*"]


def test_a_styled_text_is_a_tree_in_which_answers_are_not_styled() -> None:
    nodes = drawn(GERMAN, ENGLISH, answers={"name": "**B**"})
    assert nodes["name"]["hint"] == [["Wie im ", {"e": "em", "c": ["Ausweis"]}], "As in the passport"]
    english = [{"e": "strong", "c": ["Good day"]}, ", ", {"e": "span", "c": ["**B**"]}]
    assert nodes["gruss"]["label"] == ["Guten Tag, **B**", english]


def test_links_lead_to_known_places_only_and_a_number_before_a_question_stays() -> None:
    german, english = drawn(GERMAN, ENGLISH)["link"]["label"]
    assert german[0] == {"e": "a", "c": ["Amt"], "u": "https://example.org/a"}
    assert "alert" not in json.dumps([mark for mark in german if not isinstance(mark, str)])
    assert english == "3. Step"


def test_a_group_s_label_is_a_line_that_follows_answers() -> None:
    nodes = drawn(GERMAN, ENGLISH, answers={"name": "*A*"})
    german = [{"e": "strong", "c": ["Wohnen"]}, " für ", {"e": "span", "c": ["*A*"]}]
    assert nodes["g"]["label"] == [german, "1. Housing"]
    arabic = drawn(ARABIC, answers={"name": "*A*"})["g"]["label"]
    assert arabic == [["Bei ", {"e": "em", "c": [{"e": "span", "c": ["*A*"]}]}]]


def test_what_is_not_translated_says_in_which_language_it_is() -> None:
    nodes = drawn(GERMAN, ENGLISH)
    assert nodes["fremd"]["label"] == ["Nur deutsch", elsewhere("Nur deutsch", "de", "ltr", "missing")]
    assert nodes["fremd"]["hint"] == [elsewhere("Only English", "en", "ltr", "missing"), "Only English"]
    assert drawn(GERMAN, ARABIC)["gruss"]["label"][1] == elsewhere("Guten Tag, ", "de", "ltr", "missing") | {
        "t": "Guten Tag,"
    }


def test_an_unreviewed_text_is_a_text_like_others() -> None:
    assert drawn(GERMAN, ARABIC)["name"]["label"] == ["Name", "الاسم"]


def test_a_withheld_text_is_shown_in_a_reviewed_language_and_why_is_said_once() -> None:
    nodes = drawn(ENGLISH, ARABIC)
    assert nodes["ja"]["label"] == ["Do you consent?", elsewhere("Willigen Sie ein?", "de", "ltr", "withheld")]
    assert nodes["ja"]["hint"] == ["Voluntary", {"t": "Freiwillig", "l": "de", "d": "ltr"}]
    assert nodes["rat"]["label"] == ["Advice", "نصيحة"]
    assert nodes["rat"]["hint"] == ["Only this", elsewhere("Nur das", "de", "ltr", "withheld")]


def test_a_text_that_no_reviewed_language_has_is_not_shown_at_all() -> None:
    text = FORM.replace("Willigen Sie ein? | Do you consent? |", " | |")
    nodes = drawn(GERMAN, ARABIC, text=text)
    assert [each["t"] for each in nodes["ja"]["label"]] == ["", ""]


def test_guidance_is_for_who_asks_in_the_first_language() -> None:
    assert drawn(GERMAN, ENGLISH)["fremd"]["guidance"] == [["Für ", {"e": "strong", "c": ["Sie"]}]]
    assert drawn(ENGLISH, GERMAN)["fremd"]["guidance"] == ["For you"]
    assert "guidance" not in drawn(GERMAN)["name"]


def test_guidance_falls_back_and_follows_answers() -> None:
    for name in ("Layla", "Omar"):
        nodes = drawn(GERMAN, answers={"name": name})
        assert nodes["leise"]["guidance"] == [elsewhere(f"Only in English: {name}", "en", "ltr", "missing")]


def test_media_are_names_of_files_each_language_its_own() -> None:
    assert drawn(GERMAN, ARABIC)["bild"]["media"] == {
        "label": {"image": "bild.png", "audio": ["bild.mp3", "bild-ar.mp3"]}
    }
    assert drawn(GERMAN)["bild"]["media"] == {"label": {"image": "bild.png", "audio": "bild.mp3"}}
    assert "media" not in drawn(GERMAN)["name"]


@pytest.mark.parametrize(
    ("address", "name"),
    [("jr://images/a.png", "a.png"), ("jr://file/a b.mp3", "a b.mp3"), ("javascript:alert(1)", "javascript:alert(1)")],
)
def test_a_name_is_what_stands_after_the_kind_of_address(address: str, name: str) -> None:
    assert files([{"image": address}]) == {"image": name}


def test_a_message_of_the_form_may_be_styled_and_comes_in_both_languages() -> None:
    (problem,) = drawn(GERMAN, ENGLISH, answers={"alter": "200"})["alter"]["problems"]
    assert problem == {
        "kind": "constraint",
        "text": [["Unter ", {"e": "em", "c": ["130"]}], ["Below ", {"e": "em", "c": ["130"]}]],
    }


def test_an_answer_in_a_message_is_not_styled() -> None:
    text = FORM.replace("Below *130*", "Below 130, ${name}")
    (problem,) = drawn(GERMAN, ENGLISH, text=text, answers={"alter": "200", "name": "*A*"})["alter"]["problems"]
    assert problem["text"] == ["Unter *130*", "Below 130, *A*"]


def test_a_message_that_is_not_translated_or_withheld_says_so() -> None:
    (problem,) = drawn(GERMAN, ENGLISH, answers={"alter": "110"})["alter"]["problems"]
    assert problem["text"] == ["Wirklich?", elsewhere("Wirklich?", "de", "ltr", "missing")]
    assert problem["reason"] == ""
    (kept,) = drawn(ENGLISH, ARABIC, answers={"ja": "x"})["ja"]["problems"]
    assert kept["text"] == ["Not x", elsewhere("Nicht x", "de", "ltr", "withheld")]


def test_our_own_sentences_stay_in_the_first_language_where_we_do_not_speak_the_second() -> None:
    text = FORM.replace(ARABIC, DARI).replace("| ar |", "| prs |")
    (problem,) = drawn(ENGLISH, DARI, text=text)["alter"]["problems"]
    assert problem["text"] == ["Please enter a whole number."] * 2
    (other,) = drawn(ENGLISH, ARABIC)["alter"]["problems"]
    assert len(set(other["text"])) == 2


def test_translations_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    look = module.read_in

    def counted(*arguments: Any) -> Any:
        asked.append(f"{arguments[2]} {arguments[3]} {arguments[4].name}")
        return look(*arguments)

    monkeypatch.setattr(module, "read_in", counted)
    made = form(FORM)
    drawing = Drawing(made, [language_of(GERMAN), language_of(ARABIC)])
    instance = Instance(made, now=NOW)
    drawing.state(instance)
    first = len(asked)
    assert first == len(set(asked)) > 0
    instance.answer("/data/g/name", "Layla")
    drawing.state(instance)
    assert len(asked) == first
