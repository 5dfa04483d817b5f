"""The tables a study keeps for its survey: known totals of the population, and who was invited.

randsummen.csv     form,question,value,population      answers of a question and how many people they stand for
einladungen.csv    form,question,value,invited         the same for invitations; question and value empty: all
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from validation.errors import ReportError

MARGINS, INVITED = "randsummen.csv", "einladungen.csv"

Counts = dict[str, dict[str, int]]
"""{question: {answer: people}}; ('' : {'': n}) for all together"""


def read_counts(path: Path, column: str, form: str, known: Mapping[str, Mapping[str, str]]) -> Counts:
    """The rows of a table for a form, by question and answer; empty where there is no table or no row.

    `known` are the questions of the form with their answers. ReportError naming the row for a question or an answer
    that the form does not have, a number that is none, and a row that is there twice.
    """
    if not path.exists():
        return {}
    found: Counts = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportError("survey.unreadable", path=path) from error
    for at, row in enumerate(rows, start=2):
        name, answer, said = (str(row.get(each) or "").strip() for each in ("question", "value", column))
        if str(row.get("form") or "").strip() != form:
            continue
        if (name, answer) != ("", "") and answer not in known.get(name, {}):
            raise ReportError("survey.unknown_answer", path=path, row=at, question=name or "–", value=answer or "–")
        if not said.isascii() or not said.isdigit() or answer in found.get(name, {}):
            raise ReportError("survey.bad_number", path=path, row=at, column=column)
        found.setdefault(name, {})[answer] = int(said)
    return found
