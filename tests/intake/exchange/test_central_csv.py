from __future__ import annotations

import csv
import io

import pytest

from intake.exchange.central_csv import ABOUT, BRIEFCASE, documents, safe
from intake.exchange.extract import extract_submissions
from intake.exchange.guard import NUMBER
from scenario.exchanged import FULL, MISSING, TEXT, answered, form, sent
from scenario.formulas import PAYLOADS

SIGNS = (*"=+-@|%\t\r\n",)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def made(*, split: bool = False, guard: bool = True) -> dict[str, str]:
    take = extract_submissions(form(), [sent(1, FULL, person="P-000001"), sent(2, MISSING, person="P-000002")])
    return documents(take, split=split, guard=guard)


def test_there_is_a_file_a_table_with_the_columns_of_central() -> None:
    files = made()
    assert list(files) == ["probe.csv", "probe-kind.csv"]
    head = files["probe.csv"].splitlines()[0].split(",")
    assert head == [
        "SubmissionDate", "person", "name", "alter", "alter__missing", "vzae", "geboren", "geboren__missing", "wann",
        "uhr", "wohnen", "wohnen__missing", "sprachen", "notiz", "ort-Latitude", "ort-Longitude", "ort-Altitude",
        "ort-Accuracy", "bild", "meta-instanceID", "KEY", *ABOUT, "_municipality", "_subject",
    ]  # fmt: skip
    assert files["probe-kind.csv"].splitlines()[0] == "vorname,jahr,PARENT_KEY,KEY"


def test_answers_are_the_texts_of_the_record() -> None:
    first, second = read(made()["probe.csv"])
    assert first["SubmissionDate"] == "2026-05-04T10:00:00.000Z"
    assert (first["alter"], first["name"], first["geboren"]) == ("07", "Ayşe 🏠\nZeile", "1980-02-29")
    assert first["wann"] == "2026-05-04T12:00:00.000+02:00"
    assert [first[f"ort-{part}"] for part in ("Latitude", "Longitude", "Altitude", "Accuracy")] == [
        "48.1", "-8.5", "512.0", "4.5",
    ]  # fmt: skip
    assert (first["KEY"], first["meta-instanceID"], first["bild"]) == ("uuid:1", "uuid:1", "1.jpg")
    assert (second["alter"], second["alter__missing"]) == ("", "refused")
    assert (second["_municipality"], second["_subject"], second["FormVersion"]) == ("08235007", "P-000002", "1")


def test_entries_name_their_record() -> None:
    first, second = read(made()["probe-kind.csv"])
    assert (first["KEY"], first["PARENT_KEY"]) == ("uuid:1/haus/kind[1]", "uuid:1")
    assert (second["vorname"], second["jahr"]) == ('B, "b"', "")


def test_choices_are_split_on_demand_also_those_that_are_in_no_list() -> None:
    take = extract_submissions(form(), [sent(1, answered(sprachen="ar xx")), sent(2, answered(sprachen=""))])
    first, second = read(documents(take, split=True)["probe.csv"])
    assert {name: first[name] for name in first if name.startswith("sprachen")} == {
        "sprachen": "ar xx", "sprachen/de": "0", "sprachen/ar": "1", "sprachen/xx": "1",
    }  # fmt: skip
    assert {second[name] for name in second if name.startswith("sprachen")} == {""}


def test_texts_are_guarded_and_numbers_are_not() -> None:
    record = FULL | answered(alter="-5", vzae="-0.5")
    take = extract_submissions(form(), [sent(1, record)])
    [row] = read(documents(take)["probe.csv"])
    assert (row["notiz"], row["alter"], row["vzae"], row["ort-Longitude"]) == ("'=1+1", "-5", "-0.5", "-8.5")
    [row] = read(documents(take, guard=False)["probe.csv"])
    assert row["notiz"] == "=1+1"


@pytest.mark.parametrize("name", ["notiz", "alter", "ort", "wohnen", "sprachen"])
def test_no_payload_comes_out_as_a_formula_whatever_the_question(name: str) -> None:
    records = [sent(number, answered(**{name: text})) for number, text in enumerate(PAYLOADS)]
    for row in read(documents(extract_submissions(form(), records))["probe.csv"]):
        for cell in row.values():
            assert NUMBER.fullmatch(cell) or not cell.startswith(SIGNS), row["KEY"]


def test_briefcase_says_where_entries_are() -> None:
    take = extract_submissions(form(), [sent(1, FULL), sent(2, MISSING)])
    files = documents(take, BRIEFCASE, zone="Europe/Berlin")
    first, second = read(files["probe.csv"])
    assert (first["SET-OF-haus-kind"], second["SET-OF-haus-kind"]) == ("uuid:1/haus/kind", "")
    assert (first["geboren"], first["wann"]) == ("Feb 29, 1980", "May 4, 2026 12:00:00 PM")
    assert read(files["probe-kind.csv"])[0]["SET-OF-kind"] == "uuid:1/haus/kind"


def test_what_only_an_earlier_version_had_stands_after_the_rest() -> None:
    newest = form(
        TEXT.replace("| | text | notiz | Notiz | Note | ملاحظة | | general |\n", "").replace(
            "| | probe | 1 |", "| | probe | 2 |"
        )
    )
    take = extract_submissions(newest, [sent(1, answered(notiz="alt"))], earlier=[form()])
    text = documents(take)["probe.csv"]
    assert text.splitlines()[0].split(",")[18:21] == ["meta-instanceID", "notiz", "KEY"], text
    assert read(text)[0]["notiz"] == "alt"


def test_names_of_files_are_names_everywhere() -> None:
    assert safe("a/b:c*?") == "a_b_c_"
    assert safe("...") == "_"
