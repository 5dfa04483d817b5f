"""intake.exchange.central: CSV and OData as ODK Central gives them out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from intake.exchange import central, central_csv
from intake.exchange.extract import extract_submissions
from intake.exchange.rebuilt import Rows, records
from scenario import told
from scenario.exchanged import FULL, MISSING, THEN, form, sent
from validation.errors import DataError
from validation.layout import KEY

SENT = (sent(1, FULL), sent(2, MISSING))


def again(rows: Rows) -> list[dict[str, Any]]:
    found = records(form(), rows, zone="Europe/Berlin", now=THEN)
    assert found.problems == ()
    return [dict(each.record) for each in found.arrivals]


def files(**more: str) -> dict[str, bytes]:
    written = central_csv.documents(extract_submissions(form(), SENT), guard=False)
    return {name: text.encode() for name, text in {**written, **more}.items()}


def through_csv() -> list[dict[str, Any]]:
    return again(central.read_csv(form(), files()))


def test_what_central_says_beside_the_answers_is_kept_as_notes() -> None:
    rows = central.read_csv(form(), {**files(), "media/1.jpg": b"JPEG", "media/other.jpg": b"?"})
    assert rows.versions == {"uuid:1": "1", "uuid:2": "1"}
    assert rows.notes["uuid:1"]["SubmissionDate"].startswith("2026-05-04")
    assert rows.files == {"uuid:1": {"1.jpg": b"JPEG"}}


def test_labels_of_entities_that_central_gives_out_are_no_answers_and_are_computed_again() -> None:
    first, *_ = told.lives(3)
    tables = extract_submissions(told.form(), [first]).texts()
    tables["verlauf"]["wohnung-meta-entity-label"] = "Wohnung"
    for name in ("verlauf-ziel", "verlauf-schritt"):
        tables[name]["meta-entity-label"] = "x"
    given = {f"{name}.csv": frame.to_csv(index=False).encode() for name, frame in tables.items()}
    [arrival] = records(told.form(), central.read_csv(told.form(), given), zone="UTC", now=THEN).arrivals
    assert arrival.record == first.record
    value = {"__id": first.id, "meta": {"instanceID": first.id}, "wohnung": {"meta": {"entity": {"label": "x"}}}}
    document = {"@odata.context": "https://c/$metadata#Submissions", "value": [value]}
    rows = central.read_odata(told.form(), {"s.json": json.dumps(document).encode()})
    assert not [name for name in rows.tables["verlauf"] if "entity" in name]


def test_a_zip_of_another_name_is_read_by_its_keys() -> None:
    renamed = {name.replace("probe", "Erhebung 2026"): data for name, data in files().items()}
    assert again(central.read_csv(form(), renamed)) == through_csv()
    with pytest.raises(DataError) as raised:
        central.read_csv(form(), {"probe-kind.csv": files()["probe-kind.csv"]})
    assert raised.value.code == "import.no_records"


def nested(number: int, **more: Any) -> dict[str, Any]:
    return {
        "__id": f"uuid:{number}",
        "__system": {"submissionDate": "2026-05-04T10:00:00Z", "formVersion": "1", "submitterName": "App", "edits": 0},
        "person": "P-000001", "name": "Ayşe", "alter": 7, "vzae": 0.75, "geboren": "1980-02-29",
        "wann": "2026-05-04T12:00:00.000+02:00", "uhr": "08:30:00.000+02:00", "wohnen": "gu", "sprachen": "ar de",
        "notiz": "0012\n=1+1",
        "ort": {"type": "Point", "coordinates": [-8.5, 48.1, 512.0], "properties": {"accuracy": 4.5}},
        "bild": None, "meta": {"instanceID": f"uuid:{number}"}, **more,
    }  # fmt: skip


def odata(*values: dict[str, Any], context: str = "Submissions") -> bytes:
    return json.dumps({"@odata.context": f"https://c.example/v1/…$metadata#{context}", "value": values}).encode()


def read_odata(**documents: bytes) -> Rows:
    return central.read_odata(form(), documents)


def test_expanded_repeats_and_documents_of_their_own_are_the_same_records() -> None:
    entries = [{"__id": "a", "vorname": "A", "jahr": 2019}, {"__id": "b", "vorname": "B", "jahr": None}]
    expanded = again(read_odata(a=odata(nested(1, haus={"kind": entries}))))
    link = {"kind@odata.navigationLink": "Submissions('uuid%3A1')/haus/kind"}
    rows = [{**entry, "__Submissions-id": "uuid:1"} for entry in entries]
    linked = again(
        read_odata(a=odata(nested(1, haus=link)), b=odata(*rows, context="Submissions.haus.kind"))
    )  # fmt: skip
    assert expanded == linked
    (record,) = expanded
    assert (record["/data/alter"], record["/data/vzae"], record["/data/notiz"]) == ("7", "0.75", "0012\n=1+1")
    assert record["/data/ort"] == "48.1 -8.5 512.0 4.5"
    assert [entry["/data/haus/kind/jahr"] for entry in record["/data/haus/kind"]] == ["2019", ""]


def test_a_number_keeps_the_digits_it_is_written_with() -> None:
    (record,) = again(read_odata(a=odata(nested(1)).replace(b": 0.75", b": 0.750").replace(b"48.1,", b"48.10,")))
    assert (record["/data/vzae"], record["/data/ort"]) == ("0.750", "48.10 -8.5 512.0 4.5")


def test_entries_that_were_not_given_are_named_not_lost() -> None:
    link = {"kind@odata.navigationLink": "Submissions('uuid%3A1')/haus/kind"}
    rows = read_odata(a=odata(nested(1, haus=link)))
    found = records(form(), rows, zone="UTC", now=THEN)
    assert [each.code for each in found.problems] == ["import.missing_table"]
    assert rows.versions == {"uuid:1": "1"}
    assert rows.notes["uuid:1"]["SubmitterName"] == "App"


def test_an_element_the_form_does_not_know_is_named() -> None:
    found = records(form(), read_odata(a=odata(nested(1, haus={"fremd": "x"}))), zone="UTC", now=THEN)
    assert [(each.code, each.place.column) for each in found.problems] == [("import.unknown_column", "haus-fremd")]


def test_lines_and_areas_are_texts_of_points() -> None:
    line = {"type": "LineString", "coordinates": [[8.5, 48.1, 1], [8.6, 48.2, 2]]}
    area = {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]}
    rows = read_odata(a=odata(nested(1, notiz=line, name=area)))
    assert rows.tables["probe"].loc[1, ["notiz", "name"]].tolist() == ["48.1 8.5 1;48.2 8.6 2", "2 1;4 3;6 5;2 1"]
    assert KEY in rows.tables["probe"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"value": 1}', b'{"value": [1]}', b'{"value": [{"a": NaN}]}'])
def test_what_is_no_odata_is_refused(data: bytes) -> None:
    with pytest.raises(DataError) as raised:
        read_odata(a=data)
    assert raised.value.code in ("import.not_json", "import.no_odata")
