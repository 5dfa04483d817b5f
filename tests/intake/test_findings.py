"""What is to be mended is named by case, entry and question; a number that is wrong itself names nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from intake.findings import Finding, case_names, found, record_of, words_of
from intake.rules import read_rules
from intake.xlsform import read_xlsform
from validation.form import Form
from validation.layout import Table, layout

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def form() -> Form:
    return read_xlsform(DATA / "forms" / "unterkunft.md")


@pytest.fixture(scope="module")
def shapes(form: Form) -> dict[str, Table]:
    return layout(form)


def test_an_entry_is_named_by_its_case_and_place(form: Form, shapes: dict[str, Table]) -> None:
    failure = ("unterkunft-bewohner", "uuid:u1/belegung/bewohner[2]", "", "von", "unterkunft_ueberbelegt")
    hit = found(shapes, failure, {"uuid:u1": "U-01"})
    assert hit.record == record_of(hit.key) == "uuid:u1"
    assert hit.where(form) == "U-01, Bewohnerin oder Bewohner 2"
    assert hit.where(form, "en") == "U-01, Resident 2"


def test_the_number_of_a_case_is_no_name_where_it_is_wrong_itself(shapes: dict[str, Table]) -> None:
    records = pd.DataFrame(
        {"KEY": ["a", "b", "c"], "_subject": ["P-1", "P-2", None], "unterkunft-id": ["U-01", "U-02", None]}
    ).astype("string")
    named = case_names(records, shapes["unterkunft"], {("b", "unterkunft-id")})
    assert named == {"a": "U-01", "b": "P-2", "c": "c"}


def test_words_come_from_the_rule_the_form_or_are_the_bare_name(form: Form) -> None:
    rules = {rule.name: rule for rule in read_rules(DATA / "rules.csv")}
    forms = {"unterkunft": form}

    def words(rule: str, table: str = "unterkunft") -> str:
        return words_of(Finding(table, "a", "U-01", None, "/data/unterkunft/id", "unterkunft-id", rule), rules, forms)

    assert words("unterkunft_doppelt").startswith("Nummer der Unterkunft: Diese Nummer einer Unterkunft ist")
    assert words("required").startswith("Nummer der Unterkunft: Es fehlt eine Antwort")
    assert words("abgeschafft") == "abgeschafft"
    assert words("required", "andere") == "required"
