"""intake/exchange/entities_csv.py: what Central takes for the entity lists of a study."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from intake.entities import Entity
from intake.exchange.entities_csv import documents
from intake.exchange.extract import extract_submissions
from intake.exchange.rebuilt import Rows, records
from intake.saying import with_ids
from scenario.office import Office
from scenario.stores import START


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_list_has_what_was_created_and_then_changed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.person("P-1", 0, deutsch="A2", ziel="Arbeit", stand="offen")
    office.sent("folge", 1, {"/data/person": "P-1", "/data/stand/sprache": "B1"})
    made = documents(office.forms.values(), office.read())
    assert rows(made["person.csv"]) == [{"__id": "P-1", "label": "P-1", "deutsch": "B1", "gesundheit": ""}]
    assert rows(made["ziel.csv"]) == [
        {"__id": office.goal("P-1"), "label": "Arbeit", "ziel": "Arbeit", "stand": "offen"}
    ]
    assert made["ehrenamt.csv"] == "__id,label,sprache\n"


def test_texts_are_no_formulas(tmp_path: Path) -> None:
    office = Office(tmp_path)
    one = Entity("ehrenamt", "u1", "+49", {"sprache": "=1+1"}, START, START, {})
    made = documents([office.forms["ehrenamt"]], {"ehrenamt": {"u1": one}})
    assert rows(made["ehrenamt.csv"]) == [{"__id": "u1", "label": "'+49", "sprache": "'=1+1"}]
    plain = documents([office.forms["ehrenamt"]], {"ehrenamt": {"u1": one}}, guard=False)
    assert rows(plain["ehrenamt.csv"])[0]["label"] == "+49"


def test_an_import_of_tables_keeps_the_ids_of_what_a_record_created(tmp_path: Path) -> None:
    office = Office(tmp_path)
    first = office.sent(
        "erst", 0, {"/data/fall/person": "P-1", "/data/ziele[1]/ziel": "Arbeit", "/data/ziele[2]/ziel": "Wohnung"}
    )
    form = office.forms["erst"]
    tables = extract_submissions(form, [first]).texts()
    tables["erst-ziele"] = tables["erst-ziele"].drop(columns="_entity")  # as other programs' files come
    [arrival] = records(form, Rows(tables), zone="Europe/Berlin", now=START).arrivals
    goals = first.record["/data/ziele"]
    assert isinstance(goals, list)
    assert with_ids(arrival.record, first.record, form) == {**first.record, "/data/@id": "erst"}

    changed = arrival.record | {"/data/ziele": [arrival.record["/data/ziele"][1]]}  # type: ignore[index]
    [left] = with_ids(changed, first.record, form)["/data/ziele"]  # type: ignore[misc]
    assert left["/data/ziele/meta/entity/@id"] == goals[1]["/data/ziele/meta/entity/@id"]  # type: ignore[index]
    anew, again = (with_ids(arrival.record, {}, form) for _ in range(2))
    ids = [goal["/data/ziele/meta/entity/@id"] for goal in anew["/data/ziele"]]  # type: ignore[index]
    assert len(set(ids)) == 2
    assert anew == again  # the same file, the same ids
