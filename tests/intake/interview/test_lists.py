"""intake.interview.lists: rows of choices with their labels, the state of translation and media."""

from __future__ import annotations

from typing import Any

from intake.interview.description import language_of
from intake.interview.drawing import Drawing
from scenario.interview import NOW, form
from validation import Instance

GERMAN, ENGLISH, ARABIC = "Deutsch (de)", "English (en)", "العربية (ar)"

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | reviewed_only |
|---|---|---|---|---|---|---|
| | text | wer | Wer? | Who? | من؟ | |
| | select_one weg | wie | Wie? | How? | كيف؟ | |
| | select_one weg | wieder | Und zurück? | And back? | والعودة؟ | |
| | select_one ja | frage | Ja? | Yes? | نعم؟ | |
| | select_one ja | willigt | Willigen Sie ein? | Do you consent? | هل توافق؟ | yes |
| | select_one ja | nur | Nur die Antworten | Only the answers | الأجوبة فقط | choices |
| | select_one nenne | nenne | Wen? | Whom? | من؟ | |

| choices | list_name | name | label::Deutsch (de) | label::English (en) | label::العربية (ar) | media::image::Deutsch (de) | media::audio::Deutsch (de) | media::audio::العربية (ar) |
|---|---|---|---|---|---|---|---|---|
| | weg | bus | *Bus* | 1. Bus | حافلة | bus.png | bus.mp3 | bus-ar.mp3 |
| | weg | rad | 2. Rad | - Bike - | | | | |
| | ja | ja | Ja | Yes | نعم | | | |
| | ja | nein | Nein | No | لا | | | |
| | nenne | n | *${wer}* selbst | ${wer} alone | | | | |

| settings | form_title | form_id | version | default_language | unreviewed |
|---|---|---|---|---|---|
| | Listen | listen | 1 | Deutsch (de) | ar |
"""  # noqa: E501 - a table is read across


def lists(*languages: str, **answers: str) -> dict[str, tuple[str, list[list[Any]]]]:
    """{question: (id of its list, rows)}."""
    made = form(FORM)
    drawing = Drawing(made, [language_of(name) for name in languages])
    instance = Instance(made, now=NOW)
    drawing.state(instance)  # what is remembered from here must not hide what an answer changes
    for name, value in answers.items():
        instance.answer(f"/data/{name}", value)
    state = drawing.state(instance)
    found = {path.rsplit("/", 1)[-1]: state.nodes.get(key, {}).get("list") for key, path in state.paths.items()}
    return {name: (listed, state.lists[listed]) for name, listed in found.items() if listed}


def rows(question: str, *languages: str, **answers: str) -> list[list[Any]]:
    return lists(*languages, **answers)[question][1]


def test_a_label_may_be_styled_but_is_never_a_list() -> None:
    bus, rad = rows("wie", GERMAN, ENGLISH)
    assert bus[:3] == ["bus", [{"e": "em", "c": ["Bus"]}], "1. Bus"]
    assert rad == ["rad", "2. Rad", "- Bike -"]


def test_media_stand_after_the_labels_in_each_language_s_own() -> None:
    assert rows("wie", GERMAN)[0][2:] == [{"image": "bus.png", "audio": "bus.mp3"}]
    assert rows("wie", GERMAN, ARABIC)[0][3:] == [{"image": "bus.png", "audio": ["bus.mp3", "bus-ar.mp3"]}]
    assert len(rows("wie", GERMAN)[1]) == 2


def test_a_choice_that_is_not_translated_says_in_which_language_it_is() -> None:
    assert rows("wie", GERMAN, ARABIC)[1][2] == {"t": "2. Rad", "l": "de", "d": "ltr", "m": "missing"}
    assert rows("frage", GERMAN, ARABIC) == [["ja", "Ja", "نعم"], ["nein", "Nein", "لا"]]


def test_withheld_choices_are_shown_in_a_reviewed_language_and_the_question_says_why() -> None:
    german = {"t": "Ja", "l": "de", "d": "ltr"}
    assert rows("willigt", ENGLISH, ARABIC)[0] == ["ja", "Yes", german]
    assert rows("nur", ENGLISH, ARABIC)[0] == ["ja", "Yes", {**german, "m": "withheld"}]
    assert rows("willigt", GERMAN, ENGLISH)[0] == ["ja", "Ja", "Yes"]


def test_questions_with_the_same_choices_share_a_list() -> None:
    found = lists(GERMAN, ARABIC)
    assert found["wie"][0] == found["wieder"][0]
    assert len({found[name][0] for name in ("frage", "willigt", "nur")}) == 3


def test_a_choice_that_shows_an_answer_follows_it_and_is_not_styled() -> None:
    for name in ("Layla", "*Omar*"):
        assert rows("nenne", GERMAN, ENGLISH, wer=name) == [["n", f"*{name}* selbst", f"{name} alone"]]
