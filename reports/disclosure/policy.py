"""Who may read what: thresholds by audience and class of table, read from `disclosure.toml` and nowhere else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from validation.errors import ReportError

AUDIENCES = ("public", "council")
CLASSES = ("person", "special", "staff", "thing")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one audience may read. `thresholds`: {class: smallest count that is printed}; 0 hides nothing."""

    audience: str
    thresholds: Mapping[str, int]
    sign: str = "·"
    data_sign: str = "x"
    rest: Mapping[str, str] = field(default_factory=lambda: {"de": "Übrige", "en": "Others"})

    def threshold(self, kind: str) -> int:
        """The threshold of a class of tables; ReportError for a class that the file does not know."""
        if kind not in self.thresholds:
            raise ReportError("report.policy_class", kind=kind, known=", ".join(sorted(self.thresholds)))
        return self.thresholds[kind]

    def rest_label(self, language: str = "de") -> str:
        """What the rest row is called."""
        return self.rest.get(language) or self.rest["de"]


def read_policy(path: Path, audience: str = "public") -> Policy:
    """The policy for an audience. ReportError naming the file and what is wrong with it; nothing is guessed."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReportError("report.policy_unreadable", path=path, cause=type(error).__name__) from error
    tables = data.get("threshold")
    if not isinstance(tables, dict) or audience not in tables:
        known = ", ".join(sorted(tables)) if isinstance(tables, dict) else "-"
        raise ReportError("report.policy_audience", path=path, audience=audience, known=known)
    return Policy(
        audience=audience,
        thresholds=_thresholds(path, tables[audience]),
        sign=_text(path, data, "sign"),
        data_sign=_text(path, data, "data_sign"),
        rest={language: _text(path, data.get("rest"), language) for language in ("de", "en")},
    )


def _thresholds(path: Path, table: object) -> dict[str, int]:
    if not isinstance(table, dict):
        raise ReportError("report.policy_value", path=path, name="threshold")
    found = {}
    for kind in CLASSES:
        value = table.get(kind)
        if type(value) is not int or value < 0 or (kind != "thing" and value < 3):
            raise ReportError("report.policy_value", path=path, name=f"threshold.{kind}")
        found[kind] = value
    return found


def _text(path: Path, table: Any, name: str) -> str:
    value = table.get(name) if isinstance(table, dict) else None
    if not isinstance(value, str) or not value:
        raise ReportError("report.policy_value", path=path, name=name)
    return value
