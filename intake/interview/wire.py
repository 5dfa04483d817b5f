"""What travels to the browser is small: the code packed, messages without what is empty.

Everything before it (sessions, drawings, their tests) has whole modules and messages; the browser makes them whole
again (`screen/complete.js`, and what stands in front of a packed module).
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Mapping
from typing import Any

from intake.interview.description import Json

# `screen/complete.js` puts back the same.
_STATE: Mapping[str, object] = {"required": False, "readonly": False, "problems": []}
_ELEMENT: Mapping[str, object] = {"appearance": [], "attributes": {}}

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
    """A form or an acknowledgement without what is empty in its states and elements; the message itself stays whole."""
    if reply.get("type") not in ("form", "ack"):
        return reply
    found = dict(reply)
    for name in ("state", "patch"):
        if isinstance(nodes := found.get(name), dict):
            found[name] = {key: _state(node) for key, node in nodes.items()}
    if "sections" in found:
        found["sections"] = [_element(each) for each in found["sections"]]
    return found


def _state(node: Json | None) -> Json | None:
    if node is None:
        return None
    left = _without(node, _STATE)
    if "label" in left and not any(left.get("hint", ())):
        left.pop("hint", None)
    return left


def _element(element: Json) -> Json:
    left = _without(element, _ELEMENT)
    if "children" in left:
        left["children"] = [_element(child) for child in left["children"]]
    return left


def _without(values: Mapping[str, Any], empty: Mapping[str, object]) -> Json:
    return {name: value for name, value in values.items() if name not in empty or value != empty[name]}
