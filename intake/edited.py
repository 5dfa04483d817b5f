"""Tables that people edit in a study (`rules.csv`, `deadlines.csv`), read as rows of texts."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from validation.errors import StudyError


def edited_rows(path: Path | str, columns: Collection[str]) -> list[tuple[int, dict[str, str]]]:
    """(line, {column: text without blanks around it}) of each row; none where there is no such file.

    StudyError 'rules.unreadable' where it is no CSV in UTF-8 or has other columns.
    """
    place = Path(path)
    if not place.exists():
        return []
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(columns):
                raise StudyError("rules.unreadable", file=place.name, columns=", ".join(columns))
            return [
                (reader.line_num, {key: (value or "").strip() for key, value in row.items() if key}) for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError("rules.unreadable", file=place.name, columns=", ".join(columns)) from error
