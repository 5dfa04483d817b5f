"""Which control on screen draws a question. What this version does not draw is named, never drawn as a text box."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from validation.form import Control, Form

WITH_CHOICES = frozenset({"select1", "select", "rank", "header"})
"""The controls that offer choices: the state of their questions names a list."""

AT_ONCE = 12
"""As many choices as are in sight at most; more are searched. `screen/controls/select.js` has the same number."""
LAID_OUT = 60
"""The same where the form says how choices are laid out."""

_SEARCHED = frozenset({"minimal", "autocomplete", "search"})
_LAYOUTS = frozenset({"likert", "no-buttons"})
_ROWS = frozenset({"list", "list-nolabel"})
_TYPED = {
    "int": "integer", "decimal": "decimal", "date": "date", "time": "time", "dateTime": "dateTime", "barcode": "text",
    "geopoint": "place", "geotrace": "trace", "geoshape": "shape", "secret": "secret",
}  # fmt: skip


def control_of(form: Form, control: Control) -> str:
    """What draws a question; 'unsupported' for what this version does not draw yet."""
    bind = form.binds.get(control.nodeset)
    kind = type_of(form, control)
    if control.kind in ("select1", "select") and "label" in control.appearance:
        return "header"  # only the choices' names, over the rows below
    if control.kind in ("select1", "select", "rank"):
        return control.kind
    if control.kind == "upload" and not control.attributes.get("mediatype", "").startswith("osm"):
        return "upload"
    if control.kind == "trigger":
        return "acknowledge"
    if control.kind == "range" and kind in ("int", "decimal"):
        return "range"
    if control.kind not in ("input", "secret"):
        return "unsupported"
    if bind is not None and bind.calculate is not None:
        return "output"
    if bind is not None and bind.readonly is not None and bind.readonly.source.replace(" ", "") == "true()":
        return "note"
    if kind == "string":
        return "textarea" if "multiline" in control.appearance else "text"
    return _TYPED.get(kind, "unsupported")


def type_of(form: Form, control: Control) -> str:
    """The kind of a question as its author knows it: the bind's type, or the control's where it says more."""
    bind = form.binds.get(control.nodeset)
    kind = bind.type if bind is not None else "string"
    return control.kind if control.kind in ("rank", "upload", "secret") else kind


def in_sight(control: str, appearance: Sequence[str]) -> int:
    """How many choices of a question the screen may need before anybody searches them; with more it needs none."""
    if control not in ("select1", "select") or not _ROWS.isdisjoint(appearance):
        return sys.maxsize  # ranked, or a row of a table
    laid_out = any(word in _LAYOUTS or word.startswith("columns") for word in appearance)
    return LAID_OUT if laid_out and _SEARCHED.isdisjoint(appearance) else AT_ONCE
