"""What travels is small and means the same: code unpacks to itself, a lean message leaves out only what is empty."""

from __future__ import annotations

import base64
import gzip
import re
from typing import Any

from intake.interview.session import Session
from intake.interview.widget import Interview, screen
from intake.interview.wire import lean, packed
from scenario.interview import NOW, form


def greeting() -> dict[str, Any]:
    made = form()
    return Session(made, now=lambda: NOW, second=made.languages[1]).greeting()


def test_a_packed_module_holds_the_whole_module() -> None:
    found = re.search(r'const packed = "([^"]+)"', packed(screen("js")))
    assert found is not None
    assert gzip.decompress(base64.b64decode(found.group(1))).decode("utf-8") == screen("js")
    assert len(packed(screen("js"))) < len(screen("js")) / 2


def test_the_same_module_is_packed_the_same() -> None:
    assert packed(screen("js")) == packed(screen("js")) == Interview._esm


def test_a_lean_form_leaves_out_only_what_is_empty_or_usual() -> None:
    whole = greeting()
    sent = lean(whole)
    usual = {"relevant": True, "required": False, "readonly": False, "problems": []}
    for key, node in whole["state"].items():
        left = sent["state"][key]
        gone = {name: value for name, value in node.items() if name not in left}
        blank = {"hint": [""] * len(node["label"])} if "label" in node else {}
        assert gone == {name: value for name, value in {**usual, **blank}.items() if node.get(name) == value}
        coded = {name for name in left if left[name] != node[name]}
        assert coded <= {"problems", "reasons"}
        if "problems" in coded:
            assert sent["same"][left["problems"]] == node["problems"]
        if "reasons" in coded:
            assert node["reasons"] == {"value": "", "open": True, "list": left["reasons"]}
    assert any(node.get("required") for node in sent["state"].values())
    assert {name: value for name, value in sent.items() if name not in ("state", "sections", "same")} == {
        name: value for name, value in whole.items() if name not in ("state", "sections")
    }


def test_what_is_wrong_with_many_questions_is_said_once() -> None:
    missing, late = [{"kind": "required", "text": ["Fehlt"]}], [{"kind": "constraint", "text": ["Zu spät"]}]
    nodes = {f"q{at}": {"label": ["?"], "problems": missing} for at in range(3)} | {
        "q3": {"label": ["?"], "problems": late}
    }
    sent = lean({"type": "ack", "patch": nodes})
    assert sent["same"] == [missing]
    assert [node["problems"] for node in sent["patch"].values()] == [0, 0, 0, late]
    assert nodes["q0"]["problems"] == missing


def test_a_reason_that_was_given_or_is_closed_travels_whole() -> None:
    given = {"value": "unknown", "open": True, "list": "x"}
    closed = {"value": "", "open": False, "list": "x"}
    nodes = {"q1": {"label": ["?"], "reasons": given}, "q2": {"label": ["?"], "reasons": closed}}
    sent = lean({"type": "ack", "patch": nodes})["patch"]
    assert [node["reasons"] for node in sent.values()] == [given, closed]


def test_elements_lose_what_is_empty_or_usual_at_every_depth() -> None:
    whole = greeting()
    usual = {"kind": "question", "type": "string", "appearance": [], "attributes": {}}
    pairs = list(zip(walked(whole["sections"]), walked(lean(whole)["sections"]), strict=True))
    for before, after in pairs:
        gone = {name: value for name, value in before.items() if name not in after}
        assert gone == {name: value for name, value in usual.items() if before.get(name) == value}
    assert {name for before, after in pairs for name in before.keys() - after.keys()} == set(usual)


def test_the_message_itself_stays_whole() -> None:
    whole = greeting()
    lean(whole)
    assert whole == greeting()


def test_removed_states_and_other_messages_travel_as_they_are() -> None:
    assert lean({"type": "ack", "patch": {"q1": None}}) == {"type": "ack", "patch": {"q1": None}}
    other = {"type": "conflict", "state": "x", "sections": 3}
    assert lean(other) is other


def walked(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [inner for each in elements for inner in (each, *walked(each.get("children", [])))]
