from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from intake.study import Study
from intake.tables import tables
from intake.xlsform import read_xlsform
from reports import sources
from scenario.records import tables as hand_built
from validation.errors import ReportError
from validation.form import Form
from validation.layout import choice_values

FORMS = Path(__file__).parents[2] / "data" / "forms"
READERS = [
    sources.entries,
    sources.exits,
    sources.persons,
    sources.goals,
]


@cache
def shipped() -> dict[str, Form]:
    forms = [read_xlsform(path) for path in sorted(FORMS.glob("*.md"))]
    return {form.id: form for form in forms}


@cache
def empty() -> dict[str, pd.DataFrame]:
    return {name: frame for form in shipped().values() for name, frame in tables(form, []).items()}


@pytest.mark.parametrize("reader", READERS)
def test_every_question_the_reports_read_is_in_the_shipped_forms(reader) -> None:  # type: ignore[no-untyped-def]
    found = reader(empty())
    assert found.empty
    without = reader({})
    assert list(without.columns) == list(found.columns)[: len(without.columns)]
    assert without.dtypes.astype(str).tolist() == found.dtypes.astype(str).tolist()[: len(without.columns)]


@pytest.mark.parametrize(
    ("table", "columns"),
    [("unterkunft", 11), ("unterkunft-bewohner", 5), ("stelle", 9), ("stelle-abwesenheit", 4), ("foerderung", 8)],
)
def test_every_question_of_the_registers_is_in_the_shipped_forms_and_missed_where_it_is_not(
    table: str, columns: int
) -> None:
    sources.check_registers(empty())
    sources.check_registers({})
    missed = [found for column in empty()[table] if (found := refused(table, column))]
    assert len(missed) == columns
    assert all(code == "snapshot.no_question" and named == (table, column) for code, named, column in missed)


def refused(table: str, column: str) -> tuple[str, tuple[object, object], str] | None:
    """How tables of the registers without a column are refused: code, the table and column it names, and the column."""
    try:
        sources.check_registers({**empty(), table: empty()[table].drop(columns=column)})
    except ReportError as error:
        return error.code, (error.fields["table"], error.fields["column"]), column
    return None


def test_a_register_with_text_where_a_number_is_read_is_refused() -> None:
    typed = empty()["stelle"].astype({"stelle-vzae_besetzt": "string"})
    with pytest.raises(ReportError) as refusal:
        sources.check_registers({**empty(), "stelle": typed})
    assert (refusal.value.code, refusal.value.fields["column"]) == ("snapshot.not_typed", "stelle-vzae_besetzt")


def test_hand_built_tables_of_the_tests_have_the_names_and_types_of_the_forms() -> None:
    for name, frame in hand_built().items():
        for column, kind in frame.dtypes.items():
            assert str(empty()[name][column].dtype) == str(kind), (name, column)


def test_every_category_that_is_labelled_is_a_question_with_choices() -> None:
    for column, (form, nodeset) in sources.LABELLED.items():
        values = choice_values(shipped()[form], nodeset)
        assert values or column == "ortsteil", column  # a district is free text


def test_labels_in_two_languages(demo_study: Study) -> None:
    german, english = sources.labels(demo_study), sources.labels(demo_study, "en")
    assert (german["nationality"]["PS"], english["nationality"]["PS"]) == ("Palästina", "Palestine")
    assert (german["status"]["reached"], english["status"]["reached"]) == ("erreicht", "reached")
    assert {found[sources.MISSING] for found in german.values()} == {"ohne Angabe"}
    assert {found[sources.MISSING] for found in english.values()} == {"not stated"}
    assert set(german) == set(sources.LABELLED)
