"""What valid data is. Pure: no files, no database, no network, no clock except the one passed in.

from validation import read_form, Form, Instance, Problem
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validation.errors import Problem
    from validation.form import Form
    from validation.instance import Instance
    from validation.xform import read_form

__all__ = ["Form", "Instance", "Problem", "read_form"]

_HOMES = {
    "Form": "validation.form",
    "Instance": "validation.instance",
    "Problem": "validation.errors",
    "read_form": "validation.xform",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
