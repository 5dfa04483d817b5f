"""What travels to the browser is small: the code packed, messages without what is empty.

Everything before it (sessions, drawings, their tests) has whole modules and messages; the browser makes them whole
again (`screen/complete.js`, and what stands in front of a packed module).
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from intake.interview.description import Json

# `screen/complete.js` puts back the same.
_STATE: Mapping[str, object] = {"relevant": True, "required": False, "readonly": False, "problems": []}
_ELEMENT: Mapping[str, object] = {"kind": "question", "type": "string", "appearance": [], "attributes": {}}
_REASONS: Mapping[str, object] = {"value": "", "open": True}

_UNPACKING = """const packed = "{packed}";
export default async () => {{
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const address = URL.createObjectURL(new Blob([text], {{ type: "text/javascript" }}));
  try {{ return (await import(address)).default; }} finally {{ URL.revokeObjectURL(address); }}
}};
"""


def packed(module: str) -> str:
    """A module that gives the default export of `module`, which it holds compressed: about two fifths of its bytes.

    The browser unpacks it and loads it as anywidget loads any module, from an address in the page's memory.
    """
    return _UNPACKING.format(packed=base64.b64encode(gzip.compress(module.encode("utf-8"), mtime=0)).decode("ascii"))


def lean(reply: Json) -> Json:
    """A form or an acknowledgement without what is empty or usual in its states and elements; what is wrong in the same
    words with many questions is said once, in `same`. The message itself stays whole."""
    if reply.get("type") not in ("form", "ack"):
        return reply
    found = dict(reply)
    for name in ("state", "patch"):
        if isinstance(nodes := found.get(name), dict):
            found[name] = {key: _state(node) for key, node in nodes.items()}
            if same := _said_once(found[name]):
                found["same"] = same
    if "sections" in found:
        found["sections"] = [_element(each) for each in found["sections"]]
    return found


def _state(node: Json | None) -> Json | None:
    if node is None:
        return None
    if "label" not in node:
        return node  # not relevant: nothing else is known of it
    left = _without(node, _STATE)
    if not any(left.get("hint", ())):
        left.pop("hint", None)
    if "reasons" in left and left["reasons"] == {**_REASONS, "list": left["reasons"]["list"]}:
        left["reasons"] = left["reasons"]["list"]
    return left


def _said_once(nodes: Mapping[str, Json | None]) -> list[Any]:
    """Problems that several of the states have, which get their place among them instead."""
    wrong = [node for node in nodes.values() if node and "problems" in node]
    if len(wrong) < 2:
        return []
    written = [json.dumps(node["problems"]) for node in wrong]
    often = [said for said, times in Counter(written).items() if times > 1]
    places = {said: at for at, said in enumerate(often)}
    for node, said in zip(wrong, written, strict=True):
        if said in places:
            node["problems"] = places[said]
    return [json.loads(said) for said in often]


def _element(element: Json) -> Json:
    left = _without(element, _ELEMENT)
    if "children" in left:
        left["children"] = [_element(child) for child in left["children"]]
    return left


def _without(values: Mapping[str, Any], empty: Mapping[str, object]) -> Json:
    return {name: value for name, value in values.items() if name not in empty or value != empty[name]}
