"""The table that says what goes into which field of an office's form: a CSV that somebody keeps beside the form.

    field,question,text,how,allow
    Name,name,,,identity                  the answer to a question; its class must be named where it is not general
    Deutsch,deutsch_gesamt,,label,        in words, as on screen (what is taken where nothing is said)
    Status,status,,code,                  as it is stored
    Geboren,geburtsdatum,,%d.%m.%Y,       a day in this format
    SGB II,leistungen,,is sgb2,           a box that is ticked where this was chosen
    Stelle,,Integrationsmanagement,,      a fixed text

`question` is a name, a nodeset ('/data/ziele/ziel[2]/massnahme' for the second entry of a repeat), or either after the
id of a form and a colon ('kontakt:datum').
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intake.exchange.guards import grid_of, read_file, text_of
from intake.store.ring import CLASSES
from validation.errors import DataError

COLUMNS = ("field", "question", "text", "how", "allow")
IS = "is "
_HOW = re.compile(r"|code|label|is \S+|[^%]*(?:%[dmYyjBb][^%]*)+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table. Exactly one of `question` and `text` is given; `allow` are classes of sensitivity."""

    row: int
    field: str
    question: str
    text: str
    how: str
    allow: frozenset[str]


def read_mapping(path: Path) -> tuple[Rule, ...]:
    """The rows of the table. DataError naming the row, and the column, for whatever is wrong with it."""
    grid = grid_of(text_of(read_file(path), path.name), path.name)
    unknown = [name for name in grid.columns if name not in COLUMNS]
    lacking = [name for name in ("field", "question") if name not in grid.columns]
    if unknown or lacking:
        raise DataError("fill.columns", file=path.name, known=", ".join(COLUMNS))
    return tuple(_rules(path.name, grid.columns, grid.rows))


def _rules(file: str, columns: tuple[str, ...], rows: tuple[tuple[int, tuple[str, ...]], ...]) -> Iterator[Rule]:
    for number, cells in rows:
        said = {name: text.strip() for name, text in zip(columns, cells, strict=True)}
        question, text = said["question"], said.get("text", "")
        if not said["field"] or bool(question) == bool(text):
            raise DataError("fill.row", file=file, row=number)
        if not _HOW.fullmatch(said.get("how", "")):
            raise DataError("fill.how", file=file, row=number)
        allow = frozenset(said.get("allow", "").split())
        if not allow <= frozenset(CLASSES):
            raise DataError("fill.allow", file=file, row=number, known=", ".join(CLASSES))
        yield Rule(number, said["field"], question, text, said.get("how", ""), allow)
