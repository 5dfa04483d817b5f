"""Everything one annual report prints, protected: the SafeTables, the sources and the names.

`reports.collect` counts and protects; from here on there are SafeTables only. A bundle travels to the notebook's
process as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from reports.disclosure import SafeTable
from validation.errors import ReportError

ELSEWHERE = "_elsewhere"
"""The category of persons who live in no accommodation of the town."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One report's content. tables: by key.  sources: footnote sign -> citation.  differs: published figures that the
    records don't yield, by name.  coarsened: what was put together beyond single tables.  folded: assigned and private
    persons are counted together.  known_at: editorial deadline, None for all that is stored.
    plain: the store is not encrypted.  anchor: code and day of the first anchor set after the last record, or ''."""

    municipality: str
    name: str
    year: int
    language: str
    demo: bool
    threshold: int
    sign: str
    since: dt.date
    known_at: dt.date | None
    folded: bool
    tables: Mapping[str, SafeTable]
    sources: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    coarsened: tuple[str, ...] = ()
    plain: bool = False
    anchor: str = ""

    @property
    def day(self) -> dt.date:
        """The last day of the year reported."""
        return dt.date(self.year, 12, 31)

    def to_json(self) -> str:
        """The bundle as text; the same bundle gives the same bytes."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["since"] = self.since.isoformat()
        plain["known_at"] = self.known_at.isoformat() if self.known_at else None
        plain["tables"] = {key: table.to_json() for key, table in self.tables.items()}
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The bundle back; ValueError when a table in it is not safe or it is none of ours."""
        try:
            plain = json.loads(text)
            plain["since"] = dt.date.fromisoformat(plain["since"])
            plain["known_at"] = dt.date.fromisoformat(plain["known_at"]) if plain["known_at"] else None
            plain["tables"] = {key: SafeTable.from_json(table) for key, table in plain["tables"].items()}
            plain["differs"], plain["coarsened"] = tuple(plain["differs"]), tuple(plain["coarsened"])
            return cls(**plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a bundle: {error}") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """The bundle in a file; ReportError when it is damaged or another program's."""
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReportError("report.bundle", path=path.name) from error
