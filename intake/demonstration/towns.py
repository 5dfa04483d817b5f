"""The invented towns of a plan in a study directory: its register of municipalities, and the list made from it."""

from __future__ import annotations

import csv
from pathlib import Path

from intake.lists import write_lists
from intake.municipalities import FILE
from intake.population import Population

KREIS, REGION = "Musterkreis (erfunden)", "Musterbezirk (erfunden)"


def write_towns(study: Path, population: Population) -> None:
    """Puts the towns of a plan into a study: those it has already stay as they are, others that it has are left out.

    OSError as the file system; run again, it changes nothing.
    """
    path = study / FILE
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or ())
        known = {row["ags"]: row for row in reader}
    rows = []
    for ags in population.municipalities:
        invented = {"ags": ags, "name": population.names.get(ags, ""), "kreis": KREIS, "regierungsbezirk": REGION}
        rows.append(known.get(ags) or {**dict.fromkeys(columns, ""), **invented, "invented": "yes"})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_lists(study)
