"""What runs in the kernel of the measuring page: one button for each thing to open, and a place where it appears.

The kernel has imported everything and holds the forms' texts, and has opened none. A press does what a cell does that
is run: it makes the widget and shows it. Our run reads the form's XML as ODK Web Forms' does; the tree is made from a
list of questions, as somebody writes it who has no forms.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets

from intake.interview import Interview
from intake.interview.session import Session, utc_now
from validation import read_form


def stage(place: Path) -> ipywidgets.VBox:
    """The page over the forms in `place` (<name>.xml, for the tree
    <name>.json); each button has the class `run-<what>-<name>`."""
    shown = ipywidgets.VBox()
    buttons = [_button("leave", shown, lambda: None)]
    for file in sorted(place.glob("*.xml")):
        xform = file.read_text(encoding="utf-8")
        for what, make in {"ours": _ours, "en": partial(_with, "en"), "ar": partial(_with, "ar")}.items():
            buttons.append(_button(f"{what}-{file.stem}", shown, partial(make, xform)))
    buttons += [
        _button(f"tree-{file.stem}", shown, partial(_tree, file.read_text(encoding="utf-8")))
        for file in sorted(place.glob("*.json"))
    ]
    return ipywidgets.VBox([*buttons, shown])


def _button(name: str, shown: ipywidgets.VBox, make: Callable[[], ipywidgets.Widget | None]) -> ipywidgets.Button:
    def run(_: object) -> None:
        made = make()
        shown.children = () if made is None else (made,)

    button = ipywidgets.Button(description=name)
    button.add_class(f"run-{name}")
    button.on_click(run)
    return button


def _ours(xform: str) -> Interview:
    return Interview(read_form(xform))


def _with(code: str, xform: str) -> Interview:
    """German and the language of a code beside it."""
    form = read_form(xform)
    interview = Interview(form)
    second = next(name for name in form.languages if name.endswith(f"({code})"))
    interview.session = Session(form, now=utc_now, second=second)
    return interview


# --- the same questions as a plain tree of ipywidgets


def _tree(text: str) -> ipywidgets.VBox:
    """A widget for each question; a handler on each keeps its answer, another shows the question that depends on it."""
    answers: dict[str, object] = {}
    made: dict[str, ipywidgets.Widget] = {}
    for question in json.loads(text):
        widget = made[question["name"]] = _widget(question)
        widget.observe(_keeper(answers, question["name"]), names="value")
        if question["asked_if"]:
            widget.layout.display = "none"
            made[question["asked_if"]].observe(_shower(widget), names="value")
    return ipywidgets.VBox(list(made.values()))


def _widget(question: dict[str, Any]) -> ipywidgets.Widget:
    settings = {"description": question["label"], "style": {"description_width": "initial"}}
    options = [tuple(each) for each in question["choices"]]
    match question["type"]:
        case "select_one":
            chosen = ipywidgets.RadioButtons if len(options) < _LONG else ipywidgets.Dropdown
            made = chosen(options=options, value=None, **settings)
        case "select_multiple":
            made = ipywidgets.SelectMultiple(options=options, **settings)
        case kind:
            kinds = {"integer": ipywidgets.IntText, "decimal": ipywidgets.FloatText, "date": ipywidgets.DatePicker}
            made = kinds.get(kind, ipywidgets.Text)(**settings)
    made.add_class(f"bench-{question['name']}")
    return made


_LONG = 10  # from so many choices on a list that opens


def _keeper(answers: dict[str, object], name: str) -> Callable[[dict[str, object]], None]:
    return lambda change: answers.__setitem__(name, change["new"])


def _shower(widget: ipywidgets.Widget) -> Callable[[dict[str, object]], None]:
    def show(change: dict[str, object]) -> None:
        widget.layout.display = "" if change["new"] == "ja" else "none"

    return show
