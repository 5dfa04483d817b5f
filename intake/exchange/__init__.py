"""In and out: records as other programs write and read them, one file a format. Loads nothing until it is asked.

    from intake.exchange import export_study          what goes out: `extract.py`, `profiles.py` and one file a format
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.exchange.extract import Extract, extract
    from intake.exchange.exporting import export_study

__all__ = ["Extract", "export_study", "extract"]

_HOMES = {
    "Extract": "intake.exchange.extract",
    "export_study": "intake.exchange.exporting",
    "extract": "intake.exchange.extract",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
