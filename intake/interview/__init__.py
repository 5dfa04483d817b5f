"""The interview on screen: `Interview(study, "erstgespraech")` in a notebook, `serve(study)` for everybody else."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.interview.server import serve
    from intake.interview.widget import Interview, open_interview

__all__ = ["Interview", "open_interview", "serve"]

_HOMES = {
    "Interview": "intake.interview.widget",
    "open_interview": "intake.interview.widget",
    "serve": "intake.interview.server",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
