"""In and out: records as other programs write and read them, one file a format. Loads nothing until it is asked.

from intake.exchange import Order, export_study     what goes out: `exporting.py`, `profiles.py`, one file a format
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.exchange.exporting import Order, export_study
    from intake.exchange.extract import Extract
    from intake.exchange.profiles import Profile

__all__ = ["Extract", "Order", "Profile", "export_study"]

_HOMES = {
    "Extract": "intake.exchange.extract",
    "Order": "intake.exchange.exporting",
    "Profile": "intake.exchange.profiles",
    "export_study": "intake.exchange.exporting",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
