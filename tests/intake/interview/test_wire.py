"""What travels is small and means the same: code unpacks to itself, a lean message leaves out only what is empty."""

from __future__ import annotations

import base64
import gzip
import re
from typing import Any

from intake.interview.session import Session
from intake.interview.widget import MODULE, Interview
from intake.interview.wire import lean, packed
from scenario.interview import NOW, form


def greeting() -> dict[str, Any]:
    made = form()
    return Session(made, now=lambda: NOW, second=made.languages[1]).greeting()


def test_a_packed_module_holds_the_whole_module() -> None:
    found = re.search(r'const packed = "([^"]+)"', packed(MODULE))
    assert found is not None
    assert gzip.decompress(base64.b64decode(found.group(1))).decode("utf-8") == MODULE
    assert len(packed(MODULE)) < len(MODULE) / 2


def test_the_same_module_is_packed_the_same() -> None:
    assert packed(MODULE) == packed(MODULE) == Interview._esm


def test_a_lean_form_leaves_out_only_what_is_empty() -> None:
    whole = greeting()
    sent = lean(whole)
    empty = {"required": False, "readonly": False, "problems": []}
    for key, node in whole["state"].items():
        left = sent["state"][key]
        gone = {name: value for name, value in node.items() if name not in left}
        blank = {"hint": [""] * len(node["label"])} if "label" in node else {}
        assert gone == {name: value for name, value in {**empty, **blank}.items() if node.get(name) == value}
        assert {name: node[name] for name in left} == left
    assert any(node.get("required") for node in sent["state"].values())
    assert {name: value for name, value in sent.items() if name not in ("state", "sections")} == {
        name: value for name, value in whole.items() if name not in ("state", "sections")
    }


def test_elements_lose_what_is_empty_at_every_depth() -> None:
    whole = greeting()
    pairs = list(zip(walked(whole["sections"]), walked(lean(whole)["sections"]), strict=True))
    for before, after in pairs:
        gone = before.keys() - after.keys()
        assert all(before[name] in ([], {}) for name in gone)
        assert not {name for name in ("appearance", "attributes") if name in after and not after[name]}
    assert {name for before, after in pairs for name in before.keys() - after.keys()} == {"appearance", "attributes"}


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
