"""How data comes in: forms, interviews, the store.

from intake import open_study, read_xlsform
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.study import open_study
    from intake.xlsform import read_xlsform

__all__ = ["open_study", "read_xlsform"]

_HOMES = {"open_study": "intake.study", "read_xlsform": "intake.xlsform"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
