"""The form of `diffable` with a few records in it, for what counts answers."""

from __future__ import annotations

from pathlib import Path

from intake.store import Store
from intake.submission import Record, Submission
from scenario.diffable import WORKBOOK
from scenario.interview import store as opened_store
from scenario.stores import START

SECRET = "Geheim-Mueller"
"""What free text says in every record."""

GROWN: Record = {
    "/data/a/name": SECRET,
    "/data/a/alter": "30",
    "/data/a/land": "de",
    "/data/a/stadt": "calw",
    "/data/a/laender": "de sy",
    "/data/a/doppelt": "60",
    "/data/b/tag": "2025-01-02",
    "/data/b/frei": SECRET,
    "/data/b/kind": [
        {"/data/b/kind/vorname": SECRET, "/data/b/kind/jahr": "1950"},
        {"/data/b/kind/jahr": "1960"},
        {"/data/b/kind/vorname": SECRET},
    ],
}
YOUNG: Record = {"/data/a/name": SECRET, "/data/a/alter": "9", "/data/a/doppelt": "18", "/data/a/laender": "sy"}
SILENT: Record = {"/data/a/name": SECRET, "/data/a/alter__missing": "refused"}
OLD: Record = {"/data/a/name": SECRET, "/data/a/alter": "90", "/data/a/land": "x", "/data/a/doppelt": "180"}


def answered(directory: Path) -> Store:
    """A store with the form and the four records in it."""
    made = opened_store(directory, WORKBOOK)
    for number, record in enumerate((GROWN, YOUNG, SILENT, OLD), start=1):
        send(made, number, record)
    return made


def send(store: Store, number: int, record: Record, *, form: int = -1) -> None:
    """A record of one of the published versions, uuid:<number> about P-<number>."""
    frozen = store.forms()[form]
    person = f"P-{number:06}"
    store.append(
        Submission(
            f"uuid:{number}", "probe", frozen.version, frozen.hash, "08235007", person, record, START, START, "a"
        )
    )
