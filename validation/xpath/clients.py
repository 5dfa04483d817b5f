"""What other clients of ODK forms cannot do of what we can: a form that must run there has to do without it.

Read from the sources of JavaRosa (`XPathFuncExpr.java`), Enketo (`openrosa-extensions.js`; issues 859 and 1326) and
Web Forms (`packages/xpath/src/functions`) on 2026-11-22. Functions are added there from time to time, none goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """One client: the functions it lacks, and those that take fewer arguments there (name -> the most they take)."""

    title: str
    lacks: frozenset[str] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)


_COALESCE = {"coalesce": 2}
CLIENTS: Mapping[str, Client] = {
    "collect": Client(
        "ODK Collect",
        frozenset(
            {"ceiling", "floor", "id", "lang", "last", "local-name", "name", "namespace-uri", "substring"},
        ),
        _COALESCE,
    ),
    "web-forms": Client("ODK Web Forms", frozenset(), _COALESCE),
    "enketo": Client("Enketo", frozenset({"base64-decode", "geofence", "jr:itext"}), _COALESCE),
}
"""By the name a person types."""
