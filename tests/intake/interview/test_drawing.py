"""The state that is drawn: keys that never shift, lists that are sent once, repeats without entries."""

from __future__ import annotations

import pytest

from intake.interview.description import language_of
from intake.interview.drawing import Count, Drawing
from scenario.interview import NOW, form
from validation import Instance

COUNTED = """
| survey | type | name | label | relevant | repeat_count | choice_filter |
|---|---|---|---|---|---|---|
| | begin_group | g | Gruppe ${{a}} | | | |
| | select_one ja | a | A | | | |
| | select_one orte | b | B | | | land = ${{a}} |
| | begin_repeat | fest | Fest | | 2 | |
| | text | t | T | | | |
| | end_repeat | | | | | |
| | begin_repeat | frei | Frei | {relevant} | | |
| | text | u | U | | | |
| | end_repeat | | | | | |
| | end_group | | | | | |

| choices | list_name | name | label | land |
|---|---|---|---|---|
| | ja | x | X | |
| | ja | y | Y | |
| | orte | o1 | Ort 1 | x |
| | orte | o2 | Ort 2 | y |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Zähler | zaehler | 1 |
"""


def drawn(text: str) -> tuple[Drawing, Instance]:
    made = form(text)
    return Drawing(made, [language_of("")]), Instance(made, now=NOW)


SHARED = """
| survey | type | name | label | choice_filter |
|---|---|---|---|---|
| | select_one orte | a | A | |
| | select_one orte | b | B | |
| | select_one orte | c | C | land = 'x' |

| choices | list_name | name | label | land |
|---|---|---|---|---|
| | orte | o1 | Ort 1 | x |
| | orte | o2 | Ort 2 | y |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Geteilt | geteilt | 1 |
"""


def test_labels_of_groups_follow_answers_too() -> None:
    drawing, instance = drawn(COUNTED.format(relevant=""))
    instance.answer("/data/g/a", "x")
    state = drawing.state(instance)
    assert state.nodes[drawing.sections[0].id]["label"] == ["Gruppe x"]


def test_filtered_choices_follow_the_answer_they_depend_on() -> None:
    drawing, instance = drawn(COUNTED.format(relevant=""))
    (key,) = [key for key, path in drawing.state(instance).paths.items() if path == "/data/g/b"]
    found = []
    for value in ("x", "y"):
        instance.answer("/data/g/a", value)
        state = drawing.state(instance)
        found.append(state.lists[state.nodes[key]["list"]])
    assert found == [[["o1", "Ort 1"]], [["o2", "Ort 2"]]]


def test_a_list_that_several_questions_offer_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing, instance = drawn(SHARED)
    asked: list[str] = []
    read = Instance.choices

    def choices(self: Instance, path: str, language: str | None = None) -> list[tuple[str, str]]:
        asked.append(path)
        return read(self, path, language)

    monkeypatch.setattr(Instance, "choices", choices)
    state = drawing.state(instance)
    offered = {
        path: [row[0] for row in state.lists[state.nodes[key]["list"]]] for key, path in state.paths.items() if path
    }
    assert offered == {"/data/a": ["o1", "o2"], "/data/b": ["o1", "o2"], "/data/c": ["o1"]}
    assert asked == ["/data/a", "/data/c"]


def test_a_counted_repeat_has_no_buttons() -> None:
    drawing, instance = drawn(COUNTED.format(relevant=""))
    state = drawing.state(instance)
    fixed, free = [state.nodes[element.id] for element in drawing.elements.values() if element.kind == "repeat"]
    assert (len(fixed["entries"]), fixed["can_add"], fixed["can_remove"]) == (2, False, False)
    assert (free["can_add"], free["can_remove"]) == (True, True)


@pytest.mark.parametrize(("relevant", "shown"), [("", True), ("${a} = 'x'", True), ("${a} = 'y'", False)])
def test_a_repeat_without_entries_is_still_shown_or_not(relevant: str, shown: bool) -> None:
    drawing, instance = drawn(COUNTED.format(relevant=relevant))
    instance.answer("/data/g/a", "x")
    for entry in instance.entries("/data/g/frei")[::-1]:
        instance.remove_repeat(entry)
    (free,) = [element for element in drawing.elements.values() if element.nodeset == "/data/g/frei"]
    state = drawing.state(instance)
    assert state.nodes[free.id]["entries"] == []
    assert state.nodes[free.id]["relevant"] is shown


def test_counts_add_up() -> None:
    assert Count(2, 1) + Count(3, 3) == Count(5, 4)


def test_the_state_of_a_shown_question_is_complete() -> None:
    drawing, instance = drawn(COUNTED.format(relevant=""))
    state = drawing.state(instance)
    for key, node in state.nodes.items():
        element = drawing.elements[key.rsplit("/", 1)[-1]]
        if element.kind == "question" and node["relevant"]:
            assert {"value", "label", "hint", "required", "readonly", "problems"} <= node.keys()
