from __future__ import annotations

import csv
import io

from intake.exchange.entities_csv import declares, documents
from intake.submission import Record, Submission
from scenario.exchanged import TEXT, form, sent
from validation.form import Form

NAME = "| | text | name | Name | Name | اسم | | identity |"
LIST = "| entities | list_name | label |\n|---|---|---|\n| | personen | ${name} |\n"
DECLARED = (
    TEXT.replace("| missing | sensitivity |\n|---|", "| missing | sensitivity | save_to |\n|---|---|", 1)
    .replace(NAME, f"{NAME} nachname |")
    .replace("| unknown refused | general |", "| unknown refused | general | jahre |")
    .replace("| settings | form_id", f"{LIST}| settings | form_id")
)


def entities() -> Form:
    return form(DECLARED)


def said(number: int, act: str, entity: str, **answers: str) -> Submission:
    record: Record = {f"/data/{name}": text for name, text in answers.items() if name != "label"}
    record |= {
        "/data/meta/entity/@dataset": "personen", "/data/meta/entity/@id": entity, f"/data/meta/entity/@{act}": "1",
        "/data/meta/entity/label": answers.get("label", ""),
    }  # fmt: skip
    made = sent(number, record)
    return Submission(
        **{name: getattr(made, name) for name in made.__dataclass_fields__} | {"form_hash": entities().hash}
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_form_says_whether_it_makes_entities() -> None:
    assert declares(entities())
    assert not declares(form())


def test_a_list_has_what_was_created_and_then_changed() -> None:
    submissions = [
        said(1, "create", "u1", name="Ayşe", alter="30", label="Ayşe"),
        said(2, "create", "u2", name="=1+1", label="+49"),
        said(3, "update", "u1", alter="31"),
        said(4, "update", "u1", name=""),
    ]
    made, notes = documents([entities()], submissions)
    assert rows(made["personen.csv"]) == [
        {"__id": "u1", "label": "Ayşe", "nachname": "", "jahre": "31"},
        {"__id": "u2", "label": "'+49", "nachname": "'=1+1", "jahre": ""},
    ]
    assert notes == []
    assert rows(documents([entities()], submissions, guard=False)[0]["personen.csv"])[1]["label"] == "+49"


def test_a_change_of_what_nobody_created_is_told() -> None:
    made, notes = documents([entities()], [said(1, "update", "u9", alter="31")])
    assert rows(made["personen.csv"]) == []
    assert [(note.code, note.fields["count"]) for note in notes] == [("export.entity_lost", "1")]


def test_a_list_without_entries_has_its_columns() -> None:
    made, _ = documents([entities()], [])
    assert made == {"personen.csv": "__id,label,nachname,jahre\n"}
