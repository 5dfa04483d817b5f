"""intake.exchange.mapping: an office's own list, by a mapping that a person wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intake.exchange.guards import Grid, grid_of
from intake.exchange.mapping import read_mapping, records
from intake.exchange.rebuilt import Rebuilt
from intake.submission import Submission
from intake.xlsform import read_xlsform
from scenario.exchanged import THEN, form, sent
from scenario.workbooks import markdown
from validation.errors import DataError

ROOT = Path(__file__).parents[3]

TOML = """
form = "probe"
key = ["Nr"]

[constants]
"notiz" = "aus der Liste"

[columns."Nr"]
leave_out = true

[columns."Name"]
question = "name"

[columns."Geb."]
question = "geboren"
dates = ["%d.%m.%Y", "%d.%m.%y"]

[columns."Stelle"]
question = "vzae"
numbers = "de"

[columns."Wohnt"]
question = "wohnen"
values = { "Whg." = "wg", "?" = "" }

[columns."Spricht"]
question = "sprachen"
separator = ","

[columns."Kind"]
question = "/data/haus/kind[1]/vorname"

[missing]
reason = ["not_recorded", "unknown", "refused"]
questions = "all"
"""
LIST = """Nr;Name;Geb.;Stelle;Wohnt;Spricht;Kind
1;Ayşe;29.02.1980;1.234,5;Whg.;Deutsch, ar;Mia
2;Ґанна;;;?;;
"""


def listed(text: str = LIST) -> Grid:
    return grid_of(text, "liste.csv", ";")


def read(text: str = LIST, toml: str = TOML, **more: Any) -> Rebuilt:
    mapped = read_mapping(form(), toml.encode(), "liste.toml")
    return records(form(), listed(text), mapped, now=THEN, **more)


def codes(found: Rebuilt) -> list[tuple[str, int, str]]:
    return [(each.code, each.place.row, each.place.column) for each in found.problems]


def test_a_row_becomes_a_record_as_if_it_were_typed() -> None:
    found = read()
    assert codes(found) == []
    first, second = found.arrivals
    wanted = {"name": "Ayşe", "geboren": "1980-02-29", "vzae": "1234.5", "wohnen": "wg", "sprachen": "de ar",
              "notiz": "aus der Liste"}  # fmt: skip
    assert {name: first.record[f"/data/{name}"] for name in wanted} == wanted
    assert first.record["/data/haus/kind"] == [{"/data/haus/kind/vorname": "Mia", "/data/haus/kind/jahr": ""}]
    assert (first.place.row, first.record["/data/meta/instanceID"]) == (2, first.id)
    # what the list does not have has the first reason its question knows
    assert (second.record["/data/alter__missing"], second.record["/data/wohnen__missing"]) == ("unknown", "refused")
    assert (second.record["/data/geboren"], second.record["/data/geboren__missing"]) == ("", "unknown")


def known(found: Rebuilt, number: int = 0) -> dict[str, Submission]:
    arrival = found.arrivals[number]
    made = replace(sent(1, {}), id=arrival.id, record=arrival.record)
    return {arrival.notes["key"]: made}


def test_the_next_list_continues_a_record_and_an_empty_cell_clears_nothing() -> None:
    first = read()
    again = read(LIST.replace("Ayşe;29.02.1980", ";01.03.1980"), known=known(first))
    assert again.arrivals[0].id == first.arrivals[0].id
    assert again.arrivals[1].id != first.arrivals[1].id
    before, after = first.arrivals[0].record, again.arrivals[0].record
    assert {key for key in before if before[key] != after[key]} == {"/data/geboren"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LIST.replace("29.02.1980", "29/2/80"), [("import.bad_date", 2, "Geb.")]),
        (LIST.replace("1.234,5", "1.23,5"), [("import.bad_number", 2, "Stelle")]),
        (LIST.replace("Whg.", "Haus"), [("import.unmapped_value", 2, "Wohnt")]),
        (LIST.replace("2;Ґ", "1;Ґ"), [("import.same_key", 3, "Nr")]),
        (LIST.replace("2;Ґ", ";Ґ"), [("import.no_key", 3, "Nr")]),
        (LIST.replace("Stelle", "Stellen"), [("import.mapping_lacks", 0, "Stelle"),
                                             ("import.unmapped_column", 0, "Stellen")]),
    ],
)  # fmt: skip
def test_what_no_rule_reads_is_named_by_row_and_column_and_never_guessed(
    text: str, expected: list[tuple[str, int, str]]
) -> None:
    found = read(text)
    assert codes(found) == expected
    assert "29/2/80" not in "".join(problem.message for problem in found.problems)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('form = "probe"', "form = ", "import.mapping_toml"),
        ('key = ["Nr"]', "", "import.mapping_entry"),
        ('question = "name"', 'question = "nome"', "import.mapping_question"),
        ('question = "name"', 'frage = "name"', "import.mapping_entry"),
        ('values = { "Whg." = "wg", "?" = "" }', 'values = { "Whg." = 1 }', "import.mapping_entry"),
        ('questions = "all"', 'questions = "manche"', "import.mapping_entry"),
        ('numbers = "de"', 'numbers = "en"', "import.mapping_entry"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_the_entry(before: str, after: str, code: str) -> None:
    with pytest.raises(DataError) as raised:
        read_mapping(form(), TOML.replace(before, after).encode(), "liste.toml")
    assert raised.value.code == code


RULED = """
| survey | type | name | label | relevant | calculation |
|---|---|---|---|---|---|
| | text | art | Art | | |
| | text | kopf | Kopf | ${art} = 'haus' | |
| | calculate | fall | | | concat('F-', ${art}) |
| settings | form_id |
|---|---|
| | regeln |
"""


def test_an_answer_the_form_would_not_ask_for_or_takes_only_itself_is_named(tmp_path: Path) -> None:
    ruled = read_xlsform(markdown(tmp_path, RULED))
    columns = "".join(f'[columns."{name}"]\nquestion = "{name}"\n' for name in ("art", "kopf", "fall"))
    mapped = read_mapping(ruled, f'form = "regeln"\nkey = ["art"]\n{columns}'.encode(), "liste.toml")
    found = records(ruled, listed("art;kopf;fall\nx;P-000001;7\n"), mapped, now=THEN)
    assert codes(found) == [("import.not_taken", 2, "fall"), ("import.not_asked", 2, "kopf")]


def test_the_shipped_example_needs_no_change() -> None:
    interview = read_xlsform(ROOT / "data" / "forms" / "erstgespraech.md")
    folder = ROOT / "data" / "exchange"
    mapped = read_mapping(interview, (folder / "bestand.toml").read_bytes(), "bestand.toml")
    grid = grid_of((folder / "bestand.csv").read_text(encoding="utf-8"), "bestand.csv")
    found = records(interview, grid, mapped, now=THEN)
    assert (codes(found), len(found.arrivals)) == ([], 3)
    assert found.arrivals[2].record["/data/aufenthalt/status__missing"] == "not_recorded"
