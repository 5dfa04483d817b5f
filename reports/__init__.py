"""What goes out: counts that protect people, and the reports made of them.

from reports import protect, SafeTable
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reports.disclosure import SafeTable, protect

__all__ = ["SafeTable", "protect"]

_HOMES = {"SafeTable": "reports.disclosure", "protect": "reports.disclosure"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
