"""intake.interview.lists: rows of choices with their labels, the state of translation and media; when they are sent."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from intake.interview.controls import AT_ONCE
from intake.interview.description import language_of
from intake.interview.drawing import Drawing
from intake.interview.session import Session
from intake.interview.wire import lean
from intake.media import instances
from intake.publishing import freeze
from intake.study import shipped
from scenario.interview import NOW, Talk, form
from validation import Instance, read_form

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


# --- what is sent when

LONG = """
| survey | type | name | label | appearance | choice_filter |
|---|---|---|---|---|---|
| | select_one viele | eine | Eine | | |
| | select_multiple viele | manche | Manche | minimal | |
| | select_one dreizehn | alle | Alle in Sicht | columns | |
| | select_one ja | frage | Mehr? | | |
| | begin_group | g | Mehr | | |
| | select_one viele | dann | Dann | | group = ${{frage}} |
| | end_group | | | | |

| choices | list_name | name | label | group |
|---|---|---|---|---|
{rows}
| | ja | ja | Ja | |
| | ja | nein | Nein | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Lang | lang | 1 |
"""
MANY = [f"| | viele | w{at} | Wort {at} | {'ja' if at < 40 else 'nein'} |" for at in range(100)]
THIRTEEN = [f"| | dreizehn | d{at} | Ding {at} | |" for at in range(AT_ONCE + 1)]


def talk() -> Talk:
    made = form(LONG.format(rows="\n".join([*MANY, *THIRTEEN])))
    return Talk(Session(made, now=lambda: NOW))


def asked_for(talk: Talk, name: str) -> list[list[Any]] | None:
    (reply,) = talk.session.receive({"type": "list", "view": "v", "list": name})
    assert (reply["type"], reply["view"], reply["list"]) == ("list", "v", name)
    rows: list[list[Any]] | None = reply.get("rows")
    return rows


def test_a_list_that_is_searched_is_sent_when_it_is_asked_for_and_only_counted_before() -> None:
    opened = talk()
    name = opened["eine"]["list"]
    assert opened["manche"]["list"] == name
    assert opened.lists[name] == len(MANY)
    rows = asked_for(opened, name)
    assert rows is not None
    assert [row[:2] for row in rows] == [[f"w{at}", f"Wort {at}"] for at in range(len(MANY))]


def test_choices_that_are_in_sight_are_sent_with_the_form() -> None:
    opened = talk()
    assert len(opened.lists[opened["alle"]["list"]]) == len(THIRTEEN)
    assert [row[0] for row in opened.lists[opened["frage"]["list"]]] == ["ja", "nein"]


def test_what_is_chosen_has_its_label_without_the_list() -> None:
    opened = talk()
    assert "chosen" not in opened["eine"]
    (row,) = opened.answer("eine", "w7")["patch"][opened.key("eine")]["chosen"]
    assert row[:2] == ["w7", "Wort 7"]
    opened.answer("manche", "w99 w3")
    assert [row[1] for row in opened["manche"]["chosen"]] == ["Wort 3", "Wort 99"]
    opened.answer("alle", "d1")
    assert "chosen" not in opened["alle"]
    assert "chosen" in Talk(opened.session)["eine"]
    opened.answer("eine", "")
    assert "chosen" not in opened["eine"]


def test_a_list_that_an_answer_made_is_counted_too_and_can_be_asked_for() -> None:
    opened = talk()
    for answer, count in (("ja", 40), ("nein", 60), ("ja", 40)):
        opened.answer("frage", answer)
        name = opened["dann"]["list"]
        assert opened.lists[name] == count
        assert len(asked_for(opened, name) or []) == count


def test_a_session_that_has_drawn_nothing_yet_knows_its_lists() -> None:
    opened = talk()
    fresh = Session(opened.session.form, now=lambda: NOW)
    (reply,) = fresh.receive({"type": "list", "view": None, "list": opened["eine"]["list"]})
    assert len(reply["rows"]) == len(MANY)


@pytest.mark.parametrize("name", ["", "0123456789ab", None, 3, ["x"], {"x": "y"}])
def test_a_list_that_no_question_has_is_answered_without_rows(name: Any) -> None:
    (reply,) = talk().session.receive({"type": "list", "view": None, "list": name})
    assert reply == {"type": "list", "view": None, "list": name}


@pytest.mark.parametrize("path", sorted((shipped() / "forms").glob("*.md")), ids=lambda path: path.stem)
def test_opening_a_shipped_form_in_any_two_languages_sends_less_than_100_kb(path: Path) -> None:
    frozen = freeze(path, versioned=False)
    read = read_form(frozen.xform)
    for first, second in itertools.permutations(read.languages, 2):
        session = Session(read, now=lambda: NOW, language=first, second=second, instances=instances(read, frozen.lists))
        sent = json.dumps(lean(session.greeting()), ensure_ascii=False).encode()  # as jupyter_client writes it
        assert 10_000 < len(sent) < 98_000, (first, second)  # 2 kB are left for headers and the widget's own models
